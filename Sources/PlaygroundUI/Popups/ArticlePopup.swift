import Session
import TerminalKit

/// A word or an entry in full: formula, text, settings with when to raise and to lower them. Words of the field in it lead
/// on, and back.
struct ArticlePopup: Popup {
    private struct Page: Sendable {
        var article: Article
        var linked: LinkedArticle
        /// The first line that is shown.
        var scroll = 0
        /// The link that enter follows.
        var link = 0

        init(_ article: Article) { (self.article, linked) = (article, LinkedArticle(article)) }
    }

    /// The article that is read comes last, after those on the way to it.
    private var pages: [Page]

    private var page: Page {
        get { pages[pages.count - 1] }
        set { pages[pages.count - 1] = newValue }
    }

    /// The article that is read.
    var article: Article { page.article }

    init(_ article: Article) { pages = [Page(article)] }

    var hints: [(key: String, word: String)] {
        var hints: [(key: String, word: String)] = [("⏎ 1…9", "follow"), ("tab", "next word")]
        if pages.count > 1 { hints.append(("⌫", "back")) }
        if article.preset != nil { hints.append(("p", "preset")) }
        return hints + [("g", "all words"), ("esc", "close")]
    }

    private static let mostWidth = 78

    private func width(in app: App) -> Int { min(Self.mostWidth, app.popupRoom.width - 4) }

    private func text(in app: App) -> ArticleText { ArticleText(page.linked, columns: width(in: app) - 4) }

    /// The lines at the foot: the links by number, and the preset.
    private func foot(_ text: ArticleText, columns: Int) -> [String] {
        var lines: [String] = []
        for (index, link) in text.links.prefix(9).enumerated() {
            // No number is parted from its word.
            let entry = "\(index + 1) \(link.title)"
            if let last = lines.last, columnWidth(last) + 2 + columnWidth(entry) <= columns {
                lines[lines.count - 1] = last + "  " + entry
            } else {
                lines.append(entry)
            }
        }
        return lines
            + (article.presetWords.map { wrapText("p opens the preset \($0)", columns: columns) } ?? [])
    }

    func rect(in app: App) -> Rect {
        let (screen, width, text) = (app.popupRoom, width(in: app), text(in: app))
        let foot = foot(text, columns: width - 4).count
        return centredRect(
            width: width, height: min(screen.height, text.lines.count + foot + (foot > 0 ? 3 : 2)), in: screen)
    }

    /// The part of the box in which the text scrolls.
    private func content(_ rect: Rect, _ text: ArticleText) -> Rect {
        let foot = foot(text, columns: rect.width - 4).count
        return rect.inset(left: 2, top: 1, right: 2, bottom: foot > 0 ? foot + 2 : 1)
    }

    // MARK: Events

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        let text = text(in: app)
        switch key.code {
        case .escape, .character("q"), .function(1), .function(7), .character("B"): return .closed
        case .backspace, .character("b"), .character("u"): return back()
        case .enter: return text.links.isEmpty ? .closed : follow(page.link, text)
        case .character(let scalar) where ("1"..."9").contains(scalar):
            return follow(Int(scalar.value - 0x31), text)
        case .tab, .right, .character("l"), .character("n"): return choosing(page.link + 1, text, app)
        case .backTab, .left, .character("h"), .character("N"): return choosing(page.link - 1, text, app)
        case .character("p"): return openPreset(app)
        case .character("g"), .character("/"): return .closed { $0.popup = MenuPopup.glossary }
        case .down, .character("j"): return scrolled(by: 1, text, app)
        case .up, .character("k"): return scrolled(by: -1, text, app)
        case .pageDown, .character(" "): return scrolled(by: 10, text, app)
        case .pageUp: return scrolled(by: -10, text, app)
        case .home: return scrolled(by: -text.lines.count, text, app)
        case .end: return scrolled(by: text.lines.count, text, app)
        default: return .open(self)
        }
    }

    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer {
        let text = text(in: app)
        switch mouse.kind {
        case .scrollDown: return scrolled(by: 3, text, app)
        case .scrollUp: return scrolled(by: -3, text, app)
        case .press:
            guard rect.contains(x: mouse.x, y: mouse.y) else { return .closed }
            let content = content(rect, text)
            guard content.contains(x: mouse.x, y: mouse.y),
                let link = text.link(
                    line: mouse.y - content.y + shownScroll(text, content), column: mouse.x - content.x)
            else { return .open(self) }
            return follow(link, text)
        default: return .open(self)
        }
    }

    private func follow(_ link: Int, _ text: ArticleText) -> PopupAnswer {
        guard text.links.indices.contains(link) else { return .open(self) }
        var popup = self
        popup.page.link = link
        popup.pages.append(Page(text.links[link]))
        return .open(popup)
    }

    private func back() -> PopupAnswer {
        guard pages.count > 1 else { return .closed }
        var popup = self
        popup.pages.removeLast()
        return .open(popup)
    }

    private func openPreset(_ app: App) -> PopupAnswer {
        guard let preset = article.preset, app.lesson == nil else { return .open(self) }
        return .closed { $0.outbox.append(.open(preset)) }
    }

    /// Makes another link the one that enter follows, and brings it into sight.
    private func choosing(_ link: Int, _ text: ArticleText, _ app: App) -> PopupAnswer {
        guard !text.links.isEmpty else { return .open(self) }
        var popup = self
        let link = (link + text.links.count) % text.links.count
        popup.page.link = link
        let content = content(rect(in: app), text)
        if let line = text.line(ofLink: link), content.height > 0 {
            popup.page.scroll = min(max(page.scroll, line - content.height + 1), line)
        }
        return .open(popup)
    }

    private func scrolled(by lines: Int, _ text: ArticleText, _ app: App) -> PopupAnswer {
        var popup = self
        let content = content(rect(in: app), text)
        popup.page.scroll = min(max(0, page.scroll + lines), max(0, text.lines.count - content.height))
        return .open(popup)
    }

    /// In a window that has grown no room is left empty.
    private func shownScroll(_ text: ArticleText, _ content: Rect) -> Int {
        min(page.scroll, max(0, text.lines.count - content.height))
    }

    // MARK: Drawing

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        let text = text(in: app)
        let content = content(rect, text)
        let trail = pages.map { $0.article.title }.suffix(3).joined(separator: " › ")
        let kind = article.isWord ? "" : " · \(article.kind)"
        drawBox(
            into: &canvas, rect, title: (pages.count > 3 ? "… › " : "") + trail + kind, style: app.quiet,
            titleStyle: app.accent, fill: app.text)
        let scroll = shownScroll(text, content)
        for (row, line) in text.lines.dropFirst(scroll).prefix(content.height).enumerated() {
            draw(line, into: &canvas, x: content.x, y: content.y + row, app)
        }
        drawScrollMarks(
            into: &canvas, Rect(x: rect.x + 1, y: content.y, width: rect.width - 2, height: content.height),
            above: scroll, below: text.lines.count - scroll - content.height, app.quiet)
        let foot = foot(text, columns: content.width)
        guard !foot.isEmpty else { return }
        canvas.fill(
            Rect(x: rect.x + 1, y: content.maxY, width: rect.width - 2, height: 1), with: Cell("─", app.faint))
        for (row, words) in foot.enumerated() {
            canvas.write(words, x: content.x, y: content.maxY + 1 + row, style: app.quiet, limit: content.width)
        }
    }

    private func draw(_ line: ArticleText.Line, into canvas: inout Canvas, x: Int, y: Int, _ app: App) {
        let plain =
            switch line.look {
            case .heading: Style(app.theme.text, bold: true)
            case .formula, .words: app.text
            case .quiet: app.quiet
            }
        var x = x
        for (scalar, link) in zip(line.text.unicodeScalars, line.links) {
            let style =
                link == nil
                ? plain
                : link == page.link
                    ? app.selected : Style(.rgb(app.theme.accent), underline: app.capabilities.colors == .none)
            x += canvas.write(String(scalar), x: x, y: y, style: style)
        }
    }
}

extension MenuPopup {
    /// The words of the field, then all entries.
    static var glossary: MenuPopup {
        let articles = Glossary.articles + App.panelArticles
        return MenuPopup(
            menu: Menu(
                title: "Glossary",
                items: articles.map {
                    MenuItem($0.title, detail: $0.kind, keywords: $0.names.joined(separator: " ") + " " + $0.id)
                }), stories: articles.map(\.summary),
            chosen: { app, index in app.popup = ArticlePopup(articles[index]) })
    }
}

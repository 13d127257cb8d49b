import TerminalKit

/// A menu, what each item says in full, and what choosing it does.
struct MenuPopup: Popup {
    var menu: Menu
    /// One text for each item, shown below the list; empty: no room is kept for it.
    var stories: [String] = []
    /// The items after a choice, in a menu that stays; nil: a choice closes it.
    var update: (@Sendable (App) -> [MenuItem])?
    /// Finds more for what is typed, which comes before `findings`; nil: the items stay.
    var find: (@Sendable (App, String) -> [Finding])?
    var findings: [Finding] = []
    var chosen: @Sendable (inout App, Int) -> Void

    /// After a key or a paste: other items for another filter.
    mutating func refind(in app: App, after filter: String) {
        guard let find, menu.filter.text != filter else { return }
        let more = find(app, menu.filter.text)
        if !more.isEmpty || menu.items.count != findings.count { fill(more + findings) }
    }

    mutating func fill(_ findings: [Finding]) {
        menu.items = findings.map {
            MenuItem($0.title, detail: $0.detail, keywords: "\($0.keywords) \($0.summary)", disabled: $0.disabled)
        }
        stories = findings.map { finding in
            [finding.disabled.map { "Not now: \($0)." } ?? "", finding.summary].filter { !$0.isEmpty }
                .joined(separator: "\n")
        }
        chosen = { app, index in findings[index].run(&app) }
    }

    // MARK: Events

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        handle(app) { $0.menu.handle(key) }
    }

    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer {
        let list = MenuPlace(of: self, in: app).list
        return handle(app) { $0.menu.handle(mouse, in: list) }
    }

    private func handle(_ app: App, _ event: (inout MenuPopup) -> Menu.Result) -> PopupAnswer {
        var popup = self
        let filter = menu.filter.text
        let result = event(&popup)
        popup.refind(in: app, after: filter)
        switch result {
        case .chosen(let index): return popup.choosing(index)
        case .cancelled: return .closed
        case .stays, .ignored: return .open(popup)
        }
    }

    func paste(_ text: String, _ app: App) -> PopupAnswer {
        var popup = self
        let filter = menu.filter.text
        popup.menu.paste(text)
        popup.refind(in: app, after: filter)
        return .open(popup)
    }

    private func choosing(_ index: Int) -> PopupAnswer {
        .closed { app in
            chosen(&app, index)
            app.refresh()
            guard let update else { return }
            var popup = self
            popup.menu.items = update(app)
            app.popup = popup
        }
    }

    // MARK: Drawing

    var hints: [(key: String, word: String)] { [("↑↓", "move"), ("⏎", "choose"), ("esc", "back")] }

    func rect(in app: App) -> Rect { MenuPlace(of: self, in: app).rect }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        let list = MenuPlace(of: self, in: app).list
        var menu = menu
        drawBox(into: &canvas, rect, style: app.quiet, titleStyle: app.accent, fill: app.text)
        menu.draw(into: &canvas, list, styles: app.menuStyles)
        guard rect.height > list.height else { return }
        // Under the list, between two rules of the same box: what the selected item is.
        let y = list.maxY - 1
        canvas.fill(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), with: Cell("─", app.faint))
        canvas[rect.x, y] = Cell("│", app.quiet)
        canvas[rect.maxX - 1, y] = Cell("│", app.quiet)
        guard let selected = menu.selected, stories.indices.contains(selected) else { return }
        let story = Rect(x: rect.x + 2, y: y + 1, width: rect.width - 4, height: rect.maxY - y - 2)
        drawWrapped(into: &canvas, story, text: stories[selected], style: app.quiet)
    }
}

import Datasets
import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Texts about what is selected, and the glossary on the screen")
struct ArticleTests {
    private static func press(_ keys: String..., in app: inout App) {
        for key in keys { app.handle(.key(Key(key)!)) }
    }

    private static func article(_ app: App) -> Article? { (app.popup as? ArticlePopup)?.article }

    @Test("every panel and every view says what it is and what to watch")
    func panels() {
        for article in App.panelArticles {
            #expect(article.words.hasSuffix(".") && article.watch.hasSuffix("."), "\(article.id)")
        }
        #expect(App.panelArticles.count == Panel.all.count + View.all.count)
    }

    @Test("where only ASCII can be shown no formula and no text has a question mark in place of a sign")
    func asciiTexts() {
        let entries = CatalogueList.allCases.flatMap { Catalogue.entries($0) } + Datasets.all
        var texts = entries.flatMap { [$0.title, $0.formula, $0.summary, $0.watch, $0.source] }
        for term in Term.all {
            if case .text(let words, let formula) = term.body { texts += [words, formula ?? ""] }
        }
        for text in texts {
            let lost = text.unicodeScalars.filter { columnWidth($0) > 0 && $0 != "?" && asciiSubstitute($0) == "?" }
            #expect(lost.isEmpty, "\(String(String.UnicodeScalarView(lost))) in \(text)")
        }
    }

    @Test("a setting's text is that of the entry that it belongs to")
    func selection() throws {
        var shown = app([], size: (80, 24))
        Self.press("3", in: &shown)
        let place = try #require(
            shown.editing.rows[shown.focus]?.firstIndex { $0.path?.hasSuffix(".learningRate") == true })
        shown.editing.selection[shown.focus] = place
        shown.refresh()
        Self.press("B", in: &shown)
        let article = try #require(Self.article(shown))
        #expect(article.settings.contains { $0.title == "learning rate" && !$0.raise.isEmpty })
        #expect(shown.explanation.words.contains("Raise it when"))
    }

    @Test("words lead to their article by number and by enter, and back")
    func following() throws {
        var shown = app([], size: (80, 24))
        shown.popup = ArticlePopup(try #require(Glossary.article(named: "gradient descent")))
        let first = try #require(Self.article(shown))
        let text = ArticleText(LinkedArticle(first), columns: 70)
        #expect(text.links.count >= 3)
        Self.press("2", in: &shown)
        #expect(Self.article(shown)?.id == text.links[1].id)
        Self.press("backspace", in: &shown)
        #expect(Self.article(shown)?.id == first.id)
        Self.press("tab", "enter", in: &shown)
        #expect(Self.article(shown)?.id == text.links[2].id)
        Self.press("backspace", "esc", in: &shown)
        #expect(shown.popup == nil)
    }

    @Test("a click on a word follows it")
    func click() throws {
        var shown = app([], size: (80, 24))
        shown.popup = ArticlePopup(try #require(Glossary.article(named: "epoch")))
        let rect = try #require(shown.popup).rect(in: shown)
        let text = ArticleText(LinkedArticle(try #require(Self.article(shown))), columns: rect.width - 4)
        let line = try #require(text.line(ofLink: 0))
        let column = try #require(text.lines[line].links.firstIndex { $0 == 0 })
        shown.handle(.mouse(Mouse(.press, x: rect.x + 2 + column, y: rect.y + 1 + line)))
        #expect(Self.article(shown)?.id == text.links[0].id)
    }

    @Test("the palette finds a word, and the glossary's menu every entry")
    func palette() throws {
        var shown = app([], size: (80, 24))
        Self.press(":", in: &shown)
        for scalar in "vanishing gradient".unicodeScalars { shown.handle(.key(Key(.character(scalar)))) }
        Self.press("enter", in: &shown)
        #expect(Self.article(shown)?.title == "vanishing gradient")
        Self.press("esc", "F7", in: &shown)
        let menu = try #require(shown.popup as? MenuPopup)
        #expect(menu.menu.items.count == Glossary.articles.count + App.panelArticles.count)
    }

    @Test("p opens the preset that shows the word")
    func preset() throws {
        var shown = app([], size: (80, 24))
        shown.popup = ArticlePopup(try #require(Glossary.article(named: "momentum")))
        Self.press("p", in: &shown)
        #expect(shown.popup == nil)
        let opens = shown.takeOutbox().contains { if case .open("momentum-valley") = $0 { true } else { false } }
        #expect(opens)
    }

    @Test("every article fits the smallest screen or scrolls to its end, and no line is too long")
    func fits() throws {
        let shown = app([], size: (80, 24))
        for article in Glossary.articles + App.panelArticles {
            let popup = ArticlePopup(article)
            let rect = popup.rect(in: shown)
            #expect(rect.width <= shown.width && rect.height <= shown.popupRoom.height, "\(article.id)")
            for line in ArticleText(LinkedArticle(article), columns: rect.width - 4).lines {
                #expect(columnWidth(line.text) <= rect.width - 4, "\(article.id): \(line.text)")
                #expect(line.links.count == line.text.unicodeScalars.count)
            }
        }
    }
}

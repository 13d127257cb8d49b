import Datasets
import Engine
import Session
import TerminalKit

/// Everything about what is selected, and the glossary.
enum AboutCommand {
    private static let key = "B"

    static let about = Command(
        "app.about", "about the selection: its text, its formula, when to raise and to lower it", hint: "about",
        keys: [key]
    ) { $0.popup = ArticlePopup($0.selectedArticle) }.during(.walk, .lesson)

    static let glossary = Command(
        "app.glossary", "glossary: the words of the field, and everything that can be chosen", keys: ["F7"]
    ) { $0.popup = MenuPopup.glossary }.during(.walk, .lesson)

    /// The key at the right end of the explanation's title.
    static func drawKey(_ app: App, into canvas: inout Canvas, _ rect: Rect) {
        guard rect.width > 20, app.lesson == nil else { return }
        canvas.write(" \(key) ", x: rect.maxX - 5, y: rect.y, style: app.quiet)
    }
}

extension Panel {
    fileprivate var article: Article {
        Article(id: "panel.\(id)", kind: "panel", title: title, words: words, watch: watch)
    }
}

extension View {
    fileprivate var article: Article {
        Article(id: "view.\(id)", kind: "view", title: "\(Panel[panel].title): \(id)", words: words, watch: watch)
    }
}

extension App {
    /// The panels and the views.
    static let panelArticles: [Article] = Panel.all.map(\.article) + View.all.map(\.article)

    /// The text of what is selected in the focused panel: of the chosen entry, of the entry that a setting belongs to, else
    /// of the setting, the view or the panel itself.
    var selectedArticle: Article {
        if let cursor = explained, let layer = experiment.layer(at: cursor.layer),
            let article = Glossary.article(kind: CatalogueList.layer.rawValue, layer.id)
        {
            return article
        }
        guard let row = selectedRow(of: focus) else {
            return view(in: focus)?.article ?? Panel[focus].article
        }
        return row.kind.article(self, row)
            ?? Article(id: "row.\(row.title)", kind: "setting", title: row.title, words: explanation.words)
    }

    /// The dataset's; of a game that of its environment.
    var datasetArticle: Article? { Glossary.article(kind: "dataset", experiment.data.dataset.id) }

    func article(ofAllLayers name: String, _ knob: Knob?) -> Article? {
        if case .choice(let choice)? = experiment.value(ofAllLayers: name), case .choice(let list)? = knob?.kind,
            let article = Glossary.article(kind: list.rawValue, choice.id)
        {
            return article
        }
        return knob.map { Article(setting: $0, at: name) }
    }

    func article(ofSetting path: String, _ knob: Knob?) -> Article? {
        if case .choice(let list)? = knob?.kind, let id = KnobWalk.choiceID(experiment.value(at: path)) {
            return Glossary.article(kind: list.rawValue, id)
        }
        let parts = path.split(separator: ".").map(String.init)
        if let owner = Explanation.owner(parts) {
            return Glossary.article(kind: owner.list.rawValue, owner.entry.id)
        }
        if parts.first == "data", parts.count == 2,
            Datasets.entry(experiment.data.dataset.id)?.knob(parts[1]) != nil
        {
            return datasetArticle
        }
        return knob.map { Article(setting: $0, at: path) }
    }
}

import Basics
import Engine
import Session

/// The pictures of an app in words.
struct ViewWords {
    let app: App

    /// The pictures of a name: a panel's present view, or a view that suits.
    func lines(named text: String) -> [String] {
        let name = text.isEmpty ? "picture" : text.lowercased()
        if let grid = app.grid { return grid.inWords }
        guard let context = app.plotContext else { return [app.figuresLine] }
        let plots = Panel.plots.compactMap { panel in app.view(in: panel.id).map { (panel, $0) } }
        switch name {
        case "picture": return plots.first.map { words(of: $0.1) } ?? []
        case "all": return plots.flatMap { words(of: $0.1) }
        case "network": return SettingWords(app: app).network
        default: break
        }
        if let found = plots.first(where: { $0.0.id.name == name }) { return words(of: found.1) }
        if let view = View.all.first(where: { $0.id.name.lowercased() == name }) {
            return view.suits(context.scene) ? words(of: view) : ["\(view.id) does not suit these data"]
        }
        let names = ["picture", "all", "network"] + plots.map(\.0.id.name) + View.all.map(\.id.name)
        let advice = NearestName.of(name, among: names).map { "did you mean \(quoted($0))?" } ?? "views lists them"
        return ["no such picture as \(quoted(text)); \(advice)"]
    }

    /// A view in words, with the pictures that it needs made for it alone.
    func words(of view: View) -> [String] {
        guard let snapshot = app.snapshot else { return [app.figuresLine] }
        var shown = app
        (shown.plain, shown.popup, shown.plots.walk) = (nil, nil, nil)
        shown.show(view.panel)
        shown.enlarged = view.panel
        shown.plots.views[view.panel] = view.id
        shown.refresh()
        let maker = PictureMaker()
        for _ in 0..<2 {
            let request = shown.viewRequest
            var picture = maker.makePicture(snapshot, request)
            for _ in 0..<200 where !picture.settled { picture = maker.makePicture(snapshot, request) }
            shown.picture = picture
        }
        guard let context = shown.plotContext(of: view.panel) else { return [app.figuresLine] }
        let words = view.inWords(context)
        return words.isEmpty ? ["\(view.heading(context, 70)). \(app.spelled(view.words, in: view.panel))"] : words
    }
}

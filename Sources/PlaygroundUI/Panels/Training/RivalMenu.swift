import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension EditorRows {
    /// The row of the rivals, and below it each of them.
    var rivals: [EditorRow] {
        guard !experiment.hides("rivals") else { return [] }
        let row = EditorRow(
            kind: .rivals, knob: nil, title: "rivals",
            value: experiment.rivals.isEmpty ? "none" : plural(experiment.rivals.count, "rival"))
        return [row] + experiment.rivals.indices.flatMap { choice("rivals.\($0)", .rival, title: "rival \($0 + 1)") }
    }
}

extension EditorRow.Kind {
    /// The learners beside the network.
    static let rivals = Self(
        id: "rivals", hasArrows: false, change: { app, _ in app.popup = MenuPopup.rivals(of: app) },
        explain: { explanation, _, app in
            explanation.words =
                (app.experiment.summary(at: "rivals") ?? "") + " \(app.label("value.type")) shows all of them."
        })
}

extension App {
    /// Adds a rival behind the others, or takes all of its kind out.
    mutating func toggleRival(_ id: String) {
        guard case .array(var rivals)? = experiment.value(at: "rivals") else { return }
        let others = rivals.filter { KnobWalk.choiceID($0) != id }
        if others.count == rivals.count { rivals.append(.string(id)) } else { rivals = others }
        act(.set(path: "rivals", .array(rivals)))
    }

    var rivalFindings: [Finding] {
        let chosen = Set(experiment.rivals.map(\.id))
        return Catalogue.entries(.rival).map { entry in
            Finding(
                title: "rival: \(entry.title)", detail: chosen.contains(entry.id) ? "on" : "",
                summary: "\(entry.summary)\n\(entry.formula)", keywords: "rivals \(entry.id)",
                disabled: takenAway("rivals")
            ) { $0.toggleRival(entry.id) }
        }
    }
}

extension MenuPopup {
    /// Which learners stand beside the network; it stays, to switch several.
    static func rivals(of app: App) -> MenuPopup {
        let entries = Catalogue.entries(.rival)
        let items: @Sendable (App) -> [MenuItem] = { app in
            let mark = app.capabilities.glyphs == .ascii ? ("x", ".") : ("●", "○")
            let chosen = Set(app.experiment.rivals.map(\.id))
            return entries.map { entry in
                MenuItem("\(chosen.contains(entry.id) ? mark.0 : mark.1) \(entry.title)", detail: entry.formula)
            }
        }
        return MenuPopup(
            menu: Menu(title: "Rivals", items: items(app)), stories: entries.map(\.summary), update: items,
            chosen: { app, index in app.toggleRival(entries[index].id) })
    }
}

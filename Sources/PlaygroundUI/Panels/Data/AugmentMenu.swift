import Datasets
import Engine
import Session
import TerminalKit

extension App {
    /// Adds a random change of images behind the others, or takes it out.
    /// - Parameter path: the key path of the list, of training images or of test images.
    mutating func toggleAugmentation(_ id: String, at path: String = "data.augment") {
        guard case .array(var changes)? = experiment.value(at: path) else { return }
        let others = changes.filter { KnobWalk.choiceID($0) != id }
        if others.count == changes.count { changes.append(.string(id)) } else { changes = others }
        act(.set(path: path, .array(changes)))
    }

    var augmentationFindings: [Finding] {
        let chosen = Set(experiment.data.augment.map(\.id))
        let areImages = Datasets.areImages(experiment.data.dataset.id)
        return Catalogue.entries(.augmentation).map { entry in
            Finding(
                title: "augment: \(entry.title)", detail: chosen.contains(entry.id) ? "on" : "",
                summary: "\(entry.summary)\n\(entry.formula)", keywords: "data.augment \(entry.id)",
                disabled: areImages ? takenAway("data.augment") : "these data are no images"
            ) { $0.toggleAugmentation(entry.id) }
        }
    }
}

extension MenuPopup {
    /// Which random changes images undergo; it stays, to switch several.
    /// - Parameter path: the key path of the list.
    static func augmentations(of app: App, at path: String) -> MenuPopup {
        let entries = Catalogue.entries(.augmentation)
        let items: @Sendable (App) -> [MenuItem] = { app in
            let mark = app.capabilities.glyphs == .ascii ? ("x", ".") : ("●", "○")
            let changes = if case .array(let changes)? = app.experiment.value(at: path) { changes } else { [JSON]() }
            let chosen = Set(changes.compactMap(KnobWalk.choiceID))
            return entries.map { entry in
                MenuItem("\(chosen.contains(entry.id) ? mark.0 : mark.1) \(entry.title)", detail: entry.formula)
            }
        }
        return MenuPopup(
            menu: Menu(title: "Augment", items: items(app)),
            stories: entries.map(\.summary), update: items,
            chosen: { app, index in app.toggleAugmentation(entries[index].id, at: path) })
    }
}

import Datasets
import Engine
import Session
import TerminalKit

extension EditorRow.Kind {
    /// The random changes of training images, or of test images, at a key path.
    static func augment(path: String) -> Self {
        Self(
            id: path, hasArrows: false,
            change: { app, _ in app.popup = MenuPopup.augmentations(of: app, at: path) },
            explain: { explanation, _, app in
                explanation.words =
                    (app.experiment.summary(at: path) ?? "") + " \(app.label("value.type")) shows all of them."
            })
    }

    /// A random change of training images, on or off.
    static func augmentation(_ id: String) -> Self {
        Self(
            id: "augmentation.\(id)", change: { app, _ in app.toggleAugmentation(id) },
            explain: { explanation, _, app in
                guard let entry = Catalogue.entry(.augmentation, id) else { return }
                explanation.formula = entry.formula
                explanation.words =
                    "\(entry.summary) \(app.label("value.type")) turns it on or off; its settings stand in the panel Data (\(app.label("focus.data")))."
            },
            article: { _, _ in Glossary.article(kind: CatalogueList.augmentation.rawValue, id) })
    }
}

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

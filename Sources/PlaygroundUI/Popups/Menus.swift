import Engine
import Session
import TerminalKit

/// The menus that belong to no panel.
extension MenuPopup {
    static func presets() -> MenuPopup {
        let presets = Preset.all
        return MenuPopup(
            menu: Menu(title: "Presets", items: presets.map { MenuItem($0.title, detail: $0.name) }),
            stories: presets.map(\.story),
            chosen: { app, index in app.outbox.append(.open(presets[index].name)) })
    }

    static func palette(of app: App) -> MenuPopup {
        var popup = MenuPopup(
            menu: Menu(title: "Find", items: []), find: { app, filter in Palette(app).assignments(in: filter) },
            findings: Palette(app).findings, chosen: { _, _ in })
        popup.fill(popup.findings)
        return popup
    }

    static func variants(of app: App) -> MenuPopup {
        let variants = app.experiment.compare
        let selected = app.session.variant.map { $0 + 1 } ?? 0
        return MenuPopup(
            menu: Menu(
                title: "Compare", items: [MenuItem("as written")] + variants.map { MenuItem($0.title) },
                selected: selected,
                filterable: false),
            stories: ["The experiment itself."]
                + variants.map { variant in
                    variant.set.map { "\($0.key) = \($0.value.text(compact: true))" }.joined(separator: ", ")
                },
            chosen: { app, index in app.act(.variant(index == 0 ? nil : index - 1)) })
    }

    static func datasets(of app: App) -> MenuPopup {
        let entries = app.offeredDatasets
        return MenuPopup(
            menu: Menu(
                title: "Dataset", items: entries.map { MenuItem($0.title, detail: $0.id) },
                selected: entries.firstIndex { $0.id == app.experiment.data.dataset.id } ?? 0),
            stories: entries.map { "\($0.summary)\n\($0.formula)" },
            chosen: { app, index in
                app.choose(dataset: entries[index].id)
            })
    }

    static func speeds(of app: App) -> MenuPopup {
        MenuPopup(
            menu: Menu(
                title: "Speed limit", items: App.speeds.map { MenuItem(speedText($0)) },
                selected: App.speeds.firstIndex { $0 == app.experiment.view.epochsPerSecond } ?? 0, filterable: false),
            chosen: { app, index in app.setSpeed(App.speeds[index]) })
    }

    /// The values of a choice, with what each is.
    static func values(of row: EditorRow, _ knob: Knob, in app: App) -> MenuPopup {
        var ids: [String] = []
        var items: [MenuItem] = []
        var stories: [String] = []
        switch knob.kind {
        case .choice(let list):
            for entry in Catalogue.entries(list) {
                ids.append(entry.id)
                items.append(MenuItem(entry.title, detail: entry.id))
                stories.append("\(entry.summary)\n\(entry.formula)")
            }
        case .word(let words):
            ids = words
            items = words.map { MenuItem($0) }
        default: break
        }
        if row.optional {
            ids.append("")
            items.append(MenuItem(row.unset))
            stories.append("The choice that the task implies.")
        }
        let present = row.path.flatMap { KnobWalk.choiceID(app.experiment.value(at: $0)) }
        let kind = row.kind
        let chosenIDs = ids
        return MenuPopup(
            menu: Menu(title: row.title, items: items, selected: ids.firstIndex(of: present ?? "") ?? 0),
            stories: stories,
            chosen: { app, index in app.choose(chosenIDs[index], for: kind) })
    }
}

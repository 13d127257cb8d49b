import Datasets
import Engine
import Session
import TerminalKit

/// The label and the inputs of a table, chosen from its columns.
struct TableInputs: Sendable {
    private let experiment: Experiment
    /// The file's columns, once it has been read; empty before, and where the data are no table.
    let columns: [TableColumn]
    /// The column that is learned.
    let label: String?
    /// The columns that are inputs, as the document has it: the file may not have been read since.
    let inputs: [TableColumn]
    private let names: Set<String>

    init(_ experiment: Experiment, _ snapshot: Snapshot?) {
        self.experiment = experiment
        let file = experiment.data.dataset.knobs["file"]
        columns =
            file != nil && snapshot?.experiment.data.dataset.knobs["file"] == file
            ? snapshot?.data.learned.report?.columns ?? [] : []
        let knob = Datasets.labelKnob(experiment.data.dataset.id)
        if case .text(let name)? = knob.flatMap({ experiment.data.dataset.knobs[$0] }), !name.isEmpty {
            label = name
        } else {
            label = columns.last?.name
        }
        let chosen = Set(experiment.data.columns)
        let excluded = Set(experiment.data.table.exclude)
        inputs = columns.filter { [label] column in
            if column.name == label || excluded.contains(column.name) { return false }
            return chosen.isEmpty ? !column.isLeftOutByItself : chosen.contains(column.name)
        }
        names = Set(inputs.map(\.name))
    }

    var summary: TableSummary? {
        guard !columns.isEmpty, let label else { return nil }
        return TableSummary(label: label, inputs: inputs.count, columns: columns.count { $0.name != label })
    }

    func isInput(_ column: TableColumn) -> Bool { names.contains(column.name) }

    /// The column beside the label; nil: there is none.
    func label(beside direction: Int) -> String? {
        let names = columns.map(\.name)
        guard let place = label.flatMap(names.firstIndex) else { return nil }
        return names[(place + direction + names.count) % names.count]
    }

    /// The action that makes another column the label; nil: it is the label.
    func choosing(label name: String) -> Action? {
        guard name != label, let knob = Datasets.labelKnob(experiment.data.dataset.id) else { return nil }
        // The last column is the label where none is named.
        var settings = [JSON.Member("data.\(knob)", .string(name == columns.last?.name ? "" : name))]
        let (chosen, exclude) = (experiment.data.columns, experiment.data.table.exclude)
        settings.append(JSON.Member("data.columns", list(chosen.filter { $0 != name })))
        settings.append(JSON.Member("data.exclude", list(exclude.filter { $0 != name })))
        return .settings(settings + features(without: [name]))
    }

    /// The action that takes a column among the inputs, or leaves it out; nil: it is the last one.
    func toggling(_ column: TableColumn) -> Action? {
        let turnsOn = !isInput(column)
        guard turnsOn || names.count > 1 else { return nil }
        var (chosen, exclude) = (experiment.data.columns, experiment.data.table.exclude)
        if turnsOn {
            exclude.removeAll { $0 == column.name }
            // A column that the reader leaves out must be named.
            if !chosen.isEmpty || column.isLeftOutByItself {
                let wanted = names.union([column.name])
                chosen = columns.map(\.name).filter(wanted.contains)
            }
        } else if chosen.isEmpty {
            exclude.append(column.name)
        } else {
            chosen.removeAll { $0 == column.name }
        }
        return .settings(
            [JSON.Member("data.columns", list(chosen)), JSON.Member("data.exclude", list(exclude))]
                + features(without: turnsOn ? [] : [column.name]))
    }

    private func list(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }

    /// The features that are left when columns go.
    private func features(without gone: [String]) -> [JSON.Member] {
        guard !experiment.features.isEmpty else { return [] }
        let left = inputs.filter { !gone.contains($0.name) }.flatMap(\.features)
        let kept = experiment.features.filter { (try? checkFeature($0, columns: left)) != nil }
        return [JSON.Member("features", list(kept))]
    }
}

extension EditorRow.Kind {
    /// The column of a table that is learned.
    static let label = Self(
        id: "label", path: "data.label",
        change: { app, direction in app.choose(label: app.table.label(beside: direction)) },
        enter: { $0.popup = MenuPopup.labels(of: $0) },
        explain: { explanation, _, app in
            explanation.words =
                "The column that the network learns; \(app.label("value.down")) and \(app.label("value.up")) take the one beside it, \(app.label("value.type")) shows all."
            explanation.warning = "Another label starts training again."
        }, article: { app, _ in app.datasetArticle })

    /// The columns of a table that are inputs.
    static let inputs = Self(
        id: "inputs", hasArrows: false, change: { app, _ in app.popup = MenuPopup.inputs(of: app) },
        explain: { explanation, _, app in
            explanation.words =
                "The columns that go in; \(app.label("value.type")) shows all of them to be switched on and off."
            explanation.warning = "Other columns start training again."
        }, article: { app, _ in app.datasetArticle })
}

extension App {
    var table: TableInputs { TableInputs(experiment, snapshot) }

    mutating func choose(label name: String?) {
        if let action = name.flatMap(table.choosing) { act(action) }
    }

    mutating func toggleInput(_ column: TableColumn) {
        if let action = table.toggling(column) {
            act(action)
        } else {
            notice = Notice("the network needs at least one column: turn another one on first", bad: true)
        }
    }
}

extension TableColumn {
    /// The reader leaves it out, and not the document.
    var isLeftOutByItself: Bool { kind == .leftOut && !reason.hasPrefix("data.") }

    /// "number, 0 to 98, 3 missing".
    fileprivate var words: String {
        var parts = [kindWord]
        if kind != .label, let range {
            parts.append(
                "\(formatNumber(Double(range.lowerBound), digits: 3)) to \(formatNumber(Double(range.upperBound), digits: 3))"
            )
        }
        if categories.count > 0 { parts.append("\(categories.count) different") }
        if missing > 0 { parts.append("\(formatCount(missing)) missing") }
        return parts.joined(separator: ", ")
    }

    private var kindWord: String {
        switch kind {
        case .number, .label: kind.rawValue
        case .boolean: "yes or no"
        case .category: "text"
        case .leftOut: "left out"
        }
    }

    fileprivate var story: String {
        let values = categories.isEmpty ? "" : "\nTexts: \(categories.joined(separator: ", "))."
        return "\(name): \(words)." + (reason.isEmpty ? "" : " Left out because \(reason).") + values
    }
}

extension MenuPopup {
    /// Which column is learned.
    static func labels(of app: App) -> MenuPopup {
        let (columns, label) = (app.table.columns, app.table.label)
        return MenuPopup(
            menu: Menu(
                title: "Label", items: columns.map { MenuItem($0.name, detail: $0.words) },
                selected: columns.firstIndex { $0.name == label } ?? 0),
            stories: columns.map(\.story), chosen: { app, index in app.choose(label: columns[index].name) })
    }

    /// Which columns are inputs; it stays, to switch several.
    static func inputs(of app: App) -> MenuPopup {
        let columns = app.table.columns
        let items: @Sendable (App) -> [MenuItem] = { app in
            let table = app.table
            return columns.map { column in
                let mark = app.capabilities.glyphs == .ascii ? ("x", ".") : ("●", "○")
                return MenuItem(
                    "\(table.isInput(column) ? mark.0 : mark.1) \(column.name)",
                    detail: column.name == table.label ? "" : column.words,
                    disabled: column.name == table.label ? "it is the label" : nil)
            }
        }
        return MenuPopup(
            menu: Menu(title: "Columns", items: items(app)), stories: columns.map(\.story), update: items,
            chosen: { app, index in app.toggleInput(columns[index]) })
    }
}

import Datasets
import Engine
import Session
import TerminalKit

/// The label and the inputs of a table, chosen from its columns.
extension App {
    /// The file's columns, once it has been read; empty before, and where the data are no table.
    var tableColumns: [TableColumn] {
        guard let snapshot, let file = experiment.data.dataset.knobs["file"],
            snapshot.experiment.data.dataset.knobs["file"] == file
        else { return [] }
        return snapshot.data.report?.columns ?? []
    }

    /// The column that is learned.
    var tableLabel: String? {
        if case .text(let name)? = experiment.data.dataset.knobs["label"], !name.isEmpty { return name }
        return tableColumns.last?.name
    }

    /// Whether a column is an input, as the document has it: the file may not have been read since. Made once for many
    /// columns.
    var isInput: (TableColumn) -> Bool {
        let (label, chosen) = (tableLabel, Set(experiment.data.columns))
        let excluded = Set(experiment.data.table.exclude)
        return { column in
            if column.name == label || excluded.contains(column.name) { return false }
            return chosen.isEmpty ? !column.isLeftOutByItself : chosen.contains(column.name)
        }
    }

    /// ← and → on the label: the column beside it.
    mutating func walkLabels(_ direction: Int) {
        let names = tableColumns.map(\.name)
        guard let place = tableLabel.flatMap(names.firstIndex) else { return }
        choose(label: names[(place + direction + names.count) % names.count])
    }

    mutating func choose(label name: String) {
        guard name != tableLabel else { return }
        // The last column is the label where none is named.
        var settings = [JSON.Member("data.label", .string(name == tableColumns.last?.name ? "" : name))]
        let (columns, exclude) = (experiment.data.columns, experiment.data.table.exclude)
        settings.append(JSON.Member("data.columns", names(columns.filter { $0 != name })))
        settings.append(JSON.Member("data.exclude", names(exclude.filter { $0 != name })))
        act(.settings(settings + features(without: [name])))
    }

    /// Takes a column among the inputs, or leaves it out.
    mutating func toggleInput(_ column: TableColumn) {
        let inputs = Set(tableColumns.filter(isInput).map(\.name))
        let turnsOn = !inputs.contains(column.name)
        guard turnsOn || inputs.count > 1 else {
            notice = Notice("the network needs at least one column: turn another one on first", bad: true)
            return
        }
        var (columns, exclude) = (experiment.data.columns, experiment.data.table.exclude)
        if turnsOn {
            exclude.removeAll { $0 == column.name }
            // A column that the reader leaves out must be named.
            if !columns.isEmpty || column.isLeftOutByItself {
                let wanted = inputs.union([column.name])
                columns = tableColumns.map(\.name).filter(wanted.contains)
            }
        } else if columns.isEmpty {
            exclude.append(column.name)
        } else {
            columns.removeAll { $0 == column.name }
        }
        act(
            .settings(
                [JSON.Member("data.columns", names(columns)), JSON.Member("data.exclude", names(exclude))]
                    + features(without: turnsOn ? [] : [column.name])))
    }

    private func names(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }

    /// The features that are left when columns go.
    private func features(without gone: [String]) -> [JSON.Member] {
        guard !experiment.features.isEmpty else { return [] }
        let left = tableColumns.filter(isInput).filter { !gone.contains($0.name) }.flatMap(\.features)
        let kept = experiment.features.filter { (try? checkFeature($0, columns: left)) != nil }
        return [JSON.Member("features", names(kept))]
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
        let columns = app.tableColumns
        return MenuPopup(
            menu: Menu(
                title: "Label", items: columns.map { MenuItem($0.name, detail: $0.words) },
                selected: columns.firstIndex { $0.name == app.tableLabel } ?? 0),
            stories: columns.map(\.story), chosen: { app, index in app.choose(label: columns[index].name) })
    }

    /// Which columns are inputs; it stays, to switch several.
    static func inputs(of app: App) -> MenuPopup {
        let columns = app.tableColumns
        let items: @Sendable (App) -> [MenuItem] = { app in
            let (isInput, label) = (app.isInput, app.tableLabel)
            return columns.map { column in
                let mark = app.capabilities.glyphs == .ascii ? ("x", ".") : ("●", "○")
                return MenuItem(
                    "\(isInput(column) ? mark.0 : mark.1) \(column.name)",
                    detail: column.name == label ? "" : column.words,
                    disabled: column.name == label ? "it is the label" : nil)
            }
        }
        return MenuPopup(
            menu: Menu(title: "Columns", items: items(app)), stories: columns.map(\.story), update: items,
            chosen: { app, index in app.toggleInput(columns[index]) })
    }
}

import Datasets
import Engine
import Session
import TerminalKit

/// One thing that is found by its words, and what choosing it does.
struct Finding: Sendable {
    var title: String
    /// Shown at the right.
    var detail = ""
    /// Shown in full below the list.
    var summary = ""
    /// Further words that find it, beside those of the title, the detail and the summary.
    var keywords = ""
    /// The path of the setting that it changes; nil: none, or another thing.
    var setting: String?
    /// Why it cannot be chosen now, or nil.
    var disabled: String?
    var run: @Sendable (inout App) -> Void
}

/// Everything that words find: commands, settings and their values, layers, features and presets.
struct Palette {
    private let app: App

    init(_ app: App) { self.app = app }

    /// The findings that are always there.
    var findings: [Finding] {
        guard app.screenCommands == nil else { return commands }
        return commands + settings + values + Panel.all.flatMap { $0.findings(app) } + words + presets
    }

    // MARK: Commands

    private var commands: [Finding] {
        // A walk's own come first: "graph" is then that of the unit that is walked through.
        let ofWalk = app.plots.walk == nil ? [] : WalkCommands.all
        let others = app.commands.filter { command in !ofWalk.contains { $0.id == command.id } }
        let here = others.filter { $0.panels?.contains(app.focus) ?? true }
        let elsewhere = others.filter { !($0.panels?.contains(app.focus) ?? true) }
        return (ofWalk + here + elsewhere).map { command in
            let others = command.panels.flatMap { $0.contains(app.focus) || app.screenCommands != nil ? nil : $0 } ?? []
            let titles = Panel.all.filter { others.contains($0.id) }.map(\.title).joined(separator: ", ")
            let panel = others.count == 1 ? others.first : nil
            return Finding(
                title: command.help,
                detail: app.labels(of: command),
                summary: panel.map { "In the panel \(Panel[$0].title)." } ?? "", keywords: command.id,
                disabled: others.count > 1
                    ? "works in the panels \(titles)" : app.missingView(for: command) ?? command.disabled(app)
            ) { app in
                if let panel { app.show(panel) }
                app.showView(for: command)
                app.run(command)
            }
        }
    }

    // MARK: Settings

    func title(of path: String, _ knob: Knob) -> String {
        let name = knob.title.hasSuffix(" %") ? String(knob.title.dropLast(2)) : knob.title
        if path.hasPrefix("output."), knob.name != "loss" { return "output \(name)" }
        return LayerPath.words(ofSetting: path, titled: name) ?? name
    }

    private func lesson(_ path: String) -> String? { app.experiment.hides(path) ? App.lessonGoesWithout : nil }

    private var settings: [Finding] {
        let experiment = app.experiment
        return experiment.settingPaths.compactMap { path in
            guard let knob = experiment.knob(at: path) else { return nil }
            return Finding(
                title: title(of: path, knob),
                detail: app.valueText(of: path, knob), summary: knob.summary,
                keywords: path, setting: path, disabled: lesson(path)
            ) { $0.edit(setting: path) }
        }
    }

    /// Settings that are named with a value after their words: "noise 20", "learning rate 0.1", "discretize on"; or a formula
    /// behind "graph".
    func assignments(in filter: String) -> [Finding] {
        let words = filter.split(separator: " ").map(String.init)
        guard words.count >= 2, app.screenCommands == nil else { return [] }
        if let graph = Self.graph(in: filter) { return [graph] }
        let experiment = app.experiment
        // Datasets are among the values.
        return experiment.settingPaths.filter { $0 != "data.dataset" }.compactMap { path in
            guard let knob = experiment.knob(at: path) else { return nil }
            let title = title(of: path, knob)
            for count in (1..<words.count).reversed() {
                let typed = words[count...].joined(separator: " ")
                guard isNamed(Array(words[..<count]), title: title, knob, path),
                    let value = value(typed, of: knob, isWhole: words[..<count].joined(separator: " ") == title)
                else { continue }
                return Finding(
                    title: "\(title) → \(typed)",
                    detail: "now \(app.valueText(of: path, knob))",
                    summary: knob.summary, keywords: filter, setting: path,
                    disabled: lesson(path) ?? mistake(path, value)
                ) { app in
                    guard app.set(path, to: value) == nil, app.notice == nil else { return }
                    app.notice = Notice("\(title): \(typed)")
                }
            }
            return nil
        }
    }

    /// Each word begins one of the setting's.
    private func isNamed(_ words: [String], title: String, _ knob: Knob, _ path: String) -> Bool {
        let names = (title.split(separator: " ").map(String.init) + [knob.name, path]).map { $0.lowercased() }
        return words.allSatisfy { word in names.contains { $0.hasPrefix(word.lowercased()) } }
    }

    /// - Parameter isWhole: the setting is named in full, so that any text may follow.
    private func value(_ typed: String, of knob: Knob, isWhole: Bool) -> JSON? {
        switch (knob.kind, KnobWalk.parse(typed, for: knob)) {
        case (.integer, .number(let number)), (.real, .number(let number)): return .number(number)
        case (.toggle, .bool(let on)): return .bool(on)
        case (.word(let words), _):
            return words.first { $0.lowercased() == typed.lowercased() }.map { .string($0) }
        case (.text, _): return isWhole ? .string(typed) : nil
        case (.integer, .null), (.real, .null): return .null
        default: return nil
        }
    }

    /// Why a setting cannot have a value, or nil.
    private func mistake(_ path: String, _ value: JSON) -> String? {
        do {
            try app.experiment.setting(path, to: value).validate()
            return nil
        } catch { return error.message }
    }

    // MARK: Values

    /// The values of the settings on the screen, of the layers for all and for the selected one.
    private var values: [Finding] {
        var findings = app.offeredDatasets.map { entry in
            Finding(
                title: "dataset: \(entry.title)", detail: entry.id, summary: "\(entry.summary)\n\(entry.formula)",
                keywords: "data.dataset", disabled: lesson("data.dataset")
            ) { $0.choose(dataset: entry.id) }
        }
        let table = app.table
        for column in table.columns {
            findings.append(
                Finding(title: "label: \(column.name)", summary: "The column that the network learns.") {
                    $0.choose(label: column.name)
                })
            guard column.name != table.label else { continue }
            findings.append(
                Finding(
                    title: "column \(column.name)", detail: table.isInput(column) ? "on" : "off",
                    summary: "Takes the column among the inputs, or leaves it out.", keywords: "data.columns"
                ) { $0.toggleInput(column) })
        }
        let layer = app.selectedLayer.outermost
        let shared = Panel.inputs.flatMap { app.editing.rows[$0.id] ?? [] }
        let own = (app.editing.rows[Panel.network.id] ?? []).filter {
            $0.layer?.outermost == layer && app.experiment.layers.indices.contains(layer.index)
        }
        // A setting for all layers is likelier to be meant than one for one layer.
        let all = shared.filter(\.isOfAllLayers)
        for row in all + own + shared.filter({ !all.contains($0) }) {
            guard row.kind.setting != nil, let knob = row.knob else { continue }
            let name = row.path.map { title(of: $0, knob) } ?? "\(knob.title) of all layers"
            switch knob.kind {
            case .choice(let list):
                for entry in Catalogue.entries(list) where !entry.outputOnly || row.layer == nil && row.path != nil {
                    findings.append(
                        Finding(
                            title: "\(name): \(entry.title)", detail: entry.id,
                            summary: "\(entry.summary)\n\(entry.formula)", keywords: "\(list.rawValue) \(row.title)"
                        ) { $0.choose(entry.id, for: row.kind) })
                }
            case .word(let words):
                for word in words {
                    findings.append(
                        Finding(title: "\(name): \(word)", summary: knob.summary, keywords: knob.name) {
                            $0.choose(word, for: row.kind)
                        })
                }
            default: break
            }
        }
        let shown = Set((all + own + shared).compactMap { $0.knob?.kind })
        return findings + CatalogueList.allCases.filter { !shown.contains(.choice($0)) }.flatMap(ofOtherProcedures)
    }

    /// The values of a setting that only other procedures have.
    private func ofOtherProcedures(_ list: CatalogueList) -> [Finding] {
        let owners = Catalogue.entries(.procedure).filter { $0.knobs.contains { $0.kind == .choice(list) } }
        guard let knob = owners.first?.knobs.first(where: { $0.kind == .choice(list) }) else { return [] }
        let titles = owners.map(\.title).joined(separator: " or ")
        return Catalogue.entries(list).map { entry in
            Finding(
                title: "\(knob.title): \(entry.title)", detail: entry.id, summary: "\(entry.summary)\n\(entry.formula)",
                keywords: list.rawValue, disabled: "this procedure has no \(knob.title); choose \(titles)"
            ) { _ in }
        }
    }

    /// The words of the field.
    private var words: [Finding] {
        Glossary.words.map { article in
            Finding(
                title: "word: \(article.title)", detail: "glossary", summary: article.summary,
                keywords: article.names.joined(separator: " ")
            ) { $0.popup = ArticlePopup(article) }
        }
    }

    private var presets: [Finding] {
        Preset.all.map { preset in
            Finding(title: "preset: \(preset.title)", detail: preset.name, summary: preset.story) {
                $0.outbox.append(.open(preset.name))
            }
        }
    }
}

extension App {
    /// Changes one setting; what is only looked at is no step for undo.
    /// - Returns: why it was refused, or nil.
    @discardableResult
    mutating func set(_ path: String, to value: JSON) -> ExperimentError? {
        if path == "data.dataset", case .string(let id) = value {
            choose(dataset: id)
            return nil
        }
        guard path.hasPrefix("view.") else { return act(.set(path: path, value)) }
        do {
            let next = try experiment.setting(path, to: value)
            try next.validate()
            let speed = experiment.view.epochsPerSecond
            changeView { $0 = next.view }
            if next.view.epochsPerSecond != speed { send(.setSpeed(next.view.epochsPerSecond)) }
            refresh()
            return nil
        } catch {
            editing.mended = nil
            notice = Notice(error.description, bad: true)
            return error
        }
    }

    /// Takes an entry or a word for a row; empty: what the task and the loss imply.
    mutating func choose(_ id: String, for kind: EditorRow.Kind) {
        kind.setting?.set(&self, id.isEmpty ? .null : .string(id))
    }

    /// Goes to a setting's row and begins to edit it, or asks for its value where it has no row.
    mutating func edit(setting path: String) {
        for panel in Panel.editors.map(\.id) {
            guard let place = editing.rows[panel]?.firstIndex(where: { $0.path == path }) else { continue }
            show(panel)
            editing.selection[panel] = place
            refresh()
            return editValue()
        }
        guard let knob = experiment.knob(at: path) else { return }
        let value = experiment.value(at: path)
        let row = EditorRow(
            kind: .setting(path: path), knob: knob, title: knob.title,
            value: valueText(of: path, knob))
        switch knob.kind {
        case .choice, .word: popup = MenuPopup.values(of: row, knob, in: self)
        case .toggle: set(path, to: .bool(value != .bool(true)))
        case .integer, .real, .text, .list:
            popup = Prompt.setting(path, knob, typedText(of: path))
        }
    }
}

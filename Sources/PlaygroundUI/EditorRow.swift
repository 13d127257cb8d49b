import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// One row of an editing panel: a setting, or a thing to do.
struct EditorRow: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A setting at a key path of the experiment.
        case setting(path: String)
        /// The list of layers or stacks at a key path inside a block.
        case list(path: String)
        /// One setting of all hidden layers that have it.
        case allLayers(knob: String)
        /// The dataset, shown as pictures.
        case dataset
        /// New samples of the same kind.
        case regenerate
        /// The column of a table that is learned.
        case label
        /// The columns of a table that are inputs.
        case inputs
        case feature(String)
        /// A formula of the user's own.
        case ownFeature
        case keepWeights
        case speed
        /// The input's row of the stack: nothing to change but the features.
        case input
    }
    var kind: Kind
    /// nil for what is not a knob.
    var knob: Knob?
    var title: String
    var value: String
    /// The stack: index into the layers, −1 the input, `layers.count` the output.
    var layer: Int?
    /// Can be left to the rest of the experiment.
    var optional = false
    /// Its value in words where it is left to that.
    var unset = "none"
    /// A knob of the choice above it.
    var indented = false
    /// The innermost list inside a block that it belongs to.
    var block: BlockPlace?

    /// How far it stands to the right inside blocks: a layer by the lists that it is in, its knobs one step more.
    var blockDepth: Int {
        guard let block else { return 0 }
        let lists = block.list.split(separator: ".").count { Int($0) != nil }
        guard let index = block.index else { return lists - 1 }
        return path == "\(block.list).\(index)" ? lists : lists + 1
    }

    var path: String? {
        switch kind {
        case .setting(let path), .list(let path): path
        case .dataset: "data.dataset"
        case .label: "data.label"
        default: nil
        }
    }
}

/// The facts of a table that the rows show.
struct TableSummary: Sendable, Hashable {
    var label: String
    var inputs: Int
    var columns: Int
}

/// Makes the rows of the editing panels from the document and the catalogue; no layer and no optimizer is known by name.
struct EditorRows: Sendable, Hashable {
    var experiment: Experiment
    var keepsWeights: Bool
    var columns: [String]
    /// Of a table that has been read: its label, and how many of its columns are inputs.
    var table: TableSummary?
    /// The task of the data, once they are there.
    var task: Task?

    func rows(of panel: PanelID) -> [EditorRow] {
        switch panel {
        case .data: data
        case .features: features
        case .training: training
        case .stack: stack
        case .output, .hidden, .loss: []
        }
    }

    /// The row of a setting; nil when the lesson hides it or there is none.
    private func setting(
        _ path: String, title: String? = nil, layer: Int? = nil, optional: Bool = false, indented: Bool = false
    ) -> EditorRow? {
        guard !experiment.hides(path), let knob = experiment.knob(at: path) else { return nil }
        let value = experiment.value(at: path)
        let unset = unset(of: path)
        // A unit in the title stands beside the value instead.
        let own = knob.title.hasSuffix(" %") ? String(knob.title.dropLast(2)) : knob.title
        return EditorRow(
            kind: .setting(path: path), knob: knob, title: title ?? own,
            value: KnobWalk.text(value, of: knob, none: unset), layer: layer, optional: optional, unset: unset,
            indented: indented)
    }

    /// A setting's value in words where none is written: "auto: squared error", "never", "none".
    func unset(of path: String) -> String {
        switch path {
        case "output.loss":
            var implied = experiment
            implied.output.loss = nil
            return automatic(task.map { implied.loss(for: $0) }, .loss)
        case "output.activation":
            let network = task.map { task in
                NetworkDescription(
                    input: Shape(1), task: task, layers: [], loss: experiment.loss(for: task),
                    rule: experiment.training.rule)
            }
            return automatic(network?.complete.outputActivation, .activation)
        default: return path.hasPrefix("training.stop.") ? "never" : "none"
        }
    }

    private func automatic(_ choice: Choice?, _ list: CatalogueList) -> String {
        choice.map { "auto: \(Catalogue.entry(list, $0.id)?.title ?? $0.id)" } ?? "auto"
    }

    /// A choice and below it the knobs of what is chosen.
    private func choice(
        _ path: String, _ list: CatalogueList, title: String? = nil, layer: Int? = nil, optional: Bool = false
    ) -> [EditorRow] {
        guard let row = setting(path, title: title, layer: layer, optional: optional) else { return [] }
        guard let id = KnobWalk.choiceID(experiment.value(at: path)), let entry = Catalogue.entry(list, id) else {
            return [row]
        }
        return [row] + entry.knobs.flatMap { knobRows("\(path).\(id).\($0.name)", $0, layer: layer) }
    }

    /// A knob of an entry; when it is a choice itself (a layer's activation), with that one's knobs.
    private func knobRows(_ path: String, _ knob: Knob, layer: Int?) -> [EditorRow] {
        if case .choice(let list) = knob.kind { return choice(path, list, layer: layer) }
        if case .list(let element) = knob.kind {
            return listRows(path, title: knob.title, knob, of: element, layer: layer)
        }
        return [setting(path, layer: layer, indented: true)].compactMap(\.self)
    }

    /// A list inside a block and below it what is in it.
    private func listRows(
        _ path: String, title: String, _ knob: Knob, of element: Knob.Kind, layer: Int?
    ) -> [EditorRow] {
        guard !experiment.hides(path), case .array(let values)? = experiment.value(at: path) else { return [] }
        let isStacks = if case .list = element { true } else { false }
        let count = values.count
        var rows = [
            EditorRow(
                kind: .list(path: path), knob: knob, title: title,
                value: count == 0 ? "empty" : plural(count, isStacks ? "stack" : "layer"), layer: layer,
                indented: true, block: BlockPlace(list: path))
        ]
        let own = title.hasSuffix("s") ? String(title.dropLast()) : title
        for index in values.indices {
            let (inner, name) = ("\(path).\(index)", "\(own) \(index + 1)")
            var inside: [EditorRow] = []
            switch element {
            case .choice(let list): inside = choice(inner, list, title: name, layer: layer)
            case .list(let kind): inside = listRows(inner, title: name, knob, of: kind, layer: layer)
            default: break
            }
            rows += inside.map { row in
                var row = row
                // An inner list's own row stands for the list as a whole, all others for their innermost element.
                if row.block == nil { row.block = BlockPlace(list: path, index: index) }
                return row
            }
        }
        return rows
    }

    private var data: [EditorRow] {
        var rows: [EditorRow] = []
        let id = experiment.data.dataset.id
        if !experiment.hides("data.dataset") {
            rows.append(
                EditorRow(
                    kind: .dataset, knob: nil, title: "dataset", value: Datasets.entry(id)?.title ?? id))
        }
        for knob in Datasets.entry(id)?.knobs ?? [] {
            let row = setting("data.\(knob.name)")
            guard let table, knob.name == "label", let row else {
                rows += [row].compactMap(\.self)
                continue
            }
            rows.append(EditorRow(kind: .label, knob: knob, title: row.title, value: table.label))
            rows.append(
                EditorRow(
                    kind: .inputs, knob: experiment.knob(at: "data.columns"), title: "columns",
                    value: "\(table.inputs) of \(table.columns)"))
        }
        rows += [setting("data.trainFraction"), setting("training.batchSize")].compactMap(\.self)
        if !experiment.hides("data.seed"), Datasets.task(id) != nil {
            rows.append(
                EditorRow(
                    kind: .regenerate, knob: experiment.knob(at: "data.seed"), title: "new samples",
                    value: "seed \(experiment.data.seed)"))
        }
        rows += [setting("data.shuffle", title: "shuffle rows")].compactMap(\.self)
        return rows
    }

    private var features: [EditorRow] {
        let active = experiment.features.isEmpty ? columns : experiment.features
        let offered = offeredFeatures(columns: columns)
        let (isActive, isOffered) = (Set(active), Set(offered.map(\.formula)))
        var rows = offered.map {
            EditorRow(
                kind: .feature($0.formula), knob: nil, title: $0.title,
                value: isActive.contains($0.formula) ? "on" : "off")
        }
        for own in active where !isOffered.contains(own) {
            rows.append(EditorRow(kind: .feature(own), knob: nil, title: featureTitle(own), value: "on"))
        }
        rows.append(EditorRow(kind: .ownFeature, knob: nil, title: "+ own", value: ""))
        return rows.filter { row in
            if case .feature(let formula) = row.kind {
                return !experiment.hides("features.\(formula)") && !experiment.hides(formula)
            }
            return !experiment.hides("features")
        }
    }

    private var training: [EditorRow] {
        var rows: [EditorRow] = []
        rows += choice("training.optimizer", .optimizer)
        rows += choice("training.schedule", .schedule)
        rows += [
            setting("training.regularization.l1", title: "L1"), setting("training.regularization.l2", title: "L2"),
            setting("training.clipNorm", optional: true),
        ].compactMap(\.self)
        rows += choice("output.loss", .loss, optional: true)
        rows += choice("output.activation", .activation, title: "output", optional: true)
        for knob in sharedLayerKnobs where !experiment.hides("layers.\(knob.name)") && !experiment.hides(knob.name) {
            rows.append(
                EditorRow(
                    kind: .allLayers(knob: knob.name), knob: knob, title: knob.title + "s",
                    value: sharedValue(of: knob)))
        }
        if !experiment.hides("view.epochsPerSecond") {
            rows.append(
                EditorRow(
                    kind: .speed, knob: nil, title: "speed limit", value: speedText(experiment.view.epochsPerSecond)))
        }
        rows += [setting("seed")].compactMap(\.self)
        rows.append(
            EditorRow(kind: .keepWeights, knob: nil, title: "keep weights", value: keepsWeights ? "on" : "off"))
        rows += [
            setting("training.shuffle", title: "shuffle batches"), setting("training.lastBatch"),
            setting("training.rule"),
            setting("training.evaluateEvery"), setting("training.stop.epochs", optional: true),
            setting("training.stop.steps", optional: true), setting("training.stop.trainLoss", optional: true),
            setting("training.stop.testLoss", optional: true), setting("training.stop.patience", optional: true),
        ].compactMap(\.self)
        return rows
    }

    /// Choices that at least one layer has as a knob (activation, initializer): they can be set for all at once.
    private var sharedLayerKnobs: [Knob] {
        var knobs: [Knob] = []
        for layer in experiment.layers.flatMap(\.allLayers) {
            for knob in Catalogue.entry(.layer, layer.id)?.knobs ?? [] {
                if case .choice = knob.kind, !knobs.contains(where: { $0.name == knob.name }) { knobs.append(knob) }
            }
        }
        return knobs
    }

    private func sharedValue(of knob: Knob) -> String {
        var values: Set<String> = []
        for layer in experiment.layers.flatMap(\.allLayers) {
            guard let own = Catalogue.entry(.layer, layer.id)?.knob(knob.name) else { continue }
            values.insert(KnobWalk.text(KnobWalk.json(layer.value(of: own)), of: own, none: "none"))
        }
        return values.count == 1 ? values.first! : "mixed"
    }

    private var stack: [EditorRow] {
        var rows = [
            EditorRow(
                kind: .input, knob: nil, title: "input",
                value: "\(experiment.features.isEmpty ? columns.count : experiment.features.count)",
                layer: -1)
        ]
        for index in experiment.layers.indices {
            rows += choice("layers.\(index)", .layer, title: "kind", layer: index)
        }
        let output = experiment.layers.count
        rows += choice("output.activation", .activation, title: "activation", layer: output, optional: true)
        rows += choice("output.initializer", .initializer, layer: output)
        rows += choice("output.loss", .loss, layer: output, optional: true)
        return rows
    }
}

/// "60 /s", "unlimited".
func speedText(_ epochsPerSecond: Double?) -> String {
    epochsPerSecond.map { formatNumber($0) + " ep/s" } ?? "unlimited"
}

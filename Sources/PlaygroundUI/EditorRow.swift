import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// One row of an editing panel: a setting, or a thing to do.
struct EditorRow: Sendable, Hashable {
    var kind: Kind
    /// nil for what is not a knob.
    var knob: Knob?
    var title: String
    var value: String
    /// The stack: the layer, within blocks the innermost one.
    var layer: LayerPath?
    /// Can be left to the rest of the experiment.
    var optional = false
    /// Its value in words where it is left to that.
    var unset = "none"
    /// A knob of the choice above it.
    var indented = false
    /// The innermost list inside a block that it belongs to.
    var block: BlockPlace?

    /// How far it stands to the right inside blocks: a layer one step behind the list that it is in, its knobs and its own
    /// lists one step behind it.
    var blockDepth: Int {
        guard let block else { return 0 }
        func lists(_ name: String) -> Int { name.split(separator: ".").count }
        // Those around the block with the layers in them, and its own.
        let depth = block.block.inside.reduce(0) { $0 + lists($1.stack) + 1 } + lists(block.list)
        guard let index = block.index else { return depth - 1 }
        return path?.hasSuffix(".\(block.list).\(index)") == true ? depth : depth + 1
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
    /// The shape of one sample as the network takes it.
    var input: Shape
    /// Of a table that has been read: its label, and how many of its columns are inputs.
    var table: TableSummary?
    /// The task of the data, once they are there.
    var task: Task?
    /// The blocks whose lists have no rows.
    var closed: Set<LayerPath> = []

    /// The row of a setting; nil when the lesson hides it or there is none.
    func setting(
        _ path: String, title: String? = nil, layer: LayerPath? = nil, optional: Bool = false, indented: Bool = false
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
        let task = task.map { Catalogue.task($0, of: experiment.training.procedure) }
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
        case "training.clipNorm":
            return experiment.learning.clipNorm.map { "auto: \(formatNumber($0))" } ?? "none"
        default: return path.hasPrefix("training.stop.") ? "never" : "none"
        }
    }

    private func automatic(_ choice: Choice?, _ list: CatalogueList) -> String {
        choice.map { "auto: \(Catalogue.entry(list, $0.id)?.title ?? $0.id)" } ?? "auto"
    }

    /// A choice and below it the knobs of what is chosen.
    func choice(
        _ path: String, _ list: CatalogueList, title: String? = nil, layer: LayerPath? = nil, optional: Bool = false
    ) -> [EditorRow] {
        guard let row = setting(path, title: title, layer: layer, optional: optional) else { return [] }
        guard let id = KnobWalk.choiceID(experiment.value(at: path)), let entry = Catalogue.entry(list, id) else {
            return [row]
        }
        // Names, ties and frozen layers take room only where there are some; a closed block shows no lists.
        let isClosed = list == .layer && layer.map(closed.contains) == true
        let knobs = entry.knobs.filter { knob in
            if isClosed, case .list = knob.kind { return false }
            return list != .layer || experiment.usesBonds || !LayerKnobs.ofBonds.contains(knob)
        }
        return [row] + knobs.flatMap { knobRows("\(path).\(id).\($0.name)", $0, layer: layer) }
    }

    /// A knob of an entry; when it is a choice itself (a layer's activation), with that one's knobs.
    private func knobRows(_ path: String, _ knob: Knob, layer: LayerPath?) -> [EditorRow] {
        if case .choice(let list) = knob.kind { return choice(path, list, layer: layer) }
        if case .list(let element) = knob.kind {
            return listRows(path, stack: knob.name, title: knob.title, knob, of: element, layer: layer)
        }
        return [setting(path, layer: layer, indented: true)].compactMap(\.self)
    }

    /// A list inside a block and below it what is in it.
    private func listRows(
        _ path: String, stack: String, title: String, _ knob: Knob, of element: Knob.Kind, layer: LayerPath?
    ) -> [EditorRow] {
        guard !experiment.hides(path), case .array(let values)? = experiment.value(at: path) else { return [] }
        let isStacks = if case .list = element { true } else { false }
        let count = values.count
        var rows = [
            EditorRow(
                kind: .list(path: path, holdsStacks: isStacks), knob: knob, title: title,
                value: count == 0 ? "empty" : plural(count, isStacks ? "stack" : "layer"), layer: layer,
                indented: true, block: layer.map { BlockPlace(block: $0, list: stack) })
        ]
        let own = title.hasSuffix("s") ? String(title.dropLast()) : title
        for index in values.indices {
            let (inner, name) = ("\(path).\(index)", "\(own) \(index + 1)")
            var inside: [EditorRow] = []
            switch element {
            case .choice(let list):
                var own = layer
                own?.inside.append(LayerPath.Step(stack: stack, index: index))
                inside = choice(inner, list, title: name, layer: own)
            case .list(let kind):
                inside = listRows(inner, stack: "\(stack).\(index)", title: name, knob, of: kind, layer: layer)
            default: break
            }
            rows += inside.map { row in
                var row = row
                // An inner list's own row stands for the list as a whole, all others for their innermost element.
                if row.block == nil, let layer { row.block = BlockPlace(block: layer, list: stack, index: index) }
                return row
            }
        }
        return rows
    }
}

/// "60 /s", "unlimited".
func speedText(_ epochsPerSecond: Double?) -> String {
    epochsPerSecond.map { formatNumber($0) + " ep/s" } ?? "unlimited"
}

import Basics
import Engine
import Session

/// A row's place in a list inside a block.
struct BlockPlace: Sendable, Hashable {
    var block: LayerPath
    /// The list's name in the block: "body", "stacks", of a list of stacks one of them "stacks.1".
    var list: String
    /// The element; nil for the list's own row.
    var index: Int?

    /// The stack in the list of stacks that the row stands for, as a place in that list; nil: it stands for something else.
    fileprivate var ownStack: BlockPlace? {
        let parts = list.split(separator: ".")
        guard index == nil, parts.count > 1, let stack = Int(parts[1]) else { return nil }
        return BlockPlace(block: block, list: String(parts[0]), index: stack)
    }
}

/// A place among the layers of a stack: in the network's own, or in one inside a block.
struct StackPlace {
    /// Of the selected layer; where the row stands for none, of the place behind the last one.
    var path: LayerPath
    /// All of the stack.
    var layers: [Choice]

    /// The selected layer; nil: none.
    var layer: Choice? { layers.indices.contains(path.indexInStack) ? layers[path.indexInStack] : nil }

    func path(at index: Int) -> LayerPath { path.sibling(at: index) }
}

extension EditorRow.Kind {
    /// The list of layers or of stacks at a key path inside a block.
    static func list(path: String, holdsStacks: Bool) -> Self {
        // Of a list of stacks each has a row of its own, whose path ends in its number.
        let isStack = Int(path.split(separator: ".").last ?? "") != nil
        return Self(
            id: path, path: path, hasArrows: false,
            change: { app, _ in
                app.notice = Notice(EditorRow.Kind.listKeys(isStack: isStack, holdsStacks: holdsStacks, app))
            },
            explain: { explanation, _, app in
                let keys = EditorRow.Kind.listKeys(isStack: isStack, holdsStacks: holdsStacks, app)
                explanation.words += " The key \(keys)."
            })
    }

    /// The keys of the stack and their work on a list's row.
    fileprivate static func listKeys(isStack: Bool, holdsStacks: Bool, _ app: App) -> String {
        let keys = ["add", "delete", "duplicate", "down", "up"].map { app.label("layer.\($0)") }
        let (added, removed) =
            holdsStacks
            ? ("an empty stack", "on a stack's own row \(keys[1]) removes it")
            : isStack
                ? ("a layer to this stack", "\(keys[1]) removes the stack")
                : ("a layer", "on a layer's own row \(keys[1]) removes it")
        return "\(keys[0]) adds \(added); \(removed), \(keys[2]) doubles it, \(keys[3]) and \(keys[4]) move it"
    }
}

extension Experiment {
    /// The key path of a list in a block: "layers.2.residual.body"; nil: there is none.
    fileprivate func keyPath(of place: BlockPlace) -> String? {
        keyPath(ofLayer: place.block).flatMap { path in
            layer(at: place.block).map { "\(path).\($0.id).\(place.list)" }
        }
    }

    /// The place of a row inside a block among the layers of its stack; nil: its list is one of stacks.
    fileprivate func stackPlace(of place: BlockPlace) -> StackPlace? {
        var path = place.block
        path.inside.append(LayerPath.Step(stack: place.list, index: place.index ?? 0))
        guard let layers = stack(around: path) else { return nil }
        return StackPlace(path: path.sibling(at: place.index ?? layers.count), layers: layers)
    }
}

/// Blocks: layers that hold stacks of layers, which are edited with the same keys as the stack itself.
extension App {
    /// The place within a block that the keys of the stack act on; nil: on the stack itself.
    var blockPlace: BlockPlace? { selectedRow(of: .stack)?.block }

    /// The place of the selected row among the layers of its stack; nil: it stands for a list of stacks.
    var stackPlace: StackPlace? {
        guard let place = blockPlace else {
            return StackPlace(path: selectedLayer.outermost, layers: experiment.layers)
        }
        return experiment.stackPlace(of: place)
    }

    /// The key path of the layer that the selected row of the stack belongs to, in a block of the innermost one.
    var selectedLayerPath: String? {
        guard let place = blockPlace else { return "layers.\(selectedLayer.index)" }
        guard place.index != nil, let own = experiment.stackPlace(of: place), own.layer != nil else {
            // A list's own row: the block that it belongs to.
            return experiment.keyPath(ofLayer: place.block)
        }
        return experiment.keyPath(ofLayer: own.path)
    }

    /// Selects the row of a layer that has come to stand at a place: in a block that of the element.
    /// - Parameter row: the row that was selected, from before the layers were others.
    mutating func select(placed path: LayerPath, like row: EditorRow?) {
        guard let block = path.block, let step = path.inside.last else { return select(layer: path, like: row) }
        select(BlockPlace(block: block, list: step.stack, index: step.index))
    }

    /// Selects the row of a place in a block.
    mutating func select(_ wanted: BlockPlace) {
        if let list = editing.rows[.stack],
            let row = list.firstIndex(where: { $0.block == wanted || $0.block?.ownStack == wanted })
        {
            editing.selection[.stack] = row
        }
        refresh()
    }

    /// Adds, takes away, doubles or moves a whole stack of a block.
    /// - Parameter edit: takes the stacks and the selected one's index, and gives the index of the one to select; nil: there is none.
    /// - Returns: false: the row stands for a layer, or for a place among layers.
    private mutating func editStacks(
        _ place: BlockPlace?, _ edit: (inout [JSON], _ index: Int?) -> Int?
    ) -> Bool {
        guard let place, let path = experiment.keyPath(of: place),
            case .array(var stacks)? = experiment.value(at: path)
        else { return false }
        let selected = edit(&stacks, place.index)
        let before = experiment
        act(.set(path: path, .array(stacks)))
        guard experiment != before else {
            if notice?.bad != true { notice = Self.staysInStack }
            return true
        }
        select(BlockPlace(block: place.block, list: place.list, index: selected))
        return true
    }

    static let staysInStack: Notice = "a layer in a block moves within its stack"

    /// Changes the stack of a block that the row stands for.
    /// - Returns: false: it stands for a layer.
    private mutating func editOwnStack(_ edit: (inout [JSON], _ index: Int) -> Int?) -> Bool {
        guard let place = blockPlace, place.index == nil else { return false }
        guard let own = place.ownStack else {
            notice = Notice(EditorRow.Kind.listKeys(isStack: false, holdsStacks: stackPlace == nil, self))
            return true
        }
        return editStacks(own) { stacks, index in index.flatMap { edit(&stacks, $0) } }
    }

    /// An empty stack in a block's list of stacks, where the row stands for that.
    mutating func addStack() -> Bool {
        guard stackPlace == nil else { return false }
        return editStacks(blockPlace) { stacks, _ in
            stacks.append(.array([]))
            return stacks.count - 1
        }
    }

    mutating func deleteStack() -> Bool {
        editOwnStack { stacks, index in
            stacks.remove(at: index)
            return stacks.isEmpty ? nil : min(index, stacks.count - 1)
        }
    }

    mutating func duplicateStack() -> Bool {
        let layers = experiment.layers
        return editOwnStack { stacks, index in
            guard case .array(let stack) = stacks[index] else { return index }
            stacks.insert(.array(stack.map { $0.changingLayer(layers.copy(of:)) }), at: index + 1)
            return index + 1
        }
    }

    mutating func moveStack(_ delta: Int) -> Bool {
        editOwnStack { stacks, index in
            guard stacks.indices.contains(index + delta) else { return index }
            stacks.swapAt(index, index + delta)
            return index + delta
        }
    }

    /// A layer for an empty stack of a block: a projection to what the block gives.
    var fittingLayer: Choice {
        Catalogue.projection(units: outline?[blockPlace?.block ?? selectedLayer.outermost]?.output.count)
    }

    private func projection(units: Int?) -> JSON {
        KnobWalk.json(Catalogue.projection(units: units))
    }

    /// A layer of another kind in the place of the present one: a block takes it in, and a single layer comes out of its block.
    /// - Returns: nil where layers in a block would be lost.
    func layerValue(_ value: JSON, at path: String) -> JSON? {
        guard case .string(let id) = value, case .choice(.layer)? = experiment.knob(at: path)?.kind,
            let entry = Catalogue.entry(.layer, id), let present = experiment.value(at: path)
        else { return value }
        let inside = Self.stacks(in: present)
        // A block of the kind that is there already stays with its layers.
        if KnobWalk.choiceID(present) == id { return inside.isEmpty ? value : present }
        let lists = entry.knobs.filter { if case .list = $0.kind { true } else { false } }
        guard let first = lists.first else {
            let layers = Array(inside.joined())
            guard let only = layers.first else { return fittingSteps(id, at: path) ?? value }
            return layers.count == 1 && KnobWalk.choiceID(only) == id ? only : nil
        }
        let stacks = inside.isEmpty ? [[present]] : inside
        let takesStacks = if case .list(.list) = first.kind { true } else { false }
        // A list of stacks takes all of them, another list one.
        guard takesStacks || stacks.count <= lists.count else { return nil }
        let plain: [JSON.Member] =
            takesStacks
            ? [JSON.Member(first.name, .array((stacks.count > 1 ? stacks : stacks + [[]]).map { .array($0) }))]
            : zip(lists, stacks).map { JSON.Member($0.name, .array($1)) }
        // Where the body changes the number of values, the way past it needs a projection.
        let own = path == selectedLayerPath ? stackPlace?.path : nil
        let units = own.flatMap { outline?[$0]?.output.count }
        let projected =
            plain + lists.dropFirst(plain.count).map { JSON.Member($0.name, .array([projection(units: units)])) }
        // Where the layers behind take no other number of values, the stacks are joined in a way that keeps it.
        let joined = entry.knobs.flatMap { knob -> [[JSON.Member]] in
            guard case .word(let words) = knob.kind else { return [] }
            return words.map { plain + [JSON.Member(knob.name, .string($0))] }
        }
        let candidates = ([plain, projected] + joined).map { JSON.object([JSON.Member(id, .object($0))]) }
        return candidates.first { candidate in
            guard let changed = try? experiment.setting(path, to: candidate) else { return false }
            return (try? changed.validate()) != nil
        } ?? candidates[0]
    }

    /// A recurrent layer that hands on all its states where its last one alone does not fit; nil: as it is.
    private func fittingSteps(_ id: String, at path: String) -> JSON? {
        guard let all = Choice(id).returningAllSteps.map({ KnobWalk.json($0) }) else { return nil }
        func fits(_ value: JSON) -> Bool {
            guard let changed = try? experiment.setting(path, to: value) else { return false }
            return (try? changed.validate()) != nil
        }
        return !fits(.string(id)) && fits(all) ? all : nil
    }

    static let wouldLoseLayers = Notice(
        "the layers in the block would be lost: take them out with x first, or delete the block", bad: true)

    /// The stacks of layers in a block that hold something; none for another layer.
    private static func stacks(in layer: JSON) -> [[JSON]] {
        guard let id = KnobWalk.choiceID(layer), let entry = Catalogue.entry(.layer, id) else { return [] }
        return entry.knobs.flatMap { knob -> [[JSON]] in
            let value = layer[id]?[knob.name] ?? KnobWalk.json(knob.defaultValue)
            guard case .list(let element) = knob.kind, case .array(let elements) = value else { return [] }
            guard case .list = element else { return [elements] }
            return elements.map { if case .array(let stack) = $0 { stack } else { [] } }
        }.filter { !$0.isEmpty }
    }
}

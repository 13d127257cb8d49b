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

    /// The element that the row stands for: a stack's own row is an element of the list of stacks. nil: none.
    fileprivate var element: BlockPlace? {
        if index != nil { return self }
        let parts = list.split(separator: ".")
        guard parts.count > 1, let stack = Int(parts[1]) else { return nil }
        return BlockPlace(block: block, list: String(parts[0]), index: stack)
    }
}

extension Experiment {
    /// The key path of a list in a block: "layers.2.residual.body"; nil: there is none.
    fileprivate func keyPath(of place: BlockPlace) -> String? {
        keyPath(ofLayer: place.block).flatMap { path in
            layer(at: place.block).map { "\(path).\($0.id).\(place.list)" }
        }
    }
}

/// Blocks: layers that hold stacks of layers. Their lists are edited with the same keys as the stack itself.
extension App {
    /// The place within a block that the keys of the stack act on; nil: on the stack itself.
    var blockPlace: BlockPlace? { selectedRow(of: .stack)?.block }

    /// The key path of the layer that the selected row of the stack belongs to, in a block of the innermost one.
    var selectedLayerPath: String? {
        guard let place = blockPlace else { return "layers.\(selectedLayer.index)" }
        guard let index = place.index, let list = experiment.keyPath(of: place),
            case .choice(.layer)? = experiment.knob(at: "\(list).\(index)")?.kind
        else {
            // A list's own row: the block that it belongs to.
            return experiment.keyPath(ofLayer: place.block)
        }
        return "\(list).\(index)"
    }

    /// Changes the list that the selected row belongs to.
    /// - Parameters:
    ///   - place: the list, and an element of it.
    ///   - edits: of which the first is done that the experiment takes. Each takes the elements and the selected one's index; the
    ///     result, the same of all, is the index of the element to select.
    /// - Returns: whether the row is inside a block at all.
    private mutating func editBlock(
        _ place: BlockPlace?, _ edits: [(inout [JSON], _ index: Int?) -> Int?]
    ) -> Bool {
        guard let place, let path = experiment.keyPath(of: place),
            case .array(let elements)? = experiment.value(at: path)
        else { return false }
        var selected: Int?
        let actions = edits.map { edit in
            var changed = elements
            selected = edit(&changed, place.index)
            return Action.set(path: path, .array(changed))
        }
        let before = experiment
        act(firstFitting(actions))
        guard experiment != before, let list = editing.rows[.stack] else {
            if notice?.bad != true { notice = "a layer in a block moves within its stack" }
            return true
        }
        let wanted = BlockPlace(block: place.block, list: place.list, index: selected)
        if let row = list.firstIndex(where: { $0.block == wanted || $0.block?.element == wanted }) {
            editing.selection[.stack] = row
        }
        refresh()
        return true
    }

    /// Changes the list that the selected row is an element of.
    private mutating func editElement(_ edits: (inout [JSON], _ index: Int) -> Int?...) -> Bool {
        guard let place = blockPlace else { return false }
        guard let element = place.element, let index = element.index else {
            notice = "a adds a layer here; to delete, double or move one, go to its row"
            return true
        }
        return editBlock(element, edits.map { edit in { elements, _ in edit(&elements, index) } })
    }

    /// A layer like the selected one where it fits, one that hands on all steps, or a projection; in an empty list one that fits.
    mutating func addInsideBlock(after: Bool) -> Bool {
        let fitting = fittingElement
        let changes: [(Choice) -> Choice?] = [{ $0.fresh }, { $0.fresh.returningAllSteps }, { _ in nil }]
        return editBlock(
            blockPlace,
            changes.map { change in
                { elements, index in
                    let place = index.map { $0 + (after ? 1 : 0) } ?? elements.count
                    let model = (index.map { elements[$0] } ?? elements.last).flatMap { Self.changed($0, change) }
                    elements.insert(model ?? fitting, at: place)
                    return place
                }
            })
    }

    /// An element of a list with its layers changed: a layer, or a stack of them.
    /// - Returns: nil where a layer cannot be changed so.
    private static func changed(_ element: JSON, _ change: (Choice) -> Choice?) -> JSON? {
        if case .array(let layers) = element {
            let all = layers.compactMap { changed($0, change) }
            return all.count == layers.count ? .array(all) : nil
        }
        var isChanged = true
        let result = element.changingLayer { layer in
            let other = change(layer)
            isChanged = isChanged && other != nil
            return other ?? layer
        }
        return isChanged ? result : nil
    }

    mutating func deleteInsideBlock() -> Bool {
        editElement { elements, index in
            elements.remove(at: index)
            return elements.isEmpty ? nil : min(index, elements.count - 1)
        }
    }

    mutating func duplicateInsideBlock() -> Bool {
        let layers = experiment.layers
        return editElement(
            { elements, index in
                elements.insert(Self.changed(elements[index], layers.copy(of:)) ?? elements[index], at: index + 1)
                return index + 1
            },
            { elements, index in
                // Before a layer that hands on its last state stands one that hands on all.
                guard let all = Self.changed(elements[index], { layers.copy(of: $0).returningAllSteps }) else {
                    return index
                }
                elements.insert(all, at: index)
                return index + 1
            })
    }

    mutating func moveInsideBlock(_ delta: Int) -> Bool {
        editElement { elements, index in
            guard elements.indices.contains(index + delta) else { return index }
            elements.swapAt(index, index + delta)
            return index + delta
        }
    }

    /// The first element of an empty list: an empty stack, or a projection to what the block gives.
    private var fittingElement: JSON {
        if let path = blockPlace.flatMap({ experiment.keyPath(of: $0) }),
            case .list(.list)? = experiment.knob(at: path)?.kind
        {
            return .array([])
        }
        return projection(units: unitsOfSelectedLayer)
    }

    private var unitsOfSelectedLayer: Int? {
        outline?[selectedLayer.outermost]?.output.count
    }

    private func projection(units: Int?) -> JSON {
        KnobWalk.json(Catalogue.projection(units: units))
    }

    /// A layer of another kind in the place of the present one: a block takes it in, and a single layer comes out of its block.
    /// - Returns: nil where layers in a block would be lost.
    func layerValue(_ value: JSON, at path: String) -> JSON? {
        guard case .string(let id) = value, case .choice(.layer)? = experiment.knob(at: path)?.kind,
            let entry = Catalogue.entry(.layer, id), let present = experiment.value(at: path),
            KnobWalk.choiceID(present) != id
        else { return value }
        let inside = Self.stacks(in: present)
        let lists = entry.knobs.filter { if case .list = $0.kind { true } else { false } }
        guard let first = lists.first else {
            let layers = Array(inside.joined())
            guard let only = layers.first else { return value }
            return layers.count == 1 && KnobWalk.choiceID(only) == id ? only : nil
        }
        let stacks = inside.isEmpty ? [[present]] : inside
        let body: JSON =
            if case .list(.list) = first.kind {
                .array((stacks.count > 1 ? stacks : stacks + [[]]).map { .array($0) })
            } else {
                .array(stacks[0])
            }
        let plain = [JSON.Member(first.name, body)]
        // Where the body changes the number of values, the way past it needs a projection.
        let units = path == "layers.\(selectedLayer.index)" ? unitsOfSelectedLayer : nil
        let projected = plain + lists.dropFirst().map { JSON.Member($0.name, .array([projection(units: units)])) }
        let candidates = [plain, projected].map { JSON.object([JSON.Member(id, .object($0))]) }
        return candidates.first { candidate in
            guard let changed = try? experiment.setting(path, to: candidate) else { return false }
            return (try? changed.validate()) != nil
        } ?? candidates[0]
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

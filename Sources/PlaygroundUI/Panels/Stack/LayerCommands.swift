import Engine
import Session

/// The keys that add, delete, double and move layers.
enum LayerCommands {
    static let all: [Command] = [
        layer("layer.add", "add a layer below this one", hint: "add", keys: ["a"]) { $0.addLayer(after: true) },
        layer("layer.insert", "insert a layer above this one", keys: ["i"]) { $0.addLayer(after: false) },
        layer("layer.delete", "delete this layer", hint: "delete", keys: ["x", "del"]) { $0.deleteLayer() },
        layer("layer.duplicate", "duplicate this layer", keys: ["d", "y"]) { $0.duplicateLayer() },
        layer("layer.down", "move this layer down", hint: "move", keys: ["J"]) { $0.moveLayer(1) },
        layer("layer.up", "move this layer up", hint: "move", keys: ["K"]) { $0.moveLayer(-1) },
        Command(
            "layer.again", "draw this layer's weights anew, the others stay", keys: ["R"], panels: [.stack],
            disabled: { $0.layerPlaces.isEmpty ? "this layer has no weights" : nil }
        ) { app in
            app.drawAnew(app.layerPlaces)
        },
        Command(
            "layer.freeze", "freeze this layer, or let it learn again", keys: ["F"], panels: [.stack],
            control: "layers"
        ) { $0.toggleFrozen() },
        Command(
            "layer.name", "name this layer, for others to be tied to it", keys: [], panels: [.stack], control: "layers"
        ) {
            $0.askForBond(LayerKnobs.name.name)
        },
        Command(
            "layer.tie", "tie this layer to an earlier one: it uses that one's weights, transposed", keys: [],
            panels: [.stack], control: "layers"
        ) { $0.askForBond(LayerKnobs.tied.name) },
        Command(
            "block.open", "open the block: its layers stand above it in the picture", hint: "open block", keys: ["+"],
            panels: [.stack],
            disabled: { app in
                guard let block = app.blockAtHand else { return needsBlock }
                return app.showsLayers(of: block) ? "the block is open" : nil
            }
        ) { $0.setBlock(open: true) },
        Command(
            "block.close", "close the block: its layers are one row", hint: "close block", keys: ["-"],
            panels: [.stack],
            disabled: { app in
                guard let block = app.blockAtHand else { return needsBlock }
                return app.plots.stack.closed.contains(block) ? "the block is closed" : nil
            }
        ) { $0.setBlock(open: false) },
        Command("layer.previous", "the layer above", keys: ["pgup", "{"], panels: [.stack]) { app in
            app.select(layer: LayerPath(max(-1, app.selectedLayer.index - 1)))
        },
        Command("layer.next", "the layer below", keys: ["pgdn", "}"], panels: [.stack]) { app in
            app.select(layer: LayerPath(min(app.experiment.layers.count, app.selectedLayer.index + 1)))
        },
    ]

    private static let needsBlock = "no block here: residual and branches are layers that hold others"

    /// Commands that change the layers' number or order.
    private static func layer(
        _ id: String, _ help: String, hint: String? = nil, keys: [String],
        run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            id, help, hint: hint, keys: keys, panels: [.stack], control: "layers",
            disabled: { $0.takenAway("layerCount") }, run: run)
    }
}

/// The selected layer, and edits of the layers' number and order.
extension App {
    /// The layer of the selected row, within blocks the innermost one.
    var selectedLayer: LayerPath { selectedRow(of: .stack)?.layer ?? .input }

    /// The selected block, or the innermost one that the selected layer is in; nil: none.
    var blockAtHand: LayerPath? {
        let layer = selectedLayer
        return outline?[layer]?.isBlock == true ? layer : layer.block
    }

    /// The block's own layers stand in the picture.
    fileprivate func showsLayers(of block: LayerPath) -> Bool {
        !plots.stack.closed.contains(block) && shownLayers.contains { $0 != block && block.contains($0) }
    }

    mutating func setBlock(open: Bool) {
        guard let block = blockAtHand else { return }
        if open {
            plots.stack.closed.remove(block)
            plots.stack.opened.insert(block)
        } else {
            plots.stack.closed.insert(block)
            plots.stack.opened.remove(block)
            if plots.cursor.map({ block.contains($0.layer) }) == true { plots.cursor = nil }
            select(layer: block)
        }
        refresh()
    }

    /// Selects the first row of a layer, the one with the same title as before when it has one, but none inside a block.
    mutating func select(layer: LayerPath) { select(layer: layer, like: selectedRow(of: .stack)) }

    /// - Parameter row: the row that was selected, from before the layers were others.
    mutating func select(layer: LayerPath, like row: EditorRow?) {
        guard let list = editing.rows[.stack] else { return }
        editing.selection[.stack] =
            list.firstIndex { $0.layer == layer && $0.title == row?.title && $0.block == nil }
            ?? list.firstIndex { $0.layer == layer } ?? 0
        refresh()
    }

    /// The cursor over the network goes to the selected layer; it leaves where that has no units.
    mutating func followSelection() {
        let layer = shown(selectedLayer)
        guard let cursor = plots.cursor, let outline, cursor.layer != layer, layer.isInput || outline[layer] != nil
        else {
            return
        }
        plots.cursor =
            outline.hasUnits(layer: layer)
            ? NetworkCursor(layer: layer, unit: min(cursor.unit, outline.unitCount(layer: layer) - 1)) : nil
    }

    /// The first of several changes that the experiment takes; the first of all where it takes none, which says why.
    func firstFitting(_ actions: [Action]) -> Action {
        actions.first { action in
            var trial = session
            return (try? trial.reduce(action, at: now, schema: schema)) != nil
        } ?? actions[0]
    }

    /// A layer of a kind as it may come to stand among the network's own: with its standard settings, handing on all steps, or with
    /// settings that fit the values there.
    func layers(of id: String, at place: LayerPath) -> [Choice] {
        let values = place.index > 0 ? outline?[LayerPath(place.index - 1)]?.output : outline?.input
        let standard = Choice(id)
        return [standard, standard.returningAllSteps, values.map { Catalogue.layer(id, fitting: $0) }]
            .compactMap(\.self)
    }

    /// A layer like the selected one where it fits, one that hands on all steps, or the catalogue's first; in a block a projection.
    mutating func addLayer(after: Bool) {
        if addStack() { return }
        guard let place = stackPlace else { return }
        let count = place.layers.count
        let model = place.layer ?? place.layers.last
        let other = blockPlace == nil ? Catalogue.entries(.layer).first.map { Choice($0.id) } : fittingLayer
        let fitting = [model?.fresh, model?.fresh.returningAllSteps, other].compactMap { $0 }
        guard !fitting.isEmpty else { return }
        let index = place.path.indexInStack
        let isBehind = index >= count
        let target = place.path(at: min(max(0, after && !isBehind ? index + 1 : index), count))
        let row = selectedRow(of: .stack)
        let before = experiment
        act(firstFitting(fitting.map { .insertLayer($0, at: target) }))
        if experiment != before { select(placed: target, like: row) }
    }

    mutating func deleteLayer() {
        if deleteStack() { return }
        guard let place = stackPlace, place.layer != nil else {
            notice = selectedLayer.isInput ? "the input stays; turn features off in Features" : "the output layer stays"
            return
        }
        let (row, block, before) = (selectedRow(of: .stack), blockPlace, experiment)
        act(.deleteLayer(place.path))
        guard experiment != before else { return }
        // The row of the layer after it; of a block's last one that of the layer before, or the list's own.
        guard let block else { return select(placed: place.path, like: row) }
        let last = place.layers.count - 2
        select(BlockPlace(block: block.block, list: block.list, index: last < 0 ? nil : min(last, block.index ?? 0)))
    }

    mutating func duplicateLayer() {
        if duplicateStack() { return }
        guard let place = stackPlace, let layer = place.layer else {
            notice = "only hidden layers can be duplicated"
            return
        }
        let (row, before) = (selectedRow(of: .stack), experiment)
        // Before a layer that hands on its last state stands one that hands on all.
        let other = experiment.layers.copy(of: layer).returningAllSteps
        act(firstFitting([.duplicateLayer(place.path)] + (other.map { [.insertLayer($0, at: place.path)] } ?? [])))
        guard experiment != before else { return }
        select(placed: place.path(at: place.path.indexInStack + 1), like: row)
    }

    /// Freezes the selected layer or block, in a block the innermost layer that the row belongs to, or thaws it.
    mutating func toggleFrozen() {
        let own: String
        let isNamed: (String) -> Bool
        if selectedLayer.index == experiment.layers.count {
            (own, isNamed) = ("output.frozen", { $0 == "output" })
        } else if experiment.layers.indices.contains(selectedLayer.index), let path = selectedLayerPath,
            let id = KnobWalk.choiceID(experiment.value(at: path))
        {
            guard !experiment.isInFrozenBlock(path) else {
                notice =
                    "the block around this layer is frozen, and so is all inside it; F on the block's own row lets it learn"
                return
            }
            let layers = experiment
            (own, isNamed) = ("\(path).\(id).\(LayerKnobs.frozen.name)", { layers.layerPath(of: $0) == path })
        } else {
            notice = "the input has nothing to freeze; choose a layer"
            return
        }
        let before = experiment
        let rest = before.initial.freeze.filter { !isNamed($0) }
        let isFrozen = before.value(at: own) == .bool(true) || rest != before.initial.freeze
        var changes = [JSON.Member(own, .bool(!isFrozen))]
        if rest != before.initial.freeze {
            changes.append(JSON.Member("initial.freeze", .array(rest.map { .string($0) })))
        }
        act(changes.count == 1 ? .set(path: own, .bool(!isFrozen)) : .settings(changes))
        guard experiment != before, notice?.bad != true else { return }
        notice = isFrozen ? "the layer learns again" : "frozen: the layer keeps its weights while the others learn"
    }

    /// Asks for the selected layer's name, or for what it is tied to.
    mutating func askForBond(_ name: String) {
        guard experiment.layers.indices.contains(selectedLayer.index), let path = selectedLayerPath,
            let id = KnobWalk.choiceID(experiment.value(at: path)),
            let knob = Catalogue.entry(.layer, id)?.knob(name)
        else {
            notice = name == LayerKnobs.name.name ? "choose a hidden layer" : "only a hidden dense layer can be tied"
            return
        }
        let own = "\(path).\(id).\(name)"
        popup = Prompt.setting(own, knob, typedText(of: own))
    }

    mutating func moveLayer(_ delta: Int) {
        if moveStack(delta) { return }
        guard let place = stackPlace, place.layer != nil,
            place.layers.indices.contains(place.path.indexInStack + delta)
        else {
            notice =
                blockPlace == nil ? "a hidden layer moves between the input and the output" : Self.staysInStack
            return
        }
        let (row, target) = (selectedRow(of: .stack), place.path(at: place.path.indexInStack + delta))
        let before = experiment
        act(.moveLayer(from: place.path, to: target))
        if experiment != before { select(placed: target, like: row) }
    }
}

extension App {
    /// The places in the flat parameters of the selected layer's weights.
    fileprivate var layerPlaces: [Int] {
        guard let outline = newest?.outline, let layer = outline[shown(selectedLayer)] else { return [] }
        return layer.leaves.flatMap(\.tensors).map { outline.tensors[$0] }.filter(\.isTrained).flatMap {
            Array($0.offset..<$0.offset + $0.count)
        }
    }
}

import Engine
import Session
import TerminalKit

/// The keys over neurons, weights and biases: a cursor, its ways, and what is done with the number under it.
enum NetworkCommands {
    /// In the stack's table: they show the cursor.
    static let all: [Command] = [
        Command(
            "network.cursor", "a cursor over neurons, weights and biases", hint: "weights", keys: ["w"],
            panels: [.stack],
            disabled: { app in
                app.snapshot == nil ? "there is no network yet" : app.plots.cursor != nil ? "the cursor is there" : nil
            }
        ) { app in
            guard let outline = app.snapshot?.outline else { return }
            app.setCursor(NetworkPanel.fitted(NetworkCursor(layer: app.shown(app.selectedLayer), unit: 0), outline))
        },
        Command(
            "network.pictures", "of image layers the maps, their kernels, or the loss's gradient at both",
            hint: "pictures", keys: ["T"], panels: [.stack], disabled: needsMaps
        ) { $0.plots.stack.pictures = $0.plots.stack.pictures.next }.for(.images),
        Command(
            "network.scale", "maps by a scale of their own, or all of a layer by one", hint: "scale", keys: ["Y"],
            panels: [.stack], disabled: needsMaps
        ) { $0.plots.stack.scalesByTile.toggle() }.for(.images),
    ]

    /// In front of the stack's own keys while the cursor is there; esc takes it away.
    static let cursor: [Command] = [
        Command(
            "cursor.left", "the unit, or the weight, to the left", hint: "walk", keys: ["left", "h"], panels: [.stack],
            disabled: needsCursor
        ) {
            move(&$0, across: -1, along: 0)
        }.lasting,
        Command(
            "cursor.right", "the unit, or the weight, to the right", hint: "walk", keys: ["right", "l"],
            panels: [.stack], disabled: needsCursor
        ) {
            move(&$0, across: 1, along: 0)
        },
        Command(
            "cursor.up", "the layer above", hint: "walk", keys: ["up", "k"], panels: [.stack], disabled: needsCursor
        ) { move(&$0, across: 0, along: -1) },
        Command(
            "cursor.down", "the layer below", hint: "walk", keys: ["down", "j"], panels: [.stack], disabled: needsCursor
        ) { move(&$0, across: 0, along: 1) },
        Command(
            "cursor.links", "a neuron, or the weights that lead to it", hint: "weight", keys: ["w"],
            panels: [.stack], disabled: needsCursor
        ) {
            toggleLinks(&$0)
        }.lasting.saying { $0.plots.cursor?.from != nil ? "neuron" : nil },
        Command(
            "cursor.response", "this neuron's response in place of the output", hint: "show", keys: ["u"],
            panels: [.stack], control: "view.neuron", disabled: needsCursor
        ) { app in
            guard let cursor = app.plots.cursor, let outline = app.snapshot?.outline else { return }
            app.keepResponse(of: NetworkPanel.fitted(NetworkCursor(layer: cursor.layer, unit: cursor.unit), outline))
        },
        Command(
            "cursor.type", "type the number of the weight, or of the neuron's bias", hint: "set", keys: ["enter"],
            panels: [.stack],
            disabled: { needsCursor($0) ?? (adjustable($0) == nil ? "there is no number to set here" : nil) }
        ) { app in
            guard let (cursor, value) = adjustable(app) else { return }
            let number = formatNumber(Double(value), digits: 5)
            let typed = String(number.compactMap { $0 == "−" ? "-" : $0 == "," ? nil : $0 })
            app.popup = Prompt.parameter(cursor, typed)
        }.lasting,
        Command(
            "cursor.more", "the weight, or the neuron's bias, a little larger; a map large, with its scale",
            hint: "more, less", keys: ["+"], panels: [.stack],
            disabled: { app in
                needsCursor(app) ?? (isMap(app) || adjustable(app) != nil ? nil : "there is no number to set here")
            }
        ) { app in
            if isMap(app) { app.plots.stack.enlargesTile = true } else { adjust(&app, 1) }
        },
        Command(
            "cursor.less", "the weight, or the neuron's bias, a little smaller; of a large map the stack again",
            hint: "more, less", keys: ["-"], panels: [.stack], disabled: needsCursor
        ) { app in
            if isMap(app) || adjustable(app) == nil { leave(&app) } else { adjust(&app, -1) }
        }.saying { isMap($0) || adjustable($0) != nil ? nil : "leave" },
        Command(
            "cursor.again", "draw the weight anew, or all of the neuron's weights", hint: "draw anew", keys: ["R"],
            panels: [.stack], disabled: { needsCursor($0) ?? (places($0).isEmpty ? "it has no weights" : nil) }
        ) { app in
            app.drawAnew(places(app))
        },
        Command(
            "cursor.lock", "lock the weight, or all of the neuron's weights: it stays as it is; again: it learns",
            hint: "lock", keys: ["F"], panels: [.stack], control: "training.locked",
            disabled: { needsCursor($0) ?? (places($0).isEmpty ? "it has no weights" : nil) }
        ) { app in
            guard let outline = app.newest?.outline else { return }
            let addresses = places(app).compactMap { address(of: $0, outline) }
            var locked = app.experiment.training.locked
            let isLocked = addresses.allSatisfy { locked.contains($0) }
            locked.removeAll { addresses.contains($0) }
            if !isLocked { locked += addresses }
            let numbers = addresses.count == 1 ? "this number" : "\(addresses.count) numbers"
            guard app.act(.set(path: "training.locked", .array(locked.map { .string($0) }))) == nil else { return }
            let (learn, stay) = addresses.count == 1 ? ("learns", "stays as it is") : ("learn", "stay as they are")
            app.notice = Notice(isLocked ? "\(numbers) \(learn) again" : "locked: \(numbers) \(stay)")
        },
        Command(
            "cursor.numbers", "the numbers of the large map, or its picture", hint: "numbers", keys: ["#"],
            panels: [.stack],
            disabled: { $0.plots.stack.enlargesTile ? needsCursor($0) : "+ enlarges a map under the cursor" }
        ) { $0.plots.stack.showsTileNumbers.toggle() },
        Command(
            "cursor.leave", "the stack again, and then no cursor", hint: "back", keys: ["esc"], panels: [.stack],
            disabled: needsCursor
        ) { leave(&$0) }.lasting,
    ]

    /// A parameter as `training.locked` names it: "output.weight 3".
    static func address(of place: Int, _ outline: Outline) -> String? {
        outline.tensors.first { place >= $0.offset && place < $0.offset + $0.count }
            .map { "\($0.name) \(place - $0.offset)" }
    }

    private static func leave(_ app: inout App) {
        if app.plots.stack.enlargesTile { app.plots.stack.enlargesTile = false } else { app.plots.cursor = nil }
    }

    private static func isMap(_ app: App) -> Bool {
        guard let outline = app.snapshot?.outline, let cursor = app.plots.cursor else { return false }
        return NetworkPanel.fitted(cursor, outline).map { outline.hasMaps(layer: $0.layer) } == true
    }

    /// One step of a number by a key: 0.1, of numbers from 10 on 1, and so on.
    private static func adjust(_ app: inout App, _ direction: Float) {
        guard let (cursor, _) = adjustable(app), let snapshot = app.newest,
            let parameter = NetworkPanel.parameter(at: cursor, snapshot: snapshot)
        else { return }
        let value = parameter.value
        var step: Float = 0.1
        while abs(value) >= 100 * step, step < 1e6 { step *= 10 }
        let next = ((value / step).rounded() + direction) * step
        guard app.act(.setParameter(parameter.index, from: value, to: next)) == nil else { return }
        app.notice = Notice("\(formatNumber(Double(value), digits: 4)) → \(formatNumber(Double(next), digits: 4))")
    }

    /// The places in the flat parameters of the weight under the cursor, or of all numbers of the neuron.
    private static func places(_ app: App) -> [Int] {
        guard let snapshot = app.newest,
            let cursor = app.plots.cursor.flatMap({ NetworkPanel.fitted($0, snapshot.outline) })
        else {
            return []
        }
        let froms = cursor.from.map { $0...$0 } ?? NetworkPanel.places(layer: cursor.layer, snapshot.outline)
        return (froms ?? 0...0).compactMap { from in
            var one = cursor
            one.from = from
            return NetworkPanel.parameter(at: one, snapshot: snapshot)?.index
        }
    }

    @Sendable private static func needsMaps(_ app: App) -> String? {
        guard let outline = app.snapshot?.outline else { return "there is no network yet" }
        return outline.hasHiddenMaps ? nil : "no layer makes maps"
    }

    /// The number that enter sets: the weight's or the bias' under the cursor, and on a neuron its bias'.
    private static func adjustable(_ app: App) -> (cursor: NetworkCursor, value: Float)? {
        guard let snapshot = app.snapshot,
            var cursor = app.plots.cursor.flatMap({ NetworkPanel.fitted($0, snapshot.outline) })
        else { return nil }
        cursor.from = cursor.from ?? -1
        return NetworkPanel.parameter(at: cursor, snapshot: snapshot).map { (cursor, $0.value) }
    }

    @Sendable private static func needsCursor(_ app: App) -> String? {
        app.plots.cursor == nil ? "\(app.label("network.cursor")) shows a cursor over neurons and weights" : nil
    }

    private static func move(_ app: inout App, across: Int, along: Int) {
        guard let outline = app.snapshot?.outline,
            var cursor = app.plots.cursor.flatMap({ NetworkPanel.fitted($0, outline) })
        else {
            return
        }
        if let context = app.plotContext, context.isUnrolled {
            // Steps go across, units along, and at their ends the layers.
            guard along != 0 else { return app.moveTime(across) }
            if let (trace, _) = context.shownCells(of: cursor.layer), let choice = context.sequenceChoice {
                let order = UnitOrder(
                    trace, SequenceText(context.snapshot, choice), property: context.unitProperty
                ).units
                let place = order.firstIndex(of: cursor.unit % order.count)! + along
                if order.indices.contains(place) {
                    cursor.unit = order[place]
                    return app.setCursor(NetworkPanel.fitted(cursor, outline))
                }
            } else if !cursor.layer.isInput, cursor.layer != outline.output, outline.hasSteps(layer: cursor.layer),
                !outline.hasMemory(layer: cursor.layer),
                (0..<outline.tileCount(layer: cursor.layer)).contains(cursor.unit + along)
            {
                // A map of units by step without cells.
                cursor.unit += along
                return app.setCursor(NetworkPanel.fitted(cursor, outline))
            }
        }
        if along != 0 {
            let layers = app.shownLayers.filter { ($0.isInput || outline[$0] != nil) && outline.hasUnits(layer: $0) }
            let place = (layers.firstIndex(of: cursor.layer) ?? 0) + along
            guard layers.indices.contains(place) else { return }
            cursor.layer = layers[place]
        } else if let from = cursor.from, let places = NetworkPanel.places(layer: cursor.layer, outline) {
            // Through the bias and the weights of this unit, and on to the next unit's.
            let units = outline.tileCount(layer: cursor.layer)
            cursor.from = from + across
            if cursor.from! > places.upperBound {
                cursor.unit = (cursor.unit + 1) % units
                cursor.from = places.lowerBound
            } else if cursor.from! < places.lowerBound {
                cursor.unit = (cursor.unit - 1 + units) % units
                cursor.from = places.upperBound
            }
        } else {
            let units = outline.tileCount(layer: cursor.layer)
            cursor.unit = (cursor.unit + across + units) % units
        }
        app.setCursor(NetworkPanel.fitted(cursor, outline))
    }

    /// Sends a typed number to the trainer.
    /// - Returns: what is wrong with it, or nil.
    static func set(_ cursor: NetworkCursor, to text: String, in app: inout App) -> String? {
        guard let value = Float(String(text.map { $0 == "−" ? "-" : $0 })), value.isFinite else {
            return "expected a number such as -0.25, found \(text)"
        }
        // A moment before that is looked at has numbers that are no longer there.
        guard let snapshot = app.newest, let parameter = NetworkPanel.parameter(at: cursor, snapshot: snapshot) else {
            return "this weight is no longer there"
        }
        app.act(.setParameter(parameter.index, from: parameter.value, to: value))
        return nil
    }

    private static func toggleLinks(_ app: inout App) {
        guard let outline = app.snapshot?.outline, var cursor = app.plots.cursor else { return }
        cursor.from = cursor.from == nil ? 0 : nil
        app.plots.cursor = NetworkPanel.fitted(cursor, outline)
        if cursor.from != nil, app.plots.cursor?.from == nil {
            app.notice = "no single weights lead to this neuron"
        }
    }
}

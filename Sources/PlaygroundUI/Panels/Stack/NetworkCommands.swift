import Engine
import Session
import TerminalKit

extension NetworkPanel {
    /// In the stack's table: they show the cursor.
    public static let commands: [Command] = [
        Command(
            "network.cursor", "a cursor over neurons, weights and biases", hint: "weights", keys: ["w"],
            panels: [.stack],
            disabled: { app in
                app.snapshot == nil ? "there is no network yet" : app.plots.cursor != nil ? "the cursor is there" : nil
            }
        ) { app in
            guard let outline = app.snapshot?.outline else { return }
            app.setCursor(fitted(NetworkCursor(layer: app.shown(app.selectedLayer), unit: 0), outline))
        },
        Command(
            "network.pictures", "of image layers the maps, their kernels, or the gradient of the loss",
            hint: "pictures", keys: ["T"], panels: [.stack], disabled: needsMaps
        ) { $0.plots.stackPictures = $0.plots.stackPictures.next }.for(.images),
        Command(
            "network.scale", "maps by a scale of their own, or all of a layer by one", hint: "scale", keys: ["Y"],
            panels: [.stack], disabled: needsMaps
        ) { $0.plots.scalesByTile.toggle() }.for(.images),
    ]

    /// In front of the stack's own keys while the cursor is there; esc takes it away.
    public static let cursorCommands: [Command] = [
        Command(
            "cursor.left", "the unit, or the weight, to the left", hint: "walk", keys: ["left", "h"], panels: [.stack],
            disabled: needsCursor
        ) {
            move(&$0, across: -1, along: 0)
        },
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
        },
        Command(
            "cursor.response", "this neuron's response in place of the output", hint: "show", keys: ["u"],
            panels: [.stack], control: "view.neuron", disabled: needsCursor
        ) { app in
            guard let cursor = app.plots.cursor, let outline = app.snapshot?.outline else { return }
            app.keepResponse(of: fitted(NetworkCursor(layer: cursor.layer, unit: cursor.unit), outline))
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
        },
        Command(
            "cursor.large", "this map large, with its scale", hint: "large", keys: ["+"], panels: [.stack],
            disabled: { app in
                guard let outline = app.snapshot?.outline, let cursor = app.plots.cursor else {
                    return needsCursor(app)
                }
                return fitted(cursor, outline).map { outline.hasMaps(layer: $0.layer) } == true ? nil : "this is no map"
            }
        ) { $0.plots.enlargesTile = true },
        Command(
            "cursor.numbers", "the numbers of the large map, or its picture", hint: "numbers", keys: ["#"],
            panels: [.stack],
            disabled: { $0.plots.enlargesTile ? needsCursor($0) : "+ enlarges a map under the cursor" }
        ) { $0.plots.showsTileNumbers.toggle() },
        Command(
            "cursor.leave", "the stack again, and then no cursor", hint: "back", keys: ["esc", "-"], panels: [.stack],
            disabled: needsCursor
        ) { app in
            if app.plots.enlargesTile { app.plots.enlargesTile = false } else { app.plots.cursor = nil }
        },
    ]

    @Sendable private static func needsMaps(_ app: App) -> String? {
        guard let outline = app.snapshot?.outline else { return "there is no network yet" }
        return outline.hasHiddenMaps ? nil : "no layer makes maps"
    }

    /// The number that enter sets: the weight's or the bias' under the cursor, and on a neuron its bias'.
    private static func adjustable(_ app: App) -> (cursor: NetworkCursor, value: Float)? {
        guard let snapshot = app.snapshot, var cursor = app.plots.cursor.flatMap({ fitted($0, snapshot.outline) })
        else { return nil }
        cursor.from = cursor.from ?? -1
        return parameter(at: cursor, snapshot: snapshot).map { (cursor, $0.value) }
    }

    @Sendable private static func needsCursor(_ app: App) -> String? {
        app.plots.cursor == nil ? "w shows a cursor over neurons and weights" : nil
    }

    private static func move(_ app: inout App, across: Int, along: Int) {
        guard let outline = app.snapshot?.outline, var cursor = app.plots.cursor.flatMap({ fitted($0, outline) }) else {
            return
        }
        if let context = app.plotContext, context.isUnrolled {
            // Steps go across, units along, and at their ends the layers.
            guard along != 0 else { return app.moveTime(across) }
            if let (trace, _) = context.shownCells(of: cursor.layer), let choice = context.sequenceChoice {
                let order = UnitOrder(
                    trace, SequenceText(context.snapshot.data, choice), property: context.unitProperty
                ).units
                let place = order.firstIndex(of: cursor.unit % order.count)! + along
                if order.indices.contains(place) {
                    cursor.unit = order[place]
                    return app.setCursor(fitted(cursor, outline))
                }
            }
        }
        if along != 0 {
            let layers = app.shownLayers.filter { ($0.isInput || outline[$0] != nil) && outline.hasUnits(layer: $0) }
            let place = (layers.firstIndex(of: cursor.layer) ?? 0) + along
            guard layers.indices.contains(place) else { return }
            cursor.layer = layers[place]
        } else if let from = cursor.from, let places = Self.places(layer: cursor.layer, outline) {
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
        app.setCursor(fitted(cursor, outline))
    }

    /// Sends a typed number to the trainer.
    /// - Returns: what is wrong with it, or nil.
    static func set(_ cursor: NetworkCursor, to text: String, in app: inout App) -> String? {
        guard let value = Float(String(text.map { $0 == "−" ? "-" : $0 })), value.isFinite else {
            return "expected a number such as -0.25, found \(text)"
        }
        guard let snapshot = app.snapshot, let parameter = parameter(at: cursor, snapshot: snapshot) else {
            return "this weight is no longer there"
        }
        app.act(.setParameter(parameter.index, from: parameter.value, to: value))
        return nil
    }

    private static func toggleLinks(_ app: inout App) {
        guard let outline = app.snapshot?.outline, var cursor = app.plots.cursor else { return }
        cursor.from = cursor.from == nil ? 0 : nil
        app.plots.cursor = fitted(cursor, outline)
        if cursor.from != nil, app.plots.cursor?.from == nil {
            app.notice = "no single weights lead to this neuron"
        }
    }
}

import Engine
import Session
import TerminalKit

extension NetworkPanel {
    /// In the stack's table: they show the cursor.
    public static let commands: [Command] = [
        Command(
            "network.cursor", "a cursor over neurons, weights and biases", hint: "weights", keys: ["w"],
            panels: [.stack], disabled: { $0.snapshot == nil ? "there is no network yet" : nil }
        ) { app in
            guard let outline = app.snapshot?.outline else { return }
            let selected = min(max(-1, app.selectedLayer), outline.layers.count - 1)
            app.plots.cursor = fitted(app.plots.cursor ?? NetworkCursor(layer: selected, unit: 0), outline)
        }
    ]

    /// In front of the stack's own keys while the cursor is there.
    public static let cursorCommands: [Command] = [
        Command("cursor.left", "the unit, or the weight, to the left", hint: "move", keys: ["left", "h"]) {
            move(&$0, across: -1, along: 0)
        },
        Command("cursor.right", "the unit, or the weight, to the right", hint: "move", keys: ["right", "l"]) {
            move(&$0, across: 1, along: 0)
        },
        Command("cursor.up", "the layer above", hint: "move", keys: ["up", "k"]) { move(&$0, across: 0, along: -1) },
        Command("cursor.down", "the layer below", hint: "move", keys: ["down", "j"]) { move(&$0, across: 0, along: 1) },
        Command("cursor.links", "a neuron, or the weights that lead to it", hint: "neuron/weight", keys: ["w"]) {
            toggleLinks(&$0)
        },
        Command("cursor.response", "this neuron's response in place of the output", hint: "show", keys: ["u"]) { app in
            guard let cursor = app.plots.cursor, let outline = app.snapshot?.outline else { return }
            let chosen = [cursor.layer, cursor.unit]
            let single = cursor.layer == outline.layers.count - 1 && outline.unitCount(layer: cursor.layer) == 1
            app.changeView { $0.neuron = single || $0.neuron == chosen ? [] : chosen }
        },
        Command("cursor.leave", "back to the stack", hint: "back", keys: ["esc"]) { $0.plots.cursor = nil },
    ]

    /// The cursor's own command for a key.
    public static func cursorCommand(for key: Key) -> Command? {
        cursorCommands.first { $0.keys.contains { Key($0) == key } }
    }

    private static func move(_ app: inout App, across: Int, along: Int) {
        guard let outline = app.snapshot?.outline, var cursor = app.plots.cursor.flatMap({ fitted($0, outline) }) else {
            return
        }
        if along != 0 {
            let layers = (-1..<outline.layers.count).filter { outline.hasUnits(layer: $0) }
            let place = (layers.firstIndex(of: cursor.layer) ?? 0) + along
            guard layers.indices.contains(place) else { return }
            cursor.layer = layers[place]
        } else if let from = cursor.from {
            // Through the bias and the weights of this unit, and on to the next unit's.
            let least = outline.biases(layer: cursor.layer) == nil ? 0 : -1
            let most = (outline.weightMatrix(layer: cursor.layer)?.axes[1] ?? 1) - 1
            let units = outline.unitCount(layer: cursor.layer)
            cursor.from = from + across
            if cursor.from! > most {
                cursor.unit = (cursor.unit + 1) % units
                cursor.from = least
            } else if cursor.from! < least {
                cursor.unit = (cursor.unit - 1 + units) % units
                cursor.from = most
            }
        } else {
            let units = outline.unitCount(layer: cursor.layer)
            cursor.unit = (cursor.unit + across + units) % units
        }
        app.plots.cursor = fitted(cursor, outline)
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

import Datasets
import Engine
import Session
import TerminalKit

/// What the network panel says about the neuron, weight or bias under its cursor.
enum NetworkReadout {
    static func name(_ cursor: NetworkCursor, _ context: PlotContext) -> String {
        let outline = context.snapshot.outline
        if cursor.layer < 0 { return "feature \(inputName(cursor.unit, of: 0, context))" }
        let unit =
            cursor.layer == outline.layers.count - 1
            ? (outline.unitCount(layer: cursor.layer) == 1 ? "output" : "output unit \(cursor.unit + 1)")
            : "layer \(cursor.layer + 1) unit \(cursor.unit + 1)"
        guard let from = cursor.from else { return unit }
        return from < 0 ? "\(unit)  bias" : "\(unit)  weight from \(inputName(from, of: cursor.layer, context))"
    }

    /// "tanh(−0.03·x1 +0.82·x2 −1.58)", the largest terms where not all fit; a link's or a bias' number alone.
    static func formula(_ cursor: NetworkCursor, _ context: PlotContext, limit: Int) -> String {
        if let parameter = NetworkPanel.parameter(at: cursor, snapshot: context.snapshot) {
            return formatNumber(Double(parameter.value), digits: 4)
        }
        guard cursor.layer >= 0 else { return "" }
        let outline = context.snapshot.outline
        let layer = outline.layers[cursor.layer]
        let name = layer.activation.flatMap { $0.id == "linear" ? nil : title($0) } ?? ""
        guard let weights = outline.weightMatrix(layer: cursor.layer) else { return name }
        let parameters = context.snapshot.parameters
        let inputs = weights.axes[1]
        var terms = (0..<inputs).map { from in
            (from, parameters[weights.offset + cursor.unit * inputs + from])
        }
        let bias = outline.biases(layer: cursor.layer).map { number(parameters[$0.offset + cursor.unit]) }
        var dropped = 0
        while true {
            let sum =
                terms.map { "\(number($0.1))·\(inputName($0.0, of: cursor.layer, context))" }
                + (dropped > 0 ? [terms.isEmpty ? "\(dropped) terms" : "+ \(dropped) more"] : [])
                + [bias].compactMap { $0 }
            var text = sum.joined(separator: " ")
            if text.hasPrefix("+") { text.removeFirst() }
            text = "\(name)(\(text))"
            guard columnWidth(text) > limit, !terms.isEmpty else { return text }
            // The smallest weight says least.
            let smallest = terms.indices.min { abs(terms[$0].1) < abs(terms[$1].1) }!
            terms.remove(at: smallest)
            dropped += 1
        }
    }

    /// Where the values are taken, and the values: "tanh(−2.12) = −0.97".
    static func value(_ cursor: NetworkCursor, _ context: PlotContext) -> (place: String, value: String) {
        guard let probe = context.shown?.probe,
            probe.neuron == ViewRequest.Neuron(layer: cursor.layer, unit: cursor.unit)
        else {
            let isNeuron = cursor.from == nil
            if isNeuron, cursor.layer < 0 { return ("", "") }
            if isNeuron, context.snapshot.outline.biases(layer: cursor.layer) == nil { return ("w: its weights", "") }
            return (isNeuron ? "enter sets its bias" : "enter sets the number", "")
        }
        func two(_ value: Float) -> String { formatFixed(Double(value), decimals: 2) }
        let columns = context.columns
        let place =
            columns.count > 1 ? "at (\(two(probe.place.x)), \(two(probe.place.y)))" : "at \(two(probe.place.x))"
        if cursor.layer < 0 { return (place, two(probe.activation)) }
        let name = context.snapshot.outline.layers[cursor.layer].activation.map(title) ?? ""
        return (place, "\(name)(\(two(probe.preActivation))) = \(two(probe.activation))")
    }

    private static func title(_ activation: Choice) -> String {
        Catalogue.entry(.activation, activation.id)?.title ?? activation.id
    }

    private static func number(_ value: Float) -> String {
        (value < 0 ? "" : "+") + formatFixed(Double(value), decimals: 2)
    }

    private static func inputName(_ unit: Int, of layer: Int, _ context: PlotContext) -> String {
        let source = context.snapshot.outline.source(of: layer)
        if source >= 0 { return "h\(unit + 1)" }
        let features = context.snapshot.data.features
        return features.indices.contains(unit) ? featureTitle(features[unit]) : "x\(unit + 1)"
    }
}

extension NetworkPanel {
    /// The number under a cursor on a link or a bias: its index in the flat parameters, its value, and its name for the
    /// prompt; nil on a neuron.
    public static func parameter(
        at cursor: NetworkCursor, snapshot: Snapshot
    ) -> (index: Int, value: Float, title: String)? {
        guard let from = cursor.from, snapshot.outline.layers.indices.contains(cursor.layer) else { return nil }
        let outline = snapshot.outline
        let place: Int
        if from < 0 {
            guard let biases = outline.biases(layer: cursor.layer), cursor.unit < biases.count else { return nil }
            place = biases.offset + cursor.unit
        } else {
            guard let weights = outline.weightMatrix(layer: cursor.layer), from < weights.axes[1],
                cursor.unit < weights.axes[0]
            else { return nil }
            place = weights.offset + cursor.unit * weights.axes[1] + from
        }
        guard place < snapshot.parameters.count else { return nil }
        let title = from < 0 ? "bias of unit \(cursor.unit + 1)" : "weight \(from + 1) → \(cursor.unit + 1)"
        return (place, snapshot.parameters[place], title)
    }
}

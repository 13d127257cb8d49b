import Datasets
import Engine
import Session
import TerminalKit

/// A neuron, weight or bias in numbers: of a neuron every term w·x of its sum, at the place that the output plot's cursor
/// chooses.
struct NetworkReadout {
    let cursor: NetworkCursor
    let context: PlotContext

    /// - Parameter cursor: fitted to the outline.
    init(_ cursor: NetworkCursor, _ context: PlotContext) {
        self.cursor = cursor
        self.context = context
    }

    private var outline: Outline { context.snapshot.outline }
    private var theme: Theme { context.theme }

    /// The values at the place, once the viewer has made them.
    private var probe: Picture.Probe? {
        context.shown?.probe.flatMap {
            $0.neuron == ViewRequest.Neuron(layer: cursor.layer, unit: cursor.unit) ? $0 : nil
        }
    }

    // MARK: Words

    var name: String {
        let neuron = ViewRequest.Neuron(layer: cursor.layer, unit: cursor.unit)
        if cursor.layer.isInput { return stepName ?? "feature \(context.title(of: neuron))" }
        let single = cursor.layer == outline.output && outline.unitCount(layer: cursor.layer) == 1
        let unit = single ? "output" : context.title(of: neuron)
        guard let from = cursor.from else { return unit }
        return from < 0
            ? "\(unit)  \(NetworkPanel.biasName(layer: cursor.layer, outline))"
            : "\(unit)  weight from \(inputName(from))"
    }

    /// The input at the time cursor; nil: the data are no sequences.
    private var stepName: String? {
        guard let kind = context.sequenceKind, let choice = context.sequenceChoice else { return nil }
        let data = context.snapshot.data
        let inputs = data.inputs(of: choice)
        let step = min(context.timeStep, data.stepCount(of: choice) - 1)
        guard step >= 0 else { return nil }
        if let symbol = data.symbol(inputs, at: step), kind.names.indices.contains(symbol) {
            return "“\(context.symbolText(kind.names[symbol]))” at step \(step + 1)"
        }
        let feature = cursor.unit % max(1, kind.features.count)
        let place = step * kind.features.count + feature
        guard kind.features.indices.contains(feature), inputs.indices.contains(place) else { return nil }
        return "\(kind.features[feature]) \(Self.number(inputs[place])) at step \(step + 1)"
    }

    /// "at (0.50, −1.20)"
    private var place: String {
        guard let probe else { return "" }
        func two(_ value: Float) -> String { formatFixed(Double(value), decimals: 2) }
        return context.columns.count > 1
            ? "at (\(two(probe.place.x)), \(two(probe.place.y)))" : "at \(two(probe.place.x))"
    }

    /// Whether the unit weighs what comes in.
    private var isMatrix: Bool { outline.weightMatrix(layer: cursor.layer) != nil }

    /// The activation's name, "" for a linear one.
    private var function: String {
        guard let activation = outline[cursor.layer]?.activation, !Catalogue.isIdentity(activation: activation.id)
        else { return "" }
        return Catalogue.entry(.activation, activation.id)?.title ?? activation.id
    }

    /// The neuron's activation of its sum: "tanh(−0.62) = −0.55".
    private var result: String {
        guard let probe else {
            guard !cursor.layer.isInput, !outline.hasMaps(layer: cursor.layer) else { return "" }
            if isMatrix { return "answer \(function.isEmpty ? "sum" : function + "(sum)")" }
            return function.isEmpty ? "" : "answer \(function)(\(inputName(cursor.unit)))"
        }
        if cursor.layer.isInput { return Self.number(probe.activation) }
        return function.isEmpty
            ? "answer \(Self.number(probe.activation))"
            : "\(function)(\(Self.number(probe.preActivation))) = \(Self.number(probe.activation))"
    }

    private func inputName(_ unit: Int) -> String {
        let source = outline.source(of: cursor.layer)
        if !source.isInput { return "h\(unit + 1)" }
        return featureTitle(context.snapshot.data.inputName(unit))
    }

    private static func number(_ value: Float) -> String {
        abs(value) < 1000 ? formatFixed(Double(value), decimals: 2) : formatNumber(Double(value), digits: 3)
    }

    private static func signed(_ value: Float) -> String { (value < 0 ? "" : "+") + number(value) }

    // MARK: Terms

    private struct Term {
        var name: String
        /// A number that is no part of a sum.
        var value: Float?
        var weight: Float?
        var input: Float?
        /// Its share of the sum; nil as long as the input is not known.
        var product: Float?
    }

    /// The terms of the sum, the bias last; of many the largest, and the others together, so that the sum is whole.
    private func terms(atMost limit: Int) -> [Term] {
        guard let weights = outline.weightMatrix(layer: cursor.layer) else { return [] }
        let parameters = context.snapshot.parameters
        let inputs = weights.inputs
        guard weights.range.upperBound <= parameters.count else { return [] }
        let values = probe.flatMap { $0.inputs.count == inputs ? $0.inputs : nil }
        var terms = (0..<inputs).map { from in
            let weight = parameters[weights.place(unit: cursor.unit, input: from)]
            let input = values?[from]
            return Term(name: inputName(from), weight: weight, input: input, product: input.map { $0 * weight })
        }
        let bias = outline.biases(layer: cursor.layer).map {
            Term(name: "bias", product: parameters[$0.offset + cursor.unit])
        }
        let room = limit - (bias == nil ? 0 : 1)
        if terms.count > room {
            let kept = Set(
                terms.indices.sorted { abs(terms[$0].weight!) > abs(terms[$1].weight!) }.prefix(max(0, room - 1)))
            let others = terms.indices.filter { !kept.contains($0) }
            let together = values == nil ? nil : others.reduce(Float(0)) { $0 + terms[$1].product! }
            terms =
                terms.indices.filter { kept.contains($0) }.map { terms[$0] }
                + [Term(name: plural(others.count, "other"), product: together)]
        }
        return terms + [bias].compactMap(\.self)
    }

    /// The parts of the answer of a unit without weights: the value that comes in, and its own numbers.
    /// - Parameter isShort: symbols alone stand for names.
    private func facts(isShort: Bool = false) -> [Term] {
        guard let layer = outline[cursor.layer], layer.link?.isOneToOne == true else { return [] }
        var facts: [Term] = []
        if let probe, cursor.unit < probe.inputs.count {
            facts.append(Term(name: inputName(cursor.unit), value: probe.inputs[cursor.unit]))
        }
        // The slope of a function is one for all its units.
        guard layer.activation == nil else { return facts }
        for number in layer.formula.numbers {
            guard let place = outline.place(of: number, unit: cursor.unit, layer: cursor.layer),
                place < context.snapshot.parameters.count
            else { continue }
            let name = isShort ? number.symbol : "\(number.word) \(number.symbol)"
            facts.append(Term(name: name, value: context.snapshot.parameters[place]))
        }
        return facts
    }

    // MARK: Drawing

    /// - Returns: the rows that were used.
    @discardableResult
    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard !rect.isEmpty else { return 0 }
        if let readout = MemoryReadout(cursor, context) { return readout.draw(into: &canvas, rect) }
        let bold = Style(theme.text, bold: true)
        let quiet = Style(theme.quiet)
        let used = canvas.write(name, x: rect.x, y: rect.y, style: bold, limit: rect.width)
        if !place.isEmpty, used + 2 + columnWidth(place) <= rect.width {
            canvas.writeRight(place, maxX: rect.maxX, y: rect.y, style: quiet)
        }
        var y = rect.y + 1
        func line(_ text: String, _ style: Style) {
            guard !text.isEmpty, y < rect.maxY else { return }
            canvas.write(text, x: rect.x, y: y, style: style, limit: rect.width)
            y += 1
        }
        if let parameter = NetworkPanel.parameter(at: cursor, snapshot: context.snapshot) {
            let isLocked = NetworkCommands.address(of: parameter.index, outline).map {
                context.snapshot.experiment.training.locked.contains($0)
            }
            line(
                formatNumber(Double(parameter.value), digits: 4) + (isLocked == true ? "  locked" : ""),
                Style(.rgb(theme.accent), bold: true))
            if let probe, let from = cursor.from, from >= 0, from < probe.inputs.count {
                let input = probe.inputs[from]
                line(
                    "\(inputName(from)) is \(Self.number(input)): adds \(Self.signed(input * parameter.value)) to \(Self.number(probe.preActivation))",
                    quiet)
            }
            return y - rect.y
        }
        y += drawTerms(into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: rect.maxY - y - 1))
        line(result, Style(.rgb(theme.accent)))
        return y - rect.y
    }

    /// The terms in columns, each under the other: "x1  −0.03 ·  0.50 = −0.02".
    private func drawTerms(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard rect.height > 0, !cursor.layer.isInput else { return 0 }
        var facts = facts()
        if facts.count > rect.height { facts = self.facts(isShort: true) }
        let all = facts.isEmpty ? terms(atMost: .max) : facts
        guard !all.isEmpty else { return 0 }
        let number = facts.isEmpty ? 6 : 9
        let knows = all.contains { $0.input != nil }
        // Names, then weight · input = product, or the weight alone.
        let numbers = number + (knows ? 3 + number + 3 + number : 0)
        func columns(_ names: Int) -> Int { max(1, (rect.width + 3) / (names + 1 + numbers + 3)) }
        var names = min(12, max(6, all.map { columnWidth($0.name) }.max()!))
        // "512 others"
        if all.count > rect.height * columns(names) { names = max(names, 10) }
        let cell = names + 1 + numbers
        let room = rect.height * columns(names)
        let terms = facts.isEmpty ? terms(atMost: room) : Array(facts.prefix(room))
        let rows = (terms.count + columns(names) - 1) / columns(names)
        let quiet = Style(theme.quiet)
        for (index, term) in terms.enumerated() {
            var x = rect.x + index / rows * (cell + 3)
            let y = rect.y + index % rows
            let end = x + cell
            canvas.write(term.name, x: x, y: y, style: quiet, limit: names)
            x += names + 1
            func right(_ value: Float, _ text: String, _ style: Style) {
                canvas.writeRight(text, maxX: x + number, y: y, style: style)
                x += number
            }
            if let weight = term.weight {
                let hue = weight < 0 ? theme.negative : theme.positive
                right(weight, Self.signed(weight), Style(.rgb(hue)))
                if let input = term.input {
                    canvas.write(" · ", x: x, y: y, style: quiet)
                    x += 3
                    right(input, Self.number(input), Style(theme.text))
                    canvas.write(" = ", x: x, y: y, style: quiet)
                }
            }
            if let value = term.value {
                canvas.writeRight(formatNumber(Double(value), digits: 3), maxX: end, y: y, style: Style(theme.text))
            }
            if let product = term.product {
                canvas.writeRight(Self.signed(product), maxX: end, y: y, style: Style(theme.text))
            }
        }
        return rows
    }
}

extension NetworkPanel {
    /// The number under a cursor on a link or a bias: its index in the flat parameters, its value, and its name for the
    /// prompt; nil on a neuron.
    public static func parameter(
        at cursor: NetworkCursor, snapshot: Snapshot
    ) -> (index: Int, value: Float, title: String)? {
        guard let from = cursor.from, snapshot.outline[cursor.layer] != nil else { return nil }
        let outline = snapshot.outline
        let place: Int
        if from < 0 {
            guard let biases = outline.biases(layer: cursor.layer), cursor.unit < biases.count else { return nil }
            place = biases.offset + cursor.unit
        } else {
            guard let weights = outline.weightMatrix(layer: cursor.layer), from < weights.inputs,
                cursor.unit < outline.unitCount(layer: cursor.layer)
            else { return nil }
            place = weights.place(unit: cursor.unit, input: from)
        }
        guard place < snapshot.parameters.count else { return nil }
        let title =
            from < 0
            ? "\(biasName(layer: cursor.layer, outline)) of unit \(cursor.unit + 1)"
            : "weight \(from + 1) → \(cursor.unit + 1)"
        return (place, snapshot.parameters[place], title)
    }
}

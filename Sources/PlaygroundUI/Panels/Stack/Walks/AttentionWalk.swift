import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WalkID {
    static let attention = WalkID("attention")
}

extension Walk {
    /// A step that looks at others: how well its query fits their keys, the weights, and what it takes from each.
    static let attention: Walk = {
        var walk = Walk(
            id: .attention, suits: { $0[$1]?.attention != nil }, modes: [.numbers, .motion], unitWord: "value",
            units: { $0.layer.output.axes[1] },
            steps: { AttentionStep.phases.steps($0) }, line: { _ in AttentionStep.phases.count },
            start: { scene in
                let phases = AttentionStep.phases
                return scene.state.mode == .motion
                    ? 0 : min(scene.context.timeStep, phases.length(scene) - 1) * phases.count
            },
            place: { AttentionStep.phases.place($0) },
            lights: { [WalkLight(layer: $0.state.layer, unit: $0.state.unit, isOwn: true)] },
            draw: { canvas, rect, numbers in
                let phases = AttentionStep.phases
                return AttentionStep(numbers, step: phases.moment(numbers.scene))?
                    .draw(into: &canvas, rect, phases.phase(numbers.scene)) ?? 0
            }, words: { AttentionStep.phases.words($0) })
        walk.moment = { AttentionStep.phases.moment($0) }
        return walk
    }()
}

/// A step of a layer whose steps look at each other, in numbers: q, k and v by the layer's weights, the rest as the forward pass
/// has it.
struct AttentionStep {
    static let phases = WalkPhases([
        .init(
            name: "scores", formula: "s_u = q_t · k_u / √d,  q = W_q x + b_q,  k = W_k x + b_k",
            words:
                "Each step asks with a query and answers to others with a key. The score is their scalar product: large where the key fits the query."
        ),
        .init(
            name: "weights", formula: "w_u = e^(s_u) / Σ e^s",
            words: "The softmax of the scores: shares of 1, which say how much the step takes from each."),
        .init(
            name: "mixture", formula: "a = Σ_u w_u v_u,  v = W_v x + b_v",
            words: "The step takes from each step's value as much as the weights say. This is one number of the value."),
        .init(
            name: "output", formula: "y_t = W_out a + b_out",
            words: "The output weighs all numbers of the mixture."),
    ])

    let numbers: WalkNumbers
    let step: Int
    /// The steps that it may look at.
    let seen: Range<Int>
    /// Of those steps.
    let scores: [Float]
    /// As the forward pass has them, of those steps.
    let weights: [Float]
    /// Of the walk's unit, at those steps.
    let values: [Float]
    /// Σ w v of all units.
    let mixture: [Float]

    /// nil: the layer's steps do not look at each other, or its numbers are not there yet.
    init?(_ numbers: WalkNumbers, step: Int) {
        let scene = numbers.scene
        guard let attention = scene.layer.attention, let all = numbers.values.steps?.attention,
            let inWeight = numbers.tensor("in_proj_weight"), let inBias = numbers.tensor("in_proj_bias")
        else { return nil }
        let (count, m) = (attention.steps, scene.layer.input.axes[1])
        let length = min(count, scene.context.length(ofSteps: count))
        guard all.count == count * count, step < length, numbers.values.inputs.count >= count * m else { return nil }
        (self.numbers, self.step) = (numbers, step)
        seen = 0..<(attention.isCausal ? step + 1 : length)
        var inputs = numbers.values.inputs
        if let positions = numbers.tensor("positions") {
            for place in 0..<count * m { inputs[place] += numbers.parameters[positions.offset + place] }
        }
        /// A row of q, k or v at a step.
        func projected(_ row: Int, _ step: Int) -> Float {
            (0..<m).reduce(numbers.parameters[inBias.offset + row]) {
                $0 + numbers.parameters[inWeight.offset + row * m + $1] * inputs[step * m + $1]
            }
        }
        let query = (0..<m).map { projected($0, step) }
        let scale = 1 / Float(m).squareRoot()
        scores = seen.map { other in scale * (0..<m).reduce(0) { $0 + query[$1] * projected(m + $1, other) } }
        let own = seen.map { all[step * count + $0] }
        weights = own
        func value(_ unit: Int) -> [Float] { (0..<(own.count)).map { projected(2 * m + unit, $0) } }
        values = value(scene.state.unit)
        mixture = (0..<m).map { unit in zip(own, value(unit)).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    private var scene: WalkScene { numbers.scene }
    private var unit: Int { scene.state.unit }

    /// The products of the output's weights with the mixture, and their bias.
    var outputTerms: (products: [(weight: Float, value: Float)], bias: Float) {
        let m = mixture.count
        guard let weight = numbers.tensor("out_proj.weight"), let bias = numbers.tensor("out_proj.bias") else {
            return ([], 0)
        }
        return (
            mixture.indices.map { (numbers.parameters[weight.offset + unit * m + $0], mixture[$0]) },
            numbers.parameters[bias.offset + unit]
        )
    }

    /// As the forward pass has it.
    var output: Float { numbers.values.values[step * mixture.count + unit] }

    /// "3 “a”"
    private func name(_ step: Int) -> String {
        let data = scene.context.snapshot.data
        guard let choice = scene.context.sequenceChoice, let kind = data.sequence,
            let symbol = data.symbol(data.inputs(of: choice), at: step), kind.names.indices.contains(symbol)
        else { return "step \(step + 1)" }
        return "\(step + 1) “\(scene.context.symbolText(kind.names[symbol]))”"
    }

    private func lines(_ phase: Int) -> (terms: [NumberLine], results: [NumberLine]) {
        switch phase {
        case 0:
            return (seen.map { NumberLine(name: name($0), value: scores[$0], bar: scores[$0]) }, [])
        case 1:
            return (
                seen.map {
                    NumberLine(
                        name: name($0), factors: [], value: weights[$0], bar: weights[$0],
                        text: "e^\(NumberLines.text(scores[$0])) → \(NumberLines.text(weights[$0]))")
                }, [NumberLine(name: "Σ weights", value: weights.reduce(0, +), isResult: true)]
            )
        case 2:
            return (
                seen.map {
                    let product = weights[$0] * values[$0]
                    return NumberLine(
                        name: name($0), factors: [weights[$0], values[$0]], value: product, bar: product,
                        needsFactors: true)
                }, [NumberLine(name: "= a, number \(unit + 1)", value: mixture[unit], isResult: true)]
            )
        default:
            let (terms, bias) = outputTerms
            return (
                terms.enumerated().map { place, term in
                    let product = term.weight * term.value
                    return NumberLine(
                        name: "a \(place + 1)", factors: [term.value, term.weight], value: product, bar: product,
                        needsFactors: true)
                },
                [
                    NumberLine(name: "+ bias", value: bias),
                    NumberLine(name: "= y, number \(unit + 1)", value: output, isResult: true),
                ]
            )
        }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ phase: Int) -> Int {
        Self.phases.drawNames(into: &canvas, rect, at: phase, numbers.context)
        var y = rect.y + 1
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 2),
            text: Self.phases[phase].formula, style: Style(numbers.theme.text))
        if rect.height > 12 { y += 1 }
        let (terms, results) = lines(phase)
        var lines = NumberLines(context: numbers.context)
        lines.largest = terms.reduce(1e-9) { max($0, abs($1.bar ?? 0)) }
        lines.fit(terms, width: rect.width)
        y = lines.drawLargest(
            into: &canvas, terms, x: rect.x, y: y, rows: max(1, rect.maxY - y - results.count), end: rect.maxY,
            width: rect.width, sumsHaveBars: true)
        return lines.draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 44)) - rect.y
    }
}

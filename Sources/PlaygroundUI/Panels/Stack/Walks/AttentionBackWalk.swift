import Engine
import Session
import TerminalKit

extension WalkID {
    static let attentionBack = WalkID("attentionBack")
    static let attentionGradient = WalkID("attentionGradient")
}

extension Walk {
    /// Back through a step that looked at others: to the mixture, the shares, the scores, and to q, k and v.
    static let attentionBack: Walk = {
        var walk = Walk(
            id: .attentionBack, suits: { $0[$1]?.attention != nil }, modes: [.motion], phase: .backward,
            unitWord: "value", units: { $0.layer.output.axes[1] }, steps: { AttentionBack.phases.steps($0) },
            line: { _ in AttentionBack.phases.count }, place: { AttentionBack.phases.place($0) },
            lights: { [WalkLight(layer: $0.state.layer, unit: $0.state.unit, isOwn: true)] },
            draw: { canvas, rect, numbers in
                let phases = AttentionBack.phases
                guard let back = AttentionBack(numbers, step: phases.moment(numbers.scene)) else {
                    return drawNoGradient(into: &canvas, rect, numbers)
                }
                return back.draw(into: &canvas, rect, phases.phase(numbers.scene))
            }, words: { "Backward: " + AttentionBack.phases.words($0) })
        walk.moment = { AttentionBack.phases.moment($0) }
        return walk
    }()

    /// The gradient at a weight of a query, a key, a value, or of the output: the sum over all steps.
    static let attentionGradient = sharedGradients(
        .attentionGradient, unitWord: "row", suits: { $0.attention != nil },
        units: { 4 * $0.layer.output.axes[1] }, steps: { $0.layer.input.axes[1] }, line: { $0.layer.input.axes[1] },
        place: { AttentionWeight($0).place },
        words:
            "Backward: all steps ask, answer and are weighed by the same matrices, so that every step adds its part to the gradient at each weight.",
        gradient: { AttentionWeight($0.scene).shared($0) })
}

/// A weight of attention: its row among those of q, k, v and the output, and its column.
struct AttentionWeight {
    private let scene: WalkScene

    init(_ scene: WalkScene) { self.scene = scene }

    private var values: Int { scene.layer.output.axes[1] }
    private var kind: Int { scene.state.unit / values }
    private var row: Int { scene.state.unit % values }

    /// "W_q (3, 1)"
    var place: String { "W_\(["q", "k", "v", "out"][kind]) (\(row + 1), \(scene.state.step + 1))" }

    func shared(_ numbers: WalkNumbers) -> SharedGradient? {
        guard let trace = scene.trace?.layers[scene.state.layer], let attention = trace.attention,
            let gradients = attention.gradients, let deltas = trace.sumGradients,
            let tensor = numbers.tensor(kind < 3 ? "in_proj_weight" : "out_proj.weight")
        else { return nil }
        let (m, from) = (values, scene.state.step)
        let steps = max(1, scene.context.length(ofSteps: scene.layer.output.axes[0]))
        let positions = numbers.tensor("positions")
        let terms = (0..<steps).map { at -> SharedGradient.Term in
            guard kind < 3 else {
                return SharedGradient.Term(
                    name: "step \(at + 1)", delta: deltas[at * m + row], value: attention.mixture[at * m + from])
            }
            let wave = positions.map { numbers.parameters[$0.offset + at * m + from] } ?? 0
            return SharedGradient.Term(
                name: "step \(at + 1)", delta: gradients.projected[at * 3 * m + kind * m + row],
                value: numbers.values.inputs[at * m + from] + wave)
        }
        return SharedGradient(
            title: "The weight \(place)", place: tensor.offset + ((kind < 3 ? kind * m : 0) + row) * m + from,
            terms: terms, noun: "steps")
    }
}

/// The way back through one step of attention, in the engine's numbers.
struct AttentionBack {
    static let phases = WalkPhases(
        [
            .init(
                name: "∂a", formula: "∂L/∂a = W_outᵀ δ",
                words: "each number of the output sends its δ back over its weight to this number of the mixture."),
            .init(
                name: "∂w", formula: "∂L/∂w_u = Σ ∂L/∂a · v_u over all values",
                words: "a larger share for a step is worth as much as its value points where the mixture should go."),
            .init(
                name: "∂s", formula: "∂L/∂s_u = w_u (∂L/∂w_u − Σ w ∂L/∂w)",
                words:
                    "the shares are a softmax: they add up to 1, so that one grows at the cost of the others. A share near 0 or near 1 lets hardly anything through."
            ),
            .init(
                name: "∂q", formula: "∂L/∂q_t = Σ_u ∂L/∂s_u · k_u / √d",
                words: "the query moves towards the keys of the steps that should have more."),
            .init(
                name: "∂k", formula: "∂L/∂k_t = Σ ∂L/∂s_t · q / √d over the steps that look here",
                words: "the key of this step moves towards the queries that should find it."),
            .init(
                name: "∂v", formula: "∂L/∂v_t = Σ w_t · ∂L/∂a over the steps that look here",
                words: "the value of this step changes for all steps that take from it, each by its share."),
        ], goesBack: true)

    let numbers: WalkNumbers
    let step: Int
    private let attention: AttentionTrace
    private let gradients: AttentionTrace.Gradients
    private let deltas: [Float]
    private let isCausal: Bool
    private let count: Int
    private let values: Int
    private let length: Int

    /// nil: training asks for no gradient here.
    init?(_ numbers: WalkNumbers, step: Int) {
        let scene = numbers.scene
        guard let trace = scene.trace?.layers[scene.state.layer], let attention = trace.attention,
            let gradients = attention.gradients, let deltas = trace.sumGradients, let kind = scene.layer.attention
        else { return nil }
        (self.numbers, self.step, self.attention, self.gradients) = (numbers, step, attention, gradients)
        (self.deltas, isCausal, count, values) = (deltas, kind.isCausal, kind.steps, scene.layer.output.axes[1])
        length = max(1, min(kind.steps, scene.context.length(ofSteps: kind.steps)))
    }

    private var unit: Int { numbers.scene.state.unit }
    private var scale: Float { 1 / Float(values).squareRoot() }
    /// The steps at which this one looks, and those that look at it.
    var seen: Range<Int> { 0..<(isCausal ? step + 1 : length) }
    var seers: Range<Int> { isCausal ? step..<length : 0..<length }

    private func weight(_ from: Int, _ to: Int) -> Float { attention.weights[from * count + to] }
    private func projected(_ kind: Int, _ step: Int) -> Float {
        attention.projected[step * 3 * values + kind * values + unit]
    }
    private func gradient(_ kind: Int) -> Float { gradients.projected[step * 3 * values + kind * values + unit] }

    /// As the pass back has it: at the mixture, at the score of each step, at q, k and v.
    var mixture: Float { gradients.mixture[step * values + unit] }
    func score(_ from: Int, _ to: Int) -> Float { gradients.scores[from * count + to] }
    var query: Float { gradient(0) }
    var key: Float { gradient(1) }
    var value: Float { gradient(2) }

    /// ∂L/∂w of a step that this one looks at: the scalar product of the gradient at the mixture with its value.
    func shareGradient(_ to: Int) -> Float {
        (0..<values).reduce(0) {
            $0 + gradients.mixture[step * values + $1] * attention.projected[to * 3 * values + 2 * values + $1]
        }
    }

    /// The terms of a phase, and what comes of them.
    func lines(_ phase: Int) -> (terms: [NumberLine], results: [NumberLine]) {
        func name(_ step: Int) -> String { "step \(step + 1)" }
        func product(_ name: String, _ a: Float, _ b: Float, _ scale: Float = 1) -> NumberLine {
            NumberLine(name: name, factors: [a, b], value: scale * a * b)
        }
        func sum(_ lines: [NumberLine]) -> Float { lines.reduce(0) { $0 + ($1.value ?? 0) } }
        switch phase {
        case 0:
            let weight = numbers.tensor("out_proj.weight")
            let terms = (0..<values).map { row in
                product(
                    "δ \(row + 1)", weight.map { numbers.parameters[$0.offset + row * values + unit] } ?? 0,
                    deltas[step * values + row])
            }
            return (
                terms,
                [
                    NumberLine(name: "Σ all \(values)", value: sum(terms)),
                    NumberLine(name: "∂L/∂a, value \(unit + 1)", value: mixture, isResult: true),
                ]
            )
        case 1:
            let terms = seen.map { NumberLine(name: name($0), value: shareGradient($0), bar: shareGradient($0)) }
            let mean = seen.reduce(Float(0)) { $0 + weight(step, $1) * shareGradient($1) }
            return (terms, [NumberLine(name: "Σ w ∂L/∂w", value: mean, isResult: true)])
        case 2:
            let mean = seen.reduce(Float(0)) { $0 + weight(step, $1) * shareGradient($1) }
            let terms = seen.map { to -> NumberLine in
                var line = product(name(to), weight(step, to), shareGradient(to) - mean)
                line.value = score(step, to)
                return line
            }
            return (terms, [NumberLine(name: "Σ ∂L/∂s", value: sum(terms), isResult: true)])
        case 3:
            let terms = seen.map { product(name($0), score(step, $0), projected(1, $0), scale) }
            return (terms, results(sum(terms), "∂L/∂q, value \(unit + 1)", query, isScaled: true))
        case 4:
            let terms = seers.map { product(name($0), score($0, step), projected(0, $0), scale) }
            return (terms, results(sum(terms), "∂L/∂k, value \(unit + 1)", key, isScaled: true))
        default:
            let terms = seers.map { product(name($0), weight($0, step), gradients.mixture[$0 * values + unit]) }
            return (terms, results(sum(terms), "∂L/∂v, value \(unit + 1)", value, isScaled: false))
        }
    }

    private func results(_ sum: Float, _ name: String, _ value: Float, isScaled: Bool) -> [NumberLine] {
        (isScaled ? [NumberLine(name: "each divided by √d", value: 1 / scale)] : [])
            + [NumberLine(name: "Σ", value: sum), NumberLine(name: name, value: value, isResult: true)]
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ phase: Int) -> Int {
        Self.phases.drawNames(into: &canvas, rect, at: phase, numbers.context)
        let (terms, results) = lines(phase)
        return TermTable(formula: Self.phases[phase].formula, terms: terms, results: results)
            .draw(into: &canvas, rect.inset(top: 1), numbers) + 1
    }
}

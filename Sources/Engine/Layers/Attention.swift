#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Self-attention of one head: every step takes from all others as much as its query fits their keys.
///
/// Shapes: x: [steps, features, batch]; q, k, v = W_in x + b_in with W_in (`in_proj_weight`): [3 · features, features] and b_in
/// (`in_proj_bias`); a_t = Σ_u softmax_u(q_t · k_u / √features) v_u over a sample's own steps, y = W_out a + b_out with
/// W_out (`out_proj.weight`): [features, features] (PyTorch's MultiheadAttention with one head). `causal`: u ≤ t.
/// With `positions` x_t has sin(t / 10000^(j/features)) added in its even values j and cos of the same in the odd ones: without
/// them, the order of the steps makes no difference.
/// Backward: dw = dy · v, ds = w ∘ (dw − Σ w dw), dq = ds k / √features, dk = ds q / √features, dv = w dy.
struct Attention: Layer {
    static let entry = Entry(
        id: "attention", title: "attention",
        summary: "Lets every step look at all others, and take from those that fit: no state, no distance.",
        formula: "y = softmax(q kᵀ / √d) v",
        source: "Vaswani and others, Attention is all you need, 2017",
        watch:
            "The weights of one step (X): where it looks. Without positions the order of the steps means nothing to it.",
        knobs: [
            Knob(
                "causal", title: "causal", summary: "Whether a step sees only itself and those before it.",
                kind: .toggle, default: .toggle(true)),
            Knob(
                "positions", title: "positions",
                summary: "Whether waves of different lengths are added, by which steps know their places.",
                kind: .toggle,
                default: .toggle(true)),
        ])

    static let exampleInput = Shape(4, 2)
    /// Its weights are steps × steps for each sample.
    static let mostSteps = 2000

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "attention" }

    var activation: Settings? { nil }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { ShapeDecoder.layers(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let sequence = try SequenceShape(x.shape, for: settings, mostSteps: Self.mostSteps)
        let (count, m) = (sequence.steps, sequence.features)
        let placed = settings.toggle("positions") ? positioned(x, sequence, into: &plan) : x
        // PyTorch's draws.
        let wide = Plan.Initial.uniform((6 / Double(4 * m)).squareRoot())
        let inWeight = plan.parameter("in_proj_weight", axes: [3 * m, m], initial: wide, decays: true)
        let inBias = plan.parameter("in_proj_bias", axes: [3 * m], initial: .constant(0), decays: false)
        let outWeight = plan.parameter(
            "out_proj.weight", axes: [m, m], initial: .uniform(1 / Double(m).squareRoot()), decays: true)
        let outBias = plan.parameter("out_proj.bias", axes: [m], initial: .constant(0), decays: false)
        let all = plan.stepsAffine(
            placed, inWeight, inBias, units: 3 * m, Steps(count: count, pitch: 3 * m, inputPitch: m))
        let sums = plan.value(x.shape, isDifferentiable: all.isDifferentiable)
        let weights = plan.value(Shape(count, count), isDifferentiable: false).slice
        plan.declare(
            Outline.SelfAttention(steps: count, isCausal: settings.toggle("causal")), weights: weights)
        let knobs = [1 / Double(m).squareRoot(), settings.toggle("causal") ? 1 : 0]
        let steps = Steps(count: count, pitch: m, inputPitch: 3 * m)
        plan.emit(
            Operation(
                .attend, m: m, n: count, knobs: knobs, steps: steps,
                ["output": sums.slice, "input": all.slice, "weights": weights, "lengths": x.lengths]))
        plan.backward { plan in
            guard let gradient = plan.gradient(of: sums) else { return }
            plan.addGradient(of: all) {
                Operation(
                    .attendGradient, m: m, n: count, knobs: knobs, steps: steps,
                    ["inputGradient": $0, "input": all.slice, "weights": weights, "gradient": gradient])
            }
        }
        return plan.stepsAffine(sums, outWeight, outBias, units: m, Steps(count: count, pitch: m, inputPitch: m))
    }

    /// x + the waves, which are kept beside the parameters.
    private func positioned(_ x: Value, _ sequence: SequenceShape, into plan: inout PlanBuilder) -> Value {
        let m = x.shape.count
        let waves = plan.state(
            "positions", axes: [sequence.steps, sequence.features],
            initial: .made { _ in
                (0..<m).map { place in
                    let (step, feature) = (place / sequence.features, place % sequence.features)
                    let angle = Double(step) / pow(10_000, Double(feature - feature % 2) / Double(sequence.features))
                    return Float(feature % 2 == 0 ? sin(angle) : cos(angle))
                }
            })
        var y = plan.value(x.shape, isDifferentiable: x.isDifferentiable)
        y.lengths = x.lengths
        plan.emit(
            Operation(.scaleShift, m: m, ["output": y.slice, "input": x.slice, "shift": waves]))
        plan.backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            plan.addGradient(of: x) { Operation(.copy, m: m, ["output": $0, "input": dy]) }
        }
        return y
    }
}

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Long short-term memory: each unit has a cell that gates write, keep and show.
///
/// i = σ(W_ii x + b_ii + W_hi h′ + b_hi), likewise f and o; g = tanh(W_ig x + b_ig + W_hg h′ + b_hg); c = f ∘ c′ + i ∘ g,
/// h = o ∘ tanh(c) (PyTorch's LSTM: the rows of its weights in the order i, f, g, o). Shapes and names: `RecurrentLayer`.
/// Backward: dc += dh ∘ o ∘ (1 − tanh²(c)), di = dc ∘ g, df = dc ∘ c′, dg = dc ∘ i, do = dh ∘ tanh(c), each times the gate's
/// derivative; dc′ = dc ∘ f: through a gate that is open, nothing is lost.
struct LSTM: Layer {
    static let entry = Entry(
        id: "lstm", title: "lstm",
        summary:
            "Reads a sequence step by step; gates decide what its cells write, keep and show, so that they remember.",
        formula: "c_t = f ∘ c_{t−1} + i ∘ g,  h_t = o ∘ tanh(c_t)",
        source: "Hochreiter and Schmidhuber, Long short-term memory, 1997; Gers and others, Learning to forget, 2000",
        watch:
            "The cells at the steps: one that keeps its value over the lag remembers. The forget gates should be near 1 there.",
        knobs: [
            RecurrentLayer.units,
            Knob(
                "forgetBias", title: "forget bias",
                summary: "Added to the forget gates' biases at the start: above 0, cells keep what they have.",
                kind: .real(-10...10, steps: [-2, -1, 0, 1, 2, 3, 5]), default: .real(0),
                raise: "when cells forget before the answer is asked for",
                lower: "when cells keep what they should let go"),
            Knob(
                "memory", title: "memory",
                summary:
                    "The steps T that cells shall remember at the start: forget biases are ln U(1, T − 1), input biases their opposite; 0: no such start.",
                kind: .integer(0...1_000_000), default: .integer(0), raise: "when answers depend on steps far back",
                lower: "when only the last steps count"),
        ] + RecurrentLayer.others)

    static let exampleInput = Shape(3, 2)
    static let exampleForm = SequenceForm(continues: true)
    static let isRecurrent = true

    static func stepping(_ layer: Choice) -> Choice? { RecurrentLayer.stepping(layer) }

    private let layer: RecurrentLayer

    init(settings: Settings) {
        var layer = RecurrentLayer(.lstm, settings)
        let (units, memory, forget) = (layer.units, settings.integer("memory"), Float(settings.real("forgetBias")))
        if memory >= 2 {
            layer.inputBiases = { Self.longMemory(units, steps: memory, forget: forget, &$0) }
            layer.stateBiases = { _ in [Float](repeating: 0, count: 4 * units) }
        } else if forget != 0 {
            layer.inputBiases = { Self.uniform(units, forget: forget, &$0) }
        }
        self.layer = layer
    }

    var title: String { layer.title }

    var activation: Settings? { nil }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { layer.decoder(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value { try layer.emit(x, into: &plan) }

    /// b_f = ln u with u ~ U(1, T − 1), b_i = −b_f, the others 0 (Tallec and Ollivier, Can recurrent neural networks warp
    /// time?, 2018): unit by unit, the cell forgets after about u steps.
    private static func longMemory(
        _ units: Int, steps: Int, forget: Float, _ random: inout Random
    ) -> [Float] {
        let kept = (0..<units).map { _ in Float(log(random.uniform(1, Double(steps - 1)))) }
        let none = [Float](repeating: 0, count: units)
        return kept.map { -$0 } + kept.map { $0 + forget } + none + none
    }

    /// PyTorch's draws, and more on the forget gates.
    private static func uniform(_ units: Int, forget: Float, _ random: inout Random) -> [Float] {
        let limit = 1 / Double(units).squareRoot()
        return (0..<4 * units).map { Float(random.uniform(-limit, limit)) + ($0 / units == 1 ? forget : 0) }
    }
}

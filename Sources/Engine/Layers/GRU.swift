/// The gated recurrent unit: two gates and one state.
///
/// r = σ(W_ir x + b_ir + W_hr h′ + b_hr), z likewise, n = tanh(W_in x + b_in + r ∘ (W_hn h′ + b_hn)),
/// h = (1 − z) ∘ n + z ∘ h′ (PyTorch's GRU: the rows of its weights in the order r, z, n). Shapes and names: `RecurrentLayer`.
/// Backward: dn = dh ∘ (1 − z), dz = dh ∘ (h′ − n), dr = dn ∘ (W_hn h′ + b_hn), each times the gate's derivative;
/// dh′ += dh ∘ z.
struct GRU: Layer {
    static let entry = Entry(
        id: "gru", title: "gru",
        summary: "Reads a sequence step by step; one gate mixes the old state with the new one, another clears it.",
        formula: "h_t = (1 − z) ∘ n + z ∘ h_{t−1}",
        source: "Cho and others, Learning phrase representations using RNN encoder-decoder, 2014",
        watch: "Its states at the steps: a state that stays after its symbol has passed is memory.",
        knobs: [RecurrentLayer.units] + RecurrentLayer.others)

    static let exampleInput = Shape(3, 2)
    static let exampleForm = SequenceForm(continues: true)
    static let isRecurrent = true

    static func stepping(_ layer: Choice) -> Choice? { RecurrentLayer.stepping(layer) }

    private let layer: RecurrentLayer

    init(settings: Settings) { layer = RecurrentLayer(.gru, settings) }

    var title: String { layer.title }

    var activation: Settings? { nil }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { layer.decoder(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value { try layer.emit(x, into: &plan) }
}

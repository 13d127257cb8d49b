/// Elman's recurrent layer: each state follows from the step's input and the state before.
///
/// h_t = f(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh) with f tanh or ReLU (PyTorch's RNN); in the lecture's letters
/// s_t = f(U x_t + W s_{t−1}). Shapes and names: `RecurrentLayer`. Backward: dz = dh ∘ f′, of tanh 1 − h², and
/// dh_{t−1} += W_hhᵀ dz: after many steps what comes back has been through as many of these factors.
struct RNN: Layer {
    static let entry = Entry(
        id: "rnn", title: "rnn",
        summary: "Reads a sequence step by step with one state: each unit sees the input and all units a step before.",
        formula: "s_t = f(U x_t + W s_{t−1}),  U = W_ih, W = W_hh",
        source: "Elman, Finding structure in time, 1990",
        watch:
            "The gradient over the steps: with lags of more than about ten it fades or explodes. An LSTM or a GRU is made for that.",
        knobs: [
            RecurrentLayer.units,
            Knob(
                "activation", title: "activation", summary: "The function that each unit applies to its weighted sum.",
                kind: .word(["tanh", "relu"]), default: .text("tanh")),
        ] + RecurrentLayer.others)

    static let exampleInput = Shape(3, 2)
    static let exampleForm = SequenceForm(continues: true)
    static let isRecurrent = true

    static func stepping(_ layer: Choice) -> Choice? { RecurrentLayer.stepping(layer) }

    private let layer: RecurrentLayer

    init(settings: Settings) {
        layer = RecurrentLayer(RecurrentCell(rawValue: settings.text("activation"))!, settings)
    }

    var title: String { layer.title }

    var activation: Settings? { nil }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { layer.decoder(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value { try layer.emit(x, into: &plan) }
}

/// Looks up a vector for each symbol of a sequence: the row of a table that the network learns.
///
/// Shapes: x: [steps, 1, batch], the symbols' numbers; W (`weight`): [symbols, size] (PyTorch's Embedding); y:
/// [steps, size, batch]. y_t = W[x_t, :], 0 for a negative number. Backward: dW[k, :] = Σ dy_t over steps and batch where x_t = k.
/// Weights are drawn from N(0, 1), as PyTorch's.
struct Embedding: Layer {
    static let entry = Entry(
        id: "embedding", title: "embedding",
        summary: "Gives each symbol a vector that the network learns, so that similar symbols can come close.",
        formula: "y_t = W[x_t, :]",
        source: "Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003",
        watch: "The plane of its vectors: symbols that are used alike come close.",
        knobs: [
            Knob(
                "size", title: "size", summary: "The length of each symbol's vector.", kind: .integer(1...1024),
                default: .integer(8), raise: "when symbols that differ are not told apart",
                lower: "when there are few symbols, or rare ones are learned by heart"),
            Knob(
                "symbols", title: "symbols",
                summary: "The number of different symbols; 0: as many as the data have.", kind: .integer(0...100_000),
                default: .integer(0), raise: "when the data will have more symbols later",
                lower: "when weights are wasted on symbols that never come: 0 counts them"),
        ])

    static let exampleInput = Shape(3, 1)
    static let exampleForm = SequenceForm(vocabulary: 5)

    let size: Int
    private let settings: Settings

    static func stepping(_ layer: Choice) -> Choice? { layer }

    init(settings: Settings) {
        self.settings = settings
        size = settings.integer("size")
    }

    var title: String { "embedding \(size)" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        plan.looksUpSymbols = true
        let sequence = try SequenceShape(x.shape, for: settings)
        guard sequence.features == 1, let vocabulary = x.vocabulary else {
            throw EngineError(
                place: settings.place,
                message:
                    "embedding expects symbols (one number at each step), found \(x.shape.values); put it first, over "
                    + "a dataset of symbols such as text")
        }
        let symbols = settings.integer("symbols") == 0 ? vocabulary : settings.integer("symbols")
        guard symbols >= vocabulary else {
            throw EngineError(
                place: "\(settings.place).symbols",
                message: "the data have \(plural(vocabulary, "symbol")), found a table of \(symbols); set symbols to 0")
        }
        let weight = plan.parameter(
            "weight", axes: [symbols, size],
            initial: .made { [size] random in (0..<symbols * size).map { _ in Float(random.normal()) } }, decays: true)
        let y = plan.value(Shape(sequence.steps, size), isDifferentiable: weight.isTrained || plan.isOutsideTraining)
        let steps = Steps(count: sequence.steps, pitch: size, inputPitch: 1)
        let size = size
        plan.emit(
            Operation(
                .embed, m: size, n: symbols, steps: steps,
                ["output": y.slice, "weight": weight.value, "input": x.slice]))
        plan.backward { plan in
            guard let dy = plan.gradient(of: y), let gradient = weight.gradient else { return }
            plan.emit(
                Operation(
                    .embedGradient, m: size, n: symbols, knobs: [0, Double(size)], steps: steps,
                    ["weightGradient": gradient, "gradient": dy, "input": x.slice]))
        }
        return y
    }
}

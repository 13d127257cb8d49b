/// Applies a stack of layers to every step of a sequence, with the same weights.
///
/// Shapes: x: [steps, features, batch], y: [steps, values, batch], y_t = F(x_t). Backward: as that of the layers at every step;
/// the gradients of their parameters are summed over the steps.
struct EachStep: Layer {
    static let entry = Entry(
        id: "eachStep", title: "eachStep",
        summary: "Applies the same layers, with the same weights, to every step of a sequence.",
        formula: "y_t = F(x_t)",
        source: "Rumelhart, Hinton and Williams, Learning internal representations by error propagation, 1986",
        watch: "Steps do not see each other in it: what connects them must stand before it.",
        knobs: [
            Knob(
                "body", title: "body", summary: "The layers that every step goes through.",
                kind: .list(.choice(.layer)),
                default: .list([.choice(Choice("dense"))]))
        ])

    static let exampleInput = Shape(3, 2)
    /// More steps than this, of an eachStep in another of both together, are too many operations: layers over sequences do them as
    /// one. Likewise steps × layers.
    static let mostSteps = 1000
    static let mostLayers = 20_000

    let body: [Choice]
    private let settings: Settings

    static func stepping(_ layer: Choice) -> Choice? { layer }

    init(settings: Settings) throws(EngineError) {
        self.settings = settings
        body = settings.stack("body")
        guard !body.isEmpty else {
            throw EngineError(place: "\(settings.place).body", message: "eachStep needs a layer in its body; add one")
        }
    }

    var title: String { "eachStep" }

    var activation: Settings? { nil }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { ShapeDecoder.layers(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let sequence = try SequenceShape(x.shape, for: settings, mostSteps: Self.mostSteps)
        let all = plan.repeats * sequence.steps
        guard all <= Self.mostSteps else {
            throw EngineError(
                place: settings.place,
                message:
                    "expected at most \(Self.mostSteps) steps with those of the eachStep around it, found "
                    + "\(plan.repeats) × \(sequence.steps); use shorter sequences")
        }
        let inside = body.reduce(0) { $0 + $1.allLayers.count }
        guard all * inside <= Self.mostLayers else {
            throw EngineError(
                place: settings.place,
                message:
                    "expected at most \(Self.mostLayers) layers in all steps together, found \(all) × \(inside); use shorter "
                    + "sequences, or fewer layers in its body")
        }
        func step(_ whole: Slice, _ number: Int) -> Slice {
            let width = whole.count / sequence.steps
            return Slice(block: whole.block, offset: whole.offset + number * width, count: width)
        }
        let inputs = (0..<sequence.steps).map { number in
            let slice = step(x.slice, number)
            return Value(
                shape: Shape(sequence.features), slice: slice, preActivation: slice,
                isDifferentiable: x.isDifferentiable)
        }
        // Asked for after all steps: brings their gradients together. A single step's is that of x already.
        plan.backward { plan in
            guard sequence.steps > 1, x.isDifferentiable, inputs.contains(where: { plan.gradient(of: $0) != nil })
            else { return }
            let whole = plan.trainingRows(x.shape.count)
            for (number, input) in inputs.enumerated() {
                let own = step(whole, number)
                // Another layer over the same steps begins anew.
                if let gradient = plan.takeGradient(of: input) {
                    plan.emit(Operation(.copy, m: own.count, ["output": own, "input": gradient]))
                } else {
                    plan.emit(Operation(.scale, m: own.count, knobs: [0], ["output": own, "input": input.slice]))
                }
            }
            plan.addWrittenGradient(of: x.slice, whole)
        }
        let results = try plan.run(body, each: inputs, name: "body", place: "\(settings.place).body")
        return plan.concatenation(results).reshaped(Shape(sequence.steps, results[0].shape.count))
    }
}

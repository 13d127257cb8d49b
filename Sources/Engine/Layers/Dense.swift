/// A fully connected layer: y = f(W x + b), or with the weight V of another layer y = f(Vᵀ x + b).
///
/// Shapes: x: [inputs, batch], W (`weight`): [units, inputs], b (`bias`): [units], z and y: [units, batch].
/// An input with several axes is read as one flat row of values.
/// Backward, with dy given: dz = dy ∘ f′(z), dW = dz xᵀ, db = Σ over the batch of dz, dx = Wᵀ dz.
/// Tied: V: [inputs, units]; V's gradient gets x dzᵀ beside what its own layer adds to it, dx = V dz.
struct Dense: Layer {
    static let entry = Entry(
        id: "dense", title: "dense",
        summary: "Every unit sees all inputs: it weighs them, adds them up with its bias, and applies the activation.",
        formula: "y = f(W x + b)",
        source: "Rosenblatt, The perceptron, 1958; Rumelhart, Hinton and Williams, 1986",
        watch: "The tiles: units that look alike do the same work twice, units of one colour do none.",
        knobs: [
            Knob(
                "units", title: "units", summary: "The number of neurons in the layer.", kind: .integer(1...4096),
                default: .integer(4),
                raise: "when the training loss stays high: the layer cannot bend the plane often enough",
                lower: "when the test loss rises while the training loss falls, or tiles look alike"),
            Knob(
                "activation", title: "activation", summary: "The function that each unit applies to its weighted sum.",
                kind: .choice(.activation), default: .choice(Choice("tanh"))),
            Knob(
                "initializer", title: "initializer", summary: "How the weights are drawn before training.",
                kind: .choice(.initializer), default: .choice(Choice("playground"))),
            LayerKnobs.tied,
        ])

    let units: Int
    let function: ChosenActivation
    let initializer: ChosenInitializer
    let title: String
    /// The name of the layer whose weight it uses; empty: it has its own.
    let tiedName: String
    private let place: String

    var activation: Settings? { function.settings }

    var link: Outline.Link? { tiedName.isEmpty ? .matrix : .transposedMatrix(of: tiedName) }

    var formula: UnitFormula {
        UnitFormula("y = f(w x + b)", addend: UnitFormula.Number("bias", "b", "bias"))
    }

    init(settings: Settings) throws(EngineError) {
        units = settings.integer("units")
        function = try ChosenActivation(settings)
        initializer = try ChosenInitializer(settings)
        title = "dense \(units)"
        (tiedName, place) = (settings.text(LayerKnobs.tied.name), settings.place)
    }

    /// The output layer.
    init(_ head: OutputHead) {
        units = head.units
        (function, initializer) = (
            ChosenActivation(checked: head.activation), ChosenInitializer(checked: head.initializer)
        )
        (title, tiedName, place) = ("output \(units)", "", "")
    }

    func decoder(from output: Shape, to input: Shape) -> [Choice] {
        guard tiedName.isEmpty else { return [] }
        var decoder = Self.projection(units: input.count)
        decoder.knobs["initializer"] = .choice(initializer.settings.choice)
        return [decoder]
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let z =
            try tiedName.isEmpty
            ? plan.weightedSums(of: x, units: units, initializer) : weightedByOwner(x, into: &plan)
        return function.emit(z, into: &plan)
    }

    /// z = Vᵀ x + b with the weight V of another layer.
    private func weightedByOwner(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let (m, n) = (x.shape.count, units)
        let weight = try plan.weight(of: tiedName, rows: m, columns: n, place: "\(place).\(LayerKnobs.tied.name)")
            .parameter
        let bias = plan.parameter("bias", axes: [n], initial: .constant(initializer.bias), decays: false)

        let z = plan.value(
            Shape(n), isDifferentiable: x.isDifferentiable || weight.isTrained || bias.isTrained)
        plan.emit(
            Operation(
                .affineTransposed, m: m, n: n,
                ["output": z.slice, "weight": weight.value, "bias": bias.value, "input": x.slice]))
        plan.backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            if let gradient = weight.gradient {
                // x and dz change places, so that the rows of this gradient are those of the owner's.
                plan.emit(
                    Operation(
                        .affineParameterGradient, m: m, n: n,
                        ["weightGradient": gradient, "gradient": x.slice, "input": dz]))
            }
            if let sums = bias.gradient { plan.emit(Operation(.rowSums, m: n, ["sums": sums, "gradient": dz])) }
            plan.addGradient(of: x) {
                Operation(.affine, m: m, n: n, ["output": $0, "weight": weight.value, "input": dz])
            }
        }
        return z
    }
}

extension Choice {
    /// The name of the layer that a dense layer is tied to; nil: none.
    public var tied: String? {
        get {
            guard case .text(let name)? = knobs[LayerKnobs.tied.name], !name.isEmpty else { return nil }
            return name
        }
        set { knobs[LayerKnobs.tied.name] = newValue.map { .text($0) } }
    }
}

extension Dense {
    /// W x + b with as many units as are asked for; nil: the default.
    static func projection(units: Int?) -> Choice {
        var choice = Choice(
            entry.id, ["activation": .choice(Choice(Catalogue.activation(standardFor: .values)))])
        choice.knobs["units"] = units.map { .integer($0) }
        return choice
    }
}

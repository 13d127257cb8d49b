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
        knobs: [
            Knob(
                "units", title: "units", summary: "The number of neurons in the layer.", kind: .integer(1...4096),
                default: .integer(4)),
            Knob(
                "activation", title: "activation", summary: "The function that each unit applies to its weighted sum.",
                kind: .choice(.activation), default: .choice(Choice("tanh"))),
            Knob(
                "initializer", title: "initializer", summary: "How the weights are drawn before training.",
                kind: .choice(.initializer), default: .choice(Choice("playground"))),
            tied,
        ])

    static let tied = Knob(
        "tied", title: "tied to",
        summary:
            "The name of an earlier dense layer whose weights this one uses too, transposed, with a bias of its own; empty: none.",
        kind: .text, default: .text(""))

    let units: Int
    let function: Activation
    let functionSettings: Settings
    let initializer: Initializer
    let initializerSettings: Settings
    let title: String
    /// The name of the layer whose weight it uses; empty: it has its own.
    let tiedName: String
    private let place: String

    var activation: Settings? { functionSettings }

    var link: Outline.Link? { tiedName.isEmpty ? .matrix : .transposedMatrix(of: tiedName) }

    init(settings: Settings) throws(EngineError) {
        let place = settings.place
        let activation = try Activation.hiddenSettings(settings.choice("activation"), place: "\(place).activation")
        try self.init(
            units: settings.integer("units"), title: "dense", activation: activation,
            initializer: Settings(settings.choice("initializer"), in: .initializer, place: "\(place).initializer"),
            tied: settings.text(Self.tied.name), place: place)
    }

    /// The layer from its parts; the output layer is made so.
    init(
        units: Int, title: String, activation: Settings, initializer: Settings, tied: String = "", place: String = ""
    ) {
        self.units = units
        (tiedName, self.place) = (tied, place)
        self.title = "\(title) \(units)"
        function = Catalogue.activations.first { $0.entry.id == activation.entry.id }!
        functionSettings = activation
        self.initializer = Catalogue.initializers.first { $0.entry.id == initializer.entry.id }!
        initializerSettings = initializer
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let z = try tiedName.isEmpty ? weighted(x, into: &plan) : weightedByOwner(x, into: &plan)
        return function.emit(z, settings: functionSettings, learned: "activation.weight", into: &plan)
    }

    /// z = W x + b.
    private func weighted(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let (m, n) = (units, x.shape.count)
        let fan = Initializer.Fan(input: n, output: m)
        let weight = plan.parameter(
            "weight", axes: [m, n], initial: .drawn(by: initializer, settings: initializerSettings, fan: fan),
            decays: true)
        let bias = plan.parameter("bias", axes: [m], initial: .constant(initializer.bias), decays: false)
        plan.share(weight, rows: m, columns: n)

        let z = plan.value(Shape(m), isDifferentiable: x.isDifferentiable || weight.isTrained)
        plan.emit(
            Operation(
                .affine, m: m, n: n,
                ["output": z.slice, "weight": weight.value, "bias": bias.value, "input": x.slice]))
        plan.backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            if let gradient = weight.gradient {
                // A tied layer behind this one has written its part of the weight's gradient, and none of the bias's.
                let adds = plan.isWritten(gradient)
                plan.emit(
                    Operation(
                        .affineParameterGradient, m: m, n: n,
                        [
                            "weightGradient": gradient, "biasGradient": adds ? nil : bias.gradient, "gradient": dz,
                            "input": x.slice,
                        ]))
                if adds, let sums = bias.gradient {
                    plan.emit(Operation(.rowSums, m: m, ["sums": sums, "gradient": dz]))
                }
            }
            plan.addGradient(of: x) {
                Operation(
                    .affineInputGradient, m: m, n: n, ["inputGradient": $0, "weight": weight.value, "gradient": dz])
            }
        }
        return z
    }

    /// z = Vᵀ x + b with the weight V of another layer.
    private func weightedByOwner(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let (m, n) = (x.shape.count, units)
        let weight = try plan.weight(of: tiedName, rows: m, columns: n, place: "\(place).\(Self.tied.name)").parameter
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
            guard case .text(let name)? = knobs[Dense.tied.name], !name.isEmpty else { return nil }
            return name
        }
        set { knobs[Dense.tied.name] = newValue.map { .text($0) } }
    }
}

/// A fully connected layer: y = f(W x + b).
///
/// Shapes: x: [inputs, batch], W (`weight`): [units, inputs], b (`bias`): [units], z and y: [units, batch].
/// An input with several axes is read as one flat row of values.
/// Backward, with dy given: dz = dy ∘ f′(z), dW = dz xᵀ, db = Σ over the batch of dz, dx = Wᵀ dz.
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
        ])

    let units: Int
    let function: Activation
    let functionSettings: Settings
    let initializer: Initializer
    let initializerSettings: Settings
    let title: String

    var activation: Settings? { functionSettings }

    var link: Outline.Link? { .matrix }

    init(settings: Settings) throws(EngineError) {
        let place = settings.place
        let activation = try Activation.hiddenSettings(settings.choice("activation"), place: "\(place).activation")
        try self.init(
            units: settings.integer("units"), title: "dense", activation: activation,
            initializer: Settings(settings.choice("initializer"), in: .initializer, place: "\(place).initializer"))
    }

    /// The layer from its parts; the output layer is made so.
    init(units: Int, title: String, activation: Settings, initializer: Settings) {
        self.units = units
        self.title = "\(title) \(units)"
        function = Catalogue.activations.first { $0.entry.id == activation.entry.id }!
        functionSettings = activation
        self.initializer = Catalogue.initializers.first { $0.entry.id == initializer.entry.id }!
        initializerSettings = initializer
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
        let (m, n) = (units, x.shape.count)
        let fan = Initializer.Fan(input: n, output: m)
        let weight = plan.parameter(
            "weight", axes: [m, n], initial: .drawn(by: initializer, settings: initializerSettings, fan: fan),
            decays: true)
        let bias = plan.parameter("bias", axes: [m], initial: .constant(initializer.bias), decays: false)

        let z = plan.value(Shape(m), isDifferentiable: x.isDifferentiable || weight.isTrained)
        plan.emit(
            Operation(
                .affine, m: m, n: n,
                ["output": z.slice, "weight": weight.value, "bias": bias.value, "input": x.slice]))
        plan.backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            if weight.isTrained {
                plan.emit(
                    Operation(
                        .affineParameterGradient, m: m, n: n,
                        [
                            "weightGradient": weight.gradient, "biasGradient": bias.gradient, "gradient": dz,
                            "input": x.slice,
                        ]))
            }
            plan.addGradient(of: x) {
                Operation(
                    .affineInputGradient, m: m, n: n, ["inputGradient": $0, "weight": weight.value, "gradient": dz])
            }
        }
        return function.emit(z, settings: functionSettings, learned: "activation.weight", into: &plan)
    }
}

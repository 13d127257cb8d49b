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

    init(settings: Settings) throws(EngineError) {
        let place = settings.place
        let activation = try Settings(settings.choice("activation"), in: .activation, place: "\(place).activation")
        guard !activation.entry.outputOnly else {
            throw EngineError(
                place: "\(place).activation",
                message: "\(activation.entry.id) is for the output alone; choose another activation for a hidden layer")
        }
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

    func outputShape(for input: Shape) -> Shape { Shape(units) }

    func tensors(for input: Shape) -> [ParameterTensor] {
        let fan = Initializer.Fan(input: input.count, output: units)
        var tensors = [
            ParameterTensor(
                name: "weight", axes: [units, input.count],
                initial: .drawn(by: initializer, settings: initializerSettings, fan: fan), decays: true),
            ParameterTensor(name: "bias", axes: [units], initial: .constant(initializer.bias), decays: false),
        ]
        if let knob = function.learnedKnob {
            tensors.append(
                ParameterTensor(
                    name: "activation.weight", axes: [1], initial: .constant(Float(functionSettings.real(knob))),
                    decays: false))
        }
        return tensors
    }

    func emit(into plan: inout LayerPlan) {
        let (m, n) = (units, plan.inputShape.count)
        let weight = plan.parameters["weight"]!
        let bias = plan.parameters["bias"]!
        let slope = plan.parameters["activation.weight"]

        let z = plan.reserveValues(m)
        plan.forward(Operation(code: .affine, m: m, n: n, a: z, b: weight.value, c: bias.value, d: plan.input))
        plan.preActivation = z

        var dz = plan.outputGradient
        if function.entry.id == Activation.linear.entry.id {
            plan.output = z
        } else {
            let y = plan.reserveValues(m)
            plan.output = y
            let kind = Operation.Kind.activation(function.entry.id)
            let knobs = functionSettings.parameters
            switch function.scope {
            case .unit:
                plan.forward(
                    Operation(code: .activate, kind: kind, m: m, knobs: knobs, a: y, b: z, c: slope?.value),
                    training: plan.trainingNeedsOutput)
            case .layer:
                plan.forward(Operation(code: .softmax, m: m, a: y, b: z), training: plan.trainingNeedsOutput)
            }
            if !plan.gradientIsAtPreActivation {
                dz = plan.reserveTraining(m)
                switch function.scope {
                case .unit:
                    plan.back(
                        Operation(
                            code: .activateGradient, kind: kind, m: m, knobs: knobs, a: dz, b: plan.outputGradient,
                            c: slope?.value, d: z, e: y, f: slope?.gradient))
                case .layer:
                    plan.back(Operation(code: .softmaxGradient, m: m, a: dz, b: plan.outputGradient, e: y))
                }
            }
        }
        plan.back(
            Operation(
                code: .affineParameterGradient, m: m, n: n, a: weight.gradient, c: bias.gradient, d: dz, e: plan.input))
        if let dx = plan.inputGradient {
            plan.back(Operation(code: .affineInputGradient, m: m, n: n, a: dx, b: weight.value, d: dz))
        }
    }
}

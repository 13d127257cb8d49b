/// Slides kernels over the steps of a sequence.
///
/// Shapes: x: [steps, features, batch], W (`weight`): [filters, features, kernel] (PyTorch's Conv1d), b (`bias`): [filters], y:
/// [steps, filters, batch]. z_t = b + Σ_k W[:, :, k] x_{t + k·dilation − padding}, 0 beyond the sequence; padding is
/// dilation · (kernel − 1), which sees no later step, where it is `causal`, else half of that. y = f(z).
/// Backward, with dz = dy ∘ f′(z): dW[:, :, k] = Σ dz_t x_{t + k·dilation − padding}ᵀ over steps and batch, db = Σ dz,
/// dx_t = Σ_k W[:, :, k]ᵀ dz_{t − k·dilation + padding}.
struct Conv1D: KernelLayer {
    static let entry = Entry(
        id: "conv1d", title: "conv1d",
        summary: "Slides kernels over time: all steps at once, with no state; with dilation it sees far back.",
        formula: "y_t = f(b + Σ_k W_k x_{t + k·d − p})",
        source:
            "Waibel and others, Phoneme recognition using time-delay neural networks, 1989; van den Oord and others, WaveNet, 2016",
        watch:
            "Its receptive field: (kernel − 1) · dilation steps more for each layer. What lies farther back cannot be learned.",
        knobs: [
            ConvolutionKnobs.filters,
            Knob(
                "kernel", title: "kernel", summary: "The number of steps that each kernel sees.",
                kind: .integer(1...63),
                default: .integer(3), raise: "when what matters lies farther apart",
                lower: "when there are too many weights"),
            Knob(
                "dilation", title: "dilation", summary: "The distance of the steps that a kernel sees.",
                kind: .integer(1...4096), default: .integer(1), raise: "to see farther back with as many weights",
                lower: "when what matters lies close together and is jumped over"),
            Knob(
                "causal", title: "causal", summary: "Whether a step sees only itself and those before it.",
                kind: .toggle, default: .toggle(true)),
            ConvolutionKnobs.activation, ConvolutionKnobs.initializer,
        ])

    static let exampleInput = Shape(4, 2)

    let chosen: KernelSettings

    init(settings: Settings) throws(EngineError) { chosen = try KernelSettings(settings) }

    var title: String { "conv1d \(filters)" }

    /// Kernels as long, which see as many later steps as earlier ones.
    func decoder(from output: Shape, to input: Shape) -> [Choice] {
        guard input.axes.count == 2 else { return [] }
        return [
            Choice(
                Self.entry.id,
                [
                    "filters": .integer(input.axes[1]), "kernel": .integer(settings.integer("kernel")),
                    "dilation": .integer(settings.integer("dilation")), "causal": .toggle(false),
                    "activation": .choice(Choice(Catalogue.activation(standardFor: .values))),
                    "initializer": .choice(initializer.settings.choice),
                ])
        ]
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let sequence = try SequenceShape(x.shape, for: settings)
        let (kernel, dilation) = (settings.integer("kernel"), settings.integer("dilation"))
        let span = dilation * (kernel - 1)
        let weight = plan.parameter(
            "weight", axes: [filters, sequence.features, kernel],
            initial: initializer.initial(inputs: sequence.features * kernel, outputs: filters * kernel), decays: true)
        let bias = plan.parameter("bias", axes: [filters], initial: .constant(initializer.bias), decays: false)
        let padding = settings.toggle("causal") ? span : span / 2
        plan.declare(
            .stepKernels(StepWindow(steps: sequence.steps, taps: kernel, dilation: dilation, padding: padding)))
        let steps = Steps(
            count: sequence.steps, pitch: filters, inputPitch: sequence.features, taps: kernel, dilation: dilation,
            padding: padding)
        return function.emit(plan.stepsAffine(x, weight, bias, units: filters, steps), into: &plan)
    }
}

extension Conv1D {
    /// Sums of each step's values with the same weights, without an activation.
    static func projection(filters: Int) -> Choice {
        Choice(
            entry.id,
            [
                "filters": .integer(filters), "kernel": .integer(1),
                "activation": .choice(Choice(Catalogue.activation(standardFor: .values))),
            ])
    }
}

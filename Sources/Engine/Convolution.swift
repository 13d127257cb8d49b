/// The knobs that layers with kernels share.
enum ConvolutionKnobs {
    /// Those of a kernel, a stride and a dilation.
    static let sizes = 1...31

    static let filters = Knob(
        "filters", title: "filters", summary: "The number of channels that the layer makes.",
        kind: .integer(1...4096), default: .integer(8),
        raise: "when the training loss stays high: more kinds of patterns can be found",
        lower: "when maps look alike or are dark for every image")

    static let kernel = Knob(
        "kernel", title: "kernel", summary: "Rows and columns of the window that a kernel weighs.",
        kind: .integer(sizes), default: .integer(3), raise: "when what matters is larger than the window",
        lower: "when weights are many; two layers of 3×3 see as far as one of 5×5")

    static let stride = Knob(
        "stride", title: "stride", summary: "Places by which the window moves from one output to the next.",
        kind: .integer(sizes), default: .integer(1), raise: "to make the image smaller and the network faster",
        lower: "when details are lost")

    static let dilation = Knob(
        "dilation", title: "dilation", summary: "Places from one of the window's values to the next; 1: they touch.",
        kind: .integer(sizes), default: .integer(1), raise: "to see farther with as many weights",
        lower: "when fine patterns are missed")

    static let activation = Knob(
        "activation", title: "activation", summary: "The function that each weighted sum goes through.",
        kind: .choice(.activation), default: .choice(Choice("relu")))

    static let initializer = Knob(
        "initializer", title: "initializer", summary: "How the weights are drawn before training.",
        kind: .choice(.initializer), default: .choice(Choice("heUniform")))

    static let bias = Knob(
        "bias", title: "bias",
        summary: "Whether each filter adds a number that it learns; before batchNorm none is needed.",
        kind: .toggle, default: .toggle(true))

    static let flip = Knob(
        "flip", title: "flip kernel",
        summary: "Whether the kernel is turned by 180°, as convolution is defined in mathematics.", kind: .toggle,
        default: .toggle(false))
}

/// The settings that layers with kernels share, checked.
struct KernelSettings: Sendable {
    let filters: Int
    let function: ChosenActivation
    let initializer: ChosenInitializer
    /// All of the layer's.
    let all: Settings

    init(_ settings: Settings) throws(EngineError) {
        filters = settings.integer("filters")
        function = try ChosenActivation(settings)
        initializer = try ChosenInitializer(settings)
        all = settings
    }
}

/// A layer whose filters weigh windows.
protocol KernelLayer: Layer {
    var chosen: KernelSettings { get }
}

extension KernelLayer {
    var filters: Int { chosen.filters }
    var function: ChosenActivation { chosen.function }
    var initializer: ChosenInitializer { chosen.initializer }
    var settings: Settings { chosen.all }
    var activation: Settings? { function.settings }
}

extension PlanBuilder {
    /// z = bias + weight ⋆ x, with its way back.
    /// - Parameter channels: of the result, and of x.
    mutating func convolution(
        _ x: Value, _ window: Window, _ weight: Parameter, _ bias: Parameter?, channels: (out: Int, in: Int)
    ) -> Value {
        let (m, n) = channels
        declare(.kernels(window))
        let z = value(
            Shape(m, window.outHeight, window.outWidth), isDifferentiable: x.isDifferentiable || weight.isTrained)
        emit(
            Operation(
                .convolve, m: m, n: n, window: window,
                ["output": z.slice, "weight": weight.value, "bias": bias?.value, "input": x.slice]))
        backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            plan.addGradients(weight, bias, window, outputs: dz, inputs: x.slice, biased: dz, channels: channels)
            plan.addGradient(of: x) {
                Operation(
                    .convolveBack, m: m, n: n, window: window, ["input": $0, "weight": weight.value, "output": dz])
            }
        }
        return z
    }

    /// y = bias + the sums of weight ∘ x over the windows of a larger image in which x has a value for each, with its way
    /// back.
    /// - Parameter channels: of x, and of the result.
    mutating func transposedConvolution(
        _ x: Value, _ window: Window, _ weight: Parameter, _ bias: Parameter, channels: (out: Int, in: Int)
    ) -> Value {
        let (m, n) = channels
        declare(.transposedKernels(window))
        let z = value(
            Shape(n, window.height, window.width), isDifferentiable: x.isDifferentiable || weight.isTrained)
        emit(
            Operation(
                .convolveBack, m: m, n: n, window: window,
                ["input": z.slice, "weight": weight.value, "bias": bias.value, "output": x.slice]))
        backward { plan in
            guard let dz = plan.gradient(of: z) else { return }
            plan.addGradients(weight, bias, window, outputs: x.slice, inputs: dz, biased: dz, channels: channels)
            plan.addGradient(of: x) {
                Operation(.convolve, m: m, n: n, window: window, ["output": $0, "weight": weight.value, "input": dz])
            }
        }
        return z
    }

    /// The gradients of a kernel and of its biases, where they train.
    /// - Parameters:
    ///   - outputs: a value for each window, or its gradient; inputs: what the windows move over.
    ///   - biased: the gradient of that to which the biases were added.
    private mutating func addGradients(
        _ weight: Parameter, _ bias: Parameter?, _ window: Window, outputs: Slice, inputs: Slice, biased: Slice,
        channels: (out: Int, in: Int)
    ) {
        if let gradient = weight.gradient {
            var all = window
            all.wantedWeights = 0..<channels.in * window.taps
            emit(
                Operation(
                    .convolveGradient, m: channels.out, n: channels.in, window: all,
                    ["weightGradient": gradient, "gradient": outputs, "input": inputs]))
        }
        if let gradient = bias?.gradient {
            emit(
                Operation(
                    .rowSums, m: gradient.count, n: biased.count / gradient.count,
                    ["sums": gradient, "gradient": biased]))
        }
    }
}

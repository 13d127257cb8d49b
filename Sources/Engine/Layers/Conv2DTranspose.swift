/// A convolution backwards: each value lays its kernel, weighed, over a larger image, where overlapping kernels add up.
///
/// Shapes: x: [channels, height, width, batch], W (`weight`): [channels, filters, kernel, kernel], b (`bias`): [filters], z and y:
/// [filters, outHeight, outWidth, batch]; outHeight = (height − 1) stride − 2 padding + dilation (kernel − 1) +
/// outputPadding + 1 (PyTorch's ConvTranspose2d). z[f, i stride + k dilation − padding, …] += Σ W[c, f, k, l] x[c, i, j];
/// y = f(z).
/// Backward, with dz = dy ∘ f′(z): dx = W ⋆ dz, dW[c, f, k, l] = Σ x dz over places and batch, db = Σ dz.
struct Conv2DTranspose: KernelLayer {
    static let entry = Entry(
        id: "conv2dTranspose", title: "conv2d back",
        summary:
            "Lays a weighed kernel over a larger image for each value: a convolution backwards, which makes images grow.",
        formula: "y = f(Wᵀ ⋆ x + b)",
        source: "Zeiler, Krishnan, Taylor and Fergus, Deconvolutional networks, 2010",
        watch: "A pattern of squares in the result comes from a kernel whose size is no multiple of its stride.",
        knobs: [
            ConvolutionKnobs.filters, ConvolutionKnobs.kernel,
            Knob(
                "stride", title: "stride", summary: "Places by which kernels of neighbouring values lie apart.",
                kind: .integer(1...31), default: .integer(2), raise: "to make images grow more",
                lower: "when the result shows a pattern of squares"),
            Knob(
                "padding", title: "padding", summary: "Rows and columns that are cut off around the result.",
                kind: .integer(0...15), default: .integer(0), raise: "when the result is too large",
                lower: "when its rim is cut off"),
            Knob(
                "outputPadding", title: "output padding",
                summary: "Rows and columns that are added below and beside the result.", kind: .integer(0...30),
                default: .integer(0), raise: "when the result is some rows too small",
                lower: "when it is some rows too large"),
            ConvolutionKnobs.dilation, ConvolutionKnobs.activation, ConvolutionKnobs.initializer,
        ])

    static let exampleInput = Shape(2, 2, 3)

    let chosen: KernelSettings

    init(settings: Settings) throws(EngineError) {
        chosen = try KernelSettings(settings)
        let (more, stride, dilation) = (
            settings.integer("outputPadding"), settings.integer("stride"), settings.integer("dilation")
        )
        guard more < max(stride, dilation) else {
            throw EngineError(
                place: "\(settings.place).outputPadding",
                message: "expected less than the stride or the dilation (\(max(stride, dilation))), found \(more)")
        }
    }

    var title: String { "conv2d back \(filters)" }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let window = try Window(
            under: image, size: settings.integer("kernel"), stride: settings.integer("stride"),
            padding: settings.integer("padding"), dilation: settings.integer("dilation"),
            more: settings.integer("outputPadding"), place: "\(settings.place).padding")
        let (m, n) = (image.channels, filters)
        // PyTorch's fans: those of a convolution with this weight.
        let weight = plan.parameter(
            "weight", axes: [m, n, window.kernelHeight, window.kernelWidth],
            initial: initializer.initial(inputs: n * window.taps, outputs: m * window.taps), decays: true)
        let bias = plan.parameter("bias", axes: [n], initial: .constant(initializer.bias), decays: false)
        let z = plan.transposedConvolution(x, window, weight, bias, channels: (m, n))
        return function.emit(z, into: &plan)
    }
}

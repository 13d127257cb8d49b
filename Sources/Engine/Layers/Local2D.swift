/// Like conv2d, but each window has weights of its own: what is learned at one place is not known at another.
///
/// Shapes: x: [channels, height, width, batch], W (`weight`): [outHeight, outWidth, filters, channels, kernel, kernel], b
/// (`bias`): [filters, outHeight, outWidth], z and y: [filters, outHeight, outWidth, batch]; outHeight as in conv2d.
/// z[f, i, j] = b[f, i, j] + Σ W[i, j, f, c, k, l] x[c, i stride + k − padding, j stride + l − padding]; y = f(z).
/// Backward, with dz = dy ∘ f′(z): dW[i, j, f, c, k, l] = Σ over the batch of dz x, db = Σ dz, dx = the sum of W ∘ dz over the
/// windows that a value is in.
struct Local2D: KernelLayer {
    static let entry = Entry(
        id: "local2d", title: "local2d",
        summary: "Like conv2d, but each place has kernels of its own: many more weights, and nothing is shared.",
        formula: "y = f(W(place) · window + b(place))",
        source: "LeCun, Generalization and network design strategies, 1989",
        watch: "The number of weights: places × that of a convolution. With few images it learns them by heart.",
        knobs: [
            ConvolutionKnobs.filters, ConvolutionKnobs.kernel, ConvolutionKnobs.stride,
            Knob(
                "padding", title: "padding", summary: "Rows and columns of zeros around the image.",
                kind: .integer(0...15), default: .integer(0), raise: "when the rim of images matters",
                lower: "when the values at the rim are worth little"),
            ConvolutionKnobs.activation, ConvolutionKnobs.initializer,
        ])

    static let exampleInput = Shape(2, 4, 5)

    let chosen: KernelSettings

    init(settings: Settings) throws(EngineError) { chosen = try KernelSettings(settings) }

    var title: String { "local2d \(filters)" }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { ShapeDecoder.layers(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        var window = try Window(
            over: image, size: settings.integer("kernel"), stride: settings.integer("stride"),
            padding: settings.integer("padding"), place: "\(settings.place).kernel")
        window.isLocal = true
        let (m, n) = (filters, image.channels)
        let weight = plan.parameter(
            "weight",
            axes: [window.outHeight, window.outWidth, m, n, window.kernelHeight, window.kernelWidth],
            initial: initializer.initial(inputs: n * window.taps, outputs: m * window.taps), decays: true)
        let bias = plan.parameter(
            "bias", axes: [m, window.outHeight, window.outWidth], initial: .constant(initializer.bias), decays: false)
        let z = plan.convolution(x, window, weight, bias, channels: (m, n))
        return function.emit(z, into: &plan)
    }
}

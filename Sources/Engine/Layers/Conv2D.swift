/// Weighs the values in a small window by the same kernel wherever the window stands; each filter makes a channel of its own.
///
/// Shapes: x: [channels, height, width, batch], W (`weight`): [filters, channels, kernel, kernel], b (`bias`): [filters],
/// z and y: [filters, outHeight, outWidth, batch]; outHeight = ⌊(height + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1
/// (PyTorch's Conv2d). z[f, i, j] = b[f] + Σ W[f, c, k, l] x[c, i stride + k dilation − padding, j stride + l dilation − padding],
/// 0 beyond the image: PyTorch's cross-correlation; with `flip` the kernel is turned by 180°, which is the convolution of
/// mathematics. y = f(z).
/// Backward, with dy given: dz = dy ∘ f′(z), dW[f, c, k, l] = Σ dz[f, i, j] x[c, …] over places and batch, db = Σ dz, dx =
/// the sum of W ∘ dz over the windows that a value is in.
struct Conv2D: KernelLayer {
    static let entry = Entry(
        id: "conv2d", title: "conv2d",
        summary:
            "Slides small kernels over the image: each filter weighs the values in its window, and makes a map of where it found what.",
        formula: "y = f(W ⋆ x + b)",
        source:
            "Fukushima, Neocognitron, 1980; LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        watch: "The maps: each should light up at other places. Maps that are dark for every image are dead.",
        knobs: [
            Knob(
                "filters", title: "filters", summary: "The number of kernels, each of which makes a channel.",
                kind: .integer(1...4096), default: .integer(8),
                raise: "when the training loss stays high: more kinds of patterns can be found",
                lower: "when maps look alike or are dark for every image"),
            ConvolutionKnobs.kernel, ConvolutionKnobs.stride,
            Knob(
                "padding", title: "padding",
                summary: "Rows and columns of zeros around the image; same: so many that the image keeps its size.",
                kind: .word(["same"] + (0...15).map(String.init)), default: .text("0")),
            ConvolutionKnobs.dilation, ConvolutionKnobs.activation, ConvolutionKnobs.initializer,
            ConvolutionKnobs.bias, ConvolutionKnobs.flip, ImageKernels.knob,
        ])

    static let exampleInput = Shape(2, 4, 5)

    let chosen: KernelSettings

    init(settings: Settings) throws(EngineError) { chosen = try KernelSettings(settings) }

    var title: String { "conv2d \(filters)" }

    /// - Throws: a kernel that is larger than the image, padding `same` with a stride.
    private func window(over image: Image) throws(EngineError) -> Window {
        let (size, stride, dilation) = (
            settings.integer("kernel"), settings.integer("stride"), settings.integer("dilation")
        )
        var window: Window
        if let padding = Int(settings.text("padding")) {
            window = try Window(
                over: image, size: size, stride: stride, padding: padding, dilation: dilation,
                place: "\(settings.place).kernel")
        } else {
            guard stride == 1 else {
                throw EngineError(
                    place: "\(settings.place).padding",
                    message:
                        "padding same keeps the image's size, which a stride of \(stride) does not; set stride to 1, or "
                        + "padding to a number: \(dilation * (size - 1) / 2)")
            }
            window = Window(around: image, size: size, dilation: dilation)
        }
        window.isFlipped = settings.toggle("flip")
        return window
    }

    func decoder(from output: Shape, to input: Shape) -> [Choice] {
        guard let image = try? Image(input, for: settings), let window = try? window(over: image) else { return [] }
        // The rows and columns that no window reaches.
        let span = window.dilation * (window.kernelHeight - 1) + 1
        let rest = (
            image.height - (window.outHeight - 1) * window.stride + 2 * window.padding - span,
            image.width - (window.outWidth - 1) * window.stride + 2 * window.padding - span
        )
        guard rest.0 == rest.1, rest.0 >= 0 else { return [] }
        return [
            Choice(
                "conv2dTranspose",
                [
                    "filters": .integer(image.channels), "kernel": .integer(window.kernelHeight),
                    "stride": .integer(window.stride), "padding": .integer(window.padding),
                    "outputPadding": .integer(rest.0), "dilation": .integer(window.dilation),
                    "activation": .choice(Choice(Catalogue.activation(standardFor: .values))),
                    "initializer": .choice(initializer.settings.choice),
                ])
        ]
    }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let window = try window(over: image)
        let (m, n) = (filters, image.channels)
        let drawn = initializer.initial(inputs: n * window.taps, outputs: m * window.taps)
        let given = try kernels(channels: n)
        let weight = plan.parameter(
            "weight", axes: [m, n, window.kernelHeight, window.kernelWidth],
            initial: given.isEmpty ? drawn : .given(given, rest: drawn), decays: true)
        let bias =
            settings.toggle("bias")
            ? plan.parameter("bias", axes: [m], initial: .constant(initializer.bias), decays: false) : nil
        let z = plan.convolution(x, window, weight, bias, channels: (m, n))
        return function.emit(z, into: &plan)
    }

    /// The weights that are given: of each kernel one for each channel, divided among them, that a grey image in several
    /// channels gives what it gives in one.
    private func kernels(channels n: Int) throws(EngineError) -> [Float] {
        let place = "\(settings.place).kernels"
        let kernels = try ImageKernels.parsed(settings.text("kernels"), size: settings.integer("kernel"), place: place)
        guard kernels.count <= filters else {
            throw EngineError(
                place: place,
                message: "found \(plural(kernels.count, "kernel")) for \(plural(filters, "filter")); set filters to "
                    + "\(kernels.count)")
        }
        return kernels.flatMap { kernel in (0..<n).flatMap { _ in kernel.map { $0 / Float(n) } } }
    }
}

extension Conv2D {
    /// Sums of the values around each place, as many images of the same size, without an activation.
    static func projection(filters: Int, kernel: Int) -> Choice {
        Choice(
            entry.id,
            [
                "filters": .integer(filters), "kernel": .integer(kernel), "padding": .text("same"),
                "activation": .choice(Choice(Catalogue.activation(standardFor: .values))),
            ])
    }
}

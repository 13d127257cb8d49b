import CKernels

/// Weighted sums over the windows of an image, and their gradients. m: channels of the windows' results (filters), n: of the
/// image; m′ and n′: values of a sample in these channels.
extension Primitive {
    /// output[m′, B] = bias[m] + weight[m, n, kernel] ⋆ input[n′, B]. Where windows have weights of their own, weight
    /// [windows, m, n, kernel] and bias [m′].
    static let convolve = Primitive(
        id: "convolve", kernel: LC_OP_CONVOLVE,
        operands: [.writes("output", 0), .reads("weight", 1), .reads("bias", 2), .reads("input", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.weighing("convolve", o, o["output"], of: o["input"], channels: o.m, places: \.places)]
        }, text: .images, suitsLanes: false)

    /// input[n′, B] = bias[n] + the sums of weight ∘ output over the windows that each value is in: the gradient of
    /// `convolve` by its input, and a convolution backwards.
    static let convolveBack = Primitive(
        id: "convolveBack", kernel: LC_OP_CONVOLVE_BACK,
        operands: [.writes("input", 0), .reads("weight", 1), .reads("bias", 2), .reads("output", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.weighing("convolveBack", o, o["input"], of: o["output"], channels: o.n, places: \.pixels)]
        }, text: .images, suitsLanes: false)

    /// weightGradient (+)= gradient[m′, B] ⋆ input[n′, B]. The weights of a filter can be divided among threads.
    static let convolveGradient = Primitive(
        id: "convolveGradient", kernel: LC_OP_CONVOLVE_GRAD,
        operands: [.sums("weightGradient", 0), .reads("gradient", 3), .reads("input", 4)],
        part: { o, part, count in
            let all = o.window!.wantedWeights!
            let (first, end) = (all.count * part / count, all.count * (part + 1) / count)
            guard end > first else { return nil }
            var own = o
            own.window!.wantedWeights = all.lowerBound + first..<all.lowerBound + end
            return own
        },
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("convolveGradient")
            try arguments.floats(o["weightGradient"])
            try arguments.rows(o["gradient"], o["input"])
            let window = try arguments.window(o, binding.vectors)
            // As the kernel has them for a processor's vectors, and for a card's work-items.
            let (filters, taps) = binding.lanes > 1 ? (4, 6) : (8, 1)
            var launch = try binding.sumLaunch(
                arguments, groups: (o.n * window.taps + taps - 1) / taps, sums: filters * taps)
            launch.global += [(o.m + filters - 1) / filters, window.isLocal ? window.places : 1]
            launch.local += [1, 1]
            return [launch]
        }, text: .images, suitsLanes: false)

    /// Channels of results that a work-item makes at once.
    fileprivate static let blockRows = 8
}

extension OpenCLBinding {
    /// A kernel that weighs values by the kernels of a layer.
    /// - Parameter places: values of each channel of the result.
    fileprivate func weighing(
        _ name: String, _ o: Operation, _ result: Slice, of values: Slice, channels: Int, places: (Window) -> Int
    ) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments(name)
        try arguments.rows(result)
        try arguments.floats(o["weight"])
        try arguments.floats(o.optional("bias"))
        try arguments.rows(values)
        let window = try arguments.window(o, vectors)
        return launch(
            arguments, items: places(window) * vectors,
            units: (channels + Primitive.blockRows - 1) / Primitive.blockRows)
    }
}

extension Window {
    /// Values of a channel of the image.
    fileprivate var pixels: Int { height * width }
}

extension OpenCLBinding.Arguments {
    /// The window, the channels, and the vectors of a row.
    mutating func window(_ o: Operation, _ vectors: Int) throws(OpenCL.Failure) -> Window {
        let window = o.window!
        let numbers = [
            window.height, window.width, window.outHeight, window.outWidth, window.kernelHeight, window.kernelWidth,
            window.stride, window.padding, window.dilation, window.isFlipped ? 1 : 0, window.isLocal ? 1 : 0, o.m, o.n,
            vectors,
        ]
        for number in numbers { try add(Int32(number)) }
        return window
    }
}

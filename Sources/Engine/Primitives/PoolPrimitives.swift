import CKernels

/// Windows over each channel of an image by itself. m: channels, m′: their values before, or the windows' results.
extension Primitive {
    /// output[m′, B] = the largest of input[m′, B] in each window; not a number where one is not.
    static let poolMaximum = Primitive(
        id: "poolMaximum", kernel: LC_OP_POOL_MAXIMUM, operands: [.writes("output", 0), .reads("input", 1)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.windows("poolMaximum", o, o.window!.places, [o["output"], o["input"]])]
        }, text: .images)

    /// inputGradient = the gradient of each window at the first of its largest values.
    static let poolMaximumGradient = Primitive(
        id: "poolMaximumGradient", kernel: LC_OP_POOL_MAXIMUM_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("input", 3), .reads("output", 4)],
        device: { o, binding throws(OpenCL.Failure) in
            [
                try binding.windows(
                    "poolMaximumGradient", o, o.window!.height * o.window!.width,
                    [o["inputGradient"], o["gradient"], o["input"], o["output"]])
            ]
        }, text: .images)

    /// output = factor · Σ of input in each window. Knobs: the factor, and 1 where it is to be one by the number of the
    /// window's values in the image instead.
    static let poolSum = Primitive(
        id: "poolSum", kernel: LC_OP_POOL_SUM, operands: [.writes("output", 0), .reads("input", 1)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.windows("poolSum", o, o.window!.places, [o["output"], o["input"]])]
        }, text: .images)

    /// input = factor · Σ of output over the windows that each value is in: the gradient of `poolSum`. Knobs: as there.
    static let poolSpread = Primitive(
        id: "poolSpread", kernel: LC_OP_POOL_SPREAD, operands: [.writes("input", 0), .reads("output", 1)],
        device: { o, binding throws(OpenCL.Failure) in
            [
                try binding.windows(
                    "poolSpread", o, o.window!.height * o.window!.width, [o["input"], o["output"]])
            ]
        }, text: .images)
}

extension OpenCLBinding {
    /// A kernel that makes `places` rows of each channel.
    fileprivate func windows(
        _ name: String, _ o: Operation, _ places: Int, _ slices: [Slice]
    ) throws(OpenCL.Failure) -> Launch {
        var arguments = try arguments(name)
        for slice in slices { try arguments.rows(slice) }
        try arguments.add(OpenCLBinding.knobs(o.knobs))
        _ = try arguments.window(o, vectors)
        return launch(arguments, items: places * vectors, units: o.m)
    }
}

import CKernels

/// Rows of a table by their numbers. m: the length of a row; n: rows.
extension Primitive {
    /// output[steps, m, B] = weight[input[steps, B], :], 0 where the number is negative.
    static let embed = Primitive(
        id: "embed", kernel: LC_OP_EMBED, operands: [.writes("output", 0), .reads("weight", 1), .reads("input", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("embed")
            for slice in [o["output"], o["weight"], o["input"]] { try arguments.floats(slice) }
            for number in [o.steps!.count, o.m, o.n, binding.stride] { try arguments.add(Int32(number)) }
            return [binding.launch(arguments, items: o.steps!.count * o.m * binding.stride)]
        }, text: .steps)

    /// weightGradient[n, m] (+)= the sums of gradient[steps, m, B] by the rows that input[steps, B] names. Knobs: the first of
    /// the columns that are wanted, and their number.
    static let embedGradient = Primitive(
        id: "embedGradient", kernel: LC_OP_EMBED_GRAD,
        operands: [.sums("weightGradient", 0), .reads("gradient", 3), .reads("input", 4)],
        part: { o, part, count in
            let (first, end) = (o.m * part / count, o.m * (part + 1) / count)
            guard end > first else { return nil }
            var own = o
            own.knobs = [Double(first), Double(end - first)]
            return own
        },
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("embedGradient")
            for slice in [o["weightGradient"], o["gradient"], o["input"]] { try arguments.floats(slice) }
            for number in [o.steps!.count, o.m, o.n, binding.stride] { try arguments.add(Int32(number)) }
            let accumulateAt = arguments.index
            try arguments.add(Int32(0))
            var launch = binding.launch(arguments, items: o.n * o.m)
            launch.accumulateAt = accumulateAt
            return [launch]
        }, text: .steps)
}

import CKernels

/// Weighted sums at every step of a sequence, and what makes one value of all steps or the other way round.
extension Primitive {
    /// output[steps, m, B] = bias[m] + the sums over taps of weight[m, n, taps] · input[steps, n, B].
    static let stepsAffine = Primitive(
        id: "stepsAffine", kernel: LC_OP_STEPS_AFFINE,
        operands: [.writes("output", 0), .reads("weight", 1), .reads("bias", 2), .reads("input", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("stepsAffine")
            try arguments.rows(o["output"])
            try arguments.floats(o["weight"])
            try arguments.floats(o.optional("bias"))
            try arguments.rows(o["input"])
            let steps = try arguments.steps(o, binding.vectors)
            return [binding.launch(arguments, items: steps.count * o.m * binding.vectors)]
        }, text: .steps)

    /// inputGradient[steps, n, B] = the sums over taps of weightᵀ · gradient[steps, m, B].
    static let stepsInputGradient = Primitive(
        id: "stepsInputGradient", kernel: LC_OP_STEPS_GRAD_INPUT,
        operands: [.writes("inputGradient", 0), .reads("weight", 1), .reads("gradient", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("stepsInputGradient")
            try arguments.rows(o["inputGradient"])
            try arguments.floats(o["weight"])
            try arguments.rows(o["gradient"])
            let steps = try arguments.steps(o, binding.vectors)
            return [binding.launch(arguments, items: steps.count * o.n * binding.vectors)]
        }, text: .steps)

    /// weightGradient[m, n, taps] (+)= the sums over steps of gradient[m, B] · input[n, B]ᵀ, biasGradient[m] (+)= row sums.
    static let stepsParameterGradient = Primitive(
        id: "stepsParameterGradient", kernel: LC_OP_STEPS_GRAD_PARAMS,
        operands: [.sums("weightGradient", 0), .sums("biasGradient", 2), .reads("gradient", 3), .reads("input", 4)],
        part: { o, part, count in
            guard let rows = o.rows(ofPart: part, of: count) else { return nil }
            let first = rows.lowerBound
            var own = o
            own.m = rows.count
            let width = o.n * o.steps!.taps
            own.cut("weightGradient", from: first * width, count: own.m * width)
            own.cut("biasGradient", from: first, count: own.m)
            own.cut("gradient", from: first, count: own.m)
            return own
        },
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("stepsParameterGradient")
            try arguments.floats(o["weightGradient"])
            try arguments.rows(o["gradient"], o["input"])
            let steps = try arguments.steps(o, binding.vectors)
            let launch = try binding.sumLaunch(arguments, groups: o.m * o.n * steps.taps)
            guard let bias = o.optional("biasGradient") else { return [launch] }
            var sums = try binding.arguments("stepsBiasGradient")
            try sums.floats(bias)
            try sums.rows(o["gradient"])
            _ = try sums.steps(o, binding.vectors)
            return [launch, try binding.sumLaunch(sums, groups: o.m)]
        }, text: .steps)

    /// output[m, B] = input[steps, m, B] at each sample's last step; the last n of the m rows at the first step.
    static let stepsLast = overSteps("stepsLast", LC_OP_STEPS_LAST, result: { $0.m })

    /// output[steps, m, B] = input[m, B] there, else 0.
    static let stepsLastGradient = overSteps(
        "stepsLastGradient", LC_OP_STEPS_LAST_GRAD, result: { $0.steps!.count * $0.m })

    /// output[m, B] = Σ over a sample's steps of input[steps, m, B]. The knob: 1 where it is to be divided by the number of the
    /// steps.
    static let stepsSum = overSteps("stepsSum", LC_OP_STEPS_SUM, hasKnobs: true, result: { $0.m })

    /// output[steps, m, B] = input[m, B] at each of a sample's steps, else 0. The knob: as there.
    static let stepsSpread = overSteps(
        "stepsSpread", LC_OP_STEPS_SPREAD, hasKnobs: true, result: { $0.steps!.count * $0.m })

    /// - Parameter result: the rows that are made.
    private static func overSteps(
        _ id: String, _ kernel: lc_opcode, hasKnobs: Bool = false, result: @escaping @Sendable (Operation) -> Int
    ) -> Primitive {
        Primitive(
            id: id, kernel: kernel,
            operands: [.writes("output", 0), .reads("input", 1), .reads("lengths", 6)],
            device: { o, binding throws(OpenCL.Failure) in
                var arguments = try binding.arguments(id)
                try arguments.rows(o["output"], o["input"])
                try arguments.optionalRows(o.optional("lengths"))
                if hasKnobs { try arguments.add(OpenCLBinding.knobs(o.knobs)) }
                _ = try arguments.steps(o, binding.vectors)
                return [binding.launch(arguments, items: result(o) * binding.vectors)]
            }, text: .steps)
    }
}

extension OpenCLBinding.Arguments {
    /// The steps, m, n, and the vectors of a row.
    mutating func steps(_ o: Operation, _ vectors: Int) throws(OpenCL.Failure) -> Steps {
        let steps = o.steps!
        let numbers = [
            steps.count, steps.pitch, steps.inputPitch, steps.taps, steps.dilation, steps.padding,
            steps.isReversed ? 1 : 0, o.m, o.n, vectors,
        ]
        for number in numbers { try add(Int32(number)) }
        return steps
    }
}

import CKernels

/// An activation's function, value by value, and its gradient.
extension Primitive {
    /// output[m, B] = f(input[m, B]); `learned`: the parameter of f, when it has one.
    static let activate = Primitive(
        id: "activate", kernel: LC_OP_ACTIVATE,
        operands: [.writes("output", 0), .reads("input", 1), .reads("learned", 2)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("\(o.symbol)Activate")
            try arguments.rows(o["output"], o["input"])
            try arguments.floats(o.optional("learned"))
            try arguments.add(OpenCLBinding.knobs(o.knobs))
            try arguments.add(Int32(o.m * binding.vectors))
            return [binding.launch(arguments, items: o.m * binding.vectors)]
        },
        fused: { o, text in
            text.withKnobs(o) {
                let learned = $0.learned(o)
                $0.loop("i", o.m) {
                    $0.line(
                        "\($0.place(o["output"], "i")) = \(o.symbol)Value(\($0.place(o["input"], "i")), p, \(learned));"
                    )
                }
            }
        }, role: .activation)

    /// inputGradient[m, B] = gradient[m, B] · f′(input[m, B]), with output = f(input);
    /// learnedGradient (+)= the gradient of f's parameter.
    static let activateGradient = Primitive(
        id: "activateGradient", kernel: LC_OP_ACTIVATE_GRAD,
        operands: [
            .writes("inputGradient", 0), .reads("gradient", 1), .reads("learned", 2), .reads("input", 3),
            .reads("output", 4), .sums("learnedGradient", 5),
        ],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("\(o.symbol)Gradient")
            try arguments.rows(o["inputGradient"], o["gradient"])
            try arguments.floats(o.optional("learned"))
            try arguments.rows(o["input"], o["output"])
            try arguments.add(OpenCLBinding.knobs(o.knobs))
            try arguments.add(Int32(o.m * binding.vectors))
            let launch = binding.launch(arguments, items: o.m * binding.vectors)
            guard let learnedGradient = o.optional("learnedGradient") else { return [launch] }
            var sum = try binding.arguments("\(o.symbol)ParameterGradient")
            try sum.floats(learnedGradient)
            try sum.rows(o["gradient"])
            try sum.floats(o.optional("learned"))
            try sum.rows(o["input"], o["output"])
            try sum.add(OpenCLBinding.knobs(o.knobs))
            try sum.add(Int32(o.m * binding.vectors))
            return [try binding.sumLaunch(sum, groups: 1), launch]
        },
        fused: { o, text in
            text.withKnobs(o) {
                let learned = $0.learned(o)
                $0.loop("i", o.m) {
                    let gradient = $0.place(o["gradient"], "i")
                    let values = "\($0.place(o["input"], "i")), \($0.place(o["output"], "i")), p, \(learned)"
                    if let sum = o.optional("learnedGradient") {
                        $0.line("\($0.place(sum, "0")) += \(gradient) * \(o.symbol)ByParameter(\(values));")
                    }
                    $0.line(
                        "\($0.place(o["inputGradient"], "i")) = \(gradient) * \(o.symbol)Derivative(\(values));")
                }
            }
        }, role: .activationGradient)
}

extension FusedText {
    /// The parameter of an operation's function.
    fileprivate func learned(_ o: Operation) -> String {
        o.optional("learned").map { "splat1(\(place($0, "0")))" } ?? "splat(0)"
    }
}

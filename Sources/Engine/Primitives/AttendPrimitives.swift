import CKernels

/// Attention of one head over the steps of a sequence. m: the values of q, of k and of v; knobs: the factor of the products, and
/// 1 where a step sees itself and those before it alone.
extension Primitive {
    /// output[steps, m, B] = the weighted sums of v; weights[steps, steps, B] = the softmax of factor · q · k. input
    /// [steps, 3 m, B]: q, k and v of each step.
    static let attend = Primitive(
        id: "attend", kernel: LC_OP_ATTEND,
        operands: [.writes("output", 0), .reads("input", 1), .writes("weights", 4), .reads("lengths", 6)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("attend")
            try arguments.rows(o["output"], o["input"], o["weights"])
            try arguments.optionalRows(o.optional("lengths"))
            try arguments.add(OpenCLBinding.knobs(o.knobs))
            let steps = try arguments.steps(o, binding.vectors)
            return [binding.launch(arguments, items: steps.count * binding.vectors)]
        }, text: .steps, role: .attention)

    /// inputGradient[steps, 3 m, B] = the gradients at q, k and v; in place of the weights come those at the products.
    static let attendGradient = Primitive(
        id: "attendGradient", kernel: LC_OP_ATTEND_GRAD,
        operands: [
            .writes("inputGradient", 0), .reads("input", 1), .changes("weights", 3),
            .reads("gradient", 4),
        ],
        device: { o, binding throws(OpenCL.Failure) in
            try ["attendValueGradient", "attendQueryGradient", "attendKeyGradient"].map { name throws(OpenCL.Failure) in
                var arguments = try binding.arguments(name)
                try arguments.rows(o["inputGradient"], o["input"], o["weights"], o["gradient"])
                try arguments.add(OpenCLBinding.knobs(o.knobs))
                let steps = try arguments.steps(o, binding.vectors)
                return binding.launch(arguments, items: steps.count * binding.vectors)
            }
        }, text: .steps, role: .attentionGradient)
}

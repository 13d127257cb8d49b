import CKernels

extension Primitive {
    /// gradient[m, B] = the derivative at `output` of the loss summed over the batch.
    static let lossGradient = Primitive(
        id: "lossGradient", kernel: LC_OP_LOSS_GRAD,
        operands: [.writes("gradient", 0), .reads("output", 1), .reads("target", 2)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("\(o.symbol)LossGradient")
            try arguments.rows(o["gradient"], o["output"], o["target"])
            try arguments.add(OpenCLBinding.knobs(o.knobs))
            try arguments.add(Int32(o.m))
            try arguments.add(Int32(binding.vectors))
            var launch = binding.launch(arguments, items: binding.vectors)
            launch.countAt = arguments.index
            return [launch]
        },
        fused: { o, text in
            text.withKnobs(o) {
                $0.column(o, o["output"])
                $0.loop("i", o.m) {
                    let values = "\($0.place(o["output"], "i")), \($0.place(o["target"], "i"))"
                    let slope = "\(o.symbol)Slope(\(values), p, shared)"
                    $0.line("\($0.place(o["gradient"], "i")) = choose(used, \(slope), splat(0));")
                }
            }
        })

    /// The same at every step: gradient[steps, m, B] = shares[steps, B] ∘ the derivative at output[steps, m, B].
    static let stepsLossGradient = Primitive(
        id: "stepsLossGradient", kernel: LC_OP_STEPS_LOSS_GRAD,
        operands: [.writes("gradient", 0), .reads("output", 1), .reads("target", 2), .reads("shares", 6)],
        device: { o, binding throws(OpenCL.Failure) in
            func step(_ whole: Slice, _ number: Int) -> Slice {
                Slice(block: whole.block, offset: whole.offset + number * o.m, count: o.m)
            }
            var launches: [OpenCLPass.Launch] = []
            for number in 0..<o.steps!.count {
                var arguments = try binding.arguments("\(o.symbol)LossGradient")
                try arguments.rows(step(o["gradient"], number), step(o["output"], number), step(o["target"], number))
                try arguments.add(OpenCLBinding.knobs(o.knobs))
                try arguments.add(Int32(o.m))
                try arguments.add(Int32(binding.vectors))
                var launch = binding.launch(arguments, items: binding.vectors)
                launch.countAt = arguments.index
                launches.append(launch)
            }
            var arguments = try binding.arguments("stepsShares")
            try arguments.rows(o["gradient"], o["shares"])
            for number in [o.steps!.count, o.m, binding.vectors] { try arguments.add(Int32(number)) }
            return launches + [binding.launch(arguments, items: o.steps!.count * o.m * binding.vectors)]
        }, text: .steps)
}

import CKernels

extension Primitive {
    /// output = input + deviation · normal deviates; the deviation is the knob.
    static let noise = Primitive(
        id: "noise", kernel: LC_OP_NOISE, operands: [.writes("output", 0), .reads("input", 1)],
        hasKnobsPerNetwork: true,
        device: { o, binding throws(OpenCL.Failure) in
            guard case .stream(let stream) = o.kind else { preconditionFailure("noise has a stream") }
            var arguments = try binding.arguments("noise")
            try arguments.rows(o["output"], o["input"])
            try arguments.add(Float(o.knobs[0]))
            try arguments.add(Int32(stream))
            try arguments.add(Int32(binding.vectors))
            var launch = binding.launch(arguments, items: binding.vectors, units: o.m)
            launch.seedAt = arguments.index
            return [launch]
        }, text: .normalization,
        fused: { o, text in
            let own = text.draws.firstIndex(of: o)!
            text.loop("i", o.m) {
                let noise = "normalOf(low[\(own)], high[\(own)], (uint)i, sample)"
                $0.line("\($0.place(o["output"], "i")) = \($0.place(o["input"], "i")) + knobs[\(own)] * \(noise);")
            }
        })
}

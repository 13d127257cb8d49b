import CKernels

extension Primitive {
    /// mask = random in {0, 1 / (1 − rate)}, output = input ∘ mask; the rate is the knob. The n rows of each unit share their
    /// mask; n = 0: a unit has one row.
    static let dropout = Primitive(
        id: "dropout", kernel: LC_OP_DROPOUT,
        operands: [.writes("output", 0), .reads("input", 1), .writes("mask", 2)], hasKnobsPerNetwork: true,
        device: { o, binding throws(OpenCL.Failure) in
            guard case .stream(let stream) = o.kind else { preconditionFailure("a mask has a stream") }
            var arguments = try binding.arguments("dropout")
            try arguments.rows(o["output"], o["input"], o["mask"])
            try arguments.add(Float(o.knobs[0]))
            try arguments.add(Int32(stream))
            try arguments.add(Int32(max(1, o.n)))
            try arguments.add(Int32(binding.vectors))
            var launch = binding.launch(arguments, items: binding.vectors, units: o.m)
            launch.seedAt = arguments.index
            return [launch]
        },
        fused: { o, text in
            let own = text.draws.firstIndex(of: o)!
            text.loop("i", o.m) {
                $0.line("const lanes drawn = uniformOf(low[\(own)], high[\(own)], (uint)i, sample);")
                $0.line("const lanes mask = choose(drawn < knobs[\(own)], splat(0), 1 / (1 - knobs[\(own)]));")
                $0.loop("row", max(1, o.n)) {
                    let at = "i * \(max(1, o.n)) + row"
                    $0.line("\($0.place(o["mask"], at)) = mask;")
                    $0.line("\($0.place(o["output"], at)) = \($0.place(o["input"], at)) * mask;")
                }
            }
        })
}

import CKernels

/// Arithmetic value by value, without a function of the catalogue.
extension Primitive {
    /// output = input ∘ factor.
    static let scaleBy = elements("scaleBy", LC_OP_SCALE_BY, ["input", "factor"]) { "\($0[0]) * \($0[1])" }

    /// output = input.
    static let copy = elements("copy", LC_OP_COPY, ["input"]) { $0[0] }

    /// output = input + other.
    static let add = elements("add", LC_OP_ADD, ["input", "other"]) { "\($0[0]) + \($0[1])" }

    /// output = the larger of input and other; not a number where either is not.
    static let maximum = elements("maximum", LC_OP_MAXIMUM, ["input", "other"]) { "larger(\($0[0]), \($0[1]))" }

    /// output = factor · input; the factor is the knob.
    static let scale = Primitive(
        id: "scale", kernel: LC_OP_SCALE, operands: [.writes("output", 0), .reads("input", 1)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.elements("scale", o.m, [o["output"], o["input"]], knobs: o.knobs)]
        },
        fused: { o, text in
            text.loop("i", o.m) {
                $0.line("\($0.place(o["output"], "i")) = \(Float(o.knobs[0]))f * \($0.place(o["input"], "i"));")
            }
        })

    /// inputGradient = gradient where input > other, else 0; also where they are equal if the knob is 1.
    static let maximumGradient = Primitive(
        id: "maximumGradient", kernel: LC_OP_MAXIMUM_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("input", 2), .reads("other", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            [
                try binding.elements(
                    "maximumGradient", o.m, [o["inputGradient"], o["gradient"], o["input"], o["other"]],
                    knobs: o.knobs)
            ]
        },
        fused: { o, text in
            text.loop("i", o.m) {
                let (own, other) = ($0.place(o["input"], "i"), $0.place(o["other"], "i"))
                let wins = o.knobs[0] == 1 ? "\(own) >= \(other)" : "\(own) > \(other)"
                $0.line(
                    "\($0.place(o["inputGradient"], "i")) = "
                        + "choose(\(wins), \($0.place(o["gradient"], "i")), splat(0));")
            }
        })

    /// - Parameter formula: the text of a result, from the texts of its operands.
    private static func elements(
        _ id: String, _ kernel: lc_opcode, _ inputs: [String], formula: @escaping @Sendable ([String]) -> String
    ) -> Primitive {
        let reads = inputs.enumerated().map { Operand.reads($0.element, $0.offset + 1) }
        return Primitive(
            id: id, kernel: kernel, operands: [.writes("output", 0)] + reads,
            device: { o, binding throws(OpenCL.Failure) in
                [try binding.elements(id, o.m, [o["output"]] + inputs.map { o[$0] })]
            },
            fused: { o, text in
                text.loop("i", o.m) { text in
                    let result = formula(inputs.map { text.place(o[$0], "i") })
                    text.line("\(text.place(o["output"], "i")) = \(result);")
                }
            })
    }
}

import CKernels

/// Arithmetic value by value, without a function of the catalogue.
extension Primitive {
    /// output = input ∘ factor.
    static let scaleBy = elements("scaleBy", LC_OP_SCALE_BY, ["input", "factor"]) { "\($0[0]) * \($0[1])" }

    /// output = input.
    static let copy = elements("copy", LC_OP_COPY, ["input"]) { $0[0] }

    /// output = input + other.
    static let add = elements("add", LC_OP_ADD, ["input", "other"]) { "\($0[0]) + \($0[1])" }

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

import CKernels

extension Primitive {
    /// output[m, B] = softmax of input over the m units of each sample.
    static let softmax = Primitive(
        id: "softmax", kernel: LC_OP_SOFTMAX, operands: [.writes("output", 0), .reads("input", 1)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.columns("softmax", o.m, o["output"], o["input"])]
        },
        fused: { o, text in
            text.block {
                $0.column(o["input"], o.m)
                $0.loop("i", o.m) {
                    $0.line(
                        "\($0.place(o["output"], "i")) = "
                            + "exponential(\($0.place(o["input"], "i")) - shared.largest) / shared.sum;")
                }
            }
        })

    /// inputGradient = output ∘ (gradient − Σ over the units of gradient ∘ output).
    static let softmaxGradient = Primitive(
        id: "softmaxGradient", kernel: LC_OP_SOFTMAX_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("output", 4)],
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.columns("softmaxGradient", o.m, o["inputGradient"], o["gradient"], o["output"])]
        },
        fused: { o, text in
            text.block {
                $0.line("lanes sum = splat(0);")
                $0.loop("i", o.m) {
                    $0.line("sum += \($0.place(o["gradient"], "i")) * \($0.place(o["output"], "i"));")
                }
                $0.loop("i", o.m) {
                    let (gradient, output) = ($0.place(o["gradient"], "i"), $0.place(o["output"], "i"))
                    $0.line("\($0.place(o["inputGradient"], "i")) = \(output) * (\(gradient) - sum);")
                }
            }
        })
}

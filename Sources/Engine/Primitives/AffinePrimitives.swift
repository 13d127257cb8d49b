import CKernels

/// A weighted sum of a layer's inputs, and its gradients. The parameter gradient's rows can be divided among threads.
extension Primitive {
    /// output[m, B] = bias[m] + weight[m, n] · input[n, B].
    static let affine = Primitive(
        id: "affine", kernel: LC_OP_AFFINE,
        operands: [.writes("output", 0), .reads("weight", 1), .reads("bias", 2), .reads("input", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            let stride = binding.stride
            guard binding.isBlast(o.m * o.n * stride) else {
                return [
                    try binding.weightedSums(
                        o["output"], weights: o["weight"], bias: o.optional("bias"), of: o["input"], outputs: o.m,
                        terms: o.n, outer: o.n, inner: 1)
                ]
            }
            let product = OpenCLProduct(
                c: binding.matrix(o["output"], stride), a: binding.matrix(o["weight"], o.n),
                b: binding.matrix(o["input"], stride), m: o.m, n: stride, k: o.n, adds: .always)
            let bias = try binding.spreadBias(o["output"], o.optional("bias"), units: o.m)
            return [bias, .init(product: product, kernel: bias.kernel, global: [], local: [])]
        },
        fused: { o, text in
            text.loop("i", o.m) {
                let bias = o.optional("bias").map { "splat1(\(text.place($0, "i")))" } ?? "splat(0)"
                $0.line("lanes sum = \(bias);")
                $0.loop("k", o.n) {
                    $0.line("sum += \($0.place(o["weight"], "i * \(o.n) + k")) * \($0.place(o["input"], "k"));")
                }
                $0.line("\($0.place(o["output"], "i")) = sum;")
            }
        })

    /// inputGradient[n, B] = weight[m, n]ᵀ · gradient[m, B].
    static let affineInputGradient = Primitive(
        id: "affineInputGradient", kernel: LC_OP_AFFINE_GRAD_INPUT,
        operands: [.writes("inputGradient", 0), .reads("weight", 1), .reads("gradient", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            try binding.transposedProduct(o, o["inputGradient"], of: o["gradient"], bias: nil)
        }, fused: { o, text in text.transposedProduct(o, o["inputGradient"], of: o["gradient"], bias: nil) })

    /// output[n, B] = bias[n] + weight[m, n]ᵀ · input[m, B]: a layer that is tied to the weight of another.
    static let affineTransposed = Primitive(
        id: "affineTransposed", kernel: LC_OP_AFFINE_TRANSPOSED,
        operands: [.writes("output", 0), .reads("weight", 1), .reads("bias", 2), .reads("input", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            try binding.transposedProduct(o, o["output"], of: o["input"], bias: o["bias"])
        }, fused: { o, text in text.transposedProduct(o, o["output"], of: o["input"], bias: o["bias"]) })

    /// sums[m] (+)= Σ over the samples and the n rows of each unit of gradient; n = 0: a unit has one row.
    static let rowSums = Primitive(
        id: "rowSums", kernel: LC_OP_ROW_SUMS, operands: [.sums("sums", 0), .reads("gradient", 1)],
        part: unitsPart(["sums"], rows: ["gradient"]), sharesUnits: true,
        device: { o, binding throws(OpenCL.Failure) in
            [try binding.unitSums(o["sums"], of: o["gradient"], o)]
        },
        fused: { o, text in
            text.loop("i", o.m) { text in
                text.loop("row", o.rowsPerUnit) {
                    $0.line(
                        "\($0.place(o["sums"], "i")) += \($0.place(o["gradient"], "i * \(o.rowsPerUnit) + row"));")
                }
            }
        })

    /// weightGradient[m, n] (+)= gradient[m, B] · input[n, B]ᵀ, biasGradient[m] (+)= row sums of gradient.
    static let affineParameterGradient = Primitive(
        id: "affineParameterGradient", kernel: LC_OP_AFFINE_GRAD_PARAMS,
        operands: [.sums("weightGradient", 0), .sums("biasGradient", 2), .reads("gradient", 3), .reads("input", 4)],
        part: { o, part, count in
            guard let rows = o.rows(ofPart: part, of: count) else { return nil }
            let first = rows.lowerBound
            var own = o
            own.m = rows.count
            own.cut("weightGradient", from: first * o.n, count: own.m * o.n)
            own.cut("biasGradient", from: first, count: own.m)
            own.cut("gradient", from: first, count: own.m)
            return own
        },
        device: { o, binding throws(OpenCL.Failure) in
            let stride = binding.stride
            let sums = try o.optional("biasGradient").map { bias throws(OpenCL.Failure) in
                try binding.rowSums(bias, of: o["gradient"], rows: o.m)
            }
            let weights: OpenCLPass.Launch
            if binding.isBlast(o.m * o.n * stride) {
                weights = try binding.blast(
                    OpenCLProduct(
                        c: binding.matrix(o["weightGradient"], o.n), a: binding.matrix(o["gradient"], stride),
                        b: binding.matrix(o["input"], stride), transposesB: true, m: o.m, n: o.n, k: stride,
                        adds: .whenAccumulating))
            } else {
                weights = try binding.outerSums(
                    o["weightGradient"], o["gradient"], o["input"], rows: o.m, columns: o.n)
            }
            return [weights] + (sums.map { [$0] } ?? [])
        },
        fused: { o, text in
            text.loop("i", o.m) {
                $0.line("const lanes dz = \($0.place(o["gradient"], "i"));")
                $0.loop("k", o.n) {
                    $0.line("\($0.place(o["weightGradient"], "i * \(o.n) + k")) += dz * \($0.place(o["input"], "k"));")
                }
                if let bias = o.optional("biasGradient") { $0.line("\($0.place(bias, "i")) += dz;") }
            }
        })
}

extension OpenCLBinding {
    /// result[n, B] = bias[n] + weight[m, n]ᵀ · input[m, B].
    fileprivate func transposedProduct(
        _ o: Operation, _ result: Slice, of input: Slice, bias: Slice?
    ) throws(OpenCL.Failure) -> [Launch] {
        guard isBlast(o.m * o.n * stride) else {
            return [
                try weightedSums(
                    result, weights: o["weight"], bias: bias, of: input, outputs: o.n, terms: o.m, outer: 1,
                    inner: o.n)
            ]
        }
        let product = OpenCLProduct(
            c: matrix(result, stride), a: matrix(o["weight"], o.n), transposesA: true, b: matrix(input, stride),
            m: o.n, n: stride, k: o.m, adds: bias == nil ? .never : .always)
        guard let bias else { return [try blast(product)] }
        return [try spreadBias(result, bias, units: o.n), try blast(product)]
    }
}

extension FusedText {
    /// The same in the fused kernel.
    fileprivate func transposedProduct(_ o: Operation, _ result: Slice, of input: Slice, bias: Slice?) {
        loop("k", o.n) { text in
            let start = bias.map { "splat1(\(text.place($0, "k")))" } ?? "splat(0)"
            text.line("lanes sum = \(start);")
            text.loop("i", o.m) {
                $0.line("sum += \($0.place(o["weight"], "i * \(o.n) + k")) * \($0.place(input, "i"));")
            }
            text.line("\(text.place(result, "k")) = sum;")
        }
    }
}

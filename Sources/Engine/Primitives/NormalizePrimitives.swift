import CKernels

/// Normalization to mean 0 and deviation 1, over the samples of a batch or over the units of a sample. m: units; of images
/// those are the channels, and n the places of each; else n is 0.
extension Primitive {
    /// output[m, B] = (input − mean) · inverse over the batch, inverse = 1 / √(variance + ε) in every lane; the running
    /// statistics [m] move towards the batch's. Knobs: momentum, ε.
    static let normalizeBatch = Primitive(
        id: "normalizeBatch", kernel: LC_OP_NORMALIZE_BATCH,
        operands: [
            .writes("output", 0), .reads("input", 1), .writes("inverse", 2), .writes("runningMean", 3),
            .writes("runningVariance", 4),
        ], isAcrossBatch: true,
        part: unitsPart(["inverse", "runningMean", "runningVariance"], rows: ["output", "input"]),
        sharesUnits: true, amongCopies: BatchMoments.normalize,
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("normalizeBatch")
            try arguments.rows(o["output"], o["input"], o["inverse"])
            try arguments.floats(o["runningMean"])
            try arguments.floats(o["runningVariance"])
            return [try binding.unitLaunch(&arguments, o)]
        }, text: .normalization, role: .batchNormalization)

    /// inputGradient = inverse ∘ (gradient − mean of gradient − output ∘ mean of gradient ∘ output) over the batch.
    static let normalizeBatchGradient = Primitive(
        id: "normalizeBatchGradient", kernel: LC_OP_NORMALIZE_BATCH_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("inverse", 2), .reads("output", 4)],
        isAcrossBatch: true, part: unitsPart(["inverse"], rows: ["inputGradient", "gradient", "output"]),
        sharesUnits: true, amongCopies: BatchMoments.normalizeGradient,
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("normalizeBatchGradient")
            try arguments.rows(o["inputGradient"], o["gradient"], o["inverse"], o["output"])
            return [try binding.unitLaunch(&arguments, o)]
        }, text: .normalization, role: .batchNormalizationGradient)

    /// output = (input − runningMean[m]) / √(runningVariance[m] + ε). Knobs: momentum (not used), ε.
    static let normalizeByState = Primitive(
        id: "normalizeByState", kernel: LC_OP_NORMALIZE_BY_STATE,
        operands: [
            .writes("output", 0), .reads("input", 1), .reads("runningMean", 2), .reads("runningVariance", 3),
        ],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("normalizeByState")
            try arguments.rows(o["output"], o["input"])
            try arguments.floats(o["runningMean"])
            try arguments.floats(o["runningVariance"])
            return [try binding.unitLaunch(&arguments, o)]
        }, text: .normalization)

    /// inputGradient = gradient / √(runningVariance[m] + ε). Knobs: momentum (not used), ε.
    static let normalizeByStateGradient = Primitive(
        id: "normalizeByStateGradient", kernel: LC_OP_NORMALIZE_BY_STATE_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("runningVariance", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("normalizeByStateGradient")
            try arguments.rows(o["inputGradient"], o["gradient"])
            try arguments.floats(o["runningVariance"])
            return [try binding.unitLaunch(&arguments, o)]
        }, text: .normalization)

    /// output[m, B] = (input − mean) · inverse over the m units of each sample, inverse[1, B] = 1 / √(variance + ε).
    /// Knob: ε.
    static let normalizeUnits = Primitive(
        id: "normalizeUnits", kernel: LC_OP_NORMALIZE_UNITS,
        operands: [.writes("output", 0), .reads("input", 1), .writes("inverse", 2)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("normalizeUnits")
            try arguments.rows(o["output"], o["input"], o["inverse"])
            try arguments.add(OpenCLBinding.knobs(o.knobs))
            try arguments.add(Int32(o.m))
            try arguments.add(Int32(binding.vectors))
            return [binding.launch(arguments, items: binding.vectors)]
        }, text: .normalization)

    /// inputGradient = inverse ∘ (gradient − mean of gradient − output ∘ mean of gradient ∘ output) over the units.
    static let normalizeUnitsGradient = Primitive(
        id: "normalizeUnitsGradient", kernel: LC_OP_NORMALIZE_UNITS_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("inverse", 2), .reads("output", 4)],
        device: { o, binding throws(OpenCL.Failure) in
            [
                try binding.columns(
                    "normalizeUnitsGradient", o.m, o["inputGradient"], o["gradient"], o["inverse"], o["output"])
            ]
        }, text: .normalization)

    /// output[m, B] = scale[m] ∘ input + shift[m]; the shift may be missing.
    static let scaleShift = Primitive(
        id: "scaleShift", kernel: LC_OP_SCALE_SHIFT,
        operands: [.writes("output", 0), .reads("input", 1), .reads("scale", 2), .reads("shift", 3)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("scaleShift")
            try arguments.rows(o["output"], o["input"])
            try arguments.floats(o.optional("scale"))
            try arguments.floats(o.optional("shift"))
            try arguments.add(Int32(o.rowsPerUnit))
            try arguments.add(Int32(binding.vectors))
            return [binding.launch(arguments, items: binding.vectors, units: o.m * o.rowsPerUnit)]
        }, text: .normalization)

    /// scaleGradient[m] (+)= Σ over the samples of gradient ∘ input, shiftGradient[m] (+)= Σ gradient.
    static let scaleShiftGradient = Primitive(
        id: "scaleShiftGradient", kernel: LC_OP_SCALE_SHIFT_GRAD,
        operands: [.sums("scaleGradient", 0), .reads("gradient", 1), .sums("shiftGradient", 2), .reads("input", 3)],
        part: unitsPart(["scaleGradient", "shiftGradient"], rows: ["gradient", "input"]), sharesUnits: true,
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("scaleGradient")
            try arguments.floats(o["scaleGradient"])
            try arguments.rows(o["gradient"], o["input"])
            try arguments.add(Int32(o.rowsPerUnit * binding.vectors))
            return [
                try binding.unitSums(o["shiftGradient"], of: o["gradient"], o),
                try binding.sumLaunch(arguments, groups: o.m),
            ]
        }, text: .normalization)

    /// Local response normalization: scale = k + alpha / size · Σ input² over neighbouring channels, output = input /
    /// scale^beta. Knobs: size, alpha, beta, k.
    static let respond = Primitive(
        id: "respond", kernel: LC_OP_RESPOND,
        operands: [.writes("output", 0), .reads("input", 1), .writes("scale", 2)],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("respond")
            try arguments.rows(o["output"], o["input"], o["scale"])
            return [try binding.placesLaunch(&arguments, o)]
        }, text: .normalization)

    /// The gradient of `respond`.
    static let respondGradient = Primitive(
        id: "respondGradient", kernel: LC_OP_RESPOND_GRAD,
        operands: [
            .writes("inputGradient", 0), .reads("gradient", 1), .reads("scale", 2), .reads("input", 3),
            .reads("output", 4),
        ],
        device: { o, binding throws(OpenCL.Failure) in
            var arguments = try binding.arguments("respondGradient")
            try arguments.rows(o["inputGradient"], o["gradient"], o["scale"], o["input"], o["output"])
            return [try binding.placesLaunch(&arguments, o)]
        }, text: .normalization)

    /// The units of one of `count` parts; parts differ by one unit at most.
    static func share(_ part: Int, of count: Int, units: Int) -> Range<Int> {
        units * part / count..<units * (part + 1) / count
    }

    /// Units in shares.
    /// - Parameters:
    ///   - names: operands with a number or a row for each unit.
    ///   - rows: operands with all rows of each unit.
    static func unitsPart(
        _ names: [String], rows: [String]
    ) -> @Sendable (Operation, Int, Int) -> Operation? {
        { o, part, count in
            let units = share(part, of: count, units: o.m)
            guard let first = units.first else { return nil }
            var own = o
            own.m = units.count
            for name in names { own.cut(name, from: first, count: own.m) }
            for name in rows { own.cut(name, from: first * o.rowsPerUnit, count: own.m * o.rowsPerUnit) }
            return own
        }
    }
}

extension Operation {
    /// The rows of each unit: n, or one where there is no n.
    var rowsPerUnit: Int { max(1, n) }
}

extension OpenCLBinding {
    /// A work-item for each unit, which sees all samples; the number of samples is the last argument.
    fileprivate func unitLaunch(_ arguments: inout Arguments, _ o: Operation) throws(OpenCL.Failure)
        -> OpenCLPass.Launch
    {
        try arguments.add(OpenCLBinding.knobs(o.knobs))
        try arguments.add(Int32(o.m))
        try arguments.add(Int32(o.rowsPerUnit))
        try arguments.add(Int32(vectors))
        var launch = launch(arguments, items: o.m)
        launch.countAt = arguments.index
        return launch
    }

    /// A work-item for each vector of samples at a place of a channel.
    fileprivate func placesLaunch(_ arguments: inout Arguments, _ o: Operation) throws(OpenCL.Failure)
        -> OpenCLPass.Launch
    {
        try arguments.add(OpenCLBinding.knobs(o.knobs))
        for number in [o.m, o.rowsPerUnit, vectors] { try arguments.add(Int32(number)) }
        return launch(arguments, items: o.m * o.rowsPerUnit * vectors)
    }

    /// sums[m] (+)= Σ over the samples and the rows of each unit.
    func unitSums(_ sums: Slice, of values: Slice, _ o: Operation) throws(OpenCL.Failure)
        -> OpenCLPass.Launch
    {
        var arguments = try arguments("rowSums")
        try arguments.floats(sums)
        try arguments.rows(values)
        try arguments.add(Int32(o.rowsPerUnit * vectors))
        return try sumLaunch(arguments, groups: o.m)
    }
}

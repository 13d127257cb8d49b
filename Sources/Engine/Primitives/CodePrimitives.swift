import CKernels

/// An autoencoder's code: values drawn from a distribution, and penalties, which are rows that add to each sample's loss.
extension Primitive {
    /// output[m, B] = mean + deviation ∘ deviates, of `input`: m means, then m logarithms of variances.
    static let drawCode = Primitive(
        id: "drawCode", kernel: LC_OP_DRAW_CODE,
        operands: [.writes("output", 0), .reads("input", 1), .writes("deviates", 2)], suitsLanes: false)

    /// inputGradient[2m, B] = that of the drawn values and of the divergence times the knob; without deviates they are 0.
    static let drawCodeGradient = Primitive(
        id: "drawCodeGradient", kernel: LC_OP_DRAW_CODE_GRAD,
        operands: [.writes("inputGradient", 0), .reads("gradient", 1), .reads("input", 2), .reads("deviates", 3)],
        suitsLanes: false)

    /// penalty[1, B] = the knob times the divergence of N(mean, variance) from N(0, 1), summed over the m units.
    static let codeDivergence = Primitive(
        id: "codeDivergence", kernel: LC_OP_CODE_DIVERGENCE, operands: [.writes("penalty", 0), .reads("input", 1)],
        suitsLanes: false)

    /// penalty[m, B] = the divergence of each unit's mean over the batch, and over its n rows, from its target. Knobs: target,
    /// weight.
    static let sparsity = Primitive(
        id: "sparsity", kernel: LC_OP_SPARSITY, operands: [.writes("penalty", 0), .reads("input", 1)],
        isAcrossBatch: true, part: unitsPart(["penalty"], rows: ["input"]), sharesUnits: true, suitsLanes: false)

    /// inputGradient[m, B] = the gradient of the penalties' sum. Knobs: target, weight.
    static let sparsityGradient = Primitive(
        id: "sparsityGradient", kernel: LC_OP_SPARSITY_GRAD,
        operands: [.writes("inputGradient", 0), .reads("input", 1)], isAcrossBatch: true,
        part: unitsPart([], rows: ["inputGradient", "input"]), sharesUnits: true, suitsLanes: false)
}

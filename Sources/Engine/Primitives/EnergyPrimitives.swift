import CKernels

/// Units that are on or off at random, and the energies of their states. m: units, n: the values before them.
extension Primitive {
    /// output[m, B] = 1 with the probability `input`, else 0.
    static let drawBits = Primitive(
        id: "drawBits", kernel: LC_OP_DRAW_BITS, operands: [.writes("output", 0), .reads("input", 1)],
        suitsLanes: false)

    /// output[m, B] = 1 for one unit, drawn by the probabilities `input`, and 0 for the others.
    static let drawClass = Primitive(
        id: "drawClass", kernel: LC_OP_DRAW_CLASS, operands: [.writes("output", 0), .reads("input", 1)],
        suitsLanes: false)

    /// output[m, B] = the knob · (input − other), 0 in lanes without a sample.
    static let difference = Primitive(
        id: "difference", kernel: LC_OP_DIFFERENCE,
        operands: [.writes("output", 0), .reads("input", 1), .reads("other", 2)], suitsLanes: false)

    /// output[1, B] = Σ over the m rows of (input − other)².
    static let squaredDistance = Primitive(
        id: "squaredDistance", kernel: LC_OP_SQUARED_DISTANCE,
        operands: [.writes("output", 0), .reads("input", 1), .reads("other", 2)], suitsLanes: false)

    /// output[1, B] = the free energy of input[n, B] before units with the weighted sums[m, B]. The first knob is 1 where the
    /// values are normal ones. The second is 1 where the m are: they have the means `sums`, and `meanBias` with no input.
    static let freeEnergy = Primitive(
        id: "freeEnergy", kernel: LC_OP_FREE_ENERGY,
        operands: [
            .writes("output", 0), .reads("input", 1), .reads("sums", 2), .reads("bias", 3), .reads("meanBias", 4),
        ],
        suitsLanes: false)

    /// output[1, B] = Σ over n of ln p(input[i] given the others), the value's opposite being 1 − input[i].
    static let flipScore = Primitive(
        id: "flipScore", kernel: LC_OP_FLIP_SCORE,
        operands: [
            .writes("output", 0), .reads("input", 1), .reads("sums", 2), .reads("bias", 3), .reads("weight", 4),
            .writes("scratch", 5),
        ], suitsLanes: false)
}

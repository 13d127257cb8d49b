/// One step of a network's arithmetic, over slices: a primitive with its operands. Shapes are written as in the kernels:
/// m units out, n units in, B samples.
struct Operation: Sendable, Hashable {
    /// The function or the random numbers that the primitive is to use.
    enum Kind: Sendable, Hashable {
        case plain
        /// An activation's or a loss's id.
        case activation(String)
        case loss(String)
        /// A stream of the counter-based generator, a number of its own for each layer that draws.
        case stream(Int)
        /// The cell of a recurrent layer.
        case cell(RecurrentCell)
    }

    let primitive: Primitive
    var kind: Kind
    var m: Int
    /// `m` of the operation of which this is a part: how it sums must not depend on the parts.
    let whole: Int
    var n: Int
    /// The numbers of the function's knobs.
    var knobs: [Double]
    /// Whether what it sums is added to what is there already, in every pass: another operation has written it before.
    var adds = false
    /// Of an operation over images; m and n count channels then.
    var window: Window?
    /// Of an operation over sequences.
    var steps: Steps?
    /// By their places in `lc_op`.
    private(set) var operands = [Slice?](repeating: nil, count: 8)

    /// - Parameter operands: by the names that the primitive declares; one that is left out or nil is missing.
    init(
        _ primitive: Primitive, kind: Kind = .plain, m: Int, n: Int = 0, knobs: [Double] = [],
        window: Window? = nil, steps: Steps? = nil, _ operands: KeyValuePairs<String, Slice?>
    ) {
        self.primitive = primitive
        self.kind = kind
        (self.m, whole) = (m, m)
        self.n = n
        self.knobs = knobs
        self.window = window
        self.steps = steps
        for (name, slice) in operands { self.operands[primitive.place(of: name)] = slice }
    }

    /// An operand that the primitive always has.
    subscript(name: String) -> Slice {
        guard let slice = operands[primitive.place(of: name)] else {
            preconditionFailure("\(primitive.id) lacks its \(name)")
        }
        return slice
    }

    /// An operand that may be missing.
    func optional(_ name: String) -> Slice? { operands[primitive.place(of: name)] }

    /// The operands with a kind of access; what is changed is read and written.
    func slices(_ access: Primitive.Operand.Access) -> [Slice] {
        primitive.operands.compactMap { operand in
            let isMeant = operand.access == access || operand.access == .changes && access != .sums
            return isMeant ? operands[operand.place] : nil
        }
    }

    /// Multiplications of weights and values for each sample.
    var multiplications: Int {
        if let steps { return steps.count * steps.taps * m * n }
        return m * n * (window.map { $0.places * $0.taps } ?? 1)
    }

    /// Whether the operation adds up over the samples of a batch.
    var sumsOverSamples: Bool { !slices(.sums).isEmpty }

    /// Whether each sample's results depend on that sample alone.
    var isSampleBySample: Bool { !sumsOverSamples && !primitive.isAcrossBatch }

    mutating func replaceSlices(_ replacement: (Slice) -> Slice) { operands = operands.map { $0.map(replacement) } }

    /// Leaves out an operand that may be missing.
    mutating func drop(_ name: String) { operands[primitive.place(of: name)] = nil }

    /// The rows of one of `count` parts, in blocks of four; nil: it has none.
    func rows(ofPart part: Int, of count: Int) -> Range<Int>? {
        let blocks = (m + 3) / 4
        let (first, end) = (4 * (blocks * part / count), min(m, 4 * (blocks * (part + 1) / count)))
        return end > first ? first..<end : nil
    }

    /// Replaces an operand by a part of it.
    mutating func cut(_ name: String, from first: Int, count: Int) {
        let place = primitive.place(of: name)
        operands[place] = operands[place].map { Slice(block: $0.block, offset: $0.offset + first, count: count) }
    }
}

extension Primitive {
    fileprivate func place(of name: String) -> Int {
        guard let operand = operands.first(where: { $0.name == name }) else {
            preconditionFailure("\(id) has no operand \(name)")
        }
        return operand.place
    }
}

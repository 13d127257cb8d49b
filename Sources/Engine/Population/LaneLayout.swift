import CKernels

/// The layout of the parameters of networks side by side: the tensors in the order of the flat parameters without the
/// padding between them, for here each parameter is a whole vector.
struct LaneLayout {
    private struct Place {
        /// In the flat parameters of one network, and here.
        var flat: Int
        var packed: Int
        var count: Int
    }

    private var places: [Place] = []
    /// Parameters of one network.
    private(set) var count = 0
    /// The first parameters are those that decay.
    private(set) var decayingCount = 0
    /// The spans of the parameters that are trained.
    private(set) var trainedSpans: [Range<Int>] = []
    private let flatCount: Int
    /// The places of the tensors by where they begin in the flat parameters.
    private var packedOffsets: [Int: Int] = [:]

    init(_ outline: Outline) {
        flatCount = outline.flatCount
        for tensor in outline.tensors.sorted(by: { $0.offset < $1.offset }) {
            places.append(Place(flat: tensor.offset, packed: count, count: tensor.count))
            packedOffsets[tensor.offset] = count
            let first = count
            count += tensor.count
            if tensor.decays { decayingCount = count }
            guard tensor.isTrained, !tensor.isFrozen else { continue }
            if let last = trainedSpans.last, last.upperBound == first {
                trainedSpans[trainedSpans.count - 1] = last.lowerBound..<count
            } else {
                trainedSpans.append(first..<count)
            }
        }
    }

    /// The place of a tensor that begins at `offset` in the flat parameters.
    func packed(_ offset: Int) -> Int {
        guard let packed = packedOffsets[offset] else { preconditionFailure("no tensor begins at \(offset)") }
        return packed
    }

    /// Copies flat parameters into a lane.
    func write(_ flat: [Float], to block: Block, lane: Int) {
        for place in places {
            for index in 0..<place.count {
                block[(place.packed + index) * Int(LC_LANES) + lane] = flat[place.flat + index]
            }
        }
    }

    /// Flat parameters without the padding between tensors, and zeros up to `padded` floats.
    func packed(_ flat: UnsafeMutableBufferPointer<Float>, padded: Int) -> [Float] {
        var packed = [Float](repeating: 0, count: padded)
        for place in places {
            for index in 0..<place.count { packed[place.packed + index] = flat[place.flat + index] }
        }
        return packed
    }

    /// The opposite of `packed`; the padding stays as it is.
    func unpack(_ packed: UnsafeBufferPointer<Float>, into flat: UnsafeMutableBufferPointer<Float>) {
        for place in places {
            for index in 0..<place.count { flat[place.flat + index] = packed[place.packed + index] }
        }
    }

    /// A lane as flat parameters.
    func read(_ block: Block, lane: Int) -> [Float] {
        var flat = [Float](repeating: 0, count: flatCount)
        for place in places {
            for index in 0..<place.count {
                flat[place.flat + index] = block[(place.packed + index) * Int(LC_LANES) + lane]
            }
        }
        return flat
    }
}

import CKernels

/// Sequences of symbols' numbers while they are drawn or read; `store` hands them over.
///
/// Each number takes two bytes. Where all sequences are windows of one text, they share its numbers.
public struct TokenBuilder {
    private let steps: Int
    private let hasLengths: Bool
    private var tokens: [UInt16]
    private let isOfText: Bool
    private var starts: [Int64]
    private var counts: [UInt16]
    private var lengths: [UInt16]

    /// - Parameters:
    ///   - steps: of the longest sequence, at most 65 535.
    ///   - hasLengths: whether a sequence's number of steps stands behind its symbols.
    ///   - text: the numbers of which all sequences are windows; nil: each has numbers of its own.
    public init(count: Int, steps: Int, hasLengths: Bool, text: [UInt16]? = nil) {
        precondition(steps <= Int(UInt16.max), "longer sequences than their lengths' numbers hold")
        (self.steps, self.hasLengths) = (steps, hasLengths)
        (tokens, isOfText) = (text ?? [], text != nil)
        starts = Array(repeating: 0, count: count)
        counts = Array(repeating: 0, count: count)
        lengths = Array(repeating: 0, count: hasLengths ? count : 0)
        // Sequences that fill their steps, as most nearly do, need no list that grows.
        if text == nil { tokens.reserveCapacity(count * steps) }
    }

    /// Writes a window of the text.
    public mutating func write(start: Int, at sample: Int) {
        precondition(isOfText && start >= 0 && start + steps <= tokens.count, "no window of the text")
        starts[sample] = Int64(start)
        counts[sample] = UInt16(steps)
    }

    /// Writes a sequence.
    /// - Parameters:
    ///   - values: the numbers of the symbols, as many as there are steps; −1: no symbol, at the end alone.
    ///   - length: its number of steps.
    public mutating func write(_ values: ArraySlice<Float>, length: Int, at sample: Int) {
        let symbols = values.prefix { $0 >= 0 }
        starts[sample] = Int64(tokens.count)
        counts[sample] = UInt16(symbols.count)
        tokens.append(contentsOf: symbols.map { UInt16($0) })
        if hasLengths { lengths[sample] = UInt16(length) }
    }

    public func store() -> SampleStore {
        SampleStore(TokenRows(tokens, starts: starts, counts: counts, lengths: lengths, steps: steps))
    }
}

/// Symbols' numbers, and for each sample where its own begin.
final class TokenRows: CompactRows {
    let count: Int
    let steps: Int
    private let tokens: [UInt16]
    private let starts: [Int64]
    /// Symbols of each sample; behind them stands −1.
    private let counts: [UInt16]
    /// The value behind the steps; empty: there is none.
    private let lengths: [UInt16]

    fileprivate init(_ tokens: [UInt16], starts: [Int64], counts: [UInt16], lengths: [UInt16], steps: Int) {
        (count, self.steps, self.tokens, self.starts) = (starts.count, steps, tokens, starts)
        (self.counts, self.lengths) = (counts, lengths)
    }

    var width: Int { steps + (lengths.isEmpty ? 0 : 1) }

    /// A text's numbers are counted here, for the training and the test set too, though they share them.
    var byteCount: Int { 2 * (tokens.count + counts.count + lengths.count) + 8 * starts.count }

    subscript(unit: Int, sample: Int) -> Float {
        if unit == steps { return Float(lengths[sample]) }
        return unit < Int(counts[sample]) ? Float(tokens[Int(starts[sample]) + unit]) : -1
    }

    func gather(
        into out: UnsafeMutablePointer<Float>, stride: Int, order: RowOrder?, first: Int, count: Int,
        _ kernels: UnsafePointer<lc_kernels>
    ) {
        tokens.withUnsafeBufferPointer { tokens in
            starts.withUnsafeBufferPointer { starts in
                counts.withUnsafeBufferPointer { counts in
                    kernels.pointee.gatherTokens(
                        out, Int32(stride), tokens.baseAddress, starts.baseAddress, counts.baseAddress, Int32(steps),
                        order?.base, Int64(first), Int32(count))
                }
            }
        }
        guard !lengths.isEmpty else { return }
        let row = out + steps * stride
        for lane in 0..<(count + Int(LC_LANES) - 1) / Int(LC_LANES) * Int(LC_LANES) {
            let sample = lane < count ? order.map { Int($0.base[first + lane]) } ?? first + lane : nil
            row[lane] = sample.map { Float(lengths[$0]) } ?? 0
        }
    }

    func hasSameValues(as other: any CompactRows) -> Bool? {
        guard let other = other as? TokenRows else { return nil }
        let isSame =
            counts == other.counts && lengths == other.lengths && starts == other.starts && steps == other.steps
            && tokens == other.tokens
        // Other places may hold the same symbols.
        return isSame ? true : nil
    }
}

/// The targets of steps that have a class each, made of the labels: without them each class would have a number at each step.
final class ClassRows: CompactRows {
    private let labels: [Float]
    private let steps: Int
    private let units: Int
    private let targets: Loss.Targets

    /// - Parameters:
    ///   - labels: a class, or `Samples.noLabel`, for each of a sample's steps, row-major `[count, steps]`.
    ///   - units: the network's outputs, one for each class.
    init(_ labels: [Float], steps: Int, units: Int, as targets: Loss.Targets) {
        (self.labels, self.steps, self.units, self.targets) = (labels, steps, units, targets)
    }

    var width: Int { steps * (units + 1) }
    /// The labels are the samples'.
    var byteCount: Int { 0 }

    private var share: Float { 1 / Float(steps) }

    subscript(unit: Int, sample: Int) -> Float {
        let isShare = unit >= steps * units
        let label = labels[sample * steps + (isShare ? unit - steps * units : unit / units)]
        if label == Samples.noLabel { return 0 }
        return isShare ? share : label == Float(unit % units) ? targets.high : targets.low
    }

    func gather(
        into out: UnsafeMutablePointer<Float>, stride: Int, order: RowOrder?, first: Int, count: Int,
        _ kernels: UnsafePointer<lc_kernels>
    ) {
        labels.withUnsafeBufferPointer { labels in
            kernels.pointee.gatherClasses(
                out, Int32(stride), labels.baseAddress, Int32(steps), Int32(units), targets.low, targets.high, share,
                Samples.noLabel, order?.base, Int64(first), Int32(count))
        }
    }

    func hasSameValues(as other: any CompactRows) -> Bool? { nil }
}

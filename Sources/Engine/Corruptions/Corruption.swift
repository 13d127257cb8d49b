/// A random change of the inputs of an autoencoder, which is to give back what they were: drawn anew whenever a sample is
/// taken into a batch.
struct Corruption: Sendable {
    let entry: Entry
    /// Changes a sample; nil: nothing is changed.
    let change: (@Sendable (_ settings: Settings, _ random: inout Random, _ values: CorruptedValues) -> Void)?

    init(
        _ entry: Entry,
        change: (@Sendable (_ settings: Settings, _ random: inout Random, _ values: CorruptedValues) -> Void)? = nil
    ) {
        (self.entry, self.change) = (entry, change)
    }
}

/// The values of one sample as the network takes them, to be changed in place.
struct CorruptedValues {
    let count: Int
    fileprivate let base: UnsafeMutablePointer<Float>
    fileprivate let stride: Int
    fileprivate let ranges: [ClosedRange<Float>]
    fileprivate let rangeOfUnit: [Int]

    subscript(unit: Int) -> Float {
        get { base[unit * stride] }
        nonmutating set { base[unit * stride] = newValue }
    }

    /// The smallest and the largest value that such a value has in the training data.
    func range(_ unit: Int) -> ClosedRange<Float> { ranges[rangeOfUnit[unit]] }
}

/// Corrupts the inputs of a batch. The randomness depends on the seed, the pass and the sample alone, so that a run repeats
/// whatever shares its work.
final class Corrupter {
    private let change: @Sendable (Settings, inout Random, CorruptedValues) -> Void
    private let settings: Settings
    private let count: Int
    /// Of a column, a channel of images, or a value of a sequence's steps.
    private let ranges: [ClosedRange<Float>]
    private let rangeOfUnit: [Int]

    /// - Parameters:
    ///   - shape: of a sample's inputs.
    ///   - samples: of training, from which the values' ranges are.
    /// nil: there is nothing to change.
    /// - Throws: a corruption that there is not, or a setting out of range.
    convenience init?(_ choice: Choice?, shape: Shape, samples: ResidentSamples) throws(EngineError) {
        try self.init(choice, shape: shape, rows: samples.inputs, count: samples.count)
    }

    fileprivate init?(_ choice: Choice?, shape: Shape, rows: ResidentRows, count: Int) throws(EngineError) {
        guard let choice else { return nil }
        settings = try Settings(choice, in: .corruption, place: "training.procedure.corruption")
        let id = settings.entry.id
        guard let change = Catalogue.corruptions.first(where: { $0.entry.id == id })!.change else { return nil }
        self.change = change
        self.count = shape.count
        let axes = shape.axes
        rangeOfUnit = (0..<shape.count).map { unit in
            switch axes.count {
            case 3: unit / (axes[1] * axes[2])
            case 2: unit % axes[1]
            default: unit
            }
        }
        ranges = Self.ranges(of: rows, count, groups: rangeOfUnit)
    }

    private static func ranges(of rows: ResidentRows, _ count: Int, groups: [Int]) -> [ClosedRange<Float>] {
        var ranges = [ClosedRange<Float>?](repeating: nil, count: (groups.max() ?? -1) + 1)
        for (unit, group) in groups.enumerated() {
            if let bytes = rows.bytes {
                // Black and white.
                let place = group * 256
                ranges[group] = bytes.values[place]...bytes.values[place + 255]
                continue
            }
            let values = rows.row(unit, count: count)
            guard let low = values.min(), let high = values.max() else { continue }
            ranges[group] = min(low, ranges[group]?.lowerBound ?? low)...max(high, ranges[group]?.upperBound ?? high)
        }
        return ranges.map { $0 ?? 0...0 }
    }

    /// Corrupts a batch of rows of `stride` floats, whose sample s is row order[first + s] of the store.
    /// - Parameters: seed, counter: the key and the number of the pass.
    func corrupt(
        _ rows: UnsafeMutablePointer<Float>, stride: Int, order: RowOrder?, first: Int, count: Int, seed: UInt64,
        counter: UInt64
    ) {
        for lane in 0..<count {
            let sample = order.map { Int($0.base[first + lane]) } ?? first + lane
            var random = Random(seed: Augmenter.mixed(Augmenter.mixed(~seed, counter), UInt64(sample)))
            change(
                settings, &random,
                CorruptedValues(
                    count: self.count, base: rows + lane, stride: stride, ranges: ranges, rangeOfUnit: rangeOfUnit))
        }
    }
}

extension SampleStore {
    /// A sample's values as an autoencoder may take them in.
    /// - Parameters:
    ///   - shape: of the sample.
    ///   - counter: the number of the draw.
    /// - Throws: a corruption that is mistaken.
    public func corrupted(
        _ sample: Int, shape: Shape, _ corruption: Choice?, seed: UInt64, counter: UInt64
    ) throws(EngineError) -> [Float] {
        guard sample >= 0, sample < count, shape.count <= width else { return [] }
        var values = Array(values(of: sample).prefix(shape.count))
        guard let corrupter = try Corrupter(corruption, shape: shape, rows: rows, count: count) else { return values }
        values.withUnsafeMutableBufferPointer { values in
            corrupter.corrupt(
                values.baseAddress!, stride: 1, order: nil, first: sample, count: 1, seed: seed, counter: counter)
        }
        return values
    }
}

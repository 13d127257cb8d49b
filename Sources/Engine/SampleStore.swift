import CKernels

/// The inputs of samples, in memory once: the prepared data, the training and the pictures share it.
///
/// Floats lie as rows over the samples, one row for each value, as a batch's do. Bytes lie sample by sample, and symbols as their
/// numbers, those of a text once, whatever windows of it there are; both become floats when a batch is gathered. Nothing is written once a store has been made, so threads may share it.
public final class SampleStore: @unchecked Sendable {
    public let count: Int
    /// Values of each sample.
    public let width: Int
    let rows: ResidentRows

    fileprivate init(_ rows: ResidentRows, count: Int) {
        (self.rows, self.count, width) = (rows, count, rows.units)
    }

    convenience init(_ tokens: TokenRows) { self.init(ResidentRows(tokens), count: tokens.count) }

    /// - Parameter values: row-major `[count, width]`.
    public convenience init(_ values: [Float], count: Int) {
        let width = count > 0 ? values.count / count : 0
        guard let builder = try? SampleBuilder(count: count, width: width) else {
            fatalError("no memory for \(values.count) numbers that are in memory already")
        }
        values.withUnsafeBufferPointer { values in
            for sample in 0..<count {
                builder.write(UnsafeBufferPointer(rebasing: values[sample * width..<(sample + 1) * width]), at: sample)
            }
        }
        self.init(builder.rows, count: count)
    }

    /// The first samples, in the same memory.
    public func first(_ number: Int) -> SampleStore {
        precondition(number >= 0 && number <= count, "more samples than there are")
        return SampleStore(rows, count: number)
    }

    /// Whether every value lies in a range.
    func isWithin(_ range: ClosedRange<Float>) -> Bool {
        (0..<width).allSatisfy { unit in
            guard rows.block != nil else { return (0..<count).allSatisfy { range.contains(rows[unit, $0]) } }
            return rows.row(unit, count: count).allSatisfy(range.contains)
        }
    }

    /// One value as the network takes it.
    public subscript(sample: Int, unit: Int) -> Float {
        precondition(sample >= 0 && sample < count && unit >= 0 && unit < width, "outside the samples")
        return rows[unit, sample]
    }

    /// The values of one sample as the network takes them: a row of a table, or an image `[channels, height, width]`.
    public func values(of sample: Int) -> [Float] { (0..<width).map { self[sample, $0] } }

    /// All values, row-major `[count, width]`.
    public var values: [Float] { (0..<count).flatMap { values(of: $0) } }

    /// Bytes of memory.
    public var bytes: Int { rows.compact?.byteCount ?? MemoryLayout<Float>.stride * rows.stride * width }

    /// The place of the first value that is not finite.
    var nonFinite: (unit: Int, sample: Int)? {
        guard let block = rows.block else { return nil }
        for unit in 0..<width {
            let row = UnsafeBufferPointer(start: block.base + unit * rows.stride, count: count)
            // A sum of differences with itself is NaN where any is: a loop without branches.
            guard !row.reduce(Float(0), { $0 + ($1 - $1) }).isFinite else { continue }
            if let sample = row.firstIndex(where: { !$0.isFinite }) { return (unit, sample) }
        }
        return nil
    }
}

extension SampleStore {
    /// Copies of all samples one after the other, each with its values in an order of its own.
    /// - Parameters:
    ///   - orders: of each copy, for each place of a channel the place that its value is taken from.
    ///   - channels: of equally many values each, whose places are moved alike.
    /// - Throws: that there is not as much memory.
    func copies(_ orders: [[Int]], channels: Int) throws(EngineError) -> SampleStore {
        let places = width / channels
        precondition(orders.allSatisfy { $0.count == places }, "an order of other values")
        if let bytes = rows.bytes {
            return SampleStore(ResidentRows(try bytes.copies(orders, places: places)), count: count * orders.count)
        }
        let copied = try ResidentRows(units: width, samples: count * orders.count)
        for (copy, order) in orders.enumerated() {
            for unit in 0..<width {
                guard let block = rows.block else {
                    let place = unit / places * places + order[unit % places]
                    for sample in 0..<count { copied[unit, copy * count + sample] = rows[place, sample] }
                    continue
                }
                let source = block.base + (unit / places * places + order[unit % places]) * rows.stride
                (copied.block!.base + unit * copied.stride + copy * count).update(from: source, count: count)
            }
        }
        return SampleStore(copied, count: count * orders.count)
    }
}

extension SampleStore: Hashable {
    public static func == (one: SampleStore, other: SampleStore) -> Bool {
        one === other
            || one.count == other.count && one.width == other.width && one.rows.hasSameValues(as: other.rows, one.count)
    }

    /// The first sample stands for all.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        hasher.combine(width)
        if count > 0 { for unit in 0..<min(width, 16) { hasher.combine(rows[unit, 0]) } }
    }
}

/// Floats of samples while they are computed; `store` hands them over.
public final class SampleBuilder {
    public let count: Int
    public let width: Int
    fileprivate let rows: ResidentRows

    /// - Throws: that there is not as much memory.
    public init(count: Int, width: Int) throws(EngineError) {
        (self.count, self.width) = (count, width)
        rows = try ResidentRows(units: width, samples: count)
    }

    /// Writes one sample, once: zeros are there already, and where all samples have them take no memory.
    public func write(_ values: UnsafeBufferPointer<Float>, at sample: Int) {
        precondition(sample >= 0 && sample < count && values.count == width, "no sample of this store")
        var place = rows.block!.base + sample
        for value in values {
            if value.bitPattern != 0 { place.pointee = value }
            place += rows.stride
        }
    }

    /// One value of all samples, to be changed in place.
    public func values(of unit: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(unit >= 0 && unit < width, "no value of these samples")
        return rows.row(unit, count: count)
    }

    /// Ownership of the memory passes to the store: nothing is to be written afterwards.
    public func store() -> SampleStore { SampleStore(rows, count: count) }
}

/// Images of bytes while they are read; `store` hands them over.
public final class ImageBuilder {
    public let count: Int
    public let width: Int
    private let memory: ByteBlock

    /// - Parameter width: values of each image, over all channels.
    /// - Throws: that there is not as much memory.
    public init(count: Int, width: Int) throws(EngineError) {
        (self.count, self.width) = (count, width)
        memory = try ByteBlock(count: count * width)
    }

    /// The bytes of one image, `[channels, height, width]`, to be written.
    public func bytes(of sample: Int) -> UnsafeMutableBufferPointer<UInt8> {
        precondition(sample >= 0 && sample < count, "no image of this store")
        return UnsafeMutableBufferPointer(start: memory.base + sample * width, count: width)
    }

    /// Ownership of the memory passes to the store: nothing is to be written afterwards.
    /// - Parameters:
    ///   - white: the byte that stands for 1.
    ///   - means, scales: for each channel: the network takes in (byte / white − mean) / scale.
    public func store(white: Int, means: [Float], scales: [Float]) -> SampleStore {
        SampleStore(
            ResidentRows(ByteRows(memory, count: count, width: width, white: white, means: means, scales: scales)),
            count: count)
    }
}

/// Samples that stay in memory for a whole run, one row per value: `units` rows of `stride` floats; or another form.
struct ResidentRows {
    let units: Int
    /// Floats from one unit's row to the next.
    let stride: Int
    /// nil: the values are in another form.
    let block: Block?
    let compact: (any CompactRows)?

    init(units: Int, samples: Int) throws(EngineError) {
        let lanes = Int(LC_LANES)
        self.units = units
        stride = (samples + lanes - 1) / lanes * lanes
        block = try Block(count: units * stride)
        compact = nil
    }

    init(_ compact: any CompactRows) { (units, stride, block, self.compact) = (compact.width, 0, nil, compact) }

    /// nil: the values are no bytes.
    var bytes: ByteRows? { compact as? ByteRows }

    subscript(unit: Int, sample: Int) -> Float {
        get { if let block { block[unit * stride + sample] } else { compact![unit, sample] } }
        nonmutating set { block![unit * stride + sample] = newValue }
    }

    /// One unit's floats.
    func row(_ unit: Int, count: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: block!.base + unit * stride, count: count)
    }

    /// The same values as floats, which kernels of networks side by side read.
    func floats(_ samples: Int) throws(EngineError) -> ResidentRows {
        guard let compact else { return self }
        let rows = try ResidentRows(units: units, samples: samples)
        let count = Int(LC_LANES)
        let kernels = try Processor.kernels()
        // The last samples' vector is as long as those before: the rows are.
        for first in Swift.stride(from: 0, to: samples, by: count) {
            compact.gather(
                into: rows.block!.base + first, stride: rows.stride, order: nil, first: first,
                count: min(count, samples - first), kernels)
        }
        return rows
    }

    func hasSameValues(as other: ResidentRows, _ samples: Int) -> Bool {
        if let compact, let others = other.compact, let isSame = compact.hasSameValues(as: others) { return isSame }
        guard block != nil, other.block != nil else {
            return (0..<units).allSatisfy { unit in
                (0..<samples).allSatisfy { self[unit, $0] == other[unit, $0] }
            }
        }
        return (0..<units).allSatisfy { row($0, count: samples).elementsEqual(other.row($0, count: samples)) }
    }
}

/// Values of samples in a form of their own, which become floats when a batch is gathered.
protocol CompactRows: AnyObject {
    /// Values of each sample.
    var width: Int { get }
    /// Bytes of memory.
    var byteCount: Int { get }
    subscript(unit: Int, sample: Int) -> Float { get }
    /// Copies rows order[first …< first + count], or without an order first …, into `width` rows of `stride` floats; zeros fill the
    /// last vector.
    func gather(
        into out: UnsafeMutablePointer<Float>, stride: Int, order: RowOrder?, first: Int, count: Int,
        _ kernels: UnsafePointer<lc_kernels>)
    /// nil: only a comparison of all values can tell.
    func hasSameValues(as other: any CompactRows) -> Bool?
}

/// Bytes of samples, sample by sample, and the float that each byte stands for.
final class ByteRows: CompactRows {
    let count: Int
    let width: Int
    /// Of `width / channels` values each.
    let channels: Int
    /// The float that each byte stands for, 256 for each channel.
    let values: Block
    private let white: Float
    private let means: [Float]
    private let scales: [Float]
    let memory: ByteBlock

    init(_ memory: ByteBlock, count: Int, width: Int, white: Int, means: [Float], scales: [Float]) {
        precondition(!means.isEmpty && means.count == scales.count && width % means.count == 0, "no channels of bytes")
        (self.memory, self.count, self.width, channels) = (memory, count, width, means.count)
        (self.white, self.means, self.scales) = (Float(white), means, scales)
        guard let block = try? Block(count: 256 * channels) else {
            fatalError("no memory for \(256 * channels) numbers")
        }
        values = block
        for place in 0..<256 * channels {
            values[place] = standardized(Float(place % 256) / self.white, channel: place / 256)
        }
    }

    /// A value from 0 (black) to 1.
    func raw(_ unit: Int, _ sample: Int) -> Float { Float(memory.base[sample * width + unit]) / white }

    /// The network's input for a value from 0 to 1.
    func standardized(_ value: Float, channel: Int) -> Float { (value - means[channel]) / scales[channel] }

    subscript(unit: Int, sample: Int) -> Float {
        values[unit / (width / channels) * 256 + Int(memory.base[sample * width + unit])]
    }

    /// Copies of all samples one after the other (`SampleStore.copies`).
    /// - Parameter places: of each order.
    func copies(_ orders: [[Int]], places: Int) throws(EngineError) -> ByteRows {
        let block = try ByteBlock(count: orders.count * count * width)
        for (copy, order) in orders.enumerated() {
            for sample in 0..<count {
                let source = memory.base + sample * width
                let target = block.base + (copy * count + sample) * width
                for unit in 0..<width { target[unit] = source[unit / places * places + order[unit % places]] }
            }
        }
        return ByteRows(
            block, count: orders.count * count, width: width, white: Int(white), means: means, scales: scales)
    }

    var byteCount: Int { count * width }

    func gather(
        into out: UnsafeMutablePointer<Float>, stride: Int, order: RowOrder?, first: Int, count: Int,
        _ kernels: UnsafePointer<lc_kernels>
    ) {
        kernels.pointee.gatherBytes(
            out, Int32(stride), memory.base, Int32(width / channels), Int32(channels), values.base, order?.base,
            Int64(first), Int32(count))
    }

    func hasSameValues(as other: any CompactRows) -> Bool? {
        guard let other = other as? ByteRows else { return nil }
        return count == other.count && width == other.width && values.values.elementsEqual(other.values.values)
            && UnsafeBufferPointer(start: memory.base, count: count * width)
                .elementsEqual(UnsafeBufferPointer(start: other.memory.base, count: count * width))
    }
}

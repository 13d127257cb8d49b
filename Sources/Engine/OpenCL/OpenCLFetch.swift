/// Buffers of a network on their way from the device: copied aside between two steps, and carried over by a queue of
/// their own while the steps go on. One delivery at a time.
final class OpenCLFetch {
    private let training: OpenCLQueue
    private let transfer: OpenCLQueue
    private let parts: [OpenCLBuffer]
    /// The offset of each part in bytes, and last their end.
    private let places: [Int]
    private let aside: OpenCLBuffer
    private let host: OpenCLHostMemory
    private var arrival: OpenCLEvent?
    private var count = 0

    init(_ training: OpenCLQueue, parts: [OpenCLBuffer]) throws(OpenCL.Failure) {
        self.training = training
        self.parts = parts
        transfer = try OpenCLQueue(training.context)
        var places = [0]
        for part in parts { places.append(places[places.count - 1] + (part.bytes + 63) / 64 * 64) }
        self.places = places
        aside = try OpenCLBuffer(training.context, bytes: places[parts.count])
        host = try OpenCLHostMemory(transfer, bytes: places[parts.count])
    }

    var bytes: Int { host.bytes }

    /// Begins to fetch the first `count` parts as they are after all commands so far.
    func begin(count: Int) throws(OpenCL.Failure) {
        precondition(arrival == nil, "one delivery at a time")
        self.count = count
        for (part, place) in zip(parts[..<count], places) { try training.copy(part, to: aside, atByte: place) }
        let copied = try training.mark()
        try training.flush()
        arrival = try transfer.begin(reading: aside, bytes: places[count], into: host.base, after: copied)
        try transfer.flush()
    }

    func hasArrived() throws(OpenCL.Failure) -> Bool { try arrival?.isPast() ?? false }

    /// Waits for what was begun; its values then stay until the next `begin`.
    func finish() throws(OpenCL.Failure) {
        let arrival = arrival
        self.arrival = nil
        try arrival?.wait()
    }

    /// Whether the last delivery had the part.
    func has(_ part: Int) -> Bool { part < count }

    /// The numbers of a part.
    func values<T: BitwiseCopyable>(_ part: Int, as type: T.Type) -> UnsafeBufferPointer<T> {
        let count = parts[part].bytes / MemoryLayout<T>.stride
        let start = (host.base + places[part]).bindMemory(to: T.self, capacity: count)
        return UnsafeBufferPointer(start: start, count: count)
    }
}

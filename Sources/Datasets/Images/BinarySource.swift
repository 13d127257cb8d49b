/// The bytes of a file that is no text, plain or gzip, in order.
final class BinarySource {
    private let source: ByteSource
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    /// The bytes of the buffer that have not been taken.
    private var waiting = 0..<0
    /// Bytes that have been taken: what a mistake's place names.
    private var offset = 0

    init(_ source: ByteSource) { self.source = source }

    deinit { buffer.deallocate() }

    /// The bytes of a file, unpacked: a packed one is read for it.
    static func length(path: String, name: String) throws(DataError) -> Int {
        let source = try ByteSource(path: path, name: name)
        if !source.isCompressed, let size = source.size { return size }
        let binary = BinarySource(source)
        while try !binary.isAtEnd() { binary.take(binary.waiting.count) }
        return binary.offset
    }

    /// All bytes of a file, unpacked.
    static func all(path: String, name: String) throws(DataError) -> [UInt8] {
        let source = BinarySource(try ByteSource(path: path, name: name))
        var bytes: [UInt8] = []
        while try !source.isAtEnd() {
            bytes += source.buffer[source.waiting]
            source.take(source.waiting.count)
        }
        return bytes
    }

    var name: String { source.name }
    /// The part of the file that has been read, 0 to 1.
    var fraction: Double { source.fraction }

    /// Whether nothing follows.
    func isAtEnd() throws(DataError) -> Bool {
        if waiting.isEmpty { waiting = 0..<(try source.read(into: buffer)) }
        return waiting.isEmpty
    }

    /// Fills `bytes`.
    /// - Throws: that the file ends before.
    func read(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) {
        var filled = 0
        while filled < bytes.count {
            guard try !isAtEnd() else { throw mistake("the file ends in the middle of an image; copy the whole file") }
            let count = min(waiting.count, bytes.count - filled)
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[filled..<filled + count])
                .copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: buffer[waiting.lowerBound..<waiting.lowerBound + count]))
            take(count)
            filled += count
        }
    }

    func byte() throws(DataError) -> UInt8 {
        guard try !isAtEnd() else { throw mistake("the file ends too early; copy the whole file") }
        defer { take(1) }
        return buffer[waiting.lowerBound]
    }

    /// A whole number of four bytes, the highest first.
    func bigEndian() throws(DataError) -> Int {
        var number = 0
        for _ in 0..<4 { number = number << 8 | Int(try byte()) }
        return number
    }

    func mistake(_ message: String) -> DataError {
        DataError(.malformed, place: "\(name): byte \(offset)", message: message)
    }

    private func take(_ count: Int) {
        waiting = waiting.lowerBound + count..<waiting.upperBound
        offset += count
    }
}

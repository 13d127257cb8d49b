/// The bytes of a file that is no text, plain or gzip, in order.
final class BinarySource {
    private let source: ByteSource
    private let loading: Loading?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    /// The bytes of the buffer that have not been taken.
    private var waiting = 0..<0
    /// Bytes that have been taken: what a mistake's place names.
    private var offset = 0

    /// - Parameter loading: is asked before each piece of the file whether anybody still waits.
    init(_ source: ByteSource, loading: Loading? = nil) { (self.source, self.loading) = (source, loading) }

    convenience init(path: String, name: String, loading: Loading?) throws(DataError) {
        self.init(try ByteSource(path: path, name: name, loading: loading), loading: loading)
    }

    deinit { buffer.deallocate() }

    /// The bytes of a file, unpacked: a packed one is read for it.
    static func length(path: String, name: String, loading: Loading? = nil) throws(DataError) -> Int {
        let source = try ByteSource(path: path, name: name, loading: loading)
        if !source.isCompressed, let size = source.size { return size }
        let binary = BinarySource(source, loading: loading)
        while try !binary.isAtEnd() { binary.take(binary.waiting.count) }
        return binary.offset
    }

    /// All bytes of a file, unpacked.
    /// - Parameter limit: the most bytes; longer files are an error.
    static func all(path: String, name: String, limit: Int, loading: Loading? = nil) throws(DataError) -> [UInt8] {
        let file = try ByteSource(path: path, name: name, loading: loading)
        if !file.isCompressed, let size = file.size, size > limit { throw FileContent.tooLarge(name, limit: limit) }
        let source = BinarySource(file, loading: loading)
        var bytes: [UInt8] = []
        while try !source.isAtEnd() {
            guard bytes.count + source.waiting.count <= limit else { throw FileContent.tooLarge(name, limit: limit) }
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
        if waiting.isEmpty {
            try loading?.check()
            waiting = 0..<(try source.read(into: buffer))
        }
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

import CZlib

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The text of a file piece by piece: unpacked where the bytes are gzip, and as UTF-8 where they were UTF-16 (by its
/// mark). Other encodings pass as they are. A byte-order mark is left out.
final class ByteSource {
    /// The file's name in messages.
    let name: String
    private let descriptor: Int32
    private let memory: [UInt8]
    /// The file's or the memory's bytes; nil: unknown.
    let size: Int?
    /// Bytes of the file that have been read.
    private(set) var taken = 0
    private var inflater: Inflater?
    /// true: the first byte of a pair is the higher one.
    private var bigEndian: Bool?
    /// Plain bytes that were read to see the encoding, not yet delivered.
    private var held: ArraySlice<UInt8> = []
    /// The first half of a surrogate pair.
    private var highSurrogate: UInt32?

    var isCompressed: Bool { inflater != nil }
    var isUTF16: Bool { bigEndian != nil }
    /// The part of the file that has been read, 0 to 1; 0 where the size is unknown.
    var fraction: Double { size.map { $0 > 0 ? Double(taken) / Double($0) : 1 } ?? 0 }

    /// - Parameters:
    ///   - path: a file; what can be read but once (a pipe, "-" for standard input) is kept by `ReadOnce`.
    ///   - name: what messages call it.
    ///   - loading: is asked while a pipe is read.
    init(path: String, name: String, loading: Loading? = nil) throws(DataError) {
        self.name = name
        if let bytes = try ReadOnce.bytes(of: path, name: name, loading: loading) {
            (descriptor, memory, size) = (-1, bytes, bytes.count)
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            memory = []
            guard descriptor >= 0 else { throw ReadOnce.mistake(name, path: path, code: errno) }
            var status = stat()
            size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
        }
        try begin()
    }

    init(_ bytes: [UInt8], name: String) throws(DataError) {
        self.name = name
        (descriptor, memory, size) = (-1, bytes, bytes.count)
        try begin()
    }

    /// Text that has been read already.
    init(utf8 bytes: [UInt8], name: String) {
        self.name = name
        (descriptor, memory, size) = (-1, bytes, bytes.count)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func begin() throws(DataError) {
        var head = try piece(4096) { bytes throws(DataError) in try self.readFile(into: bytes) }
        if head.count >= 2, head[0] == 0x1F, head[1] == 0x8B {
            inflater = Inflater(head)
            head = try piece(4096) { bytes throws(DataError) in try self.readUnpacked(into: bytes) }
        }
        held = head[...]
        switch (head.first, head.dropFirst().first) {
        case (0xFF, 0xFE): bigEndian = false
        case (0xFE, 0xFF): bigEndian = true
        case (0xEF, 0xBB) where head.count >= 3 && head[2] == 0xBF: held = head.dropFirst(3)
        default: break
        }
        if isUTF16 { held = held.dropFirst(2) }
    }

    /// At least one byte unless the end is there: short reads of a pipe are no end.
    private func piece(
        _ count: Int, _ read: (UnsafeMutableRawBufferPointer) throws(DataError) -> Int
    ) throws(DataError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            var failure: DataError?
            let got = bytes.withUnsafeMutableBytes { buffer -> Int in
                do throws(DataError) {
                    return try read(UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// The next bytes of text.
    /// - Returns: how many; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        guard let bigEndian else { return try readPlain(into: buffer) }
        // Two bytes become at most three.
        let pairs = try piece(max(2, buffer.count / 3 / 2 * 2)) { bytes throws(DataError) in
            try self.readPlain(into: bytes)
        }
        guard pairs.count % 2 == 0 else {
            throw DataError(.malformed, place: name, message: "is cut off in the middle of a UTF-16 character")
        }
        var count = 0
        func put(_ scalar: UInt32) {
            for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")! {
                buffer[count] = byte
                count += 1
            }
        }
        for at in stride(from: 0, to: pairs.count, by: 2) {
            let (first, second) = (UInt32(pairs[at]), UInt32(pairs[at + 1]))
            let unit = bigEndian ? first << 8 | second : second << 8 | first
            switch unit {
            case 0xD800..<0xDC00:
                if highSurrogate != nil { put(0xFFFD) }
                highSurrogate = unit
            case 0xDC00..<0xE000:
                put(highSurrogate.map { 0x10000 + ($0 - 0xD800) << 10 + (unit - 0xDC00) } ?? 0xFFFD)
                highSurrogate = nil
            default:
                if highSurrogate != nil { put(0xFFFD) }
                highSurrogate = nil
                put(unit)
            }
        }
        // A piece that is the first half of a pair alone is not the end.
        return count == 0 && !pairs.isEmpty ? try read(into: buffer) : count
    }

    private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        if held.isEmpty { return try readUnpacked(into: buffer) }
        let count = min(held.count, buffer.count)
        buffer.copyBytes(from: held.prefix(count))
        held = held.dropFirst(count)
        return count
    }

    private func readUnpacked(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        guard let inflater else { return try readFile(into: buffer) }
        return try inflater.read(into: buffer, name: name) { bytes throws(DataError) in try self.readFile(into: bytes) }
    }

    private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        if descriptor < 0 {
            let count = min(buffer.count, memory.count - taken)
            buffer.copyBytes(from: memory[taken..<taken + count])
            taken += count
            return count
        }
        let count = try ReadOnce.read(descriptor, into: buffer, name: name)
        taken += count
        return count
    }
}

/// Unpacks gzip: several members, one after the other, are one text.
private final class Inflater {
    private var stream = z_stream()
    private var packed = [UInt8](repeating: 0, count: 1 << 16)
    private var start = 0
    private var end: Int
    /// Between two members.
    private var isBetween = false

    init(_ head: [UInt8]) {
        packed.replaceSubrange(0..<head.count, with: head)
        end = head.count
        _ = inflateStart(&stream)
    }

    deinit { inflateEnd(&stream) }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, name: String,
        more: (UnsafeMutableRawBufferPointer) throws(DataError) -> Int
    ) throws(DataError) -> Int {
        while true {
            if start == end {
                var failure: DataError?
                end = packed.withUnsafeMutableBytes { bytes -> Int in
                    do throws(DataError) { return try more(bytes) } catch {
                        failure = error
                        return 0
                    }
                }
                start = 0
                if let failure { throw failure }
                if end == 0 {
                    if isBetween { return 0 }
                    throw DataError(.malformed, place: name, message: "is compressed, and cut off; copy the whole file")
                }
            }
            if isBetween {
                // Padding, or whatever else follows, is no member.
                guard packed[start] == 0x1F else { return 0 }
                inflateReset(&stream)
                isBetween = false
            }
            var status: Int32 = Z_OK
            packed.withUnsafeMutableBufferPointer { packed in
                stream.next_in = packed.baseAddress! + start
                stream.avail_in = UInt32(end - start)
                stream.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(buffer.count)
                status = inflate(&stream, Z_NO_FLUSH)
            }
            start = end - Int(stream.avail_in)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw DataError(.malformed, place: name, message: "is compressed, and damaged; copy it again")
            }
            isBetween = status == Z_STREAM_END
            let count = buffer.count - Int(stream.avail_out)
            if count > 0 { return count }
        }
    }
}

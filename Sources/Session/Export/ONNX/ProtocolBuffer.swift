/// Writes the wire format of protocol buffers: fields with their numbers, one after the other.
/// Source: protobuf.dev/programming-guides/encoding.
struct ProtocolBuffer {
    private(set) var bytes: [UInt8] = []

    /// A whole number in groups of seven bits, the lowest first.
    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func tag(_ field: Int, _ type: UInt64) { variable(UInt64(field) << 3 | type) }

    mutating func add(_ field: Int, _ value: Int) {
        tag(field, 0)
        variable(UInt64(bitPattern: Int64(value)))
    }

    mutating func add(_ field: Int, _ value: Float) {
        tag(field, 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ field: Int, bytes content: [UInt8]) {
        tag(field, 2)
        variable(UInt64(content.count))
        bytes += content
    }

    mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

    mutating func add(_ field: Int, _ message: ProtocolBuffer) { add(field, bytes: message.bytes) }

    /// Whole numbers in one field, packed.
    mutating func add(_ field: Int, packed values: [Int]) {
        var content = ProtocolBuffer()
        for value in values { content.variable(UInt64(bitPattern: Int64(value))) }
        add(field, bytes: content.bytes)
    }
}

private let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// Bytes as text: RFC 4648, with padding.
public func base64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for place in 0..<4 {
            text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}

/// The bytes that a text stands for; nil: it is no base64 with its padding.
public func bytes(ofBase64 text: String) -> [UInt8]? {
    var values: [Int] = []
    values.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): values.append(Int(byte) - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): values.append(Int(byte) - 71)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): values.append(Int(byte) + 4)
        case UInt8(ascii: "+"): values.append(62)
        case UInt8(ascii: "/"): values.append(63)
        case UInt8(ascii: "="): values.append(-1)
        default: return nil
        }
    }
    guard values.count % 4 == 0 else { return nil }
    let padding = values.suffix(2).count { $0 < 0 }
    guard values.dropLast(padding).allSatisfy({ $0 >= 0 }) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count / 4 * 3)
    for start in stride(from: 0, to: values.count, by: 4) {
        let bits = values[start..<start + 4].reduce(0) { $0 << 6 | max(0, $1) }
        for shift in [16, 8, 0] { bytes.append(UInt8(bits >> shift & 255)) }
    }
    bytes.removeLast(padding)
    // Another text for the same bytes is none.
    return base64(bytes) == text ? bytes : nil
}

/// The type of a number in a safetensors file, little-endian.
enum TensorType: String, Sendable, Hashable, CaseIterable {
    case f64 = "F64"
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    // Read over, for no weight is of these.
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case i64 = "I64"
    case u64 = "U64"
    case i32 = "I32"
    case u32 = "U32"
    case i16 = "I16"
    case u16 = "U16"
    case i8 = "I8"
    case u8 = "U8"
    case bool = "BOOL"

    /// Bytes of one number.
    var width: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .f8e5m2, .f8e4m3, .i8, .u8, .bool: 1
        }
    }

    /// The types that weights may have.
    static let floats = [TensorType.f16, .bf16, .f32, .f64]

    /// The numbers at `start`; none of a type that no weight has.
    func values(of bytes: [UInt8], from start: Int, count: Int) -> [Float] {
        guard Self.floats.contains(self) else { return [] }
        return bytes.withUnsafeBytes { bytes in
            (0..<count).map { index in
                let at = start + index * width
                switch self {
                case .f64:
                    return Float(
                        Double(
                            bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                    )
                case .f32:
                    return Float(
                        bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                default:
                    let bits = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self))
                    return self == .bf16 ? Float(bitPattern: UInt32(bits) << 16) : Self.float(half: bits)
                }
            }
        }
    }

    /// The numbers of F64 at `start`; nil: they are of another type.
    func doubles(of bytes: [UInt8], from start: Int, count: Int) -> [Double]? {
        guard self == .f64 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            (0..<count).map { index in
                Double(
                    bitPattern: UInt64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: start + index * width, as: UInt64.self)))
            }
        }
    }

    /// A number of IEEE 754's binary16: a sign, 5 bits of exponent with the bias 15, 10 bits of fraction.
    private static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let (exponent, fraction) = (UInt32(bits >> 10 & 0x1F), UInt32(bits & 0x3FF))
        switch exponent {
        case 0:
            let small = Float(fraction) * 0x1p-24
            return sign == 0 ? small : -small
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 127 - 15) << 23 | fraction << 13)
        }
    }
}

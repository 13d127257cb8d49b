import FoundationEssentials
import Basics

/// A safetensors file: eight bytes of header length, a JSON header, then the tensors' bytes, little-endian.
/// Source: the format's description at github.com/huggingface/safetensors.
struct Safetensors: Sendable, Hashable {
    struct Tensor: Sendable, Hashable {
        var name: String
        var axes: [Int]
        /// The type of the numbers in the file that it was read from; it is written as F32, or F64 with `doubles`.
        var type = TensorType.f32
        /// None where `type` is none of `TensorType.floats`.
        var values: [Float]
        /// The numbers of an F64 tensor; nil: of another type. They are written as F64.
        var doubles: [Double]?
    }
    var metadata: [String: String] = [:]
    var tensors: [Tensor] = []

    /// The places of the tensors by their names.
    var places: [String: Int] {
        Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: - Writing

    var bytes: [UInt8] {
        var members = [
            JSON.Member(
                "__metadata__",
                .object(metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }))
        ]
        var offset = 0
        for tensor in tensors {
            let end = offset + (tensor.doubles.map { 8 * $0.count } ?? 4 * tensor.values.count)
            let description: [JSON.Member] = [
                JSON.Member("dtype", .string(tensor.doubles == nil ? "F32" : "F64")),
                JSON.Member("shape", .array(tensor.axes.map { .number(Double($0)) })),
                JSON.Member("data_offsets", .array([.number(Double(offset)), .number(Double(end))])),
            ]
            members.append(JSON.Member(tensor.name, .object(description)))
            offset = end
        }
        var header = Array(JSON.object(members).text(compact: true).utf8)
        while header.count % 8 != 0 { header.append(0x20) }
        var bytes = Self.littleEndian(UInt64(header.count), count: 8) + header
        bytes.reserveCapacity(bytes.count + offset)
        for tensor in tensors {
            if let doubles = tensor.doubles {
                for value in doubles {
                    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
                }
                continue
            }
            for value in tensor.values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }

    private static func littleEndian(_ word: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
    }

    // MARK: - Reading

    static let mostHeader = 100_000_000

    /// - Throws: what is wrong with the file, and where.
    init(_ bytes: [UInt8], path: String, mostHeader: Int = Self.mostHeader) throws(ExperimentError) {
        func malformed(_ message: String) -> ExperimentError {
            ExperimentError(.malformed, place: path, message: message)
        }
        guard bytes.count >= 8 else {
            throw malformed("expected a safetensors file of at least 8 bytes, found \(bytes.count)")
        }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
        guard length <= UInt64(bytes.count - 8) else {
            throw malformed(
                "expected a header that fits the file, found a length of \(length) in \(plural(bytes.count, "byte"))")
        }
        guard length <= UInt64(mostHeader) else {
            throw malformed("expected a header of at most \(mostHeader) bytes, found one of \(length)")
        }
        let start = 8 + Int(length)
        guard let text = String(validating: bytes[8..<start], as: UTF8.self) else {
            throw malformed("expected a JSON header in UTF-8: this is not a safetensors file")
        }
        let header: JSON
        do { header = try JSON(parsing: text) } catch {
            throw malformed("the header, \(error.place): \(error.message)")
        }
        guard case .object(let members) = header else { throw malformed("expected a JSON object as the header") }
        var spans: [(bytes: Range<Int>, name: String)] = []
        for member in members {
            if member.key == "__metadata__" {
                guard case .object(let entries) = member.value else {
                    throw malformed("__metadata__: expected an object")
                }
                for entry in entries {
                    guard case .string(let value) = entry.value else {
                        throw malformed("__metadata__.\(shortened(entry.key)): expected a text")
                    }
                    metadata[entry.key] = value
                }
                continue
            }
            guard case .string(let name)? = member.value["dtype"], let type = TensorType(rawValue: name) else {
                throw malformed(
                    "\(quoted(member.key)): expected a dtype, one of \(listed(TensorType.allCases.map(\.rawValue)))")
            }
            let width = type.width
            guard let axes = Self.integers(member.value["shape"]),
                let offsets = Self.integers(member.value["data_offsets"]),
                offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= bytes.count - start
            else {
                throw malformed("\(quoted(member.key)): expected a shape and offsets inside the file (is it cut off?)")
            }
            var count = 1
            for axis in axes {
                let (product, overflow) = count.multipliedReportingOverflow(by: axis)
                guard !overflow else { throw malformed("\(quoted(member.key)): the shape is too large") }
                count = product
            }
            guard (offsets[1] - offsets[0]) / width == count, (offsets[1] - offsets[0]) % width == 0 else {
                throw malformed(
                    "\(quoted(member.key)): expected \(plural(count, "value")) for the shape \(shortened("\(axes)")), found \(plural(offsets[1] - offsets[0], "byte"))"
                )
            }
            if count > 0 { spans.append((offsets[0]..<offsets[1], member.key)) }
            let values = type.values(of: bytes, from: start + offsets[0], count: count)
            let doubles = type.doubles(of: bytes, from: start + offsets[0], count: count)
            tensors.append(Tensor(name: member.key, axes: axes, type: type, values: values, doubles: doubles))
        }
        spans.sort { $0.bytes.lowerBound < $1.bytes.lowerBound }
        for (before, span) in zip(spans, spans.dropFirst()) where before.bytes.upperBound > span.bytes.lowerBound {
            throw malformed("\(quoted(span.name)): its bytes overlap those of \(quoted(before.name))")
        }
    }

    init() {}

    /// Whether a file begins as one: with the length of a header that is a JSON object.
    static func isBegun(by bytes: some Collection<UInt8>) -> Bool {
        let begin = Array(bytes.prefix(9))
        // A header has at most a hundred million bytes.
        return begin.count == 9 && begin[4..<8].allSatisfy { $0 == 0 } && begin[8] == UInt8(ascii: "{")
    }

    private static func integers(_ json: JSON?) -> [Int]? {
        guard case .array(let items)? = json else { return nil }
        var numbers: [Int] = []
        for item in items {
            guard case .number(let value) = item, let number = Int(exactly: value), number >= 0 else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}

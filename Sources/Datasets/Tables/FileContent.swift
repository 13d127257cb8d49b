/// The kind of a file, by its content alone.
public enum FileContent: Sendable {
    case json
    case weights
    /// The names of its columns.
    case table(columns: [String])
    /// Neither; with the reason that it is no table.
    case other(String)

    /// Looks at the beginning of a file.
    /// - Parameters:
    ///   - path: "-" is standard input.
    ///   - name: what messages call it.
    public init(path: String, name: String) throws(DataError) {
        let sample = try TableSample(ByteSource(path: path, name: name))
        if sample.isWeights {
            self = .weights
        } else if sample.firstByte == UInt8(ascii: "{") || sample.firstByte == UInt8(ascii: "[") {
            self = .json
        } else if sample.isEmpty {
            self = .other("it is empty")
        } else if sample.text.starts(with: [0x50, 0x4B, 3, 4]) {
            self = .other("it is a spreadsheet (.xlsx) or another archive; save the sheet as CSV")
        } else if sample.hasNUL {
            self = .other("it is not text")
        } else {
            do throws(DataError) {
                let form = try TableForm(sample, TableSettings())
                // Any words are a row.
                self =
                    form.sampleRows > 1
                    ? .table(columns: form.names) : .other("expected a table of at least two rows, found one")
            } catch { self = .other("\(error.place): \(error.message)") }
        }
    }

    /// The whole text of a file that is no table: unpacked where it is gzip, in UTF-8 or UTF-16.
    /// - Parameters:
    ///   - limit: the most bytes; longer files are an error.
    ///   - loading: is asked between two pieces whether anybody still waits.
    public static func text(
        path: String, name: String, limit: Int, loading: Loading? = nil
    ) throws(DataError) -> String {
        let source = try ByteSource(path: path, name: name, loading: loading)
        var bytes: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { piece.deallocate() }
        while true {
            try loading?.check()
            let count = try source.read(into: piece)
            if count == 0 { break }
            bytes += piece[..<count]
            guard bytes.count <= limit else { throw tooLarge(name, limit: limit) }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw notUTF8(bytes, name)
        }
        return text
    }

    /// The error about bytes that are not UTF-8, with the place of the first.
    private static func notUTF8(_ bytes: [UInt8], _ name: String) -> DataError {
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var (offset, line) = (0, 1)
        while case .valid(let scalar) = parser.parseScalar(from: &rest) {
            offset += scalar.count
            if scalar.first == UInt8(ascii: "\n") { line += 1 }
        }
        let byte = offset < bytes.count ? String(bytes[offset], radix: 16, uppercase: true) : "?"
        return DataError(
            .malformed, place: "\(name):\(line)",
            message: "is not UTF-8 text: byte \(offset + 1) of \(bytes.count) is 0x\(byte); save the file as UTF-8")
    }

    static func tooLarge(_ name: String, limit: Int) -> DataError {
        DataError(.malformed, place: name, message: "is larger than \(limit >> 20) MiB")
    }
}

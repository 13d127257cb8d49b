/// Kernels by name and from numbers, as first weights of a convolution.
enum ImageKernels {
    /// The well-known ones, row by row.
    private static let named: [(name: String, rows: [Float])] = [
        ("blur", [Float](repeating: 1.0 / 9, count: 9)),
        ("edges", [0, 1, 0, 1, -4, 1, 0, 1, 0]),
        ("sharpen", [0, -1, 0, -1, 5, -1, 0, -1, 0]),
        ("outline", [-1, -1, -1, -1, 8, -1, -1, -1, -1]),
        ("emboss", [-2, -1, 0, -1, 1, 1, 0, 1, 2]),
        ("sobelTop", [1, 2, 1, 0, 0, 0, -1, -2, -1]),
        ("sobelBottom", [-1, -2, -1, 0, 0, 0, 1, 2, 1]),
        ("sobelLeft", [1, 0, -1, 2, 0, -2, 1, 0, -1]),
        ("sobelRight", [-1, 0, 1, -2, 0, 2, -1, 0, 1]),
        ("vertical", [-1, 2, -1, -1, 2, -1, -1, 2, -1]),
        ("horizontal", [-1, -1, -1, 2, 2, 2, -1, -1, -1]),
        ("diagonal", [-1, -1, 2, -1, 2, -1, 2, -1, -1]),
        ("antidiagonal", [2, -1, -1, -1, 2, -1, -1, -1, 2]),
    ]

    static let knob = Knob(
        "kernels", title: "kernels",
        summary:
            "First weights of the first filters, apart by commas: \(named.map(\.name).joined(separator: ", ")), or rows of "
            + "numbers apart by semicolons, as in 0 1/4; 1/2 1. Empty: drawn.",
        kind: .text, default: .text(""))

    /// The kernels of a text, each size × size numbers.
    /// - Throws: an unknown name, rows of several lengths, a kernel that cannot be centred.
    static func parsed(_ text: String, size: Int, place: String) throws(EngineError) -> [[Float]] {
        var kernels: [[Float]] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            if word.isEmpty, text.allSatisfy({ $0 == " " }) { break }
            if let known = named.first(where: { $0.name == word }) {
                kernels.append(try centred(known.rows, of: 3, in: size, name: quoted(word), place: place))
                continue
            }
            guard let rows = numbers(word) else {
                throw EngineError(
                    place: place,
                    message:
                        "there is no kernel \(quoted(word)); \(NearestName.advice(word, among: named.map(\.name))), or "
                        + "rows of numbers apart by semicolons, as in 0 1/4; 1/2 1; several kernels stand apart by commas"
                )
            }
            guard rows.allSatisfy({ $0.count == rows.count }) else {
                throw EngineError(
                    place: place,
                    message: "expected as many numbers in each row as rows, found rows of "
                        + "\(rows.map { "\($0.count)" }.joined(separator: ", ")) in \(quoted(word))")
            }
            kernels.append(
                try centred(
                    rows.flatMap { $0 }, of: rows.count, in: size, name: "\(rows.count)×\(rows.count)", place: place))
        }
        return kernels
    }

    /// Rows of numbers and fractions; nil for another text.
    private static func numbers(_ text: String) -> [[Float]]? {
        var rows: [[Float]] = []
        for row in text.split(separator: ";") {
            var values: [Float] = []
            for word in row.split(separator: " ") {
                let parts = word.split(separator: "/", omittingEmptySubsequences: false).map { Float($0) }
                guard parts.count <= 2, let first = parts[0], let last = parts.count == 2 ? parts[1] : 1,
                    (first / last).isFinite
                else { return nil }
                values.append(first / last)
            }
            rows.append(values)
        }
        return rows.isEmpty || rows.contains { $0.isEmpty } ? nil : rows
    }

    /// A kernel in the midst of a larger one of zeros.
    private static func centred(
        _ kernel: [Float], of own: Int, in size: Int, name: String, place: String
    ) throws(EngineError) -> [Float] {
        guard own <= size, (size - own) % 2 == 0 else {
            throw EngineError(
                place: place,
                message:
                    "the kernel \(name) has \(own)×\(own) numbers, which cannot be in the midst of \(size)×\(size); set kernel "
                    + "to \(own), \(own + 2) or \(own + 4)")
        }
        let margin = (size - own) / 2
        var whole = [Float](repeating: 0, count: size * size)
        for row in 0..<own {
            for column in 0..<own { whole[(margin + row) * size + margin + column] = kernel[row * own + column] }
        }
        return whole
    }
}

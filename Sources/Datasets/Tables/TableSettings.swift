import Engine

/// How a table is to be read: what overrides the reader's guesses, and what becomes of missing cells.
public struct TableSettings: Sendable, Hashable {
    /// The treatment of a row with a missing cell.
    public enum Missing: String, Sendable, Hashable, CaseIterable { case drop, mean, error }

    /// Whether the first row holds the columns' names; nil: it is guessed.
    public var header: Bool?
    /// One character, "tab", or "blanks" for runs of blanks; nil: it is guessed.
    public var separator: String?
    /// "." or ","; nil: it is guessed.
    public var decimal: String?
    public var missing = Missing.drop
    /// Columns that are no inputs, though they are in `columns`.
    public var exclude: [String] = []

    public init() {}

    /// - Throws: a separator or a decimal sign that cannot be one.
    func separatorByte() throws(DataError) -> UInt8? {
        switch separator {
        case nil: return nil
        case "tab", "\t", "\\t": return UInt8(ascii: "\t")
        case "blanks", " ": return Dialect.blanks
        case let text?:
            guard text.utf8.count == 1, let byte = text.utf8.first, byte > 32, byte != UInt8(ascii: "\""),
                byte != 127, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            else {
                throw DataError(
                    .malformed, place: "data.separator",
                    message: "expected one character such as \";\", or \"tab\", or \"blanks\" for runs of blanks, "
                        + "found \(quoted(text))")
            }
            return byte
        }
    }

    func decimalByte() throws(DataError) -> UInt8? {
        switch decimal {
        case nil: return nil
        case ".": return UInt8(ascii: ".")
        case ",": return UInt8(ascii: ",")
        case let text?:
            throw DataError(
                .malformed, place: "data.decimal", message: "expected \".\" or \",\", found \(quoted(text))")
        }
    }
}

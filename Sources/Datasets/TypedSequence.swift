import Engine

extension PreparedData {
    /// The symbols of a typed sequence.
    /// - Throws: that the steps are values, a symbol that the data do not have, or more than the longest sequence has.
    public func symbols(ofTyped text: String) throws(DataError) -> [Int] {
        func mistake(_ message: String) -> DataError { DataError(.malformed, place: "sequence", message: message) }
        guard case .sequence(let kind) = schema.kind, !kind.alphabet.isEmpty else {
            throw mistake("the steps of these data are values, not symbols")
        }
        let symbols = try kind.numbers(of: text)
        guard symbols.count <= kind.steps else {
            throw mistake(
                "expected at most \(plural(kind.steps, "symbol")), as the longest sequence has, found \(symbols.count)")
        }
        return symbols
    }
}

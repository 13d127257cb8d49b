/// How the cells of one column become features.
struct ColumnEncoder {
    var slot: Int
    var kind: TableColumn.Kind
    /// The first of its features, and how many they are.
    var place: Int
    var count: Int
    /// For a missing cell: a number, or the offset of the feature that is 1; −1: none is.
    var fillNumber: Float = 0
    var fillOffset = -1
    /// For each text's code, and for numbers among texts, the offset of the feature that is 1; −1: none is.
    var texts: [Int] = []
    var numbers: [Float: Int] = [:]

    /// The features of one cell.
    func encode(_ cell: Cell, _ values: UnsafeMutableBufferPointer<Float>) {
        if kind == .number {
            values[0] = cell.number ?? fillNumber
            return
        }
        for place in 0..<count { values[place] = 0 }
        var offset = -1
        if cell == .missing {
            offset = fillOffset
        } else if let number = cell.number {
            offset = numbers[number + 0] ?? -1
        } else if let code = cell.text, code < texts.count {
            offset = texts[code]
        }
        if offset >= 0 { values[offset] = 1 }
    }
}

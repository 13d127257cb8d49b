/// A board that stands in a knob as text, its rows apart by “/”, and can be changed cell by cell.
public struct BoardEditing: Sendable, Hashable {
    /// A kind of cell: its letter, and its name.
    public struct Kind: Sendable, Hashable {
        public let letter: Character
        public let title: String
    }

    /// The name of the knob.
    public let knob: String
    /// In the order in which they take turns; the first is free.
    public let kinds: [Kind]
    /// The most rows, and the most columns.
    public let most: Int

    private func rows(_ map: String) -> [[Character]] {
        map.split(separator: "/", omittingEmptySubsequences: false).map(Array.init)
    }

    private func text(_ rows: [[Character]]) -> String { rows.map { String($0) }.joined(separator: "/") }

    /// The kind of a cell; nil: there is none.
    public func kind(of map: String, row: Int, column: Int) -> Kind? {
        let rows = rows(map)
        guard rows.indices.contains(row), rows[row].indices.contains(column) else { return nil }
        return kinds.first { $0.letter == rows[row][column] }
    }

    /// The kind that follows another one.
    public func kind(after kind: Kind) -> Kind {
        let place = kinds.firstIndex(of: kind) ?? -1
        return kinds[(place + 1) % kinds.count]
    }

    /// The map with another kind of cell.
    public func map(_ map: String, with kind: Kind, row: Int, column: Int) -> String {
        var rows = rows(map)
        guard rows.indices.contains(row), rows[row].indices.contains(column) else { return map }
        rows[row][column] = kind.letter
        return text(rows)
    }

    /// The map with so many rows and columns more, free ones, or fewer, at its lower and its right end; nil: it is as large
    /// or as small as it can be.
    public func map(_ map: String, moreRows: Int, moreColumns: Int) -> String? {
        var rows = rows(map)
        let (height, width) = (rows.count + moreRows, (rows.first?.count ?? 0) + moreColumns)
        guard (1...most).contains(height), (1...most).contains(width), height * width >= 2 else { return nil }
        let free = kinds[0].letter
        rows = Array(rows.prefix(height))
        for index in rows.indices {
            rows[index] = Array((rows[index] + Array(repeating: free, count: max(0, moreColumns))).prefix(width))
        }
        while rows.count < height { rows.append(Array(repeating: free, count: width)) }
        return text(rows)
    }
}

extension Program {
    /// Takes values out of the training pass that nothing in it reads: an output's activation, where the loss is computed
    /// from the sum before it.
    mutating func dropUnreadValues() {
        var read = RowSet()
        func rows(_ slice: Slice) -> Range<Int> { slice.offset..<slice.offset + slice.count }
        func note(_ operation: Operation) {
            for slice in operation.slices(.reads) where slice.block == .values { read.insert(rows(slice)) }
        }
        for operation in backward { note(operation) }
        for carried in carried { read.insert(rows(carried.slice)) }
        var kept: [Operation] = []
        for operation in trainingForward.reversed() {
            let results = operation.slices(.writes).filter { $0.block == .values }
            guard results.contains(where: { read.meets(rows($0)) }) else { continue }
            note(operation)
            kept.append(operation)
        }
        trainingForward = kept.reversed()
    }
}

/// Rows by their numbers, as ranges that neither meet nor touch, ascending: a large network has a hundred million.
private struct RowSet {
    private var ranges: [Range<Int>] = []

    /// The first range that ends at a row or behind it.
    private func place(_ row: Int) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insert(_ rows: Range<Int>) {
        let first = place(rows.lowerBound)
        var (end, whole) = (first, rows)
        while end < ranges.count, ranges[end].lowerBound <= rows.upperBound {
            whole = min(whole.lowerBound, ranges[end].lowerBound)..<max(whole.upperBound, ranges[end].upperBound)
            end += 1
        }
        ranges.replaceSubrange(first..<end, with: [whole])
    }

    func meets(_ rows: Range<Int>) -> Bool {
        let first = place(rows.lowerBound + 1)
        return first < ranges.count && ranges[first].lowerBound < rows.upperBound
    }
}

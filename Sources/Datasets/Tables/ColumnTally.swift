/// A column's cells over the rows that are used.
struct ColumnTally {
    let slot: Int
    let isNumber: Bool
    var sum = 0.0
    var count = 0
    var least = Float.infinity
    var most = -Float.infinity
    /// Of texts and of the numbers among them, over the training rows.
    var texts: [Int] = []
    var numbers: [Float: Int] = [:]

    init(slot: Int, isNumber: Bool) { (self.slot, self.isNumber) = (slot, isNumber) }

    mutating func take(_ cells: RowCells, isTraining: Bool) {
        let cell = cells[slot]
        if let number = cell.number {
            if isNumber {
                least = min(least, number)
                most = max(most, number)
                if isTraining {
                    sum += Double(number)
                    count += 1
                }
            } else if isTraining {
                numbers[number + 0, default: 0] += 1
            }
        } else if !isNumber, isTraining, let code = cell.text, cell != .otherText {
            if texts.count <= code {
                texts += [Int](repeating: 0, count: code + 1 - texts.count)
            }
            texts[code] += 1
        }
    }

    var mean: Float { count > 0 ? Float(sum / Double(count)) : 0 }

    /// The data and a tenth more.
    var plotRange: ClosedRange<Float> {
        guard least <= most else { return -1...1 }
        // Halves, so that the difference of two large numbers is finite.
        let margin = most > least ? (most / 10 - least / 10) : 1
        return max(least - margin, -.greatestFiniteMagnitude)...min(most + margin, .greatestFiniteMagnitude)
    }
}

/// The texts of a column as categories: by code, by number, and how often each is among the training rows.
struct ColumnTexts {
    var byCode: [String] = []
    var byNumber: [Float: String] = [:]
    var training: [(String, Int)] = []
}

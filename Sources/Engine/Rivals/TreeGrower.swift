/// The columns of some rows as the numbers of their values in ascending order, so that a node's rows are sorted by whole
/// numbers.
final class RankedColumns: Sendable {
    let count: Int
    let width: Int
    /// Of each column and each row, `[width, count]`.
    let ranks: [UInt32]
    /// The rows of each column in ascending order, `[width, count]`.
    let orders: [UInt32]
    /// Of each column its different values, ascending.
    let values: [[Float]]

    init(_ data: RivalData) {
        let (count, width) = (data.count, data.width)
        var ranks = [UInt32](repeating: 0, count: count * width)
        var orders: [UInt32] = []
        orders.reserveCapacity(count * width)
        var values: [[Float]] = []
        for column in 0..<width {
            let own = (0..<count).map { Float(data.rows[$0 * width + column]) }
            var order = (0..<UInt32(count)).map { $0 }
            order.sort { (own[Int($0)], $0) < (own[Int($1)], $1) }
            var different: [Float] = []
            for row in order {
                let value = own[Int(row)]
                if different.last != value { different.append(value) }
                ranks[column * count + Int(row)] = UInt32(different.count - 1)
            }
            orders += order
            values.append(different)
        }
        (self.count, self.width) = (count, width)
        (self.ranks, self.orders, self.values) = (ranks, orders, values)
    }

    /// The threshold between two values: `value ≤ threshold` holds for the first alone.
    func threshold(_ column: Int, between rank: UInt32, and next: UInt32) -> Float {
        let (low, high) = (values[column][Int(rank)], values[column][Int(next)])
        let middle = Float((Double(low) + Double(high)) / 2)
        return middle < high ? middle : low
    }
}

/// The bounds of a tree's growth.
struct TreeLimits: Sendable {
    /// Splits above each other.
    var depth: Int
    /// The fewest rows of a leaf.
    var leafRows: Int
    /// Columns that each split is chosen among.
    var columns: Int
}

/// Grows one decision tree, split by split: of all leaves the one is split next whose split lowers the impurity most.
final class TreeGrower {
    /// The answers of the rows: classes or values.
    enum Targets {
        case classes([Int32], count: Int)
        case values([Double])
    }

    private struct Split {
        var column: Int
        /// Of the largest value on the lower side, and of the smallest one on the other.
        var rank: UInt32
        var next: UInt32
        /// The weighted impurity that it takes away.
        var decrease: Double
    }
    private struct Leaf {
        var node: Int
        var rows: Range<Int>
        var depth: Int
        var split: Split
    }

    private let columns: RankedColumns
    private let targets: Targets
    /// How often each row counts; nil: once.
    private let weights: [Int32]?
    private let limits: TreeLimits
    private var random: Random
    /// The leaves that can be split.
    private var frontier: [Leaf] = []
    /// The rows, each leaf's in one piece.
    private var rows: [UInt32]
    /// Of each row its leaf.
    private(set) var leafOfRow: [UInt32]
    private(set) var tree: Tree
    /// Of each column the impurity that its splits took away.
    private(set) var decreases: [Double]
    private var keys: [UInt64]
    private var sorted: [UInt64]
    private var candidates: [Int]

    init(
        _ columns: RankedColumns, _ targets: Targets, weights: [Int32]? = nil, limits: TreeLimits, random: Random
    ) {
        (self.columns, self.targets, self.weights, self.limits, self.random) = (
            columns, targets, weights, limits, random
        )
        rows = (0..<UInt32(columns.count)).filter { row in weights.map { $0[Int(row)] > 0 } ?? true }
        leafOfRow = [UInt32](repeating: .max, count: columns.count)
        let outputs = if case .classes(_, let count) = targets { count } else { 1 }
        tree = Tree(outputs: outputs)
        decreases = [Double](repeating: 0, count: columns.width)
        keys = [UInt64](repeating: 0, count: columns.count)
        sorted = keys
        candidates = Array(0..<columns.width)
        add(rows: 0..<rows.count, depth: 0)
    }

    var isFinished: Bool { frontier.isEmpty }

    /// Splits one leaf.
    func split() {
        var best = 0
        for place in frontier.indices where frontier[place].split.decrease > frontier[best].split.decrease {
            best = place
        }
        let leaf = frontier.remove(at: best)
        divide(leaf)
    }

    /// Splits until nothing is left to split, in whatever order: the tree is the same but for its nodes' order.
    func splitAll() { while let leaf = frontier.popLast() { divide(leaf) } }

    private func divide(_ leaf: Leaf) {
        let (column, rank) = (leaf.split.column, leaf.split.rank)
        let base = column * columns.count
        // In the order in which they stand, so that sums do not depend on how a leaf came to be.
        var (low, high): ([UInt32], [UInt32]) = ([], [])
        for row in rows[leaf.rows] {
            if columns.ranks[base + Int(row)] <= rank { low.append(row) } else { high.append(row) }
        }
        let middle = leaf.rows.lowerBound + low.count
        rows.replaceSubrange(leaf.rows, with: low + high)
        let threshold = columns.threshold(column, between: rank, and: leaf.split.next)
        decreases[column] += leaf.split.decrease
        tree.split(leaf.node, column: column, threshold: threshold)
        for range in [leaf.rows.lowerBound..<middle, middle..<leaf.rows.upperBound] {
            let node = add(rows: range, depth: leaf.depth + 1)
            tree.connect(leaf.node, to: node)
        }
    }

    /// Adds a leaf, and to those that can be split where it can.
    @discardableResult
    private func add(rows range: Range<Int>, depth: Int) -> Int {
        let (value, isPure) = answer(range)
        let node = tree.add(value)
        for row in rows[range] { leafOfRow[Int(row)] = UInt32(node) }
        if !isPure, depth < limits.depth, range.count >= 2 * limits.leafRows, range.count >= 2,
            let split = bestSplit(node, range)
        {
            frontier.append(Leaf(node: node, rows: range, depth: depth, split: split))
        }
        return node
    }

    private func weight(_ row: UInt32) -> Double { weights.map { Double($0[Int(row)]) } ?? 1 }

    /// The shares of the classes, or the mean; and whether all answers are one.
    private func answer(_ range: Range<Int>) -> (value: [Double], isPure: Bool) {
        switch targets {
        case .classes(let labels, let count):
            var sums = [Double](repeating: 0, count: count)
            for row in rows[range] { sums[Int(labels[Int(row)])] += weight(row) }
            let all = sums.reduce(0, +)
            return (sums.map { all > 0 ? $0 / all : 1 / Double(count) }, sums.filter { $0 > 0 }.count <= 1)
        case .values(let values):
            var (all, sum) = (0.0, 0.0)
            for row in rows[range] {
                let weight = weight(row)
                (all, sum) = (all + weight, sum + weight * values[Int(row)])
            }
            let mean = all > 0 ? sum / all : 0
            var squares = 0.0
            for row in rows[range] {
                squares += weight(row) * (values[Int(row)] - mean) * (values[Int(row)] - mean)
            }
            return ([mean], squares <= .ulpOfOne * all)
        }
    }

    // MARK: - The best split

    private func bestSplit(_ node: Int, _ range: Range<Int>) -> Split? {
        var best: Split?
        var looked = 0
        // Without a choice among them the columns keep their order, and of equal splits the first counts.
        let chooses = limits.columns < columns.width
        for place in candidates.indices {
            if chooses {
                if looked >= limits.columns, best != nil { break }
                candidates.swapAt(place, place + random.index(candidates.count - place))
            }
            let column = candidates[place]
            guard sortRows(node, range, by: column) else { continue }
            looked += 1
            let found: Split? =
                switch targets {
                case .classes(let labels, let count): scan(range.count, column, labels, count)
                case .values(let values): scan(range.count, column, values)
                }
            if let found, best.map({ found.decrease > $0.decrease }) ?? true { best = found }
        }
        return best
    }

    /// Leaves in `sorted` the rows of a leaf by a column: the rank above the row's number.
    /// - Returns: whether the column has more than one value there.
    private func sortRows(_ node: Int, _ range: Range<Int>, by column: Int) -> Bool {
        let (count, base) = (range.count, column * columns.count)
        return columns.ranks.withUnsafeBufferPointer { ranks in
            sorted.withUnsafeMutableBufferPointer { sorted in
                if count * 6 > columns.count {
                    columns.orders.withUnsafeBufferPointer { orders in
                        leafOfRow.withUnsafeBufferPointer { leaves in
                            var place = 0
                            for index in base..<base + columns.count {
                                let row = Int(orders[index])
                                guard leaves[row] == node else { continue }
                                sorted[place] = UInt64(ranks[base + row]) << 32 | UInt64(row)
                                place += 1
                            }
                        }
                    }
                } else {
                    rows.withUnsafeBufferPointer { rows in
                        for place in 0..<count {
                            let row = rows[range.lowerBound + place]
                            sorted[place] = UInt64(ranks[base + Int(row)]) << 32 | UInt64(row)
                        }
                    }
                    keys.withUnsafeMutableBufferPointer { other in
                        Self.sort(
                            UnsafeMutableBufferPointer(rebasing: sorted[0..<count]), other.baseAddress!,
                            largest: UInt64(columns.values[column].count - 1))
                    }
                }
                return sorted[0] >> 32 != sorted[count - 1] >> 32
            }
        }
    }

    /// Sorts by the rank in the upper half, equal ones as they stand.
    private static func sort(
        _ keys: UnsafeMutableBufferPointer<UInt64>, _ other: UnsafeMutablePointer<UInt64>, largest: UInt64
    ) {
        let count = keys.count
        if count <= 64 {
            for place in 1..<max(1, count) {
                let key = keys[place]
                var hole = place
                while hole > 0, keys[hole - 1] >> 32 > key >> 32 {
                    keys[hole] = keys[hole - 1]
                    hole -= 1
                }
                keys[hole] = key
            }
            return
        }
        // A byte of the rank at a time, from the lowest.
        var (from, to) = (keys.baseAddress!, other)
        var shift: UInt64 = 32
        while largest >> (shift - 32) > 0 {
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
                places.initialize(repeating: 0)
                for index in 0..<count { places[Int(from[index] >> shift & 255)] += 1 }
                var sum = 0
                for byte in 0..<256 { (places[byte], sum) = (sum, sum + places[byte]) }
                for index in 0..<count {
                    let byte = Int(from[index] >> shift & 255)
                    to[places[byte]] = from[index]
                    places[byte] += 1
                }
            }
            swap(&from, &to)
            shift += 8
        }
        if from != keys.baseAddress! { keys.baseAddress!.update(from: from, count: count) }
    }

    /// The split of the sorted rows whose Gini impurities are least: Σ over the sides of Σ (class's weight)² / weight is
    /// largest.
    private func scan(_ count: Int, _ column: Int, _ labels: [Int32], _ classes: Int) -> Split? {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * classes) { sums in
            sums.initialize(repeating: 0)
            let (low, high) = (sums.baseAddress!, sums.baseAddress! + classes)
            var (lowWeight, highWeight, lowSquares, highSquares) = (0.0, 0.0, 0.0, 0.0)
            for place in 0..<count {
                let row = UInt32(truncatingIfNeeded: sorted[place])
                let weight = weight(row)
                high[Int(labels[Int(row)])] += weight
                highWeight += weight
            }
            for label in 0..<classes { highSquares += high[label] * high[label] }
            let whole = highSquares / highWeight
            var (best, split): (Double, Int?) = (-.infinity, nil)
            for place in 0..<count - 1 {
                let key = sorted[place]
                let row = UInt32(truncatingIfNeeded: key)
                let weight = weight(row)
                let label = Int(labels[Int(row)])
                lowSquares += weight * (2 * low[label] + weight)
                highSquares -= weight * (2 * high[label] - weight)
                low[label] += weight
                high[label] -= weight
                lowWeight += weight
                highWeight -= weight
                guard key >> 32 != sorted[place + 1] >> 32, place + 1 >= limits.leafRows,
                    count - place - 1 >= limits.leafRows
                else { continue }
                let score = lowSquares / lowWeight + highSquares / highWeight
                if score > best { (best, split) = (score, place) }
            }
            return split.map { found($0, column, decrease: best - whole) }
        }
    }

    /// The same for values: the sum of squared distances from the sides' means is least.
    private func scan(_ count: Int, _ column: Int, _ values: [Double]) -> Split? {
        var (lowWeight, highWeight, low, high) = (0.0, 0.0, 0.0, 0.0)
        for place in 0..<count {
            let row = UInt32(truncatingIfNeeded: sorted[place])
            let weight = weight(row)
            highWeight += weight
            high += weight * values[Int(row)]
        }
        let (all, sum) = (highWeight, high)
        var (best, split): (Double, Int?) = (-.infinity, nil)
        for place in 0..<count - 1 {
            let key = sorted[place]
            let row = UInt32(truncatingIfNeeded: key)
            let weight = weight(row)
            lowWeight += weight
            low += weight * values[Int(row)]
            guard key >> 32 != sorted[place + 1] >> 32, place + 1 >= limits.leafRows,
                count - place - 1 >= limits.leafRows
            else { continue }
            high = sum - low
            highWeight = all - lowWeight
            let score = low * low / lowWeight + high * high / highWeight
            if score > best { (best, split) = (score, place) }
        }
        return split.map { found($0, column, decrease: best - sum * sum / all) }
    }

    /// The split behind a place of the sorted rows.
    private func found(_ place: Int, _ column: Int, decrease: Double) -> Split {
        Split(
            column: column, rank: UInt32(sorted[place] >> 32), next: UInt32(sorted[place + 1] >> 32),
            decrease: max(0, decrease))
    }
}

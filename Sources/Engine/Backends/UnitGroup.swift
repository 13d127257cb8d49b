import CKernels

/// An operation across the batch by units, with operations before and behind it that can be done for the same units alone: those
/// whose results at a place follow from their operands there, and sums over the units' rows. A thread does all of them for some
/// units before it goes on to others, so that each finds in a near cache what the one before has written.
struct UnitGroup {
    /// Floats of a part at most, in the rows of all samples; a unit with more is a part by itself.
    private static let largestPart = 1 << 16

    private(set) var operations: [Operation]
    /// Sums of other kinds, that are done at the same time.
    private(set) var sums: [Operation] = []
    private let units: Int
    private let rowsPerUnit: Int
    private let bind: (_ operation: Operation, _ lane: Int) -> lc_op

    /// - Parameters:
    ///   - pending: the operations before it that are still to be done. All sums are taken from it, and from its end those that
    ///     join the group.
    init(
        _ across: Operation, pending: inout [Operation],
        bind: @escaping (_ operation: Operation, _ lane: Int) -> lc_op
    ) {
        operations = [across]
        (units, rowsPerUnit) = (across.m, across.rowsPerUnit)
        self.bind = bind
        while let last = pending.last {
            // An activation behind a product is done with it.
            let isOfProduct = last.primitive.role == .activation && (pending.dropLast().last?.multiplications ?? 0) > 0
            // One that adds to a sum before it stays behind that one.
            let addsToOther = last.adds && pending.dropLast().contains { $0.sumsOverSamples && last.concerns($0) }
            if !isOfProduct, !addsToOther, canJoin(last) {
                operations.insert(last, at: 0)
            } else if last.sumsOverSamples {
                sums.insert(last, at: 0)
            } else {
                break
            }
            pending.removeLast()
        }
        sums.insert(contentsOf: pending.filter(\.sumsOverSamples), at: 0)
        pending.removeAll(where: \.sumsOverSamples)
    }

    /// Takes an operation behind the others, if it can be one of them.
    mutating func append(_ operation: Operation) -> Bool {
        guard canJoin(operation) else { return false }
        operations.append(operation)
        return true
    }

    private func canJoin(_ operation: Operation) -> Bool {
        let isOfUnits: Bool
        if operation.isSampleBySample {
            var bound = bind(operation, 0)
            isOfUnits = lc_places(&bound) == units * rowsPerUnit && rowsPerUnit % operation.rowsPerUnit == 0
        } else {
            isOfUnits =
                operation.sumsOverSamples && operation.primitive.sharesUnits && operation.m == units
                && operation.rowsPerUnit == rowsPerUnit
        }
        return isOfUnits && !operations.contains { operation.crosses($0) || $0.crosses(operation) }
            && !sums.contains { operation.concerns($0) }
    }

    /// Lists for threads, each of some units.
    func parts(atLeast least: Int, stride: Int) -> [OperationList] {
        let most = max(1, Self.largestPart / (rowsPerUnit * stride))
        let count = min(units, max(least, (units + most - 1) / most))
        return (0..<count).map { part in
            let own = Primitive.share(part, of: count, units: units)
            return OperationList(
                operations.map { operation in
                    guard operation.isSampleBySample else {
                        return bind(operation.primitive.part!(operation, part, count)!, 0)
                    }
                    var bound = bind(operation, 0)
                    return lc_place_rows(
                        &bound, Int64(own.lowerBound * rowsPerUnit), Int64(own.count * rowsPerUnit), Int64(stride))
                })
        }
    }
}

extension Operation {
    private var results: [Slice] { slices(.writes) + slices(.sums) }

    /// Whether it writes at one place what the other one has at another.
    fileprivate func crosses(_ other: Operation) -> Bool {
        results.contains { own in other.operands.contains { $0.map { own.overlaps($0) && own != $0 } ?? false } }
    }

    /// Whether it writes what the other one has, or the other way round.
    fileprivate func concerns(_ other: Operation) -> Bool {
        func writes(_ one: Operation, _ two: Operation) -> Bool {
            one.results.contains { own in two.operands.contains { $0.map(own.overlaps) ?? false } }
        }
        return writes(self, other) || writes(other, self)
    }
}

import Engine

/// The rows that a dataset makes or reads, before they are split into training and test rows.
protocol RowSource {
    var count: Int { get }
    /// A class index or a value for each row.
    var labels: [Float] { get }
    var task: Task { get }
    /// One name for each class, in the order of their indices; empty for regression.
    var classNames: [String] { get }
    /// The file's columns and rows; nil for generated rows.
    var report: TableReport? { get }
    /// Test rows whatever the share of training rows is.
    var testRows: Set<Int> { get }

    /// Decides on the columns, which may depend on the training rows. Called once, before the rows are read.
    mutating func decideColumns(_ split: Split) throws(DataError) -> [Column]

    /// Gives each row in turn to `body`, in original units, and lets go of it then.
    mutating func consumeRows(_ body: (_ row: Int, _ values: UnsafeBufferPointer<Float>) -> Void)

    /// Gives the values column after column, each row in turn, in place of `consumeRows`: finite ones, of each of which it
    /// lets go at the column's end.
    /// - Returns: false: this source gives rows alone, and has given nothing.
    mutating func consumeColumns(_ body: (_ row: Int, _ column: Int, _ value: Float) -> Void) -> Bool
}

extension RowSource {
    var testRows: Set<Int> { [] }
    func consumeColumns(_ body: (Int, Int, Float) -> Void) -> Bool { false }
}

/// Where each row goes: to the training rows, or to the test rows behind them.
struct Split {
    /// For each row its place: below `trainCount` among the training rows.
    let places: [Int32]
    let trainCount: Int

    var testCount: Int { places.count - trainCount }
    func isTraining(_ row: Int) -> Bool { places[row] < trainCount }

    /// - Parameter order: the row at each place; nil: as they stand.
    init(count: Int, trainCount: Int, order: [Int32]?) {
        self.trainCount = trainCount
        guard let order else {
            places = (0..<Int32(count)).map { $0 }
            return
        }
        var places = [Int32](repeating: 0, count: count)
        for (place, row) in order.enumerated() { places[Int(row)] = Int32(place) }
        self.places = places
    }

    /// Shuffled where the description says so.
    /// - Parameters:
    ///   - ownTrainCount: rows of a training set of its own, which stand first; nil: `trainFraction` decides.
    ///   - testRows: test rows in any case; `trainFraction` divides the others.
    /// - Throws: a share that leaves nothing to train on.
    init(
        count: Int, _ request: inout DataRequest, ownTrainCount: Int? = nil, testRows: Set<Int> = []
    ) throws(DataError) {
        guard let ownTrainCount else {
            let trainCount = try request.trainCount(of: count - testRows.count)
            let isShuffled = request.description.shuffle
            guard !testRows.isEmpty else {
                self.init(
                    count: count, trainCount: trainCount, order: isShuffled ? request.random.permutation(count) : nil)
                return
            }
            let divided = (0..<Int32(count)).filter { !testRows.contains(Int($0)) }
            let order = isShuffled ? request.random.permutation(divided.count).map { divided[Int($0)] } : divided
            self.init(count: count, trainCount: trainCount, order: order + testRows.sorted().map { Int32($0) })
            return
        }
        var order: [Int32]?
        if request.description.shuffle {
            order = request.random.permutation(ownTrainCount)
            order! += request.random.permutation(count - ownTrainCount).map { $0 + Int32(ownTrainCount) }
        }
        self.init(count: count, trainCount: ownTrainCount, order: order)
    }

    /// The values of the training rows, and those of the test rows.
    func parts(of values: [Float]) -> (train: [Float], test: [Float]) {
        var train = [Float](repeating: 0, count: trainCount)
        var test = [Float](repeating: 0, count: testCount)
        for (row, value) in values.enumerated() {
            let place = Int(places[row])
            if place < trainCount { train[place] = value } else { test[place - trainCount] = value }
        }
        return (train, test)
    }
}

extension Table: RowSource {
    var report: TableReport? { nil }

    mutating func decideColumns(_ split: Split) -> [Column] { columns }

    mutating func consumeRows(_ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
        let width = columns.count
        rows.withUnsafeBufferPointer { rows in
            for row in 0..<count {
                body(row, UnsafeBufferPointer(rebasing: rows[row * width..<(row + 1) * width]))
            }
        }
    }
}

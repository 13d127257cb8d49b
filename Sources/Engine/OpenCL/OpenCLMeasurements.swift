/// Device memory for the losses that a kernel measures between two deliveries.
final class OpenCLMeasurements {
    /// Of each measurement: the mean losses of the training set and the test set, Σ|w| and Σw² over the decaying
    /// weights, and both sets' means of (y − t)², which for classes are 0.
    let sums: OpenCLBuffer
    /// Of each measurement: both sets' counts by true and predicted class, row after row.
    let counts: OpenCLBuffer
    private let classes: Int
    private let hasTest: Bool
    private let capacity: Int
    /// The entry of each measurement since the last delivery was asked for, and before that.
    private var entries: [Int] = []
    private var sent: [Int] = []

    private static let sumCount = 6
    /// Numbers of one delivery.
    private static let mostNumbers = 1 << 14

    init(_ queue: OpenCLQueue, hasTest: Bool, classes: Int) throws(OpenCL.Failure) {
        self.classes = classes
        self.hasTest = hasTest
        let each = 2 * classes * classes
        capacity = max(1, Self.mostNumbers / (Self.sumCount + each))
        sums = try OpenCLBuffer(queue, zeros: Self.sumCount * capacity)
        counts = try OpenCLBuffer(queue, zeros: max(1, each * capacity))
    }

    var isFull: Bool { entries.count >= capacity }

    /// - Returns: the place of the measurement's results.
    func add(entry: Int) -> Int {
        precondition(!isFull, "a delivery is due")
        entries.append(entry)
        return entries.count - 1
    }

    /// A delivery is on its way: the next results begin at the first place again.
    func dispatched() {
        swap(&entries, &sent)
        entries.removeAll(keepingCapacity: true)
    }

    func removeAll() {
        entries.removeAll(keepingCapacity: true)
        sent.removeAll(keepingCapacity: true)
    }

    /// The losses that a delivery brought; after `end` nothing was measured.
    func measured(
        sums: UnsafeBufferPointer<Float>, counts: UnsafeBufferPointer<Int32>, until end: Int?
    ) -> [Measured] {
        let each = classes * classes
        return sent.prefix { $0 <= end ?? .max }.indices.map { place in
            let sum = Self.sumCount * place
            func result(_ set: Int) -> Evaluator.Result {
                let first = (2 * place + set) * each
                return Evaluator.Result(
                    loss: Double(sums[sum + set]), confusion: counts[first..<(first + each)].map { Int($0) },
                    squaredDistance: classes > 0 ? nil : Double(sums[sum + 4 + set]))
            }
            return Measured(
                train: result(0), test: hasTest ? result(1) : nil,
                sums: (absolute: Double(sums[sum + 2]), squares: Double(sums[sum + 3])))
        }
    }
}

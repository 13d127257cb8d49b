import Engine

/// The loss curve, bounded: when the buffer is full, every second point goes and the spacing doubles.
///
/// Of the points appended so far it holds every `spacing`-th, the first among them, and always the newest: a run
/// of any length costs the same memory, and the curve still begins at its beginning and ends now.
public struct History: Sendable, Hashable {
    public struct Point: Sendable, Hashable {
        public var epoch: Int
        public var step: Int
        public var trainLoss: Float
        /// NaN: no test set.
        public var testLoss: Float
        /// NaN: regression.
        public var trainAccuracy: Float
        public var testAccuracy: Float
        /// The rest is drawn from the next point's spacing.
        public init(
            epoch: Int, step: Int, trainLoss: Float, testLoss: Float, trainAccuracy: Float, testAccuracy: Float
        ) {
            self.epoch = epoch
            self.step = step
            self.trainLoss = trainLoss
            self.testLoss = testLoss
            self.trainAccuracy = trainAccuracy
            self.testAccuracy = testAccuracy
        }
    }

    public private(set) var points: [Point] = []
    /// The number of points that one kept point stands for.
    public private(set) var spacing = 1
    /// Points appended since the beginning.
    public private(set) var appended = 0
    public let capacity: Int

    public init(capacity: Int = 2048) {
        precondition(capacity >= 4, "a curve needs at least four points")
        self.capacity = capacity
    }

    public mutating func append(_ point: Point) {
        // The newest point stays only until the next one, unless its turn is a multiple of the spacing.
        let newestIsExtra = appended > 0 && (appended - 1) % spacing != 0
        if newestIsExtra {
            points[points.count - 1] = point
        } else {
            if points.count == capacity { thin() }
            points.append(point)
        }
        appended += 1
    }

    /// Forgets every point.
    public mutating func removeAll() {
        points.removeAll(keepingCapacity: true)
        spacing = 1
        appended = 0
    }

    /// Drops every second point, keeping the first.
    private mutating func thin() {
        var kept = 0
        for index in stride(from: 0, to: points.count, by: 2) {
            points[kept] = points[index]
            kept += 1
        }
        points.removeLast(points.count - kept)
        spacing *= 2
    }
}

extension History.Point {
    /// The point of one evaluation.
    init(epoch: Int, step: Int, evaluation: Evaluation) {
        self.init(
            epoch: epoch, step: step, trainLoss: Float(evaluation.trainLoss),
            testLoss: evaluation.testLoss.map { Float($0) } ?? .nan,
            trainAccuracy: evaluation.trainAccuracy.map { Float($0) } ?? .nan,
            testAccuracy: evaluation.testAccuracy.map { Float($0) } ?? .nan)
    }
}

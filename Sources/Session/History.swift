/// The loss curve, bounded: when the buffer is full, every second point goes and the spacing doubles.
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
        public init(epoch: Int, step: Int, trainLoss: Float, testLoss: Float, trainAccuracy: Float, testAccuracy: Float) {
            self.epoch = epoch
            self.step = step
            self.trainLoss = trainLoss
            self.testLoss = testLoss
            self.trainAccuracy = trainAccuracy
            self.testAccuracy = testAccuracy
        }
    }
    public private(set) var points: [Point] = []
    public init(capacity: Int = 2048) { fatalError("not built yet") }
    public mutating func append(_ point: Point) { fatalError("not built yet") }
}

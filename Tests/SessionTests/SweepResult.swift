import Session

/// Results by name, as tests write and read them.
extension Sweep.Result {
    init(trainLoss: Double?, testLoss: Double?, diverged: Bool) {
        let values = ["trainLoss": trainLoss, "testLoss": testLoss]
        self.init(values.compactMapValues(\.self), diverged: diverged)
    }

    var trainLoss: Double? { values["trainLoss"] }
    var testLoss: Double? { values["testLoss"] }
}

/// A document whose data are being prepared.
struct DataArrival {
    let experiment: Experiment
    let directory: String?
    let continuation: Continuation
    let preparation: DataPreparation
    let since = monotonicSeconds()

    /// Data that are there sooner change without a word on the screen, and progress is told as often. Seconds.
    static let patience = 0.1

    /// Progress for the screen; nil: too early to speak of.
    var loading: DataLoading? {
        guard monotonicSeconds() - since >= Self.patience else { return nil }
        let name = preparation.isAtInitial ? experiment.initial.words : experiment.dataName
        return DataLoading(
            name: name, percent: Int(preparation.fraction * 100), isInitial: preparation.isAtInitial)
    }
}

import Datasets
import Synchronization

/// The parts that an experiment needs before it can be trained, made on a thread of their own while the owner answers commands:
/// its data, and the network that it starts from.
final class DataPreparation: Sendable {
    struct Prepared: Sendable {
        var data: PreparedData
        var initial: InitialWeights.Outcome
    }

    private let loading = Loading()
    /// Of the network that the experiment starts from.
    private let initialLoading = Loading()
    private let isInitial = Atomic(false)
    private let result = Mutex<Result<Prepared, ExperimentError>?>(nil)
    /// The data, until they are taken, while the network that the experiment starts from is still being made.
    private let early = Mutex<PreparedData?>(nil)

    /// - Parameters:
    ///   - directory: what relative files are relative to (nil: the working folder).
    ///   - data, initial: those that are there already.
    ///   - samples: data of the same samples, where other pictures are wanted alone.
    ///   - done: called from that thread when the data are there and the network is not, and at the end, unless it was
    ///     cancelled before.
    init(
        _ experiment: Experiment, directory: String?, data: PreparedData? = nil, samples: PreparedData? = nil,
        initial: InitialWeights.Outcome? = nil, done: @escaping @Sendable () -> Void
    ) {
        // Nobody waits for it: a read from a slow disk, or from a pipe that nobody writes to, cannot be interrupted.
        BackgroundThread(name: "loader") {
            let result = Result<Prepared, ExperimentError> { () throws(ExperimentError) in
                let data =
                    if let data { data } else {
                        try PreparedData.prepared(
                            for: experiment, directory: directory, beside: samples, loading: self.loading)
                    }
                self.isInitial.store(!experiment.initial.isNone, ordering: .relaxed)
                if initial == nil, !experiment.initial.isNone {
                    self.early.withLock { $0 = data }
                    done()
                }
                let initial =
                    initial
                    ?? InitialWeights.Outcome(for: experiment, directory: directory, loading: self.initialLoading)
                return Prepared(data: data, initial: initial)
            }
            guard !self.loading.isCancelled else { return }
            self.result.withLock { $0 = result }
            done()
        }.detach()
    }

    /// The part that has been done, 0 to 1: of the data, or then of the network that the experiment starts from.
    var fraction: Double { isAtInitial ? initialLoading.fraction : loading.fraction }
    /// Whether the data are there, and the network that the experiment starts from is waited for.
    var isAtInitial: Bool { isInitial.load(ordering: .relaxed) }

    /// Nobody wants it any more.
    func cancel() {
        loading.cancel()
        initialLoading.cancel()
    }

    /// The network that the experiment starts from is not waited for.
    func skipInitial() { initialLoading.cancel() }

    /// The data while the network is still being made, to the one who asks first; nil: not yet, or all is there.
    func takeData() -> PreparedData? {
        early.withLock { data in
            defer { data = nil }
            return data
        }
    }

    /// The result, to the one who asks first; nil: not yet.
    func take() -> Result<Prepared, ExperimentError>? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}

extension PreparedData {
    /// The data of an experiment, with mistakes in its words.
    /// - Parameter samples: data of the same samples, beside which its pictures are to stand; nil: they are made.
    static func prepared(
        for experiment: Experiment, directory: String?, beside samples: PreparedData? = nil, loading: Loading? = nil
    ) throws(ExperimentError) -> PreparedData {
        do {
            if let samples { return try samples.holding(experiment, directory: directory, loading: loading) }
            return try prepare(
                experiment.data, features: experiment.features, directory: directory, loading: loading
            ).behind(experiment.noise).holding(experiment, directory: directory, loading: loading)
        } catch { throw ExperimentError(error) }
    }

    /// The same data with the pictures that an experiment's procedure asks for.
    func holding(
        _ experiment: Experiment, directory: String?, loading: Loading? = nil
    ) throws(DataError) -> PreparedData {
        try holding(
            experiment.pictures, of: experiment.training.procedure.id, drawings: experiment.data.drawings,
            directory: directory, loading: loading)
    }
}

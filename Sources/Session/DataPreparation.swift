import Datasets
import Synchronization

/// The data of an experiment, made or read on a thread of its own while its owner answers commands.
final class DataPreparation: Sendable {
    private let loading = Loading()
    private let result = Mutex<Result<PreparedData, ExperimentError>?>(nil)

    /// - Parameters:
    ///   - directory: what a relative data file is relative to (nil: the working folder).
    ///   - done: called from that thread at the end, unless it was cancelled before.
    init(_ experiment: Experiment, directory: String?, done: @escaping @Sendable () -> Void) {
        // Nobody waits for it: a read from a slow disk, or from a pipe that nobody writes to, cannot be interrupted.
        BackgroundThread(name: "loader") {
            let result = Result<PreparedData, ExperimentError> { () throws(ExperimentError) in
                try PreparedData.prepared(for: experiment, directory: directory, loading: self.loading)
            }
            guard !self.loading.isCancelled else { return }
            self.result.withLock { $0 = result }
            done()
        }.detach()
    }

    /// The part that has been read, 0 to 1.
    var fraction: Double { loading.fraction }

    /// Nobody wants the data any more.
    func cancel() { loading.cancel() }

    /// The data, to the one who asks first; nil: not yet.
    func take() -> Result<PreparedData, ExperimentError>? {
        result.withLock { result in
            defer { result = nil }
            return result
        }
    }
}

extension PreparedData {
    /// The data of an experiment, with mistakes in its words.
    static func prepared(
        for experiment: Experiment, directory: String?, loading: Loading? = nil
    ) throws(ExperimentError) -> PreparedData {
        do {
            return try prepare(
                experiment.data, features: experiment.features, directory: directory, loading: loading)
        } catch { throw ExperimentError(error) }
    }
}

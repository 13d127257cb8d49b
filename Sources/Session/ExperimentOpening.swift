import Basics

/// A source that has been opened.
public enum OpenedSource: Sendable {
    case experiment(ExperimentSource)
    /// A file of weights without an experiment, which belong to the one that is open.
    case weights(path: String)

    /// Reads what an argument names.
    public init(_ argument: String) throws(ExperimentError) {
        if FilePath.exists(argument), Checkpoint.isOne(argument),
            try Checkpoint(readingFrom: argument).isWeightsAlone
        {
            self = .weights(path: argument)
        } else {
            self = .experiment(try ExperimentSource.open(argument))
        }
    }
}

/// An experiment that is opened on a thread of its own: a file may be large, on a slow disk, or a pipe that nobody
/// writes to.
public typealias ExperimentOpening = BackgroundWork<Result<OpenedSource, ExperimentError>>

extension ExperimentOpening {
    /// - Parameters:
    ///   - argument: a preset's name, a path or a link, as it was asked for.
    ///   - done: called from its thread at the end.
    public convenience init(_ argument: String, done: @escaping @Sendable () -> Void) {
        self.init("opener", done: done) { _ in
            Result<OpenedSource, ExperimentError> { () throws(ExperimentError) in try OpenedSource(argument) }
        }
    }
}

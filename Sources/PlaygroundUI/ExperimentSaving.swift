import Basics
import Session

/// How the open experiment is written to a path: the ending decides.
struct ExperimentSaving {
    enum Kind {
        case document
        /// A checkpoint, or a format for other programs.
        case weights
        /// The address of the TensorFlow Playground's page.
        case link
    }

    let path: String
    let kind: Kind

    /// - Parameter typed: may begin with "~".
    init(to typed: String) {
        path = FilePath.expanded(typed)
        kind =
            path.hasSuffix(".safetensors") || ExportFormat.saved(as: path) != nil
            ? .weights : path.hasSuffix(".txt") ? .link : .document
    }

    /// The files that are there already and would be written over.
    var filesThere: [String] {
        let beside = ExportFormat.saved(as: path)?.pathsBeside(path) ?? []
        return ([path] + beside).filter { FilePath.exists($0) }
    }

    /// - Parameter trainer: has the weights; nil: there are none yet, and a path for them is left as it is.
    /// - Returns: the link that was written; nil: something else was.
    func write(_ session: Session, _ trainer: TrainerLink?) throws(ExperimentError) -> PageLink? {
        switch kind {
        case .weights: try trainer?.saveCheckpoint(to: path)
        case .document: try SavedFile.write(session.text(savedTo: path), to: path)
        case .link:
            let link = PlaygroundLink.pageLink(for: session.experiment)
            try SavedFile.write(link.address + "\n", to: path)
            return link
        }
        // A table that came through a pipe lies beside the experiment then.
        try session.experiment.writeKeptTable(besides: path, from: session.directory)
        return nil
    }
}

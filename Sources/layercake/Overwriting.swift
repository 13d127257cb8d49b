import ArgumentParser
import Session

/// Whether files that are there may be written over, for the commands that write some.
struct Overwriting: ParsableArguments {
    @Flag(help: "Write over files that are there.")
    var force = false

    /// Says before the work, not after it, that a file cannot be written, or would be lost.
    /// - Parameter known: files that the user has named as what is replaced.
    func check(_ path: String, knowing known: [String?] = []) throws(ExperimentError) {
        try SavedFile.check(path)
        guard !force, !known.contains(path), SavedFile.hasContent(path) else { return }
        throw ExperimentError(
            .unwritable, place: path, message: "is there already; name another file, or write over it with --force")
    }
}

import ArgumentParser
import Session

/// Whether files that are there may be written over, for the commands that write some. `train` and `predict` always do, as other
/// programs that are named a file to write.
struct Overwriting: ParsableArguments {
    @Flag(help: "Write over files that are there.")
    var force = false

    /// Says before the work, not after it, that a file cannot be written, or would be lost.
    func check(_ path: String) throws(ExperimentError) {
        try SavedFile.check(path)
        guard !force, SavedFile.hasContent(path) else { return }
        throw ExperimentError(
            .unwritable, place: path, message: "is there already; name another file, or write over it with --force")
    }
}

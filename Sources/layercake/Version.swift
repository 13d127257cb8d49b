import CVersion
import Engine

/// The version that the program tells: its number and commit, and what its figures depend on.
enum Version {
    static let number = "0.1.0"

    /// Where the environment names a level that is not there, the level is left out: the program says so when it starts to work.
    static var text: String {
        let commit = String(cString: lc_commit())
        var lines = ["layercake \(number)" + (commit.isEmpty ? "" : " (\(commit))")]
        if let level = try? Processor.simdLevel() { lines.append("kernels: \(level)") }
        lines.append(Processor.blasName.split(separator: " ").prefix(2).joined(separator: " "))
        return lines.joined(separator: "\n")
    }
}

import Basics
import Session
import TerminalKit

/// The playground in lines, for screen readers and slow lines: commands come by name, every change is told in a line.
///
/// The app is the same; in place of a screen there are the lines that wait to be carried out, each when the one before is
/// done, and those that are said.
struct PlainState: Sendable {
    /// The epochs at which the figures are told while training goes on.
    enum Report: Sendable, Hashable {
        case powersOfTwo
        case every(Int)
        case never

        /// The first epoch after one at which they are; nil: none.
        func next(after epoch: Int) -> Int? {
            switch self {
            case .never: nil
            case .every(let count): (epoch / count + 1) * count
            case .powersOfTwo:
                epoch >= 1 << 60 ? nil : 1 << (Int.bitWidth - max(0, epoch).leadingZeroBitCount)
            }
        }
    }

    /// Work that waits for its turn.
    enum Task: Sendable {
        /// The experiment's name, how it stands, and where help is.
        case greeting
        case line(String)
        /// Tells the figures as they are then.
        case figures
        /// There are no more lines: the playground is left.
        case end
    }

    static let width = 80

    var tasks: [Task] = [.greeting]
    private(set) var said: [String] = []
    var report = Report.powersOfTwo
    /// Typed numbers of the network, by their places, which the trainer may not have yet.
    var typed: [Int: Float] = [:]
    var typedAt = 0.0
    /// The epoch that is trained to; nil: none was asked for.
    var goal: Int?
    /// The epoch to which the trainer has been asked to go so far, and since when.
    var asked: (epoch: Int, since: Double)?
    /// Epochs that the trainer is asked for at once, so that it stays within reach.
    var portion = 1
    /// The last figures that were told.
    var told: (generation: Int, epoch: Int)?
    /// The state of the run that was told last.
    var state: Snapshot.State?
    var failure: String?
    /// The page of the lesson that was told last.
    var lesson: [String] = []
    /// News of the present task.
    var news: Notice?
    /// The box that is open has been told.
    var boxIsTold = false

    /// Adds a text, in lines of 80 columns at most; those after its first are indented.
    mutating func say(_ text: String) {
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let shown = visibleText(String(paragraph))
            let lines = wrapText(shown, columns: Self.width)
            guard lines.count > 1 else {
                said += lines
                continue
            }
            // A word that is longer than a line has no blank where it is cut.
            let rest =
                shown.hasPrefix(lines[0])
                ? String(shown.dropFirst(lines[0].count)) : lines.dropFirst().joined(separator: " ")
            said += [lines[0]] + wrapText(rest, columns: Self.width - 2).map { "  " + $0 }
        }
    }

    mutating func takeSaid() -> [String] {
        defer { said = [] }
        return said
    }
}

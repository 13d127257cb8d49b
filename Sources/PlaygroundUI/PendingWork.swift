import Engine
import Session

/// The work on threads of its own whose results the screen awaits.
struct PendingWork {
    typealias Change = @Sendable (inout App) -> Void

    /// The opening under way, and the text that was typed for it.
    private var opening: (experiment: ExperimentOpening, typed: String?)?
    /// Networks side by side that are being planned.
    private var planning: BackgroundWork<Change>?
    /// Pictures of the screen that are being written.
    private var painting: [BackgroundWork<Change>] = []

    /// The longest that the end waits for a picture that is being written, in seconds.
    private static let paintingPatience = 5.0

    // MARK: - Openings

    /// The opening before it is cancelled.
    /// - Parameter typed: the text that stands in the prompt again when it cannot be opened; nil: no prompt.
    mutating func open(_ work: ExperimentOpening, typed: String?) {
        opening?.experiment.cancel()
        opening = (work, typed)
    }

    /// The result of the opening under way is not taken any more.
    mutating func forgetOpening() { opening = nil }

    /// - Parameter seconds: the longest to wait.
    /// - Returns: nil: there is no opening, or it goes on.
    mutating func takeOpened(within seconds: Double) -> (
        result: Result<OpenedSource, ExperimentError>, typed: String?
    )? {
        guard let (experiment, typed) = opening, let result = experiment.take(within: seconds) else { return nil }
        opening = nil
        return (result, typed)
    }

    // MARK: - Plans

    /// The plan before it is cancelled.
    mutating func plan(_ work: BackgroundWork<Change>) {
        planning?.cancel()
        planning = work
    }

    mutating func cancelPlanning() {
        planning?.cancel()
        planning = nil
    }

    /// - Parameter seconds: the longest to wait.
    /// - Returns: nil: nothing is being planned, or it goes on.
    mutating func takePlanned(within seconds: Double) -> Change? {
        guard let change = planning?.take(within: seconds) else { return nil }
        planning = nil
        return change
    }

    // MARK: - Pictures

    mutating func paint(_ work: BackgroundWork<Change>) { painting.append(work) }

    /// The news of the pictures that have been written since the last call.
    mutating func takePainted() -> [Change] {
        var changes: [Change] = []
        painting.removeAll { work in
            guard let change = work.take(within: 0) else { return false }
            changes.append(change)
            return true
        }
        return changes
    }

    /// Waits for pictures that are being written, and for nothing else.
    mutating func end() {
        cancelPlanning()
        for work in painting { _ = work.take(within: Self.paintingPatience) }
    }
}

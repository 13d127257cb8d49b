import Session

/// Whether training goes on: of the experiment, and of a grid while one stands in its place. The keys and the trainer's
/// news change it, the commands to the threads and the words on the screen follow it.
struct Playing: Sendable {
    private(set) var experiment: Bool
    /// Whether the grid's networks train; nil: there is no grid.
    private(set) var grid: Bool?
    /// The experiment trained when the grid took its place, and goes on after it.
    private var resumes = false
    /// When a key last changed `experiment`.
    private var changed = 0.0

    /// Seconds in which a snapshot may be older than the key.
    private static let snapshotDelay = 0.2

    init(_ isOn: Bool) { experiment = isOn }

    /// Of those on the screen.
    var isOn: Bool { grid ?? experiment }

    mutating func set(_ isOn: Bool, at time: Double) {
        (experiment, changed) = (isOn, time)
    }

    /// Follows the trainer, which ends a run by itself.
    mutating func follow(_ state: Snapshot.State, at time: Double) {
        if time - changed > Self.snapshotDelay { experiment = state == .training }
    }

    mutating func setGrid(_ isOn: Bool) { grid = grid.map { _ in isOn } }

    /// A grid takes the experiment's place and trains.
    /// - Returns: whether the trainer has to pause.
    mutating func beginGrid(at time: Double) -> Bool {
        guard grid == nil else { return false }
        (grid, resumes) = (true, experiment)
        if resumes { set(false, at: time) }
        return resumes
    }

    /// - Returns: whether the trainer has to go on.
    mutating func endGrid(at time: Double) -> Bool {
        guard grid != nil else { return false }
        grid = nil
        if resumes { set(true, at: time) }
        return resumes
    }
}

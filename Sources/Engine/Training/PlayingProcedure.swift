/// A procedure that learns by playing. A step is one step of the game, and with it an update where one is due; an epoch is
/// `stepsPerEpoch` of them.
protocol PlayingProcedure: DescentProcedure {
    var played: PlayedGame { get }
    /// Whether an update follows the present step of the game.
    var isUpdateDue: Bool { get }

    /// One step of the game.
    func play()

    /// One update.
    /// - Returns: whether a parameter is no longer finite.
    func learn() -> Bool
}

extension PlayingProcedure {
    static var learnsGames: Bool { true }

    func advance(steps: Int) -> TrainingProgress {
        for _ in 0..<steps {
            if descent.divergence != nil { return .diverged }
            play()
            let hasDiverged = isUpdateDue && learn()
            descent.step += 1
            if hasDiverged {
                descent.divergence = descent.diagnose()
                return .diverged
            }
            if descent.step % stepsPerEpoch == 0 {
                descent.feed.epoch += 1
                played.endEpoch()
                return .finishedEpoch
            }
        }
        return .stepped
    }
}

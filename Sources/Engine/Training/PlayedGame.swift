/// The game of a procedure that learns by playing: where it stands, how its episodes have gone, and the weights with the best
/// mean return so far. Everything random comes from one generator in the order in which it happens, so that the same seed
/// plays the same games.
final class PlayedGame {
    @exclusivity(unchecked) private(set) var game: Game
    @exclusivity(unchecked) var random: Random
    /// The sum of the present episode's rewards.
    @exclusivity(unchecked) private(set) var episodeReturn = 0.0
    private(set) var record = GameRecord()
    /// The parameters with which `record.best` was reached; nil: none yet.
    private(set) var bestParameters: [Float]?
    /// Of the losses since the epoch began.
    @exclusivity(unchecked) private var (lossSum, lossCount) = (0.0, 0)
    /// The mean loss over the epoch before; nil: there was no update.
    private var lastLoss: Double?

    /// - Throws: a mistake in the game's settings, or that the network has no output for each action.
    init(_ setup: TrainingSetup, of procedure: Entry, outputs: Int) throws(EngineError) {
        guard let environment = setup.environment else { throw EngineError.noGame(procedure) }
        game = try Game(environment)
        random = Random(seed: 0)
        guard game.actions.count == outputs else {
            throw EngineError(
                place: "data",
                message: "expected an output for each of \(plural(game.actions.count, "action")), found \(outputs)")
        }
        begin(seed: setup.seed)
    }

    /// The first episode. The generator is one of its own, so that the network's draws do not move the game's.
    func begin(seed: UInt64) {
        random = Random(seed: seed ^ 0x71_6761_6D65)
        (record, bestParameters, episodeReturn) = (GameRecord(), nil, 0)
        (lossSum, lossCount, lastLoss) = (0, 0, nil)
        game.reset(&random)
    }

    /// One step of the game; behind the last one of an episode stands its last state until `beginEpisode`.
    func move(_ action: Int) -> Move {
        let move = game.move(action, &random)
        episodeReturn += move.reward
        return move
    }

    /// Notes the episode that is over, and begins the next one.
    /// - Parameter parameters: those that play, which are kept where the mean return is better than ever.
    func beginEpisode(_ parameters: Block) {
        if record.append(episodeReturn) { bestParameters = parameters.array }
        episodeReturn = 0
        game.reset(&random)
    }

    // MARK: - Losses

    func note(loss: Double, of count: Int) {
        lossSum += loss
        lossCount += count
    }

    /// Says that an epoch is over.
    func endEpoch() {
        lastLoss = presentLoss ?? lastLoss
        (lossSum, lossCount) = (0, 0)
    }

    private var presentLoss: Double? { lossCount > 0 ? lossSum / Double(lossCount) : nil }
    /// The mean over the last epoch with an update, or since the first one began; nil: there was no update.
    var loss: Double? { lastLoss ?? presentLoss }

    // MARK: - State

    /// The names of the parts of a state.
    private enum Part {
        static let (game, play, record, progress, best) = ("game", "play", "record", "progress", "best")
    }

    func save(to state: inout TrainingState) {
        state.generators[Part.game] = game.words
        state.generators[Part.play] = random.state
        state.generators[Part.record] = record.words
        state.generators[Part.progress] = [
            episodeReturn.bitPattern, lossSum.bitPattern, UInt64(lossCount), (lastLoss ?? .nan).bitPattern,
        ]
        state.parts[Part.best] = bestParameters
    }

    /// - Returns: what sets this game to the state.
    /// - Throws: that the state is of another game; nothing has changed then.
    func restoring(_ state: TrainingState, parameters count: Int) throws(EngineError) -> () -> Void {
        func mistake(_ name: String) -> EngineError {
            EngineError(place: "generators.\(name)", message: "expected a game's state, found another")
        }
        var game = game
        try game.restore(state.generators[Part.game] ?? [])
        guard let words = state.generators[Part.play], words.count == 4, words.contains(where: { $0 != 0 }) else {
            throw mistake(Part.play)
        }
        guard let record = state.generators[Part.record].flatMap(GameRecord.init) else { throw mistake(Part.record) }
        guard let progress = state.generators[Part.progress], progress.count == 4,
            progress[2] <= UInt64(TrainingState.counts.upperBound)
        else { throw mistake(Part.progress) }
        let best = state.parts[Part.best]
        if let best { try TrainingState.checkPart(Part.best, best, count: count) }
        return { [self] in
            (self.game, self.record, random, bestParameters) = (game, record, Random(state: words), best)
            episodeReturn = Double(bitPattern: progress[0])
            (lossSum, lossCount) = (Double(bitPattern: progress[1]), Int(progress[2]))
            let last = Double(bitPattern: progress[3])
            lastLoss = last.isNaN ? nil : last
        }
    }

    func report(exploration: Double?, gamma: Double, answers: GameReport.Answers, memory: MemoryReport?) -> GameReport {
        GameReport(
            record: record, game: game, episodeReturn: episodeReturn, exploration: exploration, gamma: gamma,
            answers: answers, bestParameters: bestParameters, memory: memory)
    }
}

extension TrainingState {
    /// - Throws: that a part has not as many values, or some that are not finite.
    static func checkPart(_ name: String, _ values: [Float]?, count: Int) throws(EngineError) {
        guard let values, values.count == count, values.allSatisfy(\.isFinite) else {
            throw EngineError(
                place: name, message: "expected \(plural(count, "finite value")), found \(values?.count ?? 0)")
        }
    }
}

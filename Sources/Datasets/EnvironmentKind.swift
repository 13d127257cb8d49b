import Engine

/// A game with its settings, and what a network takes in and answers.
public struct EnvironmentKind: Sendable, Hashable {
    public var choice: Choice
    /// Of the observations, with all frames.
    public var shape: Shape
    public var actions: [String]
    /// The names of a row's values in one frame; none of a board.
    public var inputs: [String]

    /// Moves a second at which a person can follow.
    public var movesPerSecond: Double
    /// Its states are so few that the answers in all of them can be shown.
    public var hasPlaces: Bool
    /// How its board can be changed; nil: it has none, or a fixed one.
    public var editing: BoardEditing?

    /// States of random play that stand for the game in pictures.
    static let states = 1000

    /// - Throws: a mistake in the game's settings.
    static func schema(_ request: DataRequest) throws(DataError) -> DataSchema {
        if request.description.trainFraction ?? 1 != 1 {
            throw DataError(
                .malformed, place: "data.trainFraction",
                message: "a game has no test samples; leave trainFraction out")
        }
        let game: Game
        do throws(EngineError) { game = try Game(request.description.dataset) } catch { throw DataError(error) }
        return DataSchema(
            .environment(
                EnvironmentKind(
                    choice: request.description.dataset, shape: game.shape, actions: game.actions, inputs: game.inputs,
                    movesPerSecond: game.movesPerSecond, hasPlaces: game.hasPlaces,
                    editing: game.editing)
            ), task: .values(count: game.actions.count))
    }
}

extension PreparedData {
    /// The name of an action; nil: the data is no game.
    public func actionName(_ index: Int) -> String? {
        guard case .environment(let kind) = schema.kind, kind.actions.indices.contains(index) else { return nil }
        return kind.actions[index]
    }

    /// The states of a game that is played at random.
    init(game schema: DataSchema, _ request: DataRequest) throws(DataError) {
        guard case .environment(let kind) = schema.kind else { preconditionFailure("the schema is no game's") }
        let count = EnvironmentKind.states
        let states: [Float]
        do throws(EngineError) {
            try MemoryRoom.require(
                2 * count * kind.shape.count * MemoryLayout<Float>.stride, place: "data",
                for: "\(plural(count, "state")) of a game", advice: "take fewer frames")
            states = try Game(kind.choice).randomStates(count: count, seed: request.description.seed)
        } catch { throw DataError(error) }
        let labels = [Float](repeating: 0, count: count)
        func points(_ labels: [Float]) -> Table {
            Table(columns: [], rows: [], labels: labels, task: schema.task, classNames: [])
        }
        self.init(
            schema: schema, columns: [], features: [], trainPoints: points(labels), testPoints: points([]),
            train: Samples(inputs: SampleStore(states, count: count), labels: labels),
            test: Samples(inputs: SampleStore([], count: 0), labels: []), featureMeans: [], featureScales: [],
            targetMean: 0, targetScale: 1, report: nil, map: FeatureMap.none)
        try request.loading?.report(1)
    }
}

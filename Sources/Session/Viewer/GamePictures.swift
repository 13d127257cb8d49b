import Datasets
import Engine

/// The part of a view request that is about a game.
public struct GameWatch: Sendable, Hashable {
    /// The player of the game that is watched.
    public enum Player: Sendable, Hashable, CaseIterable {
        /// The present network, without exploring.
        case network
        /// The weights with the best mean return so far, without exploring.
        case best
        /// Training itself, as fast as it goes.
        case training
    }

    public var player: Player
    /// Moves since the beginning: the viewer's game goes on by as many as are new.
    public var moves: Int
    /// The values of all states are on the screen, where they are few.
    public var wantsPlan: Bool
    /// A person plays beside it; nil: none does.
    public var round: Round?

    /// One game against a person, which begins as the person's does and of which all moves are made.
    public struct Round: Sendable, Hashable {
        /// Of both games' generators.
        public var seed: UInt64
        /// The person's state.
        public var observation: [Float]

        public init(seed: UInt64, observation: [Float]) { (self.seed, self.observation) = (seed, observation) }
    }

    public init(player: Player, moves: Int, wantsPlan: Bool = false) {
        (self.player, self.moves, self.wantsPlan) = (player, moves, wantsPlan)
    }
}

/// A moment of a game that is watched.
public struct ShownGame: Sendable, Hashable {
    public var player: GameWatch.Player
    public var picture: GamePicture
    /// The network's output for each action in this state.
    public var outputs: [Float]
    /// Their meaning.
    public var answers: GameReport.Answers
    /// The network's outputs for the state of the person whom it plays against; empty: there is none.
    public var advice: [Float] = []
    /// The match's round; nil: it plays alone.
    public var round: UInt64?
    /// The sum of the episode's rewards so far.
    public var episodeReturn: Double
    /// The episode is over: another one follows.
    public var isOver: Bool
    /// Of the episode before; nil: this is the first one.
    public var lastReturn: Double?
    public var plan: GamePlan?
}

/// The network's answers in every state of a game.
public struct GamePlan: Sendable, Hashable {
    public struct Place: Sendable, Hashable {
        /// The network's output for each action.
        public var outputs: [Float]
        public var best: BestPlay?
    }
    /// The board without a player.
    public var picture: GamePicture
    /// For each cell; nil: no game is there.
    public var places: [Place?]
}

/// Plays games for the screen, at the speed at which it asks for moves. Lives in the viewer's thread.
final class GamePictures {
    private var player: GreedyPlayer?
    private var network: NetworkDescription?
    private var choice: Choice?
    /// The moves done, as the requests count them.
    private var done = 0
    private var isOver = false
    private var lastReturn: Double?
    private var states = GameStates()
    /// The seed of a match's round that is played.
    private var round: UInt64?

    /// More moves are not made up for: the watcher has looked away.
    private static let mostAtOnce = 4

    func fill(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest, _ pass: ForwardPass
    ) throws(EngineError) {
        guard let watch = request.game, let choice = snapshot.data.schema.environment else { return }
        if watch.player == .training, let report = snapshot.game {
            show(report.game.observation, &picture, snapshot, request, pass)
            picture.game = ShownGame(
                player: .training, picture: report.game.picture,
                outputs: pass.values(layer: snapshot.outline.output), answers: report.answers,
                episodeReturn: report.episodeReturn, isOver: false,
                lastReturn: report.record.points.last.map { Double($0.episodeReturn) })
        } else {
            picture.game = try watched(snapshot, watch, choice)
            if let player { show(player.game.observation, &picture, snapshot, request, pass) }
        }
        if let target = request.cloud {
            let training = watch.player == .training ? snapshot.game?.game.observation : nil
            picture.states = try states.cloud(snapshot, target, present: training ?? player?.game.observation, pass)
        }
        if let round = watch.round, round.observation.count == snapshot.outline.input.count {
            pass.forward(round.observation)
            picture.game?.advice = pass.values(layer: snapshot.outline.output)
        }
        if watch.wantsPlan { picture.game?.plan = try plan(snapshot, choice, pass) }
    }

    /// The layers' values for what is seen.
    private func show(
        _ observation: [Float], _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest,
        _ pass: ForwardPass
    ) {
        pass.forward(observation)
        picture.tiles = request.tiles.compactMap { row in
            ImagePictures.tiles(row, request, snapshot.outline, nil) { pass.values(layer: $0) }
        }
    }

    private func watched(
        _ snapshot: Snapshot, _ watch: GameWatch, _ choice: Choice
    ) throws(EngineError) -> ShownGame {
        if network != snapshot.network || choice != self.choice || watch.round?.seed != round || player == nil {
            round = watch.round?.seed
            player = try GreedyPlayer(snapshot.network, Game(choice), seed: round ?? snapshot.experiment.seed)
            (network, self.choice) = (snapshot.network, choice)
            (done, isOver, lastReturn) = (round == nil ? watch.moves : 0, false, nil)
        }
        guard let player else { preconditionFailure("a player has been made") }
        let best = watch.player == .best ? snapshot.game?.bestParameters : nil
        let parameters = best ?? snapshot.parameters
        if parameters.count == snapshot.outline.flatCount { player.load(parameters: parameters) }
        let moves = max(0, watch.moves - done)
        for _ in 0..<(round == nil ? min(moves, Self.mostAtOnce) : moves) {
            if isOver, round != nil { break }
            if isOver {
                lastReturn = player.episodeReturn
                player.begin()
                isOver = false
            } else {
                isOver = player.move().endsEpisode
            }
        }
        done = watch.moves
        return ShownGame(
            player: best == nil ? .network : .best, picture: player.game.picture, outputs: player.outputs,
            answers: snapshot.game?.answers ?? .worths, round: round, episodeReturn: player.episodeReturn,
            isOver: isOver, lastReturn: lastReturn)
    }

    private func plan(
        _ snapshot: Snapshot, _ choice: Choice, _ pass: ForwardPass
    ) throws(EngineError) -> GamePlan? {
        let game = try Game(choice)
        let places = game.places
        let states = places.compactMap { $0?.observation }
        guard !states.isEmpty else { return nil }
        let outputs = try pass.outputs(at: FixedInputs(states.flatMap(\.self), width: game.shape.count))
        let best = game.bestPlay(gamma: snapshot.game?.gamma ?? 1)
        var number = 0
        let all = places.enumerated().map { cell, place -> GamePlan.Place? in
            guard place != nil else { return nil }
            defer { number += 1 }
            return GamePlan.Place(
                outputs: outputs.map { $0[number] }, best: best.indices.contains(cell) ? best[cell] : nil)
        }
        return GamePlan(picture: game.board, places: all)
    }
}

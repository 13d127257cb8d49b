import Datasets
import Engine
import Session
import TerminalKit

/// A person plays a game beside the network, in place of the panels: both begin each round alike, and move by the same clock.
public struct Match: Sendable, Hashable {
    /// How a round ended: the sums of the rewards.
    struct Result: Sendable, Hashable {
        var person: Double
        var network: Double
    }

    let environment: EnvironmentKind
    /// The person's game.
    private(set) var game: Game
    private var random: Random
    /// From 1.
    private(set) var round = 1
    private let firstSeed: UInt64
    /// The action that goes on until another key comes; nil: no key has come in this round.
    private(set) var action: Int?
    private(set) var personReturn = 0.0
    private(set) var isPersonOver = false
    /// Moves of the clock in this round; the network has made as many, unless its game is over.
    private(set) var moves = 0
    /// The clock runs.
    private(set) var isRunning = false
    private(set) var results: [Result] = []
    /// The present round is among the results.
    private(set) var isDecided = false
    /// Moves a second, in parts of those at which a person can follow.
    private(set) var pace = 1.0
    /// The network's opinion of the person's state is shown.
    var showsAdvice = true
    /// The player against the person.
    var player = GameWatch.Player.network
    /// The moves that the clock has counted; −1: it has not begun.
    private var clock = -1

    static let paces = [0.125, 0.25, 0.5, 1, 2, 4]

    public static func == (one: Match, other: Match) -> Bool {
        one.round == other.round && one.moves == other.moves && one.action == other.action
            && one.isRunning == other.isRunning && one.results == other.results && one.pace == other.pace
            && one.showsAdvice == other.showsAdvice && one.player == other.player
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(round)
        hasher.combine(moves)
    }

    init?(_ environment: EnvironmentKind, seed: UInt64) {
        guard let game = try? Game(environment.choice) else { return nil }
        (self.environment, self.game, firstSeed) = (environment, game, seed)
        random = Random(seed: seed)
        self.game.reset(&random)
    }

    /// Of both players' generators in this round.
    var seed: UInt64 { firstSeed &+ UInt64(round - 1) }

    /// The viewer's part of the match.
    var watch: GameWatch {
        var watch = GameWatch(player: player, moves: moves)
        watch.round = GameWatch.Round(seed: seed, observation: game.observation)
        return watch
    }

    /// Takes an action until another one comes, and lets the clock run.
    mutating func take(_ action: Int) {
        if isDecided { return beginRound() }
        self.action = action
        isRunning = true
    }

    /// The clock runs, or stands still.
    mutating func playOrHold() {
        if isDecided { return beginRound() }
        isRunning = !isRunning && action != nil
    }

    /// One move by hand.
    mutating func step() {
        if isDecided { return beginRound() }
        isRunning = false
        move()
    }

    /// The next round, from another beginning.
    mutating func beginRound() {
        round += 1
        random = Random(seed: seed)
        game.reset(&random)
        (action, personReturn, isPersonOver, moves, isRunning, isDecided) = (nil, 0, false, 0, false, false)
    }

    /// The present network or the best so far, in turn.
    mutating func changePlayer() { player = player == .best ? .network : .best }

    mutating func changePace(_ direction: Int) {
        let place = (Self.paces.firstIndex(of: pace) ?? 3) + direction
        pace = Self.paces[min(max(place, 0), Self.paces.count - 1)]
        clock = -1
    }

    private mutating func move() {
        guard let action, !isDecided else { return }
        moves += 1
        guard !isPersonOver else { return }
        let move = game.move(action, &random)
        personReturn += move.reward
        isPersonOver = move.endsEpisode
    }

    private var movesPerSecond: Double { environment.movesPerSecond * pace }

    /// Goes on to where the game is at a time.
    /// - Returns: whether there are new moves.
    mutating func advance(at time: Double) -> Bool {
        guard isRunning else {
            clock = -1
            return false
        }
        let count = Int(bounded: time * movesPerSecond)
        guard count != clock else { return false }
        let isNew = clock >= 0
        clock = count
        // A frame that comes late makes one move: the person has seen no more.
        if isNew { move() }
        return isNew
    }

    /// Milliseconds to the next move; nil: the clock stands still.
    func millisecondsToMove(at time: Double) -> Int? {
        guard isRunning else { return nil }
        let next = ((time * movesPerSecond).rounded(.down) + 1) / movesPerSecond
        return min(1000, max(1, Int(bounded: ((next - time) * 1000).rounded(.up))))
    }

    /// Looks whether both games of the round are over.
    mutating func follow(_ shown: ShownGame?) {
        guard !isDecided, isPersonOver, let shown, shown.round == seed, shown.isOver else { return }
        results.append(Result(person: personReturn, network: shown.episodeReturn))
        (isDecided, isRunning) = (true, false)
    }
}

extension App {
    /// Shows the match in place of the panels.
    mutating func openMatch() {
        guard let environment = plotContext?.environment else {
            notice = "the data is no game"
            return
        }
        leaveWalk()
        match = Match(environment, seed: experiment.seed)
    }

    /// Lets the match go on to where it is at a time.
    /// - Returns: whether there are new moves.
    mutating func advanceMatch(at time: Double) -> Bool { match?.advance(at: time) ?? false }

    /// The commands of the screen in place of the panels; nil: the panels are there.
    var screenCommands: [Command]? { match != nil ? Match.commands : (grid?.screen).map { type(of: $0).commands } }
}

extension Match {
    /// The commands while a person plays.
    static let commands: [Command] =
        [
            Command("match.play", "the game goes on, or stands still", hint: "hold", keys: ["space"]) {
                $0.match?.playOrHold()
            }.leading.saying { $0.match?.isRunning == false ? "go on" : nil },
            Command("match.step", "one move, then hold", hint: "one move", keys: ["."], disabled: needsAction) {
                $0.match?.step()
            },
            steering("left", ["left", "h"]).lasting, steering("right", ["right", "l"]), steering("up", ["up", "k"]),
            steering("down", ["down", "j"], otherwise: "stay"),
            Command("match.round", "the next round, from another beginning", hint: "round", keys: ["enter", "r"]) {
                $0.match?.beginRound()
            },
            Command("match.slower", "slower", hint: "speed", keys: ["<"]) { $0.match?.changePace(-1) },
            Command("match.faster", "faster", hint: "speed", keys: [">"]) { $0.match?.changePace(1) },
            Command(
                "match.player", "play against the present network, or the best so far", hint: "whom", keys: ["w"]
            ) { $0.match?.changePlayer() },
            Command(
                "match.advice", "what the network would do in your place, or not", hint: "advice", keys: ["b"]
            ) { $0.match?.showsAdvice.toggle() },
            Command("match.back", "back to the panels", hint: "back", keys: ["esc"]) { $0.match = nil }.lasting,
        ] + Commands.everywhere.filter { $0.occasions.contains(.match) }

    private static let needsAction: @Sendable (App) -> String? = {
        $0.match?.action == nil && $0.match?.isDecided == false ? "press an arrow first" : nil
    }

    /// - Parameter otherwise: the action of a game without one of that name.
    private static func steering(_ name: String, _ keys: [String], otherwise: String? = nil) -> Command {
        @Sendable func action(_ app: App) -> Int? {
            guard let actions = app.match?.environment.actions else { return nil }
            return actions.firstIndex(of: name) ?? otherwise.flatMap { actions.firstIndex(of: $0) }
        }
        return Command(
            "match.\(name)",
            "steer: \(otherwise.map { "\(name), or \($0)" } ?? name); it holds until another key comes",
            hint: "steer", keys: keys, disabled: { action($0) == nil ? "this game has no action \(name)" : nil }
        ) { app in if let action = action(app) { app.match?.take(action) } }
    }
}

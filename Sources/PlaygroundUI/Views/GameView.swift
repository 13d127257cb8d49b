import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let game = ViewID("game")
}

extension View {
    /// The game as it is played, with the worth of each action.
    static let game = View(
        id: .game, panel: .output,
        words:
            "The game as the network plays it, and what each action is worth to it: the sum of the rewards that it expects. It takes the largest.",
        watch: "Whether the numbers of the actions differ at all: where they are alike, what it does is chance.",
        suits: { $0.hasGame },
        heading: { context, _ in "Output · " + (context.shown?.game?.player ?? context.plots.game.player).title },
        request: { context, _, request in request.game = context.plots.game },
        draw: { canvas, rect, context in GameScreen(panelContent(of: rect), context).draw(into: &canvas) },
        inWords: { context in
            guard let game = context.shown?.game, let actions = context.environment?.actions else { return [] }
            let worths = zip(actions, game.outputs).map { "\($0) \(formatNumber(Double($1), digits: 3))" }
            let last = game.lastReturn.map { ", the episode before \(formatNumber($0, digits: 3))" } ?? ""
            return [
                "\(game.player.title): \(worths.joined(separator: ", "))",
                "return so far \(formatNumber(game.episodeReturn, digits: 3))\(last)",
            ]
        },
        commands: [
            Command(
                "game.player",
                "games: watch the present network, the one with the best return so far, or training itself",
                hint: "whom", keys: ["w"], panels: [.output], views: [.game, .gamePlan], disabled: GameScreen.missing
            ) { app in
                let all = GameWatch.Player.allCases
                let place = all.firstIndex(of: app.plots.game.player)!
                app.plots.game.player = all[(place + 1) % all.count]
            },
            Command(
                "game.rest", "games: the watched game stands still, or goes on", hint: "hold", keys: ["x"],
                panels: [.output], views: [.game, .gamePlan], disabled: GameScreen.missing
            ) { $0.plots.gameRests.toggle() },
            Command(
                "game.move", "games: one move of the watched game", hint: "move", keys: ["a"], panels: [.output],
                views: [.game, .gamePlan], disabled: GameScreen.missing
            ) {
                $0.plots.gameRests = true
                $0.plots.game.moves += 1
            },
            Command(
                "game.match", "games: play it yourself, beside the network", hint: "play it yourself", keys: ["y"],
                panels: [.output], views: [.game, .gamePlan], disabled: GameScreen.missing
            ) { $0.openMatch() },
        ])
}

extension GameWatch.Player {
    var title: String {
        switch self {
        case .network: "the network plays"
        case .best: "the best so far plays"
        case .training: "training plays"
        }
    }
}

extension App {
    /// Moves a second of the game on the screen; nil: none is there, or it stands still.
    private var movesPerSecond: Double? {
        guard match == nil, !plots.gameRests, let environment = snapshot?.environment,
            viewRequest.game != nil || grid != nil
        else { return nil }
        return environment.movesPerSecond
    }

    /// Lets the watched game go on to where it is at a time.
    /// - Returns: whether there are new moves.
    mutating func advanceGame(at time: Double) -> Bool {
        guard let rate = movesPerSecond else { return false }
        let moves = Int(bounded: time * rate)
        guard moves != plots.gameClock else { return false }
        // The first look at the clock is no move.
        if plots.gameClock >= 0 { plots.game.moves += min(max(0, moves - plots.gameClock), 4) }
        plots.gameClock = moves
        return true
    }

    /// Until a walk's next step or the game's next move; −1: neither is awaited.
    func millisecondsToNext(at time: Double) -> Int {
        let step = [millisecondsToStep(at: time), millisecondsToPast].compactMap(\.self).min()
        if let match = match?.millisecondsToMove(at: time) { return min(step ?? match, match) }
        guard let rate = movesPerSecond else { return step ?? -1 }
        let next = ((time * rate).rounded(.down) + 1) / rate
        let move = min(1000, max(1, Int(bounded: ((next - time) * 1000).rounded(.up))))
        return min(step ?? move, move)
    }
}

/// The board with the worth of the actions below it.
struct GameScreen {
    private let content: Rect
    private let context: PlotContext

    init(_ content: Rect, _ context: PlotContext) { (self.content, self.context) = (content, context) }

    static let missing: @Sendable (App) -> String? = {
        $0.plotContext.map { $0.environment == nil ? "the data is no game" : nil } ?? nil
    }

    func draw(into canvas: inout Canvas) {
        guard content.height > 2, content.width > 16, let actions = context.environment?.actions else { return }
        let room = content.inset(left: 1, right: 1)
        guard let game = context.shown?.game else {
            canvas.write("the game begins", x: room.x, y: room.y, style: Style(context.theme.quiet), limit: room.width)
            return
        }
        let stacked = actions.count + 2
        let isText = context.colorless || context.ascii
        func size(_ width: Int, _ height: Int) -> Int {
            height < 1 ? 0 : GameBoard.size(game.picture, width: width, height: height, isText: isText)
        }
        // The bars stand below the board, or beside it where it is larger so.
        let beside = room.width - ActionBars.width(actions) - 2
        if beside >= 8, size(beside, room.height - 1) > size(room.width, room.height - stacked) {
            let board = GameBoard(
                game.picture, in: Rect(x: room.x, y: room.y, width: beside, height: room.height - 1), context)
            board.draw(into: &canvas)
            let x = board.area.maxX + 2
            ActionBars(game.outputs, actions, game.answers, context).draw(
                into: &canvas, Rect(x: x, y: room.y, width: room.maxX - x, height: room.height - 1))
            return drawWords(game, into: &canvas, y: room.maxY - 1, room)
        }
        let hasBars = room.height >= stacked + 3
        let board = GameBoard(
            game.picture,
            in: Rect(
                x: room.x, y: room.y, width: room.width,
                height: max(1, room.height - (hasBars ? stacked : room.height > 4 ? 1 : 0))), context)
        board.draw(into: &canvas)
        if room.height > 4 { drawWords(game, into: &canvas, y: board.area.maxY, room) }
        if hasBars {
            ActionBars(game.outputs, actions, game.answers, context).draw(
                into: &canvas,
                Rect(x: room.x, y: board.area.maxY + 1, width: room.width, height: room.maxY - board.area.maxY - 1))
        }
    }

    private func drawWords(_ game: ShownGame, into canvas: inout Canvas, y: Int, _ room: Rect) {
        var words = "return \(formatNumber(game.episodeReturn, digits: 3))"
        if game.isOver { words += ", over" }
        if let last = game.lastReturn { words += " · before \(formatNumber(last, digits: 3))" }
        canvas.write(words, x: room.x, y: y, style: Style(context.theme.quiet), limit: room.width)
    }
}

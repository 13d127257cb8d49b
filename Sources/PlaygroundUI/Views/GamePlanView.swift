import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let gamePlan = ViewID("gamePlan")
}

extension View {
    /// The worth of every state, and the action that the network takes there.
    static let gamePlan = View(
        id: .gamePlan, panel: .output,
        words:
            "Every state at once: the colour is what the network expects from there on, the arrow the action that it takes. Beside it the truth, by value iteration; there it is also seen where several actions are equally good.",
        watch:
            "Arrows that differ from the true ones, and values that are too high everywhere: those come from taking the maximum of noisy values.",
        suits: { $0.hasPlaces }, heading: { _, _ in "Output · every state" },
        request: { context, _, request in
            request.game = context.plots.game
            request.game?.wantsPlan = true
        },
        draw: { canvas, rect, context in GamePlanScreen(panelContent(of: rect), context)?.draw(into: &canvas) },
        inWords: { context in
            guard let game = context.shown?.game, let plan = game.plan, let actions = context.environment?.actions
            else { return [] }
            return plan.summary(game.answers) + context.boardRows(plan, actions)
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.boardPlace = GamePlanScreen(panelContent(of: rect), context)?.place(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in app.putBoardCursor(pointed.boardPlace) },
        commands: [
            Command(
                "game.plan", "games of few states: what the network does in each; again: the game", hint: "states",
                keys: ["P"], panels: [.output], views: [.game, .gamePlan],
                disabled: { app in
                    app.plotContext.map { $0.scene.hasPlaces ? nil : "the states of this game are too many" } ?? nil
                }
            ) { $0.toggle(.gamePlan) }
        ] + BoardCommands.all)
}

/// The board with the network's action in each state, and the best ones beside it.
private struct GamePlanScreen {
    private let context: PlotContext
    private let plan: GamePlan
    private let game: ShownGame
    private let actions: [String]
    private let room: Rect
    private let own: GameBoard
    /// nil: there is no room for it.
    private let truth: GameBoard?
    /// The rows below the boards.
    private let foot: Rect

    init?(_ content: Rect, _ context: PlotContext) {
        guard content.height > 3, content.width > 16, let game = context.shown?.game, let plan = game.plan,
            let actions = context.environment?.actions
        else { return nil }
        (self.context, self.plan, self.game, self.actions) = (context, plan, game, actions)
        room = content.inset(left: 1, right: 1)
        let isText = context.colorless || context.ascii
        let footHeight = min(room.height / 2, context.plots.boardPlace == nil ? 2 : 2 + actions.count)
        let height = room.height - footHeight
        func size(_ width: Int, _ height: Int) -> Int {
            GameBoard.size(plan.picture, width: width, height: height, isText: isText)
        }
        let (half, rows) = ((room.width - 2) / 2, (height - 3) / 2)
        let hasTruth = plan.places.contains { $0?.best != nil }
        let beside = size(half, height - 1)
        let stacked = rows > 1 ? size(room.width, rows) : 0
        if hasTruth, max(beside, stacked) >= 2 || max(beside, stacked) == size(room.width, height) {
            if beside >= stacked {
                own = GameBoard(
                    plan.picture, in: Rect(x: room.x, y: room.y + 1, width: half, height: height - 1), context)
                truth = GameBoard(
                    plan.picture, in: Rect(x: room.x + half + 2, y: room.y + 1, width: half, height: height - 1),
                    context)
            } else {
                own = GameBoard(
                    plan.picture, in: Rect(x: room.x, y: room.y + 1, width: room.width, height: rows), context)
                truth = GameBoard(
                    plan.picture, in: Rect(x: room.x, y: room.y + rows + 3, width: room.width, height: rows), context)
            }
        } else {
            own = GameBoard(plan.picture, in: Rect(x: room.x, y: room.y, width: room.width, height: height), context)
            truth = nil
        }
        let bottom = max(own.area.maxY, truth?.area.maxY ?? 0)
        foot = Rect(x: room.x, y: bottom, width: room.width, height: max(0, room.maxY - bottom))
    }

    func place(x: Int, y: Int) -> Int? { own.place(x: x, y: y) ?? truth?.place(x: x, y: y) }

    func draw(into canvas: inout Canvas) {
        let worths = plan.places.map { $0?.worth }
        let best = plan.places.map { $0?.best.map { Float($0.value) } }
        let known = (worths + best).compactMap { $0 ?? nil }.filter(\.isFinite)
        let largest = max(known.reduce(0) { max($0, abs($1)) }, 1e-6)
        drawBoard(
            own, into: &canvas, values: game.answers == .worths ? worths : worths.map { _ in nil }, largest
        ) { place in
            guard let taken = place.taken else { return nil }
            return ([taken], place.best?.actions.contains(taken) ?? true)
        }
        guard let truth else { return drawFoot(into: &canvas) }
        drawBoard(truth, into: &canvas, values: best, largest) { $0.best.map { ($0.actions, true) } }
        let quiet = Style(context.theme.quiet)
        for (board, title) in [(own, "the network"), (truth, "value iteration")] {
            let width = columnWidth(title)
            let x = max(room.x, board.area.x + (board.area.width - width) / 2)
            canvas.write(title, x: x, y: board.area.y - 1, style: quiet, limit: room.maxX - x)
        }
        drawFoot(into: &canvas)
    }

    /// - Parameter play: the actions in a state, and whether they are best; nil: none is known.
    private func drawBoard(
        _ board: GameBoard, into canvas: inout Canvas, values: [Float??], _ largest: Float,
        play: (GamePlan.Place) -> (actions: [Int], isBest: Bool)?
    ) {
        func ground(_ place: Int) -> UInt32? {
            (values[place] ?? nil).map { context.ramp($0.isFinite ? $0 / largest : 0) }
        }
        board.draw(into: &canvas, ground: ground)
        for (place, state) in plan.places.enumerated() {
            guard let state, let play = play(state),
                let (x, y) = board.middle(row: place / plan.picture.columns, column: place % plan.picture.columns)
            else { continue }
            let color = ground(place) ?? GameBoard.color(.empty, context)
            let ink = play.isBest ? contrast(color) : mixColors(color, contrast(color), 0.4)
            let style =
                context.colorless
                ? Style(context.theme.text, bold: play.isBest)
                : Style(.rgb(ink), on: .rgb(color), bold: play.isBest)
            canvas[x, y] = Cell(Self.arrow(play.actions.map { actions[$0] }, ascii: context.ascii), style)
            // Without colours a mark tells where another action would be better.
            if !play.isBest, board.size > 3, context.colorless { canvas[x + 1, y] = Cell("?", style) }
            if board.size >= 6, let value = values[place] ?? nil {
                let words = formatFixed(Double(value), decimals: 2)
                let first = x - (columnWidth(words) - 1) / 2
                if columnWidth(words) <= board.size { canvas.write(words, x: first, y: y + 1, style: style) }
            }
        }
        guard let place = context.plots.boardPlace,
            let (x, y) = board.middle(row: place / plan.picture.columns, column: place % plan.picture.columns)
        else { return }
        // The cursor stands on either side of the cell's middle.
        let style = Style(.rgb(context.theme.accent), bold: true, reverse: context.colorless)
        for (offset, glyph) in [(-1, context.ascii ? "[" : "▐"), (1, context.ascii ? "]" : "▌")] {
            let cell = canvas[x + offset, y]
            canvas[x + offset, y] = Cell(
                glyph.unicodeScalars.first!,
                Style(style.foreground, on: cell.style.background, bold: true, reverse: style.reverse))
        }
    }

    private func drawFoot(into canvas: inout Canvas) {
        guard foot.height > 0 else { return }
        let quiet = Style(context.theme.quiet)
        if let place = context.plots.boardPlace, plan.places.indices.contains(place) {
            let (row, column) = (place / plan.picture.columns, place % plan.picture.columns)
            var words = "row \(row + 1), column \(column + 1)"
            if let kind = context.boardKind(place) { words += ": \(kind.title)" }
            let style = Style(context.theme.text)
            canvas.write(words, x: foot.x, y: foot.y, style: style, limit: foot.width)
            guard let known = plan.places[place] else { return }
            var bars = foot.inset(top: 1)
            if let best = known.best, bars.height > 0 {
                let names = best.actions.map { actions[$0] }.joined(separator: ", ")
                let truth = "worth \(formatFixed(best.value, decimals: 2)), best \(names)"
                canvas.write(truth, x: bars.x, y: bars.y, style: style, limit: bars.width)
                bars = bars.inset(top: 1)
            }
            return ActionBars(known.outputs, actions, game.answers, context).draw(into: &canvas, bars)
        }
        for (row, words) in plan.summary(game.answers).prefix(foot.height).enumerated() {
            canvas.write(words, x: foot.x, y: foot.y + row, style: quiet, limit: foot.width)
        }
    }

    /// An arrow for a direction, or for two; else the word's first letter.
    private static func arrow(_ actions: [String], ascii: Bool) -> Unicode.Scalar {
        let arrows: [String: (Unicode.Scalar, Unicode.Scalar)] = [
            "up": ("↑", "^"), "right": ("→", ">"), "down": ("↓", "v"), "left": ("←", "<"), "up right": ("↗", "/"),
            "right down": ("↘", "\\"), "down left": ("↙", "/"), "up left": ("↖", "\\"), "up down": ("↕", "|"),
            "right left": ("↔", "-"),
        ]
        if let arrow = arrows[actions.joined(separator: " ")] { return ascii ? arrow.1 : arrow.0 }
        return actions.count > 1 ? "+" : actions.first?.unicodeScalars.first ?? "?"
    }
}

extension GamePlan {
    /// How many of the network's actions are best ones, and how far its worths are from the true ones.
    fileprivate func summary(_ answers: GameReport.Answers) -> [String] {
        let states = places.compactMap { $0 }.filter { $0.taken != nil }
        let right = states.count { state in state.best?.actions.contains(state.taken!) ?? true }
        let words = "\(right) of \(plural(states.count, "state")): a best action"
        let known = states.filter { $0.best != nil }
        guard answers == .worths, !known.isEmpty else { return [words] }
        let error = known.reduce(0.0) { $0 + abs(Double($1.worth) - $1.best!.value) } / Double(known.count)
        return [words, "worth off by \(formatNumber(error, digits: 2)) in the mean"]
    }
}

extension GamePlan.Place {
    /// The largest of the network's outputs.
    var worth: Float { outputs.max() ?? 0 }
    /// The action that the network takes; nil: its outputs are not finite.
    var taken: Int? {
        guard outputs.allSatisfy(\.isFinite) else { return nil }
        return outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 }
    }
}

/// Commands that change a game's board cell by cell.
private enum BoardCommands {
    static let all: [Command] =
        [
            moving("left", ["left", "h"], 0, -1), moving("right", ["right", "l"], 0, 1),
            moving("up", ["up", "k"], -1, 0), moving("down", ["down", "j"], 1, 0),
            Command(
                "board.change",
                "boards: another kind of cell under the cursor, in turn: free, wall, cliff, goal, start",
                hint: "edit", keys: ["enter"], panels: [.output], views: [.gamePlan], control: "data.map",
                disabled: fixed
            ) { $0.changeCell() },
            Command(
                "board.clear", "boards: a free cell under the cursor", keys: ["backspace"], panels: [.output],
                views: [.gamePlan], control: "data.map", disabled: fixed
            ) { $0.changeCell(clears: true) },
            sizing("narrower", "a column less", "[", 0, -1), sizing("wider", "a column more", "]", 0, 1),
            sizing("lower", "a row less", "{", -1, 0), sizing("higher", "a row more", "}", 1, 0),
        ]

    private static let fixed: @Sendable (App) -> String? = {
        $0.plotContext.map { $0.environment?.editing == nil ? "this game has no board to be changed" : nil } ?? nil
    }

    private static func moving(_ name: String, _ keys: [String], _ down: Int, _ right: Int) -> Command {
        Command(
            "board.\(name)", "boards: the cursor one cell \(name)", hint: "cell", keys: keys, panels: [.output],
            views: [.gamePlan], disabled: fixed
        ) { $0.moveBoardCursor(down: down, right: right) }
    }

    private static func sizing(
        _ name: String, _ words: String, _ key: String, _ rows: Int, _ columns: Int
    ) -> Command {
        Command(
            "board.\(name)", "boards: \(words)", hint: "size", keys: [key], panels: [.output], views: [.gamePlan],
            control: "data.map", disabled: fixed
        ) { $0.resizeBoard(rows: rows, columns: columns) }
    }
}

extension PlotContext {
    /// The board's text; nil: the game has none that can be changed.
    fileprivate var board: (editing: BoardEditing, map: String)? {
        guard let environment, let editing = environment.editing,
            let knob = Catalogue.entry(.environment, environment.choice.id)?.knob(editing.knob),
            case .text(let map) = environment.choice.value(of: knob)
        else { return nil }
        return (editing, map)
    }

    /// A sentence for each row of the board: of a state the action that the network takes, else the kind of the cell.
    fileprivate func boardRows(_ plan: GamePlan, _ actions: [String]) -> [String] {
        let columns = plan.picture.columns
        return (0..<plan.picture.rows).map { row in
            let cells = (0..<columns).map { column in
                let place = row * columns + column
                guard plan.places.indices.contains(place), let taken = plan.places[place]?.taken else {
                    return boardKind(place)?.title ?? "no state"
                }
                return actions[taken]
            }
            return "row \(row + 1): \(cells.joined(separator: ", "))"
        }
    }

    private var boardColumns: Int { shown?.game?.plan?.picture.columns ?? 0 }

    /// The kind of the board's cell at a place.
    fileprivate func boardKind(_ place: Int) -> BoardEditing.Kind? {
        guard let board, boardColumns > 0 else { return nil }
        return board.editing.kind(of: board.map, row: place / boardColumns, column: place % boardColumns)
    }
}

extension App {
    /// The board's text as it is set, which what is shown follows; nil: the game has none that can be changed.
    private var board: (editing: BoardEditing, map: String)? {
        let choice = experiment.data.dataset
        guard let editing = plotContext?.environment?.editing,
            let knob = Catalogue.entry(.environment, choice.id)?.knob(editing.knob),
            case .text(let map) = choice.value(of: knob)
        else { return nil }
        return (editing, map)
    }

    private var boardSize: (rows: Int, columns: Int)? {
        plotContext?.shown?.game?.plan.map { ($0.picture.rows, $0.picture.columns) }
    }

    fileprivate mutating func moveBoardCursor(down: Int, right: Int) {
        guard let size = boardSize else { return }
        guard let place = plots.boardPlace, place < size.rows * size.columns else { return plots.boardPlace = 0 }
        let row = min(max(place / size.columns + down, 0), size.rows - 1)
        let column = min(max(place % size.columns + right, 0), size.columns - 1)
        plots.boardPlace = row * size.columns + column
    }

    /// A click puts the cursor on a cell, and a second one there changes it.
    fileprivate mutating func putBoardCursor(_ place: Int?) {
        guard let place, place == plots.boardPlace else { return plots.boardPlace = place }
        changeCell()
    }

    /// - Parameter clears: to a free cell; else to the next kind.
    fileprivate mutating func changeCell(clears: Bool = false) {
        guard let board, let size = boardSize else { return }
        guard let place = plots.boardPlace else { return plots.boardPlace = 0 }
        let (row, column) = (place / size.columns, place % size.columns)
        guard let kind = board.editing.kind(of: board.map, row: row, column: column) else { return }
        let next = clears ? board.editing.kinds[0] : board.editing.kind(after: kind)
        setBoard(board.editing, board.editing.map(board.map, with: next, row: row, column: column))
    }

    fileprivate mutating func resizeBoard(rows: Int, columns: Int) {
        guard let board else { return }
        guard let map = board.editing.map(board.map, moreRows: rows, moreColumns: columns) else {
            notice = Notice("a board has 2 cells to \(board.editing.most) rows and columns")
            return
        }
        plots.boardPlace = nil
        setBoard(board.editing, map)
    }

    private mutating func setBoard(_ editing: BoardEditing, _ map: String) {
        act(.set(path: "data.\(editing.knob)", .string(map)))
    }
}

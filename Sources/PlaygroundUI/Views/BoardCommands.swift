import Engine
import Session
import TerminalKit

/// Commands that change a game's board cell by cell.
enum BoardCommands {
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

    private var boardColumns: Int { shown?.game?.plan?.picture.columns ?? 0 }

    /// The kind of the board's cell at a place.
    func boardKind(_ place: Int) -> BoardEditing.Kind? {
        guard let board, boardColumns > 0 else { return nil }
        return board.editing.kind(of: board.map, row: place / boardColumns, column: place % boardColumns)
    }
}

extension App {
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
    mutating func putBoardCursor(_ place: Int?) {
        guard let place, place == plots.boardPlace else { return plots.boardPlace = place }
        changeCell()
    }

    /// - Parameter clears: to a free cell; else to the next kind.
    fileprivate mutating func changeCell(clears: Bool = false) {
        guard let board = plotContext?.board, let size = boardSize else { return }
        guard let place = plots.boardPlace else { return plots.boardPlace = 0 }
        let (row, column) = (place / size.columns, place % size.columns)
        guard let kind = board.editing.kind(of: board.map, row: row, column: column) else { return }
        let next = clears ? board.editing.kinds[0] : board.editing.kind(after: kind)
        setBoard(board.editing, board.editing.map(board.map, with: next, row: row, column: column))
    }

    fileprivate mutating func resizeBoard(rows: Int, columns: Int) {
        guard let board = plotContext?.board else { return }
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

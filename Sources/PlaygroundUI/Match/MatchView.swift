import Basics
import Engine
import Session
import TerminalKit

/// Draws a match: the person's game at the left, the network's at the right, and below them how the rounds ended.
struct MatchView: ScreenPart {
    let app: App
    private let match: Match
    private let left: Rect
    private let right: Rect
    private let results: Rect

    init(_ app: App, _ match: Match) {
        (self.app, self.match) = (app, match)
        let body = app.layout.body
        let height = min(7, max(4, body.height / 5))
        let half = body.width / 2
        left = Rect(x: body.x, y: body.y, width: half, height: body.height - height)
        right = Rect(x: body.x + half, y: body.y, width: body.width - half, height: body.height - height)
        results = Rect(x: body.x, y: body.maxY - height, width: body.width, height: height)
    }

    func draw(into frame: inout Frame) {
        guard let context = app.plotContext else { return }
        // A picture of the round before is none of this one.
        let shown = context.shown?.game.flatMap { $0.round == match.seed ? $0 : nil }
        let isBest = shown?.player == .best
        title("You", left, into: &frame)
        title(isBest ? "The best network so far" : "The network", right, into: &frame)
        let actions = match.environment.actions
        let doing = match.action.map { actions[$0] }
        draw(
            match.game.picture, match.showsAdvice ? shown?.advice ?? [] : [], shown?.answers ?? .worths, context,
            words: words(match.personReturn, isOver: match.isPersonOver, doing: doing), bars: "the network would",
            into: &frame.canvas, panelContent(of: left))
        if let shown {
            draw(
                shown.picture, shown.outputs, shown.answers, context,
                words: words(shown.episodeReturn, isOver: shown.isOver, doing: nil), bars: "it sees",
                into: &frame.canvas, panelContent(of: right))
        }
        title("Rounds", results, into: &frame)
        drawResults(into: &frame.canvas, panelContent(of: results))
    }

    private func title(_ words: String, _ rect: Rect, into frame: inout Frame) {
        drawPanelTitle(
            into: &frame.canvas, rect: rect, title: words, key: nil, focused: false, theme: theme,
            capabilities: capabilities)
    }

    private func words(_ sum: Double, isOver: Bool, doing: String?) -> String {
        var words = "return \(formatNumber(sum, digits: 3))"
        if isOver { words += ", over" } else if let doing { words += " · \(doing)" }
        return words
    }

    private func draw(
        _ picture: GamePicture, _ outputs: [Float], _ answers: GameReport.Answers, _ context: PlotContext,
        words: String, bars: String, into canvas: inout Canvas, _ content: Rect
    ) {
        let room = content.inset(left: 1, right: 1)
        let actions = match.environment.actions
        let foot = room.height >= actions.count + 8 ? actions.count + 1 : 0
        let board = GameBoard(
            picture, in: Rect(x: room.x, y: room.y, width: room.width, height: max(1, room.height - 1 - foot)), context)
        board.draw(into: &canvas)
        canvas.writeCentred(
            words, x: room.x, width: room.width, y: min(board.area.maxY, room.maxY - 1),
            style: Style(theme.text, bold: true))
        guard foot > 0, !outputs.isEmpty else { return }
        let width = min(room.width, 44)
        let rect = Rect(
            x: room.x + (room.width - width) / 2, y: board.area.maxY + 2, width: width, height: actions.count)
        guard rect.maxY <= room.maxY + 1 else { return }
        ActionBars(outputs, actions, answers, context).draw(into: &canvas, rect)
    }

    private func drawResults(into canvas: inout Canvas, _ content: Rect) {
        let room = content.inset(left: 1, right: 1)
        guard room.height > 0 else { return }
        let wins = match.results.count { $0.person > $0.network }
        let losses = match.results.count { $0.person < $0.network }
        var words = "round \(match.round)"
        if !match.results.isEmpty { words += " · you won \(wins), the network \(losses)" }
        if match.pace != 1 { words += " · speed \(formatNumber(match.pace, digits: 3))" }
        canvas.write(words, x: room.x, y: room.y, style: text, limit: room.width)
        let help =
            match.isDecided
            ? "both games are over: any arrow begins the next round"
            : match.action == nil
                ? "press an arrow to begin: it holds until another one comes"
                : match.isPersonOver ? "yours is over, the network plays on" : ""
        if room.height > 1 { canvas.write(help, x: room.x, y: room.y + 1, style: accent, limit: room.width) }
        // The last rounds, newest first, as many as there is room for.
        for (row, index) in match.results.indices.reversed().enumerated() where row + 2 < room.height {
            let result = match.results[index]
            let mark = result.person > result.network ? "won" : result.person < result.network ? "lost" : "drawn"
            canvas.write(
                "round \(index + 1): you \(formatNumber(result.person, digits: 3)), the network "
                    + "\(formatNumber(result.network, digits: 3)) · \(mark)",
                x: room.x, y: room.y + 2 + row, style: quiet, limit: room.width)
        }
    }
}

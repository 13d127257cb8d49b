import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The values of a game's state and its actions, which have no features to choose.
struct StatesOfGames: ScreenPart {
    let app: App
    let game: EnvironmentKind

    /// nil: the data is no game.
    init?(_ app: App) {
        guard let game = app.plotContext?.environment else { return nil }
        (self.app, self.game) = (app, game)
    }

    func draw(into frame: inout Frame, _ content: Rect) {
        let size =
            game.shape.axes.count > 1
            ? "\(game.shape)".replacing("×", with: " × ") : plural(game.shape.count, "value")
        let lines = [("state", size), ("actions", formatCount(game.actions.count))]
        for (row, line) in lines.prefix(content.height).enumerated() {
            frame.canvas.write(line.0, x: content.x + 1, y: content.y + row, style: quiet, limit: 10)
            frame.canvas.writeRight(line.1, maxX: content.maxX - 1, y: content.y + row, style: text)
        }
        let rest = content.inset(left: 1, top: lines.count, right: 1)
        guard rest.height > 0 else { return }
        let words = game.inputs.isEmpty ? [] : ["state: " + game.inputs.joined(separator: ", ")]
        drawWrapped(
            into: &frame.canvas, rest,
            text: (words + ["actions: " + game.actions.joined(separator: ", ")]).joined(separator: "; "), style: quiet)
    }
}

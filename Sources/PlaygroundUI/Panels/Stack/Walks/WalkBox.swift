import Session
import TerminalKit

/// A walk's place, its numbers, and where no other place has them its words.
struct WalkBox: ScreenPart {
    let app: App
    let rect: Rect

    func draw(into canvas: inout Canvas) {
        guard let scene = app.walkScene else { return }
        drawPanelTitle(
            into: &canvas, rect: rect, title: "Walk · \(app.layerTitle(scene.state.layer))", panel: nil, focused: true,
            theme: theme, capabilities: capabilities)
        let content = panelContent(of: rect).inset(left: 1, right: 1)
        var y = content.y
        for line in wrapText(scene.title, columns: content.width).prefix(2) {
            canvas.write(line, x: content.x, y: y, style: text, limit: content.width)
            y += 1
        }
        if content.height >= 20 { y += 1 }
        guard let numbers = scene.numbers else {
            canvas.write("…", x: content.x, y: y, style: quiet)
            return
        }
        y += scene.walk.draw(
            &canvas, Rect(x: content.x, y: y, width: content.width, height: max(0, content.maxY - y)), numbers)
        guard app.layout.explain == nil, content.maxY - y >= 3 else { return }
        let words = Rect(x: content.x, y: y + 1, width: content.width, height: content.maxY - y - 1)
        drawWrapped(into: &canvas, words, text: scene.walk.words(scene), style: quiet)
    }
}

import Session
import TerminalKit

/// The story, the numbers under the cursor, or the selected row in words: beside the panels.
struct ExplanationBox: ScreenPart {
    let app: App
    let rect: Rect

    /// The story stands in the explanation's place until something is edited, as far as it fits.
    private var tellsStory: Bool { app.storyIsNews && !app.experiment.story.isEmpty }

    /// The story is read in full.
    var tellsWholeStory: Bool {
        func make() -> Bool { tellsStory && story.lines(columns: content.width).count <= content.height }
        return app.cache?.once(.tellsWholeStory(rect), make: make) ?? make()
    }

    private var story: Story {
        func make() -> Story { Story(app.experiment.story, glyphs: capabilities.glyphs, keys: app.bindings) }
        return app.cache?.once(.story, make: make) ?? make()
    }

    private var content: Rect { panelContent(of: rect).inset(left: 1, right: 1) }

    func draw(into canvas: inout Canvas) {
        let content = content
        var y = content.y
        func rest() -> Rect { Rect(x: content.x, y: y, width: content.width, height: content.maxY - y) }
        func title(_ text: String) {
            drawPanelTitle(
                into: &canvas, rect: rect, title: text, key: nil, focused: false, theme: theme,
                capabilities: capabilities)
        }
        if let scene = app.walkScene {
            title("In words")
            drawWrapped(into: &canvas, content, text: scene.walk.words(scene), style: quiet)
            return
        }
        // The numbers under the cursor come first, then what they mean.
        if let cursor = app.explained, let context = app.plotContext {
            title("Explain")
            AboutCommand.drawKey(app, into: &canvas, rect)
            y += NetworkReadout(cursor, context).draw(into: &canvas, content) + 1
            if y < content.maxY { drawWrapped(into: &canvas, rest(), text: app.explanation.words, style: quiet) }
            return
        }
        if tellsStory {
            title("Story")
            let isWhole = tellsWholeStory
            story.draw(
                into: &canvas, isWhole ? content : content.inset(bottom: 1), columns: content.width, text: text,
                key: accent)
            if !isWhole {
                let words = "The rest:"
                canvas.write(words, x: content.x, y: content.maxY - 1, style: quiet)
                canvas.write(app.label("app.story"), x: content.x + words.count + 1, y: content.maxY - 1, style: accent)
            }
            return
        }
        title("Explain")
        AboutCommand.drawKey(app, into: &canvas, rect)
        if !app.explanation.formula.isEmpty {
            let lines = wrapText(app.explanation.formula, columns: content.width)
            for line in lines.prefix(3) where y < content.maxY {
                canvas.write(line, x: content.x, y: y, style: text)
                y += 1
            }
            if content.height >= 7 { y += 1 }
        } else if !app.explanation.title.isEmpty {
            canvas.write(app.explanation.title, x: content.x, y: y, style: text, limit: content.width)
            y += 1
        }
        let warning = wrapText(app.explanation.warning, columns: content.width)
        let warningHeight = app.explanation.warning.isEmpty ? 0 : min(warning.count, max(1, (content.maxY - y) / 2))
        let words = Rect(x: content.x, y: y, width: content.width, height: content.maxY - y - warningHeight)
        y += drawWrapped(into: &canvas, words, text: app.explanation.words, style: quiet)
        if warningHeight > 0 {
            drawWrapped(into: &canvas, rest(), text: app.explanation.warning, style: Style(.rgb(theme.accent)))
        }
    }
}

extension App {
    /// The story is read in full on the panels.
    var tellsWholeStory: Bool {
        layout.explain.map { ExplanationBox(app: self, rect: $0).tellsWholeStory } ?? false
    }
}

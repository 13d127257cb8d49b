import Engine
import Session
import TerminalKit

/// The reason that the training has stopped, said where the output would be.
struct TroubleBox: ScreenPart {
    let app: App

    /// The title, what has happened, and what to do; nil: all is well.
    private var trouble: (title: String, words: String, advice: String)? {
        if let failure = app.failure {
            let readsFile = app.experiment.knob(at: "data.file") != nil && !app.experiment.hides("data.file")
            let way = readsFile ? "Type another path (1, file, ⏎), change the setting" : "Change the setting"
            return (
                "No training", failure,
                way + ", or press " + (again(without: "edit.undo") ?? "\(app.label("edit.undo")) to undo.")
            )
        }
        guard case .diverged(let divergence)? = app.snapshot?.state else { return nil }
        let words =
            "At step \(formatCount(divergence.step)) the numbers of \(layerName(divergence.layer)) grew beyond all bounds, and training stopped."
        var advice = divergence.advice.prefix(1).uppercased() + divergence.advice.dropFirst()
        if !advice.hasSuffix(".") { advice += "." }
        guard let again = again(without: "training.reset") else {
            return ("Diverged", words, "\(advice) Then press \(app.label("training.reset")).")
        }
        // The step's own settings come back with it: they are changed afterwards.
        return ("Diverged", words, refusesRate ? "Press " + again : "\(advice) First press \(again)")
    }

    /// The lesson's step goes without the learning rate, and so without the other settings of its panel that advice is about.
    private var refusesRate: Bool {
        app.lessonRefuses(setting: "training.optimizer.\(app.experiment.training.optimizer.id).learningRate")
    }

    /// The way on in a lesson whose step goes without a command; nil: it has it.
    private func again(without id: String) -> String? {
        guard let command = Commands.byID[id], app.lessonRefuses(command) else { return nil }
        return "\(app.label(LessonCommands.again.id)) to begin the step again, with its own settings."
    }

    /// All of it in one paragraph; nil: all is well.
    var sentence: String? { trouble.map { "\($0.title): \($0.words) \($0.advice)" } }

    /// "layers.0" as the screen calls it: "layer 1 (dense 4)".
    func layerName(_ name: String) -> String {
        let parts = name.split(separator: ".")
        guard parts.count >= 2, let index = Int(parts[1]) else { return "the output layer" }
        guard let outline = app.snapshot?.outline, outline.layers.indices.contains(index) else {
            return "layer \(index + 1)"
        }
        return "layer \(index + 1) (\(outline.layers[index].title))"
    }

    /// A box over the output, or over the stack where the output has no room.
    func draw(into canvas: inout Canvas, _ layout: Layout) {
        guard let trouble, app.popup == nil else { return }
        let open = layout.areas.filter(\.open)
        guard
            let area = (Panel.plots + [Panel.network]).lazy.compactMap({ panel in
                open.first { $0.panel == panel.id && $0.rect.height >= 9 }
            }).first ?? open.first
        else { return }
        let width = min(52, area.rect.width - 2)
        let words = wrapText(trouble.words, columns: width - 4)
        let advice = wrapText(trouble.advice, columns: width - 4)
        let rect = centredRect(width: width, height: words.count + advice.count + 3, in: panelContent(of: area.rect))
        drawBox(
            into: &canvas, rect, title: trouble.title, style: bad, titleStyle: Style(.rgb(theme.bad), bold: true),
            fill: text)
        let inner = rect.inset(left: 2, top: 1, right: 2, bottom: 1)
        let drawn = drawWrapped(into: &canvas, inner, text: trouble.words, style: text)
        drawWrapped(into: &canvas, inner.inset(top: drawn + 1), text: trouble.advice, style: quiet)
    }
}

import Engine
import Session
import TerminalKit

/// How training went: the losses of both sets over the epochs, and accuracy as second curves.
public enum LossPanel {
    /// - Parameter rect: the whole panel with its title row.
    public static func draw(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        drawPanelTitle(
            into: &canvas, rect: rect, title: context.view.logLoss ? "Loss · log" : "Loss",
            panel: context.showsKeys ? .loss : nil,
            focused: context.focused, theme: context.theme, capabilities: context.capabilities)
        let content = panelContent(of: rect)
        canvas.fill(content)
        guard content.height > 0, content.width > 12 else { return }
        defer { drawNumbers(into: &canvas, content, context) }
        guard let plot = LossPlot(rect: rect, context: context) else {
            if content.height > 2 {
                let words = context.snapshot.history.points.isEmpty ? "no epoch yet" : "the loss is not finite"
                canvas.writeCentred(
                    words, x: content.x, width: content.width, y: content.y + content.height / 2,
                    style: Style(context.theme.quiet))
            }
            return
        }
        plot.draw(into: &canvas)
    }

    /// The moment under the mouse, for `PlotState.moment`.
    public static func moment(x: Int, y: Int, rect: Rect, context: PlotContext) -> Double? {
        guard let plot = LossPlot(rect: rect, context: context), plot.area.contains(x: x, y: y) else { return nil }
        return (Double(x - plot.area.x) + 0.5) / Double(plot.area.width)
    }

    /// A number that keeps its place while it changes: "0.0003", "12.34", "3.2e7".
    static func still(_ value: Double) -> String {
        guard value.isFinite else { return padLeft("–", 6) }
        let text =
            abs(value) < 10
            ? formatFixed(value, decimals: 4)
            : abs(value) < 10_000 ? formatFixed(value, decimals: 1) : formatNumber(value, digits: 3)
        return padLeft(text, 6)
    }

    static func percent(_ value: Double) -> String { padLeft(formatFixed(value * 100, decimals: 1), 5) + " %" }

    private static func drawNumbers(into canvas: inout Canvas, _ content: Rect, _ context: PlotContext) {
        let theme = context.theme
        let quiet = Style(theme.quiet)
        let bold = Style(theme.text, bold: true)
        var parts: [(String, Style)] = []
        if let moment = context.plots.moment, let point = LossPlot.point(at: moment, context.snapshot.history) {
            parts = [
                ("epoch \(formatCount(point.epoch))", Style(.rgb(theme.accent))),
                ("train \(still(Double(point.trainLoss)))", quiet),
            ]
            if point.testLoss.isFinite { parts.append(("test \(still(Double(point.testLoss)))", bold)) }
            if context.plots.showAccuracy, point.testAccuracy.isFinite {
                parts.append(("right \(percent(Double(point.testAccuracy)))", Style(.rgb(theme.good))))
            }
        } else if let now = context.snapshot.evaluation {
            parts = [("train \(still(now.trainLoss))", quiet)]
            if let test = now.testLoss { parts.append(("test \(still(test))", bold)) }
            if now.regularization > 0 { parts.insert(("+ \(still(now.regularization)) weights", quiet), at: 0) }
            if context.plots.showAccuracy, let accuracy = now.testAccuracy ?? now.trainAccuracy {
                parts.append(("right \(percent(accuracy))", Style(.rgb(theme.good))))
            }
        }
        func width() -> Int { parts.reduce(0) { $0 + columnWidth($1.0) + 2 } }
        // What is left out first is what stands first.
        while parts.count > 1, width() > content.width { parts.removeFirst() }
        var x = content.maxX - 1
        for (text, style) in parts.reversed() {
            x -= columnWidth(text)
            canvas.write(text, x: x, y: content.y, style: style)
            x -= 2
        }
    }

    // MARK: Commands

    public static let commands: [Command] = [
        Command(
            "loss.log", "linear or logarithmic loss", hint: "log", keys: ["g"], panels: [.loss], control: "view.logLoss"
        ) {
            app in app.changeView { $0.logLoss.toggle() }
        },
        Command(
            "loss.accuracy", "accuracy beside the loss, or not", hint: "accuracy", keys: ["c"], panels: [.loss],
            disabled: {
                $0.snapshot?.network.task == .regression ? "a regression has no accuracy" : nil
            }
        ) { $0.plots.showAccuracy.toggle() },
        Command(
            "loss.earlier", "a cursor on the curve: earlier", hint: "read", keys: ["left", "h"], panels: [.loss]
        ) { walk(&$0, -1) },
        Command("loss.later", "a cursor on the curve: later", hint: "read", keys: ["right", "l"], panels: [.loss]) {
            walk(&$0, 1)
        },
    ]

    /// The cursor walks one dot column at a time and leaves at the right end.
    private static func walk(_ app: inout App, _ direction: Double) {
        let next = (app.plots.moment ?? 1) + direction / 100
        app.plots.moment = next >= 1 ? nil : max(0, next)
    }
}

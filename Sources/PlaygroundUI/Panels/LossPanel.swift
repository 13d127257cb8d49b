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

    private typealias Words = (text: String, style: Style)

    /// The losses in one line, or in two where one is too narrow: of the training data, with what the regularization
    /// adds, then of the test data with the accuracy. Where there is room for one alone the least important go.
    private static func numbers(_ content: Rect, _ context: PlotContext) -> [[Words]] {
        let theme = context.theme
        let quiet = Style(theme.quiet)
        let bold = Style(theme.text, bold: true)
        var (first, second): ([Words], [Words]) = ([], [])
        if let moment = context.plots.pointed.moment ?? context.plots.moment,
            let point = LossPlot.point(at: moment, context.snapshot.history)
        {
            first = [
                ("epoch \(formatCount(point.epoch))", Style(.rgb(theme.accent))),
                ("train \(still(Double(point.trainLoss)))", quiet),
            ]
            if point.testLoss.isFinite { second.append(("test \(still(Double(point.testLoss)))", bold)) }
            if context.plots.showAccuracy, point.testAccuracy.isFinite {
                second.append(("right \(percent(Double(point.testAccuracy)))", Style(.rgb(theme.good))))
            }
        } else if let now = context.snapshot.evaluation {
            first = [("train \(still(now.trainLoss))", quiet)]
            if now.regularization > 0 { first.append(("+ \(still(now.regularization)) weights", quiet)) }
            if let test = now.testLoss { second.append(("test \(still(test))", bold)) }
            if context.plots.showAccuracy, let accuracy = now.testAccuracy ?? now.trainAccuracy {
                second.append(("right \(percent(accuracy))", Style(.rgb(theme.good))))
            }
        }
        func width(_ words: [Words]) -> Int { words.reduce(-2) { $0 + columnWidth($1.text) + 2 } }
        let room = content.width - 1
        if width(first + second) <= room { return [first + second] }
        if content.height >= 7, max(width(first), width(second)) <= room { return [first, second] }
        while first.count + second.count > 1, width(first + second) > room {
            // The regularization, the accuracy, the training loss.
            if first.count > 1 {
                first.removeLast()
            } else if second.count > 1 {
                second.removeLast()
            } else {
                first = []
            }
        }
        return [first + second]
    }

    /// The rows above the curves that the numbers take; in a very low panel they stand over the curves.
    static func numberRows(_ content: Rect, _ context: PlotContext) -> Int {
        content.height >= 5 ? numbers(content, context).count : 0
    }

    private static func drawNumbers(into canvas: inout Canvas, _ content: Rect, _ context: PlotContext) {
        for (row, words) in numbers(content, context).enumerated() {
            var x = content.maxX - 1
            for (text, style) in words.reversed() {
                x -= columnWidth(text)
                canvas.write(text, x: x, y: content.y + row, style: style)
                x -= 2
            }
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

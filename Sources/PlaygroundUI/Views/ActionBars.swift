import Basics
import Engine
import TerminalKit

/// A bar for each action of a game: its worth, or its chance.
struct ActionBars {
    private let outputs: [Float]
    private let actions: [String]
    private let answers: GameReport.Answers
    private let context: PlotContext

    /// - Parameters:
    ///   - outputs: the network's, one for each action.
    ///   - answers: their meaning.
    init(_ outputs: [Float], _ actions: [String], _ answers: GameReport.Answers, _ context: PlotContext) {
        (self.outputs, self.actions, self.answers, self.context) = (outputs, actions, answers, context)
    }

    /// The columns that they need at least.
    static func width(_ actions: [String]) -> Int { (actions.map { columnWidth($0) }.max() ?? 0) + 9 + 6 }

    private var best: Int { outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 } }

    /// One row for each action, as far as there are rows.
    func draw(into canvas: inout Canvas, _ rect: Rect) {
        guard outputs.count == actions.count, outputs.allSatisfy(\.isFinite) else { return }
        let label = actions.map { columnWidth($0) }.max() ?? 0
        let width = rect.width - label - 9
        guard width > 2 else { return }
        let best = best
        let isChance = answers == .chances
        let low = isChance ? 0 : min(0, outputs.min()!)
        let high = isChance ? 1 : max(outputs.max()!, low + 1e-6, 0)
        let zero = Int(bounded: -low / (high - low) * Float(width))
        for (index, value) in outputs.enumerated() where index < rect.height {
            let y = rect.y + index
            let style = Style(index == best ? context.theme.text : context.theme.quiet, bold: index == best)
            canvas.write(padRight(actions[index], label), x: rect.x, y: y, style: style)
            let words = isChance ? ConfusionView.percent(Double(value)) : formatFixed(Double(value), decimals: 2)
            canvas.writeRight(words, maxX: rect.x + label + 8, y: y, style: style)
            let end = Int(bounded: (value - low) / (high - low) * Float(width))
            let bar = Rect(x: rect.x + label + 9 + min(zero, end), y: y, width: max(1, abs(end - zero)), height: 1)
            let color = value < 0 ? context.theme.negative : context.theme.positive
            if context.colorless {
                canvas.fill(bar, with: Cell(index == best ? "#" : "="))
            } else {
                canvas.fill(
                    bar,
                    with: Cell(
                        context.ascii ? "=" : "█",
                        Style(.rgb(index == best ? color : context.theme.faded(color, 0.6)))))
            }
        }
    }
}

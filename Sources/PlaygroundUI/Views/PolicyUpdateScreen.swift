import Basics
import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension PlotContext {
    /// The network's answers are the chances of actions, learned from whole episodes.
    var isPolicy: Bool { snapshot.game?.answers == .chances }
}

/// The last update of a policy: the returns of its steps, the actions taken, and what became likelier.
struct PolicyUpdateScreen {
    let content: Rect
    let context: PlotContext

    init(_ content: Rect, _ context: PlotContext) { (self.content, self.context) = (content, context) }

    private func number(_ value: Double) -> String { formatNumber(value, digits: 3) }

    func draw(into canvas: inout Canvas) {
        guard content.height > 2, content.width > 20 else { return }
        let room = content.inset(left: 1, right: 1)
        let quiet = Style(context.theme.quiet)
        guard let update = context.snapshot.game?.policyUpdate, update.steps > 0 else {
            canvas.write("there was no update yet", x: room.x, y: room.y, style: quiet, limit: room.width)
            return
        }
        let whole = "\(plural(update.episodes, "episode")), \(plural(update.steps, "step"))"
        let most = log(Double(max(2, update.actions.count)))
        let entropy = "entropy \(formatFixed(update.entropy, decimals: 2)) of \(formatFixed(most, decimals: 2))"
        let isWide = columnWidth(whole) + columnWidth(entropy) + 2 <= room.width
        canvas.write(whole, x: room.x, y: room.y, style: Style(context.theme.text), limit: room.width)
        if isWide { canvas.writeRight(entropy, maxX: room.maxX, y: room.y, style: quiet) }
        var y = room.y + 1
        let returns = "return G \(number(update.mean)) \(context.plusMinus) \(number(update.deviation))"
        let baseline = update.hasBaseline ? ": the baseline" : ", no baseline"
        canvas.write(
            columnWidth(returns + baseline) <= room.width ? returns + baseline : returns, x: room.x, y: y, style: quiet,
            limit: room.width)
        y += 1
        if !isWide, y < room.maxY {
            canvas.write(entropy, x: room.x, y: y, style: quiet, limit: room.width)
            y += 1
        }
        // The histogram stands below the actions, or beside them where the rows are too few.
        let isBeside = room.maxY - y - update.actions.count < 4 && room.width >= 40
        let half = isBeside ? room.width / 2 - 1 : room.width
        let top = y
        let names = (0..<update.actions.count).map { context.snapshot.data.actionName($0) ?? "action \($0 + 1)" }
        let label = names.map { columnWidth($0) }.max() ?? 0
        for (action, count) in update.actions.enumerated() where y < room.maxY {
            let share = Double(count) / Double(update.steps)
            canvas.write(padRight(names[action], label), x: room.x, y: y, style: quiet)
            canvas.writeRight(
                "\(formatFixed(share * 100, decimals: 0)) %", maxX: room.x + label + 6, y: y, style: quiet)
            let width = half - label - 7
            if width > 2, count > 0 {
                context.drawShare(
                    share, of: context.theme.positive, into: &canvas, x: room.x + label + 7, y: y, width: width)
            }
            y += 1
        }
        let chart =
            isBeside
            ? Rect(x: room.x + half + 2, y: top, width: room.width - half - 2, height: room.maxY - top)
            : Rect(x: room.x, y: y + 1, width: room.width, height: room.maxY - y - 1)
        if chart.height >= 2 { drawAdvantages(update, into: &canvas, chart) }
    }

    /// A column for each bin of A, those that made actions likelier to the right.
    private func drawAdvantages(_ update: PolicyUpdate, into canvas: inout Canvas, _ rect: Rect) {
        guard rect.width >= 12 else { return }
        let (theme, largest) = (context.theme, Double(update.largest))
        BinColumns(
            counts: update.advantages, width: min(rect.width, 48),
            ends: (formatNumber(-largest, digits: 2), formatNumber(largest, digits: 2)),
            names: ["A: likelier above 0", "advantage A", "A"],
            ink: { .rgb($0 >= 0.5 ? theme.positive : theme.negative) }
        ).draw(into: &canvas, rect, context)
    }
}

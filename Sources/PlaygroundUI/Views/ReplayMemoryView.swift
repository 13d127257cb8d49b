import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let replayMemory = ViewID("replayMemory")
}

extension View {
    /// The remembered steps of a network that plays.
    static let replayMemory = View(
        id: .replayMemory, panel: .hidden,
        words:
            "The steps that the network remembers and learns from again and again: how many there are, what they earned, and how far the network was off at each when it was last replayed. A policy learns from the steps of its last episodes alone: their mean return is the baseline, and what earned more becomes likelier.",
        watch: "Whether steps with a reward are among those that are remembered.",
        suits: { $0.hasGame },
        heading: { context, _ in context.isPolicy ? "Last update" : "Replay memory" },
        draw: { canvas, rect, context in
            guard context.isPolicy else {
                return ReplayScreen(panelContent(of: rect), context).draw(into: &canvas)
            }
            PolicyUpdateScreen(panelContent(of: rect), context).draw(into: &canvas)
        })
}

/// A replay memory's contents in bars.
private struct ReplayScreen {
    let content: Rect
    let context: PlotContext

    init(_ content: Rect, _ context: PlotContext) { (self.content, self.context) = (content, context) }

    func draw(into canvas: inout Canvas) {
        guard content.height > 2, content.width > 20 else { return }
        let room = content.inset(left: 1, right: 1)
        let quiet = Style(context.theme.quiet)
        guard let memory = context.snapshot.game?.memory, memory.count > 0 else {
            canvas.write("nothing is remembered yet", x: room.x, y: room.y, style: quiet, limit: room.width)
            return
        }
        func share(_ count: Int) -> Double { Double(count) / Double(max(1, memory.looked)) }
        canvas.write(
            "\(formatCount(memory.count)) of \(formatCount(memory.capacity, "step")), "
                + "\(formatNumber(share(memory.ends) * 100, digits: 2)) % ends",
            x: room.x, y: room.y, style: Style(context.theme.text), limit: room.width)
        // The errors stand below the rewards, or beside them where the rows are too few.
        let isBeside = room.height - memory.rewards.count < 6
        let half = isBeside && room.width >= 34 ? room.width / 2 : room.width
        let left = Rect(x: room.x, y: room.y, width: half, height: room.height)
        var y = room.y + 1
        if !isBeside { y += 1 }
        for reward in memory.rewards where y < room.maxY {
            let value = Float(reward.reward)
            canvas.write("reward", x: room.x, y: y, style: quiet)
            canvas.writeRight(formatNumber(Double(value), digits: 3), maxX: room.x + 12, y: y, style: quiet)
            bar(
                share(reward.count), of: value < 0 ? context.theme.negative : context.theme.positive, y: y,
                into: &canvas, left)
            y += 1
        }
        let errors =
            half < room.width
            ? Rect(x: room.x + half + 2, y: room.y + 1, width: room.width - half - 2, height: room.height - 1)
            : Rect(x: room.x, y: y + 1, width: room.width, height: room.maxY - y - 1)
        if errors.height >= 2 { drawErrors(memory, into: &canvas, errors) }
    }

    private func bar(_ share: Double, of color: UInt32, y: Int, into canvas: inout Canvas, _ room: Rect) {
        let words = formatNumber(share * 100, digits: 2) + " %"
        canvas.writeRight(words, maxX: room.maxX, y: y, style: Style(context.theme.quiet))
        let width = room.width - 14 - 8
        guard width > 2 else { return }
        context.drawShare(share, of: color, into: &canvas, x: room.x + 14, y: y, width: width)
    }

    /// A column for each bin of the errors' sizes.
    private func drawErrors(_ memory: MemoryReport, into canvas: inout Canvas, _ rect: Rect) {
        let ink = context.theme.text
        let width = max(1, min(4, rect.width / memory.errors.count))
        BinColumns(
            counts: memory.errors, width: min(rect.width, max(16, width * memory.errors.count)),
            ends: ("0", formatNumber(Double(memory.largestError), digits: 2)), names: ["TD error"], ink: { _ in ink }
        ).draw(into: &canvas, rect, context)
    }
}

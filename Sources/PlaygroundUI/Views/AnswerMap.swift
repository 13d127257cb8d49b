import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The share of each class at every step, below the steps of a strip: brighter the larger.
struct AnswerMap {
    private let rect: Rect
    private let context: PlotContext
    private let strip: StepStrip
    private let steps: [[Float]]
    private let targets: [Float?]

    /// nil: there is one answer, or no room.
    init?(
        _ rect: Rect, _ context: PlotContext, _ strip: StepStrip, _ answers: SequenceAnswers, _ targets: [Float?]
    ) {
        guard rect.height >= 4, rect.width >= 44, answers.steps.count > 1, strip.lineRows.count == 1 else { return nil }
        (self.rect, self.context, self.strip, self.targets) = (rect, context, strip, targets)
        steps = answers.steps
    }

    private func share(_ index: Int, at step: Int) -> Float {
        guard steps[step].indices.contains(index), steps[step][index].isFinite else { return 0 }
        return min(max(0, steps[step][index]), 1)
    }

    /// One target for the whole sequence is asked for at its last step.
    private func target(at step: Int) -> Int? {
        let place = context.sequenceKind?.targetSteps != nil ? step : step == steps.count - 1 ? 0 : -1
        return targets.indices.contains(place) ? targets[place].map { Int($0) } : nil
    }

    func draw(into canvas: inout Canvas) {
        let quiet = Style(context.theme.quiet)
        // In ASCII the asterisk is a shade.
        let right = context.ascii ? "o" : "•"
        let count = steps.first?.count ?? 0
        let classes = classes
        let more = count > classes.count ? "; +\(plural(count - classes.count, "other"))" : ""
        let legend = "; \(right) is right"
        let titles = [
            "the answers at every step, \(context.colorless ? "denser" : "brighter") the likelier\(legend)\(more)",
            "the answers at every step\(legend)\(more)",
            "the answers at every step\(legend)" + (more.isEmpty ? "" : "; +\(count - classes.count)"),
        ]
        let title = titles.first { columnWidth($0) <= rect.width } ?? titles[2]
        canvas.write(title, x: rect.x, y: rect.y, style: quiet, limit: rect.width)
        let last = steps.indices.compactMap { strip.columns(of: $0)?.upperBound }.max() ?? rect.x
        // The map's fields are not higher than wide: a cell of the screen is twice as high as wide.
        let most = max(1, (strip.columns(of: 0)?.count ?? 1) / 2)
        let height = max(1, min(most, (rect.height - 1) / max(1, classes.count)))
        let names = names(of: classes, room: rect.maxX - last - 1)
        for (line, index) in classes.enumerated() {
            let y = rect.y + 1 + line * height
            for step in steps.indices {
                guard let columns = strip.columns(of: step) else { continue }
                let share = share(index, at: step)
                let ground = mixColors(context.theme.backdrop, context.theme.good, 0.06 + 0.94 * share)
                let style = context.colorless ? Style() : Style(.rgb(contrast(ground)), on: .rgb(ground))
                let isPlain = context.colorless || context.ascii
                let glyph = isPlain && share > 0.1 ? shadeGlyph(share, glyphs: context.capabilities.glyphs) : " "
                canvas.fill(
                    Rect(x: columns.lowerBound, y: y, width: columns.count, height: height), with: Cell(glyph, style))
                if target(at: step) == index {
                    canvas.write(right, x: columns.lowerBound + (columns.count - 1) / 2, y: y, style: style)
                }
            }
            canvas.write(names.texts[line], x: names.areBehind ? last + 1 : rect.x, y: y, style: quiet)
        }
    }

    /// The classes with a row, in their order. Where not all have room: those that are right, that at the time cursor before
    /// others, and then those that are likely somewhere.
    private var classes: [Int] {
        let largest = (0..<(steps.first?.count ?? 0)).map { index in
            steps.indices.reduce(Float(0)) { max($0, share(index, at: $1)) }
        }
        let isByStep = context.sequenceKind?.targetSteps != nil
        let asked = target(at: isByStep ? min(context.timeStep, steps.count - 1) : steps.count - 1)
        let right = Set(steps.indices.filter { strip.columns(of: $0) != nil }.compactMap { target(at: $0) })
        func rank(_ index: Int) -> Int { index == asked ? 0 : right.contains(index) ? 1 : 2 }
        let order = largest.indices.sorted {
            (rank($0), largest[$1]) < (rank($1), largest[$0])
        }
        return order.prefix(rect.height - 1).sorted()
    }

    /// The names of rows: all in full behind them, or all of two columns at most before them, where these tell them apart.
    private func names(of classes: [Int], room: Int) -> (texts: [String], areBehind: Bool) {
        let names = classes.map { context.symbolText(context.className($0)) }
        if names.allSatisfy({ columnWidth($0) <= room }) { return (names, true) }
        let short = names.map { String($0.prefix(columnWidth(String($0.prefix(2))) > 2 ? 1 : 2)) }
        if Set(short).count == short.count { return (short, false) }
        let signs = context.classSigns
        return (classes.map { signs.text($0) }, false)
    }
}

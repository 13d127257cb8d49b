import Basics
import Engine
import Session
import TerminalKit

/// A part of the stack that is unrolled in time.
protocol TimelinePart {
    var whole: TimelineDrawing { get }
}

extension TimelinePart {
    var context: PlotContext { whole.context }
    var timeline: Timeline { whole.timeline }
    var theme: Theme { whole.theme }
    var outline: Outline { whole.outline }
    var quiet: Style { whole.quiet }
    var isPlain: Bool { whole.isPlain }
    var step: Int { whole.step }
}

/// The memory of a recurrent layer over the steps: states, cells and gates by unit.
struct CellMemory: TimelinePart {
    /// Heat maps below each other: the chosen part, and others where there is room.
    struct Section {
        var part: MemoryPart
        var rect: Rect
        /// From above, those that have room.
        var units: [Int]
        /// Half rows of a unit, in plain pictures rows.
        var size: Int
    }

    let whole: TimelineDrawing
    let row: StackLayout.Row
    private let trace: CellTrace
    private let gradient: CellGradient?

    /// nil: the row's layer has no cells.
    init?(_ whole: TimelineDrawing, _ row: StackLayout.Row) {
        guard let (trace, gradient) = whole.context.shownCells(of: row.layer) else { return nil }
        (self.whole, self.row, self.trace, self.gradient) = (whole, row, trace, gradient)
    }

    /// The maps, one below the other.
    var sections: [Section] {
        let parts = MemoryPart.all(of: trace.cells)
        let chosen = context.plots.stack.memoryPart % parts.count
        let order = UnitOrder(trace, SequenceText(context.snapshot, whole.choice), property: context.unitProperty)
        // The others in their own order, those of the present lag's loss last.
        let others = parts.indices.filter { $0 != chosen && (parts[$0].source != .gradient || gradient != nil) }
        // Where all have room more than once, units are higher.
        let rows = context.rows(of: trace.cells)
        let scale = max(1, min(3, (row.tiles.height - others.count) / ((others.count + 2) * rows)))
        let full = scale * rows
        let some = scale > 1 ? full : min(full, 5)
        let count = min(1 + others.count, max(1, (row.tiles.height + 1) / (some + 1)))
        let most = row.tiles.height - (count - 1) * (some + 1)
        let first = most >= 2 * full ? 2 * full : min(full, most)
        var left = row.tiles.height - first - (count - 1) * (some + 1)
        var y = row.tiles.y
        return ([chosen] + others.prefix(count - 1)).enumerated().map { place, index in
            var height = first
            if place > 0 {
                let more = min(max(0, left), full - some)
                height = some + more
                left -= more
            }
            let rect = Rect(x: row.tiles.x, y: y, width: row.tiles.width, height: height)
            y += height + 1
            let (size, shown) = whole.unitSize(trace.cells.units, rows: height)
            let own = order.units.firstIndex(of: cursorUnit(order.units)) ?? 0
            let from = min(max(0, own - shown / 2), trace.cells.units - shown)
            return Section(
                part: parts[index], rect: rect, units: Array(order.units[from..<from + shown]), size: size)
        }
    }

    /// The unit under the cursor, of cells that read backwards by its own number; without a cursor the first one.
    private func cursorUnit(_ order: [Int]) -> Int {
        whole.cursorUnit(of: row.layer, cells: trace.cells, order)
    }

    func draw(into canvas: inout Canvas) {
        for (place, section) in sections.enumerated() {
            let map = MemoryMap(
                section.part, trace, gradient, length: context.length(ofSteps: trace.cells.steps))
            draw(section, map, into: &canvas)
            var drawn = section.rect
            let halves = section.units.count * section.size
            drawn.height = isPlain ? halves : (halves + 1) / 2
            if step < map.length { timeline.drawCursor(into: &canvas, drawn, context) }
            drawUnitCursor(into: &canvas, section)
            drawLabel(into: &canvas, section, map, isFirst: place == 0)
        }
    }

    private func draw(_ section: Section, _ map: MemoryMap, into canvas: inout Canvas) {
        let isShare = section.part.isShare
        if section.part.source == .gradient, map.gradient == nil {
            canvas.write(
                "no target, no loss", x: timeline.x, y: section.rect.y, style: quiet, limit: timeline.width)
            return
        }
        whole.drawMap(
            into: &canvas, section.rect, units: section.units,
            colour: { isShare ? shareColour($0) : context.ramp($0) },
            glyph: isShare ? { value in Self.shareGlyph(value, context.ascii) } : nil
        ) { unit, step in map.value(unit, at: step).map { $0 / map.scale } }
        // The way of the state from cell to cell, where steps stand apart.
        guard timeline.pitch >= 3, section.part.source == .state else { return }
        let arrow: Unicode.Scalar =
            map.trace.cells.isReversed ? (context.ascii ? "<" : "←") : (context.ascii ? ">" : "→")
        let y = section.rect.y + (section.units.count * section.size / (isPlain ? 1 : 2)) / 2
        for step in timeline.steps where step + 1 < map.length {
            canvas[timeline.x(step) + timeline.columns, y] = Cell(arrow, Style(theme.quiet))
        }
    }

    /// A gate's colour: from dark to green, brighter where it is open, a dull red where it is shut, which is no fault.
    func shareColour(_ value: Float) -> UInt32 {
        if value > MemoryPart.open { return mixColors(theme.good, theme.light ? 0x000000 : 0xFFFFFF, 0.45) }
        // Of 256 colours the nearest to a very dull red would be a grey.
        let isFew = context.capabilities.colors == .palette256
        if value < MemoryPart.shut { return mixColors(theme.backdrop, theme.bad, isFew ? 0.55 : 0.3) }
        return mixColors(theme.backdrop, theme.good, 0.1 + 0.75 * value)
    }

    private static func shareGlyph(_ value: Float, _ ascii: Bool) -> Unicode.Scalar? {
        if value > MemoryPart.open { return ascii ? "@" : "●" }
        if value < MemoryPart.shut { return ascii ? "o" : "○" }
        return ascii
            ? [".", ":", "="][min(2, Int(bounded: value * 3))] : ["░", "▒", "▓"][min(2, Int(bounded: value * 3))]
    }

    private func drawUnitCursor(into canvas: inout Canvas, _ section: Section) {
        guard whole.cursor?.layer == row.layer else { return }
        let unit = cursorUnit(section.units)
        guard let place = section.units.firstIndex(of: unit) else { return }
        let line = place * section.size / (isPlain ? 1 : 2)
        canvas[timeline.x - 1, section.rect.y + line] = Cell(
            context.ascii ? ">" : "▸", Style(.rgb(theme.accent), bold: true))
    }

    /// The part's letter and words, its scale or what is saturated, and how many units have no room.
    private func drawLabel(
        into canvas: inout Canvas, _ section: Section, _ map: MemoryMap, isFirst: Bool
    ) {
        let x = row.label.x + 1
        let width = timeline.x - x - 2
        var y = section.rect.y + (isFirst ? 1 : 0)
        func line(_ text: String, _ style: Style) {
            guard y < section.rect.maxY, !text.isEmpty else { return }
            canvas.write(text, x: x, y: y, style: style, limit: width)
            y += 1
        }
        let used =
            y < section.rect.maxY
            ? canvas.write("\(section.part.letter) ", x: x, y: y, style: Style(.rgb(theme.accent), bold: true)) : 0
        // A name that is too long beside its letter goes on below it.
        let words = section.part.words
        let first = [words, String(words.prefix { $0 != " " })].first { columnWidth($0) <= width - used } ?? ""
        if y < section.rect.maxY { canvas.write(first, x: x + used, y: y, style: Style(theme.text)) }
        y += 1
        let rest = wrapText(String(words.dropFirst(first.count).drop { $0 == " " }), columns: width)
        // The numbers come first where rows are few; words that break off say nothing.
        if section.rect.maxY - y >= rest.count + (section.part.isShare ? 2 : 1) {
            for text in rest { line(text, Style(theme.text)) }
        }
        if let (high, low) = map.saturation {
            if section.part.isShare {
                let marks = isPlain ? (context.ascii ? ("@ ", "o ") : ("● ", "○ ")) : ("", "")
                // A number stays whole.
                func saturated(_ mark: String, _ word: String, _ share: Double) -> String {
                    let all = ["\(mark)\(word) \(percent(share))", "\(mark)\(percent(share))"]
                    return all.first { columnWidth($0) <= width } ?? percent(share)
                }
                line(saturated(marks.0, "open", high), Style(.rgb(shareColour(1))))
                line(saturated(marks.1, "shut", low), quiet)
            } else {
                let signs = context.ascii ? ["at +/-1", "at +-1", "+-1"] : ["at ±1", "±1"]
                let all = signs.map { "\(percent(high)) \($0)" }
                line(all.first { columnWidth($0) <= width } ?? percent(high), quiet)
            }
        } else if section.part.source != .gradient || map.gradient != nil {
            let short = formatScientific(Double(map.scale), digits: 2)
            let all = [formatNumber(Double(map.scale), digits: 2), short].map { "\(context.plusMinus)\($0)" }
            line(map.isZero ? "all 0" : all.first { columnWidth($0) <= width } ?? short, quiet)
        }
        if isFirst, let cells = outline[row.layer]?.cells, cells.count > 1 {
            let way = map.trace.cells.isReversed ? " back" : cells.contains(where: \.isReversed) ? " forth" : ""
            let names = ["layer ", "l. ", ""].map { "\($0)\(map.trace.cells.layer + 1)\(way)" }
            line(names.first { columnWidth($0) <= width } ?? names[2], quiet)
        }
        let hidden = map.trace.cells.units - section.units.count
        if hidden > 0 { line("+\(plural(hidden, "unit"))", quiet) }
        if isFirst { line("W shared", quiet) }
    }

    private func percent(_ share: Double) -> String { "\(Int(bounded: (share * 100).rounded())) %" }
}

/// The colours of the input's steps, and what they mean.
struct StepColours {
    /// In full, and shorter.
    let words: [String]
    let colour: (Int) -> UInt32

    /// By the unit under the cursor, or by the weights that the step under the time cursor gives; nil: nothing remembers, or there
    /// is nothing to say. Letters alone are coloured; of amounts the words tell what the unit follows.
    init?(_ whole: TimelineDrawing, _ text: SequenceText) {
        let (context, theme, step) = (whole.context, whole.theme, whole.step)
        guard let layer = whole.timeline.main, let values = context.steps(of: layer) else { return nil }
        let isColoured = context.hasLetters && !context.colorless
        if let weights = values.attention, let count = whole.outline[layer]?.attention?.steps, step < count {
            guard isColoured else { return nil }
            let own = Array(weights[step * count..<(step + 1) * count])
            let largest = max(1e-9, own.max() ?? 1)
            words = ["coloured by how much step \(step + 1) takes from each", "step \(step + 1) takes from each"]
            colour = { at in
                at < count
                    ? mixColors(theme.backdrop, theme.good, (own[at] / largest * 12).rounded() / 12) : theme.backdrop
            }
            return
        }
        guard let (trace, _) = context.shownCells(of: layer) else { return nil }
        let order = UnitOrder(trace, text, property: context.unitProperty)
        let unit = whole.cursorUnit(of: layer, cells: trace.cells, order.units)
        let (start, verb) = isColoured ? ("coloured by unit", ", which follows") : ("unit", " follows")
        var all: [String] = []
        if let following = order.following(unit) {
            let end = "\(following.name) (r \(formatFixed(following.r, decimals: 2)))"
            all = ["\(start) \(unit + 1)\(verb) \(end)", "\(start) \(unit + 1): \(end)"]
        }
        if isColoured { all.append("\(start) \(unit + 1)") }
        guard !all.isEmpty else { return nil }
        words = all
        let states = (0..<context.length(ofSteps: trace.cells.steps)).map { trace.state(unit, at: $0) }
        let largest = states.reduce(Float(1)) { max($0, abs($1)) }
        colour = { at in at < states.count ? context.ramp(states[at] / largest) : theme.backdrop }
    }
}

extension PlotContext {
    /// The property by which units are sorted; nil: they stand in their own order.
    var unitProperty: UnitProperty? { plots.stack.unitOrder.flatMap { UnitProperty[$0] } }
}

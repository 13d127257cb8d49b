import Basics
import Engine
import Session
import TerminalKit

/// The memory of a layer over the steps: states, cells and gates by unit, or who looks at whom.
extension TimelineDrawing {
    /// Heat maps below each other: the chosen part, and others where there is room.
    struct Section {
        var part: MemoryPart
        var rect: Rect
        /// From above, those that have room.
        var units: [Int]
        /// Half rows of a unit, in plain pictures rows.
        var size: Int
    }

    /// The maps of the layer that is shown at length.
    func sections(_ row: StackLayout.Row) -> [Section] {
        guard let (trace, gradient) = context.shownCells(of: row.layer) else { return [] }
        let parts = MemoryPart.all(of: trace.cells)
        let chosen = context.plots.memoryPart % parts.count
        let order = UnitOrder(trace, SequenceText(context.snapshot, choice), property: context.unitProperty)
        let perRow = isPlain ? 1 : 2
        let full = (trace.cells.units + perRow - 1) / perRow
        let some = min(full, 5)
        // The others in their own order, those of the present lag's loss last.
        let others = parts.indices.filter { $0 != chosen && (parts[$0].source != .gradient || gradient != nil) }
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
            let halves = height * perRow
            let size = max(1, min(perRow * 2, halves / trace.cells.units))
            let shown = min(trace.cells.units, halves / size)
            let own = order.units.firstIndex(of: cursorUnit(row.layer, order.units)) ?? 0
            let from = min(max(0, own - shown / 2), trace.cells.units - shown)
            return Section(
                part: parts[index], rect: rect, units: Array(order.units[from..<from + shown]), size: size)
        }
    }

    /// The unit under the cursor, of cells that read backwards by its own number; without a cursor the first one.
    func cursorUnit(_ layer: LayerPath, _ order: [Int]) -> Int {
        guard let cursor, cursor.layer == layer, let (trace, _) = context.shownCells(of: layer) else {
            return order.first ?? 0
        }
        return cursor.unit % trace.cells.units
    }

    func drawMemory(into canvas: inout Canvas, _ row: StackLayout.Row) {
        guard let values = context.steps(of: row.layer) else { return }
        if let weights = values.attention { return drawAttention(into: &canvas, row, weights) }
        guard let (trace, gradient) = context.shownCells(of: row.layer) else { return }
        let sections = sections(row)
        for (place, section) in sections.enumerated() {
            let map = MemoryMap(
                section.part, trace, gradient, length: context.length(ofSteps: trace.cells.steps))
            draw(section, map, into: &canvas)
            var drawn = section.rect
            let halves = section.units.count * section.size
            drawn.height = isPlain ? halves : (halves + 1) / 2
            if step < map.length { drawTimeCursor(into: &canvas, drawn) }
            drawUnitCursor(into: &canvas, row, section)
            drawLabel(into: &canvas, row, section, map, isFirst: place == 0)
        }
    }

    private func draw(_ section: Section, _ map: MemoryMap, into canvas: inout Canvas) {
        let isShare = section.part.isShare
        if section.part.source == .gradient, map.gradient == nil {
            canvas.write(
                "no target, no loss", x: timeline.x, y: section.rect.y, style: quiet, limit: timeline.width)
            return
        }
        drawMap(
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
        if value < MemoryPart.shut { return mixColors(theme.backdrop, theme.bad, 0.3) }
        return mixColors(theme.backdrop, theme.good, 0.1 + 0.75 * value)
    }

    private static func shareGlyph(_ value: Float, _ ascii: Bool) -> Unicode.Scalar? {
        if value > MemoryPart.open { return ascii ? "@" : "●" }
        if value < MemoryPart.shut { return ascii ? "o" : "○" }
        return ascii
            ? [".", ":", "="][min(2, Int(bounded: value * 3))] : ["░", "▒", "▓"][min(2, Int(bounded: value * 3))]
    }

    private func drawUnitCursor(into canvas: inout Canvas, _ row: StackLayout.Row, _ section: Section) {
        guard cursor?.layer == row.layer else { return }
        let unit = cursorUnit(row.layer, section.units)
        guard let place = section.units.firstIndex(of: unit) else { return }
        let line = place * section.size / (isPlain ? 1 : 2)
        canvas[timeline.x - 1, section.rect.y + line] = Cell(
            context.ascii ? ">" : "▸", Style(.rgb(theme.accent), bold: true))
    }

    /// The part's letter and words, its scale or what is saturated, and how many units have no room.
    private func drawLabel(
        into canvas: inout Canvas, _ row: StackLayout.Row, _ section: Section, _ map: MemoryMap, isFirst: Bool
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
                line("\(marks.0)open \(percent(high))", Style(.rgb(shareColour(1))))
                line("\(marks.1)shut \(percent(low))", quiet)
            } else {
                let signs = context.ascii ? ["at +/-1", "at +-1", "+-1"] : ["at ±1", "±1"]
                let all = signs.map { "\(percent(high)) \($0)" }
                line(all.first { columnWidth($0) <= width } ?? percent(high), quiet)
            }
        } else {
            line("\(plusMinus)\(formatNumber(Double(map.scale), digits: 2))", quiet)
        }
        if isFirst, let cells = outline[row.layer]?.cells, cells.count > 1 {
            line(
                "layer \(map.trace.cells.layer + 1)" + (map.trace.cells.isReversed ? " back" : ""), quiet)
        }
        let hidden = map.trace.cells.units - section.units.count
        if hidden > 0 { line("+\(hidden) units", quiet) }
        if isFirst { line("W shared", quiet) }
    }

    private var plusMinus: String { context.ascii ? "+/-" : "±" }

    private func percent(_ share: Double) -> String { "\(Int(bounded: (share * 100).rounded())) %" }

    // MARK: - Attention

    /// A row for each step that looks, a column for each that is looked at; the rows around the time cursor.
    private func drawAttention(into canvas: inout Canvas, _ row: StackLayout.Row, _ weights: [Float]) {
        let count = outline[row.layer]?.attention?.steps ?? 0
        guard weights.count == count * count, count > 0 else { return }
        // Lines where the matrix keeps rows enough.
        let lineRows = row.tiles.height >= 8 ? min(5, row.tiles.height / 3) : 0
        drawAttentionLines(
            into: &canvas, Rect(x: timeline.x, y: row.tiles.y, width: timeline.width, height: lineRows), weights,
            count)
        let tiles = row.tiles.inset(top: lineRows)
        let halves = isPlain ? tiles.height : 2 * tiles.height
        let steps = max(1, min(count, context.length(ofSteps: count)))
        let size = max(1, min(isPlain ? 2 : 4, halves / steps))
        let shown = min(steps, halves / size)
        let first = min(max(0, step - shown / 2), steps - shown)
        let largest = max(1e-9, weights.max() ?? 1)
        drawMap(
            into: &canvas, tiles, units: Array(first..<first + shown),
            colour: { mixColors(theme.backdrop, theme.good, ($0 * 12).rounded() / 12) }
        ) { looking, seen in seen < steps ? weights[looking * count + seen] / largest : nil }
        drawTimeCursor(
            into: &canvas,
            Rect(
                x: tiles.x, y: tiles.y, width: tiles.width,
                height: isPlain ? shown * size : (shown * size + 1) / 2)
        )
        if (first..<first + shown).contains(step) {
            let y = tiles.y + (step - first) * size / (isPlain ? 1 : 2)
            let mark = Style(.rgb(theme.accent), bold: true)
            canvas[timeline.x - 1, y] = Cell(context.ascii ? ">" : "▸", mark)
            if !context.colorless, !context.ascii { lightRow(into: &canvas, step, first, size, tiles) }
        }
        let x = row.label.x + 1
        let width = timeline.x - x - 2
        let words =
            ["looks ↓", "at →", "max \(formatFixed(Double(largest), decimals: 2))"]
            + (steps > shown ? ["+\(plural(steps - shown, "row"))"] : [])
            + (outline[row.layer]?.attention?.isCausal == true ? ["causal"] : [])
        for (line, text) in words.enumerated() where row.label.y + 1 + line < row.tiles.maxY {
            canvas.write(text, x: x, y: row.label.y + 1 + line, style: quiet, limit: width)
        }
    }

    /// From the step under the time cursor, below, lines to the steps that it takes from, above, brighter the more it takes; those
    /// of the other steps are faint.
    private func drawAttentionLines(into canvas: inout Canvas, _ rect: Rect, _ weights: [Float], _ count: Int) {
        guard rect.height > 0 else { return }
        var dots = DotPlot(width: rect.width, height: rect.height, capabilities: context.capabilities)
        let end = min(count, context.length(ofSteps: count))
        func x(_ step: Int) -> Double { Double(2 * (timeline.x(step) - rect.x) + timeline.columns) }
        for looking in timeline.steps where looking < end {
            let own = weights[looking * count..<(looking + 1) * count]
            let largest = max(1e-9, own.max() ?? 1)
            let isOwn = looking == step
            for seen in timeline.steps where seen < end {
                let share = weights[looking * count + seen] / largest
                // A fifth of the largest weight counts as something; of other steps their favourite alone.
                guard isOwn ? share > 0.2 : share == 1 else { continue }
                let color = mixColors(theme.backdrop, theme.accent, 0.3 + 0.7 * share)
                dots.line(
                    x(looking), Double(dots.dotHeight) - 1, x(seen), 0,
                    style: isOwn ? Style(.rgb(color), bold: share == 1) : Style(theme.faint), weight: isOwn ? 5 : 1,
                    step: isOwn ? 1 : context.colorless ? 3 : 2)
            }
        }
        dots.draw(into: &canvas, x: rect.x, y: rect.y)
    }

    /// The row of the time cursor, brighter than the others.
    private func lightRow(into canvas: inout Canvas, _ step: Int, _ first: Int, _ size: Int, _ rect: Rect) {
        let halves = (step - first) * size..<(step - first + 1) * size
        for y in rect.y + halves.lowerBound / 2...rect.y + (halves.upperBound - 1) / 2 {
            lightLine(into: &canvas, y) { halves.contains(2 * (y - rect.y) + ($0 ? 1 : 0)) }
        }
    }

    private func lightLine(into canvas: inout Canvas, _ y: Int, isLit: (_ lower: Bool) -> Bool) {
        for x in timeline.x..<timeline.x + timeline.steps.count * timeline.pitch {
            func mixed(_ lower: Bool) -> Color {
                let own = canvas.backdrop(x: x, y: y, lower: lower)
                guard isLit(lower), case .rgb(let colour) = own else { return own }
                return .rgb(mixColors(colour, theme.accent, 0.3))
            }
            canvas[x, y] = Cell("▀", Style(mixed(false), on: mixed(true)))
        }
    }

    // MARK: - The text

    /// The colours of the input's steps, and what they mean.
    struct StepColours {
        /// In full, and shorter.
        var words: [String]
        var colour: (Int) -> UInt32
    }

    /// By the unit under the cursor, or by the weights that the step under the time cursor gives; nil: nothing remembers.
    func stepColours(_ text: SequenceText) -> StepColours? {
        guard let layer = timeline.main, let values = context.steps(of: layer) else { return nil }
        if let weights = values.attention, let count = outline[layer]?.attention?.steps, step < count {
            let own = Array(weights[step * count..<(step + 1) * count])
            let largest = max(1e-9, own.max() ?? 1)
            return StepColours(
                words: [
                    "coloured by how much step \(step + 1) takes from each", "step \(step + 1) takes from each",
                ]) { at in
                    at < count
                        ? mixColors(theme.backdrop, theme.good, (own[at] / largest * 12).rounded() / 12)
                        : theme.backdrop
                }
        }
        guard let (trace, _) = context.shownCells(of: layer) else { return nil }
        let order = UnitOrder(trace, text, property: context.unitProperty)
        let unit = cursorUnit(layer, order.units)
        let following = order.following(unit)
        let end = following.map { " follows \($0.name) (r \(formatFixed($0.r, decimals: 2)))" } ?? ""
        let words =
            following == nil
            ? ["coloured by unit \(unit + 1)"]
            : [
                "coloured by unit \(unit + 1), which\(end)",
                "coloured by unit \(unit + 1): \(following!.name) (r \(formatFixed(following!.r, decimals: 2)))",
                "coloured by unit \(unit + 1)",
            ]
        let states = (0..<context.length(ofSteps: trace.cells.steps)).map { trace.state(unit, at: $0) }
        let largest = states.reduce(Float(1)) { max($0, abs($1)) }
        return StepColours(words: words) { at in
            at < states.count ? context.ramp(states[at] / largest) : theme.backdrop
        }
    }
}

extension PlotContext {
    /// The property by which units are sorted; nil: they stand in their own order.
    var unitProperty: UnitProperty? { plots.unitOrder.flatMap { UnitProperty[$0] } }
}

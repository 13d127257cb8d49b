import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The stack unrolled in time: what comes in, the memory of a layer and the answers over the steps of the chosen sequence.
struct TimelineDrawing {
    let context: PlotContext
    let layout: StackLayout
    let timeline: Timeline
    let choice: SequenceChoice
    let kind: SequenceKind
    let cursor: NetworkCursor?

    /// nil: the stack is not unrolled.
    init?(_ context: PlotContext, _ layout: StackLayout) {
        guard let timeline = layout.timeline, let choice = context.sequenceChoice,
            let kind = context.snapshot.data.sequence
        else { return nil }
        (self.context, self.layout, self.timeline) = (context, layout, timeline)
        (self.choice, self.kind) = (choice, kind)
        cursor = context.tileCursor.flatMap { NetworkPanel.fitted($0, context.snapshot.outline) }
    }

    var theme: Theme { context.theme }
    var outline: Outline { context.snapshot.outline }
    var quiet: Style { Style(theme.quiet) }
    var isPlain: Bool { context.colorless || context.ascii }
    var step: Int { context.timeStep }
    /// The steps of the sequence's inputs.
    var length: Int { context.snapshot.data.stepCount(of: choice) }

    func draw(into canvas: inout Canvas) {
        for row in layout.rows {
            if row.layer.isInput {
                drawInput(into: &canvas, row)
            } else if row.layer == timeline.main, outline.hasMemory(layer: row.layer) {
                drawMemory(into: &canvas, row)
            } else {
                drawLayer(into: &canvas, row)
            }
        }
        TimelineArrows(whole: self).draw(into: &canvas)
        drawAxis(into: &canvas)
    }

    /// The layer that is shown at length: who looks at whom, or the states of its cells.
    private func drawMemory(into canvas: inout Canvas, _ row: StackLayout.Row) {
        guard let values = context.steps(of: row.layer) else { return }
        guard let weights = values.attention else {
            CellMemory(self, row)?.draw(into: &canvas)
            return
        }
        AttentionMemory(self, row, weights)?.draw(into: &canvas)
    }

    /// The unit under the cursor, of cells that read backwards by its own number; without a cursor the first one.
    func cursorUnit(of layer: LayerPath, cells: Outline.Cells, _ order: [Int]) -> Int {
        guard let cursor, cursor.layer == layer else { return order.first ?? 0 }
        return cursor.unit % cells.units
    }

    // MARK: - Time

    /// The steps' numbers, the cursor's in front, and how many have no room.
    private func drawAxis(into canvas: inout Canvas) {
        let y = timeline.axisRow
        guard y < layout.inspector.y || layout.inspector.isEmpty else { return }
        let marked = timeline.steps.contains(step)
        let own = "\(step + 1)"
        let cutWord = wordAtCursor.map { " \($0)" } ?? ""
        let mark = context.ascii ? "^" : "▴"
        let markX = timeline.x(step)
        var end = timeline.x - 1
        for other in timeline.steps where other % 10 == 9 || other == 0 {
            let text = "\(other + 1)"
            let x = timeline.x(other)
            let room = marked ? abs(x - markX) > columnWidth(own + cutWord) + 2 + columnWidth(text) : true
            guard x > end, room, x + columnWidth(text) <= timeline.x + timeline.width else { continue }
            canvas.write(text, x: x, y: y, style: quiet)
            end = x + columnWidth(text)
        }
        if marked {
            let text = mark + own + cutWord
            let x = min(markX, timeline.x + timeline.width - columnWidth(text))
            canvas.write(text, x: x, y: y, style: Style(.rgb(theme.accent), bold: true))
        }
        let hidden = timeline.count - timeline.steps.count
        if hidden > 0 {
            // Below the layers' words.
            let x = (layout.rows.first?.label.x ?? 0) + 1
            canvas.write("+\(plural(hidden, "step"))", x: x, y: y, style: quiet, limit: timeline.x - x - 1)
        }
    }

    /// The beginning of a word that a step's columns hold, with one free column behind it: without it words run together.
    private func beginning(_ word: String) -> String {
        let room = max(1, timeline.pitch - 1)
        var (used, end) = (0, word.startIndex)
        while end < word.endIndex {
            used += columnWidth(String(word[end]))
            if used > room { break }
            end = word.index(after: end)
        }
        return String(word[..<end])
    }

    /// The word under the time cursor, where its columns do not hold all of it.
    private var wordAtCursor: String? {
        let names = SequenceText(context.snapshot, choice).names
        guard names.indices.contains(step) else { return nil }
        let word = context.symbolText(names[step])
        return beginning(word) == word ? nil : word
    }

    // MARK: - Layers

    /// Letters or words, or amounts as a heat map.
    private func drawInput(into canvas: inout Canvas, _ row: StackLayout.Row) {
        let inputs = context.snapshot.data.inputs(of: choice)
        guard inputs.count >= kind.steps * kind.features.count else { return }
        let text = SequenceText(context.snapshot, choice)
        let colours = StepColours(self, text)
        var y = row.tiles.y
        if kind.steps == 1, kind.symbols.isEmpty {
            drawVector(into: &canvas, row, Array(inputs.prefix(kind.features.count)), names: kind.features)
            return
        }
        if context.hasLetters {
            for step in timeline.steps where step < text.names.count {
                let isNow = step == self.step
                let ground: Color =
                    isNow ? .rgb(theme.accent) : colours.map { .rgb($0.colour(step)) } ?? .standard
                let ink: Color =
                    if case .rgb(let own) = ground { .rgb(contrast(own)) } else { theme.text }
                let style =
                    context.colorless ? Style(bold: isNow, reverse: isNow) : Style(ink, on: ground, bold: isNow)
                canvas.fill(
                    Rect(x: timeline.x(step), y: y, width: timeline.columns, height: 1), with: Cell(" ", style))
                canvas.write(
                    beginning(context.symbolText(text.names[step])), x: timeline.x(step), y: y, style: style)
            }
            y += 1
        } else {
            let width = kind.features.count
            let rows = max(1, min(row.tiles.height - (timeline.main == nil ? 0 : 1), context.mapRows(width)))
            let largest = inputs.prefix(kind.steps * width).reduce(Float(1)) { max($0, abs($1)) }
            drawMap(
                into: &canvas, Rect(x: timeline.x, y: y, width: timeline.width, height: rows), units: Array(0..<width),
                colour: context.ramp, isOpen: y + rows == row.tiles.maxY && layout.touchesNext(row, outline)
            ) { unit, step in step < length ? inputs[step * width + unit] / largest : nil }
            timeline.drawCursor(into: &canvas, Rect(x: timeline.x, y: y, width: timeline.width, height: rows), context)
            y += rows
        }
        if y < row.tiles.maxY, let colours {
            // Where it is longer than the columns of the steps, from the panel's edge on.
            let end = row.tiles.maxX - 1
            let room = end - row.label.x - 1
            let words = colours.words.first { columnWidth($0) <= room } ?? colours.words.last!
            let x = max(row.label.x + 1, min(timeline.x, end - columnWidth(words)))
            canvas.write(words, x: x, y: y, style: quiet, limit: end - x)
        }
    }

    /// A layer's values over the steps, or its values where they have none.
    private func drawLayer(into canvas: inout Canvas, _ row: StackLayout.Row) {
        if !outline.hasUnits(layer: row.layer) {
            let band: Unicode.Scalar = context.ascii ? "~" : "╌"
            for x in timeline.x..<timeline.x + timeline.steps.count * timeline.pitch {
                canvas[x, row.tiles.y] = Cell(band, Style(theme.faint))
            }
            return
        }
        guard let values = context.steps(of: row.layer) else { return }
        if let cells = values.cells.last {
            let length = context.length(ofSteps: cells.cells.steps)
            drawUnits(into: &canvas, row, row.tiles, count: cells.cells.units) { unit, step in
                step < length ? cells.state(unit, at: step) : nil
            }
            if self.step < length { timeline.drawCursor(into: &canvas, row.tiles, context) }
            return
        }
        guard outline.hasSteps(layer: row.layer), values.steps > 1 else {
            let names =
                row.layer == outline.output && context.hasClassUnits
                ? (0..<values.width).map { context.shortClassName($0) } : []
            return drawVector(into: &canvas, row, values.values, names: names)
        }
        if row.layer == outline.output, !values.answers.isEmpty {
            return drawAnswers(into: &canvas, row, values.answers)
        }
        let largest = values.values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let isOutput = row.layer == outline.output
        let own = context.length(ofSteps: values.steps)
        let rect = isOutput ? Rect(x: row.tiles.x, y: row.tiles.y, width: row.tiles.width, height: 1) : row.tiles
        drawUnits(into: &canvas, row, rect, count: values.width) { unit, step in
            step < values.steps && (isOutput || step < own)
                ? values.value(unit, at: step) / max(largest, 1e-9) : nil
        }
        if self.step < values.steps { timeline.drawCursor(into: &canvas, rect, context) }
        guard isOutput, row.tiles.height > 1 else { return }
        let targets = context.snapshot.data.targets(of: choice)
        let below = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: 1)
        drawMap(into: &canvas, below, units: [0], colour: context.ramp) { _, step in
            targets.indices.contains(step) ? targets[step].map { $0 / max(largest, 1e-9) } : nil
        }
        canvas.write("target", x: row.label.x + 1, y: below.y, style: quiet, limit: row.label.width - 1)
    }

    /// A layer's units that have room, around the cursor's, which is marked; where a row is free below them, how many have none.
    private func drawUnits(
        into canvas: inout Canvas, _ row: StackLayout.Row, _ rect: Rect, count: Int,
        value: (_ unit: Int, _ step: Int) -> Float?
    ) {
        let isOpen = layout.touchesNext(row, outline)
        let (size, shown) = unitSize(count, rows: rect.height, isOpen: isOpen)
        let own = cursor.flatMap { $0.layer == row.layer && $0.unit < count ? $0.unit : nil }
        let from = min(max(0, (own ?? 0) - shown / 2), count - shown)
        drawMap(
            into: &canvas, rect, units: Array(from..<from + shown), colour: context.ramp, isOpen: isOpen, value: value)
        if let own, shown > 0 {
            canvas[timeline.x - 1, rect.y + (own - from) * size / (isPlain ? 1 : 2)] = Cell(
                context.ascii ? ">" : "▸", Style(.rgb(theme.accent), bold: true))
        }
        let isFree = layout.rows.contains { $0.tiles.y == rect.maxY + 1 }
        if count > shown, isFree {
            let x = row.label.x + 1
            canvas.write(
                "+\(plural(count - shown, "unit"))", x: x, y: rect.maxY, style: quiet, limit: timeline.x - x - 1)
        }
    }

    /// The classes that are answered, right or wrong, and below them the targets.
    private func drawAnswers(into canvas: inout Canvas, _ row: StackLayout.Row, _ answers: [Int]) {
        let targets = context.snapshot.data.targets(of: choice)
        for step in timeline.steps where step < answers.count {
            let target = targets.indices.contains(step) ? targets[step].map { Int($0) } : nil
            let isAsked = target != nil
            let isRight = target == answers[step]
            let isNow = step == self.step
            var style = Style(
                !isAsked ? theme.faint : .rgb(isRight ? theme.good : theme.bad), bold: isAsked && !isRight)
            if isNow { style.reverse = true }
            if isAsked || isNow {
                canvas.write(
                    beginning(context.symbolText(context.className(answers[step]))), x: timeline.x(step),
                    y: row.tiles.y, style: style)
            }
            if row.tiles.height > 1, let target {
                canvas.write(
                    beginning(context.symbolText(context.className(target))), x: timeline.x(step),
                    y: row.tiles.y + 1, style: quiet)
            }
        }
        if row.tiles.height > 1 {
            canvas.write("target", x: row.label.x + 1, y: row.tiles.y + 1, style: quiet, limit: row.label.width - 1)
        }
    }

    /// Values without steps: a block for each, with its name where it has one.
    private func drawVector(into canvas: inout Canvas, _ row: StackLayout.Row, _ values: [Float], names: [String]) {
        let largest = values.reduce(Float(1)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let best = values.answeredClass
        let longest = names.reduce(0) { max($0, columnWidth($1)) }
        let width = names.isEmpty ? 2 : max(2, min(8, longest + 1))
        let room = max(1, timeline.width / width)
        let isWhole = values.count <= room
        let shown = isWhole ? values.count : max(1, (timeline.width - 5) / width)
        // The answer of a whole sequence stands below its last step.
        let end = min(
            timeline.x + timeline.width,
            max(timeline.x + shown * width, timeline.x(min(length, timeline.steps.upperBound))))
        let x = row.layer.isInput || !isWhole ? timeline.x : end - shown * width
        var units = Array(0..<shown)
        // The answer is in sight, in the place of the last one that has room.
        if row.layer == outline.output, let best, best >= shown { units[shown - 1] = best }
        for (column, unit) in units.enumerated() {
            let ground =
                row.layer == outline.output && context.hasClassUnits
                ? mixColors(theme.zero, theme.color(ofClass: unit), min(max(values[unit], 0), 1))
                : context.ramp(values[unit] / largest)
            let place = Rect(x: x + column * width, y: row.tiles.y, width: width, height: 1)
            let isBest = unit == best && row.layer == outline.output
            let style =
                context.colorless
                ? Style(bold: isBest, reverse: isBest) : Style(.rgb(contrast(ground)), on: .rgb(ground), bold: isBest)
            canvas.fill(
                place,
                with: Cell(
                    isPlain ? shadeGlyph(values[unit] / largest, glyphs: context.capabilities.glyphs) : " ", style))
            if names.indices.contains(unit) {
                canvas.fill(place, with: Cell(" ", style))
                canvas.write(context.symbolText(names[unit]), x: place.x, y: place.y, style: style, limit: width - 1)
            }
        }
        if !isWhole { canvas.write("+\(values.count - shown)", x: x + shown * width + 1, y: row.tiles.y, style: quiet) }
        if values.count == 1, x - 9 > timeline.x {
            canvas.writeRight(NumberLines.text(values[0]), maxX: x - 1, y: row.tiles.y, style: Style(theme.text))
        }
    }

    // MARK: - Heat maps

    /// The half rows of each of so many units in so many rows, in plain pictures rows, and how many of the units have room.
    /// - Parameter isOpen: the last half row stays free.
    func unitSize(_ count: Int, rows: Int, isOpen: Bool = false) -> (size: Int, shown: Int) {
        let halves = max(isOpen ? 1 : 0, (isPlain ? rows : 2 * rows) - (isOpen ? 1 : 0))
        let size = max(1, min(isPlain ? 6 : 12, halves / max(1, count)))
        return (size, min(count, halves / size))
    }

    /// Units from above, two to a row of cells where colours show them, each as high as they all fit; steps from left to
    /// right.
    /// - Parameters:
    ///   - units: those that are to be shown; what has no room is left out at the end.
    ///   - isOpen: the last half row stays free, so that the map does not touch what stands below it.
    ///   - value: −1…1; nil: none.
    /// - Returns: the half rows of a unit, and how many units are shown.
    @discardableResult
    func drawMap(
        into canvas: inout Canvas, _ rect: Rect, units: [Int], colour: (Float) -> UInt32,
        glyph: ((Float) -> Unicode.Scalar?)? = nil, isOpen: Bool = false, value: (_ unit: Int, _ step: Int) -> Float?
    ) -> (size: Int, shown: Int) {
        guard !rect.isEmpty, !units.isEmpty else { return (1, 0) }
        let (size, shown) = unitSize(units.count, rows: rect.height, isOpen: isOpen)
        let columns = timeline.columns
        for step in timeline.steps {
            let x = timeline.x(step)
            if isPlain {
                for line in 0..<shown * size {
                    guard let own = value(units[line / size], step) else { continue }
                    // Nearly 0 is neither above nor below it.
                    let shade = abs(own) < 0.05 ? " " : shadeGlyph(own, glyphs: context.capabilities.glyphs)
                    let mark = glyph?(own) ?? shade
                    let ground = colour(own)
                    let style = context.colorless ? Style() : Style(.rgb(contrast(ground)), on: .rgb(ground))
                    canvas.fill(Rect(x: x, y: rect.y + line, width: columns, height: 1), with: Cell(mark, style))
                }
                continue
            }
            for line in 0..<(shown * size + 1) / 2 {
                func pixel(_ half: Int) -> UInt32? {
                    half < shown * size ? value(units[half / size], step).map(colour) : nil
                }
                let (top, bottom) = (pixel(2 * line), pixel(2 * line + 1))
                let cell: Cell =
                    switch (top, bottom) {
                    case (nil, nil): .blank
                    case (let top?, nil): Cell("▀", Style(.rgb(top)))
                    case (nil, let bottom?): Cell("▄", Style(.rgb(bottom)))
                    case (let top?, let bottom?):
                        top == bottom ? Cell(" ", Style(on: .rgb(top))) : Cell("▀", Style(.rgb(top), on: .rgb(bottom)))
                    }
                canvas.fill(Rect(x: x, y: rect.y + line, width: columns, height: 1), with: cell)
            }
        }
        return (size, shown)
    }
}

extension StackLayout {
    /// Whether the next layer's values stand right below a layer's: rows between layers have no room.
    fileprivate func touchesNext(_ row: Row, _ outline: Outline) -> Bool {
        guard let place = rows.firstIndex(where: { $0.layer == row.layer }), place + 1 < rows.count else {
            return false
        }
        let next = rows[place + 1]
        return next.tiles.y == row.tiles.maxY && outline.hasUnits(layer: next.layer)
    }
}

import Datasets
import Engine
import Session
import TerminalKit

/// The steps of a sequence from left to right in the stack, the same columns for all layers.
struct Timeline: Sendable, Hashable {
    /// The steps that are shown.
    let steps: Range<Int>
    /// Of the sequence.
    let count: Int
    /// The columns of a step.
    let pitch: Int
    let x: Int
    let width: Int
    /// The row of the steps' numbers.
    var axisRow = 0
    /// The rows of the layer that is shown at length: its heat maps.
    var main: LayerPath?

    /// Steps are as wide as they fit, or scroll with the cursor.
    /// - Parameters:
    ///   - least, most: the columns that a step needs, and that it has use for.
    init(x: Int, width: Int, count: Int, least: Int, most: Int, cursor: Int) {
        (self.x, self.width, self.count) = (x, max(1, width), count)
        pitch = max(least, min(most, width / max(1, count)))
        let shown = min(max(1, count), max(1, width / pitch))
        let first = min(max(0, cursor - shown / 2), max(0, count - shown))
        steps = first..<first + shown
    }

    /// The left edge of a step's columns.
    func x(_ step: Int) -> Int { x + (step - steps.lowerBound) * pitch }

    /// The step at a column; nil: none.
    func step(atX column: Int) -> Int? {
        guard column >= x, column < x + steps.count * pitch else { return nil }
        return steps.lowerBound + (column - x) / pitch
    }

    /// Columns of a step's value: where there is room, one is left free for the arrow to the next step.
    var columns: Int { pitch >= 3 ? pitch - 1 : pitch }
}

extension Timeline {
    /// "unrolled over 50 steps, n→1", or "50 steps, n→1 · sorted by quotes"
    static func detail(_ context: PlotContext) -> String {
        let kind = context.sequenceKind
        let mapping = (context.scene.task == .reconstruction ? kind?.mappingToItself : kind?.mapping) ?? ""
        let arrow = context.ascii ? mapping.replacing("→", with: "->") : mapping
        guard context.isUnrolled else { return "at step \(context.timeStep + 1) of \(context.moments), \(arrow)" }
        let steps = plural(context.moments, "step")
        guard let property = context.unitProperty else { return "unrolled over \(steps), \(arrow)" }
        return "\(steps), \(arrow) · sorted by \(property.id)"
    }

    /// The time cursor's column, as if through coloured glass.
    func drawCursor(into canvas: inout Canvas, _ rect: Rect, _ context: PlotContext) {
        let (step, theme) = (context.timeStep, context.theme)
        guard steps.contains(step) else { return }
        for y in rect.y..<rect.maxY {
            for x in self.x(step)..<self.x(step) + columns {
                var cell = canvas[x, y]
                if context.colorless {
                    cell.style = Style(bold: true, reverse: true)
                } else {
                    func mixed(_ color: Color) -> Color {
                        guard case .rgb(let own) = color else {
                            return .rgb(mixColors(theme.backdrop, theme.accent, 0.45))
                        }
                        return .rgb(mixColors(own, theme.accent, 0.45))
                    }
                    let (top, bottom) = (
                        canvas.backdrop(x: x, y: y, lower: false), canvas.backdrop(x: x, y: y, lower: true)
                    )
                    if cell.scalar == "▀" || cell.scalar == "▄" || cell.scalar == " " {
                        cell = Cell("▀", Style(mixed(top), on: mixed(bottom)))
                        if context.ascii { cell = Cell(" ", Style(on: mixed(bottom))) }
                    } else {
                        cell.style.background = mixed(cell.style.background)
                    }
                }
                canvas[x, y] = cell
            }
        }
    }
}

/// The height of a layer's row of a timeline.
private struct TimelineNeed {
    var least: Int
    var best: Int
    /// On a large screen, where all have their best.
    var most = 0
}

extension StackLayout {
    /// The rows of a stack over the steps of a sequence: the layer with a memory that is selected, or the first one, has the
    /// room that the others leave.
    /// - Parameters:
    ///   - selected: the line of the selected layer.
    ///   - inspectorRows, titleWidth, scrolled: as for tiles.
    init(
        rect: Rect, places: [StackFlow.Place], context: PlotContext, selected: Int, inspectorRows: Int, titleWidth: Int,
        scrolled: Int
    ) {
        let outline = context.snapshot.outline
        let name = min(titleWidth, rect.width / 3)
        let labelWidth = rect.width >= 80 ? max(15, name + 1) : max(10, name + 1)
        let lines = places.sorted { $0.line < $1.line }
        let main = context.mainMemory(of: lines.first { $0.line == selected }?.layer)
        func need(_ layer: LayerPath) -> TimelineNeed {
            let shape = outline.shape(layer: layer)
            guard shape.axes.count == 2, shape.axes[0] > 1 || layer == main else {
                guard layer == main, let cells = outline[layer]?.cells.last else {
                    return TimelineNeed(least: 1, best: 1)
                }
                return TimelineNeed(least: 4, best: context.memoryRows(of: cells))
            }
            let width = shape.axes[1]
            if layer == main {
                if let cells = outline[layer]?.cells.last {
                    return TimelineNeed(least: 4, best: context.memoryRows(of: cells))
                }
                // The steps that look at each other: lines, and a matrix with half a row, or a whole one, for each step.
                let (lines, steps) = (AttentionMemory.mostLineRows, context.moments)
                return TimelineNeed(least: 4, best: lines + (steps + 1) / 2, most: lines + steps)
            }
            if layer.isInput {
                let words = main == nil ? 0 : 1
                if context.hasLetters { return TimelineNeed(least: 1, best: 1 + words) }
                let rows = context.mapRows(width)
                return TimelineNeed(least: 1, best: min(3, rows) + words, most: min(12, rows) + words)
            }
            if layer == outline.output { return TimelineNeed(least: 1, best: 2) }
            if !outline.hasUnits(layer: layer) { return TimelineNeed(least: 1, best: 1) }
            let rows = context.mapRows(width)
            return TimelineNeed(least: 1, best: min(3, rows), most: min(12, rows))
        }
        let needs = lines.map { need($0.layer) }
        let inspectorHeight = min(inspectorRows, max(0, rect.height - 10))
        let room = rect.height - inspectorHeight - 1
        var shown = 0..<lines.count
        func least(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + needs[$1].least } }
        if least(shown) > room {
            let chosen = min(max(0, selected), lines.count - 1)
            var first = min(max(0, scrolled), chosen)
            func last(_ first: Int) -> Int {
                var (end, left) = (first, room - 2)
                while end < lines.count, left >= needs[end].least || end == first {
                    left -= needs[end].least
                    end += 1
                }
                return end
            }
            while first < chosen, last(first) <= chosen { first += 1 }
            while first > 0, last(first - 1) == lines.count { first -= 1 }
            shown = first..<last(first)
        }
        (above, below) = (shown.lowerBound, lines.count - shown.upperBound)
        aboveRow = rect.y
        var heights = Dictionary(uniqueKeysWithValues: shown.map { ($0, needs[$0].least) })
        var left = room - least(shown) - (above > 0 ? 1 : 0) - (below > 0 ? 1 : 0)
        func grow(_ place: Int, to height: Int, most: Int? = nil) {
            let more = min(max(0, left), max(0, min(height, most ?? needs[place].best) - heights[place]!))
            heights[place]! += more
            left -= more
        }
        let mainPlace = shown.first { lines[$0].layer == main }
        let gaps = max(0, shown.count - 1)
        func isMap(_ place: Int) -> Bool {
            let layer = lines[place].layer
            return !layer.isInput && layer != outline.output && outline.hasUnits(layer: layer)
        }
        var gap = 0
        func separate() {
            guard gap == 0, gaps > 0, left >= gaps else { return }
            gap = 1
            left -= gaps
        }
        // Heat maps that touch cannot be told apart: the rows between layers come before more than five of the main one's.
        let isEarly = left > gaps && zip(shown, shown.dropFirst()).contains { isMap($0) && isMap($1) }
        if let mainPlace { grow(mainPlace, to: isEarly && left < gaps + 4 ? 5 : 7) }
        if isEarly { separate() }
        for place in shown where lines[place].layer.isInput { grow(place, to: .max) }
        separate()
        for place in shown where place != mainPlace { grow(place, to: 2) }
        for place in shown where place != mainPlace { grow(place, to: .max) }
        if let mainPlace { grow(mainPlace, to: .max) }
        for place in shown where place != mainPlace { grow(place, to: .max, most: needs[place].most) }
        if let mainPlace, needs[mainPlace].most <= heights[mainPlace]! + left {
            grow(mainPlace, to: .max, most: needs[mainPlace].most)
        }
        if let mainPlace, let cells = outline[lines[mainPlace].layer]?.cells.last,
            let scale = (2...3).last(where: { context.memoryRows(of: cells, scale: $0) <= heights[mainPlace]! + left })
        {
            let rows = context.memoryRows(of: cells, scale: scale)
            grow(mainPlace, to: rows, most: rows)
        }

        /// Words of the picture stand below the layer's name.
        func isWordless(_ place: Int) -> Bool {
            place == mainPlace || lines[place].layer.isInput || lines[place].layer == outline.output
        }
        var y = rect.y + (above > 0 ? 1 : 0)
        rows = shown.map { place in
            let height = heights[place]!
            defer { y += height + gap }
            return Row(
                layer: lines[place].layer,
                label: Rect(
                    x: rect.x, y: y, width: labelWidth, height: isWordless(place) ? 1 : min(height, 3)),
                tiles: Rect(x: rect.x + labelWidth + 1, y: y, width: rect.width - labelWidth - 1, height: height))
        }
        var timeline = Timeline(
            x: rect.x + labelWidth + 1, width: rect.width - labelWidth - 2, count: context.moments,
            least: context.wordColumns(in: rect.width - labelWidth - 2), most: context.stepColumns,
            cursor: context.timeStep)
        timeline.axisRow = y - gap + (below > 0 ? 1 : 0)
        timeline.main = main
        self.timeline = timeline
        (tileWidth, tileHeight, showsLinks) = (2, 1, true)
        inspector = Rect(x: rect.x, y: rect.maxY - inspectorHeight, width: rect.width, height: inspectorHeight)
        readout = Rect(x: rect.x, y: inspector.y, width: rect.width, height: 0)
    }
}

extension PlotContext {
    /// Whether the stack opens into time.
    var isUnrolled: Bool { canUnroll && (!plots.stack.foldsTime || plots.walk != nil) }

    /// Whether the data are sequences and a layer has steps.
    var canUnroll: Bool {
        sequenceChoice != nil
            && ([.input] + snapshot.outline.allPaths).contains { snapshot.outline.hasSteps(layer: $0) }
    }

    /// The layer whose memory is shown at length: the given one, or the first that has one; nil: none.
    func mainMemory(of layer: LayerPath?) -> LayerPath? {
        let outline = snapshot.outline
        if let layer, !layer.isInput, outline.hasMemory(layer: layer) { return layer }
        return outline.allPaths.first { outline.hasMemory(layer: $0) }
    }

    /// The rows for which cells have use: each part of theirs has all units, the chosen one in twice the height.
    fileprivate func memoryRows(of cells: Outline.Cells) -> Int {
        (MemoryPart.all(of: cells).count + 1) * (rows(of: cells) + 1)
    }

    /// The rows of all parts of cells, a blank one between them, each unit as high as so many rows of half cells.
    fileprivate func memoryRows(of cells: Outline.Cells, scale: Int) -> Int {
        let parts = MemoryPart.all(of: cells).count
        return (parts + 1) * scale * rows(of: cells) + parts - 1
    }

    func rows(of cells: Outline.Cells) -> Int { mapRows(cells.units) }

    /// The rows of a heat map in which each unit has half a cell's height, or without colours a cell's.
    func mapRows(_ units: Int) -> Int {
        let perRow = colorless || ascii ? 1 : 2
        return (units + perRow - 1) / perRow
    }

    /// The columns of the longest word of the symbols.
    private var longestWord: Int {
        snapshot.data.sequence?.symbols.reduce(1) { max($0, columnWidth(symbolText($1))) } ?? 1
    }

    /// The columns that a step has use for: its word, or a value with an arrow to the next.
    var stepColumns: Int { snapshot.data.sequence == nil ? 1 : max(8, min(14, longestWord + 1)) }

    /// The columns that a step needs at least: enough to tell its word, where then half of the steps or more are in sight; else as
    /// many steps as there are columns, for the overview.
    func wordColumns(in width: Int) -> Int { longestWord > 3 && 5 * moments <= 2 * width ? 5 : 1 }

    /// Whether each step of the chosen sequence is one of several symbols; else its values are amounts.
    var hasLetters: Bool {
        guard let choice = sequenceChoice else { return false }
        return SequenceText(snapshot, choice).names.allSatisfy { !$0.isEmpty }
    }

    /// The cells of a layer that are shown, of several rows of them the chosen one.
    func shownCells(of layer: LayerPath) -> (trace: CellTrace, gradient: CellGradient?)? {
        guard let values = steps(of: layer), !values.cells.isEmpty else { return nil }
        let index = plots.stack.memoryRow % values.cells.count
        return (values.cells[index], values.gradients.indices.contains(index) ? values.gradients[index] : nil)
    }

    /// A layer's values over the steps; nil: the viewer has not made them yet.
    func steps(of layer: LayerPath) -> StepValues? {
        guard let sequence = shown?.sequence, sequence.choice == sequenceChoice else { return nil }
        return sequence[layer]
    }
}

import Engine
import Session
import TerminalKit

/// The keys of a stack over sequences.
enum TimelineCommands {
    static let all: [Command] = [
        Command(
            "memory.part", "of a recurrent layer the state, the cell, each gate, or the gradient of the loss",
            hint: "part", keys: ["T"], panels: [.stack], disabled: needsCells
        ) { $0.plots.stack.memoryPart += 1 }.during(.walk).for(.sequences),
        Command(
            "memory.row", "of a recurrent layer the next of its layers and directions", hint: "cells", keys: ["Y"],
            panels: [.stack],
            disabled: { app in
                needsCells(app)
                    ?? (cells(app).count > 1 ? nil : "the layer has one row of cells")
            }
        ) { $0.plots.stack.memoryRow += 1 }.during(.walk).for(.sequences),
        Command(
            "memory.order", "sort the units by how well they follow a property of the steps", hint: "sort",
            keys: ["O"], panels: [.stack], disabled: needsCells
        ) { sort(&$0) }.for(.sequences),
        Command(
            "time.unroll", "sequences: the stack over all steps, or folded at one of them, its loops closed",
            hint: "unroll", keys: ["U"], panels: [.stack], disabled: needsSteps
        ) { $0.plots.stack.foldsTime.toggle() }.for(.sequences),
    ]

    @Sendable private static func needsSteps(_ app: App) -> String? {
        guard let context = app.plotContext else { return "there is no network yet" }
        return context.canUnroll ? nil : "the data are no sequences"
    }

    /// The rows of cells of the layer whose memory is shown.
    private static func cells(_ app: App) -> [Outline.Cells] {
        guard let context = app.plotContext, context.isUnrolled,
            let layer = context.mainMemory(of: app.selectedLayer)
        else { return [] }
        return context.snapshot.outline[layer]?.cells ?? []
    }

    @Sendable private static func needsCells(_ app: App) -> String? {
        needsSteps(app) ?? (cells(app).isEmpty ? "no recurrent layer is unrolled here" : nil)
    }

    /// On to the next property that the sequence has, and back to the units' own order.
    private static func sort(_ app: inout App) {
        guard let context = app.plotContext, let choice = context.sequenceChoice else { return }
        let text = SequenceText(context.snapshot, choice)
        let known = UnitProperty.all.filter { !$0.series(text).isEmpty }
        let place = known.firstIndex { $0.id == app.plots.stack.unitOrder }.map { $0 + 1 } ?? 0
        guard known.indices.contains(place) else {
            app.plots.stack.unitOrder = nil
            app.notice = "the units in their own order"
            return
        }
        app.plots.stack.unitOrder = known[place].id
        app.notice = Notice("the units sorted by how well they follow the steps by \(known[place].words)")
    }
}

extension TimelineDrawing {
    /// The unit and the step under the mouse.
    func pointed(x: Int, y: Int) -> Pointed {
        var pointed = Pointed()
        guard let step = timeline.step(atX: x), step < context.moments,
            let row = layout.rows.first(where: { $0.tiles.contains(x: x, y: y) })
        else { return pointed }
        pointed.timeStep = step
        guard row.layer == timeline.main,
            let section = CellMemory(self, row)?.sections.first(where: { $0.rect.contains(x: x, y: y) })
        else { return pointed }
        let place = (y - section.rect.y) * (isPlain ? 1 : 2) / max(1, section.size)
        if section.units.indices.contains(place) {
            pointed.cursor = NetworkCursor(layer: row.layer, unit: section.units[place])
        }
        return pointed
    }

    /// The numbers of the unit under the cursor, where they have rows of their own.
    func drawReadout(into canvas: inout Canvas) {
        guard context.plots.walk == nil,
            let cursor = context.plots.looksAt.flatMap({ NetworkPanel.fitted($0, outline) })
        else { return }
        NetworkReadout(cursor, context).draw(into: &canvas, layout.readout.inset(left: 1, right: 1))
    }
}

/// One unit of a recurrent layer at one step, in numbers.
struct MemoryReadout {
    private let context: PlotContext
    private let trace: CellTrace
    private let gradient: CellGradient?
    private let unit: Int

    /// nil: the cursor is on no cell.
    init?(_ cursor: NetworkCursor, _ context: PlotContext) {
        guard context.isUnrolled, let (trace, gradient) = context.shownCells(of: cursor.layer) else { return nil }
        (self.context, self.trace, self.gradient) = (context, trace, gradient)
        unit = cursor.unit % trace.cells.units
    }

    /// - Returns: the rows that were used.
    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let theme = context.theme
        let step = min(context.timeStep, trace.cells.steps - 1)
        canvas.write(
            "unit \(unit + 1) at step \(step + 1)", x: rect.x, y: rect.y, style: Style(theme.text, bold: true),
            limit: rect.width)
        let parts = MemoryPart.all(of: trace.cells).filter { $0.source != .gradient || gradient != nil }
        let rows = max(1, rect.height - 1)
        let columns = max(1, min((parts.count + rows - 1) / rows, rect.width / 16))
        let perColumn = min(rows, (parts.count + columns - 1) / columns)
        let width = columns > 1 ? rect.width / columns - 2 : min(rect.width, 40)
        for (index, part) in parts.prefix(perColumn * columns).enumerated() {
            let x = rect.x + index / perColumn * (width + 2)
            let y = rect.y + 1 + index % perColumn
            let used = canvas.write(part.letter, x: x, y: y, style: Style(.rgb(theme.accent), bold: true)) + 1
            let value = part.value(trace, gradient, unit: unit, at: step) ?? 0
            let number =
                part.source == .gradient
                ? formatNumber(Double(value), digits: 3) : formatFixed(Double(value), decimals: 3)
            canvas.write(
                part.words, x: x + used, y: y, style: Style(theme.quiet),
                limit: max(0, width - used - columnWidth(number) - 1))
            canvas.writeRight(number, maxX: x + width, y: y, style: Style(theme.text))
        }
        return 1 + perColumn
    }
}

import Engine
import Session
import TerminalKit

/// The stack on the screen: the layers' names, the network's picture beside them, and the knobs of the selected layer below.
struct StackDrawing: ScreenPart {
    let app: App
    /// The panel below its title.
    let content: Rect

    func draw(into frame: inout Frame) {
        let stack = app.stackLayout(content)
        if !stack.namesAbove, let area = app.layout.area(.stack), area.tab == nil, let context = app.plotContext {
            let words = NetworkPanel.detail(context)
            frame.canvas.write(words.isEmpty ? "" : "\(words) ", x: content.x + 8, y: content.y - 1, style: quiet)
        }
        drawColumnTitles(into: &frame, stack)
        if let context = app.plotContext(of: .stack), let sheet = TileSheet(context) {
            frame.hit(content, .stack, .panel)
            return sheet.draw(into: &frame.canvas, content.inset(left: 1, right: 1))
        }
        for row in stack.rows {
            // A whole row can be clicked; tiles lie above it.
            if stack.isAlone(row) {
                let whole = Rect(
                    x: content.x, y: row.label.y, width: content.width,
                    height: max(row.label.height, row.tiles.maxY - row.label.y))
                frame.hit(whole, .stack, .layer(row.layer))
            } else {
                frame.hit(row.label, .stack, .layer(row.layer))
                frame.hit(row.tiles, .stack, .layer(row.layer))
            }
            if !stack.namesAbove { drawLabel(into: &frame, row, isOneLine: stack.compact) }
        }
        if let context = app.plotContext(of: .stack), let timeline = TimelineDrawing(context, stack) {
            timeline.draw(into: &frame.canvas)
            timeline.drawReadout(into: &frame.canvas)
        } else {
            drawNetwork(into: &frame, stack)
        }
        drawMarks(of: stack, into: &frame.canvas)
        if stack.marks.isEmpty, stack.above > 0 {
            frame.canvas.write("▴ \(stack.above) more", x: content.x + 1, y: stack.aboveRow, style: quiet)
        }
        if stack.marks.isEmpty, stack.below > 0 {
            let y = max(content.y, min(stack.readout.y, stack.inspector.y) - 1)
            frame.canvas.write("▾ \(stack.below) more", x: content.x + 1, y: y, style: quiet)
        }
        drawInspector(into: &frame, stack.inspector)
    }

    /// The names of two stacks side by side, in the panel's title.
    private func drawColumnTitles(into frame: inout Frame, _ stack: StackLayout) {
        guard stack.namesAbove, app.layout.area(.stack)?.tab == nil, let last = stack.rows.last?.label.x else { return }
        let (y, first) = (content.y - 1, content.x + 8)
        let words = app.plotContext.map(NetworkPanel.detail) ?? ""
        // The kind of picture stands behind both names, or behind their letters where there is no room.
        let behind = words.isEmpty ? "" : "· \(words) "
        let end = last - 1 + columnWidth(" discriminator \(behind)")
        guard last > content.x + 18, end > content.maxX - 5, let word = words.split(separator: " ").first else {
            frame.canvas.write("generator ", x: first, y: y, style: quiet)
            if last > content.x + 18 {
                frame.canvas.write(" discriminator \(behind)", x: last - 1, y: y, style: quiet)
            }
            return
        }
        frame.canvas.write("G · \(word) ", x: first, y: y, style: quiet)
        frame.canvas.write(" D · \(word) ", x: last - 1, y: y, style: quiet)
    }

    /// The number of layers of each column that are out of sight.
    private func drawMarks(of stack: StackLayout, into canvas: inout Canvas) {
        for mark in stack.marks {
            canvas.write("\(mark.isAbove ? "▴" : "▾") \(mark.count) more", x: mark.x + 1, y: mark.y, style: quiet)
        }
    }

    private func drawNetwork(into frame: inout Frame, _ stack: StackLayout) {
        guard let context = app.plotContext(of: .stack) else { return }
        NetworkPanel.draw(into: &frame.canvas, layout: stack, context: context)
        // Links pass behind the names that stand between the tiles.
        if stack.namesAbove {
            for row in stack.rows { drawLabel(into: &frame, row, isOneLine: true) }
        }
        drawPointedNumber(into: &frame, context)
    }

    /// The number of the link or bias under the mouse, beside it.
    private func drawPointedNumber(into frame: inout Frame, _ context: PlotContext) {
        let pointed = app.plots.pointed
        guard let cursor = pointed.cursor, let area = app.layout.area(.stack),
            let parameter = NetworkPanel.parameter(at: cursor, snapshot: context.snapshot)
        else { return }
        let text = " \(formatNumber(Double(parameter.value), digits: 4)) "
        let width = columnWidth(text)
        let x = max(area.rect.x, min(pointed.x + 2, area.rect.maxX - width))
        let y = max(area.rect.y + 1, pointed.y - 1)
        frame.canvas.write(text, x: x, y: y, style: Style(.rgb(theme.accent), on: theme.selection, bold: true))
    }

    private func layerDetails(
        _ layer: LayerPath, wholeCount: Bool = false
    ) -> (activation: String, parameters: String, shape: String) {
        if layer.isInput {
            if let noise = app.experiment.noise {
                let sample = shownSample.map { "no. \($0.row + 1)" } ?? ""
                return (noise.isNormal ? "normal" : "uniform", sample, "")
            }
            if app.isInputUnknown { return ("", "", "") }
            if app.columns.isEmpty {
                return (["values", "steps", "pixels"][min(app.inputShape.axes.count, 3) - 1], "", "")
            }
            return (app.inputShape.count == 1 ? "feature" : "features", "", "")
        }
        guard let described = app.outline?[layer] else { return ("", "", "") }
        if let end = app.experiment.generatorEnd, layer == LayerPath(end) {
            if let sample = shownSample, sample.isReal {
                let name = app.plotContext?.realClass(sample.row) ?? ""
                return (name, "no. \(sample.row + 1)", "→ \(described.output)")
            }
            return ("or real", "", "→ \(described.output)")
        }
        // An activation as a layer of its own is its title already.
        let function = described.activation.flatMap { Catalogue.entry(.activation, $0.id)?.title } ?? ""
        let activation = function == described.title ? "" : function
        let count = described.parameterCount
        let parameters =
            count == 0
            ? ""
            : wholeCount || count < 1000
                ? formatCount(count, "parameter") : "\(formatShort(Double(count))) parameters"
        return (activation, parameters, "→ \(described.output)")
    }

    /// The generated or real sample whose values stand in the stack; nil: none.
    private var shownSample: AdversarialSample? {
        guard let context = app.plotContext, let sample = context.adversarialSample,
            context.plots.walk.map({ $0.mode == .way }) ?? context.scene.generatesImages
        else { return nil }
        return sample
    }

    /// A layer's title in two lines where it is too long for one: "globalMean" and "Pool".
    static func lines(ofTitle title: String, columns: Int) -> [String] {
        guard columnWidth(title) > columns else { return [title] }
        let halves = title.indices.reversed().lazy.filter { title[$0].isUppercase || title[$0] == " " }.map { cut in
            [String(title[..<cut]), String(title[cut...].drop { $0 == " " })]
        }
        return halves.first { $0.allSatisfy { !$0.isEmpty && columnWidth($0) <= columns } } ?? [title]
    }

    private func drawLabel(into frame: inout Frame, _ row: StackLayout.Row, isOneLine: Bool) {
        let selected = row.layer == app.shown(app.selectedLayer)
        let focused = app.focus == .stack
        var ground = Color.standard
        if selected {
            ground = focused ? theme.selection : .standard
            frame.canvas.fill(row.label, with: Cell(" ", Style(theme.text, on: ground)))
        }
        let name =
            selected && focused ? self.selected : Style(theme.text, on: ground, bold: true)
        let detail = Style(theme.quiet, on: ground)
        let (activation, parameters, _) = layerDetails(row.layer)
        let label = row.label
        if isOneLine {
            let isReal =
                app.experiment.generatorEnd.map { row.layer == LayerPath($0) } == true && shownSample?.isReal == true
            // In a list the layers of an open block stand a step to the right.
            let step = label.width < 30 ? 0 : 2 * min(row.layer.inside.count, 3)
            let written =
                step
                + frame.canvas.write(
                    isReal ? "real" : app.layerTitle(row.layer), x: label.x + 1 + step, y: label.y, style: name,
                    limit: label.width - 2 - step)
            // Facts that do not fit are left out, the count before the activation.
            let x = label.x + max(label.width < 30 ? 0 : 11, written + 2)
            let end = x + columnWidth(activation)
            if !activation.isEmpty, end < label.maxX {
                // No link shows between the words.
                let after = label.x + 1 + written
                frame.canvas.fill(
                    Rect(x: after, y: label.y, width: x - after, height: 1),
                    with: Cell(" ", Style(theme.text, on: ground)))
                frame.canvas.write(activation, x: x, y: label.y, style: detail)
            }
            if end + 1 + columnWidth(parameters) < label.maxX {
                frame.canvas.writeRight(parameters, maxX: label.maxX - 1, y: label.y, style: detail)
            }
            return
        }
        // A narrow label has no room for a margin.
        let margin = label.width > 8 ? 1 : 0
        let width = label.width - margin
        var y = label.y
        // Facts that do not fit are left out: the selected layer's facts stand above its knobs.
        let marks = app.outline?[row.layer]?.marks ?? []
        var title = app.layerTitle(row.layer)
        var details = [activation] + marks + [row.layer.placeInBlock ?? "", parameters]
        // An input's shape has a line of its own where it has no room beside the word.
        if row.layer.isInput, columnWidth(title) > width, let space = title.firstIndex(of: " ") {
            details[0] = String(title[space...].dropFirst())
            title = String(title[..<space])
        }
        details = details.filter { !$0.isEmpty && columnWidth($0) <= width }
        let titles = label.height > 1 ? Self.lines(ofTitle: title, columns: width) : [title]
        for (index, line) in (titles + details).enumerated() {
            guard y < label.maxY else { break }
            let style = index < titles.count ? name : detail
            frame.canvas.write(line, x: label.x + margin, y: y, style: style, limit: width)
            y += 1
        }
        if y < label.maxY {
            app.drawHealth(
                of: row.layer, into: &frame.canvas, x: label.x + margin, y: label.maxY - 1, width: width, ground: ground
            )
        }
    }

    /// The knobs of the selected layer, in columns.
    private func drawInspector(into frame: inout Frame, _ rect: Rect) {
        guard rect.height >= 2, let list = app.editing.rows[.stack] else { return }
        let layer = app.selectedLayer.outermost
        let title: String =
            if layer.isInput {
                "Input"
            } else if layer.index == app.experiment.layers.count {
                "Output layer"
            } else {
                "Layer \(layer.index + 1) of \(app.experiment.layers.count)"
            }
        let y = rect.y
        drawPanelTitle(
            into: &frame.canvas, rect: rect, title: title, key: nil, focused: false, theme: theme,
            capabilities: capabilities)
        let marks = app.outline?[layer]?.marks ?? []
        func all(wholeCount: Bool) -> [String] {
            let (_, parameters, shape) = layerDetails(layer, wholeCount: wholeCount)
            return ([shape, parameters] + marks).filter { !$0.isEmpty }
        }
        // As many facts as leave the title whole, the count with all its digits where these have room.
        let room = rect.width - columnWidth(title) - 6
        var shown = all(wholeCount: true)
        if columnWidth(shown.joined(separator: " · ")) > room { shown = all(wholeCount: false) }
        while !shown.isEmpty, columnWidth(shown.joined(separator: " · ")) > room { shown.removeLast() }
        let facts = shown.joined(separator: " · ")
        if !facts.isEmpty { frame.canvas.writeRight(" \(facts) ", maxX: rect.maxX - 1, y: y, style: quiet) }
        if layer.isInput {
            let words =
                app.experiment.noise != nil
                ? "the layers up to “generated” make samples of noise; those behind it tell them from real ones"
                : app.inputShape.axes.count == 2
                    ? "sequences enter step by step; \(app.label("sequence.previous")) and \(app.label("sequence.next")) choose one, \(app.label("time.back")) and \(app.label("time.forward")) a step"
                    : app.columns.isEmpty
                        ? "images enter as they are; training may change them: Augment (\(app.label("focus.features")))"
                        : "chosen in the panel Features (\(app.label("focus.features")))"
            let room = Rect(x: rect.x + 1, y: y + 1, width: rect.width - 2, height: max(1, rect.maxY - y - 1))
            drawWrapped(into: &frame.canvas, room, text: words, style: quiet)
            return
        }
        let columns = app.inspectorColumns(rect.width)
        let step = rect.width / columns
        let lines = rect.maxY - y - 1
        let indices = list.indices.filter { list[$0].layer?.outermost == layer }
        let perColumn = max(1, (indices.count + columns - 1) / columns)
        let selected = indices.firstIndex(of: app.editing.selection[.stack] ?? -1) ?? 0
        let scroll = min(max(0, selected % perColumn - lines + 1), max(0, perColumn - lines))
        for (place, index) in indices.enumerated() {
            let line = place % perColumn - scroll
            guard line >= 0, line < lines else { continue }
            RowDrawing(app: app).drawSetting(
                into: &frame,
                Rect(
                    x: rect.x + place / perColumn * step, y: y + 1 + line, width: step - (columns > 1 ? 1 : 0),
                    height: 1),
                .stack, index)
        }
    }
}

import Engine
import Session
import TerminalKit

extension PanelID {
    static let stack = PanelID("stack")
}

extension Panel {
    /// The stack as an editor: each layer's name beside its tiles, and the selected layer's knobs below.
    static let stack = Panel(
        id: .stack, title: "Stack", place: .network,
        words: "The layers from the input to the output: what each is, its settings, its pictures and its weights.",
        watch:
            "Tiles of one colour (units that say nothing), tiles that are alike, and links that fade from the output to the input.",
        heights: Heights(least: 12, best: 18, ample: 24, rank: 3),
        commands: [WalkCommands.start] + TimelineCommands.all + LayerCommands.all
            + NetworkPanel.commands
            + NetworkPanel.cursorCommands + WalkCommands.all,
        editor: Editor(
            rows: \.stack, firstRow: { $0.firstIndex { $0.layer == 0 && $0.indented } ?? 0 }, varied: 1),
        modes: [
            Mode(commands: WalkCommands.all, isOn: { $0.plots.walk != nil }),
            Mode(commands: NetworkPanel.cursorCommands, isOn: { $0.plots.cursor != nil }),
        ],
        draw: { app, frame, rect in app.drawStack(into: &frame, panelContent(of: rect)) },
        detail: { context in
            let words = NetworkPanel.detail(context)
            return words.isEmpty ? "" : "Stack \(words)"
        },
        request: { app, context, rect, request in
            let stack = app.stackLayout(panelContent(of: rect))
            request.sequence = context.sequenceChoice
            if context.isUnrolled {
                request.stepLayers = stack.rows.map(\.layer)
                request.asksOfLoss =
                    request.asksOfLoss
                    || stack.timeline?.main.map { !(context.snapshot.outline[$0]?.cells.isEmpty ?? true) } ?? false
                return
            }
            request.timeStep = context.timeStep
            let tiles = NetworkPanel.tiles(
                layout: stack, outline: context.snapshot.outline, cursor: app.plotContext?.tileCursor)
            request.tileSize = tiles.size
            request.tiles = tiles.rows
            request.image = context.imageChoice
            if context.scene.generatesImages, context.plots.walk?.mode != .motion {
                request.adversarialSample = context.adversarialSample
            }
            if context.environment != nil, request.game == nil { request.game = context.plots.game }
            request.scalesByTile = app.plots.scalesByTile
            request.tilesAreGradients = context.pictures == .gradients
            if let sheet = TileSheet(context) { request.walked = sheet.cursor.layer }
            request.probed = app.plots.looksAt.map { ViewRequest.Neuron(layer: $0.layer, unit: $0.unit) }
        },
        point: { app, context, x, y, rect in
            var pointed = Pointed()
            let layout = app.stackLayout(panelContent(of: rect))
            if let drawing = TimelineDrawing(context, layout) { return drawing.pointed(x: x, y: y) }
            pointed.cursor = NetworkPanel.hit(x: x, y: y, layout: layout, context: context)
            pointed.mapPixel = NetworkPanel.mapPixel(x: x, y: y, layout: layout, context: context)
            return pointed
        },
        putCursor: { app, pointed in
            if let step = pointed.timeStep { app.plots.timeStep = step }
            guard app.plots.walk != nil else {
                // A second click on a map enlarges it.
                if let cursor = pointed.cursor, cursor.from == nil, cursor == app.plots.cursor,
                    app.snapshot?.outline.hasMaps(layer: cursor.layer) == true
                {
                    app.plots.enlargesTile = true
                    return
                }
                app.plots.enlargesTile = false
                return app.setCursor(pointed.cursor)
            }
            guard let cursor = pointed.cursor else { return }
            app.moveWalk(to: cursor.layer, unit: cursor.unit, pixel: pointed.mapPixel)
        },
        explain: { app in
            guard let cursor = app.explained, let snapshot = app.snapshot else { return nil }
            return Explanation(of: cursor, in: snapshot)
        },
        settle: { app, content in
            let stack = app.stackLayout(content)
            app.editing.scrolls[.stack] = stack.above
            guard stack.timeline == nil else { return }
            if let outline = app.snapshot?.outline {
                let tiles = NetworkPanel.tiles(layout: stack, outline: outline, cursor: app.plotContext?.tileCursor)
                app.editing.firstUnits = Dictionary(
                    uniqueKeysWithValues: tiles.rows.map { ($0.layer, $0.units.lowerBound) })
            }
        },
        findings: { app in
            Catalogue.entries(.layer).map { entry in
                Finding(
                    title: "add a layer: \(entry.title)", detail: entry.id, summary: entry.summary,
                    keywords: "layer kind", disabled: app.takenAway("layers") ?? app.takenAway("layerCount")
                ) { app in
                    let place = LayerPath(min(max(0, app.selectedLayer.index + 1), app.experiment.layers.count))
                    app.show(.stack)
                    let row = app.selectedRow(of: .stack)
                    app.act(.insertLayer(Choice(entry.id), at: place))
                    app.select(layer: place, like: row)
                }
            }
        })
}

extension EditorRows {
    var stack: [EditorRow] {
        var rows = [
            EditorRow(
                kind: .input, knob: nil, title: "input",
                value: "\(input)", layer: .input)
        ]
        for index in experiment.layers.indices {
            rows += choice("layers.\(index)", .layer, title: "kind", layer: LayerPath(index))
        }
        let output = LayerPath(experiment.layers.count)
        rows += choice("output.activation", .activation, title: "activation", layer: output, optional: true)
        rows += choice("output.initializer", .initializer, layer: output)
        rows += choice("output.loss", .loss, layer: output, optional: true)
        if experiment.usesBonds { rows += [setting("output.frozen", layer: output)].compactMap(\.self) }
        return rows
    }
}

extension App {
    /// Knob rows below the network: enough for the layer with the most, so that nothing moves when another is selected; a
    /// block's many rows scroll, so that the network stays in sight.
    private func inspectorRows(columns: Int, height: Int) -> Int {
        if plots.walk != nil { return 0 }
        var counts: [LayerPath: Int] = [:]
        for row in editing.rows[.stack] ?? [] where row.kind != .input {
            counts[row.layer?.outermost ?? 0, default: 0] += 1
        }
        // Pictures need the room more than knobs that scroll.
        let hasPictures = outline?.hasHiddenMaps == true || plotContext?.isUnrolled == true
        let most = hasPictures ? max(5, height / 4) : max(7, height / 3)
        return min(1 + ((counts.values.max() ?? 0) + columns - 1) / columns, most)
    }

    /// As many columns as let every label and value stand whole.
    private func inspectorColumns(_ width: Int) -> Int { max(1, min(3, width / 34)) }

    /// The layers that are shown, on their lines. Blocks are open as long as all of it fits, else those that were opened.
    /// - Parameter content: the panel below its title; in a narrow one the stacks of a block stand one below the other.
    private func stackFlow(_ content: Rect) -> StackFlow {
        guard let outline else {
            let inputs = inputShape.axes.count == 3 ? inputShape.axes[0] : inputShape.count
            return StackFlow(layers: experiment.layers.count, inputs: max(1, inputs))
        }
        let sideBySide = content.width >= 56
        // The blocks around the layer that is walked through are open.
        let walked = plots.walk?.layer
        func isAround(_ block: LayerPath) -> Bool { walked.map { $0 != block && block.contains($0) } ?? false }
        let closed = plots.closed.filter { !isAround($0) }
        if plotContext?.isUnrolled == true {
            // Steps within steps have no columns of their own.
            let repeated = outline.blocks.filter { block in
                outline.hasSteps(layer: block)
                    && outline[block]!.leaves.contains { $0.output.axes.count == 1 && $0.repeats == 1 }
            }
            return StackFlow(outline, closed: closed.union(repeated), sideBySide: false)
        }
        let open = StackFlow(outline, closed: closed, sideBySide: sideBySide)
        let room =
            content.height - inspectorRows(columns: inspectorColumns(content.width), height: content.height)
        // A tile and the links above it.
        let rows = open.lines * (1 + NetworkLinks.leastRows)
        if rows <= room { return open }
        let others = outline.blocks.filter { !plots.opened.contains($0) && !isAround($0) }
        return StackFlow(outline, closed: closed.union(others), sideBySide: sideBySide)
    }

    private var shownFlow: StackFlow {
        stackFlow(layout.area(.stack).map { panelContent(of: $0.rect) } ?? Rect(x: 0, y: 0, width: 0, height: 0))
    }

    /// The layers that are shown, from the input on.
    var shownLayers: [LayerPath] { shownFlow.places.map(\.layer) }

    /// The layer itself, or the closed block that it is inside.
    func shown(_ layer: LayerPath) -> LayerPath { shownFlow.place(of: layer)?.layer ?? layer }

    /// The stack's rows for the present document, in the panel below its title.
    func stackLayout(_ content: Rect) -> StackLayout {
        let flow = stackFlow(content)
        let selected = flow.place(of: selectedLayer)?.line ?? 0
        let inspectorRows = inspectorRows(columns: inspectorColumns(content.width), height: content.height)
        let titleWidth = flow.places.map { columnWidth(layerTitle($0.layer)) }.max()!
        let (scrolled, footRows) = (editing.scrolls[.stack] ?? 0, plotContext?.hasClassUnits == true ? 1 : 0)
        var stack =
            if let context = plotContext, context.isUnrolled, outline == context.snapshot.outline {
                StackLayout(
                    rect: content, places: flow.places, context: context, selected: selected,
                    inspectorRows: inspectorRows, titleWidth: titleWidth, scrolled: scrolled)
            } else if let outline, outline.hasHiddenMaps, let end = experiment.generatorEnd,
                content.width >= StackLayout.leastColumnsWidth
            {
                StackLayout(
                    rect: content, columns: flow.columns(endingAt: end), needs: pictureNeeds(flow, outline, footRows),
                    selected: flow.place(of: selectedLayer)?.layer ?? .input, inspectorRows: inspectorRows,
                    scrolled: scrolled, showsKernels: plots.stackPictures != .kernels)
            } else if let outline, outline.hasHiddenMaps {
                StackLayout(
                    rect: content, places: flow.places, needs: pictureNeeds(flow, outline, footRows),
                    selected: selected, inspectorRows: inspectorRows, titleWidth: titleWidth, scrolled: scrolled,
                    showsKernels: plots.stackPictures != .kernels, keepsInput: plots.walk != nil)
            } else if let end = experiment.generatorEnd, content.width >= StackLayout.leastColumnsWidth {
                StackLayout(
                    rect: content, columns: flow.columns(endingAt: end), bands: [LayerPath(end)],
                    selected: flow.place(of: selectedLayer)?.layer ?? .input, inspectorRows: inspectorRows,
                    scrolled: scrolled, footRows: footRows)
            } else {
                StackLayout(
                    rect: content, places: flow.places, selected: selected, inspectorRows: inspectorRows,
                    titleWidth: titleWidth, scrolled: scrolled, footRows: footRows)
            }
        stack.firstUnits = editing.firstUnits
        if plots.cursor != nil, layout.explain == nil { stack.readOutInsteadOfInspecting() }
        return stack
    }

    private func pictureNeeds(_ flow: StackFlow, _ outline: Outline, _ footRows: Int) -> [LayerPath: PictureNeed] {
        Dictionary(
            uniqueKeysWithValues: flow.places.map { ($0.layer, PictureNeed($0.layer, outline, footRows: footRows)) })
    }

    fileprivate func drawStack(into frame: inout Frame, _ content: Rect) {
        let stack = stackLayout(content)
        if !stack.namesAbove, let area = layout.area(.stack), area.tab == nil, let context = plotContext {
            let words = NetworkPanel.detail(context)
            frame.canvas.write(words.isEmpty ? "" : "\(words) ", x: content.x + 8, y: content.y - 1, style: quiet)
        }
        drawColumnTitles(into: &frame, stack, content)
        if let context = plotContext(of: .stack), let sheet = TileSheet(context) {
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
        if let context = plotContext(of: .stack), let timeline = TimelineDrawing(context, stack) {
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
    private func drawColumnTitles(into frame: inout Frame, _ stack: StackLayout, _ content: Rect) {
        guard stack.namesAbove, layout.area(.stack)?.tab == nil, let last = stack.rows.last?.label.x else { return }
        let (y, first) = (content.y - 1, content.x + 8)
        let words = plotContext.map(NetworkPanel.detail) ?? ""
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

    /// The data could not be read, or not yet, since the program began.
    private var isInputUnknown: Bool { snapshot == nil && (failure != nil || reading.data != nil) }

    /// A layer's title, as soon as it is edited: "dense 4".
    func layerTitle(_ layer: LayerPath) -> String {
        if layer.isInput {
            return experiment.noise.map { "noise \($0.dimensions)" }
                ?? (isInputUnknown ? "input" : "input \(inputShape)")
        }
        guard let choice = experiment.layer(at: layer) else {
            return outline?.layers.last.map { "output \($0.output)" } ?? "output"
        }
        if let own = outline?[layer] { return own.title + (own.isFrozen ? " *" : "") }
        return Catalogue.entry(.layer, choice.id)?.title ?? choice.id
    }

    private func layerDetails(_ layer: LayerPath) -> (activation: String, parameters: String, shape: String) {
        if layer.isInput {
            if let noise = experiment.noise {
                let sample = shownSample.map { "no. \($0.row + 1)" } ?? ""
                return (noise.isNormal ? "normal" : "uniform", sample, "")
            }
            if isInputUnknown { return ("", "", "") }
            if columns.isEmpty { return (["values", "steps", "pixels"][min(inputShape.axes.count, 3) - 1], "", "") }
            return (inputShape.count == 1 ? "feature" : "features", "", "")
        }
        guard let described = outline?[layer] else { return ("", "", "") }
        if let end = experiment.generatorEnd, layer == LayerPath(end) {
            if let sample = shownSample, sample.isReal {
                let name = plotContext?.realClass(sample.row) ?? ""
                return (name, "no. \(sample.row + 1)", "→ \(described.output)")
            }
            return ("or real", "", "→ \(described.output)")
        }
        // An activation as a layer of its own is its title already.
        let function = described.activation.flatMap { Catalogue.entry(.activation, $0.id)?.title } ?? ""
        let activation = function == described.title ? "" : function
        let parameters =
            described.parameterCount > 0 ? "\(formatShort(Double(described.parameterCount))) parameters" : ""
        return (activation, parameters, "→ \(described.output)")
    }

    /// The generated or real sample whose values stand in the stack; nil: none.
    private var shownSample: AdversarialSample? {
        guard let context = plotContext, let sample = context.adversarialSample,
            context.plots.walk.map({ $0.mode == .way }) ?? context.scene.generatesImages
        else { return nil }
        return sample
    }

    func drawLabel(into frame: inout Frame, _ row: StackLayout.Row, isOneLine: Bool) {
        let selected = row.layer == shown(selectedLayer)
        let focused = focus == .stack
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
                experiment.generatorEnd.map { row.layer == LayerPath($0) } == true && shownSample?.isReal == true
            let written = frame.canvas.write(
                isReal ? "real" : layerTitle(row.layer), x: label.x + 1, y: label.y, style: name, limit: label.width - 2
            )
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
        let marks = outline?[row.layer]?.marks ?? []
        var title = layerTitle(row.layer)
        var details = [activation] + marks + [parameters]
        // An input's shape has a line of its own where it has no room beside the word.
        if row.layer.isInput, columnWidth(title) > width, let space = title.firstIndex(of: " ") {
            details[0] = String(title[space...].dropFirst())
            title = String(title[..<space])
        }
        details = details.filter { !$0.isEmpty && columnWidth($0) <= width }
        for (index, line) in ([title] + details).enumerated() {
            guard y < label.maxY else { break }
            frame.canvas.write(line, x: label.x + margin, y: y, style: index == 0 ? name : detail, limit: width)
            y += 1
        }
        if y < label.maxY {
            drawHealth(
                of: row.layer, into: &frame.canvas, x: label.x + margin, y: label.maxY - 1, width: width, ground: ground
            )
        }
    }

    /// The knobs of the selected layer, in columns.
    private func drawInspector(into frame: inout Frame, _ rect: Rect) {
        guard rect.height >= 2, let list = editing.rows[.stack] else { return }
        let layer = selectedLayer.outermost
        let (_, parameters, shape) = layerDetails(layer)
        let title: String =
            if layer.isInput {
                "Input"
            } else if layer.index == experiment.layers.count {
                "Output layer"
            } else {
                "Layer \(layer.index + 1) of \(experiment.layers.count)"
            }
        let y = rect.y
        drawPanelTitle(
            into: &frame.canvas, rect: rect, title: title, key: nil, focused: false, theme: theme,
            capabilities: capabilities)
        let marks = outline?[layer]?.marks ?? []
        // As many facts as leave the title whole.
        var shown = ([shape, parameters] + marks).filter { !$0.isEmpty }
        let room = rect.width - columnWidth(title) - 6
        while !shown.isEmpty, columnWidth(shown.joined(separator: " · ")) > room { shown.removeLast() }
        let facts = shown.joined(separator: " · ")
        if !facts.isEmpty { frame.canvas.writeRight(" \(facts) ", maxX: rect.maxX - 1, y: y, style: quiet) }
        if layer.isInput {
            let words =
                experiment.noise != nil
                ? "the layers up to “generated” make samples of noise; those behind it tell them from real ones"
                : inputShape.axes.count == 2
                    ? "sequences enter step by step; \" and ' choose one, ( and ) a step"
                    : self.columns.isEmpty
                        ? "images enter as they are; training may change them: Augment (2)"
                        : "chosen in the panel Features (2)"
            let room = Rect(x: rect.x + 1, y: y + 1, width: rect.width - 2, height: max(1, rect.maxY - y - 1))
            drawWrapped(into: &frame.canvas, room, text: words, style: quiet)
            return
        }
        let columns = inspectorColumns(rect.width)
        let step = rect.width / columns
        let lines = rect.maxY - y - 1
        let indices = list.indices.filter { list[$0].layer?.outermost == layer }
        let perColumn = max(1, (indices.count + columns - 1) / columns)
        let selected = indices.firstIndex(of: editing.selection[.stack] ?? -1) ?? 0
        let scroll = min(max(0, selected % perColumn - lines + 1), max(0, perColumn - lines))
        for (place, index) in indices.enumerated() {
            let line = place % perColumn - scroll
            guard line >= 0, line < lines else { continue }
            RowDrawing(app: self).drawSetting(
                into: &frame,
                Rect(
                    x: rect.x + place / perColumn * step, y: y + 1 + line, width: step - (columns > 1 ? 1 : 0),
                    height: 1),
                .stack, index)
        }
    }
}

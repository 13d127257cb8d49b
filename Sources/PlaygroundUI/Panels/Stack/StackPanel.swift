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
            + NetworkCommands.all + NetworkCommands.cursor + WalkCommands.all,
        editor: Editor(
            rows: \.stack, firstRow: { $0.firstIndex { $0.layer == 0 && $0.indented } ?? 0 }, varied: 1),
        modes: [
            Mode(commands: WalkCommands.all, isOn: { $0.plots.walk != nil }),
            Mode(commands: NetworkCommands.cursor, isOn: { $0.plots.cursor != nil }),
        ],
        draw: { app, frame, rect in StackDrawing(app: app, content: panelContent(of: rect)).draw(into: &frame) },
        detail: { context in
            let words = NetworkPanel.detail(context)
            return words.isEmpty ? "" : "Stack \(words)"
        },
        hasChosenDetail: {
            !$0.canUnroll && $0.snapshot.outline.hasHiddenMaps && $0.plots.stack.pictures != .values
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
            request.scalesByTile = app.plots.stack.scalesByTile
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
                    app.plots.stack.enlargesTile = true
                    return
                }
                app.plots.stack.enlargesTile = false
                return app.setCursor(pointed.cursor)
            }
            guard let cursor = pointed.cursor else { return }
            app.moveWalk(to: cursor.layer, unit: cursor.unit, pixel: pointed.mapPixel)
        },
        explain: { app in
            guard let cursor = app.explained, let snapshot = app.snapshot else { return nil }
            return Explanation(of: cursor, in: snapshot)
        },
        keepPlaces: { app, content in
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
                    app.act(app.firstFitting(app.layers(of: entry.id, at: place).map { .insertLayer($0, at: place) }))
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

extension EditorRow.Kind {
    /// The input's row of the stack: nothing to change but the features.
    static let input = Self(
        id: "input", hasArrows: false,
        change: { app, _ in if let panel = Panel.all.first(where: \.choosesInputs) { app.show(panel.id) } },
        explain: { explanation, _, app in
            let panel = app.label("focus.features")
            explanation.words =
                app.plotContext?.scene.hasSequences == true
                ? "What goes in: the steps of a sequence, one after the other; \(app.label("sequence.next")) takes the next sequence, \(app.label("time.back")) and \(app.label("time.forward")) move the time cursor. The panel Steps (\(panel)) says what a step is."
                : app.columns.isEmpty
                    ? "What goes in: the pixels of an image. Random changes of training images are chosen in the panel Augment (\(panel))."
                    : "What goes in: the features of each sample. They are chosen in the panel Features (\(panel))."
        })
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
    func inspectorColumns(_ width: Int) -> Int { max(1, min(3, width / 34)) }

    /// The layers that are shown, on their lines. Blocks are open as long as all of it fits, else those that were opened.
    /// - Parameter content: the panel below its title; in a narrow one the stacks of a block stand one below the other.
    private func stackFlow(_ content: Rect) -> StackFlow {
        guard let outline else {
            let inputs = inputShape.axes.count == 3 ? inputShape.axes[0] : inputShape.count
            return StackFlow(layers: experiment.layers.count, inputs: max(1, inputs))
        }
        // The blocks around the layer that is walked through are open.
        let walked = plots.walk?.layer
        func isAround(_ block: LayerPath) -> Bool { walked.map { $0 != block && block.contains($0) } ?? false }
        let closed = plots.stack.closed.filter { !isAround($0) }
        if plotContext?.isUnrolled == true {
            // Steps within steps have no columns of their own.
            let repeated = outline.blocks.filter { block in
                outline.hasSteps(layer: block)
                    && outline[block]!.leaves.contains { $0.output.axes.count == 1 && $0.repeats == 1 }
            }
            return StackFlow(outline, closed: closed.union(repeated), sideBySide: false)
        }
        let open = StackFlow(outline, closed: closed, columns: content.width)
        let room =
            content.height - inspectorRows(columns: inspectorColumns(content.width), height: content.height)
        // A tile and the links above it.
        let rows = open.lines * (1 + NetworkLinks.leastRows)
        if rows <= room { return open }
        let others = outline.blocks.filter { !plots.stack.opened.contains($0) && !isAround($0) }
        return StackFlow(outline, closed: closed.union(others), columns: content.width)
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
        cache.map { $0.once(.stack(content)) { makeStackLayout(content) } } ?? makeStackLayout(content)
    }

    private func makeStackLayout(_ content: Rect) -> StackLayout {
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
                    scrolled: scrolled, showsKernels: plots.stack.pictures != .kernels)
            } else if let outline, outline.hasHiddenMaps {
                StackLayout(
                    rect: content, places: flow.places, needs: pictureNeeds(flow, outline, footRows),
                    selected: selected, inspectorRows: inspectorRows, titleWidth: titleWidth, scrolled: scrolled,
                    showsKernels: plots.stack.pictures != .kernels, keepsInput: plots.walk != nil)
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

    /// The data could not be read, or not yet, since the program began.
    var isInputUnknown: Bool { snapshot == nil && (failure != nil || reading.data != nil) }

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
}

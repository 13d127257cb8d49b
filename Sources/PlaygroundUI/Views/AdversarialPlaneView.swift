import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let adversarialPlane = ViewID("adversarialPlane")
}

extension View {
    /// The plane of the data: real points, generated ones with the ways in which the discriminator pushes them, and its answer
    /// everywhere as the ground.
    static let adversarialPlane = View(
        id: .adversarialPlane, panel: .output,
        words:
            "The ground is the discriminator's answer: blue where it takes a point for real, orange where for generated. A line at a generated point is the way on which it would be taken for more real: there the generator learns to put it. At best no place looks like either.",
        watch:
            "Real and generated points that lie apart, and generated points in one heap: the first is not yet learned, the second is mode collapse.",
        suits: { $0.generates && !$0.generatesImages },
        heading: { context, width in
            var words = [context.plots.showsNoiseGrid.words]
            if context.plots.pen != nil {
                words = [context.penWords]
            } else if let collapse = context.collapse {
                words = [collapse, PlotContext.collapseName]
            }
            return words.map { "Plane · \($0)" }.first { columnWidth($0) <= width } ?? "Plane"
        },
        request: { context, rect, request in
            var wanted = AdversarialRequest()
            wanted.field = AdversarialPlane(rect, context)?.geometry.pixels(curve: false)
            wanted.neuron = context.neuron
            wanted.wantsMesh = context.plots.showsNoiseGrid
            request.adversarial = wanted
        },
        draw: { canvas, rect, context in AdversarialPlane(rect, context)?.draw(into: &canvas) },
        inWords: { context in
            guard let points = context.shown?.adversarial?.points, !points.isEmpty else { return [] }
            let middle = points.reduce(SIMD2<Float>(0, 0), +) / Float(points.count)
            let spread = points.reduce(SIMD2<Float>(0, 0)) { $0 + ($1 - middle) * ($1 - middle) } / Float(points.count)
            func number(_ value: Float) -> String { formatFixed(Double(value), decimals: 2) }
            let place = "(\(number(middle.x)), \(number(middle.y)))"
            let far = "\(number(spread.x.squareRoot())) and \(number(spread.y.squareRoot()))"
            return [
                "\(formatCount(points.count, "generated point")) around \(place), spread \(far) along the axes"
            ] + [context.collapse, context.snapshot.figures].compactMap(\.self)
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.place = AdversarialPlane(rect, context)?.geometry.place(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in
            app.plots.place = pointed.place ?? (app.plots.pen == nil ? nil : app.plots.place)
            if pointed.place != nil { app.stroke(goesOn: app.isDragging) }
        },
        commands: [
            Command(
                "output.noiseGrid", "the grid of noise as the generator bends it; again: the points that it makes",
                hint: "noise grid", keys: ["G"], panels: [.output], views: [.adversarialPlane]
            ) { $0.plots.showsNoiseGrid.toggle() }
        ] + AdversarialSides.commands)
}

extension Bool {
    fileprivate var words: String { self ? "noise bent by the generator" : "real, generated, where D pushes" }
}

extension PlotContext {
    /// The same frame over the samples that a generator learns, whose plane then spans their columns.
    var ofLearnedData: PlotContext {
        var context = self
        context.snapshot.data = snapshot.data.learned
        context.view.columns = []
        context.showsLegend = false
        return context
    }

    /// The first words of `collapse`, for titles that have no room for all of them.
    static let collapseName = "mode collapse"

    /// That the generator makes a few kinds of samples alone, in words; nil: it does not, or has hardly begun.
    var collapse: String? {
        guard snapshot.step >= AdversarialSides.firstRounds, let now = snapshot.evaluation else { return nil }
        for metric in now.metrics where metric.format == .percent {
            if let share = now[metric.id], share < AdversarialSides.collapsed {
                return "\(Self.collapseName): \(ConfusionView.percent(share).withoutPadding) of the data covered"
            }
        }
        if let variety = now.metrics.last.flatMap({ now[$0.id] }), variety < AdversarialSides.same {
            return "\(Self.collapseName): the samples are nearly alike"
        }
        return nil
    }
}

extension String {
    fileprivate var withoutPadding: String { String(drop { $0 == " " }) }
}

/// The plane's contents in its rectangle.
private struct AdversarialPlane {
    let geometry: OutputGeometry
    private let context: PlotContext
    private let learned: PlotContext
    private let content: Rect
    private let legend: Rect

    /// nil: the data have no plane, or there is no room.
    init?(_ rect: Rect, _ context: PlotContext) {
        let learned = context.ofLearnedData
        guard learned.snapshot.data.featureRanges.count == 2 else { return nil }
        (self.context, self.learned) = (context, learned)
        let rows = panelContent(of: rect).height >= 10 ? 1 : 0
        let inner = rect.inset(bottom: rows)
        geometry = OutputGeometry(rect: inner, context: learned)
        content = panelContent(of: inner)
        legend = Rect(x: rect.x + 1, y: content.maxY, width: rect.width - 2, height: rows)
        guard !geometry.plot.isEmpty else { return nil }
    }

    func draw(into canvas: inout Canvas) {
        let shown = context.shown?.adversarial
        if let shown, shown.size.count > 0, shown.field.count == shown.size.count {
            drawHeatMap(
                into: &canvas, geometry.plot, values: shown.field, columns: shown.size.columns, rows: shown.size.rows,
                ramp: { context.tones.ground($0 * 0.7) }, capabilities: context.capabilities)
        }
        if context.plots.showsNoiseGrid, let shown {
            drawPoints([], into: &canvas)
            drawMesh(shown, into: &canvas)
        } else {
            if let shown { drawPushes(shown, into: &canvas) }
            drawPoints(shown?.points ?? [], into: &canvas)
        }
        OutputPanel.drawAxes(into: &canvas, content, geometry, learned)
        OutputPanel.drawCursor(into: &canvas, geometry, learned)
        drawWalked(into: &canvas)
        drawLegend(into: &canvas)
    }

    /// A point's place, 0…1 from the left and from below.
    private func place(_ point: SIMD2<Float>) -> SIMD2<Float> {
        SIMD2(learned.xRange.fraction(of: point.x), learned.yRange.fraction(of: point.y))
    }

    private func dot(_ point: SIMD2<Float>, _ dots: DotPlot) -> (x: Double, y: Double) {
        let place = place(point)
        return (Double(place.x) * Double(dots.dotWidth), Double(1 - place.y) * Double(dots.dotHeight))
    }

    private func drawPoints(_ generated: [SIMD2<Float>], into canvas: inout Canvas) {
        var layer = PointLayer(geometry.plot, context)
        let real = learned.snapshot.data.trainPoints
        for row in 0..<min(real.count, AdversarialSides.realPoints) {
            let place = place(SIMD2(real.rows[2 * row], real.rows[2 * row + 1]))
            layer.add(x: place.x, y: place.y, label: 1, test: true, wrong: false)
        }
        for point in generated {
            let place = place(point)
            layer.add(x: place.x, y: place.y, label: 0, test: false, wrong: false)
        }
        layer.draw(into: &canvas)
    }

    /// From each generated point the way on which the discriminator takes it for more real.
    private func drawPushes(_ shown: AdversarialPicture, into canvas: inout Canvas) {
        var dots = DotPlot(
            width: geometry.plot.width, height: geometry.plot.height, capabilities: context.capabilities)
        let reach = Float(min(dots.dotWidth, dots.dotHeight)) / 8
        let ink = Style(.rgb(mixColors(context.theme.negative, context.theme.light ? 0x000000 : 0xFFFFFF, 0.45)))
        for (point, push) in zip(shown.points, shown.pushes).prefix(AdversarialSides.arrows) {
            let from = dot(point, dots)
            guard from.x.isFinite, from.y.isFinite, push.x.isFinite, push.y.isFinite else { continue }
            // At least long enough to be seen beside its point.
            let length = (push.x * push.x + push.y * push.y).squareRoot()
            guard length > 1e-3 else { continue }
            let way = push / length * max(3, reach * length)
            dots.line(from.x, from.y, from.x + Double(way.x), from.y - Double(way.y), style: ink, weight: 1)
        }
        dots.draw(into: &canvas, x: geometry.plot.x, y: geometry.plot.y)
    }

    /// The lines of the grid, the brighter the denser.
    private func drawMesh(_ shown: AdversarialPicture, into canvas: inout Canvas) {
        var dots = DotPlot(
            width: geometry.plot.width, height: geometry.plot.height, capabilities: context.capabilities)
        let columns = shown.meshColumns
        guard columns > 1 else { return }
        let rows = shown.mesh.count / columns
        func line(_ one: Int, _ other: Int, _ density: Float) {
            let (a, b) = (dot(shown.mesh[one], dots), dot(shown.mesh[other], dots))
            guard a.x.isFinite, a.y.isFinite, b.x.isFinite, b.y.isFinite else { return }
            let dark = context.theme.light ? 0xFFFFFF : context.theme.backdrop
            let color = mixColors(dark, context.theme.negative, 0.25 + 0.75 * min(max(density, 0), 1))
            dots.line(a.x, a.y, b.x, b.y, style: Style(.rgb(color)), weight: UInt8(bounded: density * 200))
        }
        for row in 0..<rows {
            for column in 0..<columns {
                let cell = rows == 1 ? max(0, column - 1) : max(0, row - 1) * (columns - 1) + max(0, column - 1)
                let density = shown.densities.indices.contains(cell) ? shown.densities[cell] : 0
                let at = row * columns + column
                if column > 0 { line(at - 1, at, density) }
                if row > 0 { line(at - columns, at, density) }
            }
        }
        dots.draw(into: &canvas, x: geometry.plot.x, y: geometry.plot.y)
    }

    /// The real or generated sample that slow motion walks through.
    private func drawWalked(into canvas: inout Canvas) {
        guard let scene = WalkScene(context), let end = context.snapshot.network.generatorEnd,
            let values = scene.trace?.values(LayerPath(end)), values.count == 2
        else { return }
        let place = place(SIMD2(values[0], values[1]))
        guard let cell = geometry.cell(x: place.x, y: place.y) else { return }
        let style = Style(
            .rgb(contrast(0xC0C0C0)), on: .rgb(context.theme.accent), bold: true, reverse: context.colorless)
        canvas[cell.x, cell.y] = Cell(context.ascii ? "O" : "◉", style)
    }

    private func drawLegend(into canvas: inout Canvas) {
        guard legend.height > 0 else { return }
        let quiet = Style(context.theme.quiet)
        if let place = context.plots.pointed.place ?? context.plots.place {
            let words = readout(place)
            canvas.write(
                words, x: legend.x, y: legend.y, style: Style(context.theme.text, bold: true), limit: legend.width)
            return
        }
        let (generated, real) = (Style(.rgb(context.theme.negative)), Style(.rgb(context.theme.positive)))
        // Where colours do not tell them apart the marks are those of the plot.
        func mark(_ kind: Int, _ dot: String) -> String {
            guard context.ascii || context.colorless else { return dot }
            let glyph = PointLook.glyph(kind: kind, of: 2, test: kind == 1, capabilities: context.capabilities)
            return String(Character(glyph))
        }
        var x = legend.x
        x +=
            canvas.write(mark(0, "●") + " generated", x: x, y: legend.y, style: generated, limit: legend.width) + 2
        x +=
            canvas.write(mark(1, "∙") + " real", x: x, y: legend.y, style: real, limit: max(0, legend.maxX - x)) + 2
        let facts = context.adversarialFacts
        if columnWidth(facts) <= legend.maxX - x {
            canvas.writeRight(facts, maxX: legend.maxX, y: legend.y, style: quiet)
        }
    }

    /// "(0.52, 0.81) → D 0.43".
    private func readout(_ place: PlotPlace) -> String {
        func number(_ value: Float) -> String { formatFixed(Double(value), decimals: 2) }
        let words =
            "(\(number(learned.xRange.value(at: place.x))), \(number(learned.yRange.value(at: place.y))))"
        guard let shown = context.shown?.adversarial, shown.size.count > 0, shown.field.count == shown.size.count else {
            return words
        }
        let column = min(shown.size.columns - 1, Int(bounded: place.x * Double(shown.size.columns)))
        let row = min(shown.size.rows - 1, Int(bounded: (1 - place.y) * Double(shown.size.rows)))
        let value = shown.field[row * shown.size.columns + column]
        guard context.neuron == nil, context.snapshot.givesProbability else { return "\(words) → \(number(value))" }
        return "\(words) → D \(number((value + 1) / 2)), \(value < 0 ? "generated" : "real")"
    }
}

extension Snapshot {
    /// Whether the network's answer is a probability.
    var givesProbability: Bool {
        Catalogue.givesProbabilities(loss: network.loss.id) && network.outputActivation == nil
    }
}

extension PlotContext {
    /// "D is right at 71 %" is not told: the shares that the procedure measures, with their titles.
    var adversarialFacts: String {
        guard let now = snapshot.evaluation else { return "" }
        return now.metrics.filter { $0.format == .percent }.compactMap { metric in
            now[metric.id].map { "\(metric.title) \(ConfusionView.percent($0).withoutPadding)" }
        }.joined(separator: "  ")
    }
}

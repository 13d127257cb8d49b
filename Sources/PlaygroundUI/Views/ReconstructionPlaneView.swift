import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let reconstructionPlane = ViewID("reconstructionPlane")
}

extension View {
    /// The points, what the network gives back of them, and the line or the net of all that its code can mean.
    static let reconstructionPlane = View(
        id: .reconstructionPlane, panel: .output,
        words:
            "The points are the data, and the bright line is all that the decoder can say: with a code of one value a curve, with two a net. Each point is given back where its code lies on it.",
        watch: "Points far from the bright line: what the code cannot say.",
        suits: { $0.columns > 1 && $0.task == .reconstruction },
        heading: { context, _ in
            let columns = context.columns.map { context.snapshot.data.columns[$0].name }
            return columns == ["x1", "x2"]
                ? "Output · given back" : "Output · given back · " + columns.joined(separator: " × ")
        },
        request: { context, _, request in
            request.reconstruction = ReconstructionRequest(row: 0, hasPlane: true)
        },
        draw: drawReconstructions, spansColumns: true,
        commands: [
            Command(
                "reconstruction.ways", "lines from the points to where they are given back, or not", hint: "ways",
                keys: ["w"], panels: [.output], views: [.reconstructionPlane]
            ) { $0.plots.hidesWays.toggle() },
            Command(
                "reconstruction.test", "show the test points, or not", hint: "test data", keys: ["t"],
                panels: [.output], views: [.reconstructionPlane], control: "view.showTestData"
            ) { app in app.changeView { $0.showTestData.toggle() } },
        ])

    @Sendable private static func drawReconstructions(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        guard content.height > 2, content.width > 8 else { return }
        let geometry = context.outputGeometry(rect)
        let plot = geometry.plot
        guard !plot.isEmpty else { return }
        ReconstructedPoints.draw(into: &canvas, plot, context)
        OutputPanel.drawAxes(into: &canvas, content, geometry, context)
        guard let legend = geometry.legend else { return }
        let errors = context.snapshot.evaluation?.reconstructionError.map { formatNumber($0, digits: 3) }
        let words =
            ReconstructedPoints.plane(context) == nil
            ? "the features are no columns of the data: nothing to show here" : errors.map { "mean error \($0)" } ?? ""
        let used = canvas.write(words, x: legend.x, y: legend.y, style: Style(context.theme.quiet), limit: legend.width)
        guard let trace = ReconstructedPoints.plane(context)?.trace, !trace.isEmpty else { return }
        let x = legend.x + (used > 0 ? used + 2 : 0)
        let short = trace.count == 1 ? "the code's curve" : "the code's grid"
        canvas.write(
            ["all that the code can say", short].first { columnWidth($0) <= legend.maxX - x } ?? "", x: x, y: legend.y,
            style: Style(.rgb(context.theme.accent), bold: true))
    }
}

/// The points of the plane, where they are given back, and all that the code can mean.
enum ReconstructedPoints {
    /// nil: the features are no columns of the data, or nothing is given back yet.
    static func plane(_ context: PlotContext) -> ReconstructedPlane? {
        context.reconstructions?.plane.flatMap { $0.columns == context.columns ? $0 : nil }
    }

    static func draw(into canvas: inout Canvas, _ plot: Rect, _ context: PlotContext) {
        let plane = plane(context)
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        func dot(_ place: SIMD2<Float>) -> (x: Double, y: Double) {
            (
                Double(context.xRange.fraction(of: place.x)) * Double(dots.dotWidth - 1),
                Double(1 - context.yRange.fraction(of: place.y)) * Double(dots.dotHeight - 1)
            )
        }
        let table = context.view.showTestData ? context.snapshot.data.testPoints : context.snapshot.data.trainPoints
        let given = context.view.showTestData ? plane?.test : plane?.train
        if let given, !context.plots.hidesWays, !context.colorless {
            let width = context.snapshot.data.columns.count
            for (row, place) in given.prefix(table.count).enumerated() {
                let (from, to) = (
                    dot(
                        SIMD2(
                            table.rows[row * width + context.columns[0]], table.rows[row * width + context.columns[1]])),
                    dot(place)
                )
                dots.line(from.x, from.y, to.x, to.y, color: context.theme.faint)
            }
        }
        dots.draw(into: &canvas, x: plot.x, y: plot.y)
        var layer = PointLayer(plot, context)
        let width = context.snapshot.data.columns.count
        layer.add(
            (0..<table.count).map { row in
                SIMD2(
                    context.xRange.fraction(of: table.rows[row * width + context.columns[0]]),
                    context.yRange.fraction(of: table.rows[row * width + context.columns[1]]))
            }, of: table, test: context.view.showTestData, wrong: [])
        layer.draw(into: &canvas)
        if let plane {
            var lines = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
            let style = Style(.rgb(context.theme.accent), bold: true)
            for line in plane.trace {
                for (one, next) in zip(line, line.dropFirst()) {
                    let (from, to) = (dot(one), dot(next))
                    lines.line(from.x, from.y, to.x, to.y, style: style, weight: 200)
                }
            }
            lay(lines, over: &canvas, plot)
        }
    }

    /// Draws lines over points: a cell that has both shows the dots of both, in the lines' colour.
    private static func lay(_ lines: DotPlot, over canvas: inout Canvas, _ plot: Rect) {
        var own = Canvas(width: plot.width, height: plot.height)
        lines.draw(into: &own, x: 0, y: 0)
        let braille: ClosedRange<UInt32> = 0x2801...0x28FF
        for y in 0..<plot.height {
            for x in 0..<plot.width where own[x, y].scalar != " " && own[x, y].scalar.value != 0x2800 {
                var cell = own[x, y]
                let below = canvas[plot.x + x, plot.y + y]
                if braille.contains(cell.scalar.value), braille.contains(below.scalar.value) {
                    cell.scalar = Unicode.Scalar(cell.scalar.value | below.scalar.value)!
                }
                cell.style.background = below.style.background
                canvas[plot.x + x, plot.y + y] = cell
            }
        }
    }
}

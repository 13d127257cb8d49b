import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let statePath = ViewID("statePath")
}

extension View {
    /// The way of a layer's values from step to step, one line for each sequence.
    static let statePath = View(
        id: .statePath, panel: .hidden,
        words:
            "Each line is the way of a layer's state from step to step of one sequence, through the plane of two units or of two principal components. Sequences that it is to tell apart must end apart. Where lines would fill the plane, most sequences are a dot at their end.",
        watch: "Whether the ways part at the symbol that matters, and stay apart until the answer.",
        suits: { $0.hasSteps },
        heading: { context, width in
            guard let target = context.stepTarget else { return "Hidden features" }
            let whole = "Hidden features · path of the state · \(target.layer.words)"
            return columnWidth(whole) <= width ? whole : "Hidden · path · \(target.layer.words)"
        },
        request: { context, _, request in
            request.sequence = context.sequenceChoice
            request.statePaths = context.stepTarget
        },
        draw: { canvas, rect, context in StatePathView(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            if let found = StatePathView(panelContent(of: rect), context)?.place(x: x, y: y) {
                (pointed.sequence, pointed.timeStep) = (found.row, found.step)
            }
            return pointed
        },
        putCursor: { SequenceAnswerView.choose(&$0, $1) },
        commands: [
            walking("previousLayer", "[", "before", -1), walking("nextLayer", "]", "after", 1),
            Command(
                "path.pca", "the path of the state: by principal components, or by two units", hint: "PCA",
                keys: ["P"], panels: [.hidden], views: [.statePath], control: "view.pca", disabled: needsUnits
            ) { app in
                let pca = app.plotContext?.stepTarget?.pca ?? true
                app.changeView {
                    $0.pca = !pca
                    if pca { $0.units = [0, 1] }
                }
            },
            unit("u", axis: 0), unit("U", axis: 1),
            time("left", -1), time("right", 1),
        ])

    private static func time(_ key: String, _ direction: Int) -> Command {
        Command(
            "path.\(key)", "the path of the state: one step \(direction < 0 ? "back" : "on")", hint: "time",
            keys: [key, direction < 0 ? "h" : "l"], panels: [.hidden], views: [.statePath]
        ) { $0.moveTime(direction) }
    }

    private static func walking(_ name: String, _ key: String, _ place: String, _ direction: Int) -> Command {
        Command(
            "path.\(name)", "the path of the state: the layer \(place)", hint: "layer", keys: [key], panels: [.hidden],
            views: [.statePath], control: "view.layer"
        ) { app in
            guard let outline = app.snapshot?.outline, let target = app.plotContext?.stepTarget,
                let place = outline.stepPaths.firstIndex(of: target.layer)
            else { return }
            let all = outline.stepPaths
            let next = all[(place + direction + all.count) % all.count]
            app.changeView {
                $0.layer = next
                $0.units = []
            }
        }
    }

    private static func unit(_ key: String, axis: Int) -> Command {
        Command(
            "path.unit\(axis == 0 ? "X" : "Y")",
            "the path of the state: another unit on the \(axis == 0 ? "x" : "y") axis", hint: "units", keys: [key],
            panels: [.hidden], views: [.statePath], control: "view.units", disabled: needsUnits
        ) { app in
            guard let context = app.plotContext, let target = context.stepTarget,
                let count = context.snapshot.outline.stepWidth(layer: target.layer), count > 2
            else { return }
            var units = target.units.count == 2 ? target.units : [0, 1]
            repeat { units[axis] = (units[axis] + 1) % count } while units[0] == units[1]
            app.changeView { [units] in
                $0.units = units
                $0.pca = false
            }
        }
    }

    @Sendable private static func needsUnits(_ app: App) -> String? {
        guard let context = app.plotContext, let target = context.stepTarget else { return "there are no steps" }
        return context.snapshot.outline.stepWidth(layer: target.layer) ?? 0 > 2
            ? nil : "the view shows every unit that the layer has"
    }
}

extension PlotContext {
    /// nil: no layer has values for each step.
    var stepTarget: HiddenTarget? { HiddenTarget(steps: view, outline: snapshot.outline) }
}

struct StatePathView {
    /// A way as it is drawn: a line, or dots at its steps from `first` on.
    private struct Way {
        let row: Int
        let path: [SIMD2<Float>]
        let isLine: Bool
        let first: Int
    }

    private let context: PlotContext
    private let picture: StatePaths
    private let plot: Rect
    private let content: Rect

    init?(_ content: Rect, _ context: PlotContext) {
        guard let picture = context.shown?.statePaths else { return nil }
        let bounds = [picture.yRange.lowerBound, picture.yRange.upperBound].map { columnWidth(Self.number($0)) + 1 }
        let labels = content.width >= 30 ? max(6, bounds.max() ?? 0) : 0
        let plot = Rect(
            x: content.x + labels, y: content.y, width: content.width - labels - 1, height: content.height - 2)
        guard plot.height > 1, plot.width > 8 else { return nil }
        (self.context, self.picture, self.plot, self.content) = (context, picture, plot, content)
    }

    private static func number(_ bound: Float) -> String { formatNumber(Double(bound), digits: 2) }

    /// One class for each sequence, as the lines' colours; nil: colours are those of symbols.
    private var hasClasses: Bool {
        context.sequenceKind?.targetSteps == nil && context.snapshot.network.task != .regression
    }

    /// The symbol at the time cursor of the chosen sequence; nil: its steps are amounts.
    private var symbol: Int? {
        guard let choice = context.sequenceChoice else { return nil }
        return context.snapshot.data.symbol(context.snapshot.data.inputs(of: choice), at: context.timeStep)
    }

    /// In dots of the plot, two by four to a cell.
    private func dot(_ place: SIMD2<Float>) -> (x: Double, y: Double) {
        (
            Double(place.x) * Double(2 * plot.width - 1) + 0.5,
            Double(1 - place.y) * Double(4 * plot.height - 1) + 0.5
        )
    }

    /// The cell of a place's dot.
    func cell(_ place: SIMD2<Float>) -> (x: Int, y: Int) {
        let dot = dot(place)
        return (
            plot.x + min(plot.width - 1, max(0, Int(bounded: dot.x / 2))),
            plot.y + min(plot.height - 1, max(0, Int(bounded: dot.y / 4)))
        )
    }

    func draw(into canvas: inout Canvas) {
        let theme = context.theme
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        let data = context.snapshot.data
        let symbol = hasClasses ? nil : symbol
        let ways = ways
        for way in ways {
            let path = way.path
            let isChosen = way.row == context.sequenceRow
            let choice = SequenceChoice(row: way.row)
            let inputs = symbol == nil ? [] : data.inputs(of: choice)
            let label = hasClasses ? data.targets(of: choice).first.flatMap { $0 } : nil
            for step in way.first..<path.count {
                let color: Color
                // An end is seen on every line that it lies on.
                var weight: UInt8 = hasClasses && !way.isLine ? 5 : isChosen ? 4 : 1
                if let label {
                    color = .rgb(
                        theme.faded(context.hue(ofClass: Int(label)), isChosen || context.fewColors ? 1 : 0.75))
                } else if symbol != nil, data.symbol(inputs, at: step) == symbol {
                    color = .rgb(theme.negative)
                    weight += 4
                } else {
                    color = isChosen ? theme.text : theme.quiet
                }
                let to = dot(path[step])
                let from = way.isLine && step > 0 ? dot(path[step - 1]) : to
                dots.line(
                    from.x, from.y, to.x, to.y, style: Style(color, bold: isChosen), weight: weight,
                    step: context.colorless && !isChosen ? 3 : 1)
            }
        }
        dots.draw(into: &canvas, x: plot.x, y: plot.y)
        drawEnds(into: &canvas)
        if let place = picture.rows.firstIndex(of: context.sequenceRow), !picture.paths[place].isEmpty {
            let path = picture.paths[place]
            let at = cell(path[min(context.timeStep, path.count - 1)])
            canvas.write(
                context.ascii ? "@" : "●", x: at.x, y: at.y,
                style: Style(.rgb(theme.accent), bold: true, reverse: context.colorless))
        }
        drawLegend(into: &canvas, symbol, lines: ways.count(where: \.isLine))
    }

    /// The rows whose way is drawn as a line: the chosen one, and where lines have classes to tell apart as many others as
    /// leave most of the plot free, or three.
    private var lines: Set<Int> {
        guard hasClasses else { return [context.sequenceRow] }
        // Dots of braille, two by four to a cell.
        let (width, height) = (2 * plot.width, 4 * plot.height)
        var isUsed = [Bool](repeating: false, count: width * height)
        var used = 0
        var lines: Set<Int> = []
        func use(_ from: SIMD2<Float>, _ to: SIMD2<Float>) {
            let size = SIMD2(Float(width), Float(height))
            let (start, way) = (from * size, (to - from) * size)
            let count = min(max(1, Int(bounded: max(abs(way.x), abs(way.y)))), width + height)
            for part in 0...count {
                let at = start + way * (Float(part) / Float(count))
                let (x, y) = (min(max(0, Int(bounded: at.x)), width - 1), min(max(0, Int(bounded: at.y)), height - 1))
                if !isUsed[y * width + x] { used += 1 }
                isUsed[y * width + x] = true
            }
        }
        let all = paths
        let chosen = context.sequenceRow
        for (row, path) in all.filter({ $0.row == chosen }) + all.filter({ $0.row != chosen }) {
            guard lines.count < 4 || used < isUsed.count / 8 else { break }
            lines.insert(row)
            for (from, to) in zip(path, path.dropFirst()) { use(from, to) }
        }
        return lines
    }

    /// The rows of the picture that have steps.
    private var paths: [(row: Int, path: [SIMD2<Float>])] {
        zip(picture.rows, picture.paths).filter { !$0.1.isEmpty }.map { (row: $0.0, path: $0.1) }
    }

    /// The lines, and over them the other ways' dots, no more of them than the plot has cells: where lines have classes only
    /// the last step's.
    private var ways: [Way] {
        let (lines, paths) = (lines, paths)
        var dots = 0
        var ways: [Way] = []
        for (row, path) in paths where lines.contains(row) {
            ways.append(Way(row: row, path: path, isLine: true, first: 0))
        }
        for (row, path) in paths where !lines.contains(row) {
            let first = hasClasses ? path.count - 1 : 0
            dots += path.count - first
            guard dots <= plot.width * plot.height else { break }
            ways.append(Way(row: row, path: path, isLine: false, first: first))
        }
        return ways
    }

    /// Where colours cannot be told apart the lines end in the signs of their classes.
    private func drawEnds(into canvas: inout Canvas) {
        guard hasClasses, context.fewColors || context.ascii else { return }
        let signs = context.classSigns
        for (row, path) in zip(picture.rows, picture.paths) {
            guard let last = path.last,
                let label = context.snapshot.data.targets(of: SequenceChoice(row: row)).first.flatMap({ $0 })
            else { continue }
            let at = cell(last)
            canvas.write(
                signs.text(Int(label)), x: at.x, y: at.y,
                style: Style(.rgb(context.hue(ofClass: Int(label))), bold: true))
        }
    }

    private func drawLegend(into canvas: inout Canvas, _ symbol: Int?, lines: Int) {
        let quiet = context.axisStyle
        let axisNames =
            picture.target.pca
            ? zip(["PC 1", "PC 2"], picture.explained).map { "\($0) \(formatFixed(Double($1) * 100, decimals: 0)) %" }
            : picture.target.units.map { "unit \($0 + 1)" }
        if plot.x > content.x {
            for (value, y) in [(picture.yRange.upperBound, plot.y), (picture.yRange.lowerBound, plot.maxY - 1)] {
                canvas.writeRight(Self.number(value), maxX: plot.x - 1, y: y, style: quiet)
            }
        }
        let (low, high) = (Self.number(picture.xRange.lowerBound), Self.number(picture.xRange.upperBound))
        canvas.write(low, x: plot.x, y: plot.maxY, style: quiet)
        canvas.writeRight(high, maxX: plot.maxX, y: plot.maxY, style: quiet)
        let axes = axisNames.joined(separator: context.ascii ? " x " : " × ")
        let (left, right) = (columnWidth(low) + 1, columnWidth(high) + 1)
        if columnWidth(axes) + left + right <= plot.width {
            // In the middle of the plot, or where it would touch a bound, of the room between them.
            let isCentred = columnWidth(axes) + 2 * max(left, right) <= plot.width
            canvas.writeCentred(
                axes, x: plot.x + (isCentred ? 0 : left), width: plot.width - (isCentred ? 0 : left + right),
                y: plot.maxY, style: quiet)
        }
        var x = content.x + 1
        func write(_ words: String, _ style: Style, before: Int = 0) {
            guard x + columnWidth(words) + before <= content.maxX else { return }
            x += canvas.write(words, x: x, y: plot.maxY + 1, style: style) + 2
        }
        write(
            "\(context.ascii ? "@" : "●") step \(context.timeStep + 1)", Style(.rgb(context.theme.accent), bold: true))
        if hasClasses {
            let signs = context.fewColors || context.ascii ? context.classSigns : nil
            let names = (0..<context.kinds).map { signs?.names[$0] ?? context.shortClassName($0) }
            var hidden = 0
            for (index, name) in names.enumerated() {
                let (start, style) = (x, Style(.rgb(context.hue(ofClass: index)), bold: true))
                // Room for the others, or for how many they are.
                let others = names[(index + 1)...].reduce(0) { $0 + 2 + columnWidth($1) }
                let count = hidden + names.count - index - 1
                let least = count > 0 ? columnWidth("  +\(count)") : 0
                write(name, style, before: hidden > 0 ? least : min(others, least))
                if x > start {
                    signs?.writeName(
                        index, into: &canvas, x: start, y: plot.maxY + 1, style: style, limit: x - start - 2)
                } else {
                    hidden += 1
                }
            }
            if hidden > 0 { write("+\(hidden)", quiet) }
        } else if let symbol {
            let name = context.symbolText(context.sequenceKind?.names[symbol] ?? "")
            write("at “\(name)”", Style(.rgb(context.theme.negative), bold: true))
            write("else", Style(context.theme.quiet))
        }
        let count = paths.count
        let isWhole = !hasClasses || lines >= count
        write(isWhole ? plural(count, "sequence") : "\(lines) of \(count) as lines", quiet)
    }

    /// The sequence and the step whose place is nearest, two cells away at most.
    func place(x: Int, y: Int) -> (row: Int, step: Int)? {
        var best: (row: Int, step: Int, distance: Int)?
        for way in ways {
            for (step, place) in way.path.enumerated().dropFirst(way.first) {
                let at = cell(place)
                let distance = (at.x - x) * (at.x - x) + 4 * (at.y - y) * (at.y - y)
                if distance <= 5, distance < best?.distance ?? .max { best = (way.row, step, distance) }
            }
        }
        return best.map { ($0.row, $0.step) }
    }
}

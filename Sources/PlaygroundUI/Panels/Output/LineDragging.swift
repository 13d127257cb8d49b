import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The hand that drags a neuron's line in the plane.
public struct LineHand: Sendable, Hashable {
    var neuron: ViewRequest.Neuron
    /// The line that the mouse holds; nil: it was not pressed near it.
    var grip: Grip?
    /// The line that was set last, until the trainer's answer is there; and the time of a clock that runs forward.
    var set: NeuronLine?
    var time = 0.0

    struct Grip: Sendable, Hashable {
        /// As it was when the mouse took it.
        var line: NeuronLine
        /// It turns around this place, in original units; nil: it moves.
        var pivot: PlotPlace?
    }

    /// So near to the line is on it, of the plane's width.
    static let reach = 0.05
    /// Handles of the ends stand so far along the line.
    static let ends = [0.12, 0.88]
    /// Nearer to the middle than this it moves, else it turns.
    static let middle = 0.25
}

extension PlotContext {
    /// The hand's neuron and its line, as the hand set it last or as the parameters have it; nil: no hand, or no such neuron.
    var handLine: LinedNeuron? {
        guard let hand = plots.hand, let features = LinedNeuron.features(self) else { return nil }
        return LinedNeuron(self, hand.neuron, features)
    }
}

extension App {
    /// Why no line can be dragged, or nil.
    var handRefusal: String? {
        guard let context = plotContext else { return "there is no network yet" }
        return LinedNeuron.refusal(context)
    }

    mutating func toggleHand() {
        if plots.hand != nil { return plots.hand = nil }
        guard let outline = newest?.outline, let layer = LinedNeuron.layer(outline) else { return }
        leavePast()
        plots.pen = nil
        plots.place = nil
        let chosen =
            plots.cursor.map { ViewRequest.Neuron(layer: $0.layer, unit: $0.unit) } ?? experiment.view.neuron
        plots.hand = LineHand(
            neuron: chosen.flatMap { $0.layer == layer ? $0 : nil } ?? ViewRequest.Neuron(layer: layer, unit: 0))
        sayLine()
    }

    /// The numbers of the hand's line as a notice.
    private mutating func sayLine() {
        guard let context = plotContext, let own = context.handLine else { return }
        guard own.line.exists else {
            notice = "all its weights are 0, so that it has no line: type one first (the stack's w, enter)"
            return
        }
        if own.line.ends(context.xRange, context.yRange) == nil {
            notice = Notice("its line lies outside of the plane: \(label("line.centre")) brings it to the middle")
        }
    }

    /// The hand's line now: the one that it set a moment ago, before the trainer has it.
    private var heldLine: LinedNeuron? { plotContext?.handLine }
    private func present(_ own: LinedNeuron) -> NeuronLine {
        if let hand = plots.hand, let set = hand.set, now - hand.time < 0.5 { return set }
        return own.line
    }

    /// Gives the neuron the numbers of a line.
    /// - Parameters:
    ///   - joins: it goes on with the edit before, however long ago that was.
    private mutating func set(_ line: NeuronLine, _ own: LinedNeuron, joins: Bool) {
        let (old, new) = (
            (own.line.weights + [own.line.bias]).map { Float($0) }, (line.weights + [line.bias]).map { Float($0) }
        )
        guard new.allSatisfy(\.isFinite) else { return }
        act(.setParameters(own.places, from: old, to: new, joins: joins))
        plots.hand?.set = line
        let time = now
        plots.hand?.time = time
    }

    /// The trainer is given some numbers, by the hand, by undo or by typing: the hand's line follows them at once.
    mutating func handTakes(_ indices: [Int], _ values: [Float]) {
        guard let own = heldLine, !Set(own.places).isDisjoint(with: indices) else { return }
        var line = present(own)
        for (index, value) in zip(indices, values) {
            guard let place = own.places.firstIndex(of: index) else { continue }
            if line.weights.indices.contains(place) {
                line.weights[place] = Double(value)
            } else {
                line.bias = Double(value)
            }
        }
        let time = now
        plots.hand?.set = line
        plots.hand?.time = time
    }

    /// Why the line cannot be changed now, or nil.
    fileprivate var linePastRefusal: String? {
        past == nil
            ? nil
            : "this line is that of a moment before: \(label("past.goOn")) in the loss panel goes on from there, \(label("past.now")) there returns to now"
    }

    /// The mouse takes the line, or pulls it.
    /// - Parameter goesOn: it is dragged; else it was pressed.
    mutating func pullLine(to place: PlotPlace, goesOn: Bool) {
        // The line of a moment before is not the one that would be set.
        if let reason = linePastRefusal { return notice = Notice(reason) }
        guard let context = plotContext, let own = heldLine else { return }
        let (xs, ys) = (context.xRange, context.yRange)
        let (x, y) = (Double(xs.value(at: place.x)), Double(ys.value(at: place.y)))
        guard goesOn else {
            session.endEdit()
            plots.hand?.grip = nil
            let line = present(own)
            guard let (from, to) = line.ends(xs, ys) else { return sayLine() }
            let (u, v) = (to.x - from.x, to.y - from.y)
            let along = ((place.x - from.x) * u + (place.y - from.y) * v) / (u * u + v * v)
            let (nearX, nearY) = (from.x + along * u - place.x, from.y + along * v - place.y)
            guard (nearX * nearX + nearY * nearY).squareRoot() < LineHand.reach else {
                notice = "press on the line: near its middle it moves, near its ends it turns"
                return
            }
            let middle = PlotPlace(
                x: Double(xs.value(at: (from.x + to.x) / 2)), y: Double(ys.value(at: (from.y + to.y) / 2)))
            plots.hand?.grip = LineHand.Grip(line: line, pivot: abs(along - 0.5) > LineHand.middle ? middle : nil)
            return
        }
        guard let grip = plots.hand?.grip else { return }
        let line: NeuronLine?
        if let pivot = grip.pivot {
            let (width, height) = (Double(xs.upperBound - xs.lowerBound), Double(ys.upperBound - ys.lowerBound))
            let direction = (x: x - pivot.x, y: y - pivot.y)
            // Too near to the place around which it turns a hand would throw it about.
            let isNear = abs(direction.x) / width + abs(direction.y) / height < 0.03
            line =
                isNear
                ? nil : grip.line.turned(along: direction, through: pivot.x, pivot.y, width: width, height: height)
            if line == nil, !isNear { notice = Notice(Self.cannotTurn) }
        } else {
            line = grip.line.moved(through: x, y)
        }
        if let line { set(line, own, joins: true) }
    }

    static let cannotTurn = "it cannot turn: the features depend on one of the two columns alone, or only on their sum"

    /// A key moves the line, by so much of the plane.
    mutating func moveLine(x: Double, y: Double) {
        guard let context = plotContext, let own = heldLine else { return }
        let line = present(own)
        guard line.exists else { return sayLine() }
        let (xs, ys) = (context.xRange, context.yRange)
        // Along a line there is nothing to move.
        let (dx, dy) = (x * Double(xs.upperBound - xs.lowerBound), y * Double(ys.upperBound - ys.lowerBound))
        var moved = line
        moved.bias -= line.a * dx + line.b * dy
        guard abs(moved.bias - line.bias) > 1e-9 * max(1, abs(line.bias)) else {
            notice = Notice(
                "the line runs in this direction: it moves across, or turns with \(label("line.turnLeft")) and \(label("line.turnRight"))"
            )
            return
        }
        set(moved, own, joins: false)
    }

    /// A key turns the line around the middle of its part in the plane, to the left by so many degrees.
    mutating func turnLine(by degrees: Double) {
        guard let context = plotContext, let own = heldLine else { return }
        let line = present(own)
        let (xs, ys) = (context.xRange, context.yRange)
        guard let (from, to) = line.ends(xs, ys) else { return sayLine() }
        let (width, height) = (Double(xs.upperBound - xs.lowerBound), Double(ys.upperBound - ys.lowerBound))
        let angle = atan2(to.y - from.y, to.x - from.x) + degrees / 180 * .pi
        guard
            let turned = line.turned(
                along: (cos(angle) * width, sin(angle) * height),
                through: Double(xs.value(at: (from.x + to.x) / 2)), Double(ys.value(at: (from.y + to.y) / 2)),
                width: width, height: height)
        else {
            notice = Notice(Self.cannotTurn)
            return
        }
        set(turned, own, joins: false)
    }

    /// The line through the middle of the plane, or the line with its sides exchanged.
    fileprivate mutating func centreLine() {
        guard let context = plotContext, let own = heldLine else { return }
        guard own.line.exists else { return sayLine() }
        set(
            present(own).moved(through: Double(context.xRange.value(at: 0.5)), Double(context.yRange.value(at: 0.5))),
            own,
            joins: false)
    }

    fileprivate mutating func reverseLine() {
        guard let own = heldLine else { return }
        set(present(own).reversed, own, joins: false)
    }

    fileprivate mutating func chooseLine(_ direction: Int) {
        // The layer may have come to another place since.
        guard let hand = plots.hand, let outline = newest?.outline, let layer = LinedNeuron.layer(outline) else {
            return
        }
        let count = outline.unitCount(layer: layer)
        let unit = hand.neuron.layer == layer ? (hand.neuron.unit + direction + count) % count : 0
        plots.hand = LineHand(neuron: ViewRequest.Neuron(layer: layer, unit: unit))
        sayLine()
    }
}

/// The keys of the hand.
enum LineCommands {
    static let start = Command(
        "output.line", "drag a neuron's line: its weights and its bias follow", hint: "line", keys: ["T"],
        panels: [.output], views: [.plane], disabled: \.handRefusal
    ) { $0.toggleHand() }.bringingView

    static let all: [Command] = [
        moving("left", "h", -1, 0), moving("right", "l", 1, 0), moving("up", "k", 0, 1), moving("down", "j", 0, -1),
        hand("turnLeft", "turn the line to the left", ["["], "turn") { $0.turnLine(by: 5) },
        hand("turnRight", "turn the line to the right", ["]"], "turn") { $0.turnLine(by: -5) },
        hand("next", "the next neuron's line", ["u"], "neuron", changes: false) { $0.chooseLine(1) },
        hand("previous", "the line of the neuron before", ["U"], "neuron", changes: false) { $0.chooseLine(-1) },
        hand("reverse", "exchange the line's two sides", ["f"], "sides") { $0.reverseLine() },
        hand("centre", "bring the line to the middle of the plane", ["enter"], "to the middle") { $0.centreLine() },
        hand("leave", "let go of the lines", ["esc", "T"], "done", changes: false) { $0.toggleHand() },
    ]

    private static func moving(_ key: String, _ letter: String, _ x: Double, _ y: Double) -> Command {
        hand("move.\(key)", "move the line \(key)", [key, letter], "move") { $0.moveLine(x: x / 40, y: y / 20) }
    }

    /// - Parameter changes: it changes the line, so that it is not for one of a moment before.
    private static func hand(
        _ id: String, _ help: String, _ keys: [String], _ hint: String, changes: Bool = true,
        _ run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            "line.\(id)", help, hint: hint, keys: keys, panels: [.output],
            disabled: {
                $0.plots.hand == nil
                    ? "\($0.label(start.id)) in the output panel takes a neuron's line"
                    : changes ? $0.linePastRefusal : nil
            }, run: run)
    }
}

/// The lines of neurons in the plane.
enum LineDrawing {
    /// The lines of all neurons that weigh the features, and the one that the hand has with its handles and its positive side.
    static func draw(into canvas: inout Canvas, _ plot: Rect, _ context: PlotContext) {
        // The layer that the hand has taken may be gone.
        guard let hand = context.plots.hand, LinedNeuron.layer(context.snapshot.outline) == hand.neuron.layer,
            let features = LinedNeuron.features(context)
        else { return }
        let (xs, ys) = (context.xRange, context.yRange)
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        func dot(_ place: PlotPlace) -> (x: Double, y: Double) {
            (place.x * Double(dots.dotWidth), (1 - place.y) * Double(dots.dotHeight))
        }
        let count = context.snapshot.outline.unitCount(layer: hand.neuron.layer)
        // So many lines would fill the plane.
        let others = count <= 16 ? Array(0..<count) : [hand.neuron.unit]
        for unit in others where unit != hand.neuron.unit {
            let neuron = ViewRequest.Neuron(layer: hand.neuron.layer, unit: unit)
            guard let line = LinedNeuron(context, neuron, features)?.line, let (from, to) = line.ends(xs, ys) else {
                continue
            }
            let (a, b) = (dot(from), dot(to))
            dots.line(a.x, a.y, b.x, b.y, style: Style(context.theme.text), weight: 1, step: 4)
        }
        guard let own = context.handLine, let (from, to) = own.line.ends(xs, ys) else {
            return dots.draw(into: &canvas, x: plot.x, y: plot.y)
        }
        let (a, b) = (dot(from), dot(to))
        let accent = Style(.rgb(context.theme.accent), bold: true)
        dots.line(a.x, a.y, b.x, b.y, style: accent, weight: 200)
        dots.draw(into: &canvas, x: plot.x, y: plot.y)
        func cell(_ x: Double, _ y: Double) -> (x: Int, y: Int)? {
            guard x >= 0, x < 1, y > 0, y <= 1 else { return nil }
            return (
                plot.x + Int(bounded: x * Double(plot.width)), plot.y + Int(bounded: (1 - y) * Double(plot.height))
            )
        }
        let handle = Style(
            .rgb(contrast(0xC0C0C0)), on: .rgb(context.theme.accent), bold: true, reverse: context.colorless)
        func put(_ share: Double, _ glyph: Unicode.Scalar) {
            let (x, y) = (from.x + share * (to.x - from.x), from.y + share * (to.y - from.y))
            if let place = cell(x, y), plot.contains(x: place.x, y: place.y) {
                canvas[place.x, place.y] = Cell(glyph, handle)
            }
        }
        for share in LineHand.ends { put(share, context.ascii ? "o" : "●") }
        put(0.5, context.ascii ? "@" : "◆")
        // The side on which the sum is above 0.
        let (u, v) = (
            own.line.a * Double(xs.upperBound - xs.lowerBound), own.line.b * Double(ys.upperBound - ys.lowerBound)
        )
        let length = (u * u + v * v).squareRoot()
        let (middleX, middleY) = ((from.x + to.x) / 2, (from.y + to.y) / 2)
        if length > 0, let place = cell(middleX + 0.08 * u / length, middleY + 0.08 * v / length) {
            canvas[place.x, place.y] = Cell("+", handle)
        }
    }

    /// "unit 2: 0.83·x1 − 0.55·x2 + 0.12", the sum that is 0 on the line.
    static func words(_ context: PlotContext) -> String? {
        guard let own = context.handLine else { return nil }
        let outline = context.snapshot.outline
        let name =
            own.neuron.layer == outline.output && outline.unitCount(layer: outline.output) == 1
            ? "output" : "unit \(own.neuron.unit + 1)"
        var text = ""
        for (place, weight) in own.line.weights.enumerated() {
            let input = context.title(of: ViewRequest.Neuron(layer: .input, unit: place))
            text += term(weight, isFirst: text.isEmpty) + "·" + (input.contains(" ") ? "(\(input))" : input)
        }
        return "\(name): \(text)\(term(own.line.bias, isFirst: false))"
    }

    private static func term(_ value: Double, isFirst: Bool) -> String {
        let number = formatFixed(abs(value), decimals: 2)
        if isFirst { return (value < 0 ? "−" : "") + number }
        return (value < 0 ? " − " : " + ") + number
    }
}

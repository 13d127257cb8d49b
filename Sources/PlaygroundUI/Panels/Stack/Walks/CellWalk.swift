import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WalkID {
    static let cell = WalkID("cell")
    static let backInTime = WalkID("back")
    static let backThroughTime = WalkID("backThroughTime")
}

/// tanh of a number on the screen.
func hyperbolicTangent(_ value: Float) -> Float { Float(tanh(Double(value))) }

/// A moment within a step of a recurrent layer: one quantity that is computed.
struct CellPhase: Sendable {
    /// As in the formula: "i".
    var letter: String
    /// In PyTorch's names.
    var formula: String
    var words: String
    var lines: @Sendable (CellStep) -> [NumberLine]
    /// The gate whose products are told one by one; nil: there is no sum over many.
    var gate: String?
}

extension CellPhase {
    private static func gate(
        _ letter: String, _ function: String, _ title: String, _ words: String
    ) -> CellPhase {
        CellPhase(
            letter: letter,
            formula: "\(letter) = \(function)(W_i\(letter) x + b_i\(letter) + W_h\(letter) h′ + b_h\(letter))",
            words: words,
            lines: { cell in
                let number = cell.kind.gateNames.firstIndex(of: letter)!
                let (input, state) = (cell.inputSum(number), cell.stateSum(number))
                return [
                    NumberLine(name: "U x + b", value: input), NumberLine(name: "W h′ + b", value: state),
                    NumberLine(name: "= sum", value: input + state),
                    NumberLine(name: "\(title) of it: \(letter)", value: cell.gate(number), isResult: true),
                ]
            }, gate: letter)
    }

    private static func product(_ name: String, _ a: Float, _ b: Float) -> NumberLine {
        NumberLine(name: name, factors: [a, b], value: a * b)
    }

    private static let lstm: [CellPhase] = [
        gate("i", "σ", "σ", "The input gate: how much of the new value comes into the cell."),
        gate("f", "σ", "σ", "The forget gate: how much of the cell stays. At 1 nothing is forgotten."),
        gate("g", "tanh", "tanh", "The new value that is offered to the cell."),
        gate("o", "σ", "σ", "The output gate: how much of the cell is shown as the state."),
        CellPhase(
            letter: "c", formula: "c = f ∘ c′ + i ∘ g",
            words:
                "The cell: what was there, as far as the forget gate keeps it, and the new value, as far as the input gate lets it in. Only sums and gates lie on this way, so gradients pass it too."
        ) { cell in
            [
                product("f · c′", cell.gate("f"), cell.cellBefore), product("i · g", cell.gate("i"), cell.gate("g")),
                NumberLine(name: "= c", value: cell.kept, isResult: true),
            ]
        },
        CellPhase(
            letter: "h", formula: "h = o ∘ tanh(c)",
            words: "The state: the cell, bent into −1…1, as far as the output gate shows it."
        ) { cell in
            let bent = hyperbolicTangent(cell.kept)
            return [
                NumberLine(name: "tanh c", value: bent), NumberLine(name: "o", value: cell.gate("o")),
                NumberLine(name: "o · tanh c = h", value: cell.state, isResult: true),
            ]
        },
    ]

    private static let gru: [CellPhase] = [
        gate("r", "σ", "σ", "The reset gate: how much of the old state the new one sees."),
        gate("z", "σ", "σ", "The update gate: how much of the old state stays. At 1 nothing changes."),
        CellPhase(
            letter: "n", formula: "n = tanh(W_in x + b_in + r ∘ (W_hn h′ + b_hn))",
            words:
                "The new state that is offered: what comes in, and the old state as far as the reset gate lets it through.",
            lines: { cell in
                let number = cell.kind.gateNames.firstIndex(of: "n")!
                let input = cell.inputSum(number)
                return [
                    NumberLine(name: "U x + b", value: input),
                    product("r·(Wh′+b)", cell.gate("r"), cell.kept),
                    NumberLine(name: "= sum", value: input + cell.gate("r") * cell.kept),
                    NumberLine(name: "tanh of it: n", value: cell.gate("n"), isResult: true),
                ]
            }, gate: "n"),
        CellPhase(
            letter: "h", formula: "h = (1 − z) ∘ n + z ∘ h′",
            words: "The state: a mixture of the old one and the new one, by the update gate."
        ) { cell in
            [
                product("(1−z)·n", 1 - cell.gate("z"), cell.gate("n")),
                product("z·h′", cell.gate("z"), cell.stateBefore(cell.unit)),
                NumberLine(name: "= h", value: cell.state, isResult: true),
            ]
        },
    ]

    private static func plain(_ function: String) -> [CellPhase] {
        [
            CellPhase(
                letter: "h", formula: "h = \(function)(W_ih x + b_ih + W_hh h′ + b_hh)",
                words:
                    "The state s = h: the sum of what comes in, weighed by U, and of all states a step before, weighed by W, bent by \(function).",
                lines: { cell in
                    let (input, state) = (cell.inputSum(0), cell.stateSum(0))
                    return [
                        NumberLine(name: "U x + b", value: input), NumberLine(name: "W h′ + b", value: state),
                        NumberLine(name: "= sum", value: input + state),
                        NumberLine(name: "\(function) of it: h", value: cell.state, isResult: true),
                    ]
                }, gate: "h")
        ]
    }

    /// The way forward through one step.
    static func forward(_ kind: RecurrentCell) -> [CellPhase] {
        switch kind {
        case .lstm: lstm
        case .gru: gru
        case .tanh: plain("tanh")
        case .relu: plain("relu")
        }
    }

    /// The way back through one step.
    static func backward(_ kind: RecurrentCell) -> [CellPhase] {
        let arrives = CellPhase(
            letter: "∂h", formula: "∂L/∂h = from above + from the step after",
            words:
                "The loss's derivative at this state: what this step's answer says of it, and what comes back from the step after."
        ) { cell in
            [
                NumberLine(name: "from above", value: cell.gradientFromAbove),
                NumberLine(name: "from the step after", value: cell.gradientFromLater),
                NumberLine(name: "= ∂L/∂h", value: cell.stateGradient, isResult: true),
            ].map(exact)
        }
        let cell = CellPhase(
            letter: "∂c", formula: "∂L/∂c = ∂L/∂h · o · (1 − tanh²c) + f₊ · ∂L/∂c₊",
            words:
                "The derivative at the cell: through this state, and from the cell of the step after through its forget gate f₊: where that is 1, nothing is lost on the way."
        ) { cell in
            let (own, later) = cell.cellGradient
            return [
                NumberLine(name: "through h", value: own), NumberLine(name: "through f₊", value: later),
                NumberLine(name: "= ∂L/∂c", value: own + later, isResult: true),
            ].map(exact)
        }
        let sums = CellPhase(
            letter: "∂z", formula: "∂L/∂z at the sum of each gate",
            words:
                "The derivative at each gate's sum: times the slope of its activation, which is near 0 where the gate is saturated."
        ) { cell in
            cell.kind.gateNames.enumerated().map { number, letter in
                exact(
                    NumberLine(
                        name: "∂L/∂z_\(letter)", value: cell.sumGradient(number), bar: cell.sumGradient(number)))
            }
        }
        let weights = CellPhase(
            letter: "∂W", formula: "∂L/∂U += ∂z xᵀ,  ∂L/∂W += ∂z h′ᵀ",
            words:
                "All steps share their weights: each adds its own part to the gradient. These are the lengths of the parts that this step adds for this unit."
        ) { cell in
            cell.kind.gateNames.enumerated().flatMap { number, letter in
                let shares = cell.weightShares(number)
                return [
                    exact(NumberLine(name: "‖∂U_\(letter)‖", value: Float(shares.input))),
                    exact(NumberLine(name: "‖∂W_\(letter)‖", value: Float(shares.state))),
                ]
            }
        }
        return [arrives] + (kind.keepsCell ? [cell] : []) + [sums, weights]
    }

    /// Derivatives may be tiny: three digits rather than three decimals.
    private static func exact(_ line: NumberLine) -> NumberLine {
        var line = line
        line.text = line.value.map { formatNumber(Double($0), digits: 3) }
        return line
    }
}

extension Walk {
    /// A unit of a recurrent layer through every step: gates, cell and state with their numbers.
    static let cell = timeWalk(.cell, [.numbers, .motion], CellPhase.forward, isBackward: false)

    /// Back-propagation through time: from the last step to the first.
    static let backInTime = timeWalk(.backInTime, [.numbers], CellPhase.backward, isBackward: true)

    /// The same as slow motion's way back.
    static let backThroughTime: Walk = {
        var walk = timeWalk(.backThroughTime, [.motion], CellPhase.backward, isBackward: true)
        walk.phase = .backward
        return walk
    }()

    private static func timeWalk(
        _ id: WalkID, _ modes: Set<WalkMode>, _ phases: @escaping @Sendable (RecurrentCell) -> [CellPhase],
        isBackward: Bool
    ) -> Walk {
        /// The steps in the order in which they are walked through.
        @Sendable func moment(_ scene: WalkScene) -> Int {
            let place = scene.state.step / phases(scene.cells.kind).count
            return scene.cells.isReversed != isBackward ? max(0, length(scene) - 1 - place) : place
        }
        @Sendable func length(_ scene: WalkScene) -> Int {
            max(1, scene.context.length(ofSteps: scene.cells.steps))
        }
        @Sendable func phase(_ scene: WalkScene) -> CellPhase {
            let all = phases(scene.cells.kind)
            return all[scene.state.step % all.count]
        }
        var walk = Walk(
            id: id, suits: { outline, path in outline[path].map { !$0.cells.isEmpty } ?? false }, modes: modes,
            units: { $0.cells.units }, steps: { length($0) * phases($0.cells.kind).count },
            line: { phases($0.cells.kind).count },
            start: { scene in
                // Slow motion goes all the way.
                guard scene.state.mode != .motion else { return 0 }
                let now = min(scene.context.timeStep, length(scene) - 1)
                let place = scene.cells.isReversed != isBackward ? length(scene) - 1 - now : now
                return place * phases(scene.cells.kind).count
            },
            place: { "step \(moment($0) + 1) of \(length($0)) · \(phase($0).letter)" },
            lights: { [WalkLight(layer: $0.state.layer, unit: $0.state.unit, isOwn: true)] },
            draw: { canvas, rect, numbers in
                guard let step = CellStep(numbers, step: moment(numbers.scene)) else { return 0 }
                let all = phases(step.kind)
                return CellStepDrawing(
                    step: step, phases: all, phase: numbers.scene.state.step % all.count, isBackward: isBackward
                ).draw(into: &canvas, rect)
            },
            words: { scene in
                let start = isBackward ? "Back through time: from the last step to the first. " : ""
                return start + phase(scene).words
            })
        walk.moment = moment
        return walk
    }
}

extension WalkScene {
    /// The cells that are walked through: of several rows the one that the stack shows.
    var cells: Outline.Cells { layer.cells[context.plots.stack.memoryRow % layer.cells.count] }
}

/// A step's phases, the one at work with its formula and its numbers.
struct CellStepDrawing {
    let step: CellStep
    let phases: [CellPhase]
    let phase: Int
    let isBackward: Bool

    private var context: PlotContext { step.numbers.context }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let theme = context.theme
        var y = rect.y
        var x = rect.x
        for (index, phase) in phases.enumerated() {
            let isNow = index == self.phase
            let style = Style(
                isNow ? .rgb(theme.accent) : theme.quiet, bold: isNow, reverse: isNow && context.colorless)
            x += canvas.write(phase.letter, x: x, y: y, style: style, limit: max(0, rect.maxX - x)) + 2
        }
        y += 1
        let own = phases[phase]
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 3), text: own.formula,
            style: Style(theme.text))
        if rect.height > 12, own.gate != nil {
            canvas.write(
                "U = W_i\(cellLetter(own)), W = W_h\(cellLetter(own))", x: rect.x, y: y, style: Style(theme.quiet),
                limit: rect.width)
            y += 1
        }
        guard !isBackward || step.gradient != nil else {
            y += drawWrapped(
                into: &canvas, Rect(x: rect.x, y: y + 1, width: rect.width, height: 3),
                text: "This sequence has no target: there is no loss to go back from.", style: Style(theme.quiet))
            return y + 1 - rect.y
        }
        if rect.height > 10 { y += 1 }
        var results = own.lines(step)
        var lines = NumberLines(context: context)
        lines.largest = max(1e-30, results.reduce(0) { max($0, abs($1.bar ?? 0)) })
        lines.fit(results, width: min(rect.width, 44))
        let room = rect.maxY - y
        if let gate = own.gate, room > results.count + 2 {
            let number = step.kind.gateNames.firstIndex(of: gate)!
            y = drawTerms(into: &canvas, rect, y, number, rows: min(12, room - results.count - 1))
            y += 1
        }
        if results.count > rect.maxY - y { results = Array(results.suffix(max(0, rect.maxY - y))) }
        for line in results {
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: min(rect.width, 44))
            y += 1
        }
        if rect.maxY - y > 4 {
            y = isBackward ? drawNorms(into: &canvas, rect, y + 1) : drawValues(into: &canvas, rect, y + 1)
        }
        return y - rect.y
    }

    private func cellLetter(_ phase: CellPhase) -> String { phase.letter == "h" ? "h" : phase.letter }

    /// The largest products of a gate's sum, and the others together.
    private func drawTerms(into canvas: inout Canvas, _ rect: Rect, _ y: Int, _ gate: Int, rows: Int) -> Int {
        let terms = (step.inputTerms(gate) + step.stateTerms(gate)).enumerated().sorted {
            (-abs($0.element.product), $0.offset) < (-abs($1.element.product), $1.offset)
        }.map(\.element)
        var lines = NumberLines(context: context)
        lines.largest = max(1e-9, terms.first.map { abs($0.product) } ?? 1)
        let isWhole = terms.count <= rows
        let shown = isWhole ? terms.count : max(1, rows - 1)
        let products = terms.map { term in
            NumberLine(
                name: term.name, factors: [term.value, term.weight], value: term.product, bar: term.product,
                needsFactors: true)
        }
        lines.fit(products, width: rect.width)
        for (place, line) in products.prefix(shown).enumerated() {
            lines.draw(into: &canvas, line, x: rect.x, y: y + place, width: rect.width)
        }
        guard !isWhole, shown < rows else { return y + shown }
        let rest = terms.dropFirst(shown).reduce(Float(0)) { $0 + $1.product }
        lines.draw(
            into: &canvas, NumberLine(name: plural(terms.count - shown, "other"), value: rest, bar: rest), x: rect.x,
            y: y + shown, width: rect.width)
        return y + shown + 1
    }

    /// All values of the unit at this step, those to come without numbers.
    private func drawValues(into canvas: inout Canvas, _ rect: Rect, _ y: Int) -> Int {
        let theme = context.theme
        var y = y
        canvas.write("this unit at this step", x: rect.x, y: y, style: Style(theme.quiet), limit: rect.width)
        y += 1
        let parts = Dictionary(
            MemoryPart.all(of: step.cells).map { ($0.letter, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, phase) in phases.enumerated() where y < rect.maxY {
            guard let part = parts[phase.letter] else { continue }
            let isNow = index == self.phase
            let value = part.value(step.trace, nil, unit: step.unit, at: step.step)
            let line = NumberLine(
                name: "\(phase.letter) \(part.words)", value: index <= self.phase ? value : nil, isMarked: isNow)
            NumberLines(context: context).draw(into: &canvas, line, x: rect.x, y: y, width: min(rect.width, 29))
            y += 1
        }
        return y
    }

    /// ‖∂loss/∂h‖ of the steps around this one, on a logarithmic scale.
    private func drawNorms(into canvas: inout Canvas, _ rect: Rect, _ y: Int) -> Int {
        guard let gradient = step.gradient else { return y }
        let theme = context.theme
        let steps = max(1, context.length(ofSteps: step.cells.steps))
        let norms = (0..<steps).map { gradient.norm(at: $0) }
        let largest = norms.max() ?? 0
        // As many as the norms span, at most ten.
        let least = norms.filter { $0 > 0 }.min() ?? 1
        let decades = min(10, max(1, (log10(max(largest, least) / least) + 0.5).rounded(.up)))
        var y = y
        canvas.write("‖∂L/∂h‖ by step, log", x: rect.x, y: y, style: Style(theme.quiet), limit: rect.width)
        y += 1
        let rows = min(steps, rect.maxY - y)
        let first = min(max(0, step.step - rows / 2), steps - rows)
        for at in (first..<first + max(0, rows)).reversed() {
            let isNow = at == step.step
            let style = Style(isNow ? .rgb(theme.accent) : theme.quiet, bold: isNow)
            canvas.writeRight("\(at + 1)", maxX: rect.x + 5, y: y, style: style)
            canvas.writeRight(formatNumber(norms[at], digits: 2), maxX: rect.x + 15, y: y, style: style)
            let share = norms[at] > 0 ? max(0, 1 + log10(norms[at] / largest) / decades) : 0
            let width = Int((share * Double(max(0, rect.width - 17))).rounded())
            let bar: Unicode.Scalar = context.ascii ? "#" : "▬"
            for column in 0..<max(0, width) {
                canvas[rect.x + 17 + column, y] = Cell(bar, Style(.rgb(isNow ? theme.accent : theme.good)))
            }
            y += 1
        }
        return y
    }
}

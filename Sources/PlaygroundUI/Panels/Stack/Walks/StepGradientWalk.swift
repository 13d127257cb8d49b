import Engine
import Session
import TerminalKit

extension WalkID {
    static let stepKernelGradient = WalkID("stepKernelGradient")
    static let stepKernelBack = WalkID("stepKernelBack")
    static let cellGradient = WalkID("cellGradient")
}

extension Walk {
    /// The gradient at a number of a kernel over steps: the sum over all steps.
    static let stepKernelGradient = sharedGradients(
        .stepKernelGradient, unitWord: "filter", suits: { stepWindow($0) != nil },
        units: { $0.layer.output.axes[1] }, steps: { stepWindow($0.layer)!.taps * $0.layer.input.axes[1] },
        line: { $0.layer.input.axes[1] },
        place: { "weight \($0.state.step + 1) of \(stepWindow($0.layer)!.taps * $0.layer.input.axes[1])" },
        words:
            "Backward: all steps share this weight, so that every step adds its part to the gradient: its own δ, times the value that came in over the weight.",
        gradient: { StepKernelGradient($0)?.shared })

    /// The way of δ from the steps to a value before them.
    static let stepKernelBack: Walk = {
        var walk = Walk(
            id: .stepKernelBack,
            suits: { outline, path in
                outline[path].flatMap(stepWindow) != nil && !outline.directlyBefore(path).isInput
            },
            modes: [.motion], phase: .backward, unitWord: "value", units: { $0.layer.input.axes[1] },
            steps: { max(1, $0.context.length(ofSteps: $0.layer.input.axes[0])) },
            place: { "step \($0.state.step + 1) of \(max(1, $0.context.length(ofSteps: $0.layer.input.axes[0])))" },
            lights: { [WalkLight(layer: $0.source, unit: $0.state.unit, isOwn: true)] },
            draw: { canvas, rect, numbers in StepKernelGradient(numbers)?.drawBack(into: &canvas, rect) ?? 0 },
            words: { _ in
                "Backward: every value that was made of this one sends its δ back over the weight between them; the sum is ∂L/∂x."
            })
        walk.moment = { $0.state.step }
        return walk
    }()

    /// The gradient at a weight of recurrent cells: the sum over all steps of the sequence.
    static let cellGradient = sharedGradients(
        .cellGradient, unitWord: "unit", suits: { !$0.cells.isEmpty }, units: { $0.cells.units },
        steps: { CellWeights($0.cells).count }, line: { CellWeights($0.cells).perGate },
        place: { CellWeights($0.cells).place($0.state.step) },
        words:
            "Backward: one weight serves at every step, so that its gradient is the sum over time: the derivative at the gate's sum, times the value that came in over the weight at that step. Where the early steps have tiny parts the gradient has vanished on its way.",
        gradient: { CellGradientSum($0)?.shared })
}

/// The weights of one unit of recurrent cells: gate by gate those of what comes in, then those of the states before.
struct CellWeights {
    let cells: Outline.Cells

    init(_ cells: Outline.Cells) { self.cells = cells }

    var perGate: Int { cells.features + cells.units }
    var count: Int { cells.kind.gateNames.count * perGate }

    func gate(_ step: Int) -> Int { step / perGate }

    /// Of what comes in, or of the state before.
    func source(_ step: Int) -> (isState: Bool, from: Int) {
        let place = step % perGate
        return place < cells.features ? (false, place) : (true, place - cells.features)
    }

    /// "gate i, x 2", "gate f, h′ 3"
    func place(_ step: Int) -> String {
        let (isState, from) = source(step)
        let name = "\(isState ? "h′" : "x") \(from + 1)"
        let letter = cells.kind.gateNames[gate(step)]
        return cells.kind.gateNames.count > 1 ? "gate \(letter), \(name)" : name
    }
}

/// The gradient at a weight of recurrent cells, step by step.
struct CellGradientSum {
    let numbers: WalkNumbers
    private let trace: CellTrace
    private let gradient: CellGradient

    /// nil: training asks for none.
    init?(_ numbers: WalkNumbers) {
        guard let step = CellStep(numbers, step: 0), let gradient = step.gradient else { return nil }
        (self.numbers, self.gradient, trace) = (numbers, gradient, step.trace)
    }

    var shared: SharedGradient? {
        let scene = numbers.scene
        let (cells, unit) = (trace.cells, scene.state.unit)
        let weights = CellWeights(cells)
        let gate = weights.gate(scene.state.step)
        let (isState, from) = weights.source(scene.state.step)
        guard let tensor = numbers.tensor("weight_\(isState ? "hh" : "ih")_\(cells.suffix)") else { return nil }
        let row = gate * cells.units + unit
        let width = cells.kind.gateNames.count * cells.units
        let length = max(1, scene.context.length(ofSteps: cells.steps))
        let terms = (0..<length).map { at -> SharedGradient.Term? in
            let value: Float? =
                isState
                ? trace.step(before: at).map { trace.state(from, at: $0) } : trace.inputs[at * cells.features + from]
            return value.map {
                SharedGradient.Term(
                    name: "step \(at + 1)",
                    delta: isState ? gradient.recurrent[at * width + row] : gradient.sum(gate, unit, at: at), value: $0)
            }
        }
        return SharedGradient(
            title: "The weight \(weights.place(scene.state.step)) → unit \(unit + 1)",
            place: tensor.offset + row * (isState ? cells.units : cells.features) + from, terms: terms, noun: "steps",
            absence: "no state before")
    }
}

/// The derivatives around a layer with kernels over steps.
struct StepKernelGradient {
    let numbers: WalkNumbers
    private let window: StepWindow
    private let weight: Outline.Tensor
    private let deltas: [Float]?

    /// nil: the layer has no such kernels.
    init?(_ numbers: WalkNumbers) {
        let scene = numbers.scene
        guard let window = Walk.stepWindow(scene.layer), let weight = numbers.tensor("weight") else { return nil }
        (self.numbers, self.window, self.weight) = (numbers, window, weight)
        deltas = scene.trace?.layers[scene.state.layer]?.sumGradients
    }

    private var scene: WalkScene { numbers.scene }
    private var features: Int { scene.layer.input.axes[1] }
    private var filters: Int { scene.layer.output.axes[1] }

    private func place(_ filter: Int, _ feature: Int, _ tap: Int) -> Int {
        weight.offset + (filter * features + feature) * window.taps + tap
    }

    var shared: SharedGradient? {
        guard let deltas else { return nil }
        let (filter, step) = (scene.state.unit, scene.state.step)
        let (tap, feature) = (step / features, step % features)
        let length = max(1, scene.context.length(ofSteps: window.steps))
        let terms = (0..<length).map { at -> SharedGradient.Term? in
            window.source(ofTap: tap, at: at).map {
                SharedGradient.Term(
                    name: "step \(at + 1)", delta: deltas[at * filters + filter],
                    value: numbers.values.inputs[$0 * features + feature])
            }
        }
        let of = window.taps > 1 ? " of tap \(tap + 1)" : ""
        let result =
            scene.state.layer == scene.outline.output
            ? scene.unitName(scene.state.layer, filter) : "filter \(filter + 1)"
        return SharedGradient(
            title: "The weight of value \(feature + 1)\(of) → \(result)", place: place(filter, feature, tap),
            terms: terms, noun: "steps")
    }

    /// Of each filter and tap that the value reaches the weight, and the δ there.
    var termsBack: [SharedGradient.Term] {
        guard let deltas else { return [] }
        let (feature, step) = (scene.state.unit, scene.state.step)
        return (0..<window.taps).flatMap { tap -> [SharedGradient.Term] in
            guard let at = (0..<window.steps).first(where: { window.source(ofTap: tap, at: $0) == step }) else {
                return []
            }
            return (0..<filters).map { filter in
                SharedGradient.Term(
                    name: window.taps > 1 ? "step \(at + 1), \(filter + 1)" : scene.unitName(scene.state.layer, filter),
                    delta: numbers.parameters[place(filter, feature, tap)], value: deltas[at * filters + filter])
            }
        }
    }

    /// As the pass back has it; nil: training asks for none there.
    var gradientBack: Float? {
        scene.trace?.layers[scene.before]?.valueGradients.map { $0[scene.state.step * features + scene.state.unit] }
    }

    func drawBack(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard deltas != nil, let gradientBack else { return drawNoGradient(into: &canvas, rect, numbers) }
        let terms = termsBack
        return TermTable(
            formula: "∂L/∂x = Σ w·δ",
            terms: terms.map { NumberLine(name: $0.name, factors: [$0.delta, $0.value], value: $0.product) },
            results: [
                NumberLine(name: "Σ all \(terms.count)", value: terms.reduce(0) { $0 + $1.product }),
                NumberLine(name: "∂L/∂x, value \(scene.state.unit + 1)", value: gradientBack, isResult: true),
            ]
        ).draw(into: &canvas, rect, numbers)
    }
}

/// A sum's terms below each other, the largest where not all have room, and what comes of them.
struct TermTable {
    var formula: String
    var terms: [NumberLine]
    var results: [NumberLine]

    func draw(into canvas: inout Canvas, _ rect: Rect, _ numbers: WalkNumbers) -> Int {
        let width = min(rect.width, 48)
        var y = rect.y
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 2), text: formula,
            style: Style(numbers.theme.text))
        if rect.height >= 18 { y += 1 }
        var lines = NumberLines(context: numbers.context, decimals: 4)
        lines.fit(terms + results, width: width)
        lines.largest = max(1e-30, terms.reduce(0) { max($0, abs($1.bar ?? 0)) })
        y = lines.drawLargest(
            into: &canvas, terms, x: rect.x, y: y, rows: max(1, min(14, rect.maxY - y - results.count)), end: rect.maxY,
            width: width, sumsHaveBars: false)
        return lines.draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: width) - rect.y
    }
}

import Engine
import Session
import TerminalKit

extension WalkID {
    static let valueDelta = WalkID("valueDelta")
    static let stepDelta = WalkID("stepDelta")
    static let passBack = WalkID("passBack")
}

extension Walk {
    /// A value's δ where no unit has weights of its own: what comes back to it, times the slope of the activation.
    static let valueDelta = deltaWalk(.valueDelta, isOverTime: false)

    /// The same at each step of a sequence.
    static let stepDelta: Walk = {
        var walk = deltaWalk(.stepDelta, isOverTime: true)
        walk.moment = { $0.state.step }
        return walk
    }()

    private static func deltaWalk(_ id: WalkID, isOverTime: Bool) -> Walk {
        Walk(
            id: id,
            suits: { outline, path in
                guard let layer = outline[path], (layer.output.axes.count == 2) == isOverTime else { return false }
                return (layer.hasFunction || path == outline.output) && outline.weightMatrix(layer: path) == nil
                    && layer.cells.isEmpty && !layer.isBlock
            },
            modes: [.motion], phase: .backward, unitWord: isOverTime ? "unit" : "map",
            units: { ValueGrid($0).units }, steps: { ValueGrid($0).steps }, line: { ValueGrid($0).line },
            place: { ValueGrid($0).place($0.state.step) },
            lights: { [ValueGrid($0).light($0.state.layer, $0.state.unit, $0.state.step, isOwn: true)] },
            draw: { canvas, rect, numbers in ValueDelta(numbers).draw(into: &canvas, rect) },
            words: { scene in
                if scene.state.layer == scene.outline.output {
                    let shares =
                        StepShares(scene).map {
                            " The loss is the sum over the steps divided by \($0.divisor), so that δ is divided too; the batch's gradient counts each step with a target alike."
                        } ?? ""
                    return
                        "Backward begins at the output: δ says how the loss changes with this sum, by the distance of the answer from the target.\(shares)"
                }
                let function = scene.function?.title ?? "the activation"
                return
                    "Backward: what the layers behind say of this value, times how steep \(function) is at its sum. Where the slope is 0 nothing comes through."
            })
    }

    /// A layer that hands gradients on by its own rule, value by value: as they arrive, and as they leave.
    static let passBack = Walk(
        id: .passBack,
        suits: { outline, path in
            guard let layer = outline[path], !layer.isBlock, !layer.hasFunction, layer.output.axes.count != 2,
                path != outline.output, !outline.directlyBefore(path).isInput, layer.cells.isEmpty
            else { return false }
            let before = outline[outline.directlyBefore(path)]!
            return before.output.count == layer.output.count && before.output.axes.count != 2
                && (layer.link == .pass || layer.link?.isOneToOne == true)
        },
        modes: [.motion], phase: .backward, unitWord: "map", units: { ValueGrid($0).units },
        steps: { ValueGrid($0).steps }, line: { ValueGrid($0).line }, place: { ValueGrid($0).place($0.state.step) },
        lights: { [ValueGrid($0).light($0.state.layer, $0.state.unit, $0.state.step, isOwn: true)] },
        draw: { canvas, rect, numbers in ValueDelta(numbers).drawPassed(into: &canvas, rect) },
        words: { scene in
            let title = scene.layer.title
            return scene.layer.link == .pass
                ? "Backward: \(title) hands the gradient on where it let the value through, by the same factor."
                : "Backward: \(title) hands on its share of the gradient. Its mean and its deviation depend on all values\(scene.trace?.layers[scene.state.layer]?.batch == nil ? "" : " of the batch"), so that each has a part in the gradient of the others: two means over all of them are taken off."
        })
}

/// The derivatives of the loss at one value of a layer.
struct ValueDelta {
    let numbers: WalkNumbers

    init(_ numbers: WalkNumbers) { self.numbers = numbers }

    private var scene: WalkScene { numbers.scene }
    private var layer: LayerTrace? { scene.trace?.layers[scene.state.layer] }
    private var index: Int { ValueGrid(scene).index(scene.state.unit, scene.state.step) }

    /// The engine's; nil: training asks for none.
    var delta: Float? { layer?.sumGradients.map { $0[index] } }
    var valueGradient: Float? { scene.layer.hasFunction ? layer?.valueGradients.map { $0[index] } : nil }
    var slope: Float? { layer?.slopes.map { $0[index] } }
    /// At the value of the same number before.
    var passed: Float? {
        scene.trace?.layers[scene.before]?.valueGradients.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard let delta else { return drawNoGradient(into: &canvas, rect, numbers) }
        let isOutput = scene.state.layer == scene.outline.output
        let formula = valueGradient == nil && isOutput ? "δ = ∂L/∂z" : "δ = ∂L/∂y · f′(z)"
        var all: [NumberLine] = []
        if isOutput, let trace = scene.trace, trace.targets.indices.contains(index) {
            all.append(NumberLine(name: "answer y", value: numbers.values.values[index]))
            all.append(NumberLine(name: "target t", value: trace.targets[index]))
            if let shares = StepShares(scene) {
                all.append(shares.share(scene.state.step) ?? NumberLine(name: "this step has no target", text: ""))
            }
        }
        if let valueGradient { all.append(NumberLine(name: "∂L/∂y from behind", value: valueGradient)) }
        if let slope {
            let sum = formatFitting(numbers.values.sums[index], columns: 8, decimals: 4)
            all.append(NumberLine(name: "f′ = \(scene.function?.title ?? "f")′(\(sum))", value: slope))
        }
        all.append(NumberLine(name: "δ", value: delta, isResult: true))
        return draw(formula, all, into: &canvas, rect)
    }

    func drawPassed(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard let arriving = layer?.valueGradients.map({ $0[index] }), let passed else {
            return drawNoGradient(into: &canvas, rect, numbers)
        }
        let norm = NormStep(numbers, index)
        return draw(
            norm == nil ? "from ∂L/∂y to ∂L/∂x" : NormStep.formulaBack,
            [NumberLine(name: "∂L/∂y from behind", value: arriving)] + (norm?.linesBack ?? [])
                + [NumberLine(name: "∂L/∂x, handed on", value: passed, isResult: true)], into: &canvas, rect)
    }

    private func draw(_ formula: String, _ all: [NumberLine], into canvas: inout Canvas, _ rect: Rect) -> Int {
        var y = rect.y
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: min(3, rect.height)), text: formula,
            style: Style(numbers.theme.text))
        if rect.height >= 18 { y += 1 }
        let lines = NumberLines(context: numbers.context, decimals: 4)
        return lines.draw(into: &canvas, all, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 44)) - rect.y
    }
}

import Engine
import Session
import TerminalKit

extension WalkID {
    static let delta = WalkID("delta")
}

extension Walk {
    /// A unit's δ by the chain rule, and with it the gradient at each of its weights.
    static let delta = Walk(
        id: .delta, suits: { $0.weightMatrix(layer: $1) != nil }, modes: [.motion], phase: .backward,
        stepsAreUnits: true, steps: { $0.outline.unitCount(layer: $0.state.layer) }, parts: { $0.weightsOfUnit },
        place: { $0.unitPlace }, lights: { $0.lightsOfWeight }, links: { $0.linksOfDelta },
        draw: { canvas, rect, numbers in ChainRule(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let name = scene.unitName(scene.state.layer, scene.unit)
            let weight =
                "Its gradient at a weight is δ times the value that came in over it: ∂L/∂w = δ·x. The batch's gradient is the mean over all its samples."
            guard scene.state.layer != scene.outline.output else {
                return "Backward begins at the output: δ says how the loss changes with the sum of \(name). \(weight)"
            }
            let steep = scene.function.map { ", times how steep \($0.title) is at its sum" } ?? ""
            if let own = scene.stepOfLayer {
                return
                    "Backward at step \(own + 1): how much the sum of \(name) there has to do with the loss\(steep.isEmpty ? "" : ": what comes from behind\(steep)"). The same weights serve at all \(scene.layer.repeats) steps, so that their gradient is the sum over these. \(scene.context.bindings.label("time.back", glyphs: scene.context.capabilities.glyphs)) and \(scene.context.bindings.label("time.forward", glyphs: scene.context.capabilities.glyphs)) choose the step."
            }
            return
                "Backward: each unit that \(name) feeds sends back its own δ times the weight between them. The sum of these\(steep), is how much \(name) is to blame. \(weight)"
        })
}

/// The chain rule at one unit with its numbers.
struct ChainRule {
    let numbers: WalkNumbers

    init(_ numbers: WalkNumbers) { self.numbers = numbers }

    private var scene: WalkScene { numbers.scene }
    private var layer: LayerTrace? { scene.trace?.layers[scene.state.layer] }

    /// The engine's δ; nil: training asks for no gradient here.
    var delta: Float? { layer?.sumGradients.map { $0[scene.unit] } }
    /// ∂loss/∂value; nil: the loss is derived at the sum.
    var valueGradient: Float? {
        guard scene.layer.hasFunction else { return nil }
        return layer?.valueGradients.map { $0[scene.unit] }
    }
    var slope: Float? { layer?.slopes.map { $0[scene.unit] } }

    /// Of each unit behind it the weight between them, and that unit's δ.
    var terms: [(unit: Int, weight: Float, delta: Float)] {
        guard let next = scene.nextMatrix, let matrix = scene.outline.weightMatrix(layer: next),
            let deltas = scene.trace?.layers[next]?.sumGradients
        else { return [] }
        return deltas.indices.map {
            ($0, numbers.parameters[matrix.place(unit: $0, input: scene.unit)], deltas[$0])
        }
    }

    private func product(_ term: (unit: Int, weight: Float, delta: Float)) -> NumberLine {
        NumberLine(
            name: scene.unitName(scene.nextMatrix!, term.unit), factors: [term.weight, term.delta],
            value: term.weight * term.delta)
    }

    /// The sum of the terms as the engine has it: behind a layer that lets values pass it is that layer's.
    var termSum: Float? {
        guard let next = scene.nextMatrix else { return nil }
        let before = scene.outline.directlyBefore(next)
        return before == scene.state.layer
            ? layer?.valueGradients?[scene.unit] : scene.trace?.layers[before]?.valueGradients?[scene.unit]
    }

    /// The gradient of this sample at the weight that stands out, or at the bias.
    var weightGradient: Float? {
        guard let delta else { return nil }
        return scene.isAtBias ? delta : delta * numbers.values.inputs[scene.state.part]
    }

    /// The formula: at the output, and behind others.
    private var formula: String {
        let slope = scene.layer.hasFunction ? " · f′(z)" : ""
        if scene.nextMatrix != nil { return "δ = (Σ w δ)\(slope)" }
        return valueGradient == nil && scene.layer.hasFunction ? "δ = ∂L/∂z" : "δ = ∂L/∂y\(slope)"
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let theme = numbers.theme
        var lines = NumberLines(context: numbers.context, decimals: 4)
        let width = min(rect.width, 48)
        lines.fit(terms.map(product), width: width)
        var y = rect.y
        func line(_ line: NumberLine) {
            guard y < rect.maxY else { return }
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: width)
            y += 1
        }
        canvas.write(formula, x: rect.x, y: y, style: Style(theme.text), limit: rect.width)
        y += rect.height >= 18 ? 2 : 1
        guard let delta else {
            y += drawWrapped(
                into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 3),
                text: "No parameter before this layer learns, so no gradient goes back to it.",
                style: Style(theme.quiet))
            return y - rect.y
        }
        let terms = terms
        let weightRows = rect.height >= 18 ? 7 : 5
        if !terms.isEmpty {
            let room = max(1, rect.maxY - y - weightRows - 4)
            let order = terms.indices.sorted {
                (-abs(terms[$0].weight * terms[$0].delta), $0) < (-abs(terms[$1].weight * terms[$1].delta), $1)
            }
            let shown = terms.count <= room ? Array(terms.indices) : Array(order.prefix(max(1, room - 1)))
            for index in shown {
                line(product(terms[index]))
            }
            if shown.count < terms.count { line(NumberLine(name: "and \(terms.count - shown.count) more", text: "")) }
            line(NumberLine(name: "Σ", value: termSum))
            if let valueGradient, termSum != valueGradient {
                line(NumberLine(name: "through what lies between", value: valueGradient))
            }
        } else if let trace = scene.trace, scene.state.layer == scene.outline.output,
            trace.targets.indices.contains(scene.unit)
        {
            line(NumberLine(name: "answer y", value: numbers.values.values[scene.unit]))
            line(NumberLine(name: "target t", value: trace.targets[scene.unit]))
            if trace.weight != 1 { line(NumberLine(name: "weight of its kind", value: Float(trace.weight))) }
            if let valueGradient { line(NumberLine(name: "∂L/∂y", value: valueGradient)) }
        } else if let valueGradient {
            line(NumberLine(name: "∂L/∂y from behind", value: valueGradient))
        }
        if let slope {
            let sum = formatFitting(numbers.values.sums[scene.unit], columns: 8, decimals: width >= 34 ? 4 : 2)
            line(NumberLine(name: "f′ = \(scene.function?.title ?? "f")′(\(sum))", value: slope))
        }
        line(NumberLine(name: "δ", value: delta, isResult: true))
        if rect.height >= 18 { y += 1 }
        drawWeight(into: &canvas, rect, &y, width, delta)
        return y - rect.y
    }

    private func drawWeight(into canvas: inout Canvas, _ rect: Rect, _ y: inout Int, _ width: Int, _ delta: Float) {
        var lines = NumberLines(context: numbers.context, decimals: 4)
        guard let step = scene.step, let place = scene.weightPlace, y < rect.maxY else { return }
        guard scene.learns else {
            y += drawWrapped(
                into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: min(3, rect.maxY - y)),
                text: "Its weights stay: δ passes on to the \(scene.turn?.name ?? "layers") that learns now.",
                style: Style(numbers.theme.quiet))
            return
        }
        let name = scene.unitName(scene.state.layer, scene.unit)
        let title =
            scene.isAtBias ? "The bias of \(name)" : "The weight \(scene.inputName(scene.state.part)) → \(name)"
        canvas.write(
            title, x: rect.x, y: y, style: Style(numbers.theme.text, bold: true), limit: rect.width)
        y += 1
        var all: [NumberLine] = []
        if scene.isAtBias {
            all.append(NumberLine(name: "∂L/∂b = δ", value: delta))
        } else {
            all.append(
                NumberLine(
                    name: "δ·x", factors: [delta, numbers.values.inputs[scene.state.part]],
                    value: weightGradient))
        }
        if step.sampleCount + step.carriedCount > 1 {
            all.append(
                NumberLine(name: scene.isAtBias ? "∂L/∂b, the batch" : "∂L/∂w, the batch", value: step.gradient(place)))
        }
        all.append(NumberLine(name: scene.isAtBias ? "b" : "w", value: step.parameters[place]))
        lines.fit(all.filter { !$0.factors.isEmpty }, width: width)
        y = lines.draw(into: &canvas, all, x: rect.x, y: y, end: rect.maxY, width: width)
    }
}

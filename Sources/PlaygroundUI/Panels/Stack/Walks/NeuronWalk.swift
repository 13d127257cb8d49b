import Engine
import Session
import TerminalKit

extension WalkID {
    static let neuron = WalkID("neuron")
}

extension Walk {
    /// A unit as a table: of each weight the value that comes in and the product; the bias, the sum, the activation.
    static let neuron = Walk(
        id: .neuron, suits: { $0.weightMatrix(layer: $1) != nil }, modes: [.way, .motion], stepsAreUnits: true,
        steps: { $0.outline.unitCount(layer: $0.state.layer) }, parts: { $0.weightsOfUnit },
        place: { $0.unitPlace }, lights: { $0.lightsOfWeight }, links: { $0.linksOfUnit },
        draw: { canvas, rect, numbers in
            var y = rect.y
            if rect.height >= 8 {
                let function = numbers.scene.function.map { $0.title } ?? ""
                let formula = function.isEmpty ? "y = Σ w x + b" : "y = \(function)(Σ w x + b)"
                canvas.write(formula, x: rect.x, y: y, style: Style(numbers.theme.text), limit: rect.width)
                y += 2
            }
            return Vote(numbers).draw(into: &canvas, rect.inset(top: y - rect.y)) + y - rect.y
        },
        words: { scene in
            let name = scene.unitName(scene.state.layer, scene.unit)
            let function = scene.function.map { ", and \($0.title) makes the answer of it" } ?? ", which is the answer"
            return
                "Forward: \(name) takes each value that comes in times its own weight. The products and the bias make the sum\(function)."
        })
}

extension WalkScene {
    /// A unit's weights, and its bias behind them.
    var weightsOfUnit: Int {
        (outline.weightMatrix(layer: state.layer)?.inputs ?? 0) + (outline.biases(layer: state.layer) == nil ? 0 : 1)
    }

    /// The place in the flat parameters of the weight, or the bias, that stands out; nil: the layer has none.
    var weightPlace: Int? {
        guard let matrix = outline.weightMatrix(layer: state.layer) else { return nil }
        if state.part < matrix.inputs { return matrix.place(unit: unit, input: state.part) }
        return outline.biases(layer: state.layer).map { $0.offset + unit }
    }

    /// It is the bias, not a weight.
    var isAtBias: Bool { state.part >= (outline.weightMatrix(layer: state.layer)?.inputs ?? 0) }

    /// "unit 2 of 4"
    var unitPlace: String {
        let count = outline.unitCount(layer: state.layer)
        let name = unitName(state.layer, unit)
        return count == 1 || isOfClasses ? name : "\(name) of \(count)"
    }

    /// The unit, and the value that comes in over the weight that stands out.
    var lightsOfWeight: [WalkLight] {
        [WalkLight(layer: state.layer, unit: unit, isOwn: true)] + (isAtBias ? [] : lights(ofInput: state.part))
    }

    private var ownLink: NetworkCursor {
        NetworkCursor(layer: state.layer, unit: unit, from: isAtBias ? -1 : state.part)
    }

    /// The weight that stands out.
    var linksOfWeight: [NetworkCursor] { [ownLink] }

    /// The same, and all others that lead to the unit.
    var linksOfUnit: [NetworkCursor] {
        let inputs = outline.weightMatrix(layer: state.layer)?.inputs ?? 0
        return [ownLink] + (0..<inputs).map { NetworkCursor(layer: state.layer, unit: unit, from: $0) }
    }

    /// The same, and those that lead away from it, over which its δ comes.
    var linksOfDelta: [NetworkCursor] {
        guard let next = nextMatrix else { return [ownLink] }
        return [ownLink]
            + (0..<outline.unitCount(layer: next)).map { NetworkCursor(layer: next, unit: $0, from: unit) }
    }

    /// The layer that weighs this one's values; nil: none does.
    var nextMatrix: LayerPath? {
        outline.allPaths.first { outline.source(of: $0) == state.layer && outline.weightMatrix(layer: $0) != nil }
    }
}

extension SampleTrace {
    /// The class whose target is the highest; nil: a single output, or no target.
    var targetClass: Int? {
        guard targets.count > 1, let most = targets.max() else { return nil }
        return targets.firstIndex(of: most)
    }
}

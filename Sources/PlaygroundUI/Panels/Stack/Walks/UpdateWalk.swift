import Engine
import Session
import TerminalKit

extension WalkID {
    static let update = WalkID("update")
}

extension Walk {
    /// A weight's update: its gradient, the optimizer's own numbers for it, the new weight.
    static let update = Walk(
        id: .update, suits: { $0.weightMatrix(layer: $1) != nil }, modes: [.motion], phase: .update,
        stepsAreUnits: true, steps: { $0.outline.unitCount(layer: $0.state.layer) }, parts: { $0.weightsOfUnit },
        place: { $0.unitPlace }, lights: { $0.lightsOfWeight }, links: { $0.linksOfWeight },
        draw: { canvas, rect, numbers in WeightStep(numbers).draw(into: &canvas, rect) },
        words: { scene in
            func label(_ id: String) -> String {
                scene.context.bindings.label(id, glyphs: scene.context.capabilities.glyphs)
            }
            let (weight, take) = (label("walk.weight"), label("walk.take"))
            return "Update: "
                + (scene.step?.optimizer.summary ?? "")
                + " \(weight) chooses another weight; \(take) does the update of all of them and takes the next batch."
        })
}

/// The update of one weight, line by line.
struct WeightStep {
    let numbers: WalkNumbers

    init(_ numbers: WalkNumbers) { self.numbers = numbers }

    private var scene: WalkScene { numbers.scene }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard let place = scene.weightPlace else { return 0 }
        let name = scene.unitName(scene.state.layer, scene.unit)
        let title =
            scene.isAtBias ? "The bias of \(name)" : "The weight \(scene.inputName(scene.state.part)) → \(name)"
        return draw(into: &canvas, rect, place: place, title: title, isBias: scene.isAtBias)
    }

    /// - Parameters:
    ///   - place: of the number in the flat parameters.
    ///   - isBias: it is a neuron's bias, not a weight.
    func draw(into canvas: inout Canvas, _ rect: Rect, place: Int, title: String, isBias: Bool) -> Int {
        guard let step = scene.step else { return 0 }
        let theme = numbers.theme
        let lines = NumberLines(context: numbers.context, decimals: 4)
        let update = step.update(place)
        var y = rect.y
        canvas.write(title, x: rect.x, y: y, style: Style(theme.text, bold: true), limit: rect.width)
        y += 1
        let isLoose = rect.height >= update.lines.count + 9
        if isLoose { y += 1 }
        var gradient: [NumberLine] = []
        let samples = step.sampleCount + step.carriedCount
        if samples > 1 { gradient.append(NumberLine(name: "Σ ∂L/∂w of \(samples)", value: step.gradients[place])) }
        gradient.append(NumberLine(name: "g, the mean", value: update.gradient))
        gradient.append(NumberLine(name: isBias ? "b is" : "w is", value: update.weight))
        y = lines.draw(into: &canvas, gradient, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 44))
        if isLoose { y += 1 }
        if y < rect.maxY {
            canvas.write(
                "\(update.title), η = \(formatNumber(update.scheduledRate, digits: 4)), t = \(update.number)",
                x: rect.x, y: y, style: Style(theme.quiet), limit: rect.width)
            y += 1
        }
        let steps = update.lines.map { NumberLine(name: $0.formula, value: $0.value, isResult: $0.isResult) }
        return lines.draw(into: &canvas, steps, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 44)) - rect.y
    }
}

import Engine
import Session
import TerminalKit

/// The tiles of units while one sample is walked through: each shows the sample's value, and in slow motion its δ below it as
/// soon as the walk has reached it.
struct TraceTile {
    let scene: WalkScene
    let trace: SampleTrace
    private let order: [LayerPath: Int]
    /// The units that the walk lights.
    private let lit: Set<ViewRequest.Neuron>

    /// - Returns: nil: no sample is walked through, or its numbers are not there yet.
    init?(_ scene: WalkScene?) {
        guard let scene, let trace = scene.trace else { return nil }
        (self.scene, self.trace) = (scene, trace)
        lit = Set(
            scene.walk.lights(scene).compactMap { light in
                light.unit.map { ViewRequest.Neuron(layer: light.layer, unit: $0) }
            })
        order = Dictionary(
            uniqueKeysWithValues: ([.input] + scene.outline.allPaths).enumerated().map { ($1, $0) })
    }

    private var context: PlotContext { scene.context }

    /// Whether a unit's value is known at this step of the walk.
    func isReached(_ layer: LayerPath, _ unit: Int) -> Bool {
        guard scene.walk.phase == .forward, let own = order[layer], let now = order[scene.state.layer] else {
            return true
        }
        if own != now { return own < now }
        return !scene.walk.stepsAreUnits || unit <= scene.state.step
    }

    /// A unit's δ, once the walk has come to it.
    func delta(_ layer: LayerPath, _ unit: Int) -> Float? {
        guard scene.state.mode == .motion, let own = order[layer], let now = order[scene.state.layer],
            let delta = trace.layers[layer]?.sumGradients, delta.indices.contains(unit)
        else { return nil }
        switch scene.walk.phase {
        case .forward, .loss: return nil
        case .update: return delta[unit]
        case .backward: return own > now || own == now && unit <= scene.unit ? delta[unit] : nil
        }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ layer: LayerPath, _ unit: Int) {
        let values = trace.values(layer)
        if let map = scene.outline.map(layer: layer), map.pixels > 1 {
            return drawMap(into: &canvas, rect, map, gradients(layer) ?? values, unit)
        }
        guard values.indices.contains(unit), isReached(layer, unit) else {
            return canvas.fill(rect, with: Cell(" ", Style(on: context.theme.selection)))
        }
        let largest = values.reduce(layer.isInput ? 1e-9 : 1) { $1.isFinite ? max($0, abs($1)) : $0 }
        let value = values[unit]
        let ground = context.ramp(value / largest)
        var style =
            context.colorless ? Style(context.theme.text) : Style(.rgb(contrast(ground)), on: .rgb(ground))
        if lit.contains(ViewRequest.Neuron(layer: layer, unit: unit)) {
            style =
                context.colorless
                ? Style(context.theme.text, bold: true, reverse: true)
                : Style(.rgb(context.theme.accent), on: context.theme.selection, bold: true)
        }
        canvas.fill(rect, with: Cell(" ", style))
        guard rect.width >= 3 else {
            // No room for a number: its sign, where there are no colours.
            if context.colorless { canvas.write(value < 0 ? "-" : "+", x: rect.x, y: rect.y, style: style) }
            return
        }
        let decimals = rect.width >= 8 ? 3 : 2
        canvas.writeRight(
            formatFitting(value, columns: rect.width, decimals: decimals), maxX: rect.maxX, y: rect.y, style: style)
        guard rect.height > 1, scene.state.mode == .motion, !layer.isInput else { return }
        let delta = delta(layer, unit)
        let sign = rect.width >= 6 ? "δ" : ""
        canvas.write(sign, x: rect.x, y: rect.y + 1, style: style, limit: rect.width)
        let text = delta.map { formatFitting($0, columns: rect.width - sign.count, decimals: decimals) } ?? ""
        canvas.writeRight(
            text.isEmpty && !sign.isEmpty ? "·" : text, maxX: rect.maxX, y: rect.y + 1,
            style: style)
    }

    /// The derivatives that maps show once the way back has come to them; nil: they show their values.
    private func gradients(_ layer: LayerPath) -> [Float]? {
        guard scene.state.mode == .motion, scene.walk.phase == .backward, let own = order[layer],
            let now = order[scene.state.layer]
        else { return nil }
        if layer == scene.before, scene.walk.id == .kernelBack || scene.walk.id == .poolBack {
            return trace.layers[layer]?.valueGradients
        }
        return own >= now ? trace.layers[layer]?.sumGradients : nil
    }

    /// A map of the sample's own, by the scale of its layer: its values, or on the way back its derivatives.
    private func drawMap(
        into canvas: inout Canvas, _ rect: Rect, _ map: ImageShape, _ values: [Float], _ unit: Int
    ) {
        let place = imageRect(ImageShape(channels: 1, height: map.height, width: map.width), in: rect)
        let own = unit * map.pixels..<(unit + 1) * map.pixels
        guard own.upperBound <= values.count else {
            return canvas.fill(place, with: Cell(" ", Style(on: context.theme.selection)))
        }
        let largest = values.reduce(Float(1e-9)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let isSigned = values.contains { $0 < 0 }
        let context = context
        drawHeatMap(
            into: &canvas, place, values: values[own].map { isSigned ? $0 / largest : 2 * $0 / largest - 1 },
            columns: map.width, rows: map.height, ramp: { isSigned ? context.ramp($0) : context.shade($0) },
            capabilities: context.capabilities)
    }

    /// The number that a link shows: forward the product of its weight and the value that comes over it, back the gradient.
    func value(ofLink layer: LayerPath, _ unit: Int, _ from: Int) -> Float? {
        guard let matrix = scene.outline.weightMatrix(layer: layer) else { return nil }
        let place = matrix.place(unit: unit, input: from)
        if let step = scene.step, scene.walk.phase == .backward || scene.walk.phase == .update {
            return step.gradients.indices.contains(place) ? step.gradient(place) : nil
        }
        let inputs = trace.values(scene.outline.directlyBefore(layer))
        let parameters = scene.step?.parameters ?? context.snapshot.parameters
        guard inputs.indices.contains(from), parameters.indices.contains(place) else { return nil }
        return parameters[place] * inputs[from]
    }
}

import Engine
import Session

/// One value of a layer that brings values to mean 0 and deviation 1, over a batch or over the units of a sample, with the
/// numbers that enter it forward and back.
struct NormStep {
    private let scene: WalkScene
    /// The value that comes in.
    private let x: Float
    /// μ and √(σ² + ε).
    let mean: Float
    let deviation: Float
    /// γ and β; nil: the layer has none.
    let scale: Float?
    let shift: Float?
    /// ∂loss/∂y; nil: training asks for none.
    private let arriving: Float?
    /// The means of g = ∂loss/∂n and of g·n.
    let gradientMean: Float?
    let gradientSlope: Float?

    /// nil: the layer is of another kind, or its mean and variance are running ones.
    /// - Parameter index: of the value in the layer's order.
    init?(_ numbers: WalkNumbers, _ index: Int) {
        let (scene, values) = (numbers.scene, numbers.values)
        let layer = scene.trace?.layers[scene.state.layer]
        let pixels = ImageShape(scene.layer.output)?.pixels ?? 1
        func parameter(_ name: String, _ index: Int) -> Float? {
            numbers.tensor(name).flatMap { tensor in
                let place = tensor.count == scene.layer.output.count ? index : index / pixels
                return place < tensor.count ? numbers.parameters[tensor.offset + place] : nil
            }
        }
        guard values.inputs.indices.contains(index) else { return nil }
        (self.scene, x) = (scene, values.inputs[index])
        (scale, shift) = (parameter("weight", index), parameter("bias", index))
        let arrivingAll = layer?.valueGradients
        arriving = arrivingAll?[index]
        if let batch = layer?.batch {
            let unit = index / pixels
            (mean, deviation) = (batch.means[unit], batch.deviations[unit])
            (gradientMean, gradientSlope) = (batch.gradientMeans?[unit], batch.gradientSlopes?[unit])
        } else if case .oneByAll(let epsilon)? = scene.layer.link {
            let count = Float(values.inputs.count)
            let mean = values.inputs.reduce(0, +) / count
            let variance = values.inputs.reduce(Float(0)) { $0 + ($1 - mean) * ($1 - mean) } / count
            let deviation = (variance + epsilon).squareRoot()
            (self.mean, self.deviation) = (mean, deviation)
            let gradients = arrivingAll?.enumerated().map { $1 * (parameter("weight", $0) ?? 1) }
            gradientMean = gradients.map { $0.reduce(0, +) / count }
            gradientSlope = gradients.map { gradients in
                zip(gradients, values.inputs).reduce(Float(0)) { $0 + $1.0 * (($1.1 - mean) / deviation) } / count
            }
        } else {
            return nil
        }
    }

    /// n
    var normalized: Float { (x - mean) * (1 / deviation) }
    /// ∂loss/∂n
    var gradient: Float? { arriving.map { $0 * (scale ?? 1) } }
    /// ∂loss/∂x by the formula.
    var passed: Float? {
        guard let gradient, let gradientMean, let gradientSlope else { return nil }
        return (1 / deviation) * (gradient - gradientMean - normalized * gradientSlope)
    }

    /// Those of a formula y = γ (x − μ) / √(σ² + ε) + β.
    var facts: [(name: String, value: Float)] {
        var facts: [(name: String, value: Float)] = [
            ("mean μ", mean), ("√(σ² + ε)", deviation), ("n = (x − μ)/√(σ² + ε)", normalized),
        ]
        if let scale { facts.append(("scale γ", scale)) }
        if let shift { facts.append(("shift β", shift)) }
        return facts
    }

    static let formulaBack = "∂L/∂x = (g − mean g − n · mean g·n) / √(σ² + ε), g = γ ∂L/∂y, n = (x − μ) / √(σ² + ε)"

    /// The terms of the derivative beside that from behind.
    var linesBack: [NumberLine] {
        guard let gradient, let gradientMean, let gradientSlope else { return [] }
        var lines: [NumberLine] = []
        if let scale { lines.append(NumberLine(name: "scale γ", value: scale)) }
        lines.append(NumberLine(name: "g", value: gradient))
        lines.append(NumberLine(name: "mean g", value: gradientMean))
        lines.append(NumberLine(name: "n", value: normalized))
        lines.append(NumberLine(name: "mean g·n", value: gradientSlope))
        lines.append(NumberLine(name: "√(σ² + ε)", value: deviation))
        return lines
    }
}

import Engine

/// The straight line that the layer after a view draws through it: w₁·x + w₂·y + b = 0 in the shown units' values.
struct NextLayerLine: Sendable, Hashable {
    var x: Float
    var y: Float
    var constant: Float

    /// Only when the next layer has one unit (or is an output of two softmax units: the line where they are equal) and
    /// the view shows all of its inputs; after a curved activation nothing is straight before it.
    init?(snapshot: Snapshot, target: HiddenTarget) {
        let outline = snapshot.outline
        let layer = target.layer
        guard !target.pca, target.units.count == outline.unitCount(layer: layer) else { return nil }
        let linear = outline[layer]?.activation.map { Catalogue.isIdentity(activation: $0.id) } ?? true
        guard target.stage == .activation || linear else { return nil }
        guard
            let next = outline.paths.first(where: { $0.index > layer.index && outline.hasUnits(layer: $0) }),
            outline.source(of: next) == layer, let weights = outline.weightMatrix(layer: next)
        else { return nil }
        let outputs = outline.unitCount(layer: next)
        let bias = outline.biases(layer: next)
        guard snapshot.parameters.count >= outline.flatCount else { return nil }
        func row(_ unit: Int) -> (weights: [Float], bias: Float) {
            (
                target.units.map { snapshot.parameters[weights.place(unit: unit, input: $0)] },
                bias.map { snapshot.parameters[$0.offset + unit] } ?? 0
            )
        }
        var (w, b) = row(0)
        if outputs == 2, next == outline.output, Catalogue.comparesOutputs(loss: snapshot.network.loss.id) {
            let other = row(1)
            w = zip(w, other.weights).map { $0 - $1 }
            b -= other.bias
        } else if outputs != 1 {
            return nil
        }
        guard (w + [b]).allSatisfy(\.isFinite), w.contains(where: { $0 != 0 }) else { return nil }
        x = w[0]
        y = w.count > 1 ? w[1] : 0
        constant = b
    }

    /// Both ends of the part inside the axes, normalized to them; nil: it lies outside.
    func ends(x xRange: ClosedRange<Float>, y yRange: ClosedRange<Float>) -> [SIMD2<Float>]? {
        // In normalized coordinates a·u + b·v + c = 0 over the unit square.
        let a = x * (xRange.upperBound - xRange.lowerBound)
        let b = y * (yRange.upperBound - yRange.lowerBound)
        let c = constant + x * xRange.lowerBound + y * yRange.lowerBound
        var ends: [SIMD2<Float>] = []
        func add(_ u: Float, _ v: Float) {
            guard u >= -1e-6, u <= 1 + 1e-6, v >= -1e-6, v <= 1 + 1e-6 else { return }
            let end = SIMD2(min(max(u, 0), 1), min(max(v, 0), 1))
            let known = ends.contains { abs($0.x - end.x) + abs($0.y - end.y) < 1e-5 }
            if !known && ends.count < 2 { ends.append(end) }
        }
        if b != 0 {
            add(0, -c / b)
            add(1, -(c + a) / b)
        }
        if a != 0 {
            add(-c / a, 0)
            add(-(c + b) / a, 1)
        }
        return ends.count == 2 ? ends : nil
    }
}

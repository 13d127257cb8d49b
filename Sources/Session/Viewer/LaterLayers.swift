import Engine

/// The layers after a view as a network of their own: what they make of any place in the view's plane.
final class LaterLayers {
    private var network: Network?

    /// The places of the plane at which they answer.
    static let size = ViewRequest.Size(columns: 60, rows: 40)

    /// The network's output over the whole plane of a layer whose every unit the view shows, `[rows, columns]` from the
    /// top; nil where the plane does not fix what comes after it.
    func field(
        _ snapshot: Snapshot, target: HiddenTarget, x: ClosedRange<Float>, y: ClosedRange<Float>, reading: OutputReading
    ) -> Field? {
        let outline = snapshot.outline
        let own = outline[target.layer]
        let shape = own?.output ?? outline.input
        let linear = own?.activation.map { Catalogue.isIdentity(activation: $0.id) } ?? true
        let layer = target.layer.index
        guard snapshot.network.task != .reconstruction, target.layer.block == nil, !target.pca,
            target.units.count == shape.count,
            target.stage == .activation || linear,
            layer < outline.layers.count - 1, snapshot.parameters.count >= outline.flatCount
        else { return nil }
        var description = snapshot.network
        description.input = shape
        description.layers.removeFirst(layer + 1)
        // A learning rule's network has no layers that could be cut off.
        if network?.description != description { network = try? Network(description, capacity: Self.size.count) }
        guard let network else { return nil }
        network.load(parameters: Self.parameters(of: network.outline, from: snapshot, after: layer))
        var inputs = [Float](repeating: 0, count: Self.size.count * shape.count)
        for at in 0..<Self.size.count {
            let u = (Float(at % Self.size.columns) + 0.5) / Float(Self.size.columns)
            let v = 1 - (Float(at / Self.size.columns) + 0.5) / Float(Self.size.rows)
            let place = SIMD2(
                x.lowerBound + u * (x.upperBound - x.lowerBound), y.lowerBound + v * (y.upperBound - y.lowerBound))
            for (axis, unit) in target.units.enumerated() { inputs[at * shape.count + unit] = place[axis] }
        }
        network.forward(inputs, count: Self.size.count)
        return reading.field(
            (0..<reading.outputs).map { output in
                var values: [Float] = []
                network.appendValues(
                    layer: network.outline.output, stage: .activation, unit: output, to: &values)
                return values
            })
    }

    /// The same tensors at their places in the smaller network.
    private static func parameters(of later: Outline, from snapshot: Snapshot, after layer: Int) -> [Float] {
        var parameters = [Float](repeating: 0, count: later.flatCount)
        for (own, whole) in zip(later.layers, snapshot.outline.layers.dropFirst(layer + 1)) {
            for (target, source) in zip(own.tensors, whole.tensors) {
                let (to, from) = (later.tensors[target], snapshot.outline.tensors[source])
                for index in 0..<to.count { parameters[to.offset + index] = snapshot.parameters[from.offset + index] }
            }
        }
        return parameters
    }
}

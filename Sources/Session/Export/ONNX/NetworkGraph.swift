import Datasets
import Engine

extension Graph {
    /// A penalty on the mean of a value's units over the batch (`Sparsity`).
    struct Penalty: Sendable {
        var value: String
        var target: Double
        var weight: Double
    }

    mutating func sum(_ x: String, over axis: Int) -> String {
        add("ReduceSum", x, integers([axis]), with: ["keepdims": .integer(0)])
    }

    /// The trained network of an experiment from raw columns, pixels (0 to 1) or steps on to its answers: `x`, of sequences with
    /// lengths also `lengths`, to `y`.
    init(_ training: ExportedTraining) throws(ExperimentError) {
        let (network, data) = (training.network, training.data)
        var values: String
        if case .columns(let columns) = data.schema.kind {
            inputs = [Port(name: "x", axes: [columns.count])]
            values = features(data, columns: columns.count)
        } else {
            inputs = [Port(name: "x", axes: network.description.input.axes)]
            values = "x"
            if data.schema.isImage {
                values = standardized(values, data.featureMeans, data.featureScales, [data.featureMeans.count, 1, 1])
            }
        }
        if network.description.sequence.hasLengths {
            inputs.append(Port(name: "lengths", axes: [], isInteger: true))
            lengths = "lengths"
        }
        let (sums, form) = (try self.sums(of: network, values), network.output)
        let learned = "\(network.outputLayer.path).activation.weight"
        var y = GraphParts.activation(form.activation, learned, network[tensor: learned], sums, &self)
        if case .regression = network.description.task, data.targetMean != 0 || data.targetScale != 1 {
            y = add("Add", add("Mul", y, real(Double(data.targetScale))), real(Double(data.targetMean)))
        }
        name(y, "y")
        outputs = [Port(name: "y", axes: network.outputLayer.output.axes)]
    }

    /// The network over prepared inputs, for a walk in another precision.
    /// - Parameter isTraining: batch normalization goes by the batch.
    init(walking network: ExportedNetwork, isTraining: Bool) throws(ExperimentError) {
        self.isTraining = isTraining
        inputs = [Port(name: "x", axes: network.description.input.axes)]
        if network.description.sequence.hasLengths {
            inputs.append(Port(name: "lengths", axes: [], isInteger: true))
            lengths = "lengths"
        }
        let sums = try self.sums(of: network, "x")
        let learned = "\(network.outputLayer.path).activation.weight"
        name(sums, "sums")
        name(GraphParts.activation(network.output.activation, learned, network[tensor: learned], sums, &self), "y")
    }

    /// The layers and the output's sums.
    private mutating func sums(of network: ExportedNetwork, _ x: String) throws(ExperimentError) -> String {
        let x = try GraphLayers.emit(network.layers, of: network, x, into: &self)
        let (layer, form) = (network.outputLayer, network.output)
        if form.reconstructs {
            if let last = network.layers.last, last.outline.drawsInput {
                throw last.refused("draws the values before it back, which has no operator; end with another layer")
            }
            return layer.input == layer.output ? x : reshape(x, layer.output.axes)
        }
        guard let steps = form.steps else {
            return GraphLayers.linear(layer.path, network, flatten(x, from: layer.input.axes), &self)
        }
        if layer.input.axes.count == 2, layer.input.axes[0] == steps {
            let rows = reshape(x, [layer.input.axes[1]])
            return reshape(GraphLayers.linear(layer.path, network, rows, &self), [steps, form.units])
        }
        let row = flatten(x, from: layer.input.axes)
        return reshape(GraphLayers.linear(layer.path, network, row, &self), [steps, form.units])
    }

    private mutating func features(_ data: PreparedData, columns: Int) -> String {
        let steps = data.featureSteps
        let isPlain = steps == (0..<columns).map { [.column($0)] }
        var values = "x"
        if !isPlain {
            let parts = steps.map { GraphParts.feature($0, of: "x", &self) }
            values = add("Concat", parts, outputs: 1, [("axis", .integer(1))])[0]
        }
        return standardized(values, data.featureMeans, data.featureScales, [data.featureMeans.count])
    }

    private mutating func standardized(_ x: String, _ means: [Float], _ scales: [Float], _ axes: [Int]) -> String {
        guard means.contains(where: { $0 != 0 }) || scales.contains(where: { $0 != 1 }) else { return x }
        return add("Div", add("Sub", x, reals(means, axes, "means")), reals(scales, axes, "scales"))
    }
}

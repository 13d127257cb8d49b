import Datasets
import Engine

@testable import Session

/// Snapshots of hand-made networks over the plane [−6, 6]².
enum ViewerFixture {
    static let points: [DrawnPoint] = [
        DrawnPoint(x1: 1, x2: 2, label: .text("a")), DrawnPoint(x1: -3, x2: 4, label: .text("b")),
        DrawnPoint(x1: 0, x2: -5, label: .text("a")),
    ]

    /// - Parameter tensors: each tensor's values by name; what is missing is 0.
    static func snapshot(
        _ network: NetworkDescription, tensors: [String: [Float]], features: [String] = ["x1", "x2"],
        points: [DrawnPoint] = points
    ) throws -> Snapshot {
        let outline = try network.outline()
        var parameters = [Float](repeating: 0, count: outline.flatCount)
        for (name, values) in tensors {
            let tensor = outline.tensors.first { $0.name == name }!
            precondition(tensor.count == values.count, "\(name) has \(tensor.count) numbers")
            for (index, value) in values.enumerated() { parameters[tensor.offset + index] = value }
        }
        let task: TaskKind = network.task == .regression ? .regression : .classification
        let description = DataDescription(
            dataset: Choice("points"), points: points, trainFraction: 1, shuffle: false, task: task, standardize: false)
        var data = try prepare(description, features: features, directory: nil)
        for index in data.columns.indices { data.columns[index].range = -6...6 }
        return Snapshot(
            revision: 1, generation: 1, experiment: Experiment(data: description, layers: network.layers),
            network: network, outline: outline, data: data, parameters: parameters, state: .paused, step: 0, epoch: 0,
            evaluation: nil, history: History(), learningRate: 0.03, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1,
            seconds: 0, message: nil)
    }

    static func dense(_ units: Int, _ activation: String) -> Choice {
        Choice("dense", ["units": .integer(units), "activation": .choice(Choice(activation))])
    }

    /// x1, x2 → the identity in two linear units → tanh output with the weights (w1, w2) and the bias b.
    static func plane(_ w1: Float, _ w2: Float, _ b: Float) throws -> Snapshot {
        try snapshot(
            NetworkDescription(
                input: Shape(2), task: .classification(classes: 2), layers: [dense(2, "linear")],
                outputActivation: Choice("linear")),
            tensors: ["layers.0.weight": [1, 0, 0, 1], "output.weight": [w1, w2], "output.bias": [b]])
    }
}

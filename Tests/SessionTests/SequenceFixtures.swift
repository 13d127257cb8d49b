import Datasets
import Engine
import Testing

@testable import Session

/// Snapshots of networks over sequences, with weights from a seed.
enum SequenceFixture {
    /// - Parameters:
    ///   - data, layers: as in a document.
    ///   - tensors: numbers by the tensors' names, in place of those drawn.
    static func snapshot(
        _ data: String, _ layers: String, seed: UInt64 = 3, tensors: [String: [Float]] = [:]
    ) throws -> Snapshot {
        let experiment = try Experiment(json: JSON(parsing: #"{"data":\#(data),"layers":\#(layers),"seed":\#(seed)}"#))
        let prepared = try prepare(experiment.data, features: [], directory: nil)
        let network = experiment.network(for: prepared)
        let outline = try network.outline()
        var parameters = try network.initialParameters(seed: seed)
        for (name, values) in tensors {
            let tensor = try #require(outline.tensors.first { $0.name == name })
            #expect(tensor.count == values.count)
            parameters.replaceSubrange(tensor.offset..<tensor.offset + values.count, with: values)
        }
        return Snapshot(
            revision: 1, generation: 1, experiment: experiment, network: network, outline: outline, data: prepared,
            parameters: parameters, state: .paused, step: 0, epoch: 0, evaluation: nil, history: History(),
            learningRate: 0.03, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1, seconds: 0, message: nil)
    }

    static let grammar = #"{"dataset":"grammar","samples":60}"#
    static let parity = #"{"dataset":"parity","samples":40,"length":8}"#
    static let waves = #"{"dataset":"waves","samples":20,"length":24}"#
    static let sums = #"{"dataset":"sums","samples":60}"#
    static let recall = #"{"dataset":"recall","samples":20,"lag":6}"#
    static let wordsNetwork = #"[{"embedding":{"size":4}},{"gru":{"units":6,"returns":"all"}}]"#
}

extension SequenceFixture {
    /// The network's own outputs for one sample.
    static func outputs(_ snapshot: Snapshot, _ inputs: [Float]) throws -> [Float] {
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        network.forward(inputs, count: 1)
        return network.values(layer: snapshot.outline.output)
    }

    /// A text that a network writes.
    static func written(_ snapshot: Snapshot, _ request: WritingRequest) throws -> WrittenText {
        var wish = ViewRequest()
        wish.writing = request
        let maker = PictureMaker()
        var picture = maker.makePicture(snapshot, wish)
        for _ in 0..<200 where !picture.settled { picture = maker.makePicture(snapshot, wish) }
        #expect(picture.settled)
        return try #require(picture.written)
    }
}

import Datasets
import Engine
import Testing

@testable import Session

@Suite("Computational graphs of neurons and networks")
struct NetworkGraphTests {
    private static func snapshot(_ json: String, epochs: Int = 5) throws -> Snapshot {
        let trainer = StillTrainer(try Experiment(json: JSON(parsing: json)), directory: nil)
        trainer.train(epochs: epochs)
        return try #require(trainer.snapshot)
    }

    private static let small =
        #"{"data":{"dataset":"circle","samples":40},"layers":[{"dense":{"units":3,"activation":"tanh"}},{"dense":{"units":2,"activation":"sigmoid"}}]}"#

    /// The place of a weight or a bias in the flat parameters, by the name of its node.
    private func place(_ name: String, _ outline: Outline) -> Int? {
        let letters: [Character: LayerPath] = ["h": 0, "g": 1, "y": outline.output]
        func unit(_ name: Substring) -> Int { (Int(name.dropFirst()) ?? 1) - 1 }
        let inner = name.dropFirst(2).dropLast()
        if name.hasPrefix("b("), let layer = letters[inner.first!] {
            return outline.biases(layer: layer).map { $0.offset + unit(inner) }
        }
        let ends = inner.split(separator: "→")
        guard name.hasPrefix("w("), ends.count == 2, let layer = letters[ends[1].first!] else { return nil }
        return outline.weightMatrix(layer: layer)?.place(unit: unit(ends[1]), input: unit(ends[0]))
    }

    @Test(
        "a network's graph: values are the engine's, and the derivative at each weight is the numeric one",
        arguments: ["{}", #"{"loss":"binaryCrossEntropy"}"#, #"{"loss":"softmaxCrossEntropy"}"#])
    func network(_ output: String) throws {
        var json = Self.small
        json.removeLast()
        let snapshot = try Self.snapshot(json + #","output":\#(output)}"#)
        let graph = try NetworkGraph(snapshot, row: 3).graph
        let inputs = snapshot.data.train.inputs.values(of: 3)
        let label = snapshot.data.train.labels[3]
        let network = try Network(snapshot.network, capacity: 1)
        func loss(_ parameters: [Float], _ inputs: [Float]) -> Double {
            network.load(parameters: parameters)
            network.forward(inputs, count: 1)
            return network.loss(ofLabel: label)
        }
        #expect(graph.value == loss(snapshot.parameters, inputs) && graph.nodes[graph.result].name == "L")
        for node in graph.nodes where node.name.hasPrefix("h") || node.name.hasPrefix("z(") {
            let stage: Network.Stage = node.name.hasPrefix("z(") ? .preActivation : .activation
            let own = stage == .activation ? node.name[...] : node.name.dropFirst(2).dropLast()
            let layer: LayerPath = own.hasPrefix("h") ? 0 : own.hasPrefix("g") ? 1 : snapshot.outline.output
            let unit = (Int(own.dropFirst()) ?? 1) - 1
            #expect(node.value == Double(network.value(layer: layer, stage: stage, unit: unit, sample: 0)), "\(node)")
        }
        var tested = 0
        for (index, node) in graph.nodes.enumerated() where node.isVariable && !node.isGiven {
            var (above, below) = (snapshot.parameters, snapshot.parameters)
            var (right, left) = (inputs, inputs)
            let h: Float = 1 / 256
            if let place = place(node.name, snapshot.outline) {
                #expect(node.value == Double(snapshot.parameters[place]))
                above[place] += h
                below[place] -= h
            } else {
                #expect(node.name == "x\(index + 1)" && node.value == Double(inputs[index]))
                right[index] += h
                left[index] -= h
            }
            let numeric = (loss(above, right) - loss(below, left)) * 128
            #expect(abs(numeric - node.derivative) < 1e-3 * max(0.05, abs(numeric)) + 2e-5, "\(node) \(numeric)")
            tested += 1
        }
        #expect(tested == 2 + 3 * 3 + 2 * 4 + (output.contains("softmax") ? 2 : 1) * 3)
        // The targets are given, and the loss's own derivative stands at its edges with its numbers.
        let given = graph.nodes.filter(\.isGiven)
        #expect(given.count == (output.contains("softmax") ? 2 : 1) && given.allSatisfy { $0.name.hasPrefix("t(y") })
        for step in graph.steps where step.from == graph.result {
            let worked = try #require(step.worked)
            let (y, t) = (try #require(worked.numbers["{y}"]), try #require(worked.numbers["{t}"]))
            #expect(abs(y - t - step.local) < 1e-6 && worked.text == "{y} − {t}" && step.text.contains("− t(y"))
        }
        // The sum over its edges is the whole derivative of a node.
        for (index, node) in graph.nodes.enumerated() where index != graph.result {
            let sum = graph.steps.filter { $0.to == index }.reduce(0) { $0 + $1.product }
            #expect(abs(sum - node.derivative) < 1e-5 * max(1, abs(sum)), "\(node) \(sum)")
        }
    }

    @Test("a neuron's graph ends with its value, and its derivatives are the numeric ones")
    func neuron() throws {
        let snapshot = try Self.snapshot(Self.small)
        let graph = try NetworkGraph(snapshot, row: 1, layer: 1, unit: 1).graph
        #expect(graph.nodes.map(\.name).suffix(2) == ["z(g2)", "g2"])
        let network = try Network(snapshot.network, capacity: 1)
        func value(_ parameters: [Float]) -> Double {
            network.load(parameters: parameters)
            network.forward(snapshot.data.train.inputs.values(of: 1), count: 1)
            return Double(network.value(layer: 1, stage: .activation, unit: 1, sample: 0))
        }
        #expect(graph.value == value(snapshot.parameters))
        var tested = 0
        for node in graph.nodes {
            guard let place = place(node.name, snapshot.outline) else { continue }
            var (above, below) = (snapshot.parameters, snapshot.parameters)
            above[place] += 1 / 256
            below[place] -= 1 / 256
            #expect(abs((value(above) - value(below)) * 128 - node.derivative) < 1e-4, "\(node)")
            tested += 1
        }
        #expect(tested == 4)
    }

    @Test("a perceptron's unit has its values forward, and no derivative: a hard step has none")
    func threshold() throws {
        let snapshot = try Self.snapshot(
            #"{"data":{"dataset":"and"},"layers":[],"output":{"activation":"threshold"},"training":{"rule":"rosenblatt"}}"#
        )
        let graph = try NetworkGraph(snapshot, row: 0, layer: snapshot.outline.output, unit: 0).graph
        #expect(graph.value == 0 || graph.value == 1)
        let step = try #require(graph.steps.first)
        #expect(step.absence != nil && step.product.isNaN)
        #expect(graph.nodes.filter(\.isVariable).allSatisfy { $0.value.isFinite && $0.derivative.isNaN })
    }

    @Test("messages name other graphs by the words of the place where they are read")
    func names() throws {
        let snapshot = try Self.snapshot(
            #"{"data":{"dataset":"circle","samples":20},"layers":[{"dense":{"units":200}}]}"#, epochs: 0)
        let names = NetworkGraph.Names(network: "key N", neuron: "key M", walks: "keys W")
        let error = #expect(throws: ExperimentError.self) { try NetworkGraph(snapshot, row: 0, names: names) }
        #expect(error?.message.contains("(key M)") == true)
        #expect(error?.message.contains("--") == false)
    }

    @Test(
        "what has no such graph says why",
        arguments: [
            (#"{"data":{"dataset":"lines","samples":20},"layers":[{"conv2d":{"filters":2}}]}"#, "table of rows"),
            (#"{"data":{"dataset":"circle","samples":20},"layers":[{"dense":{"units":200}}]}"#, "smaller network"),
            (
                #"{"data":{"dataset":"and"},"layers":[],"output":{"activation":"threshold"},"training":{"rule":"rosenblatt"}}"#,
                "no gradient"
            ),
        ])
    func refusals(_ json: String, _ words: String) throws {
        let snapshot = try Self.snapshot(json, epochs: 0)
        let error = #expect(throws: ExperimentError.self) { try NetworkGraph(snapshot, row: 0) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        let circle = try Self.snapshot(Self.small, epochs: 0)
        let none = #expect(throws: ExperimentError.self) { try NetworkGraph(circle, row: 0, layer: 0, unit: 3) }
        #expect(none?.message.contains("1 to 3") == true)
        #expect(throws: ExperimentError.self) { try NetworkGraph(circle, row: 40, layer: 0, unit: 0) }
    }
}

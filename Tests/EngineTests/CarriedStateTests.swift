import Testing

@testable import Engine

/// States that go on from window to window of a text.
@Suite struct CarriedStateTests {
    static let steps = 4

    /// A network over windows of two values a step, and its data.
    private func network(_ layers: String, steps: Int = steps, features: Int = 2) -> NetworkDescription {
        var network = classifier(stack(layers), loss: Choice("softmaxCrossEntropy"), classes: 3)
        network.input = Shape(steps, features)
        network.sequence = SequenceForm(targetSteps: steps, continues: true)
        return network
    }

    private func windows(_ count: Int, seed: UInt64 = 3, steps: Int = steps, features: Int = 2) -> Samples {
        var random = Random(seed: seed)
        return Samples(
            count: count, inputs: (0..<count * steps * features).map { _ in Float(random.uniform(-1.5, 1.5)) },
            labels: (0..<count * steps).map { _ in Float(Int(random.uniform() * 3)) })
    }

    private func descent(
        _ layers: String, windows count: Int = 26, batch: Int = 3, optimizer: String = "adam", shuffle: Bool = true
    ) throws -> GradientDescent {
        try GradientDescent(
            network: network(layers),
            learning: LearningDescription(optimizer: Choice(optimizer), batchSize: batch, shuffle: shuffle),
            train: windows(count), test: windows(7, seed: 4), seed: 2)
    }

    static let cells = [
        "rnn:units=3:returns=all:carry=true", "lstm:units=3:returns=all:layers=2:carry=true",
        "gru:units=4:returns=all:carry=true", "embedding:size=2 lstm:units=3:returns=all:carry=true",
    ]

    @Test("streams take a window each in turn, and what is left over comes last")
    func streams() {
        #expect(Streams.equal(samples: 8, streams: 3) == [0, 2, 4, 1, 3, 5, 6, 7])
        #expect(Streams.equal(samples: 3, streams: 3) == [0, 1, 2])
        let all = Streams.all(samples: 8, streams: 3)
        #expect(all.order == [0, 3, 6, 1, 4, 7, 2, 5] && all.counts == [3, 3, 2])
        let one = Streams.all(samples: 4, streams: 1)
        #expect(one.order == [0, 1, 2, 3] && one.counts == [1, 1, 1, 1])
    }

    @Test("a state is carried only over windows of one text, and not backwards")
    func refusals() throws {
        var apart = network("lstm:carry=true:returns=all")
        apart.sequence.continues = false
        let first = #expect(throws: EngineError.self) { try Plan(apart) }
        #expect(first?.place == "layers.0.lstm.carry")
        #expect(first?.message.contains("expected windows of one text") == true)
        let both = #expect(throws: EngineError.self) {
            try Plan(network("gru:carry=true:returns=all:bidirectional=true"))
        }
        #expect(both?.message.contains("set bidirectional or carry to false") == true)
    }

    @Test("within a window that begins with a state the gradient is that of differences", arguments: cells)
    func gradients(_ layers: String) throws {
        let isText = layers.hasPrefix("embedding")
        var network = network(layers, features: isText ? 1 : 2)
        if isText { network.sequence.vocabulary = 3 }
        let plan = try Plan(network)
        let (parameters, gradients) = (
            try Block(count: plan.outline.flatCount), try Block(count: plan.outline.flatCount)
        )
        var random = Random(seed: 8)
        parameters.write(plan.initialParameters(&random))
        let count = 5
        let pass = try CPUPass(
            plan.program, part: .training, capacity: count, parameters: parameters, gradients: gradients)
        var data = windows(2 * count, features: network.input.axes[1])
        if isText {
            let numbers = data.inputs.values.map { abs($0).rounded() }
            data = Samples(count: 2 * count, inputs: numbers, labels: data.labels)
        }
        let samples = try ResidentSamples(
            data, task: network.task, head: plan.head, inputs: network.inputWidth, place: "samples")
        func run(from first: Int, continues: Bool) {
            pass.gather(pass.program.input, from: samples.inputs, order: nil, first: first, count: count)
            pass.gather(pass.program.target, from: samples.targets, order: nil, first: first, count: count)
            pass.run(count: count, continues: continues)
        }
        run(from: 0, continues: false)
        let state = pass.carriedValues(count: count)
        #expect(state.allSatisfy { $0.contains { abs($0) > 0.01 } })
        func loss() -> Double {
            pass.write(carried: state, count: count)
            run(from: count, continues: true)
            return pass.sum(
                of: CPULoss(plan.head), at: plan.program.layers.last!.preActivation, steps: plan.head.steps,
                count: count)
        }
        _ = loss()
        #expect(pass.carriedValues(count: count) != state)
        let found = gradients.array
        for tensor in plan.outline.tensors {
            var differences: [Float] = []
            for index in tensor.offset..<tensor.offset + tensor.count {
                let value = parameters[index]
                func moved(_ offset: Float) -> Double {
                    parameters[index] = value + offset
                    defer { parameters[index] = value }
                    return loss()
                }
                differences.append(
                    Float((8 * (moved(0.01) - moved(-0.01)) - moved(0.02) + moved(-0.02)) / 0.12))
            }
            let scale = differences.map(abs).max()!
            for (index, difference) in differences.enumerated() {
                #expect(
                    abs(found[tensor.offset + index] - difference) <= 2e-3 * scale + 2e-4, "\(tensor.name)[\(index)]")
            }
        }
    }

    @Test("each epoch begins with the state 0, and takes the same windows in the same order")
    func epochs() throws {
        let descent = try descent("!lstm:units=3:returns=all:carry=true")
        #expect(descent.stepsPerEpoch == 8)
        func states(after steps: Int) -> [TrainingState.CarriedState] {
            for _ in 0..<steps { _ = descent.advance() }
            return descent.state.states
        }
        let first = states(after: 1)
        #expect(first.map(\.name) == ["layers.0.h_l0", "layers.0.c_l0"] && first.map(\.units) == [3, 3])
        #expect(first[0].values.count == 9)
        let second = states(after: 1)
        #expect(second != first)
        // Nine steps are the first epoch and a step of the next.
        #expect(states(after: 7) == first && descent.epoch == 1)
    }

    @Test("training goes on from a state in mid-epoch with the bits of one that never stopped", arguments: cells)
    func state(_ layers: String) throws {
        guard !layers.hasPrefix("embedding") else { return }
        let (whole, half, rest) = (try descent(layers), try descent(layers), try descent(layers))
        for _ in 0..<5 { _ = half.advance() }
        for _ in 0..<20 { _ = whole.advance() }
        let state = half.state
        #expect(state.position == 15)
        try rest.restore(state)
        for _ in 0..<15 { _ = rest.advance() }
        #expect(rest.state == whole.state)
        // Without the state the epoch begins again.
        var bare = state
        bare.states = []
        try rest.restore(bare)
        #expect(rest.state.position == 0 && rest.step == 5)
    }

    @Test("a layer that is frozen in mid-epoch keeps the state; batches of another size begin the epoch again")
    func live() throws {
        let descent = try descent("gru:units=3:returns=all:carry=true")
        for _ in 0..<3 { _ = descent.advance() }
        let before = descent.state
        try descent.apply(descent.learning, to: network("!gru:units=3:returns=all:carry=true"))
        #expect(descent.state.states == before.states && descent.state.position == 9)
        var learning = descent.learning
        learning.batchSize = 5
        try descent.apply(learning)
        #expect(descent.state.position == 0 && descent.stepsPerEpoch == 5)
        for _ in 0..<5 { _ = descent.advance() }
        #expect(descent.epoch == 1)
    }

    @Test("the loss is that of a text read on, and one window's answers are those of the state 0")
    func evaluation() throws {
        let layers = "rnn:units=3:returns=all:carry=true"
        let (carried, apart) = (try descent(layers), try descent("rnn:units=3:returns=all"))
        #expect(carried.parameters == apart.parameters)
        #expect(carried.evaluate().trainLoss != apart.evaluate().trainLoss)
        let (one, other) = (
            try Network(carried.model.network, capacity: 2), try Network(apart.model.network, capacity: 2)
        )
        let inputs = Array(windows(26).inputs.values[..<(2 * 2 * Self.steps)])
        var answers: [[Float]] = []
        for network in [one, other] {
            network.load(parameters: carried.parameters)
            for _ in 0..<2 { network.forward(inputs, count: 2) }
            answers.append(
                (0..<12).map {
                    network.value(layer: carried.model.outline.output, stage: .activation, unit: $0, sample: 1)
                })
        }
        #expect(answers[0] == answers[1])
    }

    @Test("threads share a network with a state that is carried")
    func threads() throws {
        let steps = 12
        func trained(_ threads: Int) throws -> GradientDescent {
            let descent = try GradientDescent(
                network: network(
                    "lstm:units=48:layers=2:returns=all:carry=true gru:units=32:returns=all:carry=true", steps: steps,
                    features: 8), learning: LearningDescription(optimizer: Choice("adam"), batchSize: 64, clipNorm: 1),
                train: windows(200, steps: steps, features: 8), test: noSamples, seed: 3, threads: threads)
            for _ in 0..<6 { _ = descent.advance() }
            return descent
        }
        let (one, two) = (try trained(1), try trained(2))
        let norm = one.parameters.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        let apart = zip(one.parameters, two.parameters).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        #expect(apart.squareRoot() <= 1e-5 * norm)
        #expect(one.state.states.count == 5 && two.state.states.count == 5)
    }
}

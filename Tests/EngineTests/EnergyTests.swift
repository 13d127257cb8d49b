import Foundation
import Testing

@testable import Engine

/// A machine of few units in double precision, whose states can be counted.
private struct SmallMachine {
    let (m, n): (Int, Int)
    var weight: [Double]
    var bias: [Double]
    var visible: [Double]

    init(units: Int, values: Int, seed: UInt64, scale: Double = 1) {
        (m, n) = (units, values)
        var random = Random(seed: seed)
        // Exact in single precision.
        func draw(_ count: Int) -> [Double] { (0..<count).map { _ in Double(Float(scale * random.normal())) } }
        (weight, bias, visible) = (draw(units * values), draw(units), draw(values))
    }

    static func states(_ count: Int) -> [[Double]] {
        (0..<1 << count).map { state in (0..<count).map { Double(state >> $0 & 1) } }
    }

    func up(_ x: [Double]) -> [Double] {
        (0..<m).map { j in sigmoid(bias[j] + (0..<n).reduce(0) { $0 + weight[j * n + $1] * x[$1] }) }
    }

    func down(_ h: [Double]) -> [Double] {
        (0..<n).map { i in sigmoid(visible[i] + (0..<m).reduce(0) { $0 + weight[$1 * n + i] * h[$1] }) }
    }

    func freeEnergy(_ x: [Double]) -> Double {
        (0..<m).reduce(-zip(visible, x).reduce(0) { $0 + $1.0 * $1.1 }) { sum, j in
            sum - log(1 + exp(bias[j] + (0..<n).reduce(0) { $0 + weight[j * n + $1] * x[$1] }))
        }
    }

    /// p(x) of all states of the values.
    var distribution: [Double] {
        let weights = Self.states(n).map { exp(-freeEnergy($0)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// ⟨h x⟩, ⟨h⟩ and ⟨x⟩ with the units' probabilities.
    func correlations(_ x: [Double]) -> [Double] {
        let h = up(x)
        return h.flatMap { h in x.map { h * $0 } } + h + x
    }

    /// E[correlations after `steps` more steps], from values; of reconstructions that are probabilities, or drawn.
    func expected(from x: [Double], steps: Int, draws: Bool) -> [Double] {
        if steps == 0 { return correlations(x) }
        return mean(Self.states(m), up(x)) { h in
            let values = down(h)
            guard draws else { return expected(from: values, steps: steps - 1, draws: false) }
            return mean(Self.states(n), values) { expected(from: $0, steps: steps - 1, draws: true) }
        }
    }

    /// Σ over states of their probability times a value.
    private func mean(_ states: [[Double]], _ p: [Double], _ value: ([Double]) -> [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: m * n + m + n)
        for state in states {
            let weight = zip(state, p).reduce(1) { $0 * ($1.0 == 1 ? $1.1 : 1 - $1.1) }
            for (index, term) in value(state).enumerated() { sum[index] += weight * term }
        }
        return sum
    }

    /// E[correlations] of what the machine itself draws.
    var ownCorrelations: [Double] {
        zip(Self.states(n), distribution).reduce([Double](repeating: 0, count: m * n + m + n)) { sum, state in
            zip(sum, correlations(state.0)).map { $0 + state.1 * $1 }
        }
    }

    func network(visible: String = "binary") -> NetworkDescription {
        NetworkDescription(
            input: Shape(n), task: .reconstruction,
            layers: [Choice("rbm", ["units": .integer(m), "visible": .text(visible)])], loss: Choice("squaredError"))
    }

    /// A model with these numbers.
    func model(batchSize: Int, visible: String = "binary", threads: Int = 1) throws -> Model {
        let network = network(visible: visible)
        let model = try Model(
            network, plan: Plan(network), optimizer: Choice("sgd"), batchSize: batchSize, threads: threads)
        model.write(parameters: flat(model.outline))
        return model
    }

    func flat(_ outline: Outline) -> [Float] {
        var flat = [Float](repeating: 0, count: outline.flatCount)
        for (name, numbers) in [("weight", weight), ("bias", bias), ("visible_bias", visible)] {
            let tensor = outline.tensors.first { $0.name == "layers.0.\(name)" }!
            for (index, number) in numbers.enumerated() { flat[tensor.offset + index] = Float(number) }
        }
        return flat
    }

    /// The numbers of the gradient block, or of the parameters, in the order of the correlations.
    func read(_ block: Block, _ outline: Outline) -> [Double] {
        ["weight", "bias", "visible_bias"].flatMap { name in
            let tensor = outline.tensors.first { $0.name == "layers.0.\(name)" }!
            return (0..<tensor.count).map { Double(block[tensor.offset + $0]) }
        }
    }
}

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

private func resident(_ inputs: [[Double]], _ network: NetworkDescription) throws -> ResidentSamples {
    let samples = Samples(
        count: inputs.count, inputs: inputs.flatMap { $0.map { Float($0) } },
        labels: [Float](repeating: 0, count: inputs.count))
    return try ResidentSamples(
        samples, task: network.task, head: OutputHead(network), inputs: inputs[0].count, place: "samples")
}

@Suite("Layers that draw each other: energies, gradients, chains") struct EnergyTests {
    private static let still = EnergyLearner.Update(momentum: 0, rate: 0, weightCost: 0)

    /// The mean of the gradients of many passes over the same values: one sample in every lane.
    private func meanGradient(
        _ machine: SmallMachine, from x: [Double], _ chain: EnergyProgram.Chain, passes: Int, skipping: Int = 0
    ) throws -> [Double] {
        let batch = 1024
        let model = try machine.model(batchSize: batch)
        let learner = try EnergyLearner(model, model.plan.program.pairs[0], chain, labels: nil, batchSize: batch)
        let feed = try BatchFeed(
            resident([[Double]](repeating: x, count: batch), model.network), network: model.network,
            learning: LearningDescription(batchSize: batch), smallest: 1, seed: 1)
        var sum = [Double](repeating: 0, count: machine.weight.count + machine.m + machine.n)
        for pass in 0..<skipping + passes {
            let count = feed.begin()
            #expect(!learner.step(feed, count: count, seed: 5, counter: UInt64(pass), Self.still))
            guard pass >= skipping else { continue }
            sum = zip(sum, machine.read(model.gradientBlock, model.outline)).map { $0 + $1 }
        }
        return sum.map { $0 / Double(passes * batch) }
    }

    @Test(
        "the mean gradient of contrastive divergence is that of all states it may pass through",
        arguments: [(1, false), (1, true), (2, false), (2, true), (3, false)])
    func expectedGradient(_ steps: Int, _ draws: Bool) throws {
        let machine = SmallMachine(units: 3, values: draws ? 3 : 5, seed: 4)
        let x = Array([1.0, 0, 1, 1, 0].prefix(machine.n))
        let exact = zip(machine.expected(from: x, steps: steps, draws: draws), machine.correlations(x)).map { $0 - $1 }
        let found = try meanGradient(
            machine, from: x, EnergyProgram.Chain(steps: steps, isPersistent: false, drawsValues: draws), passes: 150)
        // 150,000 draws: a deviation of at most 0.0013.
        for (found, exact) in zip(found, exact) { #expect(abs(found - exact) < 0.006) }
    }

    @Test("a long chain's mean gradient, and that of persistent ones, is the likelihood's", arguments: [false, true])
    func likelihoodGradient(_ isPersistent: Bool) throws {
        let machine = SmallMachine(units: 4, values: 6, seed: 9, scale: 0.7)
        let x = [1.0, 0, 1, 1, 0, 0]
        let exact = zip(machine.ownCorrelations, machine.correlations(x)).map { $0 - $1 }
        let found = try meanGradient(
            machine, from: x,
            EnergyProgram.Chain(steps: isPersistent ? 1 : 100, isPersistent: isPersistent, drawsValues: true),
            passes: isPersistent ? 400 : 100, skipping: isPersistent ? 100 : 0)
        for (found, exact) in zip(found, exact) { #expect(abs(found - exact) < 0.01) }
    }

    @Test("the exact likelihood is that of a count over all states, and its slopes are the gradient")
    func likelihood() throws {
        var machine = SmallMachine(units: 5, values: 7, seed: 2)
        let x = [1.0, 0, 0, 1, 1, 0, 1]
        func likelihood(_ machine: SmallMachine) throws -> Double {
            let model = try machine.model(batchSize: 16)
            let measures = try EnergyMeasures(
                model.plan, model.plan.program.pairs[0], parameters: model.parameterBlock)
            let samples = try resident([x], model.network)
            return try #require(try measures.likelihood(freeEnergy: measures.measure(samples)!.freeEnergy))
        }
        let index = SmallMachine.states(7).firstIndex(of: x)!
        #expect(abs(try likelihood(machine) - log(machine.distribution[index])) < 1e-5)
        // There the sum is over the units, of which there are fewer; here over the values.
        let other = SmallMachine(units: 9, values: 7, seed: 3)
        #expect(abs(try likelihood(other) - log(other.distribution[index])) < 1e-5)
        let gradient = zip(machine.correlations(x), machine.ownCorrelations).map { $0 - $1 }
        let h = 0x1p-6
        for place in [0, 8, 34] {
            let old = machine.weight[place]
            machine.weight[place] = old + h
            let above = try likelihood(machine)
            machine.weight[place] = old - h
            let below = try likelihood(machine)
            machine.weight[place] = old
            #expect(abs((above - below) / (2 * h) - gradient[place]) < 1e-3)
        }
    }

    @Test("normal values have a density whose integral is 1")
    func normalValues() throws {
        let machine = SmallMachine(units: 3, values: 1, seed: 6)
        let model = try machine.model(batchSize: 16, visible: "gaussian")
        let measures = try EnergyMeasures(model.plan, model.plan.program.pairs[0], parameters: model.parameterBlock)
        let step = 0.02
        var integral = 0.0
        for index in -600...600 {
            let samples = try resident([[Double(index) * step]], model.network)
            let energy = try #require(measures.measure(samples)).freeEnergy
            integral += step * exp(try #require(try measures.likelihood(freeEnergy: energy)))
        }
        #expect(abs(integral - 1) < 1e-3)
        #expect(try measures.measure(resident([[0.5]], model.network))?.pseudoLikelihood == nil)
    }

    @Test(
        "free energies, probabilities and pseudo-likelihoods are scikit-learn's", arguments: Fixture.read("rbm.txt"))
    func peers(_ fixture: Fixture) throws {
        var machine = SmallMachine(
            units: fixture.numbers["bias"]!.count, values: fixture.numbers["visible_bias"]!.count, seed: 0)
        (machine.weight, machine.bias) = (fixture.numbers["weight"]!, fixture.numbers["bias"]!)
        machine.visible = fixture.numbers["visible_bias"]!
        let model = try machine.model(batchSize: 16)
        let measures = try EnergyMeasures(model.plan, model.plan.program.pairs[0], parameters: model.parameterBlock)
        let network = try Network(model.network, capacity: 1)
        network.load(parameters: model.parameterBlock.array)
        for (sample, energy) in fixture.numbers["freeEnergy"]!.enumerated() {
            let x = Array(fixture.numbers["inputs"]![sample * machine.n..<(sample + 1) * machine.n])
            let measured = try #require(try measures.measure(resident([x], model.network)))
            #expect(abs(measured.freeEnergy - energy) < 1e-5)
            // Exact over all values, beside the mean of 20,000 scores that flip one at random.
            let apart = try #require(measured.pseudoLikelihood) - fixture.numbers["score"]![sample]
            #expect(abs(apart) < 4.5 * fixture.numbers["deviation"]![sample])
            network.forward(x.map { Float($0) }, count: 1)
            let hidden = fixture.numbers["hidden"]![sample * machine.m..<(sample + 1) * machine.m]
            for (found, expected) in zip(network.values(layer: LayerPath("0")!), hidden) {
                #expect(abs(Double(found) - expected) < 1e-6)
            }
        }
    }

    @Test("chains visit states as often as the machine finds them likely; held values stay, and the others follow")
    func chains() throws {
        let machine = SmallMachine(units: 3, values: 4, seed: 8)
        let chains = try #require(try GibbsChains(machine.network(), chains: 256, withLabels: false))
        chains.load(parameters: machine.flat(try machine.model(batchSize: 16).outline))
        for held in [nil, 1] as [Int?] {
            let states = SmallMachine.states(4)
            var expected = machine.distribution
            if let held {
                for (index, state) in states.enumerated() where state[2] != Double(held) { expected[index] = 0 }
            }
            let sum = expected.reduce(0, +)
            chains.hold(GibbsChains.Held(inputs: held.map { [nil, nil, Float($0)] } ?? []))
            chains.begin(seed: 3)
            chains.run(steps: 50)
            // The probabilities of values, over many steps, are their means.
            var means = [Double](repeating: 0, count: 4)
            for _ in 0..<400 {
                chains.run(steps: 1)
                for (place, value) in chains.inputs.enumerated() { means[place % 4] += Double(value) / (400 * 256) }
            }
            for value in 0..<4 {
                let exact = zip(states, expected).reduce(0) { $0 + $1.0[value] * $1.1 / sum }
                #expect(abs(means[value] - exact) < 0.01)
            }
        }
    }
}

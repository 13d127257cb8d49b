import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The values and gradients of cells, step by step")
struct CellTraceTests {
    private let steps = 6
    private let features = 3
    private let units = 4

    private func network(_ layers: String, targetSteps: Int? = nil, lengths: Bool = false) -> NetworkDescription {
        var description = classifier(stack(layers), loss: Choice("softmaxCrossEntropy"), classes: 3)
        description.input = Shape(steps, features)
        description.sequence = SequenceForm(hasLengths: lengths, targetSteps: targetSteps)
        return description
    }

    private func sample(lengths: Float? = nil) -> [Float] {
        var random = Random(seed: 3)
        return (0..<steps * features).map { _ in Float(random.uniform(-1, 1)) } + (lengths.map { [$0] } ?? [])
    }

    private func run(_ description: NetworkDescription, _ inputs: [Float]) throws -> (Network, [Float]) {
        let network = try Network(description, capacity: 1)
        let parameters = try description.initialParameters(seed: 9)
        network.load(parameters: parameters)
        network.forward(inputs, count: 1)
        return (network, parameters)
    }

    private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    /// The state, and what the cell keeps, of PyTorch's formulas in Double, from the gates' names on.
    private func next(
        _ kind: RecurrentCell, _ x: [Double], _ h: [Double], _ c: [Double], _ tensor: (String) -> [Float]
    ) -> (gates: [[Double]], h: [Double], c: [Double]) {
        let (u, w) = (tensor("weight_ih_l0"), tensor("weight_hh_l0"))
        let (bi, bh) = (tensor("bias_ih_l0"), tensor("bias_hh_l0"))
        let width = x.count
        func input(_ row: Int) -> Double {
            (0..<width).reduce(Double(bi[row])) { $0 + Double(u[row * width + $1]) * x[$1] }
        }
        func state(_ row: Int) -> Double {
            (0..<units).reduce(Double(bh[row])) { $0 + Double(w[row * units + $1]) * h[$1] }
        }
        func gate(_ number: Int, _ unit: Int) -> Double { input(number * units + unit) + state(number * units + unit) }
        let all = 0..<units
        switch kind {
        case .tanh:
            let h = all.map { tanh(gate(0, $0)) }
            return ([h], h, [])
        case .relu:
            let h = all.map { max(0, gate(0, $0)) }
            return ([h], h, [])
        case .lstm:
            let i = all.map { Self.logistic(gate(0, $0)) }
            let f = all.map { Self.logistic(gate(1, $0)) }
            let g = all.map { tanh(gate(2, $0)) }
            let o = all.map { Self.logistic(gate(3, $0)) }
            let cell = all.map { f[$0] * c[$0] + i[$0] * g[$0] }
            return ([i, f, g, o], all.map { o[$0] * tanh(cell[$0]) }, cell)
        case .gru:
            let r = all.map { Self.logistic(gate(0, $0)) }
            let z = all.map { Self.logistic(gate(1, $0)) }
            let q = all.map { state(2 * units + $0) }
            let n = all.map { tanh(input(2 * units + $0) + r[$0] * q[$0]) }
            return ([r, z, n], all.map { (1 - z[$0]) * n[$0] + z[$0] * h[$0] }, q)
        }
    }

    @Test(
        "states, gates and cells are those of the formulas, and the layer's own values bit for bit",
        arguments: [
            ("rnn:units=4:returns=all", RecurrentCell.tanh), ("rnn:units=4:returns=all:activation=relu", .relu),
            ("lstm:units=4:returns=all", .lstm), ("gru:units=4:returns=all", .gru),
        ])
    func formulas(_ layer: String, _ kind: RecurrentCell) throws {
        let inputs = sample()
        let (network, parameters) = try run(network(layer), inputs)
        let trace = try #require(network.cells(layer: 0).first)
        #expect(trace.cells.kind == kind && trace.cells.units == units && trace.cells.steps == steps)
        #expect(trace.inputs == inputs && trace.states == network.values(layer: 0))
        func tensor(_ name: String) -> [Float] {
            let own = network.outline.tensors.first { $0.name == "layers.0.\(name)" }!
            return Array(parameters[own.offset..<own.offset + own.count])
        }
        var (h, c) = ([Double](repeating: 0, count: units), [Double](repeating: 0, count: units))
        for step in 0..<steps {
            let x = inputs[step * features..<(step + 1) * features].map { Double($0) }
            let expected = next(kind, x, h, c, tensor)
            (h, c) = (expected.h, expected.c)
            for unit in 0..<units {
                #expect(abs(Double(trace.state(unit, at: step)) - h[unit]) < 1e-5)
                for (number, gate) in expected.gates.enumerated() {
                    #expect(abs(Double(trace.gate(number, unit, at: step)) - gate[unit]) < 1e-5)
                }
                if !c.isEmpty { #expect(abs(Double(trace.keptValue(unit, at: step)) - c[unit]) < 1e-5) }
            }
        }
    }

    @Test("layers and directions are told one by one, in the order in which they read")
    func order() throws {
        let (network, _) = try run(network("lstm:units=4:layers=2:bidirectional=true"), sample())
        let cells = network.cells(layer: 0)
        #expect(cells.map(\.cells.suffix) == ["l0", "l0_reverse", "l1", "l1_reverse"])
        #expect(network.outline[0]?.cells == cells.map(\.cells))
        // The second layer reads both directions of the first.
        #expect(cells[2].cells.features == 8)
        for step in 0..<steps {
            let read = Array(cells[2].inputs[step * 8..<(step + 1) * 8])
            let own = [cells[0], cells[1]].flatMap { cell in (0..<units).map { cell.state($0, at: step) } }
            #expect(read == own)
        }
        #expect(cells[1].step(before: 5) == nil && cells[1].step(before: 0) == 1)
        #expect(cells[0].step(before: 0) == nil && cells[0].step(before: 5) == 4)
        let ends = (0..<units).map { cells[2].state($0, at: 5) } + (0..<units).map { cells[3].state($0, at: 0) }
        #expect(network.values(layer: 0) == ends)
        #expect(network.cells(layer: network.outline.output).isEmpty && network.attention(layer: 0) == nil)
    }

    @Test("behind a sequence's end the states are 0")
    func lengths() throws {
        let (network, _) = try run(network("gru:units=4", lengths: true), sample(lengths: 4))
        let trace = try #require(network.cells(layer: 0).first)
        #expect((0..<units).allSatisfy { trace.state($0, at: 4) == 0 && trace.state($0, at: 5) == 0 })
        #expect(network.values(layer: 0) == (0..<units).map { trace.state($0, at: 3) })
    }

    @Test(
        "the steps' shares of a weight's gradient add up to the slope of the loss",
        arguments: [
            "rnn:units=4", "lstm:units=4", "gru:units=4", "gru:units=4:returns=all", "lstm:units=4:returns=all",
        ])
    func gradients(_ layer: String) throws {
        let all = layer.contains("all")
        let description = network(layer, targetSteps: all ? steps : nil)
        let inputs = sample()
        // A step without a target among those that have one.
        let labels: [Float] = all ? [0, 2, Samples.noLabel, 1, 1, 0] : [2]
        let parameters = try description.initialParameters(seed: 9)
        let gradient = try NetworkGradient(description, capacity: 1, ofLoss: true)
        gradient.load(parameters: parameters)
        gradient.run(inputs, labels: labels)
        let (network, _) = try run(description, inputs)
        let trace = try #require(network.cells(layer: 0).first)
        let slopes = try #require(gradient.cells(layer: 0).first)
        let loss = try SampleLoss(description, samples: Samples(count: 1, inputs: inputs, labels: labels))
        func slope(_ place: Int) -> Double {
            var (above, below) = (parameters, parameters)
            above[place] += 0.01
            below[place] -= 0.01
            return (loss.loss(above) - loss.loss(below)) / 0.02
        }
        let kind = trace.cells.kind
        func tensor(_ name: String) -> Int {
            network.outline.tensors.first { $0.name == "layers.0.\(name)_l0" }!.offset
        }
        for gate in kind.gateNames.indices {
            for (unit, from) in [(0, 1), (3, 2)] {
                let row = gate * units + unit
                var (own, state) = (0.0, 0.0)
                for step in 0..<steps {
                    let at = (step * kind.gateNames.count + gate) * units + unit
                    own += Double(slopes.sums[at] * trace.inputs[step * features + from])
                    guard let before = trace.step(before: step) else { continue }
                    state += Double(slopes.recurrent[at] * trace.state(from, at: before))
                }
                #expect(abs(own - slope(tensor("weight_ih") + row * features + from)) < 2e-4, "\(kind) \(gate)")
                #expect(abs(state - slope(tensor("weight_hh") + row * units + from)) < 2e-4, "\(kind) \(gate)")
            }
        }
        #expect(slopes.norm(at: steps - 1) > 0 && slopes.norm(at: 0) > 0)
    }

    @Test("attention's rows are shares of 1 among the steps that a step sees, by the products of queries and keys")
    func attention() throws {
        for causal in [true, false] {
            let (network, parameters) = try run(
                network("attention:causal=\(causal):positions=false", targetSteps: steps), sample())
            let weights = try #require(network.attention(layer: 0))
            #expect(network.outline[0]?.attention == Outline.SelfAttention(steps: steps, isCausal: causal))
            let tensor = try #require(network.outline.tensors.first { $0.name == "layers.0.in_proj_weight" })
            let inputs = sample()
            func projected(_ part: Int, _ step: Int) -> [Double] {
                (0..<features).map { row -> Double in
                    var sum = 0.0
                    for feature in 0..<features {
                        let weight = parameters[tensor.offset + (part * features + row) * features + feature]
                        sum += Double(weight) * Double(inputs[step * features + feature])
                    }
                    return sum
                }
            }
            for step in 0..<steps {
                let seen = causal ? 0...step : 0...steps - 1
                let query = projected(0, step)
                let scores = (0..<steps).map { other -> Double in
                    guard seen.contains(other) else { return 0 }
                    let product = zip(query, projected(1, other)).reduce(0.0) { $0 + $1.0 * $1.1 }
                    return exp(product / Double(features).squareRoot())
                }
                let sum = scores.reduce(0, +)
                for other in 0..<steps {
                    #expect(abs(Double(weights[step * steps + other]) - scores[other] / sum) < 1e-5)
                }
            }
        }
    }
}

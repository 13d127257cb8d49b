import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The TensorFlow Playground's algorithm written anew from its published formulas, sample by sample in Double.
private struct Reference {
    struct Neuron {
        var weights: [Double]
        var bias: Double
        var weightSums: [Double]
        var biasSum = 0.0
    }
    var layers: [[Neuron]]
    /// Samples whose gradients have been summed since the last update.
    var accumulated = 0

    init(_ outline: Outline, _ flat: [Float]) {
        layers = outline.layers.map { layer in
            let (weight, bias) = (outline.tensors[layer.tensors[0]], outline.tensors[layer.tensors[1]])
            return (0..<weight.axes[0]).map { unit in
                let first = weight.offset + unit * weight.axes[1]
                let row = flat[first..<(first + weight.axes[1])].map(Double.init)
                return Neuron(
                    weights: row, bias: Double(flat[bias.offset + unit]), weightSums: row.map { _ in 0 })
            }
        }
    }

    /// tanh in every layer, ½(y − t)² with t = ±1.
    mutating func accumulate(_ x: [Double], target: Double) {
        var values = [x]
        for layer in layers {
            let input = values.last!
            values.append(
                layer.map { neuron in tanh(zip(neuron.weights, input).reduce(neuron.bias) { $0 + $1.0 * $1.1 }) })
        }
        var derivatives = [values.last![0] - target]
        for index in layers.indices.reversed() {
            let (input, output) = (values[index], values[index + 1])
            let deltas = zip(derivatives, output).map { $0 * (1 - $1 * $1) }
            derivatives = input.indices.map { source in
                deltas.indices.reduce(0) { $0 + deltas[$1] * layers[index][$1].weights[source] }
            }
            for unit in deltas.indices {
                layers[index][unit].biasSum += deltas[unit]
                for source in input.indices { layers[index][unit].weightSums[source] += deltas[unit] * input[source] }
            }
        }
        accumulated += 1
    }

    mutating func update(rate: Double, l1: Double, l2: Double) {
        for layer in layers.indices {
            for unit in layers[layer].indices {
                layers[layer][unit].bias -= rate / Double(accumulated) * layers[layer][unit].biasSum
                layers[layer][unit].biasSum = 0
                for index in layers[layer][unit].weights.indices {
                    let old = layers[layer][unit].weights[index]
                    let sign: Double = old < 0 ? -1 : old > 0 ? 1 : 0
                    let stepped = old - rate / Double(accumulated) * layers[layer][unit].weightSums[index]
                    let decayed = stepped - rate * (l1 * sign + l2 * old)
                    layers[layer][unit].weights[index] = l1 > 0 && stepped * decayed < 0 ? 0 : decayed
                    layers[layer][unit].weightSums[index] = 0
                }
            }
        }
        accumulated = 0
    }
}

@Suite struct PlaygroundAlgorithmTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var lastBatch: LastBatch
        var l1 = 0.0
        var l2 = 0.0
        var testDescription: String { "\(lastBatch) l1 \(l1) l2 \(l2)" }
    }

    @Test(
        "training follows the Playground's algorithm to Float's precision",
        arguments: LastBatch.allCases.flatMap {
            [Case(lastBatch: $0), Case(lastBatch: $0, l1: 0.1), Case(lastBatch: $0, l2: 0.1)]
        } + [Case(lastBatch: .carry, l1: 0.01, l2: 0.01)])
    func follows(_ test: Case) throws {
        let samples = points(47, seed: 4)
        let (rate, batch) = (0.1, 10)
        let descent = try GradientDescent(
            network: classifier([
                dense(4, Choice("tanh"), Choice("playground")), dense(2, Choice("tanh"), Choice("playground")),
            ]),
            learning: LearningDescription(
                optimizer: Choice("sgd", ["learningRate": .real(rate)]), batchSize: batch, lastBatch: test.lastBatch,
                l1: test.l1, l2: test.l2), train: samples, test: noSamples, seed: 5)
        var reference = Reference(descent.model.outline, descent.parameters)
        var zeros = 0
        for _ in 0..<20 {
            for sample in 0..<samples.count {
                if test.lastBatch == .drop, sample >= samples.count / batch * batch { continue }
                reference.accumulate(
                    samples.inputs.values(of: sample).map { Double($0) },
                    target: samples.labels[sample] == 1 ? 1 : -1)
                let isLast = sample == samples.count - 1
                if (sample + 1) % batch == 0 || (isLast && test.lastBatch == .short) {
                    reference.update(rate: rate, l1: test.l1, l2: test.l2)
                }
            }
            #expect(descent.advanceEpoch() == .finishedEpoch)
            zeros += reference.layers.joined().reduce(0) { $0 + $1.weights.count { $0 == 0 } }
        }
        let flat = descent.parameters
        for (layer, neurons) in zip(descent.model.outline.layers, reference.layers) {
            let (weight, bias) = (
                descent.model.outline.tensors[layer.tensors[0]], descent.model.outline.tensors[layer.tensors[1]]
            )
            for (unit, neuron) in neurons.enumerated() {
                #expect(abs(Double(flat[bias.offset + unit]) - neuron.bias) < 2e-6)
                for (index, expected) in neuron.weights.enumerated() {
                    #expect(abs(Double(flat[weight.offset + unit * weight.axes[1] + index]) - expected) < 2e-6)
                }
            }
        }
        // The case of L1 says something only when it zeroes weights.
        if test.l1 == 0.1 { #expect(zeros > 0) }
    }
}

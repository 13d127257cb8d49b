import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@testable import Engine

/// The Fisher information of a task, and the pull of elastic weights.
@Suite struct FisherTests {
    @Test("of one layer the Fisher information is the mean of p (1 − p) x²", arguments: ["all", "task"])
    func fisherOfOneLayer(_ answers: String) throws {
        let procedure = try #require(
            try LifeLongTests.setup(
                LifeLongTests.byClasses.merging(["answers": .text(answers)]) { $1 }, layers: []
            ).procedure() as? LifeLong)
        for _ in 0..<3 { _ = procedure.advanceEpoch() }
        let descent = procedure.descent
        let (train, outline) = (LifeLongTests.clouds(80), procedure.outline)
        // Samples of the second task.
        let rows = (0..<80).filter { train.labels[$0] >= 2 }
        let fisher = descent.fisherDiagonal(of: rows.map { Int32($0) })
        let weight = outline.tensors.first { $0.name == "output.weight" }!
        let bias = outline.tensors.first { $0.name == "output.bias" }!
        let parameters = procedure.parameters
        var (weights, biases) = ([Double](repeating: 0, count: 8), [Double](repeating: 0, count: 4))
        for row in rows {
            let x = train.inputs.values(of: row).map { Double($0) }
            var powers = (0..<4).map { unit in
                exp(
                    Double(parameters[weight.offset + 2 * unit]) * x[0]
                        + Double(parameters[weight.offset + 2 * unit + 1]) * x[1]
                        + Double(parameters[bias.offset + unit]))
            }
            if answers == "task" { (powers[0], powers[1]) = (0, 0) }
            let sum = powers.reduce(0, +)
            for unit in 0..<4 {
                let p = powers[unit] / sum
                for input in 0..<2 { weights[2 * unit + input] += p * (1 - p) * x[input] * x[input] / 40 }
                biases[unit] += p * (1 - p) / 40
            }
        }
        for index in 0..<8 { #expect(abs(Double(fisher[weight.offset + index]) - weights[index]) < 1e-5) }
        for unit in 0..<4 { #expect(abs(Double(fisher[bias.offset + unit]) - biases[unit]) < 1e-5) }
    }

    @Test("of a network with a hidden layer it is that of numeric differences of ln p", arguments: [2, 4])
    func fisherByDifferences(_ classes: Int) throws {
        var setup = LifeLongTests.setup(["division": .text("firstInput")], layers: [dense(3, Choice("tanh"))])
        if classes == 2 {
            setup.network = classifier([dense(3, Choice("tanh"))], loss: Choice("binaryCrossEntropy"))
            (setup.train, setup.test) = (points(40), points(20, seed: 2))
        }
        let procedure = try #require(try setup.procedure() as? LifeLong)
        for _ in 0..<5 { _ = procedure.advanceEpoch() }
        let parameters = procedure.parameters
        let rows: [Int32] = [0, 1, 2, 5, 7, 11]
        let fisher = procedure.descent.fisherDiagonal(of: rows)
        /// ln p of each class for each row.
        func logarithms(_ changed: [Float]) throws -> [[Double]] {
            let network = try Network(setup.network, capacity: 16)
            network.load(parameters: changed)
            let inputs = rows.flatMap { setup.train.inputs.values(of: Int($0)) }
            let outputs = try network.outputs(at: FixedInputs(inputs, width: 2))
            return rows.indices.map { row in
                if classes == 2 {
                    let p = Double(outputs[0][row])
                    return [log(1 - p), log(p)]
                }
                return (0..<4).map { log(Double(outputs[$0][row])) }
            }
        }
        let chances = try logarithms(parameters).map { $0.map { exp($0) } }
        for tensor in procedure.outline.tensors {
            for index in tensor.offset..<tensor.offset + tensor.count {
                var (above, below) = (parameters, parameters)
                above[index] += 0.01
                below[index] -= 0.01
                let (up, down) = (try logarithms(above), try logarithms(below))
                var expected = 0.0
                for row in rows.indices {
                    for answer in 0..<classes {
                        let slope = (up[row][answer] - down[row][answer]) / Double(above[index] - below[index])
                        expected += chances[row][answer] * slope * slope / Double(rows.count)
                    }
                }
                let distance = abs(Double(fisher[index]) - expected)
                #expect(distance < 2e-3 * max(0.1, expected), "\(tensor.name)")
            }
        }
    }

    @Test("the pull's gradient is λ F (θ − θ*), and its penalty λ/2 Σ F (θ − θ*)²")
    func pull() throws {
        let (gradients, parameters) = (try Block(count: 3), try Block(count: 3))
        gradients.write([1, 2, 3])
        parameters.write([1, -1, 4])
        let pull = WeightPull()
        pull.strength = 10
        pull.memories = [
            WeightPull.Memory(task: 0, importance: [0.5, 0, 2], weights: [0, 0, 5]),
            WeightPull.Memory(task: 1, importance: [1, 1, 0], weights: [3, -2, 0]),
        ]
        // 10/2 · (0.5 · 1 + 2 · 1 + 1 · 4 + 1 · 1).
        let penalty = pull.penalty(at: [1, -1, 4])
        #expect(penalty == 37.5)
        pull.add(to: gradients, at: parameters, samples: 2)
        // Sums over two samples.
        // 1 + 20 (0.5 · 1 − 1 · 2), 2 + 20 (1 · 1), 3 + 20 (2 · −1).
        let expected: [Float] = [-29, 22, -37]
        #expect(gradients.array == expected)
    }
}

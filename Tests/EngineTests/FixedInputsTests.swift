import Testing

@testable import Engine

struct FixedInputsTests {
    @Test(
        "values over fixed inputs are those of a forward pass, to the bit, with any number of threads",
        arguments: [1, 2, 3])
    func equal(threads: Int) throws {
        let layer = Choice("dense", ["units": .integer(5), "activation": .choice(Choice("tanh"))])
        let description = NetworkDescription(
            input: Shape(2), task: .classification(classes: 2), layers: [layer, layer])
        let network = try Network(description, capacity: 512, threads: threads)
        let single = try Network(description, capacity: 1700)
        var random = Random(seed: 4)
        let parameters = (0..<network.outline.flatCount).map { _ in Float(random.uniform() - 0.5) }
        network.load(parameters: parameters)
        single.load(parameters: parameters)
        // No multiple of the chunk, so that the last part is a short one.
        for count in [1, 511, 512, 513, 1700] {
            let inputs = (0..<2 * count).map { _ in Float(random.uniform() * 12 - 6) }
            let wanted = [
                Network.Wanted(layer: -1, stage: .activation, unit: 1),
                Network.Wanted(layer: 1, stage: .preActivation, unit: 3),
                Network.Wanted(layer: 2, stage: .activation, unit: 0),
            ]
            let values = try network.values(of: wanted, at: FixedInputs(inputs, width: 2))
            single.forward(inputs, count: count)
            #expect(values[0] == (0..<count).map { inputs[2 * $0 + 1] })
            for (want, found) in zip(wanted, values).dropFirst() {
                var expected: [Float] = []
                single.appendValues(layer: want.layer, stage: want.stage, unit: want.unit, to: &expected)
                #expect(found == expected)
            }
        }
    }

    @Test("a team does every part once, of tasks with more and with fewer parts, and after a rest")
    func team() throws {
        let team = ThreadTeam(threads: 4)
        let counts = try Block(count: 16 * 9)
        for round in 0..<20_000 {
            team.run(parts: round % 2 == 0 ? 9 : 2) { part, thread in
                counts[16 * part] += (0..<team.size).contains(thread) ? 1 : 0
            }
            // Long enough for the workers to fall asleep.
            if round % 5000 == 0 {
                var random = Random(seed: 1)
                for _ in 0..<2_000_000 { _ = random.next() }
            }
        }
        #expect((0..<9).map { counts[16 * $0] } == [20_000, 20_000] + Array(repeating: 10_000, count: 7))
    }
}

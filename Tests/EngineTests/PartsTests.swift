import CKernels
import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct PartsTests {
    @Test("schedules follow their formulas, and the warm-up rises in a line") func schedules() throws {
        func rates(_ choice: Choice, _ steps: [Int]) throws -> [Double] {
            let rate = try LearningRate(choice, base: 2)
            return steps.map { rate.rate(step: $0) }
        }
        func expect(_ found: [Double], _ expected: [Double], _ comment: Comment) {
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }, comment)
        }
        expect(try rates(Choice("constant"), [0, 7, 1000]), [2, 2, 2], "constant")
        expect(
            try rates(Choice("step", ["stepSize": .integer(10), "factor": .real(0.5)]), [0, 9, 10, 25]),
            [2, 2, 1, 0.5],
            "step")
        expect(try rates(Choice("exponential", ["decay": .real(0.9)]), [0, 1, 3]), [2, 1.8, 2 * 0.729], "exponential")
        expect(
            try rates(Choice("cosine", ["steps": .integer(100), "minimum": .real(0.1)]), [0, 50, 100, 500]),
            [2, 1.1, 0.2, 0.2], "cosine")
        expect(try rates(Choice("inverseTime", ["steps": .integer(10)]), [0, 10, 30]), [2, 1, 0.5], "inverse time")
        for schedule in Catalogue.schedules {
            let id = schedule.entry.id
            let plain = try rates(Choice(id), [0, 1, 2, 3, 4])
            let warm = try rates(Choice(id, ["warmupSteps": .integer(4)]), [0, 1, 2, 3, 4])
            expect(warm, zip(plain, [0.25, 0.5, 0.75, 1, 1]).map { $0 * $1 }, "\(id)")
        }
    }

    @Test("normal deviates have mean 0, deviation 1 and the right tails") func normal() {
        var random = Random(seed: 3)
        let values = (0..<100_000).map { _ in random.normal() }
        let mean = values.reduce(0, +) / 100_000
        let variance = values.reduce(0) { $0 + $1 * $1 } / 100_000
        #expect(abs(mean) < 0.01)
        #expect(abs(variance - 1) < 0.02)
        #expect(abs(Double(values.count { abs($0) > 1.959964 }) / 100_000 - 0.05) < 0.003)
    }

    @Test("an outline names tensors, layouts, titles and counts") func outline() throws {
        let outline = try classifier([dense(4, Choice("tanh")), dropout(0.5), dense(2, Choice("prelu"))]).outline()
        #expect(
            outline.tensors.map(\.name) == [
                "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias", "layers.2.activation.weight",
                "output.weight", "output.bias",
            ])
        #expect(outline.tensors.map(\.axes) == [[4, 2], [4], [2, 4], [2], [1], [1, 2], [1]])
        #expect(outline.tensors.map(\.decays) == [true, false, true, false, false, true, false])
        #expect(outline.layers.map(\.title) == ["dense 4", "dropout 0.5", "dense 2", "output 1"])
        #expect(outline.layers.map(\.index) == [0, 1, 2, nil])
        #expect(outline.layers.map { $0.activation?.id } == ["tanh", nil, "prelu", "tanh"])
        #expect(outline.parameterCount == 8 + 4 + 8 + 2 + 1 + 2 + 1)
        var places: Set<Int> = []
        for tensor in outline.tensors {
            for place in tensor.offset..<(tensor.offset + tensor.count) {
                #expect(places.insert(place).inserted && place < outline.flatCount)
            }
        }
    }

    @Test("a forward-only network gives every layer's values before and after its activation") func network() throws {
        let description = classifier([dense(3, Choice("relu")), dropout(0.5)], loss: Choice("binaryCrossEntropy"))
        let descent = try GradientDescent(
            network: description, learning: LearningDescription(), train: xorSamples, test: noSamples, seed: 4)
        let network = try Network(description, capacity: 20)
        network.load(parameters: descent.parameters)
        let grid: [Float] = (0..<38).map { Float($0) * 0.1 - 2 }
        network.forward(grid, count: 19)
        let (flat, tensors) = (descent.parameters, descent.model.outline.tensors)
        for sample in 0..<19 {
            var hidden: [Float] = []
            for unit in 0..<3 {
                let z =
                    flat[tensors[0].offset + 2 * unit] * grid[2 * sample]
                    + flat[tensors[0].offset + 2 * unit + 1] * grid[2 * sample + 1] + flat[tensors[1].offset + unit]
                hidden.append(max(0, z))
                #expect(abs(network.value(layer: 0, stage: .preActivation, unit: unit, sample: sample) - z) < 1e-6)
                #expect(
                    network.value(layer: 0, stage: .activation, unit: unit, sample: sample)
                        == max(0, network.value(layer: 0, stage: .preActivation, unit: unit, sample: sample)))
                #expect(
                    abs(network.value(layer: 1, stage: .activation, unit: unit, sample: sample) - hidden[unit]) < 1e-6)
            }
            let z = (0..<3).reduce(flat[tensors[3].offset]) { $0 + flat[tensors[2].offset + $1] * hidden[$1] }
            let y = network.value(layer: 2, stage: .activation, unit: 0, sample: sample)
            #expect(abs(y - 1 / (1 + exp(-z))) < 1e-6)
        }
        var row: [Float] = [7]
        network.appendValues(layer: 2, stage: .activation, unit: 0, to: &row)
        #expect(row.count == 20 && row[0] == 7)
        #expect(row[19] == network.value(layer: 2, stage: .activation, unit: 0, sample: 18))
    }

    @Test("an unknown level or one that the processor lacks is an error in clear words") func levels() throws {
        #expect(["v4", "v3", "baseline"].contains(try Processor.simdLevel()))
        func message(_ wish: String?, best: lc_level = lc_best_level()) -> String {
            switch Processor.choose(wish, best: best) {
            case .success: "none"
            case .failure(let error): error.description
            }
        }
        #expect(message(nil) == "none" && message("") == "none" && message("baseline") == "none")
        #expect(message("v5") == "LAYERCAKE_SIMD: expected v4, v3, baseline, found “v5”")
        let lacking = "LAYERCAKE_SIMD: this processor or build has no v4; its best is v3, leave the variable unset"
        #expect(message("v4", best: LC_LEVEL_V3) == lacking && message("v3", best: LC_LEVEL_BASELINE) != "none")
    }
}

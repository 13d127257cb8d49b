import Engine
import Foundation
import Testing

@testable import Datasets

@Suite("Reference levels")
struct ReferenceLevelTests {
    private func levels(_ id: String, _ knobs: [String: KnobValue] = [:]) throws -> [ReferenceLevel] {
        try prepare(DataDescription(dataset: Choice(id, knobs)), features: [], directory: nil).referenceLevels
    }

    private func level(_ id: String, _ knobs: [String: KnobValue] = [:]) throws -> Double? {
        let levels = try levels(id, knobs)
        #expect(levels.count <= 1)
        return levels.first?.testLoss
    }

    @Test("chains counted by hand: a b a b b, then the next after a and after b")
    func byHand() {
        var chains = SymbolChains(order: 2, classes: 2)
        // Targets b, a, b, b after a, ab, aba, abab.
        chains.count([0, 1, 0, 1], [1, 0, 1, 1], from: 0)
        // Order 0: of 4 targets 3 are b, 2 different ones: (3 + 2 · ½) / 6 = 2/3.
        // Order 1 after a: 2 targets, both b: (2 + 1 · 2/3) / 3 = 8/9. After b: a and b: (1 + 2 · 2/3) / 4 = 7/12.
        // Order 2 after ab: as after b, a and b: (1 + 2 · 7/12) / 4 = 13/24. After ba: b alone: (1 + 8/9) / 2 = 17/18.
        func expect(_ symbols: [Int32], _ target: Int32, _ expected: [Double]) {
            let found = chains.probabilities(symbols, symbols.count - 1, target)
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 } && found.count == 3, "\(found)")
        }
        expect([1, 0], 1, [2.0 / 3, 8.0 / 9, 17.0 / 18])
        expect([0, 1], 1, [2.0 / 3, 7.0 / 12, 13.0 / 24])
        expect([0, 1], 0, [1.0 / 3, 5.0 / 12, 11.0 / 24])
        // One symbol has no order 2, and bb was never counted.
        expect([0], 1, [2.0 / 3, 8.0 / 9, 8.0 / 9])
        expect([1, 1], 1, [2.0 / 3, 7.0 / 12, 7.0 / 12])
        // The mean over all targets; a step without a target is left out.
        chains.measure([1, 0], [-1, 1])
        chains.measure([0, 1], [1, 0])
        let expected = (-log(8.0 / 9) - log(8.0 / 9) - log(5.0 / 12)) / 3
        #expect(abs(chains.levels { "\($0)" }[0].testLoss - expected) < 1e-12)
    }

    @Test("a text's chains are those of a count in Python over the same windows, and words go the same way")
    func text() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-chains-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let line = "the mill by the river ground the miller's rye, and the rye made the bread that the miller ate. "
        let text = String(String(repeating: line, count: 3).prefix(260))
        try Data(text.utf8).write(to: URL(filePath: folder + "/a.txt"))
        func levels(_ shuffle: Bool) throws -> [ReferenceLevel] {
            try prepare(
                DataDescription(
                    dataset: Choice(
                        "text", ["file": .text("a.txt"), "window": .integer(12), "step": .integer(5)]), shuffle: shuffle
                ),
                features: [], directory: folder
            ).referenceLevels
        }
        let found = try levels(true)
        let expected = [
            1.107926317926171, 0.6180472368461606, 0.46266010047505485, 0.36840503513965756, 0.3244881819770406,
        ]
        #expect(found.map(\.title) == (1...5).map { "Markov order \($0)" })
        #expect(zip(found, expected).allSatisfy { abs($0.testLoss - $1) < 1e-9 }, "\(found)")
        #expect(try levels(false) == found)
    }

    @Test("answers without memory cost what the definitions say")
    func definitions() throws {
        #expect(try abs(level("copy", ["delay": .integer(100)])! - 10 * log(8) / 120) < 1e-12)
        #expect(try level("adding") == 1.0 / 12)
        #expect(try level("recall") == log(2) && level("recall", ["lag": .integer(0)]) == nil)
        #expect(try level("temporalOrder") == log(4) && level("sentiment") == log(2) && level("blank") == log(10))
        #expect(try level("counting") == log(2) && level("parity") == log(2))
        // Half of the sequences have one bit, which then tells: 3 of 4 answers are right.
        let parity = try level("parity", ["length": .integer(2), "shortest": .integer(1)])!
        #expect(abs(parity + 0.75 * log(0.75) + 0.25 * log(0.25)) < 1e-12)
    }

    @Test("the best answer without memory to sums, counted over all sums of one digit")
    func sums() throws {
        // By place: the first sign of the answer, and the second, "end" for sums below ten.
        var counts = [[String: Double]](repeating: [:], count: 2)
        for one in 0..<10 {
            for other in 0..<10 {
                let digits = "\(one + other)".map { String($0) } + ["end"]
                for place in 0..<2 { counts[place][digits[place], default: 0] += 0.01 }
            }
        }
        let expected = counts.reduce(0) { $1.values.reduce($0) { $0 - $1 * log($1) } } / 2
        #expect(try abs(level("sums", ["digits": .integer(1)])! - expected) < 1e-12)
    }

    @Test("waves: answering 0, or the value again, errs as much as the test values say", arguments: [0, 20])
    func waves(_ noise: Int) throws {
        let data = try prepare(
            DataDescription(
                dataset: Choice(
                    "waves", ["samples": .integer(4000), "waves": .integer(3), "noise": .real(Double(noise))])),
            features: [], directory: nil)
        let steps = data.test.labels.count / data.test.count
        var (zero, again) = (0.0, 0.0)
        for sample in 0..<data.test.count {
            let inputs = data.test.inputs.values(of: sample)
            for step in 0..<steps {
                let target = data.test.labels[sample * steps + step]
                zero += Double(target * target) / 2
                again += Double((target - inputs[step]) * (target - inputs[step])) / 2
            }
        }
        let count = Double(data.test.labels.count)
        #expect(abs(zero / count / data.referenceLevels[0].testLoss - 1) < 0.03)
        #expect(abs(again / count / data.referenceLevels[1].testLoss - 1) < 0.03)
    }

    @Test(
        "Reber's next symbol is told the better the longer the chain, and never for certain; a network compares its own loss"
    )
    func reber() throws {
        let data = try prepare(DataDescription(dataset: Choice("reber")), features: [], directory: nil)
        let losses = data.referenceLevels.map(\.testLoss)
        #expect(losses.count == 5 && losses[1] < losses[0] && losses[2] < losses[1] && losses[4] > 0.3)
        func network(_ loss: String) -> NetworkDescription {
            NetworkDescription(
                input: data.schema.input(features: []), task: data.task, layers: [], loss: Choice(loss),
                sequence: data.schema.form)
        }
        #expect(data.referenceLevels(for: network("softmaxCrossEntropy")).count == 5)
        #expect(data.referenceLevels(for: network("squaredError")).isEmpty)
        // Of seven classes it counts the wrong ones too.
        #expect(data.referenceLevels(for: network("binaryCrossEntropy")).isEmpty)
        #expect(
            try prepare(DataDescription(dataset: Choice("xor")), features: [], directory: nil).referenceLevels.isEmpty)
    }

    @Test("without test sequences nothing is measured")
    func noTest() throws {
        let data = try prepare(
            DataDescription(dataset: Choice("reber"), trainFraction: 1), features: [], directory: nil)
        #expect(data.referenceLevels.isEmpty)
    }
}

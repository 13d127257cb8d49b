import Datasets
import Engine
import Foundation
import Testing

@testable import Session

@Suite("Texts that a network writes")
struct WritingTests {
    @Test("the same weights and the same seed write the same text, others another one")
    func deterministic() throws {
        let snapshot = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork)
        let request = WritingRequest(temperature: 1, most: 60)
        let text = try SequenceFixture.written(snapshot, request)
        #expect(text.symbols.count == 60 && text.given == 0)
        #expect(try SequenceFixture.written(snapshot, request) == text)
        var other = snapshot
        other.experiment.seed = 99
        #expect(try SequenceFixture.written(other, request) != text)
        // The symbol with which training sequences begin goes in, and is not written: no step has it as a target.
        let start = try #require(snapshot.data.sequence!.symbols.firstIndex(of: "start"))
        #expect(text.starts.first == 0 && !text.symbols.contains(start))
    }

    @Test("at temperature 0 each symbol is the likeliest one after all before it, from a given beginning on")
    func likeliest() throws {
        let data = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork).data
        let kind = try #require(data.sequence)
        let beginning = try data.symbols(ofTyped: "start the boy")
        let end = try data.symbols(ofTyped: ".")[0]
        let classes = data.classNames.count
        // Weights with which the sentence does not end at once.
        var found: (snapshot: Snapshot, symbols: [Int])?
        for seed: UInt64 in 3..<60 where found == nil {
            let snapshot = try SequenceFixture.snapshot(
                SequenceFixture.grammar, SequenceFixture.wordsNetwork, seed: seed)
            var symbols = beginning
            while symbols.count < kind.steps, symbols.last != end {
                let inputs =
                    symbols.map { Float($0) } + [Float](repeating: -1, count: kind.steps - symbols.count)
                    + [Float(symbols.count)]
                let own = try SequenceFixture.outputs(snapshot, inputs)
                let scores = Array(own[(symbols.count - 1) * classes..<symbols.count * classes])
                // The symbol that begins sequences is not written.
                let written = scores.indices.filter { $0 != beginning[0] }
                symbols.append(written.max { scores[$0] < scores[$1] }!)
            }
            if symbols.count > 6 { found = (snapshot, symbols) }
        }
        let (snapshot, symbols) = try #require(found)
        let text = try SequenceFixture.written(snapshot, WritingRequest(beginning: beginning, temperature: 0, most: 20))
        #expect(text.symbols.count == 23 && text.given == 3)
        #expect(Array(text.symbols.prefix(symbols.count)) == symbols)
        // More than a quarter too many: the oldest symbols go.
        let few = try SequenceFixture.written(snapshot, WritingRequest(beginning: beginning, temperature: 0, most: 8))
        #expect(few.symbols.count == 8 && few.given == 0)
        #expect(few.symbols == Array(text.symbols[3..<11]))
        let short = try SequenceFixture.written(snapshot, WritingRequest(beginning: beginning, temperature: 0, most: 2))
        #expect(short.given == 1 && short.symbols == Array(symbols[2..<5]))
    }

    @Test("a symbol is drawn by its score to the power of one over the temperature")
    func temperature() {
        let scores: [Float] = [0.1, 0.6, 0.3]
        for temperature in [0.5, 1, 2] {
            var random = Random(seed: 1)
            var counts = [0.0, 0, 0]
            for _ in 0..<20_000 { counts[TextWriter.drawn(from: scores, temperature, &random)!] += 1 }
            let shares = scores.map { pow(Double($0), 1 / temperature) }
            let sum = shares.reduce(0, +)
            for (count, share) in zip(counts, shares) { #expect(abs(count / 20_000 - share / sum) < 0.015) }
        }
        var random = Random(seed: 1)
        #expect(TextWriter.drawn(from: scores, 0, &random) == 1)
        #expect(TextWriter.drawn(from: [.nan, 1], 1, &random) == nil)
    }
}

import Dispatch
import Synchronization
import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A place where copies in threads meet: each brings values and gets those of all, in the copies' order.
private final class Room: Sendable {
    private struct Meeting {
        var values: [[Double]]
        var arrived = 0
        var round = 0
        var last: [[Double]] = []
    }

    let count: Int
    private let meeting: Mutex<Meeting>

    init(_ count: Int) {
        self.count = count
        meeting = Mutex(Meeting(values: [[Double]](repeating: [], count: count)))
    }

    /// nil: somebody has not come for half a minute.
    func meet(_ place: Int, _ values: [Double]) -> [[Double]]? {
        let round = meeting.withLock { meeting in
            let round = meeting.round
            meeting.values[place] = values
            meeting.arrived += 1
            if meeting.arrived == count {
                (meeting.last, meeting.arrived) = (meeting.values, 0)
                meeting.round += 1
            }
            return round
        }
        for _ in 0..<1_000_000 {
            if let all = meeting.withLock({ $0.round > round ? $0.last : nil }) { return all }
            usleep(30)
        }
        return nil
    }
}

private final class ThreadCopies: ModelCopies {
    let room: Room
    let place: Int
    let normalizeTogether: Bool
    var count: Int { room.count }

    init(_ room: Room, place: Int, normalizeTogether: Bool) {
        (self.room, self.place, self.normalizeTogether) = (room, place, normalizeTogether)
    }

    private func sums(_ values: [Double]) -> [Double] {
        guard let all = room.meet(place, values), all.allSatisfy({ $0.count == values.count }) else {
            Issue.record("the copies have not met")
            return values
        }
        return all.dropFirst().reduce(all[0]) { zip($0, $1).map { $0 + $1 } }
    }

    func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        for (index, sum) in sums(values.map(Double.init)).enumerated() { values[index] = Float(sum) }
    }

    func sum(_ values: UnsafeMutableBufferPointer<Double>) {
        for (index, sum) in sums(Array(values)).enumerated() { values[index] = sum }
    }

    func spread(_ values: UnsafeMutableBufferPointer<Double>) {
        guard let first = room.meet(place, Array(values))?[0] else { return }
        for (index, value) in first.enumerated() { values[index] = value }
    }
}

struct ModelCopiesTests {
    private func setup(_ layers: [Choice], batch: Int = 30, last: LastBatch = .short, threads: Int = 1) -> TrainingSetup
    {
        var learning = LearningDescription(
            optimizer: Choice("adam"), batchSize: batch, l1: 1e-4, l2: 1e-3, clipNorm: 0.5)
        learning.lastBatch = last
        return TrainingSetup(
            network: classifier(layers, loss: Choice("softmaxCrossEntropy"), classes: 2), learning: learning,
            train: points(93), test: points(20, seed: 2), seed: 3, threads: threads)
    }

    /// The parameters of each copy, and its last measurement, after some steps.
    private func train(
        _ setup: TrainingSetup, copies: Int, together: Bool = true, steps: Int
    ) throws -> [(parameters: [Float], measured: Evaluation)] {
        let room = Room(copies)
        let results = Mutex([Int: Result<([Float], Evaluation), any Error>]())
        let done = DispatchGroup()
        for place in 0..<copies {
            DispatchQueue(label: "copy \(place)").async(group: done) {
                let result = Result {
                    var own = setup
                    own.copies = ThreadCopies(room, place: place, normalizeTogether: together)
                    let procedure = try own.procedure()
                    var left = steps
                    while left > 0 {
                        _ = procedure.advance(steps: 1)
                        left -= 1
                    }
                    return (procedure.parameters, procedure.measure())
                }
                results.withLock { $0[place] = result }
            }
        }
        #expect(done.wait(timeout: .now() + 60) == .success)
        let all = results.withLock { $0 }
        return try (0..<copies).map { place in
            let (parameters, measured) = try #require(all[place]).get()
            return (parameters, measured)
        }
    }

    private static let wide = Choice("dense", ["units": .integer(24), "activation": .choice(Choice("tanh"))])

    // 93 samples in batches of 30: the last one has three, fewer than four copies.
    @Test(
        "copies that share every batch take the steps of one",
        arguments: [1, 2, 3, 4], [LastBatch.short, .drop, .carry])
    func equal(copies: Int, last: LastBatch) throws {
        let layers = [Self.wide, dropout(0.3), Choice("batchNorm"), Self.wide]
        let setup = setup(layers, last: last)
        let one = try setup.procedure()
        for _ in 0..<9 { _ = one.advance(steps: 1) }
        let measured = one.measure()
        let results = try train(setup, copies: copies, steps: 9)
        let norm = one.parameters.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        for result in results {
            // Bools: a failure would otherwise compare all numbers one by one.
            let isSame = result.parameters == results[0].parameters && result.measured == results[0].measured
            #expect(isSame)
            let apart = zip(one.parameters, result.parameters).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            #expect(apart.squareRoot() <= 9e-6 * max(1, norm))
            #expect(abs(result.measured.trainLoss - measured.trainLoss) < 1e-4)
        }
    }

    @Test("copies whose threads share a part normalize together too")
    func threads() throws {
        let wide = Choice("dense", ["units": .integer(300), "activation": .choice(Choice("tanh"))])
        let setup = setup([wide, Choice("batchNorm"), wide, wide], batch: 90, threads: 2)
        let one = try setup.procedure()
        for _ in 0..<4 { _ = one.advance(steps: 1) }
        let results = try train(setup, copies: 2, steps: 4)
        let norm = one.parameters.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        let apart = zip(one.parameters, results[1].parameters).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        #expect(apart.squareRoot() <= 4e-6 * max(1, norm))
    }

    @Test("copies that normalize their own parts have the same running numbers, and not those of one")
    func apart() throws {
        let setup = setup([Self.wide, Choice("batchNorm")], last: .drop)
        let one = try setup.procedure()
        for _ in 0..<6 { _ = one.advance(steps: 1) }
        let results = try train(setup, copies: 2, together: false, steps: 6)
        let areSame = results[0].parameters == results[1].parameters
        #expect(areSame)
        let differ = zip(one.parameters, results[0].parameters).contains { abs($0 - $1) > 1e-4 }
        #expect(differ)
        let areFinite = results[0].parameters.allSatisfy { $0.isFinite }
        #expect(areFinite)
    }

    @Test("what copies cannot share is refused, with its place")
    func refused() throws {
        func message(_ setup: TrainingSetup, copies: Int, together: Bool = false) -> String {
            var own = setup
            own.copies = ThreadCopies(Room(copies), place: 0, normalizeTogether: together)
            do { _ = try own.procedure() } catch { return "\(error.place): \(error.message)" }
            return "taken"
        }
        let norm = setup([Self.wide, Choice("batchNorm")])
        #expect(message(norm, copies: 4).hasPrefix("training.batchSize: batch normalization compares"))
        #expect(message(norm, copies: 4, together: true) == "taken")
        #expect(message(setup([Self.wide], batch: 2), copies: 4) == "taken")
        var other = setup([Self.wide])
        other.learning.procedure = Choice("reconstruction")
        #expect(
            message(other, copies: 2).hasPrefix("training.procedure: reconstruction does not learn in several copies"))
    }
}

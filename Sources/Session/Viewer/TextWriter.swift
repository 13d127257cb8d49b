import Datasets
import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The wish for a text that the network writes: each symbol is drawn by the network's answer to all before it.
public struct WritingRequest: Sendable, Hashable {
    /// Symbols to go on from; empty: the first of a training sequence.
    public var beginning: [Int]
    /// 0: the likeliest symbol; 1: by the network's probabilities; between, likely ones become likelier.
    public var temperature: Double
    /// The symbols that are kept, up to a quarter more, and those written with the same weights.
    public var most: Int
    /// Another number: the text begins anew.
    public var number: Int
    public init(beginning: [Int] = [], temperature: Double, most: Int, number: Int = 0) {
        (self.beginning, self.temperature, self.most, self.number) = (beginning, temperature, most, number)
    }
}

/// The text that the network has written.
public struct WrittenText: Sendable, Hashable {
    public var symbols: [Int]
    /// So many of them at the front are the beginning that was given.
    public var given: Int
    /// The places in `symbols` at which a sequence begins, in order.
    public var starts: [Int]
    public init(symbols: [Int], given: Int, starts: [Int] = []) {
        (self.symbols, self.given, self.starts) = (symbols, given, starts)
    }
}

/// Writes some symbols more with each picture, without end while the weights change, and `WritingRequest.most` with the same
/// ones. The same weights and the same seed write the same text.
struct TextWriter {
    private struct Subject: Hashable {
        var request: WritingRequest
        var revision: Int
        var generation: Int
    }
    private var subject: Subject?
    private var version: Int?
    private var random = Random(seed: 0)
    private var continuation = FreeRunningNetwork()
    private var written = WrittenText(symbols: [], given: 0)
    /// Symbols since the weights changed last.
    private var fresh = 0
    /// Symbols of the present sequence.
    private var length = 0
    /// The symbols behind which a sequence ends: no step of the training data comes after them.
    private var ends: Set<Int> = []
    /// Where there is none, the pairs of symbols that only end sequences.
    private var endPairs: Set<[Int]> = []
    /// Symbols that are never a target: they begin sequences, and are not written.
    private var openings: Set<Int> = []
    private var endsOf: Int?

    private static let work = 40_000_000
    /// Symbols of one picture, while the weights stay as they are.
    private static let mostAtOnce = 32
    /// Those of one with new weights: each such picture follows the last steps anew, and some hundred a second can be read.
    private static let mostOfNewWeights = 8

    private(set) var settled = true

    /// - Returns: nil: the data's targets are not their own next symbols.
    mutating func write(_ request: WritingRequest, in snapshot: Snapshot) -> WrittenText? {
        let data = snapshot.data
        guard data.foretellsInputs, data.task != .regression else { return nil }
        var request = request
        if !data.fits(request.beginning) { request.beginning = [] }
        let subject = Subject(request: request, revision: snapshot.revision, generation: snapshot.generation)
        if subject != self.subject {
            self.subject = subject
            begin(request, snapshot)
        }
        if version != snapshot.parameterVersion { (version, fresh) = (snapshot.parameterVersion, 0) }
        let reading = OutputReading(network: snapshot.network, outline: snapshot.outline, data: data)
        let count = min(
            fresh == 0 ? Self.mostOfNewWeights : Self.mostAtOnce, request.most - fresh,
            continuation.steps(forWork: Self.work, snapshot))
        for _ in 0..<max(0, count) {
            guard let values = continuation.next(in: snapshot),
                let symbol = Self.drawn(
                    from: withoutOpenings(reading.scores(values)), request.temperature, &random)
            else {
                fresh = request.most
                break
            }
            let pair = written.symbols.suffix(1) + [symbol]
            add(symbol)
            fresh += 1
            if ends.contains(symbol) || endPairs.contains(Array(pair))
                || data.sequence!.hasLengths && length >= data.sequence!.steps
            {
                beginSequence(snapshot)
            } else {
                continuation.append(data.sequence!.values(of: symbol))
            }
        }
        // Each cut breaks the lines elsewhere: many symbols go at once.
        let surplus = written.symbols.count - max(request.most, request.beginning.count)
        if surplus > request.most / 4 {
            written.symbols.removeFirst(surplus)
            written.given = max(0, written.given - surplus)
            written.starts = written.starts.map { $0 - surplus }.filter { $0 >= 0 }
        }
        settled = fresh >= request.most
        return written
    }

    /// Scores of which those of symbols that begin sequences alone are 0.
    private func withoutOpenings(_ scores: [Float]) -> [Float] {
        var scores = scores
        for symbol in openings where symbol < scores.count { scores[symbol] = 0 }
        return scores
    }

    private mutating func add(_ symbol: Int) {
        written.symbols.append(symbol)
        length += 1
    }

    private mutating func begin(_ request: WritingRequest, _ snapshot: Snapshot) {
        random = Random(seed: snapshot.experiment.seed ^ 0x7772_6974_65)
        written = WrittenText(symbols: [], given: request.beginning.count)
        (version, fresh) = (nil, 0)
        if endsOf != snapshot.revision {
            endsOf = snapshot.revision
            (ends, endPairs, openings) = Self.ends(of: snapshot.data)
        }
        guard !request.beginning.isEmpty else { return beginSequence(snapshot) }
        length = 0
        for symbol in request.beginning { add(symbol) }
        continuation.begin(request.beginning.map { snapshot.data.sequence!.values(of: $0) })
    }

    /// A sequence begins as one of the training data does.
    private mutating func beginSequence(_ snapshot: Snapshot) {
        let data = snapshot.data
        let row = min(data.train.count - 1, Int(random.uniform() * Double(data.train.count)))
        let symbol = data.symbol(data.train.inputs.values(of: row), at: 0) ?? 0
        length = 0
        written.starts.append(written.symbols.count)
        if openings.contains(symbol) { length = 1 } else { add(symbol) }
        continuation.begin([data.sequence!.values(of: symbol)])
    }

    /// Targets that are never an input; where all are, the last pairs of sequences if these stand nowhere else, as the
    /// two letters at the end of an embedded Reber word. And inputs that are never a target.
    private static func ends(
        of data: PreparedData
    ) -> (symbols: Set<Int>, pairs: Set<[Int]>, openings: Set<Int>) {
        guard let kind = data.sequence, kind.hasLengths else { return ([], [], []) }
        let count = min(data.train.count, 1000)
        var inputs: Set<Int> = []
        var targets: Set<Int> = []
        var (inner, last): (Set<[Int]>, Set<[Int]>) = ([], [])
        for row in 0..<count {
            let values = data.train.inputs.values(of: row)
            var pairs: [[Int]] = []
            for step in 0..<kind.steps {
                let symbol = data.symbol(values, at: step)
                if let symbol { inputs.insert(symbol) }
                let label = data.train.labels[row * kind.steps + step]
                guard label != Samples.noLabel else { continue }
                targets.insert(Int(label))
                if let symbol { pairs.append([symbol, Int(label)]) }
            }
            inner.formUnion(pairs.dropLast())
            last.formUnion(pairs.suffix(1))
        }
        let ends = targets.subtracting(inputs)
        return (ends, ends.isEmpty && last.isDisjoint(with: inner) ? last : [], inputs.subtracting(targets))
    }

    /// A class drawn by its scores p with probabilities p^(1/temperature) / Σ p^(1/temperature); nil: there are no numbers.
    static func drawn(from scores: [Float], _ temperature: Double, _ random: inout Random) -> Int? {
        guard scores.allSatisfy(\.isFinite), let best = scores.answeredClass,
            scores[best] > 0
        else { return nil }
        guard temperature > 0 else { return best }
        let largest = log(Double(scores[best]))
        let shares = scores.map { $0 > 0 ? exp((log(Double($0)) - largest) / temperature) : 0 }
        var place = random.uniform() * shares.reduce(0, +)
        for (index, share) in shares.enumerated() {
            place -= share
            if place < 0 { return index }
        }
        return best
    }
}

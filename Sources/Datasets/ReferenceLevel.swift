import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A test loss to compare a network with: that of an answer which needs no network, known by the data's definition or found by
/// counting.
///
/// Of classes the mean of −ln p of the right class, in nats, over all targets, as a network's cross-entropy is; of values half the
/// squared distance.
public struct ReferenceLevel: Equatable, Sendable {
    public let title: String
    public let testLoss: Double

    /// The best answer of a network that remembers nothing.
    static func withoutMemory(_ testLoss: Double) -> ReferenceLevel {
        ReferenceLevel(title: "without memory", testLoss: testLoss)
    }
}

/// The answers that networks over the sequences of a dataset are compared with.
enum Reference: Sendable {
    case nothing
    /// Known by the definition of the data.
    case known(@Sendable (DataRequest) -> [ReferenceLevel])
    /// Counted in the training sequences: the last symbols, from one to `order`, tell the target.
    case counted(order: Int, title: @Sendable (Int) -> String)

    /// The next symbol, by Markov chains of order 1 to 5.
    static let markovChains = counted(order: 5) { "Markov order \($0)" }

    /// One level, which always holds.
    static func withoutMemory(_ testLoss: Double) -> Reference { known { _ in [.withoutMemory(testLoss)] } }
}

extension PreparedData {
    /// The reference levels that can be compared with a network's test loss: none where its loss is another one, or where it gives
    /// back its input.
    public func referenceLevels(for network: NetworkDescription) -> [ReferenceLevel] {
        guard network.task != .reconstruction else { return [] }
        let isComparable = task == .regression ? network.lossIsHalfSquare : network.lossIsInNats
        return isComparable ? referenceLevels : []
    }
}

/// How often each target followed the last symbols, in chains of every order up to the longest.
///
/// P_k(y | the last k symbols c) = (n(c, y) + d(c) · P_{k−1}(y)) / (n(c) + d(c)), n counting training targets and d the different
/// ones among them; P_{−1} = 1 / classes, and P_k = P_{k−1} after symbols that training never had. This is the interpolation of
/// Witten and Bell, The zero-frequency problem, 1991, as Chen and Goodman write it in An empirical study of smoothing techniques
/// for language modeling, 1998. At the beginning of a sequence a chain has no more symbols than a network has.
struct SymbolChains {
    /// More training targets are not counted, and more test targets not measured: some megabytes, and less than a second.
    static let mostCounted = 1 << 19

    private let order: Int
    private let classes: Int
    /// The number of each run of symbols by that of the run without its first symbol; 0: the empty run.
    private var runs: [UInt64: Int32] = [:]
    private var counts: [UInt64: Int32] = [:]
    private var totals: [Int32] = [0]
    private var kinds: [Int32] = [0]
    /// Targets that were counted.
    private var counted = 0
    /// For each order from 0 the sum of the losses at the measured targets.
    private var losses: [Double]
    /// Targets that were measured.
    private var measured = 0

    init(order: Int, classes: Int) {
        (self.order, self.classes) = (order, classes)
        losses = Array(repeating: 0, count: order + 1)
    }

    private static func key(_ run: Int32, _ symbol: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: run)) << 32 | UInt64(UInt32(bitPattern: symbol))
    }

    /// Counts the targets of a training sequence.
    /// - Parameters:
    ///   - targets: one for each symbol; −1: none.
    ///   - first: the steps before it have been counted already.
    mutating func count(_ symbols: [Int32], _ targets: [Int32], from first: Int) {
        for step in symbols.indices.dropFirst(first) where targets[step] >= 0 && counted < Self.mostCounted {
            counted += 1
            var run: Int32 = 0
            add(targets[step], to: run)
            for back in 0..<min(order, step + 1) {
                let key = Self.key(run, symbols[step - back])
                if let known = runs[key] {
                    run = known
                } else {
                    run = Int32(totals.count)
                    runs[key] = run
                    totals.append(0)
                    kinds.append(0)
                }
                add(targets[step], to: run)
            }
        }
    }

    private mutating func add(_ target: Int32, to run: Int32) {
        let count = counts[Self.key(run, target), default: 0]
        if count == 0 { kinds[Int(run)] += 1 }
        counts[Self.key(run, target)] = count + 1
        totals[Int(run)] += 1
    }

    /// The probability of a target after the symbols up to a step, by the chain of each order from 0.
    func probabilities(_ symbols: [Int32], _ step: Int, _ target: Int32) -> [Double] {
        var probabilities: [Double] = []
        var probability = 1 / Double(classes)
        var run: Int32? = 0
        for order in 0...order {
            if order > 0 {
                run = order <= step + 1 ? run.flatMap { runs[Self.key($0, symbols[step - order + 1])] } : nil
            }
            if let run, totals[Int(run)] > 0 {
                let (total, kinds) = (Double(totals[Int(run)]), Double(kinds[Int(run)]))
                probability = (Double(counts[Self.key(run, target)] ?? 0) + kinds * probability) / (total + kinds)
            }
            probabilities.append(probability)
        }
        return probabilities
    }

    /// Measures the losses on a test sequence, after all training sequences have been counted.
    mutating func measure(_ symbols: [Int32], _ targets: [Int32]) {
        let steps = symbols.indices.filter { targets[$0] >= 0 }
        guard !steps.isEmpty, measured < Self.mostCounted else { return }
        measured += steps.count
        for step in steps {
            for (order, probability) in probabilities(symbols, step, targets[step]).enumerated() {
                losses[order] -= log(probability)
            }
        }
    }

    /// A level for each order from 1; none where nothing has been counted or measured.
    func levels(_ title: (Int) -> String) -> [ReferenceLevel] {
        guard counted > 0, measured > 0 else { return [] }
        return (1...order).map {
            ReferenceLevel(title: title($0), testLoss: losses[$0] / Double(measured))
        }
    }
}

/// The reference levels of sequences while they are drawn or read.
struct ReferenceMeasure {
    private var chains: SymbolChains?
    private let title: (Int) -> String
    /// Test sequences wait until all training sequences have been counted.
    private var waiting: [(symbols: [Int32], targets: [Int32])] = []
    private var waitingTargets = 0
    private let known: [ReferenceLevel]

    init(_ reference: Reference, _ schema: DataSchema, _ request: DataRequest) {
        switch reference {
        case .nothing: (chains, title, known) = (nil, { _ in "" }, [])
        case .known(let levels): (chains, title, known) = (nil, { _ in "" }, levels(request))
        case .counted(let order, let title):
            (chains, self.title, known) = (SymbolChains(order: order, classes: schema.classNames.count), title, [])
        }
    }

    /// - Parameter repeated: the first steps that the training sequence before it holds too.
    mutating func take(_ sample: SequenceSample, isTraining: Bool, repeated: Int) {
        guard chains != nil, isTraining || waitingTargets < SymbolChains.mostCounted else { return }
        let symbols = sample.symbols
        let targets = sample.labels.prefix(symbols.count).map { $0 == Samples.noLabel ? -1 : Int32($0) }
        if isTraining {
            chains?.count(symbols, targets, from: repeated)
        } else {
            waiting.append((symbols, targets))
            waitingTargets += targets.count
        }
    }

    mutating func levels() -> [ReferenceLevel] {
        guard var chains else { return known }
        for (symbols, targets) in waiting { chains.measure(symbols, targets) }
        return chains.levels(title)
    }
}

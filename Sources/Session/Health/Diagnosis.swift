import Basics
import Datasets
import Engine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The trouble of a run in one sentence, and the edit that may mend it.
public struct Diagnosis: Sendable, Hashable {
    /// "overfitting": the word on the screen.
    public var word: String
    /// The facts that were seen, with their numbers; no period at the end.
    public var sentence: String
    /// nil: none can be proposed.
    public var remedy: Remedy?

    /// An edit, in words that complete "the key …".
    public struct Remedy: Sendable, Hashable {
        public var words: String
        public var action: Action
        /// The weights are of no use any more: training starts again with it.
        public var startsAgain = false
    }
}

extension Diagnosis {
    /// The first of all conditions that is recognized; nil: none is.
    init?(_ facts: RunFacts) {
        guard let found = Condition.all.lazy.compactMap({ $0.recognize(facts) }).first else { return nil }
        self = found
    }
}

/// The facts of a run that conditions are recognized by.
struct RunFacts {
    let experiment: Experiment
    let state: Snapshot.State
    let health: Health
    let outline: Outline
    let updates: UpdateSizes?
    let learningRate: Double
    /// Each step is to foretell the next one.
    let foretells: Bool
    /// The epochs of the losses, and the losses; finite ones alone.
    let epochs: [Int]
    let train: [Double]
    /// Empty: there are no test samples.
    let test: [Double]

    init(_ snapshot: Snapshot, _ health: Health) {
        (experiment, state, self.health, outline) = (snapshot.experiment, snapshot.state, health, snapshot.outline)
        (updates, learningRate) = (snapshot.updates, snapshot.learningRate)
        foretells = snapshot.experiment.foretells(snapshot.data)
        func series(_ set: Metric.SampleSet) -> [Double] {
            let metric = snapshot.history.metrics.first { $0.plot == .loss && $0.set == set }
            return metric.map { snapshot.history[$0.id].map { value in Double(value) } } ?? []
        }
        let (train, test) = (series(.train), series(.test))
        let known = train.indices.filter { train[$0].isFinite }
        epochs = known.map { snapshot.history.points[$0].epoch }
        self.train = known.map { train[$0] }
        self.test = test.count == train.count && known.allSatisfy { test[$0].isFinite } ? known.map { test[$0] } : []
    }

    /// The epochs that were trained since a change by hand, or since the start.
    var epoch: Int { epochs.last ?? 0 }
    var first: Double { train.first ?? .nan }
    var last: Double { train.last ?? .nan }

    /// The mean of the last losses: single values tremble.
    static func end(_ series: [Double], _ count: Int = 3) -> Double {
        let values = series.suffix(count)
        return values.reduce(0, +) / Double(max(1, values.count))
    }

    /// The key path of the learning rate, and its present value; nil: the optimizer has none.
    private var rate: (path: String, value: Double)? {
        let path = "training.optimizer.\(experiment.training.optimizer.id).learningRate"
        guard case .number(let value)? = experiment.value(at: path), value > 0 else { return nil }
        return (path, value)
    }

    /// Another learning rate.
    func remedy(rateTimes factor: Double, startsAgain: Bool = false) -> Diagnosis.Remedy? {
        guard let (path, value) = rate else { return nil }
        let next = Self.twoDigits(value * factor)
        let verb = factor < 1 ? "lowers" : "raises"
        return remedy(
            "\(verb) the learning rate from \(plain(value)) to \(plain(next))", .set(path: path, .number(next)),
            startsAgain: startsAgain)
    }

    func remedy(_ words: String, _ action: Action, startsAgain: Bool = false) -> Diagnosis.Remedy {
        Diagnosis.Remedy(
            words: words + (startsAgain ? " and starts again" : ""), action: action, startsAgain: startsAgain)
    }

    /// A number in words, its decimals in two digits.
    func plain(_ value: Double) -> String { formatNumber(value, digits: 2) }

    /// Two numbers in words, with as many digits as tell them apart: "0.5147" and "0.5136".
    func apart(_ one: Double, _ other: Double) -> (String, String) {
        let digits = (2...6).first { formatNumber(one, digits: $0) != formatNumber(other, digits: $0) } ?? 2
        return (formatNumber(one, digits: digits), formatNumber(other, digits: digits))
    }

    /// The number of two digits that is nearest.
    static func twoDigits(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value }
        let exponent = Int(floor(log10(abs(value)))) - 1
        let digits = (value / pow(10, Double(exponent))).rounded()
        // A power of ten below 1 is no Double: the text is read without its error.
        return digits.isFinite ? Double("\(Int(digits))e\(exponent)") ?? value : value
    }
}

/// A condition that is recognized: one record for each, in the order in which they are asked.
struct Condition: Sendable {
    var id: String
    var recognize: @Sendable (RunFacts) -> Diagnosis?

    static let all: [Condition] = [
        .diverging, .exploding, .seesAnswer, .rateTooLarge, .dead, .saturated, .vanishing, .vanishingInTime,
        .overfitting, .rateTooSmall,
    ]
}

import Datasets
import Engine

/// The network's answers to sequences.
public struct SequenceAnswers: Sendable, Hashable {
    public var choice: SequenceChoice
    /// The answers to the chosen sequence: one to each target step, or to each of its beginnings, or one. Each is the score
    /// of every class, or a value in original units.
    public var steps: [[Float]]
    /// `steps[t]` is the answer to the first t + 1 steps.
    public var areOfBeginnings: Bool
    /// The answers to the shown set's first sequences, `[count][target steps]`: classes (−1: no number), or values.
    public var all: [[Float]]
    /// The rows of `all` with a mistake; of values none.
    public var wrong: [Int] = []
    /// The share of the targets of `all` that are right, 0…1; of values R², 0 at least; nil: none is answered.
    public var rightShare: Double?
    /// The values after the step from which the network was fed its own answers: `freeRun[0]` follows that step; empty: not
    /// asked for.
    public var freeRun: [Float] = []
    /// That step.
    public var freeRunFrom = 0

    /// The answer that belongs to a moment; nil: there is none.
    public func answer(at step: Int) -> [Float]? {
        steps.indices.contains(min(step, steps.count - 1)) ? steps[min(step, steps.count - 1)] : nil
    }
}

extension SequenceAnswers {
    /// Counts what is right in `all`.
    mutating func count(in data: PreparedData) {
        let targets = data.sequence?.targetSteps ?? 1
        let labels = data.shownSequences.labels
        var (asked, right) = (0, 0)
        // Of values.
        var (sum, squares, distance) = (0.0, 0.0, 0.0)
        wrong = []
        for row in all.indices {
            var isWrong = false
            for (label, answer) in zip(labels[row * targets..<(row + 1) * targets], all[row])
            where label != Samples.noLabel {
                asked += 1
                if label == answer { right += 1 } else { isWrong = true }
                guard data.task == .regression else { continue }
                // R² is the same in the labels' units.
                let value = Double(label)
                let difference = (Double(answer) - Double(data.targetMean)) / Double(data.targetScale) - value
                sum += value
                squares += value * value
                distance += difference * difference
            }
            if isWrong, data.task != .regression { wrong.append(row) }
        }
        guard asked > 0 else { return rightShare = nil }
        guard data.task == .regression else { return rightShare = Double(right) / Double(asked) }
        let spread = squares - sum * sum / Double(asked)
        rightShare = spread > 1e-12 * squares && distance.isFinite ? max(0, 1 - distance / spread) : nil
    }
}

/// Which answers to sequences are on the screen.
public struct SequenceQuestion: Sendable, Hashable {
    /// Those to all shown sequences, too.
    public var asksAll: Bool
    /// The step behind which the network is fed its own answers; nil: it is not.
    public var freeRunFrom: Int?
    public init(asksAll: Bool = true, freeRunFrom: Int? = nil) {
        (self.asksAll, self.freeRunFrom) = (asksAll, freeRunFrom)
    }
}

/// Makes what views of sequences' answers need.
struct SequenceAnswering {
    private var beginnings = OtherSteps()
    private var continuation = FreeRunningNetwork()
    private var writer = TextWriter()
    private let lags = LagGradientMaker()
    private var paths = StatePathMaker()

    /// Multiplications of the answers to all shown sequences, and of those to a sequence's beginnings.
    private static let work = 30_000_000
    /// The most steps of a sequence whose beginnings are answered.
    private static let mostBeginnings = 256

    /// - Parameter pass: with the values of the request's sequence.
    mutating func fill(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest, _ pass: ForwardPass,
        _ networks: GradientNetworks
    ) throws(EngineError) {
        // A network that gives back its input answers nothing.
        if let question = request.answers, let choice = request.sequence, snapshot.network.task != .reconstruction {
            picture.answers = try answers(to: question, choice, snapshot, pass)
        }
        if let wanted = request.writing {
            picture.written = writer.write(wanted, in: snapshot)
            picture.settled = picture.settled && writer.settled
        }
        if let lag = request.lagStep { picture.lags = lags.measure(at: lag, in: snapshot, networks) }
        if let target = request.statePaths {
            picture.statePaths = paths.make(target, chosen: request.sequence?.row ?? 0, snapshot, pass)
            picture.settled = picture.settled && paths.settled
        }
    }

    private mutating func answers(
        to question: SequenceQuestion, _ choice: SequenceChoice, _ snapshot: Snapshot, _ pass: ForwardPass
    ) throws(EngineError) -> SequenceAnswers {
        let data = snapshot.data
        let reading = OutputReading(network: snapshot.network, outline: snapshot.outline, data: data)
        let inputs = data.inputs(of: choice)
        var answers = SequenceAnswers(choice: choice, steps: [], areOfBeginnings: false, all: [])
        if let own = beginningAnswers(choice, inputs, reading, snapshot, pass) {
            (answers.steps, answers.areOfBeginnings) = (own, true)
        } else {
            answers.steps = Self.steps(pass.values(layer: snapshot.outline.output), reading, data)
        }
        if question.asksAll {
            let shown = data.shownSequences
            let outputs = snapshot.outline.unitCount(layer: snapshot.outline.output)
            let count = min(
                shown.count, PreparedData.mostShownSequences, pass.samples(forWork: Self.work),
                max(8, (1 << 21) / max(1, outputs)))
            let values = try pass.outputs(at: FixedInputs(shown.inputs, count: count))
            answers.all = [[Float]](repeating: [], count: count)
            for first in stride(from: 0, to: values.count, by: reading.outputs) {
                let own = Array(values[first..<first + reading.outputs])
                let step =
                    data.task == .regression
                    ? own[0].map { $0 * data.targetScale + data.targetMean } : reading.classes(own).map { Float($0) }
                for sample in 0..<count { answers.all[sample].append(step[sample]) }
            }
            answers.count(in: data)
        }
        if let kind = data.sequence, let from = question.freeRunFrom, data.foretellsInputs, data.task == .regression {
            let first = min(from, kind.steps - 1)
            answers.freeRunFrom = first
            answers.freeRun = freeRun(Array(inputs.prefix(first + 1)), snapshot)
        }
        return answers
    }

    /// The values of an output as scores of classes, or as a value, for each step.
    static func steps(_ values: [Float], _ reading: OutputReading, _ data: PreparedData) -> [[Float]] {
        stride(from: 0, to: values.count, by: reading.outputs).map { first in
            let own = Array(values[first..<first + reading.outputs])
            return data.task == .regression
                ? own.map { $0 * data.targetScale + data.targetMean } : reading.scores(own)
        }
    }

    /// The answers of a recurrent network when a sequence ends after each of its steps; nil: each step has one of its own
    /// already, or there are too many.
    private mutating func beginningAnswers(
        _ choice: SequenceChoice, _ inputs: [Float], _ reading: OutputReading, _ snapshot: Snapshot,
        _ pass: ForwardPass
    ) -> [[Float]]? {
        let data = snapshot.data
        let count = data.stepCount(of: choice)
        guard let kind = data.sequence, kind.targetSteps == nil, snapshot.network.isRecurrent, count > 1,
            count <= Self.mostBeginnings, pass.samples(forWork: 4 * Self.work) >= count,
            let network = beginnings.loaded(
                snapshot, steps: kind.steps, capacity: min(kind.steps, Self.mostBeginnings))
        else { return nil }
        let width = kind.features.count
        var answers: [[Float]] = []
        for first in stride(from: 1, through: count, by: network.capacity) {
            let lengths = first..<min(first + network.capacity, count + 1)
            network.forward(
                lengths.flatMap { length in
                    inputs.prefix(length * width) + [Float](repeating: kind.blank, count: (kind.steps - length) * width)
                        + [Float(length)]
                }, count: lengths.count)
            for sample in lengths.indices {
                let values = (0..<reading.outputs).map {
                    network.value(
                        layer: network.outline.output, stage: .activation, unit: $0,
                        sample: sample - lengths.lowerBound)
                }
                answers.append(Self.steps(values, reading, data)[0])
            }
        }
        return answers
    }

    /// - Parameter beginning: the values of the first steps.
    private mutating func freeRun(_ beginning: [Float], _ snapshot: Snapshot) -> [Float] {
        guard let kind = snapshot.data.sequence else { return [] }
        continuation.begin(beginning.map { [$0] })
        var values: [Float] = []
        let count = min(kind.steps - beginning.count + 1, continuation.steps(forWork: 4 * Self.work, snapshot))
        while values.count < count {
            guard let next = continuation.next(in: snapshot)?.first, next.isFinite else { break }
            values.append(next)
            continuation.append([next])
        }
        return values.map { $0 * snapshot.data.targetScale + snapshot.data.targetMean }
    }
}

/// A network planned for other steps than the data's, with a snapshot's parameters. Lives in the viewer's thread.
struct OtherSteps {
    private var network: Network?
    /// The capacity that was asked for.
    private var planned = 0
    private var refused: NetworkDescription?
    /// The version of the parameters in `network`; nil: none.
    private var version: Int?

    /// - Returns: nil: the network cannot be planned so, or its parameters depend on the number of steps.
    mutating func loaded(_ snapshot: Snapshot, steps: Int, capacity: Int) -> Network? {
        loaded(snapshot, snapshot.network.over(steps: steps), capacity: capacity)
    }

    /// The most memory of its values, of many samples.
    private static let mostBytes = 2 << 20

    /// - Parameters:
    ///   - description: of the snapshot's network for other steps; nil: there is none.
    ///   - capacity: the most samples of one pass; fewer, where they take much memory.
    mutating func loaded(_ snapshot: Snapshot, _ description: NetworkDescription?, capacity: Int) -> Network? {
        guard let description, description != refused else { return nil }
        if network?.description != description || planned < capacity {
            version = nil
            network = try? Network(description, capacity: capacity, bytes: Self.mostBytes)
            planned = capacity
            guard network?.outline.hasSameTensors(as: snapshot.outline) == true else {
                (network, refused) = (nil, description)
                return nil
            }
        }
        if version != snapshot.parameterVersion {
            version = snapshot.parameterVersion
            network!.load(parameters: snapshot.parameters)
        }
        return network
    }
}

/// A sequence that goes on: the network is fed what it answers.
///
/// Where layers look at earlier steps through their states alone, each step is one pass, and the states go on, beyond the length
/// that training had too. Else the network sees the last steps again with each that comes, as many as the data's longest sequence
/// has.
struct FreeRunningNetwork {
    private var whole = OtherSteps()
    private var single = OtherSteps()
    /// The values of the last steps, as many as the data's longest sequence has.
    private var steps: [[Float]] = []
    /// So many of them have gone into the states of `stepper`.
    private var fed = 0
    private var stepper: Network?
    /// Of the parameters with which they have.
    private var version: Int?

    mutating func begin(_ steps: [[Float]]) { (self.steps, fed) = (steps, 0) }

    mutating func append(_ step: [Float]) { steps.append(step) }

    /// How many steps take about so many multiplications, 1 at least.
    mutating func steps(forWork work: Int, _ snapshot: Snapshot) -> Int {
        guard let kind = snapshot.data.sequence else { return 1 }
        let network =
            single.loaded(snapshot, snapshot.network.stepping, capacity: 1)
            ?? whole.loaded(snapshot, steps: kind.steps, capacity: 1)
        // A pass of one sample takes as long as one of a vector of them.
        return max(1, work / max(1, 8 * (network?.multiplications ?? work)))
    }

    /// The outputs after the last step; nil: the network cannot go on.
    mutating func next(in snapshot: Snapshot) -> [Float]? {
        guard let kind = snapshot.data.sequence, !steps.isEmpty else { return nil }
        let surplus = max(0, steps.count - kind.steps)
        steps.removeFirst(surplus)
        fed = max(0, fed - surplus)
        if let network = single.loaded(snapshot, snapshot.network.stepping, capacity: 1) {
            if network !== stepper || version != snapshot.parameterVersion {
                // Other weights have other states: they are made of the last steps.
                (stepper, version, fed) = (network, snapshot.parameterVersion, 0)
            }
            while fed < steps.count {
                network.forward(steps[fed], count: 1, continues: fed > 0)
                fed += 1
            }
            return network.values(layer: network.outline.output)
        }
        guard let network = whole.loaded(snapshot, steps: kind.steps, capacity: 1) else { return nil }
        let blank = [Float](repeating: kind.blank, count: (kind.steps - steps.count) * kind.features.count)
        network.forward(steps.flatMap(\.self) + blank + [Float(steps.count)], count: 1)
        let values = network.values(layer: network.outline.output)
        let width = values.count / kind.steps
        return Array(values[(steps.count - 1) * width..<steps.count * width])
    }
}

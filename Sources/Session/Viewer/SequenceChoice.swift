import Datasets
import Engine

/// One sequence of the data, or one that was typed.
public struct SequenceChoice: Sendable, Hashable {
    /// Its row of the set that is shown (`PreparedData.shownSequences`).
    public var row: Int
    /// The symbols of a typed sequence, in place of the row's. Data that they do not fit show the row's.
    public var typed: [Int]?
    /// It is a row of the training sequences, whichever are shown.
    public var isTraining: Bool
    public init(row: Int, typed: [Int]? = nil, isTraining: Bool = false) {
        (self.row, self.typed, self.isTraining) = (row, typed, isTraining)
    }
}

extension PreparedData {
    /// The kind of the data's sequences; nil: they are none.
    public var sequence: SequenceKind? {
        guard case .sequence(let kind) = schema.kind else { return nil }
        return kind
    }

    /// The sequences that are looked at: those for the test, where there are some.
    public var shownSequences: Samples { test.count > 0 ? test : train }

    /// More sequences are neither answered nor listed.
    public static let mostShownSequences = 1000

    /// Whether symbols can be a sequence of these data.
    public func fits(_ typed: [Int]) -> Bool {
        guard let kind = sequence else { return false }
        return (1...max(1, kind.steps)).contains(typed.count) && typed.allSatisfy(kind.alphabet.indices.contains)
    }

    private func samples(of choice: SequenceChoice) -> Samples { choice.isTraining ? train : shownSequences }

    /// The symbols of a typed sequence that fits the data; nil: the row's are meant.
    private func typedSymbols(of choice: SequenceChoice) -> [Int]? { choice.typed.flatMap { fits($0) ? $0 : nil } }

    /// A sequence as the network takes it, `[steps, features]`, behind them its length where sequences have lengths. Behind
    /// a typed sequence there is no symbol, or where values are amounts 0.
    public func inputs(of choice: SequenceChoice) -> [Float] {
        guard let kind = sequence else { return [] }
        if let typed = typedSymbols(of: choice) {
            let blank = [Float](repeating: kind.blank, count: (kind.steps - typed.count) * kind.features.count)
            return typed.flatMap(kind.values) + blank + (kind.hasLengths ? [Float(typed.count)] : [])
        }
        let samples = samples(of: choice)
        guard choice.row >= 0, choice.row < samples.count else {
            return [Float](repeating: 0, count: kind.steps * kind.features.count + (kind.hasLengths ? 1 : 0))
        }
        return samples.inputs.values(of: choice.row)
    }

    /// The number of steps of a sequence.
    public func stepCount(of choice: SequenceChoice) -> Int {
        guard let kind = sequence else { return 0 }
        if let typed = typedSymbols(of: choice) { return typed.count }
        let samples = samples(of: choice)
        guard kind.hasLengths, choice.row >= 0, choice.row < samples.count else { return kind.steps }
        return min(kind.steps, max(0, Int(samples.inputs[choice.row, samples.inputs.width - 1])))
    }

    /// The targets of a sequence as the network learns them: one, or one for each target step; nil for a step without one.
    /// Of a typed sequence the next symbols where these are the targets, else none.
    public func targets(of choice: SequenceChoice) -> [Float?] {
        guard let kind = sequence else { return [] }
        let count = kind.targetSteps ?? 1
        if let typed = typedSymbols(of: choice) {
            guard foretellsInputs else { return [Float?](repeating: nil, count: count) }
            return (0..<count).map { $0 + 1 < typed.count ? Float(typed[$0 + 1]) : nil }
        }
        let samples = samples(of: choice)
        guard choice.row >= 0, choice.row < samples.count else { return [] }
        return samples.labels[choice.row * count..<(choice.row + 1) * count].map {
            $0 == Samples.noLabel ? nil : $0
        }
    }

    /// The targets of a sequence as `SequenceAnswers` has the answers: classes, or values in original units.
    public func shownTargets(of choice: SequenceChoice) -> [Float?] {
        let targets = targets(of: choice)
        return task == .regression ? targets.map { $0.map { $0 * targetScale + targetMean } } : targets
    }

    /// The class of an input at a step, where inputs are symbols or have one value that is 1; nil: they are amounts.
    public func symbol(_ inputs: [Float], at step: Int) -> Int? {
        sequence?.symbol(inputs, at: step)
    }
}

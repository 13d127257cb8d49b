import Datasets
import Engine

/// One sequence of the data, or one that was typed.
public struct SequenceChoice: Sendable, Hashable {
    /// Its row of the set that is shown (`PreparedData.shownSequences`).
    public var row: Int
    /// The symbols of a typed sequence, in place of the row's.
    public var typed: [Int]?
    public init(row: Int, typed: [Int]? = nil) { (self.row, self.typed) = (row, typed) }
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

    /// A sequence as the network takes it, `[steps, features]`, behind them its length where sequences have lengths. Behind
    /// a typed sequence there is no symbol.
    public func inputs(of choice: SequenceChoice) -> [Float] {
        guard let kind = sequence else { return [] }
        if let typed = choice.typed {
            let symbols = typed.prefix(kind.steps).map { Float($0) }
            return symbols + [Float](repeating: -1, count: kind.steps - symbols.count)
                + (kind.hasLengths ? [Float(symbols.count)] : [])
        }
        let samples = shownSequences
        guard choice.row >= 0, choice.row < samples.count else {
            return [Float](repeating: 0, count: kind.steps * kind.features.count + (kind.hasLengths ? 1 : 0))
        }
        return samples.inputs.values(of: choice.row)
    }

    /// The number of steps of a sequence.
    public func stepCount(of choice: SequenceChoice) -> Int {
        guard let kind = sequence else { return 0 }
        if let typed = choice.typed { return min(typed.count, kind.steps) }
        let samples = shownSequences
        guard kind.hasLengths, choice.row >= 0, choice.row < samples.count else { return kind.steps }
        return min(kind.steps, max(0, Int(samples.inputs[choice.row, samples.inputs.width - 1])))
    }

    /// The targets of a sequence: one, or one for each target step; nil for a step without one. Of a typed sequence the
    /// next symbols where these are the targets, else none.
    public func targets(of choice: SequenceChoice) -> [Float?] {
        guard let kind = sequence else { return [] }
        let count = kind.targetSteps ?? 1
        if let typed = choice.typed {
            guard foretellsInputs else { return [Float?](repeating: nil, count: count) }
            return (0..<count).map { $0 + 1 < typed.count ? Float(typed[$0 + 1]) : nil }
        }
        let samples = shownSequences
        guard choice.row >= 0, choice.row < samples.count else { return [] }
        return samples.labels[choice.row * count..<(choice.row + 1) * count].map {
            $0 == Samples.noLabel ? nil : $0
        }
    }

    /// The class of an input at a step, where inputs are symbols or have one value that is 1; nil: they are amounts.
    public func symbol(_ inputs: [Float], at step: Int) -> Int? {
        guard let kind = sequence, step < kind.steps else { return nil }
        if !kind.symbols.isEmpty { return inputs[step] < 0 ? nil : Int(inputs[step]) }
        let width = kind.features.count
        let values = inputs[step * width..<(step + 1) * width]
        guard width > 1, values.contains(1), values.count(where: { $0 != 0 }) == 1 else { return nil }
        return values.firstIndex(of: 1)! - values.startIndex
    }

    /// Whether the target of each step is the input of the next one: then the network can be fed its own answers.
    public var foretellsInputs: Bool {
        guard let kind = sequence, kind.targetSteps == kind.steps, train.count > 0 else { return false }
        let isValue = task == .regression
        guard isValue ? kind.features.count == 1 && kind.symbols.isEmpty : classNames == kind.names else {
            return false
        }
        let inputs = train.inputs.values(of: 0)
        return (0..<min(kind.steps - 1, 50)).allSatisfy { step in
            let label = train.labels[step]
            if isValue { return label == inputs[step + 1] }
            let next = symbol(inputs, at: step + 1)
            return next == nil || label == Samples.noLabel || Int(label) == next
        }
    }
}

extension SequenceKind {
    /// The names of what a step can be: its symbols, or of values those of the features.
    public var names: [String] { symbols.isEmpty ? features : symbols }
}

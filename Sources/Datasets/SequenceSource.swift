import Engine

/// The sequences that a dataset makes or reads, before they are split into training and test sequences.
protocol SequenceSource {
    var count: Int { get }
    /// Sequences for training, which come first; nil: `trainFraction` splits them at random.
    var trainCount: Int? { get }
    /// Of the kind `sequence`.
    var schema: DataSchema { get }

    /// Writes the next sequence. Called `count` times.
    mutating func next(into sample: inout SequenceSample) throws(DataError)
}

extension SequenceSource {
    var trainCount: Int? { nil }
}

/// A sequence that is being written: zeros at first, and no targets where each step may have one.
struct SequenceSample {
    let kind: SequenceKind
    /// `[steps, features]`, and behind them the number of steps where sequences have lengths.
    var inputs: [Float]
    /// A class or a value, or one for each target step.
    var labels: [Float]

    init(_ kind: SequenceKind) {
        self.kind = kind
        inputs = [Float](repeating: 0, count: kind.width)
        labels = [Float](repeating: kind.targetSteps == nil ? 0 : Samples.noLabel, count: kind.targetSteps ?? 1)
        if kind.hasLengths { inputs[kind.width - 1] = Float(kind.steps) }
        // Behind a sequence's end there is no symbol.
        if !kind.symbols.isEmpty { for step in 0..<kind.steps { inputs[step] = -1 } }
    }

    /// Of a sequence shorter than the longest.
    var length: Int {
        get { kind.hasLengths ? Int(inputs[kind.width - 1]) : kind.steps }
        set { inputs[kind.width - 1] = Float(newValue) }
    }

    subscript(step: Int, feature: Int) -> Float {
        get { inputs[step * kind.features.count + feature] }
        set { inputs[step * kind.features.count + feature] = newValue }
    }

    /// Writes symbols from a step on; the sequence ends behind them.
    mutating func write(_ symbols: [Int], from first: Int = 0) {
        for (place, symbol) in symbols.enumerated() { inputs[first + place] = Float(symbol) }
        if kind.hasLengths { length = first + symbols.count }
    }
}

/// Sequences that a generator draws one after the other.
struct DrawnSequences: SequenceSource {
    let count: Int
    let schema: DataSchema
    private var random: Random
    private let draw: (_ number: Int, _ sample: inout SequenceSample, _ random: inout Random) -> Void
    private var drawn = 0

    /// - Parameters:
    ///   - request: says how many.
    ///   - draw: writes the sequence of a number.
    init(
        _ request: DataRequest, _ schema: DataSchema,
        draw: @escaping (_ number: Int, _ sample: inout SequenceSample, _ random: inout Random) -> Void
    ) {
        (count, self.schema, self.draw) = (request.samples, schema, draw)
        // Another stream than the one that shuffles.
        random = Random(seed: request.description.seed ^ 0x7365_7175_656E)
    }

    mutating func next(into sample: inout SequenceSample) {
        draw(drawn, &sample, &random)
        drawn += 1
    }
}

extension Random {
    /// A whole number in 0 ..< count.
    mutating func index(_ count: Int) -> Int { min(count - 1, Int(uniform() * Double(count))) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[index(elements.count)] }
}

extension Knob {
    static func sequences(_ count: Int) -> Knob {
        Knob(
            "samples", title: "samples", summary: "The number of sequences, training and test together.",
            kind: .integer(10...100_000), default: .integer(count))
    }

    static func length(_ range: ClosedRange<Int>, _ count: Int, _ summary: String) -> Knob {
        Knob("length", title: "length", summary: summary, kind: .integer(range), default: .integer(count))
    }
}

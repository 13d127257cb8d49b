import Engine

/// The sequences that a dataset makes or reads, before they are split into training and test sequences.
protocol SequenceSource {
    var count: Int { get }
    /// Sequences for training, which come first; nil: `trainFraction` splits them at random.
    var trainCount: Int? { get }
    /// Of the kind `sequence`.
    var schema: DataSchema { get }
    /// The first steps of each training sequence that stand in the training sequence before it as well.
    var repeatedSteps: Int { get }
    /// A value in original units is label · scale + mean.
    var target: (mean: Float, scale: Float) { get }
    /// The file's columns and rows; nil for generated sequences.
    var report: TableReport? { get }
    /// The symbols of the text of which all sequences are windows; nil: they are others.
    var text: [UInt16]? { get }

    /// Writes the next sequence. Called `count` times.
    mutating func next(into sample: inout SequenceSample) throws(DataError)
}

extension SequenceSource {
    var trainCount: Int? { nil }
    var repeatedSteps: Int { 0 }
    var target: (mean: Float, scale: Float) { (0, 1) }
    var report: TableReport? { nil }
    var text: [UInt16]? { nil }
}

/// A sequence that is being written: zeros at first, and no targets where each step may have one.
struct SequenceSample {
    let kind: SequenceKind
    /// `[steps, features]`, and behind them the number of steps where sequences have lengths.
    var inputs: [Float]
    /// A class or a value, or one for each target step.
    var labels: [Float]
    /// Of each target step the classes that may stand there, bit k for class k; nil: the label alone.
    var legal: [UInt32]?
    /// Its first symbol's place in the source's text.
    var start: Int?

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

    /// Writes symbols from the first step on; the sequence ends behind them.
    mutating func write(_ symbols: [Int]) {
        for (step, symbol) in symbols.enumerated() { inputs[step] = Float(symbol) }
        if kind.hasLengths { length = symbols.count }
    }

    /// The symbol at each step: its number, or a number for the values that are above 0.
    var symbols: [Int32] {
        (0..<length).map { step in
            if !kind.symbols.isEmpty { return Int32(inputs[step]) }
            return kind.features.indices.reduce(0) { $0 | (self[step, $1] > 0 ? 1 << ($1 % 31) : 0) }
        }
    }
}

/// The sequences of the training or of the test while they are drawn or read.
struct SequenceSet {
    /// Symbols, or amounts.
    private enum Inputs {
        case tokens(TokenBuilder)
        case values(SampleBuilder)
    }

    private var inputs: Inputs
    private var labels: [Float]
    private var legal: [UInt32]?
    /// Of each sequence.
    private let targets: Int

    /// - Parameter text: the symbols of which all sequences are windows.
    /// - Throws: that there is not as much memory.
    init(_ kind: SequenceKind, count: Int, text: [UInt16]? = nil) throws(EngineError) {
        inputs =
            kind.symbols.isEmpty
            ? .values(try SampleBuilder(count: count, width: kind.width))
            : .tokens(TokenBuilder(count: count, steps: kind.steps, hasLengths: kind.hasLengths, text: text))
        targets = kind.targetSteps ?? 1
        labels = Array(repeating: 0, count: count * targets)
    }

    mutating func write(_ sample: SequenceSample, at place: Int) {
        switch inputs {
        case .values(let builder): sample.inputs.withUnsafeBufferPointer { builder.write($0, at: place) }
        case .tokens(var builder):
            // The list of numbers is changed in place.
            inputs = .tokens(TokenBuilder(count: 0, steps: 0, hasLengths: false))
            if let start = sample.start {
                builder.write(start: start, at: place)
            } else {
                builder.write(sample.inputs.prefix(sample.kind.steps), length: sample.length, at: place)
            }
            inputs = .tokens(builder)
        }
        labels.replaceSubrange(place * targets..<(place + 1) * targets, with: sample.labels)
        guard let own = sample.legal else { return }
        if legal == nil { legal = Array(repeating: 0, count: labels.count) }
        legal?.replaceSubrange(place * targets..<(place + 1) * targets, with: own)
    }

    /// Ownership of the memory passes on: nothing is to be written afterwards.
    var samples: Samples {
        let store =
            switch inputs {
            case .values(let builder): builder.store()
            case .tokens(let builder): builder.store()
            }
        return Samples(inputs: store, labels: labels, legal: legal)
    }

    /// Each sequence stands for its last target.
    func points(_ schema: DataSchema) -> Table {
        let count = min(labels.count / targets, PreparedData.mostDrawn)
        let last = (0..<count).map { sample in
            labels[sample * targets..<(sample + 1) * targets].last { $0 != Samples.noLabel } ?? 0
        }
        return Table(columns: [], rows: [], labels: last, task: schema.task, classNames: schema.classNames)
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
            kind: .integer(10...100_000), default: .integer(count),
            raise: "when the test loss rises while the training loss falls", lower: "when epochs take too long")
    }

    static func length(_ range: ClosedRange<Int>, _ count: Int, _ summary: String) -> Knob {
        Knob(
            "length", title: "length", summary: summary, kind: .integer(range), default: .integer(count),
            raise: "to ask for a longer memory", lower: "when nothing is learned: short sequences first")
    }
}

import Engine

/// The description of a dataset's samples, without the samples: a network's inputs and the targets that it learns.
public struct DataSchema: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Numbers by name, of which the features are made.
        case columns([String])
        /// Values in rows and columns, for each channel.
        case image(channels: Int, height: Int, width: Int)
        /// Steps in time.
        case sequence(SequenceKind)
        /// The observations of a game that is played.
        case environment(EnvironmentKind)
    }
    public var kind: Kind
    public var task: Task
    /// One name for each class, in the order of their indices; empty for regression.
    public var classNames: [String]

    public init(_ kind: Kind, task: Task, classNames: [String] = []) {
        (self.kind, self.task, self.classNames) = (kind, task, classNames)
    }

    /// The columns' names; none for images.
    public var columns: [String] {
        guard case .columns(let names) = kind else { return [] }
        return names
    }

    /// Whether the samples are images.
    public var isImage: Bool {
        guard case .image = kind else { return false }
        return true
    }

    /// Whether the samples are sequences.
    public var isSequence: Bool {
        guard case .sequence = kind else { return false }
        return true
    }

    /// The game with its settings; nil: the samples are of another kind.
    public var environment: Choice? {
        guard case .environment(let environment) = kind else { return nil }
        return environment.choice
    }

    /// The shape of one sample as the network takes it.
    /// - Parameter features: names or formulas; empty: every column.
    public func input(features: [String]) -> Shape {
        switch kind {
        case .columns(let names): Shape(features.isEmpty ? names.count : features.count)
        case .image(let channels, let height, let width): Shape(channels, height, width)
        case .sequence(let sequence): Shape(sequence.steps, sequence.features.count)
        case .environment(let environment): environment.shape
        }
    }

    /// The vocabulary, lengths and targets of sequences.
    public var form: SequenceForm {
        guard case .sequence(let sequence) = kind else { return SequenceForm() }
        return SequenceForm(
            vocabulary: sequence.symbols.isEmpty ? nil : sequence.symbols.count, hasLengths: sequence.hasLengths,
            targetSteps: sequence.targetSteps, continues: sequence.continues)
    }
}

extension DataSchema {
    /// The memory of a sequence with its targets, as the data hold them and as training does: a class for each step, or of values and
    /// of two classes numbers. Symbols take two bytes.
    /// - Parameter isWindow: its symbols stand in a text, which holds those of all sequences.
    func bytesPerSequence(isWindow: Bool) -> Int {
        guard case .sequence(let kind) = kind else { return 0 }
        let float = MemoryLayout<Float>.stride
        let inputs = kind.symbols.isEmpty ? kind.width * float : 12 + (isWindow ? 0 : 2 * kind.steps)
        let units = if case .classification(let classes) = task { classes } else { 1 }
        let targets = kind.targetSteps.map { units > 2 ? $0 : $0 * (units + 2) } ?? units + 1
        return inputs + targets * float
    }

    /// How many sequences fit into some memory, and how long as many sequences could be.
    /// - Parameter bytes: of a sequence.
    func fitting(_ count: Int, _ steps: Int, bytes: Int, in room: Int) -> String {
        let sequences = "\(plural(room / max(1, bytes), "sequence")) of \(plural(steps, "step"))"
        let length = Int(Double(room) / Double(max(1, count)) / Double(max(1, bytes)) * Double(steps))
        return "\(sequences) would fit" + (length >= 1 ? ", or \(count) of \(length)" : "")
    }
}

/// Sequences of steps, each with the same values.
public struct SequenceKind: Sendable, Hashable {
    /// Of the longest sequence.
    public var steps: Int
    /// The values of a step; of symbols one, their number.
    public var features: [String]
    /// The symbols whose numbers the steps are; empty: the values are amounts.
    public var symbols: [String]
    /// The names of all that a step can be, where that is one of some: the symbols; or of values the features, of which the one is 1
    /// and the others 0, or of a single value its numbers 0, 1 and so on. Empty: the values are amounts.
    public var alphabet: [String] { didSet { isByCharacter = Self.isByCharacter(alphabet) } }
    /// Whether each of the alphabet is a single character.
    public private(set) var isByCharacter: Bool
    /// Whether sequences end before the longest: the number of their steps lies behind the values.
    public var hasLengths: Bool
    /// The steps that have a target each; nil: each sequence has one.
    public var targetSteps: Int?
    /// Whether each sequence goes on where the one before it ends: windows of one text, in order.
    public var continues = false

    public init(
        steps: Int, features: [String], symbols: [String] = [], alphabet: [String]? = nil, hasLengths: Bool = false,
        targetSteps: Int? = nil
    ) {
        (self.steps, self.features, self.symbols) = (steps, features, symbols)
        (self.hasLengths, self.targetSteps) = (hasLengths, targetSteps)
        self.alphabet = alphabet ?? symbols
        isByCharacter = Self.isByCharacter(self.alphabet)
    }

    private static func isByCharacter(_ alphabet: [String]) -> Bool {
        !alphabet.isEmpty && alphabet.allSatisfy(SymbolText.isCharacter)
    }

    /// Steps that are the numbers of symbols.
    static func symbols(
        _ symbols: [String], steps: Int, hasLengths: Bool = false, targetSteps: Int? = nil
    ) -> SequenceKind {
        SequenceKind(
            steps: steps, features: ["symbol"], symbols: symbols, hasLengths: hasLengths, targetSteps: targetSteps)
    }

    /// Steps with a value for each letter, of which one is 1.
    static func oneHot(
        _ letters: [String], steps: Int, hasLengths: Bool = false, targetSteps: Int? = nil
    ) -> SequenceKind {
        SequenceKind(
            steps: steps, features: letters, alphabet: letters, hasLengths: hasLengths, targetSteps: targetSteps)
    }

    /// The values of a step that is one of the alphabet.
    public func values(of letter: Int) -> [Float] {
        features.count == 1 ? [Float(letter)] : features.indices.map { $0 == letter ? 1 : 0 }
    }

    /// The value behind a sequence's end: no symbol, or 0.
    public var blank: Float { symbols.isEmpty ? 0 : -1 }

    /// The kind of mapping from inputs to answers: "1→1", "n→1", "1→n", "n→n" or, with answers of another length, "n→m".
    public var mapping: String {
        guard let targets = targetSteps, targets > 1 else { return steps == 1 ? "1→1" : "n→1" }
        return steps == 1 ? "1→n" : targets == steps ? "n→n" : "n→m"
    }

    /// The same where the inputs themselves are the answers.
    public var mappingToItself: String { steps == 1 ? "1→1" : "n→n" }

    /// Numbers of each sequence in a store.
    var width: Int { steps * features.count + (hasLengths ? 1 : 0) }

    /// The names of what a step can be: one of the alphabet, or of amounts those of the features.
    public var names: [String] { alphabet.isEmpty ? features : alphabet }

    /// The class of an input at a step, where inputs are symbols or have one value that is 1; nil: they are amounts.
    public func symbol(_ inputs: [Float], at step: Int) -> Int? {
        guard step < steps else { return nil }
        if !alphabet.isEmpty, features.count == 1 { return inputs[step] < 0 ? nil : Int(inputs[step]) }
        let width = features.count
        let values = inputs[step * width..<(step + 1) * width]
        guard width > 1, values.contains(1), values.count(where: { $0 != 0 }) == 1 else { return nil }
        return values.firstIndex(of: 1)! - values.startIndex
    }
}

extension DataSchema {
    /// Whether the target of each step is the input of the next one, in the first eight sequences.
    func foretellsInputs(_ samples: Samples) -> Bool {
        guard case .sequence(let kind) = kind, kind.targetSteps == kind.steps else { return false }
        let isValue = task == .regression
        guard isValue ? kind.features.count == 1 && kind.symbols.isEmpty : classNames == kind.names else {
            return false
        }
        var compared = 0
        for sample in 0..<min(samples.count, 8) {
            let inputs = samples.inputs.values(of: sample)
            for step in 0..<kind.steps - 1 {
                let label = samples.labels[sample * kind.steps + step]
                guard label != Samples.noLabel,
                    let next = isValue ? inputs[step + 1] : kind.symbol(inputs, at: step + 1).map({ Float($0) })
                else { continue }
                guard label == next else { return false }
                compared += 1
            }
        }
        return compared > 0
    }
}

extension DataSchema {
    /// - Throws: a feature that is no formula of the columns; of images, any.
    public func check(features: [String]) throws(DataError) {
        if case .columns(let names) = kind {
            _ = try FeatureMap(features, columns: names)
        } else if !features.isEmpty {
            let all =
                switch kind {
                case .sequence: "value of a sequence"
                case .environment: "value of an observation"
                case .image, .columns: "pixel of an image"
                }
            throw DataError(
                .malformed, place: "features",
                message:
                    "expected none, found \(listed(features.map { quoted($0) })): the network takes in every \(all)")
        }
    }

    /// Two classes of points in the plane, labels 0 (−1, orange) and 1 (+1, blue).
    static let twoClassPlane = plane(.classification(classes: 2), ["−1", "+1"])

    /// Points in the plane with a value each.
    static let valuePlane = plane(.regression, [])

    /// Classes of points in the plane, named A, B, C, …
    static func classPlane(_ count: Int) -> DataSchema {
        plane(.classification(classes: count), (0..<UInt8(count)).map { String(UnicodeScalar(65 + $0)) })
    }

    static func plane(_ task: Task, _ classNames: [String]) -> DataSchema {
        DataSchema(.columns(["x1", "x2"]), task: task, classNames: classNames)
    }
}

extension DataDescription {
    /// The schema of the samples, from the description alone.
    /// - Returns: nil where only a file can tell.
    /// - Throws: a mistake in the description, in a formula for example.
    public func schema() throws(DataError) -> DataSchema? {
        let dataset = try Datasets.named(self)
        let schema = try dataset.schema(DataRequest(self, entry: dataset.entry))
        return try chosenClasses.isEmpty ? schema : schema?.choosing(chosenClasses).schema
    }
}

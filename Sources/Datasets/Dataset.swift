import Engine

/// A dataset: how it describes itself, and how its rows are made or read.
struct Dataset: Sendable {
    /// The numbers that get mean 0 and deviation 1 over the training samples: columns unless `data.standardize` is false,
    /// the channels of images where it is true.
    enum Standardization: Sendable { case nothing, targets, featuresAndTargets, channels }

    /// How the samples are made.
    enum Make: Sendable {
        case rows(@Sendable (inout DataRequest) throws(DataError) -> any RowSource)
        case images(@Sendable (inout DataRequest) throws(DataError) -> any ImageSource)
        case sequences(@Sendable (inout DataRequest) throws(DataError) -> any SequenceSource)
        /// A game is played at random.
        case states
    }

    let entry: Entry
    /// nil: the data decides.
    let task: TaskKind?
    let trainFraction: Double
    let standardization: Standardization
    /// The schema of the samples, without making any; nil where only a file can tell.
    let schema: @Sendable (DataRequest) throws(DataError) -> DataSchema?
    let make: Make
    /// Its points stand in the experiment itself.
    let isDrawn: Bool
    /// Whether it has samples without a file, though it reads one where it is named.
    let isBuiltIn: Bool
    /// The knob that names the column to be learned; nil: there is one label alone.
    let labelKnob: String?
    /// The answers that a network is compared with.
    let reference: Reference
    /// Whether it reads what stands at a path, told by the content and the names in it.
    let reads: @Sendable (ImageFiles.Named) -> Bool

    init(
        _ entry: Entry, task: TaskKind?, trainFraction: Double = 0.5, standardization: Standardization = .nothing,
        isDrawn: Bool = false, labelKnob: String? = nil,
        schema: @escaping @Sendable (DataRequest) throws(DataError) -> DataSchema?,
        make: @escaping @Sendable (inout DataRequest) throws(DataError) -> any RowSource
    ) {
        self.entry = entry
        self.task = task
        self.trainFraction = trainFraction
        self.standardization = standardization
        self.schema = schema
        self.make = .rows(make)
        (self.isDrawn, self.labelKnob, reference, reads) = (isDrawn, labelKnob, .nothing, { _ in false })
        isBuiltIn = entry.knob("file") == nil
    }

    /// A dataset of images in classes.
    init(
        images entry: Entry, trainFraction: Double = 0.5,
        reads: @escaping @Sendable (ImageFiles.Named) -> Bool = { _ in false },
        schema: @escaping @Sendable (DataRequest) throws(DataError) -> DataSchema?,
        make: @escaping @Sendable (inout DataRequest) throws(DataError) -> any ImageSource
    ) {
        (self.entry, self.trainFraction, self.schema) = (entry, trainFraction, schema)
        (task, standardization, self.make) = (.classification, .channels, .images(make))
        (isDrawn, labelKnob, reference, self.reads) = (false, nil, .nothing, reads)
        isBuiltIn = entry.knob("file") == nil
    }

    /// A dataset of sequences.
    init(
        sequences entry: Entry, task: TaskKind?, trainFraction: Double = 0.5, reference: Reference = .nothing,
        standardization: Standardization = .nothing, labelKnob: String? = nil, hasOwnText: Bool = false,
        schema: @escaping @Sendable (DataRequest) throws(DataError) -> DataSchema?,
        make: @escaping @Sendable (inout DataRequest) throws(DataError) -> any SequenceSource
    ) {
        (self.entry, self.task, self.trainFraction, self.schema) = (entry, task, trainFraction, schema)
        (self.standardization, self.make) = (standardization, .sequences(make))
        (isDrawn, self.labelKnob, self.reference, reads) = (false, labelKnob, reference, { _ in false })
        isBuiltIn = hasOwnText || entry.knob("file") == nil
    }

    /// A game, whose states are the samples.
    init(environment entry: Entry) {
        (self.entry, task, trainFraction) = (entry, nil, 1)
        schema = { request throws(DataError) in try EnvironmentKind.schema(request) }
        (standardization, make) = (.nothing, .states)
        (isDrawn, labelKnob, reference, reads) = (false, nil, .nothing, { _ in false })
        isBuiltIn = true
    }

    var standardizesByDefault: Bool { standardization != .channels }
}

/// The request for a dataset: the description with its knobs checked, and a generator of its own.
struct DataRequest {
    let description: DataDescription
    let entry: Entry
    let directory: String?
    let loading: Loading?
    /// The columns, classes and moments that weights were trained with; nil: none are known before.
    var record: DataRecord?
    var random: Random

    /// - Throws: a knob that the dataset does not have, of the wrong type, or out of range.
    init(
        _ description: DataDescription, entry: Entry, directory: String? = nil, loading: Loading? = nil,
        record: DataRecord? = nil
    ) throws(DataError) {
        for (name, value) in description.dataset.knobs.sorted(by: { $0.key < $1.key }) {
            guard let knob = entry.knob(name) else {
                throw DataError(
                    .malformed, place: "data.\(name)",
                    message: "the dataset \(quoted(entry.id)) has no such setting"
                        + offer(name, among: entry.knobs.map(\.name)))
            }
            do { _ = try value.checked(as: knob.kind, place: "data.\(name)") } catch {
                throw DataError(.malformed, place: error.place, message: error.message)
            }
        }
        self.description = description
        self.entry = entry
        self.directory = directory
        self.loading = loading
        self.record = record
        random = Random(seed: description.seed)
    }

    private func value(_ name: String) -> KnobValue {
        guard let knob = entry.knob(name) else { preconditionFailure("\(entry.id) has no knob \(name)") }
        return description.dataset.value(of: knob)
    }

    func integer(_ name: String) -> Int {
        switch value(name) {
        case .integer(let number): return number
        case .real(let number): return Int(number)
        default: preconditionFailure("\(name) is not a whole number")
        }
    }

    func real(_ name: String) -> Double {
        switch value(name) {
        case .integer(let number): return Double(number)
        case .real(let number): return number
        default: preconditionFailure("\(name) is not a number")
        }
    }

    func text(_ name: String) -> String {
        guard case .text(let text) = value(name) else { preconditionFailure("\(name) is not a text") }
        return text
    }

    func toggle(_ name: String) -> Bool {
        guard case .toggle(let isOn) = value(name) else { preconditionFailure("\(name) is not a truth value") }
        return isOn
    }

    var samples: Int { integer("samples") }

    /// The rows that train where the share of them is told.
    /// - Throws: a share that leaves nothing to train on.
    func trainCount(of count: Int) throws(DataError) -> Int {
        let fraction = description.trainFraction ?? Datasets.defaultTrainFraction(entry.id)
        guard fraction > 0, fraction <= 1 else {
            throw DataError(
                .malformed, place: "data.trainFraction",
                message: "expected a share above 0 and at most 1, found \(fraction.plain)")
        }
        let trainCount = Int((fraction * Double(count)).rounded())
        guard trainCount >= 1 else {
            throw DataError(
                .malformed, place: "data.trainFraction",
                message: "expected at least one training row of \(count), found none at \(fraction.plain)")
        }
        return trainCount
    }

    /// - Throws: a share of training samples that is told though the files have a test set of their own.
    func checkOwnTestSet() throws(DataError) {
        guard description.trainFraction != nil else { return }
        throw DataError(
            .malformed, place: "data.trainFraction",
            message: "these data have test samples of their own; leave trainFraction out")
    }

    /// As a fraction: 0.5 for 50 percent.
    var noise: Double { real("noise") / 100 }

    /// A displacement of U(−radius, radius) · noise on each axis. Two numbers are drawn whatever the noise is, so
    /// that the same seed gives the same points under every noise.
    mutating func jitter(_ radius: Double) -> (x: Double, y: Double) {
        let noise = noise
        let x = random.uniform(-radius, radius) * noise
        return (x, random.uniform(-radius, radius) * noise)
    }
}

extension Knob {
    static func samples(_ count: Int) -> Knob {
        Knob(
            "samples", title: "samples", summary: "The number of points, training and test together.",
            kind: .integer(10...100_000), default: .integer(count),
            raise: "when the test loss is much higher than the training loss",
            lower: "when epochs take too long, or to see overfitting")
    }

    /// - Parameter effect: one sentence that says what noise does to this dataset.
    static func noise(_ effect: String) -> Knob {
        Knob(
            "noise", title: "noise %", summary: effect,
            kind: .real(0...100, steps: [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]), default: .real(0),
            raise: "to make classes overlap and see overfitting", lower: "for a boundary without exceptions")
    }

    static func classes(_ name: String, title: String, summary: String, default count: Int) -> Knob {
        Knob(
            name, title: title, summary: summary, kind: .integer(2...10), default: .integer(count),
            raise: "to see more classes told apart, each with an output of its own",
            lower: "for a boundary that is easier to read")
    }
}

/// A learner that is no network: the catalogue's entry, how it learns from rows, and how it is restored from what a file
/// holds of it.
struct Rival: Sendable {
    /// The kinds of answers that can be learned.
    enum Answers: Sendable { case classes, values }

    let entry: Entry
    let answers: Set<Answers>
    /// Begins to learn; `advance` does the steps.
    /// - Throws: a setting that does not fit the rows, or memory that is not to be had.
    let learner: @Sendable (Settings, RivalData) throws(EngineError) -> any RivalLearner
    /// A fitted rival.
    /// - Throws: a tensor that is missing or does not fit.
    let restored: @Sendable (Settings, RivalForm, RivalTensors) throws(EngineError) -> any RivalModel

    init(
        _ entry: Entry, answers: Set<Answers>,
        learner: @escaping @Sendable (Settings, RivalData) throws(EngineError) -> any RivalLearner,
        restored: @escaping @Sendable (Settings, RivalForm, RivalTensors) throws(EngineError) -> any RivalModel
    ) {
        (self.entry, self.answers, self.learner, self.restored) = (entry, answers, learner, restored)
    }
}

/// A rival while it learns, step by step. Lives in one thread.
protocol RivalLearner: AnyObject {
    /// Nothing is left to be done.
    var isFinished: Bool { get }
    /// So many steps, fewer where it is finished. However they are divided, the outcome is the same.
    /// - Parameter team: threads that may share the work.
    /// - Returns: the steps done.
    func advance(steps: Int, team: ThreadTeam) -> Int
    /// The rival as it stands.
    var model: any RivalModel { get }
}

/// A fitted rival: a value, which any thread may ask.
public protocol RivalModel: Sendable {
    /// One value for each class, or 1: a value, or for two classes a decision that is the second class above 0.
    var outputCount: Int { get }
    /// Whether the outputs of classes are probabilities.
    var givesProbabilities: Bool { get }
    /// Answers rows.
    /// - Parameters:
    ///   - rows: row-major `[count, width]`.
    ///   - answers: row-major `[count, outputCount]`.
    func answer(_ rows: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>)
    /// All that a file must hold of it.
    var tensors: [RivalTensor] { get }
    /// A few words on its size: "23 support vectors".
    var summary: String { get }
    /// Of training rows those that carry the answers; empty where all do.
    var supportRows: [Int32] { get }
    /// Whether the outputs −1 and 1 are its margins.
    var hasMargin: Bool { get }
    /// How much each input decides, together 1; empty: it does not say.
    var importances: [Double] { get }
}

extension RivalModel {
    public var givesProbabilities: Bool { false }
    public var supportRows: [Int32] { [] }
    public var hasMargin: Bool { false }
    public var importances: [Double] { [] }
}

/// The rows that a rival learns from, and their answers.
struct RivalData: Sendable {
    /// Row-major `[count, width]`.
    let rows: [Double]
    let count: Int
    let form: RivalForm
    /// Of each row the number of its class, or its value.
    let labels: [Double]
    let seed: UInt64

    var width: Int { form.width }

    func row(_ index: Int) -> ArraySlice<Double> { rows[index * width..<(index + 1) * width] }

    func label(_ index: Int) -> Int { Int(labels[index]) }

    /// As many rows of so many numbers as stay in a near cache together; of wide ones so many, whose sums all go through a matrix
    /// once.
    static func rowsAtOnce(width: Int) -> Int { max(256, 16_384 / max(1, width)) }

    /// The mean over the columns of their variance.
    var meanVariance: Double {
        guard count > 0 else { return 0 }
        // As one set of numbers: the scale of all columns together.
        let mean = rows.reduce(0, +) / Double(rows.count)
        return rows.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows.count)
    }
}

/// The shape of the rows and of the answers.
public struct RivalForm: Sendable, Hashable {
    /// Values of a row.
    public var width: Int
    /// nil: the answers are values.
    public var classes: Int?

    public init(width: Int, classes: Int?) { (self.width, self.classes) = (width, classes) }
}

/// Numbers of a fitted rival.
public struct RivalTensor: Sendable, Hashable {
    public var name: String
    public var axes: [Int]
    public var values: [Double]

    public init(_ name: String, axes: [Int], _ values: [Double]) {
        (self.name, self.axes, self.values) = (name, axes, values)
    }
}

/// The numbers that a file holds of a rival, by name.
public struct RivalTensors: Sendable {
    private let tensors: [String: RivalTensor]
    /// Where they are in the file: "rivals.0".
    let place: String

    public init(_ tensors: [RivalTensor], place: String) {
        self.tensors = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.place = place
    }

    /// - Parameter axes: the expected lengths; nil: any.
    /// - Throws: that it is missing, of another shape, or not finite.
    subscript(name: String, axes: [Int?]) -> RivalTensor {
        get throws(EngineError) {
            let shape = axes.map { $0.map(String.init) ?? "any" }.joined(separator: "×")
            guard let tensor = tensors[name] else {
                throw EngineError(place: "\(place).\(name)", message: "expected a tensor of \(shape), found none")
            }
            let fits = tensor.axes.count == axes.count && zip(tensor.axes, axes).allSatisfy { $1 == nil || $0 == $1 }
            guard fits, tensor.values.count == tensor.axes.reduce(1, *) else {
                throw EngineError(
                    place: "\(place).\(name)",
                    message: "expected a tensor of \(shape), found \(Shape(axes: tensor.axes))")
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw EngineError(place: "\(place).\(name)", message: "expected finite numbers, found others")
            }
            return tensor
        }
    }

    /// Whole numbers in a range.
    func integers(_ name: String, _ axes: [Int?], in range: Range<Int>) throws(EngineError) -> [Int32] {
        try self[name, axes].values.map { value throws(EngineError) in
            guard let number = Int(exactly: value), range.contains(number) else {
                throw EngineError(
                    place: "\(place).\(name)",
                    message:
                        "expected whole numbers from \(range.lowerBound) to \(range.upperBound - 1), found \(value)")
            }
            return Int32(number)
        }
    }
}

extension Knob {
    /// The layer whose values a rival learns from, which every rival has.
    static let rivalLayer = Knob(
        "on", title: "learns from",
        summary: "The name of a layer whose values it learns from, fitted anew at each measurement; empty: the inputs.",
        kind: .text, default: .text(""))
}

extension Catalogue {
    /// Whether a rival can learn classes; else it learns values.
    public static func rivalLearnsClasses(_ choice: Choice) -> Bool {
        rivals.contains { $0.entry.id == choice.id && $0.answers.contains(.classes) }
    }
}

extension Choice {
    /// The name of the layer that a rival learns from; nil: the inputs.
    public var rivalLayer: String? {
        get {
            guard case .text(let name)? = knobs[Knob.rivalLayer.name], !name.isEmpty else { return nil }
            return name
        }
        set { knobs[Knob.rivalLayer.name] = newValue.map { .text($0) } }
    }
}

extension Entry {
    /// A rival's entry with the knob that every rival has.
    func withRivalKnobs() -> Entry {
        Entry(
            id: id, title: title, summary: summary, formula: formula, source: source, watch: watch,
            knobs: knobs + [.rivalLayer],
            outputOnly: outputOnly)
    }
}

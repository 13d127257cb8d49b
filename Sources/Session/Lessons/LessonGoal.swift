import Basics
import Engine

/// A condition that a lesson sets, judged from the state of the training alone.
public struct LessonGoal: Sendable, Hashable {
    public struct Verdict: Sendable, Hashable {
        public var isMet: Bool
        /// The present figure in words; empty: there is none.
        public var now: String
    }

    /// The id of its kind.
    let kind: String
    /// The settings of its kind, which fit the kind's fields.
    private(set) var settings: JSON

    init(kind: String, settings: JSON) { (self.kind, self.settings) = (kind, settings) }

    private var record: GoalKind { GoalKind.all.first { $0.id == kind }! }

    /// "test loss ≤ 0.177", or the author's own words.
    public var words: String {
        get { words(in: LessonWords()) }
        set {
            settings = .object(
                settings.members.filter { $0.key != Self.wordsKey } + [JSON.Member(Self.wordsKey, .string(newValue))])
        }
    }

    /// The same in the words of a language.
    public func words(in words: LessonWords) -> String { ownWords ?? record.words(bounds, settings, words) }

    /// The author's words; nil: there are none, or they are blank, and the program's are shown.
    var ownWords: String? {
        if case .string(let words)? = settings[Self.wordsKey], !words.isBlank { words } else { nil }
    }

    private static let wordsKey = "words"

    /// - Parameters:
    ///   - networks: kept between measurements.
    ///   - words: those of the figure.
    public func verdict(
        _ snapshot: Snapshot, _ networks: GoalNetworks, in words: LessonWords = LessonWords()
    ) -> Verdict {
        guard let figure = record.measure(settings, snapshot, networks) else { return Verdict(isMet: false, now: "") }
        return Verdict(isMet: bounds.hold(figure), now: record.now(figure, settings, words))
    }

    private var bounds: Bounds {
        let bounds = Bounds(settings)
        return bounds.isEmpty ? record.standard : bounds
    }
}

/// A figure that goals are about.
enum GoalFigure: Sendable, Hashable {
    case number(Double)
    case text(String)
}

/// The bounds of a goal.
struct Bounds: Sendable, Hashable {
    var least: Double?
    var most: Double?
    var above: Double?
    var below: Double?
    var text: String?

    init(least: Double? = nil, most: Double? = nil) { (self.least, self.most) = (least, most) }

    init(_ json: JSON) {
        func number(_ key: String) -> Double? { if case .number(let number)? = json[key] { number } else { nil } }
        (least, most, above, below) = (number("least"), number("most"), number("above"), number("below"))
        if case .string(let word)? = json["is"] { text = word }
    }

    var isEmpty: Bool { self == Bounds() }

    func hold(_ figure: GoalFigure) -> Bool {
        switch figure {
        case .text(let word): return text == word
        case .number(let number):
            guard text == nil, !number.isNaN else { return false }
            return (least.map { number >= $0 } ?? true) && (most.map { number <= $0 } ?? true)
                && (above.map { number > $0 } ?? true) && (below.map { number < $0 } ?? true)
        }
    }

    /// "≤ 3", "from 0.1 to 0.3", "is relu".
    func words(_ words: LessonWords, _ number: (Double) -> String) -> String {
        if let text { return words(.equal, text) }
        if let least, least == most { return "= \(number(least))" }
        if let least, let most { return words(.between, number(least), number(most)) }
        return [
            least.map { "≥ \(number($0))" }, most.map { "≤ \(number($0))" }, above.map { "> \(number($0))" },
            below.map { "< \(number($0))" },
        ].compactMap(\.self).joined(separator: words(.listBreak))
    }

    /// The keys of bounds, which every kind of goal takes beside its own.
    static let fields: [DocumentField] = {
        let number = Form.value(.real(-1e12...1e12, steps: []))
        return [
            DocumentField("least", summary: "The figure is at least this.", form: number),
            DocumentField("most", summary: "The figure is at most this.", form: number),
            DocumentField("above", summary: "The figure is larger than this.", form: number),
            DocumentField("below", summary: "The figure is smaller than this.", form: number),
            DocumentField("is", summary: "The figure is this word.", form: .value(.text)),
            DocumentField(
                "words", summary: "The condition as the screen words it, in place of the program's own words.",
                form: .value(.text)),
        ]
    }()
}

/// A kind of goal: a figure of the training's state, and how it is called.
///
/// It is long with its extensions because they hold the list of all kinds, a record each.
struct GoalKind: Sendable {
    let id: String
    let summary: String
    /// Its keys beside the bounds.
    var fields: [DocumentField] = []
    /// The bounds where a goal gives none.
    var standard = Bounds(least: 1)
    /// The figure's name: "test loss".
    let title: @Sendable (JSON, LessonWords) -> String
    /// nil: there is no such figure now.
    let measure: @Sendable (JSON, Snapshot, GoalNetworks) -> GoalFigure?
    /// A share of one, written in percent.
    var isShare: @Sendable (JSON) -> Bool = { _ in false }
    /// It holds or not: a title without a figure.
    var isPlain = false
    /// The present figure with its unit; nil: the figure alone.
    var unit: GoalWord?

    func words(_ bounds: Bounds, _ settings: JSON, _ words: LessonWords) -> String {
        let title = title(settings, words)
        return isPlain ? title : "\(title) \(bounds.words(words) { number($0, settings, words) })"
    }

    func now(_ figure: GoalFigure, _ settings: JSON, _ words: LessonWords) -> String {
        switch figure {
        case .text(let word): return word
        case .number(let value):
            if isPlain { return "" }
            let number = number(value, settings, words)
            return unit.map { words($0, number) } ?? number
        }
    }

    private func number(_ value: Double, _ settings: JSON, _ words: LessonWords) -> String {
        if value.isNaN { return words(.nothing) }
        return isShare(settings) ? words.figure(value * 100) + " %" : words.figure(value)
    }
}

extension LessonWords {
    /// A figure as goals write it: four digits, and no more.
    fileprivate func figure(_ value: Double) -> String { goalNumber(value).replacing(".", with: self(.decimalPoint)) }
}

/// Such a figure with a decimal point.
func goalNumber(_ value: Double) -> String {
    guard value.isFinite else { return value < 0 ? "−∞" : "∞" }
    guard abs(value) < 1e6, value == 0 || abs(value) >= 1e-4 else { return formatScientific(value, digits: 4) }
    if value == value.rounded() { return plainNumber(value).replacing("-", with: "−") }
    // Three digits behind the first one that is not 0.
    var scale = 1000.0
    var size = abs(value)
    while size > 0, size < 1, scale < 1e9 { (size, scale) = (size * 10, scale * 10) }
    while size >= 10, scale > 1 { (size, scale) = (size / 10, scale / 10) }
    return plainNumber((value * scale).rounded() / scale).replacing("-", with: "−")
}

extension GoalKind {
    /// The figures that goals can be about.
    static let all: [GoalKind] =
        [
            metric, best, risen, gap, wrong, epochs, steps, neurons, layers, parameters, features, setting, diverged,
            finished,
            weight, smallWeights, output,
        ] + ofAnswers + ofShapes

    static func text(_ key: String, _ settings: JSON) -> String {
        if case .string(let text)? = settings[key] { text } else { "" }
    }

    static func number(_ key: String, _ settings: JSON) -> Double? {
        if case .number(let number)? = settings[key] { number } else { nil }
    }

    private static let metricField = DocumentField(
        "of", summary: "The metric's id, as `layercake train --format json` names it.",
        form: .value(.word(Metric.all.map(\.id)))
    ).required()

    private static func named(_ settings: JSON) -> Metric? { Metric.all.first { $0.id == text("of", settings) } }

    private static func title(_ settings: JSON, _ words: LessonWords) -> String {
        named(settings).map(words.title(of:)) ?? text("of", settings)
    }

    private static func isPercent(_ settings: JSON) -> Bool { named(settings)?.format == .percent }

    private static func series(_ settings: JSON, _ snapshot: Snapshot) -> [Float] {
        snapshot.history[text("of", settings)].filter(\.isFinite)
    }

    private static let metric = GoalKind(
        id: "metric", summary: "A metric as it was last measured.", fields: [metricField], title: title,
        measure: { settings, snapshot, _ in snapshot.evaluation?[text("of", settings)].map { .number($0) } },
        isShare: isPercent)

    private static let best = GoalKind(
        id: "best", summary: "The best value of a metric since the start of training.", fields: [metricField],
        title: { $1(.best, title($0, $1)) },
        measure: { settings, snapshot, _ in
            let values = series(settings, snapshot)
            let best = named(settings)?.isLowerBetter == false ? values.max() : values.min()
            return best.map { .number(Double($0)) }
        }, isShare: isPercent)

    private static let risen = GoalKind(
        id: "risen", summary: "How far a metric has risen above its smallest value since the start of training.",
        fields: [metricField], title: { $1(.risen, title($0, $1)) },
        measure: { settings, snapshot, _ in
            let values = series(settings, snapshot)
            guard let low = values.min(), let last = values.last else { return nil }
            return .number(Double(last - low))
        }, isShare: isPercent)

    private static let gap = GoalKind(
        id: "gap", summary: "The test loss less the training loss.", title: { $1(.gap) },
        measure: { _, snapshot, _ in
            func loss(_ set: Metric.SampleSet) -> Double? {
                guard let evaluation = snapshot.evaluation,
                    let metric = evaluation.metrics.first(where: { $0.plot == .loss && $0.set == set })
                else { return nil }
                return evaluation[metric.id]
            }
            guard let train = loss(.train), let test = loss(.test) else { return nil }
            return .number(test - train)
        })

    private static let wrong = GoalKind(
        id: "wrongPoints", summary: "The points on the wrong side: of the training and of the test points.",
        standard: Bounds(most: 0), title: { $1(.wrongPoints) },
        measure: { _, snapshot, _ in
            guard let evaluation = snapshot.evaluation else { return nil }
            let matrices = [evaluation.trainConfusion, evaluation.testConfusion].compactMap(\.self)
            guard !matrices.isEmpty else { return nil }
            let wrong = matrices.reduce(0) { sum, matrix in
                sum + matrix.rows.enumerated().reduce(0) { $0 + $1.element.reduce(0, +) - $1.element[$1.offset] }
            }
            return .number(Double(wrong))
        }, unit: .wrong)

    private static let epochs = GoalKind(
        id: "epochs", summary: "The epochs trained since the start.", title: { $1(.epochs) },
        measure: { _, snapshot, _ in .number(Double(snapshot.epoch)) })

    private static let steps = GoalKind(
        id: "steps", summary: "The updates of the weights since the start.", title: { $1(.steps) },
        measure: { _, snapshot, _ in .number(Double(snapshot.step)) })

    private static let neurons = GoalKind(
        id: "neurons", summary: "The units of all hidden layers with weights of their own.",
        title: { $1(.neurons) },
        measure: { _, snapshot, _ in
            let hidden = snapshot.outline.layers.filter { $0.index != nil }.flatMap(\.leaves)
            return .number(Double(hidden.reduce(0) { $0 + ($1.tensors.isEmpty ? 0 : $1.output.count) }))
        })

    private static let layers = GoalKind(
        id: "layers", summary: "The hidden layers.", title: { $1(.layers) },
        measure: { _, snapshot, _ in .number(Double(snapshot.experiment.layers.count)) })

    private static let parameters = GoalKind(
        id: "parameters", summary: "The weights and biases of the whole network.", title: { $1(.parameters) },
        measure: { _, snapshot, _ in .number(Double(snapshot.outline.parameterCount)) })

    private static let features = GoalKind(
        id: "features", summary: "The features that go in.", title: { $1(.features) },
        measure: { _, snapshot, _ in .number(Double(snapshot.outline.input.count)) })

    private static let setting = GoalKind(
        id: "setting", summary: "A setting by its key path, as `--set` names it.",
        fields: [
            DocumentField("path", summary: "The key path: “training.batchSize”.", form: .value(.text)).required(),
            DocumentField("title", summary: "The setting's name on the screen.", form: .value(.text)),
        ],
        title: { settings, _ in
            let title = text("title", settings)
            let path = text("path", settings)
            return title.isBlank ? String(path.split(separator: ".").last ?? "") : title
        },
        measure: { settings, snapshot, _ in
            switch snapshot.experiment.value(at: text("path", settings)) {
            case .number(let number)?: .number(number)
            case .string(let word)?: .text(word)
            case .bool(let isOn)?: .text(isOn ? "true" : "false")
            // A choice with settings of its own is known by its id.
            case .object(let members)?: members.first.map { .text($0.key) }
            case .null?, .array?, nil: .text("none")
            }
        })

    private static let diverged = GoalKind(
        id: "diverged", summary: "Training has diverged: the numbers grew beyond all bounds.",
        title: { $1(.diverged) },
        measure: { _, snapshot, _ in
            if case .diverged = snapshot.state { .number(1) } else { .number(0) }
        }, isPlain: true)

    private static let finished = GoalKind(
        id: "finished", summary: "A stop condition has ended the run.", title: { $1(.finished) },
        measure: { _, snapshot, _ in
            if case .finished = snapshot.state { .number(1) } else { .number(0) }
        }, isPlain: true)

    private static let tensor = DocumentField(
        "of", summary: "The tensor: “output.weight”, “layers.0.bias”; without one, all weights.", form: .value(.text))

    private static let weight = GoalKind(
        id: "weight", summary: "One weight or bias.",
        fields: [
            tensor.required(),
            DocumentField(
                "index", summary: "Its place in the tensor, from 0; of a dense weight row by row, [out, in].",
                form: .value(.integer(0...1_000_000))),
        ],
        title: { settings, words in
            var name = text("of", settings).split(separator: ".").map(String.init)
            if name.first == "layers", name.count > 1, let index = Int(name[1]), index < 1_000_000 {
                name.replaceSubrange(0..<2, with: [words(.layer, "\(index + 1)")])
            }
            return name.joined(separator: " ") + " \(Int(number("index", settings) ?? 0) + 1)"
        },
        measure: { settings, snapshot, _ in
            let index = Int(number("index", settings) ?? 0)
            guard let tensor = snapshot.outline.tensors.first(where: { $0.name == text("of", settings) }),
                index < tensor.count
            else { return nil }
            return .number(Double(snapshot.parameters[tensor.offset + index]))
        })

    private static let smallWeights = GoalKind(
        id: "smallWeights", summary: "How many weights are zero, or nearly: not farther from it than `within`.",
        fields: [
            tensor,
            DocumentField(
                "within", summary: "The largest distance from zero.", form: .value(.real(0...1e6, steps: []))),
        ],
        title: { settings, words in
            let within = number("within", settings) ?? 0
            return within == 0 ? words(.zeroWeights) : words(.smallWeights, words.figure(within))
        },
        measure: { settings, snapshot, _ in
            let (within, name) = (Float(number("within", settings) ?? 0), text("of", settings))
            let tensors = snapshot.outline.tensors.filter { $0.decays && (name.isEmpty || $0.name == name) }
            guard !tensors.isEmpty else { return nil }
            let count = tensors.reduce(0) { sum, tensor in
                let values = snapshot.parameters[tensor.offset..<(tensor.offset + tensor.count)]
                return sum + values.count { abs($0) <= within }
            }
            return .number(Double(count))
        })

    private static let output = GoalKind(
        id: "output", summary: "The network's first output at one place of the plane.",
        fields: [
            DocumentField(
                "at", summary: "The values of the data's columns.", form: .list(.value(.real(-1e6...1e6, steps: [])))
            ).required()
        ],
        title: { settings, words in
            guard case .array(let values)? = settings["at"] else { return words(.output) }
            let place = values.map { if case .number(let number) = $0 { words.figure(number) } else { "" } }
            return words(.outputAt, place.joined(separator: words(.listBreak)))
        },
        measure: { settings, snapshot, networks in
            guard case .array(let values)? = settings["at"],
                let answer = snapshot.output(
                    at: values.map { if case .number(let number) = $0 { number } else { 0 } }, networks)
            else { return nil }
            return .number(Double(answer))
        })
}

extension Snapshot {
    /// The network's first output at one row of the data's columns, of values in original units; nil: the data have other columns.
    fileprivate func output(at row: [Double], _ networks: GoalNetworks) -> Float? {
        guard !data.columns.isEmpty, row.count == data.columns.count else { return nil }
        let features = data.featureValues(of: row.map(Float.init), count: 1)
        return networks.outputs(of: self, at: [features])?.first?.first.map { $0 * data.targetScale + data.targetMean }
    }
}

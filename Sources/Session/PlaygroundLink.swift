import Datasets
import Engine

/// TensorFlow Playground links, both ways: `https://playground.tensorflow.org/#activation=tanh&batchSize=10&…`.
///
/// As on the page, unknown keys are ignored, a key without a value has its default, and noise is at most 80 (more
/// becomes 50). A value that is malformed is an error here, where the page silently takes its default.
public enum PlaygroundLink {
    static let address = "https://playground.tensorflow.org/"

    /// Whether an argument is meant as a link and not as a name or a path.
    static func looksLikeLink(_ argument: String) -> Bool {
        if argument.hasPrefix("http://") || argument.hasPrefix("https://") || argument == "#" { return true }
        guard let hash = argument.firstIndex(of: "#") else { return false }
        return argument[hash...].contains("=")
    }

    /// The page's feature keys in its own order, and our formulas.
    static let features = [
        ("x", "x1"), ("y", "x2"), ("xSquared", "x1^2"), ("ySquared", "x2^2"), ("xTimesY", "x1*x2"),
        ("sinX", "sin(x1)"), ("sinY", "sin(x2)"),
    ]

    static let classificationDatasets = ["circle", "xor", "gauss", "spiral"]
    static let regressionDatasets = [("reg-plane", "plane"), ("reg-gauss", "regGauss")]
    static let activations = ["relu", "tanh", "sigmoid", "linear"]

    /// The page's names for controls (before `_hide`), and ours in `hide`.
    static let controls =
        [
            ("playButton", "play"), ("stepButton", "step"), ("resetButton", "reset"), ("learningRate", "learningRate"),
            ("activation", "activation"), ("regularization", "training.regularization"),
            ("regularizationRate", "training.regularization"), ("problem", "data.task"), ("dataset", "data.dataset"),
            ("regDataset", "data.dataset"), ("percTrainData", "data.trainFraction"), ("noise", "data.noise"),
            ("batchSize", "training.batchSize"), ("numHiddenLayers", "layerCount"),
            ("showTestData", "view.showTestData"),
            ("discretize", "view.discretize"),
        ] + features.map { ($0.0, "features.\($0.1)") }

    /// Reads the whole URL or its "#..." part.
    public static func experiment(from link: String) throws(ExperimentError) -> Experiment {
        let fields = try LinkFields(link)
        // Copies of the page stand elsewhere too, but every link of one names something that the page knows.
        guard link.hasPrefix("#") || link.contains("playground") || fields.all.contains(where: { isKnown($0.key) })
        else {
            throw mistake(
                link, "expected an address such as \(address)#dataset=xor, found one that names no setting of the page")
        }
        var experiment = Experiment(data: DataDescription(dataset: Choice("circle")), layers: [])
        experiment.title = "Playground link"
        experiment.data = try data(fields)
        for (key, formula) in features where try fields.toggle(key) ?? (key == "x" || key == "y") {
            experiment.features.append(formula)
        }
        guard !experiment.features.isEmpty else {
            throw mistake("x", "this link switches every feature off; a network needs at least one")
        }
        let zeros = try fields.toggle("initZero") ?? false
        let initializer = Choice(zeros ? "zeros" : "playground")
        let activation = Choice(try fields.word("activation", of: activations) ?? "tanh")
        for units in try fields.shape() ?? [4, 2] {
            var dense = Choice("dense", ["units": .integer(units), "activation": .choice(activation)])
            if zeros { dense.knobs["initializer"] = .choice(initializer) }
            experiment.layers.append(dense)
        }
        experiment.output.initializer = initializer
        try readTraining(fields, into: &experiment.training)
        experiment.seed = experiment.data.seed
        experiment.view.showTestData = try fields.toggle("showTestData") ?? false
        experiment.view.discretize = try fields.toggle("discretize") ?? false
        experiment.hide = hidden(fields)
        return experiment
    }

    private static func isKnown(_ key: String) -> Bool {
        ["dataset", "activation", "networkShape", "batchSize", "learningRate", "problem", "seed"].contains(key)
            || features.contains { $0.0 == key }
    }

    private static func data(_ fields: LinkFields) throws(ExperimentError) -> DataDescription {
        let problem = try fields.word("problem", of: ["classification", "regression"]) ?? "classification"
        let dataset = try fields.word("dataset", of: classificationDatasets) ?? "circle"
        let regression = try fields.word("regDataset", of: regressionDatasets.map(\.0)) ?? "reg-plane"
        let id = problem == "classification" ? dataset : regressionDatasets.first { $0.0 == regression }!.1
        var data = DataDescription(dataset: Choice(id))
        let noise = try fields.number("noise", in: -1e9...1e9) ?? 0
        data.dataset.knobs["noise"] = .real(noise > 80 ? 50 : max(noise, 0))
        data.trainFraction = (try fields.number("percTrainData", in: 1...100) ?? 50) / 100
        data.seed = fields.seed ?? 1
        return data
    }

    private static func readTraining(
        _ fields: LinkFields, into training: inout Experiment.Training
    ) throws(ExperimentError) {
        let rate = try fields.number("learningRate", in: 0...1000) ?? 0.03
        training.optimizer = Choice("sgd", ["learningRate": .real(rate)])
        training.batchSize = try fields.integer("batchSize", in: 1...1_000_000) ?? 10
        training.lastBatch = .carry
        let decay = try fields.number("regularizationRate", in: 0...1000) ?? 0
        switch try fields.word("regularization", of: ["none", "L1", "L2"]) ?? "none" {
        case "L1": training.l1 = decay
        case "L2": training.l2 = decay
        default: break
        }
    }

    private static func hidden(_ fields: LinkFields) -> [String] {
        var names: [String] = []
        for (key, value) in fields.all where key.hasSuffix("_hide") && value == "true" {
            let control = String(key.dropLast("_hide".count))
            var name = controls.first { $0.0 == control }?.1
            if control.hasPrefix("numNodes"), let layer = Int(control.dropFirst("numNodes".count)), layer >= 1 {
                name = "layers.\(layer - 1).dense.units"
            }
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    static func mistake(_ key: String, _ message: String) -> ExperimentError {
        ExperimentError(.malformed, place: "link: \(key)", message: message)
    }
}

/// The `key=value` pairs of a link's fragment, typed.
private struct LinkFields {
    /// In the link's order; the page takes the last of a key that stands twice.
    let all: [(key: String, value: String)]

    init(_ link: String) throws(ExperimentError) {
        let fragment = link.firstIndex(of: "#").map { link[link.index(after: $0)...] } ?? ""
        var pairs: [(key: String, value: String)] = []
        for pair in fragment.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = try Self.decoded(parts[0])
            pairs.append((key, parts.count > 1 ? try Self.decoded(parts[1]) : ""))
        }
        all = pairs
    }

    /// Percent-encoding undone.
    private static func decoded(_ text: Substring) throws(ExperimentError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                throw PlaygroundLink.mistake(String(text), "“%” must be followed by two hexadecimal digits")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value without spaces around it; nil where there is none.
    private func value(_ key: String) -> String? {
        guard let value = all.last(where: { $0.key == key })?.value else { return nil }
        let words = value.split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    func word(_ key: String, of words: [String]) throws(ExperimentError) -> String? {
        guard let value = value(key) else { return nil }
        guard words.contains(value) else {
            throw PlaygroundLink.mistake(
                key, "expected one of \(words.joined(separator: ", ")), found \(JSON.quoted(value))")
        }
        return value
    }

    func toggle(_ key: String) throws(ExperimentError) -> Bool? {
        try word(key, of: ["true", "false"]).map { $0 == "true" }
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(ExperimentError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = Double(value), range.contains(number) else {
            let bounds = "\(JSONPrinter.number(range.lowerBound)) to \(JSONPrinter.number(range.upperBound))"
            throw PlaygroundLink.mistake(key, "expected a number from \(bounds), found \(JSON.quoted(value))")
        }
        return number
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ExperimentError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = Double(value), number == number.rounded(), let whole = Int(exactly: number),
            range.contains(whole)
        else {
            throw PlaygroundLink.mistake(
                key,
                "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(JSON.quoted(value))")
        }
        return whole
    }

    /// The units of the hidden layers; `networkShape=` alone is a network without any.
    func shape() throws(ExperimentError) -> [Int]? {
        guard let text = all.last(where: { $0.key == "networkShape" })?.value else { return nil }
        var units: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where value("networkShape") != nil {
            let digits = part.filter { !$0.isWhitespace }
            guard let count = Int(digits), (1...4096).contains(count) else {
                throw PlaygroundLink.mistake(
                    "networkShape",
                    "expected whole numbers from 1 to 4096 with commas between, found \(JSON.quoted(text))")
            }
            units.append(count)
        }
        return units
    }

    var seed: UInt64? { value("seed").map(PlaygroundSeed.number) }
}

/// The page's seed is a text, as a rule a fraction like 0.42; ours is a whole number up to 2⁵³.
enum PlaygroundSeed {
    /// A fraction f becomes f · 2⁵³, so that the way back gives it again; any other text is hashed.
    static func number(_ text: String) -> UInt64 {
        if let fraction = Double(text), fraction >= 0, fraction < 1 { return UInt64((fraction * 0x1p53).rounded()) }
        return stableHash(text.utf8) >> 11
    }

    /// The shortest fraction that becomes this number.
    static func text(_ number: UInt64) -> String {
        let fraction = Double(number) / 0x1p53
        var scale = 10.0
        for digits in 1...15 {
            let candidate = (fraction * scale).rounded() / scale
            if candidate < 1, UInt64((candidate * 0x1p53).rounded()) == number {
                let tail = String(Int64((fraction * scale).rounded()))
                return "0." + String(repeating: "0", count: max(0, digits - tail.count)) + tail
            }
            scale *= 10
        }
        return fraction < 1 ? JSONPrinter.number(fraction) : String(number)
    }
}

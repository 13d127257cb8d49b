import Datasets
import Engine

/// TensorFlow Playground links, both ways: `https://playground.tensorflow.org/#activation=tanh&batchSize=10&…`.
///
/// As on the page, unknown keys are ignored, a key without a value has its default, and noise is at most 80 (more
/// becomes 50). A value that is malformed is an error here, where the page silently takes its default, and so is a
/// fragment without any key of the page. A link that a mail filter or a search engine has wrapped is unwrapped.
public enum PlaygroundLink {
    static let address = "https://playground.tensorflow.org/"

    /// Whether an argument is meant as a link and not as a name or a path.
    static func looksLikeLink(_ argument: String) -> Bool { LinkText.looksLikeLink(argument) }

    /// The page's feature keys in its own order, and our formulas.
    static let features = [
        ("x", "x1"), ("y", "x2"), ("xSquared", "x1^2"), ("ySquared", "x2^2"), ("xTimesY", "x1*x2"),
        ("sinX", "sin(x1)"), ("sinY", "sin(x2)"),
    ]

    static let classificationDatasets = ["circle", "xor", "gauss", "spiral"]
    static let regressionDatasets = [("reg-plane", "plane"), ("reg-gauss", "regGauss")]
    /// Those of the page itself. Copies of the page have more, and all of ours may stand in a link too.
    static let activations = ["relu", "tanh", "sigmoid", "linear"]
    /// The names that copies of the page give to activations with another name here.
    private static let otherNames = ["sine": "sin", "identity": "linear", "step": "threshold"]

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

    /// Keys of a link that say nothing about a control that can be hidden.
    private static let otherKeys: Set<String> = [
        "activation", "networkShape", "regDataset", "seed", "initZero", "cosX", "cosY", "collectStats", "hideText",
        "tutorial",
    ]
    private static let controlKeys = Set(controls.map(\.0))

    /// Whether the page knows a key, be it that it does nothing with it.
    static func isKnown(_ key: String) -> Bool {
        if otherKeys.contains(key) || controlKeys.contains(key) { return true }
        guard key.hasSuffix("_hide") else { return false }
        let control = key.dropLast("_hide".count)
        return controlKeys.contains(String(control)) || control.hasPrefix("numNodes")
    }

    /// Reads the whole URL, also as others have wrapped it, or its "#..." part.
    public static func experiment(from link: String) throws(ExperimentError) -> Experiment {
        guard let fragment = LinkText.fragment(of: link) else {
            throw ExperimentError(
                .malformed, place: "link",
                message:
                    "expected an address such as \(address)#dataset=xor, found \(quoted(link)), in which no setting "
                    + "of the page stands; if it is a forwarded link, open it in a browser and copy the address there")
        }
        let fields = try LinkFields(fragment)
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
        let activation = Choice(try activation(fields) ?? "tanh")
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

    /// The page's activations, ours, and those of copies, upper case or lower, with "_" and "-" or without.
    private static func activation(_ fields: LinkFields) throws(ExperimentError) -> String? {
        guard let value = fields.value("activation") else { return nil }
        func plain(_ name: String) -> String { name.lowercased().filter { $0 != "_" && $0 != "-" } }
        let ours = Catalogue.entries(.activation).filter { !$0.outputOnly }.map(\.id)
        let wanted = plain(value)
        guard let id = otherNames[wanted] ?? ours.first(where: { plain($0) == wanted }) else {
            throw mistake("activation", "found \(quoted(value)); \(NearestName.advice(value, among: ours))")
        }
        return id
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
        var known: Set<String> = []
        for (key, value) in fields.all where key.hasSuffix("_hide") && value == "true" {
            let control = String(key.dropLast("_hide".count))
            var name = controls.first { $0.0 == control }?.1
            if control.hasPrefix("numNodes"), let layer = Int(control.dropFirst("numNodes".count)),
                layer >= 1, Experiment.layerIndices.contains(layer - 1)
            {
                name = "layers.\(layer - 1).dense.units"
            }
            if let name, known.insert(name).inserted { names.append(name) }
        }
        return names
    }

    static func mistake(_ key: String, _ message: String) -> ExperimentError {
        ExperimentError(.malformed, place: "link: \(shortened(key))", message: message)
    }
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

import Datasets
import Engine

/// A link to the web page, and what is lost on the way there.
public struct PageLink: Sendable, Hashable {
    /// Opens the experiment there, as far as the page can say it.
    public var address: String
    /// Settings that matter and that the page cannot express; empty: the page trains the same experiment.
    public var unsaid: [ExperimentError] = []
    /// Parts of the document that the page has no words for.
    public var leftOut: [String] = []
}

extension PlaygroundLink {
    /// The link that opens this experiment on the web page, or the first thing that it cannot say.
    ///
    /// A link has one seed for data and weights (the data's is taken) and no words for titles, stories, stop
    /// conditions, playback speed or the hidden-feature view; these are left out. The page always carries an epoch's
    /// last batch.
    public static func link(for experiment: Experiment) -> Result<String, ExperimentError> {
        let link = pageLink(for: experiment)
        guard let first = link.unsaid.first else { return .success(link.address) }
        return .failure(
            ExperimentError(.arguments, place: first.place, message: "a link cannot say this: \(first.message)"))
    }

    /// The link that opens this experiment on the web page as far as the page can say it, and all that it cannot.
    public static func pageLink(for experiment: Experiment) -> PageLink {
        var writer = LinkWriter()
        writer.write(experiment)
        var link = PageLink(
            address: address + "#" + writer.pairs.map { "\($0.0)=\($0.1)" }.joined(separator: "&"),
            unsaid: writer.unsaid)
        let parts: [(Bool, String)] = [
            (!experiment.title.isEmpty, "the title"), (!experiment.story.isEmpty, "the story"),
            (experiment.training.stop != Experiment.Stop(), "stop conditions"),
            (!experiment.compare.isEmpty, "the variants"),
            (experiment.seed != experiment.data.seed, "the weights' own seed"),
        ]
        link.leftOut = parts.filter(\.0).map(\.1)
        return link
    }
}

/// Collects a link's keys and values, and what they cannot say.
private struct LinkWriter {
    var pairs: [(String, String)] = []
    var unsaid: [ExperimentError] = []

    mutating func write(_ experiment: Experiment) {
        let (activation, shape, zeros) = network(experiment)
        pairs.append(("activation", activation))
        training(experiment.training)
        data(experiment.data)
        pairs.append(("networkShape", shape.map(String.init).joined(separator: ",")))
        pairs.append(("seed", PlaygroundSeed.text(experiment.data.seed)))
        pairs.append(("showTestData", "\(experiment.view.showTestData)"))
        pairs.append(("discretize", "\(experiment.view.discretize)"))
        let used = experiment.features.isEmpty ? ["x1", "x2"] : experiment.features
        let formulas = used.map { formula in formula.filter { $0 != " " } }
        for (index, formula) in formulas.enumerated()
        where !PlaygroundLink.features.contains(where: { $0.1 == formula }) {
            lose("features.\(index)", "the page does not have the feature \(quoted(formula))")
        }
        for (key, formula) in PlaygroundLink.features { pairs.append((key, "\(formulas.contains(formula))")) }
        pairs.append(("initZero", "\(zeros)"))
        if !experiment.initial.isNone || !experiment.initial.values.isEmpty {
            lose("initial", "the page starts from drawn weights alone")
        }
        pairs += hidden(experiment.hide)
    }

    private mutating func network(_ experiment: Experiment) -> (activation: String, shape: [Int], zeros: Bool) {
        var shape: [Int] = []
        var common: (activation: String, initializer: String)?
        for (index, layer) in experiment.layers.enumerated() {
            let place = "layers.\(index)"
            guard layer.id == "dense", let entry = Catalogue.entry(.layer, layer.id) else {
                lose(place, "the page has dense layers alone, found \(layer.id)")
                continue
            }
            if layer.name != nil { lose("\(place).dense.name", "the page's layers have no names") }
            if layer.isFrozen { lose("\(place).dense.frozen", "on the page all layers learn") }
            if layer.tied != nil { lose("\(place).dense.tied", "on the page each layer has weights of its own") }
            var found = (activation: "", initializer: "")
            for knob in entry.knobs {
                switch (knob.name, layer.value(of: knob)) {
                case ("units", .integer(let units)): shape.append(units)
                case ("activation", .choice(let choice)): found.activation = choice.id
                case ("initializer", .choice(let choice)): found.initializer = choice.id
                default: break
                }
            }
            let activations = PlaygroundLink.activations
            guard activations.contains(found.activation) else {
                lose(
                    "\(place).dense.activation",
                    "the page has the activations \(activations.joined(separator: ", ")), found \(found.activation)")
                continue
            }
            if let common, common != found {
                lose(place, "the page has one activation and one way to start for all layers")
            }
            common = common ?? found
        }
        let output = experiment.output
        if output.isFrozen { lose("output.frozen", "on the page all layers learn") }
        let initializer = common?.initializer ?? output.initializer.id
        if !["playground", "zeros"].contains(initializer) || output.initializer.id != initializer {
            lose("output.initializer", "the page starts every weight its own way, or all at zero")
        }
        let expected = Datasets.task(experiment.data.dataset.id) == .regression ? "linear" : "tanh"
        if let activation = output.activation, activation.id != expected {
            lose("output.activation", "the page has \(expected) here, found \(activation.id)")
        }
        if let loss = output.loss, loss.id != "squaredError" {
            lose("output.loss", "the page has squaredError alone, found \(loss.id)")
        }
        return (common?.activation ?? "tanh", shape, initializer == "zeros")
    }

    private mutating func training(_ training: Experiment.Training) {
        if training.procedure != Catalogue.standard(.procedure) {
            lose("training.procedure", "the page trains all layers at once, towards the points' labels")
        }
        if training.rule != .gradient { lose("training.rule", "the page learns by the gradient alone") }
        let optimizer = training.optimizer
        if optimizer.id != "sgd" { lose("training.optimizer", "the page has sgd alone, found \(optimizer.id)") }
        var rate: Double?
        if let knob = Catalogue.entry(.optimizer, optimizer.id)?.knob("learningRate"),
            case .real(let own) = optimizer.value(of: knob)
        {
            rate = own
        }
        let warmup = training.schedule.knobs["warmupSteps"] ?? .integer(0)
        if training.schedule.id != "constant" || warmup != .integer(0) {
            lose("training.schedule", "the page has a constant learning rate alone")
        }
        if training.shuffle { lose("training.shuffle", "the page does not shuffle") }
        if training.clipNorm != nil { lose("training.clipNorm", "the page does not clip gradients") }
        if !training.locked.isEmpty { lose("training.locked", "the page trains every weight") }
        if training.l1 > 0, training.l2 > 0 {
            lose("training.regularization", "the page has L1 or L2, not both")
        }
        pairs.append(("regularization", training.l1 > 0 ? "L1" : training.l2 > 0 ? "L2" : "none"))
        pairs.append(("batchSize", "\(training.batchSize)"))
        if let rate { pairs.append(("learningRate", JSONPrinter.number(rate))) }
        pairs.append(("regularizationRate", JSONPrinter.number(max(training.l1, training.l2))))
    }

    private mutating func data(_ data: DataDescription) {
        let id = data.dataset.id
        let regression = PlaygroundLink.regressionDatasets.first { $0.1 == id }?.0
        guard regression != nil || PlaygroundLink.classificationDatasets.contains(id), let entry = Datasets.entry(id)
        else { return lose("data.dataset", "the page does not have the dataset \(id)") }
        if let samples = entry.knob("samples"), data.dataset.value(of: samples) != samples.defaultValue {
            lose("data.samples", "the page always draws its own number of points")
        }
        if !data.shuffle { lose("data.shuffle", "the page always shuffles the points") }
        var noise = 0.0
        if let knob = entry.knob("noise"), case .real(let percent) = data.dataset.value(of: knob) { noise = percent }
        if noise > 80 { lose("data.noise", "the page has noise up to 80, found \(JSONPrinter.number(noise))") }
        pairs.append(regression.map { ("regDataset", $0) } ?? ("dataset", id))
        pairs.append(("problem", regression == nil ? "classification" : "regression"))
        pairs.append(("noise", JSONPrinter.number(min(noise, 80))))
        let percent = (data.trainFraction ?? Datasets.defaultTrainFraction(id)) * 100
        // 0.07 · 100 is 7.000000000000001: fractions written with two digits are whole percents.
        let whole = percent.rounded()
        pairs.append(("percTrainData", JSONPrinter.number(whole / 100 == percent / 100 ? whole : percent)))
    }

    private func hidden(_ hide: [String]) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for name in hide {
            for (key, ours) in PlaygroundLink.controls where ours == name { pairs.append(("\(key)_hide", "true")) }
            let parts = name.split(separator: ".")
            if parts.count == 4, parts[0] == "layers", parts[3] == "units", let index = Int(parts[1]),
                Experiment.layerIndices.contains(index)
            {
                pairs.append(("numNodes\(index + 1)_hide", "true"))
            }
        }
        return pairs
    }

    private mutating func lose(_ place: String, _ reason: String) {
        unsaid.append(ExperimentError(.arguments, place: place, message: reason))
    }
}

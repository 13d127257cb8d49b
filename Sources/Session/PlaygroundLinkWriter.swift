import Datasets
import Engine

extension PlaygroundLink {
    /// The link that opens this experiment on the web page, or what it cannot say.
    ///
    /// A link has one seed for data and weights (the data's is taken) and no words for titles, stories, stop
    /// conditions, playback speed or the hidden-feature view; these are left out. The page always carries an epoch's
    /// last batch.
    public static func link(for experiment: Experiment) -> Result<String, ExperimentError> {
        do throws(ExperimentError) {
            return .success(address + "#" + (try fragment(for: experiment)))
        } catch {
            return .failure(error)
        }
    }

    private static func fragment(for experiment: Experiment) throws(ExperimentError) -> String {
        var pairs: [(String, String)] = []
        let (activation, shape, zeros) = try network(experiment)
        pairs.append(("activation", activation))
        try training(experiment.training, into: &pairs)
        try data(experiment.data, into: &pairs)
        pairs.append(("networkShape", shape.map(String.init).joined(separator: ",")))
        pairs.append(("seed", PlaygroundSeed.text(experiment.data.seed)))
        pairs.append(("showTestData", "\(experiment.view.showTestData)"))
        pairs.append(("discretize", "\(experiment.view.discretize)"))
        let used = experiment.features.isEmpty ? ["x1", "x2"] : experiment.features
        let formulas = used.map { formula in formula.filter { $0 != " " } }
        for (index, formula) in formulas.enumerated() where !features.contains(where: { $0.1 == formula }) {
            throw unsaid("features.\(index)", "the page does not have the feature \(quoted(formula))")
        }
        for (key, formula) in features { pairs.append((key, "\(formulas.contains(formula))")) }
        pairs.append(("initZero", "\(zeros)"))
        pairs += hidden(experiment.hide)
        return pairs.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static func network(
        _ experiment: Experiment
    ) throws(ExperimentError) -> (activation: String, shape: [Int], zeros: Bool) {
        var shape: [Int] = []
        var common: (activation: String, initializer: String)?
        for (index, layer) in experiment.layers.enumerated() {
            let place = "layers.\(index)"
            guard layer.id == "dense", let entry = Catalogue.entry(.layer, layer.id) else {
                throw unsaid(place, "the page has dense layers alone, found \(layer.id)")
            }
            var found = (activation: "", initializer: "")
            for knob in entry.knobs {
                switch (knob.name, layer.value(of: knob)) {
                case ("units", .integer(let units)): shape.append(units)
                case ("activation", .choice(let choice)): found.activation = choice.id
                case ("initializer", .choice(let choice)): found.initializer = choice.id
                default: break
                }
            }
            guard activations.contains(found.activation) else {
                throw unsaid(
                    "\(place).dense.activation",
                    "the page has the activations \(activations.joined(separator: ", ")), found \(found.activation)")
            }
            if let common, common != found {
                throw unsaid(place, "the page has one activation and one way to start for all layers")
            }
            common = found
        }
        let output = experiment.output
        let initializer = common?.initializer ?? output.initializer.id
        guard ["playground", "zeros"].contains(initializer), output.initializer.id == initializer else {
            throw unsaid("output.initializer", "the page starts every weight its own way, or all at zero")
        }
        let expected = Datasets.task(experiment.data.dataset.id) == .regression ? "linear" : "tanh"
        if let activation = output.activation, activation.id != expected {
            throw unsaid("output.activation", "the page has \(expected) here, found \(activation.id)")
        }
        if let loss = output.loss, loss.id != "squaredError" {
            throw unsaid("output.loss", "the page has squaredError alone, found \(loss.id)")
        }
        return (common?.activation ?? "tanh", shape, initializer == "zeros")
    }

    private static func training(
        _ training: Experiment.Training, into pairs: inout [(String, String)]
    ) throws(ExperimentError) {
        guard training.rule == .gradient else { throw unsaid("training.rule", "the page learns by the gradient alone") }
        guard training.optimizer.id == "sgd", let sgd = Catalogue.entry(.optimizer, "sgd"),
            let knob = sgd.knob("learningRate"), case .real(let rate) = training.optimizer.value(of: knob)
        else { throw unsaid("training.optimizer", "the page has sgd alone, found \(training.optimizer.id)") }
        let warmup = training.schedule.knobs["warmupSteps"] ?? .integer(0)
        guard training.schedule.id == "constant", warmup == .integer(0) else {
            throw unsaid("training.schedule", "the page has a constant learning rate alone")
        }
        if training.shuffle { throw unsaid("training.shuffle", "the page does not shuffle") }
        if training.clipNorm != nil { throw unsaid("training.clipNorm", "the page does not clip gradients") }
        if training.l1 > 0, training.l2 > 0 {
            throw unsaid("training.regularization", "the page has L1 or L2, not both")
        }
        pairs.append(("regularization", training.l1 > 0 ? "L1" : training.l2 > 0 ? "L2" : "none"))
        pairs.append(("batchSize", "\(training.batchSize)"))
        pairs.append(("learningRate", JSONPrinter.number(rate)))
        pairs.append(("regularizationRate", JSONPrinter.number(max(training.l1, training.l2))))
    }

    private static func data(
        _ data: DataDescription, into pairs: inout [(String, String)]
    ) throws(ExperimentError) {
        let id = data.dataset.id
        let regression = regressionDatasets.first { $0.1 == id }?.0
        guard regression != nil || classificationDatasets.contains(id), let entry = Datasets.entry(id) else {
            throw unsaid("data.dataset", "the page does not have the dataset \(id)")
        }
        if let samples = entry.knob("samples"), data.dataset.value(of: samples) != samples.defaultValue {
            throw unsaid("data.samples", "the page always draws its own number of points")
        }
        if !data.shuffle { throw unsaid("data.shuffle", "the page always shuffles the points") }
        var noise = 0.0
        if let knob = entry.knob("noise"), case .real(let percent) = data.dataset.value(of: knob) { noise = percent }
        guard noise <= 80 else {
            throw unsaid("data.noise", "the page has noise up to 80, found \(JSONPrinter.number(noise))")
        }
        pairs.append(regression.map { ("regDataset", $0) } ?? ("dataset", id))
        pairs.append(("problem", regression == nil ? "classification" : "regression"))
        pairs.append(("noise", JSONPrinter.number(noise)))
        let percent = (data.trainFraction ?? Datasets.defaultTrainFraction(id)) * 100
        // 0.07 · 100 is 7.000000000000001: fractions written with two digits are whole percents.
        let whole = percent.rounded()
        pairs.append(("percTrainData", JSONPrinter.number(whole / 100 == percent / 100 ? whole : percent)))
    }

    private static func hidden(_ hide: [String]) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for name in hide {
            for (key, ours) in controls where ours == name { pairs.append(("\(key)_hide", "true")) }
            let parts = name.split(separator: ".")
            if parts.count == 4, parts[0] == "layers", parts[3] == "units", let index = Int(parts[1]),
                Experiment.layerIndices.contains(index)
            {
                pairs.append(("numNodes\(index + 1)_hide", "true"))
            }
        }
        return pairs
    }

    private static func unsaid(_ place: String, _ reason: String) -> ExperimentError {
        ExperimentError(.arguments, place: place, message: "a link cannot say this: \(reason)")
    }
}

import Datasets
import Engine

/// The document's meaning for the engine.
extension Experiment {
    /// The network for prepared data; the output's activation and loss resolved for the task.
    public func network(for data: PreparedData) -> NetworkDescription {
        let data = data.learned
        return network(input: data.schema.input(features: features), task: data.task, sequence: data.schema.form)
    }

    /// The noise that the network takes in place of the data's samples; nil: it takes these.
    public var noise: NoiseInput? { Catalogue.noise(of: training.procedure) }

    /// The pictures that the procedure asks for; empty: none.
    public var pictures: [WantedPicture] { Catalogue.pictures(of: training.procedure) }

    /// The layer at which a generator ends, whose samples the layers behind it judge; nil: there is no generator.
    public var generatorEnd: Int? { noise == nil ? nil : NetworkDescription.generatorEnd(of: layers) }

    /// - Parameter task: of the data.
    func network(input: Shape, task: Task, sequence: SequenceForm = SequenceForm()) -> NetworkDescription {
        var network = NetworkDescription(
            input: input, task: task, layers: frozenLayers, outputActivation: output.activation,
            outputInitializer: output.initializer, loss: loss(for: Catalogue.task(task, of: training.procedure)),
            rule: training.rule, sequence: sequence)
        network.isOutputFrozen = isOutputFrozen
        return Catalogue.adapted(network, to: training.procedure)
    }

    public var learning: LearningDescription {
        // 0 is written for none, where recurrent layers would have their own.
        let clipNorm = training.clipNorm ?? (isRecurrent ? Self.recurrentClipNorm : 0)
        var learning = LearningDescription(
            procedure: training.procedure, optimizer: training.optimizer, schedule: training.schedule,
            batchSize: training.batchSize, lastBatch: training.lastBatch, shuffle: training.shuffle, l1: training.l1,
            l2: training.l2, clipNorm: clipNorm == 0 ? nil : clipNorm,
            augment: data.augment, labelled: data.labelled)
        learning.locked = training.locked
        return learning
    }

    /// The largest norm of a gradient through recurrent layers where nothing is written: on its way through many steps it may
    /// grow beyond measure (Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013).
    private static let recurrentClipNorm = 1.0

    /// Whether a layer hands a state from step to step.
    private var isRecurrent: Bool { layers.contains(where: \.isRecurrent) }

    /// The resolved loss: the written one, or the default for the task: squared error for values, for two classes and
    /// under a perceptron's rule, softmax cross-entropy for more classes.
    public func loss(for task: Task) -> Choice {
        if let loss = output.loss { return loss }
        guard case .classification(let classes) = task, training.rule == .gradient else {
            return Catalogue.standardLoss(classes: nil)
        }
        // Each action has an output of its own, of two as of more.
        return Catalogue.standardLoss(classes: Catalogue.learnsGames(training.procedure) ? max(3, classes) : classes)
    }

    /// The Playground's default experiment.
    public static var standard: Experiment { Preset.standard }

    /// The schema of the data; nil for files, and where the data's description is mistaken.
    public var dataSchema: DataSchema? { try? data.schema() }

    /// The data's columns (none of images), or nil for files, which only reading can tell.
    var columns: [String]? { dataSchema?.columns }

    /// Checks what only the whole document shows (output against loss, rule against layers, features against data).
    public func validate() throws(ExperimentError) {
        try validateData()
        try validateView()
        try validateInitial()
        do {
            try Catalogue.check(training.procedure, isForGame: Datasets.areGames(data.dataset.id))
        } catch { throw ExperimentError(error) }
        try validateRivals()
        if let schema = dataSchema {
            do {
                try learning.checkBatches(of: sampleCounts?.train, for: likelyNetwork(schema).outline())
            } catch {
                throw ExperimentError(error)
            }
        } else if training.rule != .gradient, !layers.isEmpty {
            throw ExperimentError(
                .malformed, place: "training.rule",
                message: "the rule \(training.rule.rawValue) trains a single layer; write “layers”: [], "
                    + "or choose the rule gradient")
        } else if let outline = try? likelyNetwork(nil).outline() {
            do {
                try learning.checkBatches(for: outline)
            } catch {
                throw ExperimentError(error)
            }
        }
        for (index, variant) in compare.enumerated() {
            do { try validate(variant) } catch {
                throw ExperimentError(
                    .malformed, place: "compare.\(index).set: \(error.place)",
                    message: "in the variant \(quoted(variant.title)): \(error.message)")
            }
        }
    }

    private func validate(_ variant: Variant) throws(ExperimentError) {
        var changed = self
        changed.compare = []
        changed = try changed.setting(members: variant.set)
        try changed.validate()
    }

    /// Without the variants that set something which is not there, or does not fit.
    var withFittingVariants: Experiment {
        var fitting = self
        fitting.compare = compare.filter { (try? validate($0)) != nil }
        return fitting
    }

    /// Checks an experiment whose settings have been changed: where only a variant does not go with them, the mistake says
    /// how to leave the variants out.
    /// - Parameter wayOut: the setting that does, as it is written there.
    func validate(wayOut: String) throws(ExperimentError) {
        do { try validate() } catch {
            var alone = self
            alone.compare = []
            guard !compare.isEmpty, (try? alone.validate()) != nil else { throw error }
            throw ExperimentError(
                error.kind, place: error.place, message: "\(error.message); \(wayOut) leaves the variants out")
        }
    }

    /// - Throws: that the procedure cannot train layers as these, as far as the document tells.
    public func validateProcedure() throws(ExperimentError) {
        guard let schema = dataSchema else { return }
        do { try Catalogue.check(likelyNetwork(schema), for: training.procedure) } catch {
            throw ExperimentError(error)
        }
    }

    /// The network as far as the document tells it.
    /// - Parameter schema: nil: of a file's data, of which only the document is known.
    func likelyNetwork(_ schema: DataSchema?) -> NetworkDescription {
        network(
            input: schema?.input(features: features) ?? Shape(max(1, features.count)),
            task: schema?.task ?? (data.task == .regression ? .regression : .classification(classes: 2)),
            sequence: schema?.form ?? SequenceForm())
    }

    /// Bytes that training takes, estimated before any is reserved. Of a file's data only what the document says is known:
    /// the layers. 0 where the experiment cannot be trained at all.
    var trainingBytes: Int {
        let network = likelyNetwork(dataSchema)
        let (train, test) = sampleCounts ?? (1, 0)
        return (try? network.trainingBytes(learning, train: train, test: test)) ?? 0
    }

    /// The training and the test samples that a generator will make; nil where only the data can tell.
    public var sampleCounts: (train: Int, test: Int)? {
        guard let entry = Datasets.entry(data.dataset.id), let knob = entry.knob("samples"),
            case .integer(let count) = data.dataset.value(of: knob)
        else { return nil }
        let fraction = data.trainFraction ?? Datasets.defaultTrainFraction(entry.id)
        let train = Int((min(max(fraction, 0), 1) * Double(count)).rounded())
        return (train, count - train)
    }

    /// Refuses an experiment whose network would take more memory than may be had, before any is reserved.
    /// - Parameter old: what is trained now; one that takes no more than that is not refused.
    public func checkMemory(after old: Experiment? = nil) throws(ExperimentError) {
        let bytes = trainingBytes
        do throws(EngineError) {
            try MemoryRoom.require(
                bytes, place: "layers", for: "training this network",
                advice: "make it smaller, or the batch" + (fittingLength().map { "; \($0)" } ?? ""))
        } catch {
            if let old, bytes <= old.trainingBytes { return }
            throw ExperimentError(error)
        }
    }

    private func validateData() throws(ExperimentError) {
        let id = data.dataset.id
        if let known = Datasets.task(id), let written = data.task, written != known {
            throw ExperimentError(
                .malformed, place: "data.task",
                message: "the dataset \(id) is a \(known.rawValue), found \(written.rawValue); leave it out")
        }
        if Datasets.needsFile(id), let entry = Datasets.entry(id), let file = entry.knob("file"),
            data.dataset.value(of: file) == .text("")
        {
            throw ExperimentError(
                .malformed, place: "data.file", message: "is missing; name the file that the dataset \(id) reads")
        }
        // A drawing may begin without points.
        if Datasets.task(id) != nil || Datasets.areGames(id) {
            do { _ = try data.schema() } catch { throw ExperimentError(error) }
        }
        do { try dataSchema?.check(features: features) } catch { throw ExperimentError(error) }
        guard hide.count <= Self.mostHidden else {
            throw ExperimentError(
                .malformed, place: "hide",
                message: "expected at most \(Self.mostHidden) controls, found \(hide.count)")
        }
        for (index, name) in hide.enumerated() where !Self.hideable.contains(name) && !isPath(name) {
            throw ExperimentError(
                .malformed, place: "hide.\(index)",
                message: "expected a key path (as training.batchSize) or one of "
                    + "\(Self.hideable.joined(separator: ", ")), found \(quoted(name))")
        }
    }

    private func validateView() throws(ExperimentError) {
        let pairs = [("units", view.units), ("columns", view.columns)]
        for (name, pair) in pairs where pair.count != 0 && pair.count != 2 {
            throw ExperimentError(
                .malformed, place: "view.\(name)", message: "expected two numbers or an empty list, found \(pair.count)"
            )
        }
    }

    /// Names in `hide` that are not key paths: buttons, settings by their last key wherever they stand, and
    /// `layerCount`, the adding, deleting and moving of layers (`layers` takes their settings away too).
    public static let hideable = ["play", "step", "reset", "learningRate", "activation", "layerCount"]

    /// Every control is looked up in the list.
    private static let mostHidden = 1000

    /// Where a layer may stand.
    static let layerIndices = 0..<NetworkDescription.mostLayers

    /// Whether a control may be named so: a feature by its formula ("features.sin(x1)"), or a key path of the document,
    /// whatever the present layers and choices are.
    private func isPath(_ path: String) -> Bool {
        if path.hasPrefix("features.") { return true }
        if let layer = path.split(separator: ".").dropFirst().first, path.hasPrefix("layers."), let index = Int(layer) {
            return Self.layerIndices.contains(index)
        }
        return knob(at: path) != nil || value(at: path) != nil
    }
}

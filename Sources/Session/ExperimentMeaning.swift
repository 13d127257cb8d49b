import Datasets
import Engine

/// The part of the data that decides what a document means: their columns, and what is to be learned.
public struct DataSchema: Sendable, Hashable {
    public var columns: [String]
    public var task: Task

    public init(_ data: PreparedData) {
        columns = data.columns.map(\.name)
        task = data.task
    }
}

/// The document's meaning for the engine.
extension Experiment {
    /// The network for prepared data; the output's activation and loss resolved for the task.
    public func network(for data: PreparedData) -> NetworkDescription {
        network(inputs: data.features.count, task: data.task)
    }

    func network(inputs: Int, task: Task) -> NetworkDescription {
        NetworkDescription(
            input: Shape(inputs), task: task, layers: layers, outputActivation: output.activation,
            outputInitializer: output.initializer, loss: loss(for: task), rule: training.rule)
    }

    public var learning: LearningDescription {
        LearningDescription(
            optimizer: training.optimizer, schedule: training.schedule, batchSize: training.batchSize,
            lastBatch: training.lastBatch, shuffle: training.shuffle, l1: training.l1, l2: training.l2,
            clipNorm: training.clipNorm)
    }

    /// The resolved loss: the written one, or the default for the task: squared error for values, for two classes and
    /// under a perceptron's rule, softmax cross-entropy for more classes.
    public func loss(for task: Task) -> Choice {
        if let loss = output.loss { return loss }
        if case .classification(let classes) = task, classes > 2, training.rule == .gradient {
            return Choice("softmaxCrossEntropy")
        }
        return Choice("squaredError")
    }

    /// Why going from `old` to this one starts training again (it needs a new network or new data), in words for the
    /// user; nil: it changes live.
    /// - Parameters:
    ///   - keepWeights: the weights that fit are to stay; they do where the seed and the dataset are as before.
    ///   - schema: of the old experiment's data; nil: of the generator's.
    public func resetReason(from old: Experiment, keepWeights: Bool = false, schema: DataSchema? = nil) -> String? {
        guard let change = startingChange(from: old, schema: schema ?? old.sketch.map { DataSchema($0) }) else {
            return nil
        }
        let keeps = keepWeights && seed == old.seed && data.dataset.id == old.data.dataset.id
        return "\(change): training starts again" + (keeps ? " with the weights that fit" : "")
    }

    /// Whether the data must be made anew after those of `old`: a default that is only written out changes nothing.
    func needsData(after old: Experiment, schema: DataSchema?) -> Bool {
        data.complete != old.data.complete || inputs(schema) != old.inputs(schema)
    }

    /// The first difference that training starts with.
    private func startingChange(from old: Experiment, schema: DataSchema?) -> String? {
        if needsData(after: old, schema: schema) {
            return data.complete == old.data.complete ? "other features" : "new data"
        }
        if training.rule != old.training.rule { return "another learning rule" }
        // Of a file that has not been read nothing is known; what is implied then is taken for another.
        let task = schema?.task
        let (new, present) = (completeNetwork(task), old.completeNetwork(task))
        if new.layers != present.layers { return "another network" }
        if new != present || (task == nil && output != old.output) { return "another output layer" }
        return seed != old.seed ? "other initial weights" : nil
    }

    private func inputs(_ schema: DataSchema?) -> [String] { features.isEmpty ? schema?.columns ?? [] : features }

    /// The network with every default written out, whatever its inputs are.
    private func completeNetwork(_ task: Task?) -> NetworkDescription {
        network(inputs: 1, task: task ?? .regression).complete
    }

    /// The Playground's default experiment.
    public static var standard: Experiment { Preset.standard }

    /// The data's columns, or nil for files, which only reading can tell.
    var columns: [String]? {
        guard let entry = Datasets.entry(data.dataset.id), entry.knob("file") == nil else { return nil }
        if entry.id == "points" { return ["x1", "x2"] }
        return sketch?.columns.map(\.name)
    }

    /// A few samples of a generator's data, which show its columns and its task; nil for files and for drawn points
    /// that cannot be used yet.
    private var sketch: PreparedData? { try? sketched() }

    /// - Returns: nil for files, which only reading can tell.
    /// - Throws: a mistake in the data's description, in a formula for example.
    private func sketched() throws(DataError) -> PreparedData? {
        guard let entry = Datasets.entry(data.dataset.id), entry.knob("file") == nil else { return nil }
        var few = data
        if case .integer(let range)? = entry.knob("samples")?.kind {
            few.dataset.knobs["samples"] = .integer(min(max(100, range.lowerBound), range.upperBound))
        }
        return try prepare(few, features: [], directory: nil)
    }

    /// Checks what only the whole document shows (output against loss, rule against layers, features against data).
    public func validate() throws(ExperimentError) {
        try validateData()
        try validateView()
        if let sketch {
            var network = network(for: sketch)
            if !features.isEmpty { network.input = Shape(features.count) }
            do {
                try learning.checkBatches(of: sampleCounts?.train, for: network.outline())
            } catch {
                throw ExperimentError(.malformed, place: error.place, message: error.message)
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
                throw ExperimentError(.malformed, place: error.place, message: error.message)
            }
        }
        for (index, variant) in compare.enumerated() {
            var changed = self
            changed.compare = []
            do {
                for member in variant.set { changed = try changed.setting(member.key, to: member.value) }
                try changed.validate()
            } catch {
                throw ExperimentError(
                    .malformed, place: "compare.\(index).set: \(error.place)", message: error.message)
            }
        }
    }

    /// The network as far as the document tells it.
    /// - Parameter sketch: nil: of a file's data, of which only the document is known.
    private func likelyNetwork(_ sketch: PreparedData?) -> NetworkDescription {
        let task: Engine.Task =
            sketch?.task ?? (data.task == .regression ? .regression : .classification(classes: 2))
        return network(inputs: features.isEmpty ? sketch?.features.count ?? 1 : features.count, task: task)
    }

    /// Bytes that training takes, estimated before any is reserved. Of a file's data only what the document says is known:
    /// the layers. 0 where the experiment cannot be trained at all.
    var trainingBytes: Int {
        let network = likelyNetwork(sketch)
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
                bytes, place: "layers", for: "training this network", advice: "make it smaller, or the batch")
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
        if let entry = Datasets.entry(id), let file = entry.knob("file"), data.dataset.value(of: file) == .text("") {
            throw ExperimentError(
                .malformed, place: "data.file", message: "is missing; name the file that the dataset \(id) reads")
        }
        // A drawing may begin without points.
        if Datasets.task(id) != nil {
            do { _ = try sketched() } catch { throw ExperimentError(error) }
        }
        if let columns {
            for (index, feature) in features.enumerated() {
                do {
                    try checkFeature(feature, columns: columns)
                } catch {
                    throw ExperimentError(.malformed, place: "features.\(index)", message: error.message)
                }
            }
        }
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
        let pairs = [("units", view.units), ("neuron", view.neuron), ("columns", view.columns)]
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

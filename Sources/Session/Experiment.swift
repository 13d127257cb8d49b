import Datasets
import Engine

/// The document: what a preset file, a saved session and the screen's undo list hold.
public struct Experiment: Sendable, Hashable {
    public var version = 1
    public var title = ""
    public var story = ""
    public var data: DataDescription
    /// Empty: every column of the data.
    public var features: [String] = []
    public var layers: [Choice]
    public var output = Output()
    public var training = Training()
    public var seed: UInt64 = 1
    public var view = ViewSettings()
    /// Controls taken away for a lesson: key paths ("training.batchSize"), or the names in `Experiment.hideable`.
    public var hide: [String] = []
    public var compare: [Variant] = []

    public struct Output: Sendable, Hashable {
        public var activation: Choice?
        public var initializer = Choice("playground")
        public var loss: Choice?
    }

    public struct Training: Sendable, Hashable {
        public var rule = LearningRule.gradient
        public var optimizer = Choice("sgd")
        public var schedule = Choice("constant")
        public var batchSize = 10
        public var lastBatch = LastBatch.short
        public var shuffle = false
        public var evaluateEvery = 1
        public var clipNorm: Double?
        public var l1 = 0.0
        public var l2 = 0.0
        public var stop = Stop()
    }

    /// Whatever comes first ends a run; nil never does.
    public struct Stop: Sendable, Hashable {
        public var epochs: Int?
        public var steps: Int?
        public var trainLoss: Double?
        public var testLoss: Double?
        /// Epochs without a better test loss.
        public var patience: Int?
    }

    public struct Variant: Sendable, Hashable {
        public var title: String
        /// Key path and value, in order.
        public var set: [JSON.Member]
    }

    public init(data: DataDescription, layers: [Choice]) {
        self.data = data
        self.layers = layers
    }
}

/// What the screen shows, as far as it is saved with an experiment.
public struct ViewSettings: Sendable, Hashable {
    public enum Panel: String, Sendable, Hashable, CaseIterable { case output, hidden, loss, network }
    public enum Stage: String, Sendable, Hashable, CaseIterable { case preActivation, activation }
    /// The panel in front where only one plot fits.
    public var panel = Panel.output
    /// The hidden-feature view's layer, an index into the network's layers (the output layer is the last); nil: the last hidden one.
    public var layer: Int?
    public var stage = Stage.activation
    /// The two units of the hidden-feature view; empty: the first two, or PCA when `projection` says so.
    public var units: [Int] = []
    public var pca = false
    /// The neuron shown in place of the output: layer and unit; empty: the output.
    public var neuron: [Int] = []
    /// The two columns that the boundary spans.
    public var columns: [Int] = []
    public var discretize = false
    public var showTestData = false
    public var logLoss = false
    /// Epochs a second; nil: unlimited.
    public var epochsPerSecond: Double? = 60
    public init() {}
}

extension Experiment {
    /// Reads a document, checking every key, type, range and choice.
    public init(json: JSON) throws(ExperimentError) { fatalError("not built yet") }

    /// The document; what equals its default is left out, but `data` and `layers` never.
    public var json: JSON { fatalError("not built yet") }

    /// This experiment with one setting changed, as `--set` and the editor do it: `path` is a key path
    /// ("layers.0.dense.units", "training.optimizer.adam.learningRate"). A path into another case than the present
    /// one (adam over sgd) replaces the case by the new one with its defaults first.
    public func setting(_ path: String, to value: JSON) throws(ExperimentError) -> Experiment { fatalError("not built yet") }

    /// The value at a key path, defaults included; nil for "never" (`training.stop.epochs`) and for unknown paths.
    public func value(at path: String) -> JSON? { fatalError("not built yet") }

    /// What the knob at a key path is: title, range, steps, default. nil for unknown paths.
    public func knob(at path: String) -> Knob? { fatalError("not built yet") }

    /// Checks what only the whole document shows (output against loss, rule against layers, features against data).
    public func validate() throws(ExperimentError) { fatalError("not built yet") }

    /// The network for prepared data; the output's activation and loss resolved for the task.
    public func network(for data: PreparedData) -> NetworkDescription { fatalError("not built yet") }

    public var learning: LearningDescription { fatalError("not built yet") }

    /// The resolved loss: the written one, or the default for the task.
    public func loss(for task: Task) -> Choice { fatalError("not built yet") }

    /// Whether going from `old` to this one needs a new network or new data (a reset), with the words for the user;
    /// nil: it changes live.
    public func resetReason(from old: Experiment) -> String? { fatalError("not built yet") }

    /// The Playground's default experiment.
    public static var standard: Experiment { fatalError("not built yet") }

    /// The JSON Schema of the document, generated from the catalogue and the datasets.
    public static var schema: JSON { fatalError("not built yet") }
}

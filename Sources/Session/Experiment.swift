import Datasets
import Engine

/// The document: what a preset file, a saved session and the screen's undo list hold.
///
/// Its extensions are long together, because each reading of the document (its key paths, its meaning for the engine, its
/// check, the network that it starts from) is a file of functions of this one value.
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
    /// Learners beside the network that are no networks.
    public var rivals: [Choice] = []
    public var seed: UInt64 = 1
    public var initial = InitialSettings()
    public var view = ViewSettings()
    /// Controls taken away for a lesson: key paths ("training.batchSize"), or the names in `Experiment.hideable`.
    public var hide: [String] = []
    public var compare: [Variant] = []

    public struct Output: Sendable, Hashable {
        public var activation: Choice?
        public var initializer = Catalogue.standard(.initializer)
        public var loss: Choice?
        /// The output's weights stay as they are while other layers learn.
        public var isFrozen = false
    }

    public struct Training: Sendable, Hashable {
        public var procedure = Catalogue.standard(.procedure)
        public var rule = LearningRule.gradient
        public var optimizer = Catalogue.standard(.optimizer)
        public var schedule = Catalogue.standard(.schedule)
        public var batchSize = 10
        public var lastBatch = LastBatch.short
        public var shuffle = false
        public var evaluateEvery = 1
        public var clipNorm: Double?
        /// Single parameters that stay as they are: a tensor's name and the index in it.
        public var locked: [String] = []
        public var l1 = 0.0
        public var l2 = 0.0
        public var stop = Stop()
    }

    /// Stop conditions: the run ends when any one is met. nil: not a condition.
    public struct Stop: Sendable, Hashable {
        public var epochs: Int?
        public var steps: Int?
        public var trainLoss: Double?
        public var testLoss: Double?
        /// Epochs without a better test loss.
        public var patience: Int?

        public init(
            epochs: Int? = nil, steps: Int? = nil, trainLoss: Double? = nil, testLoss: Double? = nil,
            patience: Int? = nil
        ) {
            (self.epochs, self.steps, self.trainLoss) = (epochs, steps, trainLoss)
            (self.testLoss, self.patience) = (testLoss, patience)
        }
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

/// The view on the screen, as far as it is saved with an experiment.
public struct ViewSettings: Sendable, Hashable {
    public enum Panel: String, Sendable, Hashable, CaseIterable { case output, hidden, loss, network }
    public enum Stage: String, Sendable, Hashable, CaseIterable { case preActivation, activation }
    /// The panel in front where only one plot fits.
    public var panel = Panel.output
    /// The hidden-feature view's layer; nil: the last hidden one.
    public var layer: LayerPath?
    public var stage = Stage.activation
    /// The two units of the hidden-feature view; empty: the first two, or of more than two their principal components.
    public var units: [Int] = []
    /// nil: principal components, unless `units` are named.
    public var pca: Bool?
    /// Images: t-SNE in their place.
    public var tsne = false
    /// The neuron shown in place of the output; nil: the output.
    public var neuron: ViewRequest.Neuron?
    /// The two columns that the boundary spans.
    public var columns: [Int] = []
    public var discretize = false
    public var showTestData = false
    public var logLoss = false
    /// Epochs a second; nil: unlimited.
    public var epochsPerSecond: Double? = 60
    public init() {}
}

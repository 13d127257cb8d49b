/// What a network is to learn.
public enum Task: Sendable, Hashable {
    case regression
    /// `classes` ≥ 2. Of two classes, index 0 is the negative one (−1, orange), index 1 the positive one (+1, blue).
    case classification(classes: Int)
}

/// A network as the user describes it: everything that fixes its shapes and its initial weights.
public struct NetworkDescription: Sendable, Hashable {
    public var input: Shape
    public var task: Task
    /// The hidden layers: entries of `Catalogue.layers`.
    public var layers: [Choice]
    /// The output's activation; nil is the one that the task and the loss imply.
    public var outputActivation: Choice?
    public var outputInitializer: Choice
    public var loss: Choice
    public var rule: LearningRule

    public init(
        input: Shape, task: Task, layers: [Choice], outputActivation: Choice? = nil,
        outputInitializer: Choice = Choice("playground"), loss: Choice = Choice("squaredError"),
        rule: LearningRule = .gradient
    ) {
        self.input = input
        self.task = task
        self.layers = layers
        self.outputActivation = outputActivation
        self.outputInitializer = outputInitializer
        self.loss = loss
        self.rule = rule
    }
}

/// How the derivative at the output's pre-activation z is made.
public enum LearningRule: String, Sendable, Hashable, CaseIterable {
    case gradient, rosenblatt, delta, hebb
}

/// What becomes of an epoch's last, smaller batch.
public enum LastBatch: String, Sendable, Hashable, CaseIterable {
    case short, carry, drop
}

/// A mistake in a description, in words for the user.
public struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where: "layers.1.dense.units", "output.activation", or a tensor's name.
    public var place: String
    /// What was expected, what was found, what to do.
    public var message: String
    public init(place: String, message: String) {
        self.place = place
        self.message = message
    }
    public var description: String { "\(place): \(message)" }
}

/// The shapes and tensors of a network, known before any memory is reserved.
public struct Outline: Sendable, Hashable {
    public struct Tensor: Sendable, Hashable {
        /// "layers.<i>.weight", "layers.<i>.bias", "layers.<i>.activation.weight", "output.weight", "output.bias".
        public var name: String
        /// PyTorch's layout: `[out, in]` for a dense weight.
        public var axes: [Int]
        /// The place in the flat parameters, in floats (tensors may be padded apart).
        public var offset: Int
        public var count: Int
        /// Weights decay, biases and learned slopes do not.
        public var decays: Bool
    }
    public struct Layer: Sendable, Hashable {
        /// Index in `NetworkDescription.layers`; nil for the output layer.
        public var index: Int?
        /// "dense 4", "dropout 0.5", "output 1".
        public var title: String
        public var input: Shape
        public var output: Shape
        /// Indices into `tensors`.
        public var tensors: [Int]
        /// Scalars in this layer's parameters (padding not counted).
        public var parameterCount: Int
        /// The activation, when the layer has one: entry id.
        public var activation: Choice?
        /// Bytes that training with a batch of one needs for this layer's values and their gradients.
        public var bytesPerSample: Int
    }
    public var input: Shape
    /// Hidden layers in order, then the output layer.
    public var layers: [Layer]
    public var tensors: [Tensor]
    /// The length of the flat parameters in floats, padding included.
    public var flatCount: Int
    /// Scalars in all parameters (padding not counted).
    public var parameterCount: Int
    /// Bytes of values and their gradients that each sample of a training batch needs.
    public var bytesPerSample: Int

    /// Bytes for training: parameters, their gradients, an optimizer's slots, and the values of a batch.
    public func trainingBytes(batchSize: Int, slots: Int) -> Int {
        4 * flatCount * (2 + slots) + bytesPerSample * batchSize
    }
}

extension NetworkDescription {
    /// Plans the shapes; throws what is wrong with the description (units out of range, a softmax in a hidden layer, …).
    public func outline() throws(EngineError) -> Outline { try Plan(self).outline }
}

/// A forward-only network with memory of its own: makes grids, tiles and projections from a copy of the parameters.
public final class Network {
    public enum Stage: Sendable, Hashable { case preActivation, activation }

    public let description: NetworkDescription
    public let outline: Outline
    /// The largest number of samples in one pass.
    public let capacity: Int

    public init(_ description: NetworkDescription, capacity: Int) throws(EngineError) { fatalError("not built yet") }

    /// Copies the flat parameters (of `outline.flatCount` floats) in.
    public func load(parameters: [Float]) { fatalError("not built yet") }

    /// Forward pass with dropout off.
    /// - Parameter inputs: row-major `[count, input.count]`, count ≤ capacity.
    public func forward(_ inputs: [Float], count: Int) { fatalError("not built yet") }

    /// Appends one unit's values for the samples of the last pass to `out`: `count` floats.
    /// - Parameters: layer: index into `outline.layers`; unit: 0 ..< output.count.
    public func appendValues(layer: Int, stage: Stage, unit: Int, to out: inout [Float]) { fatalError("not built yet") }

    /// One unit's value for one sample of the last pass.
    public func value(layer: Int, stage: Stage, unit: Int, sample: Int) -> Float { fatalError("not built yet") }
}

/// The kind of answer that a network learns.
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
    /// The output layer's parameters stay as they are.
    public var isOutputFrozen = false
    public var loss: Choice
    public var rule: LearningRule

    /// Far more than anybody has trained; what a document may ask for must have an end.
    public static let mostLayers = 1000
    /// The same with the layers inside blocks, and the blocks themselves.
    public static let mostLayersInBlocks = 2000
    /// The most blocks inside each other: a document's reader and the planning recurse.
    public static let deepestBlock = 200
    /// The most values that all layers together may make of a sample: 512 MiB.
    public static let mostValues = 1 << 27
    /// The most classes: counts by true and by predicted class must fit the memory.
    public static let mostClasses = 1000

    public init(
        input: Shape, task: Task, layers: [Choice], outputActivation: Choice? = nil,
        outputInitializer: Choice = Catalogue.standard(.initializer), loss: Choice = Catalogue.standard(.loss),
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

extension NetworkDescription {
    /// The same network with every default, and the output's implied activation, written out: two descriptions of one
    /// network have the same.
    public var complete: NetworkDescription {
        var complete = self
        complete.layers = layers.map { $0.complete(in: .layer) }
        complete.outputActivation = (outputActivation ?? (try? OutputHead(self))?.activation.choice)?
            .complete(in: .activation)
        complete.outputInitializer = outputInitializer.complete(in: .initializer)
        complete.loss = loss.complete(in: .loss)
        return complete
    }
}

/// The rule for the derivative at the output's pre-activation z.
public enum LearningRule: String, Sendable, Hashable, CaseIterable {
    case gradient, rosenblatt, delta, hebb
}

/// The treatment of an epoch's last, smaller batch.
public enum LastBatch: String, Sendable, Hashable, CaseIterable {
    case short, carry, drop
}

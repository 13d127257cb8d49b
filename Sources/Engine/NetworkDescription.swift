/// The kind of answer that a network learns.
public enum Task: Sendable, Hashable {
    case regression
    /// `classes` ≥ 2. Of two classes, index 0 is the negative one (−1, orange), index 1 the positive one (+1, blue).
    case classification(classes: Int)
    /// The network gives back its own input.
    case reconstruction
    /// Several values at once, as of each action its worth.
    case values(count: Int)

    /// The number of classes; nil: the answers are values.
    public var classes: Int? {
        guard case .classification(let classes) = self else { return nil }
        return classes
    }
}

/// A network as the user describes it: everything that fixes its shapes and its initial weights.
public struct NetworkDescription: Sendable, Hashable {
    public var input: Shape
    /// The vocabulary, lengths and targets of a sequence.
    public var sequence: SequenceForm
    public var task: Task
    /// The hidden layers: entries of `Catalogue.layers`.
    public var layers: [Choice]
    /// The output's activation; nil is the one that the task and the loss imply.
    public var outputActivation: Choice?
    public var outputInitializer: Choice
    /// The output layer's parameters stay as they are.
    public var isOutputFrozen = false
    /// The answer to a sample is among the classes that the sample allows (`TaskMarks.classes`).
    var limitsAnswers = false
    public var loss: Choice
    public var rule: LearningRule
    /// The shape of the samples that its first layers generate; nil: it generates none.
    public var generated: Shape?

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
        rule: LearningRule = .gradient, sequence: SequenceForm = SequenceForm()
    ) {
        self.input = input
        self.sequence = sequence
        self.task = task
        self.layers = layers
        self.outputActivation = outputActivation
        self.outputInitializer = outputInitializer
        self.loss = loss
        self.rule = rule
    }
}

/// The vocabulary, lengths and targets of a network's sequences, beside their shape [steps, features].
public struct SequenceForm: Sendable, Hashable {
    /// The number of different symbols, where each step is the number of one; nil: the values are amounts.
    public var vocabulary: Int?
    /// Whether each sample has a number of steps of its own: one more value, behind the others.
    public var hasLengths: Bool
    /// The steps that have a target each; nil: each sample has one.
    public var targetSteps: Int?
    /// Whether each sample goes on where the one before it ends: windows of one text. A state can then be carried on.
    public var continues: Bool

    public init(vocabulary: Int? = nil, hasLengths: Bool = false, targetSteps: Int? = nil, continues: Bool = false) {
        (self.vocabulary, self.hasLengths, self.targetSteps) = (vocabulary, hasLengths, targetSteps)
        self.continues = continues
    }
}

extension NetworkDescription {
    /// Numbers of each sample: the input's values, and the length where it has one.
    public var inputWidth: Int { input.count + (sequence.hasLengths ? 1 : 0) }

    /// Whether a layer hands a state from step to step, one in a block too.
    public var isRecurrent: Bool { layers.contains(where: \.isRecurrent) }
}

extension Choice {
    /// Whether the layer hands a state from step to step, or one in a block that it is.
    public var isRecurrent: Bool { allLayers.contains { Catalogue.recurrentLayers.contains($0.id) } }
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

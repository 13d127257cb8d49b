/// The lists of all that a network can be made of. A new thing is one file and one line here.
///
/// It is long with its extensions, because each list answers there what others ask of its entries.
public enum Catalogue {
    static let layers: [any Layer.Type] = [
        Dense.self,
        Conv2D.self,
        Conv2DTranspose.self,
        Local2D.self,
        MaxPool.self,
        MeanPool.self,
        GlobalMeanPool.self,
        GlobalMaxPool.self,
        Upsample.self,
        Flatten.self,
        Generated.self,
        ActivationLayer.self,
        Residual.self,
        Branches.self,
        BatchNorm.self,
        LayerNorm.self,
        LocalResponseNorm.self,
        Dropout.self,
        Noise.self,
        RNN.self,
        LSTM.self,
        GRU.self,
        LastStep.self,
        MeanOverTime.self,
        EachStep.self,
        Repeat.self,
        Embedding.self,
        Conv1D.self,
        Attention.self,
        SampledCode.self,
        Sparsity.self,
        RBM.self,
    ]
    /// The ids of the layers that hand a state from step to step.
    static let recurrentLayers = Set(layers.filter { $0.isRecurrent }.map { $0.entry.id })

    static let activations: [Activation] = [
        .linear,
        .sigmoid,
        .tanh,
        .relu,
        .leakyReLU,
        .prelu,
        .elu,
        .gelu,
        .softplus,
        .sin,
        .gaussian,
        .asinh,
        .threshold,
        .softmax,
    ]

    static let losses: [Loss] = [
        .squaredError,
        .absoluteError,
        .huber,
        .binaryCrossEntropy,
        .softmaxCrossEntropy,
        .hinge,
    ]

    static let optimizers: [Optimizer] = [
        .sgd,
        .momentum,
        .nesterov,
        .rprop,
        .adagrad,
        .rmsprop,
        .adam,
        .adamw,
    ]

    static let initializers: [Initializer] = [
        .playground,
        .zeros,
        .uniform,
        .normal,
        .xavierUniform,
        .xavierNormal,
        .heUniform,
        .heNormal,
        .lecunNormal,
    ]

    static let schedules: [Schedule] = [
        .constant,
        .step,
        .exponential,
        .cosine,
        .inverseTime,
    ]

    static let procedures: [any Procedure.Type] = [
        Supervised.self,
        LayerByLayer.self,
        Reconstruction.self,
        Greedy.self,
        ContrastiveDivergence.self,
        LifeLong.self,
        QLearning.self,
        Reinforce.self,
        Adversarial.self,
        StyleTransfer.self,
        Dream.self,
        Fit.self,
    ]

    static let corruptions: [Corruption] = [
        .nothing,
        .mask,
        .gaussian,
        .saltPepper,
    ]

    static let environments: [any Environment.Type] = [
        Gridworld.self,
        Catch.self,
        CartPole.self,
        Breakout.self,
        Snake.self,
    ]

    static let rivals: [Rival] = [
        .supportVectorMachine,
        .nearestNeighbours,
        .decisionTree,
        .randomForest,
        .gradientBoosting,
        .logisticRegression,
        .naiveBayes,
        .linearRegression,
        .kernelRidge,
    ]

    static let augmentations: [Augmentation] = [
        .shift,
        .rotate,
        .scale,
        .flip,
        .crop,
        .colour,
        .pixelNoise,
        .cutout,
    ]

    private static let lists: [CatalogueList: [Entry]] = [
        .layer: layers.map { $0.entry.withLayerKnobs() },
        .activation: activations.map(\.entry),
        .loss: losses.map(\.entry),
        .optimizer: optimizers.map(\.entry),
        .initializer: initializers.map(\.entry),
        .schedule: schedules.map(\.entry),
        .procedure: procedures.map { $0.entry },
        .augmentation: augmentations.map(\.entry),
        .corruption: corruptions.map(\.entry),
        .environment: environments.map { $0.entry.withFrames() },
        .rival: rivals.map { $0.entry.withRivalKnobs() },
    ]

    /// The entries of a list, in the order in which menus show them.
    public static func entries(_ list: CatalogueList) -> [Entry] { lists[list]! }

    public static func entry(_ list: CatalogueList, _ id: String) -> Entry? { entries(list).first { $0.id == id } }

    /// The choice where nothing is written: the first of the list.
    public static func standard(_ list: CatalogueList) -> Choice { Choice(entries(list)[0].id) }

    /// Whether an activation gives back the value that it gets.
    public static func isIdentity(activation id: String) -> Bool {
        activations.contains { $0.entry.id == id && $0.isIdentity }
    }

    /// Whether an activation is a hard step, which has no derivative that anything could be learned by.
    public static func isStep(activation id: String) -> Bool {
        activations.contains { $0.entry.id == id && $0.isStep }
    }

    /// The derivative of a loss at an answer as it is written, with these names or numbers for the answer and its target.
    public static func slope(ofLoss id: String, answer: String, target: String) -> String {
        losses.first { $0.entry.id == id }?.slope(answer, target) ?? ""
    }

    /// The values at which an activation is flat; nil: there are none.
    public static func flatness(activation id: String) -> Flatness? {
        activations.first { $0.entry.id == id }?.flatness
    }

    /// Passes gradients on unchanged where it is on: for deep stacks.
    public static let againstVanishing = Activation.relu.entry
    /// Carries what it keeps over many steps unchanged; the knob says over how many at the start.
    public static let againstForgetting = (layer: LSTM.entry, steps: "memory")
    /// Makes steps of one length of gradients of any size: for those that come from far back.
    public static let againstSmallGradients = Optimizer.adam.entry
    /// Whether an optimizer divides by the size of a weight's gradients.
    public static func evensSteps(optimizer id: String) -> Bool {
        entry(.optimizer, id)?.knob(Optimizer.epsilon(0).name) != nil
    }
    /// Keeps a network from learning its samples by heart: half of the values are off in each step.
    public static let againstOverfitting = Choice(Dropout.entry.id)
    /// Lets a little through where a ReLU is off, so that no unit stays off.
    public static let againstDeadUnits = Activation.leakyReLU.entry

    /// The activation of an output for which neither the document nor the loss says another.
    static func activation(standardFor output: Activation.StandardOutput) -> String {
        activations.first { $0.standardOutput == output }!.entry.id
    }

    /// The activation whose value is the probability of a unit that is on or off.
    static let probabilityActivation = activations.first(where: \.isProbability)!.entry.id

    /// The loss whose value is half the squared distance.
    static let halfSquare = losses.first(where: \.isHalfSquare)!

    /// The loss of one output for two classes: with a sigmoid, which makes a probability of it, or without.
    static func loss(withSigmoid: Bool) -> Choice {
        Choice((withSigmoid ? losses.first { $0.likelihoodClasses == 2 }! : halfSquare).entry.id)
    }

    /// The activation that changes nothing.
    static var identity: Choice { Choice(activations.first(where: \.isIdentity)!.entry.id) }

    /// The loss of a document that names none: another one for more than two classes.
    public static func standardLoss(classes: Int?) -> Choice {
        (classes ?? 2) > 2 ? Choice(losses.first(where: \.isStandardForClasses)!.entry.id) : standard(.loss)
    }

    /// The loss of values that are to be given back: the cross-entropy where all lie in its range.
    /// - Parameter areWithin: whether all of them lie in a range.
    static func lossOfReconstruction(_ areWithin: (ClosedRange<Float>) -> Bool) -> Choice {
        let fitting = losses.first { $0.suitsReconstruction && $0.targetRange.map(areWithin) == true }
        return Choice((fitting ?? halfSquare).entry.id)
    }

    /// The layers that bring another one's values back to the shape of its input; empty: there are none.
    /// - Throws: a mistake in the layer's settings.
    static func decoder(of layer: Choice, from output: Shape, to input: Shape) throws(EngineError) -> [Choice] {
        guard let type = layers.first(where: { $0.entry.id == layer.id }) else { return [] }
        let decoder = try type.init(settings: Settings(layer, in: .layer, place: "layers"))
            .decoder(from: output, to: input)
        // A layer may need more units than any has.
        let isPossible = decoder.allSatisfy { (try? Settings($0, in: .layer, place: "layers")) != nil }
        return isPossible ? decoder : []
    }

    /// Whether a loss learns towards 0 and 1, so that the answers are probabilities.
    public static func givesProbabilities(loss id: String) -> Bool {
        losses.contains { $0.entry.id == id && $0.targets == .binary }
    }

    /// Whether the answers of a loss depend on each other: its activation works over all outputs together.
    public static func comparesOutputs(loss id: String) -> Bool {
        let implied = losses.first { $0.entry.id == id }?.impliedActivation
        return activations.contains { $0.entry.id == implied && $0.scope == .layer }
    }

    /// The layer that gives a network's answers.
    static func outputLayer(_ head: OutputHead) -> any Layer {
        if let shape = head.reconstructed {
            ReconstructionOutput(head, shape: shape)
        } else if let steps = head.steps {
            StepsOutput(head, steps: steps)
        } else {
            Dense(head)
        }
    }

    /// A layer of a kind with settings that fit an input of a shape.
    public static func layer(_ id: String, fitting input: Shape) -> Choice {
        layers.first { $0.entry.id == id }?.fitting(input) ?? Choice(id)
    }

    /// The layer that brings any number of values to another one without bending them.
    /// - Parameter units: nil: its default.
    public static func projection(units: Int?) -> Choice { Dense.projection(units: units) }

    /// The same for an image of the same size, by sums of the values around each place.
    static func projection(channels: Int) -> Choice { Conv2D.projection(filters: channels, kernel: 3) }

    /// The same for each step of a sequence.
    static func projection(features: Int) -> Choice { Conv1D.projection(filters: features) }

    /// The layer that hands on one state at so many steps.
    static func repetition(steps: Int) -> Choice { Repeat.choice(steps: steps) }
}

/// The lists of all that a network can be made of. A new thing is one file and one line here.
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
    ]

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
        LifeLong.self,
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

    /// The activation of an output for which neither the document nor the loss says another.
    static func activation(standardFor output: Activation.StandardOutput) -> String {
        activations.first { $0.standardOutput == output }!.entry.id
    }

    /// The loss whose value is half the squared distance.
    static let halfSquare = losses.first(where: \.isHalfSquare)!

    /// The loss of a document that names none: another one for more than two classes.
    public static func standardLoss(classes: Int?) -> Choice {
        (classes ?? 2) > 2 ? Choice(losses.first(where: \.isStandardForClasses)!.entry.id) : standard(.loss)
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
        if let steps = head.steps { StepsOutput(head, steps: steps) } else { Dense(head) }
    }

    /// The layer that brings any number of values to another one without bending them.
    /// - Parameter units: nil: its default.
    public static func projection(units: Int?) -> Choice { Dense.projection(units: units) }
}

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
}

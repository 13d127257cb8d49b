/// A layer of a network, written once for all backends: it says its shapes and parameters, and emits operations.
///
/// A new layer is a file in this folder and a line in `Catalogue.layers`.
protocol Layer: Sendable {
    static var entry: Entry { get }

    /// - Parameter settings: checked against `entry`.
    init(settings: Settings) throws(EngineError)

    /// What a list of layers shows: "dense 4".
    var title: String { get }

    /// The activation, when the layer has one.
    var activation: Settings? { get }

    /// The shape of one sample's output.
    /// - Throws: what is wrong with the input's shape: expected, found, what to do.
    func outputShape(for input: Shape) throws(EngineError) -> Shape

    /// The parameters, in the order in which they are drawn.
    func tensors(for input: Shape) -> [ParameterTensor]

    /// Emits the layer's operations, and names its results.
    func emit(into plan: inout LayerPlan)
}

/// A parameter tensor as a layer declares it.
struct ParameterTensor: Sendable {
    enum Initial: Sendable {
        case drawn(by: Initializer, settings: Settings, fan: Initializer.Fan)
        case constant(Float)
    }

    /// The name's last part: "weight", "bias", "activation.weight".
    var name: String
    /// PyTorch's layout.
    var axes: [Int]
    var initial: Initial
    /// Whether regularization draws it towards 0.
    var decays: Bool
}

/// Where a layer emits to: its surroundings, and the lists that grow.
struct LayerPlan {
    struct Parameter {
        var value: Slice
        var gradient: Slice
    }

    /// The layer's place among the hidden layers; the output layer's is their number.
    let index: Int
    let inputShape: Shape
    let outputShape: Shape
    let input: Slice
    /// Rows with the loss's derivative at the layer's output, or at its pre-activation.
    let outputGradient: Slice
    let gradientIsAtPreActivation: Bool
    /// Whether the training pass needs the layer's output (an output layer whose gradient starts at the
    /// pre-activation does not).
    let trainingNeedsOutput: Bool
    /// Where the derivative at the input is wanted; nil: nowhere.
    let inputGradient: Slice?
    /// By the names that the layer gave its tensors.
    let parameters: [String: Parameter]

    /// The layer's results; a layer without an activation has the same slice in both.
    var preActivation: Slice?
    var output: Slice?

    private(set) var trainingForward: [Operation] = []
    private(set) var evaluationForward: [Operation] = []
    private(set) var backward: [Operation] = []
    private(set) var valueRows: Int
    private(set) var trainingRows: Int

    init(
        index: Int, inputShape: Shape, outputShape: Shape, input: Slice, outputGradient: Slice,
        gradientIsAtPreActivation: Bool, trainingNeedsOutput: Bool, inputGradient: Slice?,
        parameters: [String: Parameter], valueRows: Int, trainingRows: Int
    ) {
        self.index = index
        self.inputShape = inputShape
        self.outputShape = outputShape
        self.input = input
        self.outputGradient = outputGradient
        self.gradientIsAtPreActivation = gradientIsAtPreActivation
        self.trainingNeedsOutput = trainingNeedsOutput
        self.inputGradient = inputGradient
        self.parameters = parameters
        self.valueRows = valueRows
        self.trainingRows = trainingRows
    }

    /// Rows that a forward pass fills.
    mutating func reserveValues(_ rows: Int) -> Slice {
        defer { valueRows += rows }
        return Slice(block: .values, offset: valueRows, count: rows)
    }

    /// Rows that only training needs.
    mutating func reserveTraining(_ rows: Int) -> Slice {
        defer { trainingRows += rows }
        return Slice(block: .training, offset: trainingRows, count: rows)
    }

    /// An operation of the forward pass.
    mutating func forward(_ operation: Operation, training: Bool = true, evaluation: Bool = true) {
        if training { trainingForward.append(operation) }
        if evaluation { evaluationForward.append(operation) }
    }

    /// An operation of the backward pass; a layer emits them in the order in which they run.
    mutating func back(_ operation: Operation) { backward.append(operation) }
}

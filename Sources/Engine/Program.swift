/// A network's arithmetic without memory: any backend can bind it.
struct Program: Sendable {
    /// The slices of a layer's values.
    struct LayerValues: Sendable {
        var preActivation: Slice
        var activation: Slice
    }

    /// Rows that a pass hands on to the next one: a recurrent layer's state after the last step.
    struct Carried: Sendable, Hashable {
        /// The layer's path and "h_l0", a tensor's name in checkpoints.
        var name: String
        var slice: Slice
    }

    /// The forward pass with all that is random in training, without what only a viewer needs.
    var trainingForward: [Operation] = []
    /// The forward pass outside training.
    var evaluationForward: [Operation] = []
    /// The loss's gradient and the backward pass.
    var backward: [Operation] = []
    /// Rows of the blocks `values` and `training`.
    var valueRows = 0
    var trainingRows = 0
    var input: Slice
    var target: Slice
    var layers: [LayerValues] = []
    /// Of the layers inside blocks.
    var inside: [LayerPath: LayerValues] = [:]
    /// Of the layers that are planned for each step of a sequence, those of every step.
    var bySteps: [LayerPath: [LayerValues]] = [:]
    /// The rows that go on from pass to pass, where the samples of one go on where those of the last end.
    var carried: [Carried] = []
    /// Of recurrent layers, in the order of `Outline.Layer.cells`.
    var cells: [LayerPath: [CellRows]] = [:]
    /// The rows with the weights of attention, `[steps, steps]`.
    var attention: [LayerPath: Slice] = [:]
    /// The rows that layers bring to mean 0 and deviation 1 over the batch, of those that are planned for each step one after the
    /// other.
    var normalized: [LayerPath: [Slice]] = [:]
    /// The layers of the network's stack that draw the values before them too, in their order.
    var pairs: [EnergyPair] = []
    /// The rows with the gradients at values, by the rows of these: outside training at the input's and all layers', in training
    /// at those that training asks for.
    var gradients: [Slice: Slice] = [:]

    /// A layer's values, or the input.
    subscript(path: LayerPath) -> LayerValues {
        if path.isInput { return LayerValues(preActivation: input, activation: input) }
        return path.block == nil ? layers[path.index] : inside[path]!
    }

    /// The rows of the input, and of each layer before and after its activation.
    var places: [Slice] { [input] + (layers + inside.values).flatMap { [$0.preActivation, $0.activation] } }

    /// Rows of `values` that are added to each sample's loss, outside training as in it.
    var penalties: [Slice] = []

    /// Why only the processor runs it: the first layer with an operation that has no text for devices. nil: devices do too.
    var deviceRefusal: EngineError?

    /// The answers.
    var output: Slice { layers[layers.count - 1].activation }

    /// All operations, each as often as it stands in a pass.
    var operations: [Operation] { trainingForward + evaluationForward + backward }

    /// Whether networks side by side can do all operations; else they train one after the other.
    var suitsLanes: Bool { operations.allSatisfy(\.primitive.suitsLanes) }

    /// Whether a state goes on from batch to batch.
    var carriesState: Bool { !carried.isEmpty }

    /// Whether operations go over the steps of sequences, which may be many.
    var goesOverSteps: Bool { operations.contains { $0.steps != nil } }

    /// The fewest samples of a training batch: a mean over the batch says nothing of a single one.
    var smallestBatch: Int { trainingForward.contains(where: \.primitive.isAcrossBatch) ? 2 : 1 }
}

import CKernels

/// The arithmetic of training on another device: the one interface between the engine and it. It keeps the parameters,
/// the optimizer's state and the data; steps are queued there, and what they lead to is delivered while further steps
/// go on.
protocol Backend: AnyObject {
    /// Bytes of a delivery.
    var deliverySize: Int { get }

    /// Takes over the model's memory; a delivery under way is void.
    func write(_ memory: ModelBlocks) throws(EngineError)

    /// Queues a step.
    /// - Parameter rows: the numbers of its training samples.
    func run(_ step: TrainingStep, rows: UnsafeBufferPointer<Int32>) throws(EngineError)

    /// Queues the measuring of the losses; the result comes with the next delivery.
    /// - Parameter entry: its place among what was queued since the last dispatch.
    /// - Returns: false where that takes a wait (`evaluate`).
    func measure(entry: Int) throws(EngineError) -> Bool

    /// Whether a delivery must be asked for before more can be measured.
    var isFull: Bool { get }

    /// Lets the device begin what is queued.
    func launch() throws(EngineError)

    /// Begins to fetch what all steps so far lead to. One delivery at a time.
    /// - Parameter gradients: whether the gradients too; they matter where some wait for the next update.
    func dispatch(gradients: Bool) throws(EngineError)

    /// Whether what was dispatched is here.
    func hasArrived() throws(EngineError) -> Bool

    /// Waits for what was dispatched, and hands it over: all of it, or nothing where it throws.
    func collect(_ memory: ModelBlocks) throws(EngineError) -> Delivery

    /// Waits for all steps, and measures one set's loss and answers.
    /// - Returns: nil where the processor does that as well, with what was collected.
    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result?
}

enum SampleSet { case train, test }

/// The model's memory, as a backend reads and fills it.
struct ModelBlocks {
    let parameters: Block
    let gradients: Block
    let slots: [Block]
}

/// One pass over a batch, and the update that follows it.
struct TrainingStep {
    /// Samples of the batch.
    var count: Int
    /// Adds the gradients to those that are there.
    var adds: Bool
    /// The key and the position of the noise streams.
    var seed: UInt64
    var counter: UInt64
    /// nil: the gradients wait for the next step.
    var update: UpdateStep?
    /// Its place among what was queued since the last dispatch.
    var entry: Int
    /// The place before it.
    var place: TrainingPlace
}

/// A place in the course of training.
struct TrainingPlace: Equatable {
    var step: Int
    var epoch: Int
    /// Samples of the present epoch already used.
    var position: Int
    var carriedCount: Int
    /// Training passes, and updates of this optimizer.
    var passes: UInt64
    var updates: Int
}

/// The arguments of an update beside the gradients, which are summed over some samples.
struct UpdateStep {
    /// The optimizer with its knobs, the learning rate, the count of its steps, and 1 / samples.
    var call: lc_update
    var samples: Double
    var l1: Double
    var l2: Double
    var clipNorm: Double?
}

/// The results of steps, beside the parameters.
struct Delivery {
    /// The entry, a step or a measurement, in which numbers stopped being finite; what came after it changed nothing.
    var end: Int?
    /// The losses that were measured, in order; none after the end.
    var measurements: [Measured] = []
}

/// Losses and answers as a device measures them in passing.
struct Measured {
    var train: Evaluator.Result
    /// nil without a test set.
    var test: Evaluator.Result?
    /// Σ|w| and Σw² over the decaying weights.
    var sums: (absolute: Double, squares: Double)
}

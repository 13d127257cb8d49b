import CKernels

/// Where a learner's arithmetic is done when it is not done by the processor's own kernels: the one door between the
/// engine and another device. It keeps the parameters, the optimizer's state and the data; steps are queued there, and
/// what is asked for comes back.
protocol Backend: AnyObject {
    /// Takes over what the learner holds.
    func write(_ memory: LearnerBlocks) throws(EngineError)

    /// Queues a step.
    /// - Parameter rows: the numbers of its training samples.
    func run(_ step: TrainingStep, rows: UnsafeBufferPointer<Int32>) throws(EngineError)

    /// Waits for all steps, and hands over what they led to.
    /// - Parameter gradients: whether the gradients too; they matter where some wait for the next update.
    /// - Returns: the first step after which a parameter was not finite; later ones changed nothing.
    func read(_ memory: LearnerBlocks, gradients: Bool) throws(EngineError) -> Int?

    /// The loss and the answers at the present parameters, over all samples of a set.
    /// - Returns: nil where the processor does that as well, with what `read` hands over.
    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result?
}

enum SampleSet { case train, test }

/// The learner's own memory, as a backend reads and fills it.
struct LearnerBlocks {
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
    /// The key and the position of the random masks.
    var seed: UInt64
    var counter: UInt64
    /// nil: the gradients wait for the next step.
    var update: UpdateStep?
    /// Steps done before.
    var number: Int
}

/// What an update needs beside the gradients, which are summed over some samples.
struct UpdateStep {
    /// The optimizer with its knobs, the learning rate, the count of its steps, and 1 / samples.
    var call: lc_update
    var samples: Int
    var l1: Double
    var l2: Double
    var clipNorm: Double?
}

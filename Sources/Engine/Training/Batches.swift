/// The division of an epoch's samples into batches.
struct Batches: Hashable, Sendable {
    /// Samples of an epoch; of streams, whole batches of them.
    let samples: Int
    /// Samples of a batch, at most `samples`.
    let size: Int
    let last: LastBatch
    /// Batches of fewer samples are left out: a mean over the batch says nothing of a single sample.
    let smallest: Int

    /// - Parameter inStreams: whether a state is carried from batch to batch (`Streams`): all batches are alike then.
    /// - Throws: that the batches are too small for the network.
    init(
        samples: Int, learning: LearningDescription, smallest: Int, inStreams: Bool = false
    ) throws(EngineError) {
        size = min(learning.batchSize, samples)
        self.samples = inStreams ? samples / size * size : samples
        last = learning.lastBatch
        self.smallest = smallest
        guard size >= smallest else {
            throw EngineError(
                place: learning.batchSize > samples ? "data" : "training.batchSize",
                message: "batch normalization compares the samples of a batch: expected at least \(smallest), found "
                    + "\(size); "
                    + (learning.batchSize > samples ? "take more training samples" : "raise the batch size"))
        }
    }

    /// Steps in one epoch: ⌈n/b⌉ with `short` (⌊n/b⌋ where the last batch is too small), ⌊n/b⌋ else.
    var perEpoch: Int { samples / size + (last == .short && samples % size >= smallest ? 1 : 0) }

    /// Samples of the batch that begins at a position. A size that grew in mid-epoch leaves a smaller last batch, for
    /// every value of `last`.
    func count(from position: Int) -> Int { min(size, samples - position) }

    /// Whether the epoch is over, after a step that ended at a position.
    func isOver(at position: Int) -> Bool {
        let rest = samples - position
        return rest < smallest || (rest < size && last != .short)
    }

    /// Samples at the end of an epoch whose gradients wait for the next update.
    func carried(from position: Int) -> Int {
        let rest = samples - position
        return last == .carry && rest >= smallest ? rest : 0
    }

    /// Samples at the end of an epoch that are too few for the network, though `last` would train on them.
    var tooFew: Int {
        let rest = samples % size
        return last != .drop && rest < smallest ? rest : 0
    }
}

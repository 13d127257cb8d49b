/// Hands out a store's samples in batches, epoch after epoch: their order, the place in it, and the samples whose gradients
/// wait for the next update (`carry`).
final class BatchFeed {
    let samples: ResidentSamples
    @exclusivity(unchecked) private(set) var batches: Batches
    /// Samples of the present epoch already used.
    @exclusivity(unchecked) var position = 0
    /// Epochs completed.
    @exclusivity(unchecked) var epoch = 0
    /// `carry`: samples whose gradients wait in the gradient block for the next update.
    @exclusivity(unchecked) var carriedCount = 0 {
        didSet {
            carriedWeight = carriedCount == 0 ? 0 : weight(from: epochSamples - carriedCount, count: carriedCount)
        }
    }
    /// How much those count together.
    @exclusivity(unchecked) private(set) var carriedWeight = 0.0
    /// Whether a state is carried from batch to batch: the samples stay in order, side by side in streams.
    let isInStreams: Bool

    @exclusivity(unchecked) private var shuffles: Bool
    /// Changes training images at random; nil: they are taken as they are.
    @exclusivity(unchecked) private var augmenter: Augmenter?
    /// Corrupts training inputs at random; nil: they are taken as they are.
    @exclusivity(unchecked) private var corrupter: Corrupter?
    /// Whether training inputs are changed at random.
    @exclusivity(unchecked) private(set) var changesInputs = false
    /// The targets are the inputs before they are corrupted.
    let reconstructs: Bool
    /// The rows that the epochs take, in the store's order; nil: all.
    private(set) var chosen: [Int32]?
    private let rows: RowOrder
    /// Whether `rows` differs from the store's own order.
    @exclusivity(unchecked) private var isShuffled = false
    private var shuffler: Random

    /// - Parameters:
    ///   - network: its inputs' shape and its task.
    ///   - smallest: the samples that a batch of the network needs.
    ///   - inStreams: whether the network carries a state from batch to batch.
    /// - Throws: that the batches are too small, or a mistake in the changes of images.
    init(
        _ samples: ResidentSamples, network: NetworkDescription, learning: LearningDescription, smallest: Int,
        inStreams: Bool = false, seed: UInt64
    ) throws(EngineError) {
        self.samples = samples
        isInStreams = inStreams
        reconstructs = network.task == .reconstruction
        batches = try Batches(samples: samples.count, learning: learning, smallest: smallest, inStreams: inStreams)
        shuffles = learning.shuffle
        augmenter = try Augmenter(learning.augment, shape: network.input)
        corrupter = try Corrupter(learning.corruption, shape: network.input, samples: samples)
        changesInputs = augmenter != nil || corrupter != nil
        rows = RowOrder(count: samples.count)
        shuffler = Self.shuffler(seed: seed)
    }

    /// The generator of the orders: a stream of its own, so that the network's draws do not move the order of the rows.
    static func shuffler(seed: UInt64) -> Random { Random(seed: seed ^ 0x7368_7566_666C_6500) }

    // MARK: - Batches

    /// Copies inputs into a pass, changed at random, and the targets.
    /// - Parameters:
    ///   - order: the rows' order; nil: the store's own.
    ///   - seed, counter: the key and the position of the noise streams.
    func gatherChanged(into pass: CPUPass, order: RowOrder?, first: Int, count: Int, seed: UInt64, counter: UInt64) {
        if let augmenter {
            augmenter.gather(
                pass.rows(pass.program.input), stride: pass.stride, from: samples.inputs, order: order, first: first,
                count: count, seed: seed, counter: counter)
        } else {
            pass.gather(pass.program.input, from: samples.inputs, order: order, first: first, count: count)
        }
        if reconstructs {
            pass.copyInputToTargets()
        } else {
            pass.gather(pass.program.target, from: samples.targets, order: order, first: first, count: count)
        }
        corrupter?.corrupt(
            pass.rows(pass.program.input), stride: pass.stride, order: order, first: first, count: count, seed: seed,
            counter: counter)
    }

    /// The order of the rows; nil: the store's own.
    var order: RowOrder? { isShuffled ? rows : nil }

    /// The numbers of the next samples in the store.
    func numbers(count: Int) -> UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(start: rows.base + position, count: count)
    }

    /// Samples of an epoch, before it is divided into batches.
    var epochSamples: Int { chosen?.count ?? samples.count }

    /// Takes other rows from now on: between epochs, or before a state is restored.
    /// - Parameter rows: in the store's order, each once.
    func choose(_ rows: [Int32], batches: Batches) {
        precondition(zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 }, "rows in another order")
        (chosen, self.batches) = (rows, batches)
    }

    /// Begins a batch; at an epoch's beginning the rows get their order.
    /// - Returns: its samples.
    func begin() -> Int {
        if position == 0 { arrange() }
        return batches.count(from: position)
    }

    /// How much the next samples count together in means.
    func weight(from first: Int, count: Int) -> Double {
        samples.weights == nil ? Double(count) : samples.weight(order: rows.base, first: first, count: count)
    }

    private func arrange() {
        if isInStreams {
            rows.write(Streams.equal(samples: samples.count, streams: batches.size))
            isShuffled = true
        } else if let chosen {
            // The others wait behind them.
            var (taken, others) = (0, chosen.count)
            for row in 0..<Int32(samples.count) {
                if taken < chosen.count, chosen[taken] == row {
                    rows.base[taken] = row
                    taken += 1
                } else {
                    rows.base[others] = row
                    others += 1
                }
            }
            if shuffles { rows.shuffle(&shuffler, first: chosen.count) }
            isShuffled = true
        } else if shuffles {
            rows.shuffle(&shuffler)
            isShuffled = true
        } else if isShuffled {
            rows.restore()
            isShuffled = false
        }
    }

    /// Whether the epoch is over after the batch at `position`; the samples that then wait for the next update are
    /// `batches.carried(from: position)`.
    var isEpochOver: Bool { batches.isOver(at: position) }

    /// Takes other settings; the place in the epoch stays, but where batches of another size make other streams.
    func apply(
        _ learning: LearningDescription, batches: Batches, augmenter: Augmenter?, corrupter: Corrupter?
    ) {
        if isInStreams, batches.size != self.batches.size { position = 0 }
        self.batches = batches
        (self.augmenter, self.corrupter) = (augmenter, corrupter)
        changesInputs = augmenter != nil || corrupter != nil
        shuffles = learning.shuffle
        if learning.lastBatch != .carry { carriedCount = 0 }
    }

    func reset(seed: UInt64) {
        shuffler = Self.shuffler(seed: seed)
        rows.restore()
        isShuffled = false
        (position, epoch, carriedCount) = (0, 0, 0)
    }

    // MARK: - State

    /// Writes the place, the order and the generator into a state.
    func save(to state: inout TrainingState) {
        state.epoch = epoch
        state.position = position
        state.carriedCount = carriedCount
        state.order = isShuffled ? rows.array : []
        state.generators[TrainingState.Generator.order.name] = shuffler.state
    }

    /// Takes the place, the order and the generator from a state that `check` has passed.
    func restore(_ state: TrainingState) {
        epoch = state.epoch
        position = state.position
        isShuffled = !state.order.isEmpty
        if isShuffled { rows.write(state.order) } else { rows.restore() }
        carriedCount = state.carriedCount
        if let words = state.generators[TrainingState.Generator.order.name] { shuffler = Random(state: words) }
    }

    /// Whether a state's place lies in the streams of these samples and batches: else the epoch begins again.
    func hasStreams(of state: TrainingState) -> Bool {
        state.position % batches.size == 0 && state.position < batches.samples
            && state.order == Streams.equal(samples: samples.count, streams: batches.size)
    }

    /// - Throws: the part of the state that does not fit these samples.
    func check(_ state: TrainingState) throws(EngineError) {
        guard (0..<epochSamples).contains(state.position) else {
            throw EngineError(
                place: "position",
                message: "expected a place within \(plural(epochSamples, "training sample")), found \(state.position)")
        }
        guard (0...epochSamples).contains(state.carriedCount) else {
            throw EngineError(
                place: "carried",
                message: "expected at most \(plural(epochSamples, "sample")), found \(state.carriedCount)")
        }
        if !state.order.isEmpty, state.order.sorted() != (0..<Int32(samples.count)).map({ $0 }) {
            throw EngineError(
                place: "order",
                message: "expected each of \(plural(samples.count, "training sample")) once; the data is another")
        }
    }
}

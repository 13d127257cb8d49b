import CKernels
import Synchronization

/// Contrastive divergence of one pair of layers: the chains, the momentum, and the parameters' update.
final class EnergyLearner: SharedTask {
    /// The settings of an update.
    struct Update: Hashable {
        var momentum: Double
        var rate: Double
        /// The decay of weights, by which the cost's gradient grows: cost · w.
        var weightCost: Double
    }

    let pair: EnergyPair
    let chain: EnergyProgram.Chain
    let labels: EnergyLabels?
    private let pass: CPUPass
    private let model: Model
    private let kernels: UnsafePointer<lc_kernels>
    /// The moving sum of the gradients, laid out as the parameters.
    let velocity: Block
    /// Whether the chains have begun.
    private var goesOn = false

    /// The spans of parameters to update, of whole vectors, and whether they decay.
    private let parts: [(span: Range<Int>, decays: Bool)]
    private let team: ThreadTeam?
    private var update = Update(momentum: 0, rate: 0, weightCost: 0)
    private var scale: Float = 1
    private let diverged = Atomic(false)

    /// Parameters of one span at most: more spans than threads even out what delays one thread.
    private static let spanCount = 1 << 15

    init(
        _ model: Model, _ pair: EnergyPair, _ chain: EnergyProgram.Chain, labels: EnergyLabels?, batchSize: Int
    ) throws(EngineError) {
        (self.model, self.pair, self.chain, self.labels) = (model, pair, chain, labels)
        kernels = try Processor.kernels()
        var program = EnergyProgram(model.plan, pair, labels: labels)
        program.learn(chain)
        pass = try CPUPass(
            program.program, part: .training, capacity: batchSize, parameters: model.parameterBlock,
            gradients: model.gradientBlock, team: model.team)
        velocity = try Block(count: model.outline.flatCount)
        let slices = [pair.weight, pair.bias, pair.valueBias] + (labels.map { [$0.weight, $0.bias] } ?? [])
        let weights = [pair.weight, labels?.weight]
        parts = slices.flatMap { slice in
            let count = (slice.count + Plan.alignment - 1) / Plan.alignment * Plan.alignment
            return stride(from: 0, to: count, by: Self.spanCount).map { first in
                (
                    slice.offset + first..<slice.offset + min(count, first + Self.spanCount), weights.contains(slice)
                )
            }
        }
        team = parts.count > 1 ? model.team : nil
    }

    var batchSize: Int { pass.capacity }

    /// One update by the next samples of a feed.
    /// - Parameter counter: the number of the pass, for the draws.
    /// - Returns: whether a weight is no longer finite.
    func step(_ feed: BatchFeed, count: Int, seed: UInt64, counter: UInt64, _ update: Update) -> Bool {
        pass.gather(
            pass.program.input, from: feed.samples.inputs, order: feed.order, first: feed.position, count: count)
        if labels != nil {
            pass.gather(
                pass.program.target, from: feed.samples.targets, order: feed.order, first: feed.position, count: count)
        }
        pass.run(count: count, seed: seed, counter: counter, continues: goesOn)
        goesOn = true
        (self.update, scale) = (update, 1 / Float(count))
        guard let team else {
            var diverged = false
            for part in parts.indices where apply(part) { diverged = true }
            return diverged
        }
        diverged.store(false, ordering: .relaxed)
        team.run(self, parts: parts.count)
        return diverged.load(ordering: .relaxed)
    }

    override func work(_ part: Int, thread: Int) {
        if apply(part) { diverged.store(true, ordering: .relaxed) }
    }

    private func apply(_ part: Int) -> Bool {
        let (span, decays) = parts[part]
        let start = span.lowerBound
        return kernels.pointee.descendWithCost(
            model.parameterBlock.base + start, velocity.base + start, model.gradientBlock.base + start,
            Int64(span.count), Float(update.momentum), Float(update.rate), scale,
            decays ? Float(update.weightCost) : 0)
    }

    // MARK: - State

    /// The states of the persistent chains, `[units, chains]`; empty where they begin at the data, or have not begun.
    var chains: [Float] {
        guard goesOn, let rows = pass.program.carried.first else { return [] }
        return pass.carriedValues(count: batchSize).first.map { $0.count == rows.slice.count * batchSize ? $0 : [] }
            ?? []
    }

    /// Goes on with chains; those of other batches or units begin again.
    func restore(chains: [Float], velocity: [Float]) {
        if velocity.count == self.velocity.count { self.velocity.write(velocity) } else { self.velocity.fill(0) }
        goesOn = !chains.isEmpty && chains.count == (pass.program.carried.first?.slice.count ?? 0) * batchSize
        if goesOn { pass.write(carried: [chains], count: batchSize) }
    }
}

import CKernels
import Synchronization

/// A network that is trained: its plan, its parameters and their gradients, its training pass and its updater. Not
/// Sendable: lives in one thread.
///
/// The flat parameters are `[outline.flatCount]`, laid out as `outline.tensors` says; gradients and the optimizer's slots
/// have the same layout.
public final class Model {
    /// Set with `replan`, and `plan` with it.
    public private(set) var network: NetworkDescription
    public var outline: Outline { plan.outline }
    private(set) var plan: Plan
    let parameterBlock: Block
    let gradientBlock: Block
    let updater: Updater
    let team: ThreadTeam?
    /// Copies of the model that share its batches; nil: it is the only one.
    let copies: (any ModelCopies)?
    @exclusivity(unchecked) private(set) var pass: CPUPass
    /// Changes with every change of the parameters in the processor's memory. Models count in ranges of their own.
    @exclusivity(unchecked) public private(set) var parameterVersion: Int

    private static let versions = Atomic(0)

    /// The first version of a range of 2⁴⁰ updates; ranges repeat after 2²⁴ of them.
    public static func newParameterVersion() -> Int {
        versions.wrappingAdd(1, ordering: .relaxed).newValue << 40
    }

    /// Reserves the memory; all parameters are 0 until `draw`.
    /// - Parameters:
    ///   - batchSize: the samples of the largest pass.
    ///   - threads: those that may share a step; a small one is faster on one.
    ///   - copies: of the model, that share its batches; nil: it is the only one.
    init(
        _ network: NetworkDescription, plan: Plan, optimizer: Choice, batchSize: Int, threads: Int,
        copies: (any ModelCopies)? = nil
    ) throws(EngineError) {
        self.network = network
        self.plan = plan
        self.copies = copies
        parameterBlock = try Block(count: plan.outline.flatCount)
        gradientBlock = try Block(count: plan.outline.flatCount)
        team = threads > 1 ? ThreadTeam(threads: threads) : nil
        updater = try Updater(
            optimizer, parameters: parameterBlock, gradients: gradientBlock, spans: plan.outline.trainedSpans,
            decayingCount: plan.decayingCount, team: team)
        pass = try CPUPass(
            plan.program, part: .training, capacity: copies?.largestShare(of: batchSize) ?? batchSize,
            parameters: parameterBlock, gradients: gradientBlock, team: team, copies: copies)
        parameterVersion = Self.newParameterVersion()
    }

    /// The memory that a backend reads and fills.
    var blocks: ModelBlocks {
        ModelBlocks(parameters: parameterBlock, gradients: gradientBlock, slots: updater.slots)
    }

    /// Whether a plan of the present network, or batches of another size, need another training pass, here and on a device.
    func needsPass(for plan: Plan, batchSize: Int) -> Bool {
        trainsOthers(plan) || (copies?.largestShare(of: batchSize) ?? batchSize) != pass.capacity
    }

    /// Whether other layers are frozen than in the present plan.
    private func trainsOthers(_ plan: Plan) -> Bool { plan.outline.tensors != outline.tensors }

    /// Makes the training pass anew, for batches of another size or with other frozen layers; the parameters and the
    /// optimizer's state stay.
    /// - Parameter plan: of the present network, whose layers have other names or are frozen or not.
    func replan(_ network: NetworkDescription, plan: Plan, batchSize: Int) throws(EngineError) {
        precondition(plan.outline.flatCount == outline.flatCount, "a network of another shape")
        let trainsOthers = trainsOthers(plan)
        if needsPass(for: plan, batchSize: batchSize) {
            let own = copies?.largestShare(of: batchSize) ?? batchSize
            let (old, capacity) = (pass, min(own, pass.capacity))
            pass = try CPUPass(
                plan.program, part: .training, capacity: own, parameters: parameterBlock, gradients: gradientBlock,
                team: team, copies: copies)
            pass.write(carried: old.carriedValues(count: capacity), count: capacity)
        }
        (self.network, self.plan) = (network, plan)
        if trainsOthers {
            updater.train(plan.outline.trainedSpans)
            clearFrozenGradients()
        }
    }

    /// Makes the gradients of frozen parameters 0: those that wait for the next update must not meet a layer that is frozen no
    /// more.
    func clearFrozenGradients() {
        for tensor in outline.tensors where tensor.isFrozen {
            gradientBlock.values[tensor.offset..<(tensor.offset + tensor.count)].update(repeating: 0)
        }
    }

    // MARK: - Steps

    /// Forward and backward over samples: leaves the sums of the parameters' gradients.
    /// - Parameters:
    ///   - order: the rows' order; nil: as they are.
    ///   - skipped: samples of the batch before the first, which others do.
    ///   - seed, counter: the key and the position of the noise streams.
    ///   - adding: adds the gradients to those that are there.
    ///   - continues: whether each sample goes on where that of the last pass ended.
    func runPass(
        over feed: BatchFeed, order: RowOrder?, first: Int, count: Int, skipped: Int = 0, seed: UInt64,
        counter: UInt64, adding: Bool, continues: Bool = false
    ) {
        // Without counting the reference, which nothing replaces meanwhile: that takes a sixteenth of the smallest step.
        Unmanaged.passUnretained(pass)._withUnsafeGuaranteedRef { pass in
            if count == 0 {
                // Nothing is taken; others wait for this copy.
            } else if feed.changesInputs {
                feed.gatherChanged(into: pass, order: order, first: first, count: count, seed: seed, counter: counter)
            } else {
                pass.gather(feed.samples, order: order, first: first, count: count)
            }
            pass.run(
                count: count, first: skipped, seed: seed, counter: counter, accumulate: adding, continues: continues)
        }
    }

    /// Says that the parameters in the processor's memory have changed.
    func parametersChanged() { parameterVersion &+= 1 }

    // MARK: - Parameters

    /// Draws the initial parameters; the gradients become 0 and the optimizer forgets its state.
    func draw(seed: UInt64) {
        var random = Random(seed: seed)
        parameterBlock.write(plan.initialParameters(&random))
        gradientBlock.fill(0)
        updater.reset()
        parametersChanged()
    }

    func write(parameters: [Float]) {
        precondition(
            parameters.count == outline.flatCount,
            "expected \(plural(outline.flatCount, "parameter")), found \(parameters.count)")
        parameterBlock.write(parameters)
        parametersChanged()
    }

    /// Σ over the trained weights that decay of l1·|w| + ½·l2·w².
    func regularization(_ learning: LearningDescription) -> Double {
        guard learning.l1 != 0 || learning.l2 != 0 else { return 0 }
        var sum = 0.0
        for span in plan.outline.trainedSpans {
            for weight in parameterBlock.values[span.clamped(to: 0..<plan.decayingCount)] {
                let w = Double(weight)
                sum += learning.l1 * abs(w) + 0.5 * learning.l2 * w * w
            }
        }
        return sum
    }

    /// The layer in which numbers stopped being finite: the first whose parameters are not, or with a pass the first whose
    /// values are not.
    /// - Parameter count: samples of the last pass; nil: its values are another device's.
    func nonFiniteLayer(count: Int?) -> Outline.Layer {
        var place = outline.layers.first { layer in layer.tensors.contains { hasNonFinite(outline.tensors[$0]) } }
        if let count {
            for (values, layer) in zip(plan.program.layers, outline.layers)
            where pass.hasNonFinite(values.preActivation, count: count) {
                place = layer
                break
            }
        }
        return place ?? outline.layers[outline.layers.count - 1]
    }

    private func hasNonFinite(_ tensor: Outline.Tensor) -> Bool {
        parameterBlock.values[tensor.offset..<(tensor.offset + tensor.count)].contains { !$0.isFinite }
    }

    /// Copies every weight that a changed network can keep: tensors of layers matched by `paths` (of a layer in `outline` →
    /// of the old one that it continues), and of each tensor the part that both shapes have.
    func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        precondition(parameters.count == old.flatCount, "the parameters are not the old network's")
        let known = Dictionary(uniqueKeysWithValues: old.tensors.map { ($0.name, $0) })
        for layer in outline.layers.flatMap(\.leaves) {
            guard let previous = paths[layer.path] else { continue }
            for index in layer.tensors {
                let tensor = outline.tensors[index]
                let name = previous + tensor.name.dropFirst(layer.path.count)
                guard let source = known[name], tensor.axes.count == source.axes.count else { continue }
                copyOverlap(of: source, in: parameters, to: tensor)
            }
        }
        parametersChanged()
    }

    /// Copies the elements whose indices exist in both tensors.
    private func copyOverlap(of source: Outline.Tensor, in parameters: [Float], to tensor: Outline.Tensor) {
        for element in 0..<tensor.count {
            var (rest, stride, place, isShared) = (element, 1, 0, true)
            for axis in tensor.axes.indices.reversed() {
                let index = rest % tensor.axes[axis]
                rest /= tensor.axes[axis]
                isShared = isShared && index < source.axes[axis]
                place += index * stride
                stride *= source.axes[axis]
            }
            if isShared { parameterBlock[tensor.offset + element] = parameters[source.offset + place] }
        }
    }
}

/// A discriminator in training: its own model, which takes as many real samples as generated ones in one pass. Not Sendable:
/// lives in one thread.
///
/// Lanes 0 ..< n of a pass are real samples, n ..< 2n generated ones.
final class Discriminator {
    let model: Model
    let places: DiscriminatorPlaces
    private(set) var rate: LearningRate
    /// Operations of the way forward in the training pass; the one behind them is the loss's gradient.
    private var forward: Int
    private var penalty: GradientPenalty?

    /// - Parameters:
    ///   - whole: the network with the generator.
    ///   - optimizer: the discriminator's own.
    ///   - samples: the most real ones in a pass.
    init(
        _ whole: NetworkDescription, outline: Outline, learning: LearningDescription, optimizer: Choice, samples: Int
    ) throws(EngineError) {
        let (network, end) = try whole.discriminator()
        let plan = try Plan(network)
        model = try Model(network, plan: plan, optimizer: optimizer, batchSize: 2 * samples, threads: 1)
        places = DiscriminatorPlaces(whole: outline, own: plan.outline, end: end)
        rate = try LearningRate(learning.schedule, base: model.updater.learningRate)
        forward = plan.program.trainingForward.count
    }

    /// Takes other settings, which keep the optimizer's state.
    func apply(
        _ whole: NetworkDescription, learning: LearningDescription, optimizer: Choice, samples: Int
    ) throws(EngineError) {
        let (network, _) = try whole.discriminator()
        let plan = try Plan(network)
        try Updater.check(optimizer)
        try model.replan(network, plan: plan, batchSize: 2 * samples)
        try model.updater.apply(optimizer)
        rate = try LearningRate(learning.schedule, base: model.updater.learningRate)
        forward = plan.program.trainingForward.count
        penalty = nil
    }

    /// The rows in which a pass takes its samples.
    var inputs: UnsafeMutablePointer<Float> { model.pass.rows(model.pass.program.input) }

    /// Forward and back over real and generated samples, which lie in the pass: leaves the sums of the gradients.
    /// - Parameters:
    ///   - count: samples of each kind.
    ///   - weight: of a real sample's loss.
    ///   - smoothing: the part by which a real sample's target is less than 1.
    func descend(
        _ loss: AdversarialLoss, count: Int, weight: Float, smoothing: Float, seed: UInt64, counter: UInt64
    ) {
        let pass = model.pass
        pass.run(0..<forward, count: 2 * count, seed: seed, counter: counter)
        let targets = pass.rows(pass.program.target)
        for lane in 0..<count { targets[lane] = loss.real.target - smoothing }
        for lane in count..<2 * count { targets[lane] = loss.generated.target }
        pass.run(forward..<forward + 1, count: 2 * count, seed: seed, counter: counter)
        let gradient = pass.rows(pass.program.backward[0]["gradient"])
        loss.real.weigh(gradient, 0..<count, by: weight)
        loss.generated.weigh(gradient, count..<2 * count, by: 1)
        pass.run(
            forward + 1..<forward + pass.program.backward.count, count: 2 * count, seed: seed, counter: counter)
    }

    /// Adds the gradients of λ (‖∇D(x̂)‖ − 1)² at points between real and generated samples, which lie in the pass.
    /// - Parameter share: of the real sample in the next point.
    func penalize(_ factor: Float, count: Int, share: () -> Float) throws(EngineError) {
        if penalty == nil { penalty = try GradientPenalty(model) }
        penalty!.accumulate(factor, model.pass, forward: forward, count: count, share: share)
    }

    /// - Returns: whether a parameter is no longer finite.
    func update(count: Int, step: Int, learning: LearningDescription, clip: Float?) -> Bool {
        let diverged = model.updater.update(
            count: Double(count), rate: rate.rate(step: step), l1: learning.l1, l2: learning.l2,
            clipNorm: learning.clipNorm)
        if let clip {
            for span in model.outline.trainedSpans {
                for place in span {
                    model.parameterBlock.base[place] = min(max(model.parameterBlock.base[place], -clip), clip)
                }
            }
        }
        model.parametersChanged()
        return diverged
    }
}

/// Its part of a checkpoint, beside its parameters, which are among the network's.
extension Discriminator {
    /// The names of its parts of a state.
    private enum Part {
        static let (updates, slot) = ("discriminator", "discriminator.")
    }

    func write(into state: inout TrainingState) {
        let updater = model.updater
        state.generators[Part.updates] = [UInt64(updater.steps)]
        for (name, block) in zip(updater.optimizer.slots, updater.slots) { state.parts[Part.slot + name] = block.array }
    }

    /// - Throws: the part of the state that does not fit.
    func check(_ state: TrainingState) throws(EngineError) {
        let updater = model.updater
        let updates = state.generators[Part.updates]
        if let updates, updates.count != 1 || updates[0] > UInt64(TrainingState.counts.upperBound) {
            throw EngineError(
                place: "generators.\(Part.updates)", message: "expected a count of updates, found another")
        }
        let count = model.outline.flatCount
        for (name, values) in state.parts where name.hasPrefix(Part.slot) {
            guard updater.optimizer.slots.contains(String(name.dropFirst(Part.slot.count))) else {
                throw EngineError(
                    place: name,
                    message: "the discriminator's optimizer \(updater.optimizer.entry.id) keeps another "
                        + "state; choose the optimizer that this state was saved with")
            }
            guard values.count == count, values.allSatisfy(\.isFinite) else {
                throw EngineError(
                    place: name, message: "expected \(plural(count, "finite value")), found \(values.count)")
            }
        }
    }

    /// Takes a state that has been checked.
    func restore(_ state: TrainingState) {
        let updater = model.updater
        updater.reset()
        for (name, block) in zip(updater.optimizer.slots, updater.slots) {
            if let values = state.parts[Part.slot + name] { block.write(values) }
        }
        updater.steps = state.generators[Part.updates].map { Int($0[0]) } ?? 0
    }
}

extension AdversarialLoss.Line {
    /// The output at which the line is 0: the kernel of the loss computes y − target.
    var target: Float { slope == 0 ? 0 : -offset / slope }

    /// Makes of y − target the line's values, times a factor.
    func weigh(_ gradient: UnsafeMutablePointer<Float>, _ lanes: Range<Int>, by factor: Float) {
        if slope == 0 {
            for lane in lanes { gradient[lane] = factor * offset }
        } else if factor * slope != 1 {
            for lane in lanes { gradient[lane] *= factor * slope }
        }
    }
}

extension CPUPass {
    /// Makes the lanes behind the samples 0 in one row, up to the end of the last vector.
    func clearLanes(_ slice: Slice, from count: Int) {
        let row = rows(slice)
        for lane in count..<stride { row[lane] = 0 }
    }
}

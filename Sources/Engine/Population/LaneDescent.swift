import CKernels

/// Up to sixteen networks of the same shape that train side by side, one to a lane of the vectors: what `GradientDescent` does
/// for one. No lane touches another, and each network comes out as it would alone: to the bit where
/// alone its products are the kernels' own, which at the lowest level only very small ones are.
final class LaneDescent {
    private let members: [PopulationMember]
    private let plan: Plan
    private let layout: LaneLayout
    private let parameters: Block
    private let gradients: Block
    private let updater: LaneUpdater
    private let pass: LanePass
    private let data: LaneSamples
    private let evaluator: LaneEvaluator
    private let batches: Batches
    private let seeds: [UInt64]

    private(set) var step = 0
    private(set) var epoch = 0
    private(set) var divergences: [Divergence?]
    /// Networks that have not diverged.
    private(set) var aliveCount: Int
    private var position = 0
    private var carriedCount = 0
    /// How much each network's carried samples count, where that is not alike.
    private var carriedWeights: [Double]?
    private var passes: UInt64 = 0

    /// - Parameter members: of one shape, 1 to 16; the lanes without one repeat the first.
    init(_ members: [PopulationMember], plans: [Plan]) throws(EngineError) {
        let lanes = LanePass.lanes
        precondition((1...lanes).contains(members.count) && members.count == plans.count, "1 to \(lanes) members")
        self.members = members
        let all = members + Array(repeating: members[0], count: lanes - members.count)
        let allPlans = plans + Array(repeating: plans[0], count: lanes - members.count)
        plan = plans[0]
        layout = LaneLayout(plan.outline)
        parameters = try Block(count: layout.count * lanes)
        gradients = try Block(count: layout.count * lanes)
        batches = try Batches(
            samples: all[0].train.count, learning: all[0].learning, smallest: plan.program.smallestBatch,
            inStreams: plan.program.carriesState)
        seeds = all.map { GradientDescent.noiseKey(seed: $0.seed) }
        aliveCount = members.count
        divergences = Array(repeating: nil, count: members.count)
        updater = try LaneUpdater(all.map(\.learning), layout: layout, parameters: parameters, gradients: gradients)
        pass = try LanePass(
            allPlans.map(\.program), part: .training, capacity: batches.size, layout: layout, parameters: parameters,
            gradients: gradients)
        data = try LaneSamples(
            all, head: plan.head, streams: plan.program.carriesState ? batches.size : nil)
        evaluator = try LaneEvaluator(plan, layout: layout, parameters: parameters, data: data)
        for (lane, member) in all.enumerated() {
            layout.write(member.initialParameters(allPlans[lane]), to: parameters, lane: lane)
        }
    }

    var outline: Outline { plan.outline }

    /// One update of each network, as `GradientDescent.advance`; nothing once all have diverged.
    func advance() {
        if aliveCount == 0 { return }
        if position == 0 { data.shuffle() }
        let count = batches.count(from: position)
        accumulate(count: count, adding: carriedCount > 0)
        let diverged = updater.update(
            count: Double(count + carriedCount), counts: counts(count: count), step: step)
        (carriedCount, carriedWeights) = (0, nil)
        step += 1
        position += count
        if diverged != 0 { stop(diverged) }
        guard batches.isOver(at: position) else { return }
        let rest = batches.carried(from: position)
        if rest > 0 {
            accumulate(count: rest, adding: false)
            (carriedCount, carriedWeights) = (rest, data.weights(first: position, count: rest))
        }
        position = 0
        epoch += 1
    }

    /// How much each network's next samples and the carried ones count, where that is not alike.
    private func counts(count: Int) -> [Double]? {
        guard let own = data.weights(first: position, count: count) else { return nil }
        return carriedWeights.map { zip(own, $0).map { $0 + $1 } } ?? own
    }

    /// Forward and backward over the next `count` samples: leaves the sums of their gradients.
    private func accumulate(count: Int, adding: Bool) {
        data.train.gather(into: pass, orders: data.orders, first: position, count: count, shown: false)
        pass.run(count: count, seeds: seeds, counter: passes, accumulate: adding, continues: position > 0)
        passes += 1
    }

    /// Stops the networks whose bits are set.
    private func stop(_ diverged: UInt32) {
        for lane in members.indices where diverged >> UInt32(lane) & 1 != 0 && divergences[lane] == nil {
            diverge(lane)
        }
    }

    private func diverge(_ lane: Int) {
        let count = batches.size
        let flat = layout.read(parameters, lane: lane)
        let outline = plan.outline
        let values = zip(plan.program.layers, outline.layers).first {
            pass.hasNonFinite($0.0.preActivation, lane: lane, count: count)
        }
        let weights = outline.layers.first { layer in
            layer.tensors.contains { index in
                let tensor = outline.tensors[index]
                return flat[tensor.offset..<(tensor.offset + tensor.count)].contains { !$0.isFinite }
            }
        }
        divergences[lane] = Divergence(
            step: step, layer: (values?.1 ?? weights ?? outline.layers[outline.layers.count - 1]).place,
            advice: members[lane].learning.adviceAfterDivergence(rate: updater.learningRate(lane: lane)))
        aliveCount -= 1
        updater.stop(lane: lane)
    }

    /// Each network's losses; infinite or not a number, and a divergence, where its numbers were not finite.
    func evaluate() -> [Evaluation] {
        var losses = evaluator.evaluate()
        for lane in members.indices {
            if divergences[lane] == nil, !losses[lane].isFinite {
                diverge(lane)
            } else if divergences[lane] != nil {
                losses[lane] = Evaluation(trainLoss: .nan, testLoss: data.test.count > 0 ? .nan : nil)
            }
        }
        return Array(losses[..<members.count])
    }

    /// A network's flat parameters, as in `outline.tensors`; zeros after a divergence.
    func parameters(lane: Int) -> [Float] { layout.read(parameters, lane: lane) }
}

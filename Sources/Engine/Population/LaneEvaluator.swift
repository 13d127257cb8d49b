/// Computes the losses of networks side by side in chunks: what `Evaluator` does for one.
final class LaneEvaluator {
    /// Samples in one pass: with sixteen networks each, small enough for the nearest cache.
    static let chunk = 16

    private let pass: LanePass
    private let loss: CPULoss
    /// The steps that have a target each; nil: each sample has one.
    private let steps: Int?
    private let lossValues: Slice
    private let data: LaneSamples
    /// Whether a state is carried from batch to batch.
    private let isInStreams: Bool
    private let noSeeds = [UInt64](repeating: 0, count: LanePass.lanes)

    init(_ plan: Plan, layout: LaneLayout, parameters: Block, data: LaneSamples) throws(EngineError) {
        self.data = data
        isInStreams = plan.program.carriesState
        pass = try LanePass(
            Array(repeating: plan.program, count: LanePass.lanes), part: .evaluation,
            capacity: max(1, min(Self.chunk, max(data.train.count, data.test.count))), layout: layout,
            parameters: parameters)
        loss = CPULoss(plan.head)
        steps = plan.head.steps
        let last = plan.program.layers[plan.program.layers.count - 1]
        lossValues = plan.head.lossStage == .activation ? last.activation : last.preActivation
    }

    /// The mean losses of each lane.
    func evaluate() -> [Evaluation] {
        let train = means(data.train)
        let test = means(data.test)
        return train.indices.map { Evaluation(trainLoss: train[$0], testLoss: data.test.count > 0 ? test[$0] : nil) }
    }

    private func means(_ part: LaneSamples.Part) -> [Double] {
        var sums = [Double](repeating: 0, count: LanePass.lanes)
        var (first, batch) = (0, 0)
        let streams = isInStreams ? Streams.evaluated(samples: part.count) : nil
        let order = streams.map { streams in
            let order = RowOrder(count: part.count)
            order.write(streams.order)
            return order
        }
        let orders = order.map { order in
            LaneAddresses((0..<LanePass.lanes).map { _ in UnsafePointer(order.base) })
        }
        while first < part.count {
            let count = streams?.counts[batch] ?? min(pass.capacity, part.count - first)
            part.gather(into: pass, orders: orders, first: first, count: count, shown: true)
            pass.run(count: count, seeds: noSeeds, counter: 0, continues: batch > 0)
            batch += 1
            pass.add(loss, at: lossValues, steps: steps, count: count, to: &sums)
            first += count
        }
        if let weights = part.weights(orders: nil, first: 0, count: part.count) {
            return zip(sums, weights).map { $0 / $1 }
        }
        return sums.map { $0 / Double(max(1, part.count)) }
    }
}

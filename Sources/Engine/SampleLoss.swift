/// The loss of a network on samples beside those that it trains on. Not Sendable: lives in one thread.
public final class SampleLoss {
    private let outline: Outline
    private let parameters: Block
    private let samples: ResidentSamples
    private let evaluator: Evaluator

    /// - Throws: samples that do not fit the network.
    public init(_ network: NetworkDescription, samples: Samples) throws(EngineError) {
        guard samples.count >= 1 else { throw EngineError.noTrainingSamples }
        let plan = try Plan(network)
        outline = plan.outline
        parameters = try Block(count: outline.flatCount)
        self.samples = try ResidentSamples(
            samples, task: network.task, head: plan.head, inputs: network.inputWidth, place: "initial")
        evaluator = try Evaluator(plan, task: network.task, parameters: parameters, largestSet: samples.count)
    }

    /// The mean loss at flat parameters, with dropout off and without regularization.
    public func loss(_ flat: [Float]) -> Double {
        precondition(flat.count == outline.flatCount, "the parameters of another network")
        parameters.write(flat)
        return evaluator.evaluate(samples)?.loss ?? .nan
    }
}

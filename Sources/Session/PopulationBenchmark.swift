import Engine

/// 256 default networks of different seeds, side by side.
final class PopulationRun: WorkloadRun {
    private static let size = 256
    private static let steps = 1000
    private let population: Population
    let device: ComputeDevice
    var deviceFailure: EngineError? { population.deviceFailure }

    init(_ experiment: Experiment, threads: Int, device: ComputeDevice) throws(ExperimentError) {
        self.device = device
        let trainer = try Trainer(experiment)
        let members = (0..<Self.size).map { index in
            PopulationMember(
                network: trainer.network, learning: experiment.learning, train: trainer.data.train,
                test: trainer.data.test, seed: experiment.seed + UInt64(index))
        }
        do throws(PopulationError) {
            population = try Population(members, threads: threads, device: device)
        } catch { throw ExperimentError(error.reason) }
    }

    func work() -> Int {
        population.advance(steps: Self.steps)
        return Self.steps * Self.size
    }

    /// The mean over the networks.
    var loss: Double? {
        population.evaluate()
        return (0..<Self.size).reduce(0) { $0 + population.losses(of: $1).train } / Double(Self.size)
    }
}

import Engine

/// Default networks of different seeds, side by side.
final class PopulationRun: WorkloadRun {
    private static let steps = 1000
    private let size: Int
    private let population: Population
    let device: ComputeDevice
    var deviceFailure: EngineError? { population.deviceFailure }

    /// - Parameter setting: its size is the number of networks.
    init(_ experiment: Experiment, _ setting: Workload.Setting) throws(ExperimentError) {
        device = setting.device
        size = setting.size
        let trainer = try Trainer(experiment)
        let members = (0..<size).map { index in
            PopulationMember(
                network: trainer.network, learning: experiment.learning, train: trainer.data.train,
                test: trainer.data.test, seed: experiment.seed + UInt64(index))
        }
        do throws(PopulationError) {
            population = try Population(members, threads: setting.threads, device: setting.device)
        } catch { throw ExperimentError(error.reason) }
    }

    func work() -> Int {
        population.advance(steps: Self.steps)
        return Self.steps * size
    }

    /// The mean over the networks.
    var loss: Double? {
        population.evaluate()
        return (0..<size).reduce(0) { $0 + population.losses(of: $1).train } / Double(size)
    }
}

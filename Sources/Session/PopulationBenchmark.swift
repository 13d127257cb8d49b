import Engine

/// Networks of different seeds, side by side.
final class PopulationRun: WorkloadRun {
    /// Of each network at a time: a fraction of a second.
    private let steps: Int
    private let size: Int
    private let population: Population
    let device: ComputeDevice
    var deviceFailure: EngineError? { population.deviceFailure }

    /// - Parameter setting: its size is the number of networks.
    init(_ experiment: Experiment, _ setting: Workload.Setting) throws(ExperimentError) {
        device = setting.device
        size = setting.size
        steps = 1000
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

    /// - Parameter setting: its size is the number of networks.
    init(_ sequences: SequenceNetwork, _ setting: Workload.Setting) throws(ExperimentError) {
        device = setting.device
        size = setting.size
        steps = 50
        // Of more samples one network alone fills its vectors too.
        let samples = sequences.samples(batch: 1)
        let members = (0..<size).map { index in
            PopulationMember(
                network: sequences.network, learning: sequences.learning(batch: 1), train: samples,
                test: Samples(count: 0, inputs: [], labels: []), seed: UInt64(index + 1))
        }
        do throws(PopulationError) {
            population = try Population(members, threads: setting.threads, device: setting.device)
        } catch { throw ExperimentError(error.reason) }
    }

    func work() -> Int {
        population.advance(steps: steps)
        return steps * size
    }

    /// The mean over the networks.
    var loss: Double? {
        population.evaluate()
        return (0..<size).reduce(0) { $0 + population.evaluation(of: $1).trainLoss } / Double(size)
    }
}

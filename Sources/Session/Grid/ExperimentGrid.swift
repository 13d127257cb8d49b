import Datasets
import Engine

/// Experiments that train at once, of the same or of different shapes. Between two calls of `advance` each one's
/// losses and weights can be read, and with a `Network` of its description its decision boundary. Not Sendable.
public final class ExperimentGrid {
    public let experiments: [Experiment]
    private let data: [PreparedData]
    private let networks: [NetworkDescription]
    private let population: Population

    /// The most memory that networks on the screen may take together, with their pictures.
    public static let mostBytes = 256 << 20

    /// The memory for showing the networks: for each kind one that makes pictures, for each its curve and copies of its
    /// parameters.
    private static func shownBytes(_ networks: [NetworkDescription]) -> Int {
        var known: [NetworkDescription: Outline] = [:]
        var bytes = 0
        for network in networks {
            if known[network] == nil, let outline = try? network.outline() {
                known[network] = outline
                bytes += outline.bytesPerSample * GridMember.pictureSamples + 2 * 4 * outline.flatCount
            }
            bytes += 3 * 4 * (known[network]?.flatCount ?? 0) + 64 << 10
        }
        return bytes
    }

    /// Prepares the data, shared where descriptions are equal, and draws the initial weights. The losses are not measured yet:
    /// `evaluate` measures all, `evaluation(of:)` one and those that learn with it.
    /// - Parameters:
    ///   - directory: what relative data files are relative to.
    ///   - device: where to train; what does not fit it trains on the processor.
    ///   - loading: cancels the preparation, which then throws; nil: nobody does.
    /// - Throws: the first experiment that cannot be trained, and why.
    public init(
        _ experiments: [Experiment], directory: String? = nil, threads: Int = 1, device: ComputeDevice = .processor,
        loading: Loading? = nil
    ) throws(ExperimentError) {
        var preparation = MemberPreparation(directory: directory, loading: loading)
        var members: [PopulationMember] = []
        var data: [PreparedData] = []
        func check() throws(ExperimentError) {
            if loading?.isCancelled == true {
                throw ExperimentError(.missing, place: "grid", message: "the making was cancelled")
            }
        }
        for experiment in experiments {
            try check()
            try experiment.validate()
            data.append(try preparation.data(for: experiment))
            members.append(try preparation.member(experiment))
        }
        self.experiments = experiments
        self.data = data
        networks = members.map(\.network)
        try check()
        do throws(PopulationError) {
            population = try Population(
                members, threads: threads, device: device, besides: Self.shownBytes(networks),
                mostBytes: Self.mostBytes, isInterrupted: { loading?.isCancelled == true })
        } catch {
            throw ExperimentError(error.reason)
        }
    }

    /// Why the experiments do not fit the memory together, or nil; nothing is reserved.
    /// - Parameter data: the present experiment's, for what only the data can tell.
    public static func sizeProblem(_ experiments: [Experiment], like data: PreparedData) -> String? {
        let members = experiments.map { experiment in
            let network = experiment.network(for: data)
            let (train, test) = experiment.sampleCounts ?? (data.train.count, data.test.count)
            return PopulationMember(
                network: network, learning: experiment.learning, train: Samples(count: train, inputs: [], labels: []),
                test: Samples(count: test, inputs: [], labels: []), seed: experiment.seed,
                environment: data.schema.environment)
        }
        do throws(EngineError) {
            try MemoryRoom.check(members, besides: shownBytes(members.map(\.network)), mostBytes: mostBytes)
        } catch { return error.message }
        return nil
    }

    /// Asked between the steps that the processor does again after a device has failed.
    public func setInterruption(_ isInterrupted: @escaping @Sendable () -> Bool) {
        population.setInterruption(isInterrupted)
    }

    /// Trains every experiment that has not diverged until it has completed so many epochs in all.
    /// - Parameter isInterrupted: asked before every step, on any of the threads; the next call goes on where this one
    ///   ended.
    public func advance(toEpoch epoch: Int, isInterrupted: @Sendable () -> Bool = { false }) {
        population.advance(toEpoch: epoch, isInterrupted: isInterrupted)
    }

    /// Why networks left the device, or never came to it, and train on the processor.
    public var deviceFailure: EngineError? { population.deviceFailure }

    /// Measures the losses of all, on all threads.
    public func evaluate() { population.evaluate() }

    /// The losses at the present weights; not finite after a divergence.
    public func evaluation(of index: Int) -> Evaluation { population.evaluation(of: index) }

    /// The flat parameters, as in `outline(of:).tensors`; zeros after a divergence.
    public func parameters(of index: Int) -> [Float] { population.parameters(of: index) }

    public func divergence(of index: Int) -> Divergence? { population.divergence(of: index) }
    public func outline(of index: Int) -> Outline { population.outline(of: index) }
    public func network(of index: Int) -> NetworkDescription { networks[index] }
    public func data(of index: Int) -> PreparedData { data[index] }
    public func epoch(of index: Int) -> Int { population.epoch(of: index) }
    public func step(of index: Int) -> Int { population.step(of: index) }
}

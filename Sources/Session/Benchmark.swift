import Datasets
import Engine

/// One of the tasks whose speed `layercake bench` tells. It runs what the playground and `train` run.
public struct Workload: Sendable {
    public let name: String
    /// What is counted: "steps/s", "grids/s".
    public let unit: String
    public let summary: String
    let make: @Sendable (_ threads: Int, _ device: ComputeDevice) throws(ExperimentError) -> any WorkloadRun

    public static let all: [Workload] = [
        Workload(
            name: "playground-default", unit: "steps/s",
            summary: "x1, x2 → 4 tanh → 2 tanh → 1 tanh, squared error, SGD 0.03, batch 10, circle",
            make: { threads, device throws(ExperimentError) in
                try TrainingRun(.playgroundDefault, threads: threads, device: device)
            }),
        Workload(
            name: "playground-deep", unit: "steps/s",
            summary: "7 features → 6 × 8 ReLU → 1 tanh, squared error, SGD 0.03, batch 30, circle",
            make: { threads, device throws(ExperimentError) in
                try TrainingRun(.playgroundDeep, threads: threads, device: device)
            }),
        Workload(
            name: "mlp", unit: "steps/s",
            summary: "784 → 512 → 512 → 10 ReLU, softmax cross-entropy, Adam, batch 128, synthetic classes",
            make: { threads, device throws(ExperimentError) in
                try TrainingRun(mlpWithThreads: threads, device: device)
            }),
        Workload(
            name: "population", unit: "network-steps/s",
            summary: "256 networks as the first one with different seeds, 1,000 steps each at a time",
            make: { threads, device throws(ExperimentError) in
                try PopulationRun(.playgroundDefault, threads: threads, device: device)
            }),
        Workload(
            name: "boundary-default", unit: "grids/s", summary: "the first network's answers on a grid of 100×100",
            make: { threads, _ throws(ExperimentError) in try GridRun(.playgroundDefault, threads: threads) }),
        Workload(
            name: "boundary-deep", unit: "grids/s", summary: "the second network's answers on a grid of 100×100",
            make: { threads, _ throws(ExperimentError) in try GridRun(.playgroundDeep, threads: threads) }),
    ]

    /// What a measurement gave, in `unit`.
    public struct Figures: Sendable {
        /// What did the work.
        public var device: ComputeDevice
        public var median: Double
        public var min: Double
        public var max: Double
        /// The training loss before and after; nil where nothing is trained.
        public var losses: (start: Double, end: Double)?
    }

    /// Runs for `seconds` after a warm-up, in repetitions of equal length.
    /// - Throws: what a device refused, too: a measurement of the processor in its place would mislead.
    public func measure(
        seconds: Double, threads: Int, device: ComputeDevice = .processor
    ) throws(ExperimentError) -> Figures {
        let run = try make(threads, device)
        let start = run.loss
        repeatWork(run, for: min(0.5, seconds / 4))
        let repetitions = 7
        let rates = (0..<repetitions).map { _ in repeatWork(run, for: seconds / Double(repetitions)) }.sorted()
        if let failure = run.deviceFailure { throw ExperimentError(failure) }
        return Figures(
            device: run.device, median: rates[repetitions / 2], min: rates[0], max: rates[repetitions - 1],
            losses: start.flatMap { start in run.loss.map { (start, $0) } })
    }

    /// - Returns: the units done in a second.
    @discardableResult
    private func repeatWork(_ run: any WorkloadRun, for seconds: Double) -> Double {
        let start = monotonicSeconds()
        var (done, now) = (0, start)
        repeat {
            done += run.work()
            now = monotonicSeconds()
        } while now - start < seconds
        return Double(done) / (now - start)
    }
}

/// A workload with its memory.
protocol WorkloadRun {
    /// Does a fraction of a second of work.
    /// - Returns: how many units it did.
    func work() -> Int
    /// The training loss now; nil where nothing is trained.
    var loss: Double? { get }
    var device: ComputeDevice { get }
    var deviceFailure: EngineError? { get }
}

extension WorkloadRun {
    var device: ComputeDevice { .processor }
    var deviceFailure: EngineError? { nil }
}

/// Training without evaluation.
private final class TrainingRun: WorkloadRun {
    private let learner: Learner
    private let steps: Int

    init(_ experiment: Experiment, threads: Int, device: ComputeDevice) throws(ExperimentError) {
        learner = try Trainer(experiment, threads: threads, device: device).learner
        steps = 2000
    }

    /// Ten clusters in the unit cube of 784 dimensions, one a class, with noise.
    init(mlpWithThreads threads: Int, device: ComputeDevice) throws(ExperimentError) {
        var random = Random(seed: 1)
        let (count, width, classes) = (2048, 784, 10)
        let centers = (0..<classes * width).map { _ in Float(random.uniform()) }
        var samples = Samples(count: count, inputs: [], labels: [])
        for row in 0..<count {
            let label = row % classes
            samples.labels.append(Float(label))
            for column in 0..<width {
                samples.inputs.append(centers[label * width + column] + Float(random.uniform() - 0.5))
            }
        }
        let layer = Choice(
            "dense",
            [
                "units": .integer(512), "activation": .choice(Choice("relu")),
                "initializer": .choice(Choice("heUniform")),
            ])
        let network = NetworkDescription(
            input: Shape(width), task: .classification(classes: classes), layers: [layer, layer],
            outputInitializer: Choice("xavierUniform"), loss: Choice("softmaxCrossEntropy"))
        do throws(EngineError) {
            learner = try Learner(
                network: network, learning: LearningDescription(optimizer: Choice("adam"), batchSize: 128),
                train: samples, test: Samples(count: 0, inputs: [], labels: []), seed: 1, threads: threads,
                device: device)
        } catch { throw ExperimentError(error) }
        steps = 4
    }

    func work() -> Int {
        for _ in 0..<steps { _ = learner.advance() }
        return steps
    }

    var loss: Double? { learner.evaluate().trainLoss }
    var device: ComputeDevice { learner.device }
    var deviceFailure: EngineError? { learner.deviceFailure }
}

/// A network's answers on a grid, as the decision boundary needs them.
private final class GridRun: WorkloadRun {
    private let network: Network
    private let grid: FixedInputs
    private let wanted: [Network.Wanted]

    init(_ experiment: Experiment, threads: Int) throws(ExperimentError) {
        let trainer = try Trainer(experiment, threads: threads)
        let size = ViewRequest.Size(columns: 100, rows: 100)
        let rows = ForwardPass.gridRows(trainer.data, columns: [0, 1], size: size, vertices: false)
        grid = FixedInputs(
            trainer.data.featureValues(of: rows, count: size.count), width: trainer.data.features.count)
        do throws(EngineError) {
            network = try Network(trainer.network, capacity: 512, threads: threads)
        } catch { throw ExperimentError(error) }
        network.load(parameters: trainer.learner.parameters)
        wanted = [
            Network.Wanted(layer: network.outline.layers.count - 1, stage: .activation, unit: 0)
        ]
    }

    func work() -> Int {
        _ = network.values(of: wanted, at: grid)
        return 1
    }

    var loss: Double? { nil }
}

extension Experiment {
    fileprivate static var playgroundDefault: Experiment {
        get throws(ExperimentError) { try .standard.setting("seed", to: .number(1)) }
    }

    fileprivate static var playgroundDeep: Experiment {
        get throws(ExperimentError) {
            let layer = #"{"dense": {"units": 8, "activation": "relu"}}"#
            return try Experiment.standard.setting(assignments: [
                #"features=["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]"#,
                "layers=[\(Array(repeating: layer, count: 6).joined(separator: ", "))]", "training.batchSize=30",
                "seed=1",
            ])
        }
    }
}

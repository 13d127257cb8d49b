import Datasets
import Engine

/// One of the tasks whose speed `layercake bench` tells. It runs what the playground and `train` run.
public struct Workload: Sendable {
    public let name: String
    /// The counted unit: "steps/s", "grids/s".
    public let unit: String
    public let summary: String
    /// The size that an option of `bench` changes; nil: none.
    public var size: Size?
    /// The name of several that are measured together, and only where it or they are named; nil: it is measured with all.
    public var group: String?
    let make: @Sendable (Setting) throws(ExperimentError) -> any WorkloadRun

    /// A size of a workload that can be chosen.
    public struct Size: Sendable {
        /// The option's name: "batch".
        public let name: String
        public let standard: Int
        public let range: ClosedRange<Int>
    }

    /// The options of a run of a workload.
    struct Setting {
        var threads: Int
        var device: ComputeDevice
        /// In the meaning of `Workload.size`.
        var size: Int
    }

    public static let all: [Workload] =
        [
            Workload(
                name: "playground-default", unit: "steps/s",
                summary: "x1, x2 → 4 tanh → 2 tanh → 1 tanh, squared error, SGD 0.03, batch 10, circle",
                make: { setting throws(ExperimentError) in try TrainingRun(.playgroundDefault, setting) }),
            Workload(
                name: "playground-deep", unit: "steps/s",
                summary: "7 features → 6 × 8 ReLU → 1 tanh, squared error, SGD 0.03, batch 30, circle",
                make: { setting throws(ExperimentError) in try TrainingRun(.playgroundDeep, setting) }),
            Workload(
                name: "mlp", unit: "steps/s",
                summary: "784 → 512 → 512 → 10 ReLU, softmax cross-entropy, Adam, --batch, synthetic classes",
                size: Size(name: "batch", standard: 128, range: 1...16384),
                make: { setting throws(ExperimentError) in try TrainingRun(mlp: setting) }),
            Workload(
                name: "lenet", unit: "steps/s",
                summary: "28×28 → 6@5×5, pool, 16@5×5, pool, 120, 84, 10 ReLU, momentum, --batch, synthetic images",
                size: Size(name: "batch", standard: 64, range: 1...16384),
                make: { setting throws(ExperimentError) in try TrainingRun(.lenet, setting) }),
            Workload(
                name: "digits-cnn", unit: "steps/s",
                summary: "8×8 → 8@3×3, pool, 16@3×3, 10 ReLU, momentum, --batch, synthetic images",
                size: Size(name: "batch", standard: 32, range: 1...16384),
                make: { setting throws(ExperimentError) in try TrainingRun(.digits, setting) }),
            Workload(
                name: "resnet-small", unit: "steps/s",
                summary: "3×32×32 → residual blocks of 16, 32 and 64 filters with batchNorm, momentum, --batch",
                size: Size(name: "batch", standard: 64, range: 2...4096),
                make: { setting throws(ExperimentError) in try TrainingRun(.resNet, setting) }),
            Workload(
                name: "lstm", unit: "steps/s",
                summary: "28 steps of 28 values → LSTM 128 → 10 classes, Adam, --batch, synthetic classes",
                size: Size(name: "batch", standard: SequenceNetwork.lstm.batch, range: 1...4096),
                make: { setting throws(ExperimentError) in try TrainingRun(.lstm, setting) }),
            Workload(
                name: "recurrent-small", unit: "steps/s",
                summary: "20 steps of 2 values → RNN 8 → 2 classes, Adam, --batch, synthetic classes",
                size: Size(name: "batch", standard: SequenceNetwork.small.batch, range: 1...4096),
                make: { setting throws(ExperimentError) in try TrainingRun(.small, setting) }),
            Workload(
                name: "tale", unit: "steps/s",
                summary: "32 of 60 symbols → embedding 16 → LSTM 64 → the next symbol at every step, Adam, --batch",
                size: Size(name: "batch", standard: SequenceNetwork.tale.batch, range: 1...4096),
                make: { setting throws(ExperimentError) in try TrainingRun(.tale, setting) }),
            Workload(
                name: "autoencoder", unit: "steps/s",
                summary:
                    "64 → 32 tanh → 2 → 32 tanh → 64, squared error of the input, Adam, --batch, synthetic surface",
                size: Size(name: "batch", standard: 32, range: 1...16384),
                make: { setting throws(ExperimentError) in try TrainingRun(autoencoder: setting) }),
            Workload(
                name: "rbm", unit: "steps/s",
                summary: "784 values, RBM 500, contrastive divergence with one step, momentum, --batch, synthetic bits",
                size: Size(name: "batch", standard: 100, range: 1...16384),
                make: { setting throws(ExperimentError) in try TrainingRun(machine: setting) }),
            Workload(
                name: "population", unit: "network-steps/s",
                summary: "--networks as the first one with different seeds, 1,000 steps each at a time",
                size: Size(name: "networks", standard: 256, range: 1...65536),
                make: { setting throws(ExperimentError) in try PopulationRun(.playgroundDefault, setting) }),
            Workload(
                name: "rnn-lanes", unit: "network-steps/s",
                summary: "--networks as recurrent-small with different seeds, batch 1, 50 steps each at a time",
                size: Size(name: "networks", standard: 64, range: 1...65536),
                make: { setting throws(ExperimentError) in try PopulationRun(.small, setting) }),
            Workload(
                name: "cart-pole", unit: "steps/s",
                summary:
                    "steps of cart-pole with an update each: 4 → 64 → 64 → 2 ReLU, double Q-learning, Adam, --batch",
                size: Size(name: "batch", standard: 64, range: 1...1000),
                make: { setting throws(ExperimentError) in try GameRun(.cartPole, setting) }),
            Workload(
                name: "gan", unit: "rounds/s",
                summary: "rounds of a generator 2-8-8-2 and a discriminator 2-8-8-1: two updates and one, SGD, --batch",
                size: Size(name: "batch", standard: 150, range: 1...12_000),
                make: { setting throws(ExperimentError) in try AdversarialRun(.adversarial, setting) }),
            // Pictures are the viewer's, and the viewer's networks live on the processor, wherever training runs.
            Workload(
                name: "boundary-default", unit: "grids/s",
                summary: "the first network's answers on a grid of 100×100, always on the processor",
                make: { setting throws(ExperimentError) in try GridRun(.playgroundDefault, threads: setting.threads) }),
            Workload(
                name: "boundary-deep", unit: "grids/s",
                summary: "the second network's answers on such a grid, always on the processor",
                make: { setting throws(ExperimentError) in try GridRun(.playgroundDeep, threads: setting.threads) }),
        ] + rivals

    /// Those that are measured where none is named.
    public static let standard = all.filter { $0.group == nil }
    /// The names that can be asked for.
    public static let names = standard.map(\.name) + groups + all.filter { $0.group != nil }.map(\.name)
    public static let groups = Array(Set(all.compactMap(\.group))).sorted()

    /// The workloads of a name, or of a group; empty: there is none.
    public static func named(_ name: String) -> [Workload] { all.filter { $0.name == name || $0.group == name } }

    /// The result of a measurement, in `unit`.
    public struct Figures: Sendable {
        /// The device that did the work.
        public var device: ComputeDevice
        public var median: Double
        public var min: Double
        public var max: Double
        /// The training loss before and after; nil where nothing is trained.
        public var losses: (start: Double, end: Double)?
        /// Multiplications and additions of matrix products at the median rate, in 10⁹ a second; nil where they are not
        /// what a workload is about.
        public var gigaflops: Double?
    }

    /// Runs for `seconds` after a warm-up, in repetitions of equal length.
    /// - Parameter size: in the meaning of `self.size` and in its range; nil: its standard.
    /// - Throws: what a device refused, too: a measurement of the processor in its place would mislead.
    public func measure(
        seconds: Double, threads: Int, device: ComputeDevice = .processor, size: Int? = nil
    ) throws(ExperimentError) -> Figures {
        let run = try make(Setting(threads: threads, device: device, size: size ?? self.size?.standard ?? 1))
        let start = run.loss
        repeatWork(run, for: min(0.5, seconds / 4))
        let repetitions = 7
        let rates = (0..<repetitions).map { _ in repeatWork(run, for: seconds / Double(repetitions)) }.sorted()
        if let failure = run.deviceFailure { throw ExperimentError(failure) }
        return Figures(
            device: run.device, median: rates[repetitions / 2], min: rates[0], max: rates[repetitions - 1],
            losses: start.flatMap { start in run.loss.map { (start, $0) } },
            gigaflops: run.operationsPerStep.map { $0 * rates[repetitions / 2] / 1e9 })
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
    /// Multiplications and additions of a step's matrix products; nil where they are not counted.
    var operationsPerStep: Double? { get }
}

extension WorkloadRun {
    var device: ComputeDevice { .processor }
    var deviceFailure: EngineError? { nil }
    var operationsPerStep: Double? { nil }
}

extension Experiment {
    fileprivate static var playgroundDefault: Experiment {
        get throws(ExperimentError) { try .standard.setting("seed", to: .number(1)) }
    }

    fileprivate static var cartPole: Experiment {
        get throws(ExperimentError) {
            let layer = #"{"dense": {"units": 64, "activation": "relu", "initializer": "heUniform"}}"#
            return try Experiment.standard.setting("data.dataset", to: .string("cartPole")).setting(assignments: [
                "layers=[\(layer), \(layer)]", "training.optimizer=adam", "output.loss=huber", "seed=1",
            ])
        }
    }

    fileprivate static var adversarial: Experiment {
        get throws(ExperimentError) {
            let layer = #"{"dense": {"units": 8, "activation": "relu", "initializer": "lecunNormal"}}"#
            let last = #"{"dense": {"units": 2, "activation": "tanh", "initializer": "lecunNormal"}}"#
            return try Experiment.standard.setting("data.dataset", to: .string("density")).setting(assignments: [
                "data.samples=12000", "data.trainFraction=1", "training.procedure=adversarial", "features=[]",
                #"layers=[\#(layer), \#(layer), \#(last), "generated", \#(layer), \#(layer)]"#,
                #"output.initializer="lecunNormal""#, #"training.optimizer={"sgd": {"learningRate": 0.1}}"#, "seed=1",
            ])
        }
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

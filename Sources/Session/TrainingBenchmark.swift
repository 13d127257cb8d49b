import Engine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Training without evaluation.
final class TrainingRun: WorkloadRun {
    private let procedure: any Procedure
    private let steps: Int
    let operationsPerStep: Double?
    /// The quantity that tells whether it learns.
    private var lossID = "trainLoss"

    init(_ experiment: Experiment, _ setting: Workload.Setting) throws(ExperimentError) {
        procedure = try Trainer(experiment, threads: setting.threads, device: setting.device).procedure
        steps = 2000
        operationsPerStep = nil
    }

    /// Layers of 512, 512 and 10 units on ten noisy clusters in 784 dimensions, trained with Adam.
    /// - Parameter setting: its size is the batch's.
    init(mlp setting: Workload.Setting) throws(ExperimentError) {
        let (width, classes) = (784, 10)
        let samples = Self.clusters(
            count: Self.rows(batch: setting.size), width: width, classes: classes)
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
            procedure = try TrainingSetup(
                network: network,
                learning: LearningDescription(optimizer: Choice("adam"), batchSize: setting.size), train: samples,
                test: Samples(count: 0, inputs: [], labels: []), seed: 1, threads: setting.threads,
                device: setting.device
            ).procedure()
        } catch { throw ExperimentError(error) }
        steps = 4
        operationsPerStep = Self.operations(batch: setting.size, sizes: [width, 512, 512, classes])
    }

    /// An autoencoder of 64, 32, 2, 32 and 64 values on points of a bent surface, trained with Adam.
    /// - Parameter setting: its size is the batch's.
    init(autoencoder setting: Workload.Setting) throws(ExperimentError) {
        let sizes = [64, 32, 2, 32, 64]
        func layer(_ units: Int, _ activation: String) -> Choice {
            Choice(
                "dense",
                [
                    "units": .integer(units), "activation": .choice(Choice(activation)),
                    "initializer": .choice(Choice("xavierUniform")),
                ])
        }
        let network = NetworkDescription(
            input: Shape(sizes[0]), task: .reconstruction,
            layers: [
                layer(sizes[1], "tanh"), layer(sizes[2], "linear"), layer(sizes[3], "tanh"), layer(sizes[4], "linear"),
            ])
        do throws(EngineError) {
            procedure = try TrainingSetup(
                network: network,
                learning: LearningDescription(
                    procedure: Choice("reconstruction"), optimizer: Choice("adam"), batchSize: setting.size),
                train: Self.surface(count: Self.rows(batch: setting.size), width: sizes[0]),
                test: Samples(count: 0, inputs: [], labels: []), seed: 1, threads: setting.threads,
                device: setting.device
            ).procedure()
        } catch { throw ExperimentError(error) }
        steps = 500
        operationsPerStep = Self.operations(batch: setting.size, sizes: sizes)
    }

    /// Points that two numbers fix: ½ sin of sums of them with weights of N(0, 1).
    private static func surface(count: Int, width: Int) -> Samples {
        var random = Random(seed: 1)
        let weights = (0..<2 * width).map { _ in random.normal() }
        var inputs: [Float] = []
        for _ in 0..<count {
            let (u, v) = (random.uniform(-1, 1), random.uniform(-1, 1))
            for value in 0..<width {
                inputs.append(Float(0.5 * sin(u * weights[2 * value] + v * weights[2 * value + 1])))
            }
        }
        return Samples(count: count, inputs: inputs, labels: [Float](repeating: 0, count: count))
    }

    /// A machine of 784 values and 500 units on ten noisy patterns of bits, trained by contrastive divergence with one step.
    /// - Parameter setting: its size is the batch's.
    init(machine setting: Workload.Setting) throws(ExperimentError) {
        let (values, units) = (784, 500)
        let network = NetworkDescription(
            input: Shape(values), task: .classification(classes: 2),
            layers: [Choice("rbm", ["units": .integer(units)])])
        do throws(EngineError) {
            procedure = try TrainingSetup(
                network: network,
                learning: LearningDescription(
                    procedure: Choice("contrastiveDivergence"),
                    optimizer: Choice("sgd", ["learningRate": .real(0.1)]), batchSize: setting.size),
                train: Self.patterns(count: Self.rows(batch: setting.size), width: values),
                test: Samples(count: 0, inputs: [], labels: []), seed: 1, threads: setting.threads,
                device: setting.device
            ).procedure()
        } catch { throw ExperimentError(error) }
        steps = 20
        // Three products with the weights, and the correlations of the data and of the reconstructions.
        operationsPerStep = 2 * 5 * Double(setting.size * values * units)
        lossID = "reconstructionError"
    }

    /// Ten patterns of bits, each bit of which changes with probability 0.02.
    private static func patterns(count: Int, width: Int) -> Samples {
        var random = Random(seed: 1)
        let patterns = (0..<10 * width).map { _ in random.uniform() < 0.5 }
        var inputs: [Float] = []
        inputs.reserveCapacity(count * width)
        for row in 0..<count {
            for value in 0..<width {
                inputs.append(patterns[row % 10 * width + value] != (random.uniform() < 0.02) ? 1 : 0)
            }
        }
        return Samples(count: count, inputs: inputs, labels: [Float](repeating: 0, count: count))
    }

    /// A network over images of ten noisy clusters, trained with momentum.
    /// - Parameter setting: its size is the batch's.
    init(_ images: ImageNetwork, _ setting: Workload.Setting) throws(ExperimentError) {
        let classes = 10
        let samples = Self.clusters(
            count: Self.rows(batch: setting.size), width: images.input.count, classes: classes)
        let network = NetworkDescription(
            input: images.input, task: .classification(classes: classes), layers: images.layers,
            outputInitializer: Choice("xavierUniform"), loss: Choice("softmaxCrossEntropy"))
        do throws(EngineError) {
            procedure = try TrainingSetup(
                network: network,
                learning: LearningDescription(
                    optimizer: Choice("momentum", ["learningRate": .real(images.rate)]), batchSize: setting.size),
                train: samples, test: Samples(count: 0, inputs: [], labels: []), seed: 1, threads: setting.threads,
                device: setting.device
            ).procedure()
        } catch { throw ExperimentError(error) }
        steps = images.steps
        operationsPerStep = nil
    }

    /// A recurrent network over sequences, trained with Adam.
    /// - Parameter setting: its size is the batch's.
    init(_ sequences: SequenceNetwork, _ setting: Workload.Setting) throws(ExperimentError) {
        do throws(EngineError) {
            procedure = try TrainingSetup(
                network: sequences.network, learning: sequences.learning(batch: setting.size),
                train: sequences.samples(batch: setting.size), test: Samples(count: 0, inputs: [], labels: []), seed: 1,
                threads: setting.threads, device: setting.device
            ).procedure()
        } catch { throw ExperimentError(error) }
        steps = sequences.steps
        operationsPerStep = nil
    }

    /// The operations of a step of dense layers, counted as is usual: those of the matrix products, each multiplication
    /// and each addition as one. Of batch `b` and sizes n₀ … n_k, a product of `b` × n_(i-1) × n_i multiply-adds is needed
    /// for layer i's outputs and one for its weights' gradients, and, but for the first layer, one for its inputs'
    /// gradients:
    ///
    ///     2 b (2 Σ n_(i-1) n_i, i = 1 … k  +  Σ n_(i-1) n_i, i = 2 … k)
    ///
    /// Biases, activations, the loss and the optimizer are left out.
    static func operations(batch: Int, sizes: [Int]) -> Double {
        let products = zip(sizes, sizes.dropFirst()).map { Double($0 * $1) }
        return 2 * Double(batch) * (2 * products.reduce(0, +) + products.dropFirst().reduce(0, +))
    }

    /// At least 2,048 rows and four batches, and whole batches alone, so that every step does the same work.
    static func rows(batch: Int) -> Int { batch * max(4, (2048 + batch - 1) / batch) }

    /// Clusters in the unit cube, one a class, with noise.
    static func clusters(count: Int, width: Int, classes: Int) -> Samples {
        var random = Random(seed: 1)
        let centers = (0..<classes * width).map { _ in Float(random.uniform()) }
        var (inputs, labels): ([Float], [Float]) = ([], [])
        inputs.reserveCapacity(count * width)
        for row in 0..<count {
            let label = row % classes
            labels.append(Float(label))
            for column in 0..<width {
                inputs.append(centers[label * width + column] + Float(random.uniform() - 0.5))
            }
        }
        return Samples(count: count, inputs: inputs, labels: labels)
    }

    func work() -> Int {
        let last = procedure.step + steps
        while procedure.step < last, procedure.divergence == nil {
            _ = procedure.advance(steps: last - procedure.step)
        }
        return steps
    }

    var loss: Double? { procedure.measure()[lossID] }
    var device: ComputeDevice { procedure.device }
    var deviceFailure: EngineError? { procedure.deviceFailure }
}

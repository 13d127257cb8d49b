import Datasets
import Engine
import Testing

@testable import Session

/// Generators and discriminators as experiments: data, checkpoints, edits, pictures.
@Suite("Adversarial experiments")
struct AdversarialTrainingTests {
    static func experiment(_ settings: [String] = []) throws -> Experiment {
        try Experiment.standard.setting("data.dataset", to: .string("density")).setting(
            assignments: [
                "features=[]", "data.samples=400", "data.trainFraction=1", "training.procedure=adversarial",
                #"layers=[{"dense": {"units": 5}}, {"dense": {"units": 2}}, "generated", {"dense": {"units": 4}}]"#,
                "training.batchSize=20", "training.optimizer=adam",
            ] + settings)
    }

    private static func snapshot(_ trainer: Trainer) -> Snapshot {
        trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
    }

    @Test("the network takes noise, and the samples stay behind it")
    func data() throws {
        let trainer = try Trainer(Self.experiment(["training.procedure.adversarial.noise=3"]))
        #expect(
            trainer.data.columns.map(\.name) == ["z1", "z2", "z3"] && trainer.data.classNames == ["generated", "real"])
        #expect(trainer.data.learned.columns.map(\.name) == ["x1", "x2"] && trainer.data.learned.train.count == 400)
        #expect(trainer.data.learned.columns[0].range == 0...1)
        #expect(trainer.procedure.outline.input == Shape(3))
        let values = trainer.data.train.inputs.values
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    }

    @Test("a checkpoint goes on exactly, with both optimizers")
    func checkpoint() throws {
        let experiment = try Self.experiment([
            "training.procedure.adversarial.discriminatorOptimizer=momentum", "training.shuffle=true",
        ])
        let (first, second) = (try Trainer(experiment), try Trainer(experiment))
        for _ in 0..<37 { _ = first.step() }
        for _ in 0..<5 { _ = second.step() }
        let checkpoint = try Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a")
        try second.restore(checkpoint)
        #expect(first.procedure.state == second.procedure.state)
        for trainer in [first, second] { for _ in 0..<50 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state)
        let other = try Trainer(Self.experiment(["training.procedure.adversarial.discriminatorOptimizer=adam"]))
        #expect(throws: ExperimentError.self) { try other.restore(checkpoint) }
    }

    @Test(
        "weights are read again, whatever the numbers of noise are beside those of a real sample",
        arguments: [false, true])
    func noise(hasImages: Bool) throws {
        let experiment =
            hasImages
            ? try Experiment(json: JSON(parsing: Preset.named("gan-digits").text))
            : try Self.experiment(["training.procedure.adversarial.noise=5"])
        let (first, second) = (try Trainer(experiment), try Trainer(experiment))
        #expect(first.data.learned.train.inputs.width == (hasImages ? 64 : 2))
        for _ in 0..<9 { _ = first.step() }
        try second.restore(Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a"))
        #expect(first.procedure.state == second.procedure.state)
        for trainer in [first, second] { for _ in 0..<9 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state)
    }

    @Test("generators of points are compared by their divergence, those of images by their variety")
    func score() throws {
        func score(_ experiment: Experiment) throws -> String? {
            let trainer = try Trainer(experiment)
            for _ in 0..<2 { _ = trainer.epoch() }
            return Self.snapshot(trainer).history.score?.id
        }
        #expect(try score(Self.experiment()) == "jensenShannon")
        #expect(try score(Experiment(json: JSON(parsing: Preset.named("gan-digits").text))) == "variety")
    }

    @Test("which side learns and how changes live; other noise and layers begin again")
    func changes() throws {
        let experiment = try Self.experiment()
        func reason(_ assignment: String) throws -> String? {
            Change.between(experiment, try experiment.setting(assignments: [assignment])).resetReason(
                keepWeights: false)
        }
        #expect(try reason("training.procedure.adversarial.train=generator") == nil)
        #expect(try reason("training.procedure.adversarial.discriminatorOptimizer.sgd.learningRate=0.2") == nil)
        #expect(try reason("training.procedure.adversarial.loss=minimax") == nil)
        #expect(try reason("training.procedure.adversarial.loss=wasserstein")?.contains("output") == true)
        #expect(try reason("training.procedure.adversarial.noise=5")?.contains("noise") == true)
        #expect(try reason("layers.3.dense.units=6")?.contains("network") == true)
        let trainer = try Trainer(experiment)
        _ = trainer.epoch()
        let step = trainer.procedure.step
        try trainer.load(
            experiment.setting(assignments: ["training.procedure.adversarial.train=generator"]), directory: nil,
            .withFittingWeights)
        #expect(trainer.procedure.step == step)
        try trainer.load(
            experiment.setting(assignments: ["training.procedure.adversarial.noise=5"]), directory: nil,
            .withFittingWeights)
        #expect(trainer.procedure.step == 0 && trainer.data.columns.count == 5)
        try trainer.load(Experiment.standard, directory: nil, .fromTheStart)
        #expect(trainer.data.columns.map(\.name) == ["x1", "x2"])
    }

    @Test("what does not fit is refused in the document")
    func refuses() throws {
        let error = #expect(throws: ExperimentError.self) {
            try Trainer(Self.experiment(["layers.1.dense.units=3"]))
        }
        #expect(error?.message.contains("makes") == true || error?.message.contains("make") == true)
        #expect(throws: ExperimentError.self) {
            try Trainer(Self.experiment([#"layers=[{"dense": {"units": 2}}]"#]))
        }
    }

    @Test("generated points, pushes, the discriminator's plane and the grid of noise are pictures of one moment")
    func pictures() throws {
        let trainer = try Trainer(Self.experiment())
        _ = trainer.epoch()
        let snapshot = Self.snapshot(trainer)
        var request = ViewRequest()
        var wanted = AdversarialRequest()
        wanted.field = ViewRequest.Size(columns: 6, rows: 4)
        wanted.wantsMesh = true
        request.adversarial = wanted
        request.tileSize = ViewRequest.Size(columns: 4, rows: 4)
        request.tiles = [
            ViewRequest.TileRow(layer: 0, units: 0..<2), ViewRequest.TileRow(layer: 3, units: 0..<4),
        ]
        let picture = PictureMaker().makePicture(snapshot, request)
        let shown = try #require(picture.adversarial)
        #expect(shown.field.count == 24 && shown.field.allSatisfy { $0 >= -1 && $0 <= 1 })
        #expect(shown.points.count == 300 && shown.pushes.count == 300)
        #expect(shown.mesh.count == shown.meshColumns * shown.meshColumns)
        #expect(shown.densities.count == (shown.meshColumns - 1) * (shown.meshColumns - 1))
        #expect(picture.tiles.map(\.values.count) == [2, 4])
        // The whole network's answer to a sample of noise is the discriminator's to what is made of it.
        let networks = try AdversarialNetworks(snapshot.network)
        networks.load(parameters: snapshot.parameters)
        let noise: [Float] = [0.2, 0.7, 0.9, 0.1]
        let made = try networks.samples(of: noise)
        let network = try Network(snapshot.network, capacity: 2)
        network.load(parameters: snapshot.parameters)
        let answers = try network.outputs(at: FixedInputs(noise, width: 2))[0]
        for (one, other) in zip(try networks.answers(to: made), answers) { #expect(abs(one - other) < 1e-5) }
        // A push leads to a greater answer.
        let slopes = networks.slopes(at: made)
        let moved = zip(made, slopes).map { $0 + 1e-3 * $1 }
        for (one, other) in zip(try networks.answers(to: moved), answers) { #expect(one >= other - 1e-6) }
    }

    @Test("images are generated, with the classes of the nearest real ones")
    func images() throws {
        let experiment = try Experiment.standard.setting("data.dataset", to: .string("digits")).setting(assignments: [
            "features=[]", "training.procedure=adversarial", "training.procedure.adversarial.noise=7",
            #"layers=[{"dense": {"units": 64, "activation": "sigmoid"}}, "generated", {"dense": {"units": 4}}]"#,
        ])
        let trainer = try Trainer(experiment)
        #expect(trainer.data.schema.input(features: []) == Shape(7, 1, 1))
        var request = ViewRequest()
        var wanted = AdversarialRequest()
        (wanted.images, wanted.between) = (9, 5)
        request.adversarial = wanted
        let shown = try #require(PictureMaker().makePicture(Self.snapshot(trainer), request).adversarial)
        #expect(shown.images.count == 9 && shown.classes.count == 9 && shown.between.count == 5)
        for (step, image) in [(0, 0), (4, 1)] {
            for (one, other) in zip(shown.between[step], shown.images[image]) { #expect(abs(one - other) < 1e-5) }
        }
        #expect(shown.images.allSatisfy { $0.count == 64 })
    }

    @Test("it is swept and raced by the divergence")
    func grids() throws {
        let sweep = try Sweep(
            Self.experiment(), directory: nil, vary: ["training.procedure.adversarial.discriminatorSteps=1,2"],
            seeds: 2,
            epochs: 2)
        let run = try SweepRun(sweep, finished: [:], threads: 2)
        try run.train(isInterrupted: { false }, finished: { (_) throws(ExperimentError) in }, report: { _ in })
        #expect(run.results.count == 4)
        for result in run.results.values { #expect(result.values["jensenShannon"] != nil && !result.diverged) }
        let report = SweepReport(sweep, results: run.results)
        #expect(report.groups.count == 2 && report.groups[0].isLowerBetter && report.csv.contains("jensenShannon"))
        let grid = try ExperimentGrid(
            [Self.experiment(), Self.experiment(["seed=9"])], threads: 2)
        grid.advance(toEpoch: 2)
        #expect(grid.evaluation(of: 0)["jensenShannon"] != nil)
        #expect(grid.parameters(of: 0) != grid.parameters(of: 1))
    }

    @Test("generators of images are compared by their variety in a sweep, too")
    func sweptImages() throws {
        let layers =
            #"layers=[{"dense": {"units": 64, "activation": "sigmoid"}}, "generated", {"dense": {"units": 4}}]"#
        let experiment = try Experiment.standard.setting("data.dataset", to: .string("digits")).setting(assignments: [
            "features=[]", "training.procedure=adversarial", layers,
        ])
        let sweep = try Sweep(
            experiment, directory: nil, vary: ["training.procedure.adversarial.discriminatorSteps=1,2"], seeds: 2,
            epochs: 1)
        let run = try SweepRun(sweep, finished: [:], threads: 2)
        try run.train(isInterrupted: { false }, finished: { (_) throws(ExperimentError) in }, report: { _ in })
        let report = SweepReport(sweep, results: run.results)
        for (index, group) in report.groups.enumerated() {
            let own = (0..<2).map { run.results[2 * index + $0]!.values["variety"]! }
            #expect(group.compared.map { abs($0.median - (own[0] + own[1]) / 2) < 1e-9 } == true)
            #expect(!group.isLowerBetter)
        }
    }
}

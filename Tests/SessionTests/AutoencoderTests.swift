import Datasets
import Engine
import Testing

@testable import Session

/// Documents, trainers and pictures of networks that give back their input.
@Suite struct AutoencoderTests {
    static func experiment(_ corruption: String = #""none""#) throws -> Experiment {
        try Experiment(
            json: JSON(
                parsing: #"""
                    {"data": {"dataset": "digits"},
                     "layers": [{"dense": {"units": 12}}, {"dense": {"units": 2, "activation": "linear", "name": "code"}},
                                {"dense": {"units": 12}}, {"dense": {"units": 64, "activation": "linear"}}],
                     "training": {"procedure": {"reconstruction": {"corruption": CORRUPTION}},
                                  "optimizer": "adam", "batchSize": 16, "shuffle": true}}
                    """#.replacing("CORRUPTION", with: corruption)))
    }

    @Test("a corruption is written with its settings, read, and changed by its key path; a mistake has its place")
    func document() throws {
        let experiment = try Self.experiment(#"{"mask": {"rate": 0.4}}"#)
        #expect(experiment.learning.corruption == Choice("mask", ["rate": .real(0.4)]))
        #expect(try Experiment(json: JSON(parsing: experiment.json.text())) == experiment)
        let changed = try experiment.setting("training.procedure.reconstruction.corruption.mask.rate", to: .number(0.1))
        #expect(changed.learning.corruption == Choice("mask", ["rate": .real(0.1)]))
        #expect(Change.between(experiment, changed).resetReason(keepWeights: true) == nil)
        let error = #expect(throws: ExperimentError.self) { try Self.experiment(#"{"mask": {"rate": 2}}"#) }
        #expect(error?.place == "training.procedure.reconstruction.corruption.mask.rate")
        #expect(throws: ExperimentError.self) { try Self.experiment(#""fog""#) }
    }

    @Test("an experiment of classes becomes one of the input, and its metrics those of a reconstruction")
    func training() throws {
        let trainer = try Trainer(Self.experiment())
        #expect(trainer.network.task == .reconstruction && trainer.data.task.classes == 10)
        let start = trainer.evaluate()
        #expect(start.confusion == nil && start["trainAccuracy"] == nil)
        for _ in 0..<10 { _ = trainer.epoch() }
        #expect(trainer.evaluate()["reconstructionError"]! < 0.8 * start["reconstructionError"]!)
        #expect(trainer.history["reconstructionError"].count == 11)
        // Layers that end with another number of values are refused, and all stays.
        let step = trainer.procedure.step
        let short = try Self.experiment().setting("layers.3.dense.units", to: .number(10))
        let error = #expect(throws: ExperimentError.self) {
            try trainer.load(short, directory: nil, .withFittingWeights)
        }
        #expect(error?.place == "layers" && trainer.procedure.step == step)
    }

    @Test("a checkpoint goes on exactly where it was, the corruption's draws included")
    func checkpoint() throws {
        let experiment = try Self.experiment(#"{"saltPepper": {"rate": 0.2}}"#)
        let first = try Trainer(experiment)
        for _ in 0..<17 { _ = first.step() }
        let second = try Trainer(experiment)
        try second.restore(Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a"))
        for trainer in [first, second] { for _ in 0..<20 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state)
    }

    // MARK: - Layer after layer

    static func stacked() throws -> Experiment {
        try Experiment(
            json: JSON(
                parsing: #"""
                    {"data": {"dataset": "digits", "labelled": 50},
                     "layers": [{"dense": {"units": 12, "activation": "sigmoid"}}, {"dense": {"units": 8, "activation": "sigmoid"}}],
                     "training": {"procedure": {"greedy": {"epochs": 2, "optimizer": "adam"}},
                                  "optimizer": "adam", "batchSize": 32, "shuffle": true}}
                    """#))
    }

    @Test("few labels are in the document; other ones start again, and supervised learning sees no other samples")
    func labelled() throws {
        let experiment = try Self.stacked()
        #expect(experiment.learning.labelled == 50)
        #expect(try Experiment(json: JSON(parsing: experiment.json.text())) == experiment)
        let other = try experiment.setting("data.labelled", to: .number(60))
        #expect(Change.between(experiment, other).startsAgain)
        let all = try experiment.setting("data.labelled", to: .null)
        #expect(all.learning.labelled == nil)
        #expect(throws: ExperimentError.self) { try experiment.setting("data.labelled", to: .number(0)) }
        let trainer = try Trainer(experiment.setting("training.procedure", to: .string("supervised")))
        #expect(trainer.procedure.stepsPerEpoch == 2)
        #expect(trainer.evaluate().trainConfusion?.rows.joined().reduce(0, +) == 50)
    }

    @Test(
        "a checkpoint goes on exactly in the middle of a layer's turn, and after the last", arguments: [60, 100, 182])
    func stackedCheckpoint(_ steps: Int) throws {
        let experiment = try Self.stacked()
        let first = try Trainer(experiment)
        for _ in 0..<steps { _ = first.step() }
        let second = try Trainer(experiment)
        try second.restore(Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a"))
        #expect(first.procedure.state == second.procedure.state)
        for trainer in [first, second] { for _ in 0..<10 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state && second.procedure.step == steps + 10)
    }

    @Test("its curves are the classifier's and the layers' error, and the layer that learns")
    func stackedMetrics() throws {
        let trainer = try Trainer(Self.stacked())
        for _ in 0..<6 { _ = trainer.epoch() }
        #expect(trainer.history["trainedLayer"].map { Int($0) } == [1, 1, 2, 2, 3, 3, 3])
        #expect(
            trainer.history["reconstructionError"].map(\.isFinite) == [true, true, true, true, false, false, false])
        #expect(trainer.history["testAccuracy"].count == 7)
    }

    // MARK: - Pictures

    private func snapshot(_ corruption: String) throws -> Snapshot {
        let trainer = try Trainer(Self.experiment(corruption))
        for _ in 0..<3 { _ = trainer.epoch() }
        return trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
    }

    @Test("the picture shows the image, the corrupted one and what is given back, and the worst first")
    func reconstructions() throws {
        let snapshot = try snapshot(#"{"mask": {"rate": 0.5}}"#)
        var request = ViewRequest()
        request.reconstruction = ReconstructionRequest(row: 3, draw: 1, others: [0, 7])
        let found = try #require(PictureMaker().makePicture(snapshot, request).reconstructions)
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        func given(_ input: [Float]) -> [Float] {
            network.forward(input, count: 1)
            return network.values(layer: network.outline.output)
        }
        let shown = snapshot.data.shownImages.inputs
        #expect(found.results[7] == given(shown.values(of: 7)) && found.results.count == 2)
        let corrupted = try #require(found.corrupted)
        #expect(
            corrupted != shown.values(of: 3) && zip(corrupted, shown.values(of: 3)).allSatisfy { $0 == 0 || $0 == $1 })
        #expect(found.restored == given(corrupted))
        let error = zip(given(shown.values(of: 7)), shown.values(of: 7)).reduce(Float(0)) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
        #expect(abs(found.errors[7] - error / 64) < 1e-5)
        let sorted = found.worst.map { found.errors[$0] }
        #expect(sorted == found.errors.sorted(by: >) && found.worst.count == shown.count)
        request.reconstruction?.draw = 2
        #expect(PictureMaker().makePicture(snapshot, request).reconstructions?.corrupted != corrupted)
    }

    @Test(
        "a place in the code plane is what the decoder makes of it: at an image's own code what the network gives back")
    func decoding() throws {
        let snapshot = try snapshot(#""none""#)
        var request = ViewRequest()
        request.cloud = HiddenTarget(view: ViewSettings(), outline: snapshot.outline)
        #expect(request.cloud?.layer == LayerPath(1))
        let maker = PictureMaker()
        let cloud = try #require(maker.makePicture(snapshot, request).cloud)
        request.decoding = DecodingRequest(size: ViewRequest.Size(columns: 3, rows: 2), place: cloud.places[5])
        request.reconstruction = ReconstructionRequest(row: 5)
        let picture = maker.makePicture(snapshot, request)
        let (decoded, restored) = (try #require(picture.decoded), try #require(picture.reconstructions).restored)
        #expect(decoded.grid.count == 6 && decoded.grid[0].count == 64 && decoded.code.count == 2)
        #expect(zip(decoded.result, restored).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test("a code of one value traces a curve through the plane, and the points are given back on it")
    func trace() throws {
        let experiment = try Experiment(
            json: JSON(
                parsing: #"""
                    {"data": {"dataset": "moons"}, "features": ["x1", "x2"],
                     "layers": [{"dense": {"units": 6}}, {"dense": {"units": 1, "activation": "linear", "name": "code"}},
                                {"dense": {"units": 6}}, {"dense": {"units": 2, "activation": "linear"}}],
                     "training": {"procedure": "reconstruction", "optimizer": "adam"}}
                    """#))
        let trainer = try Trainer(experiment)
        for _ in 0..<5 { _ = trainer.epoch() }
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var request = ViewRequest()
        request.reconstruction = ReconstructionRequest(row: 0, hasPlane: true)
        let plane = try #require(PictureMaker().makePicture(snapshot, request).reconstructions?.plane)
        let line = try #require(plane.trace.first)
        #expect(plane.trace.count == 1 && plane.train.count == snapshot.data.train.count)
        let step = zip(line, line.dropFirst()).map { (($1 - $0) * ($1 - $0)).sum() }.max()!.squareRoot()
        for place in plane.train {
            let nearest = line.map { (($0 - place) * ($0 - place)).sum() }.min()!.squareRoot()
            #expect(nearest <= step + 1e-4)
        }
    }
}

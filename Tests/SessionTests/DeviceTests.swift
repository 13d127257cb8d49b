import Datasets
import Engine
import Testing

@testable import Session

@Suite(
    "Experiments on an OpenCL device",
    .enabled(if: ComputeDevice.all.count > 1, "no OpenCL device is installed: pocl-opencl-icd brings one"))
struct DeviceTests {
    /// Rounding differs, and training enlarges the differences: after 100 steps the losses agree within 1e-3 of their
    /// size, the weights within 1e-3 of the largest. Divided by a batch's deviation, and through the many kinks of networks
    /// over images or over the steps of sequences, they grow faster: 10 steps then. Random changes of images and procedures
    /// of their own keep training on the processor.
    @Test(
        "Every preset comes to the same losses and weights after 100 steps, or 10",
        arguments: Preset.withOwnData.map(\.name))
    func presets(_ name: String) throws {
        let experiment = try ExperimentSource.open(name).experiment
        let (here, there) = (try Trainer(experiment), try Trainer(experiment, device: try ComputeDevice(named: "gpu")))
        for trainer in [here, there] {
            trainer.play()
            let isShort =
                trainer.procedure.outline.smallestBatch > 1 || Datasets.areImages(experiment.data.dataset.id)
                || Datasets.areSequences(experiment.data.dataset.id)
            for _ in 0..<(isShort ? 10 : 100) { _ = trainer.step() }
        }
        let staysHere = there.procedure.deviceSteps.refusal != nil
        #expect((there.procedure.device == .processor) == staysHere)
        #expect((there.procedure.deviceFailure == nil) == !staysHere)
        let (expected, found) = (here.evaluate(), there.evaluate())
        #expect(
            expected.trainLoss.isNaN && found.trainLoss.isNaN
                || abs(found.trainLoss - expected.trainLoss) <= 1e-3 * max(expected.trainLoss, 1e-3))
        let (weights, others) = (here.procedure.parameters, there.procedure.parameters)
        let scale = weights.map(abs).max() ?? 0
        #expect(zip(weights, others).allSatisfy { abs($0 - $1) <= 1e-3 * scale })
        #expect(here.procedure.step == there.procedure.step && here.procedure.epoch == there.procedure.epoch)
    }

    @Test("A trainer moves to the device and back, and keeps its curve, its step and its weights")
    func moves() throws {
        let trainer = try Trainer(.standard)
        trainer.play()
        for _ in 0..<60 { _ = trainer.step() }
        let (points, state) = (trainer.history.points.count, trainer.procedure.state)
        trainer.move(to: try ComputeDevice(named: "gpu"))
        #expect(trainer.procedure.device != .processor)
        #expect(trainer.history.points.count == points && trainer.procedure.state == state)
        for _ in 0..<60 { _ = trainer.step() }
        trainer.move(to: .processor)
        #expect(trainer.procedure.step == 120 && trainer.history.points.count > points)
    }

    /// The answer that a trainer that does not wait is given from another thread.
    private final class Readiness: Sendable {
        private let bell = Doorbell()
        func ring() { bell.ring() }
        func wait() { bell.wait(seconds: 120) }
    }

    @Test("While its kernels compile training goes on, and then there, also when the network is another meanwhile")
    func preparing() throws {
        let (ready, device) = (Readiness(), try ComputeDevice(named: "gpu"))
        let trainer = try Trainer(.standard, device: device) { ready.ring() }
        trainer.play()
        for _ in 0..<60 { _ = trainer.step() }
        #expect(trainer.procedure.step == 60 && trainer.procedure.device == .processor && trainer.device == device)
        try trainer.load(
            Experiment.standard.setting("layers.0.dense.units", to: .number(3)), directory: nil, .withFittingWeights)
        for _ in 0..<3 where trainer.procedure.device != device {
            #expect(trainer.device == device && trainer.procedure.deviceFailure == nil)
            ready.wait()
            trainer.switchToReadyDevice()
        }
        #expect(trainer.procedure.device == device)
        for _ in 0..<60 { _ = trainer.step() }
        // Another batch size needs other kernels.
        try trainer.load(
            trainer.experiment.setting("training.batchSize", to: .number(7)), directory: nil, .withFittingWeights)
        #expect(trainer.procedure.device == .processor && trainer.device == device)
        trainer.move(to: .processor)
        #expect(trainer.procedure.step == 60 && trainer.device == .processor)
    }

    @Test("What is measured in passing is the processor's curve, point by point", arguments: ["circle", "spiral"])
    func curve(_ name: String) throws {
        let experiment = try ExperimentSource.open(name).experiment
        let (here, there) = (try Trainer(experiment), try Trainer(experiment, device: try ComputeDevice(named: "gpu")))
        var reported: [[History.Point]] = [[], []]
        for (index, trainer) in [here, there].enumerated() {
            trainer.onEvaluation = { reported[index].append($0) }
            trainer.play()
            for _ in 0..<20 { _ = trainer.epoch() }
            trainer.endRun()
        }
        #expect(reported[0].map(\.epoch) == Array(1...20) && reported[1].map(\.step) == reported[0].map(\.step))
        #expect(there.history.points.count == here.history.points.count)
        for (id, tolerance) in [("trainLoss", 1e-4), ("testLoss", 1e-4), ("trainAccuracy", 0), ("testAccuracy", 0)] {
            for (a, b) in zip(here.history[id], there.history[id]) {
                #expect(abs(a - b) <= Float(tolerance), "\(id)")
            }
        }
        #expect(here.evaluation?.confusion == there.evaluation?.confusion)
        #expect(abs(here.evaluation!.regularization - there.evaluation!.regularization) <= 1e-5)
    }

    @Test("A loss that is not finite ends the run where it was measured")
    func divergence() throws {
        var experiment = try Experiment.standard.setting("output.loss", to: .string("squaredError"))
        experiment = try experiment.setting("output.activation", to: .string("linear"))
        experiment = try experiment.setting("training.optimizer.sgd.learningRate", to: .number(1e-12))
        for device in [.processor, try ComputeDevice(named: "gpu")] {
            let trainer = try Trainer(experiment, device: device)
            // Half of its square is too large for a float.
            let bias = try #require(trainer.procedure.outline.tensors.first { $0.name == "output.bias" })
            trainer.procedure.parameters[bias.offset] = 3e19
            trainer.play()
            for _ in 0..<200 { _ = trainer.step() }
            trainer.synchronize()
            guard case .diverged(let divergence) = trainer.state else {
                Issue.record("\(device.name) did not diverge")
                continue
            }
            #expect(divergence.step == trainer.procedure.stepsPerEpoch && trainer.procedure.step == divergence.step)
            #expect(trainer.procedure.epoch == 1 && trainer.procedure.deviceFailure == nil)
            #expect(trainer.procedure.parameters.allSatisfy { $0.isFinite })
        }
    }

    @Test("A device that fails is wanted no more, in whatever network comes next, until it is asked for again")
    func failure() throws {
        let device = try ComputeDevice(named: "gpu")
        let trainer = try Trainer(.standard, device: device)
        trainer.play()
        for _ in 0..<30 { _ = trainer.step() }
        trainer.procedure.deviceSteps.failure = EngineError(place: "card", message: "gone")
        trainer.procedure.deviceSteps.leaveDevice()
        trainer.switchToReadyDevice()
        #expect(trainer.device == .processor && trainer.procedure.device == .processor)
        let snapshot = trainer.snapshot(revision: 0, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        #expect(snapshot.wantedDevice == .processor)
        try trainer.load(
            Experiment.standard.setting("layers.0.dense.units", to: .number(3)), directory: nil, .withFittingWeights)
        #expect(trainer.procedure.device == .processor && trainer.procedure.deviceFailure?.message == "gone")
        trainer.move(to: device)
        #expect(trainer.procedure.device == device && trainer.procedure.deviceFailure == nil)
    }

    @Test("A layer that no device can do, in a block too, keeps the network on the processor, and is named once")
    func refusedLayer() throws {
        let block = #"{"residual":{"body":[{"residual":{"body":[{"dense":{"units":4}},"sparsity"]}}]}}"#
        let json = #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},\#(block)]}"#
        let trainer = try Trainer(Experiment(json: JSON(parsing: json)), device: try ComputeDevice(named: "gpu"))
        trainer.play()
        for _ in 0..<5 { _ = trainer.step() }
        #expect(trainer.procedure.device == .processor && trainer.procedure.step == 5)
        var news = DeviceNews()
        let (first, second) = (news.next(trainer), news.next(trainer))
        #expect(first?.hasPrefix("training goes on with ") == true && second == nil)
        #expect(first?.hasSuffix(" (layers.1.body.0.body.1)") == true, "\(first ?? "")")
    }

    @Test("Without augmentation training returns to its device, after another failure it does not")
    func augmentation() throws {
        let device = try ComputeDevice(named: "gpu")
        let plain = try Experiment(
            json: JSON(parsing: #"{"data":{"dataset":"digits"},"layers":[{"dense":{"units":8}}]}"#))
        let changed = try plain.setting("data.augment", to: .array([.string("flip")]))
        let trainer = try Trainer(plain, device: device)
        try trainer.load(changed, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.device == .processor && trainer.procedure.deviceFailure?.place == "data.augment")
        try trainer.load(plain, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.device == device && trainer.procedure.deviceFailure == nil)
        trainer.procedure.deviceSteps.leaveDevice()
        trainer.procedure.deviceSteps.failure = EngineError(place: "card", message: "gone")
        try trainer.load(changed, directory: nil, .withFittingWeights)
        try trainer.load(plain, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.device == .processor && trainer.procedure.deviceFailure?.message == "gone")
    }

    @Test("The loss on the samples of the network that training started from is measured at every point of the curve")
    func initialLoss() throws {
        var experiment = try ExperimentSource.open("circle").experiment
        experiment = try experiment.setting("initial.preset", to: .string("xor")).setting(
            "initial.epochs", to: .number(2))
        let trainer = try Trainer(experiment, device: try ComputeDevice(named: "gpu"))
        trainer.play()
        for _ in 0..<20 { _ = trainer.epoch() }
        trainer.endRun()
        let losses = trainer.history["initialLoss"]
        #expect(trainer.procedure.deviceFailure == nil && losses.count == 21)
        #expect(losses.allSatisfy { $0.isFinite } && trainer.evaluation?["initialLoss"]?.isFinite == true)
    }

    @Test("The curve stays in order when the conditions change in mid-flight, and a typed weight loses no point")
    func order() throws {
        let trainer = try Trainer(.standard, device: try ComputeDevice(named: "gpu"))
        var epochs: [Int] = []
        trainer.onEvaluation = { epochs.append($0.epoch) }
        trainer.play()
        for _ in 0..<40 { _ = trainer.epoch() }
        trainer.setParameter(0, to: 0.25)
        for _ in 0..<40 { _ = trainer.epoch() }
        var experiment = trainer.experiment
        experiment.training.stop.trainLoss = 1e-9
        try trainer.load(experiment, directory: nil, .withFittingWeights)
        for _ in 0..<20 { _ = trainer.epoch() }
        trainer.synchronize()
        #expect(epochs == Array(1...100))
        #expect(trainer.procedure.deviceFailure == nil && trainer.evaluation?.trainLoss.isFinite == true)
    }

    @Test("More measurements than a delivery holds come all the same, one for every epoch")
    func manyMeasurements() throws {
        // One step to an epoch.
        let experiment = try Experiment.standard.setting("training.batchSize", to: .number(250))
        let trainer = try Trainer(experiment, device: try ComputeDevice(named: "gpu"))
        var epochs: [Int] = []
        trainer.onEvaluation = { epochs.append($0.epoch) }
        trainer.play()
        for _ in 0..<6000 { _ = trainer.step() }
        trainer.synchronize()
        #expect(trainer.procedure.stepsPerEpoch == 1 && trainer.procedure.deviceFailure == nil)
        #expect(epochs == Array(1...6000))
    }

    @Test("A sweep on the device has the processor's losses")
    func sweep() throws {
        func results(_ device: ComputeDevice) throws -> [Double] {
            let sweep = try Sweep(
                .standard, directory: nil, vary: ["training.optimizer.sgd.learningRate=0.01,0.1"], seeds: 9, epochs: 5)
            let run = try SweepRun(sweep, threads: 2, device: device)
            try run.train(isInterrupted: { false }, finished: { _ in }, report: { _ in })
            #expect(run.deviceFailure == nil && run.results.count == 18)
            return run.results.sorted { $0.key < $1.key }.map { $0.value.trainLoss! }
        }
        for (found, expected) in zip(try results(ComputeDevice(named: "gpu")), try results(.processor)) {
            #expect(abs(found - expected) <= 1e-3 * expected)
        }
    }
}

import Engine
import Testing

@testable import Session

@Suite(
    "Experiments on an OpenCL device",
    .enabled(if: ComputeDevice.all.count > 1, "no OpenCL device is installed: pocl-opencl-icd brings one"))
struct DeviceTests {
    /// Rounding differs, and training enlarges the differences: after 100 steps the losses agree within 1e-3 of their
    /// size, the weights within 1e-3 of the largest.
    @Test("Every preset comes to the same losses and weights after 100 steps", arguments: Preset.all.map(\.name))
    func presets(_ name: String) throws {
        let experiment = try ExperimentSource.open(name).experiment
        let (here, there) = (try Trainer(experiment), try Trainer(experiment, device: try ComputeDevice(named: "gpu")))
        for trainer in [here, there] {
            trainer.play()
            for _ in 0..<100 { _ = trainer.step() }
        }
        #expect(there.learner.device != .processor && there.learner.deviceFailure == nil)
        let (expected, found) = (here.evaluate(), there.evaluate())
        #expect(abs(found.trainLoss - expected.trainLoss) <= 1e-3 * max(expected.trainLoss, 1e-3))
        let (weights, others) = (here.learner.parameters, there.learner.parameters)
        let scale = weights.map(abs).max() ?? 0
        #expect(zip(weights, others).allSatisfy { abs($0 - $1) <= 1e-3 * scale })
        #expect(here.learner.step == there.learner.step && here.learner.epoch == there.learner.epoch)
    }

    @Test("A trainer moves to the device and back, and keeps its curve, its step and its weights")
    func moves() throws {
        let trainer = try Trainer(.standard)
        trainer.play()
        for _ in 0..<60 { _ = trainer.step() }
        let (points, state) = (trainer.history.points.count, trainer.learner.state)
        try trainer.move(to: ComputeDevice(named: "gpu"))
        #expect(trainer.history.points.count == points && trainer.learner.state == state)
        for _ in 0..<60 { _ = trainer.step() }
        try trainer.move(to: .processor)
        #expect(trainer.learner.step == 120 && trainer.history.points.count > points)
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

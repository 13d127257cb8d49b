import Engine

/// A network that learns by playing, with an update at every step.
final class GameRun: WorkloadRun {
    private static let steps = 1000
    private let procedure: any Procedure

    /// - Parameter setting: its size is the batch's.
    init(_ experiment: Experiment, _ setting: Workload.Setting) throws(ExperimentError) {
        let changed = try experiment.setting("training.batchSize", to: .number(Double(setting.size)))
        procedure = try Trainer(changed, threads: setting.threads, device: setting.device).procedure
        // From here on every step learns.
        while procedure.measure().trainLoss.isNaN { _ = procedure.advance(steps: 100) }
    }

    func work() -> Int {
        let last = procedure.step + Self.steps
        while procedure.step < last, procedure.divergence == nil {
            _ = procedure.advance(steps: last - procedure.step)
        }
        return Self.steps
    }

    /// Of a game the loss says nothing of how well it goes.
    var loss: Double? { nil }
}

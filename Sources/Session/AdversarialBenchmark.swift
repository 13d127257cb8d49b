import Engine

/// A generator and a discriminator that train against each other.
final class AdversarialRun: WorkloadRun {
    private static let rounds = 500
    private let procedure: any Procedure

    /// - Parameter setting: its size is the batch's.
    init(_ experiment: Experiment, _ setting: Workload.Setting) throws(ExperimentError) {
        let changed = try experiment.setting("training.batchSize", to: .number(Double(setting.size)))
        procedure = try Trainer(changed, threads: setting.threads, device: setting.device).procedure
    }

    func work() -> Int {
        let last = procedure.step + Self.rounds
        while procedure.step < last, procedure.divergence == nil {
            _ = procedure.advance(steps: last - procedure.step)
        }
        return Self.rounds
    }

    /// The losses of two that train against each other do not fall.
    var loss: Double? { nil }
}

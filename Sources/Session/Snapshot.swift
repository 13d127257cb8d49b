import Datasets
import Engine

/// The trainer's published state: an immutable copy for everyone who draws or prints.
public struct Snapshot: Sendable {
    public enum State: Sendable, Hashable {
        case paused
        case training
        /// A stop condition was met; the words say which.
        case finished(String)
        case diverged(Divergence)
    }
    /// Counts the experiments that the trainer was given; the parameters fit the experiment of this revision.
    public var revision: Int
    /// Counts resets: histories and projections of another generation are stale.
    public var generation: Int
    public var experiment: Experiment
    public var network: NetworkDescription
    public var outline: Outline
    public var data: PreparedData
    public var parameters: [Float] { didSet { parameterVersion &+= 1 } }
    /// Another number for other parameters: equal versions have equal parameters.
    public private(set) var parameterVersion = Model.newParameterVersion()
    public var state: State
    public var step: Int
    public var epoch: Int
    /// The newest evaluation.
    public var evaluation: Evaluation?
    public var history: History
    public var learningRate: Double
    public var stepsPerSecond: Double
    public var epochsPerSecond: Double
    public var threads: Int
    /// The device that trains.
    public var device = ComputeDevice.processor
    /// The device that is to train as soon as its kernels are compiled.
    public var wantedDevice = ComputeDevice.processor
    public var seconds: Double
    /// The next update with all its numbers, where it was asked for (`TrainerCommand.traceStep`) and these are its parameters.
    public var stepTrace: StepTrace?
    /// The game as it stands in training; nil: the procedure plays none.
    public var game: GameReport?
    /// The picture that is changed, as it stands; nil: the procedure changes none.
    public var picture: PictureReport?
    /// The rivals as they stand; empty: there are none.
    public var rivals: [RivalReport] = []
    /// The changes by hand during the run.
    public var changes: [RunChange] = []
    /// It is of a moment before the present one; nil: of the present one.
    public var past: PastMoment?
    /// Why no moment before can be shown, in words; nil: it can.
    public var pastRefusal: String?
    /// The size of an update not long ago; nil: none has been measured.
    public var updates: UpdateSizes?
    /// Something that the user should read ("csv: …"), or nil.
    public var message: String?
    /// `message` says what could not be done.
    public var messageIsMistake = false
}

extension Trainer {
    /// A copy of the present moment, or of one not long ago where a device is at work. The caller counts the
    /// experiments, and measures the time.
    /// - Parameter waits: for the last step, though the device could go on meanwhile.
    public func snapshot(
        revision: Int, stepsPerSecond: Double, seconds: Double, message: String?, waits: Bool
    ) -> Snapshot {
        if waits || state != .training { synchronize() }
        let latest = procedure.deviceSteps.latestParameters
        takeMeasurements()
        var snapshot = Snapshot(
            revision: revision, generation: generation, experiment: experiment, network: network,
            outline: procedure.outline, data: data, parameters: latest.parameters, parameterVersion: latest.version,
            state: state, step: procedure.step - latest.stepsBehind,
            epoch: procedure.epoch - latest.epochsBehind, evaluation: evaluation, history: history,
            learningRate: procedure.scheduledRate,
            stepsPerSecond: stepsPerSecond, epochsPerSecond: stepsPerSecond / Double(procedure.stepsPerEpoch),
            threads: threads, device: procedure.device, wantedDevice: device, seconds: seconds, message: message)
        snapshot.game = procedure.gameReport
        snapshot.picture = procedure.pictureReport
        snapshot.rivals = rivals?.reports ?? []
        snapshot.changes = changes
        snapshot.pastRefusal = moments?.refusal
        return snapshot
    }
}

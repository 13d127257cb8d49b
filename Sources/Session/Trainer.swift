import Datasets
import Engine

/// The fate of the weights when a trainer takes another document.
public enum Continuation: Sendable, Hashable {
    /// An edit: a network that has changed keeps the weights that fit.
    case withFittingWeights
    /// An edit: a network that has changed begins with new weights.
    case withNewWeights
    /// Another experiment: it begins at step 0 as if nothing had been before.
    case fromTheStart
    /// The undo of points that were drawn over data: training goes on with these data, as it went on with the points.
    case takingPointsBack
}

/// Trains one experiment: owns the procedure, the prepared data and the metrics' curves. Synchronous and without threads,
/// so that `layercake train`, the trainer thread of the playground and tests all run the same loop: `advance(steps:)`.
///
/// Its extensions are long together, because the device, the network that it starts from, its checkpoints and its snapshots
/// all read and replace the one procedure; each is a file.
public final class Trainer {
    /// The outcome of some steps.
    public enum Progress: Sendable, Hashable {
        /// Updates; the epoch goes on.
        case stepped
        case finishedEpoch
        /// An epoch ended, and the losses were measured.
        case evaluated
        /// A stop condition was met, or the numbers are no longer finite: `state` says which.
        case ended
    }

    public private(set) var experiment: Experiment
    /// The folder of relative data files.
    public private(set) var directory: String?
    public private(set) var data: PreparedData
    public private(set) var network: NetworkDescription
    public private(set) var procedure: any Procedure
    var record: RunRecord
    public var history: History { record.history }
    /// The newest evaluation.
    public var evaluation: Evaluation? { record.evaluation }
    public internal(set) var state = Snapshot.State.paused
    /// Counts the experiments that the trainer was given.
    public private(set) var revision = 0
    /// Counts resets: histories and projections of another generation are stale.
    public private(set) var generation = 0
    public let threads: Int
    /// Copies of the network that share the batches; nil: it is the only one.
    private let copies: (any ModelCopies)?
    /// Learn beside the network from the same samples; nil: there are none.
    var rivals: RivalSet?
    /// Why the rivals could not be measured.
    var rivalFailure: EngineError?
    /// The network that the experiment starts from.
    private(set) var initial: InitialWeights.Outcome
    /// Measures `initialLoss`, made once in a generation.
    var initialMeter: (generation: Int, meter: SampleLoss?)?

    var wantedDevice: ComputeDevice
    /// Called from another thread when the wanted device is ready; nil: the trainer waits for devices.
    let onDeviceReady: (@Sendable () -> Void)?
    var preparation: BackendPreparation?
    /// Called with every point that the curve gets.
    public var onEvaluation: ((History.Point) -> Void)?

    /// Moments of the run to go back to; nil: none are kept.
    var moments: RunMoments?
    /// The run as it was at a moment before, where that is looked at.
    var past: PastRun?
    /// The changes by hand during the run.
    public internal(set) var changes: [RunChange] = []

    /// Prepares the data, plans the network and measures the losses before training.
    /// - Parameters:
    ///   - directory: what a relative data file is relative to (nil: the working folder).
    ///   - threads: the most threads that one step may use.
    ///   - device: where to train; when it fails, the processor goes on (`procedure.deviceFailure`).
    ///   - data: the experiment's, where they have been prepared already.
    ///   - trainsPreset: false: the preset that the network starts from stays untrained, for other weights are restored
    ///     next.
    ///   - copies: of the network, which share the batches with this one; nil: it is the only one.
    ///   - onDeviceReady: called from another thread when `switchToReadyDevice` is to be called; meanwhile the
    ///     processor trains. nil: wait for the device.
    public convenience init(
        _ experiment: Experiment, directory: String? = nil, threads: Int = 1, device: ComputeDevice = .processor,
        data: PreparedData? = nil, trainsPreset: Bool = true, copies: (any ModelCopies)? = nil,
        onDeviceReady: (@Sendable () -> Void)? = nil
    ) throws(ExperimentError) {
        try self.init(
            experiment, directory: directory, threads: threads, device: device, data: data,
            initial: trainsPreset
                ? nil : InitialWeights.Outcome(for: experiment, directory: directory, trains: false),
            copies: copies, onDeviceReady: onDeviceReady)
    }

    /// - Parameter initial: the network that it starts from, where it is there already; what cannot be taken is told by
    ///   `initialFailure`.
    init(
        _ experiment: Experiment, directory: String?, threads: Int, device: ComputeDevice, data: PreparedData?,
        initial: InitialWeights.Outcome?, copies: (any ModelCopies)? = nil, onDeviceReady: (@Sendable () -> Void)?
    ) throws(ExperimentError) {
        try experiment.validate()
        self.copies = copies
        self.experiment = experiment
        self.directory = directory
        self.threads = threads
        wantedDevice = device
        self.onDeviceReady = onDeviceReady
        self.data = if let data { data } else { try .prepared(for: experiment, directory: directory) }
        network = experiment.network(for: self.data)
        procedure = try Self.procedure(network, experiment, self.data, threads: threads, copies: copies)
        // Of copies the first alone trains the preset that they start from.
        let trains = copies.map { $0.place == 0 } ?? true
        self.initial = initial ?? InitialWeights.Outcome(for: experiment, directory: directory, trains: trains)
        Self.start(procedure, experiment, from: self.initial)
        if let copies, !experiment.initial.isNone { Self.share(procedure, among: copies) }
        rivals = try Self.rivals(network, experiment, self.data, threads: threads)
        record = RunRecord(experiment.training, measuring: procedure.metrics)
        begin()
        switchToReadyDevice()
    }

    // MARK: - Training

    /// So many updates, fewer where an epoch ends. Evaluates after every `training.evaluateEvery`-th epoch, and asks the stop
    /// conditions only then.
    public func advance(steps: Int) -> Progress {
        let before = procedure.step
        let progress = procedure.advance(steps: steps)
        rivals?.advance(steps: procedure.step - before)
        if procedure.deviceSteps.hasMeasurements { takeMeasurements() }
        switch progress {
        case .stepped: return hasFittedAll ? endFit() : .stepped
        case .finishedEpoch: return hasFittedAll ? endFit() : endEpoch()
        case .diverged: return diverge()
        }
    }

    /// One update.
    public func step() -> Progress { advance(steps: 1) }

    /// Updates to the end of the present epoch.
    public func epoch() -> Progress {
        while true {
            let progress = advance(steps: procedure.stepsPerEpoch)
            if progress != .stepped { return progress }
        }
    }

    /// Says that steps will follow, for `state`. A run that a stop condition ended goes on beyond it; a diverged one
    /// cannot.
    public func play() {
        switch state {
        case .diverged, .training: return
        case .finished: record.stop.areIgnored = true
        case .paused: break
        }
        state = .training
    }

    public func pause() {
        if state == .training { state = .paused }
    }

    /// Measures the losses at the present weights, unless they are known.
    @discardableResult
    public func evaluate() -> Evaluation {
        record.evaluation(at: procedure.step) ?? measure()
    }

    /// Measures the losses where the run ended, as the curve's last point.
    public func endRun() {
        synchronize()
        let evaluation = evaluate()
        guard history.points.last?.step != procedure.step else { return }
        append(evaluation)
    }

    /// Waits for the device: the procedure, the curves and `state` are then as of the last step.
    public func synchronize() {
        procedure.deviceSteps.synchronize()
        takeMeasurements()
        if procedure.divergence != nil { _ = diverge() }
    }

    @discardableResult
    func measure() -> Evaluation {
        var measured = procedure.measure()
        if let loss = initialLoss { measured = measured.adding(.initialLoss, loss) }
        addRivals(to: &measured)
        // Those measured before, which the device was waited for with.
        takeMeasurements()
        record.take(measured, step: procedure.step)
        return measured
    }

    /// Appends a point to the curves, at the present step.
    private func append(_ evaluation: Evaluation) {
        append(evaluation, epoch: procedure.epoch, step: procedure.step)
    }

    private func append(_ evaluation: Evaluation, epoch: Int, step: Int) {
        record.append(evaluation, epoch: epoch, step: step)
        onEvaluation?(History.Point(epoch: epoch, step: step))
    }

    /// The losses that a device measured in passing.
    func takeMeasurements() {
        for measured in procedure.deviceSteps.takeMeasurements() {
            record.take(measured.evaluation, step: measured.step)
            record.stop.note(measured.evaluation, epoch: measured.epoch)
            append(measured.evaluation, epoch: measured.epoch, step: measured.step)
        }
    }

    private func endEpoch() -> Progress {
        defer {
            let onDevice = procedure.device != .processor
            if moments?.isDue(at: procedure.epoch, onDevice: onDevice) == true {
                moments!.note(procedure, onDevice: onDevice)
            }
        }
        guard record.stop.areAsked(after: procedure.epoch) else { return .finishedEpoch }
        // A condition on the losses must be asked before the next step, and `initialLoss` needs these parameters.
        let isDeferred =
            !record.stop.needLosses && initialSamples == nil && rivals == nil
            && procedure.deviceSteps.measureInPassing()
        if !isDeferred {
            let measured = measure()
            append(measured)
            if procedure.divergence != nil { return diverge() }
            record.stop.note(measured, epoch: procedure.epoch)
        }
        let met = record.stop.reason(
            epoch: procedure.epoch, step: procedure.step, evaluation: isDeferred ? nil : evaluation)
        if let reason = met {
            state = .finished(reason)
            return .ended
        }
        return isDeferred ? .finishedEpoch : .evaluated
    }

    /// Nothing is left to be learned: the rivals are fitted, and they are alone.
    private func endFit() -> Progress {
        append(evaluate())
        state = .finished("every rival is fitted")
        return .ended
    }

    private func diverge() -> Progress {
        if let divergence = procedure.divergence { state = .diverged(divergence) }
        return .ended
    }

    /// Takes a saved state, with the data as it saw them; the curve begins anew at its epoch.
    func adopt(_ data: PreparedData, _ state: TrainingState) throws(ExperimentError) {
        let hasOthers = data.learned.record != self.data.learned.record
        let next =
            data.learned.train.inputs == self.data.learned.train.inputs
                && data.learned.train.labels == self.data.learned.train.labels
            ? procedure : try Self.procedure(network, experiment, data, threads: threads, copies: copies)
        next.deviceSteps.failure = procedure.deviceFailure
        do { try next.restore(state) } catch { throw ExperimentError(error) }
        if hasOthers { rivals = try Self.rivals(network, experiment, data, threads: threads) }
        (self.data, procedure) = (data, next)
        begin()
        switchToReadyDevice()
    }

    // MARK: - Starting again

    /// The same initial weights again, or those of a file that could not be read before. A run that had ended is
    /// paused.
    public func reset() {
        // A preset would be trained here and now; it is tried again with the next load.
        if case .failed = initial, !experiment.initial.file.isEmpty {
            initial = InitialWeights.Outcome(for: experiment, directory: directory)
        }
        procedure.reset(seed: experiment.seed)
        resetRivals()
        Self.start(procedure, experiment, from: initial)
        begin()
    }

    /// Forgets the curve and measures where the network stands.
    private func begin() {
        record.begin(measuring: metrics)
        if state != .training { state = .paused }
        generation += 1
        let measured = measure()
        record.stop = StopConditions(experiment.training, epoch: procedure.epoch, evaluation: measured)
        append(measured)
        beginMoments()
    }

    /// The run goes on from a moment before, in its own procedure.
    func take(_ stretch: RunMoments.Stretch, _ procedure: any Procedure) {
        (experiment, directory, data, network) = (stretch.experiment, stretch.directory, stretch.data, stretch.network)
        self.procedure = procedure
        // They learn the data of then anew.
        if rivals != nil || !experiment.rivals.isEmpty {
            rivals = (try? Self.rivals(network, experiment, data, threads: threads)) ?? nil
        }
        record.goBack(to: procedure.step, measuring: metrics)
        state = .paused
        generation += 1
        let measured = measure()
        record.stop = StopConditions(experiment.training, epoch: procedure.epoch, evaluation: measured)
        if history.points.last?.step != procedure.step { append(measured) }
        switchToReadyDevice()
    }

    /// Sets one parameter, and measures the losses with it.
    /// - Parameter index: into the flat parameters, as in the outline's tensors.
    public func setParameter(_ index: Int, to value: Float) {
        guard procedure.outline.tensors.contains(where: { index >= $0.offset && index < $0.offset + $0.count }) else {
            return
        }
        var parameters = procedure.parameters
        parameters[index] = value
        let old = procedure.parameters[index]
        procedure.parameters = parameters
        record.replaceBeginning(by: measure(), step: procedure.step)
        noteChange(parameterWords(index, from: old, to: value), from: experiment)
    }

    /// Measures the losses at parameters that were changed by hand.
    func remeasure() { _ = measure() }

    // MARK: - Another experiment

    /// The present data in place of an experiment's.
    enum PresentData {
        /// They are its own.
        case whole
        /// Its samples; the pictures of its procedure are to be made.
        case samples
        /// They are of another description or other features, or from another folder.
        case others
    }

    func presentData(for experiment: Experiment, directory: String?) -> PresentData {
        let change = change(to: experiment)
        return directory != self.directory || change.needsData ? .others : change.needsPictures ? .samples : .whole
    }

    func change(to experiment: Experiment, _ continuation: Continuation = .withFittingWeights) -> Change {
        Change.between(
            self.experiment, experiment, schema: data.learned.schema,
            takesPointsBack: continuation == .takingPointsBack)
    }

    /// Goes on with `experiment`, keeping what can be kept: settings of the learning change live; the data are made
    /// anew only where `presentData` says so; a changed network, and the same one on changed data, begins at step 0 (with another
    /// seed or another dataset always with new weights).
    ///
    /// An experiment that cannot be trained throws and leaves everything as it was, but `revision` counts it.
    /// - Parameter data: the experiment's, where they have been prepared already.
    public func load(
        _ experiment: Experiment, directory: String?, _ continuation: Continuation, data: PreparedData? = nil
    ) throws(ExperimentError) {
        try load(experiment, directory: directory, continuation, data: data, initial: nil)
    }

    /// - Parameter initial: the network that it starts from, where it is there already.
    func load(
        _ experiment: Experiment, directory: String?, _ continuation: Continuation, data: PreparedData?,
        initial: InitialWeights.Outcome?
    ) throws(ExperimentError) {
        revision += 1
        try experiment.validate()
        let change = change(to: experiment, continuation)
        let present = presentData(for: experiment, directory: directory)
        let newData =
            if present == .whole { self.data } else if let data { data } else {
                try PreparedData.prepared(
                    for: experiment, directory: directory, beside: present == .samples ? self.data : nil)
            }
        let newNetwork = experiment.network(for: newData)
        let newInitial =
            if !needsInitial(for: experiment, directory: directory, continuation) { self.initial } else if let initial {
                initial
            } else {
                InitialWeights.Outcome(for: experiment, directory: directory)
            }

        let hasOtherDrawings = !change.parts.isDisjoint(with: [.drawings, .points])
        let isOtherTask =
            hasOtherDrawings
            && (newData.schema.columns, newData.schema.task) != (self.data.schema.columns, self.data.schema.task)
        if directory != self.directory || continuation == .fromTheStart || change.startsAgain || isOtherTask {
            let next = try Self.procedure(newNetwork, experiment, newData, threads: threads)
            let newRivals = try Self.rivals(newNetwork, experiment, newData, threads: threads)
            Self.start(next, experiment, from: newInitial)
            // After a failure the other network is there at last: its weights are what was asked for.
            let hasCome = if case .failed = self.initial, case .ready = newInitial { true } else { false }
            if continuation != .withNewWeights, continuation != .fromTheStart, change.mayKeepWeights, !hasCome {
                let paths = LayerMatch.paths(from: network, to: newNetwork)
                next.inherit(procedure.parameters, from: procedure.outline, paths: paths)
            }
            next.deviceSteps.failure = lastingFailure(for: experiment)
            (self.experiment, self.directory) = (experiment, directory)
            (self.data, network, procedure) = (newData, newNetwork, next)
            (rivals, self.initial) = (newRivals, newInitial)
            begin()
            switchToReadyDevice()
            return
        }
        let before = self.experiment
        if hasOtherDrawings { try goOn(with: newData, newNetwork, experiment) }
        if change.parts.contains(.learning) || newNetwork != network {
            do { try procedure.apply(experiment.learning, to: newNetwork) } catch { throw ExperimentError(error) }
            procedure.deviceSteps.failure = lastingFailure(for: experiment)
            switchToReadyDevice()
        }
        let hasOtherRivals =
            change.parts.contains(.rivals) || newNetwork != network && experiment.hasRivalsOfLayers
        if hasOtherRivals { try changeRivals(newNetwork, experiment) }
        network = newNetwork
        record.stop.change(to: experiment.training)
        if change.parts.contains(.stop) {
            record.stop.areIgnored = false
            if case .finished = state { state = .paused }
        }
        (self.experiment, self.directory, self.initial) = (experiment, directory, newInitial)
        if hasOtherRivals { beginWithRivals() }
        if !change.parts.isSubset(of: [.view, .words]) {
            noteChange(experiment.changeWords(since: before), from: before, withOtherData: hasOtherDrawings)
        }
    }

    /// Goes on from the present state with more or fewer drawings behind the same training images, or with drawn points.
    private func goOn(
        with data: PreparedData, _ network: NetworkDescription, _ experiment: Experiment
    ) throws(ExperimentError) {
        let next = try Self.procedure(network, experiment, data, threads: threads)
        var state = procedure.state
        state.fit(samples: data.train.count)
        do { try next.restore(state) } catch { throw ExperimentError(error) }
        next.deviceSteps.failure = lastingFailure(for: experiment)
        let newRivals = try Self.rivals(network, experiment, data, threads: threads)
        (self.data, procedure, rivals) = (data, next, newRivals)
        record.forgetEvaluation()
        _ = measure()
        switchToReadyDevice()
    }

    /// Gives all copies the first one's parameters.
    private static func share(_ procedure: any Procedure, among copies: any ModelCopies) {
        var numbers = procedure.parameters.map { Double($0) }
        numbers.withUnsafeMutableBufferPointer { copies.spread($0) }
        procedure.parameters = numbers.map { Float($0) }
    }

    static func procedure(
        _ network: NetworkDescription, _ experiment: Experiment, _ data: PreparedData, threads: Int,
        copies: (any ModelCopies)? = nil
    ) throws(ExperimentError) -> any Procedure {
        let learned = data.learned
        let procedure: any Procedure
        do {
            var setup = TrainingSetup(
                network: network, learning: experiment.learning, train: learned.train, test: learned.test,
                seed: experiment.seed, threads: threads, environment: learned.schema.environment)
            setup.ranges = learned.featureRanges
            setup.copies = copies
            setup.pictures = data.pictures
            procedure = try setup.procedure()
        } catch { throw ExperimentError(experiment.tellingLength(error)) }
        if !experiment.initial.values.isEmpty { try experiment.checkInitialValues(procedure.outline) }
        return procedure
    }
}

extension ExperimentError {
    /// The engine's complaint about a description.
    init(_ error: EngineError) {
        self.init(.malformed, place: error.place, message: error.message, remedy: error.remedy)
    }

    /// A complaint about the data: a missing or unreadable file has an exit status of its own.
    public init(_ error: DataError) {
        self.init(error.kind == .malformed ? .malformed : .missing, place: error.place, message: error.message)
    }
}

import Basics
import Engine
import Synchronization

/// The loop of the trainer's thread: commands, then a slice of training, then a snapshot when one is due.
struct TrainerLoop {
    private let boxes: TrainerBoxes
    private var deviceNews = DeviceNews()
    private let onSnapshot: @Sendable () -> Void

    private var loader: ExperimentLoader
    /// The user wants it to train; it stays so when a run ends, so that a reset goes on by itself.
    private var playing = false
    private var message: Message?
    private var revision = 0
    /// Commands for the network that `arrival` will bring.
    private var waiting: [TrainerCommand] = []

    private var keeper = StateKeeper()
    /// The moment before that is shown; nil: none.
    @Boxed private var pastSnapshot: Snapshot? = nil
    /// The next update with all its numbers, until something is asked of the trainer that could change it.
    @Boxed private var trace: StepTrace? = nil

    private var updates = UpdateMeter()
    private var byHand = HandPace()
    private var clock = TrainingClock()
    private var published = PublishingPace()

    init(
        boxes: TrainerBoxes, threads: Int, device: ComputeDevice, onSnapshot: @escaping @Sendable () -> Void
    ) {
        loader = ExperimentLoader(threads: threads, device: device) { boxes.wake() }
        self.boxes = boxes
        self.onSnapshot = onSnapshot
    }

    private var trainer: Trainer? { loader.trainer }
    /// Why the newest document cannot be trained.
    private var failure: String? { loader.failure }
    /// The document whose data are being prepared; meanwhile training stands still.
    private var arrival: DataArrival? { loader.arrival }

    mutating func run(_ experiment: Experiment, directory: String?, playing: Bool) {
        begin(experiment, directory: directory, playing: playing)
        while !boxes.stopping.load(ordering: .acquiring) {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
                continue
            }
            if let arrival {
                boxes.bell.wait(seconds: DataArrival.patience)
                if arrival.loading != boxes.loading { publish() }
                continue
            }
            if let past = trainer?.past, !past.isThere {
                repeatRun(past)
                continue
            }
            let rest = byHand.rest(at: monotonicSeconds())
            if rest == 0 {
                measureByHand()
                continue
            }
            guard let trainer, trainer.state == .training else {
                boxes.bell.wait(seconds: rest)
                continue
            }
            train(trainer)
        }
        arrival?.preparation.cancel()
    }

    mutating func begin(_ experiment: Experiment, directory: String?, playing: Bool) {
        self.playing = playing
        clock.speed = experiment.view.epochsPerSecond
        follow(loader.load(experiment, directory: directory, .fromTheStart))
        publish()
    }

    /// Carries out all commands so far, in the caller's thread: then the data are there, and a moment before that was
    /// asked for is reached. Nothing trains by itself.
    mutating func finishCommands() {
        while true {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
            } else if arrival != nil {
                boxes.bell.wait(seconds: DataArrival.patience)
            } else if let past = trainer?.past, !past.isThere {
                repeatRun(past)
            } else if byHand.isOwed {
                measureByHand()
            } else {
                return
            }
        }
    }

    // MARK: - Training

    private mutating func train(_ trainer: Trainer) {
        let started = monotonicSeconds()
        let steps: Int
        switch clock.due(trainer, at: started) {
        case .wait(let seconds):
            if published.isDue(at: started), published.step != trainer.procedure.step { publish() }
            boxes.bell.wait(seconds: seconds)
            return
        case .steps(let due): steps = due
        }
        let first = trainer.procedure.step
        var progress = updates.step(trainer, at: started)
        var done = trainer.procedure.step - first
        while done < steps, progress != .ended, !boxes.mail.load(ordering: .relaxed) {
            progress = trainer.advance(steps: steps - done)
            done = trainer.procedure.step - first
        }
        let ended = monotonicSeconds()
        clock.note(done, from: started, to: ended, step: trainer.procedure.step)
        if trainer.state != .training || published.isDue(at: ended) { publish() }
    }

    /// Trains a moment before on towards the epoch that was asked for, and shows it there.
    private mutating func repeatRun(_ past: PastRun) {
        let end = monotonicSeconds() + TrainingClock.frameSeconds
        repeat { past.advance(steps: clock.slice) } while !past.isThere && monotonicSeconds() < end
        if past.isThere { showPast() }
    }

    /// The last moment that was asked for counts.
    private mutating func goBack(to epoch: Int) {
        guard let trainer else { return }
        do {
            try trainer.goBack(to: epoch, stepsPerSecond: clock.measuredSpeed)
            if trainer.past?.isThere == true { showPast() }
        } catch {
            message = Message(text: error.message)
            pastSnapshot = nil
        }
    }

    private mutating func showPast() {
        guard let trainer else { return }
        pastSnapshot = trainer.pastSnapshot(revision: revision, now: snapshot(trainer))
        publish()
    }

    private mutating func leavePast() {
        trainer?.past = nil
        pastSnapshot = nil
    }

    // MARK: - Commands

    private mutating func obey() {
        let commands = TrainerCommand.counting(among: boxes.takeCommands())
        if !commands.isEmpty { message = nil }
        trainer?.switchToReadyDevice()
        for command in commands {
            if boxes.stopping.load(ordering: .acquiring) { return }
            perform(command)
        }
        follow(loader.receiveData())
        publish()
    }

    private mutating func perform(_ command: TrainerCommand) {
        if !command.leavesUpdate { trace = nil }
        switch command {
        case .load(let experiment, let directory, let continuation):
            follow(loader.load(experiment, directory: directory, continuation))
        case .play: play()
        case .pause: pause()
        case .stepBatch:
            pause()
            afterLoading(command) { $0.step { trainer, _ in trainer.step() } }
        case .stepEpoch:
            pause()
            afterLoading(command) { loop in
                loop.step { trainer, updates in
                    let progress = updates.step(trainer, at: monotonicSeconds()) ?? .stepped
                    return progress == .stepped ? trainer.epoch() : progress
                }
            }
        case .traceStep(let sample, let turn): afterLoading(command) { $0.traceStep(sample: sample, turn: turn) }
        case .reset:
            afterLoading(command) { loop in
                let hadFailed = loop.trainer?.initialFailure != nil
                loop.trainer?.reset()
                if hadFailed { loop.tellInitial() }
                loop.began()
            }
        case .setParameter(let index, let value): afterLoading(command) { $0.trainer?.setParameter(index, to: value) }
        case .setParameters(let indices, let values):
            afterLoading(command) { loop in
                let measures = loop.byHand.measures(at: monotonicSeconds())
                loop.trainer?.setParameters(indices, to: values, measures: measures)
            }
        case .reinitialize(let indices, let draw):
            afterLoading(command) { $0.trainer?.reinitialize(indices, draw: draw) }
        case .goBack(let epoch): afterLoading(command) { $0.goBack(to: epoch) }
        case .leavePast: leavePast()
        case .goOnFromPast:
            trainer?.goOnFromPast()
            leavePast()
            clock.forgetRate()
        case .setSpeed(let epochsPerSecond): clock.speed = epochsPerSecond
        case .setDevice(let device): setDevice(device)
        case .skipInitial: arrival?.preparation.skipInitial()
        case .loadCheckpoint(let path, let words):
            afterLoading(command) { $0.restore(path, words) }
        case .giveNetwork(let path, let most, let done):
            guard let path, let trainer, failure == nil, arrival == nil else { return done(.missing) }
            done(keeper.given(trainer, path, most: most))
        case .saveCheckpoint(let path, let done):
            guard let trainer, failure == nil, arrival == nil else {
                let reason = failure ?? "the data are still being loaded"
                return done(
                    ExperimentError(.unwritable, place: path, message: "there are no weights yet: \(reason)"))
            }
            do {
                try trainer.save(to: path)
                done(nil)
            } catch { done(error) }
        }
    }

    /// Measures what a hand has set since it was measured last.
    private mutating func measureByHand() {
        byHand.done(at: monotonicSeconds())
        guard failure == nil, let trainer else { return }
        trainer.measureSetByHand()
        publish()
    }

    /// Takes the weights of a file, or says why they cannot be taken.
    /// - Parameter words: for the file; nil: its path.
    private mutating func restore(_ path: String, _ words: String?) {
        guard let trainer else { return }
        do {
            let notes = try trainer.restore(Checkpoint(readingFrom: path))
            message = Message(text: (["loaded \(words ?? path)"] + notes).joined(separator: "; "))
            began()
        } catch { message = Message(text: error.description, isMistake: true) }
    }

    /// Carries a command for the network out now, or when the data that are being prepared are there. Where they have
    /// failed, the network that is left is not the one that is meant: it is refused, and the failure stays on the
    /// screen.
    private mutating func afterLoading(_ command: TrainerCommand, _ action: (inout TrainerLoop) -> Void) {
        if arrival != nil {
            waiting.append(command)
        } else if failure == nil {
            action(&self)
        }
    }

    private mutating func follow(_ news: ExperimentLoader.News) {
        switch news {
        case .nothing: return
        case .shownEarly(let isOtherRun):
            if isOtherRun { began() }
            // It trains when all is there.
            playOrPause()
            revision += 1
        case .taken(let isOtherRun, let wasAwaited):
            if isOtherRun { began() }
            // The layers taken from another network are told once they are.
            if wasAwaited { tellInitial() }
            playOrPause()
            loaded()
        case .failed:
            // These were meant for the network that does not come, not for the present one.
            waiting = []
            trainer?.pause()
            loaded()
        }
    }

    private func playOrPause() {
        if playing { trainer?.play() } else { trainer?.pause() }
    }

    private mutating func tellInitial() {
        guard let trainer, !trainer.initialNotes.isEmpty else { return }
        // A preset that was not waited for is no mistake.
        message = Message(
            text: trainer.initialNotes.joined(separator: "; "),
            isMistake: trainer.initialFailure != nil && !trainer.experiment.initial.file.isEmpty)
    }

    private mutating func loaded() {
        revision += 1
        clock.restartPace()
        let commands = waiting
        waiting = []
        for command in commands { perform(command) }
    }

    /// After a reset: nothing measured before counts, and a run that had ended by itself goes on if it was not paused.
    private mutating func began() {
        clock.begin()
        updates.forget()
        leavePast()
        if playing { trainer?.play() }
    }

    private mutating func setDevice(_ device: ComputeDevice) {
        guard let trainer else {
            loader.device = device
            return
        }
        trainer.move(to: device)
        message = Message(text: deviceNews.begin(trainer))
    }

    /// Says once when training has come to another device, or why it has left one or cannot come there.
    private mutating func tellDevice() {
        guard let trainer else { return }
        if deviceNews.isOther(trainer) { clock.forgetRate() }
        if let news = deviceNews.next(trainer) { message = Message(text: news) }
    }

    private mutating func play() {
        playing = true
        clock.restart()
        if failure == nil { trainer?.play() }
    }

    private mutating func pause() {
        playing = false
        clock.forgetRate()
        trainer?.pause()
    }

    private mutating func step(_ advance: (Trainer, inout UpdateMeter) -> Trainer.Progress) {
        guard let trainer else { return }
        // A finished run goes on beyond its condition.
        trainer.play()
        let (started, before) = (monotonicSeconds(), trainer.procedure.step)
        _ = advance(trainer, &updates)
        clock.add(trainer.procedure.step - before, seconds: monotonicSeconds() - started)
        trainer.pause()
    }

    private mutating func traceStep(sample: Int, turn: Int) {
        do { trace = try trainer?.traceStep(sample: sample, turn: turn) } catch {
            message = Message(text: error.description, isMistake: true)
        }
    }

    // MARK: - Snapshots

    private mutating func publish() {
        tellDevice()
        let started = monotonicSeconds()
        let loading = arrival?.loading
        // While other data are loaded, the mistake in the data before no longer matters.
        let failure = loading == nil ? failure : nil
        let snapshot = failure == nil ? trainer.map { self.snapshot($0) } : nil
        if trainer?.past == nil { pastSnapshot = nil }
        boxes.publish(snapshot, failure: failure, loading: loading, past: failure == nil ? pastSnapshot : nil)
        published.note(step: trainer?.procedure.step ?? -1, from: started, to: monotonicSeconds())
        onSnapshot()
    }

    private func snapshot(_ trainer: Trainer) -> Snapshot {
        let stepsPerSecond = trainer.state == .training ? clock.stepsPerSecond : 0
        var snapshot = trainer.snapshot(
            revision: revision, stepsPerSecond: stepsPerSecond, seconds: clock.seconds, message: message?.text,
            // At a set pace there is time for it.
            waits: clock.speed != nil)
        snapshot.messageIsMistake = message?.isMistake ?? false
        snapshot.updates = updates.latest
        if let trace, trace.parameterVersion == snapshot.parameterVersion { snapshot.stepTrace = trace }
        return snapshot
    }
}

/// When snapshots are due: sixty a second at most; fewer where copying the parameters would take more than a twentieth of the
/// time.
private struct PublishingPace {
    /// The step of the last snapshot; −1: there was none, or no network.
    private(set) var step = -1
    private var last = -Double.infinity
    private var seconds = 0.0

    func isDue(at time: Double) -> Bool { time - last >= max(TrainingClock.frameSeconds, 20 * seconds) }

    mutating func note(step: Int, from start: Double, to end: Double) {
        (self.step, last, seconds) = (step, start, end - start)
    }
}

/// News for the user.
private struct Message {
    var text: String
    /// It says what could not be done.
    var isMistake = false
}

/// Hands on everything that a trainer holds, unless it is too large.
private struct StateKeeper {
    /// The run whose state is too large to be kept, as its experiment was, and its bytes.
    private var tooLarge: (generation: Int, experiment: Experiment, bytes: Int)?

    /// Everything that the trainer holds, unless it is too large. A state that was too large does not shrink in a run whose
    /// experiment stays as it is, and is not copied again.
    mutating func given(_ trainer: Trainer, _ path: String, most: Int) -> GivenNetwork {
        if let tooLarge, tooLarge.generation == trainer.generation, tooLarge.experiment == trainer.experiment,
            tooLarge.bytes > most
        {
            return .tooLarge(bytes: tooLarge.bytes)
        }
        let network = trainer.given(for: path, most: most)
        if case .tooLarge(let bytes) = network { tooLarge = (trainer.generation, trainer.experiment, bytes) }
        return network
    }
}

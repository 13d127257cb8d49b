import Basics
import Engine
import Synchronization

/// The loop of a grid's thread: commands, then some epochs of all networks, then news when they are due.
struct GridLoop {
    private let boxes: GridBoxes
    private let threads: Int
    private let device: ComputeDevice
    private let fitsRivals: Bool
    private let onNews: @Sendable () -> Void

    /// nil: they cannot be trained.
    private var networks: (any GridNetworks)?
    private var requests: [ViewRequest] = []
    private var failure: String?
    private var playing: Bool
    /// Epochs that were asked for one by one and are not done: another command interrupts one, and none may lose it.
    private var steps = 0
    private var epochsPerSecond: Double?

    /// The epoch that all have completed.
    private var epoch = 0
    /// The epoch that all are on their way to, which a command may delay.
    private var goal = 0
    private var pace = TrainerPace()
    private var rate = TrainerRate()
    /// Epochs between two looks at the clock.
    private var slice = 1
    private var due = 0.0
    private var number = 0

    private static let frameSeconds = 1.0 / 30
    private static let sliceSeconds = 0.01

    /// - Parameter fitsRivals: the experiments' rivals learn too, on the processor.
    init(
        boxes: GridBoxes, playing: Bool, epochsPerSecond: Double?, threads: Int, device: ComputeDevice,
        fitsRivals: Bool, onNews: @escaping @Sendable () -> Void
    ) {
        self.boxes = boxes
        self.playing = playing
        self.epochsPerSecond = epochsPerSecond
        self.threads = threads
        self.device = device
        self.fitsRivals = fitsRivals
        self.onNews = onNews
    }

    mutating func run(_ experiments: [Experiment], directory: String?) {
        begin(experiments, directory: directory)
        while !boxes.stopping.load(ordering: .acquiring) {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
                publish()
            } else if isStepDue {
                advance(by: 1)
                if goal <= epoch { steps -= 1 }
                publish()
            } else if playing, networks?.areOver == false {
                train()
            } else {
                boxes.bell.wait(seconds: nil)
            }
        }
    }

    /// The networks at the start, with the initial weights.
    mutating func begin(_ experiments: [Experiment], directory: String?) {
        let setup = GridSetup(
            experiments: experiments, directory: directory, threads: threads, device: device, boxes: boxes)
        do { networks = try setup.networks(fitsRivals: fitsRivals) } catch { failure = error.description }
        publish()
    }

    /// Carries out all that has been asked for so far, in the caller's thread.
    mutating func settle() {
        while true {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
            } else if isStepDue {
                advance(by: 1)
                if goal <= epoch { steps -= 1 }
            } else {
                return publish()
            }
        }
    }

    private var isStepDue: Bool { steps > 0 && networks != nil }

    private mutating func reset() {
        do { try networks?.reset() } catch { failure = error.description }
        (steps, epoch, goal) = (0, 0, 0)
        slice = 1
        pace.restart()
        rate.forget()
    }

    private mutating func obey() {
        let inbox = boxes.take()
        requests = inbox.requests
        for command in inbox.commands {
            if boxes.stopping.load(ordering: .acquiring) { return }
            switch command {
            case .play:
                playing = true
                steps = 0
                pace.restart()
                rate.forget()
            case .pause:
                playing = false
                steps = 0
            case .stepEpoch:
                playing = false
                steps += 1
            case .reset: reset()
            case .setSpeed(let speed):
                epochsPerSecond = speed
                pace.restart()
            }
        }
    }

    private mutating func train() {
        let started = monotonicSeconds()
        var epochs = slice
        if let speed = epochsPerSecond {
            switch pace.due(at: started, stepsPerSecond: speed, tick: Self.frameSeconds) {
            case .wait(let seconds):
                boxes.bell.wait(seconds: seconds)
                return
            case .steps(let late): epochs = min(slice, late)
            }
        }
        let before = epoch
        advance(by: epochs)
        pace.did(epoch - before)
        let ended = monotonicSeconds()
        rate.note(seconds: ended, step: epoch)
        if epoch - before == epochs {
            let fitting = Double(epochs) * Self.sliceSeconds / max(ended - started, 1e-7)
            slice = max(1, min(epochs * 2, Int(bounded: min(fitting, 1e6))))
        }
        if ended >= due || networks?.areOver == true { publish() }
    }

    /// So many epochs, less when a command comes in between, and the losses after them.
    private mutating func advance(by epochs: Int) {
        guard let stopAtEveryEpoch = networks?.stopAtEveryEpoch else { return }
        // Interrupted before: all go where the first already are.
        if goal <= epoch { goal = epoch + epochs }
        while epoch < goal {
            let next = stopAtEveryEpoch ? epoch + 1 : goal
            guard networks?.advance(toEpoch: next) == true else { return }
            epoch = next
        }
    }

    private mutating func publish() {
        let started = monotonicSeconds()
        var news = GridNews()
        number += 1
        (news.number, news.failure, news.deviceFailure) = (number, failure, networks?.deviceFailure)
        news.members =
            networks?.news(requests, isPlaying: playing, epochsPerSecond: playing ? rate.stepsPerSecond : 0) ?? []
        boxes.news.withLock { swap(&$0, &news) }
        // Pictures take at most a quarter of the time.
        due = started + max(Self.frameSeconds, 4 * (monotonicSeconds() - started))
        onNews()
    }
}

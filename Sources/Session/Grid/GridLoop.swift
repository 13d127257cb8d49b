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
    /// The newest picture of each member, and the member whose turn it is to get the next.
    private var pictures: [Picture?] = []
    private var turn = 0
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
    /// Seconds after which the pictures that are there are shown.
    private static let partSeconds = 0.1

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
        do throws(ExperimentError) {
            networks = try setup.networks(fitsRivals: fitsRivals)
            try fill()
        } catch { fail(error) }
        publish()
    }

    /// Makes all networks ready. Large ones take long: those that are ready are shown.
    private mutating func fill() throws(ExperimentError) {
        pictures = []
        while networks?.areReady == false, !boxes.stopping.load(ordering: .acquiring) {
            try networks?.prepareNext()
            if monotonicSeconds() >= due { publish(pictures: false) }
        }
    }

    private mutating func fail(_ error: ExperimentError) {
        failure = error.description
        networks = nil
    }

    /// Carries out all that has been asked for so far, in the caller's thread.
    mutating func finishCommands() {
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
        do throws(ExperimentError) {
            try networks?.reset()
            try fill()
        } catch { fail(error) }
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

    /// - Parameter wantsPictures: the pictures that are asked for are made. Each is shown when it is there; a command breaks
    ///   off, and the next time goes on with the member whose turn it was.
    private mutating func publish(pictures wantsPictures: Bool = true) {
        let started = monotonicSeconds()
        let news = news
        let count = news.members.count
        pictures += Array(repeating: nil, count: max(0, count - pictures.count))
        if wantsPictures {
            var shown = started
            for place in 0..<count {
                let index = (turn + place) % count
                guard requests.indices.contains(index) else {
                    pictures[index] = nil
                    continue
                }
                if place > 0, boxes.mail.load(ordering: .acquiring) || boxes.stopping.load(ordering: .acquiring) {
                    turn = index
                    break
                }
                pictures[index] = networks?.maker(of: index).makePicture(news.members[index].snapshot, requests[index])
                if place + 1 < count, monotonicSeconds() - shown > Self.partSeconds {
                    handOut(news)
                    shown = monotonicSeconds()
                }
            }
        }
        handOut(news)
        // Pictures take at most a quarter of the time.
        due = started + max(Self.frameSeconds, 4 * (monotonicSeconds() - started))
    }

    /// The members as they are now, without pictures.
    private var news: GridNews {
        var news = GridNews()
        (news.failure, news.deviceFailure) = (failure, networks?.deviceFailure)
        news.members = networks?.members(isPlaying: playing, epochsPerSecond: playing ? rate.stepsPerSecond : 0) ?? []
        return news
    }

    private mutating func handOut(_ news: GridNews) {
        var news = news
        number += 1
        news.number = number
        for index in news.members.indices { news.members[index].picture = pictures[index] }
        boxes.news.withLock { swap(&$0, &news) }
        onNews()
    }
}

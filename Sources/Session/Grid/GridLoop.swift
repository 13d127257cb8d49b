import Basics
import Engine
import Synchronization

/// The loop of a grid's thread: commands, then some epochs of all experiments, then news when they are due.
struct GridLoop {
    private let boxes: GridBoxes
    private let threads: Int
    private let device: ComputeDevice
    private let onNews: @Sendable () -> Void

    private var experiments: [Experiment] = []
    private var directory: String?
    private var grid: ExperimentGrid?
    private var members: [GridMember] = []
    private var makers: [PictureMaker] = []
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
    private var generation = 0
    private var pace = TrainerPace()
    private var rate = TrainerRate()
    /// Epochs between two looks at the clock.
    private var slice = 1
    private var due = 0.0
    private var number = 0

    private static let frameSeconds = 1.0 / 30
    private static let sliceSeconds = 0.01

    init(
        boxes: GridBoxes, playing: Bool, epochsPerSecond: Double?, threads: Int, device: ComputeDevice,
        onNews: @escaping @Sendable () -> Void
    ) {
        self.boxes = boxes
        self.playing = playing
        self.epochsPerSecond = epochsPerSecond
        self.threads = threads
        self.device = device
        self.onNews = onNews
    }

    mutating func run(_ experiments: [Experiment], directory: String?) {
        begin(experiments, directory: directory)
        while !boxes.stopping.load(ordering: .acquiring) {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
                publish()
            } else if steps > 0, let grid {
                advance(grid, by: 1)
                if goal <= epoch { steps -= 1 }
                publish()
            } else if playing, let grid, members.contains(where: { !$0.isOver }) {
                train(grid)
            } else {
                boxes.bell.wait(seconds: nil)
            }
        }
    }

    mutating func begin(_ experiments: [Experiment], directory: String?) {
        self.experiments = experiments
        self.directory = directory
        begin()
        publish()
    }

    /// Carries out all that has been asked for so far, in the caller's thread.
    mutating func settle() {
        while true {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
            } else if steps > 0, let grid {
                advance(grid, by: 1)
                if goal <= epoch { steps -= 1 }
            } else {
                return publish()
            }
        }
    }

    /// At the start, with the initial weights.
    private mutating func begin() {
        do {
            let grid = try ExperimentGrid(
                experiments, directory: directory, threads: threads, device: device, loading: boxes.loading)
            let boxes = boxes
            grid.setInterruption { boxes.stopping.load(ordering: .relaxed) }
            grid.evaluate()
            generation += 1
            members = experiments.indices.map { GridMember(grid, $0, generation: generation) }
            var known: [GridMember.PictureKind: PictureMaker] = [:]
            makers = members.map { member in
                let maker = known[member.pictureKind] ?? PictureMaker(samples: GridMember.pictureSamples)
                known[member.pictureKind] = maker
                return maker
            }
            self.grid = grid
        } catch { failure = error.description }
        (epoch, goal) = (0, 0)
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
            case .reset:
                steps = 0
                begin()
            case .setSpeed(let speed):
                epochsPerSecond = speed
                pace.restart()
            }
        }
    }

    private mutating func train(_ grid: ExperimentGrid) {
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
        advance(grid, by: epochs)
        pace.did(epoch - before)
        let ended = monotonicSeconds()
        rate.note(seconds: ended, step: epoch)
        if epoch - before == epochs {
            let fitting = Double(epochs) * Self.sliceSeconds / max(ended - started, 1e-7)
            slice = max(1, min(epochs * 2, Int(bounded: min(fitting, 1e6))))
        }
        if ended >= due || members.allSatisfy(\.isOver) { publish() }
    }

    /// So many epochs, less when a command comes in between, and the losses after them. Stop conditions want to be
    /// asked after every epoch.
    private mutating func advance(_ grid: ExperimentGrid, by epochs: Int) {
        let conditioned = experiments.contains { $0.training.stop != Experiment.Stop() }
        let boxes = boxes
        // Interrupted before: all go where the first already are.
        if goal <= epoch { goal = epoch + epochs }
        while epoch < goal {
            let next = conditioned ? epoch + 1 : goal
            grid.advance(toEpoch: next) { boxes.mail.load(ordering: .relaxed) }
            let arrived = members.indices.allSatisfy { grid.epoch(of: $0) >= next || grid.divergence(of: $0) != nil }
            guard arrived else { return }
            epoch = next
            grid.evaluate()
            for index in members.indices { members[index].note(grid) }
        }
    }

    private mutating func publish() {
        let started = monotonicSeconds()
        var news = GridNews()
        number += 1
        news.number = number
        news.failure = failure
        news.deviceFailure = grid?.deviceFailure.map { "\($0.place): \($0.message)" }
        let place = news.deviceFailure == nil ? device : .processor
        let state: Snapshot.State = playing ? .training : .paused
        for index in members.indices {
            let request = requests.indices.contains(index) ? requests[index] : nil
            news.members.append(
                members[index].news(
                    request, by: makers[index], state: state, epochsPerSecond: playing ? rate.stepsPerSecond : 0,
                    threads: threads, device: place))
        }
        boxes.news.withLock { swap(&$0, &news) }
        // Pictures take at most a quarter of the time.
        due = started + max(Self.frameSeconds, 4 * (monotonicSeconds() - started))
        onNews()
    }
}

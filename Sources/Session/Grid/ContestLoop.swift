import Basics
import Datasets
import Engine

/// The loop of a grid whose experiments have rivals: a trainer for each, which trains its network and fits its rivals. They take
/// turns epoch by epoch, so that all are equally far.
struct ContestLoop {
    private let boxes: GridBoxes
    private let threads: Int
    private let onNews: @Sendable () -> Void

    private var trainers: [Trainer] = []
    private var makers: [PictureMaker] = []
    private var requests: [ViewRequest] = []
    private var failure: String?
    private var playing: Bool
    /// Epochs that were asked for one by one and are not done.
    private var steps = 0
    private var epochsPerSecond: Double?
    /// The trainer whose turn it is.
    private var turn = 0
    private var pace = TrainerPace()
    private var rate = TrainerRate()
    private var epoch = 0
    private var due = 0.0
    private var number = 0

    private static let frameSeconds = 1.0 / 30

    init(
        boxes: GridBoxes, playing: Bool, epochsPerSecond: Double?, threads: Int, onNews: @escaping @Sendable () -> Void
    ) {
        (self.boxes, self.playing, self.epochsPerSecond) = (boxes, playing, epochsPerSecond)
        (self.threads, self.onNews) = (threads, onNews)
    }

    mutating func run(_ experiments: [Experiment], directory: String?) {
        begin(experiments, directory: directory)
        while !boxes.stopping.load(ordering: .acquiring) {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
                publish()
            } else if steps > 0 {
                if advance() {
                    steps -= 1
                    publish()
                }
            } else if playing, trainers.contains(where: { !Self.isOver($0) }) {
                train()
            } else {
                boxes.bell.wait(seconds: nil)
            }
        }
    }

    /// Carries out all that has been asked for so far, in the caller's thread.
    mutating func settle() {
        while true {
            if boxes.mail.load(ordering: .acquiring) {
                obey()
            } else if steps > 0 {
                if advance() { steps -= 1 }
            } else {
                return publish()
            }
        }
    }

    mutating func begin(_ experiments: [Experiment], directory: String?) {
        for experiment in experiments where !boxes.stopping.load(ordering: .acquiring) {
            do throws(ExperimentError) {
                let data = try PreparedData.prepared(for: experiment, directory: directory, loading: boxes.loading)
                trainers.append(try Trainer(experiment, directory: directory, threads: threads, data: data))
                makers.append(PictureMaker())
            } catch {
                failure = error.description
                break
            }
        }
        if failure != nil { (trainers, makers) = ([], []) }
        publish()
    }

    private static func isOver(_ trainer: Trainer) -> Bool {
        switch trainer.state {
        case .finished, .diverged: true
        case .paused, .training: false
        }
    }

    private mutating func obey() {
        let inbox = boxes.take()
        requests = inbox.requests
        for command in inbox.commands {
            switch command {
            case .play: (playing, steps) = (true, 0)
            case .pause: (playing, steps) = (false, 0)
            case .stepEpoch:
                playing = false
                steps += 1
            case .reset:
                for trainer in trainers { trainer.reset() }
                (steps, turn, epoch) = (0, 0, 0)
            case .setSpeed(let speed): epochsPerSecond = speed
            }
        }
        pace.restart()
        rate.forget()
    }

    private mutating func train() {
        let started = monotonicSeconds()
        if let epochsPerSecond {
            switch pace.due(at: started, stepsPerSecond: epochsPerSecond, tick: Self.frameSeconds) {
            case .wait(let seconds):
                boxes.bell.wait(seconds: seconds)
                return
            case .steps: break
            }
        }
        if advance() {
            pace.did(1)
            rate.note(seconds: monotonicSeconds(), step: epoch)
        }
        if monotonicSeconds() >= due || trainers.allSatisfy(Self.isOver) { publish() }
    }

    /// One epoch of each, from the one whose turn it is on; a command comes in between.
    /// - Returns: whether all have done it.
    private mutating func advance() -> Bool {
        while turn < trainers.count {
            if boxes.mail.load(ordering: .relaxed) { return false }
            let trainer = trainers[turn]
            turn += 1
            guard !Self.isOver(trainer) else { continue }
            trainer.play()
            _ = trainer.epoch()
            trainer.pause()
        }
        (turn, epoch) = (0, epoch + 1)
        return true
    }

    private mutating func publish() {
        let started = monotonicSeconds()
        var news = GridNews()
        number += 1
        (news.number, news.failure) = (number, failure)
        for (index, trainer) in trainers.enumerated() {
            var snapshot = trainer.snapshot(
                revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            if snapshot.state == .paused, playing { snapshot.state = .training }
            snapshot.epochsPerSecond = playing ? rate.stepsPerSecond : 0
            let request = requests.indices.contains(index) ? requests[index] : nil
            let picture = request.map { makers[index].makePicture(snapshot, $0) }
            news.members.append(GridNews.Member(snapshot: snapshot, picture: picture))
        }
        boxes.news.withLock { swap(&$0, &news) }
        // Pictures take at most a quarter of the time.
        due = started + max(Self.frameSeconds, 4 * (monotonicSeconds() - started))
        onNews()
    }
}

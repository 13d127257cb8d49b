import Basics
import Datasets
import Engine

/// Networks whose experiments have rivals: a trainer for each, which trains its network and fits its rivals. They take turns epoch
/// by epoch, so that all are equally far.
struct Contest: GridNetworks {
    private let setup: GridSetup
    private var trainers: [Trainer] = []
    private var makers: [PictureMaker] = []
    /// The trainer whose turn it is.
    private var turn = 0

    let stopAtEveryEpoch = true
    let deviceFailure: String? = nil

    init(_ setup: GridSetup) { self.setup = setup }

    var areReady: Bool { trainers.count == setup.experiments.count }

    mutating func prepareNext() throws(ExperimentError) {
        let experiment = setup.experiments[trainers.count]
        let data = try PreparedData.prepared(
            for: experiment, directory: setup.directory, loading: setup.boxes.loading)
        trainers.append(try Trainer(experiment, directory: setup.directory, threads: setup.threads, data: data))
        makers.append(PictureMaker())
    }

    var areOver: Bool { trainers.allSatisfy(Self.isOver) }

    private static func isOver(_ trainer: Trainer) -> Bool {
        switch trainer.state {
        case .finished, .diverged: true
        case .paused, .training: false
        }
    }

    mutating func reset() {
        for trainer in trainers { trainer.reset() }
        turn = 0
    }

    /// One epoch of each, from the one whose turn it is on; a command comes in between.
    mutating func advance(toEpoch epoch: Int) -> Bool {
        while turn < trainers.count {
            if setup.boxes.mail.load(ordering: .relaxed) { return false }
            let trainer = trainers[turn]
            turn += 1
            guard !Self.isOver(trainer) else { continue }
            trainer.play()
            _ = trainer.epoch()
            trainer.pause()
        }
        turn = 0
        return true
    }

    func members(isPlaying: Bool, epochsPerSecond: Double) -> [GridNews.Member] {
        trainers.map { trainer in
            var snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            if snapshot.state == .paused, isPlaying { snapshot.state = .training }
            snapshot.epochsPerSecond = epochsPerSecond
            return GridNews.Member(snapshot: snapshot, picture: nil)
        }
    }

    func maker(of index: Int) -> PictureMaker { makers[index] }
}

import Basics
import Datasets
import Engine

/// Networks whose experiments have rivals: a trainer for each, which trains its network and fits its rivals. They take turns epoch
/// by epoch, so that all are equally far.
struct Contest: GridNetworks {
    private let boxes: GridBoxes
    private var trainers: [Trainer] = []
    private var makers: [PictureMaker] = []
    /// The trainer whose turn it is.
    private var turn = 0

    let stopAtEveryEpoch = true
    let deviceFailure: String? = nil

    init(_ setup: GridSetup) throws(ExperimentError) {
        boxes = setup.boxes
        for experiment in setup.experiments where !boxes.stopping.load(ordering: .acquiring) {
            let data = try PreparedData.prepared(
                for: experiment, directory: setup.directory, loading: boxes.loading)
            trainers.append(try Trainer(experiment, directory: setup.directory, threads: setup.threads, data: data))
            makers.append(PictureMaker())
        }
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
            if boxes.mail.load(ordering: .relaxed) { return false }
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

    func news(_ requests: [ViewRequest], isPlaying: Bool, epochsPerSecond: Double) -> [GridNews.Member] {
        trainers.enumerated().map { index, trainer in
            var snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            if snapshot.state == .paused, isPlaying { snapshot.state = .training }
            snapshot.epochsPerSecond = epochsPerSecond
            let request = requests.indices.contains(index) ? requests[index] : nil
            return GridNews.Member(
                snapshot: snapshot, picture: request.map { makers[index].makePicture(snapshot, $0) })
        }
    }
}

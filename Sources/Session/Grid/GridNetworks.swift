import Engine

/// The networks of a grid, and how they train in step. Each must be made ready before any trains.
protocol GridNetworks {
    /// All are.
    var areReady: Bool { get }
    /// Makes the next one ready.
    mutating func prepareNext() throws(ExperimentError)
    /// Nothing more comes of any of them.
    var areOver: Bool { get }
    /// Why they train on the processor and not on the device, or nil.
    var deviceFailure: String? { get }
    /// Whether all must stop at every epoch; else at the last of several.
    var stopAtEveryEpoch: Bool { get }
    /// Trains all up to an epoch, and measures them; a command may come in between.
    /// - Returns: whether all have completed it.
    mutating func advance(toEpoch epoch: Int) -> Bool
    /// Back to the initial weights; they may have to be made ready again.
    mutating func reset() throws(ExperimentError)
    /// The state of each that is ready, without a picture.
    /// - Parameter epochsPerSecond: of all; 0 where none trains.
    func members(isPlaying: Bool, epochsPerSecond: Double) -> [GridNews.Member]
    /// The maker of the pictures of one that is ready.
    func maker(of index: Int) -> PictureMaker
}

/// The settings with which a grid's networks train.
struct GridSetup {
    var experiments: [Experiment]
    var directory: String?
    var threads: Int
    var device: ComputeDevice
    let boxes: GridBoxes

    /// - Parameter fitsRivals: the experiments' rivals learn too, on the processor.
    func networks(fitsRivals: Bool) throws(ExperimentError) -> any GridNetworks {
        if fitsRivals { Contest(self) } else { try SideBySide(self) }
    }
}

/// Small networks that train side by side, many in one pass.
struct SideBySide: GridNetworks {
    private let setup: GridSetup
    let stopAtEveryEpoch: Bool
    private var grid: ExperimentGrid
    private var members: [GridMember] = []
    private var makers: [PictureMaker] = []
    private var known: [GridMember.PictureKind: PictureMaker] = [:]
    private var generation = 1

    init(_ setup: GridSetup) throws(ExperimentError) {
        self.setup = setup
        stopAtEveryEpoch = setup.experiments.contains { $0.training.stop != Experiment.Stop() }
        grid = try Self.grid(setup)
    }

    private static func grid(_ setup: GridSetup) throws(ExperimentError) -> ExperimentGrid {
        let boxes = setup.boxes
        let grid = try ExperimentGrid(
            setup.experiments, directory: setup.directory, threads: setup.threads, device: setup.device,
            loading: boxes.loading)
        grid.setInterruption { boxes.stopping.load(ordering: .relaxed) }
        // One thread measures each when its turn comes.
        if setup.threads > 1 { grid.evaluate() }
        return grid
    }

    var areReady: Bool { members.count == setup.experiments.count }

    mutating func prepareNext() {
        let member = GridMember(grid, members.count, generation: generation)
        let maker = known[member.pictureKind] ?? PictureMaker(samples: GridMember.pictureSamples)
        known[member.pictureKind] = maker
        members.append(member)
        makers.append(maker)
    }

    var areOver: Bool { members.allSatisfy(\.isOver) }

    var deviceFailure: String? { grid.deviceFailure.map { "\($0.place): \($0.message)" } }

    mutating func reset() throws(ExperimentError) {
        grid = try Self.grid(setup)
        generation += 1
        (members, makers, known) = ([], [], [:])
    }

    mutating func advance(toEpoch epoch: Int) -> Bool {
        let boxes = setup.boxes
        grid.advance(toEpoch: epoch) { boxes.mail.load(ordering: .relaxed) }
        let arrived = members.indices.allSatisfy { grid.epoch(of: $0) >= epoch || grid.divergence(of: $0) != nil }
        guard arrived else { return false }
        grid.evaluate()
        for index in members.indices { members[index].note(grid) }
        return true
    }

    func members(isPlaying: Bool, epochsPerSecond: Double) -> [GridNews.Member] {
        let place = deviceFailure == nil ? setup.device : .processor
        return members.map {
            $0.news(
                state: isPlaying ? .training : .paused, epochsPerSecond: epochsPerSecond, threads: setup.threads,
                device: place)
        }
    }

    func maker(of index: Int) -> PictureMaker { makers[index] }
}

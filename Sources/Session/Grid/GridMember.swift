import Basics
import Datasets
import Engine

/// The latest state of one experiment of a grid, frozen where its run ended.
struct GridMember {
    private let index: Int
    @Boxed private var snapshot: Snapshot
    private var stop: StopConditions
    /// Its stop condition or its divergence; nil while it trains.
    private var end: Snapshot.State?

    var isOver: Bool { end != nil }

    /// Samples that go through a network at once when its picture is made.
    static let pictureSamples = 128

    /// The properties that networks must share for one maker to make their pictures without planning anew each time.
    struct PictureKind: Hashable {
        let network: NetworkDescription
        let data: DataDescription
        let features: [String]
    }
    var pictureKind: PictureKind {
        PictureKind(
            network: snapshot.network, data: snapshot.experiment.data, features: snapshot.experiment.features)
    }

    init(_ grid: ExperimentGrid, _ index: Int, generation: Int) {
        let experiment = grid.experiments[index]
        let evaluation = grid.evaluation(of: index)
        self.index = index
        stop = StopConditions(experiment.training, epoch: 0, evaluation: evaluation)
        snapshot = Snapshot(
            revision: 1, generation: generation, experiment: experiment, network: grid.network(of: index),
            outline: grid.outline(of: index), data: grid.data(of: index), parameters: grid.parameters(of: index),
            state: .paused, step: 0, epoch: 0, evaluation: nil,
            history: History(metrics: evaluation.metrics, capacity: 512),
            learningRate: 0, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1, seconds: 0, message: nil)
        take(evaluation)
    }

    /// The state after an epoch in which the losses were measured.
    mutating func note(_ grid: ExperimentGrid) {
        guard end == nil else { return }
        let evaluation = grid.evaluation(of: index)
        if let divergence = grid.divergence(of: index) {
            end = .diverged(divergence)
            snapshot.step = divergence.step
            return
        }
        snapshot.parameters = grid.parameters(of: index)
        snapshot.step = grid.step(of: index)
        snapshot.epoch = grid.epoch(of: index)
        take(evaluation)
        guard stop.areAsked(after: snapshot.epoch) else { return }
        stop.note(evaluation, epoch: snapshot.epoch)
        end = stop.reason(
            epoch: snapshot.epoch, step: snapshot.step, evaluation: evaluation
        ).map { .finished($0) }
    }

    private mutating func take(_ evaluation: Evaluation) {
        snapshot.evaluation = evaluation
        let (epoch, step) = (snapshot.epoch, snapshot.step)
        snapshot.history.append(evaluation, epoch: epoch, step: step)
    }

    /// The news of it, without a picture.
    func news(
        state: Snapshot.State, epochsPerSecond: Double, threads: Int, device: ComputeDevice
    ) -> GridNews.Member {
        var snapshot = snapshot
        snapshot.state = end ?? state
        snapshot.epochsPerSecond = epochsPerSecond
        snapshot.threads = threads
        (snapshot.device, snapshot.wantedDevice) = (device, device)
        return GridNews.Member(snapshot: snapshot, picture: nil)
    }
}

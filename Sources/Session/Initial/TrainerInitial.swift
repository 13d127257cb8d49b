import Datasets
import Engine

/// The network that a trainer's experiment starts from.
extension Trainer {
    /// Whether `load` makes or reads the network anew that the experiment starts from: another one, a file that may
    /// have changed, or one that failed before, where training starts again.
    func needsInitial(for experiment: Experiment, directory: String?, _ continuation: Continuation) -> Bool {
        let source = experiment.initial.source
        guard source == self.experiment.initial.source, directory == self.directory || source.file.isEmpty else {
            return true
        }
        return switch initial {
        case .absent: false
        case .awaited: true
        case .ready: continuation == .fromTheStart && !source.file.isEmpty
        case .failed:
            continuation == .fromTheStart || directory != self.directory || change(to: experiment).startsAgain
        }
    }

    /// Why the network starts from drawn weights though the experiment names another network; nil: it does not.
    public var initialFailure: ExperimentError? {
        if case .failed(let error) = initial { error } else { nil }
    }

    /// The layers taken from another network and those that were not, in words; empty where it starts by itself.
    public var initialNotes: [String] {
        switch initial {
        case .absent, .awaited: []
        case .ready(let weights): weights.notes(weights.match(procedure.outline, of: experiment))
        case .failed(let error): ["\(error.place): \(error.message); the weights are drawn"]
        }
    }

    /// Puts the weights of the other network over the drawn ones.
    static func start(_ procedure: any Procedure, _ experiment: Experiment, from initial: InitialWeights.Outcome) {
        defer { set(procedure, by: experiment) }
        guard case .ready(let weights) = initial else { return }
        let outline = procedure.outline
        var parameters = procedure.parameters
        weights.write(weights.match(outline, of: experiment), to: &parameters, outline)
        procedure.parameters = parameters
    }

    /// The loss of the present weights on the samples of the network that it started from: how much of that task is
    /// forgotten. nil: there is no such network, or its samples do not fit this one.
    var initialLoss: Double? {
        guard let own = initialSamples else { return nil }
        if initialMeter?.generation != generation {
            initialMeter = (generation, try? SampleLoss(network, samples: own.train))
        }
        return initialMeter?.meter?.loss(procedure.parameters)
    }

    /// The samples that `initialLoss` is measured on; nil: it is not measured.
    var initialSamples: PreparedData? {
        guard case .ready(let weights) = initial, let own = weights.own, own.train.inputs.width == network.input.count,
            own.task == network.task, experiment.pictures.isEmpty
        else { return nil }
        return own
    }

    /// The quantities that are measured, besides the procedure's those of the network that it starts from.
    public var metrics: [Metric] { procedure.metrics + initialMetrics + rivalMetrics }
    public var initialMetrics: [Metric] { initialSamples == nil ? [] : [.initialLoss] }
}

extension Metric {
    /// Of a network that starts from another one's weights.
    static let initialLoss = Metric(
        "initialLoss", title: "old task",
        summary: "The mean loss over the training samples of the network that this one started from, at least 0.",
        formula: "1/n · Σ L(y₀, t)", source: "Goodfellow, Bengio and Courville, Deep learning, 2016",
        watch: "Where it rises while the other losses fall, the new task unlearns the old one.", plot: .loss)
}

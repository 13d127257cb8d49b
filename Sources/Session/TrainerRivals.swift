import Datasets
import Engine

/// The rivals beside a trainer's network.
extension Trainer {
    static func rivals(
        _ network: NetworkDescription, _ experiment: Experiment, _ data: PreparedData, threads: Int
    ) throws(ExperimentError) -> RivalSet? {
        guard !experiment.rivals.isEmpty else { return nil }
        let data = data.learned
        do throws(EngineError) {
            return try RivalSet(
                experiment.rivals, network: network, task: data.task,
                train: data.train.labelled(experiment.data.labelled),
                test: data.test, seed: experiment.seed, threads: threads)
        } catch { throw ExperimentError(error) }
    }

    /// The scores of the rivals, which are measured with the procedure's quantities.
    public var rivalMetrics: [Metric] {
        let ofClasses = data.learned.task.classes != nil
        return Metric.scores(
            ofRivals: experiment.rivals, ofClasses: ofClasses,
            alone: !Catalogue.trainsNetwork(experiment.training.procedure))
    }

    /// The rivals as they stand.
    public var rivalReports: [RivalReport] { rivals?.reports ?? [] }

    /// Whether the rivals learn alone, and nothing is left to be learned.
    var hasFittedAll: Bool {
        guard let rivals, rivals.isFinished else { return false }
        return !Catalogue.trainsNetwork(experiment.training.procedure)
    }

    /// Fits the rivals whole, where nobody watches their steps.
    public func fitRivals(unless isInterrupted: () -> Bool = { false }) {
        guard let rivals else { return }
        rivals.fit(unless: isInterrupted)
        measure()
    }

    /// Measures the rivals at the present weights.
    func addRivals(to evaluation: inout Evaluation) {
        guard let rivals else { return }
        do throws(EngineError) {
            try rivals.measure(parameters: procedure.parameters)
            rivalFailure = nil
        } catch { rivalFailure = error }
        for (metric, report) in zip(rivalMetrics, rivals.reports) {
            evaluation = evaluation.adding(metric, report.testScore ?? report.trainScore)
        }
    }

    func resetRivals() {
        do throws(EngineError) { try rivals?.reset(seed: experiment.seed) } catch { rivalFailure = error }
    }

    /// Other rivals beside the network, which goes on.
    func changeRivals(_ network: NetworkDescription, _ experiment: Experiment) throws(ExperimentError) {
        rivals = try Self.rivals(network, experiment, data, threads: threads)
    }

    /// Measures other rivals; a run that had ended with those before goes on.
    func beginWithRivals() {
        record.measure(metrics)
        if case .finished = state, !Catalogue.trainsNetwork(experiment.training.procedure) { state = .paused }
        measure()
    }
}

extension Experiment {
    /// Checks what the document tells of the rivals.
    func validateRivals() throws(ExperimentError) {
        let trains = Catalogue.trainsNetwork(training.procedure)
        guard trains || !rivals.isEmpty else {
            throw ExperimentError(
                .malformed, place: "rivals",
                message:
                    "the procedure \(training.procedure.id) trains rivals alone, but there are none; name some, as in "
                    + "“rivals”: [{\"\(Catalogue.entries(.rival)[0].id)\": {}}]")
        }
        guard trains || layers.isEmpty else {
            throw ExperimentError(
                .malformed, place: "layers",
                message:
                    "the procedure \(training.procedure.id) trains no network; write “layers”: [], or choose another "
                    + "procedure")
        }
        guard rivals.count <= Self.mostRivals else {
            throw ExperimentError(
                .malformed, place: "rivals", message: "expected at most \(Self.mostRivals), found \(rivals.count)")
        }
        do throws(EngineError) {
            try RivalSet.check(rivals, task: dataSchema?.task, network: trains ? likelyNetwork(dataSchema) : nil)
        } catch { throw ExperimentError(error) }
    }

    /// Whether a rival learns from a layer.
    var hasRivalsOfLayers: Bool { rivals.contains { $0.rivalLayer != nil } }

    /// More are hard to tell apart.
    private static let mostRivals = 20

    /// The rivals for other data: those that can learn from them; without a network at least one.
    public func fittingRivals(of rivals: [Choice]) -> [Choice] {
        guard let schema = dataSchema else { return rivals }
        let input = NetworkDescription(input: schema.input(features: []), task: schema.task, layers: [])
        func fits(_ rival: Choice) -> Bool {
            var rival = rival
            rival.rivalLayer = nil
            return (try? RivalSet.check([rival], task: schema.task, network: input)) != nil
        }
        let fitting = rivals.filter(fits)
        guard fitting.isEmpty, !Catalogue.trainsNetwork(training.procedure) else { return fitting }
        return Array(Catalogue.entries(.rival).map { Choice($0.id) }.filter(fits).prefix(1))
    }
}

extension Trainer {
    /// Takes the rivals that a checkpoint holds fitted; the others are fitted anew, and so are those of layers.
    /// - Returns: what the user should know.
    func restoreRivals(_ checkpoint: Checkpoint) -> [String] {
        guard let rivals else { return [] }
        var notes: [String] = []
        let form = RivalForm(width: data.learned.train.inputs.width, classes: data.learned.task.classes)
        for (index, choice) in experiment.rivals.enumerated() where choice.rivalLayer == nil {
            do throws(ExperimentError) {
                guard let model = try checkpoint.rival(index, choice, form: form) else { continue }
                rivals.restore(index, model)
            } catch { notes.append("rival \(index + 1) is fitted anew: \(error.message)") }
        }
        measure()
        return notes
    }
}

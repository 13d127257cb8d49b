import Datasets
import Engine

/// Makes what the engine trains from experiments, with data that equal descriptions share.
struct MemberPreparation {
    private struct Source: Hashable {
        var data: DataDescription
        var features: [String]
    }

    private let directory: String?
    private var known: [Source: PreparedData] = [:]
    private var lastBytes = 0
    /// Of all data so far, each once.
    private(set) var warnings: [String] = []

    init(directory: String?) { self.directory = directory }

    mutating func data(for experiment: Experiment) throws(ExperimentError) -> PreparedData {
        let source = Source(data: experiment.data, features: experiment.features)
        if let data = known[source] { return data }
        // Other data take about as much as those before.
        do throws(EngineError) {
            try MemoryRoom.require(
                lastBytes, place: "data", for: "yet other data beside \(known.count)",
                advice: "vary less of the data, or use fewer samples")
        } catch { throw ExperimentError(error) }
        let data = try PreparedData.prepared(for: experiment, directory: directory)
        known[source] = data
        lastBytes = data.bytes
        for note in data.report?.warnings ?? [] where !warnings.contains(note) { warnings.append(note) }
        return data
    }

    mutating func member(_ experiment: Experiment) throws(ExperimentError) -> PopulationMember {
        let data = try data(for: experiment)
        return PopulationMember(
            network: experiment.network(for: data), learning: experiment.learning, train: data.train, test: data.test,
            seed: experiment.seed)
    }
}

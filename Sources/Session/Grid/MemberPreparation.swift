import Datasets
import Engine

/// Makes what the engine trains from experiments, with data that equal descriptions share.
struct MemberPreparation {
    private struct Source: Hashable {
        var data: DataDescription
        var features: [String]
        var noise: NoiseInput?
    }

    private let directory: String?
    private let loading: Loading?
    /// Samples, without the pictures of procedures: these are of each experiment, and small.
    private var known: [Source: PreparedData] = [:]
    private var lastBytes = 0
    /// Networks that experiments start from, by their sources.
    private var initials: [InitialSettings: InitialWeights] = [:]
    /// Of all data so far, each once.
    private(set) var warnings: [String] = []

    /// - Parameter loading: cancels what takes long; the preparation then throws. nil: nobody does.
    init(directory: String?, loading: Loading? = nil) {
        self.directory = directory
        self.loading = loading
    }

    mutating func data(for experiment: Experiment) throws(ExperimentError) -> PreparedData {
        let source = Source(
            data: experiment.data, features: experiment.features, noise: experiment.noise)
        if let data = known[source] {
            return try PreparedData.prepared(for: experiment, directory: directory, beside: data, loading: loading)
        }
        // Other data take about as much as those before.
        do throws(EngineError) {
            try MemoryRoom.require(
                lastBytes, place: "data", for: "yet other data beside \(known.count)",
                advice: "vary less of the data, or use fewer samples")
        } catch { throw ExperimentError(error) }
        let data = try PreparedData.prepared(for: experiment, directory: directory, loading: loading)
        known[source] = data
        lastBytes = data.bytes
        for note in data.report?.warnings ?? [] where !warnings.contains(note) { warnings.append(note) }
        return data
    }

    mutating func member(_ experiment: Experiment) throws(ExperimentError) -> PopulationMember {
        let data = try data(for: experiment)
        let network = experiment.network(for: data)
        let learned = data.learned
        var member = PopulationMember(
            network: network, learning: experiment.learning, train: learned.train, test: learned.test,
            seed: experiment.seed, start: try start(experiment, network), environment: data.schema.environment)
        member.ranges = learned.featureRanges
        member.pictures = data.pictures
        return member
    }

    /// The weights of a network that starts from another one; nil: it starts by itself.
    private mutating func start(
        _ experiment: Experiment, _ network: NetworkDescription
    ) throws(ExperimentError) -> [Float]? {
        let settings = experiment.initial.source
        guard !settings.isNone else { return nil }
        if initials[settings] == nil {
            let weights = try InitialWeights.made(for: experiment, directory: directory, loading: loading)
            // A cancelled training has no result.
            if loading?.isCancelled == true {
                throw ExperimentError(.missing, place: "initial", message: "the loading was cancelled")
            }
            initials[settings] = weights
        }
        guard let weights = initials[settings] else { return nil }
        do throws(EngineError) {
            let outline = try network.outline()
            var flat = try network.initialParameters(seed: experiment.seed)
            weights.write(weights.match(outline, of: experiment), to: &flat, outline)
            return flat
        } catch { throw ExperimentError(error) }
    }
}

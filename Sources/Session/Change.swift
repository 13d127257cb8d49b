import Datasets
import Engine

/// The difference between two documents, and so what becomes of the training: the screen's words and the trainer both ask it.
public struct Change: Sendable, Hashable {
    /// A part of the document, the one that counts most first.
    public enum Part: Sendable, Hashable, CaseIterable {
        case data, features, procedure, noise, pictures, rule, layers, output, weights
        case drawings, points, rivals, learning, stop, evaluation, words, view

        /// Why training starts again, in words for the user; nil: the part changes while training goes on.
        var reset: String? {
            switch self {
            case .data: "new data"
            case .features: "other features"
            case .procedure: "another procedure"
            case .noise: "other noise"
            case .pictures: "other pictures"
            case .rule: "another learning rule"
            case .layers: "another network"
            case .output: "another output layer"
            case .weights: "other initial weights"
            case .drawings, .points, .rivals, .learning, .stop, .evaluation, .words, .view: nil
            }
        }
    }

    public let parts: Set<Part>
    /// The weights that fit may stay: the seed, the dataset and the network that it starts from are as before.
    public let mayKeepWeights: Bool

    /// - Parameters:
    ///   - schema: of the old experiment's data; nil: only what its document tells is known. A default that is only written
    ///     out changes nothing where the schema says that it is the default.
    ///   - takesPointsBack: it is the undo of points that were drawn over the new experiment's data.
    public static func between(
        _ old: Experiment, _ new: Experiment, schema: DataSchema? = nil, takesPointsBack: Bool = false
    ) -> Change {
        Change(old, new, schema: schema ?? old.dataSchema, takesPointsBack: takesPointsBack)
    }

    private init(_ old: Experiment, _ new: Experiment, schema: DataSchema?, takesPointsBack: Bool) {
        var parts: Set<Part> = []
        func note(_ part: Part, _ isChanged: Bool) { if isChanged { parts.insert(part) } }
        func inputs(_ experiment: Experiment) -> [String] {
            experiment.features.isEmpty ? schema?.columns ?? [] : experiment.features
        }
        func withoutDrawings(_ data: DataDescription) -> DataDescription {
            var data = data.complete
            data.drawings = []
            return data
        }
        let isDrawn =
            new.drawsPoints(over: old, schema: schema)
            || takesPointsBack && old.drawsPoints(over: new, schema: new.dataSchema ?? schema)
        note(.data, !isDrawn && withoutDrawings(new.data) != withoutDrawings(old.data))
        note(.points, isDrawn && new.data != old.data)
        note(.drawings, new.data.drawings != old.data.drawings)
        note(.features, inputs(new) != inputs(old))
        note(.procedure, Catalogue.startsAgain(old.training.procedure, new.training.procedure))
        note(.noise, new.noise != old.noise)
        note(.pictures, new.pictures != old.pictures)
        note(.rule, new.training.rule != old.training.rule)
        // Of a file that has not been read nothing is known; what is implied then is taken for another.
        let task = schema?.task
        func network(_ experiment: Experiment) -> NetworkDescription {
            experiment.network(input: Shape(1), task: task ?? .regression).complete
        }
        var (network, oldNetwork) = (network(new), network(old))
        // Names and frozen layers change live.
        note(.layers, network.layers.anonymous != oldNetwork.layers.anonymous)
        (network.layers, oldNetwork.layers) = ([], [])
        network.isOutputFrozen = oldNetwork.isOutputFrozen
        var (output, oldOutput) = (new.output, old.output)
        (output.isFrozen, oldOutput.isFrozen) = (false, false)
        note(.output, network != oldNetwork || (task == nil && output != oldOutput))
        // Of another stack's layers it is not known which take weights for others: their addresses are by place.
        let takesOthers = !parts.contains(.layers) && new.initialPaths != old.initialPaths
        note(
            .weights,
            new.seed != old.seed || new.initial.source != old.initial.source || takesOthers
                || new.initial.values != old.initial.values)
        note(.rivals, new.rivals != old.rivals)
        note(.learning, new.learning != old.learning)
        note(.stop, new.training.stop != old.training.stop)
        note(.evaluation, new.training.evaluateEvery != old.training.evaluateEvery)
        note(
            .words,
            (new.title, new.story, new.hide) != (old.title, old.story, old.hide) || new.compare != old.compare)
        note(.view, new.view != old.view)
        self.parts = parts
        mayKeepWeights =
            new.seed == old.seed && (isDrawn || new.data.dataset.id == old.data.dataset.id)
            && new.initial.source == old.initial.source && new.initial.values == old.initial.values && !takesOthers
    }

    /// Whether the samples are to be made or read anew.
    public var needsData: Bool { !parts.isDisjoint(with: [.data, .features, .noise, .drawings, .points]) }

    /// Whether the pictures of the procedure are, beside the same samples or others.
    public var needsPictures: Bool { parts.contains(.pictures) }

    /// Whether training starts again.
    public var startsAgain: Bool { parts.contains { $0.reset != nil } }

    /// Why training starts again, in words for the user; nil: the edit changes it live.
    /// - Parameter keepWeights: the weights that fit are to stay.
    public func resetReason(keepWeights: Bool) -> String? {
        guard let reset = Part.allCases.lazy.filter({ parts.contains($0) }).compactMap(\.reset).first else {
            return nil
        }
        return "\(reset): training starts again" + (keepWeights && mayKeepWeights ? " with the weights that fit" : "")
    }
}

extension Experiment {
    /// Whether points are drawn in place of an experiment's data while training goes on: columns, classes and all else are
    /// as before.
    fileprivate func drawsPoints(over old: Experiment, schema: DataSchema?) -> Bool {
        guard Datasets.isDrawn(data.dataset.id), !data.points.isEmpty, let schema, let own = dataSchema,
            own.columns == schema.columns, own.task == schema.task
        else { return false }
        guard Datasets.isDrawn(old.data.dataset.id) else { return true }
        guard old.data.points != data.points else { return false }
        var same = old.data
        same.points = data.points
        // The pen gives them places that they keep.
        return (same == data || old.data.drawn(data.points) == data) && !old.data.points.isEmpty
    }
}

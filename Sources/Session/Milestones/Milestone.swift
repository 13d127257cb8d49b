/// An event in the history of neural networks, with the preset that shows it.
public struct Milestone: Sendable, Hashable {
    /// The branch of the field that it belongs to.
    public enum Branch: String, Sendable, Hashable, CaseIterable {
        case neurons
        case training
        case images
        case sequences
        case unlabelled = "without labels"
        case games
        case rivals
    }

    public var year: Int
    /// Surnames, the first author first.
    public var people: String
    /// At most 28 characters.
    public var title: String
    public var branch: Branch
    /// Two or three sentences.
    public var text: String
    /// The paper, with its year where that is another one.
    public var source: String
    /// The name of the preset that shows it.
    public var preset: String
    /// A setting of the preset for it: "training.rule=hebb"; nil: it shows it as it is.
    public var with: String?

    init(
        _ year: Int, _ people: String, _ title: String, _ branch: Branch, _ text: String, source: String,
        preset: String, with: String? = nil
    ) {
        (self.year, self.people, self.title, self.branch) = (year, people, title, branch)
        (self.text, self.source, self.preset, self.with) = (text, source, preset, with)
    }

    /// "perceptron-and with training.rule=hebb".
    public var presetWords: String { with.map { "\(preset) with \($0)" } ?? preset }
}

extension Milestone {
    /// The preset with its setting, as an experiment to open.
    public func experiment() throws(ExperimentError) -> ExperimentSource {
        var source = try ExperimentSource.open(preset)
        if let with { source.experiment = try source.experiment.setting(assignments: [with]) }
        return source
    }
}

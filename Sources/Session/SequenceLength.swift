import Datasets
import Engine

extension Experiment {
    /// The key path of the data's setting that makes sequences longer: a lag, a delay, a length; nil: there is none.
    public var lengthPath: String? {
        func steps(_ experiment: Experiment) -> Int? {
            guard let schema = try? experiment.data.schema(), case .sequence(let kind) = schema.kind else { return nil }
            return kind.steps
        }
        guard let own = steps(self), let entry = Datasets.entry(data.dataset.id) else { return nil }
        return entry.knobs.first { knob in
            guard case .integer(let range) = knob.kind,
                case .integer(let value) = data.dataset.value(of: knob)
            else { return false }
            let other = value < range.upperBound ? value + 1 : value - 1
            return (try? setting("data.\(knob.name)", to: .number(Double(other)))).flatMap(steps).map { $0 != own }
                ?? false
        }.map { "data.\($0.name)" }
    }
}

import Basics
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

    /// The longest sequences over which training would take no more than some memory: "a lag up to 1,500 would fit".
    /// - Parameter bytes: nil: the system does not say what is free.
    /// - Returns: nil: the data have no setting of their length, or not even the shortest would fit.
    func fittingLength(bytes: Int? = MemoryRoom.free) -> String? {
        guard let path = lengthPath, let bytes, let knob = knob(at: path), case .integer(let range) = knob.kind,
            case .number(let present)? = value(at: path)
        else { return nil }
        func fits(_ length: Int) -> Bool {
            guard let other = try? setting(path, to: .number(Double(length))) else { return false }
            return (1...max(1, bytes)).contains(other.trainingBytes)
        }
        guard fits(range.lowerBound) else { return nil }
        var (fitting, large) = (range.lowerBound, max(range.lowerBound + 1, Int(bounded: present)))
        while large - fitting > 1 {
            let middle = (fitting + large) / 2
            if fits(middle) { fitting = middle } else { large = middle }
        }
        return "a \(knob.title) of \(fitting) would fit"
    }

    /// An error about memory that also says how long sequences may be.
    func tellingLength(_ error: EngineError) -> EngineError {
        guard error.place == MemoryRoom.place, let words = fittingLength() else { return error }
        return EngineError(place: error.place, message: "\(error.message); \(words)")
    }
}

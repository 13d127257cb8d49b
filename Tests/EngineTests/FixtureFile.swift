@testable import Engine
import Testing

/// A case of a file in Tests/Fixtures, as make_fixtures.py writes it.
struct Fixture: Sendable, CustomTestStringConvertible {
    var kind = ""
    var id = ""
    var words: [String: String] = [:]
    /// "inputs", "labels", "start layers.0.weight", ...
    var numbers: [String: [Double]] = [:]

    var testDescription: String { "\(kind) \(id)" }

    static func read(_ name: String) -> [Fixture] {
        var fixtures: [Fixture] = []
        for line in CatalogueTests.text(CatalogueTests.sources + "/../../Tests/Fixtures/" + name).split(separator: "\n")
        {
            var parts = line.split(separator: " ").map(String.init)
            switch parts[0] {
            case "case": fixtures.append(Fixture(kind: parts[1], id: parts[2]))
            case "layers":
                fixtures[fixtures.count - 1].words["layers"] = parts.dropFirst().joined(separator: " ")
            case "word": fixtures[fixtures.count - 1].words[parts[1]] = parts[2]
            case "activation", "criterion", "optimizer", "classes", "clip", "schedule":
                fixtures[fixtures.count - 1].words[parts[0]] = parts[1]
            default:
                let key = Double(parts[1]) == nil ? "\(parts[0]) \(parts.remove(at: 1))" : parts[0]
                fixtures[fixtures.count - 1].numbers[key] = parts.dropFirst().map { Double($0)! }
            }
        }
        return fixtures
    }

    /// The choice of `id` with the knobs whose lines begin with `key`.
    func choice(_ list: CatalogueList, _ id: String, knobs key: String = "knob") -> Choice {
        var choice = Choice(id)
        for (name, values) in numbers where name.hasPrefix(key + " ") {
            let knob = String(name.dropFirst(key.count + 1))
            if case .integer? = Catalogue.entry(list, id)?.knob(knob)?.kind {
                choice.knobs[knob] = .integer(Int(values[0]))
            } else {
                choice.knobs[knob] = .real(values[0])
            }
        }
        return choice
    }
}

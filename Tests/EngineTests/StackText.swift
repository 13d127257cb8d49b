@testable import Engine

/// Layers as make_fixtures.py writes them: `dense:4:tanh`, `activation:relu`, `batchNorm`.
func stack(_ text: String) -> [Choice] {
    text.split(separator: " ").map { word in
        let parts = word.split(separator: ":").map(String.init)
        return switch parts[0] {
        case "dense": dense(Int(parts[1])!, Choice(parts[2]))
        case "activation": Choice("activation", ["function": .choice(Choice(parts[1]))])
        default: Choice(parts[0])
        }
    }
}

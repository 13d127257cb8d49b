@testable import Engine

/// Layers as make_fixtures.py writes them: words apart by spaces, `dense:4:tanh`, `activation:relu`, `batchNorm`,
/// `residual( BODY | SHORTCUT )`, `branches:sum( STACK | STACK )`, `conv2d:filters=3:padding=same`; `!dense:4:tanh` is frozen,
/// `dense:4:tanh@code` is called "code", and `dense:2:tanh~code` is tied to it.
func stack(_ text: String) -> [Choice] {
    // Of each block that is open: its word, and its stacks so far.
    var open: [(word: String, stacks: [[Choice]])] = [("", [[]])]
    func append(_ layer: Choice) { open[open.count - 1].stacks[open[open.count - 1].stacks.count - 1].append(layer) }
    for word in text.split(separator: " ").map(String.init) {
        switch word {
        case "|": open[open.count - 1].stacks.append([])
        case ")":
            let block = open.removeLast()
            append(layer(block.word, block.stacks))
        default:
            if word.hasSuffix("(") { open.append((String(word.dropLast()), [[]])) } else { append(layer(word, [])) }
        }
    }
    return open[0].stacks[0]
}

private func layer(_ word: String, _ stacks: [[Choice]]) -> Choice {
    let named = word.split(separator: "@").map(String.init)
    if named.count == 2 {
        var layer = layer(named[0], stacks)
        layer.knobs["name"] = .text(named[1])
        return layer
    }
    let tied = word.split(separator: "~").map(String.init)
    if tied.count == 2 {
        var layer = layer(tied[0], stacks)
        layer.knobs["tied"] = .text(tied[1])
        return layer
    }
    if word.hasPrefix("!") {
        var layer = layer(String(word.dropFirst()), stacks)
        layer.knobs["frozen"] = .toggle(true)
        return layer
    }
    let parts = word.split(separator: ":").map(String.init)
    func list(_ layers: [Choice]) -> KnobValue { .list(layers.map { .choice($0) }) }
    return switch parts[0] {
    case "dense": dense(Int(parts[1])!, Choice(parts[2]))
    case "activation": Choice("activation", ["function": .choice(Choice(parts[1]))])
    case "residual": Choice("residual", ["body": list(stacks[0]), "shortcut": list(stacks[1])])
    case "eachStep": Choice("eachStep", ["body": list(stacks[0])])
    case "branches": Choice("branches", ["stacks": .list(stacks.map(list)), "join": .text(parts[1])])
    default: Choice(parts[0], Dictionary(uniqueKeysWithValues: parts.dropFirst().map { knob($0, of: parts[0]) }))
    }
}

/// A setting of a layer: "filters=3".
private func knob(_ text: String, of layer: String) -> (String, KnobValue) {
    let (name, value) = (String(text.prefix { $0 != "=" }), String(text.drop { $0 != "=" }.dropFirst()))
    let known: KnobValue =
        switch Catalogue.entry(.layer, layer)!.knob(name)!.kind {
        case .integer: .integer(Int(value)!)
        case .real: .real(Double(value)!)
        case .toggle: .toggle(value == "true")
        case .choice: .choice(Choice(value))
        case .text, .word, .list: .text(value)
        }
    return (name, known)
}

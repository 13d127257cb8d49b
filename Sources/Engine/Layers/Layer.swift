/// A layer of a network, written once for all backends: it declares its parameters and emits its operations.
///
/// A new layer is a file in this folder and a line in `Catalogue.layers`.
protocol Layer: Sendable {
    static var entry: Entry { get }

    /// - Parameter settings: checked against `entry`.
    init(settings: Settings) throws(EngineError)

    /// The words for it in a list of layers: "dense 4".
    var title: String { get }

    /// The activation, when the layer has one.
    var activation: Settings? { get }

    /// The dependence of its units on those before it; nil: in another way than the cases tell.
    var link: Outline.Link? { get }

    /// Declares the parameters, emits the forward operations and, by `plan.backward`, those of the way back.
    /// - Throws: what is wrong with the input's shape: expected, found, what to do.
    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value
}

/// The knobs that every layer has beside its own.
public enum LayerKnobs {
    public static let name = Knob(
        "name", title: "name", summary: "What other layers call this one by; unique in the network, or empty.",
        kind: .text, default: .text(""))

    public static let frozen = Knob(
        "frozen", title: "frozen",
        summary:
            "Keeps the parameters and the running statistics as they are while other layers learn; of a block, all inside.",
        kind: .toggle, default: .toggle(false))

    static let all = [name, frozen]
}

extension Choice {
    /// A layer's name; nil: it has none.
    public var name: String? {
        guard case .text(let name)? = knobs[LayerKnobs.name.name], !name.isEmpty else { return nil }
        return name
    }

    /// Whether a layer is frozen itself, not by a block that it is in.
    public var isFrozen: Bool {
        get { knobs[LayerKnobs.frozen.name] == .toggle(true) }
        set { knobs[LayerKnobs.frozen.name] = .toggle(newValue) }
    }

    /// The same layer without name and not frozen, and so for all layers inside it: what fixes shapes and initial weights.
    public var anonymous: Choice {
        changingAllLayers { layer in
            var layer = layer
            for knob in LayerKnobs.all { layer.knobs[knob.name] = nil }
            return layer
        }
    }
}

extension Entry {
    /// A layer's entry with the knobs that every layer has.
    func withLayerKnobs() -> Entry {
        Entry(
            id: id, title: title, summary: summary, formula: formula, source: source, knobs: knobs + LayerKnobs.all,
            outputOnly: outputOnly)
    }
}

extension Layer {
    var link: Outline.Link? { nil }
}

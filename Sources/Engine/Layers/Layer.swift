/// A layer of a network, written once for all backends: it declares its parameters and emits its operations.
///
/// A new layer is a file in this folder and a line in `Catalogue.layers`.
protocol Layer: Sendable {
    static var entry: Entry { get }

    /// An input that the layer takes with its standard settings.
    static var exampleInput: Shape { get }

    /// The vocabulary, lengths and targets of that input.
    static var exampleForm: SequenceForm { get }

    /// Whether it hands a state from step to step: gradients may grow on their way through many.
    static var isRecurrent: Bool { get }

    /// Whether the layers before it make samples, which those behind it tell from real ones.
    static var endsGenerator: Bool { get }
    /// The layer for one step of a sequence after another, which carries its state from pass to pass; nil: it looks at other
    /// steps in another way.
    static func stepping(_ layer: Choice) -> Choice?
    /// The layer with settings that fit an input of a shape; those that have no need to fit are the standard ones.
    static func fitting(_ input: Shape) -> Choice

    /// - Parameter settings: checked against `entry`.
    init(settings: Settings) throws(EngineError)

    /// The words for it in a list of layers: "dense 4".
    var title: String { get }

    /// The activation, when the layer has one.
    var activation: Settings? { get }

    /// The dependence of its units on those before it; nil: in another way than the cases tell.
    var link: Outline.Link? { get }

    /// How one of its units is read, with the numbers of its own.
    var formula: UnitFormula { get }

    /// Whether of as many steps as it takes in each belongs to the same step of the sequence; then each sample keeps its length.
    var keepsSteps: Bool { get }

    /// The layers that bring its values back to its input's shape, as the decoder of an autoencoder of this layer alone, the last
    /// of them without an activation; empty: there are none.
    /// - Parameter output: the shape of its own values for that input.
    func decoder(from output: Shape, to input: Shape) -> [Choice]

    /// Declares the parameters, emits the forward operations and, by `plan.backward`, those of the way back.
    /// - Throws: what is wrong with the input's shape: expected, found, what to do.
    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value
}

/// The knobs that every layer has beside its own.
public enum LayerKnobs {
    public static let name = Knob(
        "name", title: "name",
        summary: "The name by which other layers call this one; unique in the network, or empty.",
        kind: .text, default: .text(""))

    public static let frozen = Knob(
        "frozen", title: "frozen",
        summary:
            "Keeps the parameters and the running statistics as they are while other layers learn; of a block, all inside.",
        kind: .toggle, default: .toggle(false))

    static let all = [name, frozen]

    /// Of the layers that can use another one's weights.
    public static let tied = Knob(
        "tied", title: "tied to",
        summary:
            "The name of an earlier dense layer whose weights this one uses too, transposed, with a bias of its own; empty: none.",
        kind: .text, default: .text(""))

    /// The knobs by which a layer is bound to others or stays as it is, its own among them: few networks use them.
    public static let ofBonds = [tied] + all
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

    /// Whether it uses one of `LayerKnobs.ofBonds`.
    public var isBound: Bool { name != nil || tied != nil || isFrozen }

    /// A layer like this one to stand beside it: without names, not frozen, and not tied itself.
    public var fresh: Choice {
        var fresh = [self].anonymous[0]
        fresh.tied = nil
        return fresh
    }
}

extension [Choice] {
    /// The layers without names and none frozen, in blocks too, ties by their owners' places: all that fixes shapes and
    /// initial weights.
    public var anonymous: [Choice] {
        var places: [String: Int] = [:]
        for (place, layer) in flatMap(\.allLayers).enumerated() {
            if let name = layer.name { places[name] = place }
        }
        return map { layer in
            layer.changingAllLayers { layer in
                var layer = layer
                for knob in LayerKnobs.all { layer.knobs[knob.name] = nil }
                if let owner = layer.tied.flatMap({ places[$0] }) { layer.tied = "\(owner)" }
                return layer
            }
        }
    }

    /// The layers with other names, in blocks too, and with them what is tied to these.
    public func renamed(_ names: [String: String]) -> [Choice] {
        map { layer in
            layer.changingAllLayers { layer in
                var layer = layer
                if let name = layer.name.flatMap({ names[$0] }) { layer.knobs[LayerKnobs.name.name] = .text(name) }
                if let name = layer.tied.flatMap({ names[$0] }) { layer.tied = name }
                return layer
            }
        }
    }

    /// A copy of a layer to stand among these: its names, and those inside it, are new.
    public func copy(of layer: Choice) -> Choice {
        var taken = Set(flatMap(\.allLayers).compactMap(\.name))
        var names: [String: String] = [:]
        for name in layer.allLayers.compactMap(\.name) {
            var number = 2
            while taken.contains("\(name) \(number)") { number += 1 }
            names[name] = "\(name) \(number)"
            taken.insert("\(name) \(number)")
        }
        return [layer].renamed(names)[0]
    }
}

extension Entry {
    /// A layer's entry with the knobs that every layer has.
    func withLayerKnobs() -> Entry {
        Entry(
            id: id, title: title, summary: summary, formula: formula, source: source, watch: watch,
            knobs: knobs + LayerKnobs.all,
            outputOnly: outputOnly)
    }
}

extension Layer {
    func decoder(from output: Shape, to input: Shape) -> [Choice] { [] }

    static var exampleInput: Shape { Shape(4) }
    static var exampleForm: SequenceForm { SequenceForm() }
    static var isRecurrent: Bool { false }
    static var endsGenerator: Bool { false }

    static func stepping(_ layer: Choice) -> Choice? { nil }
    static func fitting(_ input: Shape) -> Choice { Choice(entry.id) }

    var link: Outline.Link? { nil }
    var keepsSteps: Bool { true }

    var formula: UnitFormula { UnitFormula(Self.entry.formula) }
}

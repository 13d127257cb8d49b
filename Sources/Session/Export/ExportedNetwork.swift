import Datasets
import Engine

/// A network as the exports walk it: each layer with its settings, shapes and tensors.
struct ExportedNetwork {
    let description: NetworkDescription
    let layers: [ExportedLayer]
    let output: OutputForm
    /// The output layer's shapes and tensors.
    let outputLayer: Outline.Layer
    /// The output layer's input, which has no lengths where it is no sequence.
    let outputIsMasked: Bool
    let tensors: [String: ExportedTensor]
    /// The flat parameters.
    let flat: [Float]

    /// - Parameter parameters: the flat parameters.
    init(_ description: NetworkDescription, parameters: [Float]) throws(ExperimentError) {
        self.description = description
        flat = parameters
        let outline: Outline
        do throws(EngineError) {
            outline = try description.outline()
            output = try description.outputForm()
        } catch { throw ExperimentError(error) }
        var tensors: [String: ExportedTensor] = [:]
        for tensor in outline.tensors {
            tensors[tensor.name] = ExportedTensor(
                axes: tensor.axes, values: Array(parameters[tensor.offset..<tensor.offset + tensor.count]))
        }
        self.tensors = tensors
        let choices = description.complete.layers
        let (layers, isMasked) = ExportedLayer.stack(
            choices, Array(outline.layers.dropLast()), place: "layers", isMasked: description.sequence.hasLengths)
        self.layers = layers
        outputLayer = outline.layers[outline.layers.count - 1]
        outputIsMasked = isMasked && outputLayer.input.axes.count == 2
    }

    /// All layers, those inside blocks too, a block before what it holds.
    var allLayers: [ExportedLayer] { layers.flatMap(\.all) }

    /// The layer that others are tied to by its name.
    func layer(named name: String) -> ExportedLayer? { allLayers.first { $0.outline.name == name } }

    subscript(tensor name: String) -> ExportedTensor? { tensors[name] }
}

/// The numbers of a tensor in PyTorch's layout.
struct ExportedTensor: Sendable, Hashable {
    var axes: [Int]
    var values: [Float]

    /// The kernels turned by 180°: the last two axes reversed.
    var flipped: ExportedTensor {
        let taps = axes.suffix(2).reduce(1, *)
        var turned = self
        for first in stride(from: 0, to: values.count, by: taps) {
            turned.values.replaceSubrange(first..<first + taps, with: values[first..<first + taps].reversed())
        }
        return turned
    }

    func reshaped(_ axes: [Int]) -> ExportedTensor { ExportedTensor(axes: axes, values: values) }
}

/// One layer with its settings written out.
struct ExportedLayer {
    let choice: Choice
    let outline: Outline.Layer
    /// The place that messages name: "layers.2.conv2d".
    let place: String
    /// Whether the sequences that it takes have lengths of their own.
    let isMasked: Bool
    /// The layers of its stacks, in the order of the settings.
    let stacks: [[ExportedLayer]]
    var input: Shape { outline.input }
    var output: Shape { outline.output }

    var all: [ExportedLayer] { [self] + stacks.flatMap { $0.flatMap(\.all) } }

    /// - Returns: the layers, and whether the values behind them are sequences with lengths.
    fileprivate static func stack(
        _ choices: [Choice], _ outlines: [Outline.Layer], place: String, isMasked: Bool
    ) -> ([ExportedLayer], isMasked: Bool) {
        var layers: [ExportedLayer] = []
        var isMasked = isMasked
        for (index, (choice, outline)) in zip(choices, outlines).enumerated() {
            let own = "\(place).\(index).\(choice.id)"
            let isSequence = outline.input.axes.count == 2
            let inner: [(name: String, choices: [Choice])] = choice.innerStacks
            let stacks = inner.map { name, choices in
                let found = outline.stacks.first { $0.name == name }?.layers ?? []
                return Self.stack(
                    choices, found, place: "\(own).\(name)",
                    isMasked: isMasked && found.first.map { $0.input.axes.count == 2 } ?? false
                ).0
            }
            layers.append(
                ExportedLayer(
                    choice: choice, outline: outline, place: own, isMasked: isMasked && isSequence, stacks: stacks))
            isMasked = outline.hasLengths
        }
        return (layers, isMasked)
    }

    // MARK: - Settings

    func integer(_ name: String) -> Int {
        guard case .integer(let value)? = choice.knobs[name] else { preconditionFailure("\(place) has no \(name)") }
        return value
    }

    func real(_ name: String) -> Double { choice.real(name) }

    func toggle(_ name: String) -> Bool { choice.knobs[name] == .toggle(true) }

    func text(_ name: String) -> String {
        guard case .text(let value)? = choice.knobs[name] else { return "" }
        return value
    }

    func inner(_ name: String) -> Choice {
        guard case .choice(let value)? = choice.knobs[name] else { preconditionFailure("\(place) has no \(name)") }
        return value
    }

    /// A tensor's name in the network.
    func tensor(_ name: String) -> String { "\(outline.path).\(name)" }

    /// A refusal with the layer's place.
    func refused(_ reason: String) -> ExperimentError {
        ExperimentError(.malformed, place: place, message: reason)
    }
}

extension Choice {
    func real(_ name: String) -> Double {
        switch knobs[name] {
        case .real(let value)?: value
        case .integer(let value)?: Double(value)
        default: 0
        }
    }

    /// The stacks of layers among the settings, by the names that their tensors' paths have.
    var innerStacks: [(name: String, choices: [Choice])] {
        (Catalogue.entry(.layer, id)?.knobs ?? []).flatMap { knob -> [(name: String, choices: [Choice])] in
            guard case .list(let values) = value(of: knob) else { return [] }
            func layers(_ values: [KnobValue]) -> [Choice] {
                values.compactMap { if case .choice(let layer) = $0 { layer } else { nil } }
            }
            guard case .list(.list) = knob.kind else { return [(knob.name, layers(values))] }
            return values.enumerated().map { index, value in
                if case .list(let inner) = value {
                    ("\(knob.name).\(index)", layers(inner))
                } else {
                    ("\(knob.name).\(index)", [])
                }
            }
        }
    }
}

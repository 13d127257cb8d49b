import Basics
import Datasets
import Engine

/// A neuron, or a small network with its loss, as a computational graph at one sample: inputs and weights as variables, then
/// products, sums, activations; values and derivatives are those of the engine's passes, dropout and noise off.
public struct NetworkGraph: Sendable {
    public let graph: FormulaGraph
    /// "unit 2 of layer 1 at row 1"
    public let title: String

    /// The names by which messages refer to other graphs: options of the program, or keys.
    public struct Names: Sendable {
        public var network: String
        public var neuron: String
        /// Of the walks, which show other layers.
        public var walks: String

        public init(network: String, neuron: String, walks: String) {
            (self.network, self.neuron, self.walks) = (network, neuron, walks)
        }

        /// Those of `layercake graph`.
        public static let options = Names(
            network: "--network", neuron: "--layer, --neuron", walks: "in the playground")
    }

    /// Larger graphs are no help.
    public static let mostNodes = 400
    /// So many terms of a sum are written out.
    private static let mostTerms = 6

    /// The graph of one neuron, whose value is the result.
    /// - Parameters:
    ///   - row: of the training samples.
    ///   - layer: one whose units weigh all values before them.
    /// - Throws: what has no such graph, and why.
    public init(
        _ snapshot: Snapshot, row: Int, layer: LayerPath, unit: Int, names: Names = .options
    ) throws(ExperimentError) {
        let passes = try GraphPasses(snapshot, row: row, ofLoss: false)
        let outline = snapshot.outline
        guard outline[layer] != nil else {
            throw ExperimentError(
                .malformed, place: "--layer",
                message: "there is no layer \(layer); expected "
                    + (outline.layers.count > 1 ? "0 to \(outline.layers.count - 2), or output" : "output"))
        }
        let units = outline.unitCount(layer: layer)
        guard (0..<units).contains(unit) else {
            throw ExperimentError(
                .malformed, place: "--neuron",
                message:
                    "layer \(layer) has \(units == 1 ? "one neuron" : "the neurons 1 to \(units)"), found \(unit + 1)")
        }
        var builder = GraphBuilder(passes, names)
        try builder.checkMatrix(layer)
        try builder.addNeuron(layer, unit)
        graph = try builder.finished()
        title = "\(builder.name(layer, unit)) at row \(row + 1)"
    }

    /// The graph of the whole network, whose loss is the result.
    public init(_ snapshot: Snapshot, row: Int, names: Names = .options) throws(ExperimentError) {
        let passes = try GraphPasses(snapshot, row: row, ofLoss: true)
        var builder = GraphBuilder(passes, names)
        try builder.addNetwork()
        graph = try builder.finished()
        title = "the network and its loss at row \(row + 1)"
    }

    fileprivate static func terms(_ names: [String]) -> String {
        names.count <= mostTerms ? names.joined(separator: " + ") : "\(names[0]) + … + \(names[names.count - 1])"
    }
}

/// The passes of one sample that a graph takes its numbers from.
private struct GraphPasses {
    @Boxed private(set) var snapshot: Snapshot
    /// Of the loss, with gradients at parameters and values; nil: it is not asked for.
    let loss: NetworkGradient?
    /// The sample's way forward, its targets and its loss.
    let trace: SampleTrace

    /// - Parameter ofLoss: the graph ends at the loss, so that its gradients are asked for.
    init(_ snapshot: Snapshot, row: Int, ofLoss: Bool) throws(ExperimentError) {
        self.snapshot = snapshot
        let train = snapshot.data.train
        guard !snapshot.data.columns.isEmpty, snapshot.network.generated == nil,
            train.inputs.width == snapshot.network.inputWidth
        else {
            throw ExperimentError(
                .malformed, place: "data",
                message: "expected a table of rows, such as points of a plane: other data have no graph")
        }
        guard !ofLoss || snapshot.network.rule == .gradient else {
            throw ExperimentError(
                .malformed, place: "training.rule",
                message: "the rule \(snapshot.network.rule.rawValue) is no gradient of a loss: take the graph of one "
                    + "neuron, or choose the rule gradient"
            )
        }
        guard (0..<train.count).contains(row) else {
            throw ExperimentError(
                .malformed, place: "--sample", message: "expected 1 to \(train.count), found \(row + 1)")
        }
        let inputs = train.inputs.values(of: row)
        let label = train.labels[row]
        do throws(EngineError) {
            if ofLoss {
                let gradient = try NetworkGradient(snapshot.network, capacity: 1, ofLoss: true, ofParameters: true)
                gradient.load(parameters: snapshot.parameters)
                gradient.run(inputs, labels: [label])
                loss = gradient
            } else {
                loss = nil
            }
            let network = try Network(snapshot.network, capacity: 1)
            network.load(parameters: snapshot.parameters)
            network.forward(inputs, count: 1)
            trace = network.trace(label: label)
        } catch { throw ExperimentError(error) }
    }

    var inputs: [Float] { trace.inputs }

    /// The slopes of a layer's activation at its sums, each unit by itself; nil: they depend on each other.
    func slopes(_ layer: LayerPath) throws(ExperimentError) -> [Float]? {
        guard let own = snapshot.outline[layer], own.hasFunction else { return nil }
        guard !own.sharesActivation else { return nil }
        do throws(EngineError) {
            let units = snapshot.outline.unitCount(layer: layer)
            let network = try NetworkGradient(snapshot.network, capacity: units)
            network.load(parameters: snapshot.parameters)
            network.run(
                (0..<units).flatMap { _ in inputs },
                goals: (0..<units).map {
                    NetworkGradient.Goal(layer: layer, stage: .activation, units: $0..<$0 + 1)
                })
            return (0..<units).map { network.gradient(layer: layer, stage: .preActivation, sample: $0)[$0] }
        } catch { throw ExperimentError(error) }
    }
}

/// Nodes and edges as they are added.
private struct GraphBuilder {
    private let passes: GraphPasses
    private let words: NetworkGraph.Names
    private var variables: [FormulaGraph.Node] = []
    private var operations: [FormulaGraph.Node] = []
    /// Of the operations; places of variables as they are, those of operations below 0: −1 is the first.
    private var edges: [[FormulaGraph.Edge]] = []

    init(_ passes: GraphPasses, _ words: NetworkGraph.Names) { (self.passes, self.words) = (passes, words) }

    private var snapshot: Snapshot { passes.snapshot }
    private var outline: Outline { snapshot.outline }

    /// "x1", "h2" of the first layer, "g1" of the second, "y" of the output.
    func name(_ layer: LayerPath, _ unit: Int) -> String {
        if layer.isInput {
            let title = featureTitle(snapshot.data.inputName(unit))
            return title.contains(" ") ? "(\(title))" : title
        }
        if layer == outline.output { return outline.unitCount(layer: layer) == 1 ? "y" : "y\(unit + 1)" }
        let hidden = outline.pathsWithUnits.filter { !$0.isInput && $0 != outline.output }
        let number = hidden.firstIndex(of: layer) ?? 0
        let letters = ["h", "g", "k", "m"]
        return letters.indices.contains(number) ? "\(letters[number])\(unit + 1)" : "l\(number + 1).\(unit + 1)"
    }

    /// - Throws: that a layer's units weigh no values, or that its weights have no place of their own.
    func checkMatrix(_ layer: LayerPath) throws(ExperimentError) {
        guard outline.weightMatrix(layer: layer) != nil, outline[layer]?.repeats == 1 else {
            throw ExperimentError(
                .malformed, place: layer == outline.output ? "output" : "layers.\(layer)",
                message:
                    "expected a layer whose units weigh all values before them, found \(outline[layer]?.title ?? ""): its steps are shown by the walks (\(words.walks))"
            )
        }
    }

    /// - Parameter isGiven: nothing asks for a derivative there.
    @discardableResult private mutating func variable(
        _ name: String, _ value: Float, _ derivative: Float, isGiven: Bool = false
    ) -> Int {
        variables.append(
            FormulaGraph.Node(
                name: name, expression: "", operation: "", value: Double(value), derivative: Double(derivative),
                isGiven: isGiven))
        return variables.count - 1
    }

    private mutating func operation(
        _ name: String, _ sign: String, _ expression: String, _ value: Double, _ derivative: Float,
        _ own: [FormulaGraph.Edge]
    ) -> Int {
        operations.append(
            FormulaGraph.Node(
                name: name, expression: expression, operation: sign, value: value, derivative: Double(derivative)))
        edges.append(own)
        return -operations.count
    }

    /// The products and the sum of a unit.
    /// - Parameters:
    ///   - inputs: the places of the values that come in.
    ///   - delta: the result's derivative at the sum.
    /// - Returns: the sum's place.
    private mutating func addSum(
        _ layer: LayerPath, _ unit: Int, inputs: [Int], values: [Float], delta: Float, weightGradient: (Int) -> Float,
        biasGradient: Float
    ) -> Int {
        let matrix = outline.weightMatrix(layer: layer)!
        let before = outline.source(of: layer)
        let own = name(layer, unit)
        // The variables first, so that they keep their places.
        let weights = values.indices.map { input in
            variable(
                "w(\(name(before, input))→\(own))", snapshot.parameters[matrix.place(unit: unit, input: input)],
                weightGradient(input))
        }
        let bias = outline.biases(layer: layer).map {
            variable("b(\(own))", snapshot.parameters[$0.offset + unit], biasGradient)
        }
        var terms: [FormulaGraph.Edge] = []
        var names: [String] = []
        for (input, value) in values.enumerated() {
            let weight = snapshot.parameters[matrix.place(unit: unit, input: input)]
            let (from, of) = (name(before, input), "w(\(name(before, input))→\(own))")
            let product = operation(
                "p(\(from)→\(own))", "·", "\(of) · \(from)", Double(weight * value), delta,
                [
                    FormulaGraph.Edge(to: weights[input], text: from, local: Double(value)),
                    FormulaGraph.Edge(to: inputs[input], text: of, local: Double(weight)),
                ])
            terms.append(FormulaGraph.Edge(to: product, text: "1", local: 1))
            names.append("p(\(from)→\(own))")
        }
        if let bias {
            terms.append(FormulaGraph.Edge(to: bias, text: "1", local: 1))
            names.append("b(\(own))")
        }
        return operation(
            "z(\(own))", "+", NetworkGraph.terms(names),
            Double(passes.trace.layers[layer]?.sums[unit] ?? .nan), delta, terms)
    }

    /// One neuron: the result is its value.
    mutating func addNeuron(_ layer: LayerPath, _ unit: Int) throws(ExperimentError) {
        let values = passes.trace.values(outline.directlyBefore(layer))
        guard outline[layer]?.sharesActivation != true else {
            throw ExperimentError(
                .malformed, place: "--layer",
                message:
                    "the softmax makes all units' values together: take the network's graph (\(words.network)), or another layer"
            )
        }
        // Before anything is computed for them: inputs, weights and products, and the sum.
        try Self.check(nodes: 3 * values.count + 1)
        let slope = steps(layer) ? Float.nan : try passes.slopes(layer).map { $0[unit] } ?? 1
        let matrix = outline.weightMatrix(layer: layer)!
        let before = outline.source(of: layer)
        let inputs = values.indices.map { input in
            variable(
                name(before, input), values[input],
                slope * snapshot.parameters[matrix.place(unit: unit, input: input)])
        }
        let sum = addSum(
            layer, unit, inputs: inputs, values: values, delta: slope, weightGradient: { slope * values[$0] },
            biasGradient: slope)
        try addActivation(layer, unit, of: sum, slope: slope, derivative: 1)
    }

    /// - Returns: the place of the unit's value.
    @discardableResult private mutating func addActivation(
        _ layer: LayerPath, _ unit: Int, of sum: Int, slope: Float, derivative: Float
    ) throws(ExperimentError) -> Int {
        guard let own = outline[layer], own.hasFunction, !own.sharesActivation,
            let function = own.activation.flatMap({ Catalogue.entry(.activation, $0.id) })
        else { return sum }
        let name = name(layer, unit)
        return operation(
            name, function.title, "\(function.title)(z(\(name)))", Double(passes.trace.values(layer)[unit]),
            derivative,
            [
                FormulaGraph.Edge(
                    to: sum, text: "\(function.title)′(z(\(name)))", local: Double(slope),
                    absence: slope.isNaN && steps(layer) ? "a hard step has no derivative" : nil)
            ])
    }

    /// Whether the layer's activation is a hard step, which has no derivative.
    private func steps(_ layer: LayerPath) -> Bool {
        outline[layer]?.activation.map { Catalogue.isStep(activation: $0.id) } ?? false
    }

    /// All layers, and the loss.
    mutating func addNetwork() throws(ExperimentError) {
        guard let loss = passes.loss else { preconditionFailure("a graph without the loss's gradients") }
        let layers = outline.allPaths.filter { outline.hasUnits(layer: $0) }
        for layer in layers { try checkMatrix(layer) }
        // Before anything is reserved for them.
        let count = layers.reduce(1) { count, layer in
            count + outline.unitCount(layer: layer) * (2 * (outline.weightMatrix(layer: layer)?.inputs ?? 0) + 3)
        }
        guard count <= NetworkGraph.mostNodes else {
            throw ExperimentError(
                .malformed, place: "layers",
                message:
                    "the graph of this network has \(plural(count, "node")), expected at most \(NetworkGraph.mostNodes): take a smaller network, or one neuron (\(words.neuron))"
            )
        }
        let inputGradient = loss.gradient(layer: .input)
        var places = passes.inputs.enumerated().map { variable(name(.input, $0), $1, inputGradient[$0]) }
        var sums: [Int] = []
        for layer in layers {
            let values = loss.values(layer: outline.directlyBefore(layer))
            let deltas = loss.gradient(layer: layer, stage: .preActivation)
            let gradients = loss.gradient(layer: layer)
            let slopes = try passes.slopes(layer)
            let weight = outline.tensor("weight", of: layer).map { loss.gradient(of: $0) }
            let bias = outline.biases(layer: layer).map { loss.gradient(of: $0) }
            let matrix = outline.weightMatrix(layer: layer)!
            guard let weight, weight.count == matrix.range.count else {
                throw ExperimentError(
                    .malformed, place: "layers.\(layer)",
                    message: "tied weights have no graph of their own; untie the layer")
            }
            sums = []
            places = try (0..<outline.unitCount(layer: layer)).map { unit throws(ExperimentError) in
                let sum = addSum(
                    layer, unit, inputs: places, values: values, delta: deltas[unit],
                    weightGradient: { weight[matrix.place(unit: unit, input: $0) - matrix.offset] },
                    biasGradient: bias?[unit] ?? 0)
                sums.append(sum)
                // The loss is derived together with the activation.
                if layer == outline.output, loss.derivesAtSums { return sum }
                return try addActivation(
                    layer, unit, of: sum, slope: slopes?[unit] ?? 1, derivative: gradients[unit])
            }
        }
        let atSums = loss.derivesAtSums
        let derivatives = loss.gradient(layer: outline.output, stage: atSums ? .preActivation : .activation)
        let names = derivatives.indices.map { unit in
            let own = name(outline.output, unit)
            return atSums || places[unit] == sums[unit] ? "z(\(own))" : own
        }
        let targets = passes.trace.targets
        let targetNames = targets.indices.map { "t(\(name(outline.output, $0)))" }
        for (target, name) in zip(targets, targetNames) { variable(name, target, 0, isGiven: true) }
        let title = Catalogue.entry(.loss, snapshot.network.loss.id)?.title ?? "loss"
        func list(_ names: [String]) -> String {
            names.count <= 2 ? names.joined(separator: ", ") : "\(names[0]), …"
        }
        let answers = passes.trace.values(outline.output)
        _ = operation(
            "L", "loss", "\(title)(\(list(names)); \(list(targetNames)))", passes.trace.loss ?? .nan, 1,
            derivatives.indices.map { unit in
                // Where the loss is derived at the sums the answer is the activation's value there.
                let function = outline[outline.output]?.activation.flatMap {
                    Catalogue.entry(.activation, $0.id)?.title
                }
                let answer =
                    atSums && outline[outline.output]?.hasFunction == true
                    ? "\(function ?? "f")(\(outline[outline.output]!.sharesActivation ? list(names) : names[unit]))"
                    : names[unit]
                func slope(_ answer: String, _ target: String) -> String {
                    Catalogue.slope(ofLoss: snapshot.network.loss.id, answer: answer, target: target)
                }
                return FormulaGraph.Edge(
                    to: atSums ? sums[unit] : places[unit], text: "(\(slope(answer, targetNames[unit])))",
                    local: Double(derivatives[unit]),
                    worked: FormulaGraph.Worked(
                        slope("{y}", "{t}"), ["{y}": Double(answers[unit]), "{t}": Double(targets[unit])]))
            })
    }

    /// - Throws: that there are too many nodes for a graph.
    private static func check(nodes: Int) throws(ExperimentError) {
        guard nodes <= NetworkGraph.mostNodes else {
            throw ExperimentError(
                .malformed, place: "--neuron",
                message:
                    "this neuron weighs too many values: its graph has \(nodes) nodes or more, expected at most \(NetworkGraph.mostNodes)"
            )
        }
    }

    /// The variables, then the operations, with edges that know their places.
    func finished() throws(ExperimentError) -> FormulaGraph {
        let count = variables.count
        try Self.check(nodes: count + operations.count)
        let all = edges.map { own in
            own.map { edge in
                var edge = edge
                if edge.to < 0 { edge.to = count - edge.to - 1 }
                return edge
            }
        }
        return FormulaGraph(nodes: variables + operations, edges: variables.map { _ in [] } + all)
    }
}

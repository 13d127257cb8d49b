/// Walks a graph in double: the reference for gradients and for exported graphs.
struct GraphWalk {
    private let graph: Graph
    private let constants: [String: Numbers]

    init(_ graph: Graph) {
        self.graph = graph
        var constants: [String: Numbers] = [:]
        for constant in graph.constants {
            switch constant.values {
            case .reals(let values): constants[constant.name] = Numbers(constant.axes, values.map(Double.init))
            case .integers(let values): constants[constant.name] = Numbers(constant.axes, values.map(Double.init))
            }
        }
        self.constants = constants
    }

    /// All values by their names.
    func values(_ inputs: [String: Numbers]) -> [String: Numbers] {
        var values = constants.merging(inputs) { $1 }
        for node in graph.nodes {
            guard let work = GraphOperations.all[node.operation] else {
                preconditionFailure("no operation \(node.operation)")
            }
            let results = work(GraphNode(node, values))
            for (name, result) in zip(node.outputs, results) where !name.isEmpty { values[name] = result }
        }
        return values
    }
}

/// A node with the values of its inputs.
struct GraphNode {
    let inputs: [Numbers?]
    private let attributes: [String: Graph.Attribute]

    init(_ node: Graph.Node, _ values: [String: Numbers]) {
        inputs = node.inputs.map { values[$0] }
        attributes = Dictionary(node.attributes.map { ($0.name, $0.value) }) { $1 }
    }

    subscript(index: Int) -> Numbers { inputs[index]! }

    func optional(_ index: Int) -> Numbers? { index < inputs.count ? inputs[index] : nil }

    func integers(_ name: String) -> [Int]? {
        if case .integers(let values)? = attributes[name] { values } else { nil }
    }

    func integer(_ name: String, _ standard: Int) -> Int {
        if case .integer(let value)? = attributes[name] { value } else { standard }
    }

    func real(_ name: String, _ standard: Double) -> Double {
        if case .real(let value)? = attributes[name] { value } else { standard }
    }

    func text(_ name: String) -> String { if case .text(let value)? = attributes[name] { value } else { "" } }

    func texts(_ name: String) -> [String] { if case .texts(let values)? = attributes[name] { values } else { [] } }

    /// Whole numbers in an input.
    func whole(_ index: Int) -> [Int] { self[index].values.map { Int($0) } }
}

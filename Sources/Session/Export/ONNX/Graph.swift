/// A network as a graph of ONNX's operators, opset 17: nodes in the order of their work, over values by their names.
///
/// Values have the batch as their first axis: rows [N, values], images [N, channels, height, width], sequences
/// [N, steps, values].
struct Graph {
    enum Attribute: Sendable, Hashable {
        case integer(Int)
        case integers([Int])
        case real(Double)
        case text(String)
        case texts([String])
    }
    struct Node: Sendable {
        var operation: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [(name: String, value: Attribute)]
    }
    /// Constant numbers, and weights.
    struct Constant: Sendable {
        enum Values: Sendable, Hashable {
            case reals([Float])
            case integers([Int])
        }
        var name: String
        var axes: [Int]
        var values: Values
    }
    /// An input or the output; the first axis is the batch.
    struct Port: Sendable {
        var name: String
        var axes: [Int]
        var isInteger = false
    }

    var inputs: [Port] = []
    var outputs: [Port] = []
    private(set) var nodes: [Node] = []
    private(set) var constants: [Constant] = []
    /// The names of the constants that are weights of the network, by the names of its tensors.
    private(set) var weights: [String: String] = [:]
    private var count = 0
    /// The input with the sequences' lengths, `[N]`; nil: all have every step.
    var lengths: String?
    /// Whether batch normalization goes by the batch.
    var isTraining = false
    /// Parts of the loss that layers add.
    var penalties: [Penalty] = []

    init() {}

    // MARK: - Nodes

    private mutating func fresh(_ word: String) -> String {
        count += 1
        return "\(word.lowercased())_\(count)"
    }

    /// Adds a node, and gives the name of its result.
    mutating func add(_ operation: String, _ inputs: String..., with attributes: KeyValuePairs<String, Attribute> = [:])
        -> String
    {
        add(operation, inputs, outputs: 1, attributes.map { ($0.key, $0.value) })[0]
    }

    /// Adds a node with several results; one whose place is not asked for has no name.
    mutating func add(
        _ operation: String, _ inputs: [String], outputs count: Int, asked: Set<Int>? = nil,
        _ attributes: [(name: String, value: Attribute)] = []
    ) -> [String] {
        let names = (0..<count).map { asked?.contains($0) == false ? "" : fresh(operation) }
        nodes.append(Node(operation: operation, inputs: inputs, outputs: names, attributes: attributes))
        return names
    }

    /// Gives a value another name: the output's.
    mutating func name(_ value: String, _ name: String) {
        nodes.append(Node(operation: "Identity", inputs: [value], outputs: [name], attributes: []))
    }

    // MARK: - Constants

    mutating func reals(_ values: [Float], _ axes: [Int], _ name: String = "constant") -> String {
        let name = fresh(name)
        constants.append(Constant(name: name, axes: axes, values: .reals(values)))
        return name
    }

    mutating func real(_ value: Double) -> String { reals([Float(value)], []) }

    mutating func integers(_ values: [Int]) -> String {
        let name = fresh("shape")
        constants.append(Constant(name: name, axes: [values.count], values: .integers(values)))
        return name
    }

    /// A weight by its tensor's name; one that several layers use is there once.
    mutating func weight(_ name: String, _ tensor: ExportedTensor) -> String {
        if let known = weights[name] { return known }
        constants.append(Constant(name: name, axes: tensor.axes, values: .reals(tensor.values)))
        weights[name] = name
        return name
    }

    // MARK: - Shapes

    /// The batch's values in other axes.
    mutating func reshape(_ x: String, _ axes: [Int]) -> String { add("Reshape", x, integers([-1] + axes)) }

    mutating func transpose(_ x: String, _ order: [Int]) -> String {
        add("Transpose", x, with: ["perm": .integers(order)])
    }

    /// A row of values of each sample.
    mutating func flatten(_ x: String, from axes: [Int]) -> String {
        axes.count == 1 ? x : add("Flatten", x, with: ["axis": .integer(1)])
    }

    mutating func unsqueeze(_ x: String, _ axes: [Int]) -> String { add("Unsqueeze", x, integers(axes)) }

    /// 1 at the steps that a sequence has, 0 behind its end: `[N, steps]`.
    mutating func mask(steps: Int) -> String {
        let numbers = reals((0..<steps).map(Float.init), [1, steps])
        let own = unsqueeze(add("Cast", lengths!, with: ["to": .integer(Graph.float)]), [1])
        return add("Cast", add("Less", numbers, own), with: ["to": .integer(Graph.float)])
    }

    // MARK: - The file

    /// ONNX's numbers for the types of numbers.
    static let float = 1
    static let integer = 7

    /// The model in ONNX's file format, IR version 8.
    /// Source: github.com/onnx/onnx, onnx.proto3.
    func bytes(name: String, text: String, version: String) -> [UInt8] {
        var graph = ProtocolBuffer()
        for node in nodes { graph.add(1, node.message) }
        graph.add(2, name)
        for constant in constants { graph.add(5, constant.message) }
        for port in inputs { graph.add(11, port.message) }
        for port in outputs { graph.add(12, port.message) }
        var opset = ProtocolBuffer()
        opset.add(1, "")
        opset.add(2, 17)
        var model = ProtocolBuffer()
        model.add(1, 8)
        model.add(2, "layercake")
        if !version.isEmpty { model.add(3, version) }
        model.add(6, text)
        model.add(7, graph)
        model.add(8, opset)
        return model.bytes
    }
}

extension Graph.Node {
    fileprivate var message: ProtocolBuffer {
        var message = ProtocolBuffer()
        for input in inputs { message.add(1, input) }
        for output in outputs { message.add(2, output) }
        message.add(4, operation)
        for (name, value) in attributes {
            var attribute = ProtocolBuffer()
            attribute.add(1, name)
            switch value {
            case .real(let value):
                attribute.add(2, Float(value))
                attribute.add(20, 1)
            case .integer(let value):
                attribute.add(3, value)
                attribute.add(20, 2)
            case .text(let value):
                attribute.add(4, value)
                attribute.add(20, 3)
            case .integers(let values):
                for value in values { attribute.add(8, value) }
                attribute.add(20, 7)
            case .texts(let values):
                for value in values { attribute.add(9, value) }
                attribute.add(20, 8)
            }
            message.add(5, attribute)
        }
        return message
    }
}

extension Graph.Constant {
    fileprivate var message: ProtocolBuffer {
        var message = ProtocolBuffer()
        if !axes.isEmpty { message.add(1, packed: axes) }
        message.add(8, name)
        var raw: [UInt8] = []
        switch values {
        case .reals(let values):
            message.add(2, Graph.float)
            raw.reserveCapacity(4 * values.count)
            for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { raw.append(contentsOf: $0) } }
        case .integers(let values):
            message.add(2, Graph.integer)
            for value in values { withUnsafeBytes(of: Int64(value).littleEndian) { raw.append(contentsOf: $0) } }
        }
        message.add(9, bytes: raw)
        return message
    }
}

extension Graph.Port {
    fileprivate var message: ProtocolBuffer {
        var shape = ProtocolBuffer()
        var batch = ProtocolBuffer()
        batch.add(2, "N")
        shape.add(1, batch)
        for axis in axes {
            var dimension = ProtocolBuffer()
            dimension.add(1, axis)
            shape.add(1, dimension)
        }
        var tensor = ProtocolBuffer()
        tensor.add(1, isInteger ? Graph.integer : Graph.float)
        tensor.add(2, shape)
        var type = ProtocolBuffer()
        type.add(1, tensor)
        var message = ProtocolBuffer()
        message.add(1, name)
        message.add(2, type)
        return message
    }
}

/// The place of a layer in a network: its index, and within blocks a stack and the index in it, however deep blocks nest.
///
/// As text "2" or "2.body.0": what follows "layers." in the names of the layer's tensors. −1 is the input, and the output
/// layer follows the last hidden one.
public struct LayerPath: Sendable, Hashable {
    public struct Step: Sendable, Hashable {
        /// The stack's name within its block: "body", "stacks.1".
        public var stack: String
        public var index: Int
        public init(stack: String, index: Int) { (self.stack, self.index) = (stack, index) }
    }

    public var index: Int
    public var inside: [Step]

    public init(_ index: Int, inside: [Step] = []) { (self.index, self.inside) = (index, inside) }

    /// The network's input.
    public static let input = LayerPath(-1)

    public var isInput: Bool { index < 0 }

    /// The block that the layer is in; nil: none.
    public var block: LayerPath? { inside.isEmpty ? nil : LayerPath(index, inside: inside.dropLast()) }

    /// The layer of the network that it is, or that it is inside.
    public var outermost: LayerPath { LayerPath(index) }

    /// Whether a layer is inside this block, or this layer itself.
    public func contains(_ other: LayerPath) -> Bool {
        index == other.index && other.inside.starts(with: inside)
    }
}

extension LayerPath: ExpressibleByIntegerLiteral {
    public init(integerLiteral index: Int) { self.init(index) }
}

extension LayerPath: LosslessStringConvertible {
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let index = Int(parts[0]) else { return nil }
        var inside: [Step] = []
        var name: [String] = []
        for (place, part) in parts.enumerated().dropFirst() {
            let isLastNumber = Int(part) != nil && (place + 1 == parts.count || Int(parts[place + 1]) == nil)
            guard isLastNumber, !name.isEmpty else {
                // A stack's name is a word, and behind it the stack's number where a block has a list of stacks.
                guard name.isEmpty ? Int(part) == nil && !part.isEmpty : name.count == 1 && Int(part) != nil else {
                    return nil
                }
                name.append(part)
                continue
            }
            guard let number = Int(part), number >= 0 else { return nil }
            inside.append(Step(stack: name.joined(separator: "."), index: number))
            name = []
        }
        guard name.isEmpty else { return nil }
        self.init(index, inside: inside)
    }

    public var description: String {
        ([String(index)] + inside.map { "\($0.stack).\($0.index)" }).joined(separator: ".")
    }
}

extension Outline {
    /// A layer, of blocks also those inside; nil: there is none, or it is the input.
    public subscript(path: LayerPath) -> Layer? {
        guard layers.indices.contains(path.index) else { return nil }
        var layer = layers[path.index]
        for step in path.inside {
            guard let stack = layer.stacks.first(where: { $0.name == step.stack }),
                stack.layers.indices.contains(step.index)
            else { return nil }
            layer = stack.layers[step.index]
        }
        return layer
    }

    /// The output layer.
    public var output: LayerPath { LayerPath(layers.count - 1) }

    /// The hidden layers and the output layer in order, without those inside blocks.
    public var paths: [LayerPath] { layers.indices.map { LayerPath($0) } }
}

/// The shapes and tensors of a network, known before any memory is reserved.
public struct Outline: Sendable, Hashable {
    public struct Tensor: Sendable, Hashable {
        /// "layers.<i>.weight", "layers.<i>.body.<j>.weight", "layers.<i>.bias", "layers.<i>.activation.weight",
        /// "output.weight", "output.bias".
        public var name: String
        /// PyTorch's layout: `[out, in]` for a dense weight.
        public var axes: [Int]
        /// The place in the flat parameters, in floats (tensors may be padded apart).
        public var offset: Int
        public var count: Int
        /// Weights decay, biases and learned slopes do not.
        public var decays: Bool
        /// Whether gradients change it; running statistics follow the data instead.
        public var isTrained: Bool
    }
    /// Layers one after the other within a block.
    public struct Stack: Sendable, Hashable {
        /// "body", "shortcut", "stacks.0".
        public var name: String
        public var layers: [Layer]
    }
    /// The dependence of a layer's units on those before it.
    public enum Link: Sendable, Hashable {
        /// Each unit weighs all inputs by the tensor `weight` [out, in].
        case matrix
        /// Each unit takes the value of the same number, and makes its own of it.
        case oneToOne
        /// Outside training the values pass as they are: the layer has no units of its own.
        case pass
    }
    public struct Layer: Sendable, Hashable {
        /// "layers.2", "layers.2.body.0", "output": what the names of its tensors begin with.
        public var path: String
        /// Index in its stack; nil for the output layer.
        public var index: Int?
        /// "dense 4", "dropout 0.5", "output 1".
        public var title: String
        public var input: Shape
        public var output: Shape
        /// Indices into `tensors`; of a block those of all layers inside.
        public var tensors: [Int]
        /// Scalars in this layer's trained parameters (padding not counted).
        public var parameterCount: Int
        /// The activation, when the layer has one: entry id.
        public var activation: Choice?
        /// nil: in another way.
        public var link: Link?
        /// Bytes that training with a batch of one needs for this layer's values and their gradients.
        public var bytesPerSample: Int
        /// The stacks that a block holds; empty for other layers.
        public var stacks: [Stack]

        public var isBlock: Bool { !stacks.isEmpty }

        /// The layer itself, or those inside a block that are no blocks.
        public var leaves: [Layer] { isBlock ? stacks.flatMap { $0.layers.flatMap(\.leaves) } : [self] }

        mutating func setBytes(_ bytes: (_ path: String) -> Int) {
            bytesPerSample = bytes(path)
            for stack in stacks.indices {
                for layer in stacks[stack].layers.indices { stacks[stack].layers[layer].setBytes(bytes) }
            }
        }
    }
    public var input: Shape
    /// Hidden layers in order, then the output layer.
    public var layers: [Layer]
    public var tensors: [Tensor]
    /// The length of the flat parameters in floats, padding included.
    public var flatCount: Int
    /// The first floats of the flat parameters are trained; behind them are the running statistics.
    public var trainedCount: Int
    /// Scalars in all trained parameters (padding not counted).
    public var parameterCount: Int
    /// Bytes of values and their gradients that each sample of a training batch needs.
    public var bytesPerSample: Int
    /// The fewest samples of a training batch: 2 where a layer compares samples.
    public var smallestBatch: Int

    /// Bytes for training: parameters, their gradients, an optimizer's slots, and the values of a batch.
    public func trainingBytes(batchSize: Int, slots: Int) -> Int {
        4 * flatCount * (2 + slots) + bytesPerSample * batchSize
    }
}

extension NetworkDescription {
    /// Plans the shapes; throws what is wrong with the description (units out of range, a softmax in a hidden layer,
    /// …).
    public func outline() throws(EngineError) -> Outline { try Plan(self).outline }
}

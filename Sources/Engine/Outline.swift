/// The shapes and tensors of a network, known before any memory is reserved.
///
/// Its extensions are long together, because each part of the program adds there what it asks of a network's shapes.
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
        /// Whether gradients change it, unless it is frozen; running statistics follow the data instead.
        public var isTrained: Bool
        /// Whether it stays as it is: its layer is frozen, or a block that holds the layer.
        public var isFrozen: Bool

        /// Floats up to the next tensor.
        var paddedCount: Int { (count + Plan.alignment - 1) / Plan.alignment * Plan.alignment }
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
        /// The same by the tensor `weight` [in, out] of an earlier layer, whose name it has.
        case transposedMatrix(of: String)
        /// Each unit takes the value of the same number, and makes its own of it.
        case oneToOne
        /// The same, by the mean and the deviation of all of them.
        case oneByAll(epsilon: Float)
        /// Outside training the values pass as they are: the layer has no units of its own.
        case pass
        /// Each value weighs a window of all channels before it by the kernel of its filter: the tensor `weight`
        /// [filters, channels, height, width], and of windows with kernels of their own
        /// [outHeight, outWidth, filters, channels, height, width].
        case kernels(Window)
        /// Each value weighs the values of steps around its own by the kernel of its filter: the tensor `weight`
        /// [filters, features, taps].
        case stepKernels(StepWindow)
        /// Each value before lays the kernels of its channel, weighed, over a larger image, where they add up: the tensor
        /// `weight` [channels, filters, height, width]. The windows move over that image, one for each value.
        case transposedKernels(Window)
        /// Each value is made of a window of its own channel.
        case pool(Window, Pooling)
        /// Each value before fills a window of its own channel in a larger image.
        case repeated(Window)
        /// Each value is divided by what those of channels around its own respond at its place.
        case response(ChannelResponse)
        /// The results of a block's stacks become one.
        case join(Join)

        /// Whether each unit makes its own of the value of the same number.
        public var isOneToOne: Bool {
            if case .oneByAll = self { true } else { self == .oneToOne }
        }
    }
    public enum Join: Sendable, Hashable {
        case sum, mean, largest
        /// One after the other; of images channel after channel.
        case concatenation
    }
    /// y = x / s^beta with s = k + alpha / size · Σ x² over the `size` channels around.
    public struct ChannelResponse: Sendable, Hashable {
        public var size: Int
        public var alpha: Float
        public var beta: Float
        public var k: Float

        /// The channels that count for one of `count`, itself among them.
        public func neighbours(of channel: Int, among count: Int) -> Range<Int> {
            max(0, channel - size / 2)..<min(count, channel + (size - 1) / 2 + 1)
        }
    }
    public enum Pooling: Sendable, Hashable {
        case largest
        /// The sum times a factor; nil: one by the number of the window's values within the image.
        case sum(factor: Double?)
    }
    public struct Layer: Sendable, Hashable {
        /// "layers.2", "layers.2.body.0", "output": what the names of its tensors begin with.
        public var path: String
        /// Index in its stack; nil for the output layer.
        public var index: Int?
        /// The name that the description gives it; nil: none. No address contains it.
        public var name: String?
        /// Whether it is frozen, or a block that it is in.
        public var isFrozen: Bool
        /// "dense 4", "dropout 0.5", "output 1".
        public var title: String
        public var input: Shape
        public var output: Shape
        /// Indices into `tensors`; of a block those of all layers inside.
        public var tensors: [Int]
        /// Scalars in this layer's parameters, frozen or not (padding and running statistics not counted).
        public var parameterCount: Int
        /// The activation, when the layer has one: entry id.
        public var activation: Choice?
        /// nil: in another way.
        public var link: Link?
        public var formula: UnitFormula
        /// Bytes that training with a batch of one needs for this layer's values and their gradients.
        public var bytesPerSample: Int
        /// The stacks that a block holds; empty for other layers.
        public var stacks: [Stack]
        /// Of a recurrent layer, in the order in which they read.
        public var cells: [Cells] = []
        /// nil: its steps do not look at each other.
        public var attention: SelfAttention? = nil
        /// Whether its units, on or off at random, draw the values before them too.
        public var drawsInput = false
        /// The steps of a sequence for each of which it is planned by itself, with the same parameters; 1: it is planned once.
        public var repeats = 1
        /// Whether its values are steps of sequences with lengths of their own.
        public var hasLengths = false

        public var isBlock: Bool { !stacks.isEmpty }

        /// Whether its activation makes all units' values together (softmax).
        public var sharesActivation: Bool { function?.scope == .layer }

        /// Whether its values are others than its sums.
        public var hasFunction: Bool { function.map { !$0.isIdentity } ?? false }

        private var function: Activation? { Catalogue.activations.first { $0.entry.id == activation?.id } }

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
    /// The spans of the flat parameters that training changes, in order: one, unless layers are frozen. Behind the
    /// parameters are the running statistics. Each span is whole vectors.
    public var trainedSpans: [Range<Int>]
    /// Scalars in all parameters, frozen or not (padding and running statistics not counted).
    public var parameterCount: Int
    /// Bytes of values and their gradients that each sample of a training batch needs.
    public var bytesPerSample: Int
    /// The fewest samples of a training batch: 2 where a layer compares samples.
    public var smallestBatch: Int
    /// The number of symbols whose numbers the network takes as amounts; nil: it looks them up, or has none.
    public var symbolsAsAmounts: Int?

    /// The note on symbols that are taken as amounts; nil: there are none.
    var symbolNote: String? {
        symbolsAsAmounts.map {
            "the network takes the numbers of the \($0) symbols as amounts; put an embedding first, which gives each a vector"
        }
    }

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

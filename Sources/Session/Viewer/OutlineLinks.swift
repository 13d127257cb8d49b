import Engine

/// How the layers of an outline hang together.
extension Outline {
    /// The units of a layer; of the input the features.
    public func unitCount(layer: LayerPath) -> Int { layer.isInput ? input.count : self[layer]!.output.count }

    /// Whether a layer has units of its own: dropout has none, it lets those before it pass.
    public func hasUnits(layer: LayerPath) -> Bool { layer.isInput || self[layer]!.link != .pass }

    /// The input and all layers in order, without those inside blocks, as far as they have units.
    public var pathsWithUnits: [LayerPath] { ([.input] + paths).filter { hasUnits(layer: $0) } }

    /// The name by which a document says that a layer's values are the code of an autoencoder. Nothing else tells it: a narrow
    /// layer may be a code or not.
    private static let codeName = "code"

    /// The layer with the code of an autoencoder; nil: there is none.
    public var code: LayerPath? { paths.first { self[$0]?.name == Self.codeName && hasUnits(layer: $0) } }

    /// The last layer before the output with units of its own, outside of blocks; the input where there is none.
    public var lastHiddenLayer: LayerPath { pathsWithUnits.last { $0 != output }! }

    /// A path that points past the end of a smaller network comes back into it.
    public func fitted(_ path: LayerPath) -> LayerPath {
        if path.isInput || self[path] != nil { return path.isInput ? .input : path }
        return path.block.map { fitted($0) } ?? output
    }

    /// The layer whose units a layer takes, looking through those that have none of their own. Of the first layer of a
    /// stack it is the one before the block.
    public func source(of layer: LayerPath) -> LayerPath {
        var before = layer
        while !before.isInput {
            if let last = before.inside.last {
                if last.index == 0 {
                    before = before.block!
                    continue
                }
                before.inside[before.inside.count - 1].index -= 1
            } else {
                before.index -= 1
            }
            if hasUnits(layer: before) { return before }
        }
        return .input
    }

    /// The layer before another one, whether it has units of its own or not. Of the first layer of a stack it is the one before
    /// the block.
    public func directlyBefore(_ layer: LayerPath) -> LayerPath {
        var before = layer
        while let last = before.inside.last {
            if last.index > 0 {
                before.inside[before.inside.count - 1].index -= 1
                return before
            }
            before = before.block!
        }
        before.index -= 1
        return before.isInput ? .input : before
    }

    /// All layers in order, of a block first those inside it.
    public var allPaths: [LayerPath] {
        func all(_ layers: [Layer], _ path: (Int) -> LayerPath) -> [LayerPath] {
            layers.enumerated().flatMap { index, layer in
                let own = path(index)
                return layer.stacks.flatMap { stack in
                    all(stack.layers) {
                        LayerPath(own.index, inside: own.inside + [LayerPath.Step(stack: stack.name, index: $0)])
                    }
                } + [own]
            }
        }
        return all(layers) { LayerPath($0) }
    }

    /// All layers in order that are no blocks, those inside blocks too.
    public var leafPaths: [LayerPath] { allPaths.filter { self[$0]?.isBlock == false } }

    /// All blocks, those inside others too.
    public var blocks: [LayerPath] {
        func blocks(_ layers: [Layer], _ path: (Int) -> LayerPath) -> [LayerPath] {
            layers.enumerated().filter(\.element.isBlock).flatMap { index, layer in
                [path(index)]
                    + layer.stacks.flatMap { stack in
                        blocks(stack.layers) {
                            var inner = path(index)
                            inner.inside.append(LayerPath.Step(stack: stack.name, index: $0))
                            return inner
                        }
                    }
            }
        }
        return blocks(layers) { LayerPath($0) }
    }

    /// The layers whose units come together in a block, in the order of its stacks: the last one of each, and of an empty
    /// stack the one before the block.
    public func joined(in block: LayerPath) -> [LayerPath] {
        (self[block]?.stacks ?? []).map { stack in
            guard !stack.layers.isEmpty else { return source(of: block) }
            var last = block
            last.inside.append(LayerPath.Step(stack: stack.name, index: stack.layers.count - 1))
            return hasUnits(layer: last) ? last : source(of: last)
        }
    }

    /// The last layer of each of a block's stacks, in their order, whether it has units of its own or not; of an empty stack
    /// the layer before the block.
    public func ends(of block: LayerPath) -> [LayerPath] {
        (self[block]?.stacks ?? []).map { stack in
            guard !stack.layers.isEmpty else { return directlyBefore(block) }
            var last = block
            last.inside.append(LayerPath.Step(stack: stack.name, index: stack.layers.count - 1))
            return last
        }
    }

    /// The weights that join every unit of a layer with every one of its inputs.
    public struct WeightMatrix: Sendable {
        public let inputs: Int
        /// Places in the flat parameters.
        public let range: Range<Int>
        private let unitStep: Int
        private let inputStep: Int

        /// - Parameter isTransposed: whether the tensor is [in, out], a tied layer's.
        fileprivate init(_ tensor: Tensor, isTransposed: Bool) {
            inputs = tensor.axes[isTransposed ? 0 : 1]
            range = tensor.offset..<tensor.offset + tensor.count
            (unitStep, inputStep) = isTransposed ? (1, tensor.axes[1]) : (tensor.axes[1], 1)
        }

        public var offset: Int { range.lowerBound }

        /// The place of a weight in the flat parameters.
        public func place(unit: Int, input: Int) -> Int { range.lowerBound + unit * unitStep + input * inputStep }
    }

    /// The weights of a layer; nil: a layer of another kind has none.
    public func weightMatrix(layer path: LayerPath) -> WeightMatrix? {
        guard let layer = self[path] else { return nil }
        let owner: Layer?
        let isTransposed: Bool
        switch layer.link {
        case .matrix?: (owner, isTransposed) = (layer, false)
        case .transposedMatrix(let name)?:
            (owner, isTransposed) = (layers.lazy.flatMap(\.leaves).first { $0.name == name }, true)
        default: return nil
        }
        let tensor = owner.flatMap { self.tensor("weight", of: $0) }
        return tensor.map { WeightMatrix($0, isTransposed: isTransposed) }
    }

    /// The kernels that a layer slides over maps.
    public struct Kernels: Sendable, Hashable {
        public var tensor: Tensor
        public var filters: Int
        /// Channels, rows and columns of each.
        public var shape: ImageShape
        /// The tensor is [channels, filters, height, width]; else the filters come first.
        fileprivate var isTransposed: Bool

        /// The weights of one filter, `[channels, height, width]`.
        /// - Parameter numbers: as many as the tensor has, its weights or their gradients.
        public func weights<Numbers: RandomAccessCollection<Float>>(of filter: Int, among numbers: Numbers) -> [Float]
        where Numbers.Index == Int {
            guard filter < filters, numbers.count == tensor.count else { return [] }
            return (0..<shape.channels).flatMap { channel in
                let kernel = isTransposed ? channel * filters + filter : filter * shape.channels + channel
                let first = numbers.startIndex + kernel * shape.pixels
                return numbers[first..<first + shape.pixels]
            }
        }
    }

    /// The kernels of a layer that slides some over maps, or nil.
    public func kernels(layer: LayerPath) -> Kernels? {
        let isTransposed: Bool
        switch self[layer]?.link {
        case .kernels(let window)? where !window.isLocal: isTransposed = false
        case .transposedKernels?: isTransposed = true
        default: return nil
        }
        guard let tensor = self.tensor("weight", of: layer) else { return nil }
        let (first, second) = (tensor.axes[0], tensor.axes[1])
        return Kernels(
            tensor: tensor, filters: isTransposed ? second : first,
            shape: ImageShape(
                channels: isTransposed ? first : second, height: tensor.axes[2], width: tensor.axes[3]),
            isTransposed: isTransposed)
    }

    /// The number that each of a layer's kernels adds, or nil.
    public func kernelBiases(layer path: LayerPath) -> Tensor? {
        kernels(layer: path) == nil ? nil : tensor("bias", of: path)
    }

    /// A layer's own tensor of a name: "weight", "bias".
    public func tensor(_ name: String, of path: LayerPath) -> Tensor? {
        self[path].flatMap { tensor(name, of: $0) }
    }

    private func tensor(_ name: String, of layer: Layer) -> Tensor? {
        layer.tensors.lazy.map { tensors[$0] }.first { $0.name == "\(layer.path).\(name)" }
    }
}

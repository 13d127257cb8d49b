import Engine

/// The screen's wish: the viewer makes a `Picture` for it. Nothing in it depends on the parameters.
public struct ViewRequest: Sendable, Hashable {
    /// A grid in pixels or vertices.
    public struct Size: Sendable, Hashable {
        public var columns: Int
        public var rows: Int
        public init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
        public var count: Int { columns * rows }
    }

    /// One unit of one layer; layer −1 is the input features.
    public struct Neuron: Sendable, Hashable {
        public var layer: Int
        public var unit: Int
        public init(layer: Int, unit: Int) {
            self.layer = layer
            self.unit = unit
        }
    }

    /// The units of one layer of which tiles are on the screen.
    public struct TileRow: Sendable, Hashable {
        public var layer: Int
        public var units: Range<Int>
        public init(layer: Int, units: Range<Int>) {
            self.layer = layer
            self.units = units
        }
    }

    /// The boundary's pixels (with one input: the curve's samples, `rows` does not count); nil: not on the screen.
    public var boundary: Size?
    /// A neuron's own response in place of the output.
    public var neuron: Neuron?
    /// The two columns that the plots span; what is missing or wrong is filled up in order.
    public var columns: [Int] = []
    /// One tile's pixels.
    public var tileSize: Size?
    public var tiles: [TileRow] = []
    /// The hidden-feature view; nil: not on the screen.
    public var hidden: HiddenTarget?
    /// The view from which it bends; nil: the input plane.
    public var hiddenStart: HiddenTarget?
    /// The hidden-feature view's width, in its height: one unit is as long down as across.
    public var hiddenAspect: Float = 1
    /// The hidden-feature view's axes (and PCA's basis) stay as they are.
    public var scaleFrozen = false
    /// A place in the plane of the two columns, in original units: its values at `probed` are told.
    public var probe: SIMD2<Float>?
    public var probed: Neuron?

    public init() {}

    /// The two columns (one, where the data has only one) that the plots span.
    public static func columns(_ wanted: [Int], of count: Int) -> [Int] {
        var columns: [Int] = []
        for column in wanted + Array(0..<min(2, count))
        where columns.count < 2 && column >= 0 && column < count && !columns.contains(column) {
            columns.append(column)
        }
        return columns
    }
}

/// The hidden-feature view's target, fitted to a network: a choice that points past the end falls back to the nearest
/// valid one.
public struct HiddenTarget: Sendable, Hashable {
    /// Index into the outline's layers; −1: the input features, before any layer.
    public var layer: Int
    public var stage: ViewSettings.Stage
    /// One or two units; empty with PCA.
    public var units: [Int]
    public var pca: Bool

    public init(layer: Int, stage: ViewSettings.Stage = .activation, units: [Int] = [0, 1], pca: Bool = false) {
        self.layer = layer
        self.stage = stage
        self.units = units
        self.pca = pca
    }

    /// The view's settings, fitted to a network.
    public init(view: ViewSettings, outline: Outline) {
        let layer = view.layer ?? outline.lastHiddenLayer
        self = HiddenTarget(
            layer: layer, stage: view.stage, units: view.units, pca: view.pca ?? view.units.isEmpty
        ).fitted(to: outline)
    }

    public func fitted(to outline: Outline) -> HiddenTarget {
        var fitted = self
        fitted.layer = min(max(-1, layer), outline.layers.count - 1)
        if fitted.layer < 0 { fitted.stage = .activation }
        let count = outline.unitCount(layer: fitted.layer)
        fitted.pca = pca && count > 2
        fitted.units = fitted.pca ? [] : ViewRequest.columns(units, of: count)
        return fitted
    }
}

extension Outline {
    /// The units of a layer; of −1 the input features.
    public func unitCount(layer: Int) -> Int { layer < 0 ? input.count : layers[layer].output.count }

    /// Whether a layer has units of its own: dropout has none, it lets those before it pass.
    public func hasUnits(layer: Int) -> Bool { layer < 0 || layers[layer].link != .pass }

    /// The last layer before the output with units of its own; −1 (the input) without any.
    public var lastHiddenLayer: Int {
        (0..<max(0, layers.count - 1)).last { hasUnits(layer: $0) } ?? -1
    }

    /// The layer whose units a layer takes, looking through those that have none of their own.
    public func source(of layer: Int) -> Int {
        var before = layer - 1
        while before >= 0 && !hasUnits(layer: before) { before -= 1 }
        return before
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
    public func weightMatrix(layer: Int) -> WeightMatrix? {
        guard layers.indices.contains(layer) else { return nil }
        let owner: Layer?
        let isTransposed: Bool
        switch layers[layer].link {
        case .matrix?: (owner, isTransposed) = (layers[layer], false)
        case .transposedMatrix(let name)?:
            (owner, isTransposed) = (layers.lazy.flatMap(\.leaves).first { $0.name == name }, true)
        default: return nil
        }
        let shape = [layers[layer].output.count, layers[layer].input.count]
        let tensor = owner?.tensors.lazy.map { tensors[$0] }.first {
            $0.axes == (isTransposed ? shape.reversed() : shape) && $0.name.hasSuffix("weight")
        }
        return tensor.map { WeightMatrix($0, isTransposed: isTransposed) }
    }

    /// The number that each unit of a layer adds, or nil.
    public func biases(layer: Int) -> Tensor? {
        guard layers.indices.contains(layer), !layers[layer].isBlock else { return nil }
        let shape = [layers[layer].output.count]
        return layers[layer].tensors.lazy.map { tensors[$0] }.first { $0.axes == shape && $0.name.hasSuffix(".bias") }
    }
}

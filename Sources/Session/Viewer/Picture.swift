import Datasets
import Engine

/// The viewer's result for one snapshot and one request: values only, ready to be drawn.
public struct Picture: Sendable, Hashable {
    public var revision: Int
    public var generation: Int
    public var step: Int
    public var boundary: Boundary?
    /// Of the rivals in their order; empty: not on the screen. nil: it has not begun.
    public var rivals: [RivalPicture?] = []
    public var tiles: [TileRow] = []
    /// The loss's derivatives at the kernels of the layers with tiles, laid out as each layer's tensor; empty where tiles are no
    /// gradients.
    public var kernelGradients: [LayerPath: [Float]] = [:]
    public var hidden: HiddenPicture?
    public var probe: Probe?
    public var images: ImageAnswers?
    public var cloud: ClassCloud?
    public var reconstructions: Reconstructions?
    public var decoded: DecodedPlane?
    public var walked: LayerValues?
    public var traced: TracedSample?
    public var sequence: SequencePicture?
    public var answers: SequenceAnswers?
    public var written: WrittenText?
    public var lags: LagGradients?
    public var statePaths: StatePaths?
    public var fantasies: Fantasies?
    public var raster: ActivityRaster?
    public var favourites: [Favourites] = []
    public var preferred: [PreferredImage] = []
    public var relevance: Relevance?
    public var adversarial: AdversarialPicture?
    public var mistakes = Mistakes()
    public var game: ShownGame?
    public var states: StateCloud?
    /// nil: not asked for, or the procedure descends no loss over samples.
    public var health: Health?
    /// false: the damped axes are still on their way, the next picture of the same snapshot differs.
    public var settled = true

    public init(revision: Int, generation: Int, step: Int) {
        self.revision = revision
        self.generation = generation
        self.step = step
    }

    /// The tile of one unit.
    public func tile(layer: LayerPath, unit: Int) -> [Float]? {
        guard let row = tiles.first(where: { $0.layer == layer && $0.units.contains(unit) }) else { return nil }
        let index = unit - row.units.lowerBound
        return index < row.values.count ? row.values[index] : nil
    }

    /// The points that the network puts into a wrong class, for the first `pointLimit` rows of each set; empty for a
    /// regression.
    public struct Mistakes: Sendable, Hashable {
        public var train: [Bool]
        public var test: [Bool]
        public init(train: [Bool] = [], test: [Bool] = []) {
            self.train = train
            self.test = test
        }
    }

    /// More points of one set than this are not drawn.
    public static let pointLimit = PreparedData.mostDrawn

    /// The tiles of a layer's units.
    public struct TileRow: Sendable, Hashable {
        public var layer: LayerPath
        public var units: Range<Int>
        public var size: ViewRequest.Size
        /// For each unit `[rows, columns]`, top row first, in −1…1.
        public var values: [[Float]]
        /// Of maps: 0 is in the middle of the scale; else −1 stands for 0.
        public var isSigned = true
        public init(layer: LayerPath, units: Range<Int>, size: ViewRequest.Size, values: [[Float]]) {
            self.layer = layer
            self.units = units
            self.size = size
            self.values = values
        }
    }

    /// The requested neuron at one place of the plane.
    public struct Probe: Sendable, Hashable {
        public var neuron: ViewRequest.Neuron
        public var place: SIMD2<Float>
        public var preActivation: Float
        public var activation: Float
        /// The values of the units that lead to the neuron; of a feature none.
        public var inputs: [Float]
        public init(
            neuron: ViewRequest.Neuron, place: SIMD2<Float>, preActivation: Float, activation: Float,
            inputs: [Float] = []
        ) {
            self.neuron = neuron
            self.place = place
            self.preActivation = preActivation
            self.activation = activation
            self.inputs = inputs
        }
    }
}

/// The way of one sample through the network.
public struct TracedSample: Sendable, Hashable {
    /// Of the training set.
    public var row: Int
    /// A real sample, which the discriminator alone takes.
    public var isReal = false
    /// Of the parameters with which it was made (`Snapshot.parameterVersion`).
    public var parameterVersion: Int
    public var trace: SampleTrace
}

/// The meaning of the colours: a mapped value v in −1…1 stands for center + half · v in original units.
public struct ValueScale: Sendable, Hashable {
    public var center: Float
    public var half: Float
    public init(center: Float = 0, half: Float = 1) {
        self.center = center
        self.half = half
    }
    public func original(_ mapped: Float) -> Float { center + half * mapped }
    public func mapped(_ original: Float) -> Float { (original - center) / half }
}

/// The network's answer at many places: one value each, or with several outputs the winning class and how sure it is.
public struct Field: Sendable, Hashable {
    /// Mapped to −1…1 (beyond it for what lies outside the scale); empty with several outputs.
    public var values: [Float]
    public var classes: [Int]
    /// 0 … 1.
    public var confidences: [Float]
    public init(values: [Float] = [], classes: [Int] = [], confidences: [Float] = []) {
        self.values = values
        self.classes = classes
        self.confidences = confidences
    }
    public var count: Int { max(values.count, classes.count) }
}

/// The plane of two columns, or the curve over one.
public struct Boundary: Sendable, Hashable {
    /// nil: the output.
    public var neuron: ViewRequest.Neuron?
    /// One or two column indices: the x axis, the y axis.
    public var columns: [Int]
    public var xRange: ClosedRange<Float>
    /// With one column: the values' axis.
    public var yRange: ClosedRange<Float>
    public var size: ViewRequest.Size
    /// `[rows, columns]`, top row first; empty with one column.
    public var field: Field
    public var scale: ValueScale
    /// With one column: for each output its values at `size.columns` places from left to right, original units.
    public var curves: [[Float]]
    public init(
        neuron: ViewRequest.Neuron? = nil, columns: [Int], xRange: ClosedRange<Float>, yRange: ClosedRange<Float>,
        size: ViewRequest.Size, field: Field, scale: ValueScale = ValueScale(), curves: [[Float]] = []
    ) {
        self.neuron = neuron
        self.columns = columns
        self.xRange = xRange
        self.yRange = yRange
        self.size = size
        self.field = field
        self.scale = scale
        self.curves = curves
    }
}

/// The hidden-feature view: where a grid of the input plane, and the data, come to lie.
///
/// Places are normalized to their axes: (0, 0) is the left lower corner, (1, 1) the right upper one.
public struct HiddenPicture: Sendable, Hashable {
    public var target: HiddenTarget
    /// The view from which it bends; nil: the input plane.
    public var start: HiddenTarget?
    /// The columns that the grid spans.
    public var columns: [Int]
    /// Vertices; with one input there is one row.
    public var size: ViewRequest.Size
    /// The vertices at the start and in the layer, row by row from the smallest y.
    public var gridStart: [SIMD2<Float>]
    public var gridEnd: [SIMD2<Float>]
    /// The network's output at the vertices.
    public var field: Field
    public var trainStart: [SIMD2<Float>]
    public var trainEnd: [SIMD2<Float>]
    public var testStart: [SIMD2<Float>]
    public var testEnd: [SIMD2<Float>]
    /// The axes: the units' values, the principal components' scores, or for one unit of a plane its values alone.
    public var xRange: ClosedRange<Float>
    public var yRange: ClosedRange<Float>
    /// The axes of the start.
    public var startXRange: ClosedRange<Float> = 0...1
    public var startYRange: ClosedRange<Float> = 0...1
    /// One unit: y is no axis, it only keeps points apart. (With one input, x is that input and y the unit.)
    public var strip: Bool
    /// PCA: the shares of the variance along x and y.
    public var explained: [Float]
    /// Notes on dead and constant units, one line each.
    public var words: [String]
    /// The next layer's straight line, both ends normalized to the axes; nil: it cannot be drawn or lies outside.
    public var line: [SIMD2<Float>]?
    /// The answers of the layers after this one at every place of the plane, `[rows, columns]` from the top: only where
    /// the view shows all that they take.
    public var plane: Field?
    public var planeSize = ViewRequest.Size(columns: 0, rows: 0)

    public init(
        target: HiddenTarget, columns: [Int], size: ViewRequest.Size, gridStart: [SIMD2<Float>],
        gridEnd: [SIMD2<Float>], field: Field, xRange: ClosedRange<Float> = 0...1, yRange: ClosedRange<Float> = 0...1
    ) {
        self.target = target
        self.columns = columns
        self.size = size
        self.gridStart = gridStart
        self.gridEnd = gridEnd
        self.field = field
        self.xRange = xRange
        self.yRange = yRange
        trainStart = []
        trainEnd = []
        testStart = []
        testEnd = []
        strip = false
        explained = []
        words = []
        line = nil
    }
}

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

    /// One unit of one layer, or one of the input features.
    public struct Neuron: Sendable, Hashable {
        public var layer: LayerPath
        public var unit: Int
        public init(layer: LayerPath, unit: Int) {
            self.layer = layer
            self.unit = unit
        }
    }

    /// The score whose dependence on an image is wanted.
    public struct RelevanceTarget: Sendable, Hashable {
        /// nil: the class that is the answer.
        public var classIndex: Int?
        public init(classIndex: Int? = nil) { self.classIndex = classIndex }
    }

    /// The units of one layer of which tiles are on the screen.
    public struct TileRow: Sendable, Hashable {
        public var layer: LayerPath
        public var units: Range<Int>
        public init(layer: LayerPath, units: Range<Int>) {
            self.layer = layer
            self.units = units
        }
    }

    /// The boundary's pixels (with one input: the curve's samples, `rows` does not count); nil: not on the screen.
    public var boundary: Size?
    /// The pixels of each rival's plane (or its curve's samples); nil: not on the screen.
    public var rivals: Size?
    /// A neuron's own response in place of the output.
    public var neuron: Neuron?
    /// The two columns that the plots span; what is missing or wrong is filled up in order.
    public var columns: [Int] = []
    /// One tile's pixels.
    public var tileSize: Size?
    public var tiles: [TileRow] = []
    /// The tiles show the loss's derivatives at the layers' values for the image, not the values.
    public var tilesAreGradients = false
    /// Each map has a scale of its own; else all of a layer have one.
    public var scalesByTile = false
    /// The image that is looked at: its answers and the tiles' values for it are told; nil: the data are no images.
    public var image: ImageChoice?
    /// The sequence that is looked at; nil: the data are no sequences, or none is on the screen.
    public var sequence: SequenceChoice?
    /// The step whose values the tiles show.
    public var timeStep = 0
    /// The layers whose values for that sequence are told step by step.
    public var stepLayers: [LayerPath] = []
    /// And the loss's derivatives at their cells.
    public var asksOfLoss = false
    /// The answers to sequences that are on the screen; nil: none.
    public var answers: SequenceQuestion?
    /// The text that the network writes; nil: not on the screen.
    public var writing: WritingRequest?
    /// The loss's derivatives at the states by lag are on the screen: of the answer at this step; nil: they are not.
    public var lagStep: Int?
    /// The ways of a layer's values from step to step; nil: not on the screen.
    public var statePaths: HiddenTarget?
    /// The training sample, of data that are neither images nor sequences, whose way through the network is told; nil: none.
    public var traced: Int?
    /// The sample of a generator and a discriminator whose way through both is told, of images with its tiles; nil: none.
    public var adversarialSample: AdversarialSample?
    /// The layer whose values for that image are told one by one; nil: none.
    public var walked: LayerPath?
    /// The answers to all shown images are on the screen.
    public var answersImages = false
    /// The units or maps of which the images that excite them most are on the screen, and how many of each.
    public var favourites: [Neuron] = []
    public var favouriteCount = 9
    /// Those of which the image that would excite them is on the screen.
    public var preferred: [Neuron] = []
    /// The dependence of the answer to `image` on its parts; nil: not on the screen.
    public var relevance: RelevanceTarget?
    /// The places of the images in a hidden layer; nil: not on the screen.
    public var cloud: HiddenTarget?
    /// Reconstructions of samples; nil: not on the screen.
    public var reconstruction: ReconstructionRequest?
    /// Decoded places of the plane of `cloud`; nil: not on the screen.
    public var decoding: DecodingRequest?
    /// Pictures of a generator's samples; nil: not on the screen.
    public var adversarial: AdversarialRequest?
    /// The hidden-feature view; nil: not on the screen.
    public var hidden: HiddenTarget?
    /// The view from which it bends; nil: the input plane.
    public var hiddenStart: HiddenTarget?
    /// The hidden-feature view's width, in its height: one unit is as long down as across.
    public var hiddenAspect: Float = 1
    /// The hidden-feature view's axes (and PCA's basis) stay as they are.
    public var scaleFrozen = false
    /// The chains of what the network takes for likely; nil: not on the screen.
    public var fantasies: FantasyRequest?
    /// The values of a layer's units for many images; nil: not on the screen.
    public var raster: RasterRequest?
    /// A place in the plane of the two columns, in original units: its values at `probed` are told.
    public var probe: SIMD2<Float>?
    public var probed: Neuron?
    /// The sizes of weights, values and gradients, and what is wrong.
    public var health = false
    /// A game that is watched; nil: none is on the screen.
    public var game: GameWatch?

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
    /// The input: the features, before any layer.
    public var layer: LayerPath
    public var stage: ViewSettings.Stage
    /// One or two units; empty with PCA.
    public var units: [Int]
    public var pca: Bool
    /// Images: t-SNE of all units in place of two axes.
    public var tsne: Bool

    public init(
        layer: LayerPath, stage: ViewSettings.Stage = .activation, units: [Int] = [0, 1], pca: Bool = false,
        tsne: Bool = false
    ) {
        self.layer = layer
        self.stage = stage
        self.units = units
        self.pca = pca
        self.tsne = tsne
    }

    /// The view's settings, fitted to a network.
    public init(view: ViewSettings, outline: Outline) {
        let layer = view.layer ?? outline.code ?? outline.lastHiddenLayer
        self = HiddenTarget(
            layer: layer, stage: view.stage, units: view.units, pca: view.pca ?? view.units.isEmpty, tsne: view.tsne
        ).fitted(to: outline)
    }

    public func fitted(to outline: Outline) -> HiddenTarget {
        var fitted = self
        fitted.layer = outline.fitted(layer)
        if fitted.layer.isInput { fitted.stage = .activation }
        let count = outline.unitCount(layer: fitted.layer)
        fitted.tsne = tsne && count > 2
        fitted.pca = (pca || tsne) && count > 2
        fitted.units = fitted.pca ? [] : ViewRequest.columns(units, of: count)
        return fitted
    }
}

import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// All that a plot panel needs to draw one frame: values only, so that tests draw literals.
///
/// Its extensions are long together, because each view adds there, beside itself, what it reads of a frame.
public struct PlotContext: Sendable {
    @Boxed public var snapshot: Snapshot {
        didSet {
            scene = Self.scene(of: snapshot)
            cache = nil
        }
    }
    /// The viewer thread's picture of a recent snapshot; nil before the first.
    @Boxed public var picture: Picture? { didSet { cache = nil } }
    @Boxed public var view: ViewSettings { didSet { cache = nil } }
    @Boxed public var plots: PlotState { didSet { cache = nil } }
    public var theme: Theme
    public var capabilities: Capabilities
    public var focused: Bool
    /// The titles name the digits that jump to the panels; on paper there are none.
    public var showsKeys = true
    /// The keys in force.
    public var bindings = KeyBindings.standard
    /// Several plots beside each other need no legend for each.
    public var showsLegend = true { didSet { cache = nil } }
    /// In place of the output plot's own title; nil: its own.
    public var title: String?
    /// The runs before, for the loss plot.
    var earlier: [EarlierRun] = []
    /// The facts that decide which views suit.
    private(set) var scene: Scene
    /// Of the app's frame; nil: what the plots need is calculated anew.
    var cache: FrameCache?

    public init(
        snapshot: Snapshot, picture: Picture?, view: ViewSettings, plots: PlotState, theme: Theme,
        capabilities: Capabilities, focused: Bool
    ) {
        scene = Self.scene(of: snapshot)
        self.snapshot = snapshot
        self.picture = picture
        self.view = view
        self.plots = plots
        self.theme = theme
        self.capabilities = capabilities
        self.focused = focused
    }
}

/// The plots' passing state, which no experiment saves.
public struct PlotState: Sendable, Hashable {
    /// Hidden-feature view: 0 the input plane … 1 this layer.
    public var morph = 1.0
    /// Hidden-feature view: how far the plane has come on its way through all layers, or nil (see `Journey`).
    public var journey: Double?
    public var scaleFrozen = false
    public var showAccuracy = false
    /// The views that were chosen in place of the panels' first ones.
    public var views: [PanelID: ViewID] = [:]
    /// The rival that is shown alone, the network being −1; nil: all side by side.
    public var rival: Int?
    /// The output plot's cursor, or nil: 0…1 from the left and from below, so that it survives a resize.
    public var place: PlotPlace?
    /// The pen that draws points into the plane; nil: the cursor reads.
    public var pen: PointPen?
    /// The stroke of the pen is a key's, not the mouse's.
    var penIsKey = false
    /// The hand that drags a neuron's line in the plane; nil: none.
    public var hand: LineHand?
    /// The loss plot's cursor, or nil: 0…1 along the epochs.
    public var moment: Double?
    /// The curves are running means: of each value so much of the mean before stays, 0…1.
    public var smoothing = 0.0
    /// The curves of earlier runs stand behind those of this one.
    public var showsEarlier = true
    /// The image that is looked at, as a row of those that are shown.
    public var image = 0 { didSet { asksOfDrawing = false } }
    /// The sequence that is looked at, as a row of those that are shown.
    public var sequence = 0 { didSet { typedSequence = nil } }
    /// The symbols of a typed sequence in its place; nil: none.
    public var typedSequence: [Int]?
    /// Of values: from the time cursor on the network is fed its own answers.
    public var freeRuns = false
    /// Of the text that the network writes; 0: always the likeliest symbol.
    public var temperature = 0.7
    /// The first line of filters in sight.
    public var filterLine = 0
    /// The part of an image that chains of fantasies keep, and their steps a frame.
    public var chains = ChainChoice()
    /// Counts the beginnings that were typed for it.
    public var writingNumber = 0
    /// The loss in bits per symbol; nil: where it is usual.
    public var lossInBits: Bool?
    /// The race shows gradients by lag in place of the losses.
    public var racesLags = false
    /// The race shows the losses of the training samples in place of those of the test samples.
    public var racesTraining = false
    /// The step of that sequence that all views are about; nil: its last one.
    public var timeStep: Int?
    /// Not the chosen image's relevance is shown but the drawing's.
    public var asksOfDrawing = false
    /// The class of which the relevance is shown; nil: the answer.
    public var relevantClass: Int?
    /// Images stand in place of the points of the hidden-feature view where they have room.
    public var showsPictures = false
    /// The number of the draw that corrupts the image that is looked at.
    public var draw = 0
    /// The image that is looked at was found on the way from the worst reconstruction on.
    public var walksWorst = false
    /// No lines lead from points to where they are given back.
    public var hidesWays = false
    /// The cursor in the plane of codes, 0…1 from the left and from below.
    public var codePlace = PlotPlace(x: 0.5, y: 0.5)
    /// Decoded pictures fill the plane of codes in place of points.
    public var fillsCodePlane = false
    /// The image drawn by hand; nil: none yet.
    public var drawing: Drawing?
    /// The grid of noise that a generator bends stands in place of the points that it makes.
    public var showsNoiseGrid = false
    /// The sample of a generator and a discriminator that is looked at.
    public var adversarialSample = AdversarialSample(row: 0)
    /// The way in which the stack shows its layers.
    public var stack = StackState()
    /// The network panel's cursor, or nil: a layer, a unit, and, on a link, the unit it comes from.
    public var cursor: NetworkCursor?
    /// The walk through a layer's numbers, or nil.
    public var walk: WalkState?
    /// The game that is watched.
    public var game = GameWatch(player: .network, moves: 0)
    /// It stands still.
    public var gameRests = false
    /// The cell of a game's board under the cursor, row by row; nil: none.
    public var boardPlace: Int?
    /// The moves that the clock has counted; −1: it has not begun.
    var gameClock = -1
    /// The thing under the mouse, as long as it lies there.
    public var pointed = Pointed()
    public init() {}

    /// Other data have other sequences: the first one is looked at, at its last step.
    mutating func leaveSequence() {
        sequence = 0
        timeStep = nil
    }

    /// The neuron or weight that the network's plots show: the one under the mouse, else the cursor's.
    public var looksAt: NetworkCursor? { walk == nil ? pointed.cursor ?? cursor : nil }

    /// Whether something stands in a plot that Esc takes away.
    var hasCursor: Bool {
        journey != nil || cursor != nil || place != nil || moment != nil || boardPlace != nil
    }
}

/// The way in which the stack shows its layers: at first values, all steps, tiles as they come.
public struct StackState: Sendable, Hashable {
    /// The picture of layers that make maps: values, kernels or gradients.
    public var pictures = StackPictures.values
    /// Over sequences it shows one step, not all of them.
    public var foldsTime = false
    /// The part of a memory that is shown first, counted on for ever.
    public var memoryPart = 0
    /// The row of cells of a recurrent layer, by layers and directions, counted on for ever.
    public var memoryRow = 0
    /// The property by which a memory's units are sorted; nil: they stand in their own order.
    public var unitOrder: String?
    /// Each map has a scale of its own; else all of a layer have one.
    public var scalesByTile = false
    /// The map under the stack's cursor is as large as the panel.
    public var enlargesTile = false
    /// With its numbers.
    public var showsTileNumbers = false
    /// The blocks that were closed: it does not show their layers.
    public var closed: Set<LayerPath> = []
    /// The blocks that were opened: it shows their layers even if not all fits.
    public var opened: Set<LayerPath> = []
    public init() {}
}

/// A thing in a plot under the mouse, of one plot at a time.
public struct Pointed: Sendable, Hashable {
    /// In the network.
    public var cursor: NetworkCursor?
    /// Of a map in the network the pixel, row by row.
    public var mapPixel: Int?
    /// In the output plot.
    public var place: PlotPlace?
    /// In the loss plot.
    public var moment: Double?
    /// Among the images.
    public var image: Int?
    /// In the drawing.
    public var pixel: Drawing.Pixel?
    /// Among the sequences, and in one of them.
    public var sequence: Int?
    public var timeStep: Int?
    /// On a game's board.
    public var boardPlace: Int?
    /// Among the rivals, the network being −1.
    public var rival: Int?
    /// The cell where the mouse came upon it.
    public var x = 0
    public var y = 0
    public init() {}

    /// The same thing, wherever the mouse came upon it.
    func isSame(as other: Pointed) -> Bool {
        cursor == other.cursor && place == other.place && moment == other.moment
            && image == other.image && pixel == other.pixel && sequence == other.sequence
            && timeStep == other.timeStep && boardPlace == other.boardPlace && rival == other.rival
    }
}

public struct NetworkCursor: Sendable, Hashable {
    public var layer: LayerPath
    public var unit: Int
    /// On a link: the unit of the layer before; −1 is the bias.
    public var from: Int?
    /// A unit of the layer before that is to be in sight, too.
    var before: Int?
    public init(layer: LayerPath, unit: Int, from: Int? = nil) {
        self.layer = layer
        self.unit = unit
        self.from = from
    }
}

public struct PlotPlace: Sendable, Hashable {
    public var x: Double
    public var y: Double
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

extension PlotContext {
    /// The picture of layers that make maps: values, kernels or gradients.
    var pictures: StackPictures { snapshot.outline.hasHiddenMaps ? plots.stack.pictures : .values }

    /// The picture, as long as it shows the network that the snapshot has.
    var shown: Picture? { picture.flatMap { $0.revision == snapshot.revision ? $0 : nil } }

    /// A colour cannot be told from another here: glyphs must say everything.
    var colorless: Bool { capabilities.colors == .none }
    var ascii: Bool { capabilities.glyphs == .ascii }
    /// ASCII's substitute of one sign would be a plus.
    var plusMinus: String { ascii ? "+/-" : "±" }

    /// Sixteen colours, or none: glyphs must tell what colours may not.
    var fewColors: Bool { colorless || capabilities.colors == .palette16 }

    /// The colour of a value in −1…1.
    func ramp(_ value: Float) -> UInt32 { theme.ramp(value, capabilities.colors) }

    /// The colour of a weight: its sign as a hue, its size as brightness, of which sixteen colours have two.
    /// - Parameter strength: 0…1.
    func color(ofSign value: Float, strength: Float) -> UInt32 {
        guard capabilities.colors == .palette16 else {
            return theme.faded(value < 0 ? theme.negative : theme.positive, strength)
        }
        let isBright = (strength > 0.6) != theme.light
        return colorOf16(value < 0 ? (isBright ? 9 : 1) : isBright ? 12 : 4)
    }

    /// How many kinds of points there are: the classes, and of a regression the two sides of the middle.
    var kinds: Int {
        if case .classification(let classes) = snapshot.data.task { return classes }
        return 2
    }

    /// A class' name and swatch: of sixteen colours on white not all hues can be read, but its points' can.
    func color(ofClass index: Int) -> UInt32 {
        if theme.light, capabilities.colors == .palette16, hasClassUnits { return tones.ink(ofClass: index) }
        return theme.color(ofClass: index)
    }

    /// The colours of maps and of the points on them.
    var tones: PlotTones { PlotTones.tones(theme, capabilities.colors, classes: kinds) }

    /// Numbers and names of axes, at 4.5:1 at least: of sixteen colours no grey is far enough from white.
    var axisStyle: Style {
        Style(theme.light && capabilities.colors == .palette16 ? theme.text : theme.quiet)
    }

    /// The columns that the plots span.
    var columns: [Int] { ViewRequest.columns(view.columns, of: snapshot.data.columns.count) }

    /// A unit in place of the output, or nil: the one under the mouse, else the one that was chosen.
    var neuron: ViewRequest.Neuron? {
        let outline = snapshot.outline
        if let pointed = plots.pointed.cursor.flatMap({ NetworkPanel.fitted($0, outline) }), pointed.from == nil {
            return NetworkPanel.response(of: pointed, outline)
        }
        guard let neuron = view.neuron, neuron.layer.isInput || outline[neuron.layer] != nil,
            neuron.unit < outline.unitCount(layer: neuron.layer)
        else { return nil }
        return neuron
    }

    func className(_ index: Int) -> String {
        if let action = snapshot.data.actionName(index) { return action }
        let names = snapshot.data.classNames
        return names.indices.contains(index) ? names[index] : "class \(index + 1)"
    }

    /// A class' name without what the names of all classes begin with: "setosa" of "Iris setosa".
    func shortClassName(_ index: Int) -> String {
        let names = shortClassNames
        return names.indices.contains(index) ? names[index] : className(index)
    }

    /// All of them: to be made once for many.
    var shortClassNames: [String] {
        let names = (0..<kinds).map { className($0) }
        let words = names.map { $0.split(separator: " ") }
        guard let shared = words.first?.dropLast(), !shared.isEmpty, words.allSatisfy({ $0.dropLast() == shared })
        else { return names }
        return words.map { String($0.last!) }
    }

    /// Every output unit stands for a class of its own.
    var hasClassUnits: Bool {
        if case .classification(let classes) = snapshot.network.task { return classes > 2 }
        return false
    }

    func title(of neuron: ViewRequest.Neuron) -> String {
        let isMap = snapshot.outline.hasMaps(layer: neuron.layer)
        if neuron.layer.isInput {
            return isMap && snapshot.network.generated == nil
                ? "channel \(neuron.unit + 1)" : featureTitle(snapshot.data.inputName(neuron.unit))
        }
        if neuron.layer == snapshot.outline.output {
            if let action = snapshot.data.actionName(neuron.unit) { return "output \(action)" }
            return hasClassUnits ? "output \(className(neuron.unit))" : "output unit \(neuron.unit + 1)"
        }
        return "\(neuron.layer.words) \(isMap ? "map" : "unit") \(neuron.unit + 1)"
    }

    /// The same with the layer's name in place of the way to it through blocks: "conv2d 8 map 1".
    func shortTitle(of neuron: ViewRequest.Neuron) -> String {
        guard neuron.layer.block != nil, let layer = snapshot.outline[neuron.layer] else { return title(of: neuron) }
        return "\(layer.title) \(snapshot.outline.hasMaps(layer: neuron.layer) ? "map" : "unit") \(neuron.unit + 1)"
    }
}

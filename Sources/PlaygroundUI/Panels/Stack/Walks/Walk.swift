import Engine
import Session
import TerminalKit

/// The identity of a walk. Each walk's file declares its own.
public struct WalkID: Sendable, Hashable, CustomStringConvertible {
    /// One lower-case word: "convolution".
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }
}

/// A walk through a computation of the network, one step after the other: one record in one file, listed in `Walk.all`.
/// → and ← step, space plays, esc leaves; training stands still meanwhile.
///
/// It goes through the units of a layer, of each unit through its steps, and shows one of several parts of each step: the
/// channels that a kernel weighs.
public struct Walk: Sendable {
    public var id: WalkID
    /// Whether it shows how a layer's values come about. The declarations of the layer decide, never its name.
    var suits: @Sendable (Outline, LayerPath) -> Bool
    /// The word for a unit: "map", "unit", "class".
    var unitWord = "unit"
    var units: @Sendable (WalkScene) -> Int = { _ in 1 }
    var steps: @Sendable (WalkScene) -> Int
    /// ↑ and ↓ move by so many steps.
    var line: @Sendable (WalkScene) -> Int = { _ in 1 }
    /// The step at which it begins.
    var start: @Sendable (WalkScene) -> Int = { _ in 0 }
    var parts: @Sendable (WalkScene) -> Int = { _ in 1 }
    /// The steps are the pixels of the unit's map, which fills while it plays.
    var fillsMap = false
    /// The present step in a few words: "row 5, column 6".
    var place: @Sendable (WalkScene) -> String
    /// The places in the stack and in the image that the step is about.
    var lights: @Sendable (WalkScene) -> [WalkLight]
    /// Draws the numbers of the step.
    /// - Returns: the rows that were used.
    var draw: @Sendable (inout Canvas, Rect, WalkNumbers) -> Int
    /// The step in words.
    var words: @Sendable (WalkScene) -> String
    /// The step of a sequence that the walk has come to; nil: it does not go through time.
    var moment: (@Sendable (WalkScene) -> Int)?
}

extension Walk {
    /// All walks; of those that suit a layer in the order in which its numbers are made.
    public static let all: [Walk] = [
        .convolution, .pooling, .vote, .oneToOne, .softmax, .stepKernel, .attention, .cell, .backInTime,
    ]

    public static subscript(id: WalkID) -> Walk? { all.first { $0.id == id } }

    /// The walks through all layers, in order.
    static func stops(_ outline: Outline) -> [(layer: LayerPath, walk: Walk)] {
        outline.allPaths.flatMap { layer in all.filter { $0.suits(outline, layer) }.map { (layer, $0) } }
    }
}

/// Where a walk stands.
public struct WalkState: Sendable, Hashable {
    public var id: WalkID
    public var layer: LayerPath
    public var unit = 0
    public var step = 0
    public var part = 0
    /// The map shows what has been reached so far, not all of it.
    public var fills = false
    /// When the next step is due, in seconds of a clock that runs forward; nil: it does not play.
    public var due: Double?
    /// So many times twice as fast as at first.
    public var doublings = 0
    /// Training goes on afterwards.
    public var resumes = false

    public init(id: WalkID, layer: LayerPath, unit: Int = 0) {
        (self.id, self.layer, self.unit) = (id, layer, unit)
    }
}

/// A place that a step is about.
struct WalkLight: Sendable, Hashable {
    var layer: LayerPath
    /// The map or the unit; nil: all of them.
    var unit: Int?
    /// Of a map; nil: all of it.
    var part: ImagePart?
    /// It is the step's own place, not one of those that it takes its numbers from.
    var isOwn = false
}

/// A walk at its present step.
struct WalkScene {
    let context: PlotContext
    let walk: Walk
    /// Fitted to the network.
    private(set) var state: WalkState
    let layer: Outline.Layer
    /// The layer whose values come in.
    let source: LayerPath

    /// - Returns: nil where there is no walk, or the network is no longer one for it.
    init?(_ context: PlotContext) {
        guard let state = context.plots.walk else { return nil }
        self.init(context, state)
    }

    init?(_ context: PlotContext, _ state: WalkState) {
        let outline = context.snapshot.outline
        guard context.sampleChoice != nil, let walk = Walk[state.id],
            let layer = outline[state.layer], walk.suits(outline, state.layer)
        else { return nil }
        (self.context, self.walk, self.state, self.layer) = (context, walk, state, layer)
        source = outline.source(of: state.layer)
        self.state.unit = min(max(0, state.unit), walk.units(self) - 1)
        self.state.step = min(max(0, state.step), walk.steps(self) - 1)
        self.state.part = min(max(0, state.part), walk.parts(self) - 1)
    }

    var outline: Outline { context.snapshot.outline }

    /// The numbers, once the viewer has made them for this sample and these parameters.
    var numbers: WalkNumbers? {
        guard let values = context.shown?.walked, values.layer == state.layer, values.choice == context.sampleChoice,
            values.parameterVersion == context.snapshot.parameterVersion,
            values.step == nil || values.step == context.timeStep
        else { return nil }
        return WalkNumbers(scene: self, values: values)
    }

    /// "map 3 of 8 · row 5, column 6"
    var title: String {
        let units = walk.units(self)
        let unit =
            isOfClasses
            ? "class \(context.shortClassName(state.unit))" : "\(walk.unitWord) \(state.unit + 1) of \(units)"
        return [units > 1 ? unit : "", walk.place(self)].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// Each unit of the layer stands for a class.
    var isOfClasses: Bool { state.layer == outline.output && context.hasClassUnits }

    /// Whether a map's pixel has been reached.
    func isReached(_ layer: LayerPath, unit: Int, pixel: Int) -> Bool {
        !(walk.fillsMap && state.fills && layer == state.layer && unit == state.unit && pixel > state.step)
    }

    /// The activation; nil where the layer's values are its sums.
    var function: Entry? {
        layer.hasFunction ? layer.activation.flatMap { Catalogue.entry(.activation, $0.id) } : nil
    }

    /// A value that comes in, by its number: "x 12", "map 3 (2, 5)".
    func inputName(_ index: Int) -> String {
        let shape = source.isInput ? outline.input : outline[source]!.output
        guard let map = ImageShape(shape) else { return "unit \(index + 1)" }
        let (channel, pixel) = (index / map.pixels, index % map.pixels)
        let place = "(\(pixel / map.width + 1), \(pixel % map.width + 1))"
        return map.channels == 1 && source.isInput ? "pixel \(place)" : "map \(channel + 1) \(place)"
    }
}

/// A step with the numbers of the forward pass.
struct WalkNumbers {
    let scene: WalkScene
    let values: LayerValues

    var context: PlotContext { scene.context }
    var theme: Theme { context.theme }
    var parameters: [Float] { context.snapshot.parameters }

    /// The layer's tensor whose name ends so.
    func tensor(_ name: String) -> Outline.Tensor? {
        scene.layer.tensors.lazy.map { scene.outline.tensors[$0] }.first {
            $0.name == "\(scene.layer.path).\(name)" && $0.offset + $0.count <= parameters.count
        }
    }

    /// Colours of what comes in: grey where nothing is negative, else by sign.
    var inputGround: (Float) -> UInt32 {
        let largest = values.inputs.reduce(Float(1e-9)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let context = context
        return values.inputs.contains { $0 < 0 }
            ? { context.ramp($0 / largest) } : { context.shade(2 * $0 / largest - 1) }
    }

    /// Colours by sign, the largest as strong as can be.
    func signedGround(_ values: [Float?]) -> (Float) -> UInt32 {
        let largest = values.reduce(Float(1e-9)) { largest, value in
            value.map { $0.isFinite ? max(largest, abs($0)) : largest } ?? largest
        }
        let context = context
        return { context.ramp($0 / largest) }
    }
}

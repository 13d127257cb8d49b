import Basics
import Datasets
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
/// In a layer's numbers (`WalkMode.numbers`) it stays at that layer. On a sample's way, and in slow motion, one walk follows the
/// other through the whole network, phase by phase.
///
/// It goes through the units of a layer, of each unit through its steps, and shows one of several parts of each step: the
/// channels that a kernel weighs. Its extensions are long together, because each walk is one, in a file of its own.
public struct Walk: Sendable {
    public var id: WalkID
    /// Whether it shows how a layer's values come about. The declarations of the layer decide, never its name.
    var suits: @Sendable (Outline, LayerPath) -> Bool
    /// The modes in which it is offered.
    var modes: Set<WalkMode> = [.numbers]
    /// The part of a step of learning that it shows.
    var phase = WalkPhase.forward
    /// Each step is a unit of the layer.
    var stepsAreUnits = false
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
    /// The links that the step is about: those into units of a layer, from a unit before it. The step's own one comes first.
    var links: @Sendable (WalkScene) -> [NetworkCursor] = { _ in [] }
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
        .convolution, .pooling, .vote, .neuron, .oneToOne, .response, .join, .softmax, .stepKernel, .attention, .cell,
        .backInTime, .loss, .delta, .valueDelta, .stepDelta, .poolBack, .kernelGradient, .kernelBack,
        .stepKernelGradient, .stepKernelBack, .attentionBack, .attentionGradient, .backThroughTime, .cellGradient,
        .passBack, .update, .tensorUpdate,
    ]

    public static subscript(id: WalkID) -> Walk? { all.first { $0.id == id } }

    /// The walks through all layers, phase by phase in the order in which a step of learning computes them.
    /// - Parameter turn: the update that is walked through, of which only its own layers are; nil: all.
    static func stops(
        _ outline: Outline, _ mode: WalkMode, turn: StepTurn? = nil
    ) -> [(layer: LayerPath, walk: Walk)] {
        WalkPhase.allCases.flatMap { phase in
            var layers = outline.allPaths
            if phase == .backward { layers.reverse() }
            let own = phase == .update ? turn?.learning : turn?.layers
            return layers.filter { own?.contains($0.index) ?? true }.flatMap { layer in
                all.filter { $0.phase == phase && $0.modes.contains(mode) && $0.suits(outline, layer) }.map {
                    (layer, $0)
                }
            }
        }
    }
}

/// A part of one step of learning, in their order.
enum WalkPhase: Sendable, Hashable, CaseIterable {
    case forward, loss, backward, update

    var word: String { "\(self)" }
    /// Where there is little room.
    var short: String { self == .backward ? "back" : word }
}

/// The subject of a walk.
enum WalkMode: Sendable, Hashable {
    /// The numbers of one layer, for the image or the sequence that is looked at.
    case numbers
    /// One sample's way through the whole network, to its loss.
    case way
    /// One update: a batch, and one sample of it, forward and back, and the new weights.
    case motion

    /// It goes on from layer to layer.
    var isWhole: Bool { self != .numbers }
    /// The top bar's word.
    var word: String { self == .motion ? "slow motion" : "walk" }
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
    var mode = WalkMode.numbers
    /// In slow motion the update, of those that a round consists of.
    var turn = 0
    /// In slow motion the sample's place in the batch; on a sample's way its row in the training set.
    var sample = 0

    public init(id: WalkID, layer: LayerPath, unit: Int = 0) {
        (self.id, self.layer, self.unit) = (id, layer, unit)
    }

    /// The same walk somewhere else.
    func moved(to id: WalkID, _ layer: LayerPath, unit: Int = 0) -> WalkState {
        var state = WalkState(id: id, layer: layer, unit: unit)
        (state.mode, state.turn, state.sample) = (mode, turn, sample)
        return state
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
    /// The update that slow motion walks through; nil: another mode, or it is not there yet.
    let step: StepTrace?
    /// The sample's values on its way or in slow motion, those of layers that are planned for each step at the time cursor; nil:
    /// another mode, or they are not there yet.
    let trace: SampleTrace?
    /// The same with all steps.
    let wholeTrace: SampleTrace?
    /// In slow motion the updates of a round; empty: another mode.
    let turns: [StepTurn]
    /// The update that slow motion walks through, and the part of the network through which a real sample goes; nil: all of it.
    let turn: StepTurn?

    /// - Returns: nil where there is no walk, or the network is no longer one for it.
    init?(_ context: PlotContext) {
        guard let state = context.plots.walk else { return nil }
        self.init(context, state)
    }

    init?(_ context: PlotContext, _ state: WalkState) {
        let outline = context.snapshot.outline
        guard context.hasSample(for: state.mode), let walk = Walk[state.id],
            let layer = outline[state.layer], walk.suits(outline, state.layer)
        else { return nil }
        (self.context, self.walk, self.state, self.layer) = (context, walk, state, layer)
        source = outline.source(of: state.layer)
        step = state.mode == .motion ? context.snapshot.stepTrace.flatMap { $0.turn == state.turn ? $0 : nil } : nil
        wholeTrace = state.mode == .way ? context.tracedSample(state.sample) : step?.sample
        trace = wholeTrace.map { $0.bySteps.isEmpty ? $0 : $0.at(step: context.timeStep) }
        turns = state.mode == .motion ? context.turns : []
        turn =
            turns.isEmpty
            ? context.turn(of: state.mode) : turns[min(max(0, state.turn), turns.count - 1)]
        self.state.unit = min(max(0, state.unit), walk.units(self) - 1)
        self.state.step = min(max(0, state.step), walk.steps(self) - 1)
        self.state.part = min(max(0, state.part), walk.parts(self) - 1)
    }

    var outline: Outline { context.snapshot.outline }

    /// Whether the update changes the layer.
    var learns: Bool { turn?.learning.contains(state.layer.index) ?? true }

    /// The unit that the step is about.
    var unit: Int { walk.stepsAreUnits ? state.step : state.unit }

    /// The layer whose values come in, one without units of its own too.
    var before: LayerPath { outline.directlyBefore(state.layer) }

    /// The step of the time cursor, where the layer is planned for each step by itself; nil: it is planned once.
    var stepOfLayer: Int? { layer.repeats > 1 ? min(context.timeStep, layer.repeats - 1) : nil }

    /// The values that come in at a step of the sequence.
    /// - Parameter step: nil: the layer is planned once.
    private func inputs(_ trace: SampleTrace, step: Int?) -> [Float] {
        let (all, width) = (trace.values(before), layer.input.count)
        // Of a layer before all these the values of all steps.
        guard let step, all.count >= layer.repeats * width, outline[before]?.repeats != layer.repeats else {
            return all
        }
        return Array(all[step * width..<(step + 1) * width])
    }

    /// The numbers, once the viewer has made them for this sample and these parameters.
    var numbers: WalkNumbers? {
        if state.mode.isWhole {
            guard let trace, let own = trace.layers[state.layer] else { return nil }
            var values = LayerValues(
                layer: state.layer, choice: .row(state.sample), parameterVersion: context.snapshot.parameterVersion,
                inputs: inputs(trace, step: stepOfLayer), sums: own.sums, values: own.values, loss: trace.loss,
                gradients: own.valueGradients)
            values.joined = outline.ends(of: state.layer).map { end in
                // Of layers that are planned for each step, to a block around them, those of all.
                if layer.repeats == 1, let steps = wholeTrace?.bySteps[end] { return steps.flatMap(\.values) }
                let all = trace.values(end)
                guard let step = stepOfLayer, outline[end]?.repeats != layer.repeats,
                    all.count == layer.repeats * layer.input.count
                else { return all }
                return Array(all[step * layer.input.count..<(step + 1) * layer.input.count])
            }
            if layer.output.axes.count == 2 || !own.cells.isEmpty {
                var steps = StepValues(layer: state.layer, values: own.values, width: layer.output.axes.last!)
                (steps.cells, steps.gradients, steps.attention) = (
                    own.cells, own.cellGradients, own.attention?.weights
                )
                values.steps = steps
            }
            return WalkNumbers(scene: self, values: values)
        }
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
        let step = stepOfLayer.map { "step \($0 + 1) of \(layer.repeats)" } ?? ""
        return [units > 1 ? unit : "", walk.place(self), step].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// "unit 2", "versicolor"; of a single output "output".
    func unitName(_ layer: LayerPath, _ unit: Int) -> String {
        if layer.isInput { return inputTitle(unit) }
        guard layer == outline.output else { return "unit \(unit + 1)" }
        if context.hasClassUnits { return context.shortClassName(unit) }
        return outline.unitCount(layer: layer) == 1 ? "output" : "output \(unit + 1)"
    }

    /// A value of the input by its name.
    private func inputTitle(_ index: Int) -> String {
        context.snapshot.data.image == nil
            ? featureTitle(context.snapshot.data.inputName(index)) : context.snapshot.data.inputName(index)
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
        if source.isInput, state.mode.isWhole { return inputTitle(index) }
        // A generator's samples stand for those of the data.
        if let end = context.snapshot.network.generatorEnd, before == LayerPath(end), ImageShape(shape) == nil {
            return featureTitle(context.snapshot.data.learned.inputName(index))
        }
        guard let map = ImageShape(shape) else { return "unit \(index + 1)" }
        let (channel, pixel) = (index / map.pixels, index % map.pixels)
        let place = "(\(pixel / map.width + 1), \(pixel % map.width + 1))"
        let isImage = source.isInput || context.snapshot.network.generatorEnd.map { source == LayerPath($0) } == true
        return map.channels == 1 && isImage ? "pixel \(place)" : "map \(channel + 1) \(place)"
    }
}

extension PlotContext {
    /// The updates that a round of training consists of, read from its settings: ask once.
    var turns: [StepTurn] { Catalogue.turns(snapshot.network, of: snapshot.experiment.learning.procedure) }

    /// The layers of a walk: those of an update, or of a real sample those of the discriminator; nil: all.
    /// - Parameter turn: the place of the update in its round.
    func turn(of mode: WalkMode, _ turn: Int = 0) -> StepTurn? {
        switch mode {
        case .numbers: return nil
        case .motion: return turns[min(max(0, turn), turns.count - 1)]
        case .way:
            guard let sample = adversarialSample, sample.isReal, let end = snapshot.network.generatorEnd else {
                return nil
            }
            let own = end + 1..<snapshot.network.layers.count + 1
            return StepTurn(name: "", layers: own, learning: own, kinds: ["real"])
        }
    }

    /// Whether there is a sample for a walk.
    func hasSample(for mode: WalkMode) -> Bool {
        switch mode {
        case .numbers: sampleChoice != nil
        case .way: hasTraceableRows
        case .motion: snapshot.data.train.count > 0
        }
    }

    /// Whether the training set is a table of rows with an answer each, or of noise, whose way can be told.
    var hasTraceableRows: Bool {
        if snapshot.network.generated != nil { return adversarialSample != nil }
        return !snapshot.data.columns.isEmpty && snapshot.data.train.count > 0 && sampleChoice == nil
            && snapshot.data.train.inputs.width == snapshot.network.inputWidth
    }

    /// The way of a training row, once the viewer has made it.
    func tracedSample(_ row: Int) -> SampleTrace? {
        guard let traced = shown?.traced, traced.row == row, traced.isReal == (adversarialSample?.isReal ?? false),
            traced.parameterVersion == snapshot.parameterVersion
        else { return nil }
        return traced.trace
    }
}

/// A step with the numbers of the forward pass.
struct WalkNumbers {
    @Boxed private(set) var scene: WalkScene
    @Boxed private(set) var values: LayerValues

    var context: PlotContext { scene.context }
    var theme: Theme { context.theme }
    /// In slow motion those before the update, which others of its round may have changed already.
    var parameters: [Float] { scene.step?.parameters ?? context.snapshot.parameters }

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

extension ImageShape {
    /// The place where a walk over a map begins: the first one where there are so few that all are gone through, else the
    /// middle, for the corners of images are empty.
    var walkStart: Int { pixels <= 16 ? 0 : middle }
}

import Datasets
import Engine
import Session
import TerminalKit

/// The identity of a view. Each view's file declares its own.
public struct ViewID: Sendable, Hashable, CustomStringConvertible {
    /// One lower-case word: "plane".
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }
}

/// A way of looking at a network in one of the panels: one record in one file, listed in `View.all`. A panel shows the
/// view that was chosen as long as it suits the data and the network, else the first one that does.
///
/// Its extensions are long together, because each holds the record of one view.
public struct View: Sendable {
    public var id: ViewID
    public var panel: PanelID
    /// Explains the view while its panel has the focus.
    public var words: String
    /// The thing to look for in it, or what its patterns mean: one or two sentences.
    public var watch: String
    /// The kind of data, the ranks of values and the metrics decide, never the name of a layer.
    var suits: @Sendable (Scene) -> Bool
    /// The panel's title with the view's details, for so many columns.
    var heading: @Sendable (PlotContext, _ width: Int) -> String
    /// Adds what the viewer's thread must make.
    /// - Parameter rect: the whole panel with its title row.
    var request: @Sendable (PlotContext, _ rect: Rect, inout ViewRequest) -> Void = { _, _, _ in }
    /// Draws below the title row, on blank cells.
    /// - Parameter rect: the whole panel with its title row.
    var draw: @Sendable (inout Canvas, _ rect: Rect, PlotContext) -> Void
    /// The picture in words and numbers, for those who do not see it: a sentence each; empty: its title and `words` are said.
    var inWords: @Sendable (PlotContext) -> [String] = { _ in [] }
    /// Finds the thing at a cell.
    var point: @Sendable (PlotContext, _ x: Int, _ y: Int, _ rect: Rect) -> Pointed = { _, _, _, _ in Pointed() }
    /// Puts the view's cursor on a thing after a click; on nothing it goes.
    var putCursor: @Sendable (inout App, Pointed) -> Void = { _, _ in }
    /// The panel's name among tabs while it shows this view, in at most as many letters; nil: its own.
    var tab: String?
    /// The image that the network is shown in all panels while this view is in front, `[channels, height, width]`; nil: one of
    /// the data.
    var shownImage: @Sendable (PlotContext) -> [Float]? = { _ in nil }
    /// The ending of the file that saving writes where this view's panel has the focus: "png"; nil: the experiment is meant.
    var savedAs: String?
    /// It spans two columns of the data: the keys that choose them work in it.
    var spansColumns = false
    var commands: [Command] = []
}

/// The facts that decide which views suit.
struct Scene: Sendable, Hashable {
    /// The data's columns of numbers.
    var columns: Int
    /// The shape of the data's images; nil: they are no images.
    var image: ImageShape?
    /// Whether the data are sequences.
    var hasSequences = false
    /// Sequences whose targets are their own next symbols: the network can write.
    var writes = false
    /// A hidden layer has values for each step.
    var hasSteps = false
    /// A layer hands a state from step to step.
    var isRecurrent = false
    /// The data is a game.
    var hasGame = false
    /// The returns of a game are on record, episode by episode.
    var hasRecord = false
    /// The states of the game are few.
    var hasPlaces = false
    /// The network makes samples of noise, points or images, and tells them from real ones.
    var generates = false
    var generatesImages = false
    /// Each unit of the first layer has a weight for each input, or shares those of a kernel for a window of them.
    var hasFilters = false
    /// The network gives back its input by a last layer that weighs the units before it.
    var hasDecoderFilters = false
    /// The first layer's units, on or off at random, draw the values before them too.
    var drawsInput = false
    /// A picture is changed in place of weights.
    var hasPicture = false
    /// A loss over samples is descended, so that weights, values and gradients have sizes to be measured.
    var hasHealth = false
    /// Several tasks are learned in turn.
    var hasTasks = false
    /// Learners that are no networks learn from the same data.
    var hasRivals = false
    /// No network learns beside them.
    var hasRivalsAlone = false
    var task: Task
    /// The answers to samples have been counted by classes.
    var hasConfusion: Bool
}

extension View {
    private static let byPanel = Dictionary(grouping: all, by: \.panel)

    static func views(of panel: PanelID) -> [View] { byPanel[panel] ?? [] }

    /// Draws a panel with the view that it shows.
    /// - Parameter title: in place of the view's own; nil: its own.
    static func draw(
        in panel: PanelID, into canvas: inout Canvas, rect: Rect, context: PlotContext, title: String? = nil
    ) {
        let (view, name, room) = (context.view(in: panel), Panel[panel].title, rect.width - 10)
        var heading = title ?? view?.heading(context, room) ?? name
        // The panel's name is what a narrow title can spare.
        if columnWidth(heading) > room, heading.hasPrefix("\(name) · ") { heading.removeFirst(name.count + 3) }
        drawPanelTitle(
            into: &canvas, rect: rect,
            title: heading,
            key: context.showsKeys ? context.bindings.key(of: panel, glyphs: context.capabilities.glyphs) : nil,
            focused: context.focused, theme: context.theme,
            capabilities: context.capabilities)
        canvas.fill(panelContent(of: rect))
        view?.draw(&canvas, rect, context)
    }
}

extension Panel {
    /// A panel that shows one of its views.
    static func viewer(
        _ id: PanelID, title: String, place: Place, words: String, watch: String, heights: Heights = Heights(),
        commands: [Command] = [], modes: [Mode] = []
    ) -> Panel {
        Panel(
            id: id, title: title, place: place, words: words, watch: watch, heights: heights, commands: commands,
            modes: modes,
            draw: { app, frame, rect in
                guard let context = app.plotContext(of: id) else { return }
                View.draw(in: id, into: &frame.canvas, rect: rect, context: context)
            },
            detail: { $0.view(in: id)?.heading($0, 200) ?? "" },
            request: { _, context, rect, request in context.view(in: id)?.request(context, rect, &request) },
            point: { _, context, x, y, rect in context.view(in: id)?.point(context, x, y, rect) ?? Pointed() },
            putCursor: { app, pointed in app.view(in: id)?.putCursor(&app, pointed) },
            shownTitle: { app in app.view(in: id)?.tab })
    }
}

extension Snapshot {
    /// The game that the data is; nil: it is none.
    var environment: EnvironmentKind? {
        guard case .environment(let kind) = data.schema.kind else { return nil }
        return kind
    }
}

extension PlotContext {
    /// The game that the data is; nil: it is none.
    var environment: EnvironmentKind? {
        snapshot.environment
    }

    /// Not inlined: the optimizer of Swift 6.3.1 ends with an ownership error where it is.
    @inline(never)
    static func scene(of snapshot: Snapshot) -> Scene {
        let environment = snapshot.environment
        let generates = snapshot.network.generated != nil
        return Scene(
            columns: snapshot.data.columns.count, image: generates ? nil : snapshot.data.image,
            hasSequences: snapshot.data.schema.isSequence,
            writes: snapshot.data.schema.isSequence && snapshot.network.task.classes != nil
                && snapshot.data.foretellsInputs,
            hasSteps: snapshot.data.schema.isSequence && !snapshot.outline.stepPaths.isEmpty,
            isRecurrent: snapshot.data.schema.isSequence && !snapshot.outline.recurrentPaths.isEmpty,
            hasGame: environment != nil, hasRecord: snapshot.game != nil, hasPlaces: environment?.hasPlaces ?? false,
            generates: generates, generatesImages: generates && snapshot.data.learned.image != nil,
            hasFilters: snapshot.outline.hasFirstFilters,
            hasDecoderFilters: snapshot.network.task == .reconstruction && snapshot.outline.hasLastFilters,
            drawsInput: snapshot.outline.layers[0].drawsInput, hasPicture: snapshot.picture != nil,
            hasHealth: snapshot.descendsLossOfSamples,
            hasTasks: snapshot.history.metrics.contains { $0.plot == .task }, hasRivals: !snapshot.rivals.isEmpty,
            hasRivalsAlone: !Catalogue.trainsNetwork(snapshot.experiment.training.procedure),
            task: snapshot.network.task,
            hasConfusion: snapshot.evaluation?.confusion != nil)
    }

    /// The view that a panel shows; nil: none suits.
    func view(in panel: PanelID) -> View? {
        let views = View.views(of: panel)
        if let chosen = plots.views[panel], let place = views.firstIndex(where: { $0.id == chosen }),
            views[place].suits(scene)
        {
            return views[place]
        }
        return views.first { $0.suits(scene) }
    }
}

extension App {
    func view(in panel: PanelID) -> View? { plotContext?.view(in: panel) }

    /// Whether a panel shows another view than the first one that suits.
    func showsChosenView(in panel: PanelID) -> Bool {
        guard let context = plotContext, let shown = context.view(in: panel) else { return false }
        let scene = context.scene
        return View.views(of: panel).first { $0.suits(scene) }?.id != shown.id
    }

    /// Shows a view in its panel, and the panel's first view again where it is shown already.
    mutating func toggle(_ id: ViewID) {
        guard let view = View.all.first(where: { $0.id == id }) else { return }
        plots.views[view.panel] = plots.views[view.panel] == id ? nil : id
    }

    /// Shows a view in which a command works; where one is shown already, or none suits, all stays.
    mutating func showView(for command: Command) {
        guard let views = command.views, let scene = plotContext?.scene,
            let view = View.all.first(where: { views.contains($0.id) && $0.suits(scene) }),
            !command.works(in: view.panel, showing: self.view(in: view.panel)?.id)
        else { return }
        plots.views[view.panel] = view.id
    }

    /// Why the data and the network have no view in which a command works, or nil.
    func missingView(for command: Command) -> String? {
        guard let views = command.views, let scene = plotContext?.scene else { return nil }
        return View.all.contains { views.contains($0.id) && $0.suits(scene) } ? nil : "it suits other data"
    }
}

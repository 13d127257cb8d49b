import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The whole state of the screen, a value: events change it, `render` shows it, effects leave through `outbox`.
///
/// Its extensions are long together, because commands and events are functions of this one value: tests play keys into it
/// and compare what it draws. Facts have their owners within it: `Session` the document and its past, `EditingState` rows
/// and their cursors, `PlotState` what the plots show and point at, `Playing` whether training goes on, `Reading` what is
/// being opened, `NoticeLine` the news, `GridState` networks side by side, a `Popup` what lies over the panels. What draws
/// is a `ScreenPart`. Extensions stand beside the panel that they serve.
public struct App: Sendable {
    @Boxed public internal(set) var session: Session
    @Boxed public internal(set) var snapshot: Snapshot? = nil
    /// The trainer's newest snapshot, also while `snapshot` is of a moment before.
    @Boxed public internal(set) var newest: Snapshot? = nil
    @Boxed public internal(set) var picture: Picture? = nil
    /// The trouble that was recognized in the run.
    @Boxed var watch = HealthWatch()
    /// Why the experiment cannot be trained, or nil.
    public internal(set) var failure: String?
    /// The source that is being opened, and the data that are being read; meanwhile `snapshot` is of the data before.
    @Boxed var reading = Reading()
    @Boxed public var plots = PlotState()
    public internal(set) var focus = Panel.network.id
    public var theme = Theme.dark
    /// The palette that the theme is of.
    public var palette = ColorPalette.standard
    public var capabilities = Capabilities()
    /// The keys in force.
    public var bindings = KeyBindings.standard
    public internal(set) var width = 0
    public internal(set) var height = 0
    @Boxed private var noticeLine = NoticeLine()
    /// The box over the panels that takes the keys; nil: none.
    var popup: (any Popup)?
    /// Effects for the run loop, in order.
    public internal(set) var outbox: [Effect] = []
    @Boxed var playing: Playing
    public internal(set) var mouseEnabled: Bool

    var enlarged: PanelID?
    @Boxed var editing = EditingState()
    @Boxed var explanation = Explanation()
    /// The document's shapes, known before the trainer has caught up with an edit; nil before the data are there.
    @Boxed var outline: Outline? = nil
    /// When the present event came, in seconds of a clock that runs forward.
    var now = 0.0
    /// When the hidden plane's way through the layers began.
    var journeyStarted = 0.0
    var interrupts = 0
    /// Nothing has been edited since the experiment was opened: its story stands where the explanation will be.
    var storyIsNews = true
    /// Networks that train side by side in place of the panels; nil: the panels.
    @Boxed public internal(set) var grid: GridState? = nil
    /// A person plays beside the network in place of the panels; nil: the panels, or a grid.
    @Boxed public internal(set) var match: Match? = nil
    /// The lesson above the panels; nil: none is open.
    @Boxed public internal(set) var lesson: LessonState? = nil
    /// The file with the progress in lessons; nil: none is kept.
    var progressFile = LessonProgress.file
    /// The present event of the mouse goes on with a stroke that a press began.
    var isDragging = false
    /// A moment before in place of the present one; nil: the present.
    @Boxed var past: PastView? = nil
    /// The runs of this session that are over.
    @Boxed var earlier = EarlierRuns()
    /// The screen is before an audience; nil: it is not.
    @Boxed var presentation: Presentation? = nil
    /// The class that is watched; nil: none is.
    @Boxed var classList: ClassList? = nil
    /// The experiments that were open; nil: none are kept.
    @Boxed var recent: RecentFolder? = nil
    /// The one among them that is this app's own.
    var keptPath: String?
    /// The playground in lines; nil: it is on a screen.
    var plain: PlainState?
    /// While it is drawn; nil: it may change.
    var cache: FrameCache?
    /// The state that the rows were made from.
    @Boxed private var refreshed: Refreshed? = nil

    private struct Refreshed: Sendable, Hashable {
        var rows: EditorRows
        var focus: PanelID
        var selection: [PanelID: Int]
        var cursor: NetworkCursor?
        var pointed: NetworkCursor?
        var walk: WalkState?
        var views: [PanelID: ViewID]
        var opened: Set<LayerPath>
        var layout: LayoutRequest
        var width: Int
        var height: Int
        /// The layers that are frozen for now, as a procedure does in turns.
        var frozen: [Bool]
    }

    /// Requests that only the run loop can carry out.
    public enum Effect: Sendable {
        case trainer(TrainerCommand)
        case suspend
        case quit
        case mouse(Bool)
        /// To the terminal's clipboard.
        case copy(String)
        /// Draw the whole screen again.
        case redraw
        /// Read a preset, a file or a link; the answer is `opened` or `openingFailed`.
        case open(String)
        /// The same, of what was typed or pasted.
        case openTyped(String)
        /// Nobody waits any more for what is being opened.
        case cancelOpening
        /// Write the experiment, the weights when the path ends in ".safetensors", the link when in ".txt", or what another
        /// program takes when in the ending of its format.
        case save(path: String, overwrite: Bool, thenQuit: Bool)
        /// Write a text; the news are told.
        case write(String, path: String)
        /// Open a copy of a student's experiment.
        case openMember(UInt32, name: String)
        /// Open a source that has been read.
        case openFound(ExperimentSource)
        /// Write the screen to a new file, in the format of its ending.
        case saveScreen(path: String)
        /// Train these side by side from the start, in place of others, with their rivals or without; the news are for `receive`.
        case startGrid([Experiment], playing: Bool, epochsPerSecond: Double?, fitsRivals: Bool)
        case grid(GridCommand)
        /// Plan networks side by side; the answer is `planned`.
        case planGrid(GridPlan)
        /// Nobody waits for the plan any more.
        case cancelPlan
        case endGrid
        /// Keep how far the user has come in a lesson.
        case saveProgress(LessonProgress.Record, of: String)
    }

    public init(_ session: Session, playing: Bool = true, mouseEnabled: Bool = true) {
        self.session = session
        self.playing = Playing(playing)
        self.mouseEnabled = mouseEnabled
        let front = session.experiment.view.panel
        if front != ViewSettings().panel, let panel = Panel.plot(front) { focus = panel.id }
        if isStepped { self.playing.set(false, at: now) }
        refresh()
    }

    public init(experiment: Experiment) { self.init(Session(experiment)) }

    public var experiment: Experiment { session.experiment }

    /// A line of news until the next key.
    public var notice: Notice? {
        get { noticeLine.notice }
        set {
            noticeLine.show(newValue, at: now)
            if let newValue { plain?.news = newValue }
        }
    }
    /// All news so far, the newest last.
    var pastNotices: [Notice] { noticeLine.past }

    /// Changes what is shown; not a step for undo.
    public mutating func changeView(_ change: (inout ViewSettings) -> Void) { session.look(change) }

    public mutating func send(_ command: TrainerCommand) {
        if past != nil, command.endsPast { leavePast(resumes: !command.decidesOnPlaying) }
        outbox.append(.trainer(command))
    }

    /// Hands the effects over.
    public mutating func takeOutbox() -> [Effect] {
        defer { outbox = [] }
        return outbox
    }

    /// Moves the focus, and brings the panel to the front where not all fit.
    public mutating func show(_ panel: PanelID) {
        focus = panel
        editing.typing = nil
        switch Panel[panel].place {
        case .input, .network: editing.side = panel
        case .plot(let name): changeView { $0.panel = name }
        }
        if enlarged != nil { enlarged = panel }
    }

    /// News from the other threads.
    /// - Parameter time: of the same clock as the events'.
    public mutating func receive(
        snapshot: Snapshot?, picture: Picture?, failure: String?, loading: DataLoading? = nil, past: Snapshot? = nil,
        at time: Double = .infinity
    ) {
        if time.isFinite { now = time }
        if notice != nil {
            let coversPanel = layout.explain == nil
            noticeLine.expire(at: now, coversPanel: coversPanel)
        }
        if let snapshot {
            if let news = snapshot.news(since: newest, reset: resetKey) { notice = news }
            playing.follow(snapshot.state, at: time)
            if let last = newest {
                if last.experiment.data != snapshot.experiment.data { plots.leaveSequence() }
                if last.generation != snapshot.generation { keepRun(last, before: snapshot) }
            }
            newest = snapshot
            if self.past == nil || self.past?.showsNow == true || self.past?.then == nil { self.snapshot = snapshot }
            // The reason is among the news.
            if plots.walk?.mode == .motion, snapshot.stepTrace == nil, snapshot.messageIsMistake { leaveWalk() }
        }
        receive(past: past)
        self.picture = picture ?? self.picture
        if let news = watch.follow(self.picture), lesson == nil, past == nil {
            notice = Notice(news.words(key: label(HealthCommand.remedy.id)))
        }
        let game = self.picture?.game
        match?.follow(game)
        self.failure = failure
        reading.data = loading
        followLesson()
        refresh()
        followPlain()
    }

    /// - Returns: why it cannot be the document, or nil; all is then as it was.
    @discardableResult
    public mutating func opened(_ source: ExperimentSource) -> ExperimentError? {
        reading.source = nil
        if let refusal = act(.open(source)) {
            return refusal
        }
        closeGrid()
        match = nil
        closeLesson()
        editing.selection = [:]
        plots.cursor = nil
        (plots.stack.opened, plots.stack.closed) = ([], [])
        (plots.pen, past) = (nil, nil)
        plots.leaveSequence()
        if isStepped { setPlaying(false) }
        storyIsNews = true
        let telling = experiment.story.isEmpty || tellsWholeStory ? "" : ": \(label("app.story")) tells its story"
        notice = Notice(
            "opened \(source.words ?? source.name)\(telling)"
                + (session.canUndo ? ", \(label("edit.undo")) goes back" : ""))
        refresh()
        return nil
    }

    /// A file of weights without an experiment: the present one takes them.
    mutating func openedWeights(_ path: String) {
        reading.source = nil
        closeGrid()
        outbox.append(.trainer(.loadCheckpoint(path: path)))
    }

    /// - Parameters:
    ///   - isDocument: what was written is the experiment itself.
    ///   - link: what was written where it is a link.
    public mutating func saved(_ path: String, isDocument: Bool, link: PageLink? = nil) {
        if isDocument { session.markSaved(name: path) }
        let isWhole = link?.unsaid.isEmpty ?? true
        notice = Notice(
            "saved \(path)" + (isWhole ? "" : "; the page trains another network, : share tells what it cannot say"))
    }

    /// Nothing was written: the path stands there again to be mended.
    mutating func saveFailed(_ path: String, thenQuit: Bool, _ problem: String) {
        popup = Prompt.save(path, thenQuit: thenQuit).mended(problem)
    }

    /// A file is there already.
    /// - Parameter there: all that would be written over.
    public mutating func askOverwrite(_ path: String, there: [String], thenQuit: Bool) {
        popup = Question.overwrite(path, there: there, thenQuit: thenQuit)
    }

    /// Nothing was opened: what was typed stands there again to be mended.
    mutating func openingFailed(_ text: String?, _ problem: String) {
        reading.source = nil
        guard let text, popup == nil, editing.typing == nil else {
            notice = Notice(problem, bad: true)
            return
        }
        popup = Prompt.open(text).mended(problem)
    }

    /// Ends the opening and the planning that are under way.
    mutating func cancelOpening() {
        cancelPlan()
        guard reading.source != nil else { return }
        reading.source = nil
        outbox.append(.cancelOpening)
    }

    /// The columns and the task of the present document's data, where they are there.
    var schema: DataSchema? {
        snapshot.flatMap { $0.experiment.data == experiment.data ? $0.data.schema : nil }
    }

    /// A lesson without the play button: it goes on by steps, and stands still at first.
    private var isStepped: Bool { takenAway("play") != nil && takenAway("step") == nil }

    static let lessonGoesWithout = "this lesson goes without it"

    /// The key that starts again; nil: the lesson goes without it.
    var resetKey: String? {
        let isRefused = Commands.byID["training.reset"].map(lessonRefuses) ?? false
        return takenAway("reset") == nil && !isRefused ? label("training.reset") : nil
    }

    /// Why a lesson's control cannot be used, or nil.
    func takenAway(_ control: String) -> String? { experiment.hides(control) ? Self.lessonGoesWithout : nil }

    var layoutRequest: LayoutRequest {
        LayoutRequest(
            front: experiment.view.panel, side: editing.side, enlarged: enlarged, walks: plots.walk != nil,
            band: lesson?.height ?? 0, presents: presentation != nil)
    }

    /// The screen between the two bars, where popups stand.
    var popupRoom: Rect { Rect(x: 0, y: 1, width: width, height: max(0, height - 2)) }

    var layout: Layout {
        func make() -> Layout { Layout(width: width, height: height, request: layoutRequest) }
        return cache?.once(.layout, make: make) ?? make()
    }

    /// The data's columns, those of the plane before the data are there.
    var columns: [String] { snapshot?.data.learned.columns.map(\.name) ?? ["x1", "x2"] }

    /// The shape of one sample as the network takes it.
    var inputShape: Shape {
        snapshot?.data.learned.schema.input(features: experiment.features)
            ?? Shape(experiment.features.isEmpty ? columns.count : experiment.features.count)
    }

    private var editorRows: EditorRows {
        EditorRows(
            experiment: experiment, keepsWeights: session.keepsWeights, columns: columns, input: inputShape,
            table: table.summary, task: snapshot?.data.learned.task, closed: plots.stack.closed)
    }

    /// A setting's present value in words.
    func valueText(of path: String, _ knob: Knob) -> String {
        KnobWalk.text(experiment.value(at: path), of: knob, none: editorRows.unset(of: path))
    }

    /// Makes the rows and the explanation anew when something that they show has changed.
    mutating func refresh() {
        if let lesson {
            let height = LessonBand.height(self, lesson)
            self.lesson?.height = height
        }
        if plots.walk != nil, snapshot != nil, walkScene == nil { leaveWalk() }
        followWalk()
        let maker = editorRows
        var state = Refreshed(
            rows: maker, focus: focus, selection: editing.selection,
            cursor: plots.cursor, pointed: plots.pointed.cursor, walk: plots.walk, views: plots.views,
            opened: plots.stack.opened, layout: layoutRequest, width: width, height: height,
            frozen: snapshot?.outline.layers.map(\.isFrozen) ?? [])
        guard state != refreshed else { return }
        // A cursor that moves leaves the rows as they are.
        editing.refresh(from: refreshed?.rows == maker ? nil : maker)
        outline = snapshot.flatMap { snapshot in
            // The trainer's own knows the layers that are frozen for now.
            let network = experiment.network(for: snapshot.data)
            return network == snapshot.network ? snapshot.outline : (try? network.outline()) ?? snapshot.outline
        }
        if let outline, outline.layers.count != experiment.layers.count + 1 { self.outline = nil }
        followSelection()
        explanation = Explanation(of: self)
        keepScrolls()
        state.selection = editing.selection
        state.cursor = plots.cursor
        refreshed = state
    }

    func selectedRow(of panel: PanelID) -> EditorRow? { editing.selectedRow(of: panel) }
}

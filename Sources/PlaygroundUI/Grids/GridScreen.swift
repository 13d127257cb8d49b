import Basics
import Engine
import Session
import TerminalKit

/// The screen in place of the panels: networks that train side by side. One of each kind stands in `GridScreens.all`.
protocol GridScreen: Sendable {
    static var title: String { get }
    static var commands: [Command] { get }
    /// Rivals learn beside the networks.
    static var fitsRivals: Bool { get }
    /// Those that train, in the order of the grid's news.
    var experiments: [Experiment] { get }
    /// The names of the networks, in the same order; empty: they have none.
    var titles: [String] { get }
    /// "30 networks".
    var countWords: String { get }
    /// The views that the viewer must draw of each experiment.
    func requests(in app: App) -> [ViewRequest]
    func draw(into frame: inout Frame, _ app: App)
    /// A click on one of the experiments: it selects, and on what is selected opens.
    func select(_ index: Int, in app: inout App)
}

enum GridScreens {
    static let all: [any GridScreen.Type] = [Atlas.self, Race.self, MethodAtlas.self]
}

extension GridScreen {
    static var fitsRivals: Bool { false }
    var titles: [String] { [] }
    var countWords: String { plural(experiments.count, "network") }
}

/// The state of a grid on the screen.
public struct GridState: Sendable {
    var screen: any GridScreen
    public internal(set) var news = GridNews()
}

/// How grids come and go, and what is common to their keys.
extension App {
    /// The commands that work now.
    var commands: [Command] {
        let own = screenCommands ?? Commands.all
        return lesson == nil ? own : LessonCommands.all + own
    }

    /// Shows a grid, or another one in its place, and trains it from the start.
    mutating func open(_ screen: any GridScreen) {
        if screen.experiments.isEmpty {
            notice = Notice("these settings can have no values here", bad: true)
            return
        }
        if grid == nil {
            grid = GridState(screen: screen)
            if playing.beginGrid(at: now) { send(.pause) }
        }
        grid?.screen = screen
        restartGrid()
    }

    /// Trains the grid's experiments from the start, after they have changed.
    mutating func restartGrid() {
        guard let state = grid else { return }
        grid?.news = GridNews()
        outbox.append(
            .startGrid(
                state.screen.experiments, playing: playing.isOn, epochsPerSecond: experiment.view.epochsPerSecond,
                fitsRivals: type(of: state.screen).fitsRivals))
    }

    /// Back to the panels, which go on where they were.
    mutating func closeGrid() {
        cancelPlan()
        guard grid != nil else { return }
        grid = nil
        outbox.append(.endGrid)
        if playing.endGrid(at: now) { send(.play) }
    }

    /// Back to the panels, with one of the grid's experiments as the document, which trains from the start as it did.
    mutating func take(_ action: Action, title: String) {
        closeGrid()
        let before = experiment
        var action = action
        // A title and a story tell of their own data.
        if case .replace(var other) = action, other.data.dataset.id != before.data.dataset.id,
            other.story == before.story
        {
            (other.title, other.story) = ("", "")
            action = .replace(other)
        }
        let isTaken = replace(
            by: action, saying: "opened \(title)", unchanged: "\(title): the experiment as it was")
        if isTaken { setPlaying(true) }
    }

    /// News of the grid.
    public mutating func receive(_ news: GridNews) {
        if let failure = news.deviceFailure, grid?.news.deviceFailure == nil {
            notice = Notice("\(failure); the processor trains them", bad: true)
        }
        grid?.news = news
    }

    mutating func sendGrid(_ command: GridCommand) { outbox.append(.grid(command)) }

    /// The views that the viewer must draw of each experiment of the grid.
    public var gridRequests: [ViewRequest] {
        guard let grid, !layout.tooSmall, !grid.news.members.isEmpty else { return [] }
        return grid.screen.requests(in: self)
    }
}

extension GridScreen {
    /// The commands of all these screens, named for one of them.
    static func sharedCommands(of name: String) -> [Command] {
        [
            Command("\(name).play", "play or pause training", hint: "play", keys: ["space"], control: "play") { app in
                app.playing.setGrid(!app.playing.isOn)
                app.sendGrid(app.playing.isOn ? .play : .pause)
            }.leading.saying { $0.playing.isOn ? "pause" : nil },
            Command("\(name).epoch", "train all one epoch, then pause", hint: "epoch", keys: ["."], control: "step") {
                app in
                app.playing.setGrid(false)
                app.sendGrid(.stepEpoch)
            },
            Command(
                "\(name).reset", "start all again with the same weights", hint: "reset", keys: ["r"], control: "reset"
            ) { app in
                app.sendGrid(.reset)
                app.notice = "back at the start, with the same weights"
            },
            Command("\(name).back", "back to the panels", hint: "back", keys: ["esc"]) { $0.closeGrid() }.lasting,
        ] + Commands.everywhere.filter { $0.occasions.contains(.grid) }
    }
}

/// A grid in place of the panels.
struct GridDrawing: ScreenPart {
    let app: App

    func draw(into frame: inout Frame) {
        guard let grid = app.grid else { return }
        grid.screen.draw(into: &frame, app)
        if grid.news.number == 0 {
            let words = "  preparing \(grid.screen.countWords)  "
            frame.canvas.writeCentred(words, x: 0, width: app.width, y: app.height / 2, style: quiet)
        }
        guard let failure = grid.news.failure else { return }
        let body = app.layout.body
        let width = min(60, body.width - 4)
        let lines = wrapText(failure, columns: width - 4).count
        let rect = centredRect(width: width, height: lines + 2, in: body)
        drawBox(into: &frame.canvas, rect, title: "No training", style: bad, titleStyle: bad, fill: text)
        drawWrapped(into: &frame.canvas, rect.inset(left: 2, top: 1, right: 2, bottom: 1), text: failure, style: text)
    }

    /// The context of a plot of one experiment of the grid; nil before the first news.
    func context(_ index: Int, title: String, focused: Bool = false) -> PlotContext? {
        guard let members = app.grid?.news.members, members.indices.contains(index) else { return nil }
        var view = app.experiment.view
        view.neuron = nil
        view.showTestData = false
        var context = PlotContext(
            snapshot: members[index].snapshot, picture: members[index].picture, view: view, plots: PlotState(),
            theme: theme, capabilities: capabilities, focused: focused)
        context.showsKeys = false
        context.title = title
        return context
    }
}

/// The colours of losses and scores: grey where a network is among the worst, bright green where it is among the best.
struct LossColors {
    /// Different loss functions are no measure of each other: each has its own scale.
    private let scales: [String: LossScale]
    private let theme: Theme
    private let isPalette: Bool

    init(_ members: [GridNews.Member], theme: Theme, capabilities: Capabilities) {
        scales = Dictionary(grouping: members, by: \.snapshot.network.loss.id)
            .compactMapValues { LossScale($0.compactMap(\.badness)) }
        self.theme = theme
        isPalette = capabilities.colors == .palette256
    }

    func color(_ member: GridNews.Member) -> UInt32 {
        guard let badness = member.badness, let scale = scales[member.snapshot.network.loss.id] else {
            return theme.bad
        }
        let goodness = (scale.goodness(badness) + 1) / 2
        if isPalette, !theme.light {
            return Self.palette[Int(bounded: (goodness * Float(Self.palette.count - 1)).rounded())]
        }
        return mixColors(theme.worst, theme.good, goodness)
    }

    /// Colours that the palette has; the nearest ones to mixed colours would turn blue in between.
    private static let palette: [UInt32] = [0x6C6C6C, 0x878787, 0x87875F, 0x87AF5F, 0x5FAF5F, 0x5FD75F, 0x87FF87]
}

extension GridNews.Member {
    /// Nothing more comes of it.
    var isOver: Bool {
        switch snapshot.state {
        case .diverged, .finished: true
        case .paused, .training: false
        }
    }

    /// The score of a game, else the loss; nil: there is none.
    var compared: Double? {
        guard let score = snapshot.history.score else { return loss }
        return snapshot.evaluation?[score.id]
    }

    /// The same with the sign that makes the smaller one the better; nil: there is none, or it is no number.
    var badness: Double? {
        guard let compared, compared.isFinite else { return nil }
        return snapshot.history.score?.isLowerBetter == false ? -compared : compared
    }

    /// The test loss, without a test set the training loss; nil after a divergence.
    var loss: Double? {
        if case .diverged = snapshot.state { return nil }
        guard let evaluation = snapshot.evaluation else { return nil }
        let loss = evaluation.testLoss ?? evaluation.trainLoss
        return loss.isFinite ? loss : nil
    }
}

import Basics
import Engine
import Session
import Synchronization
import TerminalKit

/// How the playground is started.
public struct RunOptions: Sendable {
    public enum ThemeChoice: String, Sendable, CaseIterable { case auto, dark, light }
    public var paused = false
    /// The most frames a second.
    public var framesPerSecond = 30
    public var threads = 1
    public var device = ComputeDevice.processor
    public var theme = ThemeChoice.auto
    public var palette = ColorPalette.standard
    public var keys = KeyBindings.standard
    /// One line on what is wrong in the configuration; nil: nothing is.
    public var trouble: String?
    /// The lesson to begin with; nil: none.
    public var lesson: LessonStart?
    /// The folder that keeps the open experiment; nil: it is not kept.
    public var recent: RecentFolder?
    /// Seconds between two times that it is kept.
    public var keepSeconds = 30.0
    /// The one opened last is offered at the start.
    public var offersRecent = false
    /// It begins before an audience.
    public var presents = false
    /// Lines in place of a screen.
    public var plain = false
    /// The class that the playground belongs to; nil: none.
    public var classroom: Classroom?
    public init() {}
}

/// A lesson to open, and how far the user has come in it.
public struct LessonStart: Sendable {
    var course: Course
    /// The lesson's place in the course.
    var place: Int
    var lesson: Lesson
    var record: LessonProgress.Record

    /// Reads the lesson.
    public init(_ course: Course, _ place: Int, _ progress: LessonProgress) throws(ExperimentError) {
        (self.course, self.place) = (course, place)
        lesson = try course.lessons[place].read()
        record = progress[course.lessons[place].name]
    }

    /// The experiment of the first step.
    public var experiment: Experiment { lesson.steps[0].experiment }
    public var directory: String? { lesson.directory }
}

/// Owns the terminal, the trainer and the viewer: gives events to the app, carries its effects out, and draws.
///
/// It sleeps until a key, a snapshot or a picture comes. A key draws at once; news from the trainer draw at most
/// `framesPerSecond` times a second, less when frames run late, down to 5. Nothing is drawn when nothing has changed.
///
/// It is long because every effect of the app is carried out here, with a terminal or in lines.
public final class RunLoop {
    private let terminal: any Terminal
    private let options: RunOptions
    private let weights: String?
    /// Keeps the open experiment; nil: it is not kept.
    private let keeping: Keeping?
    /// Tells a class where its student is; nil: this is no student's.
    private let attendance: ClassAttendance?
    /// Reads where the students of a class are; nil: none is watched.
    private let watcher: ClassWatcher?
    private let wake: @Sendable () -> Void
    private var app: App
    private var trainer: TrainerLink?
    private let viewer: Viewer
    /// In place of the trainer while the screen shows many networks.
    private var grid: GridLink?
    /// The opening under way, and where it was asked for.
    private var opening: (experiment: ExperimentOpening, typed: String?)?
    /// Networks side by side that are being planned.
    private var planning: BackgroundWork<@Sendable (inout App) -> Void>?
    /// Pictures of the screen that are being written.
    private var painting: [BackgroundWork<@Sendable (inout App) -> Void>] = []
    private var pace: FramePace
    private var quitting = false
    /// The signal that asked the playground to end; nil: the user did.
    public private(set) var endingSignal: Int32?
    /// The last move of the mouse, until it is followed with the next frame.
    private var passing: Event?
    /// Something has changed since the last frame.
    private var dirty = true
    private let clock = ContinuousClock()
    private let started: ContinuousClock.Instant

    /// - Parameters:
    ///   - wake: makes `terminal.nextEvent` return; called from other threads.
    ///   - weights: a checkpoint to begin with.
    ///   - kept: the recent experiment that it is.
    public init(
        terminal: any Terminal, wake: @escaping @Sendable () -> Void, session: Session, weights: String? = nil,
        kept: String? = nil, options: RunOptions
    ) {
        self.terminal = terminal
        self.options = options
        self.weights = weights
        self.wake = wake
        keeping = options.recent.map { Keeping(ExperimentKeeper($0, opening: kept), every: options.keepSeconds) }
        viewer = Viewer(onPicture: wake)
        app = App(session, playing: !options.paused, mouseEnabled: terminal.mouseEnabled)
        if let lesson = options.lesson { app.begin(lesson.lesson, of: lesson.course, lesson.place, lesson.record) }
        app.capabilities = terminal.capabilities
        app.bindings = options.keys
        app.palette = options.palette
        if options.plain { app.beginPlain() }
        app.theme = options.palette.theme(light: false)
        app.recent = options.recent
        if options.presents { app.togglePresentation() }
        if let classroom = options.classroom {
            (attendance, watcher) = app.enter(classroom, wake)
        } else {
            (attendance, watcher) = (nil, nil)
        }
        pace = FramePace(framesPerSecond: options.framesPerSecond)
        started = clock.now
    }

    /// Runs until the user quits.
    /// - Returns: the summary for the normal screen.
    public func run() -> String {
        app.handle(.resize(width: terminal.width, height: terminal.height), at: seconds)
        // Input that has come already may be the terminal's answer about its background.
        let early = terminal.nextEvent(milliseconds: 0)
        chooseTheme()
        // The first frame stands before the data are made and the trainer has started.
        draw()
        let trainer = TrainerLink(
            experiment: app.experiment, directory: app.session.directory, playing: app.playing.experiment,
            threads: options.threads, device: options.device,
            onSnapshot: wake)
        self.trainer = trainer
        if let weights { trainer.send(.loadCheckpoint(path: weights)) }
        trainer.send(.setSpeed(app.experiment.view.epochsPerSecond))
        take(early)
        if options.offersRecent { app.offerRecent() }
        if let trouble = options.trouble { app.notice = Notice(trouble, bad: true) }
        if let refusal = keeping?.refusal { tellUnkept(refusal) }
        while !quitting {
            if app.advanceJourney(at: seconds) { dirty = true }
            if app.advanceWalk(at: seconds) { dirty = true }
            if app.advancePresentation(at: seconds) { dirty = true }
            if app.advanceGame(at: seconds) { show() }
            if app.advancePast(at: seconds) {
                dirty = true
                carryOut()
            }
            if app.advanceMatch(at: seconds) {
                dirty = true
                show()
            }
            keepOpenExperiment(trainer)
            tellClass(trainer)
            let isBusy = stepPlain(trainer)
            guard !quitting else { break }
            let event = terminal.nextEvent(milliseconds: isBusy ? 0 : millisecondsToNext)
            take(event)
            // Keys that have come in the meantime are one frame; of the places where the mouse passed the last counts.
            if isInput(event) {
                var more = 0
                while more < 32, !quitting, let next = terminal.nextEvent(milliseconds: 0) {
                    take(next)
                    more += 1
                }
            }
            if pace.isDue(at: seconds) { followMouse() }
            guard !quitting else { break }
            if dirty, isUrgent(event) || pace.isDue(at: seconds) { draw() }
        }
        let unkept = keeping?.finish(app, trainer)
        attendance?.finish(app, trainer)
        watcher?.end()
        let summary = Summary(of: app, seconds: seconds, kept: keeping?.path, unkept: unkept).text
        if options.plain {
            for line in summary.split(separator: "\n") { app.say(String(line)) }
            terminal.write(app.takePlainLines())
        }
        // The user waits for none of them, however large the networks are.
        trainer.end()
        planning?.cancel()
        for work in painting { _ = work.take(within: Self.paintingPatience) }
        grid?.end()
        viewer.end()
        return options.plain ? "" : summary
    }

    /// In lines: carries the next line out, and tells what there is to tell.
    /// - Returns: whether more waits that can be done now.
    private func stepPlain(_ trainer: TrainerLink) -> Bool {
        guard options.plain else { return false }
        defer { terminal.write(app.takePlainLines()) }
        app.tellEffects()
        guard app.hasPlainWork else { return false }
        terminal.write(app.takePlainLines())
        app.stepPlain(at: seconds)
        let isDone = !app.outbox.isEmpty || app.hasPlainLines
        carryOut()
        // The snapshot after the commands is there when the second wait is over.
        for _ in 0..<2 { trainer.waitForCommands(seconds: Self.plainPatience) }
        collect()
        return isDone || app.hasPlainWork && !app.isWaitingForTrainer
    }

    /// The longest that a line waits for the trainer, in seconds; Ctrl-C is heard after it.
    private static let plainPatience = 1.0

    /// Until the next frame, the next move of what moves by itself, or the next time that the experiment is kept; −1:
    /// none is awaited.
    private var millisecondsToNext: Int {
        let next =
            dirty || passing != nil ? pace.millisecondsLeft(at: seconds) : app.millisecondsToNext(at: seconds)
        let others = [
            app.presentation?.millisecondsToNext(at: seconds), keeping?.millisecondsLeft(at: seconds),
            attendance?.millisecondsLeft(at: seconds),
        ]
        return others.compactMap(\.self).reduce(next) { $0 < 0 ? $1 : min($0, $1) }
    }

    private func tellClass(_ trainer: TrainerLink) {
        guard let failure = attendance?.tell(app, trainer, at: seconds) else { return }
        app.notice = Notice("the class does not see this: \(failure.description)", bad: true)
        dirty = true
    }

    private func keepOpenExperiment(_ trainer: TrainerLink) {
        guard let keeping else { return }
        defer { app.keptPath = keeping.path }
        if let failure = keeping.keep(app, trainer, at: seconds) { tellUnkept(failure) }
    }

    private func tellUnkept(_ failure: ExperimentError) {
        app.notice = Notice("the open experiment is not kept: \(failure.description)", bad: true)
        dirty = true
    }

    private var seconds: Double {
        let elapsed = (clock.now - started).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }

    private func isUrgent(_ event: Event?) -> Bool {
        switch event {
        case .woken?, nil: false
        case .mouse(let mouse)?: mouse.kind != .move
        default: true
        }
    }

    private func isInput(_ event: Event?) -> Bool {
        switch event {
        case .key?: true
        case .mouse(let mouse)?: mouse.kind == .move
        default: false
        }
    }

    /// The mouse has moved without a button: noted, so that a stream of such events costs next to nothing.
    private func followMouse() {
        guard let move = passing else { return }
        passing = nil
        let before = app.plots.pointed
        app.handle(move, at: seconds)
        guard app.plots.pointed != before || app.presentation != nil else { return }
        dirty = true
        show()
    }

    private func take(_ event: Event?) {
        if case .mouse(let mouse)? = event, mouse.kind == .move {
            passing = event
            return
        }
        // The mouse's moves before a click or a key came before it.
        if event != nil, event != .woken { followMouse() }
        switch event {
        case nil, .woken?:
            collect()
            chooseTheme()
        case let event?:
            collect()
            if case .terminate(let signal) = event { endingSignal = signal }
            app.handle(event, at: seconds)
            dirty = true
        }
        carryOut()
        if dirty { show() }
    }

    /// Says what is on the screen now; the viewer sees by itself whether there is anything new to be made.
    private func show() {
        if let grid {
            grid.show(app.gridRequests)
        } else if let snapshot = app.snapshot {
            // In lines pictures are made when they are asked for.
            viewer.show(snapshot, options.plain ? .healthAlone : app.viewRequest)
        }
    }

    /// The longest that a key waits for a file or for plans of networks; larger ones come while keys are answered.
    private static let patience = 0.03
    /// The longest that the end waits for a picture of the screen that is being written.
    private static let paintingPatience = 5.0

    /// The newest snapshot and picture, and what has been opened.
    private func collect() {
        guard let trainer else { return }
        finishOpening(within: 0)
        finishPlanning(within: 0)
        painting.removeAll { work in
            guard let change = work.take(within: 0) else { return false }
            change(&app)
            dirty = true
            return true
        }
        if let news = grid?.latest, news.number != app.grid?.news.number {
            app.receive(news)
            dirty = true
        }
        if let news = watcher?.latest, news.number != app.classList?.number {
            app.receive(news.members, number: news.number, at: ClassMember.now)
            dirty = true
        }
        let snapshot = trainer.latest
        let failure = trainer.failure
        let loading = trainer.loading
        let past = trainer.past
        let isNew =
            snapshot.map { new in
                guard let old = app.newest else { return true }
                if new.stepTrace?.place != old.stepTrace?.place || new.stepTrace?.turn != old.stepTrace?.turn {
                    return true
                }
                return new.step != old.step || new.generation != old.generation || new.revision != old.revision
                    || new.state != old.state || new.message != old.message || new.device != old.device
                    || new.wantedDevice != old.wantedDevice || new.parameterVersion != old.parameterVersion
            } ?? false
        let picture = viewer.latest
        let isOtherPast = past?.parameterVersion != app.past?.then?.parameterVersion
        guard isNew || isOtherPast || failure != app.failure || picture != app.picture || loading != app.reading.data
        else { return }
        app.receive(snapshot: snapshot, picture: picture, failure: failure, loading: loading, past: past, at: seconds)
        dirty = true
    }

    private func chooseTheme() {
        let light =
            switch options.theme {
            case .auto: terminal.lightBackground ?? false
            case .dark: false
            case .light: true
            }
        if app.theme.light != light {
            app.theme = app.palette.theme(light: light)
            dirty = true
        }
    }

    private func draw() {
        let start = seconds
        let bytes = options.plain ? 0 : terminal.present(app.draw())
        dirty = false
        pace.drew(from: start, to: seconds, bytes: bytes)
    }

    private func carryOut() {
        for effect in app.takeOutbox() {
            switch effect {
            case .trainer(let command): trainer?.send(command)
            case .suspend: terminal.suspend()
            case .quit: quitting = true
            case .copy(let text): terminal.copy(text)
            case .mouse(let on): terminal.mouseEnabled = on
            case .redraw:
                terminal.forget()
                dirty = true
            case .startGrid(let experiments, let playing, let speed, let fitsRivals):
                grid?.end()
                grid = GridLink(
                    experiments, directory: app.session.directory, playing: playing, epochsPerSecond: speed,
                    threads: options.threads, device: app.snapshot?.wantedDevice ?? options.device,
                    fitsRivals: fitsRivals, onNews: wake)
            case .grid(let command): grid?.send(command)
            case .saveProgress(let record, let lesson):
                guard let path = LessonProgress.file else { break }
                do throws(ExperimentError) { try LessonProgress.save(record, of: lesson, to: path) } catch {
                    app.notice = Notice("the progress is not kept: \(error)", bad: true)
                }
            case .endGrid:
                grid?.end()
                grid = nil
            case .planGrid(let plan):
                planning?.cancel()
                planning = BackgroundWork("planner", done: wake) { plan.make($0) }
                finishPlanning(within: Self.patience)
            case .cancelPlan:
                planning?.cancel()
                planning = nil
            case .open(let argument): open(argument, typed: nil)
            case .openMember(let user, let name):
                guard let watcher else { break }
                begin(ExperimentOpening(of: user, in: watcher.folder, done: wake), of: "the experiment of \(name)")
            case .openFound(let source): take(source, typed: nil)
            case .openTyped(let text): open(Files.path(from: text), typed: text)
            case .cancelOpening: opening = nil
            case .write(let text, let path):
                do throws(ExperimentError) {
                    try SavedFile.write(text, to: path)
                    app.notice = Notice("wrote \(path)")
                } catch { app.notice = Notice(error.description, bad: true) }
                dirty = true
            case .saveScreen(let path): painting.append(app.painting(to: path, done: wake))
            case .save(let path, let overwrite, let thenQuit): save(path, overwrite: overwrite, thenQuit: thenQuit)
            }
        }
    }

    /// - Parameter typed: the text that stands in the prompt again when it cannot be opened; nil: no prompt.
    private func open(_ argument: String, typed: String?) {
        if let trainer { keeping?.settle(argument, trainer) }
        begin(ExperimentOpening(argument == "-" ? "./-" : argument, done: wake), of: argument, typed: typed)
    }

    private func begin(_ work: ExperimentOpening, of name: String, typed: String? = nil) {
        opening?.experiment.cancel()
        opening = (work, typed)
        app.reading.source = name
        dirty = true
        finishOpening(within: Self.patience)
    }

    private func finishOpening(within seconds: Double) {
        guard let (experiment, typed) = opening, let result = experiment.take(within: seconds) else { return }
        opening = nil
        dirty = true
        switch result {
        case .success(.weights(let path)): app.openedWeights(path)
        case .success(.experiment(let source)):
            if !app.askFiles(of: source) { take(source, typed: typed) }
        case .failure(let error): app.openingFailed(typed, error.description)
        }
        carryOut()
    }

    private func take(_ source: ExperimentSource, typed: String?) {
        dirty = true
        let present = app
        if let refusal = app.opened(source) { return app.openingFailed(typed, refusal.description) }
        // The present one is kept while the trainer still has it.
        if let trainer { keeping?.leave(present, trainer, for: source.kept) }
        carryOut()
        if let weights = source.weights { trainer?.send(.loadCheckpoint(path: weights, words: source.words)) }
    }

    private func finishPlanning(within seconds: Double) {
        guard let change = planning?.take(within: seconds) else { return }
        planning = nil
        app.planned(change)
        dirty = true
        carryOut()
    }

    private func save(_ path: String, overwrite: Bool, thenQuit: Bool) {
        let path = FilePath.expanded(path)
        dirty = true
        let beside = ExportFormat.saved(as: path)?.pathsBeside(path) ?? []
        let there = ([path] + beside).filter { FilePath.exists($0) }
        if !overwrite, !there.isEmpty { return app.askOverwrite(path, there: there, thenQuit: thenQuit) }
        let weights = path.hasSuffix(".safetensors") || ExportFormat.saved(as: path) != nil
        let link = path.hasSuffix(".txt") ? PlaygroundLink.pageLink(for: app.experiment) : nil
        do throws(ExperimentError) {
            let text = link.map { $0.address + "\n" } ?? app.session.text(savedTo: path)
            if weights {
                try trainer?.saveCheckpoint(to: path)
            } else {
                try SavedFile.write(text, to: path)
            }
            // A table that came through a pipe lies beside the experiment then.
            if link == nil { try app.experiment.writeKeptTable(besides: path, from: app.session.directory) }
        } catch { return app.saveFailed(path, thenQuit: thenQuit, error.description) }
        app.saved(path, isDocument: !weights && link == nil, link: link)
        if thenQuit { quitting = true }
    }
}

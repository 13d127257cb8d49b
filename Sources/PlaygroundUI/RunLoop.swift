import Basics
import Engine
import Session
import Synchronization
import TerminalKit

/// Owns the terminal, the trainer and the viewer: gives events to the app, carries its effects out, and draws.
///
/// It sleeps until a key, a snapshot or a picture comes. A key draws at once; news from the trainer draw at most
/// `framesPerSecond` times a second, less when frames run late or take a twenty-fifth of a core beside training, down to 5.
/// Nothing is drawn when nothing has changed; a picture that has not settled is drawn, so that its frame asks for the next.
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
    private var pending = PendingWork()
    private var pace: FramePace
    /// Pictures that have been received: each is drawn, so that one that has not settled asks for the next.
    private var pictures = 0
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
            if app.advanceGame(at: seconds) { show(app) }
            if app.advancePast(at: seconds) {
                dirty = true
                carryOut()
            }
            if app.advanceMatch(at: seconds) { dirty = true }
            keepOpenExperiment(trainer)
            tellClass(trainer)
            let isBusy = stepPlain(trainer)
            guard !quitting else { break }
            let event = terminal.nextEvent(milliseconds: isBusy ? 0 : millisecondsToNext)
            take(event)
            // Keys that have come in the meantime are one frame; of the places where the mouse passed the last counts.
            if event?.isInput == true {
                var more = 0
                while more < 32, !quitting, let next = terminal.nextEvent(milliseconds: 0) {
                    take(next)
                    more += 1
                }
            }
            let follows = passing != nil && pace.isDue(.passing, at: seconds) && followMouse()
            guard !quitting else { break }
            if dirty, event?.isUrgent == true || follows || pace.isDue(at: seconds) { draw() }
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
        pending.end()
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
            passing != nil
            ? pace.millisecondsLeft(.passing, at: seconds)
            : dirty ? pace.millisecondsLeft(at: seconds) : app.millisecondsToNext(at: seconds)
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

    /// The mouse has moved without a button: noted, so that a stream of such events costs next to nothing.
    /// - Returns: whether the screen shows it.
    @discardableResult
    private func followMouse() -> Bool {
        guard let move = passing else { return false }
        passing = nil
        let before = app.plots.pointed
        app.handle(move, at: seconds)
        guard app.plots.pointed != before || app.presentation != nil else { return false }
        dirty = true
        return true
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
        if dirty, options.plain { show(app) }
    }

    /// Says what is on the screen now; the viewer sees by itself whether there is anything new to be made.
    private func show(_ app: App) {
        if let grid {
            grid.show(app.gridRequests)
        } else if let snapshot = app.snapshot {
            // In lines pictures are made when they are asked for.
            viewer.show(snapshot, options.plain ? .healthAlone : app.viewRequest)
        }
    }

    /// The longest that a key waits for a file or for plans of networks; larger ones come while keys are answered.
    private static let patience = 0.03

    /// The newest snapshot and picture, and what has been opened.
    private func collect() {
        guard let trainer else { return }
        finishOpening(within: 0)
        finishPlanning(within: 0)
        for change in pending.takePainted() {
            change(&app)
            dirty = true
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
        let isNew = snapshot.map { new in app.newest.map(new.isNews(after:)) ?? true } ?? false
        let (made, picture) = (viewer.pictures, viewer.latest)
        let isOtherPast = past?.parameterVersion != app.past?.then?.parameterVersion
        guard isNew || isOtherPast || failure != app.failure || made != pictures || loading != app.reading.data
        else { return }
        pictures = made
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

    /// The most of a core that frames of news take: a small part while they are those of training, which never end; what moves by
    /// itself, as a game does, needs all of its frames.
    private var drawingShare: Double {
        app.newest?.state == .training && app.millisecondsToNext(at: seconds) < 0 ? 0.04 : 1 / 3
    }

    private func draw() {
        let (start, startOfWork) = (seconds, threadSeconds())
        let app = app.frozen
        if !options.plain || grid != nil { show(app) }
        let bytes = options.plain ? 0 : terminal.present(app.draw())
        dirty = false
        pace.drew(
            from: start, to: seconds, processor: threadSeconds() - startOfWork, share: drawingShare, bytes: bytes)
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
                guard let path = app.progressFile else { break }
                do throws(ExperimentError) { try LessonProgress.save(record, of: lesson, to: path) } catch {
                    app.notice = Notice("the progress is not kept: \(error)", bad: true)
                }
            case .endGrid:
                grid?.end()
                grid = nil
            case .planGrid(let plan):
                pending.plan(BackgroundWork("planner", done: wake) { plan.make($0) })
                finishPlanning(within: Self.patience)
            case .cancelPlan: pending.cancelPlanning()
            case .open(let argument): open(argument, typed: nil)
            case .openMember(let user, let name):
                guard let watcher else { break }
                begin(ExperimentOpening(of: user, in: watcher.folder, done: wake), of: "the experiment of \(name)")
            case .openFound(let source): take(source, typed: nil)
            case .openTyped(let text): open(Files.path(from: text), typed: text)
            case .cancelOpening: pending.forgetOpening()
            case .write(let text, let path):
                do throws(ExperimentError) {
                    try SavedFile.write(text, to: path)
                    app.notice = Notice("wrote \(path)")
                } catch { app.notice = Notice(error.description, bad: true) }
                dirty = true
            case .saveScreen(let path): pending.paint(app.painting(to: path, done: wake))
            case .save(let path, let overwrite, let thenQuit): save(path, overwrite: overwrite, thenQuit: thenQuit)
            }
        }
    }

    /// - Parameter typed: the text that stands in the prompt again when it cannot be opened; nil: no prompt.
    private func open(_ argument: String, typed: String?) {
        if let trainer { keeping?.waitUntilWritten(argument, trainer) }
        begin(ExperimentOpening(argument == "-" ? "./-" : argument, done: wake), of: argument, typed: typed)
    }

    private func begin(_ work: ExperimentOpening, of name: String, typed: String? = nil) {
        pending.open(work, typed: typed)
        app.reading.source = name
        dirty = true
        finishOpening(within: Self.patience)
    }

    private func finishOpening(within seconds: Double) {
        guard let (result, typed) = pending.takeOpened(within: seconds) else { return }
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
        guard let change = pending.takePlanned(within: seconds) else { return }
        app.planned(change)
        dirty = true
        carryOut()
    }

    private func save(_ path: String, overwrite: Bool, thenQuit: Bool) {
        let saving = ExperimentSaving(to: path)
        dirty = true
        let there = saving.filesThere
        if !overwrite, !there.isEmpty { return app.askOverwrite(saving.path, there: there, thenQuit: thenQuit) }
        let link: PageLink?
        do throws(ExperimentError) { link = try saving.write(app.session, trainer) } catch {
            return app.saveFailed(saving.path, thenQuit: thenQuit, error.description)
        }
        app.saved(saving.path, isDocument: saving.kind == .document, link: link)
        if thenQuit { quitting = true }
    }
}

extension Event {
    /// Draws at once, whatever the pace of frames is.
    fileprivate var isUrgent: Bool {
        switch self {
        case .woken: false
        case .mouse(let mouse): mouse.kind != .move
        default: true
        }
    }

    /// More of its kind may have come meanwhile.
    fileprivate var isInput: Bool {
        switch self {
        case .key: true
        case .mouse(let mouse): mouse.kind == .move
        default: false
        }
    }
}

extension Snapshot {
    /// Whether the screen has something to show of it that an older one did not have.
    fileprivate func isNews(after old: Snapshot) -> Bool {
        if stepTrace?.place != old.stepTrace?.place || stepTrace?.turn != old.stepTrace?.turn { return true }
        return step != old.step || generation != old.generation || revision != old.revision
            || state != old.state || message != old.message || device != old.device
            || wantedDevice != old.wantedDevice || parameterVersion != old.parameterVersion
    }
}

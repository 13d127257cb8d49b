import Engine
import Session
import TerminalKit

/// A lesson's way through its steps.
extension App {
    /// Opens a lesson of a course, where the user stopped.
    mutating func openLesson(_ course: Course, _ place: Int) {
        let entry = course.lessons[place]
        do throws(ExperimentError) {
            let lesson = try entry.read()
            begin(lesson, of: course, place, LessonProgress(readingFrom: progressFile)[entry.name])
        } catch { notice = Notice(error.description, bad: true) }
    }

    /// - Parameters:
    ///   - place: the lesson's in its course.
    ///   - step: nil: the one that was open last, from the start where all are done.
    public mutating func begin(
        _ lesson: Lesson, of course: Course, _ place: Int, _ record: LessonProgress.Record, step: Int? = nil
    ) {
        let isDone = record.done.count(where: { $0 < lesson.steps.count }) == lesson.steps.count
        let first = step ?? (isDone ? 0 : record.step)
        let setAside = self.lesson?.setAside ?? runsUntilNow
        self.lesson = LessonState(
            course: course, place: place, lesson: lesson, record: record, step: first, setAside: setAside)
        // The runs of another lesson say nothing here, and a long one would leave no room on the axis.
        let hasRun = newest != nil
        earlier = EarlierRuns()
        earlier.skipsNext = hasRun
        enterStep(self.lesson!.step, goesOn: false)
    }

    /// The runs that are over, and the present one, which ends here.
    private var runsUntilNow: EarlierRuns {
        var runs = earlier
        if let newest, !runs.skipsNext { runs.keep(newest, because: "a lesson was begun") }
        return runs
    }

    /// Gives the runs before the lesson back, and leaves its own behind them.
    mutating func closeLesson() {
        if let lesson { earlier = lesson.setAside.followed(by: earlier) }
        lesson = nil
    }

    mutating func leaveLesson() {
        closeLesson()
        notice = "all keys work again; \(label("lesson.menu")) goes back to the lessons"
        refresh()
    }

    // MARK: Steps

    mutating func nextStep() {
        guard var lesson else { return }
        if lesson.isOver {
            guard let following = lesson.following else { return }
            return openLesson(following.course, following.place)
        }
        if lesson.present.goals.isEmpty { lesson.record.done.insert(lesson.step) }
        self.lesson = lesson
        if lesson.step + 1 < lesson.lesson.steps.count {
            enterStep(lesson.step + 1, goesOn: true)
        } else {
            self.lesson?.end()
            setPlaying(false)
            saveProgress()
        }
    }

    mutating func previousStep() {
        guard let lesson else { return }
        if lesson.isOver {
            self.lesson?.returnFromEnd()
            saveProgress()
        } else if lesson.step > 0 {
            enterStep(lesson.step - 1, goesOn: false)
        } else {
            notice = "this is the first step"
        }
    }

    /// Brings the step's network, or keeps the present one where the step goes on with it; back in a step, that with which it
    /// began.
    private mutating func enterStep(_ index: Int, goesOn: Bool) {
        if goesOn, lesson?.lesson.steps[index].continues == true, reading.data != nil {
            notice = "a moment: the network takes the change"
            return
        }
        lesson?.enter(index)
        guard let step = lesson?.present else { return }
        if goesOn, step.continues, let snapshot, isCurrent(snapshot) {
            let kept = (experiment, Self.numbers(of: snapshot))
            lesson?.kept = kept
        } else if !goesOn, let kept = lesson?.kept {
            bring(kept.experiment, kept.parameters)
        } else {
            lesson?.kept = nil
            bring(step.experiment, nil)
        }
        setPlaying(false)
        leaveWalk()
        editing.typing = nil
        saveProgress()
        notice = nil
        followLesson()
        refresh()
    }

    /// All parameters, of a network that is small enough to be kept for each step.
    private static func numbers(of snapshot: Snapshot) -> [LessonState.Parameter] {
        guard snapshot.outline.parameterCount <= mostKept else { return [] }
        return snapshot.outline.tensors.flatMap { tensor in
            (tensor.offset..<(tensor.offset + tensor.count)).map {
                LessonState.Parameter(index: $0, value: snapshot.parameters[$0])
            }
        }
    }

    private static let mostKept = 100_000

    /// Replaces the document, with no way back behind it.
    /// - Parameter parameters: the numbers to type; nil: the step's own.
    private mutating func bring(_ experiment: Experiment, _ parameters: [LessonState.Parameter]?) {
        cancelOpening()
        closeGrid()
        match = nil
        leaveWalk()
        let directory = lesson?.lesson.directory
        session = Session(experiment, name: lesson?.name ?? "", directory: directory)
        editing.selection = [:]
        editing.typing = nil
        editing.mended = nil
        plots.cursor = nil
        plots.leaveSequence()
        plots.stack = StackState()
        plots.views = [:]
        enlarged = nil
        storyIsNews = false
        let front = experiment.view.panel
        focus = Panel.plot(front)?.id ?? Panel.network.id
        if front == ViewSettings().panel { focus = Panel.network.id }
        editing.side =
            lesson?.present.keys.lazy.compactMap { key in
                Panel.all.first { $0.key == key && $0.place == .input }?.id
            }.first ?? Panel.network.id
        refresh()
        // Without hidden layers there is nothing to look at but the output.
        if experiment.layers.isEmpty { select(layer: LayerPath(0)) }
        // Where the stack is behind the tab of the step's panel, the keys are for that panel.
        let places = Layout(width: width, height: height, request: layoutRequest).areas
        if !places.contains(where: { $0.open && $0.panel == focus }) { focus = editing.side }
        let arrival = LessonState.Arrival(generation: snapshot?.generation, parameters: parameters)
        lesson?.arrival = arrival
        send(.load(experiment, directory: directory, .fromTheStart))
        send(.setSpeed(experiment.view.epochsPerSecond))
    }

    /// The step as it began; the answer to its question stays.
    mutating func restartStep() {
        guard let lesson else { return }
        let chosen = lesson.chosen
        self.lesson?.enter(lesson.step)
        self.lesson?.chosen = chosen
        if let kept = lesson.kept {
            bring(kept.experiment, kept.parameters)
        } else {
            bring(lesson.present.experiment, nil)
        }
        setPlaying(false)
        notice = "the step from its start"
        refresh()
    }

    mutating func nextHint() {
        guard var lesson else { return }
        let pages = lesson.helpPages
        let place = pages.firstIndex(of: lesson.page).map { $0 + 1 } ?? 0
        lesson.page = place < pages.count ? pages[place] : lesson.isMet && !lesson.present.done.isEmpty ? .done : .text
        self.lesson = lesson
    }

    mutating func choose(answer: Int) {
        lesson?.chosen = answer
        followLesson()
    }

    /// Does what the model answer does, by the same actions as keys.
    mutating func playAnswer() {
        guard let lesson, let moves = lesson.present.answer else { return }
        if lesson.asks {
            notice = "answer the question first"
            return
        }
        if !moves.set.isEmpty, act(.settings(moves.set)) != nil { return }
        notice = nil
        self.lesson?.answering = moves
        goOnWithAnswer()
    }

    /// Types the model answer's numbers and lets it run as soon as the trainer has its settings: in another network each
    /// number has another place.
    private mutating func goOnWithAnswer() {
        guard let lesson, let moves = lesson.answering, lesson.arrival == nil, let snapshot, isCurrent(snapshot) else {
            return
        }
        self.lesson?.answering = nil
        do throws(ExperimentError) {
            for (index, value) in try snapshot.outline.parameters(moves.weights) {
                act(.setParameter(index, from: snapshot.parameters[index], to: value))
            }
        } catch { notice = Notice(error.description, bad: true) }
        // Where the goal is one epoch, a run would be past it before anybody could stop it.
        if moves.epochs == 1 { send(.stepEpoch) } else if moves.epochs > 1 { setPlaying(true) }
    }

    // MARK: The goal

    /// The trainer's news are of the document on the screen.
    private func isCurrent(_ snapshot: Snapshot) -> Bool {
        var document = snapshot.experiment
        document.view = experiment.view
        return document == experiment
    }

    /// Follows the training: types the start's numbers, then looks at the goal.
    mutating func followLesson() {
        goOnWithAnswer()
        guard var lesson, let snapshot, !lesson.isOver, isCurrent(snapshot) else { return }
        defer { self.lesson = lesson }
        if var arrival = lesson.arrival {
            guard arrival.generation != snapshot.generation else { return }
            let parameters =
                arrival.parameters
                ?? ((try? snapshot.outline.parameters(lesson.present.weights)) ?? []).map {
                    LessonState.Parameter(index: $0.index, value: $0.value)
                }
            if !arrival.isSent {
                if !parameters.isEmpty { send(.setParameters(parameters.map(\.index), parameters.map(\.value))) }
                (arrival.isSent, lesson.arrival) = (true, arrival)
                lesson.arrival = arrival
            }
            // A network that has diverged is kept too: NaN is not equal to itself.
            let isThere = parameters.allSatisfy {
                let now = snapshot.parameters[$0.index]
                return now == $0.value || now.isNaN && $0.value.isNaN
            }
            guard isThere else { return }
            lesson.arrival = nil
        }
        let step = lesson.present
        lesson.verdicts = step.goals.map { $0.verdict(snapshot, lesson.networks, in: lesson.lesson.words) }
        guard !step.goals.isEmpty, !lesson.isMet, !lesson.asks, lesson.verdicts.allSatisfy(\.isMet) else { return }
        lesson.isMet = true
        lesson.outcome = step.question?.outcome(snapshot, lesson.networks)
        lesson.page = step.done.isEmpty ? .text : .done
        lesson.record.done.insert(lesson.step)
        if playing.experiment { setPlaying(false) }
        outbox.append(.saveProgress(lesson.record, of: lesson.name))
    }

    private mutating func saveProgress() {
        guard let lesson else { return }
        outbox.append(.saveProgress(lesson.record, of: lesson.name))
    }

    // MARK: Keys

    /// Lets a key through that the step has.
    /// - Returns: whether the lesson has dealt with it.
    mutating func takeLessonKey(_ key: Key) -> Bool {
        guard lesson != nil else { return false }
        if let command = LessonCommands.command(for: key, in: self) {
            run(command)
            return true
        }
        if lessonAllows(key) { return false }
        let commands = bindings.commands(for: key, in: focus, showing: view(in: focus)?.id)
        if commands.contains(where: { $0.occasions.contains(.lesson) }) { return false }
        let label = key.label(glyphs: capabilities.glyphs)
        notice = Notice(answerFirst ?? "this step goes without \(label)")
        return true
    }

    /// The step's question has to be answered; nil: it has none, or it was.
    private var answerFirst: String? {
        guard let lesson, lesson.asks else { return nil }
        let answers = 0..<(lesson.present.question?.answers.count ?? 0)
        return "answer the question first: \(answers.map { label("lesson.choose\($0 + 1)") }.joined(separator: ", "))"
    }

    /// Whether the step has the keys that change a setting: those of values, and the digit of the panel in which it stands. A
    /// step without such digits is about the stack.
    func lessonRefuses(setting path: String) -> Bool {
        guard let lesson else { return false }
        if ["value.up", "value.down", "value.type"].compactMap({ Commands.byID[$0] }).allSatisfy(lessonRefuses) {
            return true
        }
        let reached = Panel.editors.filter { Key($0.key).map { lesson.allows($0) } ?? false }
        let panels = reached.isEmpty ? [Panel.network] : reached
        return !panels.contains { editing.rows[$0.id]?.contains { $0.path == path } == true }
    }

    /// Why the step goes without a verb of the lines; nil: it has one of the commands that the verb stands for.
    func lessonRefusal(of verb: PlainVerb) -> String? {
        let commands = verb.limits.compactMap { Commands.byID[$0] }
        guard lesson != nil, !commands.isEmpty, commands.allSatisfy(lessonRefuses) else { return nil }
        return lessonRefusal(naming: verb.name)
    }

    func lessonRefusal(naming name: String) -> String { answerFirst ?? "this step of the lesson goes without \(name)" }

    /// Whether the step goes without a command.
    func lessonRefuses(_ command: Command) -> Bool {
        guard let lesson else { return false }
        if LessonCommands.all.contains(where: { $0.id == command.id }) || command.occasions.contains(.lesson) {
            return false
        }
        return !command.keys.contains { Key($0).map { lesson.allows($0, in: command.panels) } ?? false }
    }
}

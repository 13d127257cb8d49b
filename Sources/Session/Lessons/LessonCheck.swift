import Basics
import Engine

/// Plays a lesson without a screen: the model answer must reach each goal, and nothing else may.
public struct LessonCheck {
    public struct Finding: Sendable, Hashable {
        /// From 0.
        public var step: Int
        public var words: String

        public init(step: Int, words: String) { (self.step, self.words) = (step, words) }
    }

    private let lesson: Lesson
    private let networks = GoalNetworks()
    private var findings: [Finding] = []

    private init(_ lesson: Lesson) { self.lesson = lesson }

    /// Finds the mistakes of a lesson; empty: all of it can be played.
    public static func findings(of lesson: Lesson) -> [Finding] {
        var check = LessonCheck(lesson)
        check.play()
        return check.findings
    }

    private mutating func note(_ step: Int, _ words: String) { findings.append(Finding(step: step, words: words)) }

    private mutating func play() {
        findings += Self.textFindings(of: lesson)
        // The network as the step before left it.
        var last: Trainer?
        for index in lesson.steps.indices {
            let step = lesson.steps[index]
            do throws(ExperimentError) {
                if step.continues, let left = last {
                    try checkStart(left, step, index)
                    try answer(left, step, index, "going on from the step before")
                }
                let fresh = try trainer(step)
                try checkStart(fresh, step, index)
                try checkWrong(step, index)
                try answer(fresh, step, index, "from the step's start")
                if !step.continues || last == nil { last = fresh }
            } catch { note(index, error.description) }
        }
    }

    /// Lines of 78 columns that a text may have.
    public static let mostLines = 6
    public static let columns = 78

    /// Texts that are too long to be read at once.
    public static func textFindings(of lesson: Lesson) -> [Finding] {
        lesson.steps.enumerated().flatMap { index, step in
            textFindings(of: step).map { Finding(step: index, words: $0) }
        }
    }

    private static func textFindings(of step: Lesson.Step) -> [String] {
        var words: [String] = []
        for (name, text) in [("text", step.text), ("done", step.done), ("answer", step.answer?.text ?? "")]
            + step.hints.enumerated().map({ ("hints.\($0.offset)", $0.element) })
        {
            let count = lines(text)
            if count > mostLines {
                words.append(
                    "\(name) has \(plural(count, "line")) of \(columns) columns; at most \(mostLines) are read at once")
            }
        }
        if let question = step.question {
            let count =
                lines(step.text) + lines(question.text)
                + question.answers.reduce(0) { $0 + lines("a  " + $1.text) }
            if count > mostLines + 3 {
                words.append("text, question and answers have \(plural(count, "line")); at most \(mostLines + 3) fit")
            }
        }
        return words
    }

    /// Mistakes in a lesson's texts in another language, and the places of those that are missing; empty: none, or there is no
    /// translation.
    public static func findings(of entry: Course.Entry, in language: Language) -> [String] {
        do throws(ExperimentError) {
            guard let translation = try entry.translation(into: language) else { return [] }
            let lesson = try entry.read(in: [])
            let coverage = translation.coverage(of: lesson)
            return coverage.missing.map { "\($0) is missing" }
                + coverage.unknown.map { "\($0) has no place in the lesson" }
                + textFindings(of: translation.applied(to: lesson)).map { "steps.\($0.step).\($0.words)" }
        } catch { return [error.description] }
    }

    /// Lines that words take, broken at blanks.
    static func lines(_ text: String) -> Int {
        text.split(separator: "\n", omittingEmptySubsequences: false).reduce(0) { sum, paragraph in
            var (lines, used) = (1, 0)
            for word in paragraph.split(separator: " ") {
                let columns = word.unicodeScalars.count
                if used > 0, used + 1 + columns > Self.columns {
                    (lines, used) = (lines + 1, columns)
                } else {
                    used += (used > 0 ? 1 : 0) + columns
                }
            }
            return text.isEmpty ? 0 : sum + lines
        }
    }

    private func trainer(_ step: Lesson.Step) throws(ExperimentError) -> Trainer {
        let trainer = try Trainer(step.experiment, directory: lesson.directory)
        try Self.type(step.weights, into: trainer)
        return trainer
    }

    private static func type(_ weights: [Lesson.Weights], into trainer: Trainer) throws(ExperimentError) {
        for (index, value) in try trainer.procedure.outline.parameters(weights) {
            trainer.setParameter(index, to: value)
        }
    }

    private static func snapshot(_ trainer: Trainer) -> Snapshot {
        trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
    }

    private func failing(_ goals: [LessonGoal], _ snapshot: Snapshot) -> Set<Int> {
        Set(goals.indices.filter { !goals[$0].verdict(snapshot, networks).isMet })
    }

    private mutating func checkStart(_ trainer: Trainer, _ step: Lesson.Step, _ index: Int) throws(ExperimentError) {
        guard !step.goals.isEmpty, failing(step.goals, Self.snapshot(trainer)).isEmpty else { return }
        note(index, "the goal is met before anything is done")
    }

    /// Each condition must be failed by the start or by a wrong answer.
    private mutating func checkWrong(_ step: Lesson.Step, _ index: Int) throws(ExperimentError) {
        guard !step.goals.isEmpty else { return }
        var failed = failing(step.goals, Self.snapshot(try trainer(step)))
        for (place, moves) in step.wrong.enumerated() {
            let trainer = try trainer(step)
            try Self.play(moves, trainer) { _ in false }
            let own = failing(step.goals, Self.snapshot(trainer))
            if own.isEmpty { note(index, "wrong.\(place) reaches the goal") }
            failed.formUnion(own)
        }
        for goal in step.goals.indices where !failed.contains(goal) {
            note(
                index,
                "the condition “\(step.goals[goal].words)” is failed by no answer; add one to “wrong” that fails it")
        }
    }

    private mutating func answer(
        _ trainer: Trainer, _ step: Lesson.Step, _ index: Int, _ beginning: String
    ) throws(ExperimentError) {
        guard let moves = step.answer, !step.goals.isEmpty else { return }
        try Self.play(moves, trainer) { failing(step.goals, Self.snapshot($0)).isEmpty }
        let snapshot = Self.snapshot(trainer)
        for goal in failing(step.goals, snapshot).sorted() {
            let now = step.goals[goal].verdict(snapshot, networks).now
            note(
                index,
                "the answer, \(beginning), does not reach “\(step.goals[goal].words)”"
                    + (now.isEmpty ? "" : ", but \(now)")
            )
        }
        if let question = step.question, question.outcome(snapshot, networks) == nil {
            let held = question.answers.indices.filter {
                question.answers[$0].when.allSatisfy { $0.verdict(snapshot, networks).isMet }
            }
            let answers = plural(held.count, "answer")
            note(index, "after the answer, \(beginning), \(answers) of the question hold, and not one")
        }
    }

    /// - Parameter isOver: asked after the settings and after each epoch.
    private static func play(
        _ moves: Lesson.Moves, _ trainer: Trainer, until isOver: (Trainer) -> Bool
    ) throws(ExperimentError) {
        if !moves.set.isEmpty {
            var session = Session(trainer.experiment, directory: trainer.directory)
            for effect in try session.reduce(.settings(moves.set), schema: trainer.data.learned.schema) {
                if case .load(let experiment, let directory, let continuation, _) = effect {
                    try trainer.load(experiment, directory: directory, continuation)
                }
            }
        }
        try type(moves.weights, into: trainer)
        if isOver(trainer) { return }
        trainer.play()
        for _ in 0..<moves.epochs {
            let progress = trainer.epoch()
            if progress == .ended || isOver(trainer) { break }
        }
        trainer.pause()
    }
}

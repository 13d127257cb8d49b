import Session
import TerminalKit

/// The keys of a lesson, which come before all others while one is open.
enum LessonCommands {
    static let all = steps + choices

    static let next = Command(
        "lesson.next", "on: the next step, and after the last one the next lesson or course", hint: "on", keys: ["tab"],
        disabled: { app in
            guard let lesson = app.lesson, lesson.isOver, lesson.following == nil else { return nil }
            return "this was the last lesson; \(app.label(Commands.lessons.id)) lists all of them"
        }
    ) { $0.nextStep() }

    static let answer = Command(
        "lesson.answer", "let the answer be done", hint: "do it", keys: ["A"],
        disabled: { app in
            if app.lesson?.page == .answer { return nil }
            if let reason = hint.disabled(app) { return reason }
            let (step, key) = (app.lesson?.present, app.label(hint.id))
            if step?.answer == nil { return "this step has hints, but no answer; \(key) tells them" }
            return step?.hints.isEmpty == true
                ? "\(key) tells the answer first" : "\(key) tells hints first, then the answer"
        }
    ) { $0.playAnswer() }

    static let back = Command("lesson.back", "back: the step before", hint: "back", keys: ["shift-tab"]) {
        $0.previousStep()
    }

    static let hint = Command(
        "lesson.hint", "a hint, the next one, the answer, and the text again", hint: "hint", keys: ["?"],
        disabled: { app in
            guard let lesson = app.lesson, !lesson.isOver else { return atEnd(app) }
            if lesson.asks { return "answer the question first" }
            return lesson.helpPages.isEmpty
                ? "there is nothing to solve in this step; \(spelled(next.id, app)) goes on" : nil
        }
    ) { $0.nextHint() }

    static let again = Command(
        "lesson.again", "the step from its start", hint: "again", keys: ["0"],
        disabled: { $0.lesson?.isOver == true ? atEnd($0) : nil }
    ) { $0.restartStep() }

    /// The keys of every step.
    static let steps: [Command] = [next, back, hint, answer, again]

    /// The answers of a question.
    static let choices: [Command] = ["a", "b", "c", "d"].enumerated().map { index, key in
        Command(
            "lesson.choose\(index + 1)", "answer \(key)", hint: "answer", keys: [key],
            disabled: { app in
                let count = app.lesson?.asks == true ? app.lesson?.present.question?.answers.count ?? 0 : 0
                return index < count ? nil : "there is no such answer"
            }
        ) { $0.choose(answer: index) }
    }

    private static let atEnd: @Sendable (App) -> String = {
        "the lesson is at its end; \($0.bindings.label(back.id, glyphs: .ascii)) goes back to its last step"
    }

    private static func spelled(_ id: String, _ app: App) -> String {
        app.bindings.label(id, glyphs: app.capabilities.glyphs, spellsTab: true)
    }

    /// The lesson's own command of a key; the letters of answers are other keys where nothing is asked.
    static func command(for key: Key, in app: App) -> Command? {
        func has(_ command: Command) -> Bool { app.bindings.means(key, command) }
        // The answer is done by a key that a step may need for something else.
        if has(answer), answer.disabled(app) != nil, app.lessonAllows(key) { return nil }
        return steps.first(where: has) ?? (app.lesson?.asks == true ? choices.first(where: has) : nil)
    }
}

extension MenuPopup {
    /// All lessons of all courses, with their progress.
    static func lessons(of app: App) -> MenuPopup {
        let progress = LessonProgress(readingFrom: app.progressFile)
        var items: [MenuItem] = []
        var stories: [String] = []
        var places: [(course: Course, place: Int)] = []
        for course in Course.all {
            for (place, entry) in course.lessons.enumerated() {
                let overview = LessonOverview(entry, progress)
                items.append(MenuItem("\(course.title) \(place + 1): \(overview.title)", detail: overview.state))
                stories.append(overview.summary)
                places.append((course, place))
            }
        }
        let present = app.lesson.flatMap { lesson in
            places.firstIndex { $0.course.id == lesson.course.id && $0.place == lesson.place }
        }
        let isOpen = app.lesson != nil
        if isOpen {
            items.append(MenuItem("Leave the lesson", detail: "all keys"))
            stories.append("The network stays as it is, and all keys work.")
        }
        let entries = places
        return MenuPopup(
            menu: Menu(title: "Lessons", items: items, selected: present ?? 0), stories: stories,
            chosen: { app, index in
                guard entries.indices.contains(index) else { return app.leaveLesson() }
                app.openLesson(entries[index].course, entries[index].place)
            })
    }
}

import Basics
import Engine

/// The keys of a lesson's file: the reader, the schema and the messages are made from these.
enum LessonDocument {
    static let root: [DocumentField] = [
        DocumentField("title", summary: "The lesson's name, at most 40 characters.", form: .words).required(),
        DocumentField("summary", summary: "One sentence for the list of lessons.", form: .value(.text)),
        DocumentField("steps", summary: "The steps in order.", form: .list(.object(step))).required(),
    ]

    static let step: [DocumentField] = [
        DocumentField(
            "text",
            summary: "At most six lines of 78 columns. A key stands in parentheses: (space), (3 →).", form: .words
        ).required(),
        DocumentField(
            "start",
            summary:
                "The network at the step's start; without one the step goes on with the network of the one before.",
            form: .object(start)),
        DocumentField(
            "keys",
            summary:
                "The keys that work in the step beside the lesson's own, apart by blanks; 5:x works in panel 5 alone.",
            form: .value(.text)),
        DocumentField(
            "question", summary: "A question to answer before anything runs.", form: .object(question)),
        DocumentField("goal", summary: "The conditions that end the step, all of them.", form: .list(.object(goal))),
        DocumentField("done", summary: "A text for when the goal has been reached.", form: .value(.text)),
        DocumentField("hints", summary: "Hints, from a nudge to nearly the answer.", form: .list(.words)),
        DocumentField(
            "answer", summary: "The model answer, which reaches the goal; a step with a goal needs one.",
            form: .object(moves)),
        DocumentField(
            "wrong", summary: "Answers that must not reach the goal, for the check.", form: .list(.object(moves))),
    ]

    private static let start: [DocumentField] = [
        DocumentField("preset", summary: "A preset to begin with.", form: .value(.text)),
        DocumentField("experiment", summary: "An experiment to begin with.", form: .object(ExperimentDocument.root)),
        settings, weights,
    ]

    private static let settings = DocumentField(
        "set", summary: "Settings by key path, as `--set` takes them.", form: .assignments)

    private static let weights = DocumentField(
        "weights", summary: "Numbers of parameters, tensor by tensor.",
        form: .list(
            .object([
                DocumentField("of", summary: "The tensor: “output.weight”, “layers.0.bias”.", form: .value(.text))
                    .required(),
                DocumentField(
                    "values", summary: "Its first numbers, of a dense weight row by row, [out, in].",
                    form: .list(.value(.real(-1e9...1e9, steps: [])))
                ).required(),
            ])))

    private static let moves: [DocumentField] = [
        DocumentField("text", summary: "The way in words.", form: .value(.text)), settings, weights,
        DocumentField(
            "epochs", summary: "The most epochs that are trained.", form: .value(.integer(0...1_000_000))),
    ]

    private static let question: [DocumentField] = [
        DocumentField("text", summary: "The question.", form: .words).required(),
        DocumentField(
            "answers", summary: "Two to four answers.",
            form: .list(
                .object([
                    DocumentField("text", summary: "The answer.", form: .words).required(),
                    DocumentField(
                        "when", summary: "It was right when these hold at the end of the step.",
                        form: .list(.object(goal))),
                ]))
        ).required(),
        DocumentField(
            "right", summary: "The place of the right answer from 0, where no state of the network decides.",
            form: .value(.integer(0...3))),
    ]

    /// One of these keys stands in each goal.
    private static let goal: [DocumentField] = GoalKind.all.map { kind in
        DocumentField(kind.id, summary: kind.summary, form: .object(kind.fields + Bounds.fields))
    }
}

extension DocumentField {
    /// A key of a document that is no experiment.
    init(_ name: String, summary: String, form: Form) {
        self.init(name, title: name, summary: summary, form: form, get: { _ in .null }, set: { _, _ in })
    }
}

extension Lesson {
    /// The JSON Schema (draft 2020-12) of a lesson's file.
    public static var schema: JSON { SchemaWriter.document("Layercake lesson", LessonDocument.root) }

    /// Reads a lesson, checking every key, type and range, and every step's experiment.
    /// - Parameters:
    ///   - name: the file's name or path.
    ///   - directory: the folder of relative data files.
    public init(parsing text: String, name: String, directory: String? = nil) throws(ExperimentError) {
        let json: JSON
        do { json = try JSON(parsing: text) } catch {
            throw ExperimentError(error.kind, place: "\(name):\(error.place)", message: error.message)
        }
        do { try self.init(json: json, name: name, directory: directory) } catch {
            throw ExperimentError(error.kind, place: "\(name): \(error.place)", message: error.message)
        }
    }

    private init(json: JSON, name: String, directory: String?) throws(ExperimentError) {
        try FormCheck.check(json, against: .object(LessonDocument.root), at: "lesson")
        (self.name, self.directory) = (name, directory)
        title = json.words("title")
        summary = json.words("summary")
        steps = []
        for (index, step) in json.elements("steps").enumerated() {
            let place = "steps.\(index)"
            do {
                steps.append(try Step(json: step, after: steps.last))
            } catch { throw ExperimentError(error.kind, place: "\(place).\(error.place)", message: error.message) }
        }
        guard !steps.isEmpty else { throw FormCheck.mistake("steps", "is empty; a lesson has one step at least") }
    }
}

extension Lesson.Step {
    /// - Parameter last: the step before; nil: it is the first.
    fileprivate init(json: JSON, after last: Lesson.Step?) throws(ExperimentError) {
        text = json.words("text")
        done = json.words("done")
        keys = json.words("keys").split(separator: " ").map(String.init)
        goals = try Self.goals(json.elements("goal"), at: "goal")
        hints = json.elements("hints").map(\.ownWords)
        answer = json["answer"].map(Lesson.Moves.init)
        wrong = json.elements("wrong").map(Lesson.Moves.init)
        question = try json["question"].map { json throws(ExperimentError) in
            try Lesson.Question(json: json)
        }
        continues = json["start"] == nil
        weights = json["start"].map { $0.elements("weights").map(Lesson.Weights.init) } ?? last?.weights ?? []
        experiment = Self.stage(try Self.experiment(json["start"], after: last?.experiment))
        if goals.isEmpty == false, answer == nil {
            throw FormCheck.mistake("answer", "is missing; a step with a goal has a model answer")
        }
        if question != nil, goals.isEmpty {
            throw FormCheck.mistake("goal", "is missing; after a question something runs, and the goal says until when")
        }
        for (index, moves) in ([answer].compactMap(\.self) + wrong).enumerated() {
            do { _ = try experiment.setting(members: moves.set) } catch {
                let place = answer != nil && index == 0 ? "answer" : "wrong.\(index - (answer == nil ? 0 : 1))"
                throw ExperimentError(error.kind, place: "\(place).set: \(error.place)", message: error.message)
            }
        }
    }

    private static func experiment(_ start: JSON?, after last: Experiment?) throws(ExperimentError) -> Experiment {
        var experiment = last
        if case .string(let name)? = start?["preset"] {
            guard start?["experiment"] == nil else {
                throw FormCheck.mistake("start", "has a preset and an experiment; leave one out")
            }
            do {
                experiment = try Experiment(json: JSON(parsing: Preset.named(name).text))
            } catch { throw ExperimentError(error.kind, place: "start.preset", message: error.description) }
        } else if let json = start?["experiment"] {
            do { experiment = try Experiment(json: json) } catch {
                throw ExperimentError(error.kind, place: "start.experiment.\(error.place)", message: error.message)
            }
        }
        guard let experiment else {
            throw FormCheck.mistake(
                "start", "is missing; the first step names a preset or an experiment, as in {\"preset\": \"xor\"}")
        }
        do {
            let changed = try experiment.setting(members: start?["set"]?.members ?? [])
            try changed.validate(wayOut: "\"compare\": []")
            return changed
        } catch { throw ExperimentError(error.kind, place: "start.set: \(error.place)", message: error.message) }
    }

    fileprivate static func goals(_ list: [JSON], at path: String) throws(ExperimentError) -> [LessonGoal] {
        var goals: [LessonGoal] = []
        for (index, json) in list.enumerated() {
            guard json.members.count == 1 else {
                throw FormCheck.mistake(
                    "\(path).\(index)",
                    "expected one kind of goal, as in {\"neurons\": {\"most\": 3}}, found \(plural(json.members.count, "key"))"
                )
            }
            goals.append(LessonGoal(kind: json.members[0].key, settings: json.members[0].value))
        }
        return goals
    }
}

extension Lesson.Question {
    fileprivate init(json: JSON) throws(ExperimentError) {
        text = json.words("text")
        answers = []
        for (index, answer) in json.elements("answers").enumerated() {
            let place = "question.answers.\(index).when"
            answers.append(
                Answer(
                    text: answer.words("text"), when: try Lesson.Step.goals(answer.elements("when"), at: place)))
        }
        guard (2...4).contains(answers.count) else {
            throw FormCheck.mistake("question.answers", "expected two to four answers, found \(answers.count)")
        }
        if case .number(let place)? = json["right"] { right = Int(place) }
        if let right {
            guard answers.indices.contains(right) else {
                throw FormCheck.mistake("question.right", "there is no answer \(right); the first is 0")
            }
        } else if answers.contains(where: \.when.isEmpty) {
            throw FormCheck.mistake(
                "question", "nothing decides it; give “right”, or each answer its “when”")
        }
    }
}

extension Lesson.Moves {
    fileprivate init(_ json: JSON) {
        self.init(
            text: json.words("text"), set: json["set"]?.members ?? [],
            weights: json.elements("weights").map(Lesson.Weights.init))
        if case .number(let count)? = json["epochs"] { epochs = Int(count) }
    }
}

extension Lesson.Weights {
    fileprivate init(_ json: JSON) {
        tensor = json.words("of")
        values = json.elements("values").map { if case .number(let number) = $0 { number } else { 0 } }
    }
}

extension Experiment {
    /// This experiment with settings changed in order.
    func setting(members: [JSON.Member]) throws(ExperimentError) -> Experiment {
        var changed = self
        for member in members { changed = try changed.setting(member.key, to: member.value) }
        return changed
    }
}

extension JSON {
    var members: [Member] { if case .object(let members) = self { members } else { [] } }

    func words(_ key: String) -> String { self[key]?.ownWords ?? "" }

    /// A text; a blank one is as none.
    var ownWords: String { if case .string(let text) = self, !text.isBlank { text } else { "" } }

    fileprivate func elements(_ key: String) -> [JSON] {
        if case .array(let elements)? = self[key] { elements } else { [] }
    }
}

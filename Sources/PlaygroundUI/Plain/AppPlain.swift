import Basics
import Engine
import Session
import TerminalKit

/// The playground in lines: how lines are carried out, and what is told meanwhile.
extension App {
    /// From now on there are lines in place of a screen.
    public mutating func beginPlain() {
        plain = PlainState()
        bindings = bindings.naming
        playing.set(false, at: now)
    }

    /// Something waits to be done, or to be heard of.
    public var hasPlainWork: Bool { plain.map { $0.goal != nil || !$0.tasks.isEmpty } ?? false }

    /// Lines wait to be told.
    public var hasPlainLines: Bool { plain?.said.isEmpty == false }

    /// The next piece of work waits for what the trainer or a file gives.
    public var isWaitingForTrainer: Bool {
        guard isSettled else { return true }
        guard let asked = plain?.asked, let newest else { return false }
        return newest.epoch < asked.epoch && !hasEnded(newest)
    }

    public mutating func takePlainLines() -> [String] { plain?.takeSaid() ?? [] }

    mutating func say(_ text: String) { plain?.say(text) }

    mutating func take(line: String?) {
        // A line after another one means that the first interruption was one of training.
        interrupts = 0
        plain?.tasks.append(line.map { .line($0) } ?? .end)
    }

    /// Ctrl-C: training rests; once more without a line between, and the playground is left.
    mutating func interruptPlain() {
        interrupts += 1
        guard interrupts == 1, plain?.goal != nil || playing.isOn else { return outbox.append(.quit) }
        plain?.goal = nil
        setPlaying(false)
        say("interrupted; Ctrl-C again leaves")
        plain?.tasks.insert(.figures, at: 0)
    }

    /// The trainer has the present document, or says why it cannot.
    private var isSettled: Bool {
        guard reading.source == nil, reading.data == nil, outbox.isEmpty else { return false }
        if failure != nil { return true }
        guard let newest else { return false }
        var document = newest.experiment
        document.view = experiment.view
        // The numbers with which a lesson's step begins come before those that are typed.
        guard document == experiment, lesson?.arrival == nil else { return false }
        // Not for long: training goes on from typed numbers.
        guard let typed = plain?.typed, !typed.isEmpty, !playing.isOn, now - plain!.typedAt < 0.5 else { return true }
        return typed.allSatisfy { !newest.parameters.indices.contains($0.key) || newest.parameters[$0.key] == $0.value }
    }

    /// Carries the next piece of work out, once the one before is done and its effects have been carried out.
    public mutating func stepPlain(at time: Double = 0) {
        guard plain != nil else { return }
        now = time
        if let goal = plain?.goal { return train(to: goal) }
        guard isSettled, let task = plain?.tasks.first else { return }
        tellEffects()
        plain?.typed = [:]
        plain?.tasks.removeFirst()
        switch task {
        case .greeting:
            say("layercake in lines: help lists the commands, describe tells the picture")
            for line in statusLines { say(line) }
            noteFigures()
        case .line(let line): perform(line)
        case .figures:
            say(figuresLine)
            noteFigures()
        case .end: outbox.append(.quit)
        }
        refresh()
        tellNews()
        tellLesson()
    }

    /// Asks the trainer for the next epochs, up to the next at which the figures are told.
    private mutating func train(to goal: Int) {
        guard isSettled, let snapshot = newest, failure == nil else {
            if failure != nil { endGoal() }
            return
        }
        if let state = plain, let asked = state.asked {
            guard snapshot.epoch >= asked.epoch || hasEnded(snapshot) else { return }
            plain?.portion = now - asked.since < 0.1 ? min(4096, state.portion * 2) : max(1, state.portion / 2)
            plain?.asked = nil
            if snapshot.epoch >= goal || hasEnded(snapshot) { return endGoal() }
        }
        // A condition that ends the run is asked for after each epoch.
        let isWatched = experiment.training.stop != Experiment.Stop()
        let most = isWatched ? 1 : plain!.portion
        let next = min(goal, plain!.report.next(after: snapshot.epoch) ?? goal, snapshot.epoch + most)
        plain?.asked = (next, now)
        pause()
        for _ in snapshot.epoch..<max(next, snapshot.epoch + 1) { send(.stepEpoch) }
    }

    private func hasEnded(_ snapshot: Snapshot) -> Bool {
        switch snapshot.state {
        case .diverged, .finished: true
        case .paused, .training: false
        }
    }

    private mutating func endGoal() {
        plain?.goal = nil
        plain?.asked = nil
        if let newest, plain?.told?.epoch != newest.epoch || plain?.told?.generation != newest.generation {
            plain?.tasks.insert(.figures, at: 0)
        }
    }

    /// Tells what has come of itself: figures, the end of a run, trouble.
    mutating func followPlain() {
        guard plain != nil else { return }
        if failure != plain?.failure {
            plain?.failure = failure
            if let failure { say("no training: \(failure)") }
        }
        if let snapshot = newest {
            if plain?.told?.generation != snapshot.generation { plain?.told = (snapshot.generation, snapshot.epoch) }
            let last = plain!.told!.epoch
            if snapshot.epoch > last, let due = plain!.report.next(after: last), snapshot.epoch >= due {
                say(figuresLine)
                noteFigures()
            }
            if snapshot.state != plain?.state {
                plain?.state = snapshot.state
                if case .diverged = snapshot.state, let words = TroubleBox(app: self).sentence { say(words) }
            }
        }
        tellNews()
        tellLesson()
    }

    /// Says the lesson's page where it is another one.
    private mutating func tellLesson() {
        guard let lesson, plain?.tasks.first.map({ if case .greeting = $0 { true } else { false } }) != true else {
            return
        }
        let words = band(of: lesson).inWords()
        guard let told = plain?.lesson, words != told else { return }
        plain?.lesson = words
        // Of a step that has been told, what is new.
        let isSameStep = words.first == told.first
        for line in words where !isSameStep || !told.contains(line) { say(line) }
    }

    func band(of lesson: LessonState) -> LessonBand {
        LessonBand(self, lesson, rect: Rect(x: 0, y: 0, width: PlainState.width, height: 99))
    }

    /// Tells what the effects of the lines so far have brought: news, and a box that asks.
    mutating func tellEffects() {
        guard plain != nil else { return }
        tellNews()
        if plain?.boxIsTold == false || popup == nil { followPopup() }
    }

    /// Says the news, which on a screen would stand in their line.
    private mutating func tellNews() {
        guard let news = plain?.news else { return }
        plain?.news = nil
        say(news.text)
    }

    // MARK: Figures

    /// "epoch 64: train loss 0.031, test loss 0.034, accuracy 0.99".
    var figuresLine: String {
        guard let newest else { return failure.map { "no training: \($0)" } ?? "nothing has been trained yet" }
        return "epoch \(formatCount(newest.epoch)): \(newest.figures)"
    }

    /// How it stands: the figures, and whether training goes on.
    var statusLines: [String] {
        var lines: [String] = []
        let title = experiment.title.isEmpty ? session.name : experiment.title
        let state =
            switch newest?.state {
            case .diverged?: "diverged"
            case .finished(let reason)?: "finished: \(reason)"
            default: playing.isOn ? "training" : "paused"
            }
        lines.append("\(title.isEmpty ? "layercake" : title), \(state)\(session.edited ? ", edited" : "")")
        if let outline = newest?.outline {
            let shape = ([outline.input] + outline.layers.map(\.output)).map(\.description).joined(separator: " → ")
            let count = outline.parameterCount
            lines.append("network \(shape), \(formatCount(count)) \(count == 1 ? "parameter" : "parameters")")
        }
        if let grid { lines += grid.inWords } else { lines.append(figuresLine) }
        if let diagnosis = watch.shown { lines.append(diagnosis.words(key: label(HealthCommand.remedy.id))) }
        return lines
    }

    /// Whether figures have been told is remembered, so that they are not told twice.
    mutating func noteFigures() { if let newest { plain?.told = (newest.generation, newest.epoch) } }
}

extension Snapshot {
    /// The measured quantities by name.
    var figures: String {
        guard let evaluation else { return "nothing has been measured yet" }
        let words = evaluation.metrics.compactMap { metric -> String? in
            guard metric.plot != .aside, let value = evaluation[metric.id], metric.plot != .addend || value != 0 else {
                return nil
            }
            return "\(metric.title) \(metric.text(value))"
        }
        return words.isEmpty ? "nothing has been measured yet" : words.joined(separator: ", ")
    }
}

extension Metric {
    /// A value as a sentence names it.
    func text(_ value: Double) -> String {
        guard value.isFinite else { return "no number" }
        return format == .count ? formatCount(Int(bounded: value)) : formatNumber(value, digits: 3)
    }
}

extension GridState {
    /// One line for all, and one for each network.
    var inWords: [String] {
        let members = news.members
        if let failure = news.failure { return ["\(type(of: screen).title): \(failure)"] }
        let titles = screen.titles
        var lines = ["\(type(of: screen).title), \(screen.countWords)"]
        for (index, member) in members.enumerated() {
            let title = titles.indices.contains(index) ? titles[index] : "network \(index + 1)"
            lines.append("\(title), epoch \(formatCount(member.snapshot.epoch)): \(member.snapshot.figures)")
        }
        return lines
    }
}

extension ViewRequest {
    /// No picture, but how the run is.
    static let healthAlone: ViewRequest = {
        var request = ViewRequest()
        request.health = true
        return request
    }()
}

import Basics
import Session
import TerminalKit

/// The part of a playground in a class.
public enum Classroom: Sendable {
    /// Its reports go into the class's folder.
    /// - teacher: the name of the user whose class it is.
    case student(ClassReporter, teacher: String)
    /// It lists the students.
    case teacher(ClassFolder)
}

/// Tells the class where a student is, whenever that has changed, and keeps the experiment for the teacher.
final class ClassAttendance {
    private let reporter: ClassReporter
    private var told: ClassReport?
    private var kept: (document: Experiment, version: Int?)?
    private var due = 0.0
    private var keepingDue = 0.0
    private var toldFailure: String?

    /// Seconds between two reports.
    private static let interval = 1.0
    /// Seconds between two times that the experiment is kept: a small one is there soon after each change, of a large one so
    /// many bytes a second are written on average.
    private static let keepingInterval = 2.0
    private static let bytesPerSecond = 1e6
    private static let patience = 2.0

    init(_ reporter: ClassReporter) { self.reporter = reporter }

    func millisecondsLeft(at time: Double) -> Int { max(1, Int(((due - time) * 1000).rounded(.up))) }

    /// - Returns: what went wrong the last time, once.
    func tell(_ app: App, _ trainer: TrainerLink, at time: Double) -> ExperimentError? {
        guard time >= due else { return nil }
        due = time + Self.interval
        let report = ClassReport(app)
        if report != told { reporter.tell(report) }
        told = report
        if time >= keepingDue {
            keepingDue = time + max(Self.keepingInterval, Double(reporter.experimentBytes) / Self.bytesPerSecond)
            keep(app, trainer)
        }
        guard let failure = reporter.takeFailure(), failure.description != toldFailure else { return nil }
        toldFailure = failure.description
        return failure
    }

    func finish(_ app: App, _ trainer: TrainerLink) {
        keep(app, trainer)
        trainer.waitForCommands(seconds: Self.patience)
        var report = ClassReport(app)
        report.state = .left
        reporter.tell(report)
        reporter.end(within: Self.patience)
    }

    /// Where it has changed since the last time.
    private func keep(_ app: App, _ trainer: TrainerLink) {
        let now = app.newest
        guard kept.map({ $0.document != app.experiment || $0.version != now?.parameterVersion }) ?? true else { return }
        kept = (app.experiment, now?.parameterVersion)
        let experiment = KeptExperiment(app.session, loss: now?.evaluation.map { $0.testLoss ?? $0.trainLoss })
        let reporter = reporter
        trainer.send(
            .giveNetwork(path: reporter.experimentPath, most: ClassReporter.mostNetworkBytes) {
                reporter.keep(experiment, $0)
            })
    }
}

extension ClassReport {
    /// Where the app's user is.
    init(_ app: App) {
        self.init()
        title = app.experiment.title.isEmpty ? app.session.name : app.experiment.title
        if let lesson = app.lesson {
            self.lesson = Lesson(
                title: lesson.lesson.title, step: lesson.step + 1, steps: lesson.lesson.steps.count,
                done: lesson.record.done.count { $0 < lesson.lesson.steps.count })
        }
        guard let now = app.newest else { return }
        epoch = now.epoch
        loss = now.evaluation.map { Double($0.testLoss ?? $0.trainLoss) }
        state =
            switch now.state {
            case .paused: .paused
            case .training: .training
            case .finished: .finished
            case .diverged: .diverged
            }
    }

    /// For a playground that begins.
    public static func first(_ experiment: Experiment) -> ClassReport {
        var report = ClassReport()
        report.title = experiment.title
        return report
    }
}

/// The students of a class, as the teacher's playground lists them.
public struct ClassList: Sendable {
    var name: String
    public var members: [ClassMember] = []
    /// Seconds since 1970, when they were read.
    var time = 0.0
    /// Counts the news.
    var number = 0

    public init(name: String, members: [ClassMember], time: Double = ClassMember.now) {
        (self.name, self.members, self.time) = (name, members, time)
    }

    /// "3 here, 2 training, 1 left".
    public var summary: String {
        let left = members.count { $0.report.state == .left }
        let silent = members.count { $0.silence(at: time) != nil }
        let training = members.count { $0.report.state == .training && $0.silence(at: time) == nil }
        var words = ["\(members.count - left - silent) here", "\(training) training"]
        if left > 0 { words.append("\(left) left") }
        if silent > 0 { words.append("\(silent) silent") }
        return words.joined(separator: ", ")
    }

    /// The lines of a table, its titles first.
    /// - Parameters:
    ///   - width: columns.
    ///   - places: of the members that are shown; nil: of all.
    public func lines(width: Int, of places: Range<Int>? = nil) -> [String] {
        let name = min(max(4, members.map { columnWidth($0.name) }.max() ?? 4), 14)
        // The rest is for the words.
        let words = max(20, width - name - 9 - 8 - 11 - 8)
        let lesson = width >= 100 ? words / 2 : words
        let experiment = width >= 100 ? words - lesson - 2 : 0
        func line(_ cells: (String, String, String, String, String, String)) -> String {
            var text = Self.fit(cells.0, name) + "  " + Self.fit(cells.1, lesson) + "  "
            if experiment > 0 { text += Self.fit(cells.2, experiment) + "  " }
            text += padLeft(cells.3, 9) + "  " + padLeft(cells.4, 8) + "  " + cells.5
            return text
        }
        let titles = line(
            ("name", experiment > 0 ? "lesson" : "lesson or experiment", "experiment", "epoch", "loss", "state"))
        return [titles]
            + members[places ?? members.indices].map { member in
                let report = member.report
                let place = report.lesson.map { "\($0.step)/\($0.steps) \($0.title)" }
                return line(
                    (
                        member.name, place ?? (experiment > 0 ? "–" : report.title), report.title,
                        formatCount(report.epoch), report.loss.map { formatNumber($0, digits: 3) } ?? "–",
                        stateWords(member)
                    ))
            }
    }

    private static func fit(_ text: String, _ width: Int) -> String {
        var (fitting, used) = ("", 0)
        for character in text {
            let columns = columnWidth(String(character))
            guard used + columns <= width else {
                while used > width - 1, let last = fitting.popLast() { used -= columnWidth(String(last)) }
                return padRight(fitting + "…", width)
            }
            fitting.append(character)
            used += columns
        }
        return padRight(fitting, width)
    }

    func stateWords(_ member: ClassMember) -> String {
        if let silence = member.silence(at: time) {
            let minutes = Int(bounded: silence / 60)
            if minutes < 1 { return "silent" }
            if minutes < 100 { return "silent \(minutes)m" }
            let hours = minutes / 60
            return hours < 100 ? "silent \(hours)h" : "silent \(min(999, hours / 24))d"
        }
        switch member.report.state {
        case .training: return "▶ training"
        case .paused: return "‖ paused"
        case .finished: return "■ finished"
        case .diverged: return "✗ diverged"
        case .left: return "left"
        }
    }
}

extension Command {
    static let classList = Command(
        "class.list", "the class: where each student is; ⏎ opens an experiment", hint: "class", keys: ["F4"],
        disabled: { $0.classList == nil ? "this playground watches no class: 'layercake class NAME' does" : nil }
    ) { $0.openClass() }
}

extension Question {
    /// Asks whether the data files that a student's experiment names are to be read.
    static func reading(_ files: [String], of source: ExperimentSource) -> Question {
        let names =
            files.prefix(3).map { shortened($0, to: 80) }.joined(separator: ", ") + (files.count > 3 ? ", …" : "")
        return Question(
            title: "Data files",
            words: { _ in
                "\(source.words ?? source.name) names \(files.count == 1 ? "a file" : "files") that would be read with your rights: \(names)"
            },
            answers: [
                Answer(label: "y", word: "read \(files.count == 1 ? "it" : "them")", keys: [.character("y")]) {
                    $0.outbox.append(.openFound(source))
                },
                Answer(label: "esc", word: "do not open it", keys: [.escape, .character("n"), .character("q")]) { _ in
                },
            ])
    }
}

extension App {
    /// Another user's experiment may name any file: none is read without the user's word.
    /// - Returns: whether it asks.
    mutating func askFiles(of source: ExperimentSource) -> Bool {
        let files = source.isAnothers ? source.experiment.namedFiles : []
        guard !files.isEmpty else { return false }
        reading.source = nil
        popup = Question.reading(files, of: source)
        return true
    }

    mutating func openClass() { popup = ClassBox(user: classList?.members.first?.user) }

    /// News of the class that is watched.
    mutating func receive(_ members: [ClassMember], number: Int, at now: Double) {
        classList?.members = members
        classList?.number = number
        let time = now
        classList?.time = time
    }

    /// Takes a part in a class.
    mutating func enter(
        _ classroom: Classroom, _ wake: @escaping @Sendable () -> Void
    ) -> (ClassAttendance?, ClassWatcher?) {
        switch classroom {
        case .student(let reporter, let teacher):
            notice = Notice(
                "you are in the class \(reporter.folder.name) of \(teacher), who sees where you are; others on this machine can read it too"
            )
            return (ClassAttendance(reporter), nil)
        case .teacher(let folder):
            let watcher = ClassWatcher(folder, onNews: wake)
            classList = ClassList(name: folder.name, members: watcher.latest.members)
            openClass()
            return (nil, watcher)
        }
    }
}

/// The list of a class, over the panels.
struct ClassBox: Popup {
    /// The selected student, who stays selected when others come and go.
    var user: UInt32?

    var hints: [(key: String, word: String)] { [("↑↓", "move"), ("⏎", "open the experiment"), ("esc", "back")] }

    func rect(in app: App) -> Rect {
        let screen = app.popupRoom
        let height = min(screen.height, max(9, (app.classList?.members.count ?? 0) + 5))
        return centredRect(width: min(screen.width - 2, 130), height: height, in: screen)
    }

    /// Rows for students: the frame, the titles and the summary take the rest.
    private func room(_ rect: Rect) -> Int { max(1, rect.height - 5) }

    private func place(_ list: ClassList) -> Int { list.members.firstIndex { $0.user == user } ?? 0 }

    /// The first student in sight.
    private func first(_ list: ClassList, _ room: Int) -> Int {
        min(max(0, place(list) - room / 2), max(0, list.members.count - room))
    }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ app: App) {
        guard let list = app.classList else { return }
        drawBox(
            into: &canvas, rect, title: "Class \(list.name)", style: app.quiet, titleStyle: app.accent, fill: app.text)
        let inner = rect.inset(left: 2, top: 1, right: 2, bottom: 1)
        guard !list.members.isEmpty else {
            drawWrapped(
                into: &canvas, inner,
                text: "Nobody is here yet. Students come in by: layercake class join \(list.name)", style: app.text)
            return
        }
        let (room, place) = (room(rect), place(list))
        let first = first(list, room)
        let lines = list.lines(width: inner.width, of: first..<min(list.members.count, first + room))
        canvas.write(lines[0], x: inner.x, y: inner.y, style: app.quiet, limit: inner.width)
        for (row, member) in list.members.dropFirst(first).prefix(room).enumerated() {
            let y = inner.y + 1 + row
            let isSelected = first + row == place
            if isSelected {
                canvas.fill(
                    Rect(x: inner.x - 1, y: y, width: inner.width + 2, height: 1), with: Cell(" ", app.selected))
            }
            let style = isSelected ? app.selected : rowStyle(member, list, app)
            canvas.write(lines[row + 1], x: inner.x, y: y, style: style, limit: inner.width)
        }
        canvas.write(list.summary, x: inner.x, y: inner.maxY - 1, style: app.quiet, limit: inner.width)
        drawScrollMarks(
            into: &canvas, Rect(x: inner.x - 1, y: inner.y + 1, width: inner.width + 2, height: room), above: first,
            below: list.members.count - first - room, app.quiet)
    }

    private func rowStyle(_ member: ClassMember, _ list: ClassList, _ app: App) -> Style {
        if member.silence(at: list.time) != nil || member.report.state == .left { return app.quiet }
        return member.report.state == .diverged ? app.bad : app.text
    }

    func handle(_ key: Key, _ app: App) -> PopupAnswer {
        guard let list = app.classList else { return .closed }
        switch key.code {
        case .escape, .character("q"), .function(4): return .closed
        case .down, .character("j"): return moved(by: 1, list)
        case .up, .character("k"): return moved(by: -1, list)
        case .pageDown: return moved(by: 10, list)
        case .pageUp: return moved(by: -10, list)
        case .home: return moved(by: -list.members.count, list)
        case .end: return moved(by: list.members.count, list)
        case .enter: return opening(list)
        default: return .open(self)
        }
    }

    private func moved(by rows: Int, _ list: ClassList) -> PopupAnswer {
        guard !list.members.isEmpty else { return .open(self) }
        let next = min(max(0, place(list) + rows), list.members.count - 1)
        return .open(ClassBox(user: list.members[next].user))
    }

    private func opening(_ list: ClassList) -> PopupAnswer {
        guard list.members.indices.contains(place(list)) else { return .open(self) }
        let member = list.members[place(list)]
        return .closed { app in
            guard member.hasExperiment else {
                app.notice = Notice("\(member.name) has kept no experiment yet", bad: true)
                return
            }
            app.outbox.append(.openMember(member.user, name: member.name))
        }
    }

    func handle(_ mouse: Mouse, in rect: Rect, _ app: App) -> PopupAnswer {
        guard let list = app.classList else { return .closed }
        switch mouse.kind {
        case .scrollDown: return moved(by: 3, list)
        case .scrollUp: return moved(by: -3, list)
        case .press where rect.contains(x: mouse.x, y: mouse.y):
            let row = mouse.y - rect.y - 2
            let index = first(list, room(rect)) + row
            guard row >= 0, row < room(rect), list.members.indices.contains(index) else { return .open(self) }
            let chosen = ClassBox(user: list.members[index].user)
            return index == place(list) ? chosen.opening(list) : .open(chosen)
        case .press: return .closed
        default: return .open(self)
        }
    }
}

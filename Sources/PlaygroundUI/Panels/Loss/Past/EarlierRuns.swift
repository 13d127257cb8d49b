import Basics
import Session
import TerminalKit

/// A run that is over: its curves stay behind those of the present one.
struct EarlierRun: Sendable {
    /// The reason for which it ended: "learning rate 0.03 → 0.1".
    var reason: String
    var experiment: Experiment
    var history: History
    var epoch: Int
    /// The loss of the test samples at its end, else of the training samples; nil: not measured.
    var loss: Double?
    /// The share of right answers at its end; nil: there is none.
    var accuracy: Double?

    /// "epoch 1,240, loss 0.021, 98 % right".
    var details: String {
        var words = ["epoch \(formatCount(epoch))"]
        if let loss { words.append("loss \(formatNumber(loss, digits: 3))") }
        if let accuracy { words.append("\(formatFixed(accuracy * 100, decimals: 0)) % right") }
        return words.joined(separator: ", ")
    }
}

/// The runs of this session that are over, the newest last.
struct EarlierRuns: Sendable {
    private(set) var runs: [EarlierRun] = []
    /// The next run that ends has been kept already.
    var skipsNext = false

    static let most = 24
    /// The most curves behind those of the present run.
    static let mostDrawn = 4

    mutating func keep(_ last: Snapshot, because reason: String) {
        guard last.epoch > 0, last.history.points.count > 1 else { return }
        runs.append(
            EarlierRun(
                reason: reason, experiment: last.experiment, history: last.history, epoch: last.epoch,
                loss: last.evaluation.map { $0.testLoss ?? $0.trainLoss },
                accuracy: last.evaluation.flatMap { $0.testAccuracy ?? $0.trainAccuracy }))
        shorten()
    }

    private mutating func shorten() { runs.removeFirst(max(0, runs.count - Self.most)) }

    /// These, and then newer ones.
    func followed(by newer: EarlierRuns) -> EarlierRuns {
        var all = newer
        all.runs = runs + newer.runs
        all.shorten()
        return all
    }

    /// Those that can be compared with an experiment: under the same title, on the same kind of data.
    func comparable(with experiment: Experiment) -> [EarlierRun] {
        runs.filter {
            $0.experiment.title == experiment.title && $0.experiment.data.dataset.id == experiment.data.dataset.id
        }
    }

    static let commands: [Command] = [
        Command(
            "loss.runs", "the earlier runs: open one again, or race them", hint: "runs", keys: ["L"], panels: [.loss],
            disabled: { $0.earlier.runs.isEmpty ? "no run has ended yet" : nil }
        ) { $0.popup = MenuPopup.runs(of: $0) },
        Command(
            "loss.faint", "the curves of earlier runs behind those of this one, or not", keys: ["F"], panels: [.loss],
            views: [.losses], disabled: { $0.earlier.runs.isEmpty ? "no run has ended yet" : nil }
        ) { $0.plots.showsEarlier.toggle() },
    ]
}

extension App {
    /// The run before has ended: another one begins.
    mutating func keepRun(_ last: Snapshot, before next: Snapshot) {
        guard !earlier.skipsNext else { return earlier.skipsNext = false }
        let isOther = last.experiment.title != next.experiment.title
        let words = isOther ? "another experiment was opened" : next.experiment.changeWords(since: last.experiment)
        earlier.keep(last, because: words.isEmpty ? "started again" : words)
    }
}

extension MenuPopup {
    /// The earlier runs, the newest first, and the way to race them.
    static func runs(of app: App) -> MenuPopup {
        let runs = Array(app.earlier.runs.reversed())
        let rivals = Array(app.earlier.comparable(with: app.experiment).suffix(Race.most - 1))
        let race = rivals.isEmpty ? [] : [MenuItem("race the present run and the last \(rivals.count)")]
        return MenuPopup(
            menu: Menu(
                title: "Earlier runs",
                items: race
                    + runs.map { run in
                        MenuItem("\(name(of: run)) until \(run.reason)", detail: run.details)
                    }),
            stories: (race.isEmpty ? [] : ["All start at the same time, from their own settings."])
                + runs.map { run in
                    let words = run.experiment.changeWords(since: app.experiment)
                    return "Opens its settings, which train from the start. "
                        + (words.isEmpty ? "They are the present ones." : "Now → then: \(words).")
                },
            chosen: { app, index in
                guard index >= race.count else { return app.open(Race(app.experiment, against: rivals)) }
                let run = runs[index - race.count]
                app.replace(
                    by: .replace(run.experiment), saying: "the settings of an earlier run, from the start",
                    unchanged: "the settings of that run are the present ones")
            })
    }

    private static func name(of run: EarlierRun) -> String {
        run.experiment.title.isEmpty ? run.experiment.dataName : run.experiment.title
    }
}

extension Race {
    /// The present experiment against those of earlier runs.
    init(_ present: Experiment, against runs: [EarlierRun]) {
        self.init(
            base: present,
            runners: [Runner(title: "now", label: "now", experiment: present, action: .replace(present))]
                + runs.map { run in
                    let words = run.experiment.changeWords(since: present)
                    return Runner(
                        title: words.isEmpty ? "as now" : words, label: words.isEmpty ? "as now" : words,
                        experiment: run.experiment, action: .replace(run.experiment))
                })
    }
}

extension Prompt {
    /// The file of the curves.
    static var curves: Prompt {
        Prompt(
            "Export curves", help: "A path. One row for each measured epoch, a column for each metric.",
            field: TextField("curves.csv"), completion: Completion()
        ) { app, text in
            let path = FilePath.expanded(text)
            guard let history = app.newest?.history else { return "there is no run yet" }
            if FilePath.exists(path) { return "\(path) is there already: choose another name" }
            app.outbox.append(.write(history.csv, path: path))
            return nil
        }
    }
}

import Engine
import Session
import TerminalKit

/// Two to four variants of the experiment on the same data, from the same weights: only what varies tells them apart.
struct Race: GridScreen {
    struct Runner: Sendable {
        var title: String
        /// Over the lane, where room is short.
        var label: String
        var experiment: Experiment
        /// Of the setting that varies; nil where the experiment's `compare` says what does.
        var value: JSON?
        /// The action that makes it the document.
        var action: Action
    }

    static let most = 4

    /// The experiment that the runners are variants of.
    private(set) var base: Experiment
    /// The setting that varies; nil: the experiment's `compare` says it.
    let setting: VariedSetting?
    /// The experiment's `lengthPath`, made once.
    let lengthPath: String?
    private(set) var runners: [Runner]
    var selected = 0

    /// Values around the experiment's own.
    init(_ base: Experiment, varying setting: VariedSetting) {
        self.base = base
        self.setting = setting
        lengthPath = base.lengthPath
        runners = []
        let values = setting.values(Self.most, around: base)
        runners = values.compactMap { runner($0) }
        selected = runners.firstIndex { $0.value == setting.value(in: base) } ?? 0
    }

    /// The experiment's own variants, and where there is room the experiment as written.
    init(comparing session: Session) throws(ExperimentError) {
        base = try session.experiment(ofVariant: nil)
        setting = nil
        lengthPath = base.lengthPath
        var runners: [Runner] = []
        for (index, variant) in base.compare.prefix(Self.most).enumerated() {
            runners.append(
                Runner(
                    title: variant.title, label: variant.title, experiment: try session.experiment(ofVariant: index),
                    action: .variant(index)))
        }
        // A variant may do no more than write out what is the default.
        let isRunner = runners.contains { [base] runner in
            Change.between(base, runner.experiment).parts.isSubset(of: [.words, .view])
        }
        if runners.count < Self.most, !isRunner {
            runners.insert(
                Runner(title: "as written", label: "as written", experiment: base, action: .variant(nil)), at: 0)
        }
        self.runners = runners
    }

    /// Experiments that nothing but their own settings tells apart.
    init(base: Experiment, runners: [Runner]) {
        (self.base, self.runners, setting, lengthPath) = (base, runners, nil, nil)
    }

    private func runner(_ value: JSON) -> Runner? {
        guard let setting, let experiment = try? setting.apply(value, to: base) else { return nil }
        return Runner(
            title: setting.titled(value), label: setting.text(value), experiment: experiment, value: value,
            action: .replace(experiment))
    }

    /// Gives the selected runner the next value that is possible and that no other one has; false: there is none.
    mutating func changeSelected(_ direction: Int) -> Bool {
        guard let setting, var value = runners[selected].value else { return false }
        // A choice goes round; no list is longer.
        for _ in 0..<64 {
            guard let next = setting.next(value, direction), next != runners[selected].value else { return false }
            value = next
            guard !runners.contains(where: { $0.title == setting.titled(next) }), let runner = runner(next) else {
                continue
            }
            runners[selected] = runner
            return true
        }
        return false
    }

    /// One more runner, with the next free value; false: there is none.
    mutating func add() -> Bool {
        guard runners.count < Self.most, let last = runners.last else { return false }
        runners.append(last)
        let before = selected
        selected = runners.count - 1
        if changeSelected(1) || changeSelected(-1) { return true }
        runners.removeLast()
        selected = before
        return false
    }

    mutating func removeSelected() {
        runners.remove(at: selected)
        selected = min(selected, runners.count - 1)
    }

    /// Gives the data of all runners another length; false: there is none.
    mutating func changeLength(_ direction: Int) -> Bool {
        guard let path = lengthPath else { return false }
        func changed(_ experiment: Experiment) -> Experiment? {
            guard let knob = experiment.knob(at: path), let value = experiment.value(at: path),
                let next = KnobWalk.next(after: value, of: knob, direction: direction, optional: false),
                let other = try? experiment.setting(path, to: next)
            else { return nil }
            return (try? other.validate()) == nil ? nil : other
        }
        let others = runners.map { changed($0.experiment) }
        guard let base = changed(base), others.allSatisfy({ $0 != nil }) else { return false }
        self.base = base
        for (index, other) in others.enumerated() {
            runners[index].experiment = other!
            runners[index].action = .replace(other!)
        }
        return true
    }

    /// "lag 200"; nil: the data have no setting of their length.
    var lengthWords: Notice? {
        guard let path = lengthPath, let value = base.value(at: path), let knob = base.knob(at: path) else {
            return nil
        }
        return Notice("\(knob.title) \(KnobWalk.text(value, of: knob, none: ""))")
    }

    mutating func setSeed(_ seed: UInt64) {
        base.seed = seed
        for index in runners.indices where setting?.path != "seed" {
            runners[index].experiment.seed = seed
            // A variant with another seed than the document's is an edit of it.
            runners[index].action = .replace(runners[index].experiment)
        }
    }
}

extension App {
    /// The variants of `compare`, else a menu of what can vary.
    mutating func openRace() {
        guard !experiment.compare.isEmpty else { return chooseRaceSetting() }
        let session = session
        let count = experiment.compare.count
        let notice = count > Race.most ? Notice("the first \(Race.most) of \(plural(count, "variant"))") : nil
        plan("the race", notice: { _ in notice }) { _ throws(ExperimentError) in try Race(comparing: session) }
    }

    mutating func chooseRaceSetting() {
        let experiment = experiment
        let all = VariedSetting.all(of: self)
        plan("the race") { loading in
            let settings = all.filter { !loading.isCancelled && $0.values(2, around: experiment).count > 1 }
            let menu = Menu(
                title: "A race between values of",
                items: settings.map { MenuItem($0.title, detail: $0.text($0.value(in: experiment))) })
            return { app in app.popup = MenuPopup(menu: menu, chosen: { $0.race(between: settings[$1]) }) }
        }
    }

    private mutating func race(between setting: VariedSetting) {
        var base = experiment
        if let race { base.seed = race.base.seed }
        plan("the race") { [base] _ throws(ExperimentError) in
            let race = Race(base, varying: setting)
            guard race.runners.count > 1 else {
                throw ExperimentError(
                    .arguments, place: "", message: "\(setting.title) can have no other value here")
            }
            return race
        }
    }

    var race: Race? { grid?.screen as? Race }

    /// Selects another runner.
    mutating func select(runner: Int) {
        guard var race else { return }
        race.selected = min(max(0, runner), race.runners.count - 1)
        grid?.screen = race
    }

    /// Changes the experiments of the race, which starts again.
    /// - Parameters:
    ///   - notice: the news of the changed race; of nil where nothing has changed.
    ///   - change: false: there is nothing to change.
    mutating func changeRace(
        notice: @escaping @Sendable (Race?) -> Notice? = { _ in nil },
        _ change: @escaping @Sendable (inout Race) -> Bool
    ) {
        guard let race else { return }
        plan("the race", notice: { notice($0 as? Race) }) { _ throws(ExperimentError) in
            var changed = race
            return change(&changed) ? changed : nil
        }
    }

    mutating func openRunner() {
        guard let race else { return }
        let runner = race.runners[race.selected]
        take(runner.action, title: runner.title)
    }

    mutating func changeRunner(_ direction: Int) {
        guard let setting = race?.setting else { return }
        changeRace(notice: { $0 == nil ? Notice("\(setting.title): no other value that way") : nil }) { race in
            race.changeSelected(direction)
        }
    }
}

extension Race {
    static let title = "Race"

    var experiments: [Experiment] { runners.map(\.experiment) }
    var titles: [String] { runners.map(\.title) }

    func requests(in app: App) -> [ViewRequest] { RaceView(app, self).requests }

    func draw(into frame: inout Frame, _ app: App) { RaceView(app, self).draw(into: &frame) }

    func select(_ index: Int, in app: inout App) {
        if index == selected { return app.openRunner() }
        app.select(runner: index)
    }

    /// The lag, delay or length of the data, for all runners.
    private static func length(_ name: String, _ more: String, key: String, _ direction: Int) -> Command {
        Command(
            "race.\(name)", "sequences: \(more) steps, for all runners", hint: "length", keys: [key],
            disabled: { app in
                app.race?.lengthPath == nil ? "the data have no setting of their length" : nil
            }
        ) { app in
            guard let present = app.race else { return }
            app.changeRace(notice: { ($0 ?? present).lengthWords }) { race in race.changeLength(direction) }
        }
    }

    @Sendable private static func needsSetting(_ app: App) -> String? {
        app.race?.setting == nil
            ? "the experiment's own variants race; \(app.label("race.choose")) chooses a setting to vary" : nil
    }

    static let commands: [Command] =
        [
            Command("race.left", "the runner to the left", hint: "select", keys: ["left", "h"]) { app in
                app.select(runner: (app.race?.selected ?? 0) - 1)
            },
            Command("race.right", "the runner to the right", hint: "select", keys: ["right", "l"]) { app in
                app.select(runner: (app.race?.selected ?? 0) + 1)
            },
            Command(
                "race.next", "another value for this runner: the next", hint: "value", keys: ["up", "k"],
                disabled: needsSetting
            ) {
                $0.changeRunner(1)
            },
            Command(
                "race.previous", "another value for this runner: the one before", hint: "value", keys: ["down", "j"],
                disabled: needsSetting
            ) {
                $0.changeRunner(-1)
            },
            Command("race.open", "open this runner as the experiment", hint: "open", keys: ["enter"]) {
                $0.openRunner()
            }.lasting,
            Command(
                "race.add", "one more runner, to four", hint: "add", keys: ["a"],
                disabled: { app in
                    let count = app.race?.runners.count ?? 0
                    return needsSetting(app) ?? (count < Race.most ? nil : "at most \(Race.most) runners")
                }
            ) { app in app.changeRace { race in race.add() } },
            Command(
                "race.remove", "without this runner", hint: "remove", keys: ["x", "del"],
                disabled: { ($0.race?.runners.count ?? 0) > 2 ? nil : "a race needs two runners" }
            ) { app in
                app.changeRace { race in
                    race.removeSelected()
                    return true
                }
            },
            Command("race.choose", "choose the setting that varies", hint: "choose", keys: ["c"]) {
                $0.chooseRaceSetting()
            },
            Command(
                "race.lags", "why they forget: the gradients at the states by lag; again: the losses",
                hint: "gradients by lag", keys: ["w"],
                disabled: { app in
                    (app.grid?.news.members ?? []).contains { !$0.snapshot.outline.recurrentPaths.isEmpty }
                        ? nil : "no network has a recurrent layer"
                }
            ) { $0.plots.racesLags.toggle() },
            length("shorter", "less", key: "[", -1), length("longer", "more", key: "]", 1),
            Command(
                "race.set", "the losses of the training samples; again: of the test samples", hint: "training",
                keys: ["t"],
                disabled: { app in
                    // Before the first news nobody knows.
                    app.grid?.news.number == 0 || app.canRaceTraining
                        ? nil : "not all runners have losses of test samples"
                }
            ) { $0.plots.racesTraining.toggle() }.saying { $0.plots.racesTraining ? "test" : nil },
            Command("race.log", "linear or logarithmic loss", hint: "log", keys: ["g"]) { app in
                app.changeView { $0.logLoss.toggle() }
            },
            Command(
                "race.newWeights", "start all again with new weights (the next seed)", keys: ["n"],
                disabled: { $0.race?.setting?.path == "seed" ? "the seed is what varies here" : nil }
            ) { app in
                app.changeRace(notice: { $0.map { Notice("new weights, seed \($0.base.seed)") } }) { race in
                    race.setSeed((race.base.seed &+ 1) & 0x1F_FFFF_FFFF_FFFF)
                    return true
                }
            },
        ] + sharedCommands(of: "race")
}

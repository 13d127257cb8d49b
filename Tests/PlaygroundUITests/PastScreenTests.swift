import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Back in time, on the screen")
struct PastScreenTests {
    /// The standard experiment after so many epochs, with the loss panel in front.
    private func app(epochs: Int, _ change: (Trainer) throws -> Void = { _ in }) throws -> (App, Trainer) {
        let trainer = try Trainer(.standard)
        trainer.keepMoments()
        trainer.play()
        for _ in 0..<epochs { _ = trainer.epoch() }
        try change(trainer)
        var app = App(experiment: .standard)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: Self.snapshot(trainer), picture: nil, failure: nil)
        app.show(.loss)
        return (app, trainer)
    }

    private static func snapshot(_ trainer: Trainer) -> Snapshot {
        trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
    }

    private func press(_ keys: String..., in app: inout App) throws {
        for key in keys { app.handle(.key(try #require(Key(key)))) }
    }

    /// Carries the commands out as the trainer's thread does.
    private func answer(_ app: inout App, _ trainer: Trainer) throws {
        for effect in app.takeOutbox() {
            switch effect {
            case .trainer(.goBack(let epoch)):
                try trainer.goBack(to: epoch, stepsPerSecond: 1e9)
                while let past = trainer.past, !past.isThere { past.advance(steps: 1000) }
            case .trainer(.leavePast): trainer.past = nil
            case .trainer(.goOnFromPast): trainer.goOnFromPast()
            case .trainer(.play): trainer.play()
            case .trainer(.pause): trainer.pause()
            default: break
            }
        }
        let now = Self.snapshot(trainer)
        app.receive(
            snapshot: now, picture: nil, failure: nil, past: trainer.pastSnapshot(revision: 1, now: now))
    }

    @Test("← goes one column back, ← and → walk, end is the present, which goes on")
    func walks() throws {
        var (app, trainer) = try app(epochs: 200)
        try press("left", in: &app)
        try answer(&app, trainer)
        #expect(app.snapshot?.epoch == 198 && app.newest?.epoch == 200 && !app.playing.isOn)
        try press("left", ",", ",", ".", in: &app)
        try answer(&app, trainer)
        #expect(app.snapshot?.epoch == 195)
        #expect(app.draw().lines.contains { $0.contains("as it was") })
        try press("x", in: &app)
        #expect(app.snapshot?.epoch == 200)
        try press("x", in: &app)
        #expect(app.snapshot?.epoch == 195)
        try press("home", in: &app)
        try answer(&app, trainer)
        #expect(app.snapshot?.epoch == 0)
        try press("end", in: &app)
        try answer(&app, trainer)
        #expect(app.past == nil && app.snapshot?.epoch == 200 && app.playing.isOn && trainer.state == .training)
    }

    @Test("enter goes on from there, with the settings of then, and the curve of before stays as an earlier run")
    func branches() throws {
        var (app, trainer) = try app(epochs: 60) { trainer in
            let other = try Experiment.standard.setting("training.optimizer.sgd.learningRate", to: .number(0.1))
            try trainer.load(other, directory: nil, .withFittingWeights)
            for _ in 0..<40 { _ = trainer.epoch() }
        }
        app.set("training.optimizer.sgd.learningRate", to: .number(0.1))
        _ = app.takeOutbox()
        for _ in 0..<55 { try press("left", in: &app) }
        try answer(&app, trainer)
        #expect(app.snapshot?.epoch == 45)
        try press("enter", in: &app)
        try answer(&app, trainer)
        #expect(app.past == nil && app.snapshot?.epoch == 45 && trainer.history.points.last?.epoch == 45)
        #expect(app.experiment.value(at: "training.optimizer.sgd.learningRate") == .number(0.03))
        #expect(app.earlier.runs.map(\.epoch) == [100])
        #expect(app.earlier.runs.first?.reason == "back to epoch 45")
        try press("L", in: &app)
        #expect(app.draw().lines.contains { $0.contains("back to epoch 45") })
    }

    @Test("an edit leaves the past, and is one of the present run")
    func edits() throws {
        var (app, trainer) = try app(epochs: 30)
        try press("left", in: &app)
        try answer(&app, trainer)
        app.set("training.optimizer.sgd.learningRate", to: .number(0.3))
        #expect(app.past == nil && app.snapshot?.epoch == 30)
    }

    @Test("the run is shown again at the speed that is set, and ends in the present")
    func replays() throws {
        var (app, trainer) = try app(epochs: 100)
        app.changeView { $0.epochsPerSecond = 20 }
        try press("left", "home", "space", in: &app)
        try answer(&app, trainer)
        let hasMoved = app.advancePast(at: app.now + 1)
        #expect(hasMoved)
        try answer(&app, trainer)
        #expect(app.snapshot?.epoch == 20)
        let hasEnded = app.advancePast(at: app.now + 10)
        #expect(hasEnded)
        #expect(app.past == nil && app.snapshot?.epoch == 100)
    }

    @Test("a change by hand is marked on the curves, and the cursor beside it says it")
    func marks() throws {
        var (app, trainer) = try app(epochs: 50) { trainer in
            let other = try Experiment.standard.setting("training.optimizer.sgd.learningRate", to: .number(0.1))
            try trainer.load(other, directory: nil, .withFittingWeights)
            for _ in 0..<50 { _ = trainer.epoch() }
        }
        app.enlarge()
        #expect(app.draw().lines.joined().contains("▾"))
        for _ in 0..<50 { try press("left", in: &app) }
        try answer(&app, trainer)
        #expect(app.draw().lines.joined(separator: "\n").contains("learning rate 0.03 → 0.1"))
    }

    @Test("a running mean smooths, does not begin at 0, and leaves what is not finite alone")
    func smoothing() {
        let values: [Float] = [2, 2, .nan, 2]
        let smooth = HistoryCurve.smoothed(values, by: 0.9)
        #expect(abs(smooth[0] - 2) < 1e-6 && abs(smooth[3] - 2) < 1e-6 && smooth[2].isNaN)
        let step = HistoryCurve.smoothed([0, 1, 1, 1], by: 0.5)
        #expect(step == [0, Float(0.5 / 0.75), Float(0.75 / 0.875), Float(0.875 / 0.9375)])
        #expect(HistoryCurve.smoothed(values, by: 0).first == 2)
    }

    @Test("the curves are written as a table")
    func export() throws {
        var (app, trainer) = try app(epochs: 3)
        try press("C", in: &app)
        try press("enter", in: &app)
        let written = app.takeOutbox().compactMap { effect -> String? in
            if case .write(let text, _) = effect { text } else { nil }
        }
        let lines = try #require(written.first).split(separator: "\n")
        #expect(lines.count == 5 && lines[0].hasPrefix("epoch,step,") && lines[4].hasPrefix("3,75,"))
        #expect(trainer.history.csv == written[0])
    }
}

@Suite("Points drawn by hand")
struct PointDrawingTests {
    private func app(_ experiment: Experiment = .standard) throws -> App {
        var app = App(experiment: experiment)
        app.handle(.resize(width: 120, height: 40))
        try follow(&app)
        app.show(.output)
        return app
    }

    /// A trainer takes the document.
    private func follow(_ app: inout App) throws {
        let trainer = try Trainer(app.experiment)
        app.receive(
            snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
            picture: nil, failure: nil)
    }

    private func press(_ keys: String..., in app: inout App) throws {
        for key in keys { app.handle(.key(try #require(Key(key)))) }
    }

    @Test("a dataset becomes one's own points with the first stroke, and training goes on")
    func begins() throws {
        var app = try app()
        let count = app.newest!.data.trainPoints.count + app.newest!.data.testPoints.count
        try press("P", "right", "enter", in: &app)
        #expect(app.experiment.data.dataset.id == "points" && app.experiment.data.points.count == count + 1)
        let load = app.takeOutbox().contains { effect in
            if case .trainer(.load) = effect { true } else { false }
        }
        #expect(load && app.notice == nil)
        let trainer = try Trainer(.standard)
        for _ in 0..<5 { _ = trainer.epoch() }
        let before = trainer.procedure.parameters
        try trainer.load(app.experiment, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.epoch == 5 && trainer.procedure.parameters == before && trainer.generation == 1)
        #expect(trainer.data.train.count + trainer.data.test.count == count + 1)
        _ = trainer.epoch()
        #expect(trainer.procedure.epoch == 6 && trainer.evaluation?.trainLoss.isFinite == true)
    }

    @Test("a new point trains, all others stay where they are, and undo of the first goes on with the data of before")
    func places() throws {
        var app = try app()
        let trainer = try Trainer(.standard)
        for _ in 0..<3 { _ = trainer.epoch() }
        /// Does what the app has asked of the trainer since the last time.
        func load() throws {
            for effect in app.takeOutbox() {
                guard case .trainer(.load(let experiment, let directory, let continuation)) = effect else { continue }
                try trainer.load(experiment, directory: directory, continuation)
            }
        }
        func rows(_ table: Table) -> [[Float]] {
            table.labels.indices.map { [table.rows[2 * $0], table.rows[2 * $0 + 1], table.labels[$0]] }
        }
        let (train, test) = (rows(trainer.data.trainPoints), rows(trainer.data.testPoints))
        for count in 1...3 {
            // Later strokes are steps of their own.
            for key in ["P", "right", "enter", "P"] {
                app.handle(.key(try #require(Key(key))), at: Double(10 * count))
            }
            try load()
            #expect(trainer.data.train.count == train.count + count && trainer.procedure.epoch == 3)
            #expect(Array(rows(trainer.data.trainPoints).prefix(train.count)) == train)
            #expect(rows(trainer.data.testPoints) == test)
        }
        let written = try Experiment(json: JSON(parsing: app.experiment.json.text()))
        #expect(written.data == app.experiment.data)
        while app.session.canUndo { try press("z", in: &app) }
        try load()
        #expect(app.experiment.data.dataset.id == "circle" && app.notice == nil)
        #expect(trainer.procedure.epoch == 3 && trainer.generation == 1)
        #expect(rows(trainer.data.trainPoints) == train && rows(trainer.data.testPoints) == test)
        _ = trainer.epoch()
        #expect(trainer.procedure.epoch == 4)
    }

    @Test("a drawing whose points are divided by a share keeps its division from the first stroke on")
    func shares() throws {
        let points = (0..<40).map { index -> DrawnPoint in
            let label: DrawnPoint.Label = .text(index % 3 == 0 ? "a" : "b")
            return DrawnPoint(x1: Double(index % 8), x2: Double(index / 8), label: label)
        }
        var experiment = Experiment.standard
        experiment.data = DataDescription(dataset: Choice("points"), points: points)
        var app = try app(experiment)
        let trainer = try Trainer(experiment)
        _ = trainer.epoch()
        let before = trainer.data
        try press("P", "enter", in: &app)
        try trainer.load(app.experiment, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.epoch == 1 && trainer.generation == 1)
        #expect(trainer.data.train.count == before.train.count + 1)
        #expect(trainer.data.testPoints.rows == before.testPoints.rows && trainer.data.classNames == before.classNames)
        #expect(trainer.data.testPoints.labels == before.testPoints.labels)
    }

    @Test("points that are not shown are neither taken nor erased, and another dataset begins again all the same")
    func hidden() throws {
        let points = [
            DrawnPoint(x1: 4, x2: 4, label: .number(-1)), DrawnPoint(x1: -4, x2: 4, label: .number(1)),
            DrawnPoint(x1: 0, x2: 0, label: .number(1), isTest: true),
        ]
        var experiment = Experiment.standard
        experiment.data = DataDescription(dataset: Choice("points"), trainFraction: 1, shuffle: false)
        experiment.data.points = points
        var app = try app(experiment)
        try press("P", "backspace", in: &app)
        #expect(app.experiment.data.points == points)
        app.session.look { $0.showTestData = true }
        try press("backspace", in: &app)
        #expect(app.experiment.data.points == Array(points.prefix(2)))
        let change = Change.between(experiment, .standard)
        #expect(change.startsAgain, "chosen in the menu, the dataset is another one")
    }

    @Test("each tool does what it says, with the keys")
    func tools() throws {
        var app = try app()
        try press("P", "enter", in: &app)
        try follow(&app)
        let first = app.experiment.data.points
        #expect(first.last?.label == app.newest?.data.drawnLabels[0])
        try press("c", "enter", in: &app)
        #expect(app.experiment.data.points.count == first.count + 1)
        #expect(app.experiment.data.points.last?.label == app.newest?.data.drawnLabels[1])
        try press("t", "enter", in: &app)
        #expect(app.experiment.data.points.count == first.count + 4)
        let sprayed = app.experiment.data.points
        try press("t", "enter", "right", "right", "enter", in: &app)
        #expect(app.experiment.data.points.count == sprayed.count && app.experiment.data.points != sprayed)
        let dragged = app.experiment.data.points
        try press("right", in: &app)
        #expect(app.experiment.data.points == dragged, "it was let go of")
        try press("left", "t", "enter", in: &app)
        #expect(app.experiment.data.points.count < dragged.count)
        try press("esc", in: &app)
        #expect(app.plots.pen == nil)
        try press("z", in: &app)
        #expect(app.experiment.data.points.count != dragged.count || app.experiment != .standard)
    }

    @Test(
        "the title names a class where the tool means one alone, and marked test points are none of the part that trains"
    )
    func words() throws {
        let points = [
            DrawnPoint(x1: 0, x2: 0, label: .text("a")), DrawnPoint(x1: 3, x2: 0, label: .text("b")),
            DrawnPoint(x1: 4, x2: 4, label: .text("b"), isTest: true),
        ]
        var experiment = Experiment.standard
        experiment.data = experiment.data.drawn(points)
        var app = try app(experiment)
        #expect(app.draw().lines.contains { $0.contains("unmarked train") && $0.contains("100 %") })
        try press("P", in: &app)
        var words = [try #require(app.plotContext).penWords]
        for _ in 0..<3 {
            try press("t", in: &app)
            words.append(try #require(app.plotContext).penWords)
        }
        #expect(words == ["put class a", "spray class a", "drag points", "erase points"])
        experiment.data = experiment.data.drawn(Array(points.prefix(2)))
        #expect(try !self.app(experiment).draw().lines.contains { $0.contains("unmarked train") })
    }

    @Test("the last point of a class stays, so that the task does")
    func lastPoint() throws {
        let points = [
            DrawnPoint(x1: 0, x2: 0, label: .text("a")), DrawnPoint(x1: 0.1, x2: 0, label: .text("b")),
            DrawnPoint(x1: 4, x2: 4, label: .text("b")),
        ]
        var experiment = Experiment.standard
        experiment.data = experiment.data.drawn(points)
        var app = try app(experiment)
        try press("P", "backspace", in: &app)
        #expect(app.experiment.data.points.map(\.label) == [.text("a"), .text("b")])
        #expect(app.experiment.data.points.map(\.x1) == [0, 4])
    }

    @Test("with the mouse a stroke puts, drags and erases")
    func mouse() throws {
        var app = try app()
        try press("P", in: &app)
        let area = try #require(app.layout.area(.output)).rect
        let (x, y) = (area.x + area.width / 2, area.y + area.height / 2)
        let count = app.newest!.data.trainPoints.count + app.newest!.data.testPoints.count
        app.handle(.mouse(Mouse(.press, x: x, y: y)))
        app.handle(.mouse(Mouse(.drag, x: x + 3, y: y)))
        app.handle(.mouse(Mouse(.release, x: x + 3, y: y)))
        #expect(app.experiment.data.points.count == count + 2)
        try press("z", in: &app)
        #expect(app.experiment.data.dataset.id == "circle", "one stroke is one step for undo")
    }

    @Test("the points are written as a table that can be opened")
    func table() throws {
        let labels: [DrawnPoint.Label] = [.text("a"), .text("b,c")]
        let points = [
            DrawnPoint(x1: 1, x2: -0.5, label: labels[1]), DrawnPoint(x1: 2, x2: 0, label: labels[0]),
        ]
        #expect(DrawnPoint.csv(points) == "x1,x2,label\n1,-0.5,\"b,c\"\n2,0,a\n")
        #expect(DrawnPoint.inOrder(points, of: labels) == points.reversed())
    }

    @Test("other data have no points to draw", arguments: ["digits-mlp", "catch", "sine-regression"])
    func others(preset: String) throws {
        var app = try app(try ExperimentSource.open(preset).experiment)
        try press("P", in: &app)
        #expect(app.plots.pen == nil)
    }
}

import Datasets
import Engine
import Testing

@testable import Session

@Suite("Games")
struct GameTests {
    static func experiment(_ id: String = "catch", _ settings: [String] = []) throws -> Experiment {
        try Experiment.standard.setting("data.dataset", to: .string(id)).setting(
            assignments: [
                #"layers=[{"dense": {"units": 12, "activation": "relu"}}]"#,
                "training.procedure.qLearning.epochSteps=50", "training.procedure.qLearning.start=40",
            ] + settings)
    }

    @Test("a game brings the procedure that plays, and other data the standard one")
    func switches() throws {
        let game = try Self.experiment()
        #expect(game.training.procedure.id == "qLearning" && game.features.isEmpty)
        let kept = try game.setting("data.dataset", to: .string("snake"))
        #expect(kept.training.procedure == game.training.procedure)
        let plain = try game.setting("data.dataset", to: .string("circle"))
        #expect(plain.training.procedure.id == "supervised")
        #expect(try Experiment(json: JSON(parsing: game.json.text())) == game)
        try kept.validate()
        // The chances of actions have another loss than their worth.
        let written = try game.setting("output.loss", to: .string("huber"))
        let policy = try written.setting("training.procedure", to: .string("reinforce"))
        #expect(policy.output.loss == nil && policy.loss(for: .classification(classes: 3)).id == "softmaxCrossEntropy")
        try policy.validate()
        #expect(try policy.setting("training.procedure", to: .string("qLearning")).output.loss == nil)
    }

    @Test("the chances of two actions have an output each")
    func twoActions() throws {
        let policy = try Self.experiment("cartPole").setting("training.procedure", to: .string("reinforce"))
        let trainer = try Trainer(policy)
        for _ in 0..<400 { _ = trainer.step() }
        #expect(trainer.procedure.outline.layers.last?.output.count == 2)
        #expect(try #require(trainer.evaluate()["policyEntropy"]) > 0)
        let greedy = try #require(trainer.greedyReturns(episodes: 5))
        #expect(greedy.last >= 8 && greedy.episodes == 5)
    }

    @Test("what does not fit a game is refused in its place")
    func refuses() throws {
        func error(_ experiment: Experiment) -> ExperimentError? {
            #expect(throws: ExperimentError.self) { try experiment.validate() }
        }
        var wrong = try Self.experiment()
        wrong.training.procedure = Choice("supervised")
        #expect(error(wrong)?.description.contains("choose qLearning") == true)
        var plain = Experiment.standard
        plain.training.procedure = Choice("qLearning")
        #expect(error(plain)?.place == "training.procedure")
        var split = try Self.experiment()
        split.data.trainFraction = 0.5
        #expect(error(split)?.place == "data.trainFraction")
        var map = try Self.experiment("gridworld")
        map.data.dataset.knobs["map"] = .text("S?G")
        #expect(error(map)?.place == "data.map")
        var features = try Self.experiment()
        features.features = ["x1"]
        #expect(error(features)?.description.contains("value of an observation") == true)
    }

    @Test("a checkpoint goes on exactly, the game and the replay memory with it", arguments: ["catch", "cartPole"])
    func checkpoint(_ id: String) throws {
        let settings = [
            "data.frames=2", "training.procedure.qLearning.priority=0.6", "training.procedure.qLearning.memory=300",
            "training.optimizer=adam",
        ]
        let experiment = try Self.experiment(id, settings)
        let first = try Trainer(experiment)
        for _ in 0..<437 { _ = first.step() }
        let second = try Trainer(experiment)
        for _ in 0..<10 { _ = second.step() }
        let checkpoint = try Checkpoint(first.checkpoint(for: "a").file.bytes, path: "a")
        try second.restore(checkpoint)
        #expect(first.procedure.state == second.procedure.state)
        for trainer in [first, second] { for _ in 0..<300 { _ = trainer.step() } }
        #expect(first.procedure.state == second.procedure.state)
        #expect(first.procedure.measure() == second.procedure.measure())
        // The weights alone are those of the network.
        #expect(try checkpoint.parameters(first.procedure.outline).notes.isEmpty)
        // Another game's steps do not fit.
        let other = try Trainer(Self.experiment(id, ["data.frames=2", "training.procedure.qLearning.memory=90"]))
        #expect(throws: ExperimentError.self) { try other.restore(checkpoint) }
    }

    @Test("describe tells what is seen and what can be done")
    func describe() throws {
        let table = try ExperimentTable(ExperimentSource(name: "", experiment: Self.experiment("cartPole")))
        #expect(table.text.contains("place, speed, angle, turning") && table.text.contains("left, right"))
        #expect(table.json["data"]?["kind"] == .string("environment"))
        #expect(table.json["data"]?["task"] == .string("values"))
        let board = try ExperimentTable(ExperimentSource(name: "", experiment: Self.experiment("breakout")))
        #expect(board.text.contains("4×10×10"))
    }

    @Test("games are swept and raced, with their returns")
    func grids() throws {
        let experiment = try Self.experiment()
        let sweep = try Sweep(
            experiment, directory: nil, vary: ["training.procedure.qLearning.gamma=0.5,0.9"], seeds: 2, epochs: 6)
        let run = try SweepRun(sweep, finished: [:], threads: 2)
        try run.train(isInterrupted: { false }, finished: { (_) throws(ExperimentError) in }, report: { _ in })
        #expect(run.results.count == 4)
        for result in run.results.values { #expect(result.values["episodes"] == 33 && result.values["return"] != nil) }
        let report = SweepReport(sweep, results: run.results)
        #expect(report.groups.count == 2 && report.csv.contains("return") && !report.groups[0].isLowerBetter)
        let grid = try ExperimentGrid([experiment, experiment.setting("seed", to: .number(9))], threads: 2)
        grid.advance(toEpoch: 6)
        #expect(grid.evaluation(of: 0)["episodes"] == 33)
        #expect(grid.parameters(of: 0) != grid.parameters(of: 1))
    }

    @Test("the watched game goes on by as many moves as are asked for, and training's is shown as it stands")
    func watching() throws {
        let trainer = try Trainer(Self.experiment("gridworld"))
        for _ in 0..<120 { _ = trainer.step() }
        func snapshot() -> Snapshot {
            trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        }
        let (one, other) = (PictureMaker(), PictureMaker())
        var request = ViewRequest()
        request.game = GameWatch(player: .network, moves: 5, wantsPlan: true)
        let first = try #require(one.makePicture(snapshot(), request).game)
        #expect(first == other.makePicture(snapshot(), request).game && first.outputs.count == 4)
        #expect(first.episodeReturn == 0 && !first.isOver)
        for _ in 0..<3 {
            request.game?.moves += 1
            _ = one.makePicture(snapshot(), request)
        }
        #expect(one.makePicture(snapshot(), request) == other.makePicture(snapshot(), request))
        let plan = try #require(first.plan)
        #expect(plan.places.count == 28 && plan.places.count { $0 != nil } == plan.places.count { $0?.best != nil })
        request.game?.player = .training
        let live = try #require(one.makePicture(snapshot(), request).game)
        #expect(live.player == .training && live.picture == snapshot().game?.game.picture)
    }
}

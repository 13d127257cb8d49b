import Engine
import Testing

@testable import Session

@Suite("Sweeps")
struct SweepTests {
    let standard = Experiment.standard

    private func values(_ text: String) throws -> [JSON] { try SweepAxis(parsing: text, for: standard).values }

    private func numbers(_ text: String) throws -> [Double] {
        try values(text).map { if case .number(let number) = $0 { number } else { .nan } }
    }

    private func sweep(_ vary: [String], seeds: Int = 1, epochs: Int? = 3, of experiment: Experiment? = nil) throws
        -> Sweep
    {
        try Sweep(experiment ?? standard, directory: nil, vary: vary, seeds: seeds, epochs: epochs)
    }

    private func results(_ sweep: Sweep, finished: [Int: Sweep.Result] = [:], threads: Int = 1) throws
        -> [Int: Sweep.Result]
    {
        let run = try SweepRun(sweep, finished: finished, threads: threads)
        try run.train(isInterrupted: { false }, finished: { (_) throws(ExperimentError) in }, report: { _ in })
        return run.results
    }

    @Test("cells go without the experiment's variants, which need not go with the values")
    func variants() throws {
        let experiment = try Experiment(json: JSON(parsing: ExperimentSettingTests.varied))
        let cells = try sweep([#"layers=["dense"],["dense","dense"]"#], of: experiment).cells
        #expect(cells.map(\.experiment.layers.count) == [1, 2])
        #expect(cells.allSatisfy { $0.experiment.compare.isEmpty })
    }

    // MARK: Axes

    @Test("values are JSON, else texts, and commas within lists and texts divide nothing")
    func lists() throws {
        #expect(try values("layers.0.dense.units=1,2,8") == [.number(1), .number(2), .number(8)])
        #expect(try values("layers.0.dense.activation=tanh,relu") == [.string("tanh"), .string("relu")])
        let layers = try values(#"layers=["dense"],["dense",{"dropout":{"rate":0.1}}],[]"#)
        #expect(layers.count == 3 && layers[2] == .array([]))
        #expect(try values(#"title="a,b\",c",5"#) == [.string(#"a,b",c"#), .string("5")])
        #expect(try values("training.shuffle=true,false") == [.bool(true), .bool(false)])
    }

    @Test("a range has its ends and equal distances or equal factors, and whole numbers where only they fit")
    func ranges() throws {
        #expect(try numbers("data.noise=0..50:6") == [0, 10, 20, 30, 40, 50])
        #expect(try numbers("data.noise=.5..1:3") == [0.5, 0.75, 1])
        #expect(try numbers("training.optimizer.sgd.learningRate=0.001..1:4:log") == [0.001, 0.01, 0.1, 1])
        #expect(try numbers("training.optimizer.sgd.learningRate=1..0.001:3:log") == [1, 0.0316228, 0.001])
        #expect(try numbers("layers.0.dense.units=1..8:8") == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try numbers("layers.0.dense.units=1..16:5:log") == [1, 2, 4, 8, 16])
        #expect(try numbers("layers.0.dense.units=1..3:10") == [1, 2, 3])
    }

    @Test(
        "a mistake in an axis is one in arguments and says what to write",
        arguments: [
            ("units", "KEY=V1,V2"), ("=1,2", "KEY=V1,V2"), ("data.noise=0..50", "LO..HI:N"),
            ("data.noise=0..50:6:lg", "LO..HI:N"), ("data.noise=0..50:1", "2 to 10000"),
            ("data.noise=0..50:6:log", "above 0"), ("data.noise=1..1:3", "two different"), ("data.noise=1,1", "twice"),
            ("data.nois=1,2", "did you mean “noise”"), ("layers.0.dense.units=0,1", "from 1 to 4096"),
            ("layers.0.dense.units=", "whole number"), ("training.rule=rosenblatt", "rule"),
        ])
    func mistakes(text: String, part: String) throws {
        let error = try #require(throws: ExperimentError.self) { try sweep([text]) }
        #expect(error.kind == .arguments)
        #expect(error.description.contains("--vary") && error.description.contains(part), "\(error)")
    }

    @Test("the grid has one cell for each combination and seed, the last axis changing first")
    func grid() throws {
        let grid = try sweep(["layers.0.dense.units=1,2", "data.noise=0,10,20"], seeds: 2)
        #expect(grid.cells.count == 12)
        #expect(grid.cells[3].values == [.number(1), .number(10)] && grid.cells[3].seed == standard.seed + 1)
        #expect(grid.cells[11].experiment.layers[0].knobs["units"] == .integer(2))
        #expect(grid.cells[11].experiment.data.dataset.knobs["noise"] == .real(20))
        #expect(grid.shortKeys == ["units", "noise"])
        #expect(try sweep(["seed=5,9"]).cells.map(\.seed) == [5, 9])
        for vary in [["seed=1,2"], ["data.noise=1,2", "data.noise=3"]] {
            #expect(throws: ExperimentError.self) { try sweep(vary, seeds: 2) }
        }
        #expect(throws: ExperimentError.self) { try sweep(["data.noise=0..50:10000"], seeds: 1000) }
    }

    // MARK: Results

    @Test("every cell is within 1e-5 of what training it alone gives, whatever varies")
    func equalsTrainer() throws {
        let grid = try sweep(
            [
                #"layers=[{"dense":{"units":5}}],[{"dense":{"units":3,"activation":"relu"}},{"dropout":{"rate":0.2}}]"#,
                "training.optimizer=sgd,adam", "data.noise=0,25",
            ], seeds: 2, epochs: 4)
        try expectEqualsTrainer(grid, epochs: 4)
    }

    @Test("so is every cell at rates at which the smallest difference would grow beyond all measure")
    func equalsTrainerInChaos() throws {
        // At the lowest level large products are another library's, with an order of its own.
        guard try Processor.simdLevel() != "baseline" else { return }
        let grid = try sweep(
            ["training.optimizer.sgd.learningRate=1,3", "layers.0.dense.units=3,8", "training.batchSize=1,10,33"],
            seeds: 3, epochs: 4)
        try expectEqualsTrainer(grid, epochs: 4)
    }

    @Test("an axis reaches into blocks, three deep too")
    func blocks() throws {
        let inner = #"{"residual":{"body":[{"dense":{"units":4}}]}}"#
        let block = #"{"residual":{"body":[{"branches":{"stacks":[[\#(inner)]],"join":"sum"}}]}}"#
        let layers = #"[{"dense":{"units":4}},\#(block)]"#
        let experiment = try Experiment(json: JSON(parsing: #"{"data":{"dataset":"circle"},"layers":\#(layers)}"#))
        let path = "layers.1.residual.body.0.branches.stacks.0.0.residual.body.0.dense.activation"
        let grid = try sweep(["\(path)=tanh,sin"], epochs: 2, of: experiment)
        #expect(grid.cells.map { $0.experiment.value(at: path) } == [.string("tanh"), .string("sin")])
        try expectEqualsTrainer(grid, epochs: 2)
    }

    private func expectEqualsTrainer(_ grid: Sweep, epochs: Int) throws {
        let found = try results(grid)
        #expect(found.count == grid.cells.count)
        for (index, cell) in grid.cells.enumerated() {
            let trainer = try Trainer(cell.experiment)
            for _ in 0..<epochs { _ = trainer.epoch() }
            let evaluation = trainer.evaluate()
            let result = try #require(found[index])
            #expect(abs(result.trainLoss! - evaluation.trainLoss) <= 1e-5)
            #expect(abs(result.testLoss! - evaluation.testLoss!) <= 1e-5)
        }
    }

    @Test(
        "a cell ends where its experiment's stop ends a run",
        arguments: [
            #"{"epochs": 7}"#, #"{"steps": 90}"#, #"{"trainLoss": 0.3, "epochs": 200}"#,
            #"{"testLoss": 0.3, "epochs": 200}"#, #"{"patience": 3, "epochs": 200}"#,
        ])
    func stops(_ stop: String) throws {
        var experiment = try standard.setting("training.stop", to: JSON(parsing: stop))
        experiment.training.optimizer = Choice("sgd", ["learningRate": .real(0.1)])
        experiment.training.evaluateEvery = 2
        let grid = try sweep(["layers.0.dense.units=3,4", "data.noise=0,50"], seeds: 3, epochs: nil, of: experiment)
        let found = try results(grid)
        for (index, cell) in grid.cells.enumerated() {
            let trainer = try Trainer(cell.experiment)
            while trainer.epoch() != .ended {}
            #expect(abs(found[index]!.trainLoss! - trainer.evaluation!.trainLoss) <= 1e-5, "\(cell.values)")
        }
    }

    @Test("without epochs and without a stop that ends in any case, a cell ends after 1,000 epochs")
    func standardStop() throws {
        #expect(try sweep(["seed=1"], epochs: nil).cells[0].experiment.training.stop.epochs == 1000)
        let patient = try standard.setting("training.stop.patience", to: .number(5))
        let stop = try sweep(["seed=1"], epochs: nil, of: patient).cells[0].experiment.training.stop
        #expect(stop.epochs == 1000 && stop.patience == 5)
        #expect(try sweep(["seed=1"], epochs: 5, of: patient).cells[0].experiment.training.stop == .init())
    }

    @Test("results are the same on any number of threads, and whatever was finished before")
    func repeatable() throws {
        let grid = try sweep(["layers.0.dense.units=1..6:6", "training.batchSize=10,30"], seeds: 5)
        let one = try results(grid)
        #expect(try results(grid, threads: 3) == one)
        let half = one.filter { $0.key % 3 == 0 }
        #expect(try results(grid, finished: half) == one)
    }

    @Test("a diverged cell says so and has no losses")
    func divergence() throws {
        var experiment = standard
        for index in experiment.layers.indices {
            experiment.layers[index].knobs["activation"] = .choice(Choice("linear"))
        }
        experiment.output.activation = Choice("linear")
        let found = try results(
            sweep(["training.optimizer.sgd.learningRate=0.01,100"], epochs: 20, of: experiment))
        #expect(found[0]?.diverged == false && found[0]?.testLoss != nil)
        #expect(found[1] == Sweep.Result(trainLoss: nil, testLoss: nil, diverged: true))
    }

    @Test("a sweep that is interrupted keeps the cells that are finished, and has told of each")
    func interruption() throws {
        let run = try SweepRun(try sweep(["training.stop.epochs=2,100000000"], epochs: nil), threads: 2)
        var told: [Int] = []
        try run.train(
            isInterrupted: { !run.results.isEmpty },
            finished: { (cells) throws(ExperimentError) in told += cells }, report: { _ in })
        #expect(run.results.keys.sorted() == [0] && told == [0])
        #expect(run.results[0]?.trainLoss != nil)
    }

    @Test("axes that overwrite each other are refused, those that do not are not")
    func overwriting() throws {
        for vary in [
            ["training.optimizer=sgd,adam", "training.optimizer.sgd.learningRate=0.03,0.3"],
            ["layers.0.dense.units=4", #"layers=[{"dense":{"units":3}}],[{"dense":{"units":9}}]"#],
        ] {
            #expect(throws: ExperimentError.self) { try sweep(vary) }
        }
        let grid = try sweep(["training.optimizer=sgd", "training.optimizer.sgd.learningRate=0.1,0.2"])
        #expect(
            grid.cells.map { $0.experiment.value(at: "training.optimizer.sgd.learningRate") } == [
                .number(0.1), .number(0.2),
            ])
    }

    @Test("rivals, which a sweep does not fit, are refused where they vary and where they are alone")
    func rivals() throws {
        for vary in [#"rivals=[],["svm"]"#, "rivals.0.svm.C=1,10", "training.procedure=supervised,fit"] {
            var experiment = standard
            experiment.rivals = [Choice("svm")]
            if vary.hasSuffix("fit") { experiment.layers = [] }
            let error = #expect(throws: ExperimentError.self) { _ = try sweep([vary], of: experiment) }
            #expect(error?.kind == .arguments && error?.message.contains("compare rivals as") == true, "\(vary)")
        }
        var alone = standard
        (alone.rivals, alone.layers, alone.training.procedure) = ([Choice("svm")], [], Choice("fit"))
        let error = #expect(throws: ExperimentError.self) { _ = try sweep(["data.noise=1,2"], of: alone) }
        #expect(error?.message.contains("fit trains rivals alone") == true, "\(error?.message ?? "")")
    }

    @Test("data that is not there is an error of its own")
    func missingData() throws {
        let missing = try standard.setting(
            "data", to: JSON(parsing: #"{"dataset": "csv", "file": "/nowhere/absent.csv"}"#))
        let grid = try sweep(["training.batchSize=1,2"], of: missing)
        let error = try #require(throws: ExperimentError.self) { try SweepRun(grid, threads: 1) }
        #expect(error.kind == .missing)
    }

    // MARK: Reports

    @Test("json has the keys, and the finished cells with nulls for what is not finite")
    func json() throws {
        let grid = try sweep(["training.optimizer=sgd,adam"], seeds: 2)
        let report = SweepReport(
            grid,
            results: [
                0: .init(trainLoss: 0.5, testLoss: 0.25, diverged: false),
                3: .init(trainLoss: nil, testLoss: nil, diverged: true),
            ])
        let expected = #"""
            {"keys":["training.optimizer"],"cells":[{"values":["sgd"],"seed":1,"trainLoss":0.5,"testLoss":0.25,"diverged":false},{"values":["adam"],"seed":2,"trainLoss":null,"testLoss":null,"diverged":true}]}
            """#
        #expect(report.json.text(compact: true) == expected)
        let csv = "training.optimizer,seed,trainLoss,testLoss,diverged\nsgd,1,0.5,0.25,false\nadam,2,,,true"
        #expect(report.csv == csv)
    }

    @Test("values with commas and quotes stay one field of a table")
    func csvQuotes() throws {
        let grid = try sweep([#"layers=[{"dense":{"units":2}}],[]"#])
        let report = SweepReport(grid, results: [0: .init(trainLoss: 1, testLoss: nil, diverged: false)])
        #expect(report.csv.split(separator: "\n")[1] == #""[{""dense"":{""units"":2}}]",1,1.0,,false"#)
    }

    @Test("groups have medians and quartiles of the seeds that did not diverge")
    func groups() throws {
        let grid = try sweep(["layers.0.dense.units=1,2"], seeds: 6)
        var results: [Int: Sweep.Result] = [:]
        for (index, loss) in [4.0, 1, 3, 2, 5].enumerated() {
            results[index] = .init(trainLoss: loss / 2, testLoss: loss, diverged: false)
        }
        results[5] = .init(trainLoss: nil, testLoss: nil, diverged: true)
        let groups = SweepReport(grid, results: results).groups
        #expect(groups.count == 1 && groups[0].cells == 6 && groups[0].diverged == 1)
        #expect(
            groups[0].figure(of: .test)?.lower == 2 && groups[0].figure(of: .test)?.median == 3
                && groups[0].figure(of: .test)?.upper == 4)
        #expect(groups[0].figure(of: .train)?.median == 1.5)
    }

    // MARK: A grid that is watched

    @Test("experiments of different shapes advance together, and each can be read between")
    func experimentGrid() throws {
        var second = standard
        second.layers = [Choice("dense", ["units": .integer(7)])]
        var third = standard
        third.seed += 1
        let grid = try ExperimentGrid([standard, second, third], threads: 2)
        let start = (0..<3).map { grid.evaluation(of: $0).trainLoss }
        for epoch in 1...30 {
            grid.advance(toEpoch: epoch)
            #expect(grid.epoch(of: 1) == epoch)
        }
        grid.evaluate()
        for (index, experiment) in [standard, second, third].enumerated() {
            #expect(grid.evaluation(of: index).trainLoss < start[index] && grid.divergence(of: index) == nil)
            let network = try Network(grid.network(of: index), capacity: 8)
            network.load(parameters: grid.parameters(of: index))
            let trainer = try Trainer(experiment)
            for _ in 0..<30 { _ = trainer.epoch() }
            let alone = try Network(trainer.network, capacity: 8)
            alone.load(parameters: trainer.procedure.parameters)
            let last = grid.outline(of: index).output
            for network in [network, alone] { network.forward([0.5, -0.5], count: 1) }
            let mine = network.value(layer: last, stage: .activation, unit: 0, sample: 0)
            let its = alone.value(layer: last, stage: .activation, unit: 0, sample: 0)
            #expect(abs(mine - its) < 1e-4)
        }
    }
}

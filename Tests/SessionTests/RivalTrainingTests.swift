import Datasets
import Engine
import FoundationEssentials
import Testing

@testable import Session

@Suite("Rivals beside a network, and alone")
struct RivalTrainingTests {
    private func experiment(_ json: String) throws -> Experiment {
        let experiment = try Experiment(json: JSON(parsing: json))
        try experiment.validate()
        return experiment
    }

    private static let two =
        #"{"data":{"dataset":"moons","samples":120},"layers":[{"dense":{"units":4,"name":"code"}}],"#
        + #""rivals":[{"svm":{"C":3}},{"kNN":{"k":3,"on":"code"}},"naiveBayes"]}"#
    private static let alone =
        #"{"data":{"dataset":"moons","samples":120},"layers":[],"rivals":["svm",{"randomForest":{"trees":9}}],"#
        + #""training":{"procedure":"fit"}}"#

    private func path(_ name: String) -> String {
        FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID())-\(name)").path
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return ""
    }

    @Test("a document with rivals reads back as it was written, and its settings are found by key path")
    func document() throws {
        let experiment = try experiment(Self.two)
        #expect(try Experiment(json: experiment.json) == experiment)
        #expect(experiment.value(at: "rivals.0.svm.C") == .number(3))
        let changed = try experiment.setting("rivals.1.kNN.k", to: .number(7))
        #expect(changed.rivals[1].knobs["k"] == .integer(7))
        #expect(experiment.settingPaths.contains("rivals.0.svm.kernel"))
        #expect(Change.between(experiment, changed).parts == [.rivals])
        #expect(!Change.between(experiment, changed).startsAgain)
    }

    @Test("mistakes are told with their place and what to do")
    func mistakes() throws {
        let name = message { _ = try experiment(#"{"data":{"dataset":"moons"},"layers":[],"rivals":["svn"]}"#) }
        #expect(name.contains("svm"))
        let values = message { _ = try experiment(#"{"data":{"dataset":"sine"},"layers":[],"rivals":["svm"]}"#) }
        #expect(values.contains("rivals.0.svm") && values.contains("values"))
        let layer = message {
            _ = try experiment(
                #"{"data":{"dataset":"moons"},"layers":[{"dense":{"name":"code"}}],"rivals":[{"svm":{"on":"cod"}}]}"#)
        }
        #expect(layer.contains("rivals.0.svm.on") && layer.contains("code"))
        let game = message {
            _ = try experiment(
                #"{"data":{"dataset":"snake"},"layers":[],"rivals":["svm"],"training":{"procedure":"qLearning"}}"#)
        }
        #expect(game.contains("rivals.0"))
        let steps = message { _ = try experiment(#"{"data":{"dataset":"recall"},"layers":[],"rivals":["svm"]}"#) }
        #expect(steps.contains("rivals.0"))
        let none = message {
            _ = try experiment(#"{"data":{"dataset":"moons"},"layers":[],"training":{"procedure":"fit"}}"#)
        }
        #expect(none.contains("rivals"))
        let layers = message {
            _ = try experiment(
                #"{"data":{"dataset":"moons"},"layers":["dense"],"rivals":["svm"],"training":{"procedure":"fit"}}"#)
        }
        #expect(layers.contains("layers"))
    }

    @Test("each step of the network is a step of each rival, and a finished one stays as it is")
    func turns() throws {
        let trainer = try Trainer(experiment(Self.two), threads: 1)
        for _ in 0..<10 { _ = trainer.step() }
        #expect(trainer.rivalReports[0].steps == 10)
        #expect(trainer.rivalReports[2].steps == 10)
        for _ in 0..<100 { _ = trainer.epoch() }
        #expect(trainer.rivalReports.allSatisfy { $0.isFinished })
        // Sixty rows were taken in, each in a step.
        #expect(trainer.rivalReports[2].steps == 60)
        let version = trainer.rivalReports[0].version
        _ = trainer.epoch()
        #expect(trainer.rivalReports[0].version == version)
        let evaluation = trainer.evaluate()
        #expect(evaluation["rival1Accuracy"] == trainer.rivalReports[0].testScore)
        #expect(trainer.history["rival3Accuracy"].last! > 0.5)
        // Stepwise or whole they are the same.
        let whole = try Trainer(experiment(Self.two), threads: 2)
        whole.fitRivals()
        for (one, other) in zip(trainer.rivalReports, whole.rivalReports) where one.layer == nil {
            #expect(one.model?.tensors == other.model?.tensors)
        }
    }

    @Test("the rivals do not change the network's bits")
    func bits() throws {
        var without = try experiment(Self.two)
        let with = try Trainer(without, threads: 1)
        without.rivals = []
        let bare = try Trainer(without, threads: 1)
        for _ in 0..<20 {
            _ = with.epoch()
            _ = bare.epoch()
        }
        #expect(with.procedure.parameters == bare.procedure.parameters)
    }

    @Test("describe tells of the rivals, and of no network where they are alone")
    func described() throws {
        let beside = try ExperimentTable(ExperimentSource.open("rivals"))
        for words in ["rivals ", "svm (C ", "optimizer "] { #expect(beside.text.contains(words), "\(words)") }
        #expect(beside.json["rivals"]?.text().contains("randomForest") == true)
        let alone = try ExperimentTable(ExperimentSource.open("svm-kernels"))
        #expect(alone.text.contains("svm (C ") && !alone.text.contains("optimizer") && !alone.text.contains("total"))
        var source = try ExperimentSource.open("rivals")
        source.experiment.rivals = [Choice("kernelRidge")]
        #expect(throws: EngineError.self) { _ = try ExperimentTable(source) }
    }

    @Test("data of one class alone, or of one value, are told")
    func nothingToTell() throws {
        let points = (0..<6).map { "[\($0),1,2.5]" }.joined(separator: ",")
        for (task, words) in [("classification", "one class"), ("regression", "one value, and no R²")] {
            let experiment = try Experiment(
                json: JSON(
                    parsing: #"{"data":{"dataset":"points","task":"\#(task)","points":[\#(points)]},"layers":[]}"#))
            let table = try ExperimentTable(ExperimentSource(name: "", experiment: experiment)).text
            #expect(table.contains("all training and test samples have \(words)"), "\(table)")
        }
        let both = try ExperimentTable(ExperimentSource(name: "", experiment: .standard)).text
        #expect(!both.contains("samples have one"))
    }

    @Test("rivals alone are fitted until all are, and then the run ends; another setting begins it again")
    func alone() throws {
        let experiment = try experiment(Self.alone)
        let trainer = try Trainer(experiment, threads: 1)
        trainer.play()
        var last = Trainer.Progress.stepped
        for _ in 0..<100_000 where last != .ended { last = trainer.advance(steps: 3) }
        #expect(last == .ended)
        #expect(trainer.state == .finished("every rival is fitted"))
        #expect(trainer.rivalReports.allSatisfy { $0.isFinished && $0.testScore! > 0.7 })
        #expect(trainer.procedure.parameters.allSatisfy { $0 == 0 })
        let changed = try experiment.setting("rivals.0.svm.C", to: .number(30))
        try trainer.load(changed, directory: nil, .withFittingWeights)
        #expect(trainer.state == .paused && !trainer.rivalReports[0].isFinished)
        trainer.fitRivals()
        trainer.play()
        #expect(trainer.advance(steps: 1) == .ended)
        trainer.reset()
        #expect(trainer.state == .paused && trainer.rivalReports[0].steps == 0)
    }

    @Test("other rivals come while the network goes on, and other data take those that cannot learn them away")
    func changes() throws {
        let experiment = try experiment(Self.two)
        let trainer = try Trainer(experiment, threads: 1)
        for _ in 0..<5 { _ = trainer.epoch() }
        let (step, points) = (trainer.procedure.step, trainer.history.points.count)
        var changed = experiment
        changed.rivals = [Choice("decisionTree")]
        try trainer.load(changed, directory: nil, .withFittingWeights)
        #expect(trainer.procedure.step == step && trainer.history.points.count == points)
        #expect(trainer.rivalReports.map(\.choice.id) == ["decisionTree"])
        _ = trainer.epoch()
        #expect(trainer.history["rival1Accuracy"].last!.isFinite)
        let values = try experiment.setting("data.dataset", to: .string("sine"))
        #expect(values.rivals.map(\.id) == ["kNN"])
        #expect(try experiment.setting("data.dataset", to: .string("snake")).rivals.isEmpty)
        let alone = try self.experiment(Self.alone).setting("data.dataset", to: .string("sine"))
        #expect(alone.rivals.map(\.id) == ["randomForest"])
    }

    @Test("fitted rivals are saved in double and come back, and a network's file still loads without them")
    func checkpoint() throws {
        let file = path("rivals.safetensors")
        defer { try? FileManager.default.removeItem(atPath: file) }
        let experiment = try experiment(Self.two)
        let trainer = try Trainer(experiment, threads: 1)
        trainer.fitRivals()
        for _ in 0..<10 { _ = trainer.epoch() }
        _ = trainer.evaluate()
        try trainer.checkpoint(for: file).write(to: file)
        let other = try Trainer(experiment, threads: 1)
        #expect(try other.restore(Checkpoint(readingFrom: file)).isEmpty)
        #expect(other.rivalReports[0].isFinished)
        for (one, two) in zip(trainer.rivalReports, other.rivalReports) {
            #expect(one.model?.tensors == two.model?.tensors)
            #expect(one.testScore == two.testScore)
        }
        var bare = experiment
        bare.rivals = []
        #expect(try Trainer(bare, threads: 1).restore(Checkpoint(readingFrom: file)).isEmpty)
    }

    @Test("a file of weights answers with its rivals, without the data")
    func predict() throws {
        let file = path("predict.safetensors")
        let table = path("rows.csv")
        defer { for path in [file, table] { try? FileManager.default.removeItem(atPath: path) } }
        let trainer = try Trainer(experiment(Self.two), threads: 1)
        trainer.fitRivals()
        for _ in 0..<10 { _ = trainer.epoch() }
        _ = trainer.evaluate()
        try trainer.checkpoint(for: file).write(to: file)
        let points = trainer.data.testPoints
        var text = "x1,x2\n"
        for row in 0..<points.count { text += "\(points.rows[2 * row]),\(points.rows[2 * row + 1])\n" }
        try text.write(toFile: table, atomically: true, encoding: .utf8)
        let predictor = try SavedPredictor(ExperimentSource.open(file), weights: file, threads: 1)
        #expect(predictor.rivals == ["svm", "kNN", "naiveBayes"])
        let rows = try predictor.rows(of: table)
        let answers = try predictor.answers(to: rows.inputs)
        for (answer, report) in zip(answers.rivals, trainer.rivalReports) {
            let right = zip(answer.classes, points.labels).count { $0 == Int($1) }
            #expect(abs(Double(right) / Double(points.count) - report.testScore!) < 0.011)
        }
        let fit = try Trainer(experiment(Self.alone), threads: 1)
        try fit.checkpoint(for: file).write(to: file)
        let error = #expect(throws: ExperimentError.self) {
            _ = try SavedPredictor(ExperimentSource.open(file), weights: file, threads: 1)
        }
        #expect(error?.message.contains("no rival is fitted") == true, "\(error?.message ?? "")")
        fit.fitRivals()
        try fit.checkpoint(for: file).write(to: file)
        let first = try SavedPredictor(ExperimentSource.open(file), weights: file, threads: 1)
        #expect(first.rivals == ["randomForest"])
        let own = try first.answers(to: first.rows(of: table).inputs)
        let right = zip(own.classes, points.labels).count { $0 == Int($1) }
        #expect(Double(right) / Double(points.count) > 0.7)
    }

    @Test("the viewer shows every rival's answers, margins and mistakes", arguments: ["moons", "blobs", "sine"])
    func pictures(_ dataset: String) throws {
        let rivals = dataset == "sine" ? #"["kNN","linearRegression"]"# : #"["svm",{"kNN":{"on":"code"}}]"#
        let features = dataset == "sine" ? #""features":["x1"],"# : ""
        let trainer = try Trainer(
            experiment(
                #"{"data":{"dataset":"\#(dataset)","samples":90},\#(features)"layers":[{"dense":{"units":3,"name":"code"}}],"rivals":\#(rivals)}"#
            ), threads: 1)
        trainer.fitRivals()
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var request = ViewRequest()
        request.rivals = ViewRequest.Size(columns: 20, rows: 16)
        let maker = PictureMaker()
        let picture = maker.makePicture(snapshot, request)
        #expect(picture.rivals.count == 2)
        for rival in picture.rivals {
            let rival = try #require(rival)
            #expect(rival.boundary.field.count == (dataset == "sine" ? 20 : 320))
            #expect(rival.mistakes.train.count == (dataset == "sine" ? 0 : trainer.data.trainPoints.count))
        }
        #expect(picture.rivals[0]?.decisions.isEmpty == (dataset != "moons"))
        #expect(picture.rivals[0]?.support.isEmpty == (dataset == "sine"))
        #expect(maker.makePicture(snapshot, request) == picture)
    }
}

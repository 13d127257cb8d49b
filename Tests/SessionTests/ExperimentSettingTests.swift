import Datasets
import Engine
import Testing

@testable import Session

@Suite("Settings by key path")
struct ExperimentSettingTests {
    let standard = Experiment.standard

    @Test("a path into another case replaces the case by the new one with its defaults first")
    func otherCase() throws {
        let adam = try standard.setting("training.optimizer.adam.learningRate", to: .number(0.01))
        #expect(adam.training.optimizer == Choice("adam", ["learningRate": .real(0.01)]))
        let decay = try adam.setting("training.optimizer.adam.beta1", to: .number(0.5))
        #expect(decay.training.optimizer == Choice("adam", ["learningRate": .real(0.01), "beta1": .real(0.5)]))
        let back = try decay.setting("training.optimizer.sgd.learningRate", to: .number(1))
        #expect(back.training.optimizer == Choice("sgd", ["learningRate": .real(1)]))
        #expect(try decay.setting("training.optimizer", to: .string("adam")).training.optimizer == Choice("adam"))
        let slope = try standard.setting("layers.1.dense.activation.leakyReLU.slope", to: .number(0.2))
        #expect(slope.layers[1].knobs["activation"] == .choice(Choice("leakyReLU", ["slope": .real(0.2)])))
        #expect(slope.layers[1].knobs["units"] == standard.layers[1].knobs["units"])
        let dropout = try standard.setting("layers.0.dropout.rate", to: .number(0.2))
        #expect(dropout.layers[0] == Choice("dropout", ["rate": .real(0.2)]))
    }

    @Test("optional settings come with a value and go with null")
    func optional() throws {
        let stop = try standard.setting("training.stop.epochs", to: .number(50))
        #expect(stop.training.stop.epochs == 50)
        #expect(try stop.setting("training.stop.epochs", to: .null) == standard)
        let loss = try standard.setting("output.loss.huber.delta", to: .number(2))
        #expect(loss.output.loss == Choice("huber", ["delta": .real(2)]))
        #expect(try loss.setting("output.loss", to: .null).output.loss == nil)
        #expect(try standard.setting("training.clipNorm", to: .number(2)).training.clipNorm == 2)
        // Recurrent layers have a norm of their own, which 0 takes away.
        let recurrent = try standard.setting(
            assignments: ["data.dataset=recall", "features=[]", #"layers=["lstm"]"#])
        #expect(standard.learning.clipNorm == nil && recurrent.learning.clipNorm == 1)
        let free = try recurrent.setting("training.clipNorm", to: .number(0))
        #expect(free.training.clipNorm == 0 && free.learning.clipNorm == nil)
        #expect(try recurrent.setting("training.clipNorm", to: .number(0.1)).learning.clipNorm == 0.1)
        #expect(try standard.setting("view.epochsPerSecond", to: .null).view.epochsPerSecond == nil)
    }

    @Test("whole lists and objects can be set")
    func whole() throws {
        #expect(
            try standard.setting("layers", to: JSON(parsing: #"["dense", {"dropout": {"rate": 0.1}}]"#)).layers.count
                == 2)
        #expect(try standard.setting("features", to: JSON(parsing: #"["x1"]"#)).features == ["x1"])
        #expect(try standard.setting("features.1", to: .string("x1*x2")).features == ["x1", "x1*x2"])
        #expect(try standard.setting("features.1", to: .string("radius")).features == ["x1", "sqrt(x1^2+x2^2)"])
        let stop = try standard.setting("training.stop", to: JSON(parsing: #"{"epochs": 3}"#))
        #expect(stop.training.stop.epochs == 3)
        let points = try standard.setting("data", to: JSON(parsing: #"{"dataset": "points", "points": [[1, 2, 0]]}"#))
        #expect(points.data.points.count == 1)
        let csv = try standard.setting("data", to: JSON(parsing: #"{"dataset": "csv", "file": "a.csv"}"#))
        #expect(try csv.setting("data.columns", to: JSON(parsing: #"["a"]"#)).data.columns == ["a"])
    }

    @Test("a setting changed in place is the changed document read anew", arguments: Preset.all.map(\.name))
    func inPlace(name: String) throws {
        let preset = try #require(Preset.all.first(where: { $0.name == name }))
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        let lists = ["features", "layers", "compare", "hide", "data", "training", "output", "view", "initial"]
        for path in experiment.settingPaths + lists {
            guard let value = experiment.value(at: path) else { continue }
            let changed = try experiment.setting(path, to: value)
            #expect(try Experiment(json: changed.json) == changed, "\(path)")
            #expect(changed.value(at: path) == value, "\(path)")
            guard let knob = experiment.knob(at: path) else { continue }
            let initial = try experiment.setting(path, to: knob.defaultValue.json(kind: knob.kind))
            #expect(try Experiment(json: initial.json) == initial, "\(path)")
        }
    }

    @Test("another dataset keeps the settings that it shares, and the features where they fit")
    func dataset() throws {
        let noisy = try standard.setting("data.noise", to: .number(20))
        let xor = try noisy.setting("data.dataset", to: .string("xor"))
        #expect(xor.data.dataset == Choice("xor", noisy.data.dataset.knobs))
        #expect(xor.features == ["x1", "x2"])
        let sine = try noisy.setting("data.dataset", to: .string("sine"))
        #expect(sine.features == ["x1"])
        let table = try noisy.setting("data.dataset", to: .string("xorTable"))
        #expect(table.data.dataset == Choice("xorTable"))
        try sine.validate()
        try table.validate()
    }

    @Test(
        "a path that leads nowhere says where it ends",
        arguments: [
            ("layers.0.relu.slope", "layers.0", "there is no layer “relu”"),
            ("layers.2.dense.units", "layers.2", "it has 2, 0 to 1"),
            ("layers.x", "layers.x", "it has 2, 0 to 1"),
            ("layers.0.dense.unit", "layers.0.dense.unit", "did you mean “units”?"),
            ("trainin.batchSize", "trainin", "did you mean “training”?"),
            ("training.batchsize", "training.batchsize", "did you mean “batchSize”?"),
            ("training.batchSize.x", "training.batchSize.x", "is a single value"),
            ("training.optimizer.adan.beta1", "training.optimizer", "did you mean “adam”?"),
            ("data.file", "data.file", "the dataset circle has no setting “file”"),
            ("data.dataset", "data.dataset", "found 1"),
            ("training.batchSize", "", ""),
            ("", "", "has no key"),
            ("layers.0.dense", "layers.0.dense", "expected an object"),
        ])
    func nowhere(path: String, place: String, message: String) throws {
        if path == "training.batchSize" {
            #expect(try standard.setting(path, to: .number(1)).training.batchSize == 1)
            return
        }
        let error = #expect(throws: ExperimentError.self) { try standard.setting(path, to: .number(1)) }
        if !place.isEmpty { #expect(error?.place == place) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    /// A residual block in the second of two branches, and the key path of its body.
    private static let nested = #"""
        {"data":{"dataset":"circle"},"layers":["dense",{"branches":{"stacks":[[],[{"residual":{"body":["dense",
        {"dense":{"units":5,"activation":{"leakyReLU":{"slope":0.2}}}}]}}]]}}]}
        """#
    private let body = "layers.1.branches.stacks.1.0.residual.body"

    @Test("a path into blocks gives what stands there, and its knob")
    func insideBlocks() throws {
        let experiment = try Experiment(json: JSON(parsing: Self.nested))
        #expect(experiment.value(at: "\(body).1.dense.units") == .number(5))
        #expect(experiment.value(at: "\(body).1.dense.activation.leakyReLU.slope") == .number(0.2))
        #expect(experiment.value(at: "\(body).0.dense.units") == .number(4))
        #expect(experiment.value(at: "\(body).0.dense") == .object([]))
        #expect(experiment.value(at: "\(body).0") == .string("dense"))
        #expect(experiment.value(at: "layers.1.branches.stacks.0") == .array([]))
        #expect(experiment.value(at: "layers.1.branches.join") == .string("concatenate"))
        #expect(experiment.knob(at: "\(body).1.dense.units")?.name == "units")
        for path in [
            "\(body).2", "\(body).x", "\(body).0.dropout", "layers.1.branches.stacks.2", "layers.2",
            "layers.1.residual",
        ] {
            #expect(experiment.value(at: path) == nil, "\(path)")
        }
        for path in experiment.settingPaths where path.hasPrefix("layers") {
            #expect(experiment.knob(at: path) != nil && experiment.value(at: path) != nil, "\(path)")
        }
    }

    @Test("a path into blocks changes what stands there and nothing else")
    func changedInsideBlocks() throws {
        let experiment = try Experiment(json: JSON(parsing: Self.nested))
        let wide = try experiment.setting("\(body).1.dense.units", to: .number(6))
        #expect(wide.value(at: "\(body).1.dense.units") == .number(6))
        #expect(try wide.setting("\(body).1.dense.units", to: .number(5)) == experiment)
        let other = try experiment.setting("\(body).0.dropout.rate", to: .number(0.2))
        #expect(try other.value(at: "\(body).0") == JSON(parsing: #"{"dropout":{"rate":0.2}}"#))
        #expect(other.value(at: "\(body).1") == experiment.value(at: "\(body).1"))
        #expect(try experiment.setting("\(body).0.dense", to: .object([])) == experiment)
        let short = try experiment.setting(body, to: .array([.string("batchNorm")]))
        #expect(short.value(at: body) == .array([.string("batchNorm")]))
    }

    @Test(
        "a path that names another kind than the block's replaces no block with its layers", arguments: ["", ".units"])
    func keepsBlocks(rest: String) throws {
        let experiment = try Experiment(json: JSON(parsing: Self.nested))
        for block in ["layers.1", "layers.1.branches.stacks.1.0"] {
            let value: JSON = rest.isEmpty ? .object([]) : .number(3)
            let error = #expect(throws: ExperimentError.self) {
                try experiment.setting("\(block).dense\(rest)", to: value)
            }
            #expect(error?.place == "\(block).dense" && error?.message.contains("would be lost") == true)
            let replaced = try experiment.setting(block, to: .string("dense"))
            #expect(replaced.value(at: block) == .string("dense"))
        }
    }

    @Test(
        "a path into blocks that leads nowhere says where it ends, and a value that does not fit where it was to stand",
        arguments: [
            (".2", ".2", "it has 2, 0 to 1"), (".x.dense", ".x", "it has 2, 0 to 1"),
            (".1.relu.slope", ".1", "there is no layer “relu”"),
            (".1.dense.unit", ".1.dense.unit", "did you mean “units”?"),
            (".1.dense.units", ".1.dense.units", "found 0"),
            (".1.dense.units.x", ".1.dense.units.x", "is a single value"),
            (".1.dense.activation.relu", ".1.dense.activation.relu", "expected an object"),
            (".1.dense", ".1.dense", "expected an object"), (".1", ".1", "found 0"), ("", "", "found 0"),
        ])
    func nowhereInBlocks(path: String, place: String, message: String) throws {
        let experiment = try Experiment(json: JSON(parsing: Self.nested))
        let error = #expect(throws: ExperimentError.self) { try experiment.setting(body + path, to: .number(0)) }
        #expect(error?.place == body + place)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        let empty = #expect(throws: ExperimentError.self) {
            try experiment.setting("layers.1.branches.stacks.0.0", to: .string("dense"))
        }
        #expect(empty?.place == "layers.1.branches.stacks.0.0" && empty?.message.hasSuffix("; it is empty") == true)
    }

    @Test("blocks nested as deep as a network may be are written and read again")
    func deepestBlocks() throws {
        var layer = #"{"dense":{"units":2,"activation":{"leakyReLU":{"slope":0.2}}}}"#
        for _ in 0..<NetworkDescription.deepestBlock { layer = #"{"branches":{"stacks":[[\#(layer)]]}}"# }
        let text = #"{"data":{"dataset":"circle"},"layers":[\#(layer)]}"#
        let experiment = try Experiment(json: JSON(parsing: text))
        try experiment.validate()
        #expect(try Experiment(json: JSON(parsing: experiment.json.text())) == experiment)
    }

    @Test("values are there with their defaults; never and unknown are nil")
    func values() throws {
        #expect(standard.value(at: "training.batchSize") == .number(10))
        #expect(standard.value(at: "training.optimizer.sgd.learningRate") == .number(0.03))
        #expect(standard.value(at: "layers.1.dense.units") == .number(2))
        #expect(standard.value(at: "layers.1.dense.initializer") == .string("playground"))
        #expect(standard.value(at: "layers.1.dense.initializer.normal.deviation") == nil)
        #expect(standard.value(at: "training.optimizer.adam.beta1") == nil)
        #expect(standard.value(at: "training.stop.epochs") == nil)
        #expect(standard.value(at: "data.dataset") == .string("circle"))
        #expect(standard.value(at: "data.trainFraction") == .number(0.5))
        #expect(standard.value(at: "features.1") == .string("x2"))
        #expect(standard.value(at: "features.2") == nil)
        #expect(standard.value(at: "nothing.at.all") == nil)
        let plain = try experiment(
            #"{"data": {"dataset": "circle"}, "layers": ["dense"], "training": {"optimizer": "adam"}}"#)
        #expect(plain.value(at: "data.samples") == .number(500))
        #expect(plain.value(at: "layers.0.dense.units") == .number(4))
        #expect(plain.value(at: "training.optimizer.adam.beta2") == .number(0.999))
        #expect(plain.value(at: "training.schedule.constant.warmupSteps") == .number(0))
    }

    @Test("knobs are found along every path, and each fits the screen")
    func knobs() throws {
        #expect(standard.knob(at: "training.optimizer.adam.beta1")?.defaultValue == .real(0.9))
        #expect(standard.knob(at: "training.batchSize")?.defaultValue == .integer(10))
        #expect(standard.knob(at: "training.stop.patience")?.kind == .integer(1...1_000_000_000))
        #expect(standard.knob(at: "layers.0")?.kind == .choice(.layer))
        #expect(standard.knob(at: "layers.0.dense.activation.prelu.slope")?.name == "slope")
        #expect(standard.knob(at: "data.noise")?.name == "noise")
        #expect(standard.knob(at: "data.file") == nil)
        #expect(standard.knob(at: "training.rul") == nil)
        var titles: [(String, String, String)] = []
        func visit(_ fields: [DocumentField]) {
            for field in fields {
                titles.append((field.name, field.title, field.summary))
                if case .object(let inner) = field.form { visit(inner) }
            }
        }
        visit(ExperimentDocument.root)
        for dataset in Datasets.all { visit(ExperimentDocument.dataFields(dataset)) }
        for (name, title, summary) in titles {
            #expect(title.count <= 16, "\(name)")
            #expect(summary.last == ".", "\(name)")
        }
    }

    @Test("assignments take JSON, else a string")
    func assignments() throws {
        let changed = try standard.setting(assignments: [
            "data.noise=20", "title=A = b", "story=5", "training.shuffle=true", #"layers=["dense"]"#,
        ])
        #expect(changed.value(at: "data.noise") == .number(20))
        #expect(changed.title == "A = b")
        #expect(changed.story == "5")
        #expect(changed.training.shuffle)
        #expect(changed.layers == [Choice("dense")])
        let error = #expect(throws: ExperimentError.self) { try standard.setting(assignments: ["data.noise"]) }
        #expect(error?.kind == .arguments)
        #expect(error?.message.contains("KEY=VALUE") == true)
    }

    @Test("where a variant alone does not go with a setting, it is said which, and how to leave the variants out")
    func variantInTheWay() throws {
        let experiment = try Experiment(json: JSON(parsing: Self.varied))
        let shallow = #"layers=["dense"]"#
        let error = #expect(throws: ExperimentError.self) { try experiment.setting(assignments: [shallow]) }
        #expect(error?.place == "--set: compare.0.set: layers.1" && error?.kind == .arguments)
        #expect(error?.message.hasPrefix("in the variant “Wide”: “layers” has no element “1”") == true)
        #expect(error?.message.hasSuffix("; --set 'compare=[]' leaves the variants out") == true)
        let alone = try experiment.setting(assignments: [shallow, "compare=[]"])
        #expect(alone.layers.count == 1 && alone.compare.isEmpty)
        // A mistake of the experiment's own is not one of its variants.
        let own = #expect(throws: ExperimentError.self) { try experiment.setting(assignments: ["features=[\"q\"]"]) }
        #expect(own?.place.contains("features") == true && own?.message.contains("variant") == false)
        let step = #"{"text": "a", "start": {"experiment": \#(Self.varied), "set": {"layers": ["dense"]}}}"#
        let lesson = #expect(throws: ExperimentError.self) {
            try Lesson(parsing: #"{"title": "A", "steps": [\#(step)]}"#, name: "a.json")
        }
        #expect(lesson?.message.hasSuffix(#"; "compare": [] leaves the variants out"#) == true)
    }

    /// Two layers, and a variant that changes the second.
    static let varied = #"""
        {"data": {"dataset": "circle"}, "layers": ["dense", "dense"],
         "compare": [{"title": "Wide", "set": {"layers.1.dense.units": 9}}, {"title": "Fast", "set": {"seed": 5}}]}
        """#

    @Test("a lesson hides a path, what is below it, and settings by their last key")
    func hiding() {
        var lesson = standard
        lesson.hide = ["training.stop", "learningRate"]
        #expect(lesson.hides("training.stop.epochs"))
        #expect(lesson.hides("training.optimizer.adam.learningRate"))
        #expect(!lesson.hides("training.batchSize"))
    }
}

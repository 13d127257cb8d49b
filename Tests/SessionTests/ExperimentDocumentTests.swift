import Datasets
import Engine
import Testing

@testable import Session

/// The example that the documentation shows.
let documentedExample = """
    {
      "title": "Two spirals", "story": "Why depth and width matter.",
      "data": {"dataset": "spiral", "samples": 500, "noise": 0, "trainFraction": 0.5, "seed": 1},
      "features": ["x1", "x2", "sin(x1)"],
      "layers": [
        {"dense": {"units": 8, "activation": "relu", "initializer": "heUniform"}},
        {"dense": {"units": 8, "activation": "tanh"}}
      ],
      "output": {"activation": "tanh", "loss": "squaredError"},
      "training": {"optimizer": {"sgd": {"learningRate": 0.03}}, "schedule": {"constant": {}},
                   "batchSize": 10, "shuffle": false, "regularization": {"l2": 0.001},
                   "stop": {"epochs": 2000, "testLoss": 0.01}},
      "seed": 7
    }
    """

func experiment(_ text: String) throws -> Experiment { try Experiment(json: JSON(parsing: text)) }

@Suite("The experiment document")
struct ExperimentDocumentTests {
    @Test("the documented example means what it says")
    func example() throws {
        let example = try experiment(documentedExample)
        #expect(example.title == "Two spirals")
        #expect(example.data.dataset == Choice("spiral", ["samples": .integer(500), "noise": .real(0)]))
        #expect(example.data.trainFraction == 0.5)
        #expect(example.features == ["x1", "x2", "sin(x1)"])
        #expect(example.layers[0].knobs["units"] == .integer(8))
        #expect(example.layers[0].knobs["initializer"] == .choice(Choice("heUniform")))
        #expect(example.output.loss == Choice("squaredError"))
        #expect(example.training.l2 == 0.001)
        #expect(example.training.stop == Experiment.Stop(epochs: 2000, testLoss: 0.01))
        #expect(example.seed == 7)
        #expect(example.version == 1)
        try example.validate()
        #expect(try Experiment(json: example.json) == example)
    }

    @Test("every field but data and layers has a default, and defaults are not written")
    func defaults() throws {
        let text = #"{"data":{"dataset":"circle"},"layers":[]}"#
        let plain = try experiment(text)
        #expect(plain.json.text(compact: true) == text)
        #expect(plain.training == Experiment.Training())
        #expect(plain.training.lastBatch == .short)
        #expect(plain.training.evaluateEvery == 1)
        #expect(plain.loss(for: .regression) == Choice("squaredError"))
        #expect(plain.loss(for: .classification(classes: 2)) == Choice("squaredError"))
        #expect(plain.loss(for: .classification(classes: 3)) == Choice("softmaxCrossEntropy"))
    }

    @Test("features may be called as the screen calls them; what is kept and written are their formulas")
    func featureNames() throws {
        for (formula, title) in offeredFeatures(columns: ["x1", "x2"]) {
            let named = try experiment(#"{"data": {"dataset": "circle"}, "layers": [], "features": ["\#(title)"]}"#)
            #expect(named.features == [formula])
            try named.validate()
            #expect(named.json["features"] == .array([.string(formula)]))
        }
        // A file's columns have names of their own.
        let file = #"{"data": {"dataset": "csv", "file": "a.csv"}, "layers": [], "features": ["radius"]}"#
        #expect(try experiment(file).features == ["radius"])
    }

    @Test("a document with every key comes back as it was")
    func everything() throws {
        let text = """
            {"title":"t","story":"s","data":{"dataset":"csv","file":"points.csv","label":"class","columns":["a","b"],\
            "standardize":false,"trainFraction":0.8,"seed":9007199254740992,"shuffle":false,"task":"classification"},\
            "features":["a","a*b"],"layers":[{"dense":{"units":3,"activation":{"leakyReLU":{"slope":0.1}}}},\
            {"dropout":{"rate":0.25}},"dense"],"output":{"activation":"softmax","initializer":"zeros",\
            "loss":"softmaxCrossEntropy"},"training":{"optimizer":{"adam":{"learningRate":0.01,"beta1":0.8}},\
            "schedule":{"cosine":{"warmupSteps":10}},"batchSize":32,"lastBatch":"drop","shuffle":true,\
            "evaluateEvery":5,"clipNorm":1,"regularization":{"l1":0.001,"l2":0.01},"stop":{"epochs":10,"steps":20,\
            "trainLoss":0.1,"testLoss":0.2,"patience":3}},"seed":4,"view":{"panel":"hidden","layer":1,\
            "stage":"preActivation","units":[0,2],"pca":true,"neuron":[0,1],"columns":[1,0],"discretize":true,\
            "showTestData":true,"logLoss":true,"epochsPerSecond":null},"hide":["play","training.batchSize"],\
            "compare":[{"title":"v","set":{"seed":5,"training.optimizer":"sgd"}}]}
            """
        let full = try experiment(text)
        let written = full.json.text(compact: true)
        #expect(try experiment(written) == full)
        for key in ["csv", "leakyReLU", "dropout", "cosine", "clipNorm", "patience", "hidden", "compare"] {
            #expect(written.contains(key))
        }
        #expect(full.view.epochsPerSecond == nil)
        #expect(full.data.seed == 1 << 53)
        #expect(full.compare[0].set.map(\.key) == ["seed", "training.optimizer"])
    }

    @Test("drawn points are rows of two numbers and a label")
    func points() throws {
        let text = #"{"data":{"dataset":"points","points":[[1,2,"a"],[-1.5,0,"b"],[0,0,1]]},"layers":[]}"#
        let drawn = try experiment(text)
        #expect(drawn.data.points[1] == DrawnPoint(x1: -1.5, x2: 0, label: .text("b")))
        #expect(drawn.data.points[2].label == .number(1))
        #expect(drawn.json.text(compact: true) == text)
    }

    @Test("a whole number may be written 10.0")
    func wholeNumbers() throws {
        let text = #"{"data":{"dataset":"circle","samples":200.0},"layers":[],"training":{"batchSize":10.0}}"#
        #expect(try experiment(text).training.batchSize == 10)
    }

    /// A text that is put into a sound document, the place of the mistake, and part of its message.
    @Test(
        "a mistake names its key path, what was expected and the nearest valid choice",
        arguments: [
            (#""traning": {}"#, "traning", "did you mean “training”?"),
            (#""training": {"optimiser": "sgd"}"#, "training.optimiser", "did you mean “optimizer”?"),
            (
                #""training": {"optimizer": "adan"}"#, "training.optimizer",
                "there is no optimizer “adan”; did you mean “adam”?"
            ),
            (
                #""training": {"optimizer": {"adam": {"beta3": 1}}}"#, "training.optimizer.adam.beta3",
                "adam has no setting “beta3”; did you mean “beta1”?"
            ),
            (
                #""training": {"optimizer": {"adam": {"beta1": 2}}}"#, "training.optimizer.adam.beta1",
                "expected a number from 0 to 0.9999, found 2; the nearest is 0.9999"
            ),
            (
                #""training": {"optimizer": {"adam": {}, "sgd": {}}}"#, "training.optimizer",
                "found an object with 2 keys"
            ),
            (#""training": {"optimizer": {"adam": 1}}"#, "training.optimizer.adam", "expected an object with settings"),
            (#""training": {"optimizer": 5}"#, "training.optimizer", "expected the name of one optimizer"),
            (#""training": {"batchSize": 10.5}"#, "training.batchSize", "expected a whole number"),
            (#""training": {"batchSize": 0}"#, "training.batchSize", "the nearest is 1"),
            (#""training": {"batchSize": "10"}"#, "training.batchSize", "found “10”"),
            (#""training": {"shuffle": 1}"#, "training.shuffle", "expected true or false, found 1"),
            (#""training": {"rule": "rosenblat"}"#, "training.rule", "did you mean “rosenblatt”?"),
            (#""training": {"stop": {"epoch": 1}}"#, "training.stop.epoch", "did you mean “epochs”?"),
            (#""training": []"#, "training", "expected an object, found a list"),
            (#""features": "x1""#, "features", "expected a list"),
            (#""features": [1]"#, "features.0", "expected a text, found 1"),
            (#""layers": ["dens"]"#, "layers.0", "did you mean “dense”?"),
            (
                #""layers": ["dense", {"dense": {"units": 0}}]"#, "layers.1.dense.units",
                "expected a whole number from 1"
            ),
            (#""layers": [{"dense": {"activation": "tahn"}}]"#, "layers.0.dense.activation", "did you mean “tanh”?"),
            (
                #""layers": [{"conv2d": {"padding": -1}}]"#, "layers.0.conv2d.padding",
                "expected same or a whole number from 0 to 15, found -1; the nearest is 0"
            ),
            (#""layers": [{"conv2d": {"padding": "sane"}}]"#, "layers.0.conv2d.padding", "did you mean “same”?"),
            (
                #""layers": [{"dense": {"activation": {"tanh": {"slope": 1}}}}]"#,
                "layers.0.dense.activation.tanh.slope", "tanh has no settings"
            ),
            (#""data": {"dataset": "cirle"}"#, "data.dataset", "did you mean “circle”?"),
            (
                #""data": {"dataset": "circle", "nois": 1}"#, "data.nois",
                "the dataset circle has no setting “nois”; did you mean “noise”?"
            ),
            (#""data": {"dataset": "circle", "noise": 101}"#, "data.noise", "the nearest is 100"),
            (#""data": {"noise": 1}"#, "data.dataset", "is missing"),
            (#""data": {"dataset": "points", "points": [[1, 2]]}"#, "data.points.0", "found a list of 2"),
            (
                #""data": {"dataset": "points", "points": [[1, "2", 1]]}"#, "data.points.0.1",
                "expected a number, found “2”"
            ),
            (#""seed": -1"#, "seed", "expected a whole number from 0 to 9007199254740992"),
            (#""version": 2"#, "version", "expected 1, found 2"),
            (#""view": {"panel": "los"}"#, "view.panel", "did you mean “loss”?"),
            (#""compare": [{"title": "a"}]"#, "compare.0.set", "is missing"),
            (#""compare": [{"title": "a", "set": 1}]"#, "compare.0.set", "expected an object"),
            (#""compare": [{"title": "", "set": {}}]"#, "compare.0.title", "expected words, found an empty text"),
            (#""output": {"loss": "hing"}"#, "output.loss", "did you mean “hinge”?"),
            (#""\u001b[31m": 1"#, "", "␛[31m"),
        ])
    func mistakes(part: String, place: String, message: String) throws {
        let change = try JSON(parsing: "{\(part)}")
        var document = try JSON(parsing: #"{"data": {"dataset": "circle"}, "layers": []}"#)
        guard case .object(let members) = change else { return }
        for member in members { document = document.replacing(member.key, with: member.value) }
        let error = #expect(throws: ExperimentError.self) { try Experiment(json: document) }
        if !place.isEmpty { #expect(error?.place == place) }
        #expect(error?.kind == .malformed)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("data and layers must be there")
    func required() {
        for (text, place) in [
            (#"{"layers": []}"#, "data"), (#"{"data": {"dataset": "circle"}}"#, "layers"), ("[]", "document"),
        ] {
            let error = #expect(throws: ExperimentError.self) { try experiment(text) }
            #expect(error?.place == place)
        }
    }

    @Test(
        "what only the whole document shows is found too",
        arguments: [
            (["training.rule=rosenblatt"], "training.rule", "single layer"),
            (["layers=[]", "training.rule=delta", "output.activation=tanh"], "output.activation", "threshold"),
            (["output.loss=binaryCrossEntropy", "output.activation=tanh"], "output.activation", "sigmoid"),
            (["output.loss=softmaxCrossEntropy", "output.activation=linear"], "output.activation", "softmax"),
            (["output.activation=softmax"], "output.activation", "softmax"),
            (["layers.0.dense.activation=softmax"], "layers.0.dense.activation", "output"),
            (["data.dataset=plane", "output.loss=hinge"], "output.loss", "hinge"),
            (["features=[\"x1\", \"x3\"]"], "features.1", "x3"),
            (["features=[\"x1 +\"]"], "features.0", "column 5"),
            (["data.task=regression"], "data.task", "the dataset circle is a classification"),
            (["data.dataset=csv"], "data.file", "missing"),
            (["view.units=[1]"], "view.units", "two numbers"),
            (["hide=[\"rubbish\"]"], "hide.0", "rubbish"),
            (["compare=[{\"title\": \"a\", \"set\": {\"data.nois\": 1}}]"], "compare.0.set: data.nois", "noise"),
        ])
    func wholeDocument(settings: [String], place: String, message: String) throws {
        let error = #expect(throws: ExperimentError.self) { try Experiment.standard.setting(assignments: settings) }
        #expect(error?.kind == .arguments)
        #expect(error?.place == "--set: \(place)")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("a softmax output with three classes, and the implied activations, are sound")
    func sound() throws {
        let changes: [[String]] = [
            ["data.dataset=blobs"], ["data.dataset=blobs", "output.activation=softmax"],
            ["output.loss=binaryCrossEntropy", "output.activation=sigmoid"], ["output.loss=softmaxCrossEntropy"],
            ["data.dataset=blobs", "output.loss=hinge"], ["data.dataset=sine"],
            ["layers=[]", "training.rule=hebb", "output.activation=threshold"],
        ]
        for settings in changes { _ = try Experiment.standard.setting(assignments: settings) }
    }

    @Test("live settings need no reset, and the others say why they do")
    func resets() throws {
        let standard = Experiment.standard
        let live = [
            "training.optimizer.sgd.learningRate=0.1", "training.optimizer=adam", "training.schedule=cosine",
            "training.regularization.l2=0.1", "training.batchSize=5", "training.clipNorm=1", "training.stop.epochs=5",
            "training.evaluateEvery=2", "training.shuffle=true", "training.lastBatch=drop", "view.panel=loss",
            "title=x", "story=y", "hide=[\"play\"]",
        ]
        for setting in live {
            let change = Change.between(standard, try standard.setting(assignments: [setting]))
            #expect(change.resetReason(keepWeights: false) == nil && change.parts.count == 1, "\(setting)")
        }
        let others = [
            ("data.noise=5", "new data"), ("features=[\"x1\"]", "features"), ("layers.0.dense.units=3", "network"),
            ("output.loss=hinge", "output"), ("seed=9", "weights"),
        ]
        for (setting, words) in others {
            let reason = Change.between(standard, try standard.setting(assignments: [setting]))
                .resetReason(keepWeights: false)
            #expect(reason?.contains(words) == true, "\(setting)")
        }
    }

    @Test(
        "training starts again when, and only when, it is said",
        arguments: [
            ("circle", "output.loss=squaredError", false), ("circle", "output.activation=tanh", false),
            ("circle", "output.activation=relu", true), ("plane", "output.activation=linear", false),
            ("plane", "output.loss=huber", true), ("blobs", "output.loss=softmaxCrossEntropy", false),
            ("blobs", "output.activation=softmax", false), ("blobs", "output.loss=squaredError", true),
            ("circle", "features=[\"x1\",\"x2\"]", false), ("circle", "features=[\"x2\",\"x1\"]", true),
            ("circle", "data.noise=0", false), ("circle", "data.trainFraction=0.5", false),
            ("circle", "data.trainFraction=0.6", true), ("and", "data.trainFraction=1", false),
            ("circle", "data.task=classification", false), ("circle", "data.samples=500", false),
            ("circle", "layers.0.dense.initializer=playground", false), ("circle", "layers.0.dense.units=9", true),
            ("circle", "output.initializer=playground", false), ("circle", "output.initializer=zeros", true),
            ("circle", "training.rule=gradient", false), ("circle", "training.batchSize=7", false),
            ("circle", "seed=2", true), ("circle", "data.shuffle=false", true),
        ])
    func startsAgain(dataset: String, setting: String, expected: Bool) throws {
        let old = try Experiment.standard.setting("features", to: .array([])).setting(
            assignments: ["data.dataset=\(dataset)"])
        let new = try old.setting(assignments: [setting])
        let trainer = try Trainer(old)
        _ = trainer.epoch()
        let change = Change.between(old, new, schema: trainer.data.schema)
        #expect(change.startsAgain == expected, "\(setting): \(change.parts)")
        #expect(Change.between(old, new) == change)
        try trainer.load(new, directory: nil, .withFittingWeights)
        #expect((trainer.procedure.step == 0) == expected, "\(setting)")
        // And back.
        #expect(Change.between(new, old).startsAgain == expected)
    }

    @Test("a mistake in a formula of data is found by the document", arguments: ["x1 +", "x3", "log(0-abs(x1)-1)"])
    func dataFormula(formula: String) throws {
        let error = #expect(throws: ExperimentError.self) {
            try Experiment.standard.setting(assignments: ["data={\"dataset\":\"function\",\"formula\":\"\(formula)\"}"])
        }
        #expect(error?.description.contains("data.formula") == true)
    }
}

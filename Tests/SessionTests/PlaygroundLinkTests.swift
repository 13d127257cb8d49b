import Engine
import Testing

@testable import Session

@Suite("TensorFlow Playground links")
struct PlaygroundLinkTests {
    func read(_ fragment: String) throws -> Experiment { try PlaygroundLink.experiment(from: fragment) }

    @Test("the page's own defaults are the standard experiment")
    func defaults() throws {
        for link in [
            "https://playground.tensorflow.org/", "#", "#noise=", "#collectStats=false&cosX=false&hideText=true",
        ] {
            var imported = try read(link)
            var standard = Experiment.standard
            for path in ["data.samples", "data.noise", "data.trainFraction"] {
                #expect(imported.value(at: path) == standard.value(at: path))
            }
            (imported.title, imported.story, imported.data) = (standard.title, standard.story, standard.data)
            standard.output.initializer = imported.output.initializer
            #expect(imported == standard)
        }
    }

    @Test("every parameter of a whole link is read")
    func whole() throws {
        let link =
            "https://playground.tensorflow.org/#activation=relu&regularization=L2&batchSize=7&dataset=spiral"
            + "&regDataset=reg-plane&learningRate=0.1&regularizationRate=0.003&noise=35&networkShape=8,7,6&seed=0.42"
            + "&showTestData=true&discretize=true&percTrainData=70&x=true&y=false&xTimesY=true&xSquared=true"
            + "&ySquared=false&cosX=false&sinX=false&cosY=false&sinY=true&collectStats=false&problem=classification"
            + "&initZero=true&hideText=false&learningRate_hide=true&numNodes2_hide=true&xTimesY_hide=true"
            + "&playButton_hide=true&noise_hide=false"
        let imported = try read(link)
        #expect(imported.data.dataset == Choice("spiral", ["noise": .real(35)]))
        #expect(imported.data.trainFraction == 0.7)
        #expect(imported.features == ["x1", "x1^2", "x1*x2", "sin(x2)"])
        #expect(
            imported.layers
                == [8, 7, 6].map {
                    Choice(
                        "dense",
                        [
                            "units": .integer($0), "activation": .choice(Choice("relu")),
                            "initializer": .choice(Choice("zeros")),
                        ])
                })
        #expect(imported.output.initializer == Choice("zeros"))
        #expect(imported.training.optimizer == Choice("sgd", ["learningRate": .real(0.1)]))
        #expect((imported.training.l1, imported.training.l2) == (0, 0.003))
        #expect(imported.training.batchSize == 7)
        #expect(imported.training.lastBatch == .carry)
        #expect(imported.view.showTestData && imported.view.discretize)
        #expect(imported.hide == ["learningRate", "layers.1.dense.units", "features.x1*x2", "play"])
        #expect(imported.seed == imported.data.seed)
        #expect(PlaygroundSeed.text(imported.seed) == "0.42")
        try imported.validate()
    }

    @Test("a regression link picks its own dataset and keeps a linear output")
    func regression() throws {
        let hills = try read("#problem=regression&regDataset=reg-gauss&dataset=xor")
        #expect(hills.data.dataset.id == "regGauss")
        #expect(hills.output.activation == nil)
        #expect(try read("#problem=regression").data.dataset.id == "plane")
        try hills.validate()
    }

    @Test("noise is taken as the page takes it", arguments: [("80", 80.0), ("81", 50), ("-5", 0), ("12.5", 12.5)])
    func noise(text: String, expected: Double) throws {
        #expect(try read("#noise=\(text)").data.dataset.knobs["noise"] == .real(expected))
    }

    @Test("a network without hidden layers, percent-encoding, and a key that stands twice")
    func oddities() throws {
        #expect(try read("#networkShape=").layers.isEmpty)
        #expect(try read("#networkShape=8%2C8").layers.count == 2)
        #expect(try read("#batchSize=3&batchSize=4").training.batchSize == 4)
        #expect(try read("#seed=hello%20world").seed == PlaygroundSeed.number("hello world"))
        #expect(try read("#seed=hello").seed != read("#seed=world").seed)
        #expect(try read("#regularization=L1&regularizationRate=0.1").training.l1 == 0.1)
        #expect(try read("#regularizationRate=0.1").training.l1 == 0)
    }

    @Test(
        "a malformed value names its key",
        arguments: [
            ("learningRate=fast", "learningRate"), ("activation=tahn", "activation"),
            ("networkShape=8,,8", "networkShape"),
            ("networkShape=0", "networkShape"), ("batchSize=2.5", "batchSize"), ("batchSize=0", "batchSize"),
            ("percTrainData=0", "percTrainData"), ("problem=both", "problem"), ("x=yes", "x"),
            ("dataset=moons", "dataset"),
            ("noise=nan", "noise"), ("x=false&y=false", "x"), ("seed=%zz", "%zz"),
        ])
    func malformed(fragment: String, key: String) {
        let error = #expect(throws: ExperimentError.self) { try read("#" + fragment) }
        #expect(error?.kind == .malformed)
        #expect(error?.place == "link: \(key)")
    }

    @Test(
        "an experiment comes back from its link",
        arguments: [
            "#", "#dataset=spiral&networkShape=8,8,8&sinX=true&sinY=true&noise=5&seed=0.12345",
            "#problem=regression&regDataset=reg-gauss&activation=relu&percTrainData=70&learningRate=1e-5",
            "#networkShape=&regularization=L1&regularizationRate=0.003&initZero=true&percTrainData=7",
            "#dataset=xor&noise_hide=true&resetButton_hide=true&numNodes1_hide=true&sinX_hide=true&showTestData=true",
        ])
    func roundTrip(link: String) throws {
        let imported = try read(link)
        let written = try PlaygroundLink.link(for: imported).get()
        #expect(written.hasPrefix("https://playground.tensorflow.org/#"))
        #expect(try read(written) == imported)
    }

    @Test(
        "what a link cannot say is named",
        arguments: [
            ("training.optimizer=adam", "training.optimizer"), ("data.dataset=moons", "data.dataset"),
            ("layers.0.dense.activation=gelu", "layers.0.dense.activation"),
            ("layers.0.dense.activation=relu", "layers.1"), ("training.rule=gradient", ""),
            ("features=[\"x1^3\"]", "features.0"), ("output.loss=hinge", "output.loss"),
            ("data.samples=100", "data.samples"),
            ("layers=[\"dropout\"]", "layers.0"), ("training.clipNorm=1", "training.clipNorm"),
            ("training.schedule=cosine", "training.schedule"), ("output.activation=sigmoid", "output.activation"),
            ("training.regularization={\"l1\": 1, \"l2\": 1}", "training.regularization"),
        ])
    func unsaid(setting: String, place: String) throws {
        let changed = try Experiment.standard.setting(assignments: [setting])
        switch PlaygroundLink.link(for: changed) {
        case .success: #expect(place.isEmpty)
        case .failure(let error): #expect(error.place == place)
        }
    }

    @Test("links are told from names and paths")
    func recognition() {
        for link in ["#activation=tanh", "https://playground.tensorflow.org", "playground.tensorflow.org/#x=true"] {
            #expect(PlaygroundLink.looksLikeLink(link))
        }
        for other in ["xor", "a.json", "./lesson #2.json", "-"] { #expect(!PlaygroundLink.looksLikeLink(other)) }
    }

    @Test("an address of another page is no link")
    func otherPages() throws {
        for link in ["https://example.com/", "https://example.com/#foo=1", "https://example.com/#top"] {
            #expect(throws: ExperimentError.self, "\(link)") { try PlaygroundLink.experiment(from: link) }
        }
        for link in ["https://playground.tensorflow.org/", "#", "https://example.com/copy/#dataset=xor&noise=5"] {
            #expect(throws: Never.self, "\(link)") { try PlaygroundLink.experiment(from: link) }
        }
    }

    @Test("seeds are the same every time, and ours survive the way there and back")
    func seeds() {
        #expect(PlaygroundSeed.number("0.42") == PlaygroundSeed.number("0.420"))
        for seed: UInt64 in [0, 1, 7, 123_456_789, 1 << 52, (1 << 53) - 1, 1 << 53] {
            let text = PlaygroundSeed.text(seed)
            #expect(seed == 1 << 53 || PlaygroundSeed.number(text) == seed, "\(text)")
        }
    }
}

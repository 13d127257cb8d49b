import Engine
import Foundation
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

    /// The settings that every link of the next test carries.
    private static let settings =
        "activation=relu&batchSize=12&dataset=xor&learningRate=0.00001&networkShape=3,2&xTimesY=true&seed=0.5"
    private static let page = "https://playground.tensorflow.org/"

    /// Percent-encoded as a value of a query.
    private static func encoded(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            let isPlain = scalar.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains(scalar)
            return isPlain ? String(scalar) : "%" + String(scalar.value, radix: 16, uppercase: true)
        }.joined()
    }

    private static let wrapped: [String] = {
        let link = page + "#" + settings
        let html = "&amp;"
        // In place of "&" in the whole link.
        let escaped = settings.replacing("&", with: html)
        let twice = settings.replacing("&", with: "&amp;amp;")
        let once = encoded(link)
        let proofpoint = once.replacing("_", with: "%5F").replacing("-", with: "%2D").replacing("%2F", with: "_")
            .replacing("%", with: "-")
        return [
            "#" + escaped, page + "#" + escaped, "#" + twice, page + "#" + settings.replacing("&", with: "&#38;"),
            page + "?" + settings, "playground.tensorflow.org/?" + settings, "?" + settings,
            "playground.tensorflow.org/#" + settings, "HTTPS://Playground.TensorFlow.org/#" + settings,
            page + "?utm_source=mail#" + settings, page + "?" + escaped, page + settings,
            "<\(link)>", " \(link)\n", link.replacing("&data", with: "\n   &data"), "\u{FEFF}\(link)",
            page + "%23" + encoded(settings), page + "#" + encoded(settings), "#" + encoded(settings), once,
            encoded(once),
            "https://www.google.com/url?q=\(once)&sa=D&source=editors&ust=1700000000&usg=AOv",
            "https://www.google.com/url?q=\(link)&sa=D", "google.com/url?sa=t&q=\(once)",
            "https://www.google.com/url?q=\(page)%23\(encoded(settings))&sa=D",
            "https://www.google.com/url?q=\(page)?\(settings)&sa=D", "https://www.google.com/url?q=\(encoded(once))",
            "https://nam02.safelinks.protection.outlook.com/?url=\(once)&data=05%7C02%7Ca%40b&sdata=x%3D&reserved=0",
            "https://nam02.safelinks.protection.outlook.com/?url=\(once)\(html)data=05%7C02\(html)reserved=0",
            "https://urldefense.proofpoint.com/v2/url?u=\(proofpoint)&d=DwMFAg&c=x&r=y&m=z&s=w&e=",
            "https://urldefense.com/v3/__\(page)*\(settings)__;Iw!!abc!def$",
            "https://urldefense.com/v3/__\(page)**A\(settings.dropFirst())__;I2E!!abc!def$",
            "https://l.facebook.com/l.php?u=\(once)&h=AT0", "https://href.li/?\(link)",
            "https://linkprotect.cudasvc.com/url?a=\(once)&c=E,1,abc&typo=1",
            "https://mail.example.com/?url=\(encoded("https://www.google.com/url?q=" + once))",
            "https://web.archive.org/web/2020/\(link)", "https://r.search.yahoo.com/_ylt=x/RU=\(once)/RK=2/RS=a-",
            "https://www.bing.com/ck/a?!&&p=1&u=a1\(Data(link.utf8).base64EncodedString())&ntb=1",
        ]
    }()

    @Test(
        "a link that a mail filter, a search engine or HTML has changed says what it said",
        arguments: PlaygroundLinkTests.wrapped)
    func unwrapping(link: String) throws {
        #expect(PlaygroundLink.looksLikeLink(link))
        let expected = try read("#" + Self.settings)
        #expect(expected.features == ["x1", "x2", "x1*x2"] && expected.training.batchSize == 12)
        #expect(try read(link) == expected)
    }

    @Test(
        "a link in which no key of the page stands is an error, never the default experiment",
        arguments: [
            PlaygroundLinkTests.page + "#foo=1", "#foo=bar", "#a%3Db", PlaygroundLinkTests.page + "#activaton=tanh",
            PlaygroundLinkTests.page + "#top", PlaygroundLinkTests.page + "?foo=1",
            "https://protect-us.mimecast.com/s/abcdef?domain=playground.tensorflow.org", "https://t.co/abcdef",
            "https://www.google.com/url?q=https%3A%2F%2Fexample.com%2F%23top", PlaygroundLinkTests.page + "%zz", "#=",
            "#&&&=",
        ])
    func strangers(link: String) {
        #expect(PlaygroundLink.looksLikeLink(link))
        let error = #expect(throws: ExperimentError.self) { try read(link) }
        #expect(error?.kind == .malformed)
    }

    @Test(
        "the page's bare address is the default experiment",
        arguments: [
            PlaygroundLinkTests.page, "https://playground.tensorflow.org", "http://playground.tensorflow.org/",
            "playground.tensorflow.org",
            PlaygroundLinkTests.page + "#", PlaygroundLinkTests.page + "?utm_source=x&fbclid=1", "#",
            "https://www.google.com/url?q=https%3A%2F%2Fplayground.tensorflow.org%2F&sa=D",
        ])
    func bareAddress(link: String) throws {
        #expect(PlaygroundLink.looksLikeLink(link))
        #expect(try read(link) == read("#noise="))
    }

    @Test("activations of copies of the page and all our own are read")
    func activations() throws {
        for (name, id) in [
            ("sine", "sin"), ("Sine", "sin"), ("leaky_relu", "leakyReLU"), ("LeakyRelu", "leakyReLU"), ("GELU", "gelu"),
        ] {
            #expect(try read("#activation=\(name)").layers[0].knobs["activation"] == .choice(Choice(id)))
        }
        for entry in Catalogue.entries(.activation) where !entry.outputOnly {
            let read = try read("#activation=\(entry.id)")
            #expect(read.layers[0].knobs["activation"] == .choice(Choice(entry.id)))
            try read.validate()
        }
        #expect(throws: ExperimentError.self) { try read("#activation=softmax") }
    }

    @Test("a link that is full of links is read in its length's time")
    func manyLinks() {
        let many = "https://example.com/?" + String(repeating: "a=https://example.com/?&b=http%3A%2F%2Fx&", count: 2000)
        #expect(throws: ExperimentError.self) { try read(many) }
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

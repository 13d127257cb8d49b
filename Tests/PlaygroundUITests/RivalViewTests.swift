import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Rivals on the screen")
struct RivalViewTests {
    /// The app over fitted rivals, after keys.
    private func app(
        _ json: String, _ keys: [String] = [], size: (Int, Int) = (120, 40),
        capabilities: Capabilities = Capabilities()
    ) throws -> App {
        let experiment = try Experiment(json: JSON(parsing: json))
        let trainer = try Trainer(experiment)
        trainer.fitRivals()
        for _ in 0..<5 { _ = trainer.epoch() }
        return try shownApp(over: trainer, after: keys, size: size, capabilities: capabilities)
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    private static let plane =
        #"{"data":{"dataset":"moons","samples":200},"layers":[{"dense":{"units":4}}],"#
        + #""rivals":["svm","kNN","decisionTree","naiveBayes"]}"#
    private static let documents = [
        plane,
        #"{"data":{"dataset":"blobs","samples":150},"layers":[],"rivals":["svm","kNN"],"training":{"procedure":"fit"}}"#,
        #"{"data":{"dataset":"sine","samples":80},"features":["x1"],"layers":["dense"],"rivals":["kernelRidge","linearRegression","decisionTree"]}"#,
        #"{"data":{"dataset":"digits"},"layers":["dense"],"rivals":["naiveBayes",{"kNN":{"k":1}}]}"#,
    ]

    @Test(
        "they stand on the screen at every size, in colours and without, side by side and alone", arguments: documents)
    func everywhere(_ json: String) throws {
        for size in [(80, 24), (120, 40), (200, 60)] {
            for capabilities in [
                Capabilities(), Capabilities(colors: .none, glyphs: .ascii),
                Capabilities(colors: .palette16, glyphs: .block),
            ] {
                for keys in [[String]](
                    arrayLiteral: [], ["5", "right"], ["5", "right", "right", "t"], ["5", "R"], ["e"])
                {
                    let app = try app(json, keys, size: size, capabilities: capabilities)
                    let shown = text(app)
                    #expect(!shown.contains("x x x"), "\(json) \(size) \(keys)")
                }
            }
        }
    }

    @Test(
        "each stands beside the others with its name and score; one alone tells more, and R leads to the network alone")
    func sideBySide() throws {
        let all = text(try app(Self.plane, size: (200, 60)))
        for name in ["network", "SVM", "k neighbours", "decision tree", "naive Bayes"] {
            #expect(all.contains(name), "\(name)")
        }
        #expect(all.contains(" %"))
        let alone = try app(Self.plane, ["5", "right", "right"])
        #expect(alone.plots.rival == 0)
        #expect(text(alone).contains("support vector"))
        #expect(try app(Self.plane, ["5", "right", "right", "backspace"]).plots.rival == nil)
        let network = try app(Self.plane, ["5", "R"])
        #expect(network.view(in: .output)?.id == .plane)
        #expect(try app(Self.plane, ["5", "R", "R"]).view(in: .output)?.id == .rivals)
    }

    @Test("rivals alone have neither an atlas nor a race of networks, and are told of their own")
    func noNetworks() throws {
        for key in ["A", "V"] {
            let app = try app(Self.documents[1], [key])
            #expect(app.grid == nil && app.popup == nil && app.notice != nil, "\(key)")
            #expect(app.lackOfNetworks?.contains(app.label("grid.methods")) == true)
        }
        #expect(try app(Self.plane).lackOfNetworks == nil)
    }

    @Test("values that are all equal have no scores, and the network stands beside its rivals all the same")
    func equalValues() throws {
        let points = (0..<12).map { "[\($0 % 4),\($0 % 5),2.5]" }.joined(separator: ",")
        let json =
            #"{"data":{"dataset":"points","task":"regression","points":[\#(points)]},"layers":["dense"],"#
            + #""rivals":["linearRegression","kNN"]}"#
        let app = try app(json, size: (200, 60))
        let context = try #require(app.plotContext)
        #expect(context.contestants.map(\.title) == ["network", "linear", "k neighbours"])
        #expect(context.contestants.allSatisfy { $0.score == nil && !context.contestants.isBest($0.score) })
        let words = try #require(context.view(in: .output)?.inWords(context))
        #expect(words.contains { $0.contains("linear: no R², for all values are equal") }, "\(words)")
        #expect(text(app).contains("–"))
    }

    @Test("the best is the one with the highest score; where all are equal there is none")
    func best() {
        func contestant(_ test: Double?, _ train: Double?) -> Contestant {
            Contestant(
                index: 0, title: "", testScore: test, trainScore: train, ofClasses: true, seconds: 0, words: "",
                isFinished: true)
        }
        let all = [contestant(0.5, 1), contestant(0.75, 0.8), contestant(nil, nil)]
        #expect(all.map { all.isBest($0.score) } == [false, true, false])
        let equal = [contestant(1, 1), contestant(1, 0.5)]
        #expect(equal.map { equal.isBest($0.score) } == [false, false])
        #expect(contestant(nil, 0.8).scores.count == 1 && contestant(nil, 0.8).scores[0].hasPrefix("train "))
    }

    @Test("no name is cut, however narrow the planes are", arguments: [(80, 24), (120, 40), (100, 30), (200, 60)])
    func names(width: Int, height: Int) throws {
        let many =
            #"{"data":{"dataset":"moons","samples":200},"layers":[{"dense":{"units":4}}],"rivals":["svm","kNN","#
            + #""decisionTree","naiveBayes","logisticRegression","randomForest","gradientBoosting"]}"#
        for keys in [[], ["5", "e"]] {
            let shown = text(try app(many, keys, size: (width, height)))
            for name in ["network", "SVM", "neighbours", "tree", "Bayes", "logistic", "forest", "boosting"] {
                #expect(shown.contains(name), "\(name) \(keys)\n\(shown)")
            }
        }
    }

    @Test("the training panel adds rivals and takes them out, and the document says so")
    func menu() throws {
        var app = try app(Self.plane)
        app.toggleRival("randomForest")
        #expect(app.experiment.rivals.map(\.id) == ["svm", "kNN", "decisionTree", "naiveBayes", "randomForest"])
        app.toggleRival("kNN")
        #expect(!app.experiment.rivals.map(\.id).contains("kNN"))
        let before = app.experiment
        app.toggleRival("kernelRidge")
        #expect(app.experiment == before && app.notice?.bad == true)
    }
}

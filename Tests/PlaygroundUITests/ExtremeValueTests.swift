import Session
import TerminalKit
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session

/// A network that diverges ends in values that no plot was made for; the screen shows it all the same.
@Suite("Screens of diverged networks")
struct ExtremeValueTests {
    private static let fills: [[Float]] = [
        [.nan], [.infinity], [-.infinity], [1e38], [-1e38], [3.4e38, -3.4e38], [.nan, 1, .infinity, -1e38, 0],
        [.leastNonzeroMagnitude, -.leastNonzeroMagnitude],
    ]
    private static let levels = [Capabilities.Colors.none, .palette16, .palette256, .truecolor].flatMap { colors in
        [Capabilities.Glyphs.ascii, .block, .braille].map { Capabilities(colors: colors, glyphs: $0) }
    }
    private static let presets = Preset.all.filter { !$0.text.contains("\"file\"") }

    private func start(_ experiment: Experiment) throws -> Snapshot {
        try Trainer(experiment, directory: nil).snapshot(
            revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
    }

    /// The snapshot after parameters and losses have become these.
    private func snapshot(_ start: Snapshot, _ fill: [Float]) -> Snapshot {
        var snapshot = start
        snapshot.parameters = snapshot.parameters.indices.map { fill[$0 % fill.count] }
        for (index, value) in (fill + fill + [0.5] + fill).enumerated() {
            snapshot.history.append(
                losses(train: value, test: -value, accuracies: (value, value)), epoch: index, step: 3 * index)
        }
        let value = Double(fill[0])
        snapshot.evaluation = Evaluation(
            trainLoss: value, testLoss: value, trainR2: value, testR2: value, regularization: value)
        snapshot.learningRate = value
        snapshot.stepsPerSecond = value
        snapshot.epochsPerSecond = value
        snapshot.seconds = value
        snapshot.state = .diverged(Divergence(step: 7, layer: "layers.0", advice: "lower the learning rate"))
        return snapshot
    }

    @Test(
        "every panel draws any parameters and losses at every colour and glyph level",
        arguments: Array(presets.indices))
    func panels(_ number: Int) throws {
        let preset = Self.presets[number]
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        let start = try start(experiment)
        for (index, fill) in Self.fills.enumerated() {
            let size = [(80, 24), (120, 40), (60, 18)][index % 3]
            var app = app(["w", "6", "P", "5"], of: experiment, size: size)
            app.receive(snapshot: snapshot(start, fill), picture: nil, failure: nil)
            let maker = PictureMaker()
            for keys in [[], ["6", "e", "right"], ["esc", "7", "g"], ["4", "w", "right"], ["5", "d", "u"]] {
                for key in keys { app.handle(.key(try #require(Key(key)))) }
                // Pictures follow one another: scales and projections remember the one before.
                for _ in 0..<2 {
                    app.receive(snapshot: nil, picture: maker.makePicture(app.snapshot!, app.viewRequest), failure: nil)
                }
                // A third of the levels with each values, all of them with three values, and with each in three presets.
                for level in Self.levels.indices where (level + index + number) % 3 == 0 {
                    app.capabilities = Self.levels[level]
                    #expect(app.draw().height == size.1, "\(preset.name)")
                }
            }
        }
    }

    @Test(
        "an atlas and a race draw any parameters and losses at every colour and glyph level",
        arguments: [["A"], ["V", "'learning rate'", "enter"]])
    func grids(_ keys: [String]) throws {
        let starts = try #require(app(keys, size: (120, 40)).grid).screen.experiments.map(start)
        for fill in Self.fills {
            var app = app(keys, size: (120, 40))
            var news = GridNews()
            news.number = 1
            news.members = starts.map { .init(snapshot: snapshot($0, fill), picture: nil) }
            app.receive(news)
            let maker = PictureMaker()
            for (index, request) in app.gridRequests.enumerated() {
                news.members[index].picture = maker.makePicture(news.members[index].snapshot, request)
            }
            app.receive(news)
            for level in Self.levels {
                app.capabilities = level
                #expect(app.draw().height == 40)
            }
        }
    }
}

import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Each draws a grid whose networks have trained one epoch.
@Suite("Screens of atlas and race")
struct GridScreenTests {
    /// The app after the grid's first news with pictures.
    private func trained(_ keys: [String], of experiment: Experiment = .standard, size: (Int, Int)) throws -> App {
        var app = app(keys, of: experiment, size: size)
        let experiments = try #require(started(&app))
        let link = GridLink(experiments, directory: nil, playing: false, epochsPerSecond: nil, threads: 1) {}
        defer { link.stop() }
        link.send(.stepEpoch)
        for _ in 0..<60_000 {
            let news = link.latest
            if news.number > 0 {
                app.receive(news)
                // The first news may tell of some members only.
                link.show(app.gridRequests)
                if news.members.allSatisfy({ $0.picture?.boundary != nil && $0.snapshot.epoch == 1 }) { return app }
            }
            usleep(5000)
        }
        Issue.record("no pictures within five minutes")
        return app
    }

    @Test(
        "an atlas shows every value, each network's loss and one best, in every size and without colours",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func atlasScreen(width: Int, height: Int) throws {
        var app = try trained(["A"], size: (width, height))
        let atlas = try #require(app.atlas)
        let text = app.draw().lines.joined(separator: "\n")
        for row in atlas.rows { #expect(text.contains(atlas.down.text(row))) }
        #expect(text.contains("★") && text.components(separatedBy: "★").count == 2)
        for member in app.grid!.news.members {
            #expect(text.contains(formatFixed(member.loss!, decimals: 4).prefix(5)), "\(member.loss!)")
        }
        app.capabilities = Capabilities(colors: .none, glyphs: .ascii)
        #expect(app.draw().lines.joined().contains(formatFixed(app.grid!.news.members[0].loss!, decimals: 4)))
        // Another size with the same news: every cell stays within the window.
        for size in [(60, 18), (200, 60), (59, 10)] {
            app.handle(.resize(width: size.0, height: size.1))
            #expect(app.draw().lines.count == size.1)
        }
    }

    @Test(
        "a race shows each runner's name and loss, and its number at the end of its curve",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func raceScreen(width: Int, height: Int) throws {
        let app = try trained(["V", "'learning rate'", "enter"], size: (width, height))
        let race = try #require(app.race)
        let text = app.draw().lines.joined(separator: "\n")
        for (index, runner) in race.runners.enumerated() {
            #expect(text.contains("\(index + 1) · \(runner.label)"), "\(runner.label)")
            let loss = try #require(app.grid!.news.members[index].loss)
            #expect(text.contains("\(index + 1) loss \(formatFixed(loss, decimals: 4))"))
        }
        #expect(text.contains("Test loss by learning rate"))

        var other = app
        other.handle(.key(Key(.character("t"))))
        let training = other.draw().lines.joined(separator: "\n")
        #expect(training.contains("Train loss by learning rate") && !training.contains("Test loss"))
        for (index, member) in other.grid!.news.members.enumerated() {
            let loss = try #require(member.snapshot.evaluation?.trainLoss)
            #expect(training.contains("\(index + 1) loss \(formatFixed(loss, decimals: 4))"))
        }
        other.handle(.key(Key(.character("t"))))
        #expect(other.draw().lines.joined(separator: "\n") == text)
    }

    @Test("a race in which one is judged by a score has no losses of training samples to show")
    func scoresBesideLosses() throws {
        func member(_ experiment: Experiment) throws -> GridNews.Member {
            let trainer = try Trainer(experiment)
            return .init(
                snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
                picture: nil)
        }
        let network = try member(.standard)
        let generator = try member(Experiment(json: JSON(parsing: Preset.named("gan-ring").text)))
        #expect(generator.snapshot.history.score != nil)
        var app = app(["V", "'learning rate'", "enter", "t"])
        #expect(app.plots.racesTraining, "before the first news it can be asked for")
        var news = GridNews()
        for (members, expected) in [([network, network], true), ([network, generator], false)] {
            news.number += 1
            news.members = members
            app.receive(news)
            #expect(app.canRaceTraining == expected)
        }
    }

    @Test("the lanes of a race over one input share their axis")
    func sharedAxis() throws {
        let preset = try #require(Preset.all.first { $0.name == "sine-regression" })
        let experiment = try Experiment(json: JSON(parsing: preset.text))
        let app = try trained(["V", "'samples'", "enter"], of: experiment, size: (120, 40))
        let race = try #require(app.race)
        let own = app.grid!.news.members.compactMap { $0.picture?.boundary?.yRange }
        #expect(own.count == race.runners.count && Set(own.map(\.upperBound)).count > 1, "each would have its own")
        // The axis' numbers stand in every lane on the same rows.
        let rows = app.draw().lines.dropFirst(2).prefix(20)
        let lane = 120 / race.runners.count
        for row in rows {
            let numbers = (0..<race.runners.count).map { index in
                row.padded(to: 120).dropFirst(index * lane).prefix(6).filter { $0.isNumber || "−.".contains($0) }
            }
            #expect(Set(numbers.map { String($0) }).count == 1, "\(row)")
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

@Suite("A race's end labels")
struct RaceEndTests {
    @Test("each has a row of its own, as near to its curve's end as there is room")
    func apart() {
        #expect(RaceView.apart([3, 3, 3], in: 0..<10) == [3, 4, 5])
        #expect(RaceView.apart([2, 9, 9, 9], in: 0..<10) == [2, 7, 8, 9])
        #expect(RaceView.apart([1, 5], in: 0..<10) == [1, 5])
        #expect(RaceView.apart([4, 4, 4], in: 4..<5) == [4, 4, 4])
        #expect(RaceView.apart([], in: 0..<3) == [])
    }

    @Test("those whose curves end in one row stand as the curves do, the higher one above")
    func order() {
        func ends(_ positions: [Double?]) -> [[Int]] {
            RaceView.ends(positions, in: 0..<10).map { [$0.index, $0.row] }
        }
        #expect(ends([0.01, 0.2, 0.03]) == [[1, 7], [2, 8], [0, 9]])
        #expect(ends([0.9, nil, 0.95]) == [[2, 0], [0, 1]])
        // Curves of one value, and beyond the axis, in the order of their numbers.
        #expect(ends([0.5, 0.5]) == [[0, 5], [1, 6]] && ends([3, 2]) == [[0, 0], [1, 1]])
    }

    @Test("a loss that is small is no 0 in a cell of the atlas, nor beside the curves")
    func smallLosses() {
        #expect(
            AtlasView.lossText(0.01234, columns: 8) == "0.0123" && AtlasView.lossText(0.01234, columns: 4) == "0.01")
        #expect(AtlasView.lossText(2.6e-7, columns: 8) == "2.6e−7" && AtlasView.lossText(2.6e-7, columns: 4) == "3e−7")
        #expect(AtlasView.lossText(0, columns: 8) == "0.0000")
        #expect(LossPanel.still(2.6e-7) == "2.6e−7" && LossPanel.still(0.0003) == "0.0003")
        #expect(LossPanel.still(0) == "0.0000")
    }

    @Test("a setting that can have no value here is a table of one refused cell, not an index past its end")
    func noValues() throws {
        let app = app(["A"])
        let settings = VariedSetting.all(of: app)
        let layer = try #require(
            settings.first { $0.path?.hasPrefix("layers.0.") == true && $0.path?.hasSuffix("activation") == true })
        let rate = try #require(settings.first { $0.path?.hasSuffix("earningRate") == true })
        var bare = Experiment.standard
        bare.layers = []
        #expect(layer.values(4, around: bare).isEmpty)
        for (across, down) in [(layer, rate), (rate, layer), (layer, layer)] {
            for size in [(60, 18), (80, 24), (120, 40), (200, 60)] {
                let room = AtlasView.room(width: size.0, height: size.1)
                var atlas = Atlas(bare, across: across, down: down, cellHeight: 7, in: room)
                #expect(!atlas.cells.isEmpty && atlas.selected.member == nil && atlas.selected.refusal != nil)
                (atlas.column, atlas.row) = (atlas.columns.count - 1, atlas.rows.count - 1)
                var shown = PlaygroundUITests.app(["A"], size: size)
                shown.grid?.screen = atlas
                _ = shown.draw()
                _ = AtlasView(shown, atlas).requests
                for key in ["left", "down", "up", "right", "enter", "+", "-", "n"] {
                    shown.handle(.key(try #require(Key(key))), at: 9)
                    shown.makePlans()
                    _ = shown.draw()
                }
            }
        }
        var none = PlaygroundUITests.app([])
        none.open(
            Atlas(bare, across: layer, down: layer, cellHeight: 7, in: Rect(x: 0, y: 0, width: 0, height: 0)))
        #expect(none.grid == nil && none.notice?.bad == true)
    }

    @Test("the selected network of an atlas takes the width that the cells leave over")
    func detail() throws {
        for (width, height) in [(120, 40), (200, 60), (300, 90)] {
            let app = app(["A"], size: (width, height))
            let lines = app.draw().lines
            let rule = try #require(lines[1].lastIndex { $0 == "─" })
            #expect(lines[1].distance(from: lines[1].startIndex, to: rule) >= width - 20, "\(width)×\(height)")
        }
    }
}

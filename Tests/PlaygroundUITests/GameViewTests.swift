import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Games on the screen")
struct GameViewTests {
    /// The app over a game that has been trained for some steps, after keys.
    private func app(
        _ id: String, _ keys: [String] = [], size: (Int, Int) = (120, 40), steps: Int = 600,
        capabilities: Capabilities = Capabilities(), procedure: String = "training.procedure.qLearning.start=40"
    ) throws -> App {
        let experiment = try Experiment.standard.setting("data.dataset", to: .string(id)).setting(assignments: [
            #"layers=[{"dense": {"units": 12, "activation": "relu"}}]"#, procedure,
        ])
        let trainer = try Trainer(experiment)
        for _ in 0..<steps { _ = trainer.step() }
        return try shownApp(over: trainer, after: keys, size: size, capabilities: capabilities)
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test(
        "every game stands on the screen at every size, in colours and without",
        arguments: Catalogue.entries(.environment).map(\.id))
    func everyGame(_ id: String) throws {
        for size in [(80, 24), (120, 40), (200, 60)] {
            for capabilities in [
                Capabilities(), Capabilities(colors: .none, glyphs: .ascii),
                Capabilities(colors: .palette16, glyphs: .block),
            ] {
                for keys in [["e"], ["7"], ["8"], ["9"]] {
                    let shown = text(try app(id, keys, size: size, capabilities: capabilities))
                    #expect(!shown.contains("x x x"), "\(id) \(size)")
                }
            }
        }
        let game = try Game(Choice(id))
        let shown = text(try app(id))
        for action in game.actions { #expect(shown.contains(action), "\(action)") }
        #expect(shown.contains("return "))
    }

    @Test("the board is drawn by its marks")
    func board() throws {
        let shown = try app("gridworld", capabilities: Capabilities(colors: .none, glyphs: .ascii))
        let picture = try #require(shown.picture?.game?.picture)
        let context = try #require(shown.plotContext)
        var canvas = crossed(14, 4)
        GameBoard(picture, in: Rect(x: 0, y: 0, width: 14, height: 4), context).draw(into: &canvas)
        #expect(lines(canvas).joined().filter { $0 == "@" }.count == 2)
        let still = lines(canvas).map { $0.replacing("@@", with: "..") }
        #expect(still == ["..............", "..####..####..", "..##......xx..", "......xx....**"])
    }

    @Test("all states show an arrow, and how many are right")
    func plan() throws {
        let output = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .gamePlan } }!.key
        let shown = try app("gridworld", [output, "P"])
        #expect(text(shown).contains("of 20 states: a best action") && text(shown).contains("value iteration"))
        let told = View.gamePlan.inWords(try #require(shown.plotContext))
        #expect(told.contains { $0.contains("of 20 states: a best action") })
        let second = try #require(told.first { $0.hasPrefix("row 2: ") })
        #expect(second.split(separator: ",").count == 7 && second.contains(", a wall, a wall, "))
        #expect(try text(app("gridworld", [output, "P", "P"])).contains("the network plays"))
        #expect(try !text(app("catch", [output, "P"])).contains("states: a best action"))
    }

    @Test("the loss stands in place of the returns and the other way round")
    func returns() throws {
        let loss = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .returns } }!
        let shown = try app("catch", [loss.key])
        #expect(text(shown).contains("episodes") && text(shown).contains("exploring"))
        let other = try app("catch", [loss.key, "R"])
        #expect(text(other).contains("epochs") && !text(other).contains("exploring"))
        #expect(try text(app("catch", [loss.key, "R", "R"])).contains("exploring"))
    }

    @Test("the replay memory tells its steps, rewards and errors")
    func memory() throws {
        let hidden = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .replayMemory } }!
        let shown = try app("catch", [hidden.key])
        #expect(text(shown).contains("600 of 10") && text(shown).contains("TD error"))
        let states = try app("catch", [hidden.key, "i"])
        #expect(text(states).contains("300 states") && text(states).contains("PC 1"))
        #expect(states.picture?.states?.actions.count == 301)
        #expect(try text(app("catch", [hidden.key], steps: 0)).contains("nothing is remembered yet"))
    }

    @Test("a policy tells its last update, and its outputs have the actions' names")
    func policy() throws {
        let hidden = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .replayMemory } }!
        for size in [(120, 40), (80, 24), (200, 60)] {
            let shown = try app("catch", [hidden.key], size: size, procedure: "training.procedure=reinforce")
            let update = try #require(shown.snapshot?.game?.policyUpdate)
            #expect(update.episodes == 8 && update.steps == 72 && update.hasBaseline)
            let text = text(shown)
            #expect(text.contains("8 episodes, 72 steps") && text.contains("return G") && text.contains("entropy"))
            #expect(!text.contains("class 1") && !text.contains("Replay memory"))
            let shares = update.actions.map { formatFixed(Double($0) / 72 * 100, decimals: 0) + " %" }
            for share in shares { #expect(text.contains(share), "\(size) \(share)") }
        }
        let none = try app("catch", [hidden.key], steps: 0, procedure: "training.procedure=reinforce")
        #expect(text(none).contains("there was no update yet"))
    }

    @Test("the watched game follows the clock, rests, and is moved by hand")
    func clock() throws {
        var shown = try app("catch")
        func hasMoved(at time: Double) -> Bool { shown.advanceGame(at: time) }
        let begins = hasMoved(at: 10)
        #expect(begins && shown.plots.game.moves == 0)
        let tooSoon = hasMoved(at: 10.01)
        #expect(!tooSoon)
        let later = hasMoved(at: 10.4)
        #expect(later && shown.plots.game.moves == 2)
        #expect((1...200).contains(shown.millisecondsToNext(at: 10.4)))
        // The moves that came while nobody looked are left out.
        let muchLater = hasMoved(at: 1000)
        #expect(muchLater && shown.plots.game.moves == 6)
        let output = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .game } }!
        for label in [output.key, "a"] { shown.handle(.key(try #require(Key(label)))) }
        let rests = !hasMoved(at: 2000)
        #expect(rests && shown.plots.game.moves == 7 && shown.plots.gameRests)
        shown.handle(.key(try #require(Key("w"))))
        #expect(shown.plots.game.player == .best && shown.viewRequest.game?.player == .best)
        #expect(App(experiment: .standard).plots.game.moves == 0)
    }

    @Test("a person plays beside the network, from the same beginning and by the same clock, and the results are kept")
    func match() throws {
        let experiment = try Experiment.standard.setting("data.dataset", to: .string("catch"))
        let trainer = try Trainer(experiment)
        let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        var shown = App(experiment: experiment)
        shown.handle(.resize(width: 120, height: 40))
        shown.receive(snapshot: snapshot, picture: nil, failure: nil)
        let maker = PictureMaker()
        func show() {
            shown.receive(snapshot: nil, picture: maker.makePicture(snapshot, shown.viewRequest), failure: nil)
        }
        show()
        let output = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .game } }!
        for label in [output.key, "y"] { shown.handle(.key(try #require(Key(label)))) }
        show()
        #expect(text(shown).contains("press an arrow to begin"))
        let match = try #require(shown.match)
        #expect(shown.picture?.game?.round == match.seed && shown.picture?.game?.picture == match.game.picture)
        #expect(shown.picture?.game?.advice.count == 3)
        // An arrow holds until another one comes; a point makes one move and holds the clock.
        shown.handle(.key(try #require(Key("left"))))
        let paddles = (0..<2).map { _ in
            shown.handle(.key(Key(".")!))
            return shown.match?.game.picture.marks.firstIndex(of: .player)
        }
        #expect(paddles == [46, 45] && shown.match?.moves == 2 && shown.match?.isRunning == false)
        shown.handle(.key(try #require(Key("right"))))
        var time = 10.0
        for _ in 0..<20 {
            _ = shown.advanceMatch(at: time)
            time += 1 / match.environment.movesPerSecond
            show()
        }
        // Nine moves end both games.
        let ended = try #require(shown.match)
        #expect(ended.isDecided && ended.results.count == 1 && abs(ended.results[0].person) == 1)
        #expect(text(shown).contains("the next round"))
        shown.handle(.key(try #require(Key("enter"))))
        show()
        #expect(shown.match?.round == 2 && shown.match?.isDecided == false)
        #expect(shown.picture?.game?.round == shown.match?.seed)
        for size in [(80, 24), (200, 60)] {
            shown.handle(.resize(width: size.0, height: size.1))
            #expect(!text(shown).contains("x x x") && text(shown).contains("round 1: you"))
        }
        shown.handle(.key(try #require(Key("esc"))))
        #expect(shown.match == nil && text(shown).contains("return"))
    }

    @Test("the board is changed under its cursor, with a way back, and grows")
    func editing() throws {
        let output = Panel.plots.first { View.views(of: $0.id).contains { $0.id == .gamePlan } }!
        func map(_ app: App) -> KnobValue? { app.experiment.data.dataset.knobs["map"] }
        // The first key brings the cursor to the first cell.
        let wall = try app("gridworld", [output.key, "P", "right", "right", "enter"])
        #expect(map(wall) == .text("S#...../.##.##./.#...C./...C..G"))
        #expect(text(wall).contains("row 1, column 2"))
        // The true worth and the best action have room beside the story, too.
        let first = text(try app("gridworld", [output.key, "P", "right"]))
        #expect(first.contains("row 1, column 1: a start") && first.contains("worth 0.77, best right"))
        #expect(try map(app("gridworld", [output.key, "P", "right", "right", "enter", "z"])) == nil)
        let wide = try app("gridworld", [output.key, "P", "]", "}"])
        #expect(map(wide) == .text("S......./.##.##../.#...C../...C..G./........"))
    }
}

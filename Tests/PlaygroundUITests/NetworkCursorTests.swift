import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("The cursor over neurons and weights")
struct NetworkCursorTests {
    private func app(_ keys: [String], size: (Int, Int)) throws -> App {
        var snapshot = try PlotFixture.snapshot()
        let weights = try #require(snapshot.outline.weightMatrix(layer: 0))
        let biases = try #require(snapshot.outline.biases(layer: 0))
        snapshot.parameters[weights.offset] = -0.4321
        snapshot.parameters[biases.offset] = 0.8765
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: size.0, height: size.1))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        for label in keys { app.handle(.key(try #require(Key(label)))) }
        return app
    }

    private func screen(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test("the number under it is on the screen, at every size", arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func readout(width: Int, height: Int) throws {
        for keys in [["4", "w"], ["4", "w", "N"], ["N", "w"], ["4", "e", "w"]] {
            let neuron = try app(keys, size: (width, height))
            #expect(screen(neuron).contains("+0.88"), "\(keys): the neuron's bias")
            let weight = try app(keys + ["w"], size: (width, height))
            #expect(screen(weight).contains("−0.4321"), "\(keys): the weight")
            #expect(screen(try app(keys + ["w", "left"], size: (width, height))).contains("−0.4321") == false)
        }
    }

    @Test("the hints are those of the keys that work now", arguments: [(60, 18), (80, 24), (120, 40)])
    func hints(width: Int, height: Int) throws {
        func bar(_ keys: [String]) throws -> String { try app(keys, size: (width, height)).draw().lines.last ?? "" }
        let before = try bar(["4"])
        #expect(before.contains("←→ change") && !before.contains("walk"))
        let during = try bar(["4", "w"])
        #expect(during.contains("←→↑↓ walk") && during.contains("w weight") && during.contains("⏎ set"))
        #expect(during.contains("esc back") && !during.contains("change") && !during.contains("type"))
        #expect(try bar(["4", "w", "w"]).contains("w neuron"))
        #expect(try bar(["4", "w", "esc"]) == before)
        #expect(try !bar(["4", "w", "5"]).contains("walk"))
    }

    @Test("enter sets the weight, on a neuron its bias, and a feature has none")
    func set() throws {
        var bias = try app(["4", "w", "enter"], size: (80, 24))
        guard let prompt = bias.popup as? Prompt else {
            Issue.record("no prompt: \(bias.notice?.text ?? "")")
            return
        }
        #expect(prompt.title == "Bias" && prompt.field.text == "0.8765")
        for label in ["2", "enter"] { bias.handle(.key(try #require(Key(label)))) }
        let outline = try #require(bias.snapshot?.outline)
        let sent = bias.takeOutbox().contains { effect in
            if case .trainer(.setParameter(let index, let value)) = effect {
                return index == outline.biases(layer: 0)?.offset && value == 2
            }
            return false
        }
        #expect(sent)
        #expect(try app(["4", "w", "w", "enter"], size: (80, 24)).popup != nil)
        let feature = try app(["4", "w", "up", "enter"], size: (80, 24))
        #expect(feature.popup == nil && feature.notice != nil)
    }

    @Test("it is explained in place of the row's setting")
    func explained() throws {
        #expect(try app(["4", "w"], size: (120, 40)).explanation.words.contains("bias"))
        #expect(try app(["4", "w", "w"], size: (120, 40)).explanation.formula.hasPrefix("w "))
        #expect(try !app(["4"], size: (120, 40)).explanation.words.contains("bias"))
    }

    @Test("+ and − change the number under the cursor by a step, and undo brings it back")
    func byStep() throws {
        var app = App(experiment: .standard)
        app.handle(.resize(width: 120, height: 40))
        let trainer = try Trainer(.standard)
        app.receive(
            snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true),
            picture: nil, failure: nil)
        func press(_ keys: String...) throws {
            for key in keys { app.handle(.key(try #require(Key(key)))) }
        }
        try press("4", "w", "w", "+")
        let changes = app.takeOutbox().compactMap { effect -> (Int, Float)? in
            if case .trainer(.setParameter(let index, let value)) = effect { (index, value) } else { nil }
        }
        let (index, value) = try #require(changes.first)
        let old = trainer.procedure.parameters[index]
        #expect(value > old && value - old < 0.16 && abs(value * 10 - (value * 10).rounded()) < 1e-4)
        try press("R")
        let drawn = app.takeOutbox().contains { effect in
            if case .trainer(.reinitialize(let places, _)) = effect { places == [index] } else { false }
        }
        #expect(drawn)
    }

    @Test("locks that go with another layer are told, and undo brings them back")
    func locks() throws {
        var experiment = Experiment.standard
        experiment.training.locked = ["output.weight 0"]
        var app = App(experiment: experiment)
        app.handle(.resize(width: 120, height: 40))
        for key in ["4", "a"] { app.handle(.key(try #require(Key(key)))) }
        if app.popup != nil { app.handle(.key(Key(.enter))) }
        #expect(app.experiment.layers.count == 3 && app.experiment.training.locked.isEmpty)
        #expect(app.notice?.text.contains("the locks are gone") == true, "\(app.notice?.text ?? "")")
        app.handle(.key(try #require(Key("z"))))
        #expect(app.experiment == experiment)
    }
}

import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// Experiments with a block, and the keys of the stack.
protocol BlockFixture {}

extension BlockFixture {
    /// Circle with a dense layer of 4 units, then `layer`.
    func experiment(_ layer: String) throws -> Experiment {
        try Experiment(
            json: JSON(parsing: #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},\#(layer)]}"#))
    }

    func layers(_ app: App) -> String { app.experiment.json["layers"]?.text(compact: true) ?? "" }

    static var residual: String { #"{"residual":{"body":[{"dense":{"units":4}}]}}"# }

    /// `app` at the stack, with the row of a title selected.
    func edited(_ layer: String, row title: String, then keys: [String]) throws -> App {
        var app = app(["4"], of: try experiment(layer))
        let list = try #require(app.editing.rows[.stack])
        app.editing.selection[.stack] = try #require(
            list.firstIndex { $0.layer?.index == 1 && $0.title == title }, "\(list.map(\.title))")
        var time = 100.0
        for key in keys {
            time += 2
            app.handle(.key(try #require(Key(key))), at: time)
        }
        return app
    }
}

/// Blocks are edited with the keys of the stack.
@Suite("Editing blocks")
struct BlockEditingTests: BlockFixture {
    @Test(
        "beside a recurrent layer that hands on its last state, a, i and d add what fits",
        arguments: [
            ("a", ["lstm:last", "dense"]), ("i", ["lstm:all", "lstm:last"]), ("d", ["lstm:all", "lstm:last"]),
        ])
    func besideRecurrent(key: String, expected: [String]) throws {
        let json = #"{"data":{"dataset":"recall"},"layers":[{"lstm":{"units":4}}]}"#
        var app = app(["4"], of: try Experiment(json: JSON(parsing: json)))
        app.select(layer: 0)
        app.handle(.key(try #require(Key(key))), at: 100)
        let found = app.experiment.layers.map { layer in
            guard case .text(let returns)? = layer.knobs["returns"] else {
                return layer.id == "lstm" ? "lstm:last" : layer.id
            }
            return "\(layer.id):\(returns)"
        }
        #expect(found == expected, "\(app.notice?.text ?? "")")
    }

    @Test(
        "inside a block too a, i and d add what fits beside a recurrent layer that hands on its last state",
        arguments: [
            ("a", [#"{"lstm":{"units":4}}"#, #"{"dense""#]),
            ("i", [#"{"lstm":{"units":4,"returns":"all"}}"#, #"{"lstm":{"units":4}}"#]),
            ("d", [#"{"lstm":{"units":4,"returns":"all"}}"#, #"{"lstm":{"units":4}}"#]),
        ])
    func besideRecurrentInside(key: String, expected: [String]) throws {
        let json =
            #"{"data":{"dataset":"recall"},"layers":[{"branches":{"stacks":[[{"lstm":{"units":4}}],[{"gru":{"units":4}}]]}}]}"#
        var app = app(["4"], of: try Experiment(json: JSON(parsing: json)))
        let list = try #require(app.editing.rows[.stack])
        let place = BlockPlace(block: 0, list: "stacks.0", index: 0)
        let row: Int = try #require(list.firstIndex { $0.block == place })
        app.editing.selection[.stack] = row
        app.handle(.key(try #require(Key(key))), at: 100)
        let stack = try #require(app.experiment.value(at: "layers.0.branches.stacks.0")).text(compact: true)
        let places = expected.compactMap { stack.range(of: $0)?.lowerBound }
        #expect(places.count == 2 && places[0] < places[1], "\(stack): \(app.notice?.text ?? "")")
    }

    @Test(
        "F freezes the layer that the row belongs to, in a block the innermost one, thaws it, and z undoes it",
        arguments: [
            ("body 1", ["F"], #"{"residual":{"body":[{"dense":{"units":4,"frozen":true}}]}}"#),
            ("body 1", ["F", "F"], #"{"residual":{"body":[{"dense":{"units":4,"frozen":false}}]}}"#),
            ("body 1", ["F", "z"], residual),
            ("kind", ["F"], #"{"residual":{"body":[{"dense":{"units":4}}],"frozen":true}}"#),
            ("body", ["F"], #"{"residual":{"body":[{"dense":{"units":4}}],"frozen":true}}"#),
            // A copy is new, and learns.
            (
                "body 1", ["F", "a"],
                #"{"residual":{"body":[{"dense":{"units":4,"frozen":true}},{"dense":{"units":4}}]}}"#
            ),
        ])
    func freezes(_ row: String, _ keys: [String], _ expected: String) throws {
        let app = try edited(Self.residual, row: row, then: keys)
        #expect(layers(app).contains(expected), "\(layers(app)): \(app.notice?.text ?? "")")
    }

    @Test("F on the output freezes it and lets it learn again; within a frozen block it says so and changes nothing")
    func freezesOthers() throws {
        var app = try edited(Self.residual, row: "kind", then: ["F"])
        let list = try #require(app.editing.rows[.stack])
        let row = try #require(list.firstIndex(where: { $0.title == "body 1" }))
        app.editing.selection[.stack] = row
        let before = app.experiment
        app.handle(.key(try #require(Key("F"))), at: 200)
        #expect(app.experiment == before && app.notice?.text.contains("block around this layer is frozen") == true)
        app.select(layer: LayerPath(app.experiment.layers.count))
        for isFrozen in [true, false] {
            app.handle(.key(try #require(Key("F"))), at: 210)
            #expect(app.experiment.output.isFrozen == isFrozen, "\(app.notice?.text ?? "")")
        }
    }

    @Test("the layers that a procedure freezes for its turn are marked")
    func turns() throws {
        var snapshot = try PlotFixture.snapshot(layers: [Choice("dense", ["units": .integer(3)])])
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        #expect(!app.draw().lines.contains { $0.contains("dense 3 *") })
        snapshot.outline.layers[0].isFrozen = true
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        #expect(app.draw().lines.contains { $0.contains("dense 3 *") })
    }

    @Test("esc does without the preset that is trained first")
    func skipsInitial() throws {
        var app = app([])
        app.receive(
            snapshot: nil, picture: nil, failure: nil,
            loading: DataLoading(name: "the preset xor after 100 epochs", percent: 40, isInitial: true))
        #expect(app.draw().lines.contains { $0.contains("esc starts from drawn weights") })
        _ = app.takeOutbox()
        app.handle(.key(Key(.escape)), at: 300)
        let sent = app.takeOutbox().contains { if case .trainer(.skipInitial) = $0 { true } else { false } }
        #expect(sent)
    }

    @Test("a frozen layer has a mark and a word in the stack, without colours too")
    func mark() throws {
        let layer = Choice("dense", ["units": .integer(3), "name": .text("code"), "frozen": .toggle(true)])
        let snapshot = try PlotFixture.snapshot(layers: [layer])
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        app.handle(.key(try #require(Key("4"))))
        app.select(layer: 0)
        let screen = app.draw().lines.joined(separator: "\n")
        #expect(screen.contains("dense 3 *") && screen.contains("frozen") && screen.contains("“code”"))
    }

    @Test(
        "a, x, d, J and K work inside a block, and z undoes them",
        arguments: [
            ("body 1", ["a"], #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#),
            ("body", ["a"], #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#),
            ("body 1", ["d"], #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#),
            ("body 1", ["d", "x"], residual),
            ("body 1", ["d", "z"], residual),
            ("body 1", ["d", "F", "K"], #"{"body":[{"dense":{"units":4,"frozen":true}},{"dense":{"units":4}}]}"#),
            ("body 1", ["d", "F", "K", "J"], #"{"body":[{"dense":{"units":4}},{"dense":{"units":4,"frozen":true}}]}"#),
            ("body 1", ["d", "F", "K", "z"], #"{"body":[{"dense":{"units":4}},{"dense":{"units":4,"frozen":true}}]}"#),
            ("body 1", ["x"], residual),
            ("shortcut", ["a"], #"{"residual":{"body":[{"dense":{"units":4}}],"shortcut":[{"dense":{"#),
            ("units", ["right"], residual),
        ])
    func insideABlock(_ row: String, _ keys: [String], _ expected: String) throws {
        let app = try edited(Self.residual, row: row, then: keys)
        #expect(layers(app).contains(expected), "\(layers(app)): \(app.notice?.text ?? "")")
    }

    @Test(
        "three blocks deep they work as in one",
        arguments: [
            (["a"], #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#),
            (["d"], #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#),
            (["d", "x"], residual), (["d", "z"], residual),
            (["i", "F"], #"{"body":[{"dense":{"units":4,"frozen":true}},{"dense":{"units":4}}]}"#),
            (["d", "F", "K"], #"{"body":[{"dense":{"units":4,"frozen":true}},{"dense":{"units":4}}]}"#),
            (["d", "F", "K", "J"], #"{"body":[{"dense":{"units":4}},{"dense":{"units":4,"frozen":true}}]}"#),
            (["F"], #"{"residual":{"body":[{"dense":{"units":4,"frozen":true}}]}}"#), (["F", "z"], residual),
        ])
    func threeDeep(_ keys: [String], _ expected: String) throws {
        let outer = #"{"residual":{"body":[{"branches":{"stacks":[[\#(Self.residual)]],"join":"sum"}}]}}"#
        var app = app(["4"], of: try experiment(outer))
        let path = "layers.1.residual.body.0.branches.stacks.0.0.residual.body.0"
        app.editing.selection[.stack] = try #require(app.editing.rows[.stack]?.firstIndex { $0.path == path })
        for (number, key) in keys.enumerated() {
            app.handle(.key(try #require(Key(key))), at: 100 + 2 * Double(number))
        }
        #expect(layers(app).contains(expected), "\(layers(app)): \(app.notice?.text ?? "")")
    }

    @Test("each row stands one step behind the layer or the list that it belongs to")
    func steps() throws {
        let outer = #"{"residual":{"body":[{"branches":{"stacks":[[\#(Self.residual)]],"join":"sum"}}]}}"#
        let app = app(["4"], of: try experiment(outer))
        let rows = try #require(app.editing.rows[.stack]).filter { $0.layer?.index == 1 }
        #expect(
            rows.map { "\($0.title): \($0.blockDepth)" } == [
                "kind: 0", "body: 0", "body 1: 1", "stacks: 2", "stack 1: 3", "stack 1 1: 4", "body: 5", "body 1: 6",
                "units: 7", "activation: 7", "initializer: 7", "shortcut: 5", "join: 2", "shortcut: 0",
            ])
    }

    @Test("a setting in a block is found by the way to its layer, and set by its value")
    func found() throws {
        var app = app([":"], of: try experiment(#"{"residual":{"body":[{"dense":{"units":4}},"dropout"]}}"#))
        app.handle(.paste("layer 2 body 2 rate 0.3"))
        app.handle(.key(Key(.enter)))
        let rate = app.experiment.value(at: "layers.1.residual.body.1.dropout.rate")
        #expect(rate == .number(0.3), "\(layers(app))")
    }

    /// The stack over a trainer's state, which tells the shapes.
    private func shown(_ layers: String, row path: String) throws -> App {
        let json = #"{"data":{"dataset":"circle"},"layers":[\#(layers)]}"#
        var app = try shownApp(over: Trainer(Experiment(json: JSON(parsing: json))), after: ["4"])
        app.editing.selection[.stack] = try #require(app.editing.rows[.stack]?.firstIndex { $0.path == path })
        return app
    }

    @Test("a block that is added comes with a body that fits what comes in", arguments: [1, 3, 6])
    func addedFits(units: Int) throws {
        let dense = #"{"dense":{"units":\#(units)}}"#
        var app = try shown(dense, row: "layers.0")
        app.handle(.key(try #require(Key(":"))))
        app.handle(.paste("add a layer residual"))
        app.handle(.key(Key(.enter)))
        let added = app.experiment.value(at: "layers.1.residual.body.0.dense.units")
        #expect(added == .number(Double(units)), "\(layers(app)): \(app.notice?.text ?? "")")
    }

    @Test("in blocks of other widths a layer is added, and taken into a block, as wide as it has to be there")
    func widthsInside() throws {
        let inner = #"{"branches":{"stacks":[[{"residual":{"body":[{"dense":{"units":3}}]}}]],"join":"sum"}}"#
        let block = #"{"residual":{"body":[{"dense":{"units":3}},\#(inner),{"dense":{"units":4}}]}}"#
        let stack = #"{"dense":{"units":4}},\#(block)"#
        let shortcut = "layers.1.residual.body.1.branches.stacks.0.0.residual.shortcut"
        var app = try shown(stack, row: shortcut)
        app.handle(.key(try #require(Key("a"))))
        #expect(app.experiment.value(at: "\(shortcut).0.dense.units") == .number(3), "\(app.notice?.text ?? "")")
        let first = "layers.1.residual.body.0"
        app = try shown(stack, row: first)
        app.choose("residual", for: .setting(path: first))
        let projection = app.experiment.value(at: "\(first).residual.shortcut.0.dense.units")
        #expect(projection == .number(3), "\(app.notice?.text ?? "")")
    }

    @Test("layers move within their list, and stacks too")
    func move() throws {
        let branches = #"{"branches":{"stacks":[[{"dense":{"units":1}},{"dense":{"units":2}}],[]]}}"#
        let inner = try edited(branches, row: "stack 1 1", then: ["J"])
        #expect(layers(inner).contains(#"[{"dense":{"units":2}},{"dense":{"units":1}}]"#), "\(layers(inner))")
        let outer = try edited(branches, row: "stacks", then: ["a"])
        #expect(outer.experiment.value(at: "layers.1.branches.stacks.2") != nil, "\(layers(outer))")
        let moved = try edited(branches, row: "stack 2", then: ["K"])
        #expect(layers(moved).contains(#"{"stacks":[[],[{"dense""#), "\(layers(moved))")
        let doubled = try edited(branches, row: "stack 2", then: ["d", "d", "x"])
        #expect(layers(doubled).contains("[],[]]"), "\(layers(doubled))")
        let deleted = try edited(branches, row: "stack 2", then: ["x"])
        #expect(deleted.experiment.value(at: "layers.1.branches.stacks.1") == nil, "\(layers(deleted))")
        let refused = try edited(branches, row: "stacks", then: ["x"])
        #expect(refused.notice != nil && layers(refused).contains(branches), "\(layers(refused))")
    }

    @Test(
        "a list's row says what its keys add and remove there",
        arguments: [
            ("stacks", "a adds an empty stack; on a stack's own row x removes it"),
            ("stack 2", "a adds a layer to this stack; x removes the stack"),
        ])
    func listWords(_ row: String, _ words: String) throws {
        let branches = #"{"branches":{"stacks":[[{"dense":{"units":1}}],[]]}}"#
        let app = try edited(branches, row: row, then: ["right"])
        #expect(app.notice?.text.hasPrefix(words) == true, "\(app.notice?.text ?? "")")
        let body = try edited(Self.residual, row: "body", then: ["x"])
        #expect(body.notice?.text.hasPrefix("a adds a layer; on a layer's own row x removes it") == true)
    }

    @Test("a layer with one number has one parameter, in the list too")
    func oneParameter() throws {
        let layer = Choice("activation", ["function": .choice(Choice("prelu"))])
        let snapshot = try PlotFixture.snapshot(layers: [Choice](repeating: layer, count: 9))
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 80, height: 24))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        app.handle(.key(try #require(Key("4"))))
        app.select(layer: 0)
        let screen = app.draw().lines.joined(separator: "\n")
        #expect(screen.contains("1 parameter") && !screen.contains(" 1 parameters"), "\(screen)")
    }

    @Test("the value's default is no other layer than the present one")
    func defaultOfALayer() throws {
        let inner = #"{"residual":{"body":[{"residual":{"body":[{"dense":{"units":4}}]}}]}}"#
        let app = try edited(inner, row: "body 1", then: ["backspace"])
        #expect(layers(app).contains(inner), "\(layers(app))")
        #expect(app.experiment.knob(at: "layers.1.residual.body.99") == nil)
    }

    @Test("each layer added inside a block in quick succession is a step of its own for undo")
    func quickSteps() throws {
        var app = try edited(Self.residual, row: "body 1", then: [])
        for (index, key) in ["d", "d", "x", "z"].enumerated() {
            app.handle(.key(try #require(Key(key))), at: 100 + Double(index) / 5)
        }
        #expect(layers(app).ranges(of: "units").count == 4, "\(layers(app))")
    }

    @Test("a on the output's rows adds a block and selects its first row")
    func addedBlock() throws {
        var app = try edited(Self.residual, row: "kind", then: [])
        let list = try #require(app.editing.rows[.stack])
        let place = try #require(list.firstIndex(where: { $0.layer == 2 && $0.title == "loss" }))
        app.editing.selection[.stack] = place
        app.handle(.key(try #require(Key("a"))), at: 100)
        let row = try #require(app.selectedRow(of: .stack))
        #expect(row.layer == 2 && row.title == "kind" && row.block == nil, "\(row.title)")
    }

    /// Each row once took as long as all.
    @Test("a thousand layers in a body are walked and edited", .timeLimit(.minutes(1)))
    func longBody() throws {
        let body = [String](repeating: #"{"dense":{"units":4}}"#, count: 1000).joined(separator: ",")
        let app = try edited(
            #"{"residual":{"body":[\#(body)]}}"#, row: "body 1000", then: ["down", "down", "up", "up", "d", "x"])
        #expect(layers(app).ranges(of: "units").count == 1001)
    }

    @Test("a saved link that cannot say a block is told to train another network")
    func savedLink() throws {
        var app = try edited(Self.residual, row: "kind", then: [])
        app.saved("link.txt", isDocument: false, link: PlaygroundLink.pageLink(for: app.experiment))
        #expect(app.notice?.text.contains("another network") == true, "\(app.notice?.text ?? "")")
        app.saved("link.txt", isDocument: false, link: PlaygroundLink.pageLink(for: .standard))
        #expect(app.notice?.text == "saved link.txt")
    }
}

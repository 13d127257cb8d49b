import Engine
import Testing

@testable import Session

/// Edits of the stack, in blocks too, and the addresses of layers that follow them.
@Suite("Layers that move, and their addresses")
struct LayerAddressTests {
    private struct NoList: Error {}

    @Test("the view, hidden settings and variants name layers three blocks deep by paths; plain numbers stay valid")
    func pathsInDocuments() throws {
        let inner = #"{"residual":{"body":[{"dense":{"units":4}}]}}"#
        let block = #"{"residual":{"body":[{"branches":{"stacks":[[\#(inner)]],"join":"sum"}}]}}"#
        let key = "layers.1.residual.body.0.branches.stacks.0.0.residual.body.0.dense.activation"
        func experiment(layer: String) throws -> Experiment {
            let rest =
                #","view":{"layer":\#(layer),"neuron":[\#(layer),2]},"hide":["\#(key)"],"#
                + #""compare":[{"title":"Sine","set":{"\#(key)":"sin"}}]"#
            return try CarryTests.experiment(#"{"dense":{"units":4}},\#(block)"#, rest)
        }
        let deep = "1.body.0.stacks.0.0.body.0"
        for (text, path) in [("1", LayerPath(1)), (#""\#(deep)""#, try #require(LayerPath(deep)))] {
            let one = try experiment(layer: text)
            #expect(one.view.layer == path && one.view.neuron == ViewRequest.Neuron(layer: path, unit: 2))
            let json = one.json.text(compact: true)
            #expect(json.contains(#""layer":\#(text)"#) && json.contains(#""neuron":[\#(text),2]"#), "\(json)")
            #expect(try Experiment(json: JSON(parsing: json)) == one)
            #expect(one.hides(key) && !one.hides("layers.0.dense.activation"))
            var session = Session(one)
            _ = try session.reduce(.variant(0))
            #expect(session.experiment.value(at: key) == .string("sin"))
        }
        let mistake = #expect(throws: ExperimentError.self) { try experiment(layer: #""1.body""#) }
        #expect(mistake?.place == "view.layer" && mistake?.message.contains("2.body.0") == true)
    }

    @Test("a setting in a block is named by the way to its layer, and each change is told")
    func names() throws {
        let deep = "layers.1.residual.body.0.branches.stacks.2.0.residual.body.1"
        for (path, words, keys) in [
            ("layers.2", "layer 3", ""), ("layers.2.dense.units", "layer 3", "dense.units"),
            ("layers.1.residual.body.0", "layer 2 body 1", ""),
            ("\(deep).dense.activation.elu", "layer 2 body 1 stack 3 layer 1 body 2", "dense.activation.elu"),
        ] {
            let found = LayerPath.innermost(in: path)
            #expect(found?.layer.words == words && found?.keys.joined(separator: ".") == keys, "\(path)")
        }
        for path in ["layers", "training.batchSize", "features.0"] {
            #expect(LayerPath.innermost(in: path)?.layer == nil)
        }
        let block = #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#
        let old = try CarryTests.experiment(#"{"dense":{"units":4}},\#(block)"#)
        var new = old
        for place in 0..<2 {
            new = try new.setting("layers.1.residual.body.\(place).dense.activation", to: .string("sin"))
        }
        let change = "activation tanh → sin"
        #expect(new.changeWords(since: old) == "layer 2 body 1 \(change), layer 2 body 2 \(change)")
    }

    @Test("describe indents blocks three deep, with the shape at every joint, and a link leaves them out with a word")
    func describesBlocks() throws {
        let inner = #"{"residual":{"body":[{"dense":{"units":3}}]}}"#
        let branches = #"{"branches":{"stacks":[[\#(inner)],[]]}}"#
        let block = #"{"residual":{"body":[\#(branches)],"shortcut":[{"dense":{"units":6}}]}}"#
        let experiment = try CarryTests.experiment(#"{"dense":{"units":3}},\#(block)"#)
        let text = try ExperimentTable(ExperimentSource(name: "x", experiment: experiment)).text
        // Each line with its indentation, and one blank between the columns.
        let lines = text.split(separator: "\n").map { line in
            String(line.prefix { $0 == " " }) + line.split(separator: " ").joined(separator: " ")
        }
        let expected = [
            "1 residual 6", "  body 6", "    0 branches 6", "      stacks.0 3", "        0 residual 3",
            "          body 3", "            0 dense 3", "          shortcut (identity) 3",
            "      stacks.1 (identity) 3", "  shortcut 6", "    0 dense 6",
        ]
        let first = try #require(lines.firstIndex { $0.hasPrefix(expected[0]) }, "\(text)")
        let isAsExpected = zip(lines[first...], expected).allSatisfy { $0.hasPrefix($1) }
        #expect(isAsExpected && lines.count >= first + expected.count, "\(text)")
        let unsaid = PlaygroundLink.pageLink(for: experiment).unsaid
        #expect(unsaid.contains { $0.place == "layers.1" && $0.message.contains("dense layers alone") })
    }

    @Test("the layers that take weights and are frozen stay the same ones when the stack is edited")
    func addresses() throws {
        let layers = #"{"dense":{"units":4}},{"dense":{"units":3,"name":"a"}},{"dense":{"units":2}}"#
        let start = try CarryTests.carried(layers, #"{"preset":"xor","layers":["0","a","output"],"freeze":["0","a"]}"#)
        /// The lists of `initial` after an edit: the layers that take weights, then the frozen ones.
        func after(_ actions: Action...) throws -> [[String]] {
            var session = Session(start)
            for action in actions { _ = try session.reduce(action) }
            return [session.experiment.initial.layers, session.experiment.initial.freeze]
        }
        let wide = Choice("dense", ["units": .integer(5)])
        #expect(try after(.insertLayer(wide, at: 0)) == [["1", "a", "output"], ["1", "a"]])
        #expect(try after(.insertLayer(wide, at: 3)) == [["0", "a", "output"], ["0", "a"]])
        #expect(try after(.deleteLayer(0)) == [["a", "output"], ["a"]])
        #expect(try after(.deleteLayer(1)) == [["0", "output"], ["0"]])
        #expect(try after(.moveLayer(from: 0, to: 2)) == [["2", "a", "output"], ["2", "a"]])
        #expect(try after(.moveLayer(from: 2, to: 0)) == [["1", "a", "output"], ["1", "a"]])
        #expect(try after(.duplicateLayer(0)) == [["0", "a", "output"], ["0", "a"]])
        let name = "layers.1.dense.name"
        #expect(try after(.set(path: name, .string("b"))) == [["0", "b", "output"], ["0", "b"]])
        #expect(try after(.set(path: name, .string(""))) == [["0", "1", "output"], ["0", "1"]])
        #expect(try after(.set(path: "layers.0.dense.units", .number(3))) == [["0", "a", "output"], ["0", "a"]])

        // A new name changes live; another layer in front leaves the weights that fit.
        #expect(!Change.between(start, try renamed(start)).startsAgain)
        var session = Session(start)
        _ = try session.reduce(.insertLayer(wide, at: 0))
        #expect(Change.between(start, session.experiment).mayKeepWeights)
        // Without a layer that takes weights there is no network to start from.
        session = Session(
            try CarryTests.carried(
                #"{"dense":{"units":4}},{"dense":{"units":3}}"#, #"{"preset":"xor","layers":["0"],"freeze":["0"]}"#))
        _ = try session.reduce(.deleteLayer(0))
        #expect(session.experiment.initial == InitialSettings())
    }

    private func renamed(_ experiment: Experiment) throws -> Experiment {
        var session = Session(experiment)
        _ = try session.reduce(.set(path: "layers.1.dense.name", .string("b")))
        return session.experiment
    }

    @Test("frozen layers in a block stay the same ones when it or its layers are moved, or one of them is deleted")
    func addressesInBlocks() throws {
        let block = #"{"residual":{"body":[{"dense":{"units":4}},{"batchNorm":{}},{"dense":{"units":2}}]}}"#
        let start = try CarryTests.carried(
            #"{"dense":{"units":2}},\#(block)"#, #"{"preset":"xor","freeze":["1.body.0","1.body.2"]}"#)
        var session = Session(start)
        _ = try session.reduce(.moveLayer(from: 1, to: 0))
        #expect(session.experiment.initial.freeze == ["0.body.0", "0.body.2"])
        let path = "layers.0.residual.body"
        guard case .array(var body)? = session.experiment.value(at: path) else { throw NoList() }
        body.swapAt(0, 1)
        _ = try session.reduce(.set(path: path, .array(body)))
        #expect(session.experiment.initial.freeze == ["0.body.1", "0.body.2"])
        body.remove(at: 1)
        _ = try session.reduce(.set(path: path, .array(body)))
        #expect(session.experiment.initial.freeze == ["0.body.1"])
    }

    @Test("locks go where stacks move or a layer becomes a block, and stay where an edit brings its own or moves none")
    func locks() throws {
        let block = #"{"branches":{"stacks":[[{"dense":{"units":4}}],[{"dense":{"units":3}}]]}}"#
        let start = try CarryTests.experiment(#"{"dense":{"units":2}},\#(block)"#)
            .setting("training.locked", to: .array([.string("layers.1.stacks.0.0.weight 0")]))
        func locked(after action: Action) throws -> [String] {
            var session = Session(start)
            _ = try session.reduce(action)
            #expect(session.experiment != start)
            return session.experiment.training.locked
        }
        let path = "layers.1.branches.stacks"
        guard case .array(var stacks)? = start.value(at: path) else { throw NoList() }
        stacks.swapAt(0, 1)
        #expect(try locked(after: .set(path: path, .array(stacks))) == [])
        let other = JSON.Member("layers.0.dense.activation", .string("relu"))
        #expect(try locked(after: .mended(.set(path: path, .array(stacks)), by: other)) == [])
        let residual = try JSON(parsing: #"{"residual":{"body":[{"dense":{"units":2}}]}}"#)
        #expect(try locked(after: .set(path: "layers.0", residual)) == [])
        #expect(
            try locked(after: .set(path: "layers.0.dense.activation", .string("relu"))) == start.training.locked)
        let own = [
            JSON.Member("layers", .array([])), JSON.Member("training.locked", .array([.string("output.weight 1")])),
        ]
        #expect(try locked(after: .settings(own)) == ["output.weight 1"])
    }

    @Test(
        "layers in blocks, three deep too, come, go and move by their paths: addresses follow them, even among equal ones",
        arguments: [("1", 1), ("1.stacks.0.0.stacks.0.0", 3)])
    func actionsInBlocks(place: String, depth: Int) throws {
        var block = #"{"branches":{"stacks":[[{"dense":{"units":4}}],[{"dense":{"units":4}},{"dense":{"units":4}}]]}}"#
        for _ in 1..<depth { block = #"{"branches":{"stacks":[[\#(block)]]}}"# }
        let start = try CarryTests.carried(
            #"{"dense":{"units":2}},\#(block)"#, #"{"preset":"xor","freeze":["\#(place).stacks.1.0"]}"#
        )
        .setting("training.locked", to: .array([.string("layers.\(place).stacks.1.0.weight 0")]))
        let first = try #require(LayerPath("\(place).stacks.1.0"))
        /// The frozen layers, and the units in the second stack, after an edit.
        func after(_ action: Action) throws -> [String] {
            var session = Session(start)
            _ = try session.reduce(action)
            #expect(session.experiment == start || session.experiment.training.locked.isEmpty)
            let stack = try #require(session.experiment.stack(around: first))
            return session.experiment.initial.freeze + stack.map { "\($0.knobs["units"] == .integer(5) ? 5 : 4)" }
        }
        let wide = Choice("dense", ["units": .integer(5)])
        #expect(try after(.moveLayer(from: first, to: first.sibling(at: 1))) == ["\(place).stacks.1.1", "4", "4"])
        #expect(try after(.insertLayer(wide, at: first)) == ["\(place).stacks.1.1", "5", "4", "4"])
        #expect(try after(.insertLayer(wide, at: first.sibling(at: 2))) == ["\(place).stacks.1.0", "4", "4", "5"])
        #expect(try after(.duplicateLayer(first)) == ["\(place).stacks.1.0", "4", "4", "4"])
        #expect(try after(.deleteLayer(first)) == ["4"])
        #expect(try after(.deleteLayer(first.sibling(at: 1))) == ["\(place).stacks.1.0", "4"])
        // Another stack than that of the layer, and places that are not there.
        let nowhere = try ["\(place).stacks.0.0", "\(place).stacks.2.0", "0.body.0"].map { try #require(LayerPath($0)) }
        for path in nowhere {
            #expect(try after(.moveLayer(from: first, to: path)) == ["\(place).stacks.1.0", "4", "4"])
        }
        for path in nowhere.dropFirst() {
            #expect(try after(.insertLayer(wide, at: path)) == ["\(place).stacks.1.0", "4", "4"])
        }
        #expect(start.stack(around: 0) == start.layers && start.stack(around: nowhere[2]) == nil)
    }
}

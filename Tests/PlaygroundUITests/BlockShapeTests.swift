import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

/// Edits of blocks after which shapes do not fit, or layers would be lost.
@Suite("Editing blocks: shapes and kinds")
struct BlockShapeTests: BlockFixture {
    @Test("an edit whose shapes do not fit is refused with the projection that would")
    func refused() throws {
        let app = try edited(Self.residual, row: "units", then: ["right"])
        #expect(layers(app).contains(Self.residual))
        #expect(app.notice?.bad == true && app.notice?.text.contains("project") == true, "\(app.notice?.text ?? "")")
    }

    @Test("a refused edit that a projection makes fit is done with it by one key, and undone as one step")
    func mended() throws {
        let body = "layers.1.residual.body.0.dense.units"
        let shortcut = "layers.1.residual.shortcut"
        var app = try edited(Self.residual, row: "units", then: ["right"])
        #expect(app.notice?.text.hasSuffix("; P does both") == true, "\(app.notice?.text ?? "")")
        for (units, keys) in [(5.0, ["P"]), (6, ["right", "P"]), (9, ["enter", "9", "enter", "P"])] {
            for key in keys { app.handle(.key(try #require(Key(key))), at: 200 + 10 * units) }
            #expect(app.experiment.value(at: body) == .number(units), "\(app.notice?.text ?? "")")
            #expect(app.experiment.value(at: "\(shortcut).0.dense.units") == .number(units))
            #expect(app.experiment.value(at: "\(shortcut).0.dense.activation") == .string("linear"))
            #expect(app.experiment.value(at: "\(shortcut).1") == nil)
        }
        for _ in 0..<3 { app.handle(.key(try #require(Key("z"))), at: 400) }
        #expect(layers(app).contains(Self.residual), "\(layers(app))")
        // Nothing has been refused since.
        app.handle(.key(try #require(Key("P"))), at: 500)
        #expect(layers(app).contains(Self.residual) && app.notice?.text.contains("no edit was refused") == true)
    }

    @Test("the width of a stack of residual blocks is changed by the same key, as one step")
    func mendedInTurn() throws {
        var app = try edited("\(Self.residual),\(Self.residual),\(Self.residual)", row: "units", then: ["right"])
        #expect(app.notice?.text.hasSuffix("; P does both, in 2 blocks") == true, "\(app.notice?.text ?? "")")
        app.handle(.key(try #require(Key("P"))), at: 200)
        func value(_ path: String) -> JSON? { app.experiment.value(at: "layers.\(path)") }
        #expect(value("1.residual.body.0.dense.units") == .number(5))
        #expect(value("1.residual.shortcut.0.dense.units") == .number(5))
        #expect(value("2.residual.body.0.dense.units") == .number(4))
        #expect(value("2.residual.shortcut.0.dense.units") == .number(4))
        #expect(value("3.residual.shortcut.0") == nil)
        app.handle(.key(try #require(Key("z"))), at: 300)
        #expect(!layers(app).contains("shortcut"))
    }

    @Test("of a shortcut's layer the sizes alone are changed")
    func mendedShortcut() throws {
        func block(_ units: Int) -> String {
            #"{"residual":{"body":[{"dense":{"units":\#(units)}}],"shortcut":[{"dense":{"units":\#(units),"activation":"relu"}}]}}"#
        }
        let app = try edited(block(4), row: "units", then: ["right", "P"])
        #expect(layers(app).contains(block(5)), "\(layers(app)): \(app.notice?.text ?? "")")
    }

    @Test("a feature and a number from a prompt are mended by the same key, which no prompt takes")
    func mendedFromPrompts() throws {
        let block = #"{"residual":{"body":[{"dense":{"units":2}}]}}"#
        let json = #"{"data":{"dataset":"circle"},"layers":[\#(block)]}"#
        var app = app(["2"], of: try Experiment(json: JSON(parsing: json)))
        app.popup = Prompt.feature
        app.handle(.paste("x1*x2 - 0.5"))
        app.handle(.key(Key(.enter)), at: 100)
        #expect(app.popup == nil && app.notice?.text.hasSuffix("; P does both") == true, "\(app.notice?.text ?? "")")
        app.handle(.key(try #require(Key("P"))), at: 110)
        #expect(app.experiment.features.count == 3, "\(app.notice?.text ?? "")")
        #expect(app.experiment.value(at: "layers.0.residual.shortcut.0.dense.units") == .number(2))
        let path = "layers.0.residual.body.0.dense.units"
        let knob = try #require(app.experiment.knob(at: path))
        app.popup = Prompt.setting(path, knob, "7")
        app.handle(.key(Key(.enter)), at: 120)
        #expect(app.popup == nil && app.notice?.text.hasSuffix("; P does both") == true, "\(app.notice?.text ?? "")")
        app.handle(.key(try #require(Key("P"))), at: 130)
        #expect(app.experiment.value(at: path) == .number(7), "\(app.notice?.text ?? "")")
    }

    @Test("where the key means another thing it is not named")
    func noKeyToMend() throws {
        var app = app(["4"], of: try experiment(Self.residual))
        app.show(.output)
        app.act(.set(path: "layers.1.residual.body.0.dense.units", .number(5)))
        #expect(app.notice?.bad == true && app.notice?.text.contains("does both") == false)
        app.show(.stack)
        app.handle(.key(try #require(Key("P"))), at: 100)
        #expect(layers(app).contains(Self.residual))
    }

    @Test("three blocks deep too, but not where layers would be lost or another block does not fit")
    func mendedDeep() throws {
        func edited(_ inner: String, behind: String) throws -> String {
            let branches = #"{"branches":{"stacks":[[\#(inner)]],"join":"sum"}}"#
            var app = app(["4"], of: try experiment(#"{"residual":{"body":[\#(branches)\#(behind)]}}"#))
            let path = "layers.1.residual.body.0.branches.stacks.0.0.residual.body.0.dense.units"
            app.editing.selection[.stack] = try #require(app.editing.rows[.stack]?.firstIndex { $0.path == path })
            for key in ["right", "P"] { app.handle(.key(try #require(Key(key))), at: 100) }
            return layers(app)
        }
        let dense = #"{"dense":{"units":4}}"#
        let done = try edited(Self.residual, behind: ",\(dense)")
        let both = #"{"residual":{"body":[{"dense":{"units":5}}],"shortcut":[{"dense":{"units":5"#
        #expect(done.contains(both), "\(done)")
        // The block around it lacks one too.
        let all = try edited(Self.residual, behind: "")
        #expect(all.contains(both) && all.ranges(of: "shortcut").count == 2, "\(all)")
        let full = #"{"residual":{"body":[\#(dense)],"shortcut":[\#(dense),\#(dense)]}}"#
        #expect(try edited(full, behind: ",\(dense)").contains(full))
    }

    @Test("another kind never throws away what is in a block")
    func losesNothing() throws {
        let two = #"{"residual":{"body":[{"dense":{"units":4}},{"dense":{"units":4}}]}}"#
        var app = try edited(two, row: "kind", then: ["left"])
        #expect(layers(app).contains(#"{"dense":{"units":4}},{"dense":{"units":4}}"#), "\(layers(app))")
        app = try edited(two, row: "kind", then: [])
        app.choose("dropout", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(two) && app.notice?.bad == true, "\(app.notice?.text ?? "")")
    }

    @Test("of branches two stacks become body and shortcut; a third would be lost, and they stay branches")
    func losesNoStack() throws {
        let stack = #"[{"dense":{"units":4}}]"#
        let (two, three) = ("\(stack),\(stack)", "\(stack),\(stack),\(stack)")
        var app = try edited(#"{"branches":{"stacks":[\#(two)]}}"#, row: "kind", then: [])
        app.choose("residual", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(#"{"residual":{"body":\#(stack),"shortcut":\#(stack)}}"#), "\(layers(app))")
        app = try edited(#"{"branches":{"stacks":[\#(three)]}}"#, row: "kind", then: [])
        app.choose("residual", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(three) && app.notice?.bad == true, "\(layers(app))")
        // Round all kinds, and the one that is there chosen again.
        for key in ["left", "right"] {
            let walked = try edited(#"{"branches":{"stacks":[\#(three)]}}"#, row: "kind", then: [key])
            #expect(layers(walked).contains(three) && walked.notice?.bad == true, "\(layers(walked))")
        }
        app.choose("branches", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(three), "\(layers(app))")
    }

    @Test("a residual before another becomes branches that are summed, for that one takes no more values")
    func keepsValues() throws {
        var app = try edited("\(Self.residual),\(Self.residual)", row: "kind", then: [])
        app.choose("branches", for: .setting(path: "layers.1"))
        let branches = #"{"branches":{"stacks":[[{"dense":{"units":4}}],[]],"join":"sum"}}"#
        #expect(layers(app).contains("\(branches),\(Self.residual)"), "\(layers(app)): \(app.notice?.text ?? "")")
    }

    @Test("another kind wraps a layer in a block, and takes it out again")
    func wrapping() throws {
        let start = #"{"dense":{"units":4,"activation":"relu"}}"#
        var app = try edited(start, row: "kind", then: [])
        app.choose("residual", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(#"{"residual":{"body":[{"dense":{"units":4,"activation":"relu"}}]}}"#))
        app.choose("branches", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(#"{"branches":{"stacks":[[{"dense":{"units":4,"activation":"relu"}}],[]]}}"#))
        app.choose("dense", for: .setting(path: "layers.1"))
        #expect(layers(app).contains(start) && !layers(app).contains("branches"), "\(layers(app))")
    }
}

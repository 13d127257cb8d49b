import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Images on the screen")
struct ImageScreenTests {
    private func app(_ width: Int, _ height: Int, _ settings: [String] = []) throws -> App {
        let experiment = try Experiment.standard.setting("features", to: .array([])).setting(
            assignments: ["data.dataset=digits"] + settings)
        let trainer = try Trainer(experiment)
        _ = trainer.epoch()
        var app = App(experiment: experiment)
        app.handle(.resize(width: width, height: height))
        app.receive(
            snapshot: trainer.snapshot(revision: 1, stepsPerSecond: 1, seconds: 1, message: nil, waits: true),
            picture: nil, failure: nil)
        return app
    }

    @Test(
        "every panel takes its keys on images, and plots of columns step aside",
        arguments: [(80, 24), (120, 40), (200, 60), (50, 15)])
    func panels(width: Int, height: Int) throws {
        var app = try app(width, height)
        #expect(app.inputShape == Shape(1, 8, 8) && app.columns.isEmpty)
        for panel in 1...7 {
            for key in [
                "\(panel)", "down", "right", "left", "up", "t", "d", "M", "M", "u", "U", "0", "c", "C", "P", "b", "[",
                "]",
                "w", "right", "down", "w", "g", "?", "esc",
            ] {
                app.handle(.key(try #require(Key(key))))
                _ = app.render()
                if app.popup != nil { app.handle(.key(Key(.escape))) }
            }
        }
        for x in stride(from: 0, to: width, by: 3) {
            for y in 0..<height { app.handle(.mouse(Mouse(.move, x: x, y: y))) }
        }
        _ = app.render()
    }

    @Test("the variants of an image stand beside it, or it is said that there are none")
    func variants() throws {
        for (settings, words) in [
            ([], "Training takes the images as they are"), ([#"data.augment=["shift"]"#], "variants of image 1"),
        ] {
            var app = try app(120, 40, settings)
            for key in ["5", "a"] { app.handle(.key(try #require(Key(key)))) }
            #expect(lines(app.render().canvas).joined(separator: "\n").contains(words))
        }
    }

    @Test("beside a long path the label of its row stays whole, and the file's name in sight", arguments: [80, 120])
    func path(width: Int) throws {
        let experiment = try Experiment.standard.setting("features", to: .array([])).setting(
            assignments: ["data.dataset=idx", "data.file=/home/somebody/data/handwritten/digits/mnist"])
        var app = App(experiment: experiment)
        app.handle(.resize(width: width, height: 40))
        app.handle(.key(try #require(Key("1"))))
        let row = try #require(lines(app.render().canvas).first { $0.contains("digits/mnist") })
        #expect(row.contains(" file ") && row.contains("…"), "\(row)")
    }

    @Test("the stack says the image's shape, and nothing offers features")
    func words() throws {
        let app = try app(120, 40)
        let words = lines(app.render().canvas).joined(separator: "\n")
        #expect(words.contains("input 1×8×8"))
        #expect(words.contains("Augment") && !words.contains("Features"))
        let offered = (app.editing.rows[.features] ?? []).map(\.kind)
        #expect(offered == Catalogue.entries(.augmentation).map { .augmentation($0.id) })
    }

    @Test("the panel of features switches random changes of images, and shows which are on")
    func toggles() throws {
        var app = try app(120, 40)
        for key in ["2", "enter", "right", "right", "enter"] { app.handle(.key(Key(key)!)) }
        let all = Catalogue.entries(.augmentation).map(\.id)
        #expect(app.experiment.data.augment.map(\.id) == [all[0], all[2]])
        #expect(app.editing.rows[.features]?.map(\.value).prefix(3) == ["on", "off", "on"])
        app.handle(.key(Key("enter")!))
        #expect(app.experiment.data.augment.map(\.id) == [all[0]])
    }

    @Test("augmentation is switched on and off in its menu, and each has its knobs below")
    func augmentation() throws {
        var app = try app(120, 40)
        app.handle(.key(Key("1")!))
        let row = try #require(app.editing.rows[.data]?.firstIndex { $0.kind == .augment(path: "data.augment") })
        app.editing.selection[.data] = row
        app.handle(.key(Key(.enter)))
        app.handle(.key(Key(.enter)))
        #expect(app.experiment.data.augment == [Choice("shift")])
        app.handle(.key(Key(.down)))
        app.handle(.key(Key(.enter)))
        #expect(app.experiment.data.augment.map(\.id) == ["shift", "rotate"])
        app.handle(.key(Key(.enter)))
        app.handle(.key(Key(.escape)))
        #expect(app.experiment.data.augment.map(\.id) == ["shift"])
        app.editing.selection[.data] = row + 2
        #expect(app.selectedRow(of: .data)?.path == "data.augment.0.shift.pixels")
        app.handle(.key(Key(.right)))
        #expect(app.experiment.data.augment == [Choice("shift", ["pixels": .integer(2)])])
    }
}

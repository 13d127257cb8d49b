import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Health on the screen")
struct HealthScreenTests {
    /// Looks at a run twice, some epochs apart, as the screen does.
    private static func looked(
        _ preset: String, epochs: Int, size: (Int, Int) = (120, 40), keys: [String] = []
    ) throws -> App {
        let experiment = try Experiment(json: JSON(parsing: Preset.named(preset).text))
        let trainer = try Trainer(experiment)
        var shown = app(keys, of: experiment, size: size)
        for _ in 0..<2 {
            for _ in 0..<epochs { _ = trainer.epoch() }
            let snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
            shown.receive(snapshot: snapshot, picture: nil, failure: nil, at: 10)
            let picture = PictureMaker().makePicture(snapshot, shown.viewRequest)
            shown.receive(snapshot: nil, picture: picture, failure: nil, at: 11)
        }
        return shown
    }

    private static func screen(_ app: App) -> String { lines(app.draw()).joined(separator: "\n") }

    @Test("what is wrong is said once, stands on top, and F8 applies the remedy, which undo takes back")
    func remedy() throws {
        var shown = try Self.looked("vanishing-gradients", epochs: 10)
        let notice = try #require(shown.notice)
        #expect(notice.text.hasPrefix("Vanishing gradients") && notice.text.contains("; F8 makes"))
        #expect(Self.screen(shown).contains("vanishing F8"))
        let before = shown.experiment
        shown.handle(.key(Key("F8")!), at: 20)
        #expect(shown.experiment != before)
        let activations = Set(shown.experiment.layers.compactMap { $0.knobs["activation"] })
        #expect(activations == [.choice(Choice(Catalogue.againstVanishing.id))])
        let resets = shown.takeOutbox().contains { if case .trainer(.reset) = $0 { true } else { false } }
        #expect(resets)
        shown.handle(.key(Key("z")!), at: 30)
        #expect(shown.experiment.layers == before.layers)
    }

    @Test("a run that goes well has nothing said of it, and the key says so")
    func well() throws {
        var shown = try Self.looked("circle", epochs: 10)
        #expect(shown.watch.shown == nil)
        #expect(!Self.screen(shown).contains("F8"))
        shown.handle(.key(Key("F8")!), at: 20)
        #expect(shown.notice?.text.contains("nothing is seen") == true)
    }

    @Test(
        "beside each layer stand the sizes of weights, values and gradients",
        arguments: [(80, 24), (120, 40), (200, 60)])
    func marks(width: Int, height: Int) throws {
        let shown = try Self.looked("circle", epochs: 5, size: (width, height))
        let marks = lines(shown.draw()).filter { $0.contains(#/w[▁▂▃▄▅▆▇█] ?a[▁▂▃▄▅▆▇█] ?g[▁▂▃▄▅▆▇█]/#) }
        #expect(marks.count >= 2, "\(Self.screen(shown))")
    }

    @Test("the view has a row for each layer and the histograms of one")
    func view() throws {
        let shown = try Self.looked("circle", epochs: 5, keys: ["6", "w", "e"])
        let screen = Self.screen(shown)
        for word in ["dense 4", "dense 2", "output 1", "idle", "update", "gradients"] {
            #expect(screen.contains(word), "\(word)\n\(screen)")
        }
    }

    @Test(
        "where not all layers fit, those around the chosen one stand there, with a word of the others",
        arguments: [(80, 24), (120, 40)])
    func window(width: Int, height: Int) throws {
        let layers = Array(repeating: #"{"dense": {"units": 3}}"#, count: 20).joined(separator: ",")
        let experiment = try Experiment.standard.setting(assignments: ["layers=[\(layers)]"])
        let trainer = try Trainer(experiment)
        _ = trainer.epoch()
        func shown(_ keys: [String]) throws -> String {
            try Self.screen(shownApp(over: trainer, after: keys, size: (width, height)))
        }
        var seen: Set<Int> = []
        for count in 0..<21 {
            let screen = try shown(["6", "w"] + Array(repeating: "]", count: count))
            let found = try #require(screen.firstMatch(of: #/(\d+)–(\d+)( of 21|/21)? +w/#), "\(screen)")
            #expect(found.3 != nil, "\(screen)")
            seen.formUnion(Int(found.1)!...Int(found.2)!)
            for word in ["weight", "idle", "update"] { #expect(screen.contains(word)) }
        }
        #expect(seen == Set(1...21))
        #expect(try !shown(["6", "w", "e"]).contains(#/\d+–\d+(?: of |/)21/#) || height < 40)
    }

    @Test("bars are logarithmic, a step for each power of ten")
    func bars() {
        let sizes = [0, 1e-7, 1e-6, 1e-3, 1, 10, 1e9, Double.infinity]
        #expect(String(String.UnicodeScalarView(sizes.map { HealthBar.glyph($0, ascii: false) })) == "·▁▁▄▇███")
        #expect(String(String.UnicodeScalarView(sizes.map { HealthBar.glyph($0, ascii: true) })) == "01147888")
    }

    @Test("one measurement alone is no news, and a diagnosis that is gone goes")
    func twice() {
        func picture(_ step: Int, _ word: String?) -> Picture {
            var picture = Picture(revision: 1, generation: 1, step: step)
            picture.health = Health(step: step, isFinal: false, samples: 1, layers: [])
            picture.health?.diagnosis = word.map { Diagnosis(word: $0, sentence: $0, remedy: nil) }
            return picture
        }
        var watch = HealthWatch()
        #expect(watch.follow(picture(1, "a")) == nil && watch.shown == nil)
        #expect(watch.follow(picture(1, "a")) == nil && watch.shown == nil)
        #expect(watch.follow(picture(2, "a"))?.word == "a")
        #expect(watch.follow(picture(3, "a")) == nil && watch.shown?.word == "a")
        #expect(watch.follow(picture(4, nil)) == nil && watch.shown?.word == "a")
        #expect(watch.follow(picture(5, nil)) == nil && watch.shown == nil)
        #expect(watch.follow(picture(6, "b")) == nil && watch.shown == nil)
    }
}

import Datasets
import Engine
import Session
import Synchronization
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("The planning of networks side by side")
struct GridPlanTests {
    @Test(
        "no key waits for the planning of networks: it is asked for, told, and given up with esc",
        arguments: ["A", "F3", "V"])
    func planned(key: String) throws {
        func pressed(_ keys: String...) throws -> App {
            var app = App(experiment: .standard)
            app.handle(.resize(width: 120, height: 40))
            for key in keys { app.handle(.key(try #require(Key(key)))) }
            return app
        }
        /// How often plans were asked for, and given up.
        func effects(_ app: App) -> [Int] {
            app.outbox.reduce(into: [0, 0]) { counts, effect in
                if case .planGrid = effect { counts[0] += 1 }
                if case .cancelPlan = effect { counts[1] += 1 }
            }
        }
        let asked = try pressed(key)
        #expect(asked.grid == nil && asked.popup == nil && effects(asked) == [1, 0])
        #expect(asked.draw().lines.joined().contains("planning the networks of the"))
        let left = try pressed(key, "esc")
        #expect(effects(left) == [1, 1] && !left.draw().lines.joined().contains("planning"))
        // An edit makes the plan one of another experiment.
        #expect(try effects(pressed(key, "4", "right")) == [1, 1])
        var settled = asked
        settled.makePlans()
        #expect(settled.grid != nil || settled.popup != nil)
        // A change of a grid that is there is planned too, and leaving gives it up.
        guard key == "A" else { return }
        settled.handle(.key(try #require(Key("+"))))
        #expect(effects(settled)[0] == 1 && settled.atlas != nil)
        settled.handle(.key(try #require(Key("esc"))))
        #expect(effects(settled)[1] == 1 && settled.grid == nil)
    }

    @Test("an atlas that is given up is not made to its end, and too large ones are not planned to their end")
    func givenUp() throws {
        let app = app([])
        let (across, down) = try #require(Atlas.firstSettings(VariedSetting.all(of: app)))
        let room = AtlasView.room(width: 200, height: 60)
        let loading = Loading()
        var maker = AtlasMaker(.standard, across: across, down: down, in: room, loading: loading)
        #expect(maker.atlas(cellHeight: 7) != nil)
        loading.cancel()
        #expect(try maker.atlas(cellHeight: 7) == nil && maker.fitting(cellHeight: 7) == nil)
        let data = try Trainer(.standard).data
        var heavy = AtlasMaker(.standard, across: across, down: down, in: room, data: data)
        #expect(heavy.atlas(cellHeight: 7, mostWeights: 30) == nil)
    }

    @Test("a grid's networks are shown one by one, as they are measured")
    func oneByOne() {
        let counts = Mutex<[Int]>([])
        let boxes = GridBoxes()
        var loop = GridLoop(
            boxes: boxes, playing: false, epochsPerSecond: nil, threads: 1, device: .processor, fitsRivals: false
        ) {
            counts.withLock { $0.append(boxes.news.withLock { $0.members.count }) }
        }
        loop.begin(Array(repeating: .standard, count: 5), directory: nil)
        let seen = counts.withLock { $0 }
        #expect(seen.first == 1 && seen.last == 5, "\(seen)")
    }

    @Test("a cell of other data has neither the title nor the story of the present ones")
    func otherData() throws {
        let experiment = try Experiment(json: JSON(parsing: Preset.named("spiral").text))
        try #require(!experiment.story.isEmpty && !experiment.title.isEmpty)
        let other = app(["F3", "down", "enter"], of: experiment)
        #expect(other.experiment.data.dataset.id != experiment.data.dataset.id)
        #expect(other.experiment.story.isEmpty && other.experiment.title.isEmpty)
        let same = app(["F3", "right", "enter"], of: experiment)
        #expect(same.experiment.story == experiment.story && same.experiment.title == experiment.title)
    }
}

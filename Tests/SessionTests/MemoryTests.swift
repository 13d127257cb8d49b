import Engine
import Testing

@testable import Session

struct MemoryTests {
    /// A short document of a network that no machine holds.
    private static let document: Experiment = {
        var experiment = Experiment.standard
        experiment.layers = Array(
            repeating: Choice("dense", ["units": .integer(4096)]), count: NetworkDescription.mostLayers)
        return experiment
    }()

    private var isRefused: Bool { (try? Self.document.checkMemory()) == nil }

    @Test("a document whose network does not fit is not opened: what is there stays")
    func opening() throws {
        guard isRefused else { return }
        var session = Session(.standard)
        let error = #expect(throws: ExperimentError.self) {
            try session.reduce(.open(ExperimentSource(name: "large.json", experiment: Self.document)))
        }
        #expect(error?.kind == .malformed && error?.message.contains("GB") == true)
        #expect(session.experiment == .standard && !session.canUndo)
    }

    @Test("an edit that makes a network too large is refused, one that makes it smaller never")
    func edits() throws {
        guard isRefused else { return }
        var session = Session(Self.document)
        #expect(throws: Never.self) { try session.reduce(.deleteLayer(0)) }
        #expect(throws: ExperimentError.self) { try session.reduce(.duplicateLayer(0)) }
        #expect(throws: Never.self) { try session.reduce(.set(path: "training.batchSize", .number(5))) }
    }

    @Test("what does not fit says how long sequences may be, and so long they fit")
    func length() throws {
        let experiment = try Experiment.standard.setting(assignments: [
            "data.dataset=recall", "features=[]", #"layers=[{"lstm": {"units": 64}}]"#, "data.lag=5000",
            "training.batchSize=100",
        ])
        let room = 200_000_000
        #expect(experiment.trainingBytes > room)
        let words = try #require(experiment.fittingLength(bytes: room))
        let length = try #require(Int(words.filter(\.isNumber)))
        #expect(words.hasPrefix("a lag of "))
        func bytes(_ lag: Int) throws -> Int {
            try experiment.setting("data.lag", to: .number(Double(lag))).trainingBytes
        }
        #expect(try bytes(length) <= room && bytes(length + 1) > room)
        #expect(experiment.fittingLength(bytes: 1000) == nil)
        #expect(Experiment.standard.fittingLength(bytes: room) == nil)
        let error = experiment.tellingLength(EngineError(place: "layers", message: "x"))
        #expect(error.message == "x")
    }

    @Test("networks on the screen may take so much together and no more")
    func grids() throws {
        let data = try Trainer(.standard).data
        #expect(ExperimentGrid.sizeProblem(Array(repeating: .standard, count: 192), like: data) == nil)
        // Each samples' values are kept for a whole batch.
        var large = Experiment.standard
        large.data.dataset.knobs["samples"] = .integer(100_000)
        large.training.batchSize = 50_000
        let problem = try #require(ExperimentGrid.sizeProblem(Array(repeating: large, count: 192), like: data))
        #expect(problem.contains("192 such networks") && problem.contains("268 MB"))
        let error = #expect(throws: ExperimentError.self) {
            _ = try ExperimentGrid(
                (0..<40).map { seed in
                    var other = large
                    other.seed = UInt64(seed)
                    return other
                })
        }
        #expect(error?.message.contains("40 such networks") == true)
    }
}

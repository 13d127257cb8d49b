import COpenCL
import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A backend that takes what it is given, measures nothing, and breaks after a number of calls. It never did a step, so
/// that it never has anything to hand over.
private final class BreakingBackend: Backend {
    var calls: Int
    init(calls: Int) { self.calls = calls }

    private func count() throws(EngineError) {
        calls -= 1
        if calls < 0 { throw EngineError(place: "card", message: "out of device memory") }
    }

    var deliverySize: Int { 0 }
    var isFull: Bool { false }
    func write(_ memory: LearnerBlocks) throws(EngineError) { try count() }
    func run(_ step: TrainingStep, rows: UnsafeBufferPointer<Int32>) throws(EngineError) { try count() }
    func measure(after step: Int) throws(EngineError) -> Bool {
        try count()
        return true
    }
    func launch() throws(EngineError) { try count() }
    func dispatch(gradients: Bool) throws(EngineError) { try count() }
    func hasArrived() throws(EngineError) -> Bool { false }
    func collect(_ memory: LearnerBlocks) throws(EngineError) -> Delivery {
        throw EngineError(place: "card", message: "out of device memory")
    }
    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result? { nil }
}

@Suite("A learner and its backend")
struct BackendTests {
    static func learner(
        _ learning: LearningDescription, device: ComputeDevice = .processor
    ) throws -> Learner {
        try Learner(
            network: classifier([dense(8, Choice("tanh")), dropout(0.2), dense(5, Choice("prelu"))]),
            learning: learning,
            train: points(50), test: points(20, seed: 2), seed: 3, device: device)
    }

    static let learnings = [
        LearningDescription(optimizer: Choice("sgd"), batchSize: 10, shuffle: true),
        LearningDescription(optimizer: Choice("adam"), batchSize: 16, lastBatch: .carry, shuffle: true, l2: 0.01),
        LearningDescription(optimizer: Choice("momentum"), batchSize: 16, lastBatch: .drop, l1: 0.001, clipNorm: 0.5),
        LearningDescription(
            optimizer: Choice("rmsprop"), schedule: Choice("cosine"), batchSize: 50, lastBatch: .short, shuffle: true),
    ]

    @Test(
        "A backend that breaks loses nothing: the processor does the same steps again", arguments: learnings,
        [0, 1, 2, 9, 40])
    func fallsBack(_ learning: LearningDescription, _ calls: Int) throws {
        let (expected, broken) = (try Self.learner(learning), try Self.learner(learning))
        broken.delegation = Delegation(BreakingBackend(calls: calls), device: .processor)
        var found: [Learner.Measurement] = []
        for _ in 0..<60 {
            let (one, other) = (expected.advance(), broken.advance())
            #expect(one == other)
            // What was measured in passing is measured again too.
            if other == .finishedEpoch, !broken.measureInPassing() { _ = broken.evaluate() }
            found += broken.takeMeasurements()
        }
        #expect(broken.state == expected.state)
        found += broken.takeMeasurements()
        #expect(found.allSatisfy { $0.evaluation.isFinite && $0.epoch > 0 })
        #expect(broken.evaluate() == expected.evaluate())
        #expect(broken.delegation == nil && broken.deviceFailure?.message == "out of device memory")
    }

    @Test("What was read or reset in between is not done again")
    func interruptions() throws {
        let learning = Self.learnings[1]
        let (expected, broken) = (try Self.learner(learning), try Self.learner(learning))
        broken.delegation = Delegation(BreakingBackend(calls: 12), device: .processor)
        for learner in [expected, broken] {
            for _ in 0..<5 { _ = learner.advance() }
            learner.reset(seed: 3)
            for _ in 0..<40 { _ = learner.advance() }
        }
        #expect(broken.state == expected.state)
    }
}

@Suite("Learning on an OpenCL device", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
struct OpenCLLearnerTests {
    private var device: ComputeDevice { get throws { .openCL(try #require(OpenCLSupport.device)) } }

    /// Both ways of doing steps, in both styles of kernels.
    enum Way: CaseIterable, Sendable {
        case wholeByLanes, wholeByItems, stepsByLanes, stepsByItems

        func move(_ learner: Learner) throws {
            let device = try #require(OpenCLSupport.device)
            let byLanes = self == .wholeByLanes || self == .stepsByLanes
            let style = KernelText.Style(lanes: byLanes ? 16 : 1, hasDouble: true)
            let backend: any Backend =
                self == .wholeByLanes || self == .wholeByItems
                ? try OpenCLWholeBackend(
                    device, plan: learner.plan, optimizer: learner.updater.kind, batchSize: learner.batchSize,
                    train: learner.train, test: learner.test, classes: learner.evaluator.classes, style: style)
                : try OpenCLBackend(
                    device, plan: learner.plan, optimizer: learner.updater.kind, batchSize: learner.batchSize,
                    train: learner.train, test: learner.test, classes: learner.evaluator.classes, style: style)
            learner.delegation = Delegation(backend, device: .openCL(device))
            learner.overrule()
        }
    }

    /// Rounding differs, and grows as the steps go on.
    private func expectClose(_ a: Learner, _ b: Learner, _ comment: String) {
        let (x, y) = (a.state, b.state)
        #expect(x.step == y.step && x.epoch == y.epoch && x.position == y.position && x.carriedCount == y.carriedCount)
        for (one, other) in [(x.parameters, y.parameters)] + zip(x.slots.map(\.values), y.slots.map(\.values)) {
            let scale = other.map(abs).max() ?? 0
            let worst = zip(one, other).map { abs($0 - $1) }.max() ?? 0
            #expect(one.allSatisfy(\.isFinite) && worst <= 1e-4 * scale, "\(comment): \(worst) beside \(scale)")
        }
    }

    @Test("Sixty steps come out as on the processor", arguments: BackendTests.learnings, Way.allCases)
    func sameSteps(_ learning: LearningDescription, _ way: Way) throws {
        let (here, there) = (try BackendTests.learner(learning), try BackendTests.learner(learning))
        try way.move(there)
        #expect(there.device.name != "cpu" && there.deviceFailure == nil)
        for _ in 0..<60 { #expect(here.advance() == there.advance()) }
        expectClose(there, here, learning.optimizer.id)
        let (expected, found) = (here.evaluate(), there.evaluate())
        #expect(abs(expected.trainLoss - found.trainLoss) < 1e-4 && abs(expected.testLoss! - found.testLoss!) < 1e-4)
        #expect(expected.confusion == found.confusion)
        #expect(there.deviceFailure == nil)
    }

    @Test("Moving there and back in mid-epoch changes nothing", arguments: BackendTests.learnings)
    func moves(_ learning: LearningDescription) throws {
        let (here, there) = (try BackendTests.learner(learning), try BackendTests.learner(learning))
        for round in 0..<6 {
            try there.move(to: round % 2 == 0 ? try device : .processor)
            for _ in 0..<11 { #expect(here.advance() == there.advance()) }
        }
        expectClose(there, here, learning.optimizer.id)
    }

    @Test("Settings change while it trains: optimizer, batch size, clipping")
    func settings() throws {
        var learning = BackendTests.learnings[0]
        let (here, there) = (try BackendTests.learner(learning), try BackendTests.learner(learning, device: try device))
        for change in 0..<3 {
            for learner in [here, there] { for _ in 0..<7 { _ = learner.advance() } }
            if change == 0 { learning.batchSize = 7 }
            if change == 1 { learning.optimizer = Choice("adam") }
            if change == 2 { learning.clipNorm = 0.01 }
            for learner in [here, there] { try learner.apply(learning) }
            // Another optimizer or batch size needs other kernels.
            #expect(there.device == (change < 2 ? .processor : try device))
            try there.move(to: try device)
        }
        for learner in [here, there] { for _ in 0..<7 { _ = learner.advance() } }
        #expect(there.device.name != "cpu")
        expectClose(there, here, "changed")
    }

    @Test("Numbers that stop being finite are found, with the step")
    func divergence() throws {
        let learning = LearningDescription(
            optimizer: Choice("sgd", ["learningRate": .real(10)]), batchSize: 10)
        func learner(_ device: ComputeDevice) throws -> Learner {
            try Learner(
                network: classifier(
                    [dense(8, Choice("linear")), dense(8, Choice("linear"))], activation: Choice("linear")),
                learning: learning, train: points(50), test: noSamples, seed: 3, device: device)
        }
        let (here, there) = (try learner(.processor), try learner(try device))
        for learner in [here, there] { for _ in 0..<2000 where learner.divergence == nil { _ = learner.advance() } }
        _ = there.state
        let expected = try #require(here.divergence)
        #expect(there.divergence?.step == expected.step && there.step == expected.step)
        #expect(there.epoch == here.epoch)
        there.reset(seed: 3)
        #expect(there.divergence == nil)
        #expect(there.advance() == .stepped)
        let parameters = there.parameters
        #expect(parameters.allSatisfy { $0.isFinite })
    }

    /// `REBUILDS=1000` in the environment: as often.
    @Test(
        "No object of a device outlives its network, however often it is made anew",
        arguments: [Way.wholeByLanes, .stepsByLanes])
    func leaks(_ way: Way) throws {
        let rebuilds = getenv("REBUILDS").flatMap { Int(String(cString: $0)) } ?? 20
        func train() throws {
            let learner = try BackendTests.learner(BackendTests.learnings[1])
            let before = lcl_live_of_thread()
            try way.move(learner)
            #expect(lcl_live_of_thread() > before + 10)
            for _ in 0..<3 { _ = learner.advance() }
            _ = learner.evaluate()
            #expect(learner.deviceFailure == nil)
        }
        try train()
        // Of this thread, for other tests use the device too; they may push a program out of the context's store.
        let before = lcl_live_of_thread()
        for _ in 0..<rebuilds { try train() }
        #expect(lcl_live_of_thread() <= before + 2)
    }
}

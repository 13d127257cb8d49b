import COpenCL
import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A backend that does the steps with a descent of its own, delivers as a device would, and breaks at a call.
private final class ShadowBackend: Backend {
    private struct Copy {
        var parameters: [Float]
        var gradients: [Float]?
        var slots: [[Float]]
        var delivery: Delivery
    }
    private let shadow: GradientDescent
    private var calls: Int
    private var end: Int?
    private var measured: [Measured] = []
    private var copy: Copy?
    private(set) var deliveries = 0

    init(_ shadow: GradientDescent, calls: Int) { (self.shadow, self.calls) = (shadow, calls) }

    private func count() throws(EngineError) {
        calls -= 1
        if calls < 0 { throw EngineError(place: "card", message: "out of device memory") }
    }

    var deliverySize: Int { 0 }
    var isFull: Bool { false }

    func write(_ memory: ModelBlocks) throws(EngineError) {
        try count()
        shadow.model.parameterBlock.write(memory.parameters.array)
        shadow.model.gradientBlock.write(memory.gradients.array)
        for (own, given) in zip(shadow.model.updater.slots, memory.slots) { own.write(given.array) }
        (end, measured, copy) = (nil, [], nil)
    }

    func run(_ step: TrainingStep, rows: UnsafeBufferPointer<Int32>) throws(EngineError) {
        try count()
        guard end == nil else { return }
        let order = RowOrder(count: rows.count)
        order.write(Array(rows))
        shadow.model.runPass(
            over: shadow.feed, order: order, first: 0, count: step.count, seed: step.seed, counter: step.counter,
            adding: step.adds)
        if let update = step.update, shadow.model.updater.repeatUpdate(update) { end = step.entry }
    }

    func measure(entry: Int) throws(EngineError) -> Bool {
        try count()
        guard end == nil else { return true }
        let weights = shadow.model.parameterBlock.values.prefix(shadow.model.plan.decayingCount).map { Double($0) }
        let (train, test) = (shadow.evaluator.evaluate(shadow.train)!, shadow.evaluator.evaluate(shadow.test))
        measured.append(
            Measured(
                train: train, test: test,
                sums: (weights.reduce(0) { $0 + abs($1) }, weights.reduce(0) { $0 + $1 * $1 })))
        if !train.loss.isFinite { end = entry }
        return true
    }

    func launch() throws(EngineError) { try count() }

    func dispatch(gradients: Bool) throws(EngineError) {
        try count()
        precondition(copy == nil, "one delivery at a time")
        copy = Copy(
            parameters: shadow.model.parameterBlock.array,
            gradients: gradients ? shadow.model.gradientBlock.array : nil,
            slots: shadow.model.updater.slots.map(\.array), delivery: Delivery(end: end, measurements: measured))
        measured = []
    }

    func hasArrived() throws(EngineError) -> Bool { false }

    func collect(_ memory: ModelBlocks) throws(EngineError) -> Delivery {
        try count()
        let copy = copy!
        self.copy = nil
        memory.parameters.write(copy.parameters)
        if let gradients = copy.gradients { memory.gradients.write(gradients) }
        for (block, values) in zip(memory.slots, copy.slots) { block.write(values) }
        deliveries += 1
        return copy.delivery
    }

    func evaluate(_ set: SampleSet) throws(EngineError) -> Evaluator.Result? { nil }
}

@Suite("A descent and its backend")
struct BackendTests {
    static func descent(
        _ learning: LearningDescription, layers: String = "dense:8:tanh dropout:rate=0.2 dense:5:prelu",
        device: ComputeDevice = .processor
    ) throws -> GradientDescent {
        try GradientDescent(
            network: classifier(stack(layers)), learning: learning,
            train: points(50), test: points(20, seed: 2), seed: 3, device: device)
    }

    static let learnings = [
        LearningDescription(optimizer: Choice("sgd"), batchSize: 10, shuffle: true),
        LearningDescription(optimizer: Choice("adam"), batchSize: 16, lastBatch: .carry, shuffle: true, l2: 0.01),
        LearningDescription(optimizer: Choice("momentum"), batchSize: 16, lastBatch: .drop, l1: 0.001, clipNorm: 0.5),
        LearningDescription(
            optimizer: Choice("rmsprop"), schedule: Choice("cosine"), batchSize: 50, lastBatch: .short, shuffle: true),
    ]

    /// - Parameter layers: nil: those of every descent here.
    private static func shadowed(
        _ learning: LearningDescription, layers: String? = nil, calls: Int
    ) throws -> (GradientDescent, ShadowBackend) {
        func one() throws -> GradientDescent {
            try layers.map { try Self.descent(learning, layers: $0) } ?? Self.descent(learning)
        }
        let descent = try one()
        let backend = ShadowBackend(try one(), calls: calls)
        descent.deviceSteps.connect(backend, device: .processor)
        return (descent, backend)
    }

    /// Never within a test.
    private static let never = 1_000_000

    @Test(
        "A backend that breaks loses nothing, neither steps nor losses, and does nothing twice", arguments: learnings,
        [0, 1, 2, 5, 9, 14, 40, 61, 80, never])
    func fallsBack(_ learning: LearningDescription, _ calls: Int) throws {
        let expected = try Self.descent(learning)
        let (descent, backend) = try Self.shadowed(learning, calls: calls)
        var (losses, found): ([Evaluation], [DeviceSteps.Measurement]) = ([], [])
        for _ in 0..<60 {
            let (one, other) = (expected.advance(), descent.advance())
            #expect(one == other)
            guard other == .finishedEpoch else { continue }
            losses.append(expected.evaluate())
            let isDeferred = descent.deviceSteps.measureInPassing()
            found += descent.deviceSteps.takeMeasurements()
            guard !isDeferred else { continue }
            let evaluation = descent.evaluate()
            found += descent.deviceSteps.takeMeasurements()
            found.append(DeviceSteps.Measurement(step: descent.step, epoch: descent.epoch, evaluation: evaluation))
        }
        #expect(descent.state == expected.state)
        found += descent.deviceSteps.takeMeasurements()
        #expect(found.map(\.epoch) == Array(1...losses.count))
        #expect(found.map(\.step) == (1...losses.count).map { $0 * expected.stepsPerEpoch })
        for (measured, loss) in zip(found, losses) {
            #expect(abs(measured.evaluation.regularization - loss.regularization) < 1e-9)
            var same = measured.evaluation
            same.regularization = loss.regularization
            #expect(same == loss)
        }
        if calls == Self.never {
            #expect(backend.deliveries > 3 && descent.deviceSteps.failure == nil)
        } else {
            #expect(
                descent.deviceSteps.device == .processor
                    && descent.deviceSteps.failure?.message == "out of device memory")
        }
    }

    @Test(
        "What is given in mid-flight holds: a reset, other parameters, a state", arguments: learnings,
        [7, 20, 33, 52, 80, 110, never])
    func interruptions(_ learning: LearningDescription, _ calls: Int) throws {
        let expected = try Self.descent(learning)
        let (descent, backend) = try Self.shadowed(learning, calls: calls)
        func train(_ steps: Int) {
            for one in [expected, descent] { for _ in 0..<steps { _ = one.advance() } }
        }
        train(13)
        let states = [expected, descent].map(\.state)
        #expect(states[0] == states[1])
        train(9)
        for one in [expected, descent] { one.reset(seed: 3) }
        train(11)
        for one in [expected, descent] { one.parameters = one.parameters.map { 0.5 * $0 } }
        train(8)
        for one in [expected, descent] { try one.restore(states[0]) }
        train(15)
        #expect(descent.state == expected.state)
        #expect(calls < Self.never || backend.deliveries > 5)
    }

    @Test(
        "Running statistics come along to a backend, back from one that breaks, and to the beginning again",
        arguments: learnings, [0, 9, 40, 61, never])
    func statistics(_ learning: LearningDescription, _ calls: Int) throws {
        let layers = "dense:8:tanh residual( branches:sum( dense:8:tanh@a residual( batchNorm dense:8:tanh~a | ) ) | )"
        let expected = try Self.descent(learning, layers: layers)
        let (descent, _) = try Self.shadowed(learning, layers: layers, calls: calls)
        let means = expected.outline.tensors.filter { $0.name.hasSuffix("running_mean") }
        func mean(_ descent: GradientDescent) -> [Float] {
            means.flatMap { descent.parameters[$0.offset..<$0.offset + $0.count] }
        }
        for _ in 0..<60 { #expect(expected.advance() == descent.advance()) }
        #expect(descent.state == expected.state)
        #expect(mean(descent).count == 8 && mean(descent).allSatisfy { $0 != 0 })
        for one in [expected, descent] { one.reset(seed: 3) }
        #expect(descent.state == expected.state && mean(descent).allSatisfy { $0 == 0 })
    }

    @Test("While a delivery is under way the latest parameters are those of a step before")
    func latestParameters() throws {
        let learning = Self.learnings[0]
        let expected = try Self.descent(learning)
        let (descent, _) = try Self.shadowed(learning, calls: Self.never)
        var seen = 0
        for _ in 0..<60 {
            for _ in 0..<5 { _ = descent.advance() }
            let latestParameters = descent.deviceSteps.latestParameters
            let step = descent.step - latestParameters.stepsBehind
            while expected.step < step { _ = expected.advance() }
            #expect(expected.step == step && descent.epoch - latestParameters.epochsBehind == expected.epoch)
            let isSame = latestParameters.parameters == expected.parameters
            #expect(isSame)
            if latestParameters.stepsBehind > 0 { seen += 1 }
        }
        #expect(seen > 0)
    }

    @Test("A run that diverges ends where the processor's does, in every count", arguments: [false, true])
    func divergence(_ measures: Bool) throws {
        let learning = LearningDescription(
            optimizer: Choice("momentum", ["learningRate": .real(1000)]), batchSize: 16, lastBatch: .carry)
        func linear() throws -> GradientDescent {
            try GradientDescent(
                network: classifier([dense(8, Choice("linear"))], activation: Choice("linear")), learning: learning,
                train: points(50), test: points(20, seed: 2), seed: 3)
        }
        let (expected, descent) = (try linear(), try linear())
        descent.deviceSteps.connect(ShadowBackend(try linear(), calls: Self.never), device: .processor)
        for one in [expected, descent] {
            for _ in 0..<500 where one.divergence == nil {
                guard one.advance() == .finishedEpoch, measures else { continue }
                if !one.deviceSteps.measureInPassing() { _ = one.evaluate() }
            }
            one.deviceSteps.synchronize()
        }
        #expect(expected.divergence != nil && descent.divergence?.step == expected.divergence?.step)
        #expect(descent.deviceSteps.place == expected.deviceSteps.place)
    }
}

@Suite("Learning on an OpenCL device", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
struct OpenCLDescentTests {
    private var device: ComputeDevice { get throws { .openCL(try #require(OpenCLSupport.device)) } }

    /// Both ways of doing steps, in both styles of kernels.
    enum Way: CaseIterable, Sendable {
        case fusedByLanes, fusedByItems, stepsByLanes, stepsByItems

        func move(_ descent: GradientDescent) throws {
            let device = try #require(OpenCLSupport.device)
            let byLanes = self == .fusedByLanes || self == .stepsByLanes
            let style = KernelText.Style(lanes: byLanes ? 16 : 1, hasDouble: true)
            let backend: any Backend =
                self == .fusedByLanes || self == .fusedByItems
                ? try OpenCLFusedBackend(
                    device, plan: descent.model.plan, optimizer: descent.model.updater.kind,
                    batchSize: descent.batchSize,
                    train: descent.train, test: descent.test, classes: descent.evaluator.classes, style: style)
                : try OpenCLBackend(
                    device, plan: descent.model.plan, optimizer: descent.model.updater.kind,
                    batchSize: descent.batchSize,
                    train: descent.train, test: descent.test, classes: descent.evaluator.classes, style: style)
            descent.deviceSteps.connect(backend, device: .openCL(device))
        }
    }

    /// Rounding differs, and grows as the steps go on.
    private func expectClose(_ a: GradientDescent, _ b: GradientDescent, _ comment: String) {
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
        let (here, there) = (try BackendTests.descent(learning), try BackendTests.descent(learning))
        try way.move(there)
        #expect(there.deviceSteps.device.name != "cpu" && there.deviceSteps.failure == nil)
        for _ in 0..<60 { #expect(here.advance() == there.advance()) }
        expectClose(there, here, learning.optimizer.id)
        let (expected, found) = (here.evaluate(), there.evaluate())
        #expect(abs(expected.trainLoss - found.trainLoss) < 1e-4 && abs(expected.testLoss! - found.testLoss!) < 1e-4)
        #expect(expected.confusion == found.confusion)
        #expect(there.deviceSteps.failure == nil)
    }

    @Test("R² is the processor's, though the loss is another", arguments: Way.allCases)
    func r2(_ way: Way) throws {
        func regression() throws -> GradientDescent {
            try GradientDescent(
                network: NetworkDescription(
                    input: Shape(2), task: .regression, layers: [dense(4, Choice("tanh"))], loss: Choice("huber")),
                learning: LearningDescription(batchSize: 16), train: points(50), test: points(20, seed: 2), seed: 3)
        }
        let (here, there) = (try regression(), try regression())
        try way.move(there)
        for _ in 0..<5 { #expect(here.advanceEpoch() == there.advanceEpoch()) }
        let isInPassing = there.deviceSteps.measureInPassing()
        #expect(isInPassing == (way == .fusedByLanes || way == .fusedByItems))
        there.deviceSteps.synchronize()
        let found = isInPassing ? try #require(there.deviceSteps.takeMeasurements().last).evaluation : there.evaluate()
        let expected = here.evaluate()
        #expect(abs(try #require(found.trainR2) - expected.trainR2!) < 1e-4)
        #expect(abs(try #require(found.testR2) - expected.testR2!) < 1e-4)
        #expect(there.deviceSteps.failure == nil && found.confusion == nil)
    }

    @Test("Moving there and back in mid-epoch changes nothing", arguments: BackendTests.learnings)
    func moves(_ learning: LearningDescription) throws {
        let (here, there) = (try BackendTests.descent(learning), try BackendTests.descent(learning))
        for round in 0..<6 {
            try there.deviceSteps.move(to: round % 2 == 0 ? try device : .processor)
            for _ in 0..<11 { #expect(here.advance() == there.advance()) }
        }
        expectClose(there, here, learning.optimizer.id)
    }

    @Test("Settings change while it trains: optimizer, batch size, clipping")
    func settings() throws {
        var learning = BackendTests.learnings[0]
        let (here, there) = (try BackendTests.descent(learning), try BackendTests.descent(learning, device: try device))
        for change in 0..<3 {
            for descent in [here, there] { for _ in 0..<7 { _ = descent.advance() } }
            if change == 0 { learning.batchSize = 7 }
            if change == 1 { learning.optimizer = Choice("adam") }
            if change == 2 { learning.clipNorm = 0.01 }
            for descent in [here, there] { try descent.apply(learning) }
            // Another optimizer or batch size needs other kernels.
            #expect(there.deviceSteps.device == (change < 2 ? .processor : try device))
            try there.deviceSteps.move(to: try device)
        }
        for descent in [here, there] { for _ in 0..<7 { _ = descent.advance() } }
        #expect(there.deviceSteps.device.name != "cpu")
        expectClose(there, here, "changed")
    }

    @Test("Numbers that stop being finite are found, with the step")
    func divergence() throws {
        let learning = LearningDescription(
            optimizer: Choice("sgd", ["learningRate": .real(10)]), batchSize: 10)
        func descent(_ device: ComputeDevice) throws -> GradientDescent {
            try GradientDescent(
                network: classifier(
                    [dense(8, Choice("linear")), dense(8, Choice("linear"))], activation: Choice("linear")),
                learning: learning, train: points(50), test: noSamples, seed: 3, device: device)
        }
        let (here, there) = (try descent(.processor), try descent(try device))
        for descent in [here, there] { for _ in 0..<2000 where descent.divergence == nil { _ = descent.advance() } }
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
        arguments: [Way.fusedByLanes, .stepsByLanes])
    func leaks(_ way: Way) throws {
        let rebuilds = getenv("REBUILDS").flatMap { Int(String(cString: $0)) } ?? 20
        func train() throws {
            let descent = try BackendTests.descent(BackendTests.learnings[1])
            let before = lcl_live_of_thread()
            try way.move(descent)
            #expect(lcl_live_of_thread() > before + 10)
            for _ in 0..<3 { _ = descent.advance() }
            _ = descent.evaluate()
            #expect(descent.deviceSteps.failure == nil)
        }
        try train()
        // Of this thread, for other tests use the device too; they may push a program out of the context's store.
        let before = lcl_live_of_thread()
        for _ in 0..<rebuilds { try train() }
        #expect(lcl_live_of_thread() <= before + 2)
    }
}

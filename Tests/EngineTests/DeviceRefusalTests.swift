import Testing

@testable import Engine

/// A network with an operation that has no text for devices.
@Suite("Operations for the processor alone")
struct DeviceRefusalTests {
    /// Doubles its input, by a primitive without a device's text.
    private struct Twice: Layer {
        static let entry = Entry(
            id: "twice", title: "twice", summary: "Doubles.", formula: "y = 2 x", source: "this test")
        private static let double: Primitive = {
            var primitive = Primitive.scale
            (primitive.device, primitive.fused) = (nil, nil)
            return primitive
        }()

        init(settings: Settings) {}
        init() {}
        var title: String { "twice" }
        var activation: Settings? { nil }

        func emit(_ x: Value, into plan: inout PlanBuilder) -> Value {
            let m = x.shape.count
            let y = plan.value(x.shape, isDifferentiable: x.isDifferentiable)
            plan.emit(Operation(Self.double, m: m, knobs: [2], ["output": y.slice, "input": x.slice]))
            plan.backward { plan in
                guard let dy = plan.gradient(of: y) else { return }
                plan.addGradient(of: x) { Operation(Self.double, m: m, knobs: [2], ["output": $0, "input": dy]) }
            }
            return y
        }
    }

    /// 2 inputs, dense 3, twice, an output of one unit.
    private func plan() throws -> (NetworkDescription, Plan) {
        let description = NetworkDescription(input: Shape(2), task: .regression, layers: [])
        let head = try OutputHead(description)
        var builder = PlanBuilder(input: Shape(2), targets: head.units)
        let dense = try Dense(settings: Settings(Choice("dense"), in: .layer, place: "layers.0"))
        var x = try builder.emit(dense, builder.input, path: "layers.0", index: 0)
        x = try builder.emit(Twice(), x, path: "layers.1", index: 1)
        return (description, try Plan(head, &builder, x))
    }

    @Test("the refusal names the layer, and there is none where all operations have their texts")
    func named() throws {
        let refusal = try #require(try plan().1.program.deviceRefusal)
        #expect(refusal.place == "layers.1" && refusal.message.contains("scale"))
        let plain = NetworkDescription(
            input: Shape(2), task: .regression, layers: [Choice("dense"), Choice("dropout")])
        #expect(try Plan(plain).program.deviceRefusal == nil)
    }

    @Test("the processor trains it")
    func processor() throws {
        let (description, plan) = try plan()
        let model = try Model(description, plan: plan, optimizer: Choice("sgd"), batchSize: 2, threads: 1)
        model.draw(seed: 1)
        let train = try ResidentSamples(
            Samples(count: 2, inputs: [0.5, -1, 1, 0.25], labels: [1, -1]), task: .regression, head: plan.head,
            inputs: 2, place: "training data")
        let feed = try BatchFeed(
            train, network: description, learning: LearningDescription(batchSize: 2), smallest: 1, seed: 1)
        let before = model.parameterBlock.array
        model.runPass(over: feed, order: nil, first: 0, count: 2, seed: 0, counter: 0, adding: false)
        _ = model.updater.update(count: 2, rate: 0.1, l1: 0, l2: 0, clipNorm: nil)
        let after = model.parameterBlock.array
        #expect(after != before && after.allSatisfy(\.isFinite))
    }

    @Test("a device refuses it with the layer's place", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
    func device() throws {
        let (_, plan) = try plan()
        let samples = try ResidentSamples(
            Samples(count: 1, inputs: [0.5, -1], labels: [1]), task: .regression, head: plan.head, inputs: 2,
            place: "training data")
        let description = BackendDescription(
            device: try #require(OpenCLSupport.device), plan: plan, optimizer: 0, batchSize: 1, train: samples,
            test: samples, classes: 0, refusal: nil)
        let error = #expect(throws: EngineError.self) { _ = try description.make() }
        #expect(error?.place == "layers.1")
    }
}

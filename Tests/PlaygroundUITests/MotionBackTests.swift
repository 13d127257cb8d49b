import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// One sample is the whole batch, so that its gradient at a weight is the batch's.
@Suite("Slow motion back through kernels, pools, steps, cells and attention")
struct MotionBackTests {
    private func isNear(_ a: Float, _ b: Float) -> Bool { abs(a - b) <= 1e-4 * max(abs(a), abs(b)) + 2e-6 }

    /// The numbers of the walk at another place.
    private func numbers(_ fixture: MotionFixture, unit: Int, step: Int, part: Int = 0) throws -> WalkNumbers {
        var app = fixture.app
        var state = try #require(app.plots.walk)
        (state.unit, state.step, state.part) = (unit, step, part)
        app.plots.walk = state
        return try #require(app.walkScene?.numbers)
    }

    /// Goes through all stops, and holds what each shows to the engine's gradients.
    /// - Returns: the walks that were seen.
    private func walk(_ data: String, _ layers: String, size: (Int, Int) = (120, 40)) throws -> Set<WalkID> {
        var fixture = try MotionFixture(
            #"{"data":\#(data),"layers":\#(layers),"training":{"batchSize":1,"optimizer":"adam","clipNorm":0}}"#,
            steps: 12,
            size: size)
        try fixture.press("I")
        var seen: Set<WalkID> = []
        for _ in 0..<80 {
            let scene = try #require(fixture.scene)
            seen.insert(scene.walk.id)
            #expect(!fixture.text.contains("nan"))
            for unit in 0..<min(3, scene.walk.units(scene)) {
                let steps = scene.walk.steps(scene)
                for step in stride(from: 0, to: steps, by: max(1, steps / 13)) {
                    for part in 0..<min(2, scene.walk.parts(scene)) {
                        try check(numbers(fixture, unit: unit, step: step, part: part), "\(layers) \(scene.walk.id)")
                    }
                }
            }
            try fixture.press("tab")
            if fixture.app.notice?.text.contains("new weights") == true { break }
        }
        return seen
    }

    private func check(_ numbers: WalkNumbers, _ place: String) throws {
        let scene = numbers.scene
        let step = try #require(scene.step)
        let trace = step.sample
        func holds(_ shared: SharedGradient?) throws {
            let shared = try #require(shared)
            #expect(isNear(shared.sum, step.gradient(shared.place)), "\(place) \(shared.title)")
        }
        switch scene.walk.id {
        case .kernelGradient: try holds(KernelGradient(numbers).shared)
        case .stepKernelGradient: try holds(StepKernelGradient(numbers)?.shared)
        case .cellGradient: try holds(CellGradientSum(numbers)?.shared)
        case .attentionGradient: try holds(AttentionWeight(scene).shared(numbers))
        case .kernelBack:
            let back = KernelBack(numbers)
            let own = try #require(trace.layers[scene.before]?.valueGradients)
            let pixels = scene.layer.input.axes[1] * scene.layer.input.axes[2]
            #expect(back.gradient == own[scene.state.unit * pixels + scene.state.step])
            #expect(isNear(back.sum, own[scene.state.unit * pixels + scene.state.step]), "\(place)")
        case .poolBack:
            let back = PoolBack(numbers)
            let gradient = try #require(back.gradient)
            #expect(isNear(back.terms.reduce(0) { $0 + $1.product }, gradient), "\(place)")
        case .stepKernelBack:
            let back = try #require(StepKernelGradient(numbers))
            let gradient = try #require(back.gradientBack)
            #expect(isNear(back.termsBack.reduce(0) { $0 + $1.product }, gradient), "\(place)")
        case .valueDelta, .stepDelta:
            let delta = ValueDelta(numbers)
            let index = ValueGrid(scene).index(scene.state.unit, scene.state.step)
            #expect(delta.delta == trace.layers[scene.state.layer]?.sumGradients?[index])
            if let slope = delta.slope, let arriving = delta.valueGradient {
                #expect(slope * arriving == delta.delta, "\(place)")
            }
        case .backThroughTime:
            let cell = try #require(CellStep(numbers, step: 0))
            #expect(cell.gradient == trace.layers[scene.state.layer]?.cellGradients.first)
            // The loss asks for the last state alone.
            #expect(isNear(cell.stateGradient, cell.gradientFromLater), "\(place)")
        case .attentionBack:
            let count = max(1, scene.context.length(ofSteps: scene.layer.output.axes[0]))
            let back = try #require(
                AttentionBack(numbers, step: count - 1 - scene.state.step / AttentionBack.phases.count))
            for phase in 0..<AttentionBack.phases.count {
                let (terms, results) = back.lines(phase)
                let sum = terms.reduce(Float(0)) { $0 + ($1.value ?? 0) }
                switch phase {
                case 1: break
                case 2:
                    for term in terms {
                        #expect(isNear(term.factors[0] * term.factors[1], term.value ?? .nan), "\(place)")
                    }
                default:
                    let value = try #require(results.last?.value)
                    #expect(isNear(sum, value), "\(place) \(phase)")
                }
            }
        case .tensorUpdate:
            let tensor = try #require(
                scene.outline[scene.state.layer]?.tensors.map { scene.outline.tensors[$0] }.filter(\.isTrained)[
                    scene.state.unit])
            let index = tensor.offset + scene.state.step
            #expect(step.update(index).lines.last?.value == step.newParameters[index])
        default: break
        }
    }

    private static let lines = #"{"dataset":"lines","samples":40}"#

    @Test("kernels: the sum over all places is the kernel's gradient, and the turned kernel's that of the pixel before")
    func kernels() throws {
        let seen = try walk(
            Self.lines,
            #"[{"conv2d":{"filters":2,"padding":"1"}},{"maxPool":{}},{"conv2d":{"filters":3,"activation":"linear"}},{"activation":{"function":"tanh"}},{"meanPool":{}},{"dense":{"units":3}}]"#
        )
        let expected: Set<WalkID> = [
            .convolution, .pooling, .oneToOne, .neuron, .loss, .delta, .poolBack, .valueDelta, .kernelGradient,
            .kernelBack, .update, .tensorUpdate,
        ]
        #expect(expected.isSubset(of: seen), "\(expected.subtracting(seen))")
    }

    @Test("kernels laid back, with strides, dilation and turned kernels")
    func otherKernels() throws {
        for layers in [
            #"[{"conv2d":{"filters":2,"stride":2,"padding":"1"}},{"conv2dTranspose":{"filters":2,"kernel":3,"padding":1,"activation":"tanh"}}]"#,
            #"[{"conv2d":{"filters":2,"flip":true}},{"conv2d":{"filters":2,"dilation":2,"flip":true,"activation":"sigmoid"}}]"#,
            #"[{"conv2d":{"filters":2}},{"local2d":{"filters":2,"kernel":3,"stride":2}}]"#,
        ] {
            let seen = try walk(Self.lines, layers)
            #expect(seen.isSuperset(of: [.kernelGradient, .kernelBack]), "\(layers)")
        }
    }

    @Test("recurrent cells: forward and back through time, and the sum over the steps is a weight's gradient")
    func cells() throws {
        for layer in ["rnn", "lstm", "gru"] {
            let seen = try walk(#"{"dataset":"recall","lag":4}"#, #"[{"\#(layer)":{"units":3}}]"#)
            #expect(seen.isSuperset(of: [.cell, .backThroughTime, .cellGradient, .tensorUpdate]), "\(layer) \(seen)")
        }
    }

    @Test("attention and kernels over steps, with an answer at every step")
    func attention() throws {
        for causal in [true, false] {
            let seen = try walk(
                #"{"dataset":"copy","samples":40,"delay":2,"count":2}"#,
                #"[{"conv1d":{"filters":3,"kernel":2,"activation":"tanh"}},{"attention":{"causal":\#(causal)}}]"#)
            #expect(
                seen.isSuperset(of: [
                    .stepKernel, .attention, .loss, .stepDelta, .stepKernelGradient, .stepKernelBack, .attentionBack,
                    .attentionGradient, .tensorUpdate,
                ]), "\(seen)")
        }
    }

    @Test("the shares of an output at every step add up to 1, and its loss is told step by step")
    func outputs() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"copy","samples":40,"delay":2,"count":2},"layers":[{"attention":{}}]}"#, steps: 3)
        try fixture.press("I")
        for _ in 0..<300 where fixture.scene?.walk.id != .loss { try fixture.press("tab") }
        let scene = try #require(fixture.scene)
        let layer = try #require(scene.trace?.layers[scene.outline.output])
        let units = scene.layer.output.axes[1]
        for step in 0..<scene.layer.output.axes[0] {
            let shares = layer.values[step * units..<(step + 1) * units]
            #expect(abs(shares.reduce(0, +) - 1) < 1e-5)
        }
        #expect(fixture.text.contains("step 1 of"))
        try fixture.press("right")
        #expect(fixture.scene?.walk.id == .loss && fixture.text.contains("step 2 of"))
    }

    @Test("the loss of a sequence names its divisor, step by step, and so does δ at the output")
    func shares() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"copy","samples":40,"delay":2,"count":2},"layers":[{"attention":{}}],"training":{"batchSize":1}}"#,
            steps: 3, size: (200, 60))
        try fixture.press("I")
        for _ in 0..<300 where fixture.scene?.walk.id != .loss { try fixture.press("tab") }
        let trace = try #require(fixture.scene?.trace)
        let steps = trace.shares.count
        #expect(steps > 2 && trace.shares.contains(1 / Float(steps)) && trace.stepLosses.count == steps)
        let sum = zip(trace.shares, trace.stepLosses).reduce(0) { $0 + Double($1.0) * $1.1 }
        #expect(try abs(sum - #require(trace.loss)) < 1e-5 * max(1, sum))
        #expect(fixture.text.contains("L = Σ ÷ \(steps) steps"), "\(fixture.text)")
        let own = try #require(trace.shares.firstIndex { $0 != 0 })
        for _ in 0..<own { try fixture.press("right") }
        #expect(fixture.text.contains("loss of this step"))
        for _ in 0..<300 where fixture.scene?.walk.id != .stepDelta { try fixture.press("tab") }
        for _ in 0..<own { try fixture.press("right") }
        #expect(fixture.text.contains("share, 1 ÷ \(steps) steps"), "\(fixture.text)")
        let numbers = try #require(fixture.scene?.numbers)
        let (unit, step) = (numbers.scene.state.unit, numbers.scene.state.step)
        let index = ValueGrid(numbers.scene).index(unit, step)
        let expected = (numbers.values.values[index] - trace.targets[index]) * trace.shares[step]
        #expect(try isNear(#require(ValueDelta(numbers).delta), expected))
    }

    @Test(
        "what normalizes shows its mean and its deviation, and on the way back the means that are taken off",
        arguments: ["batchNorm", "layerNorm"])
    func norms(_ layer: String) throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},"\#(layer)",{"dense":{"units":3}}],"training":{"batchSize":7}}"#,
            steps: 9, size: (200, 60))
        let all = try (0..<7).map { try fixture.trainer.traceStep(sample: $0).sample }
        try fixture.press("I")
        for _ in 0..<300 where fixture.scene?.walk.id != .oneToOne { try fixture.press("tab") }
        func norm(_ unit: Int) throws -> (NormStep, WalkNumbers) {
            let numbers = try numbers(fixture, unit: 0, step: unit)
            return (try #require(NormStep(numbers, unit)), numbers)
        }
        #expect(fixture.text.contains("mean μ") && fixture.text.contains("√(σ² + ε)"), "\(fixture.text)")
        for unit in 0..<4 {
            let (norm, numbers) = try norm(unit)
            let own = layer == "batchNorm" ? all.map { $0.layers[0]!.values[unit] } : numbers.values.inputs
            let mean = own.reduce(0, +) / Float(own.count)
            let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(own.count)
            #expect(isNear(norm.mean, mean) && isNear(norm.deviation, (variance + 1e-5).squareRoot()))
            let value = norm.normalized * (norm.scale ?? 1) + (norm.shift ?? 0)
            #expect(isNear(value, numbers.values.values[unit]), "\(unit)")
        }
        for _ in 0..<300 where fixture.scene?.walk.id != .passBack { try fixture.press("tab") }
        #expect(fixture.text.contains("mean g·n"), "\(fixture.text)")
        for unit in 0..<4 {
            let (norm, numbers) = try norm(unit)
            let passed = try #require(ValueDelta(numbers).passed)
            #expect(try abs(#require(norm.passed) - passed) < 1e-4 * abs(passed) + 1e-6, "\(unit)")
        }
    }

    @Test("a number of a kernel that lies on padding at some places says how many of them count")
    func padding() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"lines","samples":40},"layers":[{"conv2d":{"filters":2,"kernel":3,"padding":"1"}}]}"#,
            steps: 3, size: (200, 60))
        try fixture.press("I")
        for _ in 0..<300 where fixture.scene?.walk.id != .kernelGradient { try fixture.press("tab") }
        // A narrow panel breaks the line.
        #expect(fixture.text.contains("49 of 64") && fixture.text.contains("padding)"), "\(fixture.text)")
        for _ in 0..<4 { try fixture.press("right") }
        #expect(fixture.text.contains("all 64 places"), "\(fixture.text)")
    }

    @Test("a layer that serves at every step shows that of the time cursor, and says which")
    func eachStep() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"recall","lag":4},"layers":[{"eachStep":{"body":[{"dense":{"units":3}},{"dense":{"units":2}}]}},{"rnn":{"units":2}}],"training":{"batchSize":1}}"#,
            steps: 9, size: (200, 60))
        try fixture.press("I")
        let inside = try #require(fixture.scene?.state.layer)
        #expect(inside.block != nil)
        let steps = try #require(fixture.scene?.layer.repeats)
        var sums: Set<[Float]> = []
        try fixture.press(Array(repeating: "(", count: steps))
        for step in 0..<steps {
            let numbers = try #require(fixture.numbers)
            let trace = try #require(numbers.scene.step?.sample)
            let width = numbers.scene.layer.input.count
            #expect(numbers.values.inputs == Array(trace.inputs[step * width..<(step + 1) * width]))
            let matrix = try #require(numbers.scene.outline.weightMatrix(layer: inside))
            let bias = try #require(numbers.scene.outline.biases(layer: inside)).offset
            let sum = (0..<width).reduce(numbers.parameters[bias]) {
                $0 + numbers.parameters[matrix.place(unit: 0, input: $1)] * numbers.values.inputs[$1]
            }
            #expect(isNear(sum, numbers.values.sums[0]))
            sums.insert(numbers.values.sums)
            #expect(fixture.text.contains("step \(step + 1) of \(steps)"), "\(fixture.text)")
            try fixture.press(")")
        }
        #expect(sums.count > 1)
    }

    @Test("on the way back maps show their derivatives, once it has come to them")
    func maps() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"lines","samples":40},"layers":[{"conv2d":{"filters":2}},{"conv2d":{"filters":2}}]}"#,
            steps: 3)
        try fixture.press("I")
        for _ in 0..<300 where fixture.scene?.walk.id != .kernelBack { try fixture.press("tab") }
        #expect(fixture.text.contains("turned kernel") && fixture.text.contains("∂L/∂x of the pixel"))
        try fixture.press("tab")
        #expect(fixture.scene?.state.layer == 0 && fixture.text.contains("δ"))
    }

    @Test("a small factor keeps its digits, so that its product can be checked")
    func smallFactors() {
        let context = try? MotionFixture().app.plotContext
        guard let context else {
            Issue.record("no context")
            return
        }
        var canvas = Canvas(width: 60, height: 1)
        var lines = NumberLines(context: context, decimals: 4)
        let line = NumberLine(name: "unit 1", factors: [0.000312, -0.5], value: -0.000156)
        lines.fit([line], width: 60)
        lines.draw(into: &canvas, line, x: 0, y: 0, width: 60)
        #expect(canvas.lines[0].contains("0.000312 · −0.5000 =") && canvas.lines[0].contains("−0.000156"))
    }
}

import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Walks through a step of a recurrent layer, forward and back through time")
struct TimeWalkTests {
    private static let recall = TimelineTests.recall

    private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    private func step(_ fixture: WalkFixture, _ step: Int, unit: Int) throws -> CellStep {
        var app = fixture.app
        app.plots.walk?.unit = unit
        let numbers = try #require(app.walkScene?.numbers)
        return try #require(CellStep(numbers, step: step))
    }

    @Test(
        "the sums are those of U x and W h′, and gates, cell and state follow from them as the formulas say",
        arguments: ["rnn", "lstm", "gru"])
    func forward(_ layer: String) throws {
        var fixture = try WalkFixture(layers: #"[{"\#(layer)":{"units":4}}]"#, data: Self.recall)
        try fixture.press("4", "X", "home")
        #expect(fixture.app.plots.walk?.id == .cell)
        for at in 0..<8 {
            for unit in 0..<4 {
                let cell = try step(fixture, at, unit: unit)
                func sum(_ gate: String) -> Double {
                    let number = cell.kind.gateNames.firstIndex(of: gate)!
                    return Double(cell.inputSum(number) + cell.stateSum(number))
                }
                func isClose(_ a: Double, _ b: Float) -> Bool { abs(a - Double(b)) < 1e-5 }
                let before = Double(cell.stateBefore(unit))
                switch cell.kind {
                case .tanh: #expect(isClose(tanh(sum("h")), cell.state))
                case .relu: Issue.record("an rnn is tanh's where nothing else is said")
                case .lstm:
                    for gate in ["i", "f", "o"] { #expect(isClose(logistic(sum(gate)), cell.gate(gate))) }
                    #expect(isClose(tanh(sum("g")), cell.gate("g")))
                    let kept = Double(cell.gate("f") * cell.cellBefore + cell.gate("i") * cell.gate("g"))
                    #expect(isClose(kept, cell.kept))
                    #expect(isClose(Double(cell.gate("o")) * tanh(Double(cell.kept)), cell.state))
                case .gru:
                    for gate in ["r", "z"] { #expect(isClose(logistic(sum(gate)), cell.gate(gate))) }
                    #expect(isClose(Double(cell.stateSum(2)), cell.kept))
                    #expect(isClose(tanh(Double(cell.inputSum(2) + cell.gate("r") * cell.kept)), cell.gate("n")))
                    let z = Double(cell.gate("z"))
                    #expect(isClose((1 - z) * Double(cell.gate("n")) + z * before, cell.state))
                }
            }
        }
    }

    @Test("an LSTM of one unit by hand: every number of the walk stands on the screen")
    func hand() throws {
        var fixture = try WalkFixture(layers: #"[{"lstm":{"units":1}}]"#, data: Self.recall) { outline in
            var parameters = [Float](repeating: 0, count: outline.flatCount)
            func set(_ name: String, _ values: [Float]) {
                let tensor = outline.tensors.first { $0.name == "layers.0.\(name)_l0" }!
                for (place, value) in values.enumerated() { parameters[tensor.offset + place] = value }
            }
            // Rows i, f, g, o; columns A, B, noise.
            set("weight_ih", [1, 1, 0, 0, 0, 0, 2, -2, 0, 0, 0, 0])
            set("bias_ih", [0, 3, 0, 1])
            return parameters
        }
        try fixture.press("4", "X", "home")
        let first = try step(fixture, 0, unit: 0)
        let sign: Double = first.trace.inputs[0] == 1 ? 1 : -1
        let c0 = logistic(1) * tanh(2 * sign)
        #expect(abs(Double(first.kept) - c0) < 1e-6)
        #expect(abs(Double(first.state) - logistic(1) * tanh(c0)) < 1e-6)
        // Behind the symbol nothing new comes in: the cell is kept by σ(3).
        let second = try step(fixture, 1, unit: 0)
        #expect(abs(Double(second.kept) - logistic(3) * c0) < 1e-6)
        // i, f, g, o, c, h: the formula, the sum, and the value.
        #expect(fixture.text.contains("i = σ(W_ii x + b_ii + W_hi h′"))
        #expect(
            fixture.text.contains("step 1 of 8 · i") && fixture.text.contains(formatFixed(logistic(1), decimals: 3)))
        try fixture.press("right", "right", "right", "right")
        #expect(fixture.text.contains("c = f ∘ c′ + i ∘ g") && fixture.text.contains(formatFixed(c0, decimals: 3)))
        try fixture.press("right", "right")
        #expect(fixture.text.contains("step 2 of 8 · i") && fixture.app.plotContext?.timeStep == 1)
        try fixture.press("down", ")")
        #expect(fixture.app.plotContext?.timeStep == 3)
        try fixture.press("(")
        #expect(fixture.app.plotContext?.timeStep == 2)
    }

    @Test(
        "back through time: what arrives from above and from the step after is the engine's gradient, at every step",
        arguments: ["rnn", "lstm", "gru"])
    func backward(_ layer: String) throws {
        var fixture = try WalkFixture(layers: #"[{"\#(layer)":{"units":4}}]"#, data: Self.recall)
        try fixture.press("4", "X", "tab", "home")
        #expect(fixture.app.plots.walk?.id == .backInTime)
        // It begins at the end.
        #expect(fixture.text.contains("step 8 of 8 · ∂h") && fixture.app.plotContext?.timeStep == 7)
        for unit in 0..<4 {
            let last = try step(fixture, 7, unit: unit)
            #expect(last.gradientFromLater == 0 && last.stateGradient != 0)
            #expect(last.gradientFromAbove == last.stateGradient)
            for at in 0..<7 {
                let cell = try step(fixture, at, unit: unit)
                let scale = max(1e-6, abs(cell.stateGradient))
                // The loss is asked for at the end alone.
                #expect(abs(cell.stateGradient - cell.gradientFromLater) < 1e-3 * scale + 1e-7)
                #expect(cell.gradientFromAbove == 0)
                guard cell.kind == .lstm else { continue }
                // The gradient at the forget gate's sum: ∂c · c′ · f (1 − f).
                let (own, later) = cell.cellGradient
                let f = cell.gate("f")
                let expected = (own + later) * cell.cellBefore * f * (1 - f)
                #expect(abs(cell.sumGradient(1) - expected) < 1e-3 * abs(expected) + 1e-7)
            }
        }
        let phases = CellPhase.backward(try step(fixture, 0, unit: 0).kind).count
        for _ in 0..<phases { try fixture.press("right") }
        #expect(fixture.text.contains("step 7 of 8") && fixture.app.plotContext?.timeStep == 6)
        #expect(fixture.text.contains("‖∂L/∂h‖ by step"))
    }

    @Test("the parts that the steps add make the whole gradient of a weight")
    func shares() throws {
        var fixture = try WalkFixture(layers: #"[{"rnn":{"units":4}}]"#, data: Self.recall)
        try fixture.press("4", "X", "tab")
        let snapshot = fixture.snapshot
        let tensor = try #require(snapshot.outline.tensors.first { $0.name == "layers.0.weight_hh_l0" })
        // Of unit 2, from unit 1.
        var sum: Float = 0
        for at in 1..<8 {
            let cell = try step(fixture, at, unit: 2)
            sum += cell.sumGradient(0) * cell.stateBefore(1)
        }
        let choice = try #require(fixture.app.plotContext?.sequenceChoice)
        let loss = try SampleLoss(
            snapshot.network,
            samples: Samples(
                count: 1, inputs: snapshot.data.inputs(of: choice),
                labels: snapshot.data.targets(of: choice).map { $0! }))
        var (above, below) = (snapshot.parameters, snapshot.parameters)
        above[tensor.offset + 2 * 4 + 1] += 0.01
        below[tensor.offset + 2 * 4 + 1] -= 0.01
        let slope = (loss.loss(above) - loss.loss(below)) / 0.02
        #expect(abs(Double(sum) - slope) < 1e-3)
    }

    @Test("a walk plays through time, and training rests meanwhile")
    func playing() throws {
        var fixture = try WalkFixture(layers: #"[{"gru":{"units":3}}]"#, data: Self.recall)
        try fixture.press("4", "X", "space")
        let due = try #require(fixture.app.plots.walk?.due)
        let before = try #require(fixture.app.walkScene?.state.step)
        let hasMoved = fixture.app.advanceWalk(at: due + 0.01)
        #expect(hasMoved)
        #expect(fixture.app.walkScene?.state.step == before + 1)
        // On to the layers that are no cells: the votes of the output.
        try fixture.press("tab", "tab")
        #expect(fixture.app.plots.walk?.id == .vote)
    }

    // MARK: - Kernels over steps, and attention

    @Test(
        "a kernel over steps: products and bias are the engine's sum at every step, dots lie outside the sequence",
        arguments: [
            #"[{"conv1d":{"filters":3,"kernel":3,"dilation":2}}]"#,
            #"[{"conv1d":{"filters":2,"kernel":4,"causal":false,"activation":"linear"}}]"#,
        ])
    func stepKernel(layers: String) throws {
        var fixture = try WalkFixture(layers: layers, data: Self.recall)
        try fixture.press("4", "X", "home")
        #expect(fixture.app.plots.walk?.id == .stepKernel)
        let outline = fixture.snapshot.outline
        for step in 0..<8 {
            for unit in 0..<outline[0]!.output.axes[1] {
                var app = fixture.app
                app.plots.walk?.unit = unit
                app.plots.walk?.step = step
                let numbers = try #require(app.walkScene?.numbers)
                let sum = try #require(StepSum(numbers))
                #expect(abs(sum.sum + sum.bias - sum.preActivation) < 1e-5, "step \(step), filter \(unit)")
            }
        }
        let numbers = try #require(fixture.numbers)
        let first = try #require(StepSum(numbers))
        let isCausal = layers.contains("dilation")
        #expect(first.values.count == (isCausal ? 9 : 12))
        // Of the first step the taps before it lie outside.
        #expect(first.values.prefix(3).allSatisfy { $0 == nil } && first.values.last! != nil)
        #expect(fixture.text.contains("step 1 of 8") && fixture.text.contains("Σ products"))
        #expect(fixture.text.contains(isCausal ? "t−4, t−2, t" : "t−1, t, t+1"))
        try fixture.press("right")
        #expect(fixture.app.plotContext?.timeStep == 1)
    }

    @Test(
        "attention by hand: the softmax of the scores are the engine's weights, and the mixture makes its output",
        arguments: [true, false])
    func attention(isCausal: Bool) throws {
        var fixture = try WalkFixture(
            layers: #"[{"embedding":{"size":3}},{"attention":{"causal":\#(isCausal)}}]"#,
            data: #"{"dataset":"grammar","samples":40}"#)
        try fixture.press("4", "X", "home")
        #expect(fixture.app.plots.walk?.id == .attention)
        let length = try #require(fixture.app.plotContext).length(ofSteps: fixture.snapshot.data.sequence!.steps)
        for step in 0..<length {
            for unit in 0..<3 {
                var app = fixture.app
                app.plots.walk?.unit = unit
                let numbers = try #require(app.walkScene?.numbers)
                let own = try #require(AttentionStep(numbers, step: step))
                #expect(own.seen == 0..<(isCausal ? step + 1 : length))
                let largest = own.scores.max()!
                let exponentials = own.scores.map { exp(Double($0 - largest)) }
                let sum = exponentials.reduce(0, +)
                for (weight, own) in zip(own.weights, exponentials) {
                    #expect(abs(Double(weight) - own / sum) < 1e-5)
                }
                let (terms, bias) = own.outputTerms
                #expect(abs(terms.reduce(bias) { $0 + $1.weight * $1.value } - own.output) < 1e-5)
            }
        }
        for words in ["s_u = q_t · k_u", "e^", "a = Σ_u w_u v_u", "y_t = W_out a + b_out"] {
            #expect(fixture.text.contains(words), "\(words)")
            try fixture.press("right")
        }
        #expect(fixture.app.plotContext?.timeStep == 1)
    }
}

import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// An app over a trainer that does its commands at once, and the viewer's pictures as they would come.
struct MotionFixture {
    var app: App
    let trainer: Trainer
    /// The words of the commands that the trainer was sent.
    private(set) var sent: [String] = []
    private var trace: StepTrace?

    init(
        _ json: String = #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},{"dense":{"units":2}}]}"#,
        steps: Int = 30, size: (Int, Int) = (120, 40), capabilities: Capabilities = Capabilities()
    ) throws {
        let experiment = try Experiment(json: JSON(parsing: json))
        trainer = try Trainer(experiment)
        for _ in 0..<steps { _ = trainer.step() }
        app = App(Session(experiment), playing: false)
        app.capabilities = capabilities
        app.handle(.resize(width: size.0, height: size.1))
        try show()
    }

    var text: String { app.draw().lines.joined(separator: "\n") }
    var scene: WalkScene? { app.walkScene }
    var numbers: WalkNumbers? { scene?.numbers }

    /// Does what the app asks of its trainer, and shows the outcome.
    mutating func show() throws {
        for effect in app.takeOutbox() {
            guard case .trainer(let command) = effect else { continue }
            sent.append("\(command)")
            trace = nil
            switch command {
            case .traceStep(let sample, let turn): trace = try trainer.traceStep(sample: sample, turn: turn)
            case .stepBatch: _ = trainer.step()
            case .setParameters(let indices, let values): trainer.setParameters(indices, to: values)
            default: break
            }
        }
        var snapshot = trainer.snapshot(revision: 1, stepsPerSecond: 0, seconds: 0, message: nil, waits: true)
        if let trace, trace.parameterVersion == snapshot.parameterVersion { snapshot.stepTrace = trace }
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        app.receive(
            snapshot: nil, picture: PictureMaker().makePicture(app.snapshot!, app.viewRequest), failure: nil)
    }

    mutating func press(_ keys: String..., at time: Double = 0) throws { try press(keys, at: time) }

    mutating func press(_ keys: [String], at time: Double = 0) throws {
        for key in keys {
            app.handle(.key(try #require(Key(key))), at: time)
            try show()
        }
    }
}

@Suite("Slow motion, and one sample's way")
struct MotionTests {
    @Test("keys of several letters stand apart in the row of hints, signs side by side")
    func hints() throws {
        func bar(_ capabilities: Capabilities) throws -> String {
            var fixture = try MotionFixture(capabilities: capabilities)
            try fixture.press("I")
            return fixture.app.draw().lines.last ?? ""
        }
        #expect(try bar(Capabilities()).contains(" ↑↓w weight"))
        #expect(try bar(Capabilities(glyphs: .ascii)).contains(" up down w weight"))
    }

    @Test("slow motion goes forward layer by layer, to the loss, back, and through the updates, and back again")
    func stops() throws {
        var fixture = try MotionFixture()
        try fixture.press("I")
        #expect(fixture.sent == ["traceStep(sample: 0, turn: 0)"])
        var places: [String] = []
        while let scene = fixture.scene, places.count < 60 {
            places.append("\(scene.walk.id) \(scene.state.layer) \(scene.state.step)")
            try fixture.press("right")
            if let now = fixture.scene, "\(now.walk.id) \(now.state.layer) \(now.state.step)" == places.last { break }
        }
        let forward = [
            "neuron 0 0", "neuron 0 1", "neuron 0 2", "neuron 0 3", "neuron 1 0", "neuron 1 1", "neuron 2 0",
        ]
        let back = ["delta 2 0", "delta 1 0", "delta 1 1", "delta 0 0", "delta 0 1", "delta 0 2", "delta 0 3"]
        let updates = forward.map { $0.replacing("neuron", with: "update") }
        #expect(places == forward + ["loss 2 0"] + back + updates, "\(places)")
        #expect(fixture.app.notice?.text.contains("the new weights are known") == true)
        for place in places.dropLast().reversed() {
            try fixture.press("left")
            let scene = try #require(fixture.scene)
            #expect("\(scene.walk.id) \(scene.state.layer) \(scene.state.step)" == place)
        }
        try fixture.press("esc")
        #expect(fixture.app.plots.walk == nil && fixture.sent.count == 1)
    }

    @Test("a round of two networks is walked through update by update: discriminator, then generator through both")
    func round() throws {
        for size in [(120, 40), (80, 24), (200, 60)] {
            var fixture = try MotionFixture(
                """
                {"data":{"dataset":"density","samples":60},"layers":[{"dense":{"units":3}},{"dense":{"units":2}},"generated",\
                {"dense":{"units":4}}],"training":{"procedure":{"adversarial":{}},"batchSize":6}}
                """, size: size)
            try fixture.press("I")
            #expect(fixture.text.contains("update 1 of 3: discriminator"))
            #expect(fixture.text.contains("real 1 of 6"))
            #expect(fixture.scene?.state.layer == 3)
            var seen: [String] = []
            while let scene = fixture.scene, seen.count < 60, fixture.app.notice?.text.contains("new weights") != true {
                seen.append("\(scene.state.turn) \(scene.walk.id) \(scene.state.layer)")
                #expect(scene.step?.turn == scene.state.turn && scene.numbers != nil)
                try fixture.press("tab")
            }
            let discriminating = ["neuron 3", "neuron 4", "loss 4", "delta 4", "delta 3", "update 3", "update 4"]
            let generating =
                [
                    "neuron 0", "neuron 1", "neuron 3", "neuron 4", "loss 4", "delta 4", "delta 3", "passBack 2",
                    "delta 1",
                ]
                + ["delta 0", "update 0", "update 1"]
            #expect(
                seen == discriminating.map { "0 \($0)" } + discriminating.map { "1 \($0)" }
                    + generating.map { "2 \($0)" }, "\(seen)")
            #expect(fixture.text.contains("update 3 of 3: generator"))
            // The discriminator's weights stay while the generator learns.
            for _ in 0..<5 { try fixture.press("shift-tab") }
            #expect(fixture.scene?.walk.id == .delta && fixture.scene?.learns == false)
            for _ in seen { try fixture.press("shift-tab") }
            #expect(fixture.scene?.state.turn == 0 && fixture.scene?.state.layer == 3)
            try fixture.press("enter")
            #expect(fixture.sent.contains("stepBatch") && fixture.scene?.state.turn == 0)
        }
    }

    @Test("of sequences the stack shows the training sequence that is walked through, and afterwards the chosen one")
    func sequences() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"recall","lag":4},"layers":[{"rnn":{"units":3}},{"dense":{"units":4}}]}"#)
        let before = try #require(fixture.app.plotContext?.sequenceChoice)
        try fixture.press("I", "n", "n")
        let step = try #require(fixture.scene?.step)
        let choice = try #require(fixture.app.plotContext?.sequenceChoice)
        let data = try #require(fixture.app.snapshot?.data)
        #expect(choice == SequenceChoice(row: step.rows[step.place], isTraining: true))
        #expect(data.inputs(of: choice) == data.train.inputs.values(of: step.rows[step.place]))
        #expect(fixture.app.picture?.sequence?.choice == choice)
        try fixture.press("esc")
        #expect(fixture.app.plotContext?.sequenceChoice == before)
    }

    @Test("a small number is told by its digits or its exponent, never as a zero")
    func small() {
        #expect(formatFitting(0.0012, columns: 6) == "0.0012" && formatFitting(-0.0012, columns: 6) == "−1e−3")
        #expect(formatFitting(0.000_031, columns: 6) == "3.1e−5" && formatFitting(0.000_031, columns: 4) == "3e−5")
        #expect(formatFitting(0, columns: 6) == "0.00" && formatFitting(0.006, columns: 6) == "0.01")
        #expect(formatFitting(0.004, columns: 8, decimals: 3) == "0.004")
    }

    @Test("every number that is shown is the engine's own, bit for bit")
    func bits() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},{"dense":{"units":2}}],"training":{"optimizer":"adam"}}"#
        )
        try fixture.press("I", "n", "n")
        let trace = try fixture.trainer.traceStep(sample: 2)
        #expect(fixture.scene?.step?.place == 2 && fixture.text.contains("sample 3 of 10"))
        var seen: Set<WalkID> = []
        for _ in 0..<22 {
            let scene = try #require(fixture.scene)
            let numbers = try #require(scene.numbers)
            seen.insert(scene.walk.id)
            let layer = try #require(trace.sample.layers[scene.state.layer])
            switch scene.walk.id {
            case .neuron:
                let vote = Vote(numbers)
                #expect(vote.preActivation == layer.sums[scene.unit] && vote.value == layer.values[scene.unit])
            case .delta:
                let chain = ChainRule(numbers)
                #expect(chain.delta == layer.sumGradients?[scene.unit] && chain.slope == layer.slopes?[scene.unit])
                #expect(chain.valueGradient == layer.valueGradients?[scene.unit])
                if !chain.terms.isEmpty { #expect(chain.termSum == chain.valueGradient) }
                let place = try #require(scene.weightPlace)
                #expect(scene.step?.gradient(place) == trace.gradient(place))
            case .update:
                let place = try #require(scene.weightPlace)
                #expect(scene.step?.update(place) == trace.update(place))
                #expect(fixture.text.contains(NumberLines.text(trace.newParameters[place], decimals: 4)))
            default: #expect(numbers.values.loss == trace.sample.loss)
            }
            try fixture.press("right")
        }
        #expect(seen == [.neuron, .loss, .delta, .update])
    }

    @Test("of many weights those with the largest products stay in sight, and the one that stands out with them")
    func manyWeights() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":20}},{"dense":{"units":2}}]}"#)
        try fixture.press("I", "tab")
        let vote = Vote(try #require(fixture.scene?.numbers))
        let marked = try #require(vote.marked)
        let inSight = vote.inputs(inSight: 5)
        #expect(vote.order.count == 20 && inSight.count == 5 && inSight.contains(marked))
        #expect(inSight.prefix(4) == vote.order.prefix(4))
    }

    @Test("what is at work is lit: the unit, the links into it, and on the way back those that lead away")
    func lights() throws {
        var fixture = try MotionFixture()
        try fixture.press("I", "right", "w")
        var scene = try #require(fixture.scene)
        #expect(
            scene.walk.lights(scene) == [WalkLight(layer: 0, unit: 1, isOwn: true), WalkLight(layer: .input, unit: 1)])
        #expect(
            scene.walk.links(scene).map { [$0.layer.index, $0.unit, $0.from ?? -9] } == [
                [0, 1, 1], [0, 1, 0], [0, 1, 1],
            ])
        for _ in 0..<300 where fixture.scene?.walk.id != .delta || fixture.scene?.state.layer != 0 {
            try fixture.press("right")
        }
        scene = try #require(fixture.scene)
        #expect(
            scene.walk.links(scene).map { [$0.layer.index, $0.unit, $0.from ?? -9] } == [
                [0, 0, 0], [1, 0, 0], [1, 1, 0],
            ])
        // Behind the weights comes the bias.
        try fixture.press("w", "w")
        scene = try #require(fixture.scene)
        #expect(scene.isAtBias && fixture.text.contains("The bias of unit 1") && fixture.text.contains("∂L/∂b = δ"))
    }

    @Test("a tile shows its value as soon as it is computed, and its δ when the way back has come to it")
    func tiles() throws {
        var fixture = try MotionFixture()
        try fixture.press("I", "right")
        var tile = try #require(TraceTile(fixture.scene))
        #expect(tile.isReached(0, 1) && !tile.isReached(0, 2) && !tile.isReached(1, 0) && tile.isReached(.input, 1))
        #expect(tile.delta(2, 0) == nil)
        for _ in 0..<300 where fixture.scene?.walk.id != .delta { try fixture.press("right") }
        try fixture.press("right")
        tile = try #require(TraceTile(fixture.scene))
        #expect(
            tile.delta(2, 0) != nil && tile.delta(1, 0) != nil && tile.delta(1, 1) == nil && tile.delta(0, 0) == nil)
        // A link's number is the mean gradient of its weight.
        let place = try #require(fixture.trainer.procedure.outline.weightMatrix(layer: 1)).place(unit: 0, input: 2)
        #expect(tile.value(ofLink: 1, 0, 2) == fixture.scene?.step?.gradient(place))
    }

    @Test("enter does the update that was shown and goes on with the next batch; training stands still till then")
    func take() throws {
        var fixture = try MotionFixture()
        let start = fixture.trainer.procedure.parameters
        try fixture.press("I", "tab", "tab", "n")
        #expect(fixture.trainer.procedure.parameters == start)
        let told = try #require(fixture.scene?.step)
        try fixture.press("enter")
        #expect(fixture.trainer.procedure.parameters == told.newParameters)
        #expect(fixture.scene?.step?.step == told.step + 1 && fixture.scene?.step?.rows != told.rows)
        #expect(fixture.scene?.walk.id == .neuron && fixture.scene?.state.layer == 0 && fixture.scene?.step?.place == 1)
        #expect(fixture.sent.suffix(2) == ["stepBatch", "traceStep(sample: 1, turn: 0)"])
    }

    @Test("playing goes through all of it, one second a unit, and stops at the end")
    func playing() throws {
        var fixture = try MotionFixture()
        try fixture.press("I")
        try fixture.press("space", at: 10)
        #expect(fixture.app.plots.walk?.due == 11 && fixture.text.contains("slow motion"))
        var time = 10.0
        while fixture.app.plots.walk?.due != nil, time < 100 {
            _ = fixture.app.advanceWalk(at: time)
            time += 0.25
        }
        let scene = try #require(fixture.scene)
        #expect(scene.walk.id == .update && scene.state.layer == 2 && scene.state.step == 0)
        #expect((30...36).contains(time), "\(time)")
    }

    @Test("one sample's way: tables forward to the loss, for the sample nearest to the output's cursor")
    func way() throws {
        var fixture = try MotionFixture()
        fixture.app.plots.place = PlotPlace(x: 0.9, y: 0.9)
        let nearest = try #require(fixture.app.plotContext?.nearestRow)
        try fixture.press("X")
        #expect(fixture.scene?.state.mode == .way && fixture.scene?.state.sample == nearest && fixture.sent.isEmpty)
        let network = try Network(fixture.trainer.network, capacity: 1)
        network.load(parameters: fixture.trainer.procedure.parameters)
        network.forward(fixture.trainer.data.train.inputs.values(of: nearest), count: 1)
        var stops: [WalkID] = []
        for _ in 0..<4 {
            let scene = try #require(fixture.scene)
            let numbers = try #require(scene.numbers)
            stops.append(scene.walk.id)
            #expect(numbers.values.values == network.values(layer: scene.state.layer))
            #expect(numbers.values.inputs == network.values(layer: scene.source))
            try fixture.press("tab")
        }
        #expect(stops == [.neuron, .neuron, .neuron, .loss])
        let label = fixture.trainer.data.train.labels[nearest]
        #expect(fixture.scene?.numbers?.values.loss == network.loss(ofLabel: label))
        #expect(fixture.text.contains("½") && fixture.text.contains("target t"))
        try fixture.press("n")
        #expect(fixture.scene?.state.sample == nearest + 1)
    }

    @Test("of several classes the way passes score, exponential and share")
    func shares() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"spirals","arms":3},"layers":[{"dense":{"units":5}}],"output":{"loss":"softmaxCrossEntropy"}}"#
        )
        try fixture.press("X", "tab", "tab")
        #expect(fixture.scene?.walk.id == .softmax && fixture.text.contains("e^score"))
        try fixture.press("right", "right")
        #expect(fixture.text.contains("Σ shares"))
        try fixture.press("right")
        #expect(fixture.scene?.walk.id == .loss)
    }

    @Test("slow motion is refused with a reason where there is none")
    func refused() throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"catch"},"layers":[{"dense":{"units":4}}],"training":{"procedure":"qLearning"}}"#,
            steps: 0)
        try fixture.press("I")
        #expect(fixture.app.plots.walk == nil && fixture.app.notice?.text.contains("no slow motion") == true)
    }

    @Test(
        "random keys in slow motion leave a screen of every size whole",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func randomKeys(width: Int, height: Int) throws {
        let documents = [
            #"{"data":{"dataset":"xor"},"layers":[{"dense":{"units":8}},{"dropout":{"rate":0.3}},{"dense":{"units":3}}],"training":{"optimizer":"adam"}}"#,
            #"{"data":{"dataset":"lines","samples":40},"layers":[{"conv2d":{"filters":3}},{"maxPool":{}},{"dense":{"units":4}}],"output":{"loss":"softmaxCrossEntropy"}}"#,
            #"{"data":{"dataset":"spirals","arms":3},"layers":[{"dense":{"units":5}},"batchNorm",{"residual":{"body":[{"dense":{"units":5}}],"shortcut":[]}}],"output":{"loss":"softmaxCrossEntropy"}}"#,
        ]
        let keys = [
            "left", "right", "right", "right", "up", "down", "space", "tab", "shift-tab", "w", "W", "n", "N", "enter",
            "<",
            ">", "home", "end", "e", "X", "esc", "I",
        ]
        var random = Random(seed: UInt64(width))
        for (index, (colors, glyphs)) in [
            (Capabilities.Colors.truecolor, Capabilities.Glyphs.braille), (.none, .braille), (.palette16, .ascii),
        ].enumerated() {
            var fixture = try MotionFixture(
                documents[index], steps: 5, size: (width, height),
                capabilities: Capabilities(colors: colors, glyphs: glyphs))
            var time = 0.0
            for _ in 0..<60 {
                if fixture.app.plots.walk == nil { try fixture.press("I", at: time) }
                try fixture.press(keys[Int(random.uniform() * Double(keys.count))], at: time)
                time += 0.7
                _ = fixture.app.advanceWalk(at: time)
                let lines = fixture.app.draw().lines
                #expect(lines.count == height)
                if glyphs == .ascii { #expect(!lines.joined().contains("▀")) }
            }
        }
    }

    @Test("the graph is found in the palette, and steps forward and back")
    func graph() throws {
        var fixture = try MotionFixture()
        try fixture.press(":", "g", "r", "a", "p", "h", "enter")
        #expect(fixture.text.contains("Computational graph"))
        try fixture.press("enter")
        #expect(fixture.text.contains("f = q1 · z") && !fixture.text.contains("−12"))
        // All variables at once, then one operation after the other.
        try fixture.press("right")
        #expect(fixture.text.contains("all 3 variables have their values") && fixture.text.contains("−4"))
        try fixture.press("right", "right")
        #expect(fixture.text.contains("−12"))
        try fixture.press("right", "right")
        #expect(fixture.text.contains("∂f/∂q1 = ∂f/∂f · z") && fixture.text.contains("1 · −4 = −4"))
        try fixture.press("end")
        #expect(fixture.text.contains("all derivatives are known"))
        try fixture.press("i", "ctrl-u", "x", "*", "y", "enter")
        #expect(fixture.text.contains("expected a variable (none is given)"))
        try fixture.press("esc")
        #expect(fixture.app.popup == nil)
        // In a walk it is the unit's own.
        try fixture.press("I", "f", "end")
        #expect(fixture.text.contains("tanh(") && fixture.app.plots.walk != nil)
        let sum = try #require(fixture.scene?.numbers.map { Vote($0).value })
        #expect(fixture.text.contains(formatFixed(Double(sum), decimals: 2)))
    }

    @Test("while a neuron is walked through the palette offers its graph first, then the network's, then a formula's")
    func palette() throws {
        var fixture = try MotionFixture()
        try fixture.press("I", ":", "g", "r", "a", "p", "h", "enter", "end")
        #expect(fixture.text.contains("tanh(") && fixture.app.plots.walk != nil, "\(fixture.text)")
        try fixture.press("esc", ":", "g", "r", "a", "p", "h", "down", "enter", "end")
        #expect(fixture.text.contains("the network and its loss"), "\(fixture.text)")
        try fixture.press("esc", ":", "g", "r", "a", "p", "h", "down", "down", "enter")
        #expect(fixture.text.contains("Computational graph"), "\(fixture.text)")
    }

    @Test("what has no graph is told in the words of the screen, and a perceptron's unit has one")
    func graphRefusals() throws {
        var large = try MotionFixture(#"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":200}}]}"#, steps: 0)
        try large.press("I", "F")
        let words = try #require(large.app.notice?.text)
        #expect(words.contains("f at one of its units") && !words.contains("--"), "\(words)")
        var perceptron = try MotionFixture(
            try JSON(parsing: Preset.named("perceptron-and").text).text(), steps: 3)
        try perceptron.press("X")
        try perceptron.press("f", "end")
        #expect(perceptron.text.contains("threshold(z(y))"), "\(perceptron.text)")
        #expect(perceptron.text.contains("none: ") || perceptron.text.contains("none"), "\(perceptron.text)")
    }
}

import Testing

@testable import Engine

/// A small network over coloured images, with pictures of 32 × 32.
enum PictureSetup {
    static let layers = [
        Choice("conv2d", ["filters": .integer(4), "padding": .text("same")]), Choice("maxPool"),
        Choice("conv2d", ["filters": .integer(5), "padding": .text("same")]), Choice("globalMaxPool"),
    ]

    static let network = NetworkDescription(
        input: Shape(3, 8, 8), task: .classification(classes: 3), layers: layers,
        loss: Choice("softmaxCrossEntropy"))

    /// The same without kinks.
    static let smooth: NetworkDescription = {
        var smooth = network
        smooth.layers = [
            Choice(
                "conv2d", ["filters": .integer(4), "padding": .text("same"), "activation": .choice(Choice("tanh"))]),
            Choice("meanPool"),
            Choice(
                "conv2d", ["filters": .integer(5), "padding": .text("same"), "activation": .choice(Choice("tanh"))]),
            Choice("globalMeanPool"),
        ]
        return smooth
    }()

    /// Waves that differ from channel to channel.
    static func picture(_ number: Double, side: Int = 32) -> InputPicture {
        var random = Random(seed: UInt64(number * 10))
        let values = (0..<3 * side * side).map { place in
            let (x, y) = (Double(place % side), Double(place / side))
            return Float(0.5 + 0.3 * (number * x / 7 + y / 3).remainder(dividingBy: 1) + random.uniform(-0.1, 0.1))
        }
        return InputPicture(channels: 3, side: side, values: values)
    }

    static func setup(
        _ id: String, _ knobs: [String: KnobValue] = [:], network: NetworkDescription = network, side: Int = 32
    ) -> TrainingSetup {
        var random = Random(seed: 5)
        let samples = Samples(
            count: 12, inputs: (0..<12 * network.input.count).map { _ in Float(random.uniform()) },
            labels: (0..<12).map { Float($0 % 3) })
        var own: [String: KnobValue] = ["size": .text("\(side)"), "epochSteps": .integer(4)]
        if id == "dream" { own["picture"] = .text("waves") }
        var setup = TrainingSetup(
            network: network,
            learning: LearningDescription(
                procedure: Choice(id, own.merging(knobs) { $1 }),
                optimizer: Choice("adam", ["learningRate": .real(0.05)]), batchSize: 6),
            train: samples, test: samples, seed: 3)
        setup.pictures = InputPictures(
            ["content": picture(1, side: side), "style": picture(2.3, side: side), "picture": picture(1, side: side)],
            means: [0.4, 0.5, 0.45], scales: [0.3, 0.25, 0.2])
        return setup
    }

    static func settings(_ setup: TrainingSetup) throws -> Settings {
        try Settings(setup.learning.procedure, in: .procedure, place: "training.procedure")
    }
}

/// Style and dream: the gradients, the steps beside PyTorch's, and the tiles beside the whole picture.
@Suite("Style and dream") struct StyleTests {
    static let fixtures = Fixture.read("style.txt")

    private static func objective(
        _ id: String, _ knobs: [String: KnobValue] = [:], network: NetworkDescription = PictureSetup.network,
        cut: PicturePass.Cut = .tiles, side: Int = 32
    ) throws -> any PictureObjective {
        let setup = PictureSetup.setup(id, knobs, network: network, side: side)
        let settings = try PictureSetup.settings(setup)
        let outline = try setup.network.outline()
        let (means, scales) = setup.channelScales
        let pictures = setup.pictures!.pictures
        let objective: any PictureObjective =
            try id == "style"
            ? StyleObjective(
                setup.network, outline: outline, content: pictures["content"]!, style: pictures["style"]!,
                settings: settings, means: means, scales: scales, cut: cut)
            : DreamObjective(
                setup.network, outline: outline, start: pictures["picture"]!, settings: settings, means: means,
                scales: scales, cut: cut)
        let parameters = try Block(count: outline.flatCount)
        parameters.write(try setup.network.initialParameters(seed: 8))
        objective.load(parameters)
        return objective
    }

    private static func look(
        _ objective: any PictureObjective, _ picture: [Float], step: Int = 0
    ) -> (value: Double, gradient: [Float]) {
        var gradient = [Float](repeating: 0, count: picture.count)
        let value = gradient.withUnsafeMutableBufferPointer {
            objective.look(picture, into: $0.baseAddress!, step: step).objective
        }
        return (value, gradient)
    }

    static let cases: [(id: String, knobs: [String: KnobValue])] = [
        ("style", [:]), ("style", ["styleLayers": .text("input, 0"), "contentLayer": .text("0")]), ("dream", [:]),
        ("dream", ["map": .integer(2), "layer": .text("0")]), ("dream", ["class": .integer(2)]),
        ("style", ["contentSeen": .text("whole")]),
    ]

    @Test("the gradients at the picture are those of small changes", arguments: cases.indices)
    func gradients(_ index: Int) throws {
        let (id, knobs) = Self.cases[index]
        let objective = try Self.objective(id, knobs, network: PictureSetup.smooth)
        var picture = PictureSetup.picture(1.7).values
        let gradient = Self.look(objective, picture).gradient
        var random = Random(seed: 2)
        let norm = gradient.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
        #expect(norm > 0)
        for _ in 0..<12 {
            let direction = picture.map { _ in Float(random.uniform(-1, 1)) }
            let (own, step) = (picture, Float(1e-3))
            for place in picture.indices { picture[place] = own[place] + step * direction[place] }
            let above = Self.look(objective, picture).value
            for place in picture.indices { picture[place] = own[place] - step * direction[place] }
            let below = Self.look(objective, picture).value
            picture = own
            let expected = (above - below) / (2 * Double(step))
            let found = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(found - expected) < 0.003 * norm)
        }
    }

    @Test("sixteen tiles see what the whole picture in its frame sees", arguments: [0, 1, 2, 3, 5])
    func tiles(_ index: Int) throws {
        let (id, knobs) = Self.cases[index]
        let picture = PictureSetup.picture(1.7, side: 64).values
        let tiles = Self.look(try Self.objective(id, knobs, side: 64), picture)
        let framed = Self.look(try Self.objective(id, knobs, cut: .framed, side: 64), picture)
        let whole = Self.look(try Self.objective(id, knobs, cut: .whole, side: 64), picture)
        #expect(abs(tiles.value - framed.value) < 1e-4 * abs(framed.value))
        let most = framed.gradient.reduce(0) { max($0, abs($1)) }
        #expect(zip(tiles.gradient, framed.gradient).allSatisfy { abs($0 - $1) < 1e-3 * most })
        // The frame is what they do not have in common with the layers' own padding.
        #expect(tiles.gradient != whole.gradient)
    }

    @Test("L-BFGS steps as torch.optim.LBFGS does", arguments: fixtures.filter { $0.kind == "lbfgs" })
    func quasiNewton(_ fixture: Fixture) {
        var search = LimitedMemoryBFGS(memory: Int(fixture.numbers["memory"]![0]))
        var x = fixture.numbers["start"]!.map { Float($0) }
        for expected in fixture.numbers["losses"]! {
            var loss: Float = 0
            var gradient = [Float](repeating: 0, count: x.count)
            for pair in stride(from: 0, to: x.count, by: 2) {
                let (a, b) = (x[pair], x[pair + 1])
                let bend = b - a * a
                loss += 2 * bend * bend + (1 - a) * (1 - a)
                gradient[pair] = -8 * bend * a - 2 * (1 - a)
                gradient[pair + 1] = 4 * bend
            }
            #expect(abs(Double(loss) - expected) < 1e-3 * max(expected, 0.01))
            _ = x.withUnsafeMutableBufferPointer { search.step($0, gradient: gradient) }
        }
    }

    @Test("a step of L-BFGS that rises is halved until it falls")
    func retreats() {
        var search = LimitedMemoryBFGS(memory: 10)
        var x: [Float] = [-1.2, 1]
        var (halves, last) = (0, Double.infinity)
        for _ in 0..<300 {
            let (bend, rest) = (x[1] - x[0] * x[0], 1 - x[0])
            let loss = Double(100 * bend * bend + rest * rest)
            if x.withUnsafeMutableBufferPointer({ search.retreat($0, objective: loss) }) {
                halves += 1
                continue
            }
            #expect(loss <= last * (1 + 1e-5))
            last = loss
            let gradient = [-400 * bend * x[0] - 2 * rest, 200 * bend]
            _ = x.withUnsafeMutableBufferPointer { search.step($0, gradient: gradient) }
        }
        #expect(halves > 0)
        #expect(last < 1e-3)
    }

    @Test("twenty steps of style are PyTorch's")
    func steps() throws {
        let fixture = Self.fixtures.first { $0.kind == "style" }!
        let side = 12
        func picture(_ name: String) -> InputPicture {
            InputPicture(channels: 3, side: side, values: fixture.numbers[name]!.map { Float($0) })
        }
        var knobs: [String: KnobValue] = ["contentSeen": .text("whole"), "styleLayers": .text("0, 2")]
        for name in ["contentWeight", "styleWeight", "totalVariation"] {
            knobs[name] = .real(fixture.numbers["knob \(name)"]![0])
        }
        var setup = PictureSetup.setup("style", knobs)
        setup.pictures!.means = [0, 0, 0]
        setup.pictures!.scales = [1, 1, 1]
        let descent = try GradientDescent(setup)
        var parameters = descent.parameters
        for tensor in descent.outline.tensors {
            guard let values = fixture.numbers["start \(tensor.name)"] else { continue }
            parameters.replaceSubrange(
                tensor.offset..<tensor.offset + tensor.count, with: values.map { Float($0) })
        }
        descent.parameters = parameters
        let settings = try PictureSetup.settings(setup)
        let run = try PictureRun(
            descent,
            StyleObjective(
                setup.network, outline: descent.outline, content: picture("content"), style: picture("style"),
                settings: settings, means: [0, 0, 0], scales: [1, 1, 1], cut: .whole),
            seed: 1, settings: settings
        ) { _ in picture("content") }
        let metrics = StyleTransfer.metrics.dropLast()
        for step in 0..<20 {
            let measured = run.measure(Array(metrics))
            for metric in metrics {
                let (found, expected) = (measured[metric.id]!, fixture.numbers["loss \(metric.id)"]![step])
                #expect(abs(found - expected) < 1e-2 * expected + 2e-4, "\(metric.id) in step \(step)")
            }
            _ = run.advance(steps: 1)
        }
        // The last step is not measured by PyTorch, but its place is known.
        let end = fixture.numbers["end"]!
        let found = run.state.parts["picture"]!
        let distance = zip(found, end).reduce(0.0) { $0 + ($1.1 - Double($1.0)) * ($1.1 - Double($1.0)) }
        let size = end.reduce(0.0) { $0 + $1 * $1 }
        #expect(distance < 1e-2 * size)
    }

    @Test("the losses fall, by either method, and the weights stay", arguments: ["lbfgs", "optimizer"])
    func falls(_ method: String) throws {
        let procedure = try PictureSetup.setup("style", ["method": .text(method)]).procedure()
        let (weights, start) = (procedure.parameters, procedure.measure()["styleLoss"]!)
        for _ in 0..<60 { _ = procedure.advance(steps: 1) }
        #expect(procedure.measure()["styleLoss"]! < 0.2 * start)
        #expect(procedure.parameters == weights)
        let picture = procedure.pictureReport!.now
        #expect(picture.side == 32 && picture.values.allSatisfy { (0...1).contains($0) })
    }

    @Test("a dream raises what it is to raise", arguments: [2, 3, 4])
    func rises(_ index: Int) throws {
        let procedure = try PictureSetup.setup("dream", Self.cases[index].knobs).procedure()
        let start = procedure.measure()["activation"]!
        for _ in 0..<40 { _ = procedure.advance(steps: 1) }
        #expect(procedure.measure()["activation"]! > start + 0.2 * abs(start))
    }

    @Test("weights change while it goes on; another size of picture is refused by a state")
    func changesLive() throws {
        let setup = PictureSetup.setup("style")
        let procedure = try setup.procedure()
        for _ in 0..<5 { _ = procedure.advance(steps: 1) }
        let before = procedure.measure()
        var learning = setup.learning
        learning.procedure.knobs["styleLayers"] = .text("0")
        try procedure.apply(learning, to: nil)
        #expect(procedure.step == 5)
        #expect(procedure.measure()["contentLoss"] == before["contentLoss"])
        #expect(procedure.measure()["styleLoss"] != before["styleLoss"])
        let other = try PictureSetup.setup("style", side: 64).procedure()
        let error = #expect(throws: EngineError.self) { try procedure.restore(other.state) }
        #expect(error?.message.contains("of 32×32 pixels") == true && error?.message.contains("64×64; choose") == true)
        #expect(procedure.step == 5)
    }

    static let mistakes: [(id: String, knobs: [String: KnobValue], place: String, words: String)] = [
        ("style", ["styleLayers": .text("0, 9")], "style.styleLayers", "no layer “9”; name one that makes maps"),
        ("style", ["contentLayer": .text("-1")], "style.contentLayer", "no layer “-1”"),
        ("style", ["contentLayer": .text("4")], "style.contentLayer", "no layer “4”"),
        ("style", ["contentLayer": .text("2.body.0")], "style.contentLayer", "no layer “2.body.0”"),
        ("style", ["contentLayer": .text("0, 2")], "style.contentLayer", "found 2; name one"),
        ("style", ["contentLayer": .text("3")], "style.contentLayer", "makes no maps over the picture, but 5 values"),
        ("dream", ["layer": .text("3")], "dream.layer", "input, 0 (conv2d 4), 1 (maxPool 2), 2 (conv2d 5)"),
        ("dream", ["class": .integer(4)], "dream.class", "1 to 3"),
        ("dream", ["map": .integer(6)], "dream.map", "1 to 5"),
    ]

    @Test("mistakes are told with their places, and with what to write", arguments: mistakes.indices)
    func tellsMistakes(_ index: Int) {
        let (id, knobs, place, words) = Self.mistakes[index]
        let error = #expect(throws: EngineError.self) { _ = try PictureSetup.setup(id, knobs).procedure() }
        #expect(error?.place == "training.procedure.\(place)")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("a layer may be named in a block too, and one with weights for each place is refused at its setting")
    func namedLayers() throws {
        var network = PictureSetup.network
        let inner = Choice("conv2d", ["filters": .integer(4), "padding": .text("same")])
        network.layers[2] = Choice("residual", ["body": .list([.choice(inner)])])
        #expect(throws: Never.self) {
            _ = try PictureSetup.setup("style", ["contentLayer": .text("2.body.0")], network: network).procedure()
        }
        network.layers[0] = Choice("local2d", ["filters": .integer(4)])
        let error = #expect(throws: EngineError.self) {
            _ = try PictureSetup.setup("style", ["styleLayers": .text("0")], network: network).procedure()
        }
        #expect(error?.place == "training.procedure.style.styleLayers")
        #expect(error?.message.contains("name layers before it") == true, "\(error?.message ?? "")")
    }

    @Test("a network without maps, and one over no images, are refused")
    func refusals() {
        var flat = PictureSetup.network
        flat.layers = [Choice("flatten"), dense(4, Choice("tanh"))]
        #expect(throws: EngineError.self) { _ = try PictureSetup.setup("style", network: flat).procedure() }
        let plane = classifier([dense(3, Choice("tanh"))])
        #expect(throws: EngineError.self) { _ = try PictureSetup.setup("dream", network: plane).procedure() }
    }

    @Test(
        "a class rises whatever the output makes of the sums",
        arguments: ["softmaxCrossEntropy", "hinge", "squaredError"])
    func outputs(_ loss: String) throws {
        for classes in [2, 3] {
            var network = PictureSetup.network
            network.task = .classification(classes: classes)
            network.loss = Choice(loss)
            for number in 1...classes {
                var setup = PictureSetup.setup("dream", ["class": .integer(number)], network: network)
                var random = Random(seed: 4)
                setup.train = Samples(
                    count: 12, inputs: (0..<12 * network.input.count).map { _ in Float(random.uniform()) },
                    labels: (0..<12).map { Float($0 % classes) })
                setup.test = setup.train
                guard let procedure = try? setup.procedure() else {
                    // Hinge tells two classes alone.
                    #expect(loss == "hinge" && classes == 3)
                    continue
                }
                let start = procedure.measure()["activation"]!
                for _ in 0..<20 { _ = procedure.advance(steps: 1) }
                #expect(procedure.measure()["activation"]! > start)
            }
        }
    }

    @Test("gradients come back from a resized picture as they should", arguments: [(32, 8), (20, 8), (8, 12)])
    func resizedGradients(_ old: Int, _ new: Int) {
        let resizing = PictureResizing(from: old, to: new)
        let (one, other) = (PictureSetup.picture(1, side: old).values, PictureSetup.picture(2, side: new).values)
        func product(_ one: [Float], _ other: [Float]) -> Double {
            zip(one, other).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        var back = [Float](repeating: 0, count: one.count)
        back.withUnsafeMutableBufferPointer { resizing.addGradient(other, to: $0.baseAddress!, channels: 3) }
        let expected = product(resizing.resized(one, channels: 3), other)
        #expect(abs(product(one, back) - expected) < 1e-4 * abs(expected))
    }

    @Test("a size that there is not is answered with the nearest one")
    func sizes() {
        let error = #expect(throws: EngineError.self) {
            _ = try PictureSetup.setup("style", ["size": .text("77")]).procedure()
        }
        #expect(error?.message.hasSuffix("found 77; the nearest is 64") == true, "\(error?.message ?? "")")
    }

    @Test("a picture made smaller keeps its mean, and made larger its values")
    func resizing() {
        let picture = PictureSetup.picture(1)
        func mean(_ picture: InputPicture) -> Float { picture.values.reduce(0, +) / Float(picture.values.count) }
        #expect(abs(mean(picture.resized(to: 16)) - mean(picture)) < 1e-5)
        #expect(abs(mean(picture.resized(to: 20)) - mean(picture)) < 1e-4)
        let flat = InputPicture(channels: 1, side: 4, values: [Float](repeating: 0.3, count: 16))
        #expect(flat.resized(to: 9).values.allSatisfy { abs($0 - 0.3) < 1e-6 })
    }
}

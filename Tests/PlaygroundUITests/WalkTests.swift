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

@Suite("Walks through a layer's numbers")
struct WalkTests {
    @Test("the lecture's convolution: turned the kernel gives 45 110 / 40 40, as it is 70 in the first place")
    func lecture() throws {
        var turned = try WalkFixture.lecture(flips: true)
        var sums: [Float] = []
        for keys in [[], ["right"], ["down", "left"], ["right"]] {
            for key in keys { try turned.press(key) }
            let sum = WindowSum(try #require(turned.numbers))
            #expect(sum.sum == sum.preActivation && sum.kernel(channel: 0) == [1, 0.5, 0.25, 0])
            sums.append(sum.value)
        }
        #expect(sums == [45, 110, 40, 40])
        #expect(turned.text.contains("turned kernel") && turned.text.contains("40.000"))

        let plain = try WalkFixture.lecture(flips: false)
        let sum = WindowSum(try #require(plain.numbers))
        #expect(sum.value == 70 && sum.patch(channel: 0) == [0, 80, 20, 40])
        #expect(sum.products(channel: 0) == [0, 20, 10, 40] && sum.kernel(channel: 0) == [0, 0.25, 0.5, 1])
        #expect(plain.text.contains("70.000") && !plain.text.contains("turned kernel"))

        // The smallest window has room for it too.
        let small = try WalkFixture.lecture(flips: false, size: (80, 24))
        #expect(small.text.contains("The kernel, not turned, lies on"), "\(small.text)")
    }

    private static let stack =
        #"[{"conv2d":{"filters":3,"padding":1}},{"maxPool":{}},{"conv2d":{"filters":4,"kernel":3,"padding":"same","activation":"tanh"}},{"meanPool":{}},{"dense":{"units":5,"activation":"relu"}}]"#

    @Test("every number shown is the forward pass's own, bit for bit, at every pixel and channel")
    func bits() throws {
        var fixture = try WalkFixture(layers: Self.stack)
        let network = try fixture.network()
        try fixture.press("X")
        var walked: [WalkID] = []
        while true {
            let scene = try #require(fixture.app.walkScene)
            walked.append(scene.state.id)
            let layer = scene.state.layer
            let (before, sums, values) = (
                network.values(layer: scene.source), network.values(layer: layer, stage: .preActivation),
                network.values(layer: layer)
            )
            let numbers = try #require(scene.numbers)
            #expect(numbers.values.inputs == before && numbers.values.sums == sums && numbers.values.values == values)
            for unit in 0..<scene.walk.units(scene) {
                for step in 0..<scene.walk.steps(scene) {
                    fixture.app.plots.walk?.unit = unit
                    fixture.app.plots.walk?.step = step
                    let numbers = try #require(fixture.numbers)
                    if scene.state.id == .convolution {
                        let sum = WindowSum(numbers)
                        let place = unit * scene.walk.steps(scene) + step
                        #expect(sum.value == values[place] && sum.preActivation == sums[place])
                        #expect(abs(sum.sum + (sum.bias ?? 0) - sums[place]) < 1e-4)
                    } else if scene.state.id == .pooling {
                        let pool = WindowPool(numbers)
                        #expect(pool.value == values[unit * scene.walk.steps(scene) + step])
                        if let winner = pool.winner { #expect(pool.patch[winner] == pool.value) }
                    } else if scene.state.id == .vote {
                        let vote = Vote(numbers)
                        #expect(vote.value == values[unit] && vote.preActivation == sums[unit])
                        #expect(abs(vote.sum + (vote.bias ?? 0) - sums[unit]) < 1e-4)
                        #expect(abs(vote.products[vote.order[0]]) == vote.products.map(abs).max())
                    }
                }
            }
            try fixture.press("tab")
            if fixture.app.walkScene?.state.id == scene.state.id, fixture.app.walkScene?.state.layer == layer { break }
        }
        #expect(walked == [.convolution, .pooling, .convolution, .pooling, .vote, .vote, .softmax])
        let softmax = Softmax(try #require(fixture.numbers))
        #expect(softmax.shares == network.values(layer: fixture.snapshot.outline.output))
        for (share, exponential) in zip(softmax.shares, softmax.exponentials) {
            #expect(abs(Double(share) - exponential / softmax.exponentials.reduce(0, +)) < 1e-6)
        }
        let label = try #require(fixture.snapshot.data.shownLabel(0))
        let loss = try #require(fixture.numbers?.values.loss)
        #expect(loss == network.loss(ofLabel: Float(label)))
        #expect(abs(loss + log(Double(softmax.shares[label]))) < 1e-5)
    }

    @Test("kernels laid back, responses, repetitions and joins of blocks come to the forward pass's values everywhere")
    func backAndJoined() throws {
        let one = #"{"conv2d":{"filters":2,"kernel":1,"activation":"linear"}}"#
        let two = #"{"conv2d":{"filters":2,"padding":"same","activation":"tanh"}}"#
        func branches(_ join: String) -> String {
            #"{"branches":{"stacks":[[\#(one)],[\#(two)]],"join":"\#(join)"}}"#
        }
        let layers = [
            #"{"meanPool":{"size":4}}"#,
            #"{"conv2dTranspose":{"filters":3,"kernel":3,"dilation":1,"padding":1,"outputPadding":1,"activation":"tanh"}}"#,
            #"{"localResponseNorm":{"size":2,"alpha":0.5,"beta":0.75,"k":2}}"#, #"{"upsample":{}}"#,
            #"{"residual":{"body":[{"conv2d":{"filters":3,"padding":"same"}}],"shortcut":[]}}"#, branches("sum"),
            branches("mean"), branches("max"), branches("concatenate"), #"{"dense":{"units":3}}"#,
        ]
        var fixture = try WalkFixture(layers: "[\(layers.joined(separator: ","))]")
        let network = try fixture.network()
        try fixture.press("X")
        var walked: Set<LayerPath> = []
        while true {
            let scene = try #require(fixture.app.walkScene)
            let (layer, id) = (scene.state.layer, scene.state.id)
            walked.insert(layer)
            let (sums, values) = (network.values(layer: layer, stage: .preActivation), network.values(layer: layer))
            let steps = scene.walk.steps(scene)
            for unit in 0..<scene.walk.units(scene) {
                for step in 0..<steps {
                    fixture.app.plots.walk?.unit = unit
                    fixture.app.plots.walk?.step = step
                    let numbers = try #require(fixture.numbers)
                    let place = unit * steps + step
                    switch id {
                    case .convolution:
                        let sum = WindowSum(numbers)
                        #expect(sum.value == values[place] && abs(sum.sum + (sum.bias ?? 0) - sums[place]) < 1e-4)
                    case .response:
                        let response = ResponseSum(numbers)
                        let own = try #require(response.neighbours.first { $0.channel == unit })
                        #expect(response.value == values[place] && response.neighbours.count == (unit == 0 ? 1 : 2))
                        #expect(abs(own.value / response.divisor - values[place]) < 1e-5)
                    case .oneToOne: #expect(OneValue(numbers).input == values[place])
                    case .join:
                        let joined = JoinedValue(numbers)
                        let parts = joined.parts.compactMap(\.value)
                        #expect(joined.value == values[place])
                        switch layer.index {
                        case 4, 5: #expect(abs(parts[0] + parts[1] - values[place]) < 1e-5)
                        case 6: #expect(abs((parts[0] + parts[1]) / 2 - values[place]) < 1e-5)
                        case 7:
                            #expect(parts.max() == values[place])
                            #expect(joined.winner.map { parts[$0] } == values[place])
                        default: #expect(parts == [values[place]])
                        }
                    default: break
                    }
                }
            }
            try fixture.press("tab")
            if fixture.app.walkScene?.state.id == id, fixture.app.walkScene?.state.layer == layer { break }
        }
        #expect((0..<10).allSatisfy { walked.contains(LayerPath($0)) })
    }

    @Test("kernels laid back light the values that reach their place, joins the ends of their stacks")
    func lightsBack() throws {
        var fixture = try WalkFixture(
            layers:
                #"[{"conv2dTranspose":{"filters":2,"kernel":3}},{"residual":{"body":[{"conv2d":{"filters":2,"padding":"same"}}],"shortcut":[]}}]"#
        )
        try fixture.press("X", "home", "down", "down", "right", "right", "right")
        // Row 2 of 17 has the last row of the first value's kernel and the first one of the second's.
        #expect(
            fixture.app.plotContext?.walkLights == [
                WalkLight(layer: 0, unit: 0, part: ImagePart(row: 2, column: 3), isOwn: true),
                WalkLight(layer: .input, unit: 0, part: ImagePart(rows: 0..<2, columns: 1..<2)),
            ])
        try fixture.press("tab", "tab", "home")
        let body = try #require(LayerPath("1.body.0"))
        #expect(fixture.app.walkScene?.state.id == .join)
        #expect(
            fixture.app.plotContext?.walkLights == [
                WalkLight(layer: 1, unit: 0, part: ImagePart(row: 0, column: 0), isOwn: true),
                WalkLight(layer: body, unit: 0, part: ImagePart(row: 0, column: 0)),
                WalkLight(layer: 0, unit: 0, part: ImagePart(row: 0, column: 0)),
                WalkLight(layer: .input, part: ImagePart(row: 0, column: 0)),
            ])
        #expect(fixture.text.contains("shortcut: the input"))
    }

    @Test(
        "the walk through a softmax names the loss that the network has",
        arguments: [
            (#"{"loss":"softmaxCrossEntropy"}"#, true), (#"{"loss":"squaredError","activation":"softmax"}"#, false),
        ]) func lossOfSoftmax(_ output: String, _ isLogarithm: Bool) throws
    {
        var fixture = try WalkFixture(layers: Self.stack, output: output)
        try fixture.press("X")
        for _ in 0..<20 where fixture.app.walkScene?.state.id != .softmax { try fixture.press("tab") }
        #expect(fixture.app.walkScene?.state.id == .softmax)
        fixture.app.plots.walk?.step = 3
        fixture.show()
        #expect(fixture.text.contains("−ln 0.") == isLogarithm, "\(fixture.text)")
        let scene = try #require(fixture.app.walkScene)
        #expect(scene.walk.words(scene).contains("−ln") == isLogarithm)
    }

    @Test("padding is told from pixels, and the products leave it out")
    func padding() throws {
        var fixture = try WalkFixture(layers: Self.stack)
        try fixture.press("X", "home")
        let sum = WindowSum(try #require(fixture.numbers))
        let patch = sum.patch(channel: 0)
        #expect(patch.map { $0 == nil } == [true, true, true, true, false, false, true, false, false])
        #expect(sum.products(channel: 0)[0] == nil)
        #expect(fixture.text.contains("·"))
    }

    @Test("the channels of an image in colours have their names, before and behind the products")
    func colours() throws {
        var fixture = try WalkFixture(
            layers: #"[{"conv2d":{"filters":2}},{"conv2d":{"filters":1}}]"#, data: #"{"dataset":"shapes","samples":40}"#
        )
        try fixture.press("4", "X")
        for name in ["red", "green", "blue"] { #expect(fixture.text.contains(" \(name) "), "\(name)") }
        #expect(!fixture.text.contains(" map 3 "))
        try fixture.press("tab")
        #expect(fixture.text.contains(" map 1 ") && fixture.text.contains(" map 2 ") && !fixture.text.contains(" red "))
    }

    @Test(
        "kernels of 1×1 show each product with its factors, at every size", arguments: [(80, 24), (120, 40), (200, 60)])
    func single(width: Int, height: Int) throws {
        var fixture = try WalkFixture(
            layers: #"[{"conv2d":{"filters":6}},{"conv2d":{"filters":2,"kernel":1}}]"#, size: (width, height))
        try fixture.press("4", "X", "tab")
        let walk = fixture.app.draw().lines.map { $0.prefix(width == 200 ? 60 : 35) }
        let lines = walk.filter { $0.hasPrefix(" map ") && !$0.contains(" of ") }
        #expect(lines.count == 6 && lines.allSatisfy { $0.contains(" · ") && $0.contains(" = ") }, "\(lines)")
    }

    @Test("the factors of a vote stand whole, on the smallest screen without the place that they come from")
    func factors() throws {
        for size in [(80, 24), (120, 40)] {
            var fixture = try WalkFixture(
                layers: #"[{"conv2d":{"filters":12}},{"dense":{"units":4}}]"#, size: size)
            try fixture.press("4", "X", "tab")
            let product = fixture.app.draw().lines.first { $0.contains(" · ") && $0.contains(" = ") }
            #expect(product?.prefix(34).contains("…") == false, "\(size): \(product ?? fixture.text)")
        }
    }

    @Test("a walk lights its pixel, the patch before it and the receptive field in the image")
    func lights() throws {
        var fixture = try WalkFixture(layers: Self.stack)
        try fixture.press("X", "tab", "tab", "home")
        let scene = try #require(fixture.app.walkScene)
        #expect(scene.state.layer == 2 && scene.source == 1)
        let lights = scene.walk.lights(scene)
        #expect(
            lights == [
                WalkLight(layer: 2, unit: 0, part: ImagePart(row: 0, column: 0), isOwn: true),
                WalkLight(layer: 1, unit: 0, part: ImagePart(rows: 0..<2, columns: 0..<2)),
                // Two pooled pixels are four, and one more for the kernel's reach.
                WalkLight(layer: .input, part: ImagePart(rows: 0..<5, columns: 0..<5)),
            ])
        try fixture.press("end")
        #expect(
            fixture.app.plotContext?.walkLights.last
                == WalkLight(layer: .input, part: ImagePart(rows: 3..<8, columns: 3..<8)))
    }

    @Test("training stands still during a walk, and goes on as it was; any other command ends the walk")
    func training() throws {
        func sent(_ fixture: inout WalkFixture) -> [String] {
            fixture.app.takeOutbox().compactMap {
                if case .trainer(let command) = $0 { "\(command)" } else { nil }
            }
        }
        var fixture = try WalkFixture(layers: Self.stack)
        fixture.app.playing.set(true, at: 0)
        _ = sent(&fixture)
        try fixture.press("X")
        #expect(!fixture.app.playing.isOn && sent(&fixture) == ["pause"])
        try fixture.press("right", "tab", "]", ")")
        #expect(sent(&fixture).isEmpty && fixture.app.plots.walk != nil && fixture.app.plots.image == 1)
        try fixture.press("esc")
        #expect(fixture.app.playing.isOn && sent(&fixture) == ["play"] && fixture.app.plots.walk == nil)
        fixture.app.playing.set(false, at: 0)
        try fixture.press("X", "esc")
        #expect(!fixture.app.playing.isOn && sent(&fixture).isEmpty)
        try fixture.press("X", "1")
        #expect(fixture.app.plots.walk == nil && fixture.app.focus == .data)
    }

    @Test("playing fills the map pixel by pixel and stops at the end")
    func playing() throws {
        var fixture = try WalkFixture(layers: Self.stack)
        try fixture.press("X")
        try fixture.press("space", at: 10)
        #expect(fixture.app.plots.walk?.step == 0 && fixture.app.plots.walk?.fills == true)
        let scene = try #require(fixture.app.walkScene)
        #expect(!scene.isReached(0, unit: 0, pixel: 1) && scene.isReached(0, unit: 1, pixel: 1))
        let isEarly = fixture.app.advanceWalk(at: 10)
        #expect(!isEarly && fixture.app.plots.walk?.step == 0)
        #expect(fixture.app.millisecondsToStep(at: 10)! > 0)
        let isDue = fixture.app.advanceWalk(at: 10 + scene.secondsPerStep)
        #expect(isDue && fixture.app.plots.walk?.step == 1)
        var time = 11.0
        while fixture.app.plots.walk?.due != nil, time < 100 {
            _ = fixture.app.advanceWalk(at: time)
            time += 0.1
        }
        #expect(fixture.app.plots.walk?.step == 63 && fixture.app.plots.walk?.due == nil)
    }

    @Test("a click on a map's pixel moves the walk there")
    func mouse() throws {
        var fixture = try WalkFixture(layers: Self.stack, size: (200, 60))
        try fixture.press("X")
        let rect = try #require(fixture.app.layout.area(.stack)?.rect)
        let stack = fixture.app.stackLayout(panelContent(of: rect))
        let context = try #require(fixture.app.plotContext)
        let geometry = NetworkGeometry(
            layout: stack, outline: context.snapshot.outline, cursor: context.tileCursor)
        let tile = try #require(geometry.tile(layer: 0, unit: 1))
        fixture.app.handle(.mouse(Mouse(.press, x: tile.x, y: tile.y, button: 1)))
        #expect(fixture.app.plots.walk?.unit == 1 && fixture.app.plots.walk?.step == 0)
    }

    @Test("a kernel that has no room for its numbers is a picture with the largest products")
    func large() throws {
        var fixture = try WalkFixture(
            layers: #"[{"conv2d":{"filters":2,"kernel":11,"padding":5}}]"#, size: (80, 24))
        try fixture.press("X")
        #expect(fixture.text.contains("11×11 numbers have no room"))
    }

    @Test(
        "random keys during walks leave a screen of every size whole",
        arguments: [(60, 18), (80, 24), (120, 40), (200, 60)])
    func randomKeys(width: Int, height: Int) throws {
        let layers =
            #"[{"conv2d":{"filters":3,"padding":"same","activation":"linear"}},"batchNorm","activation",{"residual":{"body":[{"conv2d":{"filters":3,"padding":"same"}}],"shortcut":[]}},{"local2d":{"filters":2,"kernel":4,"stride":2}},{"conv2d":{"filters":2,"kernel":1}},"globalMeanPool",{"dense":{"units":3}}]"#
        let keys = [
            "left", "right", "up", "down", "space", "tab", "shift-tab", "[", "]", "c", "C", "<", ">", "home", "end",
            "e",
            "(", ")", "T", "X", "esc", "4", "5",
        ]
        var random = Random(seed: UInt64(width))
        for (colors, glyphs) in [
            (Capabilities.Colors.truecolor, Capabilities.Glyphs.braille), (.palette256, .block), (.none, .braille),
            (.palette16, .ascii),
        ] {
            var fixture = try WalkFixture(
                layers: layers, data: #"{"dataset":"shapes","samples":40}"#, size: (width, height),
                capabilities: Capabilities(colors: colors, glyphs: glyphs))
            var time = 0.0
            for _ in 0..<60 {
                if fixture.app.plots.walk == nil { try fixture.press("X", at: time) }
                try fixture.press(keys[Int(random.uniform() * Double(keys.count))], at: time)
                time += 0.4
                _ = fixture.app.advanceWalk(at: time)
                let lines = fixture.app.draw().lines
                #expect(lines.count == height)
                if let scene = fixture.app.walkScene {
                    #expect((0..<scene.walk.steps(scene)).contains(scene.state.step))
                    #expect(!fixture.app.playing.isOn)
                }
                if glyphs == .ascii { #expect(!lines.joined().contains("▀")) }
            }
        }
    }
}

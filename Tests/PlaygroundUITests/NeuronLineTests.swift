import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

@Suite("Dragging a neuron's line")
struct NeuronLineTests {
    private static let features = [
        NeuronLine.Feature(x: 1, y: 0, constant: 0), NeuronLine.Feature(x: 0, y: 1, constant: 0),
    ]

    @Test("moving changes the bias alone, turning the direction alone: ‖w‖ stays, and the positive side")
    func line() throws {
        let line = NeuronLine(features: Self.features, weights: [3, -4], bias: 2)
        let moved = line.moved(through: 1, 2)
        #expect(moved.weights == [3, -4] && moved.bias == 5)
        let turned = try #require(line.turned(along: (x: 1, y: 1), through: 0.5, 0.25, width: 1, height: 1))
        #expect(abs(turned.size - 5) < 1e-12)
        #expect(abs(turned.a + turned.b) < 1e-12 && abs(0.5 * turned.a + 0.25 * turned.b + turned.c) < 1e-12)
        #expect(turned.a * 3 + turned.b * -4 > 0)
        #expect(line.reversed.weights == [-3, 4] && line.reversed.bias == -2)
        #expect(NeuronLine(features: Self.features, weights: [0, 0], bias: 1).exists == false)
    }

    @Test("features of the two columns may be scaled and shifted, and more than two")
    func features() throws {
        let halves = [
            NeuronLine.Feature(x: 0.5, y: 0, constant: 0.5), NeuronLine.Feature(x: 0, y: 0.5, constant: 0.5),
        ]
        let line = NeuronLine(features: halves, weights: [1, 1], bias: -2)
        #expect(line.a == 0.5 && line.b == 0.5 && line.c == -1)
        let three = NeuronLine(
            features: halves + [NeuronLine.Feature(x: 1, y: -1, constant: 0)], weights: [1, 0.5, 0.25], bias: 0.5)
        for own in [line, three] {
            let turned = try #require(own.turned(along: (x: 2, y: -0.5), through: 0.1, 0.2, width: 2, height: 2))
            #expect(abs(turned.size - own.size) < 1e-12)
            #expect(abs(2 * turned.a - 0.5 * turned.b) < 1e-12)
            #expect(abs(0.1 * turned.a + 0.2 * turned.b + turned.c) < 1e-12)
        }
        // Of one column alone a line moves, and cannot turn.
        let single = NeuronLine(features: [Self.features[0]], weights: [2], bias: 0)
        #expect(single.turned(along: (x: 1, y: 1), through: 0, 0, width: 1, height: 1) == nil)
        #expect(single.moved(through: 3, 0).bias == -6)
    }

    private static let circle =
        #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":3}}]}"#

    private func weights(_ fixture: MotionFixture, unit: Int = 0) throws -> [Float] {
        let outline = fixture.trainer.procedure.outline
        let matrix = try #require(outline.weightMatrix(layer: 0))
        let bias = try #require(outline.biases(layer: 0)).offset + unit
        let parameters = fixture.trainer.procedure.parameters
        return (0..<matrix.inputs).map { parameters[matrix.place(unit: unit, input: $0)] } + [parameters[bias]]
    }

    private func size(_ weights: [Float]) -> Float { (weights[0] * weights[0] + weights[1] * weights[1]).squareRoot() }

    @Test("the mouse near the middle moves the line, near an end turns it; one drag is one step for undo")
    func mouse() throws {
        var fixture = try MotionFixture(Self.circle)
        try fixture.press("5", "T", "enter")
        #expect(fixture.app.plots.hand?.neuron == ViewRequest.Neuron(layer: 0, unit: 0))
        let start = try weights(fixture)
        let context = try #require(fixture.app.plotContext)
        let rect = try #require(fixture.app.layout.area(.output)?.rect)
        let geometry = OutputGeometry(rect: rect, context: context)
        func cell(_ place: PlotPlace) throws -> (x: Int, y: Int) {
            try #require(geometry.cell(x: Float(place.x), y: Float(place.y)))
        }
        let line = try #require(context.handLine?.line)
        let (from, to) = try #require(line.ends(context.xRange, context.yRange))
        func along(_ share: Double) -> PlotPlace {
            PlotPlace(x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
        }
        func event(_ kind: Mouse.Kind, _ place: PlotPlace, at time: Double) throws {
            let at = try cell(place)
            fixture.app.handle(.mouse(Mouse(kind, x: at.x, y: at.y, button: 1)), at: time)
            try fixture.show()
        }
        // Away from the line nothing is held.
        let away = PlotPlace(x: along(0.5).x - 0.3 * (to.y - from.y), y: along(0.5).y + 0.3 * (to.x - from.x))
        try event(.press, away, at: 10)
        try event(.drag, along(0.5), at: 10.1)
        #expect(try weights(fixture) == start && fixture.app.notice != nil)
        try event(.press, along(0.5), at: 20)
        try event(.drag, PlotPlace(x: 0.4, y: 0.45), at: 20.1)
        try event(.drag, PlotPlace(x: 0.3, y: 0.4), at: 25)
        try event(.release, PlotPlace(x: 0.3, y: 0.4), at: 25.1)
        let moved = try weights(fixture)
        #expect(moved[0] == start[0] && moved[1] == start[1] && moved[2] != start[2])
        try fixture.press("z", at: 30)
        #expect(try weights(fixture) == start)
        try event(.press, along(0.9), at: 40)
        try event(.drag, PlotPlace(x: 0.5, y: 0.9), at: 40.2)
        let turned = try weights(fixture)
        #expect(turned[0] != start[0] && turned[1] != start[1] && abs(size(turned) - size(start)) < 1e-4)
        try fixture.press("z", at: 50)
        #expect(try weights(fixture) == start)
        #expect(fixture.text.contains("drag the line") && fixture.text.contains("unit 1: "))
    }

    @Test("keys move and turn it, choose the neuron, exchange the sides, and leave")
    func keys() throws {
        var fixture = try MotionFixture(Self.circle)
        try fixture.press("5", "T")
        let start = try weights(fixture)
        try fixture.press("right", at: 10)
        let moved = try weights(fixture)
        #expect(moved[2] != start[2] && moved[0] == start[0])
        try fixture.press("[", at: 20)
        try fixture.press("[", at: 20.2)
        let turned = try weights(fixture)
        #expect(turned[0] != moved[0] && abs(size(turned) - size(start)) < 1e-4)
        // Both turns are one step.
        try fixture.press("z", at: 30)
        #expect(try weights(fixture) == moved)
        try fixture.press("f", at: 40)
        #expect(try weights(fixture) == moved.map { -$0 })
        try fixture.press("u", at: 50)
        #expect(fixture.app.plots.hand?.neuron.unit == 1)
        try fixture.press("esc", at: 60)
        #expect(fixture.app.plots.hand == nil)
    }

    @Test("after a quick undo the next key moves the line that is there again")
    func quickUndo() throws {
        var fixture = try MotionFixture(Self.circle)
        try fixture.press("5", "T")
        try fixture.press("right", at: 10)
        let moved = try weights(fixture)
        try fixture.press("z", at: 10.1)
        try fixture.press("right", at: 10.2)
        #expect(try weights(fixture) == moved)
    }

    @Test("the line of a moment before is not changed: neither by keys nor by the mouse")
    func past() throws {
        var fixture = try MotionFixture(Self.circle)
        try fixture.press("5", "T")
        let start = try weights(fixture)
        fixture.app.past = PastView(epoch: 1, resumes: false)
        for key in ["right", "[", "f", "enter"] {
            try fixture.press(key, at: 10)
            #expect(fixture.app.notice?.text.contains("moment before") == true, "\(key)")
        }
        fixture.app.pullLine(to: PlotPlace(x: 0.5, y: 0.5), goesOn: false)
        fixture.app.pullLine(to: PlotPlace(x: 0.4, y: 0.5), goesOn: true)
        try fixture.show()
        #expect(try weights(fixture) == start && fixture.app.past != nil)
    }

    @Test("a perceptron by hand: the line of an AND turned into that of an OR")
    func perceptron() throws {
        let json = try JSON(parsing: Preset.named("mcculloch-pitts").text).text()
        var fixture = try MotionFixture(json, steps: 0)
        try fixture.press("5", "T")
        #expect(fixture.app.handRefusal == nil && fixture.text.contains("drag the line"))
        for _ in 0..<60 { try fixture.press("left") }
        let outline = fixture.trainer.procedure.outline
        let bias = try #require(outline.biases(layer: outline.output))
        #expect(fixture.trainer.procedure.parameters[bias.offset] > -1)
    }

    @Test(
        "where a line cannot be dragged the reason is told",
        arguments: [
            (
                #"{"data":{"dataset":"circle"},"features":["x1","x2","x1^2"],"layers":[{"dense":{"units":2}}]}"#,
                "not linear"
            ),
            (#"{"data":{"dataset":"lines","samples":30},"layers":[{"dense":{"units":2}}]}"#, "plane of two columns"),
        ])
    func refusals(_ json: String, _ words: String) throws {
        guard let fixture = try? MotionFixture(json, steps: 0) else { return }
        let refusal = try #require(fixture.app.handRefusal)
        #expect(refusal.contains(words), "\(refusal)")
    }
}

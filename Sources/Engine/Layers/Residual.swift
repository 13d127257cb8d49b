/// Adds what a stack of layers makes of its input to the input itself, or to what a second stack makes of it.
///
/// Shapes: x: [values, batch]; F(x), s(x) and y: alike. y = F(x) + s(x), s the identity where the shortcut is empty.
/// Backward: dF = ds = dy, and dx is the sum of what comes back through both.
struct Residual: Layer {
    static let entry = Entry(
        id: "residual", title: "residual",
        summary:
            "Adds its input to what its layers make of it, so that gradients also pass by them: deep stacks learn.",
        formula: "y = F(x) + s(x)",
        source: "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015",
        watch:
            "The input and the body's result must have one shape: else the shortcut needs a layer (a 1×1 convolution, a dense one).",
        knobs: [
            Knob(
                "body", title: "body", summary: "The layers whose result is added.", kind: .list(.choice(.layer)),
                default: .list([.choice(Choice("dense"))])),
            Knob(
                "shortcut", title: "shortcut",
                summary: "The layers that the input takes past the body; empty: as it is.",
                kind: .list(.choice(.layer)), default: .list([])),
        ])

    let body: [Choice]
    let shortcut: [Choice]
    private let place: String

    /// Of layers that can do one step after another.
    static func stepping(_ layer: Choice) -> Choice? {
        var stepping = layer
        for (name, value) in layer.knobs {
            guard case .list(let values) = value else { continue }
            let changed: [KnobValue] = values.compactMap { value in
                guard case .choice(let inner) = value else { return nil }
                return inner.stepping.map { .choice($0) }
            }
            guard changed.count == values.count else { return nil }
            stepping.knobs[name] = .list(changed)
        }
        return stepping
    }

    /// With a body that gives as many values as come in.
    static func fitting(_ input: Shape) -> Choice {
        let body =
            input.axes.count == 1
            ? [Choice("dense", ["units": .integer(input.count)])] : ShapeDecoder.layers(from: input, to: input)
        return Choice(entry.id, ["body": .list(body.map { .choice($0) })])
    }

    init(settings: Settings) throws(EngineError) {
        body = settings.stack("body")
        shortcut = settings.stack("shortcut")
        place = settings.place
        guard !body.isEmpty else {
            throw EngineError(place: "\(place).body", message: "a residual block needs a layer in its body; add one")
        }
    }

    var title: String { "residual" }

    var activation: Settings? { nil }
    var link: Outline.Link? { .join(.sum) }

    func decoder(from output: Shape, to input: Shape) -> [Choice] { ShapeDecoder.layers(from: output, to: input) }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let inside = try plan.run(body, x, name: "body", place: "\(place).body")
        let past = try plan.run(shortcut, x, name: "shortcut", place: "\(place).shortcut")
        guard inside.shape.adds(to: past.shape) else {
            let projection = Self.projection(from: x.shape, to: inside.shape)
            let words = projection.map { ", or project: \"shortcut\": [\($0.words)]" } ?? ""
            // Other layers in the shortcut would be lost.
            let isAlone = shortcut.allSatisfy { $0.id == projection?.layer.id } && shortcut.count < 2
            throw EngineError(
                place: place,
                message:
                    "the body ends with \(inside.shape.values) and the shortcut with \(past.shape), which cannot be "
                    + "added; end the body with \(past.shape.values)\(words)",
                remedy: isAlone ? projection.map { remedy(by: $0.layer) } : nil)
        }
        return plan.sum([inside, past])
    }

    /// Of the layer that is there already the sizes alone change.
    private func remedy(by layer: Choice) -> EngineError.Remedy {
        var own = shortcut.first ?? layer
        for (name, value) in layer.knobs {
            if case .integer = value { own.knobs[name] = value }
        }
        return EngineError.Remedy(path: "\(place).shortcut", value: .list([.choice(own)]))
    }

    /// A layer that makes one shape of another, and its JSON: of an image a convolution, 1×1 where it takes every place or one of
    /// several, else with a kernel that leaves out as many places as the body. nil: no layer does it.
    private static func projection(from input: Shape, to output: Shape) -> (layer: Choice, words: String)? {
        func linear(_ id: String, _ numbers: KeyValuePairs<String, Int>) -> (layer: Choice, words: String) {
            var layer = Choice(id, ["activation": .choice(Choice("linear"))])
            for (name, number) in numbers { layer.knobs[name] = .integer(number) }
            let words = numbers.map { "\"\($0.key)\": \($0.value), " }.joined()
            return (layer, "{\"\(id)\": {\(words)\"activation\": \"linear\"}}")
        }
        guard input.axes.count == 3, output.axes.count == 3 else { return linear("dense", ["units": output.count]) }
        let sides = Array(zip(input.axes[1...], output.axes[1...]))
        let stride = max(1, (input.axes[1] + output.axes[1] - 1) / output.axes[1])
        let missing = input.axes[1] - output.axes[1]
        func convolution(kernel: Int, stride: Int) -> (layer: Choice, words: String) {
            linear("conv2d", ["filters": output.axes[0], "kernel": kernel, "stride": stride])
        }
        let sizes = ConvolutionKnobs.sizes
        if sizes.contains(stride), sides.allSatisfy({ ($0 - 1) / stride + 1 == $1 }) {
            return convolution(kernel: 1, stride: stride)
        }
        let isCut = missing > 0 && sizes.contains(missing + 1) && sides.allSatisfy { $0 - $1 == missing }
        return isCut ? convolution(kernel: missing + 1, stride: 1) : nil
    }
}

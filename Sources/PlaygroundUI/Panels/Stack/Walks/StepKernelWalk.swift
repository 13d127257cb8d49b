import Engine
import Session
import TerminalKit

extension WalkID {
    static let stepKernel = WalkID("kernelInTime")
}

extension Walk {
    /// A kernel laid on the steps around each step in turn: values ∘ kernel = products, their sum, the bias, the activation.
    static let stepKernel: Walk = {
        var walk = Walk(
            id: .stepKernel, suits: { $0[$1].flatMap(stepWindow) != nil }, modes: [.numbers, .motion],
            unitWord: "filter",
            units: { $0.layer.output.axes[1] }, steps: { length($0) },
            start: { $0.state.mode == .motion ? 0 : min($0.context.timeStep, length($0) - 1) },
            place: { "step \($0.state.step + 1) of \(length($0))" },
            lights: { [WalkLight(layer: $0.state.layer, unit: $0.state.unit, isOwn: true)] },
            draw: { canvas, rect, numbers in StepSum(numbers)?.draw(into: &canvas, rect) ?? 0 }, words: words)
        walk.moment = { $0.state.step }
        return walk
    }()

    /// How the kernels of a layer move through time; nil: it has none.
    static func stepWindow(_ layer: Outline.Layer) -> StepWindow? {
        if case .stepKernels(let window)? = layer.link { window } else { nil }
    }

    @Sendable private static func length(_ scene: WalkScene) -> Int {
        max(1, scene.context.length(ofSteps: scene.layer.output.axes[0]))
    }

    @Sendable private static func words(_ scene: WalkScene) -> String {
        let window = stepWindow(scene.layer)!
        var words =
            window.taps == 1
            ? "The values of this step are weighed by the kernel of the filter, and the products are added up."
            : "The kernel lies on \(window.taps) steps: each of their values is weighed, and the products are added up."
        if window.dilation > 1 { words += " Between two of the steps it leaves out \(window.dilation - 1)." }
        if window.padding == window.dilation * (window.taps - 1), window.taps > 1 {
            words += " It sees this step and those before it, none that comes after."
        }
        return words + " The same kernel serves all steps. A dot lies outside the sequence: 0."
    }
}

/// One value of a layer with kernels over steps.
struct StepSum {
    let numbers: WalkNumbers
    let window: StepWindow
    /// [taps, features]; nil outside the sequence.
    let values: [Float?]
    /// [taps, features].
    let kernel: [Float]
    let bias: Float
    let features: Int

    /// nil: the layer has no such kernels.
    init?(_ numbers: WalkNumbers) {
        let scene = numbers.scene
        guard let window = Walk.stepWindow(scene.layer), let weight = numbers.tensor("weight"),
            let bias = numbers.tensor("bias")
        else { return nil }
        let (unit, step) = (scene.state.unit, scene.state.step)
        let features = scene.layer.input.axes[1]
        (self.numbers, self.window, self.features) = (numbers, window, features)
        values = (0..<window.taps).flatMap { tap in
            let source = window.source(ofTap: tap, at: step)
            return (0..<features).map { feature in source.map { numbers.values.inputs[$0 * features + feature] } }
        }
        kernel = (0..<window.taps).flatMap { tap in
            (0..<features).map { feature in
                numbers.parameters[weight.offset + (unit * features + feature) * window.taps + tap]
            }
        }
        self.bias = numbers.parameters[bias.offset + unit]
    }

    private var scene: WalkScene { numbers.scene }
    private var index: Int { scene.state.step * scene.layer.output.axes[1] + scene.state.unit }

    var products: [Float?] { zip(values, kernel).map { value, weight in value.map { $0 * weight } } }
    var sum: Float { products.reduce(0) { $0 + ($1 ?? 0) } }
    /// As the forward pass has them.
    var preActivation: Float { numbers.values.sums[index] }
    var value: Float { numbers.values.values[index] }

    /// "t−2", and what comes in there.
    private func name(_ tap: Int) -> String {
        let offset = tap * window.dilation - window.padding
        return offset == 0 ? "t" : offset < 0 ? "t−\(-offset)" : "t+\(offset)"
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let context = numbers.context
        var results = [
            NumberLine(name: "Σ products", value: sum), NumberLine(name: "+ bias", value: bias),
            NumberLine(name: "= sum", value: preActivation, isResult: scene.function == nil),
        ]
        if let function = scene.function {
            results.append(NumberLine(name: "\(function.title) of it", value: value, isResult: true))
        }
        var lines = NumberLines(context: context)
        var y = rect.y
        let steps = (0..<window.taps).map(name).joined(separator: ", ")
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 2),
            text: window.taps == 1 ? "the values of step t" : "the values of steps \(steps), from above",
            style: Style(numbers.theme.quiet))
        let products = products
        let tables = NumberTables(
            tables: [
                NumberTable(title: "values", columns: features, values: values, ground: numbers.inputGround),
                NumberTable(title: "kernel", columns: features, values: kernel, ground: numbers.signedGround(kernel)),
                NumberTable(
                    title: "products", columns: features, values: products, ground: numbers.signedGround(products)),
            ], signs: [context.ascii ? "*" : "∘", "="])
        let room = rect.maxY - y - results.count - 1
        let order = products.indices.filter { products[$0] != nil }
        if features > 1, window.taps > 1, order.count > room {
            let drawn = tables.draw(
                into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: max(0, room)), spared: 4, context)
            if drawn.hasNumbers {
                y += drawn.rows + 1
                return lines.draw(
                    into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 44)) - rect.y
            }
        }
        // Line by line, the largest products where not all have room.
        let rows = max(1, room)
        let isWhole = order.count <= rows
        let shown =
            isWhole ? order : Array(order.sorted { abs(products[$0]!) > abs(products[$1]!) }.prefix(max(1, rows - 1)))
        lines.largest = order.reduce(1e-9) { max($0, abs(products[$1]!)) }
        func product(_ place: Int) -> NumberLine {
            let tap = place / features
            return NumberLine(
                name: features > 1 ? "\(name(tap)), \(place % features + 1)" : name(tap),
                factors: [values[place]!, kernel[place]], value: products[place], bar: products[place],
                needsFactors: true)
        }
        lines.fit(order.map(product), width: rect.width)
        for line in shown.map(product) {
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: rect.width)
            y += 1
        }
        if !isWhole {
            let rest = Set(order).subtracting(shown).reduce(Float(0)) { $0 + products[$1]! }
            lines.draw(
                into: &canvas, NumberLine(name: plural(order.count - shown.count, "other"), value: rest, bar: rest),
                x: rect.x, y: y, width: rect.width)
            y += 1
        }
        return lines.draw(
            into: &canvas, results, x: rect.x, y: y + 1, end: rect.maxY, width: min(rect.width, 44)) - rect.y
    }
}

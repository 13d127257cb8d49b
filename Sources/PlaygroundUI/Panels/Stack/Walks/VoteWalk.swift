import Engine
import Session
import TerminalKit

extension WalkID {
    static let vote = WalkID("vote")
}

extension Walk {
    /// All that a unit adds up, weight times value, the largest products first.
    static let vote = Walk(
        id: .vote, suits: { $0.weightMatrix(layer: $1) != nil }, unitWord: "unit",
        units: { $0.outline.unitCount(layer: $0.state.layer) },
        steps: { $0.outline.weightMatrix(layer: $0.state.layer)!.inputs },
        place: { "product \($0.state.step + 1) of \($0.outline.weightMatrix(layer: $0.state.layer)!.inputs)" },
        lights: lights, draw: { canvas, rect, numbers in Vote(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let unit = scene.isOfClasses ? "The class \(scene.context.className(scene.state.unit))" : "The unit"
            return
                "\(unit) weighs every value that comes in. The bar is the product: to the right it speaks for, to the left against. The largest come first; all of them and the bias are the sum."
        })

    @Sendable private static func lights(_ scene: WalkScene) -> [WalkLight] {
        let lights = [WalkLight(layer: scene.state.layer, unit: scene.state.unit, isOwn: true)]
        guard let numbers = scene.numbers else { return lights }
        let vote = Vote(numbers)
        guard vote.order.indices.contains(scene.state.step) else { return lights }
        return lights + scene.lights(ofInput: vote.order[scene.state.step])
    }
}

extension WalkScene {
    /// The place of a value that comes in, and of a map's pixel the part of the image on which it depends.
    func lights(ofInput input: Int) -> [WalkLight] {
        let scene = self
        let shape = scene.source.isInput ? scene.outline.input : scene.outline[scene.source]!.output
        guard let map = ImageShape(shape) else { return [WalkLight(layer: scene.source, unit: input)] }
        let part = map.part(ofPixel: input % map.pixels)
        let light = WalkLight(layer: scene.source, unit: input / map.pixels, part: part)
        guard !scene.source.isInput, scene.context.snapshot.network.generated == nil,
            let field = scene.outline.receptiveField(of: scene.source, part)
        else {
            return [light]
        }
        return [light, WalkLight(layer: .input, part: field)]
    }
}

/// One value of a layer in which each unit weighs all inputs.
struct Vote {
    let numbers: WalkNumbers
    /// For each input.
    let weights: [Float]
    let products: [Float]
    /// The inputs, those with the largest products first; in a unit's table as they come where they are few.
    let order: [Int]
    /// The input that stands out; nil: none.
    let marked: Int?

    /// Of so many inputs a unit's table keeps the order.
    private static let few = 16

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        let scene = numbers.scene
        let matrix = scene.outline.weightMatrix(layer: scene.state.layer)!
        weights = (0..<matrix.inputs).map { numbers.parameters[matrix.place(unit: scene.unit, input: $0)] }
        let products = zip(weights, numbers.values.inputs).map { $0 * $1 }
        self.products = products
        let isTable = scene.walk.stepsAreUnits
        order =
            isTable && products.count <= Self.few
            ? Array(products.indices)
            : products.indices.sorted { (abs(products[$1]), $0) < (abs(products[$0]), $1) }
        marked = isTable ? (scene.state.part < products.count ? scene.state.part : nil) : order[scene.state.step]
    }

    private var scene: WalkScene { numbers.scene }

    var bias: Float? { numbers.tensor("bias").map { numbers.parameters[$0.offset + scene.unit] } }
    var sum: Float { products.reduce(0, +) }
    /// As the forward pass has it.
    var preActivation: Float { numbers.values.sums[scene.unit] }
    var value: Float { numbers.values.values[scene.unit] }

    /// In a unit's table the bias comes after all weights.
    private var isBiasMarked: Bool { scene.walk.stepsAreUnits && marked == nil }

    /// The inputs of so many lines: those around the one that stands out. A unit's table whose largest products come first keeps
    /// them, and ends with that one.
    func inputs(inSight count: Int) -> [Int] {
        let place = marked.flatMap { order.firstIndex(of: $0) } ?? 0
        if scene.walk.stepsAreUnits, order.count > Self.few {
            return place < count ? Array(order.prefix(count)) : Array(order.prefix(count - 1)) + [order[place]]
        }
        let first = min(max(0, place - count / 2), order.count - count)
        return Array(order[first..<first + count])
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        func text(_ value: Float) -> String { formatFitting(value, columns: 8, decimals: rect.width >= 40 ? 4 : 2) }
        var results = [NumberLine(name: "Σ all \(products.count)", value: sum)]
        if let input = marked, !scene.walk.stepsAreUnits {
            let term = "\(text(numbers.values.inputs[input])) · \(text(weights[input])) ="
            let named = "\(scene.inputName(input)): \(term)"
            // The marked line above has the name; the numbers stand whole.
            let isFitting = columnWidth(named) <= NumberLines.nameRoom(beside: products[input], width: rect.width)
            results.insert(
                NumberLine(name: isFitting ? named : term, value: products[input], isMarked: true), at: 0)
        }
        if let bias { results.append(NumberLine(name: "+ bias", value: bias, isMarked: isBiasMarked)) }
        results.append(NumberLine(name: "= sum", value: preActivation, isResult: scene.function == nil))
        if let function = scene.function {
            results.append(NumberLine(name: "\(function.title) of it", value: value, isResult: true))
        }
        var lines = NumberLines(context: numbers.context)
        if scene.walk.stepsAreUnits { lines.decimals = 4 }
        lines.largest = max(1e-9, products.reduce(0) { max($0, abs($1)) })
        let rows = max(1, rect.height - results.count - 1)
        let isWhole = products.count <= rows
        let shown = isWhole ? products.count : max(1, rows - 1)
        let inSight = inputs(inSight: shown)
        var y = rect.y
        /// Where a pixel's name would be cut its place says enough.
        func name(_ input: Int) -> String {
            let name = scene.inputName(input)
            return rect.width < 40 && name.hasPrefix("pixel ") ? String(name.dropFirst("pixel ".count)) : name
        }
        func product(_ input: Int) -> NumberLine {
            NumberLine(
                name: name(input), factors: [numbers.values.inputs[input], weights[input]],
                value: products[input], bar: products[input], isMarked: input == marked,
                needsFactors: scene.walk.stepsAreUnits)
        }
        // Of all, not of those in sight: nothing moves where they scroll.
        lines.fit(products.indices.map(product), width: rect.width)
        for line in inSight.map(product) {
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: rect.width)
            y += 1
        }
        if !isWhole {
            let others = order.filter { !inSight.contains($0) }
            let rest = others.reduce(Float(0)) { $0 + products[$1] }
            let line = NumberLine(name: plural(others.count, "other"), value: rest, bar: rest)
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: rect.width)
            y += 1
        }
        y += 1
        return lines.draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: rect.width) - rect.y
    }
}

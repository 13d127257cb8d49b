import Engine
import Session
import TerminalKit

extension WalkID {
    static let join = WalkID("join")
}

extension Walk {
    /// Each value of a block made of those at the ends of its stacks.
    static let join = Walk(
        id: .join,
        suits: { outline, path in
            outline[path].map { joined($0) != nil && $0.output.axes.count != 2 } ?? false
        },
        modes: [.numbers, .way, .motion], unitWord: "map", units: { ImageShape($0.layer.output)?.channels ?? 1 },
        steps: { ImageShape($0.layer.output)?.pixels ?? $0.layer.output.count },
        line: { ImageShape($0.layer.output)?.width ?? 1 }, start: { ImageShape($0.layer.output)?.walkStart ?? 0 },
        fillsMap: true,
        place: { scene in
            ImageShape(scene.layer.output).map { mapPlace($0, scene.state.step) } ?? "unit \(scene.state.step + 1)"
        },
        lights: lights, draw: { canvas, rect, numbers in JoinedValue(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let stacks = scene.layer.stacks
            let passes = stacks.contains { $0.layers.isEmpty }
            switch joined(scene.layer)! {
            case .sum:
                return passes
                    ? "The block adds what its layers make of its input to the input itself, value by value. The input passes as it is, and so does the gradient on its way back."
                    : "The block adds what its stacks make of the same input, value by value."
            case .mean: return "The block takes the mean of what its stacks make of the same input, value by value."
            case .largest:
                return
                    "The block keeps the largest of what its stacks make of the same input, value by value; the gradient goes to that stack."
            case .concatenation:
                let parts = ImageShape(scene.layer.output) == nil ? "values" : "maps"
                return "The block lays the \(parts) of its stacks one behind the other; none is changed."
            }
        })

    fileprivate static func joined(_ layer: Outline.Layer) -> Outline.Join? {
        if case .join(let join)? = layer.link { join } else { nil }
    }

    /// The block's own value, those that it is made of, and the receptive field in the image.
    @Sendable private static func lights(_ scene: WalkScene) -> [WalkLight] {
        let map = ImageShape(scene.layer.output)
        let ends = scene.outline.joined(in: scene.state.layer)
        let place = JoinPlace(scene)
        func light(_ layer: LayerPath, _ number: Int, isOwn: Bool = false) -> WalkLight {
            guard let map else { return WalkLight(layer: layer, unit: number, isOwn: isOwn) }
            return WalkLight(
                layer: layer, unit: number / map.pixels, part: map.part(ofPixel: number % map.pixels), isOwn: isOwn)
        }
        var lights = [light(scene.state.layer, place.number, isOwn: true)]
        for (stack, end) in ends.enumerated() {
            if let number = place.number(in: stack) { lights.append(light(end, number)) }
        }
        guard let map else { return lights }
        return lights + scene.imageLight(map.part(ofPixel: scene.state.step))
    }
}

/// The number of a block's value, and of those at the ends of its stacks that it is made of.
private struct JoinPlace {
    /// Among the block's values.
    let number: Int
    /// Values of each stack that come before its own; nil: stacks are joined value by value.
    private let offsets: [Range<Int>]?

    init(_ scene: WalkScene) {
        let (layer, state) = (scene.layer, scene.state)
        number = state.unit * (ImageShape(layer.output)?.pixels ?? 0) + state.step
        guard case .join(.concatenation)? = layer.link else {
            offsets = nil
            return
        }
        var first = 0
        offsets = layer.stacks.map { stack in
            let count = (stack.layers.last?.output ?? layer.input).count
            defer { first += count }
            return first..<first + count
        }
    }

    /// The number of the value in a stack; nil: it does not come from there.
    func number(in stack: Int) -> Int? {
        guard let offsets else { return number }
        return offsets[stack].contains(number) ? number - offsets[stack].lowerBound : nil
    }
}

/// One value of a block that joins its stacks.
struct JoinedValue {
    /// The value of one stack.
    struct Part {
        var name: String
        /// nil: the block's value does not come from this stack.
        var value: Float?
    }

    let numbers: WalkNumbers
    private let join: Outline.Join
    private let place: JoinPlace
    let parts: [Part]

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        let scene = numbers.scene
        guard let join = Walk.joined(scene.layer) else { preconditionFailure("a block that joins nothing") }
        let place = JoinPlace(scene)
        (self.join, self.place) = (join, place)
        parts = scene.layer.stacks.enumerated().map { index, stack in
            let value = place.number(in: index).flatMap { number in
                numbers.values.joined.indices.contains(index) && number < numbers.values.joined[index].count
                    ? numbers.values.joined[index][number] : nil
            }
            return Part(name: Self.name(stack, index, scene), value: value)
        }
    }

    /// "body: conv2d 8", "shortcut: the input", "stack 2: conv2d 8".
    private static func name(_ stack: Outline.Stack, _ index: Int, _ scene: WalkScene) -> String {
        // A list of stacks is numbered.
        let name = stack.name.hasSuffix(".\(index)") ? "stack \(index + 1)" : stack.name
        return "\(name): \(stack.layers.last?.title ?? "the input")"
    }

    /// As the forward pass has it.
    var value: Float { numbers.values.values[place.number] }

    /// The stack with the largest value, the first of several, to which the gradient goes; nil: joined otherwise.
    var winner: Int? {
        guard join == .largest else { return nil }
        return parts.indices.max { (parts[$0].value ?? 0, $1) < (parts[$1].value ?? 0, $0) }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        var lines = NumberLines(context: numbers.context)
        lines.largest = parts.reduce(1e-9) { max($0, abs($1.value ?? 0)) }
        let isPiece = join == .concatenation
        let sum = parts.reduce(Float(0)) { $0 + ($1.value ?? 0) }
        var results: [NumberLine] = []
        switch join {
        case .sum: results = [NumberLine(name: "= sum", value: value, isResult: true)]
        case .mean:
            results = [
                NumberLine(name: "Σ of \(plural(parts.count, "stack"))", value: sum),
                NumberLine(name: "divided by", text: "\(parts.count)"),
                NumberLine(name: "= mean", value: value, isResult: true),
            ]
        case .largest: results = [NumberLine(name: "= the largest", value: value, isResult: true)]
        case .concatenation: results = [NumberLine(name: "goes on as it is", value: value, isResult: true)]
        }
        let marked = isPiece ? parts.firstIndex { $0.value != nil } : winner
        // Rather the names whole than with bars.
        let hasBars = parts.allSatisfy { columnWidth($0.name) + 28 <= rect.width }
        let all = parts.enumerated().map { index, part in
            NumberLine(
                name: part.name, value: part.value, bar: hasBars ? part.value : nil, isMarked: index == marked,
                text: part.value == nil ? "other values" : nil)
        }
        return lines.draw(into: &canvas, rect, all, around: marked ?? 0, results: results)
    }
}

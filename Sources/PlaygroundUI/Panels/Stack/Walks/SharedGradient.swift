import Engine
import Session
import TerminalKit

/// The gradient at one weight that serves at many places of a map, or at many steps of a sequence: the sum over all of them.
struct SharedGradient {
    /// One place's part of the sum: the δ there, and the value that came in over the weight.
    struct Term {
        var name: String
        var delta: Float
        var value: Float
        var product: Float { delta * value }
    }

    /// "The weight (2, 1) of map 3 → map 5".
    var title: String
    /// Of the weight in the flat parameters.
    var place: Int
    /// Place by place, step by step; nil: nothing comes in there.
    var terms: [Term?]
    /// "places", "steps".
    var noun: String
    /// The reason why nothing comes in at some of them, in a word or two.
    var absence = "padding"
    /// Where the places are those of a map, its columns.
    var columns: Int?

    /// "all 64 places", "49 of 64 places (15: padding)"
    private var placesInWords: String {
        let inside = terms.count { $0 != nil }
        guard inside < terms.count else { return "all \(terms.count) \(noun)" }
        return "\(inside) of \(terms.count) \(noun) (\(terms.count - inside): \(absence))"
    }

    /// Of this sample.
    var sum: Float { terms.reduce(0) { $0 + ($1?.product ?? 0) } }

    func draw(into canvas: inout Canvas, _ rect: Rect, _ numbers: WalkNumbers) -> Int {
        let (context, theme, scene) = (numbers.context, numbers.theme, numbers.scene)
        guard let step = scene.step else { return 0 }
        let width = min(rect.width, 48)
        var y = rect.y
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 2),
            text: "∂L/∂w = Σ δ·x over \(placesInWords)", style: Style(theme.text))
        y += drawWrapped(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: 2), text: title,
            style: Style(theme.text, bold: true))
        if rect.height >= 18 { y += 1 }
        var results = [NumberLine(name: "Σ of this sample", value: sum)]
        if step.sampleCount + step.carriedCount > 1 {
            results.append(NumberLine(name: "∂L/∂w, the batch", value: step.gradient(place), isResult: true))
        } else {
            results[0].isResult = true
        }
        results.append(NumberLine(name: "w", value: step.parameters[place]))
        if let columns, columns > 1 {
            y += drawTables(into: &canvas, rect, y, columns, spared: results.count + 4, numbers)
        }
        var lines = NumberLines(context: context, decimals: 4)
        let inside = terms.indices.filter { terms[$0] != nil }
        let room = max(1, rect.maxY - y - results.count - 1)
        let isWhole = inside.count <= room
        // In their order where all have room, else the largest.
        let shown =
            isWhole
            ? inside
            : Array(
                inside.sorted { (-abs(terms[$0]!.product), $0) < (-abs(terms[$1]!.product), $1) }
                    .prefix(max(1, min(8, room - 1))))
        func line(_ place: Int) -> NumberLine {
            let term = terms[place]!
            return NumberLine(name: term.name, factors: [term.delta, term.value], value: term.product)
        }
        lines.fit(shown.map(line) + results, width: width)
        for place in shown where y < rect.maxY {
            lines.draw(into: &canvas, line(place), x: rect.x, y: y, width: width)
            y += 1
        }
        if !isWhole, y < rect.maxY {
            let rest = Set(inside).subtracting(shown).sorted().reduce(Float(0)) { $0 + terms[$1]!.product }
            lines.draw(
                into: &canvas, NumberLine(name: "\(inside.count - shown.count) smaller", value: rest), x: rect.x, y: y,
                width: width)
            y += 1
        }
        return lines.draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: width) - rect.y
    }

    /// δ of the map, the values that come in, and their products as tables, or where these have no room as pictures.
    private func drawTables(
        into canvas: inout Canvas, _ rect: Rect, _ y: Int, _ columns: Int, spared: Int, _ numbers: WalkNumbers
    ) -> Int {
        let context = numbers.context
        let all = [terms.map { $0?.delta }, terms.map { $0?.value }, terms.map { $0?.product }]
        let tables = NumberTables(
            tables: zip(["δ", "x", "products"], all).map {
                NumberTable(title: $0, columns: columns, values: $1, ground: numbers.signedGround($1))
            }, signs: [context.ascii ? "*" : "∘", "="])
        let room = Rect(x: rect.x, y: y, width: rect.width, height: max(0, rect.maxY - y - spared))
        guard room.height >= 3 else { return 0 }
        let drawn = tables.draw(into: &canvas, room, context)
        return drawn.rows > 0 ? drawn.rows + 1 : 0
    }
}

/// The line that stands where training asks for no gradient.
func drawNoGradient(into canvas: inout Canvas, _ rect: Rect, _ numbers: WalkNumbers) -> Int {
    drawWrapped(
        into: &canvas, Rect(x: rect.x, y: rect.y, width: rect.width, height: min(3, rect.height)),
        text: "No parameter before this place learns, so no gradient goes back to it.",
        style: Style(numbers.theme.quiet))
}

extension Walk {
    /// A walk through the gradients at weights that serve at many places.
    /// - Parameters:
    ///   - suits: the layer has such weights.
    ///   - units: the results that have weights of their own; steps: the weights of one; parts: the channels over which they lie.
    ///   - gradient: nil: training asks for none.
    static func sharedGradients(
        _ id: WalkID, unitWord: String, suits: @escaping @Sendable (Outline.Layer) -> Bool,
        units: @escaping @Sendable (WalkScene) -> Int, steps: @escaping @Sendable (WalkScene) -> Int,
        line: @escaping @Sendable (WalkScene) -> Int, parts: @escaping @Sendable (WalkScene) -> Int = { _ in 1 },
        place: @escaping @Sendable (WalkScene) -> String, words: String,
        gradient: @escaping @Sendable (WalkNumbers) -> SharedGradient?
    ) -> Walk {
        Walk(
            id: id, suits: { outline, path in outline[path].map(suits) ?? false }, modes: [.motion], phase: .backward,
            unitWord: unitWord, units: units, steps: steps, line: line, parts: parts, place: place,
            lights: { scene in
                [WalkLight(layer: scene.state.layer, unit: scene.state.unit, isOwn: true)]
                    + (scene.walk.parts(scene) > 1 ? [WalkLight(layer: scene.source, unit: scene.state.part)] : [])
            },
            draw: { canvas, rect, numbers in
                guard let gradient = gradient(numbers) else { return drawNoGradient(into: &canvas, rect, numbers) }
                return gradient.draw(into: &canvas, rect, numbers)
            },
            words: { scene in
                guard scene.learns else {
                    return
                        "Its weights stay: δ passes on to the \(scene.turn?.name ?? "layers") that learns now."
                }
                return words
            })
    }
}

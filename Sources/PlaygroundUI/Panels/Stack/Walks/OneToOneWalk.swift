import Engine
import Session
import TerminalKit

extension WalkID {
    static let oneToOne = WalkID("value")
}

extension Walk {
    /// Each value made of one other: of that at the same place, or of that whose window it lies in.
    static let oneToOne = Walk(
        id: .oneToOne,
        suits: { outline, path in
            guard let layer = outline[path], layer.output.axes.count != 2 else { return false }
            return layer.link?.isOneToOne == true || repeated(layer) != nil
        },
        modes: [.numbers, .way, .motion],
        unitWord: "map", units: { ImageShape($0.layer.output)?.channels ?? 1 },
        steps: { ImageShape($0.layer.output)?.pixels ?? $0.layer.output.count },
        line: { ImageShape($0.layer.output)?.width ?? 1 },
        start: { ImageShape($0.layer.output)?.walkStart ?? 0 },
        fillsMap: true,
        place: { scene in
            ImageShape(scene.layer.output).map { mapPlace($0, scene.state.step) } ?? "unit \(scene.state.step + 1)"
        },
        lights: lights, draw: { canvas, rect, numbers in OneValue(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let entry = scene.context.snapshot.experiment.layer(at: scene.state.layer).flatMap {
                Catalogue.entry(.layer, $0.id)
            }
            let source =
                switch scene.layer.link {
                case .repeated?: "Every value is that of the smaller image at its place."
                case .oneByAll?:
                    "Every value is made of the one at the same place, and of the mean and the deviation of all."
                default: "Every value is made of the one at the same place."
                }
            let isOfBatch = scene.trace?.layers[scene.state.layer]?.batch != nil
            return "\(entry?.summary ?? "") \(source)"
                + (isOfBatch ? " Mean and deviation are those of the batch." : "")
        })

    /// The windows that the values before fill; nil: each value has one of its own place.
    fileprivate static func repeated(_ layer: Outline.Layer) -> Window? {
        if case .repeated(let window)? = layer.link { window } else { nil }
    }

    @Sendable private static func lights(_ scene: WalkScene) -> [WalkLight] {
        guard let map = ImageShape(scene.layer.output) else {
            return [
                WalkLight(layer: scene.state.layer, unit: scene.state.step, isOwn: true),
                WalkLight(layer: scene.source, unit: scene.state.step),
            ]
        }
        let window = repeated(scene.layer)
        return mapLights(scene, map, channel: scene.state.unit) { window?.windows(on: $0) ?? $0 }
    }
}

/// One value of a layer whose units take one value each.
struct OneValue {
    let numbers: WalkNumbers

    init(_ numbers: WalkNumbers) { self.numbers = numbers }

    private var scene: WalkScene { numbers.scene }
    private var index: Int {
        scene.state.unit * (ImageShape(scene.layer.output)?.pixels ?? 0) + scene.state.step
    }

    var input: Float { numbers.values.inputs[inputIndex] }

    /// The number of the value that comes in.
    private var inputIndex: Int {
        guard let window = Walk.repeated(scene.layer), let map = ImageShape(scene.layer.output) else { return index }
        let part = window.windows(on: map.part(ofPixel: scene.state.step))
        return scene.state.unit * window.places + part.rows.lowerBound * window.outWidth + part.columns.lowerBound
    }

    /// As the forward pass has it.
    var value: Float { numbers.values.values[index] }

    /// The layer's numbers for this value, by the symbols of its formula.
    private var facts: [(name: String, value: Float)] {
        if let norm = NormStep(numbers, index) { return norm.facts }
        let isMap = ImageShape(scene.layer.output) != nil
        let names = [
            ("running_mean", "mean μ"), ("running_var", "variance σ²"), ("weight", "scale γ"), ("bias", "shift β"),
        ]
        return names.compactMap { name, words in
            guard let tensor = numbers.tensor(name) else { return nil }
            let place = tensor.count == scene.layer.output.count ? index : isMap ? scene.state.unit : scene.state.step
            return place < tensor.count ? (words, numbers.parameters[tensor.offset + place]) : nil
        }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let lines = NumberLines(context: numbers.context)
        var y = rect.y
        let entry =
            scene.function
            ?? scene.context.snapshot.experiment.layer(at: scene.state.layer).flatMap {
                Catalogue.entry(.layer, $0.id)
            }
        if let entry {
            y +=
                drawWrapped(
                    into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: min(2, rect.height)),
                    text: entry.formula, style: Style(numbers.theme.text)) + 1
        }
        var all = [NumberLine(name: "comes in", value: input)]
        all += facts.map { NumberLine(name: $0.name, value: $0.value) }
        all.append(NumberLine(name: "goes out", value: value, isResult: true))
        return lines.draw(into: &canvas, all, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 40)) - rect.y
    }
}

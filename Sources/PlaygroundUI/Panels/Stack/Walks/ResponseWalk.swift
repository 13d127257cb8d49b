import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WalkID {
    static let response = WalkID("response")
}

extension Walk {
    /// Each value divided by what those of the channels around its own respond at its place.
    static let response = Walk(
        id: .response, suits: { $0[$1].flatMap(response) != nil }, modes: [.numbers, .way, .motion],
        unitWord: "map", units: { $0.layer.output.axes[0] }, steps: { ImageShape($0.layer.output)!.pixels },
        line: { ImageShape($0.layer.output)!.width }, start: { ImageShape($0.layer.output)!.walkStart }, fillsMap: true,
        place: { mapPlace(ImageShape($0.layer.output)!, $0.state.step) },
        lights: { scene in
            let (map, unit) = (ImageShape(scene.layer.output)!, scene.state.unit)
            let part = map.part(ofPixel: scene.state.step)
            let others = response(scene.layer)!.neighbours(of: unit, among: map.channels).filter { $0 != unit }
            return mapLights(scene, map, channel: unit) { $0 }
                + others.map { WalkLight(layer: scene.source, unit: $0, part: part) }
        },
        draw: { canvas, rect, numbers in ResponseSum(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let size = response(scene.layer)!.size
            return
                "Each value is divided by a power of what the \(plural(size, "map")) around its own respond\(size == 1 ? "s" : "") at the same place. Where many of them are large all become smaller; one that stands out alone stays."
        })

    fileprivate static func response(_ layer: Outline.Layer) -> Outline.ChannelResponse? {
        if case .response(let response)? = layer.link { response } else { nil }
    }
}

/// One value of a layer that divides by the responses of other channels.
struct ResponseSum {
    let numbers: WalkNumbers
    private let response: Outline.ChannelResponse
    private let map: ImageShape

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        guard let response = Walk.response(numbers.scene.layer), let map = ImageShape(numbers.scene.layer.output) else {
            preconditionFailure("a layer without neighbouring channels")
        }
        (self.response, self.map) = (response, map)
    }

    private var state: WalkState { numbers.scene.state }

    /// The values at the place, of the channels that count.
    var neighbours: [(channel: Int, value: Float)] {
        response.neighbours(of: state.unit, among: map.channels).map { ($0, input($0)) }
    }

    private func input(_ channel: Int) -> Float { numbers.values.inputs[channel * map.pixels + state.step] }

    var squares: Float { neighbours.reduce(0) { $0 + $1.value * $1.value } }
    /// s = k + alpha / size · Σ x².
    var scale: Float { response.k + response.alpha / Float(response.size) * squares }
    var divisor: Float { pow(scale, response.beta) }
    /// As the forward pass has it.
    var value: Float { numbers.values.values[state.unit * map.pixels + state.step] }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        var lines = NumberLines(context: numbers.context)
        let (neighbours, squares) = (neighbours, squares)
        lines.largest = neighbours.reduce(1e-9) { max($0, $1.value * $1.value) }
        func plain(_ value: Float) -> String { formatNumber(Double(value), digits: 4) }
        let results = [
            NumberLine(name: "Σ x²", value: squares),
            NumberLine(
                name: "s = \(plain(response.k)) + \(plain(response.alpha))/\(response.size) · Σ x²", value: scale),
            NumberLine(name: "s to the power \(plain(response.beta))", value: divisor),
            NumberLine(name: "x of map \(state.unit + 1)", value: input(state.unit)),
            NumberLine(name: "= x divided by that", value: value, isResult: true),
        ]
        let squared = neighbours.map { channel, value in
            NumberLine(
                name: "map \(channel + 1)", factors: [value, value], value: value * value, bar: value * value,
                isMarked: channel == state.unit, needsFactors: true)
        }
        lines.fit(squared, width: rect.width)
        let own = neighbours.firstIndex { $0.channel == state.unit } ?? 0
        return lines.draw(into: &canvas, rect, squared, around: own, results: results)
    }
}

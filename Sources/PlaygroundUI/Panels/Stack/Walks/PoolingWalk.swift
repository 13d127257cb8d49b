import Engine
import Session
import TerminalKit

extension WalkID {
    static let pooling = WalkID("pooling")
}

extension Walk {
    /// A window moved over each map: the pixel that wins, or the mean.
    static let pooling = Walk(
        id: .pooling, suits: { $0[$1].flatMap(pool) != nil },
        modes: [.numbers, .way, .motion], unitWord: "map", units: { $0.layer.input.axes[0] },
        steps: { pool($0.layer)!.window.places }, line: { pool($0.layer)!.window.outWidth },
        start: { pool($0.layer)!.window.map.walkStart }, fillsMap: true,
        place: { mapPlace(pool($0.layer)!.window.map, $0.state.step) },
        lights: { scene in
            let window = pool(scene.layer)!.window
            return mapLights(scene, window.map, channel: scene.state.unit) { window.image(of: $0) }
        },
        draw: { canvas, rect, numbers in WindowPool(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let (window, pooling) = pool(scene.layer)!
            let place =
                window.places == 1 ? "One number stays of each map" : "One number stays of each window of a map"
            let padding = window.padding > 0 ? " A dot is padding, beyond the image." : ""
            switch pooling {
            case .largest:
                return "\(place): the largest. What is there is kept, where exactly is forgotten." + padding
            case .sum:
                return "\(place): the mean. What is there is blurred and kept, where exactly is forgotten." + padding
            }
        })

    static func pool(_ layer: Outline.Layer) -> (window: Window, pooling: Outline.Pooling)? {
        if case .pool(let window, let pooling)? = layer.link { (window, pooling) } else { nil }
    }
}

/// One value of a layer that pools.
struct WindowPool {
    let numbers: WalkNumbers
    let window: Window
    let pooling: Outline.Pooling

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        guard let (window, pooling) = Walk.pool(numbers.scene.layer) else {
            preconditionFailure("a layer without windows")
        }
        (self.window, self.pooling) = (window, pooling)
    }

    private var scene: WalkScene { numbers.scene }

    /// The values under the window, tap by tap; nil in the padding.
    var patch: [Float?] {
        (0..<window.taps).map { tap in
            window.source(ofTap: tap, at: scene.state.step).map {
                numbers.values.inputs[(scene.state.unit * window.height + $0.row) * window.width + $0.column]
            }
        }
    }

    /// The first of the largest values, to which the gradient goes; nil where the mean is taken.
    var winner: Int? {
        guard pooling == .largest else { return nil }
        let patch = patch
        return patch.indices.filter { patch[$0] != nil }.max { (patch[$0]!, $1) < (patch[$1]!, $0) }
    }

    /// As the forward pass has it.
    var value: Float { numbers.values.values[scene.state.unit * window.places + scene.state.step] }

    /// By how much the sum is divided; nil where the largest is taken.
    var divisor: Double? {
        guard case .sum(let factor) = pooling else { return nil }
        return factor.map { 1 / $0 } ?? Double(patch.count { $0 != nil })
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let context = numbers.context
        let patch = patch
        let tables = NumberTables(
            tables: [
                NumberTable(
                    title: "map \(scene.state.unit + 1)", columns: window.kernelWidth, values: patch,
                    ground: numbers.inputGround, marked: winner)
            ], signs: [])
        let drawn = tables.draw(
            into: &canvas, Rect(x: rect.x, y: rect.y, width: rect.width, height: max(0, rect.height - 4)), context)
        var y = rect.y + drawn.rows + 1
        let lines = NumberLines(context: context)
        func line(_ line: NumberLine) {
            guard y < rect.maxY else { return }
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: min(rect.width, 40))
            y += 1
        }
        if !drawn.hasNumbers {
            line(NumberLine(name: "\(window.kernelHeight)×\(window.kernelWidth) numbers have no room", text: ""))
        }
        if let winner {
            let place = "(\(winner / window.kernelWidth + 1), \(winner % window.kernelWidth + 1))"
            line(NumberLine(name: "the largest, at \(place)", value: value, isResult: true))
        } else if let divisor {
            let count = plural(patch.count { $0 != nil }, "value")
            line(NumberLine(name: "Σ of \(count)", value: patch.reduce(0) { $0 + ($1 ?? 0) }))
            line(NumberLine(name: "divided by", text: formatNumber(divisor, digits: 4)))
            line(NumberLine(name: "= mean", value: value, isResult: true))
        }
        return y - rect.y
    }
}

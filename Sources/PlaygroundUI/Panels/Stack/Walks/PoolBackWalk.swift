import Engine
import Session
import TerminalKit

extension WalkID {
    static let poolBack = WalkID("poolBack")
}

extension Walk {
    /// The way of δ back through a pool: to the pixel that won, or to all of a window in equal parts.
    static let poolBack = Walk(
        id: .poolBack,
        suits: { outline, path in
            outline[path].flatMap(pool) != nil && !outline.directlyBefore(path).isInput
        },
        modes: [.motion], phase: .backward, unitWord: "map", units: { $0.layer.input.axes[0] },
        steps: { $0.layer.input.axes[1] * $0.layer.input.axes[2] }, line: { $0.layer.input.axes[2] },
        start: { $0.layer.input.axes[1] / 2 * $0.layer.input.axes[2] + $0.layer.input.axes[2] / 2 },
        place: {
            "pixel (\($0.state.step / $0.layer.input.axes[2] + 1), \($0.state.step % $0.layer.input.axes[2] + 1))"
        },
        lights: { scene in
            let window = pool(scene.layer)!.window
            let width = scene.layer.input.axes[2]
            let own = ImagePart(row: scene.state.step / width, column: scene.state.step % width)
            return [
                WalkLight(layer: scene.source, unit: scene.state.unit, part: own, isOwn: true),
                WalkLight(layer: scene.state.layer, unit: scene.state.unit, part: window.windows(on: own)),
            ]
        },
        draw: { canvas, rect, numbers in PoolBack(numbers).draw(into: &canvas, rect) },
        words: { scene in
            pool(scene.layer)!.pooling == .largest
                ? "Backward: the pixel that won its window gets the window's δ; all others had no part in it, and get 0."
                : "Backward: every pixel had the same part in the mean, and gets the same part of the window's δ."
        })
}

/// The derivative at a pixel before a pool.
struct PoolBack {
    let numbers: WalkNumbers
    private let window: Window
    private let pooling: Outline.Pooling

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        guard let (window, pooling) = Walk.pool(numbers.scene.layer) else {
            preconditionFailure("a layer without windows")
        }
        (self.window, self.pooling) = (window, pooling)
    }

    private var scene: WalkScene { numbers.scene }

    /// As the pass back has it; nil: training asks for none there.
    var gradient: Float? {
        scene.trace?.layers[scene.before]?.valueGradients.map {
            $0[scene.state.unit * window.height * window.width + scene.state.step]
        }
    }

    /// Of each window that the pixel lies in, its place, the factor with which the pixel was in it, and its δ.
    var terms: [SharedGradient.Term] {
        guard let deltas = scene.trace?.layers[scene.state.layer]?.sumGradients else { return [] }
        let first = scene.state.unit * window.height * window.width
        return (0..<window.taps).compactMap { tap in
            guard let own = window.window(ofTap: tap, on: scene.state.step) else { return nil }
            let place = own.row * window.outWidth + own.column
            let inside = (0..<window.taps).compactMap { tap in
                window.source(ofTap: tap, at: place).map { $0.row * window.width + $0.column }
            }
            let factor: Float
            switch pooling {
            case .largest:
                // The first of the largest values wins.
                let winner = inside.max {
                    (numbers.values.inputs[first + $0], $1) < (numbers.values.inputs[first + $1], $0)
                }
                factor = winner == scene.state.step ? 1 : 0
            case .sum(let own): factor = Float(own ?? 1 / Double(inside.count))
            }
            return SharedGradient.Term(
                name: "window (\(own.row + 1), \(own.column + 1))", delta: factor,
                value: deltas[scene.state.unit * window.places + place])
        }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard let gradient else { return drawNoGradient(into: &canvas, rect, numbers) }
        let terms = terms
        return TermTable(
            formula: pooling == .largest ? "∂L/∂x = δ where x is the largest" : "∂L/∂x = δ / number of values",
            terms: terms.map { NumberLine(name: $0.name, factors: [$0.delta, $0.value], value: $0.product) },
            results: [NumberLine(name: "∂L/∂x of the pixel", value: gradient, isResult: true)]
        ).draw(into: &canvas, rect, numbers)
    }
}

import Engine
import Session
import TerminalKit

extension WalkID {
    static let kernelGradient = WalkID("kernelGradient")
    static let kernelBack = WalkID("kernelBack")
}

extension Walk {
    /// The gradient at a number of a kernel: the sum over all places of the map.
    static let kernelGradient = sharedGradients(
        .kernelGradient, unitWord: "map",
        suits: { SlidingKernels($0).map { !$0.window.isLocal } ?? false },
        units: { $0.layer.output.axes[0] }, steps: { SlidingKernels($0.layer)!.window.taps },
        line: { SlidingKernels($0.layer)!.window.kernelWidth }, parts: { $0.layer.input.axes[0] },
        place: { scene in
            let window = SlidingKernels(scene.layer)!.window
            return "kernel \(window.tapPlace(scene.state.step))"
        },
        words:
            "Backward: the same number of the kernel was used at every place, so that every place adds its part to its gradient: the δ there, times the value that lay under that number. Maps that the way back has come to show δ: one colour above 0, the other below.",
        gradient: { KernelGradient($0).shared })

    /// The way of δ from a map to a pixel before it: the kernels, turned, over the δ around it.
    static let kernelBack = Walk(
        id: .kernelBack,
        suits: { outline, path in
            guard let layer = outline[path], SlidingKernels(layer) != nil else { return false }
            return !outline.directlyBefore(path).isInput
        },
        modes: [.motion], phase: .backward, unitWord: "map", units: { $0.layer.input.axes[0] },
        steps: { $0.inputMap.pixels }, line: { $0.inputMap.width }, start: { $0.inputMap.middle },
        parts: { $0.layer.output.axes[0] }, place: { mapPlace($0.inputMap, $0.state.step) },
        lights: { scene in
            let (kernels, own) = (SlidingKernels(scene.layer)!, scene.inputMap.part(ofPixel: scene.state.step))
            return [
                WalkLight(layer: scene.source, unit: scene.state.unit, part: own, isOwn: true),
                WalkLight(layer: scene.state.layer, unit: scene.state.part, part: kernels.reaching(own)),
            ]
        },
        draw: { canvas, rect, numbers in KernelBack(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let kernels = SlidingKernels(scene.layer)!
            let shape =
                kernels.isTransposed
                ? "It laid its kernel over the larger image: what is known of those places comes back through the same numbers."
                : "It lay under the kernel at each of these windows, once under every number: seen from the pixel the kernel is turned by 180°."
            return
                "Backward: what the pixel before has to do with the loss. \(shape) The sum over all maps is ∂L/∂x."
        })
}

extension WalkScene {
    /// One map of those that come in.
    fileprivate var inputMap: ImageShape {
        ImageShape(channels: 1, height: layer.input.axes[1], width: layer.input.axes[2])
    }
}

extension Window {
    /// "(2, 1)": the row and the column of a tap.
    func tapPlace(_ tap: Int) -> String { "(\(tap / kernelWidth + 1), \(tap % kernelWidth + 1))" }
}

extension SlidingKernels {
    /// The part of the maps that depends on a part of those before.
    func reaching(_ part: ImagePart) -> ImagePart {
        isTransposed ? window.image(of: part) : window.windows(on: part)
    }

    /// The number of a kernel's weight in its tensor.
    /// - Parameters: filter, channel: of the maps that come out, and of those that come in.
    func weight(tap: Int, filter: Int, channel: Int, filters: Int, channels: Int, place: Int = 0) -> Int {
        let row = window.isLocal ? place * filters + filter : filter
        let kernel = isTransposed ? channel * filters + filter : row * channels + channel
        return kernel * window.taps + window.weight(ofTap: tap)
    }
}

/// The δ of all places of a map, and the values that lay there under one number of its kernel.
struct KernelGradient {
    let numbers: WalkNumbers
    private let kernels: SlidingKernels

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        guard let kernels = SlidingKernels(numbers.scene.layer) else { preconditionFailure("a layer without kernels") }
        self.kernels = kernels
    }

    /// nil: training asks for no gradient here.
    var shared: SharedGradient? {
        let scene = numbers.scene
        guard let deltas = scene.trace?.layers[scene.state.layer]?.sumGradients, let weight = numbers.tensor("weight")
        else { return nil }
        let window = kernels.window
        let (filter, channel, tap) = (scene.state.unit, scene.state.part, scene.state.step)
        let (filters, channels) = (scene.layer.output.axes[0], scene.layer.input.axes[0])
        let inputPixels = numbers.values.inputs.count / channels
        // A window at each place; the values that come in lie under it, or those that come out.
        let terms = (0..<window.places).map { place -> SharedGradient.Term? in
            guard let under = window.source(ofTap: tap, at: place) else { return nil }
            let pixel = under.row * window.width + under.column
            let (own, other) = kernels.isTransposed ? (pixel, place) : (place, pixel)
            return SharedGradient.Term(
                name: "(\(place / window.outWidth + 1), \(place % window.outWidth + 1))",
                delta: deltas[filter * kernels.map.pixels + own],
                value: numbers.values.inputs[channel * inputPixels + other])
        }
        let before = scene.source.isInput ? scene.sourceName(channel) : "map \(channel + 1)"
        return SharedGradient(
            title: "The weight \(window.tapPlace(tap)) of \(before) → map \(filter + 1)",
            place: weight.offset
                + kernels.weight(tap: tap, filter: filter, channel: channel, filters: filters, channels: channels),
            terms: terms, noun: "places", absence: kernels.isTransposed ? "cut off" : "padding",
            columns: window.outWidth)
    }
}

extension WalkScene {
    /// A channel of the image: "the image", "red".
    fileprivate func sourceName(_ channel: Int) -> String {
        switch layer.input.axes[0] {
        case 1: "the image"
        case 3: ["red", "green", "blue"][channel]
        default: "channel \(channel + 1)"
        }
    }
}

/// The derivative at one pixel before a layer with kernels: for each of its maps the δ that the pixel reaches, and the weights
/// over which.
struct KernelBack {
    let numbers: WalkNumbers
    private let kernels: SlidingKernels
    private let weight: Outline.Tensor?
    let filters: Int

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        guard let kernels = SlidingKernels(numbers.scene.layer) else { preconditionFailure("a layer without kernels") }
        self.kernels = kernels
        weight = numbers.tensor("weight")
        filters = numbers.scene.layer.output.axes[0]
    }

    private var scene: WalkScene { numbers.scene }
    private var window: Window { kernels.window }
    private var deltas: [Float]? { scene.trace?.layers[scene.state.layer]?.sumGradients }

    /// The tap of the kernel at a place of the table: turned, where the kernel lay on the image as it is.
    private func tap(_ place: Int) -> Int { kernels.isTransposed ? place : window.taps - 1 - place }

    /// The place of the map that a tap reaches from the pixel; nil: none.
    private func reached(_ tap: Int) -> Int? {
        kernels.isTransposed
            ? window.source(ofTap: tap, at: scene.state.step).map { $0.row * window.width + $0.column }
            : window.window(ofTap: tap, on: scene.state.step).map { $0.row * window.outWidth + $0.column }
    }

    /// The δ around the pixel, place by place of the turned kernel; nil: no window reaches so far.
    func patch(filter: Int) -> [Float?] {
        guard let deltas else { return [] }
        return (0..<window.taps).map { place in
            reached(tap(place)).map { deltas[filter * kernels.map.pixels + $0] }
        }
    }

    /// The weights, turned as they lie on the patch.
    func kernel(filter: Int) -> [Float] {
        guard let weight else { return [] }
        return (0..<window.taps).map { place in
            let tap = tap(place)
            return numbers.parameters[
                weight.offset
                    + kernels.weight(
                        tap: tap, filter: filter, channel: scene.state.unit, filters: filters,
                        channels: scene.layer.input.axes[0], place: reached(tap) ?? 0)]
        }
    }

    func products(filter: Int) -> [Float?] {
        zip(patch(filter: filter), kernel(filter: filter)).map { delta, weight in delta.map { $0 * weight } }
    }

    func sum(filter: Int) -> Float { products(filter: filter).reduce(0) { $0 + ($1 ?? 0) } }

    var sum: Float { (0..<filters).reduce(0) { $0 + sum(filter: $1) } }

    /// As the pass back has it; nil: training asks for none there.
    var gradient: Float? {
        let pixels = scene.layer.input.axes[1] * scene.layer.input.axes[2]
        return scene.trace?.layers[scene.before]?.valueGradients.map {
            $0[scene.state.unit * pixels + scene.state.step]
        }
    }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        guard deltas != nil, let gradient else { return drawNoGradient(into: &canvas, rect, numbers) }
        let (context, filter) = (numbers.context, scene.state.part)
        var y = rect.y
        canvas.write(
            "∂L/∂x = Σ δ·w over all windows", x: rect.x, y: y, style: Style(numbers.theme.text), limit: rect.width)
        y += rect.height >= 18 ? 2 : 1
        let sum = sum
        var results = [NumberLine(name: "Σ all \(plural(filters, "map"))", value: sum)]
        // In a block other stacks take the same values.
        if abs(gradient - sum) > 1e-3 * max(abs(gradient), abs(sum)) + 1e-6 {
            results.append(NumberLine(name: "over other ways", value: gradient - sum))
        }
        results.append(NumberLine(name: "∂L/∂x of the pixel", value: gradient, isResult: true))
        let (patch, kernel, products) = (
            patch(filter: filter), kernel(filter: filter), products(filter: filter)
        )
        let titles = ["δ, map \(filter + 1)", kernels.isTransposed ? "kernel" : "turned kernel", "products"]
        let tables = NumberTables(
            tables: zip(titles, [patch, kernel.map { $0 }, products]).map {
                NumberTable(title: $0, columns: window.kernelWidth, values: $1, ground: numbers.signedGround($1))
            }, signs: [context.ascii ? "*" : "∘", "="])
        let least = results.count + min(filters, 4) + 2
        let drawn = tables.draw(
            into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: max(0, rect.maxY - y - least)), context)
        y += drawn.rows + (drawn.rows > 0 ? 1 : 0)
        if filters > 1 { y = drawMaps(into: &canvas, rect, y, rows: rect.maxY - y - results.count) }
        let lines = NumberLines(context: context, decimals: 4)
        return lines.draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 40)) - rect.y
    }

    /// The sum of each map, around the chosen one.
    private func drawMaps(into canvas: inout Canvas, _ rect: Rect, _ y: Int, rows: Int) -> Int {
        guard rows > 0 else { return y }
        let sums = (0..<filters).map { sum(filter: $0) }
        var lines = NumberLines(context: numbers.context, decimals: 4)
        lines.largest = sums.reduce(Float(1e-30)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let most = min(rows, 9)
        let isWhole = filters <= most
        let shown = isWhole ? filters : max(1, most - 1)
        let first = min(max(0, scene.state.part - shown / 2), filters - shown)
        for place in 0..<shown {
            let filter = first + place
            lines.draw(
                into: &canvas,
                NumberLine(
                    name: "map \(filter + 1)", value: sums[filter], bar: sums[filter],
                    isMarked: filter == scene.state.part), x: rect.x, y: y + place, width: rect.width)
        }
        guard !isWhole, shown < most else { return y + shown }
        let others = sums.indices.filter { !(first..<first + shown).contains($0) }.reduce(Float(0)) { $0 + sums[$1] }
        lines.draw(
            into: &canvas, NumberLine(name: plural(filters - shown, "other"), value: others, bar: others), x: rect.x,
            y: y + shown, width: rect.width)
        return y + shown + 1
    }
}

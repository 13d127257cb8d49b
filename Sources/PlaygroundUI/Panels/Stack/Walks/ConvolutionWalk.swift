import Engine
import Session
import TerminalKit

extension WalkID {
    static let convolution = WalkID("convolution")
}

extension Walk {
    /// A kernel laid on each window in turn: patch ∘ kernel = products, their sum over all channels, the bias, the
    /// activation. Backwards, the kernels that lie on each place of the larger image, and their sum.
    static let convolution = Walk(
        id: .convolution, suits: { $0[$1].flatMap(SlidingKernels.init) != nil },
        modes: [.numbers, .way, .motion], unitWord: "map",
        units: { $0.layer.output.axes[0] }, steps: { SlidingKernels($0.layer)!.map.pixels },
        line: { SlidingKernels($0.layer)!.map.width }, start: { SlidingKernels($0.layer)!.map.walkStart },
        parts: { $0.layer.input.axes[0] }, fillsMap: true,
        place: { mapPlace(SlidingKernels($0.layer)!.map, $0.state.step) },
        lights: { scene in
            let kernels = SlidingKernels(scene.layer)!
            return mapLights(scene, kernels.map, channel: scene.state.part) { kernels.reached(from: $0) }
        },
        draw: { canvas, rect, numbers in WindowSum(numbers).draw(into: &canvas, rect) },
        words: words)

    @Sendable private static func words(_ scene: WalkScene) -> String {
        let kernels = SlidingKernels(scene.layer)!
        let window = kernels.window
        let channels = scene.layer.input.axes[0]
        if kernels.isTransposed {
            let all = channels > 1 ? ", over all \(channels) channels" : ""
            let gap = window.taps > 1 ? " A dot: no kernel has that number here." : ""
            let shared = window.places > 1 ? " The same kernel serves all \(window.places) values." : ""
            return
                "Each value before lays the whole kernel, weighed by itself, over the larger image. The numbers of the kernels that lie on this place are added up\(all).\(gap)\(shared)"
        }
        // Whether it is turned comes first: where there is little room the first sentence stands alone.
        var words =
            window.taps == 1
            ? "Each channel's value is weighed by one number of the kernel"
            : "The kernel, \(window.isFlipped ? "turned by 180°" : "not turned"), lies on one patch of what comes in: each pair of numbers is multiplied"
        words +=
            channels > 1
            ? ", and the products of all \(channels) channels are added up." : ", and the products are added up."
        words +=
            window.isLocal
            ? " Every place has a kernel of its own."
            : " The same kernel serves all \(window.places) places: it finds one thing wherever it is."
        if window.taps > 1 {
            words +=
                window.isFlipped
                ? " Mathematics calls this convolution."
                : " Networks call this convolution, mathematics cross-correlation."
        }
        if window.padding > 0 { words += " A dot is padding: 0, beyond the image." }
        return words
    }
}

/// "row 5, column 6"; of a map of one place "".
func mapPlace(_ map: ImageShape, _ pixel: Int) -> String {
    map.pixels == 1 ? "" : "row \(pixel / map.width + 1), column \(pixel % map.width + 1)"
}

/// A step's own pixel, the part of the layer before on which it depends, and the receptive field in the image.
/// - Parameters:
///   - channel: the one of the layer before; nil: all.
///   - before: the part of the layer before, from the pixel.
func mapLights(
    _ scene: WalkScene, _ map: ImageShape, channel: Int?, before: (ImagePart) -> ImagePart
) -> [WalkLight] {
    let own = map.part(ofPixel: scene.state.step)
    return [
        WalkLight(layer: scene.state.layer, unit: scene.state.unit, part: own, isOwn: true),
        WalkLight(layer: scene.source, unit: channel, part: before(own)),
    ] + scene.imageLight(own)
}

extension WalkScene {
    /// The part of the image on which a part of the layer's maps depends, where another layer comes between.
    func imageLight(_ part: ImagePart) -> [WalkLight] {
        guard !source.isInput, context.snapshot.network.generated == nil,
            let field = outline.receptiveField(of: state.layer, part)
        else { return [] }
        return [WalkLight(layer: .input, part: field)]
    }
}

/// The kernels of a layer, and how they move.
struct SlidingKernels {
    let window: Window
    /// Each value before lays its kernel over the larger image that comes out; else each window gives a value.
    let isTransposed: Bool
    /// One of the maps that come out.
    let map: ImageShape

    /// nil: the layer has none.
    init?(_ layer: Outline.Layer) {
        switch layer.link {
        case .kernels(let window)?: (self.window, isTransposed) = (window, false)
        case .transposedKernels(let window)?: (self.window, isTransposed) = (window, true)
        default: return nil
        }
        map = isTransposed ? ImageShape(channels: 1, height: window.height, width: window.width) : window.map
    }

    /// The part of the layer before on which a part of the maps depends.
    func reached(from part: ImagePart) -> ImagePart {
        isTransposed ? window.windows(on: part) : window.image(of: part)
    }

    /// The number of the value before that a tap weighs, within its channel; nil: there is none.
    func source(ofTap tap: Int, at pixel: Int) -> Int? {
        isTransposed
            ? window.window(ofTap: tap, on: pixel).map { $0.row * window.outWidth + $0.column }
            : window.source(ofTap: tap, at: pixel).map { $0.row * window.width + $0.column }
    }
}

/// One value of a layer with kernels: what comes in under the window, the weights, and all that is added up.
struct WindowSum {
    let numbers: WalkNumbers
    private let kernels: SlidingKernels
    let channels: Int
    private let weight: Outline.Tensor?
    /// nil: the layer adds none.
    let bias: Float?

    init(_ numbers: WalkNumbers) {
        self.numbers = numbers
        let scene = numbers.scene
        guard let kernels = SlidingKernels(scene.layer) else { preconditionFailure("a layer without kernels") }
        self.kernels = kernels
        channels = scene.layer.input.axes[0]
        weight = numbers.tensor("weight")
        let (unit, step) = (scene.state.unit, scene.state.step)
        bias = numbers.tensor("bias").map { tensor in
            numbers.parameters[tensor.offset + (kernels.window.isLocal ? unit * kernels.map.pixels + step : unit)]
        }
    }

    private var scene: WalkScene { numbers.scene }
    private var step: Int { scene.state.step }
    private var window: Window { kernels.window }

    /// The values under the window, tap by tap; nil in the padding. Of kernels that lie on a place those that lay them there;
    /// nil where none does.
    func patch(channel: Int) -> [Float?] {
        let pixels = numbers.values.inputs.count / channels
        return (0..<window.taps).map { tap in
            kernels.source(ofTap: tap, at: step).map { numbers.values.inputs[channel * pixels + $0] }
        }
    }

    /// The weights as they lie on the patch: turned, where the layer flips its kernels.
    func kernel(channel: Int) -> [Float] {
        guard let weight else { return [] }
        let filters = scene.layer.output.axes[0]
        let filter = window.isLocal ? step * filters + scene.state.unit : scene.state.unit
        let kernel = kernels.isTransposed ? channel * filters + filter : filter * channels + channel
        let first = weight.offset + kernel * window.taps
        return (0..<window.taps).map { numbers.parameters[first + window.weight(ofTap: $0)] }
    }

    func products(channel: Int) -> [Float?] {
        zip(patch(channel: channel), kernel(channel: channel)).map { value, weight in value.map { $0 * weight } }
    }

    func sum(channel: Int) -> Float { products(channel: channel).reduce(0) { $0 + ($1 ?? 0) } }

    /// The sum of all products.
    var sum: Float { (0..<channels).reduce(0) { $0 + sum(channel: $1) } }

    private var index: Int { scene.state.unit * kernels.map.pixels + step }

    /// With the bias, as the forward pass has it.
    var preActivation: Float { numbers.values.sums[index] }

    /// After the activation, as the forward pass has it.
    var value: Float { numbers.values.values[index] }

    // MARK: Drawing

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let context = numbers.context
        let channel = scene.state.part
        var y = rect.y
        let results = resultLines
        let isSingle = window.taps == 1
        if !isSingle {
            let (patch, kernel, products) = (
                patch(channel: channel), kernel(channel: channel), products(channel: channel)
            )
            let tables = NumberTables(
                tables: [
                    NumberTable(
                        title: patchTitle, columns: window.kernelWidth, values: patch, ground: numbers.inputGround),
                    NumberTable(
                        title: window.isFlipped ? "turned kernel" : "kernel", columns: window.kernelWidth,
                        values: kernel, ground: numbers.signedGround(kernel)),
                    NumberTable(
                        title: "products", columns: window.kernelWidth, values: products,
                        ground: numbers.signedGround(products)),
                ], signs: [context.ascii ? "*" : "∘", "="])
            let least = results.count + 1 + (channels > 1 ? 2 : 0)
            let drawn = tables.draw(
                into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: max(0, rect.height - least)),
                spared: 4, context)
            y += drawn.rows + 1
            if !drawn.hasNumbers {
                y = drawLargest(into: &canvas, rect, y, products, rows: max(1, rect.maxY - y - least))
            }
        }
        if channels > 1 { y = drawChannels(into: &canvas, rect, y, rows: rect.maxY - y - results.count) }
        let lines = NumberLines(context: context)
        return lines.draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 40)) - rect.y
    }

    private var patchTitle: String {
        if channels == 1 { return scene.source.isInput ? "image" : kernels.isTransposed ? "values" : "patch" }
        return channelTitle(scene.state.part)
    }

    /// A channel that comes in: "red" of an image in colours, "map 3".
    private func channelTitle(_ channel: Int) -> String {
        let colours = scene.source.isInput && numbers.context.hasColours ? ["red", "green", "blue"] : []
        return colours.indices.contains(channel) ? colours[channel] : "map \(channel + 1)"
    }

    /// Σ products, + bias, = sum, activation.
    private var resultLines: [NumberLine] {
        var lines = [NumberLine(name: channels > 1 ? "Σ all channels" : "Σ products", value: sum)]
        if let bias { lines.append(NumberLine(name: "+ bias", value: bias)) }
        lines.append(NumberLine(name: "= sum", value: preActivation, isResult: scene.function == nil))
        if let function = scene.function {
            lines.append(NumberLine(name: "\(function.title) of it", value: value, isResult: true))
        }
        return lines
    }

    /// The sum of each channel, around the chosen one.
    private func drawChannels(into canvas: inout Canvas, _ rect: Rect, _ y: Int, rows: Int) -> Int {
        let sums = (0..<channels).map { sum(channel: $0) }
        let chosen = scene.state.part
        var lines = NumberLines(context: numbers.context)
        lines.largest = sums.reduce(Float(1e-9)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let isWhole = channels <= rows
        let shown = isWhole ? channels : max(1, rows - 1)
        let first = min(max(0, chosen - shown / 2), channels - shown)
        /// Of one pixel a channel's sum is a single product, which stands nowhere else.
        func line(_ channel: Int) -> NumberLine {
            var line = NumberLine(
                name: channelTitle(channel), value: sums[channel], bar: sums[channel], isMarked: channel == chosen)
            if window.taps == 1, let input = patch(channel: channel)[0] {
                line.factors = [input, kernel(channel: channel)[0]]
                line.needsFactors = true
            }
            return line
        }
        // Of all, not of those in sight: nothing moves where they scroll.
        lines.fit(sums.indices.map(line), width: rect.width)
        for place in 0..<shown {
            lines.draw(into: &canvas, line(first + place), x: rect.x, y: y + place, width: rect.width)
        }
        guard !isWhole, shown < rows else { return y + shown }
        let others = sums.indices.filter { !(first..<first + shown).contains($0) }.reduce(Float(0)) { $0 + sums[$1] }
        let line = NumberLine(name: plural(channels - shown, "other"), value: others, bar: others)
        lines.draw(into: &canvas, line, x: rect.x, y: y + shown, width: rect.width)
        return y + shown + 1
    }

    /// The largest products of a kernel whose numbers have no room.
    private func drawLargest(
        into canvas: inout Canvas, _ rect: Rect, _ y: Int, _ products: [Float?], rows: Int
    ) -> Int {
        guard rows > 1 else { return y }
        let (patch, kernel) = (patch(channel: scene.state.part), kernel(channel: scene.state.part))
        let order = products.indices.filter { products[$0] != nil }.sorted { abs(products[$0]!) > abs(products[$1]!) }
        canvas.write(
            "\(window.kernelHeight)×\(window.kernelWidth) numbers have no room; the largest:", x: rect.x, y: y,
            style: Style(numbers.theme.quiet), limit: rect.width)
        let shown = min(order.count, rows - 2)
        var lines = NumberLines(context: numbers.context)
        lines.largest = order.first.map { abs(products[$0]!) } ?? 1
        for place in 0..<max(0, shown) {
            let tap = order[place]
            let line = NumberLine(
                name: "(\(tap / window.kernelWidth + 1), \(tap % window.kernelWidth + 1))",
                factors: [patch[tap]!, kernel[tap]], value: products[tap], bar: products[tap])
            lines.draw(into: &canvas, line, x: rect.x, y: y + 1 + place, width: rect.width)
        }
        return y + max(0, shown) + 2
    }
}

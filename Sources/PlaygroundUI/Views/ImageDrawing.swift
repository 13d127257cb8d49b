import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension Theme {
    /// The shade from dark to bright for a value in −1…1: pictures are the same on a light ground.
    static func shade(_ value: Float, _ colors: Capabilities.Colors) -> UInt32 {
        let share = (min(max(value, -1), 1) + 1) / 2
        switch colors {
        case .palette16: return colorOf16([0, 8, 7, 15][Int(bounded: (share * 3).rounded())])
        case .palette256: return shades256[Int(bounded: (share * Float(shades256.count - 1)).rounded())]
        case .truecolor, .none: return mixColors(0x17181C, 0xFFFFFF, (share * 24).rounded() / 24)
        }
    }

    /// Greys that the palette has.
    private static let shades256: [UInt32] = [
        0x1C1C1C, 0x303030, 0x444444, 0x585858, 0x6C6C6C, 0x808080, 0x949494, 0xA8A8A8, 0xBCBCBC, 0xD0D0D0, 0xE4E4E4,
        0xFFFFFF,
    ]
}

/// Pictures of images: grey, or in colour where there are three channels.
extension PlotContext {
    /// Whether the data are images in colours: a game's board may have three channels too.
    var hasColours: Bool { snapshot.data.image?.channels == 3 }

    /// The shade from dark to bright for a value in −1…1.
    func shade(_ value: Float) -> UInt32 { Theme.shade(value, capabilities.colors) }

    /// The image that is looked at, as a row of those that are shown.
    var imageRow: Int { min(max(0, plots.image), max(0, imageCount - 1)) }
    var imageCount: Int { min(snapshot.data.shownImages.count, PreparedData.mostShownImages) }

    /// A class' colour in this picture.
    func hue(ofClass index: Int) -> UInt32 {
        kinds == 2 ? (index == 0 ? theme.negative : theme.positive) : color(ofClass: index)
    }
}

/// The largest part of `room`, at its left upper corner, in which an image's pixels are square; where it fits several
/// times over, each pixel is a whole number of halves of cells.
func imageRect(_ shape: ImageShape, in room: Rect) -> Rect {
    guard !room.isEmpty, shape.height > 0, shape.width > 0 else {
        return Rect(x: room.x, y: room.y, width: 0, height: 0)
    }
    let scale = min(Double(2 * room.height) / Double(shape.height), Double(room.width) / Double(shape.width))
    let whole = scale >= 1 ? scale.rounded(.down) : scale
    return Rect(
        x: room.x, y: room.y, width: max(1, Int(bounded: whole * Double(shape.width))),
        height: max(1, Int(bounded: (whole * Double(shape.height) / 2).rounded(.up))))
}

/// Draws an image into a rectangle of its own proportions; a larger one shrinks by averaging.
/// - Parameters:
///   - pixels: `[channels, height, width]`, 0…1; where there are larger values, the largest one is white.
///   - halves: half rows that an image in colours takes, from above; nil: all.
func drawImage(
    into canvas: inout Canvas, _ rect: Rect, pixels: [Float], shape: ImageShape, context: PlotContext,
    halves: Int? = nil
) {
    guard !rect.isEmpty, pixels.count >= shape.channels * shape.pixels else { return }
    func colors(rows: Int) -> [UInt32] {
        (0..<rows * rect.width).map { at in
            let (x, y) = (at % rect.width, at / rect.width)
            return (0..<3).reduce(UInt32(0)) { color, channel in
                let value = mean(pixels, channel, shape, x: x, y: y, width: rect.width, height: rows)
                return color << 8 | UInt32(bounded: (min(max(value, 0), 1) * 255).rounded())
            }
        }
    }
    let isTinted = shape.channels == 3 && !context.colorless
    if isTinted, !context.ascii {
        let rows = halves ?? 2 * rect.height
        let free = [UInt32?](repeating: nil, count: (2 * rect.height - rows) * rect.width)
        return drawPixels(
            into: &canvas, rect, colors: colors(rows: rows).map(Optional.some) + free,
            capabilities: context.capabilities)
    }
    // Of three colours the brightest, so that a red figure stands out as much as a white one.
    let white = max(1, pixels.max() ?? 1)
    let isColour = shape.channels == 3
    let values = (0..<shape.pixels).map { at in
        let channels = (0..<shape.channels).lazy.map { pixels[$0 * shape.pixels + at] }
        return 2 * (isColour ? channels.max()! : channels.reduce(0, +) / Float(shape.channels)) / white - 1
    }
    drawHeatMap(
        into: &canvas, rect, values: values, columns: shape.width, rows: shape.height, ramp: context.shade,
        capabilities: context.capabilities)
    guard isTinted else { return }
    // The characters say how bright a place is, their ground which colour it has.
    for (at, color) in colors(rows: rect.height).enumerated() {
        canvas[rect.x + at % rect.width, rect.y + at / rect.width].style = Style(.rgb(contrast(color)), on: .rgb(color))
    }
}

/// Draws a unit's weights for the pixels of an image: the mean of those for its channels, of colours in these.
/// - Parameter weights: `[channels, height, width]`; the largest has the strongest colour.
func drawWeights(
    into canvas: inout Canvas, _ rect: Rect, _ weights: [Float], shape: ImageShape, context: PlotContext
) {
    guard weights.count == shape.channels * shape.pixels else { return }
    func largest(_ values: [Float]) -> Float { values.reduce(1e-6) { $1.isFinite ? max($0, abs($1)) : $0 } }
    let halves = squareHalves(shape, rect, context)
    if shape.channels == 3, context.hasColours {
        let most = largest(weights)
        return drawImage(
            into: &canvas, rect, pixels: weights.map { 0.5 + 0.5 * $0 / most }, shape: shape, context: context,
            halves: halves)
    }
    let values = (0..<shape.pixels).map { at in
        (0..<shape.channels).reduce(Float(0)) { $0 + weights[$1 * shape.pixels + at] } / Float(shape.channels)
    }
    let most = largest(values)
    var rows = (0..<shape.height).map { row in
        values[row * shape.width..<(row + 1) * shape.width].map { $0 / most }
    }
    if let halves {
        let blank = [Float](repeating: .nan, count: shape.width)
        rows = rows.flatMap { Array(repeating: $0, count: halves / shape.height) } + [blank]
    }
    drawHeatMap(
        into: &canvas, rect, values: rows.flatMap(\.self), columns: shape.width, rows: rows.count,
        ramp: context.ramp, capabilities: context.capabilities)
}

/// The half rows of a picture of few pixels whose rows are then all of one height: the last half row stays free, as of 3×3 in
/// two rows. nil: they are so in all of the rectangle, or half rows cannot be drawn.
private func squareHalves(_ shape: ImageShape, _ rect: Rect, _ context: PlotContext) -> Int? {
    guard !context.colorless, !context.ascii, shape.width > 0, rect.width % shape.width == 0 else { return nil }
    let halves = rect.width / shape.width * shape.height
    return halves == 2 * rect.height - 1 ? halves : nil
}

extension PlotContext {
    /// A unit's part of a weight [units, …]; empty: there is none.
    func weights(of unit: Int, in tensor: Outline.Tensor) -> [Float] {
        let count = tensor.count / max(1, tensor.axes[0])
        let first = tensor.offset + unit * count
        guard unit < tensor.axes[0], first + count <= snapshot.parameters.count else { return [] }
        return Array(snapshot.parameters[first..<first + count])
    }

    /// A filter's weights, `[channels, height, width]`; empty: there are none.
    func weights(of filter: Int, in kernels: Outline.Kernels) -> [Float] {
        let range = kernels.tensor.offset..<kernels.tensor.offset + kernels.tensor.count
        guard range.upperBound <= snapshot.parameters.count else { return [] }
        return kernels.weights(of: filter, among: snapshot.parameters[range])
    }

    /// The gradient of the loss for the chosen image at a filter's weights; empty: it is not known.
    func kernelGradient(of filter: Int, _ layer: LayerPath) -> [Float] {
        guard let kernels = snapshot.outline.kernels(layer: layer), let gradient = shown?.kernelGradients[layer] else {
            return []
        }
        return kernels.weights(of: filter, among: gradient)
    }
}

/// The mean of what falls into a pixel of another raster.
private func mean(
    _ pixels: [Float], _ channel: Int, _ shape: ImageShape, x: Int, y: Int, width: Int, height: Int
) -> Float {
    let (left, top) = (x * shape.width / width, y * shape.height / height)
    let (right, bottom) = (
        max(left + 1, (x + 1) * shape.width / width), max(top + 1, (y + 1) * shape.height / height)
    )
    var sum: Float = 0
    for row in top..<bottom {
        for column in left..<right { sum += pixels[channel * shape.pixels + row * shape.width + column] }
    }
    return sum / Float((right - left) * (bottom - top))
}

import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let levels = ViewID("levels")
}

extension View {
    /// The first, the middle and the last layers that learn: their kernels, and what they like.
    static let levels = View(
        id: .levels, panel: .output,
        words:
            "What layers look for, from the first to the last: the kernels of some units, and below each the parts of test images that excite it most. Early layers find edges and spots, later ones parts, the last ones whole things.",
        watch: "Whether later layers answer to parts and whole things, and not to the same edges as the first.",
        suits: { $0.image != nil }, heading: { _, _ in "Output · levels" },
        request: { context, rect, request in
            let levels = Levels(panelContent(of: rect), context)
            request.image = context.imageChoice
            request.favourites = levels?.neurons ?? []
            request.favouriteCount = levels?.patches ?? 1
        },
        draw: { canvas, rect, context in Levels(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = Levels(panelContent(of: rect), context)?.image(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: [
            Command(
                "image.levels", "images: what the first, middle and last layers look for; again: one image",
                hint: "levels", keys: ["L"], panels: [.output], views: .ofImagesGivenBack,
                disabled: ImageCommands.needsImages
            ) { $0.toggle(.levels) }
        ])
}

/// Bands from the first layer to the last, each with a unit's kernel and patches in every column.
private struct Levels {
    private struct Band {
        var layer: LayerPath
        var rect: Rect
        /// The size of a patch of its units.
        var patch: ImageShape
        /// A weight for each pixel or tap of a unit; nil: the unit looks at no image.
        var kernel: Kernels?
        var kernelSize: Rect
        var patchSize: Rect
        /// Free rows between patches below each other, where there is room.
        var gap: Int
        /// Free rows between the kernels and the patches, where there is room.
        var kernelGap: Int
        var step: Int
        var units: Int
        var count: Int
    }
    private let context: PlotContext
    private let shape: ImageShape
    private let bands: [Band]
    /// Patches below each other.
    let patches: Int

    /// nil: no room, or no layer that learns.
    init?(_ content: Rect, _ context: PlotContext) {
        let outline = context.snapshot.outline
        guard let shape = context.scene.image, content.width > 16 else { return nil }
        let room = content.inset(left: 1, right: 1)
        var layers = Self.layers(outline)
        let most = max(0, room.height / 5)
        if layers.count > most { layers = most == 1 ? [layers[0]] : Array([layers[0], layers.last!].prefix(most)) }
        guard !layers.isEmpty else { return nil }
        let height = room.height / layers.count
        patches = min(3, max(1, (height - 3) / 4))
        let lines = patches
        (self.context, self.shape) = (context, shape)
        bands = layers.enumerated().map { index, layer in
            let rect = Rect(x: room.x, y: room.y + index * height, width: room.width, height: height)
            let field = context.shown?.favourites.first { $0.neuron.layer == layer }?.images.first?.field
            let patch = ImageShape(
                channels: shape.channels, height: field?.rows.count ?? shape.height,
                width: field?.columns.count ?? shape.width)
            let kernel = Kernels(layer, outline)
            let rows = height - 2
            let kernelRows = kernel == nil ? 0 : max(1, rows / (lines + 1))
            let patchRows = max(1, (rows - kernelRows - lines + 1) / lines)
            let most = room.width / 4
            let kernelSize =
                kernel.map {
                    imageRect(
                        ImageShape(channels: 1, height: $0.shape.height, width: $0.shape.width),
                        in: Rect(x: 0, y: 0, width: most, height: kernelRows))
                } ?? Rect(x: 0, y: 0, width: 0, height: 0)
            let patchSize = imageRect(patch, in: Rect(x: 0, y: 0, width: most, height: patchRows))
            let gap = lines > 1 && kernelRows + lines * (patchSize.height + 1) < height ? 1 : 0
            let filled = 1 + kernelSize.height + lines * patchSize.height + (lines - 1) * gap
            let kernelGap = kernel != nil && filled + 1 < height ? 1 : 0
            let step = max(kernelSize.width, patchSize.width) + 1
            let count = outline.tileCount(layer: layer)
            return Band(
                layer: layer, rect: rect, patch: patch, kernel: kernel, kernelSize: kernelSize, patchSize: patchSize,
                gap: gap, kernelGap: kernelGap, step: step, units: min(count, max(1, (room.width + 1) / step)),
                count: count)
        }
    }

    /// The layers with weights of their own, the output aside: the first, the middle and the last one. Of two in the middle the
    /// earlier one, which sees less of the image.
    private static func layers(_ outline: Outline) -> [LayerPath] {
        let all = outline.leafPaths.filter { path in
            path != outline.output && outline[path]!.tensors.contains { outline.tensors[$0].axes.count >= 2 }
        }
        guard all.count > 3 else { return all }
        return [all[0], all[(all.count - 1) / 2], all[all.count - 1]]
    }

    /// The weights of a layer's units as pictures: kernels, or those of units that weigh every pixel.
    private enum Kernels {
        case sliding(Outline.Kernels)
        case whole(Outline.Tensor, ImageShape)

        init?(_ layer: LayerPath, _ outline: Outline) {
            if let kernels = outline.kernels(layer: layer) {
                self = .sliding(kernels)
            } else if let shape = ImageShape(outline[layer]!.input), outline[layer]!.link == .matrix,
                let tensor = outline.tensor("weight", of: layer)
            {
                self = .whole(tensor, shape)
            } else {
                return nil
            }
        }

        var shape: ImageShape {
            switch self {
            case .sliding(let kernels): kernels.shape
            case .whole(_, let shape): shape
            }
        }

        func weights(of unit: Int, _ context: PlotContext) -> [Float] {
            switch self {
            case .sliding(let kernels): context.weights(of: unit, in: kernels)
            case .whole(let tensor, _): context.weights(of: unit, in: tensor)
            }
        }
    }

    /// The most units of a layer: a number that does not change with the patches' size, so that the request stays.
    private var most: Int { (bands.first?.rect.width ?? 0) < 120 ? 12 : 24 }

    var neurons: [ViewRequest.Neuron] {
        bands.flatMap { band in
            (0..<min(band.count, most)).map { ViewRequest.Neuron(layer: band.layer, unit: $0) }
        }
    }

    private func favourites(_ band: Band, _ unit: Int) -> Favourites? {
        context.shown?.favourites.first { $0.neuron == ViewRequest.Neuron(layer: band.layer, unit: unit) }
    }

    private func place(_ band: Band, _ unit: Int, _ line: Int) -> Rect {
        Rect(
            x: band.rect.x + unit * band.step,
            y: band.rect.y + 1 + band.kernelSize.height + band.kernelGap + line * (band.patchSize.height + band.gap),
            width: band.patchSize.width, height: band.patchSize.height)
    }

    func draw(into canvas: inout Canvas) {
        let quiet = Style(context.theme.quiet)
        let outline = context.snapshot.outline
        for band in bands {
            let title = "\(band.layer.words) · \(outline[band.layer]!.title)"
            let used = canvas.write(
                title, x: band.rect.x, y: band.rect.y, style: Style(context.theme.text, bold: true),
                limit: band.rect.width)
            let shown = min(band.units, most)
            let more = band.count > shown ? "  +\(band.count - shown)" : ""
            let times = context.ascii ? "x" : "×"
            let sees =
                band.patch.height == shape.height && band.patch.width == shape.width
                ? " sees all" : " sees \(band.patch.height)\(times)\(band.patch.width)"
            canvas.write(
                sees + more, x: band.rect.x + used, y: band.rect.y, style: quiet,
                limit: max(0, band.rect.width - used))
            for unit in 0..<shown {
                if let kernel = band.kernel {
                    let rect = Rect(
                        x: band.rect.x + unit * band.step, y: band.rect.y + 1, width: band.kernelSize.width,
                        height: band.kernelSize.height)
                    drawWeights(
                        into: &canvas, rect, kernel.weights(of: unit, context), shape: kernel.shape,
                        context: context)
                }
                guard let favourites = favourites(band, unit), !favourites.isConstant else { continue }
                for (line, image) in favourites.images.prefix(patches).enumerated() {
                    drawImage(
                        into: &canvas, place(band, unit, line),
                        pixels: image.field.cut(context.snapshot.data.shownImage(image.row), of: shape),
                        shape: band.patch, context: context)
                }
            }
        }
    }

    func image(x: Int, y: Int) -> Int? {
        for band in bands {
            for unit in 0..<min(band.units, most) {
                for (line, image) in (favourites(band, unit)?.images ?? []).prefix(patches).enumerated()
                where place(band, unit, line).contains(x: x, y: y) {
                    return image.row
                }
            }
        }
        return nil
    }
}

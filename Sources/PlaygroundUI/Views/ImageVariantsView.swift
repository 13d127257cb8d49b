import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let imageVariants = ViewID("imageVariants")
}

extension View {
    /// The chosen image, and what augmentation makes of it.
    static let imageVariants = View(
        id: .imageVariants, panel: .output,
        words:
            "The chosen image first (as it is), then what training may take in its place: augmentation changes a training image anew whenever it is taken.",
        watch: "Whether a person could still name the class of each.",
        suits: { $0.image != nil },
        heading: { context, _ in "Output · variants of image \(formatCount(context.imageRow + 1))" },
        draw: { canvas, rect, context in drawVariants(into: &canvas, panelContent(of: rect), context) },
        commands: [
            Command(
                "image.variants", "images: what augmentation makes of the chosen one; again: the image",
                hint: "variants", keys: ["a"], panels: [.output], views: .ofImages,
                disabled: ImageCommands.needsImages
            ) { $0.toggle(.imageVariants) }
        ])

    private static func drawVariants(into canvas: inout Canvas, _ rect: Rect, _ context: PlotContext) {
        let (data, augment) = (context.snapshot.data, context.snapshot.experiment.data.augment)
        let content = rect.inset(left: 1, right: 1)
        guard let shape = context.scene.image, content.width > 4, content.height > 2 else { return }
        guard !augment.isEmpty else {
            let key = context.bindings.label("focus.features", glyphs: context.capabilities.glyphs)
            let words = "Training takes the images as they are. The panel Augment (\(key)) changes them at random."
            for (line, text) in wrapText(words, columns: content.width).prefix(content.height).enumerated() {
                canvas.write(text, x: content.x, y: content.y + line, style: Style(context.theme.quiet))
            }
            return
        }
        // Several lines of them where there is room, each as large as that allows.
        let most = min((shape.height + 1) / 2, max(2, content.height / 3 - 1))
        let size = imageRect(shape, in: Rect(x: 0, y: 0, width: content.width, height: most))
        let columns = max(1, (content.width + 1) / (size.width + 1))
        let count = columns * max(1, (content.height + 1) / (size.height + 1))
        let variants = try? data.shownImages.inputs.variants(
            of: context.imageRow, shape: context.snapshot.network.input, augment: augment, count: count - 1,
            seed: context.snapshot.experiment.seed)
        for (index, pixels) in ([data.shownImage(context.imageRow)] + (variants ?? [])).enumerated() {
            let place = Rect(
                x: content.x + index % columns * (size.width + 1), y: content.y + index / columns * (size.height + 1),
                width: size.width, height: size.height)
            drawImage(into: &canvas, place, pixels: pixels, shape: shape, context: context)
            guard index == 0, place.maxY < content.maxY else { continue }
            let words = ["as it is", "itself"].first { columnWidth($0) <= place.width } ?? (context.ascii ? "^" : "▴")
            canvas.write(words, x: place.x, y: place.maxY, style: Style(.rgb(context.theme.accent), bold: true))
        }
    }
}

import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let hiddenClasses = ViewID("hiddenClasses")
}

extension View {
    /// Where a layer puts the images, each in the colour of its class.
    static let hiddenClasses = View(
        id: .hiddenClasses, panel: .hidden,
        words:
            "Every point is an image, in the colour of its class, where a layer's values put it: layer by layer the classes come apart, until the last one can part them by straight lines.",
        suits: { $0.image != nil && $0.task != .regression }, heading: { HiddenPanel.title($0, width: $1) },
        request: { context, _, request in request.cloud = context.hiddenTarget },
        draw: { canvas, rect, context in HiddenClasses(context)?.draw(into: &canvas, panelContent(of: rect)) })
}

private struct HiddenClasses {
    let context: PlotContext
    let cloud: ClassCloud

    init?(_ context: PlotContext) {
        guard let cloud = context.shown?.cloud else { return nil }
        (self.context, self.cloud) = (context, cloud)
    }

    func draw(into canvas: inout Canvas, _ content: Rect) {
        let plot = content.inset(left: 1, right: 1, bottom: 2)
        guard plot.height > 1, plot.width > 8 else { return }
        let data = context.snapshot.data
        // Where colours cannot be told apart each image is the first sign of its class' name.
        let writes = context.fewColors || context.ascii
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        for (row, place) in cloud.places.enumerated() where place.x.isFinite && place.y.isFinite {
            guard let label = data.shownLabel(row) else { continue }
            if writes {
                let x = plot.x + min(plot.width - 1, Int(bounded: place.x * Float(plot.width)))
                let y = plot.y + min(plot.height - 1, Int(bounded: (1 - place.y) * Float(plot.height)))
                canvas.write(
                    String(context.shortClassName(label).prefix(1)), x: x, y: y,
                    style: Style(.rgb(context.hue(ofClass: label))))
            } else {
                dots.point(
                    Double(place.x) * Double(dots.dotWidth - 1), Double(1 - place.y) * Double(dots.dotHeight - 1),
                    color: .rgb(context.hue(ofClass: label)))
            }
        }
        if !writes { dots.draw(into: &canvas, x: plot.x, y: plot.y) }
        drawMarker(into: &canvas, plot)
        drawLegend(into: &canvas, plot)
    }

    /// The image that is looked at.
    private func drawMarker(into canvas: inout Canvas, _ plot: Rect) {
        guard cloud.places.indices.contains(context.imageRow) else { return }
        let place = cloud.places[context.imageRow]
        guard place.x.isFinite, place.y.isFinite else { return }
        let x = plot.x + min(plot.width - 1, Int(bounded: place.x * Float(plot.width)))
        let y = plot.y + min(plot.height - 1, Int(bounded: (1 - place.y) * Float(plot.height)))
        canvas.write(
            context.ascii ? "@" : "◆", x: x, y: y,
            style: Style(.rgb(context.theme.accent), bold: true, reverse: context.colorless))
    }

    /// The axes' names, and the classes in their colours.
    private func drawLegend(into canvas: inout Canvas, _ plot: Rect) {
        let quiet = context.axisStyle
        let names =
            cloud.target.pca
            ? zip(["PC 1", "PC 2"], cloud.explained).map { "\($0) \(formatFixed(Double($1) * 100, decimals: 0)) %" }
            : cloud.target.units.map { "unit \($0 + 1)" }
        let axes = names.joined(separator: context.ascii ? " x " : " × ")
        canvas.writeCentred(axes, x: plot.x, width: plot.width, y: plot.maxY, style: quiet)
        var x = plot.x
        for index in 0..<context.kinds {
            let name = context.shortClassName(index)
            guard x + columnWidth(name) <= plot.maxX else { break }
            x +=
                canvas.write(
                    name, x: x, y: plot.maxY + 1, style: Style(.rgb(context.hue(ofClass: index)), bold: true)) + 2
        }
    }
}

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
        watch:
            "Clouds that come apart from layer to layer; single points in a foreign cloud are the ones that are taken for another class.",
        suits: { $0.image != nil && $0.task != .regression }, heading: { HiddenPanel.title($0, width: $1) },
        request: { context, _, request in request.cloud = context.hiddenTarget },
        draw: { canvas, rect, context in HiddenClasses(panelContent(of: rect), context)?.draw(into: &canvas) },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.image = HiddenClasses(panelContent(of: rect), context)?.image(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in if let image = pointed.image { app.plots.image = image } },
        commands: [
            Command(
                "hidden.tsne", "images: t-SNE, which keeps those side by side that a layer finds alike, or PCA",
                hint: "t-SNE", keys: ["t"], panels: [.hidden], views: [.hiddenClasses], control: "view.tsne"
            ) { app in app.changeView { $0.tsne.toggle() } },
            Command(
                "hidden.pictures", "images: pictures in place of points where they have room", hint: "pictures",
                keys: ["i"], panels: [.hidden], views: [.hiddenClasses]
            ) { $0.plots.showsPictures.toggle() },
            walking("left", SIMD2(-1, 0)).lasting, walking("right", SIMD2(1, 0)), walking("up", SIMD2(0, 1)),
            walking("down", SIMD2(0, -1)),
        ])

    private static func walking(_ key: String, _ direction: SIMD2<Float>) -> Command {
        Command(
            "hidden.image.\(key)", "among the images' places: to the next one \(key)", hint: "walk", keys: [key],
            panels: [.hidden], views: [.hiddenClasses]
        ) { app in
            guard let context = app.plotContext, let cloud = context.shown?.cloud,
                let next = cloud.next(from: context.imageRow, direction)
            else { return }
            app.plots.image = next
        }
    }
}

extension ClassCloud {
    /// The nearest image that lies in a direction: no further aside than ahead.
    fileprivate func next(from row: Int, _ direction: SIMD2<Float>) -> Int? {
        guard places.indices.contains(row) else { return places.isEmpty ? nil : 0 }
        var best: (row: Int, distance: Float)?
        for (other, place) in places.enumerated() where other != row {
            let way = place - places[row]
            let ahead = (way * direction).sum()
            let distance = (way * way).sum()
            guard ahead > 0, 2 * ahead * ahead >= distance, distance < best?.distance ?? .infinity else { continue }
            best = (other, distance)
        }
        return best?.row
    }
}

/// The places of images in a hidden layer as points or pictures.
struct HiddenClasses {
    private let context: PlotContext
    private let cloud: ClassCloud
    private let shape: ImageShape
    private let plot: Rect
    /// Where colours cannot be told apart; nil: they can.
    private let signs: ClassSigns?

    init?(_ content: Rect, _ context: PlotContext) {
        self.init(plot: content.inset(left: 1, right: 1, bottom: 2), context)
    }

    /// - Parameter plot: without the rows of axes and classes.
    init?(plot: Rect, _ context: PlotContext) {
        guard let cloud = context.shown?.cloud, let shape = context.scene.image, plot.height > 1, plot.width > 8
        else { return nil }
        (self.context, self.cloud, self.shape, self.plot) = (context, cloud, shape, plot)
        signs = context.fewColors || context.ascii ? context.classSigns : nil
    }

    private func cell(_ place: SIMD2<Float>) -> (x: Int, y: Int)? {
        guard place.x.isFinite, place.y.isFinite else { return nil }
        return (
            plot.x + min(plot.width - 1, Int(bounded: place.x * Float(plot.width))),
            plot.y + min(plot.height - 1, Int(bounded: (1 - place.y) * Float(plot.height)))
        )
    }

    /// The image whose place is nearest, two cells away at most.
    func image(x: Int, y: Int) -> Int? {
        var best: (row: Int, distance: Int)?
        for (row, place) in cloud.places.enumerated() {
            guard let cell = cell(place) else { continue }
            let distance = (cell.x - x) * (cell.x - x) + 4 * (cell.y - y) * (cell.y - y)
            if distance <= 5, distance < best?.distance ?? .max { best = (row, distance) }
        }
        return best?.row
    }

    func draw(into canvas: inout Canvas) {
        let pictures = context.plots.showsPictures ? picturePlaces : [:]
        drawPoints(into: &canvas, without: pictures)
        for (row, rect) in pictures.sorted(by: { $0.key < $1.key }) { drawPicture(into: &canvas, row, rect) }
        let row = context.plots.pointed.image ?? context.imageRow
        drawMarker(into: &canvas, row)
        if pictures[row] == nil { drawInset(into: &canvas, row) }
        drawLegend(into: &canvas)
    }

    func drawPoints(into canvas: inout Canvas, without pictures: [Int: Rect]) {
        let data = context.snapshot.data
        // Where colours cannot be told apart each image is the sign of its class.
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        for (row, place) in cloud.places.enumerated() where pictures[row] == nil {
            guard let cell = cell(place), let label = data.shownLabel(row) else { continue }
            if let signs {
                canvas.write(
                    signs.text(label), x: cell.x, y: cell.y, style: Style(.rgb(context.hue(ofClass: label))))
            } else {
                dots.cloudPoint(
                    x: Double(place.x), y: Double(place.y), of: cloud.places.count,
                    color: .rgb(context.hue(ofClass: label)))
            }
        }
        if signs == nil { dots.draw(into: &canvas, x: plot.x, y: plot.y) }
    }

    // MARK: Pictures

    /// A picture's size: at most a pixel for each of the image's; else a fourth of the plot's height, or in a low plot so many
    /// rows that one sees what it is, be there fewer pictures.
    var pictureSize: Rect {
        let rows = max(plot.height / 4, min(4, (plot.height + 1) / 2))
        return imageRect(
            shape,
            in: Rect(
                x: 0, y: 0, width: max(2, plot.width / 6, min(8, plot.width / 3)),
                height: max(1, min((shape.height + 1) / 2, rows))))
    }

    /// The images that stand around their places, the chosen one first: none lies over another.
    private var picturePlaces: [Int: Rect] {
        let size = pictureSize
        var taken = [Bool](repeating: false, count: plot.width * plot.height)
        var places: [Int: Rect] = [:]
        let rows = cloud.places.indices
        for row in [context.imageRow].filter(rows.contains) + rows where places[row] == nil {
            guard let cell = cell(cloud.places[row]) else { continue }
            let rect = Rect(
                x: min(max(plot.x, cell.x - size.width / 2), plot.maxX - size.width),
                y: min(max(plot.y, cell.y - size.height / 2), plot.maxY - size.height), width: size.width,
                height: size.height)
            // A free column beside each.
            let columns = max(plot.x, rect.x - 1)..<min(plot.maxX, rect.maxX + 1)
            let isFree = (rect.y..<rect.maxY).allSatisfy { y in
                columns.allSatisfy { !taken[(y - plot.y) * plot.width + $0 - plot.x] }
            }
            guard isFree else { continue }
            for y in rect.y..<rect.maxY {
                for x in rect.x..<rect.maxX { taken[(y - plot.y) * plot.width + x - plot.x] = true }
            }
            places[row] = rect
        }
        return places
    }

    /// A grey image in the colour of its class; one in colour, and where there are few colours, with the class's sign.
    private func drawPicture(into canvas: inout Canvas, _ row: Int, _ rect: Rect) {
        let pixels = context.snapshot.data.shownImage(row)
        guard let label = context.snapshot.data.shownLabel(row) else { return }
        let hue = context.hue(ofClass: label)
        guard shape.channels == 1, signs == nil else {
            drawImage(into: &canvas, rect, pixels: pixels, shape: shape, context: context)
            let sign = signs?.text(label) ?? String(context.shortClassName(label).prefix(1))
            canvas.write(sign, x: rect.x, y: rect.y, style: Style(.rgb(hue), bold: true))
            return
        }
        drawHeatMap(
            into: &canvas, rect, values: pixels.map { 2 * $0 - 1 }, columns: shape.width, rows: shape.height,
            ramp: { mixColors(context.theme.backdrop, hue, 0.12 + 0.88 * ($0 + 1) / 2) },
            capabilities: context.capabilities)
    }

    /// The image that is looked at, larger, in the corner that lies furthest from its place.
    private func drawInset(into canvas: inout Canvas, _ row: Int) {
        guard plot.width >= 24, plot.height >= 7, cloud.places.indices.contains(row),
            let cell = cell(cloud.places[row])
        else { return }
        let size = imageRect(
            shape, in: Rect(x: 0, y: 0, width: plot.width / 4, height: min((shape.height + 1) / 2, plot.height / 2)))
        let rect = Rect(
            x: cell.x < plot.x + plot.width / 2 ? plot.maxX - size.width : plot.x,
            y: cell.y < plot.y + plot.height / 2 ? plot.maxY - size.height : plot.y, width: size.width,
            height: size.height)
        drawImage(
            into: &canvas, rect, pixels: context.snapshot.data.shownImage(row), shape: shape, context: context)
    }

    /// The image that is looked at.
    func drawMarker(into canvas: inout Canvas, _ row: Int) {
        guard cloud.places.indices.contains(row), let cell = cell(cloud.places[row]) else { return }
        canvas.write(
            context.ascii ? "@" : "◆", x: cell.x, y: cell.y,
            style: Style(.rgb(context.theme.accent), bold: true, reverse: context.colorless))
    }

    /// The axes' names, and the classes in their colours.
    func drawLegend(into canvas: inout Canvas) {
        let quiet = context.axisStyle
        let axes: String
        if let steps = cloud.steps {
            let count = cloud.places.count
            let part = count < context.snapshot.data.shownImages.count ? "\(plural(count, "image")) · " : ""
            axes = "t-SNE · \(part)step \(formatCount(steps))"
        } else {
            let names =
                cloud.target.pca
                ? zip(["PC 1", "PC 2"], cloud.explained).map { "\($0) \(formatFixed(Double($1) * 100, decimals: 0)) %" }
                : cloud.target.units.map { "unit \($0 + 1)" }
            axes = names.joined(separator: context.ascii ? " x " : " × ")
        }
        canvas.writeCentred(axes, x: plot.x, width: plot.width, y: plot.maxY, style: quiet)
        let names = signs?.names ?? context.shortClassNames
        let longest = names.map(columnWidth).max() ?? 1
        // Where not all have room whole: nearer to each other, then shortened alike.
        func width(_ most: Int, _ gap: Int) -> Int { names.reduce(-gap) { $0 + min(most, columnWidth($1)) + gap } }
        let gap = width(longest, 2) <= plot.width ? 2 : 1
        let most = stride(from: longest, to: 1, by: -1).first { width($0, gap) <= plot.width } ?? 1
        var x = plot.x
        for (index, name) in names.enumerated() where x < plot.maxX {
            let style = Style(.rgb(context.hue(ofClass: index)), bold: true)
            let limit = min(most, plot.maxX - x)
            if let signs {
                signs.writeName(index, into: &canvas, x: x, y: plot.maxY + 1, style: style, limit: limit)
            } else {
                canvas.write(beginning(of: name, columns: limit), x: x, y: plot.maxY + 1, style: style)
            }
            x += min(most, columnWidth(name)) + gap
        }
    }
}

import Datasets
import Session
import Testing

@testable import Engine
@testable import PlaygroundUI
@testable import Session
@testable import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The colours of xterm: its sixteen colours as it comes, the cube and the greys, and black or white where nothing is set.
struct NominalScreen {
    let capabilities: Capabilities
    let light: Bool

    private static let sixteen: [UInt32] = [
        0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
        0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ]

    /// The contrast of a cell's glyph with what is behind it (WCAG 2.1).
    func contrast(_ cell: Cell) -> Double {
        var resolver = CellResolver(capabilities: capabilities)
        let shown = resolver.resolve(cell, wide: false)
        let front = luminance(color(shown.foreground) ?? (light ? 0x000000 : 0xFFFFFF))
        let back = luminance(color(shown.background) ?? (light ? 0xFFFFFF : 0x000000))
        return (max(front, back) + 0.05) / (min(front, back) + 0.05)
    }

    private func color(_ code: UInt32) -> UInt32? {
        if code == 0 { return nil }
        if code & ShownCell.direct != 0 { return code & 0xFFFFFF }
        let index = Int(code & 255)
        return index < 16 ? Self.sixteen[index] : colorOf256(index)
    }

    private func luminance(_ color: UInt32) -> Double {
        func linear(_ shift: UInt32) -> Double {
            let value = Double(color >> shift & 255) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }
}

@Suite("Data points")
struct PointTests {
    private static let colors: [Capabilities.Colors] = [.truecolor, .palette256, .palette16]

    @Test("every ink can be read on every ground, at 4.5:1, in every palette and on both themes", arguments: colors)
    func tones(colors: Capabilities.Colors) {
        for theme in [Theme.dark, .light] {
            let screen = NominalScreen(capabilities: Capabilities(colors: colors), light: theme.light)
            for classes in [2, 10] {
                let tones = PlotTones.tones(theme, colors, classes: classes)
                let values = stride(from: Float(-1.2), through: 1.2, by: 0.05)
                var grounds = values.map { tones.ground($0) } + [tones.ground(.nan)]
                for index in 0..<classes {
                    grounds += (0...10).map { tones.ground(ofClass: index, confidence: Float($0) / 10) }
                }
                if let curve = tones.curveGround { grounds.append(curve) }
                let inks = (0..<classes).map { tones.ink(ofClass: $0) } + values.map { tones.ink($0) }
                for ground in Set(grounds) {
                    for ink in Set(inks) {
                        let behind = tones.ground(behind: ink, on: ground)
                        let contrast = screen.contrast(Cell("⠆", Style(.rgb(ink), on: .rgb(behind))))
                        #expect(contrast >= 4.5, "\(ink) on \(ground), \(classes) classes: \(contrast)")
                    }
                }
                // On its own class' ground a point needs no other one.
                for index in 0..<classes {
                    let (ink, ground) = (tones.ink(ofClass: index), tones.ground(ofClass: index, confidence: 1))
                    #expect(tones.ground(behind: ink, on: ground) == ground, "class \(index) of \(classes), \(colors)")
                }
                for ink in Set(inks) { #expect(screen.contrast(Cell("⠆", Style(.rgb(ink)))) >= 4.5) }
            }
        }
    }

    @Test("of 256 colours a class has one hue: its region, its points, its tile and its name in the legend")
    func hues() {
        func hue(_ color: UInt32) -> Double? {
            let parts = [color >> 16 & 255, color >> 8 & 255, color & 255].map(Double.init)
            let (low, high) = (parts.min()!, parts.max()!)
            guard high - low > 0.15 * high else { return nil }
            let (r, g, b) = (parts[0], parts[1], parts[2])
            let turn =
                high == r ? (g - b) / (high - low) : high == g ? 2 + (b - r) / (high - low) : 4 + (r - g) / (high - low)
            return (60 * turn + 360).truncatingRemainder(dividingBy: 360)
        }
        for theme in [Theme.dark, .light] {
            let tones = PlotTones.tones(theme, .palette256, classes: 10)
            for index in 0..<10 {
                let swatch = colorOf256(Int(nearestOf256(theme.color(ofClass: index))))
                let hues = [tones.ground(ofClass: index, confidence: 1), tones.ink(ofClass: index), swatch].compactMap(
                    hue)
                for (one, other) in zip(hues, hues.dropFirst() + hues.prefix(1)) {
                    let apart = abs(one - other)
                    #expect(min(apart, 360 - apart) <= 45, "class \(index), light \(theme.light): \(hues)")
                }
            }
        }
    }

    /// A plane that goes from −1 to 1 (or through all classes) with points of every kind all over it.
    private func scene(classes: Int, regression: Bool = false) throws -> (Snapshot, Picture) {
        var points: [DrawnPoint] = []
        for row in 0..<24 {
            for column in 0..<24 {
                let (x, y) = (Double(column) / 2 - 5.9, Double(row) / 2 - 5.8)
                points.append(DrawnPoint(x1: x, x2: y, label: .text("c\((row + column) % classes)")))
            }
        }
        var snapshot = try PlotFixture.snapshot(points: points, classes: classes)
        if regression {
            snapshot.network.task = .regression
            snapshot.data.schema.task = .regression
            snapshot.data.trainPoints.labels = snapshot.data.trainPoints.labels.indices.map { Float($0 % 9) - 4 }
        }
        let size = ViewRequest.Size(columns: 60, rows: 60)
        var picture = PlotFixture.halves(columns: size.columns, rows: size.rows)
        if classes > 2 {
            let places = 0..<size.count
            picture.boundary!.field = Field(
                classes: places.map { $0 % 60 * classes / 60 }, confidences: places.map { Float($0 / 60) / 59 })
        } else {
            picture.boundary!.field.values = (0..<size.count).map { Float($0 % 60) / 30 - 1 }
        }
        picture.mistakes.train = snapshot.data.trainPoints.labels.indices.map { $0 % 5 == 0 }
        picture.mistakes.test = snapshot.data.testPoints.labels.indices.map { $0 % 7 == 0 }
        return (snapshot, picture)
    }

    @Test(
        "what is drawn can be read: points of every class over every part of a map, right and wrong",
        arguments: colors, [2, 4])
    func drawn(colors: Capabilities.Colors, classes: Int) throws {
        for (glyphs, theme, regression) in [
            (Capabilities.Glyphs.braille, Theme.dark, false), (.braille, .light, false), (.block, .dark, false),
            (.ascii, .light, false), (.braille, .dark, true), (.braille, .light, true),
        ] where classes == 2 || !regression {
            let (snapshot, picture) = try scene(classes: classes, regression: regression)
            let context = PlotFixture.context(snapshot, picture: picture, colors: colors, glyphs: glyphs) {
                $0.theme = theme
                $0.view.showTestData = true
            }
            let screen = NominalScreen(capabilities: context.capabilities, light: theme.light)
            var map = crossed(60, 30)
            OutputPanel.drawPicture(into: &map, map.bounds, picture.boundary!, context)
            var canvas = map
            OutputPanel.drawPoints(into: &canvas, canvas.bounds, context)
            var count = 0
            for y in 0..<30 {
                for x in 0..<60 where canvas[x, y] != map[x, y] {
                    count += 1
                    let contrast = screen.contrast(canvas[x, y])
                    #expect(contrast >= 4.5, "\(canvas[x, y]) in \(colors) \(glyphs): \(contrast)")
                }
            }
            #expect(count > 300)
        }
    }

    private func layer(
        _ points: [(x: Float, y: Float, label: Float, test: Bool, wrong: Bool)],
        colors: Capabilities.Colors = .truecolor, glyphs: Capabilities.Glyphs = .braille, classes: Int = 2
    ) throws -> Canvas {
        let points = points
        let text = (0..<classes).map { DrawnPoint(x1: Double($0), x2: 0, label: .text("c\($0)")) }
        let context = PlotFixture.context(
            try PlotFixture.snapshot(points: text + text, classes: classes), colors: colors, glyphs: glyphs)
        var layer = PointLayer(Rect(x: 0, y: 0, width: 2, height: 1), context)
        for point in points {
            layer.add(x: point.x, y: point.y, label: point.label, test: point.test, wrong: point.wrong)
        }
        var canvas = Canvas(width: 2, height: 1)
        layer.draw(into: &canvas)
        return canvas
    }

    @Test("points stand at their places within a cell, training points as pairs of dots, test points as single ones")
    func places() throws {
        let canvas = try layer([
            (0.1, 0.9, 0, false, false), (0.4, 0.1, 0, true, false), (0.6, 0.1, 1, false, false),
        ])
        #expect(lines(canvas) == ["⢃⡄"])
        let tones = PlotTones.tones(.dark, .truecolor, classes: 2)
        #expect(canvas[0, 0].style.foreground == .rgb(tones.inks[0]))
        #expect(canvas[1, 0].style.foreground == .rgb(tones.inks[1]))
        #expect(lines(try layer([(.nan, 0.5, 0, false, false), (0.5, .infinity, 0, false, false)])) == ["  "])
    }

    @Test("a cell with several points shows the wrong one first, else the commonest class")
    func several() throws {
        let tones = PlotTones.tones(.dark, .truecolor, classes: 2)
        let majority = try layer([
            (0.1, 0.9, 1, false, false), (0.1, 0.4, 1, false, false), (0.4, 0.4, 0, false, false),
        ])
        #expect(majority[0, 0].style.foreground == .rgb(tones.inks[1]))
        let wrong = try layer([
            (0.1, 0.9, 1, false, false), (0.1, 0.4, 1, false, false), (0.4, 0.4, 0, false, true),
        ])
        #expect(wrong[0, 0].scalar == "×" && wrong[0, 0].style.foreground == .rgb(tones.inks[0]))
        let reversed = try layer([(0.1, 0.9, 1, false, true)], colors: .none)
        #expect(reversed[0, 0].style.reverse)
        let paper = try layer([(0.1, 0.9, 1, false, true)], colors: .palette16)
        #expect(paper[0, 0].style.background == .rgb(PlotTones.tones(.dark, .palette16, classes: 2).inks[1]))
    }

    @Test("where colours are few or glyphs are letters, classes and sets differ by glyph", arguments: [2, 4])
    func glyphs(classes: Int) throws {
        let levels: [(Capabilities.Colors, Capabilities.Glyphs)] = [
            (.none, .braille), (.palette16, .braille), (.none, .block), (.palette16, .block), (.none, .ascii),
            (.truecolor, .ascii),
        ]
        for (colors, glyphs) in levels {
            var seen: Set<Unicode.Scalar> = []
            for kind in 0..<classes {
                for test in [false, true] {
                    seen.insert(
                        PointLook.glyph(
                            kind: kind, of: classes, test: test,
                            capabilities: Capabilities(colors: colors, glyphs: glyphs)))
                }
            }
            #expect(seen.count == 2 * classes, "\(colors) \(glyphs)")
        }
    }

    @Test("nearly all of two spirals' points have a dot of their own, at 80×24 and beyond")
    func spirals() throws {
        let data = try prepare(
            DataDescription(dataset: Choice("spiral"), trainFraction: 0.5), features: ["x1", "x2"], directory: nil)
        var snapshot = try PlotFixture.snapshot()
        snapshot.data = data
        for (width, height) in [(34, 17), (100, 50)] {
            let context = PlotFixture.context(snapshot)
            var canvas = Canvas(width: width, height: height)
            OutputPanel.drawPoints(into: &canvas, canvas.bounds, context)
            // Every training point lights two dots, which in the spirals' middle are also a neighbour's.
            let dots = canvas.cells.reduce(0) { sum, cell in
                sum + (cell.scalar.value & ~0xFF == 0x2800 ? Int(cell.scalar.value & 0xFF).nonzeroBitCount : 0)
            }
            #expect(dots > data.trainPoints.count * 5 / 4)
        }
    }

    @Test("at a larger size the first points are the same, and more are added")
    func identity() throws {
        let (snapshot, picture) = try scene(classes: 2)
        let context = PlotFixture.context(snapshot, picture: picture)
        func cells(_ most: Int) -> Set<Int> {
            var canvas = Canvas(width: 40, height: 20)
            OutputPanel.drawPoints(into: &canvas, canvas.bounds, context, most: most)
            return Set(canvas.cells.indices.filter { canvas.cells[$0].scalar != " " })
        }
        #expect(cells(50).isStrictSubset(of: cells(150)))
    }

    @Test("a fitted curve does not hide the points that it passes")
    func curve() throws {
        let points = (0..<40).map { DrawnPoint(x1: Double($0) / 4 - 5, x2: 0, label: .text($0 < 20 ? "no" : "yes")) }
        var snapshot = try PlotFixture.snapshot(features: ["x1"], points: points)
        snapshot.data.columns = [snapshot.data.columns[0]]
        snapshot.data.trainPoints.rows = snapshot.data.trainPoints.labels.indices.map { Float($0) / 4 - 5 }
        snapshot.data.testPoints = snapshot.data.trainPoints
        var picture = Picture(revision: 1, generation: 1, step: 0)
        picture.boundary = Boundary(
            columns: [0], xRange: -6...6, yRange: -2...2, size: ViewRequest.Size(columns: 80, rows: 1), field: Field(),
            curves: [[Float](repeating: -1, count: 80)])
        let context = PlotFixture.context(snapshot, picture: picture)
        var canvas = Canvas(width: 60, height: 16)
        OutputPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
        let ink = Color.rgb(context.tones.inks[0])
        #expect(canvas.cells.count { $0.style.foreground == ink } >= 15)
        #expect(
            canvas.cells.contains { $0.style.foreground == context.theme.text && $0.scalar.value & ~0xFF == 0x2800 })
    }

    @Test("axes' numbers and names have a contrast of 4.5:1", arguments: colors)
    func axes(colors: Capabilities.Colors) throws {
        for theme in [Theme.dark, .light] {
            let context = PlotFixture.context(try PlotFixture.snapshot(), colors: colors) { $0.theme = theme }
            let screen = NominalScreen(capabilities: context.capabilities, light: theme.light)
            #expect(screen.contrast(Cell("6", context.axisStyle)) >= 4.5, "\(colors) light \(theme.light)")
        }
    }

    @Test("where colours are few a fitted curve is seen between and beneath the points of a regression")
    func fittedCurve() throws {
        let points = (0..<80).map { DrawnPoint(x1: Double($0) / 8 - 5, x2: 0, label: .text($0 < 40 ? "no" : "yes")) }
        var snapshot = try PlotFixture.snapshot(features: ["x1"], points: points)
        snapshot.network.task = .regression
        snapshot.data.schema.task = .regression
        snapshot.data.columns = [snapshot.data.columns[0]]
        snapshot.data.trainPoints.rows = snapshot.data.trainPoints.labels.indices.map { Float($0) / 8 - 5 }
        snapshot.data.trainPoints.labels = snapshot.data.trainPoints.rows.map { $0 / 5 }
        snapshot.data.testPoints = snapshot.data.trainPoints
        var picture = Picture(revision: 1, generation: 1, step: 0)
        picture.boundary = Boundary(
            columns: [0], xRange: -6...6, yRange: -2...2, size: ViewRequest.Size(columns: 80, rows: 1), field: Field(),
            curves: [(0..<80).map { (Float($0) / 79 * 12 - 6) / 5 }])
        for colors in [Capabilities.Colors.palette16, .none] {
            let context = PlotFixture.context(snapshot, picture: picture, colors: colors)
            var curve = Canvas(width: 60, height: 16)
            OutputPanel.drawPicture(into: &curve, curve.bounds, picture.boundary!, context)
            var canvas = curve
            OutputPanel.drawPoints(into: &canvas, canvas.bounds, context)
            let passed = canvas.cells.indices.filter {
                canvas.cells[$0] != curve.cells[$0] && curve.cells[$0].scalar != " "
                    && curve.cells[$0].style.foreground == context.theme.text
            }
            #expect(passed.count > 20, "\(colors)")
            for at in passed {
                #expect(canvas.cells[at].scalar == curve.cells[at].scalar)
                #expect(canvas.cells[at].style.reverse || canvas.cells[at].style.background != .standard)
            }
        }
    }
}

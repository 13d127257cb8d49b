import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// Data points over a map, a bent plane or a curve.
///
/// Each point stands at its place within the cell, over the cell's own background, in an ink that can be read there. A
/// cell that holds several shows those on the wrong side of the boundary, else those of the commonest class.
struct PointLayer {
    private struct Point {
        /// Index into the rectangle's cells, row by row.
        var cell: Int
        /// The dot within the cell: column 0…1, row 0…3.
        var column: Int
        var row: Int
        var kind: Int
        var label: Float
        var test: Bool
        var wrong: Bool
    }

    private let rect: Rect
    private let look: PointLook
    private var points: [Point] = []

    init(_ rect: Rect, _ context: PlotContext) {
        self.rect = rect
        look = PointLook(context)
    }

    /// - Parameters x, y: 0…1 from the left and from below; a point outside, or without a place, is not there.
    mutating func add(x: Float, y: Float, label: Float, test: Bool, wrong: Bool) {
        guard x >= 0, x <= 1, y >= 0, y <= 1, !rect.isEmpty else { return }
        let column = min(2 * rect.width - 1, Int(bounded: x * Float(2 * rect.width)))
        let row = min(4 * rect.height - 1, Int(bounded: (1 - y) * Float(4 * rect.height)))
        points.append(
            Point(
                cell: row / 4 * rect.width + column / 2, column: column % 2, row: row % 4, kind: look.kind(label),
                label: label, test: test, wrong: wrong))
    }

    /// Adds the points of a table at `places`, as many as both have.
    mutating func add(_ places: [SIMD2<Float>], of table: Table, test: Bool, wrong: [Bool]) {
        for (row, place) in places.prefix(table.count).enumerated() {
            add(
                x: place.x, y: place.y, label: table.labels[row], test: test,
                wrong: row < wrong.count && wrong[row])
        }
    }

    func draw(into canvas: inout Canvas) {
        let sorted = points.sorted { $0.cell < $1.cell }
        var rest = sorted[...]
        while let first = rest.first {
            let cell = rest.prefix { $0.cell == first.cell }
            rest = rest.dropFirst(cell.count)
            let wrong = cell.filter(\.wrong)
            let seen = wrong.isEmpty ? Array(cell) : wrong
            let kind = Self.commonest(seen)
            draw(
                seen.filter { $0.kind == kind }, kind, wrong: !wrong.isEmpty, into: &canvas,
                x: rect.x + first.cell % rect.width, y: rect.y + first.cell / rect.width)
        }
    }

    /// Of equally common kinds the first.
    private static func commonest(_ points: [Point]) -> Int {
        var counts: [Int: Int] = [:]
        for point in points { counts[point.kind, default: 0] += 1 }
        return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }!.key
    }

    private func draw(_ points: [Point], _ kind: Int, wrong: Bool, into canvas: inout Canvas, x: Int, y: Int) {
        let context = look.context
        // A training point is a pair of dots, one above the other, or a block; a test point is one dot.
        let blocks = look.drawsBlocks(kind)
        var dots: UInt8 = 0
        for point in points {
            dots |= brailleDot(column: point.column, row: point.row)
            if !point.test, !blocks {
                dots |= brailleDot(column: point.column, row: point.row < 2 ? point.row + 1 : point.row - 1)
            }
        }
        let test = points.allSatisfy(\.test)
        let ink = look.ink(kind, mean: points.reduce(0) { $0 + $1.label } / Float(points.count))
        var ground = canvas.backdrop(x: x, y: y, lower: lowerHalfWeighs(brailleDots: dots))
        let curve = curveGlyph(canvas, x: x, y: y)
        if curve != nil, let tint = context.tones.curveGround, !context.colorless { ground = .rgb(tint) }
        if case .rgb(let color) = ground { ground = .rgb(context.tones.ground(behind: ink, on: color)) }
        let style = Style(.rgb(ink), on: ground, bold: wrong && !look.marksByReversal)
        if look.cutsOutCurves, let curve {
            canvas.overlay(curve, x: x, y: y, style: reversed(style))
            return
        }
        canvas.overlay(
            look.glyph(kind, dots: dots, test: test, wrong: wrong), x: x, y: y,
            style: wrong && look.marksByReversal ? reversed(style) : style)
    }

    private func reversed(_ style: Style) -> Style {
        var style = style
        if look.context.colorless {
            style.reverse = true
            return style
        }
        var paper = style.background
        if paper == .standard { paper = .rgb(look.context.theme.light ? 0xFFFFFF : 0x000000) }
        return Style(paper, on: style.foreground)
    }

    /// The glyph of a curve that passes under a point, or nil.
    private func curveGlyph(_ canvas: Canvas, x: Int, y: Int) -> Unicode.Scalar? {
        let cell = canvas[x, y]
        let isCurve =
            canvas.backdrop(x: x, y: y, lower: false) == .standard && !" ▀▄".unicodeScalars.contains(cell.scalar)
            && cell.style.foreground != look.context.theme.faint
        return isCurve && look.context.columns.count == 1 ? cell.scalar : nil
    }
}

/// How a data point looks. Train and test differ by glyph; classes by ink, and by glyph too where colours are few.
struct PointLook {
    let context: PlotContext
    private let tones: PlotTones
    private let regression: ValueScale?

    init(_ context: PlotContext) {
        self.context = context
        tones = context.tones
        guard context.snapshot.data.task == .regression else {
            regression = nil
            return
        }
        var low = Float.infinity
        var high = -Float.infinity
        for value in context.snapshot.data.trainPoints.labels where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        // Halves first: the sum of two large values would not be finite.
        regression =
            low < high
            ? ValueScale(center: low / 2 + high / 2, half: high / 2 - low / 2)
            : ValueScale(center: low.isFinite ? low : 0)
    }

    /// The class of a label; a regression's values are told apart by the side of the middle on which they lie.
    func kind(_ label: Float) -> Int {
        if let regression { return regression.mapped(label) < 0 ? 0 : 1 }
        return max(0, Int(bounded: label))
    }

    /// - Parameter mean: the mean label of the points, for a regression.
    func ink(_ kind: Int, mean: Float) -> UInt32 {
        if let regression { return tones.ink(regression.mapped(mean)) }
        return tones.ink(ofClass: kind)
    }

    /// Points on the wrong side are crosses; where glyphs tell classes, reversed.
    var marksByReversal: Bool { context.fewColors || context.ascii }

    /// A curve that passes under a point is cut out of the point's cell, where no tint could let it go on: a fitted curve
    /// would be hidden by the points that it fits.
    var cutsOutCurves: Bool { regression != nil && context.fewColors }

    /// Whether a kind's training points are quadrants rather than dots.
    func drawsBlocks(_ kind: Int) -> Bool {
        context.capabilities.glyphs == .block || context.fewColors && context.kinds == 2 && kind == 0
    }

    /// - Parameter dots: the points' places within the cell, as braille dots.
    func glyph(_ kind: Int, dots: UInt8, test: Bool, wrong: Bool) -> Unicode.Scalar {
        Self.glyph(
            kind, of: context.kinds, dots: dots, test: test, wrong: wrong && !marksByReversal,
            capabilities: context.capabilities)
    }

    private static func glyph(
        _ kind: Int, of kinds: Int, dots: UInt8, test: Bool, wrong: Bool, capabilities: Capabilities
    ) -> Unicode.Scalar {
        if wrong { return "×" }
        switch capabilities.glyphs {
        case .ascii:
            // Two classes as at noughts and crosses, more by the alphabet (regions use o and x then).
            let letters: [Unicode.Scalar] = kinds == 2 ? ["O", "X"] : Array("ABCDEFGHIJ".unicodeScalars)
            let letter = letters[kind % letters.count]
            return test ? letter.properties.lowercaseMapping.unicodeScalars.first! : letter
        case .braille where capabilities.colors == .truecolor || capabilities.colors == .palette256:
            return Unicode.Scalar(0x2800 + UInt32(dots))!
        case .block where capabilities.colors == .truecolor || capabilities.colors == .palette256:
            return test ? "·" : quadrantGlyph(brailleDots: dots)
        case .braille where kinds == 2:
            // Blocks against dots: both keep their place within the cell.
            if kind == 1 { return Unicode.Scalar(0x2800 + UInt32(dots))! }
            return test ? "□" : quadrantGlyph(brailleDots: dots)
        case .braille, .block:
            let shapes: [(Unicode.Scalar, Unicode.Scalar)] = [
                ("■", "□"), ("●", "○"), ("▲", "△"), ("◆", "◇"), ("▼", "▽"), ("★", "☆"),
            ]
            let pair = shapes[kind % shapes.count]
            return test ? pair.1 : pair.0
        }
    }

    /// A point's glyph where it stands for its kind.
    static func glyph(kind: Int, of kinds: Int, test: Bool, capabilities: Capabilities) -> Unicode.Scalar {
        let pair =
            !test && (kinds > 2 || kind == 1 || capabilities.colors == .truecolor || capabilities.colors == .palette256)
        let dots = brailleDot(column: 0, row: 1) | (pair ? brailleDot(column: 0, row: 2) : 0)
        return glyph(kind, of: kinds, dots: dots, test: test, wrong: false, capabilities: capabilities)
    }

    /// "⠆ train  ⠂ test  × wrong", as the points look here; without `test` the training points alone.
    static func legend(test: Bool, context: PlotContext) -> String {
        let kinds = context.kinds
        let look = PointLook(context)
        func marks(_ test: Bool) -> String {
            let shown = look.marksByReversal ? min(kinds, 3) : 1
            return String(
                String.UnicodeScalarView(
                    (0..<shown).map { glyph(kind: $0, of: kinds, test: test, capabilities: context.capabilities) }))
        }
        var legend = marks(false) + " train" + (test ? "  " + marks(true) + " test" : "")
        if context.snapshot.data.task != .regression {
            legend += look.marksByReversal ? "  wrong: reversed" : "  × wrong"
        }
        return legend
    }
}

import Basics
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A number in so many columns, with as many digits behind the point as fit, at most two or as many as are asked for: "−0.34",
/// and narrower "−.34", "−.3"; "####" where it has no room.
func formatFitting(_ value: Float, columns: Int, decimals most: Int = 2) -> String {
    guard value.isFinite else { return formatFixed(Double(value), decimals: 0) }
    // A small number is no zero: two digits of it, or its exponent.
    if value != 0, Double(abs(value)) < 0.5 * pow(10, Double(-most)) {
        let value = Double(value)
        let texts = [
            formatNumber(value, digits: 2), formatScientific(value, digits: 2), formatScientific(value, digits: 1),
        ]
        if let text = texts.first(where: { columnWidth($0) <= columns }) { return text }
    }
    for decimals in (0...most).reversed() {
        let text = formatFixed(Double(value), decimals: decimals)
        if columnWidth(text) <= columns { return text }
        let short = text.hasPrefix("0.") ? text.dropFirst() : text.hasPrefix("−0.") ? "−" + text.dropFirst(2) : ""
        if !short.isEmpty, columnWidth(String(short)) <= columns { return String(short) }
    }
    return String(repeating: "#", count: max(0, columns))
}

/// Numbers in rows and columns, each on its colour.
struct NumberTable {
    var title: String
    var columns: Int
    /// Row by row; nil: there is none.
    var values: [Float?]
    var ground: (Float) -> UInt32
    /// A number that stands out.
    var marked: Int?

    var rows: Int { (values.count + columns - 1) / columns }

    /// - Parameter cell: the columns of one number.
    func draw(into canvas: inout Canvas, x: Int, y: Int, cell: Int, _ context: PlotContext) {
        canvas.write(title, x: x, y: y, style: Style(context.theme.quiet), limit: max(columns * cell + 3, 12))
        for (at, value) in values.enumerated() {
            let (left, row) = (x + at % columns * cell, y + 1 + at / columns)
            guard let value else {
                // The padding, of which there is no number.
                let dot: Unicode.Scalar = context.ascii ? "." : "·"
                canvas[left + cell / 2, row] = Cell(dot, Style(context.theme.quiet))
                continue
            }
            var style = Style(context.theme.text)
            if !context.colorless {
                let ground = ground(value)
                style = Style(.rgb(contrast(ground)), on: .rgb(ground))
            }
            if at == marked {
                style =
                    context.colorless
                    ? Style(reverse: true) : Style(.rgb(contrast(context.theme.accent)), on: .rgb(context.theme.accent))
                style.bold = true
            }
            // A free column parts it from the one before, whose colour may be the same.
            let parted = formatFitting(value, columns: context.colorless || cell < 6 ? cell - 1 : cell)
            let text = parted.hasPrefix("#") && !context.colorless ? formatFitting(value, columns: cell) : parted
            canvas.write(padLeft(text, cell), x: left, y: row, style: style)
        }
    }

    /// Draws the numbers as a picture where they have no room.
    func drawPicture(into canvas: inout Canvas, x: Int, y: Int, _ context: PlotContext) {
        canvas.write(title, x: x, y: y, style: Style(context.theme.quiet), limit: max(columns, 12))
        let place = Rect(x: x, y: y + 1, width: columns, height: (rows + 1) / 2)
        if context.colorless || context.ascii {
            let largest = values.reduce(Float(1e-9)) { max($0, abs($1 ?? 0)) }
            return drawHeatMap(
                into: &canvas, place, values: values.map { $0.map { $0 / largest } ?? .nan }, columns: columns,
                rows: rows, ramp: context.ramp, capabilities: context.capabilities)
        }
        let colors = (0..<place.height * 2 * columns).map { at in at < values.count ? values[at].map(ground) : nil }
        drawPixels(into: &canvas, place, colors: colors, capabilities: context.capabilities)
    }
}

/// Tables side by side, and below each other where they are too wide together.
struct NumberTables {
    var tables: [NumberTable]
    /// Between two tables: "∘", "=".
    var signs: [String]

    private static let gap = 3

    /// The columns of one number, and how many tables stand side by side; nil: the numbers do not fit.
    private func fitting(_ rect: Rect) -> (cell: Int, abreast: Int)? {
        let (columns, rows) = (tables[0].columns, tables[0].rows)
        // Rather beside each other than with a free column between the numbers.
        for cells in [[6, 5], [4]] {
            for abreast in (1...tables.count).reversed() {
                let lines = (tables.count + abreast - 1) / abreast
                guard lines * (rows + 2) - 1 <= rect.height else { continue }
                let cell = cells.first { abreast * (columns * $0 + Self.gap) - Self.gap <= rect.width }
                if let cell { return (cell, abreast) }
            }
        }
        return nil
    }

    /// - Parameter spared: rows that pictures in place of numbers leave free.
    /// - Returns: the rows that were used, and whether the numbers stand there.
    func draw(
        into canvas: inout Canvas, _ rect: Rect, spared: Int = 0, _ context: PlotContext
    ) -> (rows: Int, hasNumbers: Bool) {
        let (columns, rows) = (tables[0].columns, tables[0].rows)
        let sign = Style(.rgb(context.theme.accent), bold: true)
        if let (cell, abreast) = fitting(rect) {
            for (index, table) in tables.enumerated() {
                let x = rect.x + index % abreast * (columns * cell + Self.gap)
                let y = rect.y + index / abreast * (rows + 2)
                table.draw(into: &canvas, x: x, y: y, cell: cell, context)
                if index < signs.count {
                    canvas.write(
                        signs[index], x: x + columns * cell + 1, y: y + 1 + (rows - 1) / 2, style: sign,
                        limit: rect.maxX - x - columns * cell - 1)
                }
            }
            return ((tables.count + abreast - 1) / abreast * (rows + 2) - 1, true)
        }
        let abreast = min(tables.count, max(1, (rect.width + Self.gap) / (columns + Self.gap)))
        let height = (rows + 1) / 2 + 1
        let lines = min((tables.count + abreast - 1) / abreast, max(0, rect.height - spared) / height)
        for (index, table) in tables.prefix(lines * abreast).enumerated() {
            let x = rect.x + index % abreast * (columns + Self.gap)
            let y = rect.y + index / abreast * height
            table.drawPicture(into: &canvas, x: x, y: y, context)
            if index < signs.count, index % abreast + 1 < abreast {
                canvas.write(signs[index], x: x + columns + 1, y: y + 1 + (height - 2) / 2, style: sign)
            }
        }
        return (lines * height, false)
    }
}

/// One line of a sum: a name, a number, and a bar for it.
struct NumberLine {
    var name: String
    /// The numbers before the last one: a factor and another.
    var factors: [Float] = []
    var value: Float?
    var bar: Float?
    var isMarked = false
    var isResult = false
    /// In place of the number's own text.
    var text: String?
    /// Where there is no room for both, the factors stand there in place of the bar.
    var needsFactors = false
}

/// Lines of numbers below each other.
struct NumberLines {
    let context: PlotContext
    /// The columns of a number.
    private static let number = 9

    static func text(_ value: Float, decimals: Int = 3) -> String {
        // A gradient may be small: its first digits are shown, not zeros.
        if decimals > 3, value != 0, abs(value) < 0.01 { return formatNumber(Double(value), digits: 3) }
        return abs(value) < 1000
            ? formatFixed(Double(value), decimals: decimals) : formatNumber(Double(value), digits: 4)
    }

    /// The columns that a line has for its name.
    static func nameRoom(beside value: Float, width: Int) -> Int {
        width - max(number, columnWidth(text(value)) + 1)
    }

    /// A product with its factors, so that it can be checked by hand where there is room: four digits behind the point.
    private func factors(_ line: NumberLine, decimals: Int) -> String {
        line.factors.map { factor in
            // A small one by its first digits, so that the product can be checked.
            let isSmall = decimals > 3 && factor != 0 && abs(factor) < 0.01
            return isSmall
                ? formatNumber(Double(factor), digits: 3)
                : formatFitting(factor, columns: decimals + 4, decimals: decimals)
        }.joined(separator: " · ") + " ="
    }

    /// Digits behind the point, at least; with more than three small numbers have their first digits.
    var decimals = 3
    /// The value that a bar as long as half of the room stands for.
    var largest: Float = 1
    /// The columns of bars and the digits of factors that all lines of a table have room for; nil: each line has its own.
    private var fitted: (bar: Int, digits: Int?)?
    /// Whether lines have bars where there is room: not in a table that has none for bars beside its factors.
    private var hasBars = true

    init(context: PlotContext, decimals: Int = 3) { (self.context, self.decimals) = (context, decimals) }

    /// Gives all lines of a table the same digits behind the points of their factors, four where there is room: rather than bars
    /// where the factors are needed.
    mutating func fit(_ lines: [NumberLine], width: Int) {
        let products = lines.filter { !$0.factors.isEmpty }
        guard !products.isEmpty else { return }
        let widest = width >= 30 && lines.contains { $0.bar != nil } ? min(16, width / 3) : 0
        let needsFactors = products.contains { $0.needsFactors }
        let names = lines.map { min(14, columnWidth($0.name)) }.max()!
        for digits in [4, 3, 2] {
            let factors = products.map { columnWidth(self.factors($0, decimals: digits)) }.max()!
            let values = lines.map { max(Self.number, columnWidth(valueText($0, digits: digits) ?? "") + 1) }.max()!
            for bar in [widest, min(widest, 10), 0] where bar > 0 || widest == 0 || needsFactors {
                if names + 1 + factors + values + (bar > 0 ? bar + 1 : 0) <= width {
                    fitted = (bar, digits)
                    return
                }
            }
        }
        fitted = needsFactors ? nil : (bar: widest, digits: nil)
        hasBars = !needsFactors
    }

    private func valueText(_ line: NumberLine, digits: Int?) -> String? {
        line.text ?? line.value.map { Self.text($0, decimals: max(decimals, digits ?? 3)) }
    }

    /// Lines one below the other, from row `y` on.
    /// - Parameter end: the first row that they do not have.
    /// - Returns: the row below the last line.
    func draw(into canvas: inout Canvas, _ lines: [NumberLine], x: Int, y: Int, end: Int, width: Int) -> Int {
        var y = y
        for line in lines where y < end {
            draw(into: &canvas, line, x: x, y: y, width: width)
            y += 1
        }
        return y
    }

    /// Lines as far as they have room, with the marked one in sight, and below a free row the results.
    /// - Returns: the rows that are used.
    func draw(
        into canvas: inout Canvas, _ rect: Rect, _ lines: [NumberLine], around marked: Int, results: [NumberLine]
    ) -> Int {
        let room = max(1, rect.height - results.count - 1)
        let first = min(max(0, marked - room / 2), max(0, lines.count - room))
        let shown = Array(lines.dropFirst(first).prefix(room))
        let y = draw(into: &canvas, shown, x: rect.x, y: rect.y, end: rect.y + room, width: rect.width) + 1
        return draw(into: &canvas, results, x: rect.x, y: y, end: rect.maxY, width: min(rect.width, 40)) - rect.y
    }

    /// Lines in their order where all have room, else the largest of them, and one for the others together.
    /// - Parameters:
    ///   - rows: that they have room for.
    ///   - end: the first row that they do not have.
    ///   - sumsHaveBars: the line of the others has a bar.
    /// - Returns: the row below the last line.
    func drawLargest(
        into canvas: inout Canvas, _ lines: [NumberLine], x: Int, y: Int, rows: Int, end: Int, width: Int,
        sumsHaveBars: Bool
    ) -> Int {
        func size(_ place: Int) -> Float { abs(lines[place].value ?? 0) }
        let isWhole = lines.count <= rows
        let order = lines.indices.sorted { (-size($0), $0) < (-size($1), $1) }
        let shown = isWhole ? Array(lines.indices) : order.prefix(max(1, rows - 1)).sorted()
        let y = draw(into: &canvas, shown.map { lines[$0] }, x: x, y: y, end: end, width: width)
        guard !isWhole, y < end else { return y }
        let rest = order.dropFirst(shown.count).reduce(Float(0)) { $0 + (lines[$1].value ?? 0) }
        let others = NumberLine(
            name: "\(lines.count - shown.count) smaller", value: rest, bar: sumsHaveBars ? rest : nil)
        draw(into: &canvas, others, x: x, y: y, width: width)
        return y + 1
    }

    func draw(into canvas: inout Canvas, _ line: NumberLine, x: Int, y: Int, width: Int) {
        let theme = context.theme
        let ground: Color = line.isMarked ? theme.selection : .standard
        if line.isMarked {
            canvas.fill(Rect(x: x, y: y, width: width, height: 1), with: Cell(" ", Style(on: ground)))
        }
        let emphasis = line.isResult || line.isMarked
        let style = Style(
            emphasis ? .rgb(theme.accent) : theme.text, on: ground, bold: emphasis,
            reverse: line.isMarked && context.colorless)
        let quiet = Style(line.isMarked ? theme.text : theme.quiet, on: ground)
        var end = x + width
        let barRoom = hasBars && line.bar != nil && width >= 30 ? fitted?.bar ?? min(16, width / 3) : 0
        // The factors with as many digits as have room beside the name.
        func digits(without columns: Int) -> Int? {
            guard !line.factors.isEmpty else { return nil }
            if let fitted { return fitted.digits }
            return [4, 3, 2].first { decimals in
                width - columns - Self.number - columnWidth(factors(line, decimals: decimals)) >= 9
            }
        }
        var decimals = digits(without: barRoom > 0 ? barRoom + 1 : 0)
        if let bar = line.bar, barRoom > 0,
            fitted != nil || decimals != nil || !line.needsFactors || line.factors.isEmpty
        {
            drawSignedBar(into: &canvas, bar, x: end - barRoom, y: y, width: barRoom, on: ground)
            end -= barRoom + 1
        } else {
            decimals = digits(without: 0)
        }
        if let text = valueText(line, digits: decimals) {
            canvas.writeRight(text, maxX: end, y: y, style: style)
            end -= max(Self.number, columnWidth(text) + 1)
        }
        if let decimals {
            let words = factors(line, decimals: decimals)
            canvas.writeRight(words, maxX: end, y: y, style: quiet)
            end -= columnWidth(words) + 1
        }
        canvas.write(line.name, x: x, y: y, style: line.isResult ? style : quiet, limit: max(0, end - x))
    }

    /// To the right of the middle for a positive value, to the left for a negative one.
    private func drawSignedBar(into canvas: inout Canvas, _ value: Float, x: Int, y: Int, width: Int, on ground: Color)
    {
        let half = width / 2
        let share = largest > 0 && value.isFinite ? min(1, abs(value) / largest) : 0
        let eighths = Int(bounded: (share * Float(half * 8)).rounded())
        let hue = value < 0 ? context.theme.negative : context.theme.positive
        let plain = context.ascii || context.colorless
        canvas[x + half, y] = Cell(context.ascii ? "|" : "│", Style(context.theme.faint, on: ground))
        for column in 0..<half {
            let part = min(8, eighths - 8 * column)
            guard part > 0 else { break }
            let place = value < 0 ? x + half - 1 - column : x + half + 1 + column
            if plain {
                if part >= 4 { canvas[place, y] = Cell(value < 0 ? "-" : "+", Style(.rgb(hue), on: ground)) }
            } else if value < 0 {
                // A block that leaves its left part free is the same block in the ground's colour, reversed.
                canvas[place, y] =
                    part == 8
                    ? Cell(" ", Style(on: .rgb(hue)))
                    : part >= 4 ? Cell("▐", Style(.rgb(hue), on: ground)) : Cell("▕", Style(.rgb(hue), on: ground))
            } else {
                canvas[place, y] = Cell(Unicode.Scalar(0x2590 - UInt32(part))!, Style(.rgb(hue), on: ground))
            }
        }
    }
}

/// Lights a part of a picture that fills `rect`: its own place wholly, others as if through coloured glass.
/// - Parameters:
///   - part: rows and columns of the image, of which a shrunk picture has fewer.
///   - rows, columns: of the image.
func drawLight(
    into canvas: inout Canvas, _ rect: Rect, _ part: ImagePart, rows: Int, columns: Int, isOwn: Bool,
    _ context: PlotContext
) {
    guard !rect.isEmpty, part.rows.upperBound <= rows, part.columns.upperBound <= columns else { return }
    func lit(_ part: Range<Int>, _ count: Int, _ size: Int) -> ClosedRange<Int> {
        let first = part.lowerBound * size / count
        return first...max(first, (part.upperBound * size + count - 1) / count - 1)
    }
    let (across, down) = (lit(part.columns, columns, rect.width), lit(part.rows, rows, 2 * rect.height))
    let accent = context.theme.accent
    let plain = context.colorless || context.ascii
    for y in down.lowerBound / 2...min(down.upperBound / 2, rect.height - 1) {
        for x in across.lowerBound...min(across.upperBound, rect.width - 1) {
            let (column, row) = (rect.x + x, rect.y + y)
            var cell = canvas[column, row]
            if plain {
                if context.colorless {
                    cell.style = Style(bold: isOwn, reverse: true)
                } else if case .rgb(let ground) = cell.style.background {
                    cell.style.background = .rgb(mixColors(ground, accent, isOwn ? 1 : 0.5))
                }
                if isOwn { cell.scalar = context.ascii ? "@" : "◆" }
            } else {
                func mixed(lower: Bool) -> Color {
                    let color = canvas.backdrop(x: column, y: row, lower: lower)
                    guard down.contains(2 * y + (lower ? 1 : 0)) else { return color }
                    guard case .rgb(let own) = color, !isOwn else { return .rgb(accent) }
                    return .rgb(mixColors(own, accent, 0.5))
                }
                let (top, bottom) = (mixed(lower: false), mixed(lower: true))
                cell = top == bottom ? Cell(" ", Style(on: top)) : Cell("▀", Style(top, on: bottom))
            }
            canvas[column, row] = cell
        }
    }
}

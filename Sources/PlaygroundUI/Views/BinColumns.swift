import TerminalKit

/// How many of something lie in each of some bins: a column for each, above an axis in the last row.
struct BinColumns {
    var counts: [Int]
    /// The columns of the screen that the plot takes.
    var width: Int
    /// The numbers at both ends of the axis.
    var ends: (low: String, high: String)
    /// The axis's names, the longest first; the first one that fits stands between the numbers.
    var names: [String]
    /// The colour of a column, by its place from 0 to 1.
    var ink: (Double) -> Color

    func draw(into canvas: inout Canvas, _ rect: Rect, _ context: PlotContext) {
        let most = counts.max() ?? 0
        guard most > 0, rect.height >= 2 else { return }
        var dots = DotPlot(width: width, height: rect.height - 1, capabilities: context.capabilities)
        for column in 0..<dots.dotWidth {
            let count = counts[column * counts.count / dots.dotWidth]
            guard count > 0 else { continue }
            let height = Double(count) / Double(most) * Double(dots.dotHeight)
            let (x, bottom) = (Double(column) + 0.5, Double(dots.dotHeight) + 0.5)
            dots.line(
                x, bottom - 1, x, bottom - max(1, height),
                style: Style(ink(Double(column) / Double(dots.dotWidth))), weight: 1, step: 1)
        }
        dots.draw(into: &canvas, x: rect.x, y: rect.y)
        let (y, quiet) = (rect.maxY - 1, context.axisStyle)
        canvas.write(ends.low, x: rect.x, y: y, style: quiet)
        canvas.writeRight(ends.high, maxX: rect.x + dots.width, y: y, style: quiet)
        let name = names.first {
            columnWidth($0) + columnWidth(ends.low) + columnWidth(ends.high) + 4 <= dots.width
        }
        if let name { canvas.writeCentred(name, x: rect.x, width: dots.width, y: y, style: quiet) }
    }
}

extension PlotContext {
    /// A bar as long as a share of the room; something that is there at all has a column.
    func drawShare(_ share: Double, of color: UInt32, into canvas: inout Canvas, x: Int, y: Int, width: Int) {
        canvas.fill(
            Rect(x: x, y: y, width: max(1, Int(bounded: share * Double(width))), height: 1),
            with: colorless ? Cell("=") : Cell(ascii ? "=" : "█", Style(.rgb(color))))
    }
}

import TerminalKit

/// A histogram around 0 as columns of blocks in the colours of both signs.
///
/// A column's height is the square root of its count: the few large values are to be seen beside the many small ones.
struct HistogramColumns {
    /// One for each column of the plot, from the largest negative values to the largest positive ones.
    let counts: [Double]

    func draw(into canvas: inout Canvas, _ plot: Rect, _ context: PlotContext) {
        let most = counts.max()?.squareRoot() ?? 1
        for (column, count) in counts.enumerated() where count > 0 {
            let height = max(1, Int((count.squareRoot() / most * Double(8 * plot.height)).rounded()))
            let sign = (2 * Float(column) + 1) / Float(counts.count) - 1
            for line in 0..<plot.height {
                let part = min(8, height - 8 * line)
                guard part > 0 else { break }
                let glyph: Unicode.Scalar =
                    context.ascii ? (part >= 4 ? "#" : ".") : Unicode.Scalar(0x2580 + UInt32(part))!
                canvas[plot.x + column, plot.maxY - 1 - line] = Cell(
                    glyph, Style(.rgb(context.color(ofSign: sign, strength: 1))))
            }
        }
    }
}

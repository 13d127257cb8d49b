import TerminalKit

/// A histogram around 0 as columns of blocks in the colours of both signs.
///
/// A column's height is the square root of its count: the few large values are to be seen beside the many small ones.
struct HistogramColumns {
    /// One for each bin, from the largest negative values to the largest positive ones.
    let counts: [Double]

    /// The counts of so many bins as there are columns, at most: each takes its share of those that it covers, else some would
    /// look twice as full as their neighbours.
    static func fitting(_ counts: [Double], columns: Int) -> [Double] {
        guard counts.count > columns, columns > 0 else { return counts }
        var wider = [Double](repeating: 0, count: columns)
        for (bin, count) in counts.enumerated() {
            // In parts of a bin, of which it has as many as there are columns, and a column as many as there are bins.
            var part = bin * columns
            while part < (bin + 1) * columns {
                let column = part / counts.count
                let end = min((bin + 1) * columns, (column + 1) * counts.count)
                wider[column] += count * Double(end - part) / Double(columns)
                part = end
            }
        }
        return wider
    }

    func draw(into canvas: inout Canvas, _ plot: Rect, _ context: PlotContext) {
        let counts = Self.fitting(counts, columns: plot.width)
        let most = counts.max()?.squareRoot() ?? 1
        for column in 0..<plot.width where !counts.isEmpty {
            // A bin is as many columns wide as there are for it.
            let bin = column * counts.count / plot.width
            let count = counts[bin]
            guard count > 0 else { continue }
            let height = max(1, Int((count.squareRoot() / most * Double(8 * plot.height)).rounded()))
            let sign = (2 * Float(bin) + 1) / Float(counts.count) - 1
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

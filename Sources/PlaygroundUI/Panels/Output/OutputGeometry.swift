import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// Where the parts of the output plot stand in its panel.
struct OutputGeometry: Sendable, Hashable {
    /// The heat map or the curve.
    var plot: Rect
    /// The row of the x axis' numbers, and those of legend and readout; nil: no room.
    var axisRow: Int?
    var legend: Rect?

    /// - Parameter rect: the panel with its title row.
    init(rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        let labels =
            context.columns.count > 1
            ? Self.labels(context.yRange) : Self.curveAxis(context, height: content.height).labels + ["−0.00"]
        let labelWidth = content.width >= 24 ? (labels.map(columnWidth).max() ?? 0) + 2 : 1
        let legendWidth = content.width - labelWidth - 1
        let wantedRows =
            context.showsLegend && content.height >= 10 ? OutputLegend.height(width: legendWidth, context: context) : 0
        let legendRows = min(wantedRows, max(1, content.height / 4))
        let axisRows = content.height >= 6 ? 1 + legendRows : 0
        let room = Rect(
            x: content.x + labelWidth, y: content.y, width: max(0, content.width - labelWidth - 1),
            height: max(0, content.height - axisRows))
        // In the middle of what is left over, so that the axis' numbers stay beside it.
        plot =
            context.columns.count > 1
            ? proportioned(room, width: context.xRange.span, height: context.yRange.span) : room
        axisRow = axisRows > 0 ? plot.maxY : nil
        // Rows that the plot's proportions leave over are the legend's too, and it begins below the plot's edge where
        // that costs no row.
        let below = content.maxY - plot.maxY - 1
        let fromEdge = content.maxX - 1 - plot.x
        let isAligned = legendRows > 0 && OutputLegend.height(width: fromEdge, context: context) == wantedRows
        legend =
            legendRows > 0
            ? Rect(
                x: isAligned ? plot.x : content.x + labelWidth, y: plot.maxY + 1,
                width: isAligned ? fromEdge : legendWidth, height: min(wantedRows, max(legendRows, below))) : nil
    }

    /// The pixels of the plot: two per cell, for a curve two samples per cell.
    func pixels(curve: Bool) -> ViewRequest.Size {
        ViewRequest.Size(columns: plot.width * (curve ? 2 : 1), rows: plot.height * 2)
    }

    /// The range's ends and its middle.
    static func labels(_ range: ClosedRange<Float>) -> [String] {
        [range.lowerBound, (range.lowerBound + range.upperBound) / 2, range.upperBound].map {
            formatNumber(Double($0), digits: 3)
        }
    }

    /// The axis of a curve's values.
    static func curveAxis(_ context: PlotContext, height: Int) -> Axis {
        Axis(
            from: Double(context.yRange.lowerBound), to: Double(context.yRange.upperBound),
            count: max(2, min(5, height / 4)))
    }

    /// The cell of a place 0…1 from the left and from below; nil outside.
    func cell(x: Float, y: Float) -> (x: Int, y: Int)? {
        guard x >= 0, x <= 1, y >= 0, y <= 1, !plot.isEmpty else { return nil }
        return (
            plot.x + min(plot.width - 1, Int(bounded: x * Float(plot.width))),
            plot.y + min(plot.height - 1, Int(bounded: (1 - y) * Float(plot.height)))
        )
    }

    /// The place of a cell's middle, 0…1 from the left and from below.
    func place(x: Int, y: Int) -> PlotPlace? {
        guard plot.contains(x: x, y: y) else { return nil }
        return PlotPlace(
            x: (Double(x - plot.x) + 0.5) / Double(plot.width), y: 1 - (Double(y - plot.y) + 0.5) / Double(plot.height))
    }
}

/// The largest part of `room`, in the middle of its top, in which one unit is as long down as across, a cell being twice
/// as high as wide. Where one of the two spans is three times the other, or no number, each fills its axis.
func proportioned(_ room: Rect, width: Float, height: Float) -> Rect {
    let ratio = Double(width) / Double(height)
    guard ratio > 1 / 3, ratio < 3, !room.isEmpty else { return room }
    let rows = max(1, min(Double(room.height), Double(room.width) / (2 * ratio)).rounded(.down))
    let columns = max(1, min(room.width, Int(bounded: (2 * rows * ratio).rounded())))
    return Rect(x: room.x + (room.width - columns) / 2, y: room.y, width: columns, height: Int(bounded: rows))
}

extension PlotContext {
    /// - Parameter rect: the panel with its title row.
    func outputGeometry(_ rect: Rect) -> OutputGeometry {
        func make() -> OutputGeometry { OutputGeometry(rect: rect, context: self) }
        return cache?.once(.output(rect), make: make) ?? make()
    }

    /// The span of the output plot's axes.
    var xRange: ClosedRange<Float> { snapshot.data.columns[columns[0]].range }
    var yRange: ClosedRange<Float> {
        if columns.count > 1 { return snapshot.data.columns[columns[1]].range }
        return shown?.boundary?.yRange ?? -1...1
    }
}

extension ClosedRange<Float> {
    func fraction(of value: Float) -> Float {
        upperBound > lowerBound ? (value - lowerBound) / (upperBound - lowerBound) : 0.5
    }
    func value(at fraction: Double) -> Float { lowerBound + (upperBound - lowerBound) * Float(fraction) }
}

import Basics
import Engine
import Session
import TerminalKit

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The map of a plane in words: the lines and closed curves where the answer changes, or the regions of each answer.
struct BoundaryWords {
    private let boundary: Boundary
    private let context: PlotContext
    private let (columns, rows): (Int, Int)
    /// The answer in each cell, row after row from the top: of one value 0 below its middle and 1 above; −1: no number.
    private let kinds: [Int]

    /// A part of the plane with one answer.
    private struct Region {
        var kind: Int
        var cells: [Int] = []
        var touchesBorder = false
    }

    /// Parts of the plane smaller than this share are specks.
    private static let leastShare = 0.004
    /// The part of the plane's size by which a straight line may miss the boundary.
    private static let straightness = 0.025

    /// nil: the picture is not there, or is no plane.
    init?(_ context: PlotContext) {
        guard let boundary = context.shown?.boundary, boundary.columns.count == 2, boundary.size.count > 0,
            boundary.field.count == boundary.size.count
        else { return nil }
        (self.boundary, self.context) = (boundary, context)
        (columns, rows) = (boundary.size.columns, boundary.size.rows)
        kinds =
            boundary.field.values.isEmpty
            ? boundary.field.classes : boundary.field.values.map { $0.isNaN ? -1 : $0 < 0 ? 0 : 1 }
    }

    // MARK: Places

    private var width: Double { Double(boundary.xRange.upperBound - boundary.xRange.lowerBound) }
    private var height: Double { Double(boundary.yRange.upperBound - boundary.yRange.lowerBound) }

    /// The middle of a cell in the data's units; both may lie between cells.
    private func place(_ column: Double, _ row: Double) -> SIMD2<Double> {
        SIMD2(
            Double(boundary.xRange.lowerBound) + (column + 0.5) / Double(columns) * width,
            Double(boundary.yRange.upperBound) - (row + 0.5) / Double(rows) * height)
    }

    private func number(_ value: Double, _ range: Double) -> String {
        let decimals = range >= 100 ? 0 : range >= 5 ? 1 : range >= 0.5 ? 2 : 4
        let text = formatFixed(value, decimals: decimals)
        // No minus stands before nothing.
        return text.allSatisfy { "−-0.".contains($0) } ? formatFixed(0, decimals: decimals) : text
    }

    private func text(_ place: SIMD2<Double>) -> String { "(\(number(place.x, width)), \(number(place.y, height)))" }

    // MARK: Names

    private func name(_ kind: Int) -> String {
        if !boundary.field.values.isEmpty {
            let color = kind == 0 ? "orange" : "blue"
            if context.neuron != nil { return "\(color), \(kind == 0 ? "negative" : "positive")," }
            if case .classification = context.snapshot.network.task {
                let name = context.className(kind)
                return Double(name.replacing("−", with: "-")) == nil ? "\(color) (\(name))" : color
            }
            let middle = formatNumber(Double(boundary.scale.original(0)), digits: 3)
            return "\(color) (\(kind == 0 ? "below" : "above") \(middle))"
        }
        return kind < 0 ? "no answer" : context.className(kind)
    }

    // MARK: Regions

    private var regions: [Region] {
        var regions: [Region] = []
        var seen = [Bool](repeating: false, count: kinds.count)
        for start in kinds.indices where !seen[start] {
            var region = Region(kind: kinds[start])
            var edge = [start]
            seen[start] = true
            while let cell = edge.popLast() {
                region.cells.append(cell)
                let (column, row) = (cell % columns, cell / columns)
                if column == 0 || row == 0 || column == columns - 1 || row == rows - 1 { region.touchesBorder = true }
                for next in neighbours(column, row) where !seen[next] && kinds[next] == region.kind {
                    seen[next] = true
                    edge.append(next)
                }
            }
            regions.append(region)
        }
        return regions
    }

    private func neighbours(_ column: Int, _ row: Int) -> [Int] {
        var cells: [Int] = []
        if column > 0 { cells.append(row * columns + column - 1) }
        if column < columns - 1 { cells.append(row * columns + column + 1) }
        if row > 0 { cells.append((row - 1) * columns + column) }
        if row < rows - 1 { cells.append((row + 1) * columns + column) }
        return cells
    }

    private func middle(_ region: Region) -> SIMD2<Double> {
        let sum = region.cells.reduce(SIMD2<Double>(0, 0)) { $0 + place(Double($1 % columns), Double($1 / columns)) }
        return sum / Double(region.cells.count)
    }

    /// The places where the answer changes around a region, between two cells as far as the values tell.
    private func outline(_ region: Region) -> [SIMD2<Double>] {
        var points: [SIMD2<Double>] = []
        for cell in region.cells {
            let (column, row) = (cell % columns, cell / columns)
            for next in neighbours(column, row) where kinds[next] != region.kind {
                var share = 0.5
                if !boundary.field.values.isEmpty {
                    let (one, other) = (Double(boundary.field.values[cell]), Double(boundary.field.values[next]))
                    if (one < 0) != (other < 0), one.isFinite, other.isFinite { share = one / (one - other) }
                }
                points.append(
                    place(
                        Double(column) + share * Double(next % columns - column),
                        Double(row) + share * Double(next / columns - row)))
            }
        }
        return points
    }

    // MARK: Sentences

    /// One sentence for each line, curve or answer.
    var lines: [String] {
        let all = regions
        let least = Self.leastShare * Double(kinds.count)
        let shown = all.filter { Double($0.cells.count) >= least && $0.kind >= 0 }
        let specks = all.count - shown.count
        guard let first = shown.first else { return ["the network gives no numbers here"] }
        var lines: [String]
        if shown.count == 1 {
            lines = ["\(name(first.kind)) everywhere"]
        } else if shown.count == 2, let inside = shown.first(where: { !$0.touchesBorder }) {
            lines = [closedCurve(inside)]
        } else if shown.count == 2 {
            // The positive answer is told, as what the network says yes to.
            lines = [open(shown.max { $0.kind < $1.kind }!)]
        } else {
            lines = Set(shown.map(\.kind)).sorted().reversed().map { kind in parts(shown.filter { $0.kind == kind }) }
        }
        if specks > 0 { lines.append("\(plural(specks, "speck")) of other answers") }
        return lines
    }

    private func closedCurve(_ region: Region) -> String {
        let points = outline(region)
        let middle = points.reduce(SIMD2<Double>(0, 0), +) / Double(max(1, points.count))
        let radii = points.map { (($0 - middle) * ($0 - middle)).sum().squareRoot() }
        let (low, high) = (radii.min() ?? 0, radii.max() ?? 0)
        let around = "\(name(region.kind)) inside a closed curve around \(text(middle))"
        return "\(around), radius \(number(low, width)) to \(number(high, width))"
    }

    /// The boundary from one side of the plane to another: a line, or a curve.
    private func open(_ region: Region) -> String {
        let points = outline(region)
        guard points.count > 1 else { return parts([region]) }
        // Both axes are as long as the plane.
        let size = SIMD2(width, height)
        let middle = points.reduce(SIMD2<Double>(0, 0), +) / Double(points.count)
        var (xx, xy, yy) = (0.0, 0.0, 0.0)
        for point in points {
            let d = (point - middle) / size
            (xx, xy, yy) = (xx + d.x * d.x, xy + d.x * d.y, yy + d.y * d.y)
        }
        // The direction in which they are spread most.
        let angle = 0.5 * atan2(2 * xy, xx - yy)
        let along = SIMD2(cos(angle), sin(angle))
        let across = SIMD2(-along.y, along.x)
        let places = points.map { (($0 - middle) / size * along).sum() }
        let distances = points.map { abs((($0 - middle) / size * across).sum()) }
        let side = ((self.middle(region) - middle) / size * across).sum() < 0 ? -1.0 : 1.0
        let normal = across * side
        let isLevel = abs(normal.y) > 0.4
        let word = isLevel ? (normal.y > 0 ? "above" : "below") : normal.x > 0 ? "right of" : "left of"
        func ends(_ one: SIMD2<Double>, _ other: SIMD2<Double>) -> [SIMD2<Double>] {
            (isLevel ? one.x <= other.x : one.y <= other.y) ? [one, other] : [other, one]
        }
        if (distances.max() ?? 0) <= Self.straightness {
            let ends = clipped(middle, along * size).map { ends($0.0, $0.1) } ?? []
            guard ends.count == 2 else { return parts([region]) }
            return "\(name(region.kind)) \(word) the line from \(text(ends[0])) to \(text(ends[1]))"
        }
        let order = places.indices.sorted { places[$0] < places[$1] }
        let tips = ends(points[order.first!], points[order.last!])
        let half = (places[order.first!] + places[order.last!]) / 2
        let between = order.min { abs(places[$0] - half) < abs(places[$1] - half) }!
        return
            "\(name(region.kind)) \(word) the curve from \(text(tips[0])) over \(text(points[between])) to \(text(tips[1]))"
    }

    /// The part of a line that lies in the plane.
    private func clipped(_ middle: SIMD2<Double>, _ along: SIMD2<Double>) -> (SIMD2<Double>, SIMD2<Double>)? {
        var (from, to) = (-Double.infinity, Double.infinity)
        let low = SIMD2(Double(boundary.xRange.lowerBound), Double(boundary.yRange.lowerBound))
        let high = SIMD2(Double(boundary.xRange.upperBound), Double(boundary.yRange.upperBound))
        for axis in 0..<2 where abs(along[axis]) > 1e-12 {
            let (one, other) = ((low[axis] - middle[axis]) / along[axis], (high[axis] - middle[axis]) / along[axis])
            (from, to) = (max(from, min(one, other)), min(to, max(one, other)))
        }
        guard from < to, from.isFinite, to.isFinite else { return nil }
        return (middle + along * from, middle + along * to)
    }

    /// The regions of one answer with their sizes and middles, the largest first.
    private func parts(_ regions: [Region]) -> String {
        let all = regions.sorted { $0.cells.count > $1.cells.count }
        func share(_ region: Region) -> String {
            "\(formatFixed(100 * Double(region.cells.count) / Double(kinds.count), decimals: 0)) % of the plane"
        }
        let words = all.prefix(4).map { region in
            region.touchesBorder
                ? "\(share(region)) around \(text(middle(region)))"
                : "\(share(region)) within a closed curve around \(text(middle(region)))"
        }
        let rest = all.count > 4 ? "; and \(all.count - 4) more" : ""
        let count = all.count == 1 ? "" : " in \(all.count) parts"
        return "\(name(all[0].kind))\(count): \(words.joined(separator: "; "))\(rest)"
    }
}

/// The output over the plane or over one column in words, with how well it does.
enum OutputWords {
    @Sendable static func plane(_ context: PlotContext) -> [String] {
        guard let words = BoundaryWords(context) else { return [] }
        var lines = words.lines
        lines[0] += context.scoreWords.map { ", \($0)" } ?? ""
        return lines + mistakes(context)
    }

    private static func mistakes(_ context: PlotContext) -> [String] {
        guard context.neuron == nil, let mistakes = context.shown?.mistakes, !mistakes.train.isEmpty else { return [] }
        func words(_ wrong: [Bool], _ set: String) -> String? {
            wrong.isEmpty ? nil : "\(formatCount(wrong.count { $0 })) of \(plural(wrong.count, "\(set) point"))"
        }
        let parts = [words(mistakes.train, "training"), words(mistakes.test, "test")].compactMap(\.self)
        return ["on the wrong side: \(parts.joined(separator: ", "))"]
    }

    /// The answer at five places, and where it is largest and smallest.
    @Sendable static func curve(_ context: PlotContext) -> [String] {
        guard let boundary = context.shown?.boundary, boundary.columns.count == 1, !boundary.curves.isEmpty else {
            return []
        }
        let (low, high) = (Double(boundary.xRange.lowerBound), Double(boundary.xRange.upperBound))
        var lines = boundary.curves.enumerated().compactMap { index, values -> String? in
            guard values.count > 1 else { return nil }
            func x(_ place: Int) -> Double { low + (high - low) * Double(place) / Double(values.count - 1) }
            func point(_ place: Int) -> String {
                "\(formatNumber(Double(values[place]), digits: 3)) at \(formatNumber(x(place), digits: 3))"
            }
            let places = (0...4).map { $0 * (values.count - 1) / 4 }
            let top = values.indices.max { values[$0] < values[$1] }!
            let bottom = values.indices.min { values[$0] < values[$1] }!
            let name = boundary.curves.count > 1 ? context.className(index) : "the answer"
            return "\(name) is \(places.map(point).joined(separator: ", ")); least \(point(bottom)), most \(point(top))"
        }
        if let score = context.scoreWords { lines.append(score) }
        return lines
    }
}

extension PlotContext {
    /// "accuracy 0.94, loss 0.12", on samples that were not learned where there are some; nil: nothing is measured.
    var scoreWords: String? {
        guard let evaluation = snapshot.evaluation else { return nil }
        var words: [String] = []
        if let accuracy = evaluation.testAccuracy ?? evaluation.trainAccuracy {
            words.append("accuracy \(formatNumber(accuracy, digits: 3))")
        }
        words.append("loss \(formatNumber(Double(evaluation.testLoss ?? evaluation.trainLoss), digits: 3))")
        return words.joined(separator: ", ")
    }
}

import Basics
import Engine
import Session
import TerminalKit

/// The links between two rows of tiles.
struct NetworkLinks {
    let layout: StackLayout
    let geometry: NetworkGeometry
    let context: PlotContext
    let cursor: NetworkCursor?
    /// The walk through one sample, which gives the links other numbers than their weights'; nil: there is none.
    private let trace: TraceTile?
    /// The links that a walk lights, its own first.
    private let lit: [NetworkCursor]

    init(layout: StackLayout, geometry: NetworkGeometry, context: PlotContext, cursor: NetworkCursor?) {
        (self.layout, self.geometry, self.context, self.cursor) = (layout, geometry, context, cursor)
        let scene = WalkScene(context)
        trace = TraceTile(scene)
        lit = scene.map { $0.walk.links($0) } ?? []
    }

    private struct Link {
        var layer: LayerPath
        var from: Int
        var unit: Int
        var weight: Float
        /// 0…1: the weight's size against the layer's largest.
        var strength: Float
        /// The tiles' middles, in dots of the whole canvas.
        var x0: Double
        var y0: Double
        var x1: Double
        var y1: Double
    }

    /// So many links of a pair of layers are drawn at most, the strongest ones.
    private static let limit = 160
    /// The share of the dots between two layers that their links may light: with more they would be a block of colour.
    private static let density = 0.35
    /// Between layers that are closer there is no room for lines.
    static let leastRows = 2

    func draw(into canvas: inout Canvas) {
        let places = layout.rows.map(\.tiles)
        guard let left = places.map(\.x).min(), let right = places.map(\.maxX).max(),
            let top = places.map(\.y).min(), let bottom = places.map(\.maxY).max()
        else { return }
        let theme = context.theme
        let area = Rect(x: left, y: top, width: right - left, height: bottom - top)
        // Among many, the stronger links lie above the weaker ones: where they pass, dots of others would blur them.
        let links = links()
        let crowded = links.count > 24
        let litOnes = Set(lit)
        var bands = (0..<(crowded ? 3 : 1)).map { _ in
            DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        }
        for link in links {
            let place = NetworkCursor(layer: link.layer, unit: link.unit, from: link.from)
            let chosen =
                lit.first == place
                || cursor.map { cursor in
                    cursor.layer == link.layer && cursor.unit == link.unit && cursor.from == link.from
                } ?? false
            let isLit = chosen || litOnes.contains(place)
            // The links of the unit under the cursor stand out, the others recede.
            let related =
                cursor.map { cursor in
                    cursor.from != nil || cursor.layer.isInput || cursor.layer == link.layer && cursor.unit == link.unit
                        || context.snapshot.outline.source(of: link.layer) == cursor.layer && cursor.unit == link.from
                } ?? (lit.isEmpty || isLit)
            let brightness = (0.2 + 0.8 * link.strength) * (related ? 1 : 0.45)
            let color = isLit ? theme.accent : context.color(ofSign: link.weight, strength: brightness)
            let weight = chosen ? 255 : isLit ? 252 : UInt8(bounded: min(250, 1 + brightness * 240))
            let style = Style(.rgb(color), bold: context.colorless && link.strength > 0.6)
            // Without colours a negative weight is dotted.
            let step = context.colorless && link.weight < 0 ? 3 : 1
            let band = !crowded ? 0 : isLit ? 2 : brightness > 0.7 ? 2 : brightness > 0.4 ? 1 : 0
            let shifts: [Double] = link.strength > 0.75 && !crowded || chosen ? [0, 1] : [0]
            for shift in shifts {
                bands[band].line(
                    link.x0 - Double(2 * area.x) + shift, link.y0 - Double(4 * area.y),
                    link.x1 - Double(2 * area.x) + shift, link.y1 - Double(4 * area.y), style: style, weight: weight,
                    step: step)
            }
        }
        drawPassing(into: &bands[0], area)
        drawJoins(into: &bands[0], area)
        for dots in bands { dots.draw(into: &canvas, x: area.x, y: area.y) }
    }

    /// Lines fit between two rows, and no tiles of another layer stand there, from which they would seem to come: of stacks
    /// that stand below each other those of all but one.
    private func hasRoom(from source: NetworkGeometry.Row, to row: NetworkGeometry.Row) -> Bool {
        let way = source.rect.width < row.rect.width ? source.rect : row.rect
        return row.rect.y - source.rect.maxY >= Self.leastRows
            && !geometry.rows.contains { other in
                other.rect.y >= source.rect.maxY && other.rect.maxY <= row.rect.y && other.rect.x < way.maxX
                    && way.x < other.rect.maxX
            }
    }

    /// Quiet lines to units that take the value of one other without a weight.
    private func drawPassing(into dots: inout DotPlot, _ area: Rect) {
        let outline = context.snapshot.outline
        for row in geometry.rows where !row.isPicture {
            guard outline[row.layer]?.link?.isOneToOne == true || handsOn(row) else { continue }
            guard let source = geometry.row(outline.source(of: row.layer)), hasRoom(from: source, to: row) else {
                continue
            }
            for unit in row.units where source.units.contains(unit) {
                func middle(_ row: NetworkGeometry.Row) -> Double {
                    Double(2 * (row.tileX(unit) - area.x) + row.tileWidth)
                }
                dots.line(
                    middle(source), Double(4 * (source.rect.maxY - area.y)), middle(row),
                    Double(4 * (row.rect.y - area.y)) - 1, style: Style(context.theme.faint), weight: 1)
            }
        }
    }

    /// A closed block that adds its own input, value by value, to what its layers make of it.
    private func handsOn(_ row: NetworkGeometry.Row) -> Bool {
        let source = context.snapshot.outline.source(of: row.layer)
        return context.snapshot.outline.joined(in: row.layer).contains(source)
            && geometry.row(source)?.count == row.count
            && !geometry.rows.contains { $0.layer != row.layer && row.layer.contains($0.layer) }
    }

    /// Quiet lines from the ends of an open block's stacks to the block's own units: of the same number, or where they are
    /// laid side by side one stack after the other.
    private func drawJoins(into dots: inout DotPlot, _ area: Rect) {
        let outline = context.snapshot.outline
        for row in geometry.rows {
            let parts = outline.joined(in: row.layer)
            guard parts.contains(where: { row.layer.contains($0) && geometry.row($0) != nil }) else { continue }
            let counts = parts.map { outline.unitCount(layer: $0) }
            let isSideBySide = counts.contains { $0 != row.count }
            for (index, part) in parts.enumerated() where row.layer.contains(part) {
                guard let source = geometry.row(part), hasRoom(from: source, to: row) else { continue }
                let first = isSideBySide ? counts.prefix(index).reduce(0, +) : 0
                for unit in source.units where row.units.contains(first + unit) {
                    func middle(_ row: NetworkGeometry.Row, _ unit: Int) -> Double {
                        Double(2 * (row.tileX(unit) - area.x) + row.tileWidth)
                    }
                    dots.line(
                        middle(source, unit), Double(4 * (source.rect.maxY - area.y)), middle(row, first + unit),
                        Double(4 * (row.rect.y - area.y)) - 1, style: Style(context.theme.faint), weight: 1)
                }
            }
        }
    }

    /// The way past an open block's layers, at the right edge of what is before it.
    func drawShortcuts(into canvas: inout Canvas) {
        let outline = context.snapshot.outline
        let style = Style(context.theme.quiet)
        let glyphs: [Unicode.Scalar] = context.ascii ? ["-", "+", "|", "+", "<"] : ["─", "╮", "│", "╯", "◂"]
        for row in geometry.rows {
            let parts = outline.joined(in: row.layer)
            guard parts.contains(where: { row.layer.contains($0) && geometry.row($0) != nil }),
                parts.contains(where: { !row.layer.contains($0) }),
                let source = geometry.row(outline.source(of: row.layer))
            else { continue }
            // Blocks inside each other have ways beside each other.
            let x = row.rect.maxX - 1 - 2 * row.layer.inside.count
            func draw(_ glyph: Unicode.Scalar, _ x: Int, _ y: Int) {
                if canvas[x, y].scalar == " " || canvas[x, y].scalar == glyphs[2] { canvas[x, y] = Cell(glyph, style) }
            }
            func end(_ row: NetworkGeometry.Row) -> (x: Int, y: Int) {
                (row.tileX(row.units.upperBound - 1) + row.tileWidth + 1, row.rect.y + (row.rect.height - 1) / 2)
            }
            let (start, stop) = (end(source), end(row))
            guard start.x <= x, stop.x <= x else { continue }
            for column in start.x..<x { draw(glyphs[0], column, start.y) }
            draw(glyphs[1], x, start.y)
            for y in start.y + 1..<stop.y { draw(glyphs[2], x, y) }
            draw(glyphs[3], x, stop.y)
            for column in stop.x..<x { draw(column == stop.x ? glyphs[4] : glyphs[0], column, stop.y) }
        }
    }

    /// The link nearest to a cell, at most one and a half cells away.
    func nearest(x: Int, y: Int) -> NetworkCursor? {
        let (px, py) = (Double(2 * x) + 1, Double(4 * y) + 2)
        var best: (distance: Double, link: Link)?
        for link in links() where py >= link.y0 && py <= link.y1 {
            let t = (py - link.y0) / max(1, link.y1 - link.y0)
            let distance = abs(link.x0 + (link.x1 - link.x0) * t - px)
            if distance <= 3, distance < best?.distance ?? .infinity { best = (distance, link) }
        }
        return best.map { NetworkCursor(layer: $0.link.layer, unit: $0.link.unit, from: $0.link.from) }
    }

    /// The visible links, the weakest first.
    private func links() -> [Link] {
        let outline = context.snapshot.outline
        let parameters = context.snapshot.parameters
        var all: [Link] = []
        for row in geometry.rows where !row.layer.isInput {
            guard let source = geometry.row(outline.source(of: row.layer)),
                let weights = outline.weightMatrix(layer: row.layer),
                weights.range.upperBound <= parameters.count, weights.inputs == source.count
            else { continue }
            guard hasRoom(from: source, to: row) else { continue }
            let gap = row.rect.y - source.rect.maxY
            var links: [Link] = []
            func shownValue(_ unit: Int, _ from: Int) -> Float {
                trace?.value(ofLink: row.layer, unit, from) ?? parameters[weights.place(unit: unit, input: from)]
            }
            // A walk's own numbers are compared among themselves, weights with all of the layer.
            let largest: Float =
                trace == nil
                ? max(NetworkPanel.largest(weights.range, parameters), 1)
                : row.units.reduce(1e-9) { most, unit in
                    source.units.reduce(most) { max($0, abs(shownValue(unit, $1))) }
                }
            for unit in row.units {
                for from in source.units {
                    let weight = shownValue(unit, from)
                    let isLit = lit.contains(NetworkCursor(layer: row.layer, unit: unit, from: from))
                    guard weight.isFinite, weight != 0 || isLit else { continue }
                    links.append(
                        Link(
                            layer: row.layer, from: from, unit: unit, weight: weight,
                            // A small network's weights are compared with 1, so that an untrained one looks weak.
                            strength: isLit ? 1 : abs(weight) / largest,
                            x0: end(source, from, of: row.units, unit), y0: Double(4 * source.rect.maxY),
                            x1: end(row, unit, of: source.units, from), y1: Double(4 * row.rect.y) - 1))
                }
            }
            // Among many, those that hardly matter are left out.
            if links.count > 24 { links.removeAll { $0.strength < 0.08 } }
            all += fitting(links, rows: gap)
        }
        return all.sorted { $0.strength < $1.strength }
    }

    /// Where a link ends at a tile, in dots: the links of a tile stand side by side in the order of their other ends.
    private func end(
        _ row: NetworkGeometry.Row, _ unit: Int, of others: Range<Int>, _ other: Int
    ) -> Double {
        let middle = Double(2 * row.tileX(unit) + row.tileWidth)
        guard others.count > 1 else { return middle }
        let share = Double(other - others.lowerBound) / Double(others.count - 1) - 0.5
        return middle + share * Double(row.tileWidth) * 0.8
    }

    /// The strongest links that together remain lines.
    private func fitting(_ links: [Link], rows: Int) -> [Link] {
        let left = links.reduce(Double.infinity) { min($0, $1.x0, $1.x1) }
        let right = links.reduce(-Double.infinity) { max($0, $1.x0, $1.x1) }
        var budget = max(16, right - left) * Double(4 * rows) * Self.density
        var kept: [Link] = []
        for link in links.sorted(by: { $0.strength > $1.strength }).prefix(Self.limit) {
            budget -= max(abs(link.x1 - link.x0), link.y1 - link.y0)
            if budget < 0 { break }
            kept.append(link)
        }
        return kept
    }
}

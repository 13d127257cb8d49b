import Datasets
import Engine
import Session
import TerminalKit

/// What goes in: the datasets as small pictures, and how many samples of the chosen one.
extension App {
    private static let pictureWidth = 6
    private static let pictureHeight = 3

    func drawData(into frame: inout Frame, _ content: Rect) {
        let pictures = rows[.data]?.first?.kind == .dataset
        var y = content.y
        if pictures {
            if content.height >= 12 { y += 1 }
            drawPictures(into: &frame, Rect(x: content.x + 1, y: y, width: content.width - 1, height: 4))
            y += 4
            if content.height >= 11 { y += 1 }
        }
        drawRows(
            into: &frame, Rect(x: content.x, y: y, width: content.width, height: content.maxY - 1 - y), .data,
            from: pictures ? 1 : 0)
    }

    /// The datasets around the chosen one, which is bright; the others are half as strong.
    private func drawPictures(into frame: inout Frame, _ rect: Rect) {
        let entries = Datasets.all
        let present = entries.firstIndex { $0.id == experiment.data.dataset.id } ?? 0
        let step = Self.pictureWidth + 1
        let visible = min(entries.count, (rect.width + 1) / step)
        let first = min(max(0, present - visible / 2), entries.count - visible)
        let focused = focus == .data && selection[.data] == 0
        frame.hit(rect, .data, .row(.data, 0))
        var taken = rect.x..<rect.x
        let name = (focused ? "◂ " : "") + entries[present].title + (focused ? " ▸" : "")
        for index in first..<(first + visible) {
            let x = rect.x + (index - first) * step
            let place = Rect(x: x, y: rect.y, width: Self.pictureWidth, height: Self.pictureHeight)
            drawPicture(into: &frame.canvas, place, entries[index].id, strength: index == present ? 1 : 0.5)
            if index == present {
                let start = min(max(rect.x, focused ? x - 2 : x), max(rect.x, rect.maxX - columnWidth(name)))
                taken = start..<(start + columnWidth(name) + 1)
                frame.canvas.write(
                    name, x: start, y: rect.y + 3, style: focused ? accent : Style(theme.text, bold: true),
                    limit: rect.maxX - start)
            }
        }
        for index in first..<(first + visible) where index != present {
            let x = rect.x + (index - first) * step
            let title = [entries[index].title, entries[index].id].first { columnWidth($0) <= Self.pictureWidth } ?? ""
            frame.hit(
                Rect(x: x, y: rect.y, width: Self.pictureWidth, height: Self.pictureHeight + 1), .data,
                .dataset(entries[index].id))
            guard !title.isEmpty, !taken.overlaps((x - 1)..<(x + columnWidth(title) + 1))
            else {
                continue
            }
            frame.canvas.write(title, x: x, y: rect.y + 3, style: quiet)
        }
        if first > 0 {
            frame.canvas.write(capabilities.glyphs == .ascii ? "<" : "‹", x: rect.x - 1, y: rect.y + 1, style: quiet)
        }
        if first + visible < entries.count {
            let mark = capabilities.glyphs == .ascii ? ">" : "›"
            frame.canvas.write(mark, x: rect.x + visible * step - 1, y: rect.y + 1, style: quiet)
        }
    }

    private func drawPicture(into canvas: inout Canvas, _ rect: Rect, _ id: String, strength: Float) {
        let values = DatasetPicture.all[id] ?? []
        guard !values.isEmpty else {
            canvas.fill(rect, with: Cell("·", faint))
            return
        }
        if capabilities.colors == .none || capabilities.glyphs == .ascii {
            return drawHeatMap(
                into: &canvas, rect, values: values, columns: DatasetPicture.side, rows: DatasetPicture.side,
                ramp: { mixColors(theme.backdrop, color($0), strength) }, capabilities: capabilities)
        }
        drawPixels(
            into: &canvas, rect,
            colors: values.map { mixColors(theme.backdrop, $0.isNaN ? theme.zero : color($0), strength) },
            capabilities: capabilities)
    }

    /// Orange −1, white 0, blue +1.
    private func color(_ value: Float) -> UInt32 {
        value < 0 ? mixColors(theme.zero, theme.negative, -value) : mixColors(theme.zero, theme.positive, value)
    }
}

/// Each generator's points as a picture of 6×6 pixels: the mean label of the points in a pixel, NaN where there are none.
enum DatasetPicture {
    static let side = 6

    static let all: [String: [Float]] = Dictionary(
        uniqueKeysWithValues: Datasets.all.compactMap { entry in picture(of: entry).map { (entry.id, $0) } })

    private static func picture(of entry: Entry) -> [Float]? {
        guard Datasets.task(entry.id) != nil else { return nil }
        var choice = Choice(entry.id)
        if case .integer(let range)? = entry.knob("samples")?.kind {
            choice.knobs["samples"] = .integer(min(max(300, range.lowerBound), range.upperBound))
        }
        let description = DataDescription(dataset: choice, trainFraction: 1)
        guard let data = try? prepare(description, features: [], directory: nil) else { return nil }
        let table = data.trainPoints
        let width = table.columns.count
        guard table.count > 0, width > 0 else { return nil }
        let least = table.labels.min()!
        let most = max(table.labels.max()!, least + 1e-6)
        var sums = [Float](repeating: 0, count: side * side)
        var counts = sums
        for row in 0..<table.count {
            let label = (table.labels[row] - least) / (most - least) * 2 - 1
            let x = table.rows[row * width]
            // With one column the picture is the curve itself.
            let y = width > 1 ? table.rows[row * width + 1] : label
            let column = pixel(x, table.columns[0].range)
            let line = side - 1 - pixel(y, width > 1 ? table.columns[1].range : -1.2...1.2)
            sums[line * side + column] += label
            counts[line * side + column] += 1
        }
        return zip(sums, counts).map { $1 == 0 ? Float.nan : $0 / $1 }
    }

    private static func pixel(_ value: Float, _ range: ClosedRange<Float>) -> Int {
        let span = range.upperBound - range.lowerBound
        guard span > 0, value.isFinite else { return 0 }
        return min(side - 1, max(0, Int((value - range.lowerBound) / span * Float(side))))
    }
}

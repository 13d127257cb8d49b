import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The network's input: the datasets as small pictures, and how many samples of the chosen one.
extension App {
    private static let pictureWidth = 6
    private static let pictureHeight = 3

    func drawData(into frame: inout Frame, _ content: Rect) {
        if showsPictures {
            let y = content.y + (content.height >= 12 ? 1 : 0)
            drawPictures(into: &frame, Rect(x: content.x + 1, y: y, width: content.width - 1, height: 4))
        }
        drawRows(into: &frame, listRect(of: .data, content), .data, from: showsPictures ? 1 : 0)
    }

    var showsPictures: Bool { rows[.data]?.first?.kind == .dataset }

    /// The rows above the list: the pictures with their names.
    func dataListTop(_ content: Rect) -> Int {
        guard showsPictures else { return 0 }
        return 4 + (content.height >= 12 ? 1 : 0) + (content.height >= 11 ? 1 : 0)
    }

    /// The datasets around the chosen one, which is bright; the others are half as strong.
    private func drawPictures(into frame: inout Frame, _ rect: Rect) {
        let entries = offeredDatasets
        let present = entries.firstIndex { $0.id == experiment.data.dataset.id } ?? 0
        let step = Self.pictureWidth + 1
        // As wide as the panel's rule; the column beside it is the marks'.
        let left = rect.x - 1
        let markX = rect.maxX - 1
        let shown = picturesShown(width: rect.width)
        let (first, visible) = (shown.lowerBound, shown.count)
        let focused = focus == .data && selection[.data] == 0
        frame.hit(rect, .data, .row(.data, 0))
        var taken = rect.x..<rect.x
        for index in first..<(first + visible) {
            let x = left + (index - first) * step
            let place = Rect(x: x, y: rect.y, width: Self.pictureWidth, height: Self.pictureHeight)
            drawPicture(into: &frame.canvas, place, entries[index].id, strength: index == present ? 1 : 0.5)
            if index == present {
                let name = entries[index].title
                let start = min(x, max(left, markX - columnWidth(name)))
                taken = start..<(start + columnWidth(name))
                frame.canvas.write(
                    name, x: start, y: rect.y + 3, style: focused ? accent : Style(theme.text, bold: true),
                    limit: markX - start)
                // The arrows stand in the gaps beside the name, so that the neighbours' names stay.
                if focused {
                    if start > left { frame.canvas.write("◂", x: start - 1, y: rect.y + 3, style: accent) }
                    frame.canvas.write("▸", x: min(taken.upperBound, markX), y: rect.y + 3, style: accent)
                }
            }
        }
        for index in first..<(first + visible) where index != present {
            let x = left + (index - first) * step
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
        let marks = capabilities.glyphs == .ascii ? ("<", ">") : ("‹", "›")
        if first > 0 { frame.canvas.write(marks.0, x: markX, y: rect.y, style: quiet) }
        if first + visible < entries.count { frame.canvas.write(marks.1, x: markX, y: rect.y + 2, style: quiet) }
    }

    /// The datasets of which pictures are shown: as before as long as the chosen one is among them, so that a picture
    /// does not leave its place under the mouse.
    /// - Parameter width: of the row of pictures with the marks beside it.
    func picturesShown(width: Int) -> Range<Int> {
        let entries = offeredDatasets
        let present = entries.firstIndex { $0.id == experiment.data.dataset.id } ?? 0
        let visible = max(1, min(entries.count, (width + 1) / (Self.pictureWidth + 1)))
        let before = min(firstPicture, entries.count - visible)
        let first = max(0, min(max(before, present - visible + 1), present))
        return first..<min(entries.count, first + visible)
    }

    private func drawPicture(into canvas: inout Canvas, _ rect: Rect, _ id: String, strength: Float) {
        guard let picture = DatasetPicture.all[id] else {
            canvas.fill(rect, with: Cell("·", faint))
            return
        }
        let side = DatasetPicture.side
        let plain = capabilities.colors == .none || capabilities.glyphs == .ascii
        if !picture.classes.isEmpty {
            drawClassMap(
                into: &canvas, rect, classes: picture.classes,
                confidences: [Float](repeating: strength, count: picture.classes.count), columns: side, rows: side,
                ground: { theme.faded(theme.color(ofClass: $0), $1) }, capabilities: capabilities)
        } else if plain {
            drawHeatMap(
                into: &canvas, rect, values: picture.values, columns: side, rows: side,
                ramp: { mixColors(theme.backdrop, color($0), strength) }, capabilities: capabilities)
        } else {
            drawPixels(
                into: &canvas, rect,
                colors: picture.values.map {
                    mixColors(theme.backdrop, $0.isNaN ? theme.zero : color($0), strength)
                }, capabilities: capabilities)
        }
    }

    /// Orange −1, the ground 0, blue +1.
    private func color(_ value: Float) -> UInt32 {
        theme.ramp(value, capabilities.colors)
    }
}

/// A generator's points as a picture of 6×6 pixels.
struct DatasetPicture: Sendable {
    static let side = 6

    /// The mean label of the points in a pixel, in −1…1; NaN where there are none.
    var values = [Float](repeating: .nan, count: side * side)
    /// With more than two classes: the commonest one in a pixel, −1 where there are no points; else empty.
    var classes: [Int] = []

    static let all: [String: DatasetPicture] = Dictionary(
        uniqueKeysWithValues: Datasets.all.compactMap { entry in DatasetPicture(of: entry).map { (entry.id, $0) } })

    private init?(of entry: Entry) {
        guard Datasets.task(entry.id) != nil else { return nil }
        var choice = Choice(entry.id)
        if case .integer(let range)? = entry.knob("samples")?.kind {
            choice.knobs["samples"] = .integer(min(max(400, range.lowerBound), range.upperBound))
        }
        let description = DataDescription(dataset: choice, trainFraction: 1)
        guard let data = try? prepare(description, features: [], directory: nil) else { return nil }
        let table = data.trainPoints
        guard table.count > 0, let first = table.columns.first else { return nil }
        let least = table.labels.min()!
        let most = max(table.labels.max()!, least + 1e-6)
        let columns = table.columns.count
        var labels = [[Float]](repeating: [], count: Self.side * Self.side)
        for row in 0..<table.count {
            let label = (table.labels[row] - least) / (most - least) * 2 - 1
            // With one column the picture is the curve itself.
            let y = columns > 1 ? table.rows[row * columns + 1] : label
            let column = Self.pixel(table.rows[row * columns], first.range)
            let line = Self.side - 1 - Self.pixel(y, columns > 1 ? table.columns[1].range : -1.2...1.2)
            labels[line * Self.side + column].append(table.classNames.count > 2 ? table.labels[row] : label)
        }
        if table.classNames.count > 2 {
            classes = labels.map { pixel in
                (0..<table.classNames.count).map { name in (name, pixel.count { Int($0) == name }) }
                    .filter { $0.1 > 0 }.max { $0.1 < $1.1 }?.0 ?? -1
            }
        } else {
            values = labels.map { $0.isEmpty ? .nan : $0.reduce(0, +) / Float($0.count) }
        }
    }

    private static func pixel(_ value: Float, _ range: ClosedRange<Float>) -> Int {
        let span = range.upperBound - range.lowerBound
        guard span > 0, value.isFinite else { return 0 }
        return min(side - 1, max(0, Int(bounded: (value - range.lowerBound) / span * Float(side))))
    }
}

import Basics
import Datasets
import Engine
import Session
import Synchronization
import TerminalKit

/// Where the datasets' pictures stand in the data panel: a row of small ones, and where there is room all of them, larger.
struct DatasetGallery {
    /// Of one picture, in cells; half as many rows are as high.
    let side: Int
    let columns: Int
    /// At most so many.
    let lines: Int
    /// Rows left free above the pictures, and below them.
    let above: Int
    let below: Int

    private static let smallest = 6
    private static let sides = [12, 10, 8, 6]
    /// Below the pictures: the settings of the dataset with the most, and the panel's closing blank.
    private static let rowsOfSettings = 10

    /// - Parameter content: the panel below its title row.
    init(_ content: Rect, count: Int) {
        above = content.height >= 12 ? 1 : 0
        below = content.height >= 11 ? 1 : 0
        let room = content.height - above - below - Self.rowsOfSettings
        // A column before them, and one behind them for the marks.
        func columns(_ side: Int) -> Int { max(1, (content.width - 1) / (side + 1)) }
        func lines(_ side: Int) -> Int { (count + columns(side) - 1) / columns(side) }
        side =
            Self.sides.first { columns($0) > 2 && lines($0) * Self.lineHeight($0) - Self.gap($0) <= room }
            ?? Self.smallest
        self.columns = columns(side)
        self.lines = max(1, min(lines(side), (room + Self.gap(side)) / Self.lineHeight(side)))
    }

    private static func gap(_ side: Int) -> Int { side > smallest ? 1 : 0 }
    /// A picture, its name, and what is free below that.
    private static func lineHeight(_ side: Int) -> Int { side / 2 + 1 + gap(side) }

    /// All rows above the list.
    var height: Int { above + lines * Self.lineHeight(side) - Self.gap(side) + below }

    /// - Parameter index: from the first picture that is shown.
    func place(_ index: Int, in content: Rect) -> Rect {
        Rect(
            x: content.x + 1 + index % columns * (side + 1),
            y: content.y + above + index / columns * Self.lineHeight(side), width: side, height: side / 2)
    }

    /// The datasets of which pictures are shown: as before as long as the chosen one is among them, so that a picture
    /// does not leave its place under the mouse.
    /// - Parameter before: the first that was shown.
    func shown(of count: Int, chosen: Int, before: Int) -> Range<Int> {
        // A single row goes on by one, several go on by rows.
        let step = lines > 1 ? columns : 1
        let visible = columns * lines / step
        let all = (count + step - 1) / step
        let chosen = chosen / step
        let first = max(0, min(max(min(before / step, all - visible), chosen - visible + 1), chosen))
        return min(count, first * step)..<min(count, (first + visible) * step)
    }
}

extension PanelID {
    static let data = PanelID("data")
}

extension Panel {
    /// The network's input: the datasets as small pictures, and how many samples of the chosen one.
    static let data = Panel(
        id: .data, title: "Data", place: .input,
        words: "What the network learns from: the dataset, its settings, and the part of it that is kept for the test.",
        watch:
            "How many samples there are for each weight of the network, and whether the test part is large enough to be believed.",
        heights: Heights(least: 10, best: 13, ample: 18, growth: 44, rank: 1),
        commands: [
            Command(
                "data.regenerate", "new samples (the next seed)", hint: "new samples", keys: ["R"], panels: [.data],
                control: "data.seed"
            ) { $0.regenerate() }
        ],
        editor: Editor(
            rows: \.data,
            list: { app, content in
                RowList(
                    rect: content.inset(top: app.dataListTop(content), bottom: 1), first: app.showsPictures ? 1 : 0)
            }, varied: 2),
        draw: { app, frame, rect in
            let content = panelContent(of: rect)
            if app.showsPictures { DatasetPictures(app: app).draw(into: &frame, content) }
            app.drawRows(into: &frame, of: .data, content)
        },
        keepPlaces: { $0.editing.firstPicture = $0.picturesShown($1).lowerBound }, findings: \.augmentationFindings)
}

extension EditorRows {
    var data: [EditorRow] {
        var rows: [EditorRow] = []
        let id = experiment.data.dataset.id
        if !experiment.hides("data.dataset") {
            rows.append(
                EditorRow(
                    kind: .dataset, knob: nil, title: "dataset", value: Datasets.entry(id)?.title ?? id))
        }
        for knob in Datasets.entry(id)?.knobs ?? [] {
            let row = setting("data.\(knob.name)")
            guard let table, knob.name == Datasets.labelKnob(id), let row else {
                rows += [row].compactMap(\.self)
                continue
            }
            rows.append(EditorRow(kind: .label, knob: knob, title: row.title, value: table.label))
            rows.append(
                EditorRow(
                    kind: .inputs, knob: experiment.knob(at: "data.columns"), title: "columns",
                    value: "\(table.inputs) of \(table.columns)"))
        }
        guard !Datasets.areGames(id) else { return rows + [setting("training.batchSize")].compactMap(\.self) }
        // Marked points test whatever part of the others trains.
        let part = experiment.data.points.contains(where: \.isTest) ? "unmarked train" : nil
        rows += [setting("data.trainFraction", title: part), setting("training.batchSize")].compactMap(\.self)
        if experiment.data.labelled != nil || Catalogue.needsFewLabels(experiment.training.procedure) {
            rows += [setting("data.labelled", optional: true)].compactMap(\.self)
        }
        if !experiment.hides("data.seed"), Datasets.task(id) != nil {
            rows.append(
                EditorRow(
                    kind: .regenerate, knob: experiment.knob(at: "data.seed"), title: "new samples",
                    value: "seed \(experiment.data.seed)"))
        }
        rows += [setting("data.shuffle", title: "shuffle rows")].compactMap(\.self)
        if Datasets.areImages(id) {
            rows += [setting("data.standardize"), setting("data.classes")].compactMap(\.self)
            rows += changes("data.augment", title: "augment", experiment.data.augment)
            rows += changes("data.testAugment", title: "augment tests", experiment.data.testAugment)
        }
        return rows
    }

    /// The row of random changes of images, and below it each of them.
    private func changes(_ path: String, title: String, _ changes: [Choice]) -> [EditorRow] {
        guard !experiment.hides(path) else { return [] }
        let row = EditorRow(
            kind: .augment(path: path), knob: nil, title: title,
            value: changes.isEmpty ? "none" : plural(changes.count, "change"))
        return [row]
            + changes.indices.flatMap { choice("\(path).\($0)", .augmentation, title: "change \($0 + 1)") }
    }
}

extension EditorRow.Kind {
    /// The dataset, shown as pictures.
    static let dataset = Self(
        id: "data.dataset", path: "data.dataset",
        change: { app, direction in app.walkDatasets(from: app.experiment.data.dataset.id, direction) },
        enter: { $0.popup = MenuPopup.datasets(of: $0) },
        explain: { explanation, _, app in
            if let entry = Datasets.entry(app.experiment.data.dataset.id) {
                (explanation.title, explanation.formula, explanation.words) =
                    (entry.title, entry.formula, entry.summary)
            }
            explanation.warning = "Other data start training again."
        }, article: { app, _ in app.datasetArticle })

    /// New samples of the same kind.
    static let regenerate = Self(
        id: "regenerate", change: { app, _ in app.regenerate() },
        explain: { explanation, _, _ in
            explanation.words = "Draws other samples of the same kind, with the next seed of the data."
            explanation.warning = "New samples start training again."
        }, article: { app, _ in app.datasetArticle })
}

extension App {
    var showsPictures: Bool { editing.rows[.data]?.first?.kind == .dataset }

    /// The rows above the list: the pictures with their names.
    func dataListTop(_ content: Rect) -> Int {
        showsPictures ? DatasetGallery(content, count: offeredDatasets.count).height : 0
    }

    func picturesShown(_ content: Rect) -> Range<Int> {
        let entries = offeredDatasets
        return DatasetGallery(content, count: entries.count).shown(
            of: entries.count, chosen: entries.firstIndex { $0.id == experiment.data.dataset.id } ?? 0,
            before: editing.firstPicture)
    }
}

/// The datasets as small pictures.
private struct DatasetPictures: ScreenPart {
    let app: App

    /// The datasets around the chosen one, which is bright; the others are half as strong.
    func draw(into frame: inout Frame, _ content: Rect) {
        let entries = app.offeredDatasets
        let gallery = DatasetGallery(content, count: entries.count)
        let shown = app.picturesShown(content)
        let focused = app.focus == .data && app.editing.selection[.data] == 0
        // The column behind the pictures is the marks'.
        let markX = content.maxX - 1
        frame.hit(
            content.inset(top: gallery.above, bottom: content.height - gallery.height + gallery.below), .data,
            .row(.data, 0))
        var chosenName: Rect?
        for index in shown where entries[index].id == app.experiment.data.dataset.id {
            let place = gallery.place(index - shown.lowerBound, in: content)
            drawPicture(into: &frame.canvas, place, entries[index].id, strength: 1)
            let name = entries[index].title
            let x = min(place.x, max(content.x + 1, markX - columnWidth(name)))
            frame.canvas.write(
                name, x: x, y: place.maxY, style: focused ? accent : Style(theme.text, bold: true), limit: markX - x)
            chosenName = Rect(x: x, y: place.maxY, width: columnWidth(name), height: 1)
            // The arrows stand in the gaps beside the name, so that the neighbours' names stay.
            if focused {
                frame.canvas.write("◂", x: x - 1, y: place.maxY, style: accent)
                frame.canvas.write("▸", x: min(x + columnWidth(name), markX), y: place.maxY, style: accent)
            }
        }
        for index in shown where entries[index].id != app.experiment.data.dataset.id {
            let place = gallery.place(index - shown.lowerBound, in: content)
            // Sixteen colours have no halves.
            drawPicture(
                into: &frame.canvas, place, entries[index].id, strength: capabilities.colors == .palette16 ? 1 : 0.5)
            frame.hit(
                Rect(x: place.x, y: place.y, width: place.width, height: place.height + 1), .data,
                .dataset(entries[index].id))
            let whole = [entries[index].title, entries[index].id].first { columnWidth($0) <= place.width }
            // The beginning of a name says more than none.
            let beginning = entries[index].title.prefix(place.width - 1).split(separator: " ").joined(separator: " ")
            let title = whole ?? beginning + "…"
            let isCovered =
                chosenName.map {
                    $0.y == place.maxY && $0.x <= place.x + columnWidth(title) && $0.maxX >= place.x
                } ?? false
            if !isCovered { frame.canvas.write(title, x: place.x, y: place.maxY, style: quiet) }
        }
        let marks = capabilities.glyphs == .ascii ? ("<", ">") : ("‹", "›")
        let (first, last) = (
            gallery.place(0, in: content), gallery.place(gallery.columns * gallery.lines - 1, in: content)
        )
        if shown.lowerBound > 0 { frame.canvas.write(marks.0, x: markX, y: first.y, style: quiet) }
        if shown.upperBound < entries.count { frame.canvas.write(marks.1, x: markX, y: last.maxY - 1, style: quiet) }
    }

    private func drawPicture(into canvas: inout Canvas, _ rect: Rect, _ id: String, strength: Float) {
        // A pixel's colour asks for them each time.
        let (side, theme, capabilities) = (rect.width, theme, capabilities)
        // Orange −1, the ground 0, blue +1.
        func color(_ value: Float) -> UInt32 { theme.ramp(value, capabilities.colors) }
        guard let picture = DatasetPicture.all(side: side)[id] else {
            canvas.fill(rect, with: Cell("·", faint))
            return
        }
        let plain = capabilities.colors == .none || capabilities.glyphs == .ascii
        if !picture.image.isEmpty {
            let grey = { (value: Float) in
                mixColors(theme.backdrop, Theme.shade(value, capabilities.colors), strength)
            }
            if plain || picture.isGrey {
                drawHeatMap(
                    into: &canvas, rect, values: picture.image.map { 2 * ($0[0] + $0[1] + $0[2]) / 3 - 1 },
                    columns: side, rows: side, ramp: grey, capabilities: capabilities)
            } else {
                drawPixels(
                    into: &canvas, rect,
                    colors: picture.image.map { pixel in
                        let color = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32(bounded: pixel[$1] * 255) }
                        return mixColors(theme.backdrop, color, strength)
                    }, capabilities: capabilities)
            }
        } else if !picture.classes.isEmpty {
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

}

/// A generator's points, or its first image, as a square picture.
struct DatasetPicture: Sendable {
    /// An image's red, green and blue, 0…1, for each pixel; empty: points.
    var image: [SIMD3<Float>] = []
    var isGrey = false
    /// The mean label of the points in a pixel, in −1…1; NaN where there are none.
    var values: [Float] = []
    /// With more than two classes: the commonest one in a pixel, −1 where there are no points; else empty.
    var classes: [Int] = []

    /// By the datasets' ids.
    /// - Parameter side: in pixels.
    static func all(side: Int) -> [String: DatasetPicture] {
        made.withLock { made in
            if let pictures = made[side] { return pictures }
            let pictures = Dictionary(
                uniqueKeysWithValues: Datasets.all.compactMap { entry in
                    DatasetPicture(of: entry, side: side).map { (entry.id, $0) }
                })
            made[side] = pictures
            return pictures
        }
    }

    private static let made = Mutex<[Int: [String: DatasetPicture]]>([:])

    private init?(of entry: Entry, side: Int) {
        if Datasets.areGames(entry.id), let game = try? Game(Choice(entry.id)) {
            (image, isGrey) = (Self.image(of: game, side: side), true)
            return
        }
        guard Datasets.task(entry.id) != nil else { return nil }
        var choice = Choice(entry.id)
        if case .integer(let range)? = entry.knob("samples")?.kind {
            let showsOne = Datasets.areImages(entry.id) || Datasets.areSequences(entry.id)
            let wanted = showsOne ? 1 : 11 * side * side
            choice.knobs["samples"] = .integer(min(max(wanted, range.lowerBound), range.upperBound))
        }
        let description = DataDescription(dataset: choice, trainFraction: 1)
        guard let data = try? prepare(description, features: [], directory: nil) else { return nil }
        if case .image(let channels, let height, let width) = data.schema.kind, data.train.count > 0 {
            let pixels = data.shownPixels(of: data.train, 0)
            isGrey = channels != 3
            image = (0..<side * side).map { pixel in
                let place = pixel / side * height / side * width + pixel % side * width / side
                func value(_ channel: Int) -> Float {
                    min(max(0, pixels[min(channel, channels - 1) * height * width + place]), 1)
                }
                return SIMD3(value(0), value(1), value(2))
            }
            return
        }
        if case .sequence(let sequence) = data.schema.kind, data.train.count > 0 {
            // The first sequence: steps from left to right, values or the bits of symbols' numbers from above.
            let values = data.train.inputs.values(of: 0)
            let width = sequence.features.count
            self.values = (0..<side * side).map { pixel in
                let step = pixel % side * sequence.steps / side
                guard sequence.symbols.isEmpty else {
                    return values[step] < 0 ? .nan : Int(values[step]) >> (pixel / side % 5) & 1 == 1 ? 1 : -1
                }
                return values[step * width + pixel / side * width / side]
            }
            return
        }
        let table = data.trainPoints
        guard table.count > 0, let first = table.columns.first else { return nil }
        let least = table.labels.min()!
        let most = max(table.labels.max()!, least + 1e-6)
        let columns = table.columns.count
        var labels = [[Float]](repeating: [], count: side * side)
        func label(_ row: Int) -> Float { (table.labels[row] - least) / (most - least) * 2 - 1 }
        if table.count <= 4, columns == 2 {
            // Of a truth table's corners each fills its quarter.
            values = (0..<side * side).map { pixel in
                let (x, y) = (pixel % side * 2 < side ? -1 : 1, pixel / side * 2 < side ? 1 : -1)
                let corner = (0..<table.count).max { one, other in
                    func near(_ row: Int) -> Float {
                        table.rows[row * 2] * Float(x) + table.rows[row * 2 + 1] * Float(y)
                    }
                    return near(one) < near(other)
                }
                return label(corner!)
            }
            return
        }
        for row in 0..<table.count {
            let label = label(row)
            // With one column the picture is the curve itself.
            let y = columns > 1 ? table.rows[row * columns + 1] : label
            let column = Self.pixel(table.rows[row * columns], first.range, side)
            let line = side - 1 - Self.pixel(y, columns > 1 ? table.columns[1].range : -1.2...1.2, side)
            labels[line * side + column].append(table.classNames.count > 2 ? table.labels[row] : label)
        }
        values = [Float](repeating: .nan, count: side * side)
        if table.classNames.count > 2 {
            classes = labels.map { pixel in
                (0..<table.classNames.count).map { name in (name, pixel.count { Int($0) == name }) }
                    .filter { $0.1 > 0 }.max { $0.1 < $1.1 }?.0 ?? -1
            }
        } else {
            values = labels.map { $0.isEmpty ? .nan : $0.reduce(0, +) / Float($0.count) }
        }
    }

    /// A game's first state: bright is what plays and what it is after, dark the ground.
    private static func image(of game: Game, side: Int) -> [SIMD3<Float>] {
        var (game, random) = (game, Random(seed: 1))
        game.reset(&random)
        let picture = game.picture
        func brightness(_ mark: GamePicture.Mark) -> Float {
            switch mark {
            case .empty: 0.05
            case .wall, .trail, .body: 0.35
            case .danger, .brick: 0.55
            case .goal: 0.8
            case .player: 1
            }
        }
        var image = [Float](repeating: 0.05, count: side * side)
        if picture.columns > 0 {
            let scale = max(picture.columns, picture.rows)
            for pixel in image.indices {
                let row = (2 * (pixel / side) * scale / side - (scale - picture.rows)) / 2
                let column = (2 * (pixel % side) * scale / side - (scale - picture.columns)) / 2
                let isInside = (0..<picture.rows).contains(row) && (0..<picture.columns).contains(column)
                if isInside { image[pixel] = brightness(picture[row, column]) }
            }
        }
        for line in picture.lines {
            for step in 0...side * 2 {
                let share = Float(step) / Float(side * 2)
                let x = line.from.x + (line.to.x - line.from.x) * share
                let y = line.from.y + (line.to.y - line.from.y) * share
                let (column, row) = (Int(bounded: x * Float(side)), Int(bounded: y * Float(side)))
                if (0..<side).contains(row), (0..<side).contains(column) {
                    image[row * side + column] = max(image[row * side + column], brightness(line.mark))
                }
            }
        }
        return image.map { SIMD3(repeating: $0) }
    }

    private static func pixel(_ value: Float, _ range: ClosedRange<Float>, _ side: Int) -> Int {
        let span = range.upperBound - range.lowerBound
        guard span > 0, value.isFinite else { return 0 }
        return min(side - 1, max(0, Int(bounded: (value - range.lowerBound) / span * Float(side))))
    }
}

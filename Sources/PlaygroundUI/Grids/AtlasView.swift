import Session
import TerminalKit

/// Draws an atlas: the table, and beside it, where there is room, the selected network in full.
struct AtlasView {
    private let app: App
    private let atlas: Atlas
    /// The cells.
    private let table: Rect
    private let cell: Size
    /// The first column and row that are shown, and how many: all, where they fit.
    private let shown: (columns: Range<Int>, rows: Range<Int>)
    private let detail: Rect?

    private struct Size {
        var width: Int
        var height: Int
    }

    private static let labelWidth = 10
    private static let detailWidth = 38
    private static let smallest = Size(width: 9, height: 5)
    /// The frame, and the row of the number below the picture.
    private static let rowsBesidePicture = 3

    /// A picture is twice as wide as high: then it is square.
    static func cellWidth(height: Int) -> Int { max(smallest.width, 2 * (height - rowsBesidePicture) + 2) }

    /// Where the cells of a window of this size can stand.
    static func room(width: Int, height: Int) -> Rect {
        let detail = width >= 104 ? detailWidth + (width >= 160 ? 14 : 0) : 0
        return Rect(
            x: labelWidth, y: 4, width: max(0, width - labelWidth - detail - 1),
            height: max(0, height - 5 - (detail == 0 ? 1 : 0)))
    }

    init(_ app: App, _ atlas: Atlas) {
        self.app = app
        self.atlas = atlas
        let room = Self.room(width: app.width, height: app.height)
        let fitting = min(
            room.height / max(1, atlas.rows.count),
            (room.width / max(1, atlas.columns.count) - 2) / 2 + Self.rowsBesidePicture)
        let height = max(Self.smallest.height, min(fitting, 20))
        let width = max(
            Self.smallest.width, min(Self.cellWidth(height: height), room.width / max(1, atlas.columns.count)))
        cell = Size(width: width, height: height)
        func window(_ count: Int, _ room: Int, around place: Int) -> Range<Int> {
            let fit = min(count, max(1, room))
            let start = min(max(0, place - fit / 2), count - fit)
            return start..<(start + fit)
        }
        shown = (
            window(atlas.columns.count, room.width / width, around: atlas.column),
            window(atlas.rows.count, room.height / height, around: atlas.row)
        )
        table = Rect(
            x: room.x, y: room.y, width: shown.columns.count * width, height: shown.rows.count * height)
        let x = table.maxX + 2
        detail =
            app.width >= 104
            ? Rect(x: x, y: 1, width: app.width - x, height: app.height - 2) : nil
    }

    /// Of a cell's picture.
    private var pixels: ViewRequest.Size {
        ViewRequest.Size(columns: max(1, cell.width - 2), rows: max(1, 2 * (cell.height - Self.rowsBesidePicture)))
    }

    /// For each experiment that is seen.
    var requests: [ViewRequest] {
        let members = app.grid?.news.members ?? []
        var requests = atlas.experiments.indices.map { index in
            var request = ViewRequest()
            request.columns = app.experiment.view.columns
            guard members.indices.contains(index) else {
                // Most networks have a plane, and then the first news bring it.
                request.boundary = pixels
                return request
            }
            let snapshot = members[index].snapshot
            if Self.hasPlane(snapshot) {
                request.boundary = pixels
            } else if Self.givesBackPoints(snapshot) {
                request.reconstruction = ReconstructionRequest(row: 0, hasPlane: true, hasErrors: false)
            } else if snapshot.data.image != nil, snapshot.network.task == .reconstruction {
                request.reconstruction = ReconstructionRequest(row: 0, hasErrors: false)
            } else if snapshot.data.schema.isSequence, snapshot.network.task != .reconstruction {
                request.sequence = SequenceChoice(row: 0)
                request.answers = SequenceQuestion()
            }
            return request
        }
        if let member = atlas.selected.member, members.indices.contains(member), let plots = detailPlots,
            let context = context(member)
        {
            if Self.hasPlane(members[member].snapshot) {
                requests[member].boundary =
                    OutputGeometry(rect: plots.output, context: context).pixels(curve: context.columns.count == 1)
            } else {
                OutputPanel.request(context, plots.output, &requests[member])
            }
        }
        return requests
    }

    /// Whether a plane or a curve over the data's columns shows a network's answers.
    private static func hasPlane(_ snapshot: Snapshot) -> Bool {
        !snapshot.data.columns.isEmpty && snapshot.network.task != .reconstruction && snapshot.network.generated == nil
    }

    private static func givesBackPoints(_ snapshot: Snapshot) -> Bool {
        snapshot.data.columns.count > 1 && snapshot.network.task == .reconstruction
    }

    private func context(_ member: Int) -> PlotContext? { GridDrawing(app: app).context(member, title: "Output") }

    // MARK: The table

    func draw(into frame: inout Frame) {
        let theme = app.theme
        let quiet = app.quiet
        let members = app.grid?.news.members ?? []
        let colors = LossColors(members, theme: theme, capabilities: app.capabilities)
        let isOneLoss = Set(members.map(\.snapshot.network.loss.id)).count == 1
        let best =
            isOneLoss
            ? members.indices.filter { members[$0].badness != nil }.min { members[$0].badness! < members[$1].badness! }
            : nil

        drawPanelTitle(
            into: &frame.canvas, rect: Rect(x: 0, y: 1, width: (detail?.x ?? app.width + 1) - 1, height: 1),
            title: "Atlas", key: nil, focused: true, theme: theme, capabilities: app.capabilities)
        let titles = "\(atlas.down.title) ↓   \(atlas.across.title) →"
        frame.canvas.write(
            titles, x: 1, y: 2, style: Style(theme.text, bold: true), limit: (detail?.x ?? app.width) - 2)
        for column in shown.columns {
            let place = table.x + (column - shown.columns.lowerBound) * cell.width
            frame.canvas.writeCentred(
                atlas.across.text(atlas.columns[column]), x: place, width: cell.width, y: 3,
                style: column == atlas.column ? app.accent : quiet)
        }
        for row in shown.rows {
            let y = table.y + (row - shown.rows.lowerBound) * cell.height
            let label = atlas.down.text(atlas.rows[row])
            let width = min(columnWidth(label), Self.labelWidth - 2)
            frame.canvas.write(
                label, x: table.x - 1 - width, y: y + cell.height / 2, style: row == atlas.row ? app.accent : quiet,
                limit: width)
            for column in shown.columns {
                let rect = Rect(
                    x: table.x + (column - shown.columns.lowerBound) * cell.width, y: y, width: cell.width,
                    height: cell.height)
                frame.hit(rect, nil, .cell(row * atlas.columns.count + column))
                draw(
                    atlas.cell(column: column, row: row), members, colors, best: best,
                    selected: column == atlas.column && row == atlas.row, into: &frame.canvas, rect)
            }
        }
        drawDetail(into: &frame.canvas, members)
    }

    private func draw(
        _ cell: Atlas.Cell, _ members: [GridNews.Member], _ colors: LossColors, best: Int?, selected: Bool,
        into canvas: inout Canvas, _ rect: Rect
    ) {
        guard let index = cell.member, members.indices.contains(index), let context = context(index) else {
            drawBox(into: &canvas, rect, style: selected ? app.accent : app.faint, fill: app.text)
            if cell.refusal != nil {
                canvas.writeCentred("×", x: rect.x, width: rect.width, y: rect.y + rect.height / 2, style: app.quiet)
            }
            return
        }
        let member = members[index]
        let style = Style(.rgb(colors.color(member)), bold: selected)
        let inner = rect.inset(left: 1, top: 1, right: 1, bottom: Self.rowsBesidePicture - 1)
        let numberRow = inner.maxY
        drawFrame(into: &canvas, rect, style: style, heavy: selected)
        if Self.givesBackPoints(member.snapshot) {
            ReconstructedPoints.draw(into: &canvas, inner, context)
        } else if let image = context.scene.image, let restored = context.reconstructions?.restored, !restored.isEmpty {
            let size = imageRect(image, in: inner)
            drawImage(
                into: &canvas,
                Rect(
                    x: inner.x + (inner.width - size.width) / 2, y: inner.y, width: size.width, height: size.height),
                pixels: restored.map { min(max($0, 0), 1) }, shape: image, context: context)
        } else if Self.hasPlane(member.snapshot), let boundary = context.shown?.boundary {
            let shown = boundary.columns.count > 1 ? boundary.sampled(pixels) : boundary
            OutputPanel.drawPicture(into: &canvas, inner, shown, context)
            // A point to two cells, to five where points are coarse: the picture behind them matters more.
            let cells = inner.width * inner.height
            let isCoarse = context.fewColors || context.ascii
            OutputPanel.drawPoints(into: &canvas, inner, context, most: cells / (isCoarse ? 5 : 2))
        } else if let share = context.rightShare {
            drawShare(share, colors.color(member), into: &canvas, inner, context)
        }
        let words: String
        if case .diverged = member.snapshot.state {
            canvas.fill(inner)
            canvas.writeCentred("✗", x: inner.x, width: inner.width, y: inner.y + inner.height / 2, style: app.bad)
            words = inner.width >= 8 ? "diverged" : "div."
        } else {
            words = member.compared.map { Self.lossText($0, columns: inner.width - (index == best ? 1 : 0)) } ?? ""
        }
        let textStyle = selected ? app.selected : Style(.rgb(colors.color(member)), bold: true)
        canvas.writeRight(words, maxX: inner.maxX, y: numberRow, style: textStyle)
        if index == best {
            canvas.write(
                "★", x: inner.maxX - 1 - columnWidth(words), y: numberRow,
                style: Style(.rgb(app.theme.good), bold: true))
        }
    }

    /// A column as high as the share that is right, with its number: for data that have no plane.
    private func drawShare(
        _ share: Double, _ color: UInt32, into canvas: inout Canvas, _ rect: Rect, _ context: PlotContext
    ) {
        let height = Int(bounded: (min(max(share, 0), 1) * Double(rect.height)).rounded())
        let ground = app.theme.faded(color, 0.45)
        for row in 0..<height {
            let place = Rect(x: rect.x, y: rect.maxY - 1 - row, width: rect.width, height: 1)
            canvas.fill(place, with: Cell(context.colorless ? ":" : " ", Style(on: .rgb(ground))))
        }
        let y = rect.y + rect.height / 2
        let isOnGround = y >= rect.maxY - height
        canvas.writeCentred(
            "\(formatFixed(share * 100, decimals: 0)) %", x: rect.x, width: rect.width, y: y,
            style: isOnGround && !context.colorless
                ? Style(.rgb(contrast(ground)), on: .rgb(ground), bold: true) : Style(app.theme.text, bold: true))
    }

    /// A loss in so many columns: as many decimals as fit, or where these would show zeros alone its power of ten.
    static func lossText(_ loss: Double, columns: Int) -> String {
        let columns = min(columns, 6)
        for decimals in stride(from: 4, through: 1, by: -1) {
            let text = formatFixed(loss, decimals: decimals)
            guard columnWidth(text) <= columns else { continue }
            let tiny = formatTiny(loss, decimals: decimals, columns: columns)
            return tiny.flatMap { columnWidth($0) <= columns ? $0 : nil } ?? text
        }
        return formatNumber(loss, digits: 1)
    }

    private func drawFrame(into canvas: inout Canvas, _ rect: Rect, style: Style, heavy: Bool) {
        drawBox(into: &canvas, rect, style: style, fill: app.text)
        guard heavy else { return }
        let ends: [(Int, Int, Unicode.Scalar)] = [
            (rect.x, rect.y, "┏"), (rect.maxX - 1, rect.y, "┓"), (rect.x, rect.maxY - 1, "┗"),
            (rect.maxX - 1, rect.maxY - 1, "┛"),
        ]
        // Where nothing else tells the selected cell, its frame is reversed.
        let style = Style(style.foreground, bold: true, reverse: app.capabilities.colors == .none)
        for x in rect.x + 1..<rect.maxX - 1 {
            canvas[x, rect.y] = Cell("━", style)
            canvas[x, rect.maxY - 1] = Cell("━", style)
        }
        for y in rect.y + 1..<rect.maxY - 1 {
            canvas[rect.x, y] = Cell("┃", style)
            canvas[rect.maxX - 1, y] = Cell("┃", style)
        }
        for (x, y, scalar) in ends { canvas[x, y] = Cell(scalar, style) }
    }

    // MARK: The selected network

    private var detailPlots: (words: Rect, output: Rect, loss: Rect)? {
        guard let detail else { return nil }
        let words = Rect(x: detail.x, y: detail.y, width: detail.width, height: 5)
        let rest = detail.height - words.height
        let output = min(rest * 60 / 100, detail.width / 2 + 4)
        return (
            words, Rect(x: detail.x, y: words.maxY, width: detail.width, height: output),
            Rect(
                x: detail.x, y: words.maxY + output, width: detail.width, height: min(rest - output, max(16, rest / 3)))
        )
    }

    private func drawDetail(into canvas: inout Canvas, _ members: [GridNews.Member]) {
        let lines = [
            "\(atlas.across.title) \(atlas.across.text(atlas.columns[atlas.column]))",
            "\(atlas.down.title) \(atlas.down.text(atlas.rows[atlas.row]))",
        ]
        guard let plots = detailPlots else {
            let settings = lines.joined(separator: ", ")
            var words = settings
            if let index = atlas.selected.member, members.indices.contains(index) {
                let losses = Self.losses(members[index]).joined(separator: "  ")
                // The settings stand beside the table, too.
                words = "\(settings)   \(losses)"
                if columnWidth(words) > app.width - 2 { words = losses }
            } else if let refusal = atlas.selected.refusal {
                words += "   \(refusal)"
            }
            canvas.write(words, x: 1, y: app.height - 2, style: app.text, limit: app.width - 2)
            return
        }
        drawPanelTitle(
            into: &canvas, rect: plots.words, title: "Selected", key: nil, focused: false, theme: app.theme,
            capabilities: app.capabilities)
        for (row, line) in lines.enumerated() {
            canvas.write(
                line, x: plots.words.x + 1, y: plots.words.y + 1 + row, style: app.accent, limit: plots.words.width - 2)
        }
        if let refusal = atlas.selected.refusal {
            // A cell without a network has no plots.
            let room = Rect(
                x: plots.words.x + 1, y: plots.words.y + 3, width: plots.words.width - 2,
                height: plots.loss.maxY - plots.words.y - 3)
            drawWrapped(into: &canvas, room, text: refusal, style: app.quiet)
        }
        guard let index = atlas.selected.member, members.indices.contains(index), let context = context(index) else {
            return
        }
        let room = plots.words.inset(left: 1, top: 3, right: 1)
        let losses = Self.rows(of: Self.losses(members[index]), columns: room.width)
        for (row, line) in losses.prefix(room.height).enumerated() {
            canvas.write(line, x: room.x, y: room.y + row, style: app.text, limit: room.width)
        }
        OutputPanel.draw(into: &canvas, rect: plots.output, context: context)
        LossPanel.draw(into: &canvas, rect: plots.loss, context: context)
    }

    /// Words that stay whole, in as few rows as they fit.
    static func rows(of words: [String], columns: Int) -> [String] {
        words.reduce(into: [String]()) { rows, word in
            if let last = rows.last, columnWidth(last) + 2 + columnWidth(word) <= columns {
                rows[rows.count - 1] = "\(last)  \(word)"
            } else {
                rows.append(word)
            }
        }
    }

    /// "train 0.0123", "test 0.0234", or what ended the run.
    static func losses(_ member: GridNews.Member) -> [String] {
        if case .diverged(let divergence) = member.snapshot.state {
            return ["diverged at step \(formatCount(divergence.step))"]
        }
        guard let evaluation = member.snapshot.evaluation else { return [] }
        let own = evaluation.metrics.filter { $0.plot == .loss && $0.set == nil }.compactMap { metric in
            evaluation[metric.id].map { "\(metric.title) \(LossPanel.still($0))" }
        }
        let score = member.snapshot.history.score.flatMap { score in
            evaluation[score.id].map { "\(score.title) \(LossPanel.still($0))" }
        }
        var words = [score].compactMap(\.self)
        if evaluation.hasTrainLoss || own.isEmpty { words.append("train \(LossPanel.still(evaluation.trainLoss))") }
        words += own
        if let test = evaluation.testLoss { words.append("test \(LossPanel.still(test))") }
        if member.snapshot.canBeInBits { words[words.count - 1] += " nats" }
        if case .finished = member.snapshot.state { words.append("ended at \(formatCount(member.snapshot.epoch))") }
        return words
    }
}

extension Boundary {
    /// Fewer pixels, each as its middle is: a mean would wash out what is finer than a pixel.
    fileprivate func sampled(_ few: ViewRequest.Size) -> Boundary {
        guard size.columns > few.columns, size.rows > few.rows else { return self }
        var boundary = self
        boundary.size = few
        boundary.field = Field()
        for row in 0..<few.rows {
            for column in 0..<few.columns {
                let at =
                    (2 * row + 1) * size.rows / (2 * few.rows) * size.columns
                    + (2 * column + 1) * size.columns / (2 * few.columns)
                if field.values.isEmpty {
                    boundary.field.classes.append(field.classes[at])
                    boundary.field.confidences.append(field.confidences[at])
                } else {
                    boundary.field.values.append(field.values[at])
                }
            }
        }
        return boundary
    }
}

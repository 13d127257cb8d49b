import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let rivals = ViewID("rivals")
}

extension View {
    /// The network and its rivals on the same data: each with its boundary, accuracy and time, or one of them alone.
    static let rivals = View(
        id: .rivals, panel: .output,
        words:
            "The network and its rivals on the same data, each with its score on data that it has not learned from and the time that it took. (← →) show one alone; of a support vector machine with its margin (dotted) and the support vectors, which alone carry it.",
        watch: "Scores that are nearly alike: the simpler and faster learner is then the better choice.",
        suits: { $0.hasRivals }, heading: { context, _ in RivalSheet.heading(context) },
        request: { context, rect, request in
            guard let pixels = RivalSheet(rect, context)?.pixels else { return }
            (request.rivals, request.boundary, request.neuron) = (pixels, pixels, nil)
        },
        draw: { canvas, rect, context in RivalSheet(rect, context)?.draw(into: &canvas) },
        inWords: { context in
            let own = context.scene.hasRivalsAlone ? nil : context.scoreWords.map { "the network: \($0)" }
            return [own].compactMap(\.self)
                + context.snapshot.rivals.map { rival in
                    let score = (rival.testScore ?? rival.trainScore).map {
                        "\(rival.scoresClasses ? "accuracy" : "R²") \(formatNumber($0, digits: 3))"
                    }
                    let time = rival.seconds > 0 ? ", \(formatNumber(rival.seconds, digits: 2)) s" : ""
                    let none = rival.isMeasured ? "no R², for all values are equal" : "not measured yet"
                    return
                        "\(rival.title): \(score ?? none)\(time)\(rival.isFinished ? "" : ", goes on")"
                }
        },
        point: { context, x, y, rect in
            var pointed = Pointed()
            pointed.rival = RivalSheet(rect, context)?.rival(x: x, y: y)
            return pointed
        },
        putCursor: { app, pointed in app.plots.rival = app.plots.rival == pointed.rival ? nil : pointed.rival },
        spansColumns: true,
        commands: [
            Command(
                "output.rivals", "rivals side by side with the network; again: the network alone", hint: "rivals",
                keys: ["R"], panels: [.output],
                disabled: {
                    $0.plotContext?.scene.hasRivals == false
                        ? "there are no rivals; “rivals” in the training panel adds some" : nil
                }
            ) { app in
                guard let context = app.plotContext else { return }
                if context.view(in: .output)?.id == .rivals {
                    let others = View.views(of: .output).filter { $0.id != .rivals && $0.suits(context.scene) }
                    app.plots.views[.output] = others.first?.id
                } else {
                    app.plots.views[.output] = .rivals
                }
            },
            Command(
                "output.nextRival", "the next rival alone, with its margin and support vectors", hint: "one alone",
                keys: ["right", "l"], panels: [.output], views: [.rivals]
            ) { walk(&$0, 1) },
            Command(
                "output.previousRival", "the rival before alone", hint: "one alone", keys: ["left", "h"],
                panels: [.output], views: [.rivals]
            ) { walk(&$0, -1) },
            Command(
                "output.allRivals", "all rivals side by side", keys: ["backspace", "0"], panels: [.output],
                views: [.rivals],
                disabled: { $0.plots.rival == nil ? "all are side by side" : nil }
            ) { $0.plots.rival = nil },
        ])

    /// Through all side by side, the network and each rival.
    private static func walk(_ app: inout App, _ direction: Int) {
        guard let context = app.plotContext else { return }
        let all: [Int?] = [nil] + context.contestants.map(\.index)
        let place = all.firstIndex(of: app.plots.rival) ?? 0
        app.plots.rival = all[(place + direction + all.count) % all.count]
    }
}

extension App {
    /// The view of rivals with one of them in front.
    mutating func show(rival: Int) {
        plots.views[.output] = .rivals
        plots.rival = rival
        show(.output)
    }
}

extension App {
    /// Shows a rival alone, or the network: −1.
    mutating func showAlone(rival index: Int) {
        plots.views[.output] = .rivals
        plots.rival = index
        show(.output)
    }
}

/// The parts of the view in its rectangle: planes side by side, one plane alone, or lines of figures.
private struct RivalSheet {
    private let context: PlotContext
    private let content: Rect
    private let contestants: [Contestant]
    /// Of each contestant its caption and below it its plane; empty: lines.
    private let tiles: [Rect]
    /// The plane of one that is shown alone; nil: all are.
    private let alone: OutputGeometry?

    /// Cells of a plane below which lines say more.
    private static let leastWidth = 8
    private static let leastHeight = 4

    /// nil: no room.
    init?(_ rect: Rect, _ context: PlotContext) {
        let content = panelContent(of: rect)
        guard content.width > 12, content.height > 1 else { return nil }
        let all = context.contestants
        let one = all.first { $0.index == context.plots.rival }
        var context = context
        context.showsLegend = false
        context.view.neuron = nil
        context.plots.pointed = Pointed()
        (self.context, self.content) = (context, content)
        contestants = one.map { [$0] } ?? all
        let data = context.snapshot.data
        let hasPlane =
            data.image == nil && !data.schema.isSequence && context.snapshot.network.generated == nil
            && !data.columns.isEmpty
        alone = hasPlane && one != nil ? OutputGeometry(rect: rect.inset(bottom: 2), context: context) : nil
        tiles = hasPlane && alone == nil ? Self.tiles(content.inset(left: 1, right: 1), all, context) : []
    }

    /// Places for so many planes as large as can be; empty: there is no room.
    private static func tiles(_ content: Rect, _ contestants: [Contestant], _ context: PlotContext) -> [Rect] {
        let count = contestants.count
        var best: (area: Int, tiles: [Rect]) = (0, [])
        for columns in 1...max(1, count) {
            let rows = (count + columns - 1) / columns
            let (width, height) = ((content.width + 1) / columns - 1, content.height / rows)
            let plot = Self.plot(Rect(x: 0, y: 0, width: width, height: height), contestants, context)
            guard plot.width >= leastWidth, plot.height >= leastHeight, plot.width * plot.height > best.area else {
                continue
            }
            best = (
                plot.width * plot.height,
                (0..<count).map { place in
                    Rect(
                        x: content.x + place % columns * (width + 1), y: content.y + place / columns * height,
                        width: width, height: height)
                }
            )
        }
        return best.tiles
    }

    /// Rows of the captions: score and time stand under the name where they would cut it beside them.
    private static func captionRows(_ contestants: [Contestant], width: Int) -> Int {
        let figures = columnWidth(" 100% 999 ms")
        return contestants.allSatisfy { columnWidth($0.title) + figures <= width } ? 1 : 2
    }

    /// The plane in a tile, below its caption.
    private static func plot(_ tile: Rect, _ contestants: [Contestant], _ context: PlotContext) -> Rect {
        let caption = captionRows(contestants, width: tile.width)
        let room = Rect(x: tile.x, y: tile.y + caption, width: tile.width, height: max(0, tile.height - caption))
        guard context.columns.count > 1 else { return room }
        return proportioned(room, width: context.xRange.span, height: context.yRange.span)
    }

    /// Of each plane; nil: there is none.
    var pixels: ViewRequest.Size? {
        guard let plot = alone?.plot ?? tiles.first.map({ Self.plot($0, contestants, context) }), !plot.isEmpty else {
            return nil
        }
        return ViewRequest.Size(columns: plot.width * (context.columns.count == 1 ? 2 : 1), rows: plot.height * 2)
    }

    static func heading(_ context: PlotContext) -> String {
        let all = context.contestants
        if let one = all.first(where: { $0.index == context.plots.rival }) { return "Output · \(one.title)" }
        return all.count > all.filter { $0.index >= 0 }.count ? "Output · network and rivals" : "Output · rivals"
    }

    /// The contestant at a cell.
    func rival(x: Int, y: Int) -> Int? {
        if alone != nil { return contestants[0].index }
        return zip(tiles, contestants).first { $0.0.contains(x: x, y: y) }?.1.index
    }

    // MARK: - Drawing

    func draw(into canvas: inout Canvas) {
        if let alone { return draw(contestants[0], alone, into: &canvas) }
        if tiles.isEmpty { return drawLines(into: &canvas) }
        for (tile, contestant) in zip(tiles, contestants) {
            let plot = Self.plot(tile, contestants, context)
            drawCaption(contestant, tile, at: plot.x, into: &canvas)
            ContestantPlane(contestant, context).draw(into: &canvas, plot)
        }
    }

    private func draw(_ contestant: Contestant, _ geometry: OutputGeometry, into canvas: inout Canvas) {
        guard !geometry.plot.isEmpty else { return }
        let plane = ContestantPlane(contestant, context)
        plane.draw(into: &canvas, geometry.plot, showsSupport: true)
        OutputPanel.drawAxes(into: &canvas, content, geometry, plane.frame)
        let scores = contestant.scores
        let facts = [scores.first ?? "", contestant.time, scores.dropFirst().first ?? "", contestant.words]
        let row = content.maxY - 1
        let used = canvas.write(
            contestant.title + "  ", x: content.x + 1, y: row, style: Style(context.theme.text, bold: true),
            limit: content.width - 2)
        var words = facts.filter { !$0.isEmpty }
        while words.count > 1, columnWidth(words.joined(separator: " · ")) > content.width - 2 - used {
            words.removeLast()
        }
        canvas.write(
            words.joined(separator: " · "), x: content.x + 1 + used, y: row, style: Style(context.theme.quiet),
            limit: content.width - 2 - used)
        let legend = [
            "\(String(Character(ContestantPlane.supportMark(context)))) support vector · dotted: margin",
            "\(String(Character(ContestantPlane.supportMark(context)))) support vector",
        ]
        let hasSupport =
            context.snapshot.rivals.indices.contains(contestant.index)
            && context.snapshot.rivals[contestant.index].model?.supportRows.isEmpty == false
        if hasSupport, let legend = legend.first(where: { columnWidth($0) <= content.width - 2 }) {
            canvas.write(legend, x: content.x + 1, y: row - 1, style: Style(context.theme.quiet))
        }
    }

    /// "SVM 97.5 % · 12 ms", as much of it as fits; in two rows where a name and its score have no room side by side.
    /// - Parameter left: the column of the plane below it.
    private func drawCaption(_ contestant: Contestant, _ tile: Rect, at left: Int, into canvas: inout Canvas) {
        let score = contestant.text(contestant.score)
        let isBest = contestants.isBest(contestant.score)
        let style = Style(isBest ? .rgb(context.theme.accent) : context.theme.text, bold: true)
        let quiet = Style(context.theme.quiet)
        let times = [contestant.isFinished ? contestant.time : contestant.words, contestant.roundedTime]
            .filter { !$0.isEmpty }
        let (title, word, rounded) = (contestant.title, contestant.shortTitle, contestant.roundedScore)
        func write(_ choices: [[(String, Style)]], _ y: Int) {
            func width(_ parts: [(String, Style)]) -> Int { columnWidth(parts.map(\.0).joined(separator: " ")) }
            let parts = choices.first { width($0) <= tile.width } ?? choices.last ?? []
            // At the left end of its plane, else of the tile.
            var x = width(parts) <= tile.maxX - left ? left : tile.x
            for part in parts {
                x += canvas.write(part.0, x: x, y: y, style: part.1, limit: max(0, tile.maxX - x)) + 1
            }
        }
        func timed(_ choices: [[(String, Style)]]) -> [[(String, Style)]] {
            choices.flatMap { parts in
                times.map { parts + [("· \($0)", quiet)] } + times.map { parts + [($0, quiet)] }
            }
        }
        let name = Style(context.theme.text)
        if Self.captionRows(contestants, width: tile.width) == 2 {
            write([[(title, name)], [(word, name)]], tile.y)
            return write(
                timed([[(score, style)], [(rounded, style)]]) + [[(score, style)], [(rounded, style)]], tile.y + 1)
        }
        let named = [
            [(title, name), (score, style)], [(word, name), (score, style)], [(word, name), (rounded, style)],
        ]
        write(timed(named) + named, tile.y)
    }

    /// A line for each: its name, its score as a bar, the score on the training samples, time and size.
    private func drawLines(into canvas: inout Canvas) {
        let rect = content.inset(left: 1, right: 1)
        let names = (contestants.map { columnWidth($0.title) }.max() ?? 0) + 1
        let scores = (contestants.map { columnWidth($0.text($0.score)) }.max() ?? 0) + 1
        let spacing = rect.height >= 2 * contestants.count ? 2 : 1
        for (place, contestant) in contestants.prefix(rect.height).enumerated() {
            let y = rect.y + place * spacing
            guard y < rect.maxY else { return }
            let isBest = contestants.isBest(contestant.score)
            let style = Style(isBest ? .rgb(context.theme.accent) : context.theme.text, bold: isBest)
            canvas.write(contestant.title, x: rect.x, y: y, style: style, limit: min(names, rect.width))
            let score = contestant.text(contestant.score)
            guard rect.width > names + scores else { continue }
            canvas.writeRight(score, maxX: rect.x + names + scores, y: y, style: style)
            var right = rect.maxX
            var facts = [
                contestant.words, contestant.isFinished ? contestant.time : "…",
                contestant.scores.dropFirst().first ?? "",
            ].filter { !$0.isEmpty }
            while !facts.isEmpty,
                columnWidth(facts.reversed().joined(separator: " · ")) > rect.width - names - scores - 12
            {
                facts.removeFirst()
            }
            let words = facts.reversed().joined(separator: " · ")
            let quiet = Style(context.theme.quiet)
            if spacing == 2, !words.isEmpty {
                canvas.write(
                    words, x: rect.x + names + scores + 1, y: y + 1, style: quiet,
                    limit: max(0, rect.maxX - rect.x - names - scores - 1))
            } else if !words.isEmpty {
                canvas.writeRight(words, maxX: rect.maxX, y: y, style: quiet)
                right -= columnWidth(words) + 1
            }
            drawBar(
                contestant.score,
                Rect(x: rect.x + names + scores + 1, y: y, width: right - rect.x - names - scores - 1, height: 1),
                style, into: &canvas)
        }
    }

    private func drawBar(_ score: Double?, _ rect: Rect, _ style: Style, into canvas: inout Canvas) {
        guard let score, rect.width > 2 else { return }
        let eighths = Int(bounded: min(max(score, 0), 1) * Double(8 * rect.width))
        for column in 0..<rect.width {
            let part = min(8, eighths - 8 * column)
            guard part > 0 else { break }
            let glyph: Unicode.Scalar = context.ascii ? "#" : Unicode.Scalar(0x2590 - UInt32(part))!
            canvas[rect.x + column, rect.y] = Cell(glyph, style)
        }
    }
}

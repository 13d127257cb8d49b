import Datasets
import Engine
import Session
import TerminalKit

/// The line on top and the line at the bottom.
struct Bars: ScreenPart {
    let app: App

    /// One piece of the top line; pieces that do not fit go, the least important first.
    private struct Piece {
        var text: String
        /// Where room is short.
        var short: String?
        var style: Style
        /// 0 stays longest.
        var rank: Int
        /// Cut before more important ones go.
        var canBeCut = false
        var columns: Int { columnWidth(text) }
        /// Short names stay whole.
        var least: Int { canBeCut ? min(columns, 16) : columns }
    }

    func drawTop(into frame: inout Frame, _ rect: Rect) {
        let (left, right) = app.grid.map(gridPieces) ?? panelPieces
        draw(left, right, into: &frame, rect)
    }

    private func style(_ color: Color, bold: Bool = false) -> Style { Style(color, on: app.theme.bar, bold: bold) }

    private func named(_ name: String) -> [Piece] {
        [
            Piece(text: "layercake", style: style(.rgb(app.theme.accent), bold: true), rank: 9),
            Piece(text: name, style: style(app.theme.text, bold: true), rank: 1, canBeCut: true),
        ]
    }

    private func figure(_ title: String, _ value: String, _ width: Int, rank: Int) -> Piece {
        Piece(text: title + " " + padLeft(value, width - 1), style: style(app.theme.text), rank: rank)
    }

    private var speedLimit: Piece {
        let speed = app.experiment.view.epochsPerSecond.map { formatNumber($0) + " ep/s" } ?? "max"
        return Piece(text: padLeft(speed, 8), style: style(app.theme.text), rank: 3)
    }

    private func state(_ text: String, _ color: Color) -> Piece {
        Piece(text: padRight(text, 11), style: style(color, bold: true), rank: 0)
    }

    private func threads(_ count: Int) -> Piece {
        Piece(text: "cpu × \(count)", style: style(app.theme.quiet), rank: 8)
    }

    /// Where it trains: the processor with its threads, or a device by the beginning of its name.
    private func place(_ snapshot: Snapshot) -> Piece {
        guard case .openCL(let device) = snapshot.wantedDevice else { return threads(snapshot.threads) }
        let kind = device.kind == .gpu ? "gpu" : "opencl"
        let isThere = snapshot.device == snapshot.wantedDevice
        return Piece(
            text: "\(kind): \(isThere ? String(device.label.prefix(40)) : "compiling …")",
            short: isThere ? kind : "\(kind) …", style: style(.rgb(app.theme.accent)), rank: 2)
    }

    private var panelPieces: (left: [Piece], right: [Piece]) {
        var left = named(name)
        if let outline = app.outline {
            left.append(
                Piece(
                    text: Self.shape(outline, first: 3, within: 24), short: Self.shape(outline, first: 1, within: 9),
                    style: style(app.theme.text), rank: 2))
            left.append(
                Piece(
                    text: formatCount(outline.parameterCount, "parameter"), style: style(app.theme.text), rank: 7))
        }
        let (words, color) = stateText
        if app.lesson == nil, app.past == nil, let diagnosis = app.watch.shown {
            let key = diagnosis.remedy == nil ? "" : " \(app.label(HealthCommand.remedy.id))"
            left.append(
                Piece(text: "\(diagnosis.word)\(key)", style: style(.rgb(app.theme.bad), bold: true), rank: 1))
        }
        var right = [
            state(words, color), figure("epoch", formatCount(app.snapshot?.epoch ?? 0), 8, rank: 2),
            figure("step", formatCount(app.snapshot?.step ?? 0), 10, rank: 5), speedLimit,
        ]
        if let snapshot = app.snapshot {
            right.append(
                Piece(
                    text: padLeft("\(formatShort(app.playing.isOn ? snapshot.stepsPerSecond : 0)) steps/s", 13),
                    style: style(app.theme.quiet), rank: 4))
            right.append(place(snapshot))
        }
        return (left, right)
    }

    /// "2→4→2→1", of many layers the first ones and the last.
    private static func shape(_ outline: Outline, first count: Int, within columns: Int) -> String {
        let shapes = ([outline.input] + outline.layers.map(\.output)).map(\.description)
        let all = shapes.joined(separator: "→")
        guard columnWidth(all) > columns, shapes.count > count + 1 else { return all }
        return (shapes.prefix(count) + ["…", shapes.last!]).joined(separator: "→")
    }

    private func gridPieces(_ grid: GridState) -> (left: [Piece], right: [Piece]) {
        let members = grid.news.members
        var left = named("\(type(of: grid.screen).title) · \(name)")
        left.append(
            Piece(text: grid.screen.countWords, style: style(app.theme.text), rank: 4))
        let isOver = !members.isEmpty && members.allSatisfy(\.isOver)
        let (words, color): (String, Color) =
            grid.news.failure != nil
            ? ("! failed", .rgb(app.theme.bad))
            : isOver
                ? ("■ finished", .rgb(app.theme.good))
                : app.playing.isOn ? ("▶ training", .rgb(app.theme.good)) : ("‖ paused", .rgb(app.theme.accent))
        let epoch = members.map(\.snapshot.epoch).max() ?? 0
        var right = [state(words, color), figure("epoch", formatCount(epoch), 8, rank: 2), speedLimit]
        if let first = members.first?.snapshot {
            right.append(
                Piece(
                    text: padLeft("\(formatShort(first.epochsPerSecond)) epochs/s", 14), style: style(app.theme.quiet),
                    rank: 8))
            right.append(place(first))
        }
        return (left, right)
    }

    private func draw(_ left: [Piece], _ right: [Piece], into frame: inout Frame, _ rect: Rect) {
        var (left, right) = (left, right)
        frame.canvas.fill(rect, with: Cell(" ", style(app.theme.text)))
        func total(_ width: (Piece) -> Int) -> Int { (left + right).reduce(0) { $0 + width($1) + 2 } }
        func drop(above rank: Int, _ width: (Piece) -> Int) {
            while total(width) > rect.width, let worst = (left + right).map(\.rank).max(), worst > rank {
                left.removeAll { $0.rank == worst }
                right.removeAll { $0.rank == worst }
            }
        }
        func shorten(_ pieces: inout [Piece]) {
            for index in pieces.indices { pieces[index].text = pieces[index].short ?? pieces[index].text }
        }
        if total(\.columns) > rect.width { shorten(&right) }
        // The details make room for a title; shape, speed and epoch stay beside a cut one.
        drop(above: 5, \.columns)
        drop(above: 4, \.least)
        if total(\.least) > rect.width { shorten(&left) }
        drop(above: 1, \.least)
        let excess = total(\.columns) - rect.width
        if excess > 0, let index = left.firstIndex(where: \.canBeCut) {
            let columns = max(1, left[index].columns - excess)
            var text = ""
            for character in left[index].text where columnWidth(text + String(character)) < columns {
                text.append(character)
            }
            left[index].text = text + "…"
        }
        var x = rect.maxX - 1
        for piece in right.reversed() {
            x -= piece.columns
            frame.canvas.write(piece.text, x: x, y: rect.y, style: piece.style)
            x -= 2
        }
        let limit = x
        x = rect.x + 1
        for piece in left where x < limit {
            x += frame.canvas.write(piece.text, x: x, y: rect.y, style: piece.style, limit: limit - x) + 2
        }
        let play = app.commands.first(where: \.leads)!.id
        frame.hit(Rect(x: limit, y: rect.y, width: rect.maxX - limit, height: 1), nil, .command(play))
    }

    private var name: String {
        var name =
            app.experiment.title.isEmpty
            ? String(app.session.name.split(separator: "/").last ?? "") : app.experiment.title
        if name.isEmpty {
            name = Datasets.entry(app.experiment.data.dataset.id)?.title ?? app.experiment.data.dataset.id
        }
        if let variant = app.session.variant, app.experiment.compare.indices.contains(variant) {
            name += " · \(app.experiment.compare[variant].title)"
        }
        return name + (app.session.edited ? " *" : "")
    }

    private var stateText: (String, Color) {
        if let loading = app.reading.data { return ("loading \(min(99, loading.percent))%", .rgb(app.theme.accent)) }
        if app.failure != nil { return ("! no data", .rgb(app.theme.bad)) }
        if let past = app.past {
            let mark = past.replay == nil ? "◂" : "▶"
            return ("\(mark) \(past.showsNow ? "now" : "then")", .rgb(app.theme.accent))
        }
        if let walk = app.plots.walk {
            let word = walk.mode.word
            return walk.due == nil ? ("‖ \(word)", .rgb(app.theme.accent)) : ("▶ \(word)", .rgb(app.theme.good))
        }
        switch app.snapshot?.state {
        case .diverged?: return ("✗ diverged", .rgb(app.theme.bad))
        case .finished?: return ("■ finished", .rgb(app.theme.good))
        case .paused?, .training?, nil:
            return app.playing.isOn ? ("▶ training", .rgb(app.theme.good)) : ("‖ paused", .rgb(app.theme.accent))
        }
    }

    // MARK: Bottom

    private struct Hint {
        let id: String
        let lasts: Bool
        let leads: Bool
        private(set) var keys: String
        private var lastKey: String
        let word: String

        init(_ command: Command, key: String, word: String) {
            (id, lasts, leads) = (command.id, command.lasts, command.leads)
            (keys, lastKey, self.word) = (key, key, word)
        }

        /// Signs stand side by side, "←→"; keys of several letters stand apart.
        mutating func add(_ key: String) {
            keys += (key.count > 1 || lastKey.count > 1 ? " " : "") + key
            lastKey = key
        }
    }

    /// The hints for the focus: commands that share a word stand together ("←→ change").
    private var hints: [Hint] {
        var hints: [Hint] = []
        // A mode stands in front of its panel's own keys.
        let front = app.screenCommands == nil ? Panel[app.focus].mode(app)?.commands ?? [] : []
        let taken = Set(front.flatMap(app.bindings.keys))
        let frontIDs = Set(front.map(\.id))
        let shown = app.view(in: app.focus)?.id
        // Before the data are there no view is known, and none of their keys.
        let hasView = shown != nil || app.screenCommands != nil || View.views(of: app.focus).isEmpty
        let commands = app.commands
        let present = commands.indices.filter { place in
            commands[place].hint != nil
                && (app.screenCommands != nil || commands[place].works(in: app.focus, showing: shown))
                && !frontIDs.contains(commands[place].id)
                && (app.plots.walk == nil || commands[place].occasions.contains(.walk))
                && (hasView || commands[place].panels == nil)
        }
        for command in front + present.map({ commands[$0] }) where command.disabled(app) == nil {
            guard let word = command.word(app) else { continue }
            let isFront = frontIDs.contains(command.id)
            let keys = app.bindings.keys(of: command)
            guard let key = keys.first(where: { isFront || !taken.contains($0) }).flatMap({ Key($0) }) else { continue }
            let label = key.label(glyphs: app.capabilities.glyphs)
            if let place = hints.firstIndex(where: { $0.word == word }) {
                hints[place].add(label)
            } else {
                hints.append(Hint(command, key: label, word: word))
            }
        }
        return hints
    }

    /// The purpose of this experiment: its variants, and its story where it is not on the screen.
    private var lessonHints: Set<String> {
        var hints: Set<String> = app.experiment.compare.isEmpty ? [] : ["file.variants", "grid.race"]
        if app.storyIsNews, !app.tellsWholeStory { hints.insert("app.story") }
        return hints
    }

    private var news: Notice? {
        app.notice ?? app.reading.progress(canUndo: app.session.canUndo, isBusy: isBusy, label: app.label)
    }

    private var explain: Rect? { app.screenCommands == nil ? app.layout.explain : nil }

    /// Rows that the explanation gives up for news which the row of hints has no room for.
    var newsRows: Int {
        guard let explain, let news, isBusy || columnWidth(news.text) > app.width - 2 else { return 0 }
        return Self.lines(of: news.text, columns: explain.width - 2, most: max(1, explain.height - 2)).count
    }

    /// At the foot of the explanation: short news where its rows are free, long ones in rows that it gives up. Else, and where
    /// there is no explanation, in place of the hints, so that as little as may be of a panel is covered: long news take rows
    /// above them too, with room behind the words, so that the rest of the row does not read on. The hints of a popup stay.
    private func drawNotice(into canvas: inout Canvas, above rect: Rect) {
        guard let line = news else { return }
        let place = explain.flatMap { explain in
            let rows = Self.lines(of: line.text, columns: explain.width - 2, most: explain.height - 1).count
            let foot = Rect(x: explain.x, y: explain.maxY - rows, width: explain.width, height: rows)
            let isFree = canvas.part(foot).lines.allSatisfy { $0.allSatisfy { $0 == " " } }
            return newsRows > 0 || isFree ? explain : nil
        }
        // Over a panel it stands for a few seconds; trouble stays.
        let most = newsRows > 0 ? newsRows : place.map { $0.height - 1 } ?? (line.bad ? 4 : 3)
        let words = Self.lines(of: line.text, columns: (place ?? rect).width - 2, most: most)
        let width = place?.width ?? min(rect.width, (words.map { columnWidth($0) }.max() ?? 0) + 5)
        let end = place?.maxY ?? (isBusy ? rect.y : rect.maxY)
        let strip = Rect(x: (place ?? rect).x, y: max(0, end - words.count), width: width, height: words.count)
        if place == nil, !isBusy { canvas.fill(rect, with: Cell(" ", Style(app.theme.text, on: app.theme.bar))) }
        let style = Style(line.bad ? .rgb(app.theme.bad) : app.theme.text, on: app.theme.bar, bold: line.bad)
        canvas.fill(strip, with: Cell(" ", style))
        for (row, words) in words.enumerated() {
            canvas.write(words, x: strip.x + 1, y: strip.y + row, style: style, limit: width - 2)
        }
    }

    /// The first lines of a text, with the key that shows all of it where they are not all.
    private static func lines(of text: String, columns: Int, most: Int) -> [String] {
        let lines = wrapText(text, columns: columns)
        guard lines.count > most else { return lines }
        let more = " … ! reads on"
        let last = wrapText(lines[most - 1], columns: columns - columnWidth(more)).first ?? ""
        return lines.prefix(most - 1) + [last + more]
    }

    /// Keys go to a popup or into a value.
    private var isBusy: Bool { app.popup != nil || app.editing.typing != nil }

    func drawBottom(into frame: inout Frame, _ rect: Rect) {
        let ground = app.theme.bar
        frame.canvas.fill(rect, with: Cell(" ", Style(app.theme.text, on: ground)))
        drawHints(into: &frame, rect)
        drawNotice(into: &frame.canvas, above: rect)
    }

    private func drawHints(into frame: inout Frame, _ rect: Rect) {
        let ground = app.theme.bar
        if isBusy {
            let pairs = app.popup?.hints ?? [("⏎", "take"), ("esc", "back")]
            var x = rect.x + 1
            for (key, word) in pairs {
                let key =
                    app.capabilities.glyphs == .ascii ? (key == "⏎" ? "enter" : key == "↑↓" ? "up down" : key) : key
                x +=
                    frame.canvas.write(
                        key, x: x, y: rect.y, style: Style(.rgb(app.theme.accent), on: ground, bold: true))
                    + 1
                x += frame.canvas.write(word, x: x, y: rect.y, style: Style(app.theme.quiet, on: ground)) + 2
            }
            return
        }
        if let lesson = app.lesson, app.screenCommands == nil {
            return drawLesson(LessonHints(app: app, lesson: lesson).all, into: &frame, rect)
        }
        let hints = hints
        // The keys of this panel first; then all others as far as they fit.
        let first = lessonHints
        let others = hints.filter { hint in !hint.lasts && !first.contains(hint.id) }
        // Where not even the lesson's fit, its story comes before its variants.
        let lesson = hints.filter { first.contains($0.id) }
        let ranked =
            hints.filter(\.lasts)
            + (rect.width < 80 ? lesson.filter { $0.id == "app.story" } : []) + lesson
            + others.filter { Self.isLocal($0.id) } + others.filter { !Self.isLocal($0.id) }
        var kept: Set<String> = []
        var used = 1
        for hint in ranked where !kept.contains(hint.id) {
            let columns = columnWidth(hint.keys) + columnWidth(hint.word) + 3
            guard used + columns <= rect.width + 1 else { continue }
            used += columns
            kept.insert(hint.id)
        }
        let order = hints.filter { kept.contains($0.id) }
        let shown =
            order.filter(\.leads) + order.filter { Self.isLocal($0.id) && !$0.leads }
            + order.filter { !Self.isLocal($0.id) && !$0.leads }
        var x = rect.x + 1
        for hint in shown {
            let start = x
            x +=
                frame.canvas.write(
                    hint.keys, x: x, y: rect.y, style: Style(.rgb(app.theme.accent), on: ground, bold: true))
                + 1
            x += frame.canvas.write(hint.word, x: x, y: rect.y, style: Style(app.theme.quiet, on: ground))
            frame.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), nil, .command(hint.id))
            x += 2
        }
    }

    /// The keys of a step, as many as fit: the last ones go first.
    private func drawLesson(_ hints: [LessonHints.Hint], into frame: inout Frame, _ rect: Rect) {
        var kept: [LessonHints.Hint] = []
        var used = 1
        for hint in hints.sorted(by: { $0.rank < $1.rank }) {
            let columns = columnWidth(hint.keys) + columnWidth(hint.word) + 3
            guard used + columns <= rect.width + 1 else { continue }
            used += columns
            kept.append(hint)
        }
        var x = rect.x + 1
        for hint in hints where kept.contains(hint) {
            let (start, ground) = (x, app.theme.bar)
            let key = Style(.rgb(hint.isUrged ? app.theme.good : app.theme.accent), on: ground, bold: true)
            x += frame.canvas.write(hint.keys, x: x, y: rect.y, style: key) + 1
            let word =
                hint.isUrged ? Style(.rgb(app.theme.good), on: ground, bold: true) : Style(app.theme.quiet, on: ground)
            x += frame.canvas.write(hint.word, x: x, y: rect.y, style: word)
            frame.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), nil, .command(hint.id))
            x += 2
        }
    }

    private static func isLocal(_ id: String) -> Bool { !Commands.everywhere.contains { $0.id == id } }
}

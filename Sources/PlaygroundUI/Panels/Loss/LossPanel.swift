import Basics
import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension PanelID {
    static let loss = PanelID("loss")
}

extension Panel {
    /// How training went.
    static let loss = viewer(
        .loss, title: "Loss", place: .plot(.loss),
        words: "The course of the run: the loss on training and on test samples, and what else the procedure measures.",
        watch: "The gap between training and test loss, and whether the curves still fall.", heights: Heights(least: 8),
        commands: LossPanel.commands + EarlierRuns.commands + PastCommands.all,
        modes: [Mode(commands: PastCommands.all, isOn: { $0.past != nil })])
}

/// How training went: the losses of both sets over the epochs, and accuracy as second curves.
public enum LossPanel {
    /// - Parameter rect: the whole panel with its title row.
    public static func draw(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        View.draw(in: .loss, into: &canvas, rect: rect, context: context)
    }

    @Sendable static func drawLosses(into canvas: inout Canvas, rect: Rect, context: PlotContext) {
        let content = panelContent(of: rect)
        guard content.height > 0, content.width > 12 else { return }
        defer { drawNumbers(into: &canvas, content, context) }
        guard let plot = LossPlot(rect: rect, context: context) else {
            if content.height > 2 {
                let words = context.snapshot.history.points.isEmpty ? "no epoch yet" : "the loss is not finite"
                canvas.writeCentred(
                    words, x: content.x, width: content.width, y: content.y + content.height / 2,
                    style: Style(context.theme.quiet))
            }
            return
        }
        plot.draw(into: &canvas)
    }

    /// The moment under the mouse, for `PlotState.moment`.
    public static func moment(x: Int, y: Int, rect: Rect, context: PlotContext) -> Double? {
        guard let plot = LossPlot(rect: rect, context: context), plot.area.contains(x: x, y: y) else { return nil }
        return plot.moment(at: x)
    }

    /// A number that keeps its place while it changes: "0.0003", "3.2e−7", "12.34", "3.2e7".
    static func still(_ value: Double) -> String {
        guard value.isFinite else { return padLeft("–", 6) }
        if let tiny = formatTiny(value, decimals: 4, columns: 6) { return padLeft(tiny, 6) }
        let text =
            abs(value) < 10
            ? formatFixed(value, decimals: 4)
            : abs(value) < 10_000 ? formatFixed(value, decimals: 1) : formatNumber(value, digits: 3)
        return padLeft(text, 6)
    }

    /// A word of the numbers' line, in the order of what goes first where there is no room.
    private struct Words {
        var text: String
        var style: Style
        /// 0 stays longest.
        var rank: Int

        /// The rank of what a procedure measures of its own.
        static let own = 4
        /// The least rank of numbers that are left out before anything else.
        static let further = 10
    }

    /// The metrics of one set of samples: its losses, and beside them its accuracy, or of a regression its R².
    /// - Parameter value: of a metric; nil: there is none.
    private static func numbers(
        _ metrics: [Metric], _ set: Metric.SampleSet, _ style: Style, rank: Int, _ context: PlotContext,
        _ value: (Metric) -> Double?
    ) -> [Words] {
        let good = Style(.rgb(context.theme.good), bold: style.bold)
        let own = metrics.filter { $0.set == set }
        let name = set == .train ? "train" : "test"
        var words = own.filter { $0.plot == .loss }.compactMap { metric in
            value(metric).map { Words(text: "\(name) \(still($0 * context.lossScale))", style: style, rank: rank) }
        }
        guard !words.isEmpty else { return [] }
        for metric in own where metric.plot != .loss {
            guard let value = value(metric), value.isFinite else { continue }
            // The set's name stands before the loss already.
            let title = metric.title.replacing("\(name) ", with: "")
            let number =
                metric.format == .percent ? ConfusionView.percent(value) : padLeft(formatFixed(value, decimals: 2), 5)
            // Further numbers are the first to go, those of the training data before those of the test data.
            let isFurther = words.count > 1 || metric.plot == .aside
            words.append(
                Words(
                    text: metric.plot == .share ? number : "\(title) \(number)", style: good,
                    rank: isFurther ? Words.further + words.count + (set == .train ? 10 : 0) : rank + 2))
        }
        return words
    }

    /// The metrics in one line, or in two where one is too narrow: of the training data, with the addends of the loss and
    /// the network's own metrics, then of the test data. Where there is room for one alone the least important go.
    /// - Returns: the lines, and the procedure's own numbers that have no room there.
    private static func numbers(_ content: Rect, _ context: PlotContext) -> (lines: [[Words]], left: [Words]) {
        let theme = context.theme
        let quiet = Style(theme.quiet)
        let bold = Style(theme.text, bold: true)
        var (first, second): ([Words], [Words]) = ([], [])
        let history = context.snapshot.history
        let moment = context.plots.pointed.moment ?? context.plots.moment
        /// A loss of its own has the colour of its curve.
        func own(_ metric: Metric, _ value: Double) -> Words {
            let text = metric.format == .count ? formatCount(Int(bounded: value)) : still(value)
            let style = metric.plot == .loss ? Style(.rgb(theme.runners[1])) : quiet
            return Words(text: "\(metric.title) \(text)", style: style, rank: Words.own)
        }
        if let moment, let point = LossPlot.point(at: moment, history) {
            func value(_ metric: Metric) -> Double? {
                let value = history[metric.id][point]
                // A series has no values of a set without samples.
                return value.isNaN && metric.set == .test ? nil : Double(value)
            }
            first = numbers(history.metrics, .train, quiet, rank: 1, context, value)
            for metric in history.metrics where metric.set == nil && metric.plot == .loss {
                if let value = value(metric), value.isFinite { first.append(own(metric, value)) }
            }
            second = numbers(history.metrics, .test, bold, rank: 0, context, value)
        } else if let now = context.snapshot.evaluation {
            first = numbers(now.metrics, .train, quiet, rank: 1, context) { now[$0.id] }
            for metric in now.metrics where metric.set == nil && metric.plot != .task {
                guard let value = now[metric.id] else { continue }
                if metric.plot == .addend {
                    if value > 0 {
                        first.append(Words(text: " + \(still(value)) \(metric.title)", style: quiet, rank: Words.own))
                    }
                } else {
                    first.append(own(metric, value))
                }
            }
            second = numbers(now.metrics, .test, bold, rank: 0, context) { now[$0.id] }
        }
        // The line that has the test losses is the second where both need one; where the first is too long it goes on there.
        let all = first + second
        let lines = content.height >= 7 ? 2 : 1
        var left = Array(all.indices)
        while left.count > 1 {
            if let found = Self.lines(
                left.map { all[$0] }, second: left.filter { $0 >= first.count }.count, lines, content)
            {
                let others = all.indices.filter { !left.contains($0) && all[$0].rank == Words.own }
                return (found, others.map { all[$0] })
            }
            // Of equal ones the last.
            left.remove(at: left.indices.reversed().max { all[left[$0]].rank < all[left[$1]].rank }!)
        }
        return ([left.map { all[$0] }], [])
    }

    /// The procedure's own numbers that have no room above the curves: as many as stand in so many columns; "" for none.
    static func furtherNumbers(_ content: Rect, _ context: PlotContext, room: Int) -> String {
        var words = numbers(content, context).left.map(\.text)
        while columnWidth(words.joined(separator: "  ")) > room, !words.isEmpty { words.removeLast() }
        return words.joined(separator: "  ")
    }

    /// The words in one line, or in two; nil: there are too many.
    /// - Parameter second: the last so many begin a line of their own where there are two.
    private static func lines(_ words: [Words], second: Int, _ lines: Int, _ content: Rect) -> [[Words]]? {
        func width(_ words: some Sequence<Words>) -> Int { words.reduce(-1) { $0 + columnWidth($1.text) + 1 } }
        let (room, first) = (content.width - 1, words.count - second)
        let apart = second > 0 && first > 0 ? 1 : 0
        if width(words) + apart <= room {
            let gap = apart > 0 ? [Words(text: "", style: words[0].style, rank: 0)] : []
            return [words.prefix(first) + gap + words.suffix(second)]
        }
        guard lines > 1 else { return nil }
        // The last place at which the first line is not too long.
        let end = (1...max(1, first)).last { width(words.prefix($0)) <= room } ?? 0
        guard end > 0, end < words.count, width(words.dropFirst(end)) <= room else { return nil }
        return [Array(words.prefix(end)), Array(words.dropFirst(end))]
    }

    /// The rows above the curves that the numbers take; in a very low panel they stand over the curves.
    static func numberRows(_ content: Rect, _ context: PlotContext) -> Int {
        content.height >= 5 ? numbers(content, context).lines.count : 0
    }

    private static func drawNumbers(into canvas: inout Canvas, _ content: Rect, _ context: PlotContext) {
        for (row, words) in numbers(content, context).lines.enumerated() {
            var x = content.maxX - 1
            for words in words.reversed() {
                x -= columnWidth(words.text)
                canvas.write(words.text, x: x, y: content.y + row, style: words.style)
                x -= 1
            }
        }
    }

    // MARK: Commands

    public static let commands: [Command] = [
        Command(
            "loss.log", "linear or logarithmic loss", hint: "log", keys: ["g"], panels: [.loss], control: "view.logLoss"
        ) {
            app in app.changeView { $0.logLoss.toggle() }
        },
        Command(
            "loss.accuracy", "the accuracy's curves beside the loss, or not", hint: "accuracy", keys: ["c"],
            panels: [.loss],
            disabled: {
                $0.snapshot.map { $0.network.task.classes == nil } == true
                    ? "values have no accuracy, only classes do" : nil
            }
        ) { $0.plots.showAccuracy.toggle() },
        Command(
            "loss.bits", "sequences of symbols: the loss in bits per symbol, or in nats", hint: "bits", keys: ["b"],
            panels: [.loss], views: [.losses],
            disabled: {
                $0.plotContext?.canBeInBits == false ? "the loss is no cross-entropy of symbols" : nil
            }
        ) { app in app.plots.lossInBits = app.plotContext?.lossScale == 1 },
        Command(
            "loss.earlier", "back in time: all pictures as they were", hint: "back in time", keys: ["left", "h"],
            panels: [.loss], disabled: \.pastRefusal
        ) { $0.moveInTime(-1) },
        Command(
            "loss.smooth", "curves smoothed more, most, or as they are", hint: "smooth", keys: ["a"], panels: [.loss],
            views: [.losses]
        ) { app in
            let steps = HistoryCurve.smoothings
            let place = steps.firstIndex(of: app.plots.smoothing) ?? 0
            app.plots.smoothing = steps[(place + 1) % steps.count]
        },
        Command("loss.export", "write the curves as a table (CSV)", keys: ["C"], panels: [.loss]) {
            $0.popup = Prompt.curves
        },
    ]
}

extension Snapshot {
    /// Each step of sequences has a class as its target, and the loss is its cross-entropy.
    var canBeInBits: Bool {
        data.sequence?.targetSteps != nil && network.lossIsInNats && network.task != .regression
    }
}

extension PlotContext {
    var canBeInBits: Bool { snapshot.canBeInBits }

    /// Bits in a unit of the loss, where the panel shows such: at first for texts, whose next symbol is the target.
    var lossScale: Double {
        canBeInBits && (plots.lossInBits ?? scene.writes) ? 1 / log(2) : 1
    }
}

import Engine
import Session
import TerminalKit

extension ViewID {
    static let confusion = ViewID("confusion")
}

extension View {
    /// The samples counted by true class and answer.
    static let confusion = View(
        id: .confusion, panel: .output,
        words:
            "Each row is a true class and each column an answer of the network: counts off the diagonal are samples that were taken for another class.",
        watch:
            "The largest counts off the diagonal, and whether they lie on both sides of it: then two classes are like each other to the network.",
        suits: { $0.hasConfusion }, heading: { _, _ in "Output · confusion" },
        draw: { canvas, rect, context in
            let content = panelContent(of: rect)
            guard content.height > 1 else { return }
            ConfusionView(context)?.draw(into: &canvas, content)
        },
        inWords: { ConfusionView($0)?.lines ?? [] },
        commands: [
            Command(
                "output.confusion", "which classes are taken for which, and how many are right", hint: "confusion",
                keys: ["M"], panels: [.output],
                disabled: {
                    switch $0.snapshot?.network.task {
                    case .regression: "a regression has no classes; its R² stands with the loss"
                    case .reconstruction: "a reconstruction has no classes; its error stands with the loss"
                    case .values: "values have no classes"
                    case .classification, nil: nil
                    }
                }
            ) { $0.toggle(.confusion) }
        ])
}

/// Which classes are taken for which: a row for each true class, a column for each answer of the network, and at the
/// right how many of a class are right.
struct ConfusionView {
    private let context: PlotContext
    private let matrix: ConfusionMatrix
    private let isTest: Bool

    /// nil: a regression, or nothing has been measured yet.
    init?(_ context: PlotContext) {
        guard let evaluation = context.snapshot.evaluation, let matrix = evaluation.confusion,
            matrix.classes > 0
        else { return nil }
        self.context = context
        self.matrix = matrix
        isTest = evaluation.testConfusion != nil
    }

    private func color(_ index: Int) -> UInt32 {
        matrix.classes == 2
            ? (index == 0 ? context.theme.negative : context.theme.positive) : context.theme.color(ofClass: index)
    }

    /// - Parameter share: of a class' samples; nil: none of them.
    private func ground(isRight: Bool, share: Float?) -> UInt32 {
        let theme = context.theme
        if context.capabilities.colors == .palette16, let share {
            // Faded they would be grey.
            return colorOf16((isRight ? 2 : 1) + (share > 0.5 ? 8 : 0))
        }
        if context.capabilities.colors == .palette256, let share {
            // Mixed ones would be nearest to greys, and to colours that do not rise with the share.
            let table = Self.grounds256[theme.light ? 1 : 0]
            let grounds = isRight ? table.right : table.wrong
            return grounds[min(grounds.count - 1, Int(bounded: share * Float(grounds.count)))]
        }
        return theme.faded(isRight ? theme.good : theme.bad, share.map { 0.2 + 0.8 * $0 } ?? 0.08)
    }

    /// Of 256 colours those for a rising share, on dark and on light ground.
    private static let grounds256: [(right: [UInt32], wrong: [UInt32])] = [
        ([0x005F00, 0x008700, 0x5F875F, 0x5FAF5F, 0x87D787], [0x5F0000, 0x870000, 0xAF0000, 0xD75F5F, 0xFF5F5F]),
        ([0xD7FFD7, 0xAFD7AF, 0x87AF87, 0x5F875F, 0x008700], [0xFFD7D7, 0xFFAFAF, 0xFF8787, 0xD75F5F, 0xD70000]),
    ]

    static func percent(_ share: Double) -> String {
        share >= 0.9995 ? " 100 %" : padLeft(formatFixed(share * 100, decimals: 1), 4) + " %"
    }

    /// The share that is right, of few classes each with its answers, of many the commonest mistakes.
    var lines: [String] {
        let classes = 0..<matrix.classes
        let set = isTest ? "test" : "training"
        let whole = "\(set) data: \(Self.percent(matrix.accuracy).drop { $0 == " " }) right"
        func name(_ index: Int) -> String { context.className(index) }
        if classes.count <= 4 {
            return [whole]
                + classes.map { truth in
                    let counts = classes.map { "\(formatCount(matrix[truth, $0])) as \(name($0))" }
                    return "\(name(truth)): \(counts.joined(separator: ", "))"
                }
        }
        let mistakes = classes.flatMap { truth in
            classes.filter { $0 != truth && matrix[truth, $0] > 0 }.map { (truth: truth, answer: $0) }
        }
        let worst = mistakes.sorted { matrix[$0.truth, $0.answer] > matrix[$1.truth, $1.answer] }.prefix(5)
        guard !worst.isEmpty else { return [whole] }
        let words = worst.map {
            "\(name($0.truth)) for \(name($0.answer)) \(plural(matrix[$0.truth, $0.answer], "time"))"
        }
        return [whole, "taken most often: \(words.joined(separator: ", "))"]
    }

    func draw(into canvas: inout Canvas, _ content: Rect) {
        let theme = context.theme
        let quiet = Style(theme.quiet)
        let rect = content.inset(left: 1, top: content.height >= 12 ? 1 : 0, right: 1)
        guard rect.height > 3, rect.width > 16 else { return }
        let whole = "\(isTest ? "test" : "training") data: \(Self.percent(matrix.accuracy).drop { $0 == " " }) right"
        canvas.write(whole, x: rect.x, y: rect.y, style: Style(theme.text, bold: true), limit: rect.width)
        let classes = matrix.classes
        let names = (0..<classes).map { context.symbolText(context.className($0)) }
        let largest = (0..<classes).flatMap { truth in (0..<classes).map { matrix[truth, $0] } }.max() ?? 0
        let digits = max(1, formatCount(largest).count)
        // The shares that are right have a decimal where the counts have room all the same.
        let longest = names.map(columnWidth).max() ?? 1
        let countsFit = rect.width - min(longest, rect.width / 3) - 1 - 7 >= classes * (digits + 1)
        let isRounded = !countsFit && rect.width - min(longest, rect.width / 3) - 1 - 4 >= classes * (digits + 1)
        let percentWidth = isRounded ? 4 : 7
        // Rows: the words, the columns' names, the classes. Long names are numbered, and their columns with them; a few among
        // short ones are cut.
        let widestCell = 24
        let nameLimit = max(4, min(longest, rect.width / 3))
        let room = rect.width - nameLimit - 1 - percentWidth
        var cell = min(widestCell, max(1, room / classes))
        let columnNames = names.map { beginning(of: $0, columns: max(1, cell - 1)) }
        let areShort = names.count { columnWidth($0) <= max(1, cell - 1) } * 2 > classes
        let isNumbered = longest > cell - 1 && !(areShort && Set(columnNames).count == classes)
        let labels = names.enumerated().map { isNumbered ? "\($0 + 1) \($1)" : $1 }
        let nameWidth = min(isNumbered ? longest + String(classes).count + 1 : longest, rect.width / 2)
        cell = min(widestCell, max(1, (rect.width - nameWidth - 1 - percentWidth) / classes))
        let saysCounts = cell >= digits + 1
        let left = rect.x + nameWidth + 1
        let top = rect.y + 3
        let lines = rect.maxY - top
        let height = max(1, min(cell / 2, lines / classes))
        let shownRows = min(classes, lines / height)
        let shownColumns = max(0, min(classes, (rect.maxX - percentWidth - left) / cell))
        if nameWidth >= 4 { canvas.write("true", x: rect.x, y: rect.y + 2, style: quiet) }
        for column in 0..<shownColumns {
            let label = isNumbered ? String(column + 1) : columnNames[column]
            guard columnWidth(label) <= cell else { continue }
            canvas.writeCentred(
                label, x: left + column * cell, width: cell, y: rect.y + 2,
                style: Style(.rgb(color(column)), bold: true))
        }
        // Beside the cells, that the eye keeps the row.
        let right = min(rect.maxX, left + shownColumns * cell + percentWidth + 1)
        canvas.writeRight("right", maxX: right, y: rect.y + 2, style: quiet)
        canvas.write("answer", x: left, y: rect.y + 1, style: quiet, limit: max(0, rect.maxX - left))
        for truth in 0..<shownRows {
            let y = top + truth * height
            let middle = y + (height - 1) / 2
            canvas.write(labels[truth], x: rect.x, y: middle, style: Style(.rgb(color(truth))), limit: nameWidth)
            let all = (0..<classes).reduce(0) { $0 + matrix[truth, $1] }
            for column in 0..<shownColumns {
                let count = matrix[truth, column]
                let share = all > 0 ? Float(count) / Float(all) : 0
                let ground = ground(isRight: truth == column, share: count == 0 ? nil : share)
                let style = Style(.rgb(contrast(ground)), on: .rgb(ground), bold: truth == column)
                let place = Rect(x: left + column * cell, y: y, width: cell, height: height)
                canvas.fill(place, with: Cell(" ", style))
                if saysCounts {
                    canvas.writeCentred(formatCount(count), x: place.x, width: cell, y: middle, style: style)
                } else if context.colorless {
                    canvas.write(count == 0 ? "." : truth == column ? "#" : "x", x: place.x, y: middle, style: style)
                }
            }
            if let accuracy = matrix.classAccuracy[truth] {
                let words =
                    isRounded ? "\(formatFixed(accuracy * 100, decimals: 0))%" : Self.percent(accuracy)
                canvas.writeRight(words, maxX: right, y: middle, style: Style(theme.text))
            }
        }
        let hidden = [(classes - shownRows, "row"), (classes - shownColumns, "column")].filter { $0.0 > 0 }
        let more = "+" + hidden.map { plural($0.0, $0.1) }.joined(separator: ", ")
        if !hidden.isEmpty, columnWidth(whole) + 2 + columnWidth(more) <= rect.width {
            canvas.writeRight(more, maxX: rect.maxX, y: rect.y, style: quiet)
        }
    }
}

import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let sequences = ViewID("sequences")
}

extension View {
    /// The sequences of the data with their targets.
    static let sequences = View(
        id: .sequences, panel: .output,
        words:
            "Each block is a sequence, its steps from left to right: symbols as their letters or words, values as colours; behind or under it stands what is to be answered.",
        suits: { $0.hasSequences }, heading: { _, _ in "Output · sequences" },
        draw: { canvas, rect, context in
            SequenceStrips(panelContent(of: rect).inset(left: 1, right: 1), context)?.draw(into: &canvas)
        }, commands: SequenceCommands.everywhere)
}

/// Sequences below each other.
struct SequenceStrips {
    private let content: Rect
    private let context: PlotContext
    private let kind: SequenceKind
    private let samples: Samples
    private let isTest: Bool

    /// nil: the data are no sequences, or there is no room.
    init?(_ content: Rect, _ context: PlotContext) {
        let data = context.snapshot.data
        guard case .sequence(let kind) = data.schema.kind, content.width > 12, content.height > 2 else { return nil }
        (self.content, self.context, self.kind) = (content, context, kind)
        isTest = data.test.count > 0
        samples = isTest ? data.test : data.train
    }

    func draw(into canvas: inout Canvas) {
        let theme = context.theme
        canvas.write(
            "\(isTest ? "test" : "training") data: \(formatCount(samples.count)) sequences", x: content.x, y: content.y,
            style: Style(theme.quiet), limit: content.width)
        var y = content.y + 1
        for sample in 0..<samples.count {
            let height = kind.symbols.isEmpty ? valueRows(sample).count : 1
            guard y + height + (kind.targetSteps == nil ? 0 : 1) <= content.maxY else { break }
            draw(sample, y, into: &canvas)
            y += height + (kind.targetSteps == nil ? 0 : 1)
            if height > 1 || kind.targetSteps != nil { y += 1 }
        }
    }

    private func draw(_ sample: Int, _ y: Int, into canvas: inout Canvas) {
        let target = kind.targetSteps == nil ? "→ \(answer(samples.labels[sample]))" : ""
        let room = content.width - (target.isEmpty ? 0 : columnWidth(target) + 1)
        if kind.symbols.isEmpty {
            for (line, row) in valueRows(sample).enumerated() {
                draw(row, y: y + line, room: room, into: &canvas)
            }
        } else {
            let words = (0..<length(sample)).map { kind.symbols[max(0, Int(samples.inputs[sample, $0]))] }
            canvas.write(joined(words), x: content.x, y: y, style: Style(context.theme.text), limit: room)
        }
        if !target.isEmpty {
            canvas.writeRight(target, maxX: content.maxX, y: y, style: Style(context.theme.text, bold: true))
        }
        if let steps = kind.targetSteps { drawTargets(of: sample, steps, y, into: &canvas) }
    }

    /// The targets of all steps, under the steps.
    private func drawTargets(of sample: Int, _ steps: Int, _ y: Int, into canvas: inout Canvas) {
        let labels = samples.labels[sample * steps..<(sample + 1) * steps]
        let line = y + (kind.symbols.isEmpty ? valueRows(sample).count : 1)
        let isValue = context.snapshot.network.task == .regression
        if isValue {
            draw(labels.map { .value($0 == Samples.noLabel ? .nan : $0) }, y: line, room: content.width, into: &canvas)
        } else if kind.symbols.isEmpty, steps == kind.steps {
            draw(
                labels.map { $0 == Samples.noLabel ? .letter(" ") : .letter(String(answer($0).prefix(1))) }, y: line,
                room: content.width, into: &canvas)
        } else {
            let words = labels.filter { $0 != Samples.noLabel }.map(answer)
            canvas.write(
                "→ " + joined(words), x: content.x, y: line, style: Style(context.theme.text, bold: true),
                limit: content.width)
        }
    }

    private enum Mark {
        case letter(String)
        case value(Float)
    }

    private func length(_ sample: Int) -> Int {
        kind.hasLengths ? Int(samples.inputs[sample, samples.inputs.width - 1]) : kind.steps
    }

    /// Of steps with a single one the name's letter, in one row; else a row for each value, at most four.
    private func valueRows(_ sample: Int) -> [[Mark]] {
        let width = kind.features.count
        let steps = (0..<length(sample)).map { step in
            (0..<width).map { samples.inputs[sample, step * width + $0] }
        }
        if width > 1, steps.allSatisfy({ step in step.count { $0 != 0 } == 1 && step.contains(1) }) {
            return [steps.map { .letter(String(kind.features[$0.firstIndex(of: 1)!].prefix(1))) }]
        }
        return (0..<min(width, 4)).map { feature in steps.map { .value($0[feature]) } }
    }

    /// A row of marks; where there are more than columns, each column shows the largest of its own.
    private func draw(_ row: [Mark], y: Int, room: Int, into canvas: inout Canvas) {
        guard !row.isEmpty, room > 0 else { return }
        let columns = min(room, row.count)
        for column in 0..<columns {
            let own = row[
                column * row.count / columns..<max(column * row.count / columns + 1, (column + 1) * row.count / columns)
            ]
            var largest: Float = 0
            var letter: String?
            for mark in own {
                switch mark {
                case .letter(let name): letter = letter ?? name
                case .value(let value): if abs(value) >= abs(largest) { largest = value }
                }
            }
            if let letter {
                canvas.write(letter, x: content.x + column, y: y, style: Style(context.theme.text))
            } else if context.colorless {
                let signs = Array(" .:+#")
                canvas.write(
                    String(signs[min(4, Int(bounded: abs(largest) * 4.999))]), x: content.x + column, y: y,
                    style: Style(context.theme.text))
            } else {
                canvas.fill(
                    Rect(x: content.x + column, y: y, width: 1, height: 1),
                    with: Cell(" ", Style(on: .rgb(context.ramp(largest)))))
            }
        }
    }

    private func answer(_ label: Float) -> String {
        context.snapshot.network.task == .regression
            ? formatFixed(Double(label), decimals: 2) : context.className(Int(label))
    }

    /// Letters side by side, words apart.
    private func joined(_ words: [String]) -> String {
        let shown = words.map { $0 == "space" ? " " : $0 == "line end" ? "↵" : $0 }
        return shown.allSatisfy { $0.count == 1 } ? shown.joined() : shown.joined(separator: " ")
    }
}

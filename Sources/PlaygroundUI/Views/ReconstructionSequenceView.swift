import Basics
import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let reconstructionSequence = ViewID("reconstructionSequence")
}

extension View {
    /// The chosen sequence, what training takes in of it, and what the network gives back, as curves over the steps.
    static let reconstructionSequence = View(
        id: .reconstructionSequence, panel: .output,
        words:
            "The quiet curve is the sequence, the bright one what the network gives back of it; dots are what training takes in where it is corrupted.",
        watch: "Whether dots that are wrong are put right, and peaks kept.",
        suits: { $0.hasSequences && $0.task == .reconstruction },
        heading: { context, width in
            let name = "sequence \(formatCount(context.sequenceRow + 1)) of \(formatCount(context.sequenceCount))"
            return "Output · \(name)"
        },
        request: { context, _, request in
            request.reconstruction = ReconstructionRequest(row: context.sequenceRow, draw: context.plots.draw)
        },
        draw: { canvas, rect, context in
            ReconstructedSequence(panelContent(of: rect).inset(left: 1, right: 1), context)?.draw(into: &canvas)
        },
        commands: [
            Command(
                "reconstructedSequence.before", "the sequence before", hint: "sequence",
                keys: ["left", "up", "h", "k"],
                panels: [.output], views: [.reconstructionSequence]
            ) { walk(&$0, -1) },
            Command(
                "reconstructedSequence.next", "the next sequence", hint: "sequence", keys: ["right", "down", "l", "j"],
                panels: [.output], views: [.reconstructionSequence]
            ) { walk(&$0, 1) },
            Command(
                "reconstructedSequence.worse", "the next sequence that is given back better, from the worst on",
                hint: "worst", keys: ["x"], panels: [.output], views: [.reconstructionSequence]
            ) { app in
                guard let worst = app.plotContext?.reconstructions?.worst, !worst.isEmpty else { return }
                let place = worst.firstIndex(of: app.plotContext?.sequenceRow ?? 0).map { ($0 + 1) % worst.count } ?? 0
                app.plots.sequence = worst[app.plots.walksWorst ? place : 0]
                app.plots.walksWorst = true
            },
            Command(
                "reconstructedSequence.draw", "corrupt the sequence in another way", hint: "corrupt", keys: ["a"],
                panels: [.output], views: [.reconstructionSequence], disabled: ReconstructionPictures.isClean
            ) { $0.plots.draw += 1 },
        ])

    private static func walk(_ app: inout App, _ direction: Int) {
        guard let count = app.plotContext?.sequenceCount, count > 0 else { return }
        app.plots.sequence = ((app.plotContext?.sequenceRow ?? 0) + direction + count) % count
    }
}

/// A plot for each value of a step, below each other as far as there is room.
private struct ReconstructedSequence {
    private let content: Rect
    private let context: PlotContext
    private let kind: SequenceKind

    init?(_ content: Rect, _ context: PlotContext) {
        guard let kind = context.sequenceKind, content.width > 14, content.height > 3 else { return nil }
        (self.content, self.context, self.kind) = (content, context, kind)
    }

    func draw(into canvas: inout Canvas) {
        let (theme, data) = (context.theme, context.snapshot.data)
        guard let found = context.reconstructions, found.request.row == context.sequenceRow else { return }
        let clean = data.shownSequences.inputs.values(of: context.sequenceRow)
        // The curves' names, and the error, have a line each where there is room.
        let footer = content.height >= 8 ? 2 : 1
        let shown = max(1, min(kind.features.count, (content.height - footer) / 4))
        let height = (content.height - footer) / shown
        for feature in 0..<shown {
            let area = Rect(x: content.x, y: content.y + feature * height, width: content.width, height: height)
            func values(_ all: [Float]?) -> [Float] {
                guard let all else { return [] }
                return stride(from: feature, to: all.count, by: kind.features.count).map { all[$0] }
            }
            drawPlot(into: &canvas, area, values(clean), values(found.corrupted), values(found.restored))
        }
        let worst = found.worst
        let place = worst.firstIndex(of: context.sequenceRow)
        let names = [
            ("sequence", Style(theme.quiet)), ("given back", Style(.rgb(theme.good), bold: true)),
            (found.corrupted == nil ? "" : "corrupted", Style(.rgb(theme.accent))),
        ]
        let error = [
            ("error \(context.errorWords(context.sequenceRow))", Style(theme.text, bold: true)),
            (
                place.map { "\(formatCount($0 + 1)) of \(formatCount(worst.count)) by error" } ?? "",
                Style(theme.quiet)
            ),
        ]
        let lines = footer == 2 ? [names, error] : [error]
        for row in lines.indices {
            var x = content.x
            for (words, style) in lines[row] where !words.isEmpty && x + columnWidth(words) <= content.maxX {
                x += canvas.write(words, x: x, y: content.maxY - footer + row, style: style) + 2
            }
        }
    }

    private func drawPlot(
        into canvas: inout Canvas, _ rect: Rect, _ clean: [Float], _ corrupted: [Float], _ restored: [Float]
    ) {
        let known = (clean + corrupted + restored).filter(\.isFinite)
        guard let low = known.min(), let high = known.max(), rect.height > 2 else { return }
        let axis = Axis(from: Double(low), to: Double(max(high, low + 1e-3)), count: max(2, min(5, rect.height / 3)))
        let area = Rect(x: rect.x + 6, y: rect.y, width: rect.width - 6, height: rect.height - 1)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: context.capabilities)
        let last = Double(max(1, clean.count - 1))
        func dot(_ step: Int, _ value: Float) -> (x: Double, y: Double) {
            (
                Double(step) / last * Double(dots.dotWidth - 1) + 0.5,
                (1 - axis.position(Double(value))) * Double(dots.dotHeight - 1) + 0.5
            )
        }
        func curve(_ values: [Float], _ style: Style, _ weight: UInt8, step: Int = 1) {
            for place in values.indices.dropFirst() where values[place].isFinite && values[place - 1].isFinite {
                let (a, b) = (dot(place - 1, values[place - 1]), dot(place, values[place]))
                dots.line(a.x, a.y, b.x, b.y, style: style, weight: weight, step: step)
            }
        }
        curve(clean, Style(context.theme.quiet), 3, step: context.colorless ? 2 : 1)
        for (step, value) in corrupted.enumerated() where value.isFinite {
            let at = dot(step, value)
            dots.point(at.x, at.y, style: Style(.rgb(context.theme.accent)), weight: 4)
        }
        curve(restored, Style(.rgb(context.theme.good), bold: true), 5)
        dots.draw(into: &canvas, x: area.x, y: area.y)
        axis.drawLabels(into: &canvas, leftOf: area, style: context.axisStyle)
    }
}

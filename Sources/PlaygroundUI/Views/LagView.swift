import Basics
import Engine
import Session
import TerminalKit

extension ViewID {
    static let lags = ViewID("lags")
}

extension View {
    /// How much of the loss's gradient reaches a state, against the steps between it and the answer.
    static let lags = View(
        id: .lags, panel: .loss,
        words:
            "How strongly the loss of an answer depends on the state some steps before it. Where the line falls to nothing the network cannot learn from what it saw there; where it rises, steps explode.",
        watch: "How far back the line is above nothing: so long is the memory that can be learned.",
        suits: { $0.isRecurrent }, heading: { context, width in LagPlot.title(width: width, ascii: context.ascii) },
        request: { context, _, request in request.lagStep = context.timeStep },
        draw: { canvas, rect, context in
            guard let lags = context.shown?.lags else { return }
            let several = lags.lines.count > 1
            LagPlot(
                lags.lines.enumerated().map { index, line in
                    LagPlot.Line(
                        title: "\(line.layer.words) · "
                            + (context.snapshot.outline[line.layer]?.title ?? "")
                            + (lags.lines.contains { $0.layer == line.layer && $0.number != line.number }
                                ? ".\(line.number + 1)" : ""),
                        color: .rgb(several ? context.theme.color(ofClass: index) : context.theme.good),
                        norms: line.norms)
                }, sequences: lags.sequences, theme: context.theme, capabilities: context.capabilities
            ).draw(into: &canvas, panelContent(of: rect))
        },
        commands: [
            Command(
                "loss.lags", "why it forgets: the gradients at the states by lag; again: the losses",
                hint: "gradients by lag", keys: ["w"], panels: [.loss],
                disabled: {
                    $0.plotContext?.scene.isRecurrent == false ? "the network has no recurrent layer" : nil
                }
            ) { $0.toggle(.lags) }
        ])
}

/// Lines over the lag on a logarithmic axis, the newest state at the left.
struct LagPlot {
    struct Line {
        var title: String
        var color: Color
        var norms: [Double]
    }

    private let lines: [Line]
    private let sequences: Int
    private let theme: Theme
    private let capabilities: Capabilities

    /// Smaller ones are drawn at the bottom.
    static let least = 1e-12

    init(_ lines: [Line], sequences: Int, theme: Theme, capabilities: Capabilities) {
        (self.lines, self.sequences, self.theme, self.capabilities) = (lines, sequences, theme, capabilities)
    }

    static func title(width: Int, ascii: Bool) -> String {
        let norm = ascii ? "|dL/dh|" : "‖∂L/∂h‖"
        let whole = "Why it forgets · \(norm) by lag, log"
        return columnWidth(whole) <= width ? whole : "Why it forgets · log"
    }

    func draw(into canvas: inout Canvas, _ content: Rect) {
        let quiet = Style(theme.quiet)
        let all = lines.flatMap(\.norms).filter { $0.isFinite && $0 > 0 }
        guard content.height >= 4, content.width > 20, let high = all.max(), let low = all.min() else {
            canvas.writeCentred(
                "no gradient reaches a state", x: content.x, width: content.width, y: content.y + content.height / 2,
                style: quiet)
            return
        }
        let legend = legendRows(content.width - 2)
        let rows = content.height - 2 - legend.count
        guard rows >= 2 else { return }
        let axis = Axis(
            logarithmicFrom: max(Self.least, min(low, high / 10)), to: high, count: max(2, rows / 2))
        let left = max(6, axis.labelWidth) + 1
        let area = Rect(x: content.x + left, y: content.y, width: content.width - left - 1, height: rows)
        let last = max(1, (lines.map(\.norms.count).max() ?? 1) - 1)
        var dots = DotPlot(width: area.width, height: area.height, capabilities: capabilities)
        for (index, line) in lines.enumerated() {
            func dot(_ lag: Int) -> (Double, Double) {
                let norm = max(line.norms[lag], axis.lower)
                return (
                    Double(lag) / Double(last) * Double(dots.dotWidth - 1) + 0.5,
                    (1 - min(1, axis.position(norm))) * Double(dots.dotHeight - 1) + 0.5
                )
            }
            // Where colours are missing the lines are dotted, each in its own way.
            let step = capabilities.colors == .none ? index + 1 : 1
            for lag in line.norms.indices where line.norms[lag].isFinite {
                let to = dot(lag)
                let from = lag > 0 && line.norms[lag - 1].isFinite ? dot(lag - 1) : to
                dots.line(
                    from.0, from.1, to.0, to.1, style: Style(line.color, bold: true), weight: UInt8(4 + index),
                    step: step)
            }
        }
        dots.draw(into: &canvas, x: area.x, y: area.y)
        axis.drawLabels(into: &canvas, leftOf: area, style: quiet)
        canvas.write("0", x: area.x, y: area.maxY, style: quiet)
        let end = formatCount(last)
        canvas.writeRight(end, maxX: area.maxX, y: area.maxY, style: quiet)
        // Between the numbers at both ends, a column away from them.
        let room = area.width - 2 * (columnWidth(end) + 1)
        if let words = ["steps before the answer", "steps back"].first(where: { columnWidth($0) <= room }) {
            canvas.writeCentred(words, x: area.x, width: area.width, y: area.maxY, style: quiet)
        }
        for (row, items) in legend.enumerated() {
            var x = content.x + 1
            for item in items {
                x += canvas.write(item.text, x: x, y: area.maxY + 1 + row, style: item.style) + 2
            }
        }
    }

    /// The lines' names with the sizes at their ends: "LSTM 8: 0.12 → 3.4e−5".
    private func legendRows(_ width: Int) -> [[(text: String, style: Style)]] {
        var rows: [[(text: String, style: Style)]] = [[]]
        var used = 0
        for (index, line) in lines.enumerated() {
            func number(_ norm: Double?) -> String {
                norm.map { $0 > 0 ? formatNumber($0, digits: 2) : "0" } ?? "–"
            }
            let mark = capabilities.colors == .none ? "\(index + 1) " : ""
            let arrow = capabilities.glyphs == .ascii ? "->" : "→"
            let text = "\(mark)\(line.title): \(number(line.norms.first)) \(arrow) \(number(line.norms.last))"
            let columns = columnWidth(text)
            if used > 0, used + 2 + columns > width {
                guard rows.count < 4 else { break }
                rows.append([])
                used = 0
            }
            rows[rows.count - 1].append((text, Style(line.color, bold: true)))
            used += (used > 0 ? 2 : 0) + columns
        }
        return rows
    }
}

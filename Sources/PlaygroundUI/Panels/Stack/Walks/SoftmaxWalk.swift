import Basics
import Engine
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WalkID {
    static let softmax = WalkID("softmax")
}

extension Walk {
    /// Scores, their exponentials, the shares of these, and the loss of the image's class.
    static let softmax = Walk(
        id: .softmax, suits: { $0[$1].map { $0.sharesActivation && $0.output.axes.count != 2 } ?? false },
        modes: [.numbers, .way, .motion],
        steps: { $0.state.mode.isWhole ? Softmax.phases.count - 1 : Softmax.phases.count },
        place: { Softmax.phases[$0.state.step] },
        lights: { [WalkLight(layer: $0.state.layer, isOwn: true)] },
        draw: { canvas, rect, numbers in Softmax(numbers).draw(into: &canvas, rect) },
        words: { scene in
            switch scene.state.step {
            case 0: "Each class has a score: the sum of its votes. Scores have any sign and size."
            case 1:
                "e to the power of each score: never negative, and large scores outgrow small ones. The largest score is taken off first; no share changes by that."
            case 2: "Each exponential, divided by the sum of all: shares of 1, the answer as probabilities."
            default:
                scene.context.snapshot.network.lossIsInNats
                    ? "The loss of this image is −ln of the share of its own class: 0 where the network is sure and right, large where it is sure and wrong."
                    : "The loss of this image compares each share with the target of its class: the network learns from the distances."
            }
        })
}

/// The activation that shares 1 among all units.
struct Softmax {
    static let phases = ["scores", "exponentials", "shares", "loss"]

    let numbers: WalkNumbers

    init(_ numbers: WalkNumbers) { self.numbers = numbers }

    private var scene: WalkScene { numbers.scene }
    /// As the forward pass has them.
    var scores: [Float] { numbers.values.sums }
    var shares: [Float] { numbers.values.values }
    var largest: Float { scores.max() ?? 0 }
    /// Of the scores less the largest one.
    var exponentials: [Double] { scores.map { exp(Double($0 - largest)) } }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let (context, theme) = (numbers.context, numbers.theme)
        let step = scene.state.step
        let isOutput = scene.state.layer == scene.outline.output && context.hasClassUnits
        let label =
            scene.trace?.targetClass
            ?? (isOutput && context.imageChoice?.drawn == nil
                ? context.snapshot.data.shownLabel(context.imageRow) : nil)
        let (scores, exponentials, shares) = (scores, exponentials, shares)
        let answer = shares.answeredClass
        let names = scores.indices.map { isOutput ? context.shortClassName($0) : "unit \($0 + 1)" }
        let name = min(10, max(5, names.map(columnWidth).max() ?? 5))
        let column = min(9, max(7, (rect.width - name) / 3))
        let titles = ["score", "e^score", "share"]
        for (place, title) in titles.enumerated() {
            let isNow = place == min(step, 2)
            canvas.writeRight(
                title, maxX: rect.x + name + (place + 1) * column, y: rect.y,
                style: Style(isNow ? .rgb(theme.accent) : theme.quiet, bold: isNow))
        }
        let rows = max(1, rect.height - 5)
        var shown = Array(scores.indices)
        if shown.count > rows {
            let best = Set(
                shown.sorted { shares[$0] > shares[$1] }.prefix(max(1, rows - 1)) + (label.map { [$0] } ?? []))
            shown = shown.filter { best.contains($0) }
        }
        var y = rect.y + 1
        for index in shown {
            let style = Style(
                index == label ? .rgb(theme.good) : index == answer ? theme.text : theme.quiet,
                bold: index == answer || index == label)
            canvas.write(names[index], x: rect.x, y: y, style: style, limit: name)
            let texts = [
                formatFixed(Double(scores[index]), decimals: 3), formatFixed(exponentials[index], decimals: 4),
                formatFixed(Double(shares[index]), decimals: 4),
            ]
            for (place, text) in texts.enumerated() where place <= step {
                canvas.writeRight(
                    text, maxX: rect.x + name + (place + 1) * column, y: y,
                    style: Style(place == step ? theme.text : theme.quiet))
            }
            y += 1
        }
        if shown.count < scores.count {
            canvas.write(
                "+\(scores.count - shown.count) smaller", x: rect.x, y: y, style: Style(theme.quiet),
                limit: rect.width)
            y += 1
        }
        let lines = NumberLines(context: context)
        func line(_ line: NumberLine) {
            guard y < rect.maxY else { return }
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: min(rect.width, name + 3 * column))
            y += 1
        }
        if step >= 1 {
            line(NumberLine(name: "Σ e^score", text: formatFixed(exponentials.reduce(0, +), decimals: 4)))
        }
        if step >= 2 {
            line(NumberLine(name: "Σ shares", text: formatFixed(shares.reduce(0) { $0 + Double($1) }, decimals: 4)))
        }
        if step >= 3, let loss = numbers.values.loss, let label, shares.indices.contains(label) {
            let share = formatFixed(Double(shares[label]), decimals: 4)
            let name = context.snapshot.network.lossIsInNats ? "−ln \(share)" : "loss"
            line(NumberLine(name: name, isResult: true, text: formatFixed(loss, decimals: 4)))
        } else if step >= 3 {
            line(NumberLine(name: "no loss: its class is not known", text: ""))
        }
        return y - rect.y
    }
}

import Engine
import Session
import TerminalKit

extension WalkID {
    static let loss = WalkID("loss")
}

extension Walk {
    /// The answers beside the targets, and the loss that they make.
    static let loss = Walk(
        id: .loss, suits: { $0.output == $1 }, modes: [.way, .motion], phase: .loss,
        steps: { $0.layer.output.axes.count == 2 ? ValueGrid($0).steps : 1 },
        place: { $0.layer.output.axes.count == 2 ? ValueGrid($0).place($0.state.step) : "" },
        lights: { [WalkLight(layer: $0.state.layer, isOwn: true)] },
        draw: { canvas, rect, numbers in LossTable(numbers).draw(into: &canvas, rect) },
        words: { scene in
            let loss = scene.context.snapshot.network.loss.id
            if scene.trace?.lossFormula != nil {
                return scene.turn?.kinds.isEmpty == false
                    ? "The discriminator's loss of this sample: small where it is sure of a real sample, or not taken in by a generated one."
                    : "The generator's loss of this sample: small where the discriminator takes it for real."
            }
            let shares = StepShares(scene)
            let divided = shares.map { " The sample's loss is the sum over its steps, divided by \($0.divisor)." } ?? ""
            return "The loss of this sample: how far the answer is from the target.\(divided) "
                + (Catalogue.entry(.loss, loss)?.summary ?? "")
        })
}

/// The answers, the targets and the loss of one sample.
struct LossTable {
    let numbers: WalkNumbers

    init(_ numbers: WalkNumbers) { self.numbers = numbers }

    private var scene: WalkScene { numbers.scene }

    func draw(into canvas: inout Canvas, _ rect: Rect) -> Int {
        let theme = numbers.theme
        guard var trace = scene.trace else { return 0 }
        var y = rect.y
        let formula =
            trace.lossFormula ?? Catalogue.entry(.loss, numbers.context.snapshot.network.loss.id)?.formula
        if let formula {
            y +=
                drawWrapped(
                    into: &canvas, Rect(x: rect.x, y: y, width: rect.width, height: min(3, rect.height)),
                    text: formula, style: Style(theme.text)) + 1
        }
        // Of an output at every step those of one of them.
        let isOverTime = scene.layer.output.axes.count == 2
        let units = isOverTime ? scene.layer.output.axes[1] : numbers.values.values.count
        let first = isOverTime ? scene.state.step * units : 0
        func part(_ all: [Float]) -> [Float] {
            all.count >= first + units ? Array(all[first..<first + units]) : all
        }
        let answers = part(numbers.values.values)
        trace.targets = part(trace.targets)
        let lines = NumberLines(context: numbers.context, decimals: 4)
        func line(_ line: NumberLine) {
            guard y < rect.maxY else { return }
            lines.draw(into: &canvas, line, x: rect.x, y: y, width: min(rect.width, 44))
            y += 1
        }
        let target = trace.targetClass
        var shown = Array(answers.indices)
        let room = max(1, rect.maxY - y - 3 - (StepShares(scene) == nil ? 0 : 2))
        if shown.count > room {
            // Those that are farthest from their targets, and the sample's own.
            func distance(_ unit: Int) -> Float {
                unit == target ? .infinity : abs(answers[unit] - (unit < trace.targets.count ? trace.targets[unit] : 0))
            }
            let kept = Set(shown.sorted { distance($0) > distance($1) }.prefix(max(1, room - 1)))
            shown = shown.filter(kept.contains)
        }
        for unit in shown {
            let name = scene.unitName(scene.state.layer, unit)
            if trace.targets.isEmpty {
                line(NumberLine(name: name, value: answers[unit]))
            } else if answers.count == 1 {
                line(NumberLine(name: "answer y", value: answers[unit]))
                line(NumberLine(name: "target t", value: trace.targets[unit]))
            } else {
                let of = formatFitting(trace.targets.indices.contains(unit) ? trace.targets[unit] : 0, columns: 6)
                line(NumberLine(name: "\(name), target \(of)", value: answers[unit], isMarked: unit == target))
            }
        }
        if shown.count < answers.count {
            line(NumberLine(name: "+\(answers.count - shown.count) nearer ones", text: ""))
        }
        y += 1
        if let shares = StepShares(scene) { shares.lines(scene.state.step).forEach(line) }
        let name =
            trace.opposed != nil
            ? "the generator's L =" : StepShares(scene).map { "L = Σ ÷ \($0.divisor) =" } ?? "L ="
        if trace.weight != 1 { line(NumberLine(name: "weight of its kind", value: Float(trace.weight))) }
        if let loss = trace.loss {
            line(NumberLine(name: name, value: Float(loss), isResult: true))
            if let opposed = trace.opposed { drawOpposed(opposed, line) }
        } else {
            line(NumberLine(name: "no loss: there is no target", text: ""))
        }
        return y - rect.y
    }

    /// The loss that the other network has of the same sample.
    private func drawOpposed(_ loss: OpposedLoss, _ line: (NumberLine) -> Void) {
        line(NumberLine(name: "the \(loss.name)'s L =", value: Float(loss.value)))
        line(NumberLine(name: "  \(loss.formula)", text: ""))
    }
}

/// The parts that the steps of a sequence with a target each have in the loss of their sample.
struct StepShares {
    private let trace: SampleTrace
    /// The steps of the sequence.
    private let count: Int
    /// Those with a target.
    private let real: Int

    /// nil: the sample has one target.
    init?(_ scene: WalkScene) {
        guard let trace = scene.trace, scene.layer.output.axes.count == 2, !trace.shares.isEmpty,
            trace.stepLosses.count == trace.shares.count
        else { return nil }
        self.trace = trace
        (count, real) = (trace.shares.count, trace.shares.count { $0 != 0 })
    }

    /// The number by which the sum over the steps is divided: "21 steps".
    var divisor: String { plural(count, "step") }

    /// The factor of a step's δ; nil: the step has no target.
    func share(_ step: Int) -> NumberLine? {
        guard trace.shares.indices.contains(step), trace.shares[step] != 0 else { return nil }
        return NumberLine(name: "share, 1 ÷ \(divisor)", value: trace.shares[step])
    }

    /// The loss of one step, and of how many the sum is.
    func lines(_ step: Int) -> [NumberLine] {
        guard trace.shares.indices.contains(step) else { return [] }
        let own =
            trace.shares[step] == 0
            ? NumberLine(name: "this step has no target", text: "")
            : NumberLine(name: "loss of this step", value: Float(trace.stepLosses[step]))
        let all = real < count ? "\(real) of \(divisor) with a target" : "all \(divisor)"
        let sum = zip(trace.shares, trace.stepLosses).reduce(0) { $0 + ($1.0 == 0 ? 0 : $1.1) }
        return [own, NumberLine(name: "Σ, \(all)", value: Float(sum))]
    }
}

import Engine
import Session
import TerminalKit

/// One unit of a recurrent layer at one step of a sequence: what comes in, the sums, and the values of the engine.
struct CellStep {
    let numbers: WalkNumbers
    let trace: CellTrace
    let gradient: CellGradient?
    let unit: Int
    let step: Int

    /// nil: the layer has no cells.
    init?(_ numbers: WalkNumbers, step: Int) {
        guard let values = numbers.values.steps, !values.cells.isEmpty else { return nil }
        self.numbers = numbers
        let row = numbers.context.plots.stack.memoryRow % values.cells.count
        trace = values.cells[row]
        gradient = values.gradients.indices.contains(row) ? values.gradients[row] : nil
        unit = numbers.scene.state.unit
        self.step = step
    }

    var cells: Outline.Cells { trace.cells }
    var kind: RecurrentCell { cells.kind }

    private func parameter(_ name: String, _ place: Int) -> Float {
        numbers.tensor("\(name)_\(cells.suffix)").map { numbers.parameters[$0.offset + place] } ?? 0
    }

    private func row(_ gate: Int) -> Int { gate * cells.units + unit }

    /// The state of all units a step before; 0 at the first one.
    func stateBefore(_ unit: Int) -> Float { trace.step(before: step).map { trace.state(unit, at: $0) } ?? 0 }

    /// The value that the unit kept a step before: an LSTM's cell.
    var cellBefore: Float { trace.step(before: step).map { trace.keptValue(unit, at: $0) } ?? 0 }

    /// A product in the sum of a gate.
    struct Term {
        var name: String
        var value: Float
        var weight: Float
        var product: Float { value * weight }
    }

    /// The products of a gate's weights with what comes in.
    func inputTerms(_ gate: Int) -> [Term] {
        (0..<cells.features).map { from in
            Term(
                name: "x \(from + 1)", value: trace.inputs[step * cells.features + from],
                weight: parameter("weight_ih", row(gate) * cells.features + from))
        }
    }

    /// The products of a gate's weights with the states a step before.
    func stateTerms(_ gate: Int) -> [Term] {
        (0..<cells.units).map { from in
            Term(
                name: "h′ \(from + 1)", value: stateBefore(from),
                weight: parameter("weight_hh", row(gate) * cells.units + from))
        }
    }

    /// U x + b_ih
    func inputSum(_ gate: Int) -> Float {
        inputTerms(gate).reduce(parameter("bias_ih", row(gate))) { $0 + $1.product }
    }

    /// W h′ + b_hh
    func stateSum(_ gate: Int) -> Float {
        stateTerms(gate).reduce(parameter("bias_hh", row(gate))) { $0 + $1.product }
    }

    /// After its activation, as the forward pass has it.
    func gate(_ gate: Int) -> Float { trace.gate(gate, unit, at: step) }
    func gate(_ letter: String) -> Float { gate(kind.gateNames.firstIndex(of: letter)!) }

    /// As the forward pass has it.
    var state: Float { trace.state(unit, at: step) }
    var kept: Float { trace.keptValue(unit, at: step) }

    // MARK: - Backwards

    /// The step that comes after in the direction of the cells; nil: none of the sequence.
    private func after(_ step: Int) -> Int? {
        let after = cells.isReversed ? step - 1 : step + 1
        return (0..<length).contains(after) ? after : nil
    }

    private var length: Int { numbers.context.length(ofSteps: cells.steps) }

    /// ∂loss/∂h, as the pass back has it.
    var stateGradient: Float { gradient?.states[step * cells.units + unit] ?? 0 }

    /// The part of it that comes from the step after: Wᵀ times the gradients at that step's sums, and of a GRU what goes
    /// past the gates.
    var gradientFromLater: Float { later.sum }

    /// The part of it that comes from above at this step, the answer or the next layer: 0 where no more is left than single
    /// precision rounds off.
    var gradientFromAbove: Float {
        let (sum, size) = later
        let terms = Float(kind.gateNames.count * cells.units + 1)
        let rest = stateGradient - sum
        return abs(rest) <= 4 * terms.squareRoot() * Float.ulpOfOne * (abs(stateGradient) + size) ? 0 : rest
    }

    /// The gradient from the step after, and the sum of its terms' sizes.
    private var later: (sum: Float, size: Float) {
        guard let gradient, let after = after(step) else { return (0, 0) }
        let rows = kind.gateNames.count * cells.units
        var (sum, size): (Float, Float) = (0, 0)
        for row in 0..<rows {
            let term = gradient.recurrent[after * rows + row] * parameter("weight_hh", row * cells.units + unit)
            sum += term
            size += abs(term)
        }
        guard let update = kind.gateNames.firstIndex(of: "z") else { return (sum, size) }
        let past = gradient.states[after * cells.units + unit] * trace.gate(update, unit, at: after)
        return (sum + past, size + abs(past))
    }

    /// ∂loss/∂c of an LSTM: what comes through h, and through the forget gate of the step after.
    var cellGradient: (own: Float, later: Float) {
        guard let gradient, kind.keepsCell else { return (0, 0) }
        func own(_ step: Int) -> Float {
            let bent = hyperbolicTangent(trace.keptValue(unit, at: step))
            let output = kind.gateNames.firstIndex(of: "o")!
            return gradient.states[step * cells.units + unit] * trace.gate(output, unit, at: step) * (1 - bent * bent)
        }
        let forget = kind.gateNames.firstIndex(of: "f")!
        var steps: [Int] = []
        var next = after(step)
        while let step = next {
            steps.append(step)
            next = after(step)
        }
        var later: Float = 0
        for step in steps.reversed() { later = (own(step) + later) * trace.gate(forget, unit, at: step) }
        return (own(step), later)
    }

    /// The gradient at a gate's sum, as the pass back has it.
    func sumGradient(_ gate: Int) -> Float { gradient?.sum(gate, unit, at: step) ?? 0 }

    /// The gradients at the weights of a gate that this step adds: dz · x and dz · h′, as the lengths of these rows.
    func weightShares(_ gate: Int) -> (input: Double, state: Double) {
        func length(_ values: [Float]) -> Double {
            values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let width = kind.gateNames.count * cells.units
        let own = Double(abs(sumGradient(gate)))
        let recurrent = Double(abs(gradient?.recurrent[step * width + row(gate)] ?? 0))
        return (
            own * length(Array(trace.inputs[step * cells.features..<(step + 1) * cells.features])),
            recurrent * length((0..<cells.units).map(stateBefore))
        )
    }
}

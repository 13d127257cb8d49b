extension Outline {
    /// The cells of a recurrent layer: those of one of its layers, in one direction.
    public struct Cells: Sendable, Hashable {
        public var kind: RecurrentCell
        public var units: Int
        /// The steps of the longest sequence.
        public var steps: Int
        /// The values that come in at each step.
        public var features: Int
        /// From 0: each reads the states of the one before.
        public var layer: Int
        /// It reads from the last step to the first.
        public var isReversed: Bool

        /// The end of the names of its tensors: "l0", "l0_reverse".
        public var suffix: String { "l\(layer)" + (isReversed ? "_reverse" : "") }
    }

    /// The weights with which every step of a sequence looks at the others.
    public struct SelfAttention: Sendable, Hashable {
        public var steps: Int
        /// A step sees itself and those before it alone.
        public var isCausal: Bool
    }
}

/// The values that cells went through for one sample. Steps behind the sample's end have states of 0.
public struct CellTrace: Sendable, Hashable {
    public let cells: Outline.Cells
    /// The values that came in, `[steps, features]`.
    public let inputs: [Float]
    /// h, `[steps, units]`.
    public let states: [Float]
    /// After their activations, `[steps, gates, units]`, in the order of `RecurrentCell.gateNames`.
    public let gates: [Float]
    /// An LSTM's c, or what a GRU's n takes from the state (W_hn h′ + b_hn), `[steps, units]`; empty: the cells keep none.
    public let kept: [Float]

    public init(cells: Outline.Cells, inputs: [Float], states: [Float], gates: [Float], kept: [Float]) {
        (self.cells, self.inputs, self.states, self.gates, self.kept) = (cells, inputs, states, gates, kept)
    }

    public func state(_ unit: Int, at step: Int) -> Float { states[step * cells.units + unit] }

    public func gate(_ gate: Int, _ unit: Int, at step: Int) -> Float {
        gates[(step * cells.kind.gateNames.count + gate) * cells.units + unit]
    }

    public func keptValue(_ unit: Int, at step: Int) -> Float { kept[step * cells.units + unit] }

    /// The step that is done before one, in the direction of the cells; nil: none.
    public func step(before step: Int) -> Int? {
        let before = cells.isReversed ? step + 1 : step - 1
        return (0..<cells.steps).contains(before) ? before : nil
    }
}

/// The loss's derivatives at the values of cells, for one sample.
public struct CellGradient: Sendable, Hashable {
    public let cells: Outline.Cells
    /// At h, with all that comes from later steps, `[steps, units]`.
    public let states: [Float]
    /// At the sums of the gates, `[steps, gates, units]`.
    public let sums: [Float]
    /// At W_hh h′ + b_hh, `[steps, gates, units]`: the same but for a GRU's n.
    public let recurrent: [Float]

    public func sum(_ gate: Int, _ unit: Int, at step: Int) -> Float {
        sums[(step * cells.kind.gateNames.count + gate) * cells.units + unit]
    }

    /// ‖∂loss/∂h‖ at a step.
    public func norm(at step: Int) -> Double {
        states[step * cells.units..<(step + 1) * cells.units].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
}

/// The values of attention for one sample.
public struct AttentionTrace: Sendable, Hashable {
    /// q, k and v of each step, `[steps, 3, values]`.
    public var projected: [Float]
    /// How much each step takes from each, `[steps, steps]`.
    public var weights: [Float]
    /// Σ w v of each step, `[steps, values]`.
    public var mixture: [Float]
    /// The loss's derivatives there; nil: training asks for none.
    public var gradients: Gradients?

    public struct Gradients: Sendable, Hashable {
        public var mixture: [Float]
        /// At q·k/√d, `[steps, steps]`.
        public var scores: [Float]
        public var projected: [Float]
    }

    init(projected: [Float], weights: [Float], mixture: [Float]) {
        (self.projected, self.weights, self.mixture) = (projected, weights, mixture)
    }
}

/// The rows with the values of cells.
struct CellRows: Sendable {
    let cells: Outline.Cells
    let inputs: Slice
    /// Rows from one step to the next.
    let inputPitch: Int
    let states: Slice
    let statePitch: Int
    let gates: Slice
    let kept: Slice?
    /// On the way back; nil: nothing is asked for there.
    var gradients: Gradients?

    struct Gradients: Sendable {
        let states: Slice
        let sums: Slice
        let recurrent: Slice
    }
}

extension CPUPass {
    /// One sample's values of steps with `width` values each.
    private func values(_ rows: Slice, steps: Int, width: Int, pitch: Int, sample: Int) -> [Float] {
        (0..<steps).flatMap { step in
            (0..<width).map { value(rows, unit: step * pitch + $0, sample: sample) }
        }
    }

    func trace(_ rows: CellRows, sample: Int) -> CellTrace {
        let cells = rows.cells
        let width = cells.kind.gates * cells.units
        return CellTrace(
            cells: cells,
            inputs: values(
                rows.inputs, steps: cells.steps, width: cells.features, pitch: rows.inputPitch, sample: sample),
            states: values(rows.states, steps: cells.steps, width: cells.units, pitch: rows.statePitch, sample: sample),
            gates: values(rows.gates, steps: cells.steps, width: width, pitch: width, sample: sample),
            kept: rows.kept.map {
                values($0, steps: cells.steps, width: cells.units, pitch: cells.units, sample: sample)
            } ?? [])
    }

    func gradient(_ rows: CellRows, sample: Int) -> CellGradient? {
        guard let gradients = rows.gradients else { return nil }
        let cells = rows.cells
        let width = cells.kind.gates * cells.units
        return CellGradient(
            cells: cells,
            states: values(
                gradients.states, steps: cells.steps, width: cells.units, pitch: rows.statePitch, sample: sample),
            sums: values(gradients.sums, steps: cells.steps, width: width, pitch: width, sample: sample),
            recurrent: values(gradients.recurrent, steps: cells.steps, width: width, pitch: width, sample: sample))
    }

    /// How much each step takes from each, `[steps, steps]`.
    func weights(_ rows: Slice, sample: Int) -> [Float] {
        (0..<rows.count).map { value(rows, unit: $0, sample: sample) }
    }
}

/// The common part of `rnn`, `lstm` and `gru`: one to four layers of cells over the steps of a sequence, each in one direction
/// or both. Parameters have PyTorch's names, layouts and initial draws: U(−1/√units, 1/√units).
///
/// Shapes: x: [steps, features, batch], W_ih (`weight_ih_l0`, of the second layer `_l1`, backwards in time `_l0_reverse`):
/// [gates · units, features], W_hh (`weight_hh_l0`): [gates · units, units], b_ih and b_hh: [gates · units]; y:
/// [steps, directions · units, batch], or with `returns` last [directions · units, batch].
/// The sums W_ih x + b_ih of all steps are one operation, the steps another; the states before the first step are 0, or with
/// `carry` those after the last step of the samples before, at which gradients end (PyTorch's detach).
/// Backward, with the gradients dz at the sums of every step: dW_ih = Σ dz xᵀ and dW_hh = Σ dz h′ᵀ over steps and batch, h′ the
/// state a step before; dx = W_ihᵀ dz.
struct RecurrentLayer: Sendable {
    let cell: RecurrentCell
    let units: Int
    let returnsAll: Bool
    let isBidirectional: Bool
    let layers: Int
    let dropout: Double
    let carries: Bool
    /// The initial biases b_ih and b_hh of a direction; nil: as the weights.
    var inputBiases: (@Sendable (inout Random) -> [Float])?
    var stateBiases: (@Sendable (inout Random) -> [Float])?
    let settings: Settings

    init(_ cell: RecurrentCell, _ settings: Settings) {
        self.cell = cell
        self.settings = settings
        units = settings.integer("units")
        returnsAll = settings.text("returns") == "all"
        isBidirectional = settings.toggle("bidirectional")
        layers = settings.integer("layers")
        dropout = settings.real("dropout")
        carries = settings.toggle("carry")
    }

    /// The knobs that they share.
    static let units = Knob(
        "units", title: "units", summary: "The number of cells in each layer and direction.", kind: .integer(1...1024),
        default: .integer(8), raise: "when the training loss stays high: more can be remembered",
        lower: "when the test loss rises while the training loss falls")
    static let others = [
        Knob(
            "returns", title: "returns",
            summary: "The state after the last step, or those of all steps, as layers over sequences need them.",
            kind: .word(["last", "all"]), default: .text("last")),
        Knob(
            "bidirectional", title: "both directions",
            summary:
                "Whether a second row of cells reads the sequence from its end; where the next step is asked for, it sees the answer.",
            kind: .toggle,
            default: .toggle(false)),
        Knob(
            "layers", title: "layers", summary: "Layers of cells, each over the states of the one before.",
            kind: .integer(1...4), default: .integer(1), raise: "when what comes in has structure at several scales",
            lower: "when training is slow or gradients fade"),
        Knob(
            "dropout", title: "dropout",
            summary: "The probability with which a value between two of the layers is switched off in training.",
            kind: .real(0...0.99, steps: [0, 0.1, 0.2, 0.3, 0.4, 0.5]), default: .real(0),
            raise: "when the test loss rises while the training loss falls", lower: "when the training loss stays high"),
        Knob(
            "carry", title: "carry on",
            summary:
                "Whether the state goes on from window to window of a text: a batch is then a window each of parallel streams, in order, and each epoch begins at 0.",
            kind: .toggle, default: .toggle(false)),
    ]

    /// The layer for one step after another; nil: it reads the sequence from its end too, or hands on one state alone.
    static func stepping(_ layer: Choice) -> Choice? {
        guard layer.knobs["returns"] == .text("all"), layer.knobs["bidirectional"] != .toggle(true) else { return nil }
        var stepping = layer
        stepping.knobs["carry"] = .toggle(true)
        return stepping
    }

    /// Of the states of all steps the same weighted sums at each; of the last state alone cells of the same kind that unfold it
    /// (Srivastava, Mansimov and Salakhutdinov, Unsupervised learning of video representations using LSTMs, 2015).
    func decoder(from output: Shape, to input: Shape) -> [Choice] {
        guard input.axes.count == 2 else { return [] }
        if returnsAll { return ShapeDecoder.layers(from: output, to: input) }
        var cells = settings.choice.fresh
        cells.knobs.merge(
            ["returns": .text("all"), "bidirectional": .toggle(false), "layers": .integer(1), "carry": .toggle(false)]
        ) { $1 }
        return ShapeDecoder.unfolding(cells, units: units, to: input)
    }

    var title: String { "\(settings.entry.id) \(units)" }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        try checkCarry(plan)
        var x = x
        for layer in 0..<layers {
            let sequence = try SequenceShape(x.shape, for: settings)
            if layer > 0, dropout > 0 {
                let lengths = x.lengths
                x = plan.droppedOut(x, rate: dropout, stream: plan.stream("l\(layer)"))
                x.lengths = lengths
            }
            x = emit(x, sequence, layer: layer, into: &plan)
        }
        if returnsAll { return x }
        var last = plan.lastStep(x, backward: isBidirectional ? units : 0)
        last.ending = Value.Ending(steps: x.shape.axes[0], place: settings.place)
        return last
    }

    private func checkCarry(_ plan: PlanBuilder) throws(EngineError) {
        guard carries else { return }
        let place = "\(settings.place).carry"
        guard plan.sequence.continues else {
            throw EngineError(
                place: place,
                message:
                    "a state goes on only where each sample begins at the end of the one before: expected windows of one text "
                    + "(step as large as window), found sequences of their own; set carry to false, or choose such a text"
            )
        }
        guard plan.repeats == 1 else {
            throw EngineError(
                place: place,
                message:
                    "inside eachStep a state would belong to one of many steps; set carry to false, or take the layer out"
            )
        }
        guard !isBidirectional else {
            throw EngineError(
                place: place,
                message:
                    "cells that read backwards would begin with what comes after the next window; set bidirectional or "
                    + "carry to false")
        }
    }

    private struct Direction {
        let inputWeight: Parameter
        let stateWeight: Parameter
        let inputBias: Parameter
        let stateBias: Parameter
        let isReversed: Bool

        var isTrained: Bool { inputWeight.isTrained }
    }

    private func direction(
        _ layer: Int, features: Int, isReversed: Bool, into plan: inout PlanBuilder
    ) -> Direction {
        let name = "l\(layer)" + (isReversed ? "_reverse" : "")
        let (rows, limit) = (cell.gates * units, 1 / Double(units).squareRoot())
        let weights = Plan.Initial.uniform(limit)
        return Direction(
            inputWeight: plan.parameter("weight_ih_\(name)", axes: [rows, features], initial: weights, decays: true),
            stateWeight: plan.parameter("weight_hh_\(name)", axes: [rows, units], initial: weights, decays: true),
            inputBias: plan.parameter(
                "bias_ih_\(name)", axes: [rows],
                initial: inputBiases.map { .made($0) } ?? weights, decays: false),
            stateBias: plan.parameter(
                "bias_hh_\(name)", axes: [rows],
                initial: stateBiases.map { .made($0) } ?? weights, decays: false),
            isReversed: isReversed)
    }

    private func emit(_ x: Value, _ sequence: SequenceShape, layer: Int, into plan: inout PlanBuilder) -> Value {
        let directions = (isBidirectional ? [false, true] : [false]).map {
            direction(layer, features: sequence.features, isReversed: $0, into: &plan)
        }
        let width = directions.count * units
        // The state before the first step lies in front of those that follow it.
        let before = carries ? plan.value(Shape(units), isDifferentiable: false).slice : nil
        var y = plan.value(
            Shape(sequence.steps, width), isDifferentiable: x.isDifferentiable || directions[0].isTrained)
        y.lengths = x.lengths
        for (place, direction) in directions.enumerated() {
            emit(
                direction, of: x, sequence, to: y, column: place * units, width: width, layer: layer, before: before,
                into: &plan)
        }
        return y
    }

    /// One direction: its states are `units` columns of y from `column` on, and `before` is the one that is carried.
    private func emit(
        _ direction: Direction, of x: Value, _ sequence: SequenceShape, to y: Value, column: Int, width: Int,
        layer: Int, before: Slice?, into plan: inout PlanBuilder
    ) {
        let (count, rows, units) = (sequence.steps, cell.gates * units, units)
        func part(_ whole: Slice) -> Slice {
            Slice(block: whole.block, offset: whole.offset + column, count: (count - 1) * width + units)
        }
        let gates = plan.value(Shape(count, rows), isDifferentiable: false).slice
        let memoryBefore =
            carries && cell.keepsCell ? plan.value(Shape(units), isDifferentiable: false).slice : nil
        let kept = cell.keepsValue ? plan.value(Shape(count, units), isDifferentiable: false).slice : nil
        let states = part(y.slice)
        let inputSteps = Steps(count: count, pitch: rows, inputPitch: sequence.features)
        let steps = Steps(
            count: count, pitch: width, inputPitch: width, isReversed: direction.isReversed, continues: carries)
        let handOnState = before.map { plan.carry("h_l\(layer)", to: $0) }
        let handOnMemory = memoryBefore.map { plan.carry("c_l\(layer)", to: $0) }
        plan.emit(
            Operation(
                .stepsAffine, m: rows, n: sequence.features, steps: inputSteps,
                [
                    "output": gates, "weight": direction.inputWeight.value, "bias": direction.inputBias.value,
                    "input": x.slice,
                ]))
        plan.emit(
            Operation(
                .recur, kind: .cell(cell), m: units, n: rows, steps: steps,
                [
                    "output": states, "weight": direction.stateWeight.value, "bias": direction.stateBias.value,
                    "gates": gates, "before": before, "kept": kept, "lengths": x.lengths, "memoryBefore": memoryBefore,
                ]))
        func last(_ rows: Slice) -> Slice {
            Slice(block: rows.block, offset: rows.offset + rows.count - units, count: units)
        }
        handOnState?(&plan, last(states))
        if let kept { handOnMemory?(&plan, last(kept)) }
        let cell = cell
        func withBefore(_ rows: Slice, _ before: Slice?) -> Slice {
            guard let before else { return rows }
            precondition(before.offset + before.count == rows.offset, "the state before does not lie in front")
            return Slice(block: rows.block, offset: before.offset, count: before.count + rows.count)
        }
        let (allStates, allKept) = (withBefore(states, before), kept.map { withBefore($0, memoryBefore) })
        let place = plan.declare(
            CellRows(
                cells: Outline.Cells(
                    kind: cell, units: units, steps: count, features: sequence.features, layer: layer,
                    isReversed: direction.isReversed),
                inputs: x.slice, inputPitch: sequence.features, states: states, statePitch: width, gates: gates,
                kept: kept))
        plan.backward { plan in
            guard let dy = plan.gradient(of: y) else { return }
            let dz = plan.trainingRows(count * rows)
            let keptGradient: Slice? =
                switch cell {
                case .tanh, .relu: nil
                case .lstm: plan.trainingRows(units)
                case .gru: plan.trainingRows(count * rows)
                }
            plan.declareGradients(
                CellRows.Gradients(states: part(dy), sums: dz, recurrent: cell == .gru ? keptGradient! : dz),
                ofCells: place)
            plan.emit(
                Operation(
                    .recurGradient, kind: .cell(cell), m: units, n: rows, steps: steps,
                    [
                        "gatesGradient": dz, "weight": direction.stateWeight.value, "keptGradient": keptGradient,
                        "gates": gates, "stateGradient": part(dy), "kept": allKept, "lengths": x.lengths,
                        "state": allStates,
                    ]))
            if let weight = direction.inputWeight.gradient {
                plan.emit(
                    Operation(
                        .stepsParameterGradient, m: rows, n: sequence.features, steps: inputSteps,
                        [
                            "weightGradient": weight, "biasGradient": direction.inputBias.gradient, "gradient": dz,
                            "input": x.slice,
                        ]))
            }
            if let weight = direction.stateWeight.gradient {
                // The inputs are the states a step before.
                let stateSteps = Steps(
                    count: count, pitch: rows, inputPitch: width,
                    padding: before != nil ? 0 : direction.isReversed ? -1 : 1)
                plan.emit(
                    Operation(
                        .stepsParameterGradient, m: rows, n: units, steps: stateSteps,
                        [
                            "weightGradient": weight, "biasGradient": direction.stateBias.gradient,
                            "gradient": cell == .gru ? keptGradient : dz, "input": allStates,
                        ]))
            }
            plan.addGradient(of: x) {
                Operation(
                    .stepsInputGradient, m: rows, n: sequence.features, steps: inputSteps,
                    ["inputGradient": $0, "weight": direction.inputWeight.value, "gradient": dz])
            }
        }
    }
}

extension Choice {
    /// The same recurrent layer handing on its states at all steps, as a layer over sequences behind it needs them; nil for other
    /// layers.
    public var returningAllSteps: Choice? {
        guard isRecurrent, Catalogue.entry(.layer, id)?.knob("returns") != nil else { return nil }
        var all = self
        all.knobs["returns"] = .text("all")
        return all
    }

    /// The same layer beginning every sample with a state of 0; of a block all inside.
    var beginningAnew: Choice {
        changingAllLayers { layer in
            var layer = layer
            if layer.knobs["carry"] != nil { layer.knobs["carry"] = .toggle(false) }
            return layer
        }
    }
}

/// A network outside training that runs backwards too: how a sum of some of a layer's values changes with the values before it,
/// the input's among them. Not Sendable: lives in one thread.
///
/// Dropout and noise pass everything, and batch normalization goes by its running statistics, as in `Network`.
public final class NetworkGradient {
    public let description: NetworkDescription
    public let outline: Outline
    /// The largest number of samples in one pass: of whole vectors, which take no more memory.
    public let capacity: Int
    private let parameters: Block
    private let pass: CPUPass
    private let head: OutputHead
    private let ofLoss: Bool
    private let parameterGradients: Block?

    /// Plans the network and reserves its memory; all parameters are 0 until `load`.
    /// - Parameters:
    ///   - ofLoss: the gradients are the loss's, by `run(_:labels:)`; else those of goals.
    ///   - ofParameters: also those at the parameters, of frozen layers too, summed over a pass's samples.
    public init(
        _ description: NetworkDescription, capacity: Int, ofLoss: Bool = false, ofParameters: Bool = false
    ) throws(EngineError) {
        precondition(capacity >= 1, "a pass has at least one sample")
        let plan = try Plan(
            description, isOutsideTraining: true, descendsLoss: ofLoss, derivesParameters: ofParameters)
        (head, self.ofLoss) = (plan.head, ofLoss)
        self.description = description
        self.capacity = Plan.wholeVectors(capacity)
        outline = plan.outline
        parameters = try Block(count: plan.outline.flatCount)
        parameterGradients = ofParameters ? try Block(count: plan.outline.flatCount) : nil
        pass = try CPUPass(
            plan.program, part: .training, capacity: self.capacity, parameters: parameters,
            gradients: parameterGradients)
    }

    /// Whether the loss is derived together with the output's activation, at its sums.
    public var derivesAtSums: Bool { head.gradientArrival == .preActivation }

    /// Copies the flat parameters (of `outline.flatCount` floats) in.
    public func load(parameters: [Float]) {
        precondition(
            parameters.count == outline.flatCount,
            "expected \(plural(outline.flatCount, "parameter")), found \(parameters.count)")
        self.parameters.write(parameters)
    }

    /// Multiplications of weights and values that a sample's way forward takes; forward and back it is about three times that.
    public var multiplications: Int { pass.program.evaluationForward.reduce(0) { $0 + $1.multiplications } }

    /// The quantity whose gradient is computed for a sample: weight · Σ of a layer's values in `units`.
    public struct Goal: Sendable, Hashable {
        public var layer: LayerPath
        public var stage: Network.Stage
        public var units: Range<Int>
        public var weight: Float
        public init(layer: LayerPath, stage: Network.Stage, units: Range<Int>, weight: Float = 1) {
            (self.layer, self.stage, self.units, self.weight) = (layer, stage, units, weight)
        }
    }

    /// Passes samples forward, and the gradients of their goals back.
    /// - Parameters:
    ///   - inputs: row-major `[goals.count, input.count]`, at most `capacity` samples.
    ///   - goals: one for each sample.
    public func run(_ inputs: [Float], goals: [Goal]) {
        begin(inputs, count: goals.count)
        for (sample, goal) in goals.enumerated() {
            let rows = pass.rows(gradientRows(goal.layer, goal.stage))
            for unit in goal.units { rows[unit * pass.stride + sample] = goal.weight }
        }
        if !goals.isEmpty { pass.run(count: goals.count) }
    }

    /// Passes samples forward, and the gradients of their losses back: of a network that was made so (`ofLoss`).
    /// - Parameters:
    ///   - inputs: row-major `[samples, inputWidth]`, at most `capacity` samples.
    ///   - labels: their classes or values, or those of each sample's steps (`Samples.noLabel`: none); of no account to a
    ///     reconstruction.
    public func run(_ inputs: [Float], labels: [Float]) {
        let own = head.steps ?? 1
        let count = inputs.count / description.inputWidth
        begin(inputs, count: count)
        if head.reconstructed != nil {
            pass.copyInputToTargets()
        } else {
            let targets = (0..<count).flatMap { sample in
                ResidentSamples.targetRows(
                    labels[sample * own..<(sample + 1) * own], task: description.task, head, as: head.gradientTargets)
            }
            pass.write(targets, to: pass.program.target, count: count)
        }
        if count > 0 { pass.run(count: count) }
    }

    /// The gradients at the values of a recurrent layer's cells, for a sample of the last pass.
    public func cells(layer: LayerPath, sample: Int = 0) -> [CellGradient] {
        (pass.program.cells[layer] ?? []).compactMap { pass.gradient($0, sample: sample) }
    }

    private func begin(_ inputs: [Float], count: Int) {
        pass.write(inputs, to: pass.program.input, count: count)
        for rows in pass.program.gradients.values {
            pass.rows(rows).update(repeating: 0, count: rows.count * pass.stride)
        }
    }

    /// A layer's values for a sample of the last pass.
    public func values(layer: LayerPath, stage: Network.Stage = .activation, sample: Int = 0) -> [Float] {
        read(rows(layer, stage), sample)
    }

    /// The gradient of a sample's goal at a layer's values; 0 behind the goal's layer. The loss's at the output is that at its
    /// sums where the loss is derived together with the activation, as softmax with cross-entropy: it is known nowhere else.
    public func gradient(layer: LayerPath, stage: Network.Stage = .activation, sample: Int = 0) -> [Float] {
        read(gradientRows(layer, stage), sample)
    }

    /// The gradient at a tensor, summed over the last pass's samples: of a network that was made with those at parameters.
    public func gradient(of tensor: Outline.Tensor) -> [Float] {
        guard let parameterGradients else { preconditionFailure("a network without gradients at its parameters") }
        return Array(parameterGradients.values[tensor.offset..<tensor.offset + tensor.count])
    }

    private func rows(_ layer: LayerPath, _ stage: Network.Stage) -> Slice {
        let values = pass.program[layer]
        return stage == .activation ? values.activation : values.preActivation
    }

    private func gradientRows(_ layer: LayerPath, _ stage: Network.Stage) -> Slice {
        let arrivesBefore = ofLoss && layer == outline.output && head.gradientArrival == .preActivation
        return pass.program.gradients[rows(layer, arrivesBefore ? .preActivation : stage)]!
    }

    private func read(_ rows: Slice, _ sample: Int) -> [Float] {
        (0..<rows.count).map { pass.value(rows, unit: $0, sample: sample) }
    }
}

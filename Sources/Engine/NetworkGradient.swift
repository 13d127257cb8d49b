/// A network outside training that runs backwards too: how a sum of some of a layer's values changes with the values before it,
/// the input's among them. Not Sendable: lives in one thread.
///
/// Dropout and noise pass everything, and batch normalization goes by its running statistics, as in `Network`.
public final class NetworkGradient {
    public let description: NetworkDescription
    public let outline: Outline
    /// The largest number of samples in one pass.
    public let capacity: Int
    private let parameters: Block
    private let pass: CPUPass

    /// Plans the network and reserves its memory; all parameters are 0 until `load`.
    public init(_ description: NetworkDescription, capacity: Int) throws(EngineError) {
        precondition(capacity >= 1, "a pass has at least one sample")
        let plan = try Plan(description, isOutsideTraining: true)
        (self.description, self.capacity) = (description, capacity)
        outline = plan.outline
        parameters = try Block(count: plan.outline.flatCount)
        pass = try CPUPass(plan.program, part: .training, capacity: capacity, parameters: parameters)
    }

    /// Copies the flat parameters (of `outline.flatCount` floats) in.
    public func load(parameters: [Float]) {
        precondition(
            parameters.count == outline.flatCount,
            "expected \(outline.flatCount) parameters, found \(parameters.count)")
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
        pass.write(inputs, to: pass.program.input, count: goals.count)
        for rows in pass.program.gradients.values {
            pass.rows(rows).update(repeating: 0, count: rows.count * pass.stride)
        }
        for (sample, goal) in goals.enumerated() {
            let rows = pass.rows(gradientRows(goal.layer, goal.stage))
            for unit in goal.units { rows[unit * pass.stride + sample] = goal.weight }
        }
        if !goals.isEmpty { pass.run(count: goals.count) }
    }

    /// A layer's values for a sample of the last pass.
    public func values(layer: LayerPath, stage: Network.Stage = .activation, sample: Int = 0) -> [Float] {
        read(rows(layer, stage), sample)
    }

    /// The gradient of a sample's goal at a layer's values; 0 behind the goal's layer.
    public func gradient(layer: LayerPath, stage: Network.Stage = .activation, sample: Int = 0) -> [Float] {
        read(gradientRows(layer, stage), sample)
    }

    private func rows(_ layer: LayerPath, _ stage: Network.Stage) -> Slice {
        let values = pass.program[layer]
        return stage == .activation ? values.activation : values.preActivation
    }

    private func gradientRows(_ layer: LayerPath, _ stage: Network.Stage) -> Slice {
        pass.program.gradients[rows(layer, stage)]!
    }

    private func read(_ rows: Slice, _ sample: Int) -> [Float] {
        (0..<rows.count).map { pass.value(rows, unit: $0, sample: sample) }
    }
}

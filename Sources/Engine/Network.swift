/// A forward-only network with memory of its own: makes grids, tiles and projections from a copy of the parameters.
public final class Network {
    public enum Stage: Sendable, Hashable { case preActivation, activation }

    public let description: NetworkDescription
    public let outline: Outline
    /// The largest number of samples in one pass.
    public let capacity: Int
    private let parameters: Block
    private let pass: CPUPass
    private var filled = 0

    /// Plans the network and reserves its memory; all parameters are 0 until `load`.
    public init(_ description: NetworkDescription, capacity: Int) throws(EngineError) {
        precondition(capacity >= 1, "a pass has at least one sample")
        let plan = try Plan(description)
        self.description = description
        self.capacity = capacity
        outline = plan.outline
        parameters = Block(count: plan.outline.flatCount)
        pass = try CPUPass(plan.program, part: .evaluation, capacity: capacity, parameters: parameters)
    }

    /// Copies the flat parameters (of `outline.flatCount` floats) in.
    public func load(parameters: [Float]) {
        precondition(
            parameters.count == outline.flatCount,
            "expected \(outline.flatCount) parameters, found \(parameters.count)")
        self.parameters.write(parameters)
    }

    /// Forward pass with dropout off.
    /// - Parameter inputs: row-major `[count, input.count]`, count ≤ capacity.
    public func forward(_ inputs: [Float], count: Int) {
        pass.write(inputs, to: pass.program.input, count: count)
        if count > 0 { pass.run(count: count) }
        filled = count
    }

    /// Appends one unit's values for the samples of the last pass to `out`: `count` floats.
    /// - Parameters:
    ///   - layer: index into `outline.layers`.
    ///   - unit: 0 ..< output.count.
    public func appendValues(layer: Int, stage: Stage, unit: Int, to out: inout [Float]) {
        pass.append(slice(layer, stage), unit: unit, count: filled, to: &out)
    }

    /// One unit's value for one sample of the last pass.
    public func value(layer: Int, stage: Stage, unit: Int, sample: Int) -> Float {
        precondition(sample < filled, "sample \(sample) of a pass of \(filled)")
        return pass.value(slice(layer, stage), unit: unit, sample: sample)
    }

    private func slice(_ layer: Int, _ stage: Stage) -> Slice {
        let values = pass.program.layers[layer]
        return stage == .activation ? values.activation : values.preActivation
    }
}

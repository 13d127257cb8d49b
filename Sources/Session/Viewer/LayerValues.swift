import Engine

/// The numbers of one layer for one sample, as the forward pass has them.
public struct LayerValues: Sendable, Hashable {
    public var layer: LayerPath
    public var choice: SampleChoice
    /// Of the parameters with which they were made (`Snapshot.parameterVersion`).
    public var parameterVersion: Int
    /// The values that come in, in the order of the layer's input.
    public var inputs: [Float]
    /// Of a block that joins its stacks the values at the end of each.
    public var joined: [[Float]] = []
    /// Before the activation.
    public var sums: [Float]
    public var values: [Float]
    /// The network's loss for the sample; nil: its class is not known.
    public var loss: Double?
    /// The loss's derivatives at the values; nil: not asked for, or the class is not known.
    public var gradients: [Float]?
    /// Of sequences.
    public var steps: StepValues?
    /// The step of the sequence that all this is of; nil: of all of it.
    public var step: Int?

    public init(
        layer: LayerPath, choice: SampleChoice, parameterVersion: Int, inputs: [Float], sums: [Float],
        values: [Float], loss: Double?, gradients: [Float]? = nil, steps: StepValues? = nil, step: Int? = nil
    ) {
        (self.layer, self.choice, self.parameterVersion) = (layer, choice, parameterVersion)
        (self.inputs, self.sums, self.values, self.loss) = (inputs, sums, values, loss)
        (self.gradients, self.steps, self.step) = (gradients, steps, step)
    }
}

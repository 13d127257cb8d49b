/// A layer's input or output as it is planned: rows of the block `values`, one for each of a sample's numbers.
struct Value {
    let shape: Shape
    let slice: Slice
    /// The rows before the activation; `slice` itself where the layer has none.
    let preActivation: Slice
    /// Whether parameters that train lie before it: only then is a gradient computed.
    let isDifferentiable: Bool
    /// Of a sequence the row with each sample's number of steps; nil: all have every step.
    var lengths: Slice? = nil
    /// The number of different symbols, where the values are the numbers of such; nil: they are amounts.
    var vocabulary: Int? = nil
    /// The sequence whose last state it is, alone; nil: it is something else.
    var ending: Ending? = nil

    struct Ending {
        var steps: Int
        /// The layer's place in the description.
        var place: String
    }
}

/// A parameter tensor and its gradient.
struct Parameter {
    let value: Slice
    /// nil: the parameter is frozen.
    let gradient: Slice?

    var isTrained: Bool { gradient != nil }
}

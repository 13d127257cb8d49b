/// A rule for drawing a layer's weights before training: the catalogue's entry and the draw.
struct Initializer: Sendable {
    /// The shape that a draw depends on.
    struct Fan: Sendable {
        /// Inputs of one unit.
        var input: Int
        /// Units that one input reaches.
        var output: Int
    }

    let entry: Entry
    /// The value that every bias of the layer starts from.
    let bias: Float
    /// One weight, in Double: the fan of its layer, the knobs by name, the generator.
    let draw: @Sendable (Fan, Settings, inout Random) -> Double

    init(_ entry: Entry, bias: Float = 0, draw: @escaping @Sendable (Fan, Settings, inout Random) -> Double) {
        self.entry = entry
        self.bias = bias
        self.draw = draw
    }
}

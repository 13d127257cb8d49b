/// A network's arithmetic without memory: any backend can bind it.
struct Program: Sendable {
    /// Where a layer's values are.
    struct LayerValues: Sendable {
        var preActivation: Slice
        var activation: Slice
    }

    /// The forward pass with dropout, without what only a viewer needs.
    var trainingForward: [Operation] = []
    /// The forward pass with dropout off.
    var evaluationForward: [Operation] = []
    /// The loss's gradient and the backward pass.
    var backward: [Operation] = []
    /// Rows of the blocks `values` and `training`.
    var valueRows = 0
    var trainingRows = 0
    var input: Slice
    var target: Slice
    var layers: [LayerValues] = []
}

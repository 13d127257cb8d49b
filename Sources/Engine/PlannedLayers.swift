/// The layers that a tape has planned, with what they declare of themselves, and the one at work.
struct PlannedLayers {
    struct Layer {
        /// The layer's place, before the names of its tensors: "layers.2", "layers.2.body.0", "output".
        var path: String
        /// The layer whose stack it is in, as an index; nil: it stands in the network's own.
        var parent: Int?
        /// Empty: none.
        var name: String
        /// Whether it is frozen, or a block that it is in.
        var isFrozen: Bool
        var rows = 0
        /// The dependence of its units on those before it, where the shape of its input decides it.
        var link: Outline.Link?
        /// The stacks inside it.
        var stacks: [Outline.Stack] = []
        var cells: [Outline.Cells] = []
        var drawsInput = false
        var activation: Choice?
        var attention: Outline.SelfAttention?

        /// nil: the output.
        var place: LayerPath? { LayerPath(String(path.dropFirst("layers.".count))) }
    }

    private var all: [Layer] = []
    /// The layer whose `emit` is at work, or for which rows are reserved on the way back, as an index.
    var current: Int?

    var count: Int { all.count }

    /// The layer at work; there must be one.
    var own: Layer {
        get { all[current!] }
        _modify { yield &all[current!] }
    }

    /// The layer at work stands in a block.
    var isInBlock: Bool { current.map { all[$0].parent != nil } ?? false }

    /// Begins a layer inside the one at work.
    /// - Parameter isKnown: one of this path has been planned before, and goes on.
    mutating func begin(path: String, name: String, isFrozen: Bool, isKnown: Bool) {
        if isKnown, let known = all.firstIndex(where: { $0.path == path }) {
            current = known
            return
        }
        let isFrozen = isFrozen || current.map { all[$0].isFrozen } ?? false
        all.append(Layer(path: path, parent: current, name: name, isFrozen: isFrozen))
        current = all.count - 1
    }

    /// Counts rows to the layer at work and to the blocks that it is in.
    mutating func countRows(_ count: Int) {
        // The loss's gradient belongs to the output, the last layer.
        var place = current ?? all.indices.last
        while let index = place {
            all[index].rows += count
            place = all[index].parent
        }
    }

    /// The rows of each layer with those of the layers in it, by its path.
    var rowsByPath: [String: Int] { Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0.rows) }) }
}

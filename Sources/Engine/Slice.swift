/// A part of a network's memory: block, offset and count, belonging to no device. A backend resolves it.
struct Slice: Sendable, Hashable {
    enum Block: Sendable, Hashable {
        /// All parameters, flat; offset and count are in floats.
        case parameters
        /// Their gradients, laid out alike.
        case parameterGradients
        /// The values of a forward pass, one row per unit, the samples of the batch along the row; offset and count are
        /// in rows.
        case values
        /// The values that only training needs (targets, gradients, masks), in rows too.
        case training
    }

    var block: Block
    var offset: Int
    var count: Int

    /// Whether another one lies within this one.
    func contains(_ other: Slice) -> Bool {
        block == other.block && offset <= other.offset && other.offset + other.count <= offset + count
    }

    func overlaps(_ other: Slice) -> Bool {
        block == other.block && offset < other.offset + other.count && other.offset < offset + count
    }
}

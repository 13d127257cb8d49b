/// The decoder of a layer of which nothing but the shapes counts, as of a block.
enum ShapeDecoder {
    /// Without an activation: for an image of the same size a convolution with 3×3 kernels, for a sequence of as many steps the
    /// same weighted sums at every step, else weighted sums of all values.
    static func layers(from output: Shape, to input: Shape) -> [Choice] {
        let (from, to) = (output.axes, input.axes)
        if from.count == 3, to.count == 3, from[1...] == to[1...] {
            return [Catalogue.projection(channels: to[0])]
        }
        if from.count == 2, to.count == 2, from[0] == to[0] {
            return [Catalogue.projection(features: to[1])]
        }
        return [Catalogue.projection(units: input.count)]
    }

    /// Of one state for a whole sequence: cells that see it at every step, and weighted sums of theirs.
    /// - Parameters:
    ///   - cells: a recurrent layer that hands on the states of all steps.
    ///   - units: of a state of theirs.
    static func unfolding(_ cells: Choice, units: Int, to input: Shape) -> [Choice] {
        let steps = input.axes[0]
        return [Catalogue.repetition(steps: steps), cells] + layers(from: Shape(steps, units), to: input)
    }
}

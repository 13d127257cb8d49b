extension NetworkDescription {
    /// The same network over sequences of so many steps at most, each with a length of its own; nil: it takes no sequences.
    public func over(steps: Int) -> NetworkDescription? {
        guard input.axes.count == 2 else { return nil }
        var other = self
        other.input = Shape(steps, input.axes[1])
        other.sequence.hasLengths = true
        if sequence.targetSteps == input.axes[0] { other.sequence.targetSteps = steps }
        return other
    }

    /// The same network over one step after another, whose states go on from pass to pass; nil: it has no answer at each step, or a
    /// layer looks at other steps than by a state that goes forward.
    public var stepping: NetworkDescription? {
        guard input.axes.count == 2, sequence.targetSteps == input.axes[0] else { return nil }
        var other = self
        other.input = Shape(1, input.axes[1])
        other.sequence = SequenceForm(vocabulary: sequence.vocabulary, targetSteps: 1, continues: true)
        other.layers = layers.compactMap(\.stepping)
        return other.layers.count == layers.count ? other : nil
    }
}

extension Choice {
    /// The layer for one step after another (see `Layer.stepping`).
    var stepping: Choice? {
        Catalogue.layers.first { $0.entry.id == id }.flatMap { $0.stepping(self) }
    }
}

extension Outline {
    /// Whether another network's parameters fit this one, number for number.
    public func hasSameTensors(as other: Outline) -> Bool {
        tensors.count == other.tensors.count
            && zip(tensors, other.tensors).allSatisfy {
                $0.name == $1.name && $0.axes == $1.axes && $0.offset == $1.offset
            }
    }
}

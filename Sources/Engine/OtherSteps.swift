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

/// One update of those that a round of training consists of: where two networks train against each other, each has its turn.
public struct StepTurn: Sendable, Hashable {
    /// "discriminator"; empty: the round is one update of the whole network.
    public var name: String
    /// The layers whose values it computes, by their outermost places in the stack; the output's is the number of layers.
    public var layers: Range<Int>
    /// Those that it changes.
    public var learning: Range<Int>
    /// The kinds of samples in its batch, as many of each, one kind after the other: "real", "generated"; empty: one kind.
    public var kinds: [String]

    public init(name: String, layers: Range<Int>, learning: Range<Int>, kinds: [String]) {
        (self.name, self.layers, self.learning, self.kinds) = (name, layers, learning, kinds)
    }

    /// The turn of a network that trains as a whole.
    static func whole(_ network: NetworkDescription) -> StepTurn {
        let all = 0..<network.layers.count + 1
        return StepTurn(name: "", layers: all, learning: all, kinds: [])
    }
}

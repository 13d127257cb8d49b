extension Corruption {
    static let nothing = Corruption(
        Entry(
            id: "none", title: "none", summary: "The network takes in the samples as they are.", formula: "x̃ = x",
            source: "Rumelhart, Hinton and Williams, Learning internal representations by error propagation, 1986",
            watch:
                "With as many units as inputs, or more, the network can copy each value: a small error then means nothing."
        ))
}

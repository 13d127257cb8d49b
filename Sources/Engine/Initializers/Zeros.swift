extension Initializer {
    static let zeros = Initializer(
        Entry(
            id: "zeros", title: "zeros",
            summary:
                "All weights 0: every unit of a layer computes and learns the same, so that a layer is worth one unit; try it and see.",
            formula: "w = 0,  b = 0",
            source: "Rumelhart, Hinton and Williams, 1986, on breaking symmetry",
            watch: "All tiles of a layer stay alike for ever: equal units get equal gradients.")
    ) { _, _, _ in
        0
    }
}

extension Initializer {
    static let playground = Initializer(
        Entry(
            id: "playground", title: "Playground",
            summary: "Small uniform weights and biases of 0.1, as in the TensorFlow Playground.",
            formula: "w ~ U(−0.5, 0.5),  b = 0.1",
            source:
                "Smilkov, Carter, Sculley, Viégas and Wattenberg, Direct-manipulation visualization of deep networks, 2017",
            watch:
                "It does not look at the number of inputs: wide layers begin with large sums, so that tanh units may be saturated."
        ), bias: 0.1
    ) { _, _, random in
        random.uniform(-0.5, 0.5)
    }
}

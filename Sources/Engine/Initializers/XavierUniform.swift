extension Initializer {
    static let xavierUniform = Initializer(
        Entry(
            id: "xavierUniform", title: "Xavier uniform",
            summary: "Scaled so that signals and gradients keep their size through tanh and sigmoid layers.",
            formula: "w ~ U(−a, a),  a = √(6 / (inputs + outputs)),  b = 0",
            source:
                "Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010",
            watch:
                "The activations of tanh layers keep about their size from layer to layer at the start; with ReLU they shrink."
        )
    ) { fan, _, random in
        random.uniform(-1, 1) * (6 / Double(fan.input + fan.output)).squareRoot()
    }
}

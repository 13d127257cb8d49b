extension Initializer {
    static let xavierNormal = Initializer(
        Entry(
            id: "xavierNormal", title: "Xavier normal",
            summary: "The normal twin of Xavier uniform, for tanh and sigmoid layers.",
            formula: "w ~ N(0, 2 / (inputs + outputs)),  b = 0",
            source:
                "Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010",
            watch: "The activations of tanh layers keep about their size from layer to layer at the start."
        )
    ) { fan, _, random in
        random.normal() * (2 / Double(fan.input + fan.output)).squareRoot()
    }
}

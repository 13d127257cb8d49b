extension Initializer {
    static let lecunNormal = Initializer(
        Entry(
            id: "lecunNormal", title: "LeCun normal",
            summary: "Keeps the variance from layer to layer where functions are nearly linear around 0.",
            formula: "w ~ N(0, 1 / inputs),  b = 0",
            source: "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
            watch: "With ReLU the activations shrink by about √½ from layer to layer: He is made for it.")
    ) { fan, _, random in
        random.normal() * (1 / Double(fan.input)).squareRoot()
    }
}

extension Initializer {
    static let heNormal = Initializer(
        Entry(
            id: "heNormal", title: "He normal",
            summary: "The normal twin of He uniform, for layers of ReLU.",
            formula: "w ~ N(0, 2 / inputs),  b = 0",
            source: "He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015",
            watch:
                "At the start the activations of all layers should have about the same size: look at the weights' and activations' bars before the first step."
        )
    ) { fan, _, random in
        random.normal() * (2 / Double(fan.input)).squareRoot()
    }
}

extension Initializer {
    static let heUniform = Initializer(
        Entry(
            id: "heUniform", title: "He uniform",
            summary: "Scaled for layers of ReLU, which pass only half of the signal.",
            formula: "w ~ U(−a, a),  a = √(6 / inputs),  b = 0",
            source: "He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015",
            watch: "At the start the activations of all ReLU layers have about the same size, also in deep stacks.")
    ) { fan, _, random in
        random.uniform(-1, 1) * (6 / Double(fan.input)).squareRoot()
    }
}

extension Initializer {
    static let normal = Initializer(
        Entry(
            id: "normal", title: "normal",
            summary: "Normally distributed with a deviation of your choice.",
            formula: "w ~ N(0, deviation²),  b = 0",
            source: "LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998",
            knobs: [
                Knob(
                    "deviation", title: "deviation", summary: "The standard deviation of the weights at the start.",
                    kind: .real(0...100, steps: [0.01, 0.05, 0.1, 0.5, 1, 2, 5]), default: .real(0.5))
            ])
    ) { _, settings, random in
        random.normal() * settings.real("deviation")
    }
}

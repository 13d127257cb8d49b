extension Corruption {
    static let gaussian = Corruption(
        Entry(
            id: "gaussian", title: "gaussian", summary: "Adds normal noise to every value.",
            formula: "x̃ = x + deviation · ε,  ε ~ N(0, 1)",
            source: "Vincent and others, Stacked denoising autoencoders, 2010",
            watch: "The picture of what goes in: a person should still tell what it is.",
            knobs: [
                Knob(
                    "deviation", title: "deviation",
                    summary: "The noise's standard deviation, as the network takes the values.",
                    kind: .real(0...10, steps: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 1]), default: .real(0.3),
                    raise: "when the network copies its input and its units show no patterns",
                    lower: "when the reconstructions are blurred")
            ])
    ) { settings, random, values in
        let deviation = settings.real("deviation")
        for unit in 0..<values.count { values[unit] += Float(deviation * random.normal()) }
    }
}

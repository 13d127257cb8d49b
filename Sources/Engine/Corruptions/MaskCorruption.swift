extension Corruption {
    static let mask = Corruption(
        Entry(
            id: "mask", title: "mask", summary: "Sets some of the values to 0, so that the others must tell them.",
            formula: "x̃ = x · m,  m ~ Bernoulli(1 − rate)",
            source: "Vincent, Larochelle, Bengio and Manzagol, Extracting and composing robust features, 2008",
            watch:
                "Whether the reconstruction fills in what was taken away; the units' weights should show strokes in place of single pixels.",
            knobs: [.rate("The probability with which a value becomes 0.")])
    ) { settings, random, values in
        let rate = settings.real("rate")
        for unit in 0..<values.count where random.uniform() < rate { values[unit] = 0 }
    }
}

extension Knob {
    /// Of a corruption that meets each value with a probability.
    static func rate(_ summary: String) -> Knob {
        Knob(
            "rate", title: "rate", summary: summary,
            kind: .real(0...1, steps: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
            default: .real(0.3), raise: "when the network copies its input",
            lower: "when too little is left to tell the rest")
    }
}

extension Corruption {
    static let saltPepper = Corruption(
        Entry(
            id: "saltPepper", title: "salt & pepper",
            summary: "Sets some of the values to the smallest or the largest one, at even odds.",
            formula: "x̃ = min or max where m = 1,  m ~ Bernoulli(rate)",
            source: "Vincent and others, Stacked denoising autoencoders, 2010",
            watch: "Whether single wrong pixels are put right and strokes stay whole.",
            knobs: [.rate("The probability with which a value becomes the smallest or the largest.")])
    ) { settings, random, values in
        let rate = settings.real("rate")
        for unit in 0..<values.count where random.uniform() < rate {
            let range = values.range(unit)
            values[unit] = random.uniform() < 0.5 ? range.lowerBound : range.upperBound
        }
    }
}

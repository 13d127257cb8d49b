extension Augmentation {
    static let pixelNoise = Augmentation(
        id: "noise", title: "noise", summary: "Adds noise to every pixel.", formula: "v → v + N(0, deviation²)",
        source: "Sietsma and Dow, Creating artificial neural networks that generalize, 1991",
        watch: "The variants: a person should still tell what they are.",
        knobs: [
            Knob(
                "deviation", title: "deviation", summary: "The noise's deviation; white is 1.",
                kind: .real(0...1, steps: [0, 0.02, 0.05, 0.1, 0.2]), default: .real(0.05),
                raise: "when test images are noisier than training images",
                lower: "when training no longer gets better than guessing")
        ],
        effect: .values { settings, random, image in
            let deviation = settings.real("deviation")
            for place in image.values.indices {
                image.base[place] = min(max(image.base[place] + Float(deviation * random.normal()), 0), 1)
            }
        })
}

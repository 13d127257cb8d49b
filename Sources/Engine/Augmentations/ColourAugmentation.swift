extension Augmentation {
    static let colour = Augmentation(
        id: "colour", title: "colour", summary: "Makes each channel brighter or darker: the light changes its colour.",
        formula: "v_c → f_c · v_c, f_c ~ U(1 − percent/100, 1 + percent/100)",
        source: "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep networks, 2012",
        watch: "The variants of one image (their view): classes that differ by colour alone must stay apart.",
        knobs: [
            Knob(
                "percent", title: "percent", summary: "The most that a channel's intensities grow or shrink.",
                kind: .real(0...100, steps: [0, 10, 20, 30, 50]), default: .real(20),
                raise: "when test images have other light than training images",
                lower: "when classes differ by their colour")
        ],
        effect: .values { settings, random, image in
            let most = settings.real("percent") / 100
            let size = image.height * image.width
            for channel in 0..<image.channels {
                let factor = Float(random.uniform(1 - most, 1 + most))
                for place in channel * size..<(channel + 1) * size {
                    image.base[place] = min(max(image.base[place] * factor, 0), 1)
                }
            }
        })
}

extension Augmentation {
    static let crop = Augmentation(
        id: "crop", title: "crop",
        summary: "Cuts a part out of the image, anywhere in it, and makes it as large as the whole.",
        formula: "side ~ U(percent/100, 1)",
        source: "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep networks, 2012",
        watch: "Whether what tells the class is still in the part that is left.",
        knobs: [
            Knob(
                "percent", title: "percent", summary: "The smallest part of each side that is left.",
                kind: .real(10...100, steps: [50, 60, 70, 80, 90, 100]), default: .real(80),
                raise: "when what tells the class is cut away",
                lower: "when the network knows the training images by heart")
        ],
        effect: .place { settings, random, placement in
            let side = random.uniform(settings.real("percent") / 100, 1)
            // The part's middle, as far as it stays within the image.
            let x = random.uniform(-1, 1) * (1 - side) / 2 * Double(placement.width)
            let y = random.uniform(-1, 1) * (1 - side) / 2 * Double(placement.height)
            placement.shift(-x, -y)
            placement.scale(1 / side, 1 / side)
        })
}

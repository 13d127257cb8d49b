extension Augmentation {
    static let shift = Augmentation(
        id: "shift", title: "shift",
        summary: "Moves the image by some whole pixels to any side; what comes in is black.",
        formula: "(x, y) → (x + i, y + j), i, j ∈ {−pixels … pixels}",
        source: "LeCun and others, Gradient-based learning applied to document recognition, 1998",
        watch:
            "Training accuracy falls a little, test accuracy should rise: most for dense networks, which do not know that pixels are neighbours.",
        knobs: [
            Knob(
                "pixels", title: "pixels", summary: "The most pixels on each axis.", kind: .integer(0...64),
                default: .integer(1), raise: "when shifted test images are taken for others",
                lower: "when parts leave the image")
        ],
        effect: .place { settings, random, placement in
            let most = settings.integer("pixels")
            func draw() -> Double { Double(Int(random.uniform() * Double(2 * most + 1)) - most) }
            let x = draw()
            placement.shift(x, draw())
        })
}

extension Augmentation {
    static let scale = Augmentation(
        id: "scale", title: "scale", summary: "Makes the image larger or smaller about its middle.",
        formula: "factor ~ U(1 − percent/100, 1 + percent/100)",
        source: "LeCun and others, Gradient-based learning applied to document recognition, 1998",
        watch: "Whether large ones still fit into the image.",
        knobs: [
            Knob(
                "percent", title: "percent", summary: "The most that the size grows or shrinks.",
                kind: .real(0...90, steps: [0, 5, 10, 15, 20, 30, 50]), default: .real(10),
                raise: "when sizes in the test differ more than in training",
                lower: "when images become too small to be told")
        ],
        effect: .place { settings, random, placement in
            let most = settings.real("percent") / 100
            let factor = random.uniform(1 - most, 1 + most)
            placement.scale(factor, factor)
        })
}

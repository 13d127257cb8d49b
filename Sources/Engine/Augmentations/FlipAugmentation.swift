extension Augmentation {
    static let flip = Augmentation(
        id: "flip", title: "flip", summary: "Mirrors every second image, as chance has it.",
        formula: "x → −x with probability ½",
        source: "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep networks, 2012",
        watch: "Digits and letters change their meaning: a mirrored 2 is none. Flip what looks alike from both sides.",
        knobs: [
            Knob(
                "horizontal", title: "horizontal", summary: "Exchanges left and right.", kind: .toggle,
                default: .toggle(true)),
            Knob(
                "vertical", title: "vertical", summary: "Exchanges top and bottom.", kind: .toggle,
                default: .toggle(false)),
        ],
        effect: .place { settings, random, placement in
            // Both are drawn whatever the settings are, so that one does not move the other's chances.
            let (left, top) = (random.uniform() < 0.5, random.uniform() < 0.5)
            placement.scale(
                settings.toggle("horizontal") && left ? -1 : 1, settings.toggle("vertical") && top ? -1 : 1)
        })
}

extension Augmentation {
    static let rotate = Augmentation(
        id: "rotate", title: "rotate", summary: "Turns the image about its middle, to either side.",
        formula: "angle ~ U(−degrees, degrees)",
        source: "Simard, Steinkraus and Platt, Best practices for convolutional neural networks, 2003",
        watch: "6 and 9 become one another at 180°; 10° to 15° suit handwriting.",
        knobs: [
            Knob(
                "degrees", title: "degrees", summary: "The most degrees to either side.",
                kind: .real(0...180, steps: [0, 5, 10, 15, 20, 30, 45, 90, 180]), default: .real(10),
                raise: "when turned test images are taken for others", lower: "when classes differ by their direction")
        ],
        effect: .place { settings, random, placement in
            let most = settings.real("degrees") * Double.pi / 180
            placement.rotate(random.uniform(-most, most))
        })
}

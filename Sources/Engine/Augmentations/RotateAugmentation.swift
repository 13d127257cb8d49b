extension Augmentation {
    static let rotate = Augmentation(
        id: "rotate", title: "rotate", summary: "Turns the image about its middle, to either side.",
        formula: "angle ~ U(−degrees, degrees)",
        source: "Simard, Steinkraus and Platt, Best practices for convolutional neural networks, 2003",
        knobs: [
            Knob(
                "degrees", title: "degrees", summary: "The most degrees to either side.",
                kind: .real(0...180, steps: [0, 5, 10, 15, 20, 30, 45, 90, 180]), default: .real(10))
        ],
        effect: .place { settings, random, placement in
            let most = settings.real("degrees") * Double.pi / 180
            placement.rotate(random.uniform(-most, most))
        })
}

extension Augmentation {
    static let cutout = Augmentation(
        id: "cutout", title: "cutout",
        summary: "Blackens a square anywhere in the image, so that no part is relied on alone.",
        formula: "v = 0 within a square", source: "DeVries and Taylor, Improved regularization with cutout, 2017",
        watch: "Training loss rises, test loss should fall: no single part of the image decides any more.",
        knobs: [
            Knob(
                "pixels", title: "pixels", summary: "The square's side; it may stick out of the image.",
                kind: .integer(1...64), default: .integer(4),
                raise: "when the network looks at one part of the image alone",
                lower: "when the class can no longer be told")
        ],
        effect: .values { settings, random, image in
            let side = settings.integer("pixels")
            // The square's middle lies anywhere in the image.
            let left = Int(random.uniform() * Double(image.width)) - side / 2
            let top = Int(random.uniform() * Double(image.height)) - side / 2
            for channel in 0..<image.channels {
                for row in max(0, top)..<max(0, min(image.height, top + side)) {
                    for column in max(0, left)..<max(0, min(image.width, left + side)) {
                        image[channel, row, column] = 0
                    }
                }
            }
        })
}

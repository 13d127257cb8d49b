import Engine

/// Images whose pixels are typed in as numbers, to follow by hand what a network does with them.
enum TypedImages {
    static let dataset = Dataset(
        images: Entry(
            id: "pixels", title: "typed pixels", summary: "Small images whose pixels are typed in as numbers.",
            formula: "x: 1 0 1; 0 1 0; 1 0 1 → [1, 3, 3]", source: "the usual example of a lecture",
            watch: "All images are for training: there is nothing to generalize to.",
            knobs: [
                Knob(
                    "images", title: "images",
                    summary:
                        "Images apart by commas: a name, a colon, and rows of numbers from 0 to 255 apart by semicolons.",
                    kind: .text,
                    default: .text(
                        "x: 1 0 0 0 1; 0 1 0 1 0; 0 0 1 0 0; 0 1 0 1 0; 1 0 0 0 1, "
                            + "o: 0 1 1 1 0; 1 0 0 0 1; 1 0 0 0 1; 1 0 0 0 1; 0 1 1 1 0")),
                Knob(
                    "white", title: "white", summary: "The number that enters the network as 1.",
                    kind: .integer(1...255), default: .integer(1), raise: "when numbers are larger than this",
                    lower: "when images are too dark"),
            ]),
        trainFraction: 1, schema: { request throws(DataError) in try Source(request).schema }
    ) { request throws(DataError) in try Source(request) }

    private struct Source: ImageSource {
        let schema: DataSchema
        let white: Int
        private var images: [(label: Int, pixels: [UInt8])] = []
        private var place = 0

        var count: Int { images.count }

        init(_ request: DataRequest) throws(DataError) {
            white = request.integer("white")
            var names: [String] = []
            var size: (height: Int, width: Int)?
            for (number, text) in request.text("images").split(separator: ",").enumerated() {
                let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let words = parts[0].split(separator: " ").joined(separator: " ")
                guard parts.count == 2, !words.isEmpty else {
                    throw Self.mistake(
                        "expected a name and a colon before the pixels of image \(number + 1), found "
                            + quoted(words))
                }
                let rows = parts[1].split(separator: ";", omittingEmptySubsequences: false).map {
                    $0.split(separator: " ")
                }
                guard rows[0].count > 0, rows.allSatisfy({ $0.count == rows[0].count }) else {
                    throw Self.mistake(
                        "expected as many numbers in each row of \(quoted(words)), found rows of "
                            + listed(rows.map { "\($0.count)" }))
                }
                let own = (rows.count, rows[0].count)
                if let size, size != own {
                    throw Self.mistake(
                        "expected \(size.height)×\(size.width) pixels as in the first image, found "
                            + "\(own.0)×\(own.1) in \(quoted(words))")
                }
                size = own
                var pixels: [UInt8] = []
                for text in rows.joined() {
                    guard let byte = UInt8(text) else {
                        throw Self.mistake(
                            "expected whole numbers from 0 to 255 in \(quoted(words)), found \(quoted(String(text)))")
                    }
                    pixels.append(byte)
                }
                if !names.contains(words) { names.append(words) }
                images.append((names.firstIndex(of: words)!, pixels))
            }
            guard let size, names.count >= 2 else {
                throw Self.mistake(
                    "expected images of at least two names, found "
                        + (names.isEmpty ? "none" : "\(quoted(names[0])) alone"))
            }
            guard max(size.height, size.width) <= ImageFiles.mostSide else {
                throw Self.mistake(
                    "expected at most \(ImageFiles.mostSide) pixels to a side, found \(size.height)×\(size.width)")
            }
            schema = DataSchema(
                .image(channels: 1, height: size.height, width: size.width),
                task: .classification(classes: names.count), classNames: names)
        }

        private static func mistake(_ message: String) -> DataError {
            DataError(.malformed, place: "data.images", message: message)
        }

        mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
            let (label, pixels) = images[place]
            for (unit, pixel) in pixels.enumerated() { bytes[unit] = pixel }
            place += 1
            return label
        }
    }
}

import Engine

/// Handwritten digits, which are in the program.
///
/// `digits.gz` holds E. Alpaydin and C. Kaynak's "Optical Recognition of Handwritten Digits" (the test set of the UCI
/// Machine Learning Repository, CC BY 4.0) in its order: for each image its class in a byte, then its 64 pixels, row by row.
enum Digits {
    static let dataset = Dataset(
        images: Entry(
            id: "digits", title: "digits", summary: "1,797 handwritten digits of 8 × 8 pixels.",
            formula: "pixels 0 … 16 → 0 … 9",
            source: "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (CC BY 4.0)",
            watch: "Which digits are taken for which (confusion): 8 for 1 and 9 for 3 or 5 are the usual ones.",
            knobs: [
                Knob(
                    "margin", title: "margin", summary: "Black pixels around each digit, so that it has room to move.",
                    kind: .integer(0...12), default: .integer(0), raise: "when digits should be shifted or turned",
                    lower: "when the network should be fast")
            ]),
        schema: { schema(margin: $0.integer("margin")) }
    ) { request throws(DataError) in
        let bytes = try ByteSource(PackageResources.digits_gz, name: "digits")
        let digits = LabelledImages(
            source: BinarySource(bytes), count: 1797, schema: schema(margin: 0), white: 16)
        let margin = request.integer("margin")
        return margin == 0 ? digits : FramedImages(digits, margin: margin, schema: schema(margin: margin))
    }

    private static func schema(margin: Int) -> DataSchema {
        let side = 8 + 2 * margin
        return DataSchema(
            .image(channels: 1, height: side, width: side), task: .classification(classes: 10),
            classNames: (0..<10).map(String.init))
    }
}

/// Images of one channel, each in the middle of a larger black one.
struct FramedImages: ImageSource {
    private var source: LabelledImages
    private let margin: Int
    let schema: DataSchema
    /// One image of the source.
    private var image: [UInt8]

    /// - Parameter schema: of the larger images.
    init(_ source: LabelledImages, margin: Int, schema: DataSchema) {
        (self.source, self.margin, self.schema) = (source, margin, schema)
        image = [UInt8](repeating: 0, count: source.schema.input(features: []).count)
    }

    var count: Int { source.count }
    var white: Int { source.white }

    mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int {
        let width = source.schema.input(features: []).axes[2]
        var label = 0
        var failure: DataError?
        image.withUnsafeMutableBufferPointer { image in
            do throws(DataError) { label = try source.next(into: image) } catch { failure = error }
        }
        if let failure { throw failure }
        bytes.update(repeating: 0)
        for (place, byte) in image.enumerated() {
            bytes[(margin + place / width) * (width + 2 * margin) + margin + place % width] = byte
        }
        return label
    }
}

/// Images that follow one another, each after a byte with its class.
struct LabelledImages: ImageSource {
    let source: BinarySource
    let count: Int
    let schema: DataSchema
    let white: Int

    func next(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int {
        let label = Int(try source.byte())
        guard label < schema.classNames.count else {
            throw source.mistake("expected a class from 0 to \(schema.classNames.count - 1), found \(label)")
        }
        try source.read(into: bytes)
        return label
    }
}

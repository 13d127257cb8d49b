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
            source: "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (CC BY 4.0)"),
        schema: { _ in schema }
    ) { _ throws(DataError) in
        let bytes = try ByteSource(PackageResources.digits_gz, name: "digits")
        return LabelledImages(source: BinarySource(bytes), count: 1797, schema: schema, white: 16)
    }

    private static let schema = DataSchema(
        .image(channels: 1, height: 8, width: 8), task: .classification(classes: 10),
        classNames: (0..<10).map(String.init))
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

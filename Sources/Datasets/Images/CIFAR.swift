import Basics
import Engine

/// Colour images in CIFAR-10's binary format: for each its class in a byte, then 32 × 32 pixels of red, of green, of blue.
enum CIFAR {
    static let dataset = Dataset(
        images: Entry(
            id: "cifar", title: "CIFAR images", summary: "Colour images in CIFAR-10's binary format, plain or gzip.",
            formula: "3×32×32 → 10 classes", source: "Krizhevsky, Learning multiple layers of features, 2009",
            watch: "Small networks reach 50 to 60 %; photos need depth, augmentation and hours.",
            knobs: [
                Knob(
                    "file", title: "file",
                    summary: "A folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin, or one such file.",
                    kind: .text, default: .text(""))
            ]),
        // The format has no first bytes that tell it: its files are known by their names.
        reads: { file in
            let name = FilePath.name(file.path)
            let isOne = name.hasPrefix("data_batch_") || name.hasPrefix("test_batch")
            return file.isFolder
                ? file.holds(nameWith: "data_batch_1") : isOne && (name.hasSuffix(".bin") || name.hasSuffix(".bin.gz"))
        },
        schema: { _ in schema }
    ) { request throws(DataError) in try images(request) }

    private static let bytesPerImage = 1 + 3 * 32 * 32

    private static let schema = DataSchema(
        .image(channels: 3, height: 32, width: 32), task: .classification(classes: 10),
        classNames: [
            "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
        ])

    private static func images(_ request: DataRequest) throws(DataError) -> ImageFileSequence {
        let file = try ImageFiles.path(request)
        let loading = request.loading
        guard FilePath.isFolder(file.path) else { return try ImageFileSequence([part(file, loading)]) }
        func found(_ name: String) throws(DataError) -> ImageFiles.Named? {
            [name, name + ".gz"].map { file.with($0) }.first { FilePath.exists($0.path) }
        }
        var training: [LabelledImages] = []
        for number in 1...5 {
            if let batch = try found("data_batch_\(number).bin") { training.append(try part(batch, loading)) }
        }
        guard !training.isEmpty else {
            throw DataError(
                .missing, place: file.title, message: "expected a file “data_batch_1.bin” in this folder, found none")
        }
        guard let test = try found("test_batch.bin") else { return ImageFileSequence(training) }
        try request.checkOwnTestSet()
        return ImageFileSequence(training + [try part(test, loading)], trainCount: training.reduce(0) { $0 + $1.count })
    }

    private static func part(_ file: ImageFiles.Named, _ loading: Loading?) throws(DataError) -> LabelledImages {
        let bytes = try BinarySource.length(path: file.path, name: file.title, loading: loading)
        guard bytes > 0, bytes % bytesPerImage == 0 else {
            throw DataError(
                .malformed, place: file.title,
                message: "expected images of \(bytesPerImage) bytes, a class and 3×32×32 pixels, found "
                    + plural(bytes, "byte"))
        }
        return LabelledImages(
            source: try BinarySource(path: file.path, name: file.title, loading: loading),
            count: bytes / bytesPerImage, schema: schema, white: 255)
    }
}

/// The images of several files, one after the other.
struct ImageFileSequence: ImageSource {
    let count: Int
    let trainCount: Int?
    let schema: DataSchema
    private let parts: [LabelledImages]
    private var part = 0
    private var place = 0

    init(_ parts: [LabelledImages], trainCount: Int? = nil) {
        (self.parts, self.trainCount, schema) = (parts, trainCount, parts[0].schema)
        count = parts.reduce(0) { $0 + $1.count }
    }

    mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int {
        if place == parts[part].count { (part, place) = (part + 1, 0) }
        place += 1
        return try parts[part].next(into: bytes)
    }
}

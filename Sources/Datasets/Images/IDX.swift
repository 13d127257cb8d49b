import Basics
import Engine

/// Images in the IDX format, as MNIST and its kin come: images in one file, their classes in another beside it.
enum IDX {
    static let dataset = Dataset(
        images: Entry(
            id: "idx", title: "IDX images", summary: "Images in the IDX format: MNIST and its kin, plain or gzip.",
            formula: "[images, height, width] → classes", source: "LeCun, Cortes and Burges, The MNIST database, 1998",
            watch:
                "Test accuracy of MNIST: 98 % with dense layers, 99 % with convolutions; less means that something is wrong.",
            knobs: [
                Knob(
                    "file", title: "file",
                    summary:
                        "A folder with MNIST's four files, or one file of images with that of its labels beside it.",
                    kind: .text, default: .text(""))
            ]),
        reads: { file in
            guard !file.isFolder else { return file.holds(nameWith: "train-images") }
            guard case .idx? = try? ImageFileKind(file) else { return false }
            return true
        },
        schema: { _ in nil }
    ) { request throws(DataError) in try images(request) }

    private static func images(_ request: DataRequest) throws(DataError) -> IDXImages {
        let file = try path(request)
        guard FilePath.isFolder(file.path) else {
            return try IDXImages([part(file, labels: labelsName(file), request.loading)])
        }
        try request.checkOwnTestSet()
        var parts: [IDXImages.Part] = []
        for set in ["train", "t10k"] {
            let names = ["-images-idx3-ubyte", "-images.idx3-ubyte"].flatMap { [set + $0, set + $0 + ".gz"] }
            guard let name = names.first(where: { FilePath.exists(file.path + "/" + $0) }) else {
                throw DataError(
                    .missing, place: file.title,
                    message: "expected a file “\(names[0])” or “\(names[1])” in this folder, found none")
            }
            let images = file.with(name)
            parts.append(try part(images, labels: labelsName(images), request.loading))
        }
        return try IDXImages(parts, trainCount: parts[0].labels.count)
    }

    /// - Throws: that nothing is there, and what is looked for.
    private static func path(_ request: DataRequest) throws(DataError) -> ImageFiles.Named {
        do { return try ImageFiles.path(request) } catch {
            guard error.kind == .missing else { throw error }
            throw DataError(
                .missing, place: error.place,
                message: error.message + "; it is to be a folder with MNIST's four files (train-images-idx3-ubyte, "
                    + "train-labels-idx1-ubyte and those of t10k, or the same with .gz), or a file of images: "
                    + "data.file=PATH says where it is")
        }
    }

    /// The file of labels that belongs to a file of images.
    private static func labelsName(_ images: ImageFiles.Named) throws(DataError) -> ImageFiles.Named {
        let name = FilePath.name(images.path)
        let labels = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
        let found = images.beside(labels)
        guard labels != name, FilePath.exists(found.path) else {
            throw DataError(
                .missing, place: images.title,
                message: labels == name
                    ? "expected “images” in the file's name, so that the labels beside it are found by “labels”"
                    : "expected the labels of these images in “\(labels)” beside it, found no such file")
        }
        return found
    }

    private static func part(
        _ images: ImageFiles.Named, labels: ImageFiles.Named, _ loading: Loading?
    ) throws(DataError) -> IDXImages.Part {
        let pixels = try BinarySource(path: images.path, name: images.title, loading: loading)
        let shape = try header(pixels, dimensions: 3, what: "images")
        let classes = try BinarySource(path: labels.path, name: labels.title, loading: loading)
        let count = try header(classes, dimensions: 1, what: "labels")[0]
        guard count == shape[0] else {
            throw DataError(
                .malformed, place: labels.title,
                message: "expected a label for each of \(plural(shape[0], "image")), found \(count)")
        }
        try ImageFiles.requireRoom(count: count, width: shape[1] * shape[2], place: images.title)
        // The header's count is not to be trusted with memory: labels come one by one.
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(try classes.byte()) }
        return IDXImages.Part(images: pixels, labels: bytes, height: shape[1], width: shape[2])
    }

    /// - Returns: the length of each dimension.
    static func header(_ source: BinarySource, dimensions: Int, what: String) throws(DataError) -> [Int] {
        let mark = try source.bigEndian()
        guard mark == 0x0800 | dimensions else {
            throw source.mistake(
                "expected IDX \(what) of bytes (00 00 08 0\(dimensions)), found "
                    + [24, 16, 8, 0].map { hex(UInt8(truncatingIfNeeded: mark >> $0)) }.joined(separator: " "))
        }
        var lengths: [Int] = []
        for _ in 0..<dimensions { lengths.append(try source.bigEndian()) }
        guard lengths.allSatisfy({ $0 > 0 }), lengths.dropFirst().allSatisfy({ $0 <= ImageFiles.mostSide }) else {
            throw source.mistake(
                "expected at least one of these \(what), of at most \(ImageFiles.mostSide) pixels to a side, found "
                    + lengths.map(String.init).joined(separator: "×"))
        }
        return lengths
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

/// Images of one file after another.
struct IDXImages: ImageSource {
    struct Part {
        let images: BinarySource
        let labels: [UInt8]
        let height: Int
        let width: Int
    }

    let count: Int
    let trainCount: Int?
    let schema: DataSchema
    private let parts: [Part]
    private var part = 0
    private var place = 0

    init(_ parts: [Part], trainCount: Int? = nil) throws(DataError) {
        (self.parts, self.trainCount) = (parts, trainCount)
        count = parts.reduce(0) { $0 + $1.labels.count }
        let (height, width) = (parts[0].height, parts[0].width)
        if let other = parts.first(where: { ($0.height, $0.width) != (height, width) }) {
            throw DataError(
                .malformed, place: other.images.name,
                message: "expected images of \(height)×\(width) pixels as in \(parts[0].images.name), found "
                    + "\(other.height)×\(other.width)")
        }
        let classes = parts.reduce(2) { max($0, Int($1.labels.max() ?? 0) + 1) }
        schema = DataSchema(
            .image(channels: 1, height: height, width: width), task: .classification(classes: classes),
            classNames: (0..<classes).map(String.init))
    }

    mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int {
        if place == parts[part].labels.count { (part, place) = (part + 1, 0) }
        try parts[part].images.read(into: bytes)
        defer { place += 1 }
        return Int(parts[part].labels[place])
    }
}

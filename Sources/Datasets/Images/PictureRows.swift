import Basics
import Engine

/// Images without classes, which a trained network is asked about: pictures, folders and lists of pictures, and IDX files.
public struct PictureRows {
    /// Each image's file; of a file of several with "#" and its number, from 1.
    public let names: [String]
    /// As the network takes them.
    public let inputs: SampleStore

    private enum Part {
        case picture(ImageFiles.Named)
        case images(BinarySource, count: Int)
    }

    /// - Parameters:
    ///   - shape: `[channels, height, width]` as the network takes them.
    ///   - record: of the training images, whose means and deviations standardize these too.
    /// - Throws: a file that is not there or no picture, images of another size in an IDX file, no image at all.
    public init(paths: [String], shape: Shape, record: DataRecord) throws(DataError) {
        let (channels, height, width) = (shape.axes[0], shape.axes[1], shape.axes[2])
        var parts: [Part] = []
        for path in paths {
            guard FilePath.exists(path) else {
                throw DataError(.missing, place: path, message: "there is no such file or folder")
            }
            let file = ImageFiles.Named(path: path, title: path)
            let found = FilePath.isFolder(path) ? try Self.inFolder(file) : try Self.inFile(file, shape)
            guard !found.isEmpty else {
                throw DataError(
                    .malformed, place: path,
                    message: "expected pictures (\(listed(ImageFolder.endings))) in this folder, found none")
            }
            parts += found
        }
        let count = parts.reduce(0) { sum, part in
            if case .images(_, let count) = part { sum + count } else { sum + 1 }
        }
        try ImageFiles.requireRoom(count: count, width: shape.count, place: paths[0])
        let builder: ImageBuilder
        do throws(EngineError) {
            builder = try ImageBuilder(count: count, width: shape.count)
        } catch { throw DataError(error) }
        var names: [String] = []
        for part in parts {
            switch part {
            case .picture(let file):
                try Picture(file, channels: channels, nil).write(
                    into: builder.bytes(of: names.count), height: height, width: width)
                names.append(file.title)
            case .images(let source, let count):
                for number in 1...count {
                    try source.read(into: builder.bytes(of: names.count))
                    names.append("\(source.name)#\(number)")
                }
            }
        }
        self.names = names
        inputs = builder.store(white: 255, means: record.featureMeans, scales: record.featureScales)
    }

    /// The pictures of a folder and of the folders in it, by their names.
    private static func inFolder(_ folder: ImageFiles.Named) throws(DataError) -> [Part] {
        var parts: [Part] = []
        for name in try ImageFiles.names(in: folder) {
            let entry = folder.with(name)
            if FilePath.isFolder(entry.path) {
                parts += try inFolder(entry)
            } else if ImageFolder.isPicture(name) {
                parts.append(.picture(entry))
            }
        }
        return parts
    }

    /// A picture, an IDX file of images, or a list of pictures with a path on each line.
    private static func inFile(_ file: ImageFiles.Named, _ shape: Shape) throws(DataError) -> [Part] {
        switch try ImageFileKind(file) {
        case .picture: return [.picture(file)]
        case .idx:
            let source = try BinarySource(path: file.path, name: file.title, loading: nil)
            let found = try IDX.header(source, dimensions: 3, what: "images")
            let own = Shape(axes: [1] + found.dropFirst())
            guard own == shape else {
                throw DataError(
                    .malformed, place: file.title, message: "expected images of \(shape), found \(own)")
            }
            return [.images(source, count: found[0])]
        case .other:
            let text = try FileContent.text(path: file.path, name: file.title, limit: 64 << 20)
            var parts: [Part] = []
            for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                let words = line.trimmed
                if words.isEmpty { continue }
                // A class behind the path, as in a list to train on, is not needed.
                let ends =
                    [words.endIndex]
                    + [words.firstIndex(of: "\t"), words.lastIndex(of: ","), words.lastIndex(of: " ")].compactMap(
                        \.self)
                let named = ends.map { ImageFolderSource.named(words[..<$0].trimmed, on: file) }
                guard let picture = named.first(where: { FilePath.exists($0.path) }) else {
                    throw DataError(
                        .missing, place: "\(file.title):\(number + 1)",
                        message: "expected the path of a picture, found \(quoted(String(words)))")
                }
                parts.append(.picture(picture))
            }
            return parts
        }
    }
}

/// The kind of a file of images, by its first bytes.
enum ImageFileKind {
    case picture, idx, other

    init(_ file: ImageFiles.Named) throws(DataError) {
        let source = try BinarySource(path: file.path, name: file.title, loading: nil)
        var bytes: [UInt8] = []
        while bytes.count < 4, try !source.isAtEnd() { bytes.append(try source.byte()) }
        self.init(beginning: bytes)
    }

    /// - Parameter bytes: four, or all of a shorter file.
    init(beginning bytes: [UInt8]) {
        self =
            switch bytes {
            case [0, 0, 8, 3]: .idx
            case _ where bytes.starts(with: [0x89, 0x50, 0x4E]) || bytes.starts(with: [0xFF, 0xD8, 0xFF]): .picture
            case _
            where bytes.count == 4 && bytes[0] == UInt8(ascii: "P") && (0x31...0x36).contains(bytes[1])
                && [9, 10, 13, 32].contains(bytes[2]):
                .picture
            default: .other
            }
    }
}

extension Datasets {
    /// The dataset that reads the images of a file or folder, found by its content and the names in it; nil: it holds none.
    /// - Parameters:
    ///   - path: of a file or folder that is there.
    ///   - file: the same, as the description is to name it.
    public static func images(at path: String, file: String) -> Choice? {
        let named = ImageFiles.Named(path: path, title: path)
        return all.first { dataset($0.id)?.reads(named) ?? false }.map { Choice($0.id, ["file": .text(file)]) }
    }

    /// Words, to follow its name, for the reason that a picture or a folder cannot be learned from.
    /// - Returns: nil: it is neither.
    public static func missingForImages(at path: String) -> String? {
        let wanted = "expected a folder with a folder of pictures for each of at least two classes"
        guard FilePath.isFolder(path) else {
            guard ImageFolder.isPicture(path) else { return nil }
            return
                "is a picture: a network learns from many, \(wanted); “layercake predict WEIGHTS \(FilePath.name(path))” "
                + "asks a trained one about it"
        }
        let others = "MNIST's four files (train-images-idx3-ubyte, …), or CIFAR-10's (data_batch_1.bin, …)"
        let named = ImageFiles.Named(path: path, title: path)
        let names = (try? ImageFiles.names(in: named)) ?? []
        func pictures(_ folder: ImageFiles.Named) -> Int {
            ((try? ImageFiles.names(in: folder)) ?? []).count(where: ImageFolder.isPicture)
        }
        let own = pictures(named)
        if own > 0 {
            return
                "is a folder with \(own) \(own == 1 ? "picture" : "pictures") of no class: \(wanted); move them into such folders"
        }
        let classes = names.filter { named.with($0).isFolder && pictures(named.with($0)) > 0 }
        if let only = classes.first {
            return "is a folder with pictures of one class, \(quoted(only)): \(wanted)"
        }
        return "is a folder without images that can be learned from: \(wanted), \(others)"
    }
}

extension ImageFiles.Named {
    var isFolder: Bool { FilePath.isFolder(path) }

    /// Whether it is a folder with a file whose name begins so.
    func holds(nameWith prefix: String) -> Bool {
        isFolder && (try? ImageFiles.names(in: self))?.contains { $0.hasPrefix(prefix) } ?? false
    }
}

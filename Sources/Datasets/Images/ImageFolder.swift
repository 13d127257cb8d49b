import Basics
import CImages
import Engine

/// Pictures of the user's own, in a folder for each class.
enum ImageFolder {
    static let dataset = Dataset(
        images: Entry(
            id: "images", title: "image folder",
            summary: "Pictures of your own: PNG, JPEG, PPM and PGM files in a folder for each class.",
            formula: "resize, crop → [channels, size, size]", source: "the user's own",
            watch: "What differs beside the class: light, background and size may be what the network learns.",
            knobs: [
                Knob(
                    "file", title: "file",
                    summary:
                        "A folder with a folder for each class, or a text file with a path and a class on each line.",
                    kind: .text, default: .text("")),
                Knob(
                    "size", title: "size",
                    summary:
                        "The pixels along each side: pictures are made smaller or larger, and their middle is cut out.",
                    kind: .integer(4...256), default: .integer(32), raise: "when details tell the class",
                    lower: "when epochs take too long"),
                Knob(
                    "colour", title: "colour", summary: "Red, green and blue; false: grey.", kind: .toggle,
                    default: .toggle(true)),
            ]),
        reads: { file in
            guard file.isFolder, let names = try? ImageFiles.names(in: file) else { return false }
            let classes = names.lazy.filter { name in
                let folder = file.with(name)
                guard folder.isFolder, let inside = try? ImageFiles.names(in: folder) else { return false }
                return inside.contains(where: isPicture)
            }
            return classes.prefix(2).count == 2
        },
        schema: { _ in nil }
    ) { request throws(DataError) in try ImageFolderSource(request) }

    static let endings = [".png", ".jpg", ".jpeg", ".ppm", ".pgm"]

    static func isPicture(_ name: String) -> Bool {
        let lower = name.lowercased()
        return endings.contains { lower.hasSuffix($0) }
    }
}

/// Files of pictures, each read when its turn comes.
struct ImageFolderSource: ImageSource {
    let schema: DataSchema
    private let files: [(file: ImageFiles.Named, label: Int)]
    private let size: Int
    private let channels: Int
    private let loading: Loading?
    private var place = 0

    var count: Int { files.count }

    init(_ request: DataRequest) throws(DataError) {
        let root = try ImageFiles.path(request)
        let isFolder = FilePath.isFolder(root.path)
        loading = request.loading
        let found = try isFolder ? Self.inFolders(root, loading) : Self.onList(root, loading)
        let own = isFolder ? Set(found.map(\.name)).sorted() : Self.inOrder(found.map(\.name))
        // The classes that weights were trained with keep their order; others are refused.
        let known = request.record?.classes ?? []
        let names = known.isEmpty ? own : known
        guard names.count >= 2, !own.isEmpty else {
            let words = own.isEmpty ? "none" : "only \(quoted(own[0]))"
            throw DataError(
                .malformed, place: root.title,
                message: isFolder
                    ? "expected a folder for each of at least two classes, with \(listed(ImageFolder.endings)) files in "
                        + "it, found \(words)"
                    : "expected pictures of at least two classes, found \(words)")
        }
        let indices = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var files: [(file: ImageFiles.Named, label: Int)] = []
        for (file, name) in found {
            guard let index = indices[name] else {
                throw DataError(
                    .malformed, place: file.title,
                    message: "expected one of the classes that the weights know "
                        + "(\(listed(known.map { visibleText($0) }))), found \(quoted(name))")
            }
            files.append((file, index))
        }
        self.files = files
        size = request.integer("size")
        channels = request.toggle("colour") ? 3 : 1
        schema = DataSchema(
            .image(channels: channels, height: size, width: size), task: .classification(classes: names.count),
            classNames: names)
    }

    private static func inFolders(
        _ root: ImageFiles.Named, _ loading: Loading?
    ) throws(DataError) -> [(file: ImageFiles.Named, name: String)] {
        var found: [(ImageFiles.Named, String)] = []
        for name in try ImageFiles.names(in: root) where FilePath.isFolder(root.with(name).path) {
            try loading?.check()
            let folder = root.with(name)
            for file in try ImageFiles.names(in: folder) where ImageFolder.isPicture(file) {
                found.append((folder.with(file), name))
            }
        }
        return found
    }

    /// Lines of a path, relative to the list, and a class: separated by a tab, a comma, or the last blank.
    private static func onList(
        _ list: ImageFiles.Named, _ loading: Loading?
    ) throws(DataError) -> [(file: ImageFiles.Named, name: String)] {
        let text = try FileContent.text(path: list.path, name: list.title, limit: 64 << 20, loading: loading)
        var found: [(ImageFiles.Named, String)] = []
        // "\r\n" is one character, and no "\n".
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            let words = line.trimmed
            if words.isEmpty { continue }
            let separator = words.firstIndex(of: "\t") ?? words.lastIndex(of: ",") ?? words.lastIndex(of: " ")
            guard let separator else {
                throw DataError(
                    .malformed, place: "\(list.title):\(number + 1)",
                    message: "expected a path and a class, found \(quoted(String(words)))")
            }
            let (path, name) = (words[..<separator].trimmed, words[words.index(after: separator)...].trimmed)
            found.append((named(path, on: list), String(name)))
        }
        return found
    }

    /// A path on a list is relative to it.
    static func named(_ path: Substring, on list: ImageFiles.Named) -> ImageFiles.Named {
        path.hasPrefix("/") ? ImageFiles.Named(path: String(path), title: String(path)) : list.beside(String(path))
    }

    private static func inOrder(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    mutating func next(into bytes: UnsafeMutableBufferPointer<UInt8>) throws(DataError) -> Int {
        let (file, label) = files[place]
        place += 1
        let picture = try Picture(file, channels: channels, loading)
        picture.write(into: bytes, height: size, width: size)
        return label
    }
}

/// A picture in memory.
final class Picture {
    private var picture = lc_picture()

    init(_ file: ImageFiles.Named, channels: Int, _ loading: Loading?) throws(DataError) {
        let bytes = try BinarySource.all(
            path: file.path, name: file.title, limit: ImageFiles.mostBytes, loading: loading)
        let read: (UnsafePointer<UInt8>?, Int, Int32, Int32, UnsafeMutablePointer<lc_picture>?) -> Bool
        switch bytes.prefix(3) {
        case [0x89, 0x50, 0x4E]: read = lc_read_png
        case [0xFF, 0xD8, 0xFF]: read = lc_read_jpeg
        default:
            guard bytes.first == UInt8(ascii: "P") else {
                throw DataError(
                    .malformed, place: file.title,
                    message: "expected a picture in PNG, JPEG, PPM or PGM, found another file; save it as one of these")
            }
            read = lc_read_pnm
        }
        guard read(bytes, bytes.count, Int32(channels), Int32(ImageFiles.mostSide), &picture) else {
            let message = withUnsafeBytes(of: &picture.message) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw DataError(
                .malformed, place: file.title,
                message: "is no picture that can be read: \(message); put a sound one in its place, or take it away")
        }
    }

    deinit { lc_picture_free(&picture) }

    /// Writes the middle of the picture in another size: each value is the mean over its pixel's area.
    /// - Parameter bytes: `[channels, height, width]`.
    func write(into bytes: UnsafeMutableBufferPointer<UInt8>, height: Int, width: Int) {
        let channels = Int(picture.channels)
        let (own, step) = (
            (height: Int(picture.height), width: Int(picture.width)),
            min(Double(picture.height) / Double(height), Double(picture.width) / Double(width))
        )
        let columns = Self.spans(count: width, step: step, most: own.width)
        let rows = Self.spans(count: height, step: step, most: own.height)
        for (row, down) in rows.enumerated() {
            for (column, across) in columns.enumerated() {
                for channel in 0..<channels {
                    var sum = 0.0
                    for (y, part) in down {
                        for (x, share) in across {
                            sum += part * share * Double(picture.pixels[(y * own.width + x) * channels + channel])
                        }
                    }
                    bytes[(channel * height + row) * width + column] = UInt8(min(max(sum, 0), 255) + 0.5)
                }
            }
        }
    }

    /// For each pixel of the result the pixels that it covers, with the share of each.
    /// - Parameters:
    ///   - step: the picture's pixels for each of the result.
    ///   - most: the picture's pixels.
    private static func spans(count: Int, step: Double, most: Int) -> [[(Int, Double)]] {
        let start = (Double(most) - Double(count) * step) / 2
        return (0..<count).map { place in
            let (first, end) = (start + Double(place) * step, start + Double(place + 1) * step)
            return (max(0, Int(first))...min(most - 1, Int(end))).compactMap { pixel in
                let share = min(end, Double(pixel + 1)) - max(first, Double(pixel))
                return share > 1e-9 ? (pixel, share / (end - first)) : nil
            }
        }
    }
}

extension Substring {
    var trimmed: Substring {
        var rest = self
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}

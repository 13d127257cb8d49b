import Engine
import Foundation
import Testing

@testable import Datasets

@Suite("Folders of pictures")
struct ImageFolderTests: ImageFixtures {
    /// 6 × 4 pixels of (40 x, 60 y, 200).
    static let png = [UInt8](
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAYAAAAECAIAAAAiZtkUAAAAGElEQVR4nGNkYDihwcCAjFgYbBjQAHFCAIhIAlJcxpDuAAAAAElF"
                + "TkSuQmCC")!)
    /// 2 × 2 pixels: one is white, the others are transparent.
    private static let transparent = [UInt8](
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAGElEQVR4nAXBAQEAAAjDIG7/zhNWhR0GDz4HBALHKkeSAAAAAElF"
                + "TkSuQmCC")!)
    /// 8 × 8 grey pixels, 200 in the left half and 40 in the right one.
    private static let jpeg = [UInt8](
        Data(
            base64Encoded:
                "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoK"
                + "CgoKBggLDAsKDAkKCgr/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQA"
                + "AAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNk"
                + "ZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx"
                + "8vP09fb3+Pn6/9oACAEBAAA/AOf/AODkT/mjP/cxf+4yv//Z")!)

    /// 2 × 1 grey pixels of 16 bits: 200 · 257 and 40 · 257.
    private static let deep = [UInt8](
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAA"
                + "DUlEQVR42mM4cUJDAwAF9QHhk0mjgQAAAABJRU5ErkJggg==")!)

    @Test("pixels of 16 bits are as bright as those of 8")
    func sixteenBits() throws {
        let grey = Array("P5 2 1 255\n".utf8) + [200, 40]
        try inFolder(["a/a.png": Self.deep, "b/b.pgm": grey]) { folder in
            let data = try prepared(
                "images", ["file": .text(folder), "size": .integer(4)], shuffle: false, trainFraction: 1)
            #expect(data.train.inputs.values(of: 0) == data.train.inputs.values(of: 1))
        }
    }

    @Test("pictures are read in every format, their middle cut out, and made smaller by their mean")
    func pictures() throws {
        let files = [
            "cat/a.png": Self.png, "cat/b.PPM": Array("P3 # six columns\n2 2 255  9 9 9  9 9 9  9 9 9  9 9 9".utf8),
            "dog/c.jpg": Self.jpeg, "dog/d.pgm": Array("P5 4 4 100\n".utf8) + [UInt8](repeating: 50, count: 16),
            "dog/notes.txt": Array("no picture".utf8),
        ]
        try inFolder(files) { folder in
            let data = try prepared(
                "images", ["file": .text(folder), "size": .integer(4)], shuffle: false, trainFraction: 1)
            #expect(data.classNames == ["cat", "dog"] && data.train.labels == [0, 0, 1, 1])
            func bytes(_ image: Int) -> [Int] { data.train.inputs.values(of: image).map { Int(($0 * 255).rounded()) } }
            // The middle four of six columns.
            #expect(bytes(0).prefix(4) == [40, 80, 120, 160] && bytes(0)[16..<20] == [0, 0, 0, 0])
            #expect(
                bytes(0)[20..<24] == [60, 60, 60, 60] && bytes(0).suffix(16) == [Int](repeating: 200, count: 16)[...])
            #expect(bytes(1) == [Int](repeating: 9, count: 48))
            for channel in 0..<3 {
                let row = bytes(2)[channel * 16..<channel * 16 + 4]
                #expect(zip(row, [200, 200, 40, 40]).allSatisfy { abs($0 - $1) <= 6 }, "\(row)")
            }
            #expect(bytes(3) == [Int](repeating: 127, count: 48))
            let grey = try prepared(
                "images", ["file": .text(folder), "size": .integer(4), "colour": .toggle(false)], shuffle: false)
            #expect(grey.schema.input(features: []) == Shape(1, 4, 4))
        }
        try inFolder(["a/a.png": Self.transparent, "b/b.png": Self.transparent]) { folder in
            let data = try prepared(
                "images", ["file": .text(folder), "size": .integer(4)], shuffle: false, trainFraction: 1)
            #expect(data.train.inputs.values(of: 0).prefix(8) == [1, 1, 0, 0, 1, 1, 0, 0])
        }
    }

    @Test("a picture alone, and folders that lack classes, say what is missing")
    func missing() throws {
        let files = [
            "one/cat/a.png": Self.png, "flat/a.png": Self.png, "flat/b.png": Self.png, "none/a.txt": Array("a".utf8),
        ]
        try inFolder(files) { folder in
            func words(_ path: String) -> String? { Datasets.missingForImages(at: folder + "/" + path) }
            #expect(words("one")?.hasPrefix("is a folder with pictures of one class, “cat”") == true)
            #expect(words("flat")?.hasPrefix("is a folder with 2 pictures of no class") == true)
            #expect(words("none")?.hasPrefix("is a folder without images") == true)
            #expect(words("flat/a.png")?.contains("“layercake predict WEIGHTS a.png”") == true)
            #expect(words("none/a.txt") == nil)
        }
    }

    @Test("a list names pictures and their classes, relative to itself")
    func list() throws {
        let files = [
            "all/a.png": Self.png, "all/b.png": Self.png,
            "list.txt": Array("all/a.png zebra\n\nall/b.png,great ape\n".utf8),
            "windows.txt": Array("all/a.png zebra\r\n\r\nall/b.png,great ape\r\n".utf8),
            "wrong.txt": Array("all/a.png zebra\r\n\r\nall/b.png\r\n".utf8),
        ]
        try inFolder(files) { folder in
            for list in ["list.txt", "windows.txt"] {
                let data = try prepared(
                    "images", ["file": .text(list)], shuffle: false, trainFraction: 1, directory: folder)
                #expect(data.classNames == ["zebra", "great ape"] && data.train.labels == [0, 1], "\(list)")
            }
            #expect(
                mistake { _ = try prepared("images", ["file": .text("wrong.txt")], directory: folder) }
                    .hasPrefix("wrong.txt:3: expected a path and a class, found “all/b.png”"))
        }
    }

    @Test("weights decide on the order of the classes of pictures, and on what is a class")
    func knownClasses() throws {
        let files = ["a/a.png": Self.png, "b/b.png": Self.png, "list.txt": Array("b/b.png b\na/a.png a\n".utf8)]
        try inFolder(files) { folder in
            func read(_ file: String, _ classes: [String]) throws -> PreparedData {
                let record = DataRecord(
                    columns: [], label: "", classes: classes, featureMeans: [0, 0, 0], featureScales: [1, 1, 1],
                    targetMean: 0, targetScale: 1)
                return try prepared(
                    "images", ["file": .text(file)], shuffle: false, trainFraction: 1, directory: folder,
                    record: record)
            }
            let reversed = try read(folder, ["b", "a"])
            #expect(reversed.classNames == ["b", "a"] && reversed.train.labels == [1, 0])
            let list = try read("list.txt", ["a", "b", "c"])
            #expect(list.classNames == ["a", "b", "c"] && list.train.labels == [1, 0])
            let found = mistake { _ = try read("list.txt", ["a", "c"]) }
            #expect(
                found.hasPrefix("b/b.png: expected one of the classes that the weights know (a, c), found “b”"),
                "\(found)")
        }
    }

    @Test("a picture's file has a limit, unpacked or on the disk")
    func largeFiles() throws {
        try inFolder(["a/a.png": Self.png, "b/b.png": [], "digits.gz": PackageResources.digits_gz]) { folder in
            try writeZeros(300 << 20, to: folder + "/b/b.png")
            let found = mistake { _ = try prepared("images", ["file": .text(folder)]) }
            #expect(found.contains("b/b.png: is larger than 256 MiB"), "\(found)")
            let path = folder + "/digits.gz"
            #expect(try BinarySource.all(path: path, name: "digits", limit: 1797 * 65).count == 1797 * 65)
            let packed = mistake { _ = try BinarySource.all(path: path, name: "digits", limit: 1797 * 65 - 1) }
            #expect(packed.hasPrefix("digits: is larger than"), "\(packed)")
        }
    }

    @Test("a JPEG of too many pixels is refused before it is decoded")
    func largeJPEG() throws {
        var large = Self.jpeg
        let marker = Self.jpeg.indices.dropLast().first { Self.jpeg[$0] == 0xFF && Self.jpeg[$0 + 1] == 0xC0 }
        let frame = try #require(marker)
        // Progressive, 65500 × 65500: libjpeg would reserve memory for all coefficients.
        large[frame + 1] = 0xC2
        large.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        try inFolder(["a/a.png": Self.png, "b/b.jpg": large]) { folder in
            let found = mistake { _ = try prepared("images", ["file": .text(folder)]) }
            #expect(found.contains("has 65500×65500 pixels; expected 1 to 4096"), "\(found)")
        }
    }

    @Test("what is wrong with pictures is said by file")
    func pictureMistakes() throws {
        let cases: [([String: [UInt8]], String)] = [
            (["a/a.png": Self.png], "found only “a”"),
            (
                ["a/a.png": Self.png, "b/b.png": Array("GIF89a".utf8)],
                "b/b.png: expected a picture in PNG, JPEG, PPM or PGM"
            ),
            (["a/a.png": Self.png, "b/b.png": Array(Self.png.prefix(60))], "b/b.png: is no picture that can be read"),
            (
                ["a/a.png": Self.png, "b/b.png": Array(Self.png.prefix(60))],
                "put a sound one in its place, or take it away"
            ),
            (
                ["a/a.png": Self.png, "b/b.jpg": Array(Self.jpeg.prefix(320))],
                "b/b.jpg: is no picture that can be read: Premature"
            ),
            (
                ["a/a.png": Self.png, "b/b.pgm": Array("P5 3 3 255 12".utf8)],
                "b/b.pgm: is no picture that can be read: is cut off"
            ),
            (
                ["a/a.png": Self.png, "b/b.pgm": Array("P5 9000 3 255 12".utf8)],
                "has 9000×3 pixels; expected 1 to 4096"
            ),
        ]
        for (files, words) in cases {
            try inFolder(files) { folder in
                let found = mistake { _ = try prepared("images", ["file": .text(folder)]) }
                #expect(found.contains(words), "\(found)")
            }
        }
    }
}

import Engine
import Foundation
import Testing

@testable import Datasets

struct ImageTests {
    private func prepared(
        _ id: String, _ knobs: [String: KnobValue] = [:], standardize: Bool? = nil, shuffle: Bool = true,
        trainFraction: Double? = nil, directory: String? = nil, record: DataRecord? = nil
    ) throws -> PreparedData {
        try prepare(
            DataDescription(
                dataset: Choice(id, knobs), trainFraction: trainFraction, shuffle: shuffle, standardize: standardize),
            features: [], directory: directory, record: record)
    }

    /// A folder that is gone after the test.
    private func inFolder(_ files: [String: [UInt8]], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-images-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        try body(folder.path)
    }

    /// A file of zeros that takes no room on the disk.
    private func writeZeros(_ count: UInt64, to path: String) throws {
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: count)
        try file.close()
    }

    private func mistake(_ body: () throws -> Void) -> String {
        let error = #expect(throws: DataError.self) { try body() }
        return error?.description ?? ""
    }

    // MARK: - In the program

    @Test("the digits are the 1,797 of the UCI repository, in their order, as sixteenths")
    func digits() throws {
        let data = try prepared("digits", shuffle: false)
        #expect(data.train.count == 899 && data.test.count == 898)
        #expect(data.schema.input(features: []) == Shape(1, 8, 8) && data.columns.isEmpty)
        let row = data.train.inputs.values(of: 0).prefix(8).map { $0 * 16 }
        #expect(row == [0, 0, 5, 13, 9, 1, 0, 0])
        #expect(data.train.labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        let all = data.train.labels + data.test.labels
        #expect(
            (0..<10).map { digit in all.count { $0 == Float(digit) } } == [
                178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
            ])
        #expect(data.trainPoints.count == 899 && data.trainPoints.labels == data.train.labels)
        #expect(data.inputName(10) == "pixel 2, 3")
    }

    @Test("standardized images have mean 0 and deviation 1 over the training images, and a record keeps both")
    func standardized() throws {
        let plain = try prepared("digits")
        #expect(plain.featureMeans == [0] && plain.featureScales == [1])
        let data = try prepared("digits", standardize: true)
        let values = data.train.inputs.values.map { Double($0) }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(abs(mean) < 1e-5 && abs(variance - 1) < 1e-5)
        let other = try prepared("digits", standardize: true, trainFraction: 0.1, record: data.record)
        #expect(other.featureMeans == data.featureMeans)
        let colours = try prepared("shapes", standardize: true)
        #expect(colours.featureMeans.count == 3 && Set(colours.featureMeans).count == 3)
    }

    @Test("images have no features")
    func features() {
        let words = mistake {
            _ = try prepare(DataDescription(dataset: Choice("digits")), features: ["x1"], directory: nil)
        }
        #expect(words.hasPrefix("features: expected none, found “x1”"))
    }

    @Test(
        "drawn images repeat, differ by the seed, and keep their figures under another noise",
        arguments: ["lines", "textures", "shapes"])
    func drawn(id: String) throws {
        let data = try prepared(id, ["noise": .real(0)])
        #expect(try prepared(id, ["noise": .real(0)]).train == data.train)
        #expect(try prepared(id, ["noise": .real(0)]).train != prepared(id, ["noise": .real(20)]).train)
        let noisy = try prepared(id, ["noise": .real(5)])
        #expect(noisy.train.labels == data.train.labels)
        let distance = zip(noisy.train.inputs.values, data.train.inputs.values).reduce(0.0) {
            $0 + Double(abs($1.0 - $1.1))
        }
        #expect(distance / Double(data.train.count * data.train.inputs.width) < 0.05)
        var other = DataDescription(dataset: Choice(id, ["noise": .real(0)]), seed: 2)
        other.shuffle = false
        #expect(
            try prepare(other, features: [], directory: nil).train
                != prepared(id, ["noise": .real(0)], shuffle: false).train)
        let counts = (0..<data.classNames.count).map { name in
            (data.train.labels + data.test.labels).count { $0 == Float(name) }
        }
        #expect(counts.max()! - counts.min()! <= 1)
    }

    @Test("a stroke runs as its class says")
    func lines() throws {
        let data = try prepared("lines", ["noise": .real(0)], shuffle: false)
        for image in 0..<100 {
            let values = data.train.inputs.values(of: image)
            var (xx, yy, xy, sum, x, y): (Float, Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0, 0)
            for place in 0..<64 {
                let (column, row, value) = (Float(place % 8), Float(place / 8), values[place])
                (sum, x, y) = (sum + value, x + value * column, y + value * row)
                (xx, yy, xy) = (xx + value * column * column, yy + value * row * row, xy + value * column * row)
            }
            (x, y) = (x / sum, y / sum)
            let (across, down, both) = (xx / sum - x * x, yy / sum - y * y, xy / sum - x * y)
            switch data.classNames[Int(data.train.labels[image])] {
            case "horizontal": #expect(across > 2 * down)
            case "vertical": #expect(down > 2 * across)
            case "rising": #expect(both < 0 && abs(both) > 0.5 * min(across, down))
            default: #expect(both > 0 && abs(both) > 0.5 * min(across, down))
            }
        }
    }

    @Test("the target of the shapes decides on the classes")
    func shapes() throws {
        let both = try DataDescription(dataset: Choice("shapes", ["target": .text("both")])).schema()
        #expect(both?.classNames.count == 36 && both?.classNames.contains("red star") == true)
        let white = try prepared("shapes", ["colours": .toggle(false), "noise": .real(0)])
        let image = white.train.inputs.values(of: 0)
        #expect(image[0..<256] == image[256..<512] && image[0..<256].max()! > 0.7)
    }

    @Test("linked shapes have their own colours in training, and any colour in the test")
    func linked() throws {
        func colours(_ samples: Samples) -> [Int: Set<Int>] {
            var seen: [Int: Set<Int>] = [:]
            for image in 0..<samples.count {
                let values = samples.inputs.values(of: image)
                // The channels that are bright somewhere, as bits; violet, white and yellow differ from the pure ones.
                let bits = (0..<3).reduce(0) { $0 + (values[$1 * 256..<($1 + 1) * 256].max()! > 0.5 ? 1 << $1 : 0) }
                seen[Int(samples.labels[image]), default: []].insert(bits)
            }
            return seen
        }
        let data = try prepared("shapes", ["linked": .real(100), "noise": .real(0)], trainFraction: 0.25)
        #expect(data.train.count == 300 && data.test.count == 900)
        #expect(colours(data.train).mapValues(\.count) == [0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1])
        #expect(colours(data.test).values.allSatisfy { $0.count >= 4 })
        let half = try prepared("shapes", ["linked": .real(50), "noise": .real(0)])
        #expect(colours(half.train).values.allSatisfy { $0.count >= 4 })
        #expect(half.train.count == 600 && half.test.count == 600)
        #expect(
            try prepared("shapes", ["linked": .real(100), "target": .text("colour"), "noise": .real(0)]).train.labels
                .count { $0 == 0 } == 100)
    }

    @Test("a margin is black and leaves the digit as it is")
    func margin() throws {
        let (plain, wide) = (
            try prepared("digits", shuffle: false), try prepared("digits", ["margin": .integer(3)], shuffle: false)
        )
        #expect(wide.schema.input(features: []) == Shape(1, 14, 14) && wide.train.labels == plain.train.labels)
        for image in [0, 7, 898] {
            let (small, large) = (plain.train.inputs.values(of: image), wide.train.inputs.values(of: image))
            #expect(large.reduce(0, +) == small.reduce(0, +))
            for row in 0..<8 {
                #expect(large[(3 + row) * 14 + 3..<(3 + row) * 14 + 11] == small[row * 8..<row * 8 + 8])
            }
        }
        #expect(
            try DataDescription(dataset: Choice("digits", ["margin": .integer(12)])).schema()?.kind
                == .image(channels: 1, height: 32, width: 32))
    }

    // MARK: - Classes and test images

    @Test("the classes that are named are taken, in that order, of every kind of images")
    func classes() throws {
        var description = DataDescription(dataset: Choice("digits"), shuffle: false)
        let all = try prepare(description, features: [], directory: nil)
        description.classes = " 7, 1 ,3"
        let data = try prepare(description, features: [], directory: nil)
        #expect(data.classNames == ["7", "1", "3"] && data.task == .classification(classes: 3))
        #expect(try description.schema() == data.schema)
        #expect(data.train.count + data.test.count == 179 + 182 + 183)
        let first = try #require(all.train.labels.firstIndex { [7, 1, 3].contains($0) })
        #expect(data.train.inputs.values(of: 0) == all.train.inputs.values(of: first) && data.train.labels[0] == 1)
        #expect(
            (0..<3).map { name in (data.train.labels + data.test.labels).count { $0 == Float(name) } } == [
                179, 182, 183,
            ])

        var files: [String: [UInt8]] = [:]
        for (set, count) in [("train", 6), ("t10k", 3)] {
            files["\(set)-images-idx3-ubyte"] = idx([count, 1, 2], (0..<2 * count).map { UInt8($0) })
            files["\(set)-labels-idx1-ubyte"] = idx([count], (0..<count).map { UInt8($0 % 3) })
        }
        try inFolder(files) { folder in
            var own = DataDescription(dataset: Choice("idx", ["file": .text(folder)]), shuffle: false)
            own.classes = "2,0"
            let data = try prepare(own, features: [], directory: nil)
            #expect(data.train.labels == [1, 0, 1, 0] && data.test.labels == [1, 0])
            #expect(data.train.inputs.values(of: 1) == [4, 5].map { Float($0) / 255 })
        }
    }

    @Test("what is wrong with the classes is said")
    func classMistakes() {
        func words(_ classes: String) -> String {
            var description = DataDescription(dataset: Choice("digits"))
            description.classes = classes
            let found = mistake { _ = try description.schema() }
            #expect(mistake { _ = try prepare(description, features: [], directory: nil) } == found)
            return found
        }
        #expect(words("1, 12").hasPrefix("data.classes: expected classes among 0, 1, 2"))
        #expect(words("1, 12").contains("found “12”"))
        #expect(words("1, 2, 1") == "data.classes: expected each class once, found “1” twice")
        #expect(words("4") == "data.classes: expected at least two classes apart by commas, found “4” alone")
        #expect(words("1,,2").contains("found “”"))
    }

    @Test("changes of the test images leave the training images alone, repeat, and hang on the data's seed")
    func testAugment() throws {
        var description = DataDescription(dataset: Choice("digits", ["margin": .integer(2)]))
        let plain = try prepare(description, features: [], directory: nil)
        description.testAugment = [Choice("shift", ["pixels": .integer(2)])]
        let moved = try prepare(description, features: [], directory: nil)
        #expect(moved.train == plain.train && moved.test.labels == plain.test.labels && moved.test != plain.test)
        #expect(try prepare(description, features: [], directory: nil).test == moved.test)
        var shifts: Set<[Int]> = []
        for image in 0..<100 {
            let (old, new) = (plain.test.inputs.values(of: image), moved.test.inputs.values(of: image))
            // No more is lost than nothing: the margin is as wide as the shift.
            #expect(new.reduce(0, +) == old.reduce(0, +))
            let offsets = (-2...2).flatMap { y in (-2...2).map { [$0, y] } }
            let offset = offsets.first { offset in
                (0..<144).allSatisfy { place in
                    let (x, y) = (place % 12 - offset[0], place / 12 - offset[1])
                    return new[place] == ((0..<12).contains(x) && (0..<12).contains(y) ? old[y * 12 + x] : 0)
                }
            }
            try shifts.insert(#require(offset))
        }
        #expect(shifts.count > 20)
        description.testAugment = [Choice("shift", ["pixels": .integer(65)])]
        #expect(
            mistake { _ = try prepare(description, features: [], directory: nil) }
                .hasPrefix("data.testAugment.0"))
    }

    @Test("typed pixels enter as whole numbers over white")
    func typedPixels() throws {
        let data = try prepared("pixels", shuffle: false)
        #expect(data.classNames == ["x", "o"] && data.train.count == 2 && data.test.count == 0)
        #expect(data.train.inputs.values(of: 0).prefix(10) == [1, 0, 0, 0, 1, 0, 1, 0, 1, 0])
        let text = "a: 0 80 40; 20 40 0; 0 0 40, b: 1 2 3;4 5 6;7 8 9, a: 9 9 9; 9 9 9; 9 9 9"
        let own = try prepared("pixels", ["images": .text(text), "white": .integer(100)], shuffle: false)
        #expect(own.train.labels == [0, 1, 0] && own.schema.input(features: []) == Shape(1, 3, 3))
        #expect(own.train.inputs.values(of: 0) == [0, 80, 40, 20, 40, 0, 0, 0, 40].map { Float($0) / 100 })
        let mistakes = [
            "": "expected images of at least two names, found none", "a: 1": "of at least two names, found “a” alone",
            "a: 1, 2": "expected a name and a colon before the pixels of image 2, found “2”",
            "a: 1 2; 3, b: 1": "expected as many numbers in each row of “a”, found rows of 2, 1",
            "a: 1 2, b: 1": "expected 1×2 pixels as in the first image, found 1×1 in “b”",
            "a: 1, b: 256": "expected whole numbers from 0 to 255 in “b”, found “256”",
            "a: , b: 1": "expected as many numbers in each row of “a”, found rows of 0",
        ]
        for (text, words) in mistakes {
            let found = mistake { _ = try prepared("pixels", ["images": .text(text)]) }
            #expect(found.hasPrefix("data.images: ") && found.contains(words), "\(found)")
        }
    }

    // MARK: - Files

    private func idx(_ dimensions: [Int], _ bytes: [UInt8]) -> [UInt8] {
        [0, 0, 8, UInt8(dimensions.count)]
            + dimensions.flatMap { length in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } } + bytes
    }

    @Test("IDX files are read with the labels beside them, in the file's order")
    func idxFile() throws {
        let files = [
            "some-images-idx3-ubyte": idx([3, 2, 2], Array(0..<12).map { $0 * 20 }),
            "some-labels-idx1-ubyte": idx([3], [2, 0, 1]),
        ]
        try inFolder(files) { folder in
            let data = try prepared(
                "idx", ["file": .text("some-images-idx3-ubyte")], shuffle: false, trainFraction: 1, directory: folder)
            #expect(data.train.inputs.values(of: 1) == [80, 100, 120, 140].map { Float($0) / 255 })
            #expect(data.train.labels == [2, 0, 1] && data.classNames == ["0", "1", "2"])
            #expect(data.schema.kind == .image(channels: 1, height: 2, width: 2))
        }
    }

    @Test("a folder of MNIST's four files has a test set of its own")
    func idxFolder() throws {
        var files: [String: [UInt8]] = [:]
        for (set, count) in [("train", 5), ("t10k", 2)] {
            files["\(set)-images-idx3-ubyte"] = idx([count, 1, 2], (0..<2 * count).map { UInt8($0) })
            files["\(set)-labels-idx1-ubyte"] = idx([count], (0..<count).map { UInt8($0) })
        }
        try inFolder(files) { folder in
            let data = try prepared("idx", ["file": .text(folder)])
            #expect(data.train.count == 5 && data.test.count == 2)
            for (image, label) in data.train.labels.enumerated() {
                #expect(data.train.inputs.values(of: image) == [2 * label / 255, (2 * label + 1) / 255])
            }
            #expect(data.test.labels.sorted() == [0, 1])
            #expect(
                mistake { _ = try prepared("idx", ["file": .text(folder)], trainFraction: 0.5) }
                    .hasPrefix("data.trainFraction: these data have test samples of their own"))
        }
    }

    @Test("what is wrong with IDX files is said with place, expected and found")
    func idxMistakes() throws {
        let images = idx([2, 1, 2], [1, 2, 3, 4])
        let cases: [([String: [UInt8]], String)] = [
            ([:], "a-images: there is no such file"),
            (["a-images": images], "a-images: expected the labels of these images in “a-labels” beside it"),
            (
                ["a-images": images, "a-labels": idx([3], [0, 1, 0])],
                "a-labels: expected a label for each of 2 images, found 3"
            ),
            (
                ["a-images": [1, 2, 3, 4, 5], "a-labels": []],
                "a-images: byte 4: expected IDX images of bytes (00 00 08 03), found 01 02 03 04"
            ),
            (
                ["a-images": Array(images.dropLast()), "a-labels": idx([2], [0, 1])],
                "a-images: byte 19: the file ends in the middle of an image"
            ),
            (["a-images": idx([2, 1, 0], []), "a-labels": idx([2], [0, 1])], "found 2×1×0"),
            (
                ["a-images": idx([1 << 31, 1, 1], []), "a-labels": idx([1 << 31], [])],
                "a-images: expected at most 2147483647 images, found 2147483648"
            ),
            (
                ["a-images": idx([1 << 30, 4096, 4096], []), "a-labels": idx([1 << 30], [])],
                "a-images: 1073741824 images of 16777216 values would take"
            ),
            (
                ["a-images": idx([1000, 1, 1], [7]), "a-labels": idx([1000], [0, 1])],
                "a-labels: byte 10: the file ends too early"
            ),
        ]
        for (files, words) in cases {
            try inFolder(files) { folder in
                let found = mistake { _ = try prepared("idx", ["file": .text("a-images")], directory: folder) }
                #expect(found.contains(words), "\(found)")
            }
        }
    }

    @Test("CIFAR's batches are read in order, each image after its class")
    func cifar() throws {
        func batch(_ labels: [UInt8]) -> [UInt8] { labels.flatMap { [$0] + [UInt8](repeating: $0 * 10, count: 3072) } }
        try inFolder(["data_batch_1.bin": batch([3, 9]), "data_batch_2.bin": batch([1]), "test_batch.bin": batch([7])])
        { folder in
            let data = try prepared("cifar", ["file": .text(folder)], shuffle: false)
            #expect(data.train.labels == [3, 9, 1] && data.test.labels == [7] && data.classNames[3] == "cat")
            #expect(data.train.inputs.values(of: 1) == [Float](repeating: 90.0 / 255, count: 3072))
        }
        try inFolder(["a.bin": batch([3]).dropLast()]) { folder in
            #expect(
                mistake { _ = try prepared("cifar", ["file": .text("a.bin")], directory: folder) }
                    .hasPrefix("a.bin: expected images of 3073 bytes, a class and 3×32×32 pixels, found 3072 bytes"))
        }
        try inFolder(["a.bin": batch([12])]) { folder in
            #expect(
                mistake { _ = try prepared("cifar", ["file": .text("a.bin")], directory: folder) }
                    .contains("a.bin: byte 1: expected a class from 0 to 9, found 12"))
        }
    }

    @Test("training and test images are refused together, before any is read, where memory does not hold them")
    func room() throws {
        try inFolder(["a.bin": []]) { folder in
            try writeZeros(2_000_000_000 * 3073, to: folder + "/a.bin")
            let found = mistake { _ = try prepared("cifar", ["file": .text("a.bin")], directory: folder) }
            #expect(found.hasPrefix("data: 2000000000 images of 3072 values would take 6.2 TB"), "\(found)")
        }
    }

    @Test("a cancelled loading reads no image", arguments: ["digits", "shapes", "idx", "cifar", "images"])
    func cancelled(id: String) throws {
        let files = [
            "idx-images": idx([2, 1, 1], [1, 2]), "idx-labels": idx([2], [0, 1]),
            "cifar": [UInt8](repeating: 0, count: 2 * 3073), "images": Array("a.png a\nb.png b\n".utf8),
        ]
        try inFolder(files) { folder in
            let loading = Loading()
            loading.cancel()
            let name = id == "idx" ? "idx-images" : id
            let hasFile = Datasets.all.first { $0.id == id }?.knob("file") != nil
            let description = DataDescription(dataset: Choice(id, hasFile ? ["file": .text(name)] : [:]))
            let error = #expect(throws: DataError.self) {
                try prepare(description, features: [], directory: folder, loading: loading)
            }
            #expect(error?.kind == .cancelled)
        }
    }

    @Test("a pipe among the pictures is waited for until the loading is cancelled")
    func waitingPipe() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-pipe-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["a", "b"] {
            try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
        }
        try Data(Self.png).write(to: URL(filePath: folder + "/a/a.png"))
        try #require(mkfifo(folder + "/b/b.png", 0o600) == 0)
        let loading = Loading()
        let description = DataDescription(dataset: Choice("images", ["file": .text(folder)]))
        // A thread of its own, which no blocked test keeps waiting: cancels when the first of two images has been read.
        Thread.detachNewThread {
            while loading.fraction < 0.5, !loading.isCancelled { sched_yield() }
            loading.cancel()
        }
        defer { loading.cancel() }
        let error = #expect(throws: DataError.self) {
            try prepare(description, features: [], directory: nil, loading: loading)
        }
        #expect(error?.kind == .cancelled && loading.fraction == 0.5)
    }

    // MARK: - Pictures

    /// 6 × 4 pixels of (40 x, 60 y, 200).
    private static let png = [UInt8](
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

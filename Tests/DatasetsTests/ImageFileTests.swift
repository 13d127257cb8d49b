import Engine
import Foundation
import Testing

@testable import Datasets

@Suite("Files of images")
struct ImageFileTests: ImageFixtures {
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
            ([:], "a folder with MNIST's four files (train-images-idx3-ubyte, "),
            ([:], "data.file=PATH says where it is"),
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
        // One file is opened like the folder that it comes from.
        try inFolder(["data_batch_2.bin": batch([3]), "notes.bin": batch([3])]) { folder in
            #expect(Datasets.images(at: folder + "/data_batch_2.bin", file: "b")?.id == "cifar")
            #expect(Datasets.images(at: folder + "/notes.bin", file: "n") == nil)
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
        try Data(ImageFolderTests.png).write(to: URL(filePath: folder + "/a/a.png"))
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
}

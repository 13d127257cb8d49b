import Engine
import Foundation
import Testing

@testable import Datasets

@Suite("Classes of images and test images")
struct ImageClassTests: ImageFixtures {
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
}

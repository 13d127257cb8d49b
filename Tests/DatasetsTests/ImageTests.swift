import Engine
import Foundation
import Testing

@testable import Datasets

@Suite("Images in the program")
struct ImageTests: ImageFixtures {
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

    @Test("patterned shapes have more than one colour in the figure and on the ground")
    func patterns() throws {
        let plain = try prepared("shapes", ["noise": .real(0)])
        let data = try prepared("shapes", ["patterns": .toggle(true), "noise": .real(0)])
        #expect(data.train.labels == plain.train.labels && data.train != plain.train)
        // Distinct bytes of the red channel, over images: a plain one has few.
        func tones(_ samples: Samples) -> Int {
            (0..<20).reduce(0) { $0 + Set(samples.inputs.values(of: $1)[0..<256]).count }
        }
        #expect(tones(data.train) > 2 * tones(plain.train))
        let white = try prepared(
            "shapes", ["patterns": .toggle(true), "colours": .toggle(false), "noise": .real(0)])
        let image = white.train.inputs.values(of: 0)
        #expect(image[0..<256] == image[256..<512])
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
}

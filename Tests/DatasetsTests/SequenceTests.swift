import Engine
import Foundation
import Testing

@testable import Datasets

@Suite("Sequences")
struct SequenceTests {
    private func data(_ id: String, _ knobs: [String: KnobValue] = [:]) throws -> PreparedData {
        try prepare(
            DataDescription(dataset: Choice(id, knobs), trainFraction: id == "text" ? nil : 1), features: [],
            directory: nil)
    }

    private func kind(_ data: PreparedData) throws -> SequenceKind {
        guard case .sequence(let kind) = data.schema.kind else { throw CocoaError(.featureUnsupported) }
        return kind
    }

    /// The steps of a sample, and its targets.
    private func sample(_ data: PreparedData, _ number: Int) throws -> (steps: [[Float]], labels: [Float]) {
        let kind = try kind(data)
        let values = data.train.inputs.values(of: number)
        let length = kind.hasLengths ? Int(values[values.count - 1]) : kind.steps
        let width = kind.features.count
        let steps = (0..<length).map { Array(values[$0 * width..<($0 + 1) * width]) }
        let targets = kind.targetSteps ?? 1
        return (steps, Array(data.train.labels[number * targets..<(number + 1) * targets]))
    }

    @Test("the data know whether the target of each step is the input of the next one")
    func foretelling() throws {
        for (id, foretells) in [
            ("waves", true), ("reber", true), ("grammar", true), ("text", true), ("recall", false), ("copy", false),
            ("sums", false), ("spell", false),
        ] {
            #expect(try data(id).foretellsInputs == foretells, "\(id)")
        }
        #expect(try data("waves", ["noise": .real(20)]).foretellsInputs)
    }

    @Test("recall: the class is the first symbol, and noise keeps below its share")
    func recall() throws {
        let data = try data("recall", ["lag": .integer(30), "noise": .real(40)])
        for number in 0..<data.train.count {
            let (steps, labels) = try sample(data, number)
            #expect(steps.count == 31 && steps[0][Int(labels[0])] == 1 && steps[0].reduce(0, +) == 1)
            #expect(steps.dropFirst().allSatisfy { $0[0] == 0 && $0[1] == 0 && abs($0[2]) <= 0.4 })
        }
    }

    @Test("adding: the target is the sum of the two marked numbers, and always answering 1 errs by 1/6 squared")
    func adding() throws {
        let data = try data("adding", ["length": .integer(20), "samples": .integer(5000)])
        var error = 0.0
        for number in 0..<data.train.count {
            let (steps, labels) = try sample(data, number)
            #expect(abs(steps.reduce(0) { $0 + $1[0] * $1[1] } - labels[0]) < 1e-6)
            #expect(steps[..<10].reduce(0) { $0 + $1[1] } == 1 && steps[10...].reduce(0) { $0 + $1[1] } == 1)
            error += Double((labels[0] - 1) * (labels[0] - 1))
        }
        #expect(abs(error / 5000 - 1 / 6) < 0.01)
    }

    @Test("temporal order: the class tells X and Y in their order, between E and B")
    func order() throws {
        let data = try data("temporalOrder", ["length": .integer(50)])
        var lengths: Set<Int> = []
        for number in 0..<400 {
            let (steps, labels) = try sample(data, number)
            let symbols = steps.map { $0.firstIndex(of: 1)! }
            #expect(symbols.first == 0 && symbols.last == 1)
            let places = symbols.indices.filter { symbols[$0] >= 6 }
            #expect(places.map { symbols[$0] - 6 } == [Int(labels[0]) / 2, Int(labels[0]) % 2])
            #expect((5..<10).contains(places[0]) && (25..<30).contains(places[1]))
            lengths.insert(steps.count)
        }
        #expect(lengths == Set(50...55))
    }

    @Test("parity and counting follow from the sequence")
    func counts() throws {
        let bits = try data("parity")
        for number in 0..<bits.train.count {
            let (steps, labels) = try sample(bits, number)
            #expect((2...10).contains(steps.count) && steps.filter { $0[0] == 1 }.count % 2 == Int(labels[0]))
        }
        let letters = try data("counting", ["length": .integer(5)])
        for number in 0..<letters.train.count {
            let (steps, labels) = try sample(letters, number)
            let (a, b) = (steps.filter { $0[0] == 1 }.count, steps.filter { $0[1] == 1 }.count)
            #expect((a == b) == (labels[0] == 1) && a + b == steps.count)
            #expect(steps.prefix(a).allSatisfy { $0[0] == 1 })
        }
    }

    @Test("copy: the symbols come back after the sign")
    func copy() throws {
        let data = try data("copy", ["delay": .integer(7), "samples": .integer(20)])
        for number in 0..<20 {
            let (steps, labels) = try sample(data, number)
            let symbols = steps.map { $0.firstIndex(of: 1)! }
            #expect(steps.count == 27 && symbols[16] == 9 && symbols.filter { $0 == 9 }.count == 1)
            #expect(labels.prefix(17).allSatisfy { $0 == 8 })
            #expect(labels.suffix(10).map { Int($0) } == Array(symbols.prefix(10)))
        }
    }

    @Test("Reber's strings follow the arrows, and end as they began")
    func reber() throws {
        let data = try data("reber")
        let names = data.classNames
        for number in 0..<200 {
            let (steps, labels) = try sample(data, number)
            let string = steps.map { names[$0.firstIndex(of: 1)!] } + [names[Int(labels[steps.count - 1])]]
            #expect(zip(string.dropFirst(), labels).allSatisfy { $0 == names[Int($1)] })
            #expect(string[1] == string[string.count - 2] && "TP".contains(string[1]) && string.last == "E")
            let inner = string[2..<string.count - 2].joined()
            #expect(inner.wholeMatch(of: /B(T(S*)XX?.*|PT*V.*)E/) != nil && inner.count >= 5, "\(inner)")
            #expect(labels.dropFirst(steps.count).allSatisfy { $0 == Samples.noLabel })
        }
    }

    @Test("waves: the target is the next value")
    func waves() throws {
        let data = try data("waves", ["length": .integer(15)])
        for number in 0..<20 {
            let (steps, labels) = try sample(data, number)
            #expect(zip(steps.dropFirst(), labels).allSatisfy { $0[0] == $1 })
        }
    }

    @Test("sums and spelled digits are right")
    func answers() throws {
        let sums = try data("sums", ["samples": .integer(200)])
        let signs = try kind(sums).symbols
        func word(_ labels: [Float], _ data: PreparedData) -> String {
            labels.map { data.classNames[Int($0)] }.filter { $0 != "end" }.joined()
        }
        for number in 0..<200 {
            let (steps, labels) = try sample(sums, number)
            let text = steps.map { signs[Int($0[0])] }.joined()
            let parts = text.dropLast().split(separator: "+").map { Int($0)! }
            #expect(text.hasSuffix("=") && Int(word(labels, sums)) == parts[0] + parts[1])
        }
        let spelled = try data("spell", ["noise": .real(0)])
        let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        for number in 0..<20 {
            let (steps, labels) = try sample(spelled, number)
            #expect(word(labels, spelled) == words[steps[0].firstIndex(of: 1)!])
        }
    }

    @Test("sentences: a negation turns praise, the blank is the country's capital, verbs agree")
    func sentences() throws {
        func words(_ data: PreparedData, _ number: Int) throws -> [String] {
            let names = try kind(data).symbols
            return try sample(data, number).steps.map { names[Int($0[0])] }
        }
        let films = try data("sentiment")
        for number in 0..<300 {
            let text = try words(films, number)
            let praises = text.contains {
                ["good", "lovely", "great", "funny", "clever", "moving", "bright"].contains($0)
            }
            let negates = text.contains { ["not", "never", "far", "hardly"].contains($0) }
            #expect((praises != negates) == (films.train.labels[number] == 1), "\(text)")
        }
        let places = try data("blank")
        let capitals = ["France": "Paris", "Peru": "Lima", "Norway": "Oslo"]
        for number in 0..<300 {
            let text = try words(places, number)
            #expect(text.last == "___")
            for (country, capital) in capitals where text.contains(country) {
                #expect(places.classNames[Int(places.train.labels[number])] == capital)
            }
        }
        // With words on both sides every other country comes after the blank, and none is the last word.
        let both = try data("blank", ["words": .text("both"), "targets": .text("step")])
        let form = try kind(both)
        #expect(form.targetSteps == form.steps && form.mapping == "n→n")
        var later = 0
        let countries = [
            "France", "Spain", "Italy", "Austria", "Norway", "Greece", "Japan", "Egypt", "Peru", "Kenya",
        ]
        for number in 0..<300 {
            let text = try words(both, number)
            let blank = try #require(text.firstIndex(of: "___"))
            let labels = both.train.labels[number * form.steps..<(number + 1) * form.steps]
            #expect(blank < text.count - 1 && labels.count { $0 != Samples.noLabel } == 1)
            let label = labels[labels.startIndex + blank]
            for (country, capital) in capitals where text.contains(country) {
                #expect(both.classNames[Int(label)] == capital && text.last != country)
            }
            let place = text.firstIndex { countries.contains($0) }
            later += try #require(place) > blank ? 1 : 0
        }
        #expect(later > 100 && later < 200)
        let plain = try data("grammar", ["depth": .integer(0)])
        for number in 0..<200 {
            let text = try words(plain, number)
            // "start the boys see the dog": of one thing the verb ends in s, of several the noun.
            #expect(text[2].hasSuffix("s") != text[3].hasSuffix("s"), "\(text)")
        }
    }

    @Test("a text's windows: the next character; its end tests; what is too short or unknown is told")
    func text() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-text-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = String(repeating: "Once upon a time, änd then. ", count: 20)
        try Data(text.utf8).write(to: URL(filePath: folder + "/a.txt"))
        try Data().write(to: URL(filePath: folder + "/empty.txt"))
        func read(_ file: String, _ knobs: [String: KnobValue] = [:], record: DataRecord? = nil) throws -> PreparedData
        {
            try prepare(
                DataDescription(
                    dataset: Choice("text", knobs.merging(["file": .text(file)]) { one, _ in one }), shuffle: false),
                features: [], directory: folder, record: record)
        }
        let data = try read("a.txt", ["window": .integer(10), "step": .integer(5)])
        let letters = Array(text).map { $0 == " " ? "space" : String($0) }
        for number in 0..<data.train.count {
            let (steps, labels) = try sample(data, number)
            let start = 5 * number
            #expect(steps.map { data.classNames[Int($0[0])] } == Array(letters[start..<start + 10]))
            #expect(labels.map { data.classNames[Int($0)] } == Array(letters[start + 1..<start + 11]))
        }
        #expect(data.train.count == 99 && data.test.count == 10)
        let words = try read("a.txt", ["window": .integer(4), "unit": .text("word")])
        #expect(words.classNames.contains("upon") && words.classNames.contains(","))
        func message(_ file: String, _ knobs: [String: KnobValue] = [:], record: DataRecord? = nil) -> String {
            let error = #expect(throws: DataError.self) { try read(file, knobs, record: record) }
            return error?.message ?? ""
        }
        #expect(message("empty.txt").contains("expected text, found an empty file"))
        #expect(message("a.txt", ["window": .integer(500)]).contains("too short for windows of 500"))
        var known = data.record
        known.classes.removeAll { $0 == "O" }
        #expect(message("a.txt", record: known).contains("“O” was never seen in training"))
        #expect(message("none.txt").isEmpty == false)
    }
}

import Engine
import Foundation
import Testing

@testable import Datasets

/// Sequences of texts, of sentences and of tables.
@Suite("Sequences of texts and tables")
struct SequenceDataTests {
    /// Prepares data that may lie in a file of its own.
    private func read(
        _ id: String, _ knobs: [String: KnobValue] = [:], file: [UInt8]? = nil, trainFraction: Double? = nil,
        standardize: Bool? = nil, shuffle: Bool = true, seed: UInt64 = 1, record: DataRecord? = nil,
        loading: Loading? = nil
    ) throws -> PreparedData {
        let folder = FileManager.default.temporaryDirectory.appending(path: "layercake-steps-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var knobs = knobs
        if let file {
            try Data(file).write(to: folder.appending(path: "a"))
            knobs["file"] = .text("a")
        }
        let description = DataDescription(
            dataset: Choice(id, knobs), trainFraction: trainFraction, seed: seed, shuffle: shuffle,
            standardize: standardize)
        return try prepare(description, features: [], directory: folder.path, loading: loading, record: record)
    }

    private func mistake(_ read: () throws -> PreparedData) -> String {
        #expect(throws: DataError.self) { _ = try read() }?.description ?? ""
    }

    private func kind(_ data: PreparedData) throws -> SequenceKind {
        guard case .sequence(let kind) = data.schema.kind else { throw CocoaError(.featureUnsupported) }
        return kind
    }

    /// The words of a sequence, with the mark of each.
    private func sentence(_ data: PreparedData, _ samples: Samples, _ number: Int) throws -> [(String, Float)] {
        let kind = try kind(data)
        let values = samples.inputs.values(of: number)
        return (0..<Int(values[values.count - 1])).map {
            (kind.symbols[Int(values[$0])], samples.labels[number * kind.steps + $0])
        }
    }

    // MARK: - Texts

    @Test("the tale is there without a file: plain English, of 20 to 30 kB, by characters and by words")
    func tale() throws {
        let data = try read("text", ["window": .integer(64), "step": .integer(64)], shuffle: false)
        let names = data.classNames
        let text = (0..<data.train.count).map { number in
            data.train.inputs.values(of: number).map { names[Int($0)] }.joined()
        }.joined()
        #expect(text.hasPrefix("ThespaceCakespaceofspaceSevenspaceLayersline endline endInspaceaspacegreenspacevalley"))
        #expect((20_000...30_000).contains(PackageResources.tale_txt.count))
        let bytes = Set(PackageResources.tale_txt)
        #expect(bytes.allSatisfy { $0 == 10 || (32..<127).contains($0) } && bytes.contains(UInt8(ascii: "\"")))
        // The text's end tests, and has no character that training lacks.
        #expect(Set(data.test.labels).isSubset(of: Set(data.train.labels)))
        #expect(data.referenceLevels.count == 5 && data.referenceLevels[2].testLoss < data.referenceLevels[0].testLoss)
        let words = try read("text", ["unit": .text("word")])
        #expect(words.classNames.contains("honey") && !words.classNames.contains("<other>"))
        #expect(words.classNames.count < NetworkDescription.mostClasses)
    }

    @Test("where words are too many, one symbol stands for the rarest of them")
    func rareWords() throws {
        let text = String(repeating: "the mill and the mill and the cake , ", count: 6) + "a bear sang there ."
        let data = try read(
            "text", ["unit": .text("word"), "words": .integer(4), "window": .integer(3)], file: Array(text.utf8))
        #expect(data.classNames == ["<other>", "and", "mill", "the"])
        // Weights that know these words take others for rare ones.
        let again = try read(
            "text", ["unit": .text("word"), "window": .integer(3)],
            file: Array("the owl and the mill and the owl and the mill".utf8), record: data.record)
        #expect(again.classNames == data.classNames && again.train.labels.contains(0))
    }

    @Test("a text that is empty, too short or not UTF-8 is told with numbers, and a symbol that weights do not know")
    func textMistakes() throws {
        func text(_ bytes: [UInt8], _ knobs: [String: KnobValue] = [:], record: DataRecord? = nil) -> String {
            mistake { try read("text", knobs, file: bytes, record: record) }
        }
        #expect(text([]) == "a: expected text, found an empty file")
        #expect(text(Array(" \n ".utf8), ["unit": .text("word")]) == "a: expected text, found blanks alone")
        #expect(
            text(Array("one two three".utf8), ["window": .integer(9)])
                == "data.window: the text has 13 characters, which is too short for windows of 9 to train and to test; set window to 5 or less, or take a text of at least 20 characters"
        )
        #expect(try read("text", ["window": .integer(5)], file: Array("one two three".utf8)).test.count == 1)
        #expect(text(Array("ab".utf8)).hasSuffix("to test; take a text of at least 66 characters"))
        #expect(
            text(Array("one\ntwo".utf8) + [0xE4, 0x20])
                == "a:2: is not UTF-8 text: byte 8 of 9 is 0xE4; save the file as UTF-8")
        let known = try read("text", ["window": .integer(3)], file: Array("abcabcabcabc".utf8)).record
        #expect(
            text(Array("abcabcxabcabc".utf8), ["window": .integer(3)], record: known)
                == "a: “x” was never seen in training; the weights know 3 symbols; "
                + "write another in its place, or train without these weights")
    }

    @Test("the reading of a large text is cancelled before its characters have been counted")
    func cancelled() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        let loading = Loading()
        loading.cancel()
        let error = #expect(throws: DataError.self) { try read("text", file: bytes, loading: loading) }
        #expect(error?.kind == .cancelled)
    }

    @Test("a typed text becomes the data's symbols, and one that they lack is told")
    func typed() throws {
        let letters = SequenceKind.symbols(["a", "b", "line end", "space"], steps: 4)
        #expect(try letters.numbers(of: "a b\n") == [0, 3, 1, 2])
        let words = try kind(read("blank"))
        #expect(try words.numbers(of: "we went to France with ___").map { words.symbols[$0] }.last == "___")
        let error = #expect(throws: DataError.self) { try words.numbers(of: "we went to Frence") }
        #expect(
            error?.description
                == "text: “Frence” was never seen in training; the network knows \(words.symbols.count) words; did you mean “France”?"
        )
        let names = try kind(read("lastNames"))
        #expect(
            try names.numbers(of: "Mr Zuckerkandl sang.").map { names.symbols[$0] } == ["Mr", "<New>", "<new>", "."])
        let reber = try kind(read("reber"))
        // Of single characters the other case alone is near.
        func character(_ text: String) -> String? {
            let error = #expect(throws: DataError.self) { try reber.numbers(of: text) }
            return error?.description
        }
        #expect(
            character("b") == "text: “b” was never seen in training; the network knows 7 characters; did you mean “B”?")
        #expect(character("Z") == "text: “Z” was never seen in training; the network knows 7 characters")
        #expect(try reber.numbers(of: "BTB") == [0, 1, 0] && reber.values(of: 1) == [0, 1, 0, 0, 0, 0, 0])
        let parity = try kind(read("parity"))
        #expect(try parity.numbers(of: "0110") == [0, 1, 1, 0] && parity.values(of: 1) == [1])
        let copy = try kind(read("copy"))
        #expect(try copy.numbers(of: "ab_>") == [0, 1, 8, 9])
        #expect(try ["recall", "adding", "waves"].allSatisfy { try kind(read($0)).alphabet.isEmpty })
    }

    // MARK: - Last names

    @Test("last names of the test never occur in training, and titles, trades and first names are none")
    func lastNames() throws {
        #expect(Set(NameSentences.trainNames).isDisjoint(with: NameSentences.testNames))
        let words = Set(NameSentences.words(keepsCase: true))
        #expect(words.isDisjoint(with: NameSentences.testNames))
        #expect(NameSentences.templates.count >= 40)
        let plain = NameSentences.templates.joined(separator: " ").split(separator: " ").map(String.init)
        #expect(Set(plain).isDisjoint(with: NameSentences.testNames + NameSentences.trainNames))
        var random = Random(seed: 7)
        for isTest in [false, true] {
            let own = Set(isTest ? NameSentences.testNames : NameSentences.trainNames)
            let others = Set(isTest ? NameSentences.trainNames : NameSentences.testNames)
            var found: Set<String> = []
            for _ in 0..<2000 {
                let sentence = NameSentences.sentence(&random, isTest: isTest)
                #expect(
                    sentence.count <= NameSentences.longest
                        && sentence[0].word.first!.isUppercase != (sentence[0].word == "\""))
                for (step, word) in sentence.enumerated() {
                    if word.isName {
                        #expect(own.contains(word.word))
                        found.insert(word.word)
                    } else if step > 0 {
                        #expect(!own.contains(word.word) && !others.contains(word.word), "\(word.word)")
                    }
                }
            }
            #expect(found == own)
        }
    }

    @Test("words without a number are one symbol, with a capital or without; without case there is one alone")
    func newWords() throws {
        let data = try read("lastNames", ["samples": .integer(500)], shuffle: false)
        #expect(data.train.count == 400 && data.test.count == 100)
        #expect(try kind(data).symbols.prefix(2) == ["<new>", "<New>"])
        var unknown: Set<Float> = []
        for number in 0..<data.test.count {
            for (word, label) in try sentence(data, data.test, number) where label == 1 {
                #expect(word == "<New>")
            }
            for (word, label) in try sentence(data, data.test, number) where word == "<New>" { unknown.insert(label) }
        }
        // First names and places are unknown as well: the symbol alone does not tell.
        #expect(unknown == [0, 1])
        let small = try kind(read("lastNames", ["case": .toggle(false)])).symbols
        #expect(small.first == "<new>" && small.allSatisfy { $0 == $0.lowercased() } && Set(small).count == small.count)
        let again = try read("lastNames", ["samples": .integer(500)], shuffle: false)
        #expect(data.train == again.train && data.test == again.test)
        let levels = data.referenceLevels
        #expect(
            levels.map(\.title) == ["by the word alone", "by two words"] && levels[1].testLoss < levels[0].testLoss)
    }

    @Test("the features that a person would design: capital, title, first name and neighbours")
    func designed() throws {
        let data = try read("lastNames", ["inputs": .text("designed")])
        let kind = try kind(data)
        #expect(kind.features.count == 7 && kind.symbols.isEmpty && kind.hasLengths)
        let words = ["The", "Hadley", "family", "met", "Mr", "Hadley", ",", "Anna", "Hadley", "and", "Runa"]
        func features(_ step: Int) -> [String] {
            zip(NameSentences.features(keepsCase: true), NameSentences.designed(words, step, keepsCase: true))
                .filter { $0.1 == 1 }.map(\.0)
        }
        #expect(features(0) == ["capital", "first word", "known word"])
        #expect(features(1) == ["capital", "after \"the\"", "before \"family\""])
        #expect(features(5) == ["capital", "after a title"] && features(8) == ["capital", "after a first name"])
        #expect(features(10) == ["capital"])
    }

    // MARK: - Tables

    private let table = """
        run,t,speed,gear,kind
        a,0,1,low,up
        a,1,2,low,up
        b,0,3,high,down
        a,2,3,high,up
        b,1,1,low,down
        c,0,5,low,up

        """

    private func rows(
        _ text: String, _ knobs: [String: KnobValue] = [:], trainFraction: Double = 1, standardize: Bool = false
    ) throws -> PreparedData {
        try read(
            "csvSequences", knobs, file: Array(text.utf8), trainFraction: trainFraction, standardize: standardize,
            shuffle: false)
    }

    @Test("a column groups rows into sequences, in the order of the file, with a label for each sequence")
    func groups() throws {
        let data = try rows(table)
        let kind = try kind(data)
        #expect(kind == SequenceKind(steps: 3, features: ["t", "speed", "gear=low"], hasLengths: true))
        #expect(data.classNames == ["up", "down"] && data.train.labels == [0, 1, 0])
        #expect(data.train.inputs.values(of: 0) == [0, 1, 1, 1, 2, 1, 2, 3, 0, 3])
        #expect(data.train.inputs.values(of: 1) == [0, 3, 0, 1, 1, 1, 0, 0, 0, 2])
        #expect(data.report?.columns.map(\.kind) == [.leftOut, .number, .number, .category, .label])
        // Another column groups, and the last one is learned.
        let gears = try rows(table, ["sequence": .text("gear"), "label": .text("speed"), "targets": .text("row")])
        #expect(gears.train.count == 2 && gears.schema.form.targetSteps == 4)
        #expect(
            gears.train.labels.map { $0 == Samples.noLabel ? "" : gears.classNames[Int($0)] } == [
                "1", "2", "1", "5", "3", "3", "", "",
            ])
    }

    @Test("a label for each row: where the cell is empty there is no target")
    func byRow() throws {
        let text = "id,x,y\n1,0.5,\n1,0.25,q\n2,0.75,p\n2,1.5,\n"
        let data = try rows(text, ["targets": .text("row")])
        #expect(try kind(data) == SequenceKind(steps: 2, features: ["x"], targetSteps: 2))
        #expect(data.train.labels == [Samples.noLabel, 0, 1, Samples.noLabel])
        // One of a sequence's rows may have its label.
        #expect(try rows(text).train.labels == [0, 1])
    }

    @Test("the first row of a sequence alone comes in, and its rows' labels are the answer: one to many")
    func oneToMany() throws {
        let text = "id,x,y\n1,0.5,p\n1,,q\n1,3,p\n2,0.75,q\n2,4,\n"
        let data = try read(
            "csvSequences", ["targets": .text("row"), "inputs": .text("first")], file: Array(text.utf8),
            trainFraction: 1, standardize: false, shuffle: false)
        let kind = try kind(data)
        #expect(kind == SequenceKind(steps: 1, features: ["x"], targetSteps: 2) && kind.mapping == "1→n")
        #expect(data.train.inputs.values == [0.5, 0.75] && data.train.labels == [0, 0, 1, Samples.noLabel])
        let scaled = try rows(
            "id,x,y\n1,1,p\n1,50,q\n2,3,q\n2,70,p\n", ["targets": .text("row"), "inputs": .text("first")],
            standardize: true)
        #expect(scaled.train.inputs.values == [-1, 1])
    }

    @Test("the labels of a sequence's rows that have one are an answer of its own length: many to many others")
    func manyToOthers() throws {
        let text = "id,x,y\n1,1,\n1,2,p\n1,3,\n1,4,q\n2,5,q\n2,6,\n"
        let data = try rows(text, ["targets": .text("list")])
        let kind = try kind(data)
        #expect(kind == SequenceKind(steps: 4, features: ["x"], hasLengths: true, targetSteps: 2))
        #expect(kind.mapping == "n→m" && data.train.labels == [0, 1, 1, Samples.noLabel])
    }

    @Test("numbers have mean 0 and deviation 1 over the rows of the training sequences, and values keep their units")
    func standardized() throws {
        let text = "id,x,y\n1,1,10.5\n1,3,10.5\n2,100,20.5\n3,5,30.5\n3,7,30.5\n"
        let data = try rows(text, trainFraction: 0.34, standardize: true)
        #expect(data.train.count == 1 && data.train.inputs.values == [-1, 1, 2])
        #expect(data.test.inputs.values(of: 0) == [98, 0, 1])
        #expect(data.targetMean == 10.5 && data.targetScale == 1 && data.test.labels == [10, 20])
    }

    @Test("shuffled, a sequence's rows stay together")
    func shuffled() throws {
        let text = "id,x,y\n" + (0..<90).map { "s\($0 % 30),\($0 / 30),c\($0 % 30 % 2)" }.joined(separator: "\n")
        let data = try read("csvSequences", file: Array(text.utf8), trainFraction: 0.5, standardize: false)
        #expect(data.train.count == 15 && data.test.count == 15)
        for samples in [data.train, data.test] {
            for number in 0..<15 { #expect(samples.inputs.values(of: number) == [0, 1, 2]) }
        }
    }

    @Test(
        "mistakes in a table of sequences are told with their places",
        arguments: [
            (
                "id,x,y\n1,2,a\n,3,b\n2,3,b\n",
                "a:3:1: expected the name of a sequence in the column “id”, found an empty cell (1 row of 3)"
            ),
            (
                "id,x,y\n1,2,a\n1,3,b\n2,3,b\n",
                "a:2: expected one label for all rows of the sequence “1”, found “a” and “b”; data.targets = row learns a label for each row"
            ),
            (
                "id,x,y\n1,2,a\n1,3,b\n1,3,b\n",
                "a: expected at least two sequences in the column “id”, found “1” alone; data.sequence chooses another column"
            ),
            (
                "id,x,y\n1,2,a\n2,,b\n3,1,b\n",
                "a:3: every row of the sequence “2” has a missing cell, so that none is left; data.missing = mean fills them"
            ),
            ("id,x,y\n1,2,a\n2,4,\n2,5,\n3,1,b\n", "a:3: expected a label in the rows of the sequence “2”, found none"),
        ])
    func tableMistakes(_ text: String, _ message: String) {
        #expect(mistake { try rows(text) } == message)
    }

    @Test("a column that is not there, or that is to be learned itself, cannot group")
    func wrongColumn() {
        #expect(mistake { try rows(table, ["sequence": .text("rum")]) }.contains("did you mean “run”?"))
        #expect(
            mistake { try rows(table, ["sequence": .text("kind")]) }
                == "data.label: expected a column to learn, found the one that names the sequences, “kind”")
    }

    // MARK: - Legal strings

    @Test("Reber's legal symbols: two ways at each state, the way it began before the end, and always the next one")
    func legal() throws {
        let data = try read("reber", trainFraction: 1)
        let kind = try kind(data)
        let legal = try #require(data.train.legal)
        func names(_ bits: UInt32) -> String {
            kind.features.indices.filter { bits >> $0 & 1 == 1 }.map { kind.features[$0] }.joined()
        }
        for number in 0..<data.train.count {
            let all = data.train.labels[number * kind.steps..<(number + 1) * kind.steps]
            let labels = Array(all.prefix { $0 != Samples.noLabel })
            let own = Array(legal[number * kind.steps..<(number + 1) * kind.steps])
            let length = labels.count
            #expect(
                zip(labels, own).allSatisfy { $1 >> UInt32($0) & 1 == 1 }
                    && own.dropFirst(length).allSatisfy { $0 == 0 })
            #expect(names(own[0]) == "TP" && names(own[1]) == "B" && names(own[2]) == "TP")
            #expect(names(own[length - 1]) == "E" && names(own[length - 2]) == kind.features[Int(labels[0])])
            #expect(
                own[3..<length - 3].allSatisfy { ["SX", "TV", "PV"].contains(names($0)) || $0.nonzeroBitCount == 2 })
        }
    }

    @Test("more sequences than memory holds are refused, with how many would fit, and how long they could be")
    func fitting() {
        let schema = DataSchema(
            .sequence(SequenceKind(steps: 100, features: ["a", "b"])), task: .classification(classes: 2))
        // 200 values, a label and two targets, of 4 bytes.
        #expect(schema.bytesPerSequence(isWindow: false) == 4 * 203)
        #expect(
            schema.fitting(1000, 100, bytes: 4 * 203, in: 406_000)
                == "500 sequences of 100 steps would fit, or 1000 of 50")
        // Two bytes a symbol and four a class, and twelve for the sequence's place; of a window the text's symbols are no more.
        let text = DataSchema(
            .sequence(.symbols(["a", "b", "c"], steps: 100, targetSteps: 100)), task: .classification(classes: 3))
        #expect(text.bytesPerSequence(isWindow: false) == 612 && text.bytesPerSequence(isWindow: true) == 412)
    }
}

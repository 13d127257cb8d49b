import Datasets
import Engine
import Foundation
import Testing

@testable import Session

@Suite("Answers to sequences")
struct SequenceAnswerTests {
    private func answers(
        _ snapshot: Snapshot, row: Int = 0, typed: [Int]? = nil, freeRunFrom: Int? = nil
    ) throws -> SequenceAnswers {
        var request = ViewRequest()
        request.sequence = SequenceChoice(row: row, typed: typed)
        request.answers = SequenceQuestion(freeRunFrom: freeRunFrom)
        return try #require(PictureMaker().makePicture(snapshot, request).answers)
    }

    @Test("each step's scores, and the classes of all sequences, are the network's own")
    func steps() throws {
        let snapshot = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork)
        let classes = snapshot.data.classNames.count
        let found = try answers(snapshot, row: 3)
        let own = try SequenceFixture.outputs(snapshot, snapshot.data.shownSequences.inputs.values(of: 3))
        #expect(!found.areOfBeginnings && found.steps.flatMap(\.self) == own)
        #expect(found.all.count == snapshot.data.shownSequences.count)
        for row in [0, 3, found.all.count - 1] {
            let own = try SequenceFixture.outputs(snapshot, snapshot.data.shownSequences.inputs.values(of: row))
            for (step, answer) in found.all[row].enumerated() {
                let scores = own[step * classes..<(step + 1) * classes]
                #expect(scores[scores.startIndex + Int(answer)] == scores.max())
            }
        }
    }

    @Test("a recurrent network answers every beginning of a sequence with one target as if it ended there")
    func beginnings() throws {
        for data in [SequenceFixture.parity, SequenceFixture.recall] {
            let snapshot = try SequenceFixture.snapshot(data, #"[{"lstm":{"units":5}}]"#)
            let kind = try #require(snapshot.data.sequence)
            let found = try answers(snapshot, row: 2)
            let inputs = snapshot.data.shownSequences.inputs.values(of: 2)
            let length = snapshot.data.stepCount(of: SequenceChoice(row: 2))
            #expect(found.areOfBeginnings && found.steps.count == length && length > 2)
            let last = try #require(found.steps.last)
            let own = try SequenceFixture.outputs(snapshot, inputs)
            // One output from −1 to 1 says how sure the network is of the second class.
            #expect(own.count == 1 && abs(last[1] - (own[0] + 1) / 2) < 1e-6)
            guard kind.hasLengths else { continue }
            let short = try SequenceFixture.outputs(snapshot, inputs.dropLast() + [2])
            #expect(abs(found.steps[1][1] - (short[0] + 1) / 2) < 1e-6)
        }
    }

    @Test("beginnings that do not fit into one pass have the same answers")
    func beginningsInParts() throws {
        let snapshot = try SequenceFixture.snapshot(
            #"{"dataset":"parity","samples":10,"length":60,"shortest":60}"#, #"[{"lstm":{"units":64}}]"#)
        let steps = try #require(snapshot.data.sequence).steps
        let description = try #require(snapshot.network.over(steps: steps))
        #expect(try Network(description, capacity: 256, bytes: 2 << 20).capacity < steps / 2)
        let found = try answers(snapshot)
        #expect(found.areOfBeginnings && found.steps.count == steps)
        let inputs = snapshot.data.shownSequences.inputs.values(of: 0)
        let width = try #require(snapshot.data.sequence).features.count
        let network = try Network(description, capacity: 1)
        network.load(parameters: snapshot.parameters)
        for length in [1, 33, steps / 2, steps] {
            let blank = [Float](repeating: snapshot.data.sequence!.blank, count: (steps - length) * width)
            network.forward(Array(inputs.prefix(length * width)) + blank + [Float(length)], count: 1)
            let own = network.values(layer: snapshot.outline.output)[0]
            #expect(abs(found.steps[length - 1][1] - (own + 1) / 2) < 1e-6, "after \(length)")
        }
    }

    @Test("a sequence with an answer of its own length has one answer for each of its steps, and no beginnings")
    func encoderDecoder() throws {
        let snapshot = try SequenceFixture.snapshot(
            SequenceFixture.sums,
            #"[{"embedding":{"size":4}},{"gru":{"units":6}},{"repeat":{"steps":3}},{"gru":{"units":6,"returns":"all"}}]"#
        )
        let found = try answers(snapshot)
        #expect(found.steps.count == 3 && found.steps[0].count == 11 && !found.areOfBeginnings)
        #expect(found.all[0].count == 3)
    }

    @Test("values fed back are the network's answers to what it answered before")
    func freeRun() throws {
        let snapshot = try SequenceFixture.snapshot(
            SequenceFixture.waves, #"[{"gru":{"units":5,"returns":"all"}}]"#)
        let found = try answers(snapshot, row: 1, freeRunFrom: 9)
        var inputs = snapshot.data.shownSequences.inputs.values(of: 1)
        #expect(found.freeRun.count == 15 && found.freeRunFrom == 9)
        for (place, value) in found.freeRun.enumerated() {
            let own = try SequenceFixture.outputs(snapshot, inputs)[9 + place]
            #expect(abs(own - value) < 1e-5)
            if 10 + place < inputs.count { inputs[10 + place] = own }
        }
    }

    @Test("a typed sentence is answered as one of the data is")
    func typed() throws {
        let snapshot = try SequenceFixture.snapshot(
            #"{"dataset":"sentiment","samples":40}"#, #"[{"embedding":{"size":4}},{"lstm":{"units":5}}]"#)
        let kind = try #require(snapshot.data.sequence)
        let row = 4
        let length = snapshot.data.stepCount(of: SequenceChoice(row: row))
        let inputs = snapshot.data.shownSequences.inputs.values(of: row)
        let words = (0..<length).map { kind.symbols[Int(inputs[$0])] }.joined(separator: " ")
        let typed = try snapshot.data.symbols(ofTyped: words)
        #expect(try answers(snapshot, typed: typed).steps == answers(snapshot, row: row).steps)
        #expect(
            try snapshot.data.symbols(ofTyped: "The FILM was good")
                == snapshot.data.symbols(ofTyped: "the film was good"))
        for (text, words) in [("the flim was good", "film"), ("the zzz", "never seen")] {
            let error = #expect(throws: DataError.self) { try snapshot.data.symbols(ofTyped: text) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        let long = Array(repeating: "good", count: kind.steps + 1).joined(separator: " ")
        #expect(throws: DataError.self) { try snapshot.data.symbols(ofTyped: long) }
    }

    @Test(
        "strings of zeros and a one can be typed as text, and are answered as the data's own",
        arguments: [
            ("reber", "all"), ("copy", "all"), ("parity", "last"), ("counting", "last"), ("temporalOrder", "last"),
        ])
    func typedOneHot(dataset: String, returns: String) throws {
        let snapshot = try SequenceFixture.snapshot(
            #"{"dataset":"\#(dataset)","samples":20}"#, #"[{"lstm":{"units":4,"returns":"\#(returns)"}}]"#)
        let kind = try #require(snapshot.data.sequence)
        let inputs = snapshot.data.shownSequences.inputs.values(of: 1)
        let length = snapshot.data.stepCount(of: SequenceChoice(row: 1))
        let text = try (0..<length).map { kind.names[try #require(kind.symbol(inputs, at: $0))] }.joined()
        let typed = try snapshot.data.symbols(ofTyped: text)
        #expect(snapshot.data.inputs(of: SequenceChoice(row: 0, typed: typed)) == inputs)
        #expect(try answers(snapshot, typed: typed).steps == answers(snapshot, row: 1).steps)
        let error = #expect(throws: DataError.self) { try snapshot.data.symbols(ofTyped: "?") }
        #expect(error?.message.contains("characters") == true, "\(error?.message ?? "")")
    }

    @Test(
        "a sequence that goes on step by step has the answers of the whole one",
        arguments: [
            #"[{"embedding":{"size":4}},{"lstm":{"units":6,"returns":"all","layers":2}}]"#,
            #"[{"embedding":{"size":4}},{"gru":{"units":4,"returns":"all"}},{"residual":{"body":[{"rnn":{"units":4,"returns":"all"}}]}},{"eachStep":{"body":[{"dense":{"units":3}}]}}]"#,
            #"[{"embedding":{"size":4}},{"attention":{}}]"#,
            #"[{"embedding":{"size":4}},{"conv1d":{"filters":4}},{"gru":{"units":4,"returns":"all"}}]"#,
        ])
    func stepping(layers: String) throws {
        let snapshot = try SequenceFixture.snapshot(SequenceFixture.grammar, layers)
        let kind = try #require(snapshot.data.sequence)
        #expect((snapshot.network.stepping == nil) == (layers.contains("attention") || layers.contains("conv1d")))
        let symbols = (0..<kind.steps).map { $0 % kind.symbols.count }
        let whole = try SequenceFixture.outputs(snapshot, symbols.map { Float($0) } + [Float(kind.steps)])
        let width = whole.count / kind.steps
        var network = FreeRunningNetwork()
        network.begin([kind.values(of: symbols[0])])
        for step in 0..<kind.steps {
            if step > 0 { network.append(kind.values(of: symbols[step])) }
            let next = network.next(in: snapshot)
            let own = try #require(next)
            let expected = whole[step * width..<(step + 1) * width]
            #expect(zip(own, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "step \(step)")
        }
        // Other weights see the last steps again.
        var other = snapshot
        other.parameters = other.parameters.map { $0 * 0.5 }
        let changed = try SequenceFixture.outputs(other, symbols.map { Float($0) } + [Float(kind.steps)])
        let next = network.next(in: other)
        let own = try #require(next)
        #expect(zip(own, changed.suffix(width)).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("cells that read backwards, or hand on one state, cannot go step by step")
    func notStepping() throws {
        var network = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork).network
        #expect(network.stepping != nil)
        let backwards = Choice("gru", ["returns": .text("all"), "bidirectional": .toggle(true)])
        for layer in [backwards, Choice("gru")] {
            network.layers[1] = layer
            #expect(network.stepping == nil)
        }
    }

    @Test(
        "symbols that the data do not have are no sequence of theirs: the row's own is answered, and the text goes on")
    func unfit() throws {
        let words = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork)
        let kind = try #require(words.data.sequence)
        let many = [Int](repeating: 0, count: kind.steps + 1)
        #expect(words.data.fits([0]) && words.data.fits(Array(many.dropLast())))
        for typed in [[], [kind.symbols.count], [-1], many] {
            #expect(!words.data.fits(typed))
            #expect(try answers(words, row: 2, typed: typed).steps == answers(words, row: 2).steps)
            #expect(
                try !SequenceFixture.written(words, WritingRequest(beginning: typed, temperature: 1, most: 5)).symbols
                    .isEmpty)
        }
        for data in [SequenceFixture.recall, SequenceFixture.waves] {
            let returns = data == SequenceFixture.waves ? "all" : "last"
            let snapshot = try SequenceFixture.snapshot(data, #"[{"rnn":{"units":3,"returns":"\#(returns)"}}]"#)
            #expect(!snapshot.data.fits([0]))
            #expect(try answers(snapshot, row: 2, typed: [0]).steps == answers(snapshot, row: 2).steps)
        }
    }

    @Test("a table's values are in its own units, the targets as the answers")
    func units() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "layercake-\(UUID()).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        let values = (0..<12).map { 100.5 + 40 * Double($0) }
        let rows = values.indices.flatMap { id in (0..<3).map { "\(id),\(id + $0),\(values[id])" } }
        try ("id,x,y\n" + rows.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
        let snapshot = try SequenceFixture.snapshot(
            #"{"dataset":"csvSequences","file":"\#(file.path)"}"#, #"[{"gru":{"units":3}}]"#)
        let data = snapshot.data
        #expect(data.task == .regression && data.targetScale > 10)
        var found = try answers(snapshot)
        #expect(found.wrong.isEmpty && found.all.count == data.shownSequences.count)
        var truths: [Float] = []
        for row in found.all.indices {
            let truth = try #require(data.shownTargets(of: SequenceChoice(row: row))[0])
            #expect(values.contains { abs($0 - Double(truth)) < 1e-2 })
            let own = try SequenceFixture.outputs(snapshot, data.shownSequences.inputs.values(of: row))[0]
            #expect(abs(found.all[row][0] - (own * data.targetScale + data.targetMean)) < 1e-2)
            truths.append(truth)
        }
        // R² = 1 − Σ(answer − truth)² / Σ(truth − mean)².
        let mean = truths.reduce(0, +) / Float(truths.count)
        let spread = truths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        for distance: Float in [0, 10] {
            found.all = truths.map { [$0 + distance] }
            found.count(in: data)
            let share = try #require(found.rightShare)
            #expect(abs(share - Double(1 - Float(truths.count) * distance * distance / spread)) < 1e-3)
        }
    }

    @Test("the rows with a mistake and the share that is right are those of the answers and the targets")
    func counts() throws {
        let snapshot = try SequenceFixture.snapshot(SequenceFixture.grammar, SequenceFixture.wordsNetwork)
        let found = try answers(snapshot)
        var (asked, right, wrong) = (0, 0, [Int]())
        for row in found.all.indices {
            let pairs = zip(snapshot.data.targets(of: SequenceChoice(row: row)), found.all[row]).filter { $0.0 != nil }
            asked += pairs.count
            right += pairs.count { $0.0 == $0.1 }
            if pairs.contains(where: { $0.0 != $0.1 }) { wrong.append(row) }
        }
        #expect(found.wrong == wrong && found.rightShare == Double(right) / Double(asked) && asked > right)
    }

    @Test("the setting that makes sequences longer is found in the data's own")
    func length() throws {
        for (data, returns, path) in [
            (SequenceFixture.recall, "last", "data.lag"), (SequenceFixture.parity, "last", "data.length"),
            (#"{"dataset":"copy","samples":20}"#, "all", "data.delay"), (SequenceFixture.sums, "all", "data.digits"),
        ] {
            let layers = #"[{"gru":{"units":2,"returns":"\#(returns)"}}]"#
            #expect(try SequenceFixture.snapshot(data, layers).experiment.lengthPath == path)
        }
    }
}

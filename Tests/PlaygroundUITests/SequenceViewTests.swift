import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

/// An app with sequences and a network after some epochs, and the viewer's pictures as they would come.
enum SequenceScreen {
    static func app(
        _ document: String, _ keys: [String] = [], size: (Int, Int) = (120, 40),
        capabilities: Capabilities = Capabilities(), epochs: Int = 1
    ) throws -> App {
        let experiment = try Experiment(json: JSON(parsing: document))
        let trainer = try Trainer(experiment)
        for _ in 0..<epochs { _ = trainer.epoch() }
        return try shownApp(over: trainer, after: keys, size: size, capabilities: capabilities)
    }
}

@Suite("Sequences on the screen")
struct SequenceViewTests {
    /// Experiments of every kind of target, small, with the words of a strip.
    static let experiments: [String] = [
        #"{"data":{"dataset":"recall","samples":40,"lag":8},"layers":[{"rnn":{"units":3}}]}"#,
        #"{"data":{"dataset":"adding","samples":40,"length":20},"layers":[{"lstm":{"units":4}}]}"#,
        #"{"data":{"dataset":"waves","samples":30,"length":30},"layers":[{"gru":{"units":4,"returns":"all"}}]}"#,
        #"{"data":{"dataset":"copy","samples":30},"layers":[{"lstm":{"units":6,"returns":"all"}}]}"#,
        #"{"data":{"dataset":"reber","samples":40},"layers":[{"lstm":{"units":5,"returns":"all"}}]}"#,
        #"{"data":{"dataset":"grammar","samples":60},"layers":[{"embedding":{"size":4}},{"gru":{"units":6,"returns":"all"}}]}"#,
        #"{"data":{"dataset":"blank","samples":60},"layers":[{"embedding":{"size":4}},{"lstm":{"units":5}}]}"#,
        #"{"data":{"dataset":"sentiment","samples":60},"layers":[{"embedding":{"size":4}},{"lstm":{"units":5}}]}"#,
        #"{"data":{"dataset":"sums","samples":60},"layers":[{"embedding":{"size":4}},{"gru":{"units":6}},{"repeat":{"steps":3}},{"gru":{"units":6,"returns":"all"}}]}"#,
        #"{"data":{"dataset":"spell","samples":30},"layers":[{"flatten":{}},{"repeat":{"steps":5}},{"gru":{"units":6,"returns":"all"}}]}"#,
        #"{"data":{"dataset":"parity","samples":40,"length":6},"layers":[{"flatten":{}},{"dense":{"units":4}}]}"#,
    ]

    private func app(
        _ document: String, _ keys: [String] = [], size: (Int, Int) = (120, 40),
        capabilities: Capabilities = Capabilities(), epochs: Int = 1
    ) throws -> App {
        try SequenceScreen.app(document, keys, size: size, capabilities: capabilities, epochs: epochs)
    }

    private func text(_ app: App) -> String { app.draw().lines.joined(separator: "\n") }

    @Test(
        "every view of sequences is drawn at every size, with every kind of colours and signs",
        arguments: Array(experiments.indices), [(80, 24), (120, 40), (200, 60)])
    func sizes(index: Int, size: (Int, Int)) throws {
        let trainer = try Trainer(Experiment(json: JSON(parsing: Self.experiments[index])))
        for capabilities in [
            Capabilities(), Capabilities(colors: .palette256, glyphs: .braille),
            Capabilities(colors: .palette16, glyphs: .block), Capabilities(colors: .none, glyphs: .ascii),
        ] {
            for keys in [
                ["5"], ["5", "w", "down", "left"], ["5", "a"], ["5", "f", "home"], ["6", "left"], ["7", "w", "("],
                ["5", "e", "x", "x"], ["5", "M"], ["6", "P", "u"], ["7", "b"],
            ] {
                let lines = try shownApp(over: trainer, after: keys, size: size, capabilities: capabilities)
                    .draw().lines
                #expect(lines.count == size.1)
                if capabilities.glyphs == .ascii {
                    #expect(!lines.joined().contains("█") && !lines.joined().contains("▀"), "\(keys)")
                }
            }
        }
    }

    @Test("the five likeliest answers at the time cursor stand with their shares, which are the network's")
    func bars() throws {
        let app = try app(Self.experiments[5], ["5", "home", "right"])
        let scores = try #require(app.picture?.answers?.steps[1])
        let best = scores.indices.max { scores[$0] < scores[$1] }!
        let name = app.snapshot!.data.classNames[best]
        let percent = "\(Int((scores[best] * 100).rounded())) %"
        #expect(app.draw().lines.contains { $0.contains(name) && $0.contains(percent) })
        #expect(text(app).contains("after “start the”"))
    }

    @Test("the answers at every step stand below those at the time cursor, on a large screen")
    func map() throws {
        for index in [0, 3, 7, 9] {
            let large = try app(Self.experiments[index], ["5", "e"], size: (200, 60))
            #expect(text(large).contains("the answers at every step"), "\(index)")
            let small = try app(Self.experiments[index], ["5"])
            #expect(!text(small).contains("the answers at every step"), "\(index)")
        }
    }

    @Test("the map of answers says how many classes have no row, and the right one at the time cursor always has one")
    func rightInSight() throws {
        for capabilities in [Capabilities(), Capabilities(colors: .none, glyphs: .ascii)] {
            var app = try app(Self.experiments[3], ["5"], capabilities: capabilities, epochs: 0)
            let choice = try #require(app.plotContext?.sequenceChoice)
            let answers = try #require(app.picture?.answers)
            let count = try #require(answers.steps.first?.count)
            let targets = app.snapshot!.data.targets(of: choice)
            for (step, target) in targets.enumerated() where target != nil {
                app.plots.timeStep = step
                let context = try #require(app.plotContext)
                let marks = try #require(context.targetMarks(choice))
                let strip = StepStrip([marks], x: 3, y: 0, width: 57, cursor: step)
                let rect = Rect(x: 0, y: 0, width: 60, height: 4)
                let map = try #require(AnswerMap(rect, context, strip, answers, targets))
                var canvas = Canvas(width: 60, height: 4)
                map.draw(into: &canvas)
                #expect(count > 4 && canvas.lines[0].contains("+\(count - 3)"))
                #expect(!context.colorless || !canvas.lines[0].contains("brighter"))
                let columns = try #require(strip.columns(of: step))
                let signs = columns.flatMap { x in (1..<4).map { canvas[x, $0].scalar } }
                #expect(signs.contains(context.ascii ? "o" : "•"), "step \(step)")
            }
        }
    }

    @Test("the names of the classes in the map of answers stand on one side, and before the rows they all differ")
    func namesOnOneSide() throws {
        let app = try app(Self.experiments[5], ["5"], epochs: 0)
        let context = try #require(app.plotContext)
        let choice = try #require(context.sequenceChoice)
        let answers = try #require(app.picture?.answers)
        let steps = answers.steps.count
        let marks = Array(repeating: StepStrip.Mark(), count: steps)
        let targets = context.snapshot.data.targets(of: choice)
        // Behind the steps are three columns for names, and then enough for all.
        for room in [3, 20] {
            let strip = StepStrip([marks], x: 55 - steps, y: 0, width: steps, cursor: 0)
            let rect = Rect(x: 0, y: 0, width: 56 + room, height: 60)
            let map = try #require(AnswerMap(rect, context, strip, answers, targets))
            var canvas = Canvas(width: rect.width, height: rect.height)
            map.draw(into: &canvas)
            let lines = canvas.lines.dropFirst().prefix(answers.steps[0].count)
            let before = lines.map { String($0.prefix(2)) }
            let areBlank = (1...lines.count).map { y in (56..<rect.width).allSatisfy { canvas[$0, y].scalar == " " } }
            #expect(Set(areBlank) == [room == 3], "\(room)")
            if room == 3 {
                #expect(Set(before).count == lines.count && !before.contains("  "), "\(before)")
            } else {
                #expect(Set(before) == ["  "], "\(before)")
            }
        }
    }

    @Test("each step of the curves is below the same step of the strip", arguments: [(120, 40), (200, 60)])
    func curvesBelow(size: (Int, Int)) throws {
        for keys in [["5"], ["5", "home"], ["5", "left", "left", "left", "left"]] {
            let app = try app(Self.experiments[2], keys, size: size)
            let area = try #require(app.layout.area(.output))
            let content = panelContent(of: area.rect).inset(left: 1, right: 1)
            let canvas = app.draw()
            func columns(_ isMeant: (Unicode.Scalar) -> Bool) -> [Int] {
                (content.x..<content.maxX).filter { x in
                    (content.y..<content.maxY).contains { isMeant(canvas[x, $0].scalar) }
                }
            }
            let marked = columns { $0 == "┃" }
            #expect(marked.count == 1 && columns { $0 == "│" } == marked, "\(keys)")
            // The last step is the time cursor's, and the curves end there.
            if keys.count == 1 { #expect(columns { 0x2801...0x28FF ~= $0.value }.last == marked.last) }
        }
    }

    @Test("the values of one step lie beside each other below their names")
    func oneStep() throws {
        let app = try app(Self.experiments[9], ["5"])
        #expect(text(app).contains(#/x +0 +1 +2 +3 +4 +5 +6 +7 +8 +9/#))
        // In the list they stand without the names.
        let all = try self.app(Self.experiments[9], ["5", "w"])
        let context = try #require(all.plotContext)
        let area = try #require(all.layout.area(.output))
        let content = panelContent(of: area.rect).inset(left: 1, right: 1)
        let list = try #require(SequenceList(content, context))
        let x = content.x + 2
        let y = try #require(
            (content.y..<content.maxY).first { list.place(x: x, y: $0).row == context.sequenceRow })
        let values = context.snapshot.data.inputs(of: SequenceChoice(row: context.sequenceRow))
        let canvas = all.draw()
        #expect(values.count == 10)
        for (place, value) in values.enumerated() {
            #expect(canvas[x + place, y].style.background == .rgb(context.ramp(value)), "\(place)")
        }
    }

    @Test("the answered digits of a sum stand under the sum, and its classes have their names in the confusion matrix")
    func sums() throws {
        let one = try app(Self.experiments[8], ["5"])
        let inputs = one.snapshot!.data.shownSequences.inputs.values(of: 0)
        let names = one.snapshot!.data.sequence!.symbols
        let sum = inputs.prefix(one.snapshot!.data.stepCount(of: SequenceChoice(row: 0))).map { names[Int($0)] }
            .joined()
        #expect(text(one).contains(sum))
        let matrix = text(try app(Self.experiments[8], ["5", "M"], size: (200, 60)))
        #expect(!matrix.contains("1 0") && !matrix.contains("11 end"))
    }

    @Test("x goes to the next wrong step, and then to the next sequence that has one")
    func wrong() throws {
        let start = try app(Self.experiments[5], ["5", "home"], epochs: 0)
        let all = try #require(start.picture?.answers?.all)
        let context = try #require(start.plotContext)
        let wrong = context.wrongSteps(0, all[0])
        let next = try app(Self.experiments[5], ["5", "home", "x"], epochs: 0)
        if let step = wrong.first(where: { $0 > 0 }) { #expect(next.plots.timeStep == step) }
        let whole = try app(Self.experiments[6], ["5", "x"], epochs: 0)
        let row = whole.plots.sequence
        let answers = try #require(whole.picture?.answers?.all)
        #expect(row > 0 && !whole.plotContext!.wrongSteps(row, answers[row]).isEmpty)
    }

    @Test("the list has the wrong ones first, and the arrows walk through it")
    func list() throws {
        let app = try app(Self.experiments[7], ["5", "w"])
        let context = try #require(app.plotContext)
        let area = try #require(app.layout.area(.output))
        let list = try #require(SequenceList(panelContent(of: area.rect).inset(left: 1, right: 1), context))
        let wrong = Set(context.wrongSequences)
        let isWrong = list.order.map(wrong.contains)
        #expect(isWrong == isWrong.sorted { $0 && !$1 } && list.order.count == context.shown?.answers?.all.count)
    }

    @Test("short sequences stand in columns where one would leave the room blank, and the mouse finds each of them")
    func columns() throws {
        let app = try app(Self.experiments[4], ["5", "w", "e"], size: (200, 60))
        let context = try #require(app.plotContext)
        let area = try #require(app.layout.area(.output))
        let content = panelContent(of: area.rect).inset(left: 1, right: 1)
        let list = try #require(SequenceList(content, context))
        #expect(content.width > 150 && 3 * list.order.count > content.height)
        let found = (content.y..<content.maxY).flatMap { y in
            (content.x..<content.maxX).compactMap { list.place(x: $0, y: y).row }
        }
        #expect(Set(found) == Set(list.order))
    }

    @Test("a typed sentence is answered; unknown words are named, and nothing typed brings the data back")
    func typed() throws {
        func type(_ words: String) -> [String] {
            ["5", "i"] + words.map { $0 == " " ? "space" : String($0) } + ["enter"]
        }
        let app = try app(Self.experiments[7], type("the film was not bad at all"))
        let symbols = app.snapshot!.data.sequence!.symbols
        #expect(app.plots.typedSequence?.map { symbols[$0] } == ["the", "film", "was", "not", "bad", "at", "all"])
        #expect(app.picture?.answers?.choice.typed == app.plots.typedSequence && text(app).contains("typed"))
        let unknown = try self.app(Self.experiments[7], type("the flim was good"))
        #expect(unknown.plots.typedSequence == nil && text(unknown).contains("flim") && text(unknown).contains("film"))
        let back = try self.app(Self.experiments[7], type("good") + ["i", "enter"])
        #expect(back.plots.typedSequence == nil)
    }

    @Test(
        "a typed sentence goes with its data: others' own sequences are drawn", arguments: Array(experiments.indices))
    func otherData(index: Int) throws {
        var app = try app(Self.experiments[7], ["5", "i", "g", "o", "o", "d", "enter", "home"])
        #expect(app.plots.typedSequence != nil && app.plots.timeStep == 0)
        let typed = [app.snapshot!.data.sequence!.symbols.count - 1]
        let experiment = try Experiment(json: JSON(parsing: Self.experiments[index]))
        #expect(app.opened(ExperimentSource(name: "other", experiment: experiment)) == nil)
        #expect(app.plots.typedSequence == nil && app.plots.timeStep == nil)
        // Typed while the screen still has the data before.
        app.plots.sequence = 3
        app.plots.typedSequence = typed
        let snapshot = try Trainer(experiment).snapshot(
            revision: 2, stepsPerSecond: 1, seconds: 1, message: nil, waits: true)
        var late = ViewRequest()
        late.sequence = SequenceChoice(row: 3, typed: typed)
        late.answers = SequenceQuestion(freeRunFrom: 40)
        late.writing = WritingRequest(beginning: typed, temperature: 1, most: 5)
        #expect(PictureMaker().makePicture(snapshot, late).answers?.steps.isEmpty == false)
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        if index != 7 { #expect(app.plots.typedSequence == nil && app.plots.sequence == 0) }
        app.plots.typedSequence = [10_000]
        #expect(app.plotContext?.sequenceChoice == SequenceChoice(row: app.plots.sequence))
        app.receive(
            snapshot: nil, picture: PictureMaker().makePicture(snapshot, app.viewRequest), failure: nil)
        #expect(app.draw().lines.count == 40)
    }

    @Test("where not all sequences are answered, the counts are of the first ones")
    func firstOnes() throws {
        for (index, size, words) in [
            (5, (200, 60), "of steps right in the first 7"), (7, (200, 60), "of the first 7 wrong"),
            (2, (200, 60), "the first 7 sequences answered"), (2, (120, 40), "test: first 7 answered"),
        ] {
            var app = try app(Self.experiments[index], ["5"], size: size)
            var picture = try #require(app.picture)
            picture.answers!.all.removeLast(picture.answers!.all.count - 7)
            app.receive(snapshot: nil, picture: picture, failure: nil)
            #expect(text(app).contains(words))
        }
    }

    @Test("the network writes beside the answers, t makes it warmer, and without letters to foretell the key says why")
    func writing() throws {
        let app = try app(Self.experiments[5], ["5", "a"])
        #expect(app.view(in: .output)?.id == .writing && text(app).contains("start"))
        #expect(app.picture?.written?.symbols.isEmpty == false)
        let warm = try self.app(Self.experiments[5], ["5", "t"])
        #expect(warm.plots.temperature > app.plots.temperature)
        let none = try self.app(Self.experiments[0], ["5", "a"])
        #expect(none.view(in: .output)?.id == .sequence && none.notice != nil)
    }

    @Test(
        "the hidden view is the state's path, the loss panel shows gradients by lag, and the features panel steps aside"
    )
    func panels() throws {
        let app = try app(Self.experiments[0], ["7", "w"])
        #expect(app.view(in: .hidden)?.id == .statePath && app.view(in: .loss)?.id == .lags)
        #expect(text(app).contains("steps before the answer") && text(app).contains("Hidden · path"))
        let dense = try self.app(Self.experiments[10], ["7", "w"])
        #expect(dense.view(in: .loss)?.id == .losses && dense.notice != nil)
    }

    @Test("a number of the training data that has room stands there with its like of the test data")
    func numbersOfBothSets() throws {
        for (keys, size) in [(["7"], (80, 24)), (["7"], (120, 40)), (["7"], (200, 60)), (["7", "e"], (120, 40))] {
            let rows = try app(Self.experiments[4], keys, size: size).draw().lines
            func stand(_ words: String...) -> Bool { rows.contains { row in words.allSatisfy { row.contains($0) } } }
            #expect(!stand("train", "exact") || stand("test", "exact"), "\(size)")
            #expect(stand("test", "perplexity"), "\(size)")
            if keys.count > 1 { #expect(stand("train", "exact")) }
        }
    }

    @Test("ways of states that would fill the plane are lines of a few sequences, and the ends of the others")
    func fewLines() throws {
        for data in [#""samples":40,"lag":200"#, #""samples":200,"lag":60"#] {
            let app = try app(
                #"{"data":{"dataset":"recall",\#(data)},"layers":[{"rnn":{"units":4}}]}"#, ["6"], size: (80, 24),
                epochs: 0)
            let context = try #require(app.plotContext)
            let area = try #require(app.layout.area(.hidden))
            let view = try #require(StatePathView(panelContent(of: area.rect), context))
            let picture = try #require(context.shown?.statePaths)
            #expect(picture.paths.count > 4 && text(app).contains("4 of \(picture.paths.count) as lines"))
            let chosen = context.sequenceRow
            let lines = ([chosen] + picture.rows.filter { $0 != chosen }).prefix(4)
            let canvas = app.draw()
            // The colours of the ends in each cell.
            var ends: [[Int]: Set<Color>] = [:]
            for (row, path) in zip(picture.rows, picture.paths) where !lines.contains(row) {
                let end = try #require(path.last)
                let target = context.snapshot.data.targets(of: SequenceChoice(row: row)).first ?? nil
                let label = try #require(target)
                let at = view.cell(end)
                ends[[at.x, at.y], default: []].insert(
                    .rgb(context.theme.faded(context.hue(ofClass: Int(label)), 0.75)))
            }
            for (at, colours) in ends where canvas[at[0], at[1]].scalar != "●" {
                let cell = canvas[at[0], at[1]]
                #expect(cell.scalar != " " && colours.contains(cell.style.foreground), "\(data): \(at)")
            }
        }
    }

    @Test("below gradients by lag the words keep away from the numbers at the axis' ends, however long")
    func lagAxis() throws {
        let app = try app(
            #"{"data":{"dataset":"recall","samples":20,"lag":1000},"layers":[{"rnn":{"units":2}}]}"#, ["7", "w"])
        let shown = text(app)
        #expect(shown.contains("1,000") && shown.contains("steps back") && !shown.contains("answer1"))
    }

    @Test("in ASCII an arrow between two numbers is no sign of comparison")
    func arrow() throws {
        let plain = Capabilities(colors: .none, glyphs: .ascii)
        let shown = text(try app(Self.experiments[0], ["7", "w"], capabilities: plain))
        #expect(shown.contains(#/rnn 3: [0-9.e−]+ -> [0-9.e−]+/#), "\(shown)")
    }

    @Test("in the list a sequence that is wider than its block shows the first step that is wrong")
    func wrongInSight() throws {
        let app = try app(
            #"{"data":{"dataset":"lastNames","samples":60},"layers":[{"embedding":{"size":2}},{"rnn":{"units":2,"returns":"all"}}]}"#,
            ["5", "w"], epochs: 0)
        let context = try #require(app.plotContext)
        let area = try #require(app.layout.area(.output))
        let content = panelContent(of: area.rect).inset(left: 1, right: 1)
        let list = try #require(SequenceList(content, context))
        let answers = try #require(context.shown?.answers?.all)
        let places = (content.y..<content.maxY).flatMap { y in
            (content.x..<content.maxX).map { list.place(x: $0, y: y) }
        }
        let rows = Set(places.compactMap { $0.row }).filter {
            $0 != context.sequenceRow && !context.wrongSteps($0, answers[$0]).isEmpty
        }
        #expect(!rows.isEmpty)
        for row in rows {
            let first = try #require(context.wrongSteps(row, answers[row]).first)
            #expect(places.contains { $0.row == row && $0.step == first })
        }
    }

    @Test("a race turns the lag for all runners, and compares their gradients by lag")
    func race() throws {
        var app = try app(
            #"{"data":{"dataset":"recall","samples":40,"lag":8},"layers":[{"rnn":{"units":3}}],"compare":[{"title":"LSTM","set":{"layers":[{"lstm":{"units":3}}]}}]}"#,
            ["V"])
        let race = try #require(app.race)
        app.handle(.key(Key("]")!))
        app.makePlans()
        let longer = try #require(app.race)
        #expect(longer.runners.count == race.runners.count)
        for runner in longer.runners { #expect(runner.experiment.value(at: "data.lag") == .number(9)) }
        #expect(longer.runners.map(\.experiment.layers) == race.runners.map(\.experiment.layers))
    }
}

import Datasets
import Engine
import TerminalKit
import Testing

@testable import PlaygroundUI
@testable import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole screens as text files in Goldens/: what the editor draws, with the plots and the tiles left out (they have
/// tests of their own). `RECORD=1` writes them anew.
@Suite("Golden screens")
struct GoldenTests {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

    /// The standard network before its first step: its weights follow from the seed alone.
    private func snapshot(of experiment: Experiment) throws -> Snapshot {
        let data = try prepare(experiment.data, features: experiment.features, directory: nil)
        let network = experiment.network(for: data)
        let procedure = try TrainingSetup(
            network: network, learning: experiment.learning, train: data.train, test: data.test, seed: experiment.seed
        ).procedure()
        return Snapshot(
            revision: 1, generation: 1, experiment: experiment, network: network, outline: procedure.outline,
            data: data,
            parameters: procedure.parameters, state: .training, step: 6500, epoch: 260, evaluation: nil,
            history: History(), learningRate: 0.03, stepsPerSecond: 1_100_000, epochsPerSecond: 60, threads: 2,
            seconds: 12, message: nil)
    }

    private func screen(_ keys: [String], size: (Int, Int)) throws -> App {
        var app = App(experiment: .standard)
        app.handle(.resize(width: size.0, height: size.1))
        app.receive(snapshot: try snapshot(of: .standard), picture: nil, failure: nil)
        for label in keys { app.handle(.key(try #require(Key(label)))) }
        return app
    }

    /// The screen without what the plots draw.
    private func canvas(_ app: App) -> Canvas {
        var canvas = app.draw()
        if let popup = app.popup {
            // The panels under it belong to other screens.
            let rect = popup.rect(in: app)
            for y in 0..<canvas.height - 1 {
                for x in 0..<canvas.width where !rect.contains(x: x, y: y) { canvas[x, y] = Cell(" ", .plain) }
            }
            return canvas
        }
        for area in app.layout.areas where area.open {
            switch area.panel {
            case .output, .hidden, .loss: canvas.fill(area.rect)
            case .stack:
                let stack = app.stackLayout(panelContent(of: area.rect))
                for row in stack.rows where !row.tiles.isEmpty {
                    canvas.fill(
                        Rect(
                            x: row.tiles.x, y: row.tiles.y, width: area.rect.maxX - row.tiles.x,
                            height: row.tiles.height))
                }
                if !stack.compact {
                    for (upper, lower) in zip(stack.rows, stack.rows.dropFirst()) {
                        canvas.fill(
                            Rect(
                                x: area.rect.x, y: upper.tiles.maxY, width: area.rect.width,
                                height: lower.tiles.y - upper.tiles.maxY))
                    }
                }
                canvas.fill(stack.readout)
            case .data:
                let content = panelContent(of: area.rect)
                let gallery = DatasetGallery(content, count: app.offeredDatasets.count)
                for index in 0..<app.picturesShown(content).count {
                    canvas.fill(gallery.place(index, in: content))
                }
            default: break
            }
        }
        return canvas
    }

    @Test(
        "the screen is as recorded",
        arguments: [
            ("standard-120x40", [], 120, 40), ("standard-80x24", [], 80, 24), ("too-small", [], 50, 12),
            ("training-120x40", ["3", "right"], 120, 40), ("data-80x24", ["1"], 80, 24),
            ("features-100x30", ["2", "down"], 100, 30), ("help-80x24", ["?"], 80, 24),
            ("quit-80x24", ["a", "q"], 80, 24),
            ("layers-120x40", ["a", "right", "up"], 120, 40),
            ("find-80x24", ["/", "n", "o", "i", "s", "e", "space", "2", "0"], 80, 24),
            ("find-120x40", [":", "r", "e", "l", "u"], 120, 40),
            ("link-80x24", [":", "s", "h", "a", "r", "e", "enter"], 80, 24),
            ("table-prompt-80x24", ["1", "left"], 80, 24), ("notice-80x24", ["4", "right"], 80, 24),
        ] as [(String, [String], Int, Int)])
    func screens(_ name: String, _ keys: [String], _ width: Int, _ height: Int) throws {
        let app = try screen(keys, size: (width, height))
        try compare(golden(canvas(app)), with: name)
    }

    @Test("the columns of a table are as recorded")
    func table() throws {
        let table = try TableFixture()
        let app = try table.app(table.keys(to: .inputs) + ["enter", "down", "enter"], size: (80, 24))
        try compare(golden(canvas(app)), with: "columns-80x24")
    }

    @Test("a walk through a convolution is as recorded", arguments: [(120, 40), (80, 24)])
    func walk(width: Int, height: Int) throws {
        let app = try WalkFixture.lecture(flips: true, size: (width, height)).app
        try compare(golden(canvas(app)), with: "walk-\(width)x\(height)")
    }

    @Test("slow motion is as recorded", arguments: [(120, 40), (80, 24)])
    func motion(width: Int, height: Int) throws {
        var fixture = try MotionFixture(
            #"{"data":{"dataset":"circle"},"layers":[{"dense":{"units":4}},{"dense":{"units":2}}],"training":{"optimizer":"adam"}}"#,
            steps: 0, size: (width, height))
        try fixture.press("I")
        for _ in 0..<300 where fixture.scene?.walk.id != .delta || fixture.scene?.state.layer != 0 {
            try fixture.press("right")
        }
        try fixture.press("right", "w")
        try compare(golden(canvas(fixture.app)), with: "motion-back-\(width)x\(height)")
        for _ in 0..<300 where fixture.scene?.walk.id != .update { try fixture.press("right") }
        try compare(golden(canvas(fixture.app)), with: "motion-update-\(width)x\(height)")
    }

    @Test(
        "the stack over sequences is as recorded",
        arguments: [
            (
                "memory-lstm-120x40", #"[{"lstm":{"units":12,"returns":"all"}}]"#, TimelineTests.reber,
                ["(", "(", "T"], 120,
                40
            ),
            ("memory-gru-80x24", #"[{"gru":{"units":6}}]"#, TimelineTests.recall, ["4"], 80, 24),
            ("memory-rnn-120x40", #"[{"rnn":{"units":8}}]"#, TimelineTests.recall, ["4", "("], 120, 40),
            ("attention-120x40", #"["attention"]"#, TimelineTests.reber, ["(", "("], 120, 40),
            ("cell-120x40", #"[{"lstm":{"units":4}}]"#, TimelineTests.recall, ["4", "X"], 120, 40),
            (
                "back-80x24", #"[{"gru":{"units":4}}]"#, TimelineTests.recall, ["4", "X", "tab", "right"], 80,
                24
            ),
        ] as [(String, String, String, [String], Int, Int)])
    func timelines(
        _ name: String, _ layers: String, _ data: String, _ keys: [String], _ width: Int, _ height: Int
    ) throws {
        var fixture = try WalkFixture(layers: layers, data: data, size: (width, height))
        for key in keys { try fixture.press(key) }
        var canvas = fixture.app.draw()
        for area in fixture.app.layout.areas where area.open && area.panel != .stack { canvas.fill(area.rect) }
        try compare(golden(canvas), with: name)
    }

    @Test(
        "the views of sequences' answers are as recorded",
        arguments: [
            ("sequence-words", 5, ["5", "home", "right"], 120, 40), ("sequence-list", 7, ["5", "w"], 120, 40),
            ("sequence-sums", 8, ["5"], 80, 24), ("sequence-waves", 2, ["5", "f", "left", "left"], 120, 40),
            ("sequence-recall", 0, ["5", "home"], 80, 24),
        ] as [(String, Int, [String], Int, Int)])
    func answers(_ name: String, _ index: Int, _ keys: [String], _ width: Int, _ height: Int) throws {
        let app = try SequenceScreen.app(
            SequenceViewTests.experiments[index], keys, size: (width, height), epochs: 0)
        var canvas = app.draw()
        let shown = try #require(app.layout.area(.output)).rect
        for y in 0..<canvas.height {
            for x in 0..<canvas.width where !shown.contains(x: x, y: y) { canvas[x, y] = Cell(" ", .plain) }
        }
        try compare(golden(canvas), with: name)
    }

    /// The characters, then one letter for each cell's style, then what the letters mean.
    private func golden(_ canvas: Canvas) -> String {
        var letters: [Style: Character] = [:]
        var legend: [String] = []
        var styles: [String] = []
        for y in 0..<canvas.height {
            var line = ""
            for x in 0..<canvas.width {
                let style = canvas[x, y].style
                if style == .plain {
                    line.append(" ")
                    continue
                }
                if letters[style] == nil {
                    let letter = Self.alphabet[letters.count % Self.alphabet.count]
                    letters[style] = letter
                    legend.append("\(letter): \(words(style))")
                }
                line.append(letters[style]!)
            }
            while line.last == " " { line.removeLast() }
            styles.append(line)
        }
        return (canvas.lines + ["--- styles"] + styles + ["--- legend"] + legend).joined(separator: "\n") + "\n"
    }

    private func words(_ style: Style) -> String {
        func name(_ color: Color) -> String {
            switch color {
            case .standard: "standard"
            case .rgb(let value): "#" + String(value + 0x100_0000, radix: 16).dropFirst()
            }
        }
        var words = "\(name(style.foreground)) on \(name(style.background))"
        if style.bold { words += " bold" }
        if style.dim { words += " dim" }
        if style.underline { words += " underline" }
        if style.reverse { words += " reverse" }
        return words
    }

    private func compare(_ text: String, with name: String) throws {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/Goldens/\(name).txt"
        if getenv("RECORD") != nil {
            try SavedFile.write(text, to: path)
            return
        }
        let expected = try #require(
            try? TextFile.read(path), "\(path) is missing: run the tests with RECORD=1 and look at it")
        guard expected != text else { return }
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let new = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }
        let words = line.map { "line \($0.offset + 1)\nrecorded: \($0.element.0)\ndrawn:    \($0.element.1)" }
        Issue.record("\(name) differs at \(words ?? "its end"); RECORD=1 writes it anew")
    }
}

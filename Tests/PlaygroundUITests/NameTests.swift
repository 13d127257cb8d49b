import Datasets
import Engine
import Session
import TerminalKit
import Testing

@testable import PlaygroundUI

@Suite("Classes by their names")
struct NameTests {
    private static let names = ["Iris setosa", "Iris versicolor", "Iris virginica"]

    private func snapshot(names: [String] = names) throws -> Snapshot {
        let points = names.enumerated().flatMap { index, name in
            (0..<4).map { DrawnPoint(x1: Double(index), x2: Double($0), label: .text(name)) }
        }
        var snapshot = try PlotFixture.snapshot(points: points, classes: names.count)
        let classes = names.count
        let rows = (0..<classes).map { truth in
            (0..<classes).map { $0 == truth ? 30 + truth : $0 == truth + 1 ? 10 : 0 }
        }
        snapshot.evaluation = Evaluation(
            trainLoss: 0.25, testLoss: 0.5, trainConfusion: ConfusionMatrix(rows), testConfusion: ConfusionMatrix(rows))
        return snapshot
    }

    private func drawn(
        _ context: PlotContext, _ width: Int, _ height: Int,
        _ draw: (inout Canvas, Rect, PlotContext) -> Void = { OutputPanel.draw(into: &$0, rect: $1, context: $2) }
    ) -> [String] {
        var canvas = crossed(width, height)
        draw(&canvas, canvas.bounds, context)
        return lines(canvas)
    }

    @Test("the legend has every name whole, in as many rows as it needs", arguments: [(30, 20), (42, 20), (70, 30)])
    func legend(width: Int, height: Int) throws {
        let snapshot = try snapshot()
        for glyphs in [Capabilities.Glyphs.braille, .ascii] {
            for colors in [Capabilities.Colors.truecolor, .none] {
                let text = drawn(PlotFixture.context(snapshot, colors: colors, glyphs: glyphs), width, height).joined(
                    separator: "\n")
                for name in Self.names { #expect(text.contains(name), "\(width): \(text)") }
                #expect(!text.contains("…"))
            }
        }
    }

    @Test("two classes with names have them in the legend too, those that are −1 and +1 do not")
    func two() throws {
        let named = drawn(PlotFixture.context(try PlotFixture.snapshot()), 60, 20).joined(separator: "\n")
        #expect(named.contains("■ no") && named.contains("■ yes"))
        let numbers = try snapshot(names: ["−1", "+1"])
        #expect(!drawn(PlotFixture.context(numbers), 60, 20).joined().contains("■"))
    }

    @Test("the plot keeps its size when a neuron is shown in place of the output")
    func size() throws {
        let snapshot = try snapshot()
        for width in 24...80 {
            let rect = Rect(x: 0, y: 0, width: width, height: 24)
            let output = PlotFixture.context(snapshot)
            let neuron = PlotFixture.context(snapshot) { $0.plots.pointed.cursor = NetworkCursor(layer: 0, unit: 0) }
            #expect(
                OutputGeometry(rect: rect, context: output).plot == OutputGeometry(rect: rect, context: neuron).plot)
        }
    }

    @Test("below tiles stands what tells the names apart")
    func short() throws {
        let context = PlotFixture.context(try snapshot())
        #expect((0..<3).map(context.shortClassName) == ["setosa", "versicolor", "virginica"])
        let same = PlotFixture.context(try snapshot(names: ["a", "b", "a b"]))
        #expect((0..<3).map(same.shortClassName) == ["a", "b", "a b"])
    }

    @Test("the output's units are called after their classes, and their tiles have the classes' colours")
    func tiles() throws {
        let snapshot = try snapshot(names: ["ant", "bee", "cat"])
        let context = PlotFixture.context(snapshot)
        #expect(context.title(of: ViewRequest.Neuron(layer: 1, unit: 2)) == "output cat")
        let stack = StackLayout(
            rect: Rect(x: 0, y: 0, width: 60, height: 34), units: [2, 2, 3], selected: 0, inspectorRows: 3, footRows: 1)
        var picture = Picture(revision: 1, generation: 1, step: 0)
        picture.tiles = [
            Picture.TileRow(
                layer: 1, units: 0..<3, size: ViewRequest.Size(columns: 2, rows: 2),
                values: [[Float]](repeating: [1, 1, 1, 1], count: 3))
        ]
        var canvas = Canvas(width: 60, height: 34)
        NetworkPanel.draw(into: &canvas, layout: stack, context: PlotFixture.context(snapshot, picture: picture))
        let geometry = NetworkGeometry(layout: stack, outline: snapshot.outline, cursor: nil)
        for (unit, name) in ["ant", "bee", "cat"].enumerated() {
            let tile = try #require(geometry.tile(layer: 1, unit: unit))
            #expect(canvas.lines[tile.maxY].contains(name))
            let ground = canvas.backdrop(x: tile.x + 1, y: tile.y, lower: false)
            #expect(ground == .rgb(Theme.dark.color(ofClass: unit)), "\(name)")
        }
    }

    @Test(
        "the confusion matrix has every count, every name and the part of each class that is right",
        arguments: [(36, 18), (44, 20), (70, 30)])
    func confusion(width: Int, height: Int) throws {
        let context = PlotFixture.context(try snapshot()) { $0.plots.views[.output] = .confusion }
        let text = drawn(context, width, height).joined(separator: "\n")
        for name in Self.names { #expect(text.contains(name), "\(text)") }
        for words in [
            "30", "31", "32", "10", "75.0 %", "75.6 %", "100 %", "Output · confusion", "test data: 82.3 % right",
        ] {
            #expect(text.contains(words), "\(words): \(text)")
        }
    }

    @Test(
        "ten classes have their counts in a narrow panel, with shares without decimals; columns without room are counted"
    )
    func tenClasses() throws {
        let digits = try snapshot(names: (0..<10).map(String.init))
        let context = PlotFixture.context(digits) { $0.plots.views[.output] = .confusion }
        let narrow = drawn(context, 38, 18)
        #expect(narrow.contains { $0.contains("33 10  0") && $0.contains("77%") }, "\(narrow.joined(separator: "\n"))")
        #expect(drawn(context, 60, 18).contains { $0.contains("76.7 %") })
        let many = try snapshot(names: (0..<60).map { "n\($0)" })
        let text = drawn(PlotFixture.context(many) { $0.plots.views[.output] = .confusion }, 50, 20).joined()
        #expect(text.contains(#/\+\d+ rows, \d+ columns/#), "\(text)")
    }

    @Test("M shows the confusion matrix and the plane again; a regression says where its R² stands")
    func key() throws {
        let snapshot = try snapshot()
        var app = App(experiment: snapshot.experiment)
        app.handle(.resize(width: 120, height: 40))
        app.receive(snapshot: snapshot, picture: nil, failure: nil)
        let before = app.draw()
        for label in ["5", "M"] { app.handle(.key(try #require(Key(label)))) }
        #expect(app.draw().lines.contains { $0.contains("Output · confusion") })
        for label in ["M", "4"] { app.handle(.key(try #require(Key(label)))) }
        #expect(app.draw().lines.dropLast() == before.lines.dropLast())
    }

    @Test("accuracy stands beside the loss from the start, of a regression R²")
    func numbers() throws {
        var snapshot = try snapshot()
        func text(_ width: Int) -> String {
            drawn(PlotFixture.context(snapshot), width, 12) { LossPanel.draw(into: &$0, rect: $1, context: $2) }
                .joined()
        }
        for width in [40, 60, 100] { #expect(text(width).contains("82.3 %"), "\(text(width))") }
        snapshot.network.task = .regression
        snapshot.evaluation = Evaluation(trainLoss: 0.25, testLoss: 0.5, trainR2: 0.91, testR2: 0.87)
        #expect(text(60).contains("R²  0.91") && text(60).contains("R²  0.87"))
    }
}

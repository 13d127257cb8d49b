import Session
import TerminalKit
import Testing

@testable import Datasets
@testable import Engine
@testable import PlaygroundUI
@testable import Session

@Suite("The loss' plot")
struct LossPlotTests {
    @Test("the loss' curves fall from left to right between axes with numbers")
    func loss() throws {
        var snapshot = try PlotFixture.snapshot()
        for epoch in 0...40 {
            let loss = 0.5 * Float(40 - epoch) / 40
            snapshot.history.append(
                losses(train: loss, test: loss, accuracies: (1, 1)), epoch: epoch, step: epoch * 10)
        }
        snapshot.evaluation = Evaluation(
            trainLoss: 0.00034, testLoss: 0.0018)
        let context = PlotFixture.context(snapshot, colors: .none)
        var canvas = crossed(44, 8)
        LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
        #expect(
            lines(canvas) == [
                "─ Loss ──────────────────────────────── 7 ─ ",
                "                  train 0.0003  test 0.0018 ",
                "   0.5 ⠑⠒⠤⠤⣀⣀                               ",
                "             ⠉⠑⠒⠒⠤⠤⣀⡀                       ",
                "                    ⠈⠉⠑⠒⠢⠤⢄⣀                ",
                "                            ⠉⠉⠑⠒⠤⠤⣀⡀        ",
                "   0.0                             ⠈⠉⠉⠒⠢⠤⢄⣀ ",
                "       0              epochs             40 ",
            ])
    }

    @Test("levels of one row are named together, the higher first, as many as have room")
    func levelNames() throws {
        var snapshot = try PlotFixture.snapshot(classes: 3)
        for epoch in 0...40 {
            let loss = 2 * Float(40 - epoch) / 40
            snapshot.history.append(
                losses(train: loss, test: loss, accuracies: (1, 1)), epoch: epoch, step: epoch)
        }
        func text(_ levels: [(String, Double)]) -> String {
            snapshot.data.referenceLevels = levels.map { ReferenceLevel(title: $0.0, testLoss: $0.1) }
            var canvas = crossed(44, 10)
            LossPanel.draw(into: &canvas, rect: canvas.bounds, context: PlotFixture.context(snapshot, colors: .none))
            return lines(canvas).joined(separator: "\n")
        }
        let chains = text([("Markov order 2", 0.98), ("Markov order 1", 1), ("chance", 2)])
        #expect(chains.contains("Markov order 1, 2") && chains.contains("chance"), "\(chains)")
        let long = text([("a level of a long name", 1), ("another of a longer name", 0.98)])
        #expect(long.contains("a level of a long name") && !long.contains("another"), "\(long)")
        #expect(ReferenceLevel.names(["always answering 0", "chance"]) == "always answering 0 · chance")
        #expect(ReferenceLevel.names(["low", "high"]) == "low · high" && ReferenceLevel.names(["a b"]) == "a b")
    }

    @Test("what a machine measures of its own and has no room above the curves stands beside the axis' name")
    func machineNumbers() throws {
        var snapshot = try PlotFixture.snapshot()
        let own: [String: Double] = [
            "trainLoss": 15.9, "testLoss": 16.8, "reconstructionError": 0.0134, "pseudoLikelihood": -15.7,
            "freeEnergyGap": 0.5134, "learningLayer": 1,
        ]
        let metrics = ContrastiveDivergence.metrics.filter { own[$0.id] != nil }
        let now = Evaluation(metrics, metrics.map { own[$0.id] })
        for epoch in 0...40 { snapshot.history.append(now, epoch: epoch, step: epoch) }
        snapshot.evaluation = now
        for (width, height) in [(39, 10), (44, 9), (80, 10), (120, 30)] {
            let context = PlotFixture.context(snapshot, colors: .none)
            var canvas = crossed(width, height)
            LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let text = lines(canvas).joined(separator: "\n")
            #expect(text.contains("F gap 0.5134") && text.contains("epochs"), "\(width)×\(height)\n\(text)")
        }
    }

    @Test("the numbers stand above the curves, whole, with the regularization and the accuracy, at every width")
    func lossNumbers() throws {
        var snapshot = try PlotFixture.snapshot()
        for epoch in 0...40 {
            snapshot.history.append(
                losses(train: 0.5, test: 0.5, accuracies: (1, 1)), epoch: epoch, step: epoch)
        }
        snapshot.evaluation = Evaluation(
            trainLoss: 0.0134, testLoss: 0.0188, trainConfusion: ConfusionMatrix([[1, 0], [0, 1]]),
            testConfusion: ConfusionMatrix([[1, 0], [1, 0]]), regularization: 0.0508)
        for (width, height) in [(38, 10), (44, 12), (80, 10), (120, 30)] {
            let context = PlotFixture.context(snapshot, colors: .none) { $0.plots.showAccuracy = true }
            var canvas = crossed(width, height)
            LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let rows = lines(canvas)
            let text = rows.joined(separator: "\n")
            for words in ["train 0.0134", "+ 0.0508 weights", "test 0.0188", "50.0 %"] {
                #expect(text.contains(words), "\(words) at \(width)")
                let row = try #require(rows.first { $0.contains(words) })
                #expect(
                    !row.unicodeScalars.contains { ("\u{2801}"..."\u{28FF}").contains($0) }, "a curve behind: \(row)")
            }
        }
        // In a low panel the losses are what stays.
        var low = crossed(30, 7)
        LossPanel.draw(into: &low, rect: low.bounds, context: PlotFixture.context(snapshot, colors: .none))
        #expect(lines(low).contains { $0.contains("train 0.0134  test 0.0188") })
    }

    @Test("losses that are not finite, or not there, draw no curve and no NaN")
    func lossWithoutNumbers() throws {
        var snapshot = try PlotFixture.snapshot()
        for epoch in 0...4 {
            snapshot.history.append(
                losses(train: epoch < 2 ? 1 : .infinity, test: .nan, accuracies: (.nan, .nan)), epoch: epoch,
                step: epoch)
        }
        snapshot.evaluation = Evaluation(
            trainLoss: .nan, testLoss: nil, regularization: 0.5)
        for logarithmic in [false, true] {
            let context = PlotFixture.context(snapshot) { $0.view.logLoss = logarithmic }
            var canvas = crossed(50, 10)
            LossPanel.draw(into: &canvas, rect: canvas.bounds, context: context)
            let text = lines(canvas).joined(separator: "\n")
            #expect(!text.lowercased().contains("nan"))
            #expect(text.contains("train      –"))
            #expect(!text.contains("test"))
            #expect(text.contains("+ 0.5000 weights"))
        }
    }
}

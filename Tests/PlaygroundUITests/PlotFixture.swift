import Datasets
import Engine
import Session
import TerminalKit

@testable import PlaygroundUI
@testable import Session

/// An evaluation with losses and accuracies alone.
func losses(train: Float, test: Float, accuracies: (train: Float, test: Float)) -> Evaluation {
    var evaluation = Evaluation(trainLoss: Double(train), testLoss: Double(test))
    evaluation["trainAccuracy"] = Double(accuracies.train)
    evaluation["testAccuracy"] = Double(accuracies.test)
    return evaluation
}

/// Literal states for the plots' tests.
enum PlotFixture {
    /// 2 → 2 tanh → 1 tanh over four points of two classes; the left half plane is negative.
    static func snapshot(
        layers: [Choice] = [Choice("dense", ["units": .integer(2)])], features: [String] = ["x1", "x2"],
        points: [DrawnPoint]? = nil, classes: Int = 2
    ) throws -> Snapshot {
        let points =
            points ?? [
                DrawnPoint(x1: -5, x2: 5, label: .text("no")), DrawnPoint(x1: 5, x2: 5, label: .text("yes")),
                DrawnPoint(x1: -5, x2: -5, label: .text("no")), DrawnPoint(x1: 5, x2: -5, label: .text("yes")),
            ]
        let description = DataDescription(
            dataset: Choice("points"), points: points, trainFraction: 0.75, shuffle: false, task: .classification,
            standardize: false)
        var data = try prepare(description, features: features, directory: nil)
        for index in data.columns.indices { data.columns[index].range = -6...6 }
        let network = NetworkDescription(
            input: Shape(features.count), task: .classification(classes: classes), layers: layers,
            loss: Choice(classes > 2 ? "softmaxCrossEntropy" : "squaredError"))
        let outline = try network.outline()
        return Snapshot(
            revision: 1, generation: 1, experiment: Experiment(data: description, layers: layers), network: network,
            outline: outline, data: data, parameters: [Float](repeating: 0, count: outline.flatCount), state: .paused,
            step: 0, epoch: 0, evaluation: nil, history: History(), learningRate: 0.03, stepsPerSecond: 0,
            epochsPerSecond: 0, threads: 1, seconds: 0, message: nil)
    }

    static func context(
        _ snapshot: Snapshot, picture: Picture? = nil, colors: Capabilities.Colors = .truecolor,
        glyphs: Capabilities.Glyphs = .braille, _ change: (inout PlotContext) -> Void = { _ in }
    ) -> PlotContext {
        var context = PlotContext(
            snapshot: snapshot, picture: picture, view: ViewSettings(), plots: PlotState(), theme: .dark,
            capabilities: Capabilities(colors: colors, glyphs: glyphs), focused: false)
        change(&context)
        return context
    }

    /// A picture of 8×… pixels whose left half is −1 and whose right half is 1.
    static func halves(columns: Int, rows: Int) -> Picture {
        var picture = Picture(revision: 1, generation: 1, step: 0)
        let values = (0..<rows * columns).map { Float($0 % columns < columns / 2 ? -1 : 1) }
        picture.boundary = Boundary(
            columns: [0, 1], xRange: -6...6, yRange: -6...6,
            size: ViewRequest.Size(columns: columns, rows: rows), field: Field(values: values))
        return picture
    }
}

/// A canvas full of "x", so that what a panel leaves alone is seen.
func crossed(_ width: Int, _ height: Int) -> Canvas { Canvas(width: width, height: height, fill: Cell("x")) }

func lines(_ canvas: Canvas) -> [String] {
    (0..<canvas.height).map { y in
        String(String.UnicodeScalarView((0..<canvas.width).map { canvas[$0, y].scalar }))
    }
}

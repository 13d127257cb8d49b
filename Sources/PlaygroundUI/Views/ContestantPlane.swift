import Basics
import Datasets
import Engine
import Session
import TerminalKit

/// The network or a rival, with its figures.
struct Contestant: Sendable {
    /// The rival's; −1: the network.
    var index: Int
    var title: String
    /// On the test samples; nil: there are none, or it is R² of values that are all equal.
    var testScore: Double?
    var trainScore: Double?
    /// Whether the scores are shares of right classes; else R².
    var ofClasses: Bool
    var seconds: Double
    /// "23 support vectors".
    var words: String
    var isFinished: Bool

    /// The score that is compared: on the test samples, else on the training samples.
    var score: Double? { testScore ?? trainScore }

    /// "test 97.5 %", "train 98 %": those that there are.
    var scores: [String] {
        [testScore.map { "test \(text($0))" }, trainScore.map { "train \(text($0))" }].compactMap(\.self)
    }

    func text(_ score: Double?) -> String {
        guard let score else { return "–" }
        if ofClasses { return String(ConfusionView.percent(score).drop { $0 == " " }) }
        return "R² " + formatFixed(score, decimals: 3)
    }

    /// "forest" of "random forest", for short rows.
    var shortTitle: String { title.split(separator: " ").last.map(String.init) ?? title }

    /// "97%"; of values "0.97".
    var roundedScore: String {
        guard let score else { return text(score) }
        guard ofClasses else { return formatFixed(score, decimals: 2) }
        return "\(min(Int(bounded: (score * 100).rounded()), score < 1 ? 99 : 100))%"
    }

    /// The same in whole milliseconds: "<1 ms".
    var roundedTime: String {
        guard seconds > 0, seconds < 1 else { return time }
        return seconds < 0.0005 ? "<1 ms" : "\(Int(bounded: (seconds * 1000).rounded())) ms"
    }

    /// "12 ms"; empty: it was not measured.
    var time: String {
        guard seconds > 0 else { return "" }
        return seconds < 1 ? "\(formatNumber(seconds * 1000, digits: 2)) ms" : "\(formatNumber(seconds, digits: 3)) s"
    }
}

extension [Contestant] {
    /// Whether a score is the best; none is where all are equal.
    func isBest(_ score: Double?) -> Bool {
        guard let score else { return false }
        return allSatisfy { ($0.score ?? -.infinity) <= score } && contains { $0.score != score }
    }
}

extension PlotContext {
    /// The network, where it learns answers, and the rivals.
    var contestants: [Contestant] {
        let ofClasses = snapshot.data.learned.task.classes != nil
        let evaluation = snapshot.evaluation
        let (train, test) =
            ofClasses
            ? (evaluation?.trainAccuracy, evaluation?.testAccuracy) : (evaluation?.trainR2, evaluation?.testR2)
        var all: [Contestant] = []
        if Catalogue.scoresAnswers(snapshot.experiment.training.procedure) {
            all.append(
                Contestant(
                    index: -1, title: "network", testScore: test, trainScore: train, ofClasses: ofClasses,
                    seconds: snapshot.seconds, words: "epoch \(formatCount(snapshot.epoch))", isFinished: true))
        }
        for (index, report) in snapshot.rivals.enumerated() {
            let layer = report.choice.rivalLayer.map { ", on \($0)" } ?? ""
            all.append(
                Contestant(
                    index: index, title: report.title, testScore: report.testScore,
                    trainScore: report.trainScore, ofClasses: ofClasses, seconds: report.seconds,
                    words: (report.model?.summary ?? "") + layer, isFinished: report.isFinished))
        }
        return all
    }
}

/// The plane of a contestant: its answers, of one with margins these, and the data.
struct ContestantPlane {
    private let contestant: Contestant
    private let context: PlotContext

    init(_ contestant: Contestant, _ context: PlotContext) { (self.contestant, self.context) = (contestant, context) }

    /// The context in which its answers are the output's.
    var frame: PlotContext {
        var frame = context
        guard contestant.index >= 0 else { return frame }
        guard var picture = context.shown, picture.rivals.indices.contains(contestant.index),
            let own = picture.rivals[contestant.index]
        else {
            frame.picture = nil
            return frame
        }
        (picture.boundary, picture.mistakes) = (own.boundary, own.mistakes)
        frame.picture = picture
        return frame
    }

    /// - Parameters:
    ///   - showsSupport: of a support vector machine the vectors that carry it are marked.
    ///   - most: points at most.
    func draw(into canvas: inout Canvas, _ plot: Rect, showsSupport: Bool = false, most: Int = Picture.pointLimit) {
        let frame = frame
        if let boundary = frame.shown?.boundary, boundary.columns == frame.columns {
            OutputPanel.drawPicture(into: &canvas, plot, boundary, frame)
        }
        let rival = context.shown.flatMap { picture in
            picture.rivals.indices.contains(contestant.index) ? picture.rivals[contestant.index] : nil
        }
        if let rival, plot.width >= 14 { drawMargin(rival, plot, into: &canvas) }
        OutputPanel.drawPoints(into: &canvas, plot, frame, most: most)
        if let rival, showsSupport { drawSupport(rival, plot, into: &canvas) }
    }

    /// Where the decision is −1 and 1, dotted.
    private func drawMargin(_ rival: RivalPicture, _ plot: Rect, into canvas: inout Canvas) {
        let size = rival.boundary.size
        guard rival.decisions.count == size.count, size.columns > 1, size.rows > 1 else { return }
        var dots = DotPlot(width: plot.width, height: plot.height, capabilities: context.capabilities)
        func decision(_ x: Int, _ y: Int) -> Float {
            let column = (Float(x) + 0.5) / Float(dots.dotWidth) * Float(size.columns) - 0.5
            let row = (Float(y) + 0.5) / Float(dots.dotHeight) * Float(size.rows) - 0.5
            let (left, top) = (min(max(0, Int(column)), size.columns - 2), min(max(0, Int(row)), size.rows - 2))
            let (u, v) = (column - Float(left), row - Float(top))
            let at = top * size.columns + left
            let values = rival.decisions
            let upper = values[at] * (1 - u) + values[at + 1] * u
            let lower = values[at + size.columns] * (1 - u) + values[at + size.columns + 1] * u
            return upper * (1 - v) + lower * v
        }
        let ink = Style(.rgb(context.theme.light ? 0x000000 : 0xFFFFFF))
        for y in 0..<dots.dotHeight - 1 {
            for x in 0..<dots.dotWidth - 1 where (x + y) % 2 == 0 {
                let (here, right, below) = (decision(x, y), decision(x + 1, y), decision(x, y + 1))
                let crosses = [Float(-1), 1].contains { level in
                    (here < level) != (right < level) || (here < level) != (below < level)
                }
                if crosses { dots.point(Double(x) + 0.5, Double(y) + 0.5, style: ink) }
            }
        }
        dots.draw(into: &canvas, x: plot.x, y: plot.y)
    }

    /// The sign of a support vector.
    static func supportMark(_ context: PlotContext) -> Unicode.Scalar { context.ascii ? "@" : "◉" }

    private func drawSupport(_ rival: RivalPicture, _ plot: Rect, into canvas: inout Canvas) {
        let (points, columns) = (context.snapshot.data.trainPoints, context.columns)
        guard columns.count > 1 else { return }
        let look = PointLook(context)
        for row in rival.support where row < points.count {
            let width = context.snapshot.data.columns.count
            let x = context.xRange.fraction(of: points.rows[row * width + columns[0]])
            let y = context.yRange.fraction(of: points.rows[row * width + columns[1]])
            guard x >= 0, x <= 1, y >= 0, y <= 1 else { continue }
            let column = plot.x + min(plot.width - 1, Int(x * Float(plot.width)))
            let line = plot.y + min(plot.height - 1, Int((1 - y) * Float(plot.height)))
            let label = points.labels[row]
            canvas.overlay(
                Self.supportMark(context), x: column, y: line,
                style: Style(.rgb(look.ink(look.kind(label), mean: label)), bold: true))
        }
    }
}

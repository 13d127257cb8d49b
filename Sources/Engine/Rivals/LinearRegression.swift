import Basics
import CBLAS

extension Rival {
    static let linearRegression = Rival(
        Entry(
            id: "linearRegression", title: "linear",
            summary: "Linear regression: the weighted sum of the inputs with the least squared error.",
            formula: "y(x) = w·x + b,  min Σ (y − y(x))² + λ‖w‖²",
            source: "Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805",
            watch:
                "R² on test samples: near 0 says that no weighted sum explains them; products or powers of the columns may.",
            knobs: [
                Knob(
                    "l2", title: "L2 rate", symbol: "λ",
                    summary: "How much the weights' size counts beside the errors.",
                    kind: .real(0...1e9, steps: [0, 0.01, 0.1, 1, 10, 100]), default: .real(0),
                    raise: "when columns are many or nearly alike and weights are huge",
                    lower: "when the training error is high")
            ]),
        answers: [.values],
        learner: { settings, data in LinearLearner(settings, data) },
        restored: { _, form, tensors throws(EngineError) in try LinearModel(form, tensors) })
}

/// One step solves it.
final class LinearLearner: RivalLearner {
    private let data: RivalData
    private let l2: Double
    private var weights: [Double]
    private(set) var isFinished = false

    /// A column whose rest is this part of it depends on the others.
    private static let tolerance = 1e-10

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        l2 = settings.real("l2")
        weights = [Double](repeating: 0, count: data.width + 1)
    }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        guard !isFinished, steps > 0 else { return 0 }
        isFinished = true
        let (count, width) = (data.count, data.width)
        guard count > 0 else { return 1 }
        let mean = data.labels.reduce(0, +) / Double(count)
        var means = [Double](repeating: 0, count: width)
        cblas_dgemv(
            CblasRowMajor, CblasTrans, Int32(count), Int32(width), 1, data.rows, Int32(width),
            [Double](repeating: 1, count: count), 1, 0, &means, 1)
        for column in 0..<width { means[column] /= Double(count) }
        var matrix = [Double](repeating: 0, count: width * width)
        var right = [Double](repeating: 0, count: width)
        // Some rows at a time, without their means: a copy of all would take more time than the sums.
        let most = RivalData.rowsAtOnce(width: width)
        var rows = [Double](repeating: 0, count: min(count, most) * width)
        for first in stride(from: 0, to: count, by: most) {
            let part = first..<min(first + most, count)
            for row in part {
                let (from, to) = (row * width, (row - part.lowerBound) * width)
                for column in 0..<width { rows[to + column] = data.rows[from + column] - means[column] }
            }
            cblas_dsyrk(
                CblasRowMajor, CblasLower, CblasTrans, Int32(width), Int32(part.count), 1, rows, Int32(width), 1,
                &matrix, Int32(width))
            cblas_dgemv(
                CblasRowMajor, CblasTrans, Int32(part.count), Int32(width), 1, rows, Int32(width),
                data.labels[part].map { $0 - mean }, 1, 1, &right, 1)
        }
        for column in 0..<width { matrix[column * width + column] += l2 }
        let slopes = Cholesky(matrix, size: width, tolerance: Self.tolerance, team: team).solve(right)
        weights = slopes + [mean - zip(slopes, means).reduce(0) { $0 + $1.0 * $1.1 }]
        return 1
    }

    var model: any RivalModel {
        LinearModel(data.form, weights: weights, summary: plural(weights.count, "weight"))
    }
}

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
        for row in 0..<count { for (column, value) in data.row(row).enumerated() { means[column] += value } }
        for column in 0..<width { means[column] /= Double(count) }
        var rows = data.rows
        for row in 0..<count { for column in 0..<width { rows[row * width + column] -= means[column] } }
        var matrix = [Double](repeating: 0, count: width * width)
        cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(width), Int32(count), 1, rows, Int32(width), 0, &matrix,
            Int32(width))
        for column in 0..<width { matrix[column * width + column] += l2 }
        var right = [Double](repeating: 0, count: width)
        cblas_dgemv(
            CblasRowMajor, CblasTrans, Int32(count), Int32(width), 1, rows, Int32(width), data.labels.map { $0 - mean },
            1, 0, &right, 1)
        let slopes = Cholesky(matrix, size: width, tolerance: Self.tolerance, team: team).solve(right)
        weights = slopes + [mean - zip(slopes, means).reduce(0) { $0 + $1.0 * $1.1 }]
        return 1
    }

    var model: any RivalModel {
        LinearModel(data.form, weights: weights, summary: plural(weights.count, "weight"))
    }
}

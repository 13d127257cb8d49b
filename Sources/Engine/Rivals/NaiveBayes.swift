import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Rival {
    static let naiveBayes = Rival(
        Entry(
            id: "naiveBayes", title: "naive Bayes",
            summary: "A bell curve for each class and column, as if columns did not depend on each other.",
            formula: "p(k|x) ∝ p(k) Π N(xⱼ; μₖⱼ, σₖⱼ²)",
            source: "Duda and Hart, Pattern classification and scene analysis, 1973",
            knobs: [
                Knob(
                    "smoothing", title: "smoothing",
                    summary:
                        "Added to each variance, as a part of the largest column's: keeps constant columns from deciding.",
                    kind: .real(0...10, steps: [1e-12, 1e-9, 1e-6, 0.001, 0.01, 0.1, 1]), default: .real(1e-9))
            ]),
        answers: [.classes],
        learner: { settings, data in BayesLearner(settings, data) },
        restored: { _, form, tensors throws(EngineError) in try BayesModel(form, tensors) })
}

/// A step takes one row in.
final class BayesLearner: RivalLearner {
    private let data: RivalData
    private let smoothing: Double
    private var taken = 0
    private var classes: [Moments]
    private var all: Moments

    /// The means and the sums of squared distances from them, as rows come in (Welford, 1962).
    private struct Moments {
        var count = 0.0
        var means: [Double]
        var squares: [Double]

        init(width: Int) {
            means = [Double](repeating: 0, count: width)
            squares = means
        }

        mutating func add(_ row: ArraySlice<Double>) {
            count += 1
            for (column, value) in row.enumerated() {
                let distance = value - means[column]
                means[column] += distance / count
                squares[column] += distance * (value - means[column])
            }
        }
    }

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        smoothing = settings.real("smoothing")
        all = Moments(width: data.width)
        classes = [Moments](repeating: all, count: data.form.classes!)
    }

    var isFinished: Bool { taken == data.count }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        let done = min(steps, data.count - taken)
        for row in taken..<taken + done {
            classes[data.label(row)].add(data.row(row))
            all.add(data.row(row))
        }
        taken += done
        return done
    }

    var model: any RivalModel {
        let largest = (all.squares.max() ?? 0) / max(1, all.count)
        // Where nothing varies at all, any width will do.
        let added = largest > 0 ? smoothing * largest : 1
        return BayesModel(
            form: data.form, priors: classes.map { $0.count / max(1, all.count) }, means: classes.flatMap(\.means),
            variances: classes.flatMap { moments in moments.squares.map { $0 / max(1, moments.count) + added } },
            rows: taken)
    }
}

struct BayesModel: RivalModel {
    let form: RivalForm
    let priors: [Double]
    /// Row-major `[classes, width]`.
    let means: [Double]
    let variances: [Double]
    let summary: String

    init(form: RivalForm, priors: [Double], means: [Double], variances: [Double], rows: Int) {
        (self.form, self.priors, self.means, self.variances) = (form, priors, means, variances)
        summary = plural(rows, "row")
    }

    init(_ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        let classes = form.classes!
        self.form = form
        priors = try tensors["priors", [classes]].values
        means = try tensors["means", [classes, form.width]].values
        variances = try tensors["variances", [classes, form.width]].values
        summary = plural(2 * means.count, "moment")
        guard priors.allSatisfy({ (0...1).contains($0) }), variances.allSatisfy({ $0 >= 0 }) else {
            throw EngineError(
                place: "\(tensors.place).variances", message: "expected numbers from 0, found negative ones")
        }
    }

    var tensors: [RivalTensor] {
        let axes = [priors.count, form.width]
        return [
            RivalTensor("priors", axes: [priors.count], priors), RivalTensor("means", axes: axes, means),
            RivalTensor("variances", axes: axes, variances),
        ]
    }

    var outputCount: Int { priors.count }
    var givesProbabilities: Bool { true }

    /// ln p(k) + Σ ln N(xⱼ; μₖⱼ, σₖⱼ²); −∞ for a class without rows.
    func logarithms(_ row: UnsafePointer<Double>) -> [Double] {
        let width = form.width
        return priors.indices.map { label in
            guard priors[label] > 0 else { return -.infinity }
            var sum = log(priors[label])
            for column in 0..<width {
                let (mean, variance) = (means[label * width + column], max(variances[label * width + column], 1e-300))
                let distance = row[column] - mean
                sum -= 0.5 * (log(2 * Double.pi * variance) + distance * distance / variance)
            }
            return sum
        }
    }

    func answer(_ rows: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>) {
        let classes = priors.count
        for row in 0..<count {
            let logarithms = logarithms(rows + row * form.width)
            let most = logarithms.max()!
            guard most.isFinite else {
                for label in 0..<classes { answers[row * classes + label] = 1 / Double(classes) }
                continue
            }
            softmax(logarithms, classes: classes, into: answers + row * classes)
        }
    }
}

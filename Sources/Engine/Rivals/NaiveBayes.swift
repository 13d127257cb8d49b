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
            watch: "Probabilities near 0 and 1 where columns are alike: it counts the same evidence twice.",
            knobs: [
                Knob(
                    "smoothing", title: "smoothing",
                    summary:
                        "Added to each variance, as a part of the largest column's: keeps constant columns from deciding.",
                    kind: .real(0...10, steps: [1e-12, 1e-9, 1e-6, 0.001, 0.01, 0.1, 1]), default: .real(1e-9),
                    raise: "when a constant column decides everything", lower: "when classes differ by small deviations"
                )
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

    /// The means and the sums of squared distances from them, as rows come in (Welford, 1962).
    private struct Moments {
        var count = 0.0
        var means: [Double]
        var squares: [Double]

        init(width: Int) {
            means = [Double](repeating: 0, count: width)
            squares = means
        }

        mutating func add(_ row: UnsafePointer<Double>) {
            count += 1
            let part = 1 / count
            means.withUnsafeMutableBufferPointer { means in
                squares.withUnsafeMutableBufferPointer { squares in
                    for column in 0..<means.count {
                        let distance = row[column] - means[column]
                        means[column] += distance * part
                        squares[column] += distance * (row[column] - means[column])
                    }
                }
            }
        }

        /// Adds the rows of another one (Chan, Golub and LeVeque, 1979).
        mutating func add(_ other: Moments) {
            let all = count + other.count
            guard other.count > 0 else { return }
            for column in means.indices {
                let distance = other.means[column] - means[column]
                means[column] += distance * other.count / all
                squares[column] += other.squares[column] + distance * distance * count * other.count / all
            }
            count = all
        }
    }

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        smoothing = settings.real("smoothing")
        classes = [Moments](repeating: Moments(width: data.width), count: data.form.classes!)
    }

    var isFinished: Bool { taken == data.count }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        let done = min(steps, data.count - taken)
        data.rows.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return }
            for row in taken..<taken + done { classes[data.label(row)].add(base + row * data.width) }
        }
        taken += done
        return done
    }

    var model: any RivalModel {
        var all = Moments(width: data.width)
        for moments in classes { all.add(moments) }
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
    /// Of each class ln p(k) − ½ Σ ln 2πσ²; −∞ for one without rows.
    private let constants: [Double]
    /// −½ / σ², row-major `[classes, width]`.
    private let factors: [Double]
    let summary: String

    init(form: RivalForm, priors: [Double], means: [Double], variances: [Double], rows: Int) {
        self.init(form, priors, means, variances, plural(rows, "row"))
    }

    private init(_ form: RivalForm, _ priors: [Double], _ means: [Double], _ variances: [Double], _ summary: String) {
        (self.form, self.priors, self.means, self.variances) = (form, priors, means, variances)
        self.summary = summary
        let (width, least) = (form.width, 1e-300)
        factors = variances.map { -0.5 / max($0, least) }
        constants = priors.enumerated().map { label, prior in
            let own = variances[label * width..<(label + 1) * width]
            return prior > 0 ? own.reduce(log(prior)) { $0 - 0.5 * log(2 * Double.pi * max($1, least)) } : -.infinity
        }
    }

    init(_ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        let classes = form.classes!
        let priors = try tensors["priors", [classes]].values
        let means = try tensors["means", [classes, form.width]].values
        let variances = try tensors["variances", [classes, form.width]].values
        guard priors.allSatisfy({ (0...1).contains($0) }), variances.allSatisfy({ $0 >= 0 }) else {
            throw EngineError(
                place: "\(tensors.place).variances", message: "expected numbers from 0, found negative ones")
        }
        self.init(form, priors, means, variances, plural(2 * means.count, "moment"))
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
        return means.withUnsafeBufferPointer { means in
            factors.withUnsafeBufferPointer { factors in
                constants.enumerated().map { label, constant in
                    var (even, odd) = (0.0, 0.0)
                    let (first, pairs) = (label * width, width / 2 * 2)
                    for column in stride(from: 0, to: pairs, by: 2) {
                        let (one, two) = (
                            row[column] - means[first + column], row[column + 1] - means[first + column + 1]
                        )
                        even += factors[first + column] * one * one
                        odd += factors[first + column + 1] * two * two
                    }
                    if pairs < width {
                        let one = row[pairs] - means[first + pairs]
                        even += factors[first + pairs] * one * one
                    }
                    return constant + (even + odd)
                }
            }
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

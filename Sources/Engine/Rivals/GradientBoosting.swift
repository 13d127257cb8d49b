import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Rival {
    static let gradientBoosting = Rival(
        Entry(
            id: "gradientBoosting", title: "boosting",
            summary: "Gradient boosting: small trees one after the other, each learning the error that is left.",
            formula: "F ← F + η · tree(−∂L/∂F)",
            source: "Friedman, Greedy function approximation: a gradient boosting machine, 2001",
            watch:
                "The score on test samples over the trees: it rises, stands, and may fall when the trees follow noise.",
            knobs: [
                .treeCount("The rounds, each of one tree for values and two classes, else of one for each class."),
                Knob(
                    "rate", title: "rate", symbol: "η",
                    summary: "How much of each tree is added: less needs more trees.",
                    kind: .real(1e-6...10, steps: [0.01, 0.03, 0.1, 0.3, 1]), default: .real(0.1),
                    raise: "when the trees are used up before the score stands still",
                    lower: "when the test score falls while the training score rises"),
                .treeDepth(3), .leafRows, .splitColumns(.all),
            ]),
        answers: [.classes, .values],
        learner: { settings, data in BoostingLearner(settings, data) },
        restored: { settings, form, tensors throws(EngineError) in try BoostingModel(settings, form, tensors) })
}

/// A step is a round: a tree for each score.
final class BoostingLearner: RivalLearner {
    private let data: RivalData
    private let columns: RankedColumns
    private let limits: TreeLimits
    private let number: Int
    private var boosted: BoostingModel
    /// F of each row, row-major `[count, scores]`.
    private var scores: [Double]

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        columns = RankedColumns(data)
        limits = TreeLimits(
            settings, width: data.width, columns: TreeLimits.Columns(rawValue: settings.text("columns"))!)
        number = settings.integer("trees")
        boosted = BoostingModel(
            data.form, rate: settings.real("rate"), start: Self.start(data),
            decreases: [Double](repeating: 0, count: data.width))
        scores = (0..<data.count).flatMap { [start = boosted.start] _ in start }
    }

    /// The scores of an answer that is the same everywhere: the mean, or the logarithms of the classes' shares.
    private static func start(_ data: RivalData) -> [Double] {
        let count = Double(max(1, data.count))
        guard let classes = data.form.classes else { return [data.labels.reduce(0, +) / count] }
        let least = Double(Float.ulpOfOne)
        func share(_ label: Int) -> Double {
            let number = data.labels.reduce(0) { $0 + (Int($1) == label ? 1 : 0) }
            return min(max(Double(number) / count, least), 1 - least)
        }
        if classes == 2 { return [log(share(1) / (1 - share(1)))] }
        return (0..<classes).map { log(share($0)) }
    }

    var isFinished: Bool { boosted.rounds == number }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        let count = min(steps, number - boosted.rounds)
        for _ in 0..<count { round() }
        return count
    }

    private func round() {
        let number = boosted.start.count
        var residuals = scores
        var curvatures = [Double](repeating: 1, count: scores.count)
        scores.withUnsafeBufferPointer { scores in
            for row in 0..<data.count {
                let own = scores.baseAddress! + row * number
                if data.form.classes == nil {
                    residuals[row] = data.labels[row] - own[0]
                } else if number == 1 {
                    let probability = 1 / (1 + exp(-own[0]))
                    residuals[row] = data.labels[row] - probability
                    curvatures[row] = probability * (1 - probability)
                } else {
                    let most = (0..<number).reduce(-Double.infinity) { max($0, own[$1]) }
                    let sum = (0..<number).reduce(0) { $0 + exp(own[$1] - most) }
                    for score in 0..<number {
                        let probability = exp(own[score] - most) / sum
                        residuals[row * number + score] = (data.label(row) == score ? 1 : 0) - probability
                        curvatures[row * number + score] = probability * (1 - probability)
                    }
                }
            }
        }
        for score in 0..<number { grow(score, residuals, curvatures) }
    }

    private func grow(_ score: Int, _ residuals: [Double], _ curvatures: [Double]) {
        let number = boosted.start.count
        func own(_ all: [Double]) -> [Double] { (0..<data.count).map { all[$0 * number + score] } }
        let (own, curvature) = (own(residuals), own(curvatures))
        let grower = TreeGrower(
            columns, .values(own), limits: limits,
            random: Random(seed: data.seed, part: boosted.trees.count))
        grower.splitAll()
        var tree = grower.tree
        var sums = [(residual: Double, curvature: Double)](repeating: (0, 0), count: tree.count)
        for row in 0..<data.count {
            sums[Int(grower.leafOfRow[row])].residual += own[row]
            sums[Int(grower.leafOfRow[row])].curvature += curvature[row]
        }
        // One Newton step in each leaf; several scores are one too many.
        let factor = number > 1 ? Double(number - 1) / Double(number) : 1
        for node in sums.indices {
            tree.values[node] = sums[node].curvature > 1e-150 ? factor * sums[node].residual / sums[node].curvature : 0
        }
        for row in 0..<data.count {
            scores[row * number + score] += boosted.rate * tree.values[Int(grower.leafOfRow[row])]
        }
        boosted.trees.append(tree)
        for column in grower.decreases.indices { boosted.decreases[column] += grower.decreases[column] }
    }

    var model: any RivalModel { boosted }
}

struct BoostingModel: RivalModel {
    let form: RivalForm
    let rate: Double
    /// The scores before the first tree: one, or one for each class.
    let start: [Double]
    /// Round after round, in each one for each score.
    var trees: [Tree] = []
    var decreases: [Double]

    init(_ form: RivalForm, rate: Double, start: [Double], decreases: [Double]) {
        (self.form, self.rate, self.start, self.decreases) = (form, rate, start, decreases)
    }

    init(_ settings: Settings, _ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        self.form = form
        rate = settings.real("rate")
        start = try tensors["start", [form.classes.map { $0 == 2 ? 1 : $0 } ?? 1]].values
        trees = try Tree.trees(tensors, width: form.width, outputs: 1)
        decreases = try tensors["decreases", [form.width]].values
        guard trees.count % start.count == 0 else {
            throw EngineError(
                place: "\(tensors.place).nodes",
                message: "expected \(plural(start.count, "tree")) in each round, found \(trees.count)")
        }
    }

    var tensors: [RivalTensor] {
        Tree.tensors(of: trees, outputs: 1) + [
            RivalTensor("start", axes: [start.count], start),
            RivalTensor("decreases", axes: [form.width], decreases),
        ]
    }

    var rounds: Int { trees.count / start.count }
    var outputCount: Int { form.classes ?? 1 }
    var givesProbabilities: Bool { form.classes != nil }
    var summary: String { plural(trees.count, "tree") }

    var importances: [Double] {
        let sum = decreases.reduce(0, +)
        return sum > 0 ? decreases.map { $0 / sum } : decreases
    }

    func answer(_ rows: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>) {
        var scores = [Double](repeating: 0, count: count * start.count)
        for row in 0..<count { for score in start.indices { scores[row * start.count + score] = start[score] } }
        for (place, tree) in trees.enumerated() {
            let score = place % start.count
            for row in 0..<count {
                scores[row * start.count + score] += rate * tree.values[tree.leaf(of: rows + row * form.width)]
            }
        }
        guard form.classes != nil else { return answers.update(from: scores, count: count) }
        if start.count == 1 {
            for row in 0..<count {
                let probability = 1 / (1 + exp(-scores[row]))
                (answers[2 * row], answers[2 * row + 1]) = (1 - probability, probability)
            }
        } else {
            softmax(scores, classes: start.count, into: answers)
        }
    }
}

/// e^z / Σ e^z of each row of scores.
func softmax(_ scores: [Double], classes: Int, into answers: UnsafeMutablePointer<Double>) {
    for row in 0..<scores.count / max(1, classes) {
        let range = row * classes..<(row + 1) * classes
        let most = scores[range].max()!
        var sum = 0.0
        for place in range {
            answers[place] = exp(scores[place] - most)
            sum += answers[place]
        }
        for place in range { answers[place] /= sum }
    }
}

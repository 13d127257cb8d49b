import Basics
import CBLAS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Rival {
    static let logisticRegression = Rival(
        Entry(
            id: "logisticRegression", title: "logistic",
            summary:
                "Logistic regression: one weighted sum for each class, and from it a probability; boundaries are straight.",
            formula: "p(x) = softmax(Wx + b),  L = ½‖W‖² + C Σ −ln p",
            source: "Cox, The regression analysis of binary sequences, 1958",
            watch: "Its boundary is straight: what it gets wrong on the plane is what a network must bend for.",
            knobs: [
                Knob(
                    "C", title: "inverse pull", symbol: "C",
                    summary: "How much errors count beside the weights' size: small keeps weights small.",
                    kind: .real(1e-8...1e8, steps: [0.001, 0.01, 0.1, 1, 10, 100, 1000]), default: .real(1),
                    raise: "when training errors are many", lower: "when weights are huge or the test score falls")
            ]),
        answers: [.classes],
        learner: { settings, data throws(EngineError) in try LogisticLearner(settings, data) },
        restored: { _, form, tensors throws(EngineError) in try LinearModel(form, tensors) })
}

/// A step is an iteration of Newton's method, with halved steps where a whole one does not help.
final class LogisticLearner: RivalLearner {
    private let data: RivalData
    private let cost: Double
    /// The rows with a 1 behind each, `[count, width + 1]`.
    private let rows: [Double]
    private let size: Int
    private let scores: Int
    /// `[scores, width + 1]`.
    private var weights: [Double]
    private var loss = Double.infinity
    /// Of each row and score.
    private var probabilities: [Double]
    private var iterations = 0
    private(set) var isFinished = false

    private static let mostIterations = 100
    /// More unknowns are solved for by conjugate gradients, without the matrix.
    private static let mostDirect = 1200
    /// Parts of the rows that threads take, each with a matrix of its own where that is small.
    private static let (mostParts, smallMatrix) = (4, 65_536)

    init(_ settings: Settings, _ data: RivalData) throws(EngineError) {
        self.data = data
        cost = settings.real("C")
        size = data.width + 1
        scores = LinearModel.scores(data.form)
        try MemoryRoom.require(
            8 * data.count * (size + 3 * scores), place: settings.place, for: "logistic regression",
            advice: "take fewer rows")
        let (size, width) = (size, data.width)
        rows = [Double](unsafeUninitializedCapacity: data.count * size) { rows, written in
            data.rows.withUnsafeBufferPointer { values in
                for row in 0..<data.count {
                    for column in 0..<width { rows[row * size + column] = values[row * width + column] }
                    rows[row * size + width] = 1
                }
            }
            written = data.count * size
        }
        weights = [Double](repeating: 0, count: scores * size)
        probabilities = [Double](repeating: 0, count: data.count * scores)
        loss = evaluate(weights, into: &probabilities)
    }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        for done in 0..<steps {
            if isFinished { return done }
            iterate(team)
        }
        return steps
    }

    /// ½‖W‖² + C Σ −ln p, and the probabilities.
    private func evaluate(_ weights: [Double], into probabilities: inout [Double]) -> Double {
        let (count, number) = (data.count, scores)
        multiply(weights, into: &probabilities)
        var sum = 0.0
        probabilities.withUnsafeMutableBufferPointer { values in
            for row in 0..<count {
                let own = values.baseAddress! + row * number
                if number == 1 {
                    // Of a number that is not above 0: nothing overflows.
                    let power = exp(-abs(own[0]))
                    let isRight = (own[0] > 0) == (data.labels[row] == 1)
                    sum += log1p(power) + (isRight ? 0 : abs(own[0]))
                    own[0] = (own[0] > 0 ? 1 : power) / (1 + power)
                } else {
                    var most = -Double.infinity
                    for score in 0..<number { most = max(most, own[score]) }
                    var all = 0.0
                    let right = own[data.label(row)]
                    for score in 0..<number {
                        own[score] = exp(own[score] - most)
                        all += own[score]
                    }
                    for score in 0..<number { own[score] /= all }
                    sum += log(all) + most - right
                }
            }
        }
        return cost * sum + 0.5 * penalty(weights)
    }

    /// The sum of the squared weights without biases.
    private func penalty(_ weights: [Double]) -> Double {
        weights.indices.reduce(0) { $1 % size == size - 1 ? $0 : $0 + weights[$1] * weights[$1] }
    }

    /// X·Wᵀ, `[count, scores]`.
    private func multiply(_ weights: [Double], into out: inout [Double]) {
        guard data.count > 0 else { return }
        out.withUnsafeMutableBufferPointer { out in
            guard scores > 1 else {
                return cblas_dgemv(
                    CblasRowMajor, CblasNoTrans, Int32(data.count), Int32(size), 1, rows, Int32(size), weights, 1, 0,
                    out.baseAddress!, 1)
            }
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, Int32(data.count), Int32(scores), Int32(size), 1, rows,
                Int32(size), weights, Int32(size), 0, out.baseAddress!, Int32(scores))
        }
    }

    /// C·RᵀX + the pull of what is multiplied with the weights' part of the matrix, `[scores, size]`.
    private func gather(_ residuals: [Double], pull: [Double]) -> [Double] {
        var out = pull
        for place in out.indices where place % size == size - 1 { out[place] = 0 }
        guard data.count > 0 else { return out }
        out.withUnsafeMutableBufferPointer { out in
            guard scores > 1 else {
                return cblas_dgemv(
                    CblasRowMajor, CblasTrans, Int32(data.count), Int32(size), cost, rows, Int32(size), residuals, 1, 1,
                    out.baseAddress!, 1)
            }
            cblas_dgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, Int32(scores), Int32(size), Int32(data.count), cost,
                residuals, Int32(scores), rows, Int32(size), 1, out.baseAddress!, Int32(size))
        }
        return out
    }

    private func iterate(_ team: ThreadTeam) {
        iterations += 1
        var residuals = probabilities
        for row in 0..<data.count {
            if scores == 1 {
                residuals[row] -= data.labels[row]
            } else {
                residuals[row * scores + data.label(row)] -= 1
            }
        }
        let gradient = gather(residuals, pull: weights)
        let largest = gradient.reduce(0) { max($0, abs($1)) }
        guard largest > 1e-8 * (1 + cost * Double(data.count)), iterations < Self.mostIterations else {
            isFinished = true
            return
        }
        let direction =
            weights.count <= Self.mostDirect ? direct(gradient, team) : conjugateGradients(gradient)
        let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        var length = 1.0
        for _ in 0..<40 {
            let next = zip(weights, direction).map { $0 + length * $1 }
            let value = evaluate(next, into: &residuals)
            if value.isFinite, value <= loss + 1e-4 * length * slope {
                // Where rounding is all that is left, it ends.
                if loss - value <= 1e-15 * abs(loss) { isFinished = true }
                (weights, loss) = (next, value)
                swap(&probabilities, &residuals)
                return
            }
            length /= 2
        }
        isFinished = true
    }

    /// −H⁻¹g by the matrix itself.
    private func direct(_ gradient: [Double], _ team: ThreadTeam) -> [Double] {
        let (count, all) = (data.count, weights.count)
        // Some rows at a time: a scaled copy of all would take more time than the sums. The parts depend on the sizes alone, so
        // that the sums do not depend on the threads.
        let most = RivalData.rowsAtOnce(width: size)
        let blocks = (count + most - 1) / most
        let parts = all * all <= Self.smallMatrix ? max(1, min(Self.mostParts, blocks)) : 1
        var matrix = [Double](repeating: 0, count: parts * all * all)
        matrix.withUnsafeMutableBufferPointer { matrix in
            let base = matrix.baseAddress!
            team.run(parts: parts) { part, _ in
                var scaled = [Double](repeating: 0, count: min(count, most) * size)
                for block in blocks * part / parts..<blocks * (part + 1) / parts {
                    add(
                        rows: block * most..<min((block + 1) * most, count), to: base + part * all * all, in: &scaled)
                }
            }
            for part in 1..<max(1, parts) {
                for place in 0..<all * all { base[place] += base[part * all * all + place] }
            }
        }
        matrix.removeLast((parts - 1) * all * all)
        // Biases may all rise together and change nothing: a hair keeps the matrix definite.
        for place in 0..<all { matrix[place * all + place] += place % size == size - 1 ? 1e-9 : 1 }
        return Cholesky(matrix, size: all, team: team).solve(gradient.map { -$0 })
    }

    /// Adds some rows' part of the matrix of second derivatives, its lower half.
    /// - Parameter scaled: room for the rows, each times a factor.
    private func add(rows part: Range<Int>, to matrix: UnsafeMutablePointer<Double>, in scaled: inout [Double]) {
        let (size, scores, all) = (size, scores, weights.count)
        probabilities.withUnsafeBufferPointer { probabilities in
            scaled.withUnsafeMutableBufferPointer { scaled in
                rows.withUnsafeBufferPointer { rows in
                    let own = rows.baseAddress! + part.lowerBound * size
                    for (one, other) in (0..<scores).flatMap({ one in (0...one).map { (one, $0) } }) {
                        for row in part {
                            let (p, q) = (probabilities[row * scores + one], probabilities[row * scores + other])
                            let factor = one == other ? (cost * p * (1 - p)).squareRoot() : -cost * p * q
                            let to = (row - part.lowerBound) * size
                            for column in 0..<size { scaled[to + column] = factor * own[to + column] }
                        }
                        let block = matrix + (one * all + other) * size
                        if one == other {
                            cblas_dsyrk(
                                CblasRowMajor, CblasLower, CblasTrans, Int32(size), Int32(part.count), 1,
                                scaled.baseAddress!, Int32(size), 1, block, Int32(all))
                        } else {
                            cblas_dgemm(
                                CblasRowMajor, CblasTrans, CblasNoTrans, Int32(size), Int32(size), Int32(part.count), 1,
                                scaled.baseAddress!, Int32(size), own, Int32(size), 1, block, Int32(all))
                        }
                    }
                }
            }
        }
    }

    /// The same as far as a step needs it, by products with the matrix alone.
    private func conjugateGradients(_ gradient: [Double]) -> [Double] {
        var x = [Double](repeating: 0, count: gradient.count)
        var rest = gradient.map { -$0 }
        var direction = rest
        var squares = rest.reduce(0) { $0 + $1 * $1 }
        let goal = squares * min(0.01, squares.squareRoot())
        for _ in 0..<min(gradient.count, 500) where squares > goal {
            let image = curved(direction)
            let curvature = zip(direction, image).reduce(0) { $0 + $1.0 * $1.1 }
            guard curvature > 0 else { break }
            let length = squares / curvature
            for place in x.indices {
                x[place] += length * direction[place]
                rest[place] -= length * image[place]
            }
            let next = rest.reduce(0) { $0 + $1 * $1 }
            for place in x.indices { direction[place] = rest[place] + next / squares * direction[place] }
            squares = next
        }
        return x
    }

    /// H·v.
    private func curved(_ vector: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: data.count * scores)
        multiply(vector, into: &sums)
        for row in 0..<data.count {
            let range = row * scores..<(row + 1) * scores
            if scores == 1 {
                sums[row] *= probabilities[row] * (1 - probabilities[row])
            } else {
                let mean = range.reduce(0) { $0 + probabilities[$1] * sums[$1] }
                for place in range { sums[place] = probabilities[place] * (sums[place] - mean) }
            }
        }
        return gather(sums, pull: vector)
    }

    var model: any RivalModel {
        LinearModel(data.form, weights: weights, summary: plural(iterations, "iteration"))
    }
}

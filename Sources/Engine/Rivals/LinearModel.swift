import Basics
import CBLAS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Weighted sums of a row: a value, or scores of which classes' probabilities are made.
struct LinearModel: RivalModel {
    let form: RivalForm
    /// Row-major `[scores, width + 1]`, the last of each the bias.
    var weights: [Double]
    let summary: String

    /// Sums of a row: one, or one for each of more than two classes.
    static func scores(_ form: RivalForm) -> Int { form.classes.map { $0 == 2 ? 1 : $0 } ?? 1 }

    init(_ form: RivalForm, weights: [Double], summary: String) {
        (self.form, self.weights, self.summary) = (form, weights, summary)
    }

    init(_ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        let scores = Self.scores(form)
        let weights = try tensors["weight", [scores, form.width]].values
        let biases = try tensors["bias", [scores]].values
        self.init(
            form,
            weights: (0..<scores).flatMap { Array(weights[$0 * form.width..<($0 + 1) * form.width]) + [biases[$0]] },
            summary: plural(weights.count, "weight"))
    }

    var tensors: [RivalTensor] {
        let (scores, width) = (Self.scores(form), form.width)
        return [
            RivalTensor(
                "weight", axes: [scores, width],
                (0..<scores).flatMap { weights[$0 * (width + 1)..<$0 * (width + 1) + width] }),
            RivalTensor("bias", axes: [scores], (0..<scores).map { weights[$0 * (width + 1) + width] }),
        ]
    }

    var outputCount: Int { form.classes ?? 1 }
    var givesProbabilities: Bool { form.classes != nil }

    func answer(_ rows: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>) {
        guard count > 0 else { return }
        let (number, width) = (Self.scores(form), form.width)
        var scores = [Double](repeating: 0, count: count * number)
        for row in 0..<count {
            for score in 0..<number { scores[row * number + score] = weights[score * (width + 1) + width] }
        }
        scores.withUnsafeMutableBufferPointer { scores in
            weights.withUnsafeBufferPointer { weights in
                cblas_dgemm(
                    CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(number), Int32(width), 1, rows,
                    Int32(width), weights.baseAddress!, Int32(width + 1), 1, scores.baseAddress!, Int32(number))
            }
        }
        guard let classes = form.classes else { return answers.update(from: scores, count: count) }
        guard classes == 2 else { return softmax(scores, classes: classes, into: answers) }
        for row in 0..<count {
            let probability = 1 / (1 + exp(-scores[row]))
            (answers[2 * row], answers[2 * row + 1]) = (1 - probability, probability)
        }
    }
}

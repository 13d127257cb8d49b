import Basics
import CBLAS

/// The decision functions of a support vector machine: one for each pair of classes.
struct SupportVectorModel: RivalModel {
    let kernel: RivalKernel
    let width: Int
    let classes: Int
    /// The support vectors, row-major `[count, width]`.
    let rows: [Double]
    private let norms: [Double]
    /// αᵢ yᵢ, row-major `[pairs, support vectors]`.
    let weights: [Double]
    /// b of each pair.
    let offsets: [Double]
    let supportRows: [Int32]

    init(
        kernel: RivalKernel, width: Int, classes: Int, rows: [Double], weights: [Double], offsets: [Double],
        supportRows: [Int32]
    ) {
        (self.kernel, self.width, self.classes, self.rows) = (kernel, width, classes, rows)
        (self.weights, self.offsets, self.supportRows) = (weights, offsets, supportRows)
        norms = squaredNorms(rows, width: width)
    }

    init(_ settings: Settings, _ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        let classes = form.classes!
        let pairs = classes * (classes - 1) / 2
        let gamma = try tensors["gamma", [1]].values[0]
        let vectors = try tensors["supportVectors", [nil, form.width]]
        let weights = try tensors["dualCoefficients", [pairs, vectors.axes[0]]]
        var kernel = RivalKernel(settings, width: form.width, variance: 1)
        kernel.gamma = gamma
        self.init(
            kernel: kernel, width: form.width, classes: classes, rows: vectors.values, weights: weights.values,
            offsets: try tensors["offsets", [pairs]].values,
            supportRows: try tensors.integers("supportRows", [vectors.axes[0]], in: 0..<Int(Int32.max)))
    }

    var tensors: [RivalTensor] {
        [
            RivalTensor("gamma", axes: [1], [kernel.gamma]),
            RivalTensor("supportVectors", axes: [norms.count, width], rows),
            RivalTensor("dualCoefficients", axes: [offsets.count, norms.count], weights),
            RivalTensor("offsets", axes: [offsets.count], offsets),
            RivalTensor("supportRows", axes: [supportRows.count], supportRows.map { Double($0) }),
        ]
    }

    var outputCount: Int { classes == 2 ? 1 : classes }
    var hasMargin: Bool { classes == 2 }
    var summary: String { plural(norms.count, "support vector") }

    /// The decision functions, row-major `[count, pairs]`: above 0 the second class.
    func decisions(_ rows: UnsafePointer<Double>, count: Int) -> [Double] {
        let pairs = offsets.count
        var decisions = [Double](repeating: 0, count: count * pairs)
        for row in 0..<count { for pair in 0..<pairs { decisions[row * pairs + pair] = offsets[pair] } }
        guard !norms.isEmpty, count > 0 else { return decisions }
        var values = [Double](repeating: 0, count: count * norms.count)
        values.withUnsafeMutableBufferPointer { values in
            self.rows.withUnsafeBufferPointer { vectors in
                norms.withUnsafeBufferPointer { norms in
                    kernel.values(
                        rows, count: count, with: vectors.baseAddress!, norms: norms.baseAddress!, others: norms.count,
                        width: width, into: values.baseAddress!)
                }
            }
            weights.withUnsafeBufferPointer { weights in
                decisions.withUnsafeMutableBufferPointer { decisions in
                    cblas_dgemm(
                        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(pairs), Int32(norms.count), 1,
                        values.baseAddress!, Int32(norms.count), weights.baseAddress!, Int32(norms.count), 1,
                        decisions.baseAddress!, Int32(pairs))
                }
            }
        }
        return decisions
    }

    /// For two classes the decision, else of each class the part of its pairs that it wins.
    func answer(_ rows: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>) {
        let decisions = decisions(rows, count: count)
        if classes == 2 {
            for row in 0..<count { answers[row] = decisions[row] }
            return
        }
        let vote = 1 / Double(classes - 1)
        for row in 0..<count {
            let votes = answers + row * classes
            for label in 0..<classes { votes[label] = 0 }
            var pair = row * offsets.count
            for first in 0..<classes {
                for second in first + 1..<classes {
                    votes[decisions[pair] > 0 ? second : first] += vote
                    pair += 1
                }
            }
        }
    }
}

import Basics
import CBLAS

extension Rival {
    static let kernelRidge = Rival(
        Entry(
            id: "kernelRidge", title: "kernel ridge",
            summary: "Kernel ridge regression: a sum of one bump for each row, as smooth as its size is punished.",
            formula: "y(x) = Σ cᵢ K(xᵢ, x),  c = (K + λI)⁻¹ y",
            source: "Saunders, Gammerman and Vovk, Ridge regression learning algorithm in dual variables, 1998",
            watch: "Every training row is part of every answer: thousands of rows take time and memory (rows squared).",
            knobs: [
                Knob(
                    "l2", title: "L2 rate", symbol: "λ", summary: "How smooth it is: little follows every point.",
                    kind: .real(1e-12...1e9, steps: [0.0001, 0.001, 0.01, 0.1, 1, 10, 100]), default: .real(1),
                    raise: "when the curve follows single points", lower: "when it is too flat")
            ] + RivalKernel.knobs),
        answers: [.values],
        learner: { settings, data throws(EngineError) in try KernelRidgeLearner(settings, data) },
        restored: { settings, form, tensors throws(EngineError) in try KernelRidgeModel(settings, form, tensors) })
}

/// One step solves it.
final class KernelRidgeLearner: RivalLearner {
    private let data: RivalData
    private let l2: Double
    private var ridge: KernelRidgeModel
    private(set) var isFinished = false

    init(_ settings: Settings, _ data: RivalData) throws(EngineError) {
        try MemoryRoom.require(
            8 * data.count * data.count, place: settings.place,
            for: "the kernel's values of \(plural(data.count, "row")) with each other", advice: "take fewer rows")
        self.data = data
        l2 = settings.real("l2")
        ridge = KernelRidgeModel(
            kernel: RivalKernel(settings, width: data.width, variance: data.meanVariance), width: data.width,
            rows: data.rows, weights: [Double](repeating: 0, count: data.count))
    }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        guard !isFinished, steps > 0 else { return 0 }
        isFinished = true
        let count = data.count
        guard count > 0 else { return 1 }
        var matrix = [Double](repeating: 0, count: count * count)
        let part = 64
        matrix.withUnsafeMutableBufferPointer { matrix in
            data.rows.withUnsafeBufferPointer { rows in
                let (values, base) = (UInt(bitPattern: matrix.baseAddress!), UInt(bitPattern: rows.baseAddress!))
                team.run(parts: (count + part - 1) / part) { index, _ in
                    let first = index * part
                    let base = UnsafePointer<Double>(bitPattern: base)!
                    ridge.values(
                        base + first * data.width, count: min(part, count - first),
                        into: UnsafeMutablePointer<Double>(bitPattern: values)! + first * count)
                }
            }
        }
        for row in 0..<count { matrix[row * count + row] += l2 }
        ridge.weights = Cholesky(matrix, size: count, tolerance: 1e-14, team: team).solve(data.labels)
        return 1
    }

    var model: any RivalModel { ridge }
}

struct KernelRidgeModel: RivalModel {
    let kernel: RivalKernel
    let width: Int
    let rows: [Double]
    private let norms: [Double]
    /// c of each row.
    var weights: [Double]

    init(kernel: RivalKernel, width: Int, rows: [Double], weights: [Double]) {
        (self.kernel, self.width, self.rows, self.weights) = (kernel, width, rows, weights)
        norms = squaredNorms(rows, width: width)
    }

    init(_ settings: Settings, _ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        let rows = try tensors["rows", [nil, form.width]]
        var kernel = RivalKernel(settings, width: form.width, variance: 1)
        kernel.gamma = try tensors["gamma", [1]].values[0]
        self.init(
            kernel: kernel, width: form.width, rows: rows.values,
            weights: try tensors["dualCoefficients", [rows.axes[0]]].values)
    }

    var tensors: [RivalTensor] {
        [
            RivalTensor("gamma", axes: [1], [kernel.gamma]),
            RivalTensor("rows", axes: [norms.count, width], rows),
            RivalTensor("dualCoefficients", axes: [weights.count], weights),
        ]
    }

    var outputCount: Int { 1 }
    var summary: String { plural(weights.count, "row") }

    /// Kernel values with all rows, row-major.
    func values(_ queries: UnsafePointer<Double>, count: Int, into values: UnsafeMutablePointer<Double>) {
        rows.withUnsafeBufferPointer { rows in
            norms.withUnsafeBufferPointer { norms in
                guard let base = rows.baseAddress, let own = norms.baseAddress else { return }
                kernel.values(
                    queries, count: count, with: base, norms: own, others: norms.count, width: width, into: values)
            }
        }
    }

    func answer(_ queries: UnsafePointer<Double>, count: Int, into answers: UnsafeMutablePointer<Double>) {
        answers.update(repeating: 0, count: count)
        guard !weights.isEmpty, count > 0 else { return }
        var values = [Double](repeating: 0, count: count * weights.count)
        values.withUnsafeMutableBufferPointer { values in
            self.values(queries, count: count, into: values.baseAddress!)
            cblas_dgemv(
                CblasRowMajor, CblasNoTrans, Int32(count), Int32(weights.count), 1, values.baseAddress!,
                Int32(weights.count), weights, 1, 0, answers, 1)
        }
    }
}

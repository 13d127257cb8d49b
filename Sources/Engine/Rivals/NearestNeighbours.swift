import Basics
import CBLAS

extension Rival {
    static let nearestNeighbours = Rival(
        Entry(
            id: "kNN", title: "k neighbours",
            summary: "Nearest neighbours: keeps every row and answers as the nearest ones do.",
            formula: "y(x) = Σ wᵢ yᵢ / Σ wᵢ  over the k nearest",
            source: "Cover and Hart, Nearest neighbor pattern classification, 1967",
            watch:
                "It learns nothing: all work is done at each answer. Columns with large numbers decide the distance unless they are standardized.",
            knobs: [
                Knob(
                    "k", title: "neighbours", symbol: "k",
                    summary: "How many rows answer: 1 follows every point, many blur.",
                    kind: .integer(1...10_000), default: .integer(5),
                    raise: "when the boundary has islands around single points", lower: "when small groups are outvoted"
                ),
                Knob(
                    "distance", title: "distance",
                    summary:
                        "How far two rows are apart: straight, along the axes, or by the column that differs most.",
                    kind: .word(NeighbourModel.Distance.allCases.map(\.rawValue)),
                    default: .text(NeighbourModel.Distance.euclidean.rawValue)),
                Knob(
                    "weights", title: "weights",
                    summary: "Whether all neighbours count alike, or each by the inverse of its distance.",
                    kind: .word(NeighbourModel.Weights.allCases.map(\.rawValue)),
                    default: .text(NeighbourModel.Weights.uniform.rawValue)),
            ]),
        answers: [.classes, .values],
        learner: { settings, data in NeighbourLearner(settings, data) },
        restored: { settings, form, tensors throws(EngineError) in try NeighbourModel(settings, form, tensors) })
}

/// A step takes one row in.
final class NeighbourLearner: RivalLearner {
    private let data: RivalData
    private let whole: NeighbourModel
    private var taken = 0

    init(_ settings: Settings, _ data: RivalData) {
        self.data = data
        whole = NeighbourModel(settings, data.form, rows: data.rows, labels: data.labels, count: data.count)
    }

    var isFinished: Bool { taken == data.count }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        let done = min(steps, data.count - taken)
        taken += done
        return done
    }

    var model: any RivalModel {
        var model = whole
        model.count = taken
        return model
    }
}

struct NeighbourModel: RivalModel {
    enum Distance: String, Sendable, CaseIterable { case euclidean, manhattan, maximum }
    enum Weights: String, Sendable, CaseIterable { case uniform, distance }

    private let neighbours: Int
    private let distance: Distance
    private let weighting: Weights
    private let form: RivalForm
    private let rows: [Double]
    private let labels: [Double]
    private let norms: [Double]
    /// The first rows, which answer.
    var count: Int

    /// Columns from which on distances are computed as products of many rows at once.
    private static let fewColumns = 12
    /// More of them are found by sorting all.
    private static let fewNeighbours = 64

    init(_ settings: Settings, _ form: RivalForm, rows: [Double], labels: [Double], count: Int) {
        neighbours = settings.integer("k")
        distance = Distance(rawValue: settings.text("distance"))!
        weighting = Weights(rawValue: settings.text("weights"))!
        (self.form, self.rows, self.labels, self.count) = (form, rows, labels, count)
        norms = squaredNorms(rows, width: form.width)
    }

    init(_ settings: Settings, _ form: RivalForm, _ tensors: RivalTensors) throws(EngineError) {
        let rows = try tensors["rows", [nil, form.width]]
        let count = rows.axes[0]
        let labels =
            if let classes = form.classes {
                try tensors.integers("labels", [count], in: 0..<classes).map { Double($0) }
            } else { try tensors["labels", [count]].values }
        self.init(settings, form, rows: rows.values, labels: labels, count: count)
    }

    var tensors: [RivalTensor] {
        [
            RivalTensor("rows", axes: [count, form.width], Array(rows.prefix(count * form.width))),
            RivalTensor("labels", axes: [count], Array(labels.prefix(count))),
        ]
    }

    var outputCount: Int { form.classes ?? 1 }
    var givesProbabilities: Bool { form.classes != nil }
    var summary: String { plural(count, "row") }

    /// A row among the nearest.
    private struct Neighbour {
        var distance: Double
        var row: Int
    }

    func answer(_ queries: UnsafePointer<Double>, count queryCount: Int, into answers: UnsafeMutablePointer<Double>) {
        let (width, outputs) = (form.width, outputCount)
        for index in 0..<queryCount * outputs { answers[index] = form.classes == nil ? 0 : 1 / Double(outputs) }
        guard count > 0 else { return }
        rows.withUnsafeBufferPointer { rows in
            let base = rows.baseAddress!
            let isProduct = distance == .euclidean && width > Self.fewColumns
            var distances = [Double](repeating: 0, count: (isProduct ? queryCount : 1) * count)
            distances.withUnsafeMutableBufferPointer { distances in
                if isProduct { products(queries, queryCount, base, distances.baseAddress!) }
                for query in 0..<queryCount {
                    let own = distances.baseAddress! + (isProduct ? query * count : 0)
                    let values = queries + query * width
                    if !isProduct { for row in 0..<count { own[row] = exact(values, base + row * width) } }
                    var nearest = nearest(own)
                    if isProduct {
                        // Sums of products are rounded by what cancels in them.
                        for place in nearest.indices {
                            nearest[place].distance = exact(values, base + nearest[place].row * width)
                        }
                        nearest.sort { ($0.distance, $0.row) < ($1.distance, $1.row) }
                    }
                    answer(nearest, into: answers + query * outputs)
                }
            }
        }
    }

    /// x·x − 2 x·z, which is the squared distance but for z·z.
    private func products(
        _ queries: UnsafePointer<Double>, _ queryCount: Int, _ base: UnsafePointer<Double>,
        _ out: UnsafeMutablePointer<Double>
    ) {
        for query in 0..<queryCount {
            for row in 0..<count { out[query * count + row] = norms[row] }
        }
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(queryCount), Int32(count), Int32(form.width), -2, queries,
            Int32(form.width), base, Int32(form.width), 1, out, Int32(count))
    }

    /// The distance of two rows, of the straight one its square.
    private func exact(_ one: UnsafePointer<Double>, _ other: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        switch distance {
        case .euclidean:
            for index in 0..<form.width { sum += (one[index] - other[index]) * (one[index] - other[index]) }
        case .manhattan: for index in 0..<form.width { sum += abs(one[index] - other[index]) }
        case .maximum: for index in 0..<form.width { sum = max(sum, abs(one[index] - other[index])) }
        }
        return sum
    }

    /// The k least distances, ascending; of equal ones the first rows.
    private func nearest(_ distances: UnsafePointer<Double>) -> [Neighbour] {
        let most = min(neighbours, count)
        var nearest: [Neighbour] = []
        nearest.reserveCapacity(most + 1)
        if most > Self.fewNeighbours {
            var order = Array(0..<count)
            order.sort { (distances[$0], $0) < (distances[$1], $1) }
            return order.prefix(most).map { Neighbour(distance: distances[$0], row: $0) }
        }
        var limit = Double.infinity
        for row in 0..<count {
            let distance = distances[row]
            guard distance < limit || nearest.count < most else { continue }
            if nearest.count == most { nearest.removeLast() }
            var place = nearest.count
            while place > 0, nearest[place - 1].distance > distance { place -= 1 }
            nearest.insert(Neighbour(distance: distance, row: row), at: place)
            if nearest.count == most { limit = nearest[most - 1].distance }
        }
        return nearest
    }

    private func answer(_ nearest: [Neighbour], into answers: UnsafeMutablePointer<Double>) {
        let meets = weighting == .distance && nearest[0].distance == 0
        var sum = 0.0
        for output in 0..<outputCount { answers[output] = 0 }
        for neighbour in nearest {
            let away = distance == .euclidean ? neighbour.distance.squareRoot() : neighbour.distance
            // At a row itself that row alone answers.
            let weight = weighting == .uniform ? 1 : meets ? (away == 0 ? 1 : 0) : 1 / away
            sum += weight
            if form.classes != nil {
                answers[Int(labels[neighbour.row])] += weight
            } else {
                answers[0] += weight * labels[neighbour.row]
            }
        }
        for output in 0..<outputCount { answers[output] /= sum }
    }
}

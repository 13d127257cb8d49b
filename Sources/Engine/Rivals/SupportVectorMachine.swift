import CBLAS

extension Rival {
    static let supportVectorMachine = Rival(
        Entry(
            id: "svm", title: "SVM",
            summary:
                "A support vector machine: the boundary with the widest margin, which the nearest points alone carry.",
            formula: "f(x) = Σ αᵢ yᵢ K(xᵢ, x) + b,  0 ≤ αᵢ ≤ C",
            source: "Cortes and Vapnik, Support-vector networks, 1995; steps: Fan, Chen and Lin, 2005",
            watch:
                "The number of support vectors: if nearly all points are, the kernel is too narrow or the cost too small.",
            knobs: [
                Knob(
                    "C", title: "cost", symbol: "C",
                    summary: "The price of a point inside the margin: small is smooth, large follows every point.",
                    kind: .real(1e-6...1e6, steps: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 1000]), default: .real(1),
                    raise: "when training points lie on the wrong side",
                    lower: "when the boundary follows single points")
            ] + RivalKernel.knobs + [
                Knob(
                    "tolerance", title: "tolerance", summary: "How far from the optimum it may end.",
                    kind: .real(1e-12...1, steps: [1e-6, 1e-5, 1e-4, 1e-3, 0.01]), default: .real(1e-3),
                    raise: "when it takes too long", lower: "when the answers are not exact enough")
            ]),
        answers: [.classes],
        learner: { settings, data throws(EngineError) in try SupportVectorLearner(settings, data) },
        restored: { settings, form, tensors throws(EngineError) in
            try SupportVectorModel(settings, form, tensors)
        })
}

/// Fits one machine for each pair of classes; a step is one update of two multipliers, the machines taking turns.
final class SupportVectorLearner: RivalLearner {
    private let data: RivalData
    private let kernel: RivalKernel
    /// The rows by class, so that those of two classes are two pieces.
    private let sorted: SortedRows
    let machines: [PairMachine]
    private var turn = 0

    /// Words of a machine without rows.
    private static let machineWords = 64
    /// Bytes of kernel values that are kept, over all machines.
    private static let cacheBytes = 128 << 20

    init(_ settings: Settings, _ data: RivalData) throws(EngineError) {
        let classes = data.form.classes!
        self.data = data
        let kernel = RivalKernel(settings, width: data.width, variance: data.meanVariance)
        self.kernel = kernel
        // The model has a weight for each pair of classes and each row that any pair needs: of all rows at most.
        let bytes = 8 * (data.rows.count + classes * (classes - 1) / 2 * (data.count + Self.machineWords))
        try MemoryRoom.require(
            bytes + Self.cacheBytes, place: settings.place,
            for: "the kernel's values and the machines of \(classes) classes, one for each pair,",
            advice: "take fewer rows, or fewer classes")
        let sorted = SortedRows(data, classes: classes)
        self.sorted = sorted
        let pairs = (0..<classes).flatMap { first in (first + 1..<classes).map { (first, $0) } }
        machines = pairs.map { first, second in
            PairMachine(
                sorted, sorted.ranges[first], sorted.ranges[second], kernel: kernel, cost: settings.real("C"),
                tolerance: settings.real("tolerance"), cacheBytes: Self.cacheBytes / pairs.count)
        }
    }

    var isFinished: Bool { machines.allSatisfy(\.isFinished) }

    func advance(steps: Int, team: ThreadTeam) -> Int {
        for done in 0..<steps {
            guard let offset = machines.indices.first(where: { !machines[(turn + $0) % machines.count].isFinished })
            else { return done }
            let index = (turn + offset) % machines.count
            machines[index].update()
            turn = (index + 1) % machines.count
        }
        return steps
    }

    var model: any RivalModel {
        // The rows that any machine needs, in the order of the sorted rows.
        let needed = (0..<data.count).filter { row in machines.contains { $0.weight(of: row) != 0 } }
        return SupportVectorModel(
            kernel: kernel, width: data.width, classes: data.form.classes!,
            rows: needed.flatMap { sorted.rows[$0 * data.width..<($0 + 1) * data.width] },
            weights: machines.flatMap { machine in needed.map { machine.weight(of: $0) } },
            offsets: machines.map(\.offset), supportRows: needed.map { sorted.order[$0] }.sorted())
    }
}

/// Rows in the order of their classes, each class's in the order in which they came.
final class SortedRows: Sendable {
    /// Row-major `[count, width]`.
    let rows: [Double]
    let width: Int
    /// The squared length of each.
    let norms: [Double]
    /// Of each the number of the row that it was.
    let order: [Int32]
    /// Of each class its rows.
    let ranges: [Range<Int>]

    init(_ data: RivalData, classes: Int) {
        var order: [Int32] = []
        var ranges: [Range<Int>] = []
        for label in 0..<classes {
            let first = order.count
            for row in 0..<data.count where data.label(row) == label { order.append(Int32(row)) }
            ranges.append(first..<order.count)
        }
        (self.order, self.ranges, width) = (order, ranges, data.width)
        rows = order.flatMap { data.row(Int($0)) }
        norms = squaredNorms(rows, width: data.width)
    }
}

/// The dual problem of two classes: min ½ αᵀQα − Σα with 0 ≤ α ≤ C and yᵀα = 0, by sequential minimal optimization. The pair
/// of an update is chosen by second-order information (Fan, Chen and Lin, Working set selection using second order
/// information for training support vector machines, 2005, algorithm 2); of equally good ones the first is taken.
final class PairMachine {
    private let sorted: SortedRows
    private let first: Range<Int>
    private let second: Range<Int>
    private let kernel: RivalKernel
    private let cost: Double
    private let tolerance: Double
    private let count: Int
    private(set) var alphas: [Double]
    /// −yᵢ times the gradient of αᵢ.
    private var violations: [Double]
    /// K(xᵢ, xᵢ).
    private let diagonal: [Double]
    private var cache: KernelRows
    /// Of one row, while they are computed.
    private var products: [Double]
    /// The multipliers of the next update; nil: the optimum is reached.
    private var pair: (Int, Int)?

    /// Where two rows are one, the curvature is taken for this.
    private static let least = 1e-12

    init(
        _ sorted: SortedRows, _ first: Range<Int>, _ second: Range<Int>, kernel: RivalKernel, cost: Double,
        tolerance: Double, cacheBytes: Int
    ) {
        (self.sorted, self.first, self.second, self.kernel) = (sorted, first, second, kernel)
        (self.cost, self.tolerance, count) = (cost, tolerance, first.count + second.count)
        alphas = [Double](repeating: 0, count: count)
        violations = [Double](repeating: -1, count: first.count) + [Double](repeating: 1, count: second.count)
        diagonal = (Array(first) + Array(second)).map { kernel.own(norm: sorted.norms[$0]) }
        cache = KernelRows(count: count, bytes: cacheBytes)
        products = [Double](repeating: 0, count: count)
        if !first.isEmpty, !second.isEmpty { choosePair() }
    }

    var isFinished: Bool { pair == nil }

    /// −1 for rows of the first class, 1 for those of the second.
    private func sign(_ row: Int) -> Double { row < first.count ? -1 : 1 }

    /// yᵢ αᵢ of a sorted row; 0 for those of other classes.
    func weight(of row: Int) -> Double {
        if first.contains(row) { return -alphas[row - first.lowerBound] }
        return second.contains(row) ? alphas[first.count + row - second.lowerBound] : 0
    }

    /// b: the mean of the violations of the multipliers inside their bounds, or the middle of what the others allow.
    var offset: Double {
        if first.isEmpty || second.isEmpty { return first.isEmpty && second.isEmpty ? 0 : first.isEmpty ? 1 : -1 }
        var (sum, number) = (0.0, 0)
        var (up, low) = (-Double.infinity, Double.infinity)
        for row in 0..<count {
            if alphas[row] > 0, alphas[row] < cost { (sum, number) = (sum + violations[row], number + 1) }
            if canRise(row) { up = max(up, violations[row]) }
            if canFall(row) { low = min(low, violations[row]) }
        }
        return number > 0 ? sum / Double(number) : (up + low) / 2
    }

    /// ½ αᵀQα − Σα.
    var objective: Double {
        (0..<count).reduce(0) { sum, row in sum + 0.5 * alphas[row] * (-sign(row) * violations[row] - 1) }
    }

    /// Whether y α can grow.
    private func canRise(_ row: Int) -> Bool { row < first.count ? alphas[row] > 0 : alphas[row] < cost }
    private func canFall(_ row: Int) -> Bool { row < first.count ? alphas[row] < cost : alphas[row] > 0 }

    /// The kernel values of a row with all rows of the two classes.
    private func values(_ row: Int) -> [Double] {
        if let values = cache[row] { return values }
        let place = row < first.count ? first.lowerBound + row : second.lowerBound + row - first.count
        let (width, norm) = (sorted.width, sorted.norms[place])
        products.withUnsafeMutableBufferPointer { products in
            sorted.rows.withUnsafeBufferPointer { rows in
                sorted.norms.withUnsafeBufferPointer { norms in
                    var out = products.baseAddress!
                    for range in [first, second] {
                        cblas_dgemv(
                            CblasRowMajor, CblasNoTrans, Int32(range.count), Int32(width), 1,
                            rows.baseAddress! + range.lowerBound * width, Int32(width),
                            rows.baseAddress! + place * width, 1, 0, out, 1)
                        kernel.apply(
                            out, norm: norm, norms: norms.baseAddress! + range.lowerBound, count: range.count)
                        out += range.count
                    }
                }
            }
        }
        cache.add(row, products)
        return products
    }

    private var updates = 0
    /// LIBSVM's limit: by then it does not come to rest.
    private static let mostUpdates = 10_000_000

    private func choosePair() {
        var (most, i) = (-Double.infinity, -1)
        for row in 0..<count where violations[row] > most && canRise(row) { (most, i) = (violations[row], row) }
        guard i >= 0 else { return end() }
        let kernelRow = values(i)
        var (least, best, j) = (Double.infinity, 0.0, -1)
        // Held here, so that no element asks whether the arrays are others' too.
        let (heldViolations, heldAlphas, heldDiagonal) = (violations, alphas, diagonal)
        let violation = heldViolations.span
        let alpha = heldAlphas.span
        let ownValue = heldDiagonal.span
        let value = kernelRow.span
        for t in 0..<count {
            guard t < first.count ? alpha[t] < cost : alpha[t] > 0 else { continue }
            least = min(least, violation[t])
            let difference = most - violation[t]
            guard difference > 0 else { continue }
            let curvature = max(ownValue[i] + ownValue[t] - 2 * value[t], Self.least)
            let gain = difference * difference / curvature
            if gain > best { (best, j) = (gain, t) }
        }
        guard j >= 0, most - least >= tolerance, updates < max(Self.mostUpdates, 100 * count) else { return end() }
        pair = (i, j)
    }

    private func end() {
        pair = nil
        cache.empty()
    }

    /// One update of two multipliers.
    func update() {
        guard let (i, j) = pair else { return }
        updates += 1
        let other = values(j)
        let curvature = max(diagonal[i] + diagonal[j] - 2 * other[i], Self.least)
        let wanted = (violations[i] - violations[j]) / curvature
        let (rise, fall) = (
            i < first.count ? alphas[i] : cost - alphas[i], j < first.count ? cost - alphas[j] : alphas[j]
        )
        let move = min(wanted, rise, fall)
        // At a bound it is the bound to the last bit.
        alphas[i] = move == rise ? (i < first.count ? 0 : cost) : alphas[i] + sign(i) * move
        alphas[j] = move == fall ? (j < first.count ? cost : 0) : alphas[j] - sign(j) * move
        let row = values(i)
        violations.withUnsafeMutableBufferPointer { violations in
            for t in 0..<count { violations[t] += move * (other[t] - row[t]) }
        }
        choosePair()
    }
}

/// The kernel values that were computed last, by rows.
private struct KernelRows {
    private let most: Int
    private var rows: [[Double]] = []
    private var owners: [Int] = []
    private var uses: [Int] = []
    /// Of each row its place among `rows`, or −1.
    private var places: [Int32]
    private var clock = 0

    /// - Parameter bytes: as many rows are kept as they hold, at least two.
    init(count: Int, bytes: Int) {
        most = max(2, min(count, bytes / max(1, MemoryLayout<Double>.stride * count)))
        places = [Int32](repeating: -1, count: count)
    }

    /// A row's values, where they are there.
    subscript(row: Int) -> [Double]? {
        mutating get {
            let place = Int(places[row])
            guard place >= 0 else { return nil }
            clock += 1
            uses[place] = clock
            return rows[place]
        }
    }

    /// Adds a row, in the place of the one that was not used for longest where there is no other.
    mutating func add(_ row: Int, _ values: [Double]) {
        clock += 1
        guard rows.count == most else {
            places[row] = Int32(rows.count)
            rows.append(values)
            owners.append(row)
            uses.append(clock)
            return
        }
        let place = uses.indices.min { uses[$0] < uses[$1] }!
        places[owners[place]] = -1
        places[row] = Int32(place)
        (rows[place], owners[place], uses[place]) = (values, row, clock)
    }

    mutating func empty() {
        (rows, owners, uses) = ([], [], [])
        for index in places.indices { places[index] = -1 }
    }
}

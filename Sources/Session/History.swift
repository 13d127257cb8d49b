import Engine

/// The metrics over the epochs, bounded: when the buffer is full, every second point goes and the spacing doubles.
///
/// Of the points appended so far it holds every `spacing`-th, the first among them, and always the newest: a run
/// of any length costs the same memory, and the curves still begin at their beginning and end now.
public struct History: Sendable, Hashable {
    /// A moment at which the metrics were measured.
    public struct Point: Sendable, Hashable {
        public var epoch: Int
        public var step: Int
    }

    public let metrics: [Metric]
    public private(set) var points: [Point] = []
    /// Of each metric a value for each point; NaN: there was none.
    private var series: [[Float]]
    /// The number of points that one kept point stands for.
    public private(set) var spacing = 1
    /// Points appended since the beginning.
    public private(set) var appended = 0
    public let capacity: Int

    public init(
        metrics: [Metric] = Catalogue.metrics(of: Catalogue.standard(.procedure)), capacity: Int = 2048
    ) {
        precondition(capacity >= 4, "a curve needs at least four points")
        self.metrics = metrics
        self.capacity = capacity
        series = metrics.map { _ in [] }
    }

    /// The same points with other quantities: those that are measured no longer go, new ones have no values yet.
    func measuring(_ metrics: [Metric]) -> History {
        var history = History(metrics: metrics, capacity: capacity)
        (history.points, history.spacing, history.appended) = (points, spacing, appended)
        history.series = metrics.map { metric in
            self.metrics.firstIndex(of: metric).map { series[$0] } ?? points.map { _ in .nan }
        }
        return history
    }

    /// A metric's values by its id, one for each of `points`; NaN: there was none. Empty for an unknown id.
    public subscript(id: String) -> [Float] {
        for index in metrics.indices where metrics[index].id == id { return series[index] }
        return []
    }

    /// The figures by which runs are compared, one for each of `points`: the score of a game, else the losses of the test
    /// samples, or where there are none of the training samples.
    public var compared: [Float] {
        if let score { return self[score.id] }
        guard let train = losses(of: .train) else { return losses(of: .test) ?? points.map { _ in .nan } }
        guard let test = losses(of: .test) else { return train }
        return zip(test, train).map { $0.isNaN ? $1 : $0 }
    }

    /// The losses of a set of samples, one for each of `points`; nil: they are not measured.
    public func losses(of set: Metric.SampleSet) -> [Float]? {
        metrics.first { $0.plot == .loss && $0.set == set }.map { self[$0.id] }
    }

    /// The quantity that a game or a generator is judged by; nil: losses. Where a generator's is not known, as of images, the first
    /// other one that had better be large.
    public var score: Metric? {
        Metric.score(among: metrics) { points.isEmpty || self[$0.id].contains(where: \.isFinite) }
    }

    /// Takes other values at the only point, where there is one alone.
    mutating func replaceFirst(_ evaluation: Evaluation) {
        guard points.count == 1 else { return }
        for index in series.indices { series[index][0] = evaluation[metrics[index].id].map { Float($0) } ?? .nan }
    }

    /// Appends a point with all metrics; one that the evaluation lacks has no value there.
    public mutating func append(_ evaluation: Evaluation, epoch: Int, step: Int) {
        let point = Point(epoch: epoch, step: step)
        // The newest point stays only until the next one, unless its turn is a multiple of the spacing.
        let newestIsExtra = appended > 0 && (appended - 1) % spacing != 0
        if newestIsExtra {
            points[points.count - 1] = point
        } else {
            if points.count == capacity { thin() }
            points.append(point)
        }
        for index in series.indices {
            let value = evaluation[metrics[index].id].map { Float($0) } ?? .nan
            if newestIsExtra {
                series[index][points.count - 1] = value
            } else {
                series[index].append(value)
            }
        }
        appended += 1
    }

    /// The curves without the points after a step; the last point may be measured again.
    func truncated(after step: Int) -> History {
        let kept = points.prefix { $0.step <= step }.count
        guard kept < points.count else { return self }
        var history = self
        history.points.removeLast(points.count - kept)
        for index in series.indices { history.series[index].removeLast(points.count - kept) }
        // All that are left have their turn: the newest one, which may have had none, is gone.
        history.appended = kept == 0 ? 0 : (kept - 1) * spacing + 1
        return history
    }

    /// The curves as a table: epoch, step and all metrics, empty where there is no value.
    public var csv: String {
        func cell(_ value: Float) -> String { value.isFinite ? "\(value)" : "" }
        let ids = metrics.map(\.id)
        var text = (["epoch", "step"] + ids).joined(separator: ",") + "\n"
        for (index, point) in points.enumerated() {
            text +=
                (["\(point.epoch)", "\(point.step)"] + series.map { cell($0[index]) }).joined(separator: ",") + "\n"
        }
        return text
    }

    /// Drops every second point, keeping the first.
    private mutating func thin() {
        Self.thin(&points)
        for index in series.indices { Self.thin(&series[index]) }
        spacing *= 2
    }

    private static func thin<Element>(_ elements: inout [Element]) {
        var kept = 0
        for index in stride(from: 0, to: elements.count, by: 2) {
            elements[kept] = elements[index]
            kept += 1
        }
        elements.removeLast(elements.count - kept)
    }
}

extension Metric {
    /// The quantity by which runs with these metrics are compared; nil: their losses.
    static func score(among metrics: [Metric], isMeasured: (Metric) -> Bool) -> Metric? {
        guard let score = metrics.first(where: { $0.plot == .score }) else { return nil }
        if isMeasured(score) { return score }
        return metrics.first {
            $0.plot == .none && $0.format == .number && !$0.isLowerBetter && $0.set == nil && isMeasured($0)
        } ?? score
    }
}

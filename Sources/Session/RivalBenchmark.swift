import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A rival that is fitted to 2,000 rows of 64 columns, or answers as many others.
final class RivalRun: WorkloadRun {
    private let choice: Choice
    private let train: Samples
    private let task: Task
    private let threads: Int
    /// Answers; nil: it is fitted.
    private let predictor: RivalPredictor?
    private let queries: FixedInputs

    private static let (rows, columns) = (2000, 64)

    init(_ choice: Choice, predicts: Bool, threads: Int) throws(ExperimentError) {
        let task: Task = Catalogue.rivalLearnsClasses(choice) ? .classification(classes: 2) : .regression
        (self.choice, self.task, self.threads) = (choice, task, threads)
        train = Self.samples(task, seed: 1)
        do throws(EngineError) {
            queries = FixedInputs(Self.samples(task, seed: 2).inputs, count: Self.rows)
            predictor =
                predicts
                ? RivalPredictor(
                    try Self.fitted(choice, train, task, threads).reports[0].model!, network: nil, layer: nil,
                    threads: threads) : nil
        } catch { throw ExperimentError(error) }
    }

    /// y = x·w + sin(2·x₁)·x₂ + noise, with weights that fall with the column; of classes its sign. Every column is N(0, 1).
    private static func samples(_ task: Task, seed: UInt64) -> Samples {
        var random = Random(seed: seed)
        var (values, labels): ([Float], [Float]) = ([], [])
        for _ in 0..<rows {
            let row = (0..<columns).map { _ in Float(random.normal()) }
            let line = row.enumerated().reduce(Float(0)) { $0 + $1.element / Float(1 + $1.offset) }
            let value = line + Float(sin(Double(2 * row[0]))) * row[1] + 0.5 * Float(random.normal())
            values += row
            labels.append(task.classes == nil ? value : value > 0 ? 1 : 0)
        }
        return Samples(count: rows, inputs: values, labels: labels)
    }

    private static func fitted(
        _ choice: Choice, _ train: Samples, _ task: Task, _ threads: Int
    ) throws(EngineError) -> RivalSet {
        let set = try RivalSet(
            [choice], network: NetworkDescription(input: Shape(columns), task: task, layers: []), task: task,
            train: train, test: Samples(count: 0, inputs: [], labels: []), seed: 1, threads: threads)
        set.fit()
        return set
    }

    func work() -> Int {
        if let predictor { return (try? predictor.outputs(at: queries)) == nil ? 0 : 1 }
        return (try? Self.fitted(choice, train, task, threads)) == nil ? 0 : 1
    }

    var loss: Double? { nil }
}

extension Workload {
    /// For each rival its fitting and its answers.
    static let rivals: [Workload] = Catalogue.entries(.rival).flatMap { entry in
        [false, true].map { predicts in
            Workload(
                name: "\(entry.id)-\(predicts ? "predict" : "fit")", unit: predicts ? "passes/s" : "fits/s",
                summary: predicts
                    ? "its answers to 2,000 rows of 64 columns" : "\(entry.title) fitted to 2,000 rows of 64 columns",
                group: "rivals",
                make: { setting throws(ExperimentError) in
                    try RivalRun(Choice(entry.id), predicts: predicts, threads: setting.threads)
                })
        }
    }
}

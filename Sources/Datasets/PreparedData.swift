import Engine

/// Data ready to train on, and all that plots need to know of it.
public struct PreparedData: Sendable {
    public var columns: [Column]
    public var task: Task
    public var classNames: [String]
    /// As the experiment names them: "x1", "sin(x1)", "x1*x2 - 0.5".
    public var features: [String]
    /// Rows in original units, for drawing.
    public var trainPoints: Table
    public var testPoints: Table
    /// The same rows as features, standardized where the description says so.
    public var train: Samples
    public var test: Samples
    /// Each feature is standardized as (value − mean) / scale; 0 and 1 where it is not.
    public var featureMeans: [Float]
    public var featureScales: [Float]
    /// A regression's value in original units is label · targetScale + targetMean.
    public var targetMean: Float
    public var targetScale: Float
    let map: FeatureMap

    /// Bytes of all rows.
    public var bytes: Int {
        [
            trainPoints.rows, trainPoints.labels, testPoints.rows, testPoints.labels, train.inputs, train.labels,
            test.inputs, test.labels,
        ]
        .reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
    }

    /// The same rows, standardized with other moments: those that a saved network was trained with.
    public func standardized(
        featureMeans: [Float], featureScales: [Float], targetMean: Float, targetScale: Float
    ) -> PreparedData {
        precondition(featureMeans.count == features.count && featureScales.count == features.count)
        var other = self
        (other.featureMeans, other.featureScales) = (featureMeans, featureScales)
        (other.targetMean, other.targetScale) = (targetMean, targetScale)
        other.computeSamples()
        return other
    }

    /// What the network sees of the points.
    fileprivate mutating func computeSamples() {
        func samples(_ part: Table) -> Samples {
            Samples(
                count: part.count, inputs: featureValues(of: part.rows, count: part.count),
                labels: task == .regression ? part.labels.map { ($0 - targetMean) / targetScale } : part.labels)
        }
        train = samples(trainPoints)
        test = samples(testPoints)
    }

    /// The features of raw rows.
    /// - Parameter rows: row-major `[count, columns]` in original units.
    /// - Returns: row-major `[count, features]`.
    public func featureValues(of rows: [Float], count: Int) -> [Float] {
        var values = map.values(of: rows, count: count)
        guard featureScales.contains(where: { $0 != 1 }) || featureMeans.contains(where: { $0 != 0 }) else {
            return values
        }
        for i in values.indices {
            let feature = i % features.count
            values[i] = (values[i] - featureMeans[feature]) / featureScales[feature]
        }
        return values
    }
}

/// Makes or reads the data, shuffles and splits it, and computes the features. Features and targets are standardized
/// with the training rows' mean and deviation (over n; 1 for a constant) where the dataset asks for it.
/// - Parameters:
///   - features: names or formulas; empty: every column.
///   - directory: what a relative `file` is relative to (nil: the working folder).
///   - loading: where the reading of a file says how far it is, and is asked to end.
public func prepare(
    _ description: DataDescription, features: [String], directory: String?, loading: Loading? = nil
) throws(DataError) -> PreparedData {
    guard let dataset = Datasets.dataset(description.dataset.id) else {
        throw DataError(
            .malformed, place: "data.dataset",
            message: "expected a dataset, found \(quoted(description.dataset.id))"
                + offer(description.dataset.id, among: Datasets.all.map(\.id)))
    }
    var request = try DataRequest(description, entry: dataset.entry, directory: directory, loading: loading)
    let table = try dataset.make(&request)
    if let told = description.task, let own = dataset.task, told != own {
        throw DataError(
            .malformed, place: "data.task",
            message: "the dataset \"\(dataset.entry.id)\" is a \(own.rawValue), found \"\(told.rawValue)\"")
    }
    let fraction = description.trainFraction ?? dataset.trainFraction
    guard fraction > 0, fraction <= 1 else {
        throw DataError(
            .malformed, place: "data.trainFraction",
            message: "expected a share above 0 and at most 1, found \(fraction.plain)")
    }
    let trainCount = Int((fraction * Double(table.count)).rounded())
    guard trainCount >= 1 else {
        throw DataError(
            .malformed, place: "data.trainFraction",
            message: "expected at least one training row of \(table.count), found none at \(fraction.plain)")
    }
    let order = description.shuffle ? request.random.permutation(table.count).map { Int($0) } : Array(0..<table.count)
    var train = table.rows(order[..<trainCount])
    var test = table.rows(order[trainCount...])
    for column in table.columns.indices {
        let values = stride(from: column, to: train.rows.count, by: table.columns.count).map { Double(train.rows[$0]) }
        let mean = Float(values.reduce(0, +) / Double(values.count))
        train.columns[column].mean = mean
        test.columns[column].mean = mean
    }
    for column in table.columns where !(column.range.upperBound - column.range.lowerBound).isFinite {
        throw DataError(
            .malformed, place: "data",
            message: "expected values between −1e38 and 1e38, found larger ones in the column \(quoted(column.name))")
    }
    let map = try FeatureMap(features, columns: table.columns.map(\.name))
    var data = PreparedData(
        columns: train.columns, task: table.task, classNames: table.classNames, features: map.names, trainPoints: train,
        testPoints: test, train: Samples(count: 0, inputs: [], labels: []),
        test: Samples(count: 0, inputs: [], labels: []),
        featureMeans: Array(repeating: 0, count: map.names.count),
        featureScales: Array(repeating: 1, count: map.names.count),
        targetMean: 0, targetScale: 1, map: map)
    do throws(EngineError) {
        // As computed, checked, standardized, and as the network takes them.
        try MemoryRoom.require(
            table.count * map.names.count * MemoryLayout<Float>.stride * 3, place: "features",
            for: "\(map.names.count) features of \(table.count) rows", advice: "use fewer features or samples")
    } catch { throw DataError(.malformed, place: error.place, message: error.message) }
    let raw = map.values(of: train.rows, count: train.count)
    try checkFinite(raw, map.names, train)
    try checkFinite(map.values(of: test.rows, count: test.count), map.names, test)
    if description.standardize {
        if dataset.standardization == .featuresAndTargets {
            for feature in map.names.indices {
                let moments = moments(stride(from: feature, to: raw.count, by: map.names.count).map { raw[$0] })
                (data.featureMeans[feature], data.featureScales[feature]) = moments
            }
        }
        if dataset.standardization != .nothing, table.task == .regression {
            (data.targetMean, data.targetScale) = moments(train.labels)
        }
    }
    data.computeSamples()
    return data
}

/// Mean and population deviation; a constant has the deviation 1.
private func moments(_ values: [Float]) -> (mean: Float, deviation: Float) {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(max(1, values.count))
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(max(1, values.count))
    return (Float(mean), variance > 0 ? Float(variance.squareRoot()) : 1)
}

private func checkFinite(_ values: [Float], _ names: [String], _ table: Table) throws(DataError) {
    guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return }
    let (row, width) = (bad / names.count, table.columns.count)
    let point = table.columns.indices.map { "\(table.columns[$0].name) = \(table.rows[row * width + $0])" }
    throw DataError(
        .malformed, place: "features.\(bad % names.count)",
        message:
            "expected a finite value on every row, found none for \(quoted(names[bad % names.count])) at \(listed(point))"
    )
}

extension Table {
    fileprivate func rows(_ indices: ArraySlice<Int>) -> Table {
        let width = columns.count
        return Table(
            columns: columns, rows: indices.flatMap { rows[$0 * width..<($0 + 1) * width] },
            labels: indices.map { labels[$0] },
            task: task, classNames: classNames)
    }
}

import Engine

/// Data ready to train on, and all that plots need to know of it.
public struct PreparedData: Sendable {
    /// More points of the training rows or of the test rows are not drawn.
    public static let mostDrawn = 2000
    /// The most points that are kept for drawing, of the training rows and of the test rows: fewer of many columns.
    public static func pointLimit(columns: Int) -> Int { max(1000, min(mostDrawn, (1 << 20) / max(1, columns))) }

    public let schema: DataSchema
    /// The columns with their ranges; none for images.
    public var columns: [Column]
    public var task: Task { schema.task }
    public var classNames: [String] { schema.classNames }
    /// As the experiment names them: "x1", "sin(x1)", "x1*x2 - 0.5".
    public var features: [String]
    /// The first `pointLimit` of the training rows and of the test rows in original units, for drawing. Row i is sample
    /// i of `train` or `test`.
    public var trainPoints: Table
    public var testPoints: Table
    /// All rows as features, standardized where the description says so.
    public var train: Samples
    public var test: Samples
    /// Each feature is standardized as (value − mean) / scale; 0 and 1 where it is not.
    public var featureMeans: [Float]
    public var featureScales: [Float]
    /// A regression's value in original units is label · targetScale + targetMean.
    public var targetMean: Float
    public var targetScale: Float
    /// The file's columns and rows; nil for generated data.
    public var report: TableReport?
    let map: FeatureMap

    /// Bytes of all rows.
    public var bytes: Int {
        [
            trainPoints.rows, trainPoints.labels, testPoints.rows, testPoints.labels, train.inputs, train.labels,
            test.inputs, test.labels,
        ]
        .reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
    }

    /// The record that is saved with weights, so that they can be used again.
    public var record: DataRecord {
        DataRecord(
            columns: report.map { report in
                report.inputs.map { index in
                    let column = report.columns[index]
                    return TableColumn(
                        name: column.name, kind: column.kind, categories: column.categories, fill: column.fill)
                }
            } ?? [],
            label: report?.columns.first { $0.kind == .label }?.name ?? "", classes: classNames,
            featureMeans: featureMeans, featureScales: featureScales, targetMean: targetMean, targetScale: targetScale)
    }

    /// The features of raw rows.
    /// - Parameter rows: row-major `[count, columns]` in original units.
    /// - Returns: row-major `[count, features]`.
    public func featureValues(of rows: [Float], count: Int) -> [Float] {
        var values = map.values(of: rows, count: count)
        standardize(&values)
        return values
    }

    fileprivate func standardize(_ values: inout [Float]) {
        standardizeRows(&values, means: featureMeans, scales: featureScales)
    }
}

/// Replaces each value by (value − mean) / scale.
/// - Parameter values: row-major, as wide as the means and the scales.
func standardizeRows(_ values: inout [Float], means: [Float], scales: [Float]) {
    guard scales.contains(where: { $0 != 1 }) || means.contains(where: { $0 != 0 }) else { return }
    let width = means.count
    values.withUnsafeMutableBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: width) {
            for feature in 0..<width {
                values[start + feature] = (values[start + feature] - means[feature]) / scales[feature]
            }
        }
    }
}

/// Makes or reads the data, shuffles and splits it, and computes the features. Features and targets are standardized
/// with the training rows' mean and deviation (over n; 1 for a constant) where the dataset asks for it; what is 0 or 1
/// for a text or a truth value is not.
/// - Parameters:
///   - features: names or formulas; empty: every column.
///   - directory: what a relative `file` is relative to (nil: the working folder).
///   - loading: where the reading of a file says how far it is, and is asked to end.
///   - record: what weights were trained with: its columns, categories, classes and moments hold, not the rows' own.
public func prepare(
    _ description: DataDescription, features: [String], directory: String?, loading: Loading? = nil,
    record: DataRecord? = nil
) throws(DataError) -> PreparedData {
    let dataset = try Datasets.named(description)
    var request = try DataRequest(
        description, entry: dataset.entry, directory: directory, loading: loading, record: record)
    var source = try dataset.make(&request)
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
    let trainCount = Int((fraction * Double(source.count)).rounded())
    guard trainCount >= 1 else {
        throw DataError(
            .malformed, place: "data.trainFraction",
            message: "expected at least one training row of \(source.count), found none at \(fraction.plain)")
    }
    let split = Split(
        count: source.count, trainCount: trainCount,
        order: description.shuffle ? request.random.permutation(source.count) : nil)
    var columns = try source.decideColumns(split)
    let map = try FeatureMap(features, columns: columns.map(\.name))
    do throws(EngineError) {
        // As computed, and as the network takes them.
        try MemoryRoom.require(
            source.count * map.names.count * MemoryLayout<Float>.stride * 2, place: "features",
            for: "\(map.names.count) features of \(source.count) rows", advice: "use fewer features or samples")
    } catch { throw DataError(.malformed, place: error.place, message: error.message) }
    let inputs = try RowInputs(&source, split, columns: columns.count, map: map, loading)
    for column in columns.indices { columns[column].mean = inputs.columnMeans[column] }
    if let bad = inputs.unusable {
        let point = zip(columns, bad.values).map { "\(visibleText($0.name)) = \($1)" }
        throw DataError(
            .malformed, place: "features.\(bad.feature)",
            message: "expected a finite value on every row, found none for \(quoted(map.names[bad.feature])) at "
                + listed(point))
    }
    let labels = split.parts(of: source.labels)
    func points(_ rows: [Float], _ labels: [Float]) -> Table {
        Table(
            columns: columns, rows: rows, labels: Array(labels.prefix(PreparedData.pointLimit(columns: columns.count))),
            task: source.task,
            classNames: source.classNames)
    }
    for column in columns where !(column.range.upperBound - column.range.lowerBound).isFinite {
        throw DataError(
            .malformed, place: "data",
            message: "expected values between −1e38 and 1e38, found larger ones in the column \(quoted(column.name))")
    }
    var data = PreparedData(
        schema: DataSchema(.columns(columns.map(\.name)), task: source.task, classNames: source.classNames),
        columns: columns, features: map.names,
        trainPoints: points(inputs.trainPoints, labels.train), testPoints: points(inputs.testPoints, labels.test),
        train: Samples(count: trainCount, inputs: inputs.train, labels: labels.train),
        test: Samples(count: split.testCount, inputs: inputs.test, labels: labels.test),
        featureMeans: Array(repeating: 0, count: map.names.count),
        featureScales: Array(repeating: 1, count: map.names.count), targetMean: 0, targetScale: 1,
        report: source.report, map: map)
    if let record, !record.featureMeans.isEmpty {
        guard record.featureMeans.count == map.names.count else {
            throw DataError(
                .malformed, place: "features",
                message: "the weights were trained with \(plural(record.featureMeans.count, "feature")), found "
                    + "\(map.names.count)")
        }
        (data.featureMeans, data.featureScales) = (record.featureMeans, record.featureScales)
        (data.targetMean, data.targetScale) = (record.targetMean, record.targetScale)
    } else if description.standardize {
        if dataset.standardization == .featuresAndTargets {
            (data.featureMeans, data.featureScales) = moments(inputs.train, width: map.names.count)
            for feature in map.names.indices where map.isIndicator(feature, columns) {
                (data.featureMeans[feature], data.featureScales[feature]) = (0, 1)
            }
        }
        if dataset.standardization != .nothing, source.task == .regression {
            let target = moments(labels.train, width: 1)
            (data.targetMean, data.targetScale) = (target.means[0], target.deviations[0])
        }
    }
    data.standardize(&data.train.inputs)
    data.standardize(&data.test.inputs)
    if data.task == .regression, data.targetMean != 0 || data.targetScale != 1 {
        let (mean, scale) = (data.targetMean, data.targetScale)
        for row in data.train.labels.indices { data.train.labels[row] = (data.train.labels[row] - mean) / scale }
        for row in data.test.labels.indices { data.test.labels[row] = (data.test.labels[row] - mean) / scale }
    }
    try loading?.report(1)
    return data
}

/// Mean and population deviation of each column; a constant has the deviation 1.
/// - Parameter values: row-major `[count, width]`.
private func moments(_ values: [Float], width: Int) -> (means: [Float], deviations: [Float]) {
    let count = Double(max(1, values.count / width))
    var means = [Double](repeating: 0, count: width)
    var variances = means
    values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: width) {
            for column in 0..<width { means[column] += Double(values[start + column]) }
        }
        for column in 0..<width { means[column] /= count }
        for start in stride(from: 0, to: values.count, by: width) {
            for column in 0..<width {
                let difference = Double(values[start + column]) - means[column]
                variances[column] += difference * difference
            }
        }
    }
    return (means.map { Float($0) }, variances.map { $0 > 0 ? Float(($0 / count).squareRoot()) : 1 })
}

/// The features of all rows, not yet standardized, and the first rows as points.
struct RowInputs {
    /// Row-major `[rows, features]`.
    var train: [Float]
    var test: [Float]
    /// Row-major `[at most PreparedData.pointLimit, columns]`.
    var trainPoints: [Float]
    var testPoints: [Float]
    /// Over the training rows.
    var columnMeans: [Float]
    /// The first row on which a feature is not finite: the row's values and the feature.
    var unusable: (values: [Float], feature: Int)?

    init(
        _ source: inout any RowSource, _ split: Split, columns: Int, map: FeatureMap, _ loading: Loading?
    ) throws(DataError) {
        let width = map.names.count
        let (trainCount, testCount) = (split.trainCount, split.testCount)
        let limit = PreparedData.pointLimit(columns: columns)
        var test: [Float] = []
        var trainPoints: [Float] = []
        var testPoints: [Float] = []
        var sums = [Double](repeating: 0, count: columns)
        var unusable: (values: [Float], feature: Int)?
        // Memory is taken row by row, while the source lets go of its own.
        let train = Self.filled(trainCount * width) { train in
            test = Self.filled(testCount * width) { test in
                trainPoints = Self.filled(min(trainCount, limit) * columns) { trainPoints in
                    testPoints = Self.filled(min(testCount, limit) * columns) { testPoints in
                        source.consumeRows { row, values in
                            let isTraining = split.isTraining(row)
                            let place = Int(split.places[row]) - (isTraining ? 0 : trainCount)
                            let inputs = UnsafeMutableBufferPointer(
                                rebasing: (isTraining ? train : test)[place * width..<(place + 1) * width])
                            map.compute(values, into: inputs)
                            if unusable == nil, let bad = inputs.firstIndex(where: { !$0.isFinite }) {
                                unusable = (Array(values), bad)
                            }
                            if isTraining {
                                for column in 0..<columns { sums[column] += Double(values[column]) }
                            }
                            guard place < limit else { return }
                            let points = isTraining ? trainPoints : testPoints
                            for column in 0..<columns { points[place * columns + column] = values[column] }
                        }
                    }
                }
            }
        }
        (self.train, self.test, self.trainPoints, self.testPoints) = (train, test, trainPoints, testPoints)
        columnMeans = sums.map { Float($0 / Double(trainCount)) }
        self.unusable = unusable
        try loading?.report((1 + Loading.readingPart) / 2)
    }

    /// An array whose every element `body` writes.
    private static func filled(_ count: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
        Array(unsafeUninitializedCapacity: count) { buffer, filled in
            body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }
}

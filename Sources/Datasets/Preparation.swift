import Engine

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
    if let told = description.task, let own = dataset.task, told != own {
        throw DataError(
            .malformed, place: "data.task",
            message: "the dataset \"\(dataset.entry.id)\" is a \(own.rawValue), found \"\(told.rawValue)\"")
    }
    var request = try DataRequest(
        description, entry: dataset.entry, directory: directory, loading: loading, record: record)
    switch dataset.make {
    case .rows(let make):
        var source = try make(&request)
        return try PreparedData(&source, dataset, &request, features: features)
    case .images(let make):
        let chosen = description.chosenClasses
        // The chosen classes stand in the order of the description, whatever order weights know.
        if !chosen.isEmpty { request.record?.classes = [] }
        var source = try make(&request)
        if !chosen.isEmpty { source = try ChosenClasses(of: &source, chosen, request.loading) }
        try source.schema.check(features: features)
        return try PreparedData(&source, dataset, &request)
    case .sequences(let make):
        var source = try make(&request)
        try source.schema.check(features: features)
        return try PreparedData(&source, dataset, &request)
    case .states:
        let schema = try EnvironmentKind.schema(request)
        try schema.check(features: features)
        return try PreparedData(game: schema, request)
    }
}

extension PreparedData {
    // MARK: - Rows

    fileprivate init(
        _ source: inout any RowSource, _ dataset: Dataset, _ request: inout DataRequest, features: [String]
    ) throws(DataError) {
        let (description, record) = (request.description, request.record)
        let split = try Split(count: source.count, &request, testRows: source.testRows)
        var columns = try source.decideColumns(split)
        let map = try FeatureMap(features, columns: columns.map(\.name))
        do throws(EngineError) {
            try MemoryRoom.require(
                source.count * map.names.count * MemoryLayout<Float>.stride, place: "features",
                for: "\(plural(map.names.count, "feature")) of \(plural(source.count, "row"))",
                advice: "use fewer features or samples")
        } catch { throw DataError(error) }
        let inputs = try RowInputs(&source, split, columns: columns.count, map: map, request.loading)
        for column in columns.indices { columns[column].mean = inputs.columnMeans[column] }
        if let bad = inputs.unusable {
            let point = zip(columns, bad.values).map { "\(visibleText($0.name)) = \($1)" }
            throw DataError(
                .malformed, place: "features.\(bad.feature)",
                message: "expected a finite value on every row, found none for \(quoted(map.names[bad.feature])) at "
                    + listed(point))
        }
        for column in columns where !(column.range.upperBound - column.range.lowerBound).isFinite {
            throw DataError(
                .malformed, place: "data",
                message:
                    "expected values between −1e38 and 1e38, found larger ones in the column \(quoted(column.name))")
        }
        var labels = split.parts(of: source.labels)
        let schema = DataSchema(.columns(columns.map(\.name)), task: source.task, classNames: source.classNames)
        func points(_ rows: [Float], _ labels: [Float]) -> Table {
            Table(
                columns: columns, rows: rows,
                labels: Array(labels.prefix(PreparedData.pointLimit(columns: columns.count))), task: schema.task,
                classNames: schema.classNames)
        }
        let drawn = (points(inputs.trainPoints, labels.train), points(inputs.testPoints, labels.test))
        var means = [Float](repeating: 0, count: map.names.count)
        var scales = [Float](repeating: 1, count: map.names.count)
        var target: (mean: Float, scale: Float) = (0, 1)
        if let record, !record.featureMeans.isEmpty {
            guard record.featureMeans.count == map.names.count else {
                throw DataError(
                    .malformed, place: "features",
                    message: "the weights were trained with \(plural(record.featureMeans.count, "feature")), found "
                        + "\(map.names.count)")
            }
            (means, scales) = (record.featureMeans, record.featureScales)
            target = (record.targetMean, record.targetScale)
        } else if description.standardizes(dataset) {
            if dataset.standardization == .featuresAndTargets {
                for feature in map.names.indices where !map.isIndicator(feature, columns) {
                    (means[feature], scales[feature]) = moments(inputs.train.values(of: feature))
                }
            }
            if dataset.standardization != .nothing, schema.task == .regression {
                target = labels.train.withUnsafeBufferPointer { moments($0) }
            }
        }
        inputs.standardize(means: means, scales: scales)
        if schema.task == .regression, target != (0, 1) {
            for row in labels.train.indices { labels.train[row] = (labels.train[row] - target.mean) / target.scale }
            for row in labels.test.indices { labels.test[row] = (labels.test[row] - target.mean) / target.scale }
        }
        self.init(
            schema: schema, columns: columns, features: map.names, trainPoints: drawn.0, testPoints: drawn.1,
            train: Samples(inputs: inputs.train.store(), labels: labels.train),
            test: Samples(inputs: inputs.test.store(), labels: labels.test), featureMeans: means, featureScales: scales,
            targetMean: target.mean, targetScale: target.scale, report: source.report, map: map)
        try request.loading?.report(1)
    }

    // MARK: - Images

    fileprivate init(
        _ source: inout any ImageSource, _ dataset: Dataset, _ request: inout DataRequest
    ) throws(DataError) {
        let (schema, description) = (source.schema, request.description)
        let shape = schema.input(features: [])
        let channels = shape.axes[0]
        let size = shape.count / channels
        try ImageFiles.requireRoom(count: source.count, width: channels * size, place: "data")
        let split = try Split(count: source.count, &request, ownTrainCount: source.trainCount)
        let train: ImageBuilder
        let test: ImageBuilder
        do throws(EngineError) {
            train = try ImageBuilder(
                count: split.trainCount + description.drawings.count, width: channels * size)
            test = try ImageBuilder(count: split.testCount, width: channels * size)
        } catch { throw DataError(error) }
        var trainLabels = [Float](repeating: 0, count: split.trainCount + description.drawings.count)
        var testLabels = [Float](repeating: 0, count: split.testCount)
        // How often each byte is in each channel of the training images.
        var tally = [Int](repeating: 0, count: 256 * channels)
        let augmenter: ByteAugmenter?
        do throws(EngineError) {
            augmenter = try ByteAugmenter(
                description.testAugment, shape: shape, seed: description.seed, place: "data.testAugment")
        } catch { throw DataError(error) }
        let record = request.record.flatMap { $0.featureMeans.isEmpty ? nil : $0 }
        let isTallied = record == nil && description.standardizes(dataset)
        func count(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
            for channel in 0..<channels {
                for byte in bytes[channel * size..<(channel + 1) * size] { tally[channel * 256 + Int(byte)] += 1 }
            }
        }
        for image in 0..<source.count {
            try request.loading?.report(Double(image) / Double(source.count))
            let place = Int(split.places[image])
            if split.isTraining(image) {
                let bytes = train.bytes(of: place)
                trainLabels[place] = Float(try source.next(into: bytes))
                if isTallied { count(bytes) }
            } else {
                let bytes = test.bytes(of: place - split.trainCount)
                testLabels[place - split.trainCount] = Float(try source.next(into: bytes))
                augmenter?.change(bytes, white: source.white, sample: image)
            }
        }
        try description.drawings.append(
            to: train, &trainLabels, from: split.trainCount, schema: schema, white: source.white
        ) { if isTallied { count($0) } }
        var means = [Float](repeating: 0, count: channels)
        var scales = [Float](repeating: 1, count: channels)
        if let record {
            guard record.featureMeans.count == channels else {
                throw DataError(
                    .malformed, place: "data",
                    message:
                        "the weights were trained with images of \(plural(record.featureMeans.count, "channel")), found "
                        + "\(channels)")
            }
            (means, scales) = (record.featureMeans, record.featureScales)
        } else if isTallied {
            for channel in 0..<channels {
                (means[channel], scales[channel]) = byteMoments(
                    tally[channel * 256..<(channel + 1) * 256], white: source.white)
            }
        }
        func points(_ labels: [Float]) -> Table {
            Table(
                columns: [], rows: [], labels: Array(labels.prefix(PreparedData.mostDrawn)), task: schema.task,
                classNames: schema.classNames)
        }
        self.init(
            schema: schema, columns: [], features: [], trainPoints: points(trainLabels), testPoints: points(testLabels),
            train: Samples(inputs: train.store(white: source.white, means: means, scales: scales), labels: trainLabels),
            test: Samples(inputs: test.store(white: source.white, means: means, scales: scales), labels: testLabels),
            featureMeans: means,
            featureScales: scales, targetMean: 0, targetScale: 1, report: nil, map: FeatureMap.none)
        try request.loading?.report(1)
    }
}

extension PreparedData {
    // MARK: - Sequences

    fileprivate init(
        _ source: inout any SequenceSource, _ dataset: Dataset, _ request: inout DataRequest
    ) throws(DataError) {
        let schema = source.schema
        guard case .sequence(let kind) = schema.kind else {
            preconditionFailure("\(dataset.entry.id) has no sequences")
        }
        do throws(EngineError) {
            let bytes = schema.bytesPerSequence(isWindow: source.text != nil)
            try MemoryRoom.require(
                source.count * bytes, place: "data",
                for: "\(plural(source.count, "sequence")) of \(plural(kind.steps, "step"))",
                advice: schema.fitting(source.count, kind.steps, bytes: bytes, in: MemoryRoom.free ?? 0))
        } catch { throw DataError(error) }
        let split = try Split(
            count: source.count, &request, ownTrainCount: source.trainCount)
        var train: SequenceSet
        var test: SequenceSet
        do throws(EngineError) {
            train = try SequenceSet(kind, count: split.trainCount, text: source.text)
            test = try SequenceSet(kind, count: split.testCount, text: source.text)
        } catch { throw DataError(error) }
        let begun = request.loading?.fraction ?? 0
        var reference = ReferenceMeasure(dataset.reference, schema, request)
        for number in 0..<source.count {
            try request.loading?.report(begun + (1 - begun) * Double(number) / Double(source.count))
            var sample = SequenceSample(kind)
            try source.next(into: &sample)
            let (place, isTraining) = (Int(split.places[number]), split.isTraining(number))
            reference.take(sample, isTraining: isTraining, repeated: number > 0 ? source.repeatedSteps : 0)
            if isTraining { train.write(sample, at: place) } else { test.write(sample, at: place - split.trainCount) }
        }
        self.init(
            schema: schema, columns: [], features: [], trainPoints: train.points(schema),
            testPoints: test.points(schema),
            train: train.samples, test: test.samples, featureMeans: [], featureScales: [],
            targetMean: source.target.mean, targetScale: source.target.scale, report: source.report,
            map: FeatureMap.none)
        referenceLevels = reference.levels()
        foretellsInputs = schema.foretellsInputs(self.train)
        try request.loading?.report(1)
    }
}

/// Mean and population deviation; a constant has the deviation 1.
func moments(_ values: UnsafeBufferPointer<Float>) -> (Float, Float) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (Float(mean), variance > 0 ? Float((variance / count).squareRoot()) : 1)
}

private func moments(_ values: UnsafeMutableBufferPointer<Float>) -> (Float, Float) {
    moments(UnsafeBufferPointer(values))
}

/// The same of bytes that stand for byte / white.
/// - Parameter tally: how often each byte is there.
private func byteMoments(_ tally: ArraySlice<Int>, white: Int) -> (Float, Float) {
    let count = Double(max(1, tally.reduce(0, +)))
    func mean(_ value: (Double) -> Double) -> Double {
        zip(0..., tally).reduce(0) { $0 + Double($1.1) * value(Double($1.0) / Double(white)) } / count
    }
    let average = mean { $0 }
    let variance = mean { ($0 - average) * ($0 - average) }
    return (Float(average), variance > 0 ? Float(variance.squareRoot()) : 1)
}

extension DataError {
    init(_ error: EngineError) { self.init(.malformed, place: error.place, message: error.message) }
}

/// The features of all rows, not yet standardized, and the first rows as points.
struct RowInputs {
    let train: SampleBuilder
    let test: SampleBuilder
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
        var trainPoints: [Float] = []
        var testPoints: [Float] = []
        var sums = [Double](repeating: 0, count: columns)
        var unusable: (values: [Float], feature: Int)?
        do throws(EngineError) {
            self.train = try SampleBuilder(count: trainCount, width: width)
            self.test = try SampleBuilder(count: testCount, width: width)
        } catch { throw DataError(error) }
        let (train, test) = (self.train, self.test)
        // Column by column where that will do: then the source's memory goes as the store's comes.
        let featuresOfColumns = map.featuresOfColumns
        trainPoints = Self.filled(min(trainCount, limit) * columns) { trainPoints in
            testPoints = Self.filled(min(testCount, limit) * columns) { testPoints in
                func note(_ place: Int, _ isTraining: Bool, _ column: Int, _ value: Float) {
                    if isTraining { sums[column] += Double(value) }
                    if place < limit { (isTraining ? trainPoints : testPoints)[place * columns + column] = value }
                }
                if let featuresOfColumns,
                    source.consumeColumns({ row, column, value in
                        let isTraining = split.isTraining(row)
                        let place = Int(split.places[row]) - (isTraining ? 0 : trainCount)
                        for feature in featuresOfColumns[column] {
                            (isTraining ? train : test).values(of: feature)[place] = value
                        }
                        note(place, isTraining, column, value)
                    })
                {
                    return
                }
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { inputs in
                    source.consumeRows { row, values in
                        let isTraining = split.isTraining(row)
                        let place = Int(split.places[row]) - (isTraining ? 0 : trainCount)
                        map.compute(values, into: inputs)
                        if unusable == nil, let bad = inputs.firstIndex(where: { !$0.isFinite }) {
                            unusable = (Array(values), bad)
                        }
                        (isTraining ? train : test).write(UnsafeBufferPointer(inputs), at: place)
                        for column in 0..<columns { note(place, isTraining, column, values[column]) }
                    }
                }
            }
        }
        (self.trainPoints, self.testPoints) = (trainPoints, testPoints)
        columnMeans = sums.map { Float($0 / Double(trainCount)) }
        self.unusable = unusable
        try loading?.report((1 + Loading.readingPart) / 2)
    }

    /// Replaces each value by (value − mean) / scale.
    func standardize(means: [Float], scales: [Float]) {
        for unit in means.indices where means[unit] != 0 || scales[unit] != 1 {
            let (mean, scale) = (means[unit], scales[unit])
            for values in [train.values(of: unit), test.values(of: unit)] {
                for place in values.indices { values[place] = (values[place] - mean) / scale }
            }
        }
    }

    /// An array whose every element `body` writes.
    private static func filled(_ count: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
        Array(unsafeUninitializedCapacity: count) { buffer, filled in
            body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }
}

import Engine

/// The samples that a generator is to make, behind data of noise.
public final class GeneratedData: Sendable {
    public let data: PreparedData
    init(_ data: PreparedData) { self.data = data }
}

extension PreparedData {
    /// The most samples of noise: enough for every picture.
    private static let mostNoise = 2000

    /// The data whose samples the network learns: the real ones, where it takes noise in their place.
    public var learned: PreparedData { real?.data ?? self }

    /// Noise in place of the samples, which stay as `learned`. For images it is an image of one place and as many channels as
    /// numbers.
    public func behind(_ noise: NoiseInput?) -> PreparedData {
        guard let noise else { return self }
        let names = (1...noise.dimensions).map { "z\($0)" }
        let count = min(learned.train.count, Self.mostNoise)
        let values = noise.values(count: count, seed: 1)
        let labels = [Float](repeating: 1, count: count)
        let task = Task.classification(classes: 2)
        let schema = DataSchema(
            learned.schema.isImage ? .image(channels: noise.dimensions, height: 1, width: 1) : .columns(names),
            task: task, classNames: ["generated", "real"])
        let columns =
            learned.schema.isImage
            ? [] : names.map { Column(name: $0, range: noise.range, mean: noise.isNormal ? 0 : 0.5) }
        let drawn = min(count, Self.pointLimit(columns: columns.count))
        func points(_ count: Int) -> Table {
            Table(
                columns: columns, rows: Array(values.prefix(count * columns.count)),
                labels: Array(labels.prefix(count)),
                task: task, classNames: schema.classNames)
        }
        var data = PreparedData(
            schema: schema, columns: columns, features: columns.map(\.name), trainPoints: points(drawn),
            testPoints: points(0), train: Samples(count: count, inputs: values, labels: labels),
            test: Samples(count: 0, inputs: [], labels: []),
            featureMeans: [Float](repeating: 0, count: noise.dimensions),
            featureScales: [Float](repeating: 1, count: noise.dimensions), targetMean: 0, targetScale: 1, report: nil,
            map: columns.isEmpty ? FeatureMap.none : FeatureMap(columns: names))
        data.real = GeneratedData(learned)
        return data
    }

    /// The ranges of the columns, where the features are the columns themselves; else empty.
    public var featureRanges: [ClosedRange<Float>] {
        let isPlain =
            features == columns.map(\.name) && featureMeans.allSatisfy { $0 == 0 }
            && featureScales.allSatisfy { $0 == 1 }
        return isPlain ? columns.map(\.range) : []
    }
}

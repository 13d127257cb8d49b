import Engine

/// Data ready to train on, and all that plots need to know of it.
///
/// Its extensions are long together, because rows, images and sequences are each prepared in an initializer of their own.
public struct PreparedData: Sendable {
    /// More points of the training rows or of the test rows are not drawn.
    public static let mostDrawn = 2000
    /// The most points that are kept for drawing, of the training rows and of the test rows: fewer of many columns.
    public static func pointLimit(columns: Int) -> Int { max(1000, min(mostDrawn, (1 << 20) / max(1, columns))) }

    public var schema: DataSchema
    /// The columns with their ranges; none for images.
    public var columns: [Column]
    public var task: Task { schema.task }
    public var classNames: [String] { schema.classNames }
    /// As the experiment names them: "x1", "sin(x1)", "x1*x2 - 0.5"; none for images.
    public var features: [String]
    /// The first `pointLimit` of the training rows and of the test rows in original units, for drawing. Row i is sample
    /// i of `train` or `test`.
    public var trainPoints: Table
    public var testPoints: Table
    /// All rows as features, or all images, standardized where the description says so; in memory once, whoever holds them.
    public var train: Samples
    public var test: Samples
    /// Each feature, or each channel of an image, is standardized as (value − mean) / scale; 0 and 1 where it is not.
    public var featureMeans: [Float]
    public var featureScales: [Float]
    /// A regression's value in original units is label · targetScale + targetMean.
    public var targetMean: Float
    public var targetScale: Float
    /// The file's columns and rows; nil for generated data.
    public var report: TableReport?
    let map: FeatureMap
    /// The losses of answers without a network that are known; may be empty.
    public internal(set) var referenceLevels: [ReferenceLevel] = []
    /// Whether the target of each step is the input of the next one: then the network can be fed its own answers.
    public internal(set) var foretellsInputs = false
    /// The pictures that the procedure asks for; nil: none.
    public internal(set) var pictures: InputPictures?
    /// The real samples, where the network takes noise in their place.
    var real: GeneratedData?

    /// The name of a value that the network takes in: a feature as the experiment names it, a pixel by its row and column, or a
    /// value of a sequence by its step, all from 1.
    public func inputName(_ unit: Int) -> String {
        if case .sequence(let sequence) = schema.kind {
            return "\(sequence.features[unit % sequence.features.count]) at step \(unit / sequence.features.count + 1)"
        }
        if case .environment(let game) = schema.kind {
            let axes = game.shape.axes
            if let name = game.inputs.isEmpty ? nil : game.inputs[unit % game.inputs.count] { return name }
            guard axes.count == 3 else { return "x\(unit + 1)" }
            let (size, width) = (axes[1] * axes[2], axes[2])
            let cell = "cell \(unit / width % axes[1] + 1), \(unit % width + 1)"
            return axes[0] == 1 ? cell : "\(cell) of channel \(unit / size + 1)"
        }
        guard case .image(let channels, let height, let width) = schema.kind else {
            return features.indices.contains(unit) ? features[unit] : "x\(unit + 1)"
        }
        if real != nil { return "z\(unit + 1)" }
        let place = "pixel \(unit / width % height + 1), \(unit % width + 1)"
        return channels == 3 ? "\(["red", "green", "blue"][min(2, unit / (height * width))]) of \(place)" : place
    }

    /// Bytes of all samples.
    public var bytes: Int {
        [trainPoints.rows, trainPoints.labels, testPoints.rows, testPoints.labels, train.labels, test.labels]
            .reduce(train.inputs.bytes + test.inputs.bytes) { $0 + $1.count * MemoryLayout<Float>.stride }
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
            featureMeans: featureMeans, featureScales: featureScales, targetMean: targetMean, targetScale: targetScale,
            image: schema.isImage ? schema.input(features: []) : nil)
    }

    /// Each feature as steps over raw columns, before it is standardized; none of images and sequences.
    public var featureSteps: [[FormulaStep]] { map.steps }

    /// The features of raw rows of columns.
    /// - Parameter rows: row-major `[count, columns]` in original units.
    /// - Returns: row-major `[count, features]`.
    public func featureValues(of rows: [Float], count: Int) -> [Float] {
        var values = map.values(of: rows, count: count)
        let width = featureMeans.count
        for place in values.indices {
            values[place] = (values[place] - featureMeans[place % width]) / featureScales[place % width]
        }
        return values
    }
}

import Datasets
import Engine

/// A rival's answers over the plane of two columns, or over one column.
public struct RivalPicture: Sendable, Hashable {
    public var boundary: Boundary
    public var mistakes: Picture.Mistakes
    /// Of a rival with margins its decision at the plane's pixels, `[rows, columns]`, top row first; else empty.
    public var decisions: [Float]
    /// The training rows that carry its answers, of those that are drawn.
    public var support: [Int]
    /// Counts its models: another number for another one.
    var version: Int
}

/// Makes the pictures of rivals; those of rivals that stay as they are are kept.
struct RivalPictures {
    private var made: [Key: RivalPicture] = [:]

    private struct Key: Hashable {
        var index: Int
        var version: Int
        /// Where it learns from a layer its parameters' version.
        var parameters: Int
        var revision: Int
        var size: ViewRequest.Size
        var columns: [Int]
    }

    /// The pictures of all rivals in their order; nil for one that has not begun.
    mutating func pictures(
        _ snapshot: Snapshot, size: ViewRequest.Size, columns: [Int], pass: ForwardPass
    ) throws(EngineError) -> [RivalPicture?] {
        var kept: [Key: RivalPicture] = [:]
        var pictures: [RivalPicture?] = []
        for (index, report) in snapshot.rivals.enumerated() {
            let key = Key(
                index: index, version: report.version,
                parameters: report.layer == nil ? 0 : snapshot.parameterVersion, revision: snapshot.revision,
                size: size,
                columns: columns)
            let known = made[key]
            let picture = known == nil ? try picture(report, snapshot, size, columns, pass) : known
            kept[key] = picture
            pictures.append(picture)
        }
        made = kept
        return pictures
    }

    private func picture(
        _ report: RivalReport, _ snapshot: Snapshot, _ size: ViewRequest.Size, _ columns: [Int], _ pass: ForwardPass
    ) throws(EngineError) -> RivalPicture? {
        guard let predictor = pass.predictor(of: report) else { return nil }
        let data = snapshot.data.learned
        let isCurve = columns.count == 1
        let size = isCurve ? ViewRequest.Size(columns: size.columns, rows: 1) : size
        let grid = try pass.grid(data, columns: columns, size: size, vertices: isCurve)
        let outputs = try predictor.outputs(at: grid)
        let reading = RivalReading(data: data, outputs: outputs.count)
        var boundary = Boundary(
            columns: columns, xRange: data.columns[columns[0]].range,
            yRange: isCurve ? reading.yRange : data.columns[columns[1]].range, size: size,
            field: reading.field(outputs),
            scale: reading.scale)
        if isCurve { boundary.curves = reading.curves(outputs) }
        func mistakes(_ samples: Samples, _ points: Table) throws(EngineError) -> [Bool] {
            let count = min(points.count, samples.count, Picture.pointLimit)
            guard data.task.classes != nil, count > 0 else { return [] }
            let classes = predictor.classes(of: try predictor.outputs(at: FixedInputs(samples.inputs, count: count)))
            return (0..<count).map { Float(classes[$0]) != points.labels[$0] }
        }
        let model = report.model
        return RivalPicture(
            boundary: boundary,
            mistakes: Picture.Mistakes(
                train: try mistakes(data.train, data.trainPoints), test: try mistakes(data.test, data.testPoints)),
            decisions: model?.hasMargin == true && !isCurve ? outputs[0] : [],
            support: (model?.supportRows ?? []).map { Int($0) }.filter {
                $0 < min(data.trainPoints.count, Picture.pointLimit)
            },
            version: report.version)
    }
}

/// How the outputs of a rival become colours.
private struct RivalReading {
    let data: PreparedData
    let outputs: Int
    /// −1…1 in original units.
    let scale: ValueScale

    init(data: PreparedData, outputs: Int) {
        (self.data, self.outputs) = (data, outputs)
        guard data.task.classes == nil else {
            scale = ValueScale()
            return
        }
        let labels = data.train.labels.filter { $0 != Samples.noLabel }
        let range = DampedScale.span(labels.map { $0 * data.targetScale + data.targetMean }, margin: 0)
        scale = ValueScale(
            center: (range.lowerBound + range.upperBound) / 2, half: (range.upperBound - range.lowerBound) / 2)
    }

    private func original(_ value: Float) -> Float { value * data.targetScale + data.targetMean }

    /// The axis of curves, the same for all rivals.
    var yRange: ClosedRange<Float> {
        if data.task.classes == nil {
            let room = 0.15 * scale.half
            return (scale.center - scale.half - room)...(scale.center + scale.half + room)
        }
        return data.task.classes == 2 ? -1.1...1.1 : 0...1
    }

    /// A decision, or of two probabilities how far the second is above the first; of values their place in the scale.
    private func single(_ values: [[Float]], _ at: Int) -> Float {
        if data.task.classes == nil { return scale.mapped(original(values[0][at])) }
        return outputs == 1 ? min(max(values[0][at], -1), 1) : values[1][at] - values[0][at]
    }

    func field(_ values: [[Float]]) -> Field {
        let count = values[0].count
        guard let classes = data.task.classes, classes > 2 else {
            return Field(values: (0..<count).map { single(values, $0) })
        }
        var field = Field()
        let even = 1 / Float(classes)
        for at in 0..<count {
            let best = (1..<classes).reduce(0) { values[$1][at] > values[$0][at] ? $1 : $0 }
            field.classes.append(best)
            field.confidences.append(min(max((values[best][at] - even) / (1 - even), 0), 1))
        }
        return field
    }

    func curves(_ values: [[Float]]) -> [[Float]] {
        if data.task.classes == nil { return [values[0].map(original)] }
        if data.task.classes == 2 { return [values[0].indices.map { single(values, $0) }] }
        return values
    }
}

extension ForwardPass {
    /// A rival over the network that was loaded last; nil: it has not begun.
    func predictor(of report: RivalReport) -> RivalPredictor? {
        guard let model = report.model, report.layer == nil || network != nil else { return nil }
        return RivalPredictor(model, network: network, layer: report.layer, threads: 1)
    }
}

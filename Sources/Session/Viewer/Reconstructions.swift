import Datasets
import Engine

/// The samples whose reconstructions are on the screen.
public struct ReconstructionRequest: Sendable, Hashable {
    /// The chosen sample, a row of the shown set (`PreparedData.shownImages`).
    public var row: Int
    /// The number of the draw that corrupts it.
    public var draw: Int
    /// Rows of which it is shown what the network makes of them, beside the chosen one.
    public var others: [Int]
    /// The points of two columns with what the network makes of them are on the screen.
    public var hasPlane: Bool
    /// The errors of all samples are on the screen, or their order.
    public var hasErrors: Bool

    public init(row: Int, draw: Int = 0, others: [Int] = [], hasPlane: Bool = false, hasErrors: Bool = true) {
        (self.row, self.draw, self.others, self.hasPlane) = (row, draw, others, hasPlane)
        self.hasErrors = hasErrors
    }
}

/// The samples as a network gives them back, in the data's own units: pixels from 0 to 1.
public struct Reconstructions: Sendable, Hashable {
    public var request: ReconstructionRequest
    /// For each of the shown set's first samples the mean of (x̂ − x)² over its values, as the network takes them; empty: not asked
    /// for.
    public var errors: [Float]
    /// The chosen sample as training may take it in; nil: training takes samples as they are.
    public var corrupted: [Float]?
    /// The network's answer to `corrupted`, or to the chosen sample itself.
    public var restored: [Float]
    /// Its answers to the others, by their rows.
    public var results: [Int: [Float]] = [:]
    /// The points of the two columns.
    public var plane: ReconstructedPlane?

    /// The rows by their errors, the largest first; those that are no numbers before all.
    public var worst: [Int] {
        errors.indices.sorted { one, other in
            let (a, b) = (errors[one], errors[other])
            if a.isNaN != b.isNaN { return a.isNaN }
            return a == b || a.isNaN ? one < other : a > b
        }
    }

    init(_ request: ReconstructionRequest, _ snapshot: Snapshot, _ pass: ForwardPass) throws(EngineError) {
        let (data, network) = (snapshot.data, snapshot.network)
        let shown = data.shownImages.inputs
        self.request = request
        let count = request.hasErrors ? min(shown.count, PreparedData.mostShownImages) : 0
        let wanted = (0..<network.input.count).map {
            Network.Wanted(layer: snapshot.outline.output, stage: .activation, unit: $0)
        }
        let values = try pass.values(of: wanted, at: FixedInputs(shown, count: count))
        errors = [Float](repeating: 0, count: count)
        for (unit, own) in values.enumerated() {
            for row in 0..<count { errors[row] += (own[row] - shown[row, unit]) * (own[row] - shown[row, unit]) }
        }
        for row in errors.indices { errors[row] /= Float(max(1, values.count)) }
        for row in request.others where row >= 0 && row < count {
            results[row] = data.originalValues(values.map { $0[row] })
        }
        restored = []
        guard request.row >= 0, request.row < shown.count else { return }
        let clean = Array(shown.values(of: request.row).prefix(network.input.count))
        let input = try shown.corrupted(
            request.row, shape: network.input, snapshot.experiment.learning.corruption, seed: snapshot.experiment.seed,
            counter: UInt64(max(0, request.draw)))
        if input != clean { corrupted = data.originalValues(input) }
        pass.forward(input)
        restored = data.originalValues(pass.values(layer: snapshot.outline.output))
    }
}

extension PreparedData {
    /// A sample's values in original units, from those that the network takes.
    func originalValues(_ values: [Float]) -> [Float] {
        guard image == nil else { return pixels(ofNetworkValues: values) }
        guard featureMeans.count == values.count else { return values }
        return values.indices.map { values[$0] * featureScales[$0] + featureMeans[$0] }
    }
}

/// Points of two columns with what a network gives back of them, in the columns' units.
public struct ReconstructedPlane: Sendable, Hashable {
    public var columns: [Int]
    public var train: [SIMD2<Float>]
    public var test: [SIMD2<Float>]
    /// Lines of places that the decoder makes of codes: one through all codes of one value, or a net of those of two; none of
    /// larger codes.
    public var trace: [[SIMD2<Float>]]

    /// Points of one set beyond this number have no reconstruction.
    static let mostPoints = 1000
    private static let places = 161
    private static let lines = 9

    /// nil: the two columns are no features.
    init?(
        _ snapshot: Snapshot, columns: [Int], code: HiddenTarget, _ tails: NetworkTails, _ pass: ForwardPass
    ) throws(EngineError) {
        let (data, output) = (snapshot.data, snapshot.outline.output)
        let features = columns.compactMap { column in data.features.firstIndex(of: data.columns[column].name) }
        guard features.count == 2 else { return nil }
        self.columns = columns
        func place(_ x: Float, _ y: Float) -> SIMD2<Float> {
            SIMD2(
                x * data.featureScales[features[0]] + data.featureMeans[features[0]],
                y * data.featureScales[features[1]] + data.featureMeans[features[1]])
        }
        func places(_ samples: Samples) throws(EngineError) -> [SIMD2<Float>] {
            let inputs = FixedInputs(samples.inputs, count: min(samples.count, Self.mostPoints))
            let values = try pass.values(
                of: features.map { Network.Wanted(layer: output, stage: .activation, unit: $0) }, at: inputs)
            return values[0].indices.map { place(values[0][$0], values[1][$0]) }
        }
        (train, test, trace) = (try places(data.train), try places(data.test), [])
        let units = snapshot.outline.unitCount(layer: code.layer)
        guard units <= 2, let tail = try tails.tail(of: snapshot, behind: code.layer) else { return }
        let inputs = FixedInputs(data.train.inputs, count: min(data.train.count, Self.mostPoints))
        let codes = try pass.values(
            of: (0..<units).map { Network.Wanted(layer: code.layer, stage: .activation, unit: $0) }, at: inputs)
        let ranges = codes.map { DampedScale.span($0) }
        func line(_ code: (Float) -> [Float]) -> [SIMD2<Float>] {
            let values = tail.outputs(of: (0..<Self.places).flatMap { code(Float($0) / Float(Self.places - 1)) })
            return (0..<Self.places).map { at in
                place(values[at * tail.outputCount + features[0]], values[at * tail.outputCount + features[1]])
            }
        }
        guard units == 2 else {
            trace = [line { [ranges[0].lowerBound + $0 * ranges[0].span] }]
            return
        }
        for number in 0..<Self.lines {
            let share = Float(number) / Float(Self.lines - 1)
            let fixed = ranges.map { $0.lowerBound + share * $0.span }
            trace.append(line { [fixed[0], ranges[1].lowerBound + $0 * ranges[1].span] })
            trace.append(line { [ranges[0].lowerBound + $0 * ranges[0].span, fixed[1]] })
        }
    }
}

/// The layers of a network behind one of them, planned once and kept.
final class NetworkTails {
    private var known: NetworkTail?
    private var missing: (description: NetworkDescription, layer: LayerPath)?

    /// nil: another way leads around the layer.
    func tail(of snapshot: Snapshot, behind layer: LayerPath) throws(EngineError) -> NetworkTail? {
        let description = snapshot.network
        if let missing, missing == (description, layer) { return nil }
        if known?.description != description || known?.layer != layer {
            known = try NetworkTail(description, behind: layer, capacity: 64)
            missing = known == nil ? (description, layer) : nil
        }
        known?.load(parameters: snapshot.parameters)
        return known
    }
}

/// The places of a code plane whose meanings are on the screen.
public struct DecodingRequest: Sendable, Hashable {
    /// Places in columns and rows over the whole plane; none: 0.
    public var size: ViewRequest.Size
    /// The cursor, from 0 to 1 from the left and from below.
    public var place: SIMD2<Float>
    public init(size: ViewRequest.Size, place: SIMD2<Float>) { (self.size, self.place) = (size, place) }
}

/// The decoder's answers to places in a code plane, in the data's units.
public struct DecodedPlane: Sendable, Hashable {
    public var request: DecodingRequest
    /// Row by row from the top.
    public var grid: [[Float]]
    /// The code under the cursor, and what it means.
    public var code: [Float]
    public var result: [Float]

    /// - Parameters:
    ///   - codes: of a place in the plane's units.
    ///   - x, y: the plane's axes.
    init(
        _ request: DecodingRequest, _ tail: NetworkTail, _ data: PreparedData, x: ClosedRange<Float>,
        y: ClosedRange<Float>, code: (SIMD2<Float>) -> [Float]
    ) {
        self.request = request
        func place(_ u: Float, _ v: Float) -> SIMD2<Float> {
            SIMD2(x.lowerBound + u * x.span, y.lowerBound + v * y.span)
        }
        let size = request.size
        let own = code(place(request.place.x, request.place.y))
        var codes = own
        for row in 0..<size.rows {
            for column in 0..<size.columns {
                codes += code(
                    place(
                        (Float(column) + 0.5) / Float(size.columns), 1 - (Float(row) + 0.5) / Float(size.rows)))
            }
        }
        let values = tail.outputs(of: codes)
        let width = tail.outputCount
        var results = (0..<values.count / width).map {
            data.originalValues(Array(values[$0 * width..<($0 + 1) * width]))
        }
        self.code = own
        result = results.removeFirst()
        grid = results
    }
}

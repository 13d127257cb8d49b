import Engine

/// The places of samples in a hidden layer: by two of its units, or by its principal components.
public struct ClassCloud: Sendable, Hashable {
    public var target: HiddenTarget
    public var places: [SIMD2<Float>]
    public var xRange: ClosedRange<Float>
    public var yRange: ClosedRange<Float>
    /// PCA: the shares of the variance along x and y.
    public var explained: [Float]
    /// t-SNE: the steps that it has taken; nil: units or PCA.
    public var steps: Int?
    public init(
        target: HiddenTarget, places: [SIMD2<Float>], xRange: ClosedRange<Float>, yRange: ClosedRange<Float>,
        explained: [Float]
    ) {
        (self.target, self.places, self.explained) = (target, places, explained)
        (self.xRange, self.yRange) = (xRange, yRange)
    }

    /// Places on axes that span them.
    init(_ target: HiddenTarget, spanning places: [SIMD2<Float>], explained: [Float]) {
        let (x, y) = (DampedScale.span(places.map(\.x)), DampedScale.span(places.map(\.y)))
        self.init(
            target: target, places: places.map { SIMD2(x.fraction(of: $0.x), y.fraction(of: $0.y)) }, xRange: x,
            yRange: y, explained: explained)
    }
}

/// Makes clouds of a layer's values. Lives in the viewer's thread.
struct CloudMaker {
    private var subject: HiddenTarget?
    /// Of the last cloud, where it was one of principal components.
    private(set) var components: PrincipalComponents?

    /// The places of samples by two units, or by the principal components of all.
    mutating func cloud(
        _ snapshot: Snapshot, _ target: HiddenTarget, _ inputs: FixedInputs, _ pass: ForwardPass
    ) throws(EngineError) -> ClassCloud {
        let units = target.pca ? Array(0..<snapshot.outline.unitCount(layer: target.layer)) : target.units
        let rows = try Self.rows(units, of: target, at: inputs, pass)
        if subject != target { (subject, components) = (target, nil) }
        guard target.pca else {
            let places = (0..<inputs.count).map {
                SIMD2(rows[$0 * units.count], rows[($0 + 1) * units.count - 1])
            }
            return ClassCloud(target, spanning: places, explained: [])
        }
        let found = PrincipalComponents(points: rows, dimensions: units.count, previous: components)
        components = found
        return ClassCloud(target, spanning: found.project(rows), explained: found.explained)
    }

    /// The values of units as rows of points, `[inputs.count, units.count]`.
    static func rows(
        _ units: [Int], of target: HiddenTarget, at inputs: FixedInputs, _ pass: ForwardPass
    ) throws(EngineError) -> [Float] {
        let stage: Network.Stage = target.stage == .activation ? .activation : .preActivation
        let values = try pass.values(
            of: units.map { Network.Wanted(layer: target.layer, stage: stage, unit: $0) }, at: inputs)
        let width = values.count
        var rows = [Float](repeating: 0, count: width * inputs.count)
        for (column, unit) in values.enumerated() {
            for (row, value) in unit.enumerated() { rows[row * width + column] = value }
        }
        return rows
    }
}

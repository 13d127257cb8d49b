import Datasets
import Engine

/// Makes the hidden-feature view's pictures; remembers the scale and the basis from frame to frame.
struct HiddenProjection {
    /// Vertices along each axis of the warped grid (ConvNetJS' 41), and along a single input's curve.
    static let vertices = 41
    static let curveVertices = 161
    /// More points than this are not drawn, and PCA is not fitted on more.
    static let pointLimit = 1000
    /// The height of a strip, of the whole view.
    static let stripHeight: Float = 0.5

    /// The facts that must be the same for scale and basis to go on.
    private struct Subject: Hashable {
        var target: HiddenTarget
        var columns: [Int]
        var generation: Int
        var input: Int
    }
    private var subject: Subject?
    private var scales: [DampedScale] = []
    private var components: PrincipalComponents?
    /// The axes have one unit.
    private var sharesUnit: Bool?
    private(set) var settled = true
    private let later = LaterLayers()

    mutating func makePicture(
        _ snapshot: Snapshot, target wanted: HiddenTarget, columns: [Int], aspect: Float, frozen: Bool,
        reading: OutputReading, pass: ForwardPass
    ) throws(EngineError) -> HiddenPicture {
        let outline = snapshot.outline
        let data = snapshot.data
        let target = wanted.fitted(to: outline)
        let curve = columns.count == 1
        let size =
            curve
            ? ViewRequest.Size(columns: Self.curveVertices, rows: 1)
            : ViewRequest.Size(columns: Self.vertices, rows: Self.vertices)
        let subject = Subject(
            target: target, columns: columns, generation: snapshot.generation, input: outline.input.count)
        if subject != self.subject {
            self.subject = subject
            scales = []
            components = nil
            sharesUnit = nil
        }

        let shown = target.pca ? Array(0..<outline.unitCount(layer: target.layer)) : target.units
        let stage: Network.Stage = target.stage == .activation ? .activation : .preActivation
        var asked = shown.map { Network.Wanted(layer: target.layer, stage: stage, unit: $0) }
        let points = [data.train.inputs, data.test.inputs].map {
            FixedInputs($0, count: min($0.count, Self.pointLimit))
        }
        let pointValues = try points.map { points throws(EngineError) in try pass.values(of: asked, at: points) }
        for output in 0..<reading.outputs {
            asked.append(.init(layer: outline.output, stage: .activation, unit: output))
        }
        let grid = try pass.grid(data, columns: columns, size: size, vertices: true)
        let gridValues = try pass.values(of: asked, at: grid)
        let layerValues = Array(gridValues.prefix(shown.count))

        if target.pca, !(frozen && components != nil) {
            components = PrincipalComponents(
                points: Self.rows(pointValues[0]), dimensions: shown.count, previous: components)
        }
        var places = ([layerValues] + pointValues).map { values -> [SIMD2<Float>] in
            if target.pca { return components!.project(Self.rows(values)) }
            let y = values.count > 1 ? values[1] : values[0]
            return values[0].indices.map { SIMD2(values[0][$0], y[$0]) }
        }
        let starts = [Self.gridStart(size)] + [data.trainPoints, data.testPoints].map { Self.start($0, columns, data) }
        let strip = shown.count == 1 && !curve
        if shown.count == 1 && curve {
            // One unit over one input is the familiar curve: the input stays the x axis.
            let range = data.columns[columns[0]].range
            for set in places.indices {
                for at in places[set].indices {
                    places[set][at].x = range.lowerBound + starts[set][at].x * (range.upperBound - range.lowerBound)
                }
            }
        }

        let wholeX = places.flatMap { $0.map(\.x) }
        let wholeY = places.flatMap { $0.map(\.y) }
        follow(
            [
                shown.count == 1 && curve ? data.columns[columns[0]].range : DampedScale.span(wholeX),
                DampedScale.span(wholeY),
            ], frozen: frozen)
        let (xRange, yRange) =
            shown.count == 1 ? (scales[0].range, scales[1].range) : proportioned(aspect, frozen: frozen)
        let ends = zip(places, starts).map { places, starts in
            zip(places, starts).map { place, start in
                SIMD2(
                    xRange.fraction(of: place.x),
                    strip ? 0.5 + Self.stripHeight * (start.y - 0.5) : yRange.fraction(of: place.y))
            }
        }

        let (startX, startY) = Self.inputAxes(columns, data, aspect)
        func started(_ set: Int) -> [SIMD2<Float>] {
            guard !curve else { return starts[set] }
            let (x, y) = (data.columns[columns[0]].range, data.columns[columns[1]].range)
            let share = SIMD2(x.span / startX.span, y.span / startY.span)
            return starts[set].map { 0.5 + ($0 - 0.5) * share }
        }
        var picture = HiddenPicture(
            target: target, columns: columns, size: size, gridStart: started(0), gridEnd: ends[0],
            field: reading.field(Array(gridValues.suffix(reading.outputs))), xRange: xRange, yRange: yRange)
        (picture.startXRange, picture.startYRange) = (startX, startY)
        (picture.trainStart, picture.trainEnd) = (started(1), ends[1])
        (picture.testStart, picture.testEnd) = (started(2), ends[2])
        picture.strip = strip
        picture.explained = target.pca ? components!.explained : []
        picture.words = Self.words(target, layerValues, pointValues)
        if !(shown.count == 1 && curve) {
            picture.line = NextLayerLine(snapshot: snapshot, target: target)?.ends(x: xRange, y: yRange)
            picture.plane = later.field(snapshot, target: target, x: xRange, y: yRange, reading: reading)
            picture.planeSize = LaterLayers.size
        }
        return picture
    }

    private mutating func follow(_ targets: [ClosedRange<Float>], frozen: Bool) {
        if scales.isEmpty {
            scales = targets.map { DampedScale(showing: $0) }
        } else if !frozen {
            for index in scales.indices { scales[index].move(towards: targets[index]) }
        }
        settled = frozen || scales.allSatisfy(\.settled)
    }

    /// The axes, the shorter one widened so that both have one unit, as long as their spans differ less than threefold.
    /// Spans that hover about that limit do not make the picture jump: a unit given up comes back a little below it.
    private mutating func proportioned(
        _ aspect: Float, frozen: Bool
    ) -> (x: ClosedRange<Float>, y: ClosedRange<Float>) {
        let (x, y) = (scales[0].range, scales[1].range)
        let ratio = max(x.span / y.span, y.span / x.span)
        if !(frozen && sharesUnit != nil) { sharesUnit = ratio < (sharesUnit == false ? 2.7 : 3) }
        return sharesUnit == true ? Self.withOneUnit(x, y, aspect) : (x, y)
    }

    /// - Parameter aspect: the picture's width in its height.
    private static func withOneUnit(
        _ x: ClosedRange<Float>, _ y: ClosedRange<Float>, _ aspect: Float
    ) -> (x: ClosedRange<Float>, y: ClosedRange<Float>) {
        guard aspect.isFinite, aspect > 0 else { return (x, y) }
        return (x.widened(to: y.span * aspect), y.widened(to: x.span / aspect))
    }

    /// The input plane's axes; with one input they are its range, and nothing.
    private static func inputAxes(
        _ columns: [Int], _ data: PreparedData, _ aspect: Float
    ) -> (x: ClosedRange<Float>, y: ClosedRange<Float>) {
        let x = data.columns[columns[0]].range
        guard columns.count > 1 else { return (x, 0...1) }
        let y = data.columns[columns[1]].range
        return max(x.span / y.span, y.span / x.span) < 3 ? withOneUnit(x, y, aspect) : (x, y)
    }

    /// Notes in words on facts that a picture cannot show.
    private static func words(_ target: HiddenTarget, _ grid: [[Float]], _ points: [[[Float]]]) -> [String] {
        if target.pca { return [] }
        return target.units.enumerated().compactMap { index, unit in
            let values = grid[index] + points.flatMap { $0[index] }
            guard let low = values.min(), let high = values.max(), low.isFinite, high.isFinite,
                high - low <= 1e-6 * max(1, abs(low), abs(high))
            else { return nil }
            let name = target.layer.isInput ? "feature \(unit + 1)" : "unit \(unit + 1)"
            if low == 0 && high == 0 { return "\(name) is dead: 0 everywhere" }
            return "\(name) is constant: \(formatNumber(Double(low), digits: 4)) everywhere"
        }
    }

    /// Columns of values as rows of points.
    private static func rows(_ values: [[Float]]) -> [Float] {
        let width = values.count
        var rows = [Float](repeating: 0, count: width * (values.first?.count ?? 0))
        for (column, unit) in values.enumerated() {
            for (row, value) in unit.enumerated() { rows[row * width + column] = value }
        }
        return rows
    }

    private static func gridStart(_ size: ViewRequest.Size) -> [SIMD2<Float>] {
        (0..<size.count).map { at in
            SIMD2(
                Float(at % size.columns) / Float(max(1, size.columns - 1)),
                size.rows > 1 ? Float(at / size.columns) / Float(size.rows - 1) : 0.5)
        }
    }

    private static func start(_ table: Table, _ columns: [Int], _ data: PreparedData) -> [SIMD2<Float>] {
        let width = data.columns.count
        return (0..<min(table.count, pointLimit)).map { row in
            func normalized(_ column: Int) -> Float {
                data.columns[column].range.fraction(of: table.rows[row * width + column])
            }
            return SIMD2(normalized(columns[0]), columns.count > 1 ? normalized(columns[1]) : 0.5)
        }
    }
}

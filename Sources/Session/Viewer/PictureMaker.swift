import Datasets
import Engine

/// Makes pictures of snapshots: grids, tiles and projections through a forward-only network of its own. Lives in one
/// thread; the same snapshots and requests in the same order give the same pictures.
public final class PictureMaker {
    private let pass: ForwardPass
    private var images = ImagePictures()
    private let sequences = SequencePictures()
    private var answering = SequenceAnswering()
    private var games = GamePictures()
    private let adversaries = AdversarialPictures()
    private var rivals = RivalPictures()
    private var projection = HiddenProjection()
    /// Of the view from which another one bends.
    private var startProjection = HiddenProjection()
    private let tails = NetworkTails()
    /// Those that run backwards, for all views.
    private let gradientNetworks = GradientNetworks()
    private var healthMeter = HealthMeter()

    /// - Parameter samples: the most that go through the network at once, where its values take little memory.
    public init(samples: Int = 512) { pass = ForwardPass(samples: samples) }

    /// Of what there is no memory for the picture shows nothing.
    public func makePicture(_ snapshot: Snapshot, _ request: ViewRequest) -> Picture {
        var picture = Picture(revision: snapshot.revision, generation: snapshot.generation, step: snapshot.step)
        try? fill(&picture, snapshot, request)
        if request.health, let (health, isCurrent) = healthMeter.measure(snapshot, gradientNetworks) {
            picture.health = health
            picture.settled = picture.settled && isCurrent
        }
        gradientNetworks.releaseOthers()
        return picture
    }

    private func fill(_ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest) throws(EngineError) {
        guard pass.load(snapshot) else { return }
        if let wanted = request.adversarial { try adversaries.fill(&picture, snapshot, wanted) }
        try adversaries.fillSample(&picture, snapshot, request)
        if let wanted = request.reconstruction {
            picture.reconstructions = try Reconstructions(wanted, snapshot, pass)
        }
        if snapshot.data.image != nil {
            return try images.fill(&picture, snapshot, request, pass, gradientNetworks)
        }
        if snapshot.data.sequence != nil {
            try sequences.fill(&picture, snapshot, request, pass, gradientNetworks)
            return try answering.fill(&picture, snapshot, request, pass, gradientNetworks)
        }
        if request.game != nil { try games.fill(&picture, snapshot, request, pass) }
        guard !snapshot.data.columns.isEmpty else { return }
        if let row = request.traced { picture.traced = pass.trace(row: row, of: snapshot) }
        let columns = ViewRequest.columns(request.columns, of: snapshot.data.columns.count)
        let reading = OutputReading(network: snapshot.network, outline: snapshot.outline, data: snapshot.data)
        if request.reconstruction?.hasPlane == true, columns.count > 1 {
            let code = HiddenTarget(view: snapshot.experiment.view, outline: snapshot.outline)
            picture.reconstructions?.plane = try ReconstructedPlane(snapshot, columns: columns, code: code, tails, pass)
        }
        if let size = request.boundary, size.count > 0 {
            picture.boundary = try boundary(snapshot, request, size, columns, reading)
        }
        if let size = request.rivals, size.count > 0, !snapshot.rivals.isEmpty {
            picture.rivals = try rivals.pictures(snapshot, size: size, columns: columns, pass: pass)
        }
        if let size = request.tileSize, size.count > 0 {
            picture.tiles = try tiles(snapshot, request.tiles, size, columns, reading)
        }
        if let target = request.hidden {
            func project(_ target: HiddenTarget, with projection: inout HiddenProjection) throws(EngineError)
                -> HiddenPicture
            {
                try projection.makePicture(
                    snapshot, target: target, columns: columns, aspect: request.hiddenAspect,
                    frozen: request.scaleFrozen, reading: reading, pass: pass)
            }
            var hidden = try project(target, with: &projection)
            picture.settled = projection.settled
            if let start = request.hiddenStart {
                hidden.bend(from: try project(start, with: &startProjection))
                picture.settled = picture.settled && startProjection.settled
            }
            picture.hidden = hidden
        }
        if picture.boundary != nil || picture.hidden != nil {
            picture.mistakes = Picture.Mistakes(
                train: try mistakes(snapshot, snapshot.data.train, snapshot.data.trainPoints, reading),
                test: try mistakes(snapshot, snapshot.data.test, snapshot.data.testPoints, reading))
        }
        if let place = request.probe, let neuron = request.probed.flatMap({ Self.fitted($0, to: snapshot.outline) }) {
            picture.probe = try probe(snapshot, place, neuron, columns)
        }
    }

    private func boundary(
        _ snapshot: Snapshot, _ request: ViewRequest, _ size: ViewRequest.Size, _ columns: [Int],
        _ reading: OutputReading
    ) throws(EngineError) -> Boundary {
        let data = snapshot.data
        let outputLayer = snapshot.outline.output
        let neuron = request.neuron.flatMap { Self.fitted($0, to: snapshot.outline) }
        let curve = columns.count == 1
        let size = curve ? ViewRequest.Size(columns: size.columns, rows: 1) : size
        let grid = try pass.grid(data, columns: columns, size: size, vertices: curve)
        var values: [[Float]]
        if let neuron {
            values = try pass.values(
                of: [Network.Wanted(layer: neuron.layer, stage: .activation, unit: neuron.unit)], at: grid)
        } else {
            values = try pass.outputs(at: grid)
        }
        let scale: ValueScale
        let field: Field
        if let neuron, neuron.layer != outputLayer {
            scale = Self.unitScale(values[0], feature: neuron.layer.isInput)
            field = Field(values: values[0].map(scale.mapped))
        } else if neuron != nil {
            scale = reading.scale
            field = Field(values: values[0].map(reading.mapped))
        } else {
            scale = reading.scale
            field = reading.field(values)
        }
        let xRange = data.columns[columns[0]].range
        guard curve else {
            return Boundary(
                neuron: neuron, columns: columns, xRange: xRange, yRange: data.columns[columns[1]].range, size: size,
                field: field, scale: scale)
        }
        let output = neuron == nil || neuron?.layer == outputLayer
        if output && snapshot.network.task == .regression {
            values = values.map { $0.map { $0 * data.targetScale + data.targetMean } }
        }
        // The axis spans the curve and the data, and does not move while the curve stays within the data.
        var spanned = values.flatMap { $0 }
        if output { spanned += [scale.original(-1), scale.original(1)] }
        return Boundary(
            neuron: neuron, columns: columns, xRange: xRange, yRange: DampedScale.span(spanned), size: size,
            field: field, scale: scale, curves: values)
    }

    /// Which points the network puts into another class than their own; an answer that is no number is no mistake.
    private func mistakes(
        _ snapshot: Snapshot, _ samples: Samples, _ points: Table, _ reading: OutputReading
    ) throws(EngineError) -> [Bool] {
        let count = min(points.count, samples.count, Picture.pointLimit)
        guard snapshot.network.task.classes != nil, count > 0 else { return [] }
        let values = try pass.outputs(at: FixedInputs(samples.inputs, count: count))
        guard values.allSatisfy({ $0.count == count }) else { return [] }
        let field = reading.field(values)
        return (0..<count).map { row in
            if values.contains(where: { $0[row].isNaN }) { return false }
            let answer = field.values.isEmpty ? field.classes[row] : field.values[row] < 0 ? 0 : 1
            return Float(answer) != points.labels[row]
        }
    }

    private func tiles(
        _ snapshot: Snapshot, _ rows: [ViewRequest.TileRow], _ size: ViewRequest.Size, _ columns: [Int],
        _ reading: OutputReading
    ) throws(EngineError) -> [Picture.TileRow] {
        let outline = snapshot.outline
        let outputLayer = outline.output
        let rows = rows.compactMap { row -> ViewRequest.TileRow? in
            guard row.layer.isInput || outline[row.layer] != nil else { return nil }
            let units = row.units.clamped(to: 0..<outline.unitCount(layer: row.layer))
            return units.isEmpty ? nil : ViewRequest.TileRow(layer: row.layer, units: units)
        }
        let wanted = rows.flatMap { row in
            row.units.map { Network.Wanted(layer: row.layer, stage: .activation, unit: $0) }
        }
        let size = columns.count == 1 ? ViewRequest.Size(columns: size.columns, rows: 1) : size
        let grid = try pass.grid(snapshot.data, columns: columns, size: size, vertices: false)
        let answered = try adversaries.tiles(snapshot, wanted, size)
        var values = try zip(wanted, pass.values(of: wanted, at: grid)).map { answered[$0] ?? $1 }[...]
        return rows.map { row in
            let tiles = values.prefix(row.units.count).map { tile in
                if row.layer == outputLayer { return tile.map(reading.mapped) }
                return tile.map(Self.unitScale(tile, feature: row.layer.isInput).mapped)
            }
            values = values.dropFirst(row.units.count)
            return Picture.TileRow(layer: row.layer, units: row.units, size: size, values: tiles)
        }
    }

    private func probe(
        _ snapshot: Snapshot, _ place: SIMD2<Float>, _ neuron: ViewRequest.Neuron, _ columns: [Int]
    ) throws(EngineError) -> Picture.Probe {
        var row = snapshot.data.columns.map(\.mean)
        row[columns[0]] = place.x
        if columns.count > 1 { row[columns[1]] = place.y }
        var wanted: [Network.Wanted] = [
            .init(layer: neuron.layer, stage: .preActivation, unit: neuron.unit),
            .init(layer: neuron.layer, stage: .activation, unit: neuron.unit),
        ]
        if !neuron.layer.isInput {
            let source = snapshot.outline.source(of: neuron.layer)
            wanted += (0..<snapshot.outline.unitCount(layer: source)).map {
                .init(layer: source, stage: .activation, unit: $0)
            }
        }
        let values = try pass.values(of: wanted, features: snapshot.data.featureValues(of: row, count: 1))
        return Picture.Probe(
            neuron: neuron, place: place, preActivation: values[0][0], activation: values[1][0],
            inputs: values.dropFirst(2).map { $0[0] })
    }

    /// A hidden unit's colours: −1…1 as they are, larger values by the largest; a feature always by its largest.
    private static func unitScale(_ values: [Float], feature: Bool) -> ValueScale {
        let largest = values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        return ValueScale(center: 0, half: feature ? (largest > 0 ? largest : 1) : max(1, largest))
    }

    private static func fitted(_ neuron: ViewRequest.Neuron, to outline: Outline) -> ViewRequest.Neuron? {
        guard neuron.layer.isInput || outline[neuron.layer] != nil, neuron.unit >= 0,
            neuron.unit < outline.unitCount(layer: neuron.layer)
        else { return nil }
        return neuron
    }
}

extension HiddenPicture {
    /// Bends from another view in place of the input plane.
    fileprivate mutating func bend(from other: HiddenPicture) {
        start = other.target
        (gridStart, trainStart, testStart) = (other.gridEnd, other.trainEnd, other.testEnd)
        (startXRange, startYRange) = (other.xRange, other.yRange)
    }
}

import Datasets
import Engine

/// The shape of one image.
public struct ImageShape: Sendable, Hashable {
    public var channels: Int
    public var height: Int
    public var width: Int

    public init(channels: Int, height: Int, width: Int) {
        (self.channels, self.height, self.width) = (channels, height, width)
    }

    /// nil: values of this shape have no place in the plane.
    public init?(_ shape: Shape) {
        guard shape.axes.count == 3 else { return nil }
        (channels, height, width) = (shape.axes[0], shape.axes[1], shape.axes[2])
    }

    public var pixels: Int { height * width }
}

/// One image of the data, or one that was drawn.
public struct ImageChoice: Sendable, Hashable {
    /// Its row of the set that is shown (`PreparedData.shownImages`).
    public var row: Int
    /// The values of an image drawn by hand, `[channels, height, width]`, in place of the row's.
    public var drawn: [Float]?
    public init(row: Int, drawn: [Float]? = nil) { (self.row, self.drawn) = (row, drawn) }
}

/// The network's answers to images.
public struct ImageAnswers: Sendable, Hashable {
    public var choice: ImageChoice
    /// The chosen image's score for each class: its share where the network answers with probabilities.
    public var scores: [Float]
    /// The answers to the shown set's first images; an answer that is no number is −1.
    public var classes: [Int]
    public init(choice: ImageChoice, scores: [Float], classes: [Int]) {
        (self.choice, self.scores, self.classes) = (choice, scores, classes)
    }
}

/// Where a hidden layer puts the images: by two of its units, or by its principal components.
public struct ClassCloud: Sendable, Hashable {
    public var target: HiddenTarget
    public var places: [SIMD2<Float>]
    public var xRange: ClosedRange<Float>
    public var yRange: ClosedRange<Float>
    /// PCA: the shares of the variance along x and y.
    public var explained: [Float]
    public init(
        target: HiddenTarget, places: [SIMD2<Float>], xRange: ClosedRange<Float>, yRange: ClosedRange<Float>,
        explained: [Float]
    ) {
        (self.target, self.places, self.explained) = (target, places, explained)
        (self.xRange, self.yRange) = (xRange, yRange)
    }
}

extension PreparedData {
    /// The shape of the data's images; nil: they are no images.
    public var image: ImageShape? {
        guard case .image(let channels, let height, let width) = schema.kind else { return nil }
        return ImageShape(channels: channels, height: height, width: width)
    }

    /// The images that are looked at: those for the test, where there are some.
    public var shownImages: Samples { test.count > 0 ? test : train }

    /// More images are neither answered nor shown in a sheet.
    public static let mostShownImages = 1000

    /// The pixels of one of the shown images, `[channels, height, width]`, 0…1.
    public func shownImage(_ row: Int) -> [Float] {
        let samples = shownImages
        guard row >= 0, row < samples.count else {
            return [Float](repeating: 0, count: schema.input(features: []).count)
        }
        return perChannel(samples.inputs.values(of: row)) { $0 * $2 + $1 }
    }

    /// An image's pixels as the network takes them: standardized by channel, where the data are.
    func networkValues(ofPixels pixels: [Float]) -> [Float] { perChannel(pixels) { ($0 - $1) / $2 } }

    /// - Parameter change: of a value, its channel's mean and its scale.
    private func perChannel(_ values: [Float], _ change: (Float, Float, Float) -> Float) -> [Float] {
        guard let image, featureMeans.count == image.channels, values.count == image.channels * image.pixels else {
            return values
        }
        return values.indices.map { at in
            let channel = at / image.pixels
            return change(values[at], featureMeans[channel], featureScales[channel])
        }
    }

    /// Its class.
    public func shownLabel(_ row: Int) -> Int? {
        let samples = shownImages
        guard row >= 0, row < samples.count, task != .regression else { return nil }
        return Int(samples.labels[row])
    }
}

extension Outline {
    /// How many tiles show a layer: a map for each channel of an image, else one for each unit.
    public func tileCount(layer: LayerPath) -> Int {
        let shape = layer.isInput ? input : self[layer]!.output
        return ImageShape(shape)?.channels ?? shape.count
    }

    /// Whether the tiles of a layer are maps.
    public func hasMaps(layer: LayerPath) -> Bool { ImageShape(layer.isInput ? input : self[layer]!.output) != nil }
}

/// Makes what views of images need; remembers PCA's basis from frame to frame.
struct ImagePictures {
    private var components: PrincipalComponents?
    private var subject: HiddenTarget?

    mutating func fill(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest, _ pass: ForwardPass
    ) throws(EngineError) {
        let data = snapshot.data
        let reading = OutputReading(network: snapshot.network, outline: snapshot.outline, data: data)
        let outputs = (0..<reading.outputs).map {
            Network.Wanted(layer: snapshot.outline.output, stage: .activation, unit: $0)
        }
        let shown = data.shownImages
        let count = min(shown.count, PreparedData.mostShownImages)
        let inputs = FixedInputs(shown.inputs, count: count)
        if let choice = request.image {
            var classes: [Int] = []
            if count > 0, request.answersImages {
                classes = Self.classes(try pass.values(of: outputs, at: inputs), reading)
            }
            pass.forward(data.networkValues(ofPixels: choice.drawn ?? data.shownImage(choice.row)))
            picture.images = ImageAnswers(
                choice: choice, scores: Self.scores(pass.values(layer: snapshot.outline.output), reading),
                classes: classes)
            picture.tiles = request.tiles.compactMap { Self.tiles($0, snapshot.outline, reading, pass) }
        }
        if let target = request.cloud, count > 0 {
            picture.cloud = try cloud(snapshot, target.fitted(to: snapshot.outline), inputs, pass)
        }
    }

    private static func classes(_ values: [[Float]], _ reading: OutputReading) -> [Int] {
        let field = reading.field(values)
        return (0..<(values.first?.count ?? 0)).map { at in
            if values.contains(where: { $0[at].isNaN }) { return -1 }
            return field.values.isEmpty ? field.classes[at] : field.values[at] < 0 ? 0 : 1
        }
    }

    /// A single output for two classes says how sure it is of the second one.
    private static func scores(_ values: [Float], _ reading: OutputReading) -> [Float] {
        guard values.count == 1 else { return values }
        let share = (reading.mapped(values[0]) + 1) / 2
        return [1 - share, share]
    }

    private static func tiles(
        _ row: ViewRequest.TileRow, _ outline: Outline, _ reading: OutputReading, _ pass: ForwardPass
    ) -> Picture.TileRow? {
        guard row.layer.isInput || outline[row.layer] != nil else { return nil }
        let shape = row.layer.isInput ? outline.input : outline[row.layer]!.output
        let units = row.units.clamped(to: 0..<outline.tileCount(layer: row.layer))
        guard !units.isEmpty else { return nil }
        let values = pass.values(layer: row.layer)
        let map = ImageShape(shape)
        let pixels = map?.pixels ?? 1
        let size = ViewRequest.Size(columns: map?.width ?? 1, rows: map?.height ?? 1)
        if row.layer == outline.output, map == nil {
            return Picture.TileRow(
                layer: row.layer, units: units, size: size, values: units.map { [reading.mapped(values[$0])] })
        }
        // One scale for the whole layer. Where nothing is negative the darkest is 0, else 0 is in the middle.
        let largest = values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let isSigned = values.contains { $0 < 0 }
        var tiles = Picture.TileRow(layer: row.layer, units: units, size: size, values: [])
        tiles.isSigned = isSigned
        tiles.values = units.map { unit in
            values[unit * pixels..<(unit + 1) * pixels].map { value in
                let share = largest > 0 ? value / largest : 0
                return isSigned ? share : 2 * share - 1
            }
        }
        return tiles
    }

    private mutating func cloud(
        _ snapshot: Snapshot, _ target: HiddenTarget, _ inputs: FixedInputs, _ pass: ForwardPass
    ) throws(EngineError) -> ClassCloud {
        let outline = snapshot.outline
        let units = target.pca ? Array(0..<outline.unitCount(layer: target.layer)) : target.units
        let stage: Network.Stage = target.stage == .activation ? .activation : .preActivation
        let values = try pass.values(
            of: units.map { Network.Wanted(layer: target.layer, stage: stage, unit: $0) }, at: inputs)
        if subject != target { (subject, components) = (target, nil) }
        var places: [SIMD2<Float>]
        if target.pca {
            let width = values.count
            var rows = [Float](repeating: 0, count: width * values[0].count)
            for (column, unit) in values.enumerated() {
                for (row, value) in unit.enumerated() { rows[row * width + column] = value }
            }
            let found = PrincipalComponents(points: rows, dimensions: width, previous: components)
            components = found
            places = found.project(rows)
        } else {
            let y = values.count > 1 ? values[1] : values[0]
            places = values[0].indices.map { SIMD2(values[0][$0], y[$0]) }
        }
        let (xRange, yRange) = (DampedScale.span(places.map(\.x)), DampedScale.span(places.map(\.y)))
        for at in places.indices {
            places[at] = SIMD2(xRange.fraction(of: places[at].x), yRange.fraction(of: places[at].y))
        }
        return ClassCloud(
            target: target, places: places, xRange: xRange, yRange: yRange,
            explained: target.pca ? components!.explained : [])
    }
}

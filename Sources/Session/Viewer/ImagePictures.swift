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
    public func shownImage(_ row: Int) -> [Float] { shownPixels(of: shownImages, row) }

    /// The same of the training or the test images; of a row that is not there black.
    public func shownPixels(of samples: Samples, _ row: Int) -> [Float] {
        guard row >= 0, row < samples.count else {
            return [Float](repeating: 0, count: schema.input(features: []).count)
        }
        return pixels(ofNetworkValues: samples.inputs.values(of: row))
    }

    /// An image's pixels from what the network takes.
    func pixels(ofNetworkValues values: [Float]) -> [Float] { perChannel(values) { $0 * $2 + $1 } }

    /// An image's pixels as the network takes them: standardized by channel, where the data are.
    func networkValues(ofPixels pixels: [Float]) -> [Float] { perChannel(pixels) { ($0 - $1) / $2 } }

    /// A derivative at the pixels, from one at what the network takes.
    func pixelGradient(_ gradient: [Float]) -> [Float] { perChannel(gradient) { slope, _, scale in slope / scale } }

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
    /// How many tiles show a layer: a map for each channel of an image, else one for each unit, of a sequence for each unit
    /// of a step.
    public func tileCount(layer: LayerPath) -> Int {
        let shape = shape(layer: layer)
        return ImageShape(shape)?.channels ?? shape.axes.last!
    }

    /// The maps of a layer; nil: its tiles are single values.
    public func map(layer: LayerPath) -> ImageShape? { ImageShape(layer.isInput ? input : self[layer]!.output) }

    /// Whether the input and a layer behind it are maps.
    public var hasHiddenMaps: Bool { hasMaps(layer: .input) && paths.contains { hasMaps(layer: $0) } }

    /// Whether the tiles of a layer are maps.
    public func hasMaps(layer: LayerPath) -> Bool { map(layer: layer) != nil }
}

/// Makes what views of images need; remembers PCA's basis from frame to frame, and what takes more than one.
struct ImagePictures {
    private var clouds = CloudMaker()
    private var favourites = FavouriteImages()
    private var gradients = InputGradients()
    private var neighbours = TSNEProgress()
    private let tails = NetworkTails()
    private var fantasies = FantasyMaker()

    mutating func fill(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest, _ pass: ForwardPass,
        _ networks: GradientNetworks
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
                classes = reading.classes(try pass.values(of: outputs, at: inputs))
            }
            pass.forward(data.networkValues(ofPixels: choice.drawn ?? data.shownImage(choice.row)))
            picture.images = ImageAnswers(
                choice: choice, scores: reading.scores(pass.values(layer: snapshot.outline.output)),
                classes: classes)
            let slopes = request.tilesAreGradients ? lossGradient(choice, snapshot, networks) : nil
            picture.walked = request.walked.flatMap { Self.values(layer: $0, choice, snapshot, pass, slopes) }
            picture.tiles = request.tiles.compactMap { row in
                guard request.tilesAreGradients else {
                    return Self.tiles(row, request, snapshot.outline, reading) { pass.values(layer: $0) }
                }
                return slopes.flatMap { slopes in
                    Self.tiles(row, request, snapshot.outline, nil) { slopes.gradient(layer: $0) }
                }
            }
            if let slopes {
                for layer in Set(request.tiles.map(\.layer) + [request.walked].compactMap(\.self)) {
                    guard let kernels = snapshot.outline.kernels(layer: layer) else { continue }
                    picture.kernelGradients[layer] = slopes.gradient(of: kernels.tensor)
                }
            }
        }
        if let target = request.cloud, count > 0 {
            let target = target.fitted(to: snapshot.outline)
            picture.cloud =
                target.tsne
                ? try neighbourCloud(&picture, snapshot, target, shown, pass)
                : try clouds.cloud(snapshot, target, inputs, pass)
            if let wanted = request.decoding, let cloud = picture.cloud {
                picture.decoded = try decoded(wanted, cloud, snapshot)
            }
        }
        if let wanted = request.fantasies {
            picture.fantasies = try fantasies.make(wanted, in: snapshot)
            picture.settled = picture.settled && fantasies.settled
        }
        picture.raster = try request.raster.map { wanted throws(EngineError) in
            try ActivityRaster(wanted, snapshot, pass)
        }
        let liking = request.favourites.filter { snapshot.outline.has($0) }
        if !liking.isEmpty {
            picture.favourites = try favourites.find(
                liking, most: request.favouriteCount, in: snapshot, pass, inputs)
            picture.settled = picture.settled && favourites.settled
        }
        let preferring = Array(request.preferred.filter { snapshot.outline.has($0) }.prefix(InputGradients.mostAtOnce))
        if !preferring.isEmpty {
            let outline = snapshot.outline
            let best = preferring.map { neuron in
                picture.favourites.first { $0.neuron == neuron }?.images.first
            }
            let places = zip(preferring, best).map { outline.placeToExcite($0, best: $1) }
            let fields = zip(preferring, places).compactMap { outline.field(of: $0.layer, place: $1) }
            guard fields.count == preferring.count else { return }
            let starts = zip(fields, best).map { field, best in
                best.map { field.showing($0.field, of: data.shownImage($0.row), data.image!) }
            }
            picture.preferred = gradients.preferred(
                preferring, places: places, fields: fields, starts: starts, in: snapshot, networks)
            picture.settled = picture.settled && gradients.settled
        }
        if let wanted = request.relevance, let choice = request.image {
            let scores = picture.images?.scores ?? []
            let answer = scores.answeredClass ?? 0
            picture.relevance = gradients.relevance(
                of: wanted.classIndex ?? answer, for: choice.drawn ?? data.shownImage(choice.row), in: snapshot,
                networks)
        }
    }

    /// The decoded places between the codes.
    private func decoded(
        _ request: DecodingRequest, _ cloud: ClassCloud, _ snapshot: Snapshot
    ) throws(EngineError) -> DecodedPlane? {
        let target = cloud.target
        let own = snapshot.outline[target.layer]?.output.count ?? snapshot.outline.input.count
        guard cloud.steps == nil, target.stage == .activation, target.pca || target.units.count == own,
            let tail = try tails.tail(of: snapshot, behind: target.layer)
        else { return nil }
        return DecodedPlane(request, tail, snapshot.data, x: cloud.xRange, y: cloud.yRange) { place in
            guard target.pca, let components = clouds.components else {
                return (0..<own).map { unit in target.units.first == unit ? place.x : place.y }
            }
            return components.mean.indices.map { unit in
                components.mean[unit] + place.x * components.axes[0][unit] + place.y * components.axes[1][unit]
            }
        }
    }

    /// The places by t-SNE of the first images.
    private mutating func neighbourCloud(
        _ picture: inout Picture, _ snapshot: Snapshot, _ target: HiddenTarget, _ shown: Samples, _ pass: ForwardPass
    ) throws(EngineError) -> ClassCloud {
        let units = snapshot.outline.unitCount(layer: target.layer)
        let inputs = FixedInputs(shown.inputs, count: min(shown.count, TSNEProgress.mostPoints))
        let places = try neighbours.advance(
            target, of: snapshot, dimensions: units,
            points: { () throws(EngineError) in
                try CloudMaker.rows(Array(0..<units), of: target, at: inputs, pass)
            }, start: { PrincipalComponents(points: $0, dimensions: units).project($0) })
        picture.settled = neighbours.settled
        var cloud = ClassCloud(target, spanning: places, explained: [])
        cloud.steps = neighbours.steps
        return cloud
    }

    /// The network after it has passed an image's loss back; nil: its class is not known.
    private func lossGradient(
        _ choice: ImageChoice, _ snapshot: Snapshot, _ networks: GradientNetworks
    ) -> NetworkGradient? {
        guard choice.drawn == nil, let label = snapshot.data.shownLabel(choice.row),
            let network = networks.loaded(snapshot, .ofLossAtParameters, capacity: 1)
        else { return nil }
        network.run(snapshot.data.networkValues(ofPixels: snapshot.data.shownImage(choice.row)), labels: [Float(label)])
        return network
    }

    private static func values(
        layer: LayerPath, _ choice: ImageChoice, _ snapshot: Snapshot, _ pass: ForwardPass,
        _ slopes: NetworkGradient?
    ) -> LayerValues? {
        guard layer.isInput || snapshot.outline[layer] != nil else { return nil }
        let before = layer.isInput ? layer : snapshot.outline.source(of: layer)
        let label = choice.drawn == nil ? snapshot.data.shownLabel(choice.row) : nil
        var values = LayerValues(
            layer: layer, choice: .image(choice), parameterVersion: snapshot.parameterVersion,
            inputs: pass.values(layer: before),
            sums: pass.values(layer: layer, stage: .preActivation), values: pass.values(layer: layer),
            loss: label.flatMap { pass.loss(ofLabel: Float($0)) },
            gradients: slopes.map { $0.gradient(layer: layer) })
        values.joined = snapshot.outline.ends(of: layer).map { pass.values(layer: $0) }
        return values
    }

    /// The tiles of a layer for one sample.
    /// - Parameter reading: nil: 0 is in the middle of every scale.
    static func tiles(
        _ row: ViewRequest.TileRow, _ request: ViewRequest, _ outline: Outline, _ reading: OutputReading?,
        values: (LayerPath) -> [Float]
    ) -> Picture.TileRow? {
        guard row.layer.isInput || outline[row.layer] != nil else { return nil }
        let shape = row.layer.isInput ? outline.input : outline[row.layer]!.output
        let units = row.units.clamped(to: 0..<outline.tileCount(layer: row.layer))
        guard !units.isEmpty else { return nil }
        let own = values(row.layer)
        let map = ImageShape(shape)
        // An image that is given back has the input's scale.
        let isGivenBack = row.layer == outline.output && map != nil && reading != nil
        let compared = isGivenBack ? values(.input) : own
        let pixels = map?.pixels ?? 1
        let size = ViewRequest.Size(columns: map?.width ?? 1, rows: map?.height ?? 1)
        if row.layer == outline.output, map == nil, let reading {
            return Picture.TileRow(
                layer: row.layer, units: units, size: size, values: units.map { [reading.mapped(own[$0])] })
        }
        // Where nothing is negative the darkest is 0, else 0 is in the middle.
        func largest(_ values: ArraySlice<Float>) -> Float {
            values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        }
        let ofLayer = largest(compared[...])
        let isSigned = reading == nil || compared.contains { $0 < 0 }
        var tiles = Picture.TileRow(layer: row.layer, units: units, size: size, values: [])
        tiles.isSigned = isSigned
        tiles.values = units.map { unit in
            let part = own[unit * pixels..<(unit + 1) * pixels]
            let scale = request.scalesByTile && map != nil ? largest(part) : ofLayer
            return part.map { value in
                let share = scale > 0 ? value / scale : 0
                return isSigned ? min(max(share, -1), 1) : min(max(2 * share - 1, -1), 1)
            }
        }
        return tiles
    }
}

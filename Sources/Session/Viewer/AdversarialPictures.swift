import Basics
import Datasets
import Engine

/// The request for pictures of a generator and a discriminator.
public struct AdversarialRequest: Sendable, Hashable {
    /// The pixels of the plane that the discriminator colours; nil: not on the screen.
    public var field: ViewRequest.Size?
    /// A unit of the discriminator in place of its answer.
    public var neuron: ViewRequest.Neuron?
    /// The grid of noise is on the screen.
    public var wantsMesh = false
    /// Generated images that are on the screen, and steps from one of them to another.
    public var images = 0
    public var between = 0
    public init() {}
}

/// A sample of two networks that train against each other.
public struct AdversarialSample: Sendable, Hashable {
    /// Its row: of the noise, or of the real samples.
    public var row: Int
    /// A real one; else the generator makes it of noise.
    public var isReal: Bool
    public init(row: Int, isReal: Bool = false) { (self.row, self.isReal) = (row, isReal) }
}

/// Samples of a generator, with the discriminator's answers.
public struct AdversarialPicture: Sendable, Hashable {
    /// In −1 (generated) … 1 (real), `[rows, columns]` from the top down.
    public var field: [Float] = []
    public var size = ViewRequest.Size(columns: 0, rows: 0)
    /// Generated points, in the units of the data.
    public var points: [SIMD2<Float>] = []
    /// The direction in which the discriminator finds each of them more real, of length 0…1: its part of the steepest.
    public var pushes: [SIMD2<Float>] = []
    /// The vertices of a square grid of noise where the generator puts them, row by row; of one number of noise a line.
    public var mesh: [SIMD2<Float>] = []
    public var meshColumns = 0
    /// Of each cell of the grid, or piece of the line, its density 0…1: its part of the densest.
    public var densities: [Float] = []
    /// Generated images, as the data hold them; and those on the way from the first to the second.
    public var images: [[Float]] = []
    public var between: [[Float]] = []
    /// The class of the real image that is nearest to each generated one.
    public var classes: [Int] = []
}

/// Makes pictures of generators and discriminators. Lives in the viewer's thread.
final class AdversarialPictures {
    static let points = 300
    /// Vertices along a side of the grid of noise.
    static let vertices = 17
    /// Real images among which the nearest is sought.
    private static let compared = 1000

    private var networks: AdversarialNetworks?
    private var loaded: Int?

    /// The networks with a snapshot's parameters; nil: it generates nothing.
    func networks(of snapshot: Snapshot) throws(EngineError) -> AdversarialNetworks? {
        guard snapshot.network.generated != nil, snapshot.parameters.count == snapshot.outline.flatCount else {
            return nil
        }
        if networks?.description != snapshot.network {
            networks = try AdversarialNetworks(snapshot.network)
            loaded = nil
        }
        if loaded != snapshot.parameterVersion {
            networks?.load(parameters: snapshot.parameters)
            loaded = snapshot.parameterVersion
        }
        return networks
    }

    func fill(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: AdversarialRequest
    ) throws(EngineError) {
        guard let networks = try networks(of: snapshot) else { return }
        var shown = AdversarialPicture()
        let data = snapshot.data.learned
        let noise = snapshot.data.train.inputs
        if data.image != nil {
            try fillImages(&shown, networks, data, noise, request)
        } else if networks.width == 2, data.featureRanges.count == 2 {
            try fillPlane(&shown, networks, snapshot, request)
        }
        picture.adversarial = shown
    }

    /// Tiles of units behind the generator: over the plane of the data, not of the noise; those of others are missing.
    func tiles(
        _ snapshot: Snapshot, _ wanted: [Network.Wanted], _ size: ViewRequest.Size
    ) throws(EngineError) -> [Network.Wanted: [Float]] {
        let data = snapshot.data.learned
        guard let networks = try networks(of: snapshot), networks.width == 2, data.featureRanges.count == 2,
            let end = snapshot.network.generatorEnd
        else { return [:] }
        let own = wanted.filter { $0.layer.index > end }
        let grid = ForwardPass.gridRows(data, columns: [0, 1], size: size, vertices: false)
        guard !own.isEmpty, let values = try networks.values(of: own, at: grid) else { return [:] }
        return Dictionary(zip(own, values)) { first, _ in first }
    }

    // MARK: - One sample

    /// The way of a sample, and of images the tiles: of a real one those of the generator are of the noise in its place.
    func fillSample(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest
    ) throws(EngineError) {
        guard let sample = request.adversarialSample, let networks = try networks(of: snapshot),
            let end = snapshot.network.generatorEnd
        else { return }
        let ofImages = snapshot.data.image != nil && !request.tiles.isEmpty
        let derives = ofImages && request.tilesAreGradients
        func way(_ sample: AdversarialSample) throws(EngineError) -> AdversarialWay? {
            let samples = sample.isReal ? snapshot.data.learned.train : snapshot.data.train
            guard samples.count > 0 else { return nil }
            return try networks.way(
                of: samples.inputs.values(of: min(max(0, sample.row), samples.count - 1)), isReal: sample.isReal,
                by: snapshot.experiment.learning.procedure, derives: derives)
        }
        guard let own = try way(sample) else { return }
        picture.traced = TracedSample(
            row: sample.row, isReal: sample.isReal, parameterVersion: snapshot.parameterVersion, trace: own.trace)
        guard ofImages else { return }
        let made = sample.isReal ? try way(AdversarialSample(row: sample.row)) : own
        let reading = OutputReading(network: snapshot.network, outline: snapshot.outline, data: snapshot.data)
        /// Of a real sample nothing before it changes the loss.
        func isPassed(_ layer: LayerPath) -> Bool { sample.isReal && layer.index < end }
        func values(_ layer: LayerPath) -> [Float] { (layer.index < end ? made : own)?.trace.values(layer) ?? [] }
        func slopes(_ layer: LayerPath) -> [Float] {
            if isPassed(layer) { return [] }
            return layer.isInput ? own.inputGradients : own.trace.layers[layer]?.valueGradients ?? []
        }
        picture.tiles = request.tiles.compactMap { row in
            let shown = derives ? slopes(row.layer) : values(row.layer)
            guard !shown.isEmpty else { return nil }
            return ImagePictures.tiles(row, request, snapshot.outline, derives ? nil : reading) { _ in shown }
        }
        if let layer = request.walked, layer.isInput || snapshot.outline[layer] != nil {
            picture.walked = LayerValues(
                layer: layer, choice: .row(sample.row), parameterVersion: snapshot.parameterVersion, inputs: [],
                sums: [], values: values(layer), loss: own.trace.loss,
                gradients: derives && !isPassed(layer) ? slopes(layer) : nil)
        }
        guard derives else { return }
        for layer in Set(request.tiles.map(\.layer) + [request.walked].compactMap(\.self)) where !isPassed(layer) {
            guard let kernels = snapshot.outline.kernels(layer: layer) else { continue }
            let place = kernels.tensor.offset
            picture.kernelGradients[layer] = Array(own.gradients[place..<place + kernels.tensor.count])
        }
    }

    // MARK: - The plane

    private func fillPlane(
        _ shown: inout AdversarialPicture, _ networks: AdversarialNetworks, _ snapshot: Snapshot,
        _ request: AdversarialRequest
    ) throws(EngineError) {
        let (data, noise) = (snapshot.data.learned, snapshot.data.train.inputs)
        if let size = request.field, size.count > 0 {
            let grid = ForwardPass.gridRows(data, columns: [0, 1], size: size, vertices: false)
            let answers: [Float]
            if let neuron = request.neuron, let values = try networks.values(of: [neuron.wanted], at: grid) {
                let largest = values[0].reduce(Float(1)) { $1.isFinite ? max($0, abs($1)) : $0 }
                answers = values[0].map { $0 / largest }
            } else {
                answers = Self.field(
                    try networks.answers(to: grid),
                    areProbabilities: Catalogue.givesProbabilities(loss: snapshot.network.loss.id)
                        && snapshot.network.outputActivation == nil)
            }
            (shown.field, shown.size) = (answers, size)
        }
        let made = try networks.samples(of: Array(noise.values(ofFirst: Self.points)))
        shown.points = Self.pairs(made)
        let slopes = Self.pairs(networks.slopes(at: made))
        let steepest = slopes.reduce(Float(0)) { max($0, Self.length($1)) }
        shown.pushes = slopes.map { steepest > 0 ? $0 / steepest : $0 }
        if request.wantsMesh { try fillMesh(&shown, networks, snapshot.experiment.noise) }
    }

    /// Answers as −1…1: of probabilities twice their distance from ½, of others from the least to the largest.
    private static func field(_ answers: [Float], areProbabilities: Bool) -> [Float] {
        if areProbabilities { return answers.map { 2 * $0 - 1 } }
        let finite = answers.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max(), most > least else { return answers.map { _ in 0 } }
        return answers.map { 2 * ($0 - least) / (most - least) - 1 }
    }

    private func fillMesh(
        _ shown: inout AdversarialPicture, _ networks: AdversarialNetworks, _ noise: NoiseInput?
    ) throws(EngineError) {
        guard let noise else { return }
        let (count, dimensions) = (Self.vertices, noise.dimensions)
        func place(_ index: Int, of all: Int) -> Float {
            noise.range.lowerBound + (noise.range.upperBound - noise.range.lowerBound) * Float(index) / Float(all - 1)
        }
        let middle = (noise.range.lowerBound + noise.range.upperBound) / 2
        var rows: [Float] = []
        if dimensions == 1 {
            for index in 0..<count * count { rows.append(place(index, of: count * count)) }
            shown.mesh = Self.pairs(try networks.samples(of: rows))
            shown.meshColumns = shown.mesh.count
            let sizes = (1..<shown.mesh.count).map { Self.length(shown.mesh[$0] - shown.mesh[$0 - 1]) }
            shown.densities = Self.densities(sizes)
            return
        }
        for y in 0..<count {
            for x in 0..<count {
                var row = [Float](repeating: middle, count: dimensions)
                (row[0], row[1]) = (place(x, of: count), place(y, of: count))
                rows += row
            }
        }
        shown.mesh = Self.pairs(try networks.samples(of: rows))
        shown.meshColumns = count
        var sizes: [Float] = []
        for y in 1..<count {
            for x in 1..<count {
                let (a, b) = (shown.mesh[(y - 1) * count + x - 1], shown.mesh[(y - 1) * count + x])
                let (c, d) = (shown.mesh[y * count + x], shown.mesh[y * count + x - 1])
                let (across, along) = (c - a, d - b)
                sizes.append(abs(across.x * along.y - across.y * along.x) / 2)
            }
        }
        shown.densities = Self.densities(sizes)
    }

    /// Shares of noise by the sizes of the places to which they go: the smaller, the denser.
    private static func densities(_ sizes: [Float]) -> [Float] {
        let usual = sizes.sorted()[sizes.count / 2]
        return sizes.map { $0.isFinite ? usual / (usual + $0 + 1e-9) : 0 }
    }

    // MARK: - Images

    private func fillImages(
        _ shown: inout AdversarialPicture, _ networks: AdversarialNetworks, _ data: PreparedData, _ noise: SampleStore,
        _ request: AdversarialRequest
    ) throws(EngineError) {
        if request.images > 0 {
            shown.images = Self.rows(
                try networks.samples(of: noise.values(ofFirst: request.images)), width: networks.width)
            shown.classes = shown.images.map { Self.nearestClass(of: $0, data.train) }
        }
        if request.between > 1, noise.count > 1 {
            let (from, to) = (noise.values(of: 0), noise.values(of: 1))
            let way = (0..<request.between).flatMap { step in
                zip(from, to).map { $0 + ($1 - $0) * Float(step) / Float(request.between - 1) }
            }
            shown.between = Self.rows(try networks.samples(of: way), width: networks.width)
        }
        shown.images = shown.images.map { data.pixels(ofNetworkValues: $0) }
        shown.between = shown.between.map { data.pixels(ofNetworkValues: $0) }
    }

    private static func nearestClass(of image: [Float], _ real: Samples) -> Int {
        var best = (distance: Float.infinity, row: 0)
        for row in 0..<min(real.count, compared) {
            var distance: Float = 0
            for unit in image.indices {
                let difference = image[unit] - real.inputs[row, unit]
                distance += difference * difference
            }
            if distance < best.distance { best = (distance, row) }
        }
        return real.labels.indices.contains(best.row) ? Int(bounded: real.labels[best.row]) : 0
    }

    // MARK: - Numbers

    private static func rows(_ values: [Float], width: Int) -> [[Float]] {
        stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }

    private static func pairs(_ values: [Float]) -> [SIMD2<Float>] {
        stride(from: 0, to: values.count, by: 2).map { SIMD2(values[$0], values[$0 + 1]) }
    }

    private static func length(_ way: SIMD2<Float>) -> Float { (way.x * way.x + way.y * way.y).squareRoot() }
}

extension SampleStore {
    /// The values of the first samples, row-major.
    fileprivate func values(ofFirst count: Int) -> [Float] { (0..<min(count, self.count)).flatMap { values(of: $0) } }
}

extension ViewRequest.Neuron {
    var wanted: Network.Wanted { Network.Wanted(layer: layer, stage: .activation, unit: unit) }
}

import Datasets
import Engine

/// The image that excites a unit or a map, made by gradient ascent.
public struct PreferredImage: Sendable, Hashable {
    public var neuron: ViewRequest.Neuron
    /// `[channels, height, width]`, 0…1; 0.5 where a pixel does not matter.
    public var pixels: [Float]
    /// The unit's value for it: of a map the value at the place that it is made for, of the output the score before its
    /// activation.
    public var value: Float
    /// The part of the image on which this value depends.
    public var field: ImagePart
}

/// The parts of an image that an answer depends on.
public struct Relevance: Sendable, Hashable {
    public var classIndex: Int
    /// The class' score before the output's activation.
    public var score: Float
    /// The score's derivative at each pixel, `[height, width]`, summed over the channels.
    public var gradient: [Float]
    /// Grad-CAM: Σ of the last maps, each weighed by the mean of the score's derivative over it; where the sum is negative
    /// 0. Empty: the network has no maps.
    public var map: [Float]
    public var mapLayer: LayerPath?
    public var mapSize: ViewRequest.Size
}

/// Gradients at images.
struct InputGradients {
    private var ascent: Ascent?

    /// Images of one pass.
    private static let capacity = 16
    /// Images that climb together: each is compared with a real one.
    static let mostAtOnce = capacity / 2

    private struct Ascent {
        var neurons: [ViewRequest.Neuron]
        var goals: [NetworkGradient.Goal]
        var generation: Int
        var revision: Int
        var version: Int
        var images: [[Float]]
        /// The image with the largest value that the present parameters have given any on the way; nil: no number yet.
        var best: [(pixels: [Float], value: Float)?]
        var random: Random
        /// Steps with the present parameters.
        var steps = 0
        /// Steps from grey, whatever the parameters.
        var climbed = 0

        init(
            _ neurons: [ViewRequest.Neuron], _ goals: [NetworkGradient.Goal], _ shape: ImageShape, _ snapshot: Snapshot
        ) {
            var random = Random(seed: snapshot.experiment.seed)
            (self.neurons, self.goals) = (neurons, goals)
            (generation, revision, version) = (snapshot.generation, snapshot.revision, snapshot.parameterVersion)
            images = neurons.map { _ in
                (0..<shape.channels * shape.pixels).map { _ in 0.5 + Float(random.uniform(-0.02, 0.02)) }
            }
            best = neurons.map { _ in nil }
            self.random = random
        }

        /// Begins anew with what is measured, not with the images.
        mutating func forget() {
            steps = 0
            best = neurons.map { _ in nil }
        }

        /// Of equal values, as of a unit that is off all the way, the later image has climbed further.
        mutating func compare(_ pixels: [Float], _ index: Int, value: Float) {
            if value >= best[index]?.value ?? -.infinity { best[index] = (pixels, value) }
        }
    }

    /// A step changes a pixel by this much where its slope is that of all that have one, in the mean square, and draws all by a
    /// share of their distance to grey: half of that slope is enough to become black or white in the end.
    static let rate: Float = 0.05
    static let decay: Float = 0.05
    /// Steps from grey, from a real image, and after a change of the parameters.
    static let steps = 120

    var settled: Bool { ascent.map { $0.steps >= Self.steps } ?? true }

    // MARK: - Relevance

    /// The gradient of a class' score at an image (Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks",
    /// 2013) and Grad-CAM (Selvaraju and others, "Grad-CAM", 2017).
    /// - Parameter pixels: `[channels, height, width]`, 0…1.
    func relevance(
        of classIndex: Int, for pixels: [Float], in snapshot: Snapshot, _ networks: GradientNetworks
    ) -> Relevance? {
        guard let network = networks.loaded(snapshot, .ofGoals, capacity: Self.capacity),
            let shape = snapshot.data.image
        else { return nil }
        let outline = network.outline
        let outputs = outline.layers[outline.layers.count - 1].output.count
        // A single output says the second class by a high score.
        let unit = outputs == 1 ? 0 : min(max(0, classIndex), outputs - 1)
        let sign: Float = outputs == 1 && classIndex == 0 ? -1 : 1
        network.run(
            snapshot.data.networkValues(ofPixels: pixels),
            goals: [.init(layer: outline.output, stage: .preActivation, units: unit..<unit + 1, weight: sign)])
        let byChannel = snapshot.data.pixelGradient(network.gradient(layer: .input))
        let gradient = (0..<shape.pixels).map { at in
            (0..<shape.channels).reduce(Float(0)) { $0 + byChannel[$1 * shape.pixels + at] }
        }
        var relevance = Relevance(
            classIndex: classIndex, score: sign * network.values(layer: outline.output, stage: .preActivation)[unit],
            gradient: gradient, map: [], mapLayer: outline.lastMaps,
            mapSize: ViewRequest.Size(columns: 0, rows: 0))
        if let layer = outline.lastMaps, let maps = ImageShape(outline[layer]!.output) {
            relevance.map = Self.weighedMaps(
                network.values(layer: layer), by: network.gradient(layer: layer), shape: maps)
            relevance.mapSize = ViewRequest.Size(columns: maps.width, rows: maps.height)
        }
        return relevance
    }

    /// max(0, Σ αₖ · mapₖ), αₖ the mean of the gradient over map k: `[height, width]`.
    static func weighedMaps(_ values: [Float], by gradient: [Float], shape: ImageShape) -> [Float] {
        var sum = [Float](repeating: 0, count: shape.pixels)
        for map in 0..<shape.channels {
            let places = map * shape.pixels..<(map + 1) * shape.pixels
            let weight = gradient[places].reduce(0, +) / Float(shape.pixels)
            for (at, place) in places.enumerated() { sum[at] += weight * values[place] }
        }
        return sum.map { max(0, $0) }
    }

    // MARK: - Ascent

    /// Some steps more towards the images that excite units (Erhan, Bengio, Courville and Vincent, "Visualizing
    /// higher-layer features of a deep network", 2009), with jitter (Mordvintsev, Olah and Tyka, "Inceptionism", 2015) and
    /// decay (Yosinski and others, "Understanding neural networks through deep visualization", 2015). An image that from grey
    /// came to a smaller value than a real one has goes on from that one: none excites the unit less than what was found.
    /// - Parameters:
    ///   - neurons: at most `mostAtOnce`.
    ///   - places: of each in its map.
    ///   - fields: the part of the image on which each depends; jitter is a sixteenth of it.
    ///   - starts: the real images that excite them most; nil: none is known.
    mutating func preferred(
        _ neurons: [ViewRequest.Neuron], places: [Int], fields: [ImagePart], starts: [[Float]?], in snapshot: Snapshot,
        _ networks: GradientNetworks
    ) -> [PreferredImage] {
        guard !neurons.isEmpty, let network = networks.loaded(snapshot, .ofGoals, capacity: Self.capacity),
            let shape = snapshot.data.image
        else { return [] }
        let goals = zip(neurons, places).map { Self.goal($0, place: $1, network.outline) }
        var ascent =
            self.ascent.flatMap { old in
                old.neurons == neurons && old.revision == snapshot.revision && old.generation == snapshot.generation
                    ? old : nil
            } ?? Ascent(neurons, goals, shape, snapshot)
        if ascent.version != snapshot.parameterVersion || ascent.goals != goals {
            (ascent.version, ascent.goals) = (snapshot.parameterVersion, goals)
            ascent.forget()
        }
        let jitters = fields.map { min($0.rows.count, $0.columns.count) / 16 }
        let work = 3 * Self.capacity * max(1, network.multiplications)
        for _ in 0..<min(8, max(1, FavouriteImages.work / work)) where ascent.steps < Self.steps {
            step(&ascent, jitters, starts, network, snapshot.data, shape)
            ascent.steps += 1
            ascent.climbed += 1
        }
        measure(&ascent, starts, network, snapshot.data)
        self.ascent = ascent
        return neurons.indices.map { index in
            PreferredImage(
                neuron: neurons[index], pixels: ascent.best[index]?.pixels ?? ascent.images[index],
                value: ascent.best[index]?.value ?? .nan, field: fields[index])
        }
    }

    /// Compares the images as they are now with the best so far, and with the real ones.
    private func measure(
        _ ascent: inout Ascent, _ starts: [[Float]?], _ network: NetworkGradient, _ data: PreparedData
    ) {
        let real = starts.indices.filter { starts[$0] != nil }
        let (images, goals) = (ascent.images + real.map { starts[$0]! }, ascent.goals + real.map { ascent.goals[$0] })
        network.run(images.flatMap { data.networkValues(ofPixels: $0) }, goals: goals)
        for index in ascent.images.indices {
            ascent.compare(ascent.images[index], index, value: Self.value(goals, sample: index, in: network))
        }
        guard ascent.climbed >= Self.steps else { return }
        for (place, index) in real.enumerated() {
            let sample = ascent.images.count + place
            let value = Self.value(goals, sample: sample, in: network)
            guard value > ascent.best[index]?.value ?? -.infinity else { continue }
            ascent.compare(images[sample], index, value: value)
            ascent.images[index] = images[sample]
            ascent.steps = 0
        }
    }

    private static func value(_ goals: [NetworkGradient.Goal], sample: Int, in network: NetworkGradient) -> Float {
        let goal = goals[sample]
        return network.values(layer: goal.layer, stage: goal.stage, sample: sample)[goal.units.lowerBound]
    }

    /// A unit, or a place of a map: of the output before the activation, which may be flat where it is sure.
    private static func goal(_ neuron: ViewRequest.Neuron, place: Int, _ outline: Outline) -> NetworkGradient.Goal {
        let unit = outline.run(of: neuron).units.lowerBound + place
        return NetworkGradient.Goal(
            layer: neuron.layer, stage: neuron.layer == outline.output ? .preActivation : .activation,
            units: unit..<unit + 1)
    }

    private func step(
        _ ascent: inout Ascent, _ jitters: [Int], _ starts: [[Float]?], _ network: NetworkGradient,
        _ data: PreparedData, _ shape: ImageShape
    ) {
        let goals = ascent.goals
        let shifts = jitters.map { jitter -> (Int, Int) in
            func draw() -> Int { Int(ascent.random.uniform(Double(-jitter), Double(jitter + 1)).rounded(.down)) }
            return (draw(), draw())
        }
        let shaken = zip(ascent.images, shifts).map { Self.rolled($0, by: $1, shape) }
        let inputs = shaken.flatMap { data.networkValues(ofPixels: $0) }
        network.run(inputs, goals: goals)
        for index in shaken.indices {
            ascent.compare(shaken[index], index, value: Self.value(goals, sample: index, in: network))
        }
        func slopes() -> [[Float]] {
            goals.indices.map { data.pixelGradient(network.gradient(layer: .input, sample: $0)) }
        }
        var found = slopes()
        // A unit that is off has no slope: then the sum before its activation is raised.
        let flat = found.indices.filter { found[$0].allSatisfy { $0 == 0 } }
        if !flat.isEmpty {
            var others = goals
            for index in flat { others[index].stage = .preActivation }
            network.run(inputs, goals: others)
            found = slopes()
        }
        for index in found.indices {
            let back = (-shifts[index].0, -shifts[index].1)
            let steepest = found[index].reduce(Float(0)) { max($0, abs($1)) }
            // In shares of the steepest one, as squares of slopes may be too small or too large for a number.
            let slope = Self.rolled(found[index].map { $0 / steepest }, by: back, shape)
            let count = slope.reduce(Float(0)) { $1 == 0 ? $0 : $0 + 1 }
            let usual = (slope.reduce(Float(0)) { $0 + $1 * $1 } / count).squareRoot()
            // 0 / 0 is no number.
            guard usual.isFinite else {
                // Still flat: another place to start from, further from grey.
                let noise = slope.map { _ in Float(ascent.random.uniform()) }
                ascent.images[index] = starts[index].flatMap { $0 == ascent.images[index] ? nil : $0 } ?? noise
                continue
            }
            for at in slope.indices {
                let moved = ascent.images[index][at] + Self.rate * slope[at] / usual
                ascent.images[index][at] = min(max(0, 0.5 + (moved - 0.5) * (1 - Self.decay)), 1)
            }
        }
    }

    /// The image moved by rows and columns; what leaves it at one edge comes in at the other.
    static func rolled(_ pixels: [Float], by shift: (Int, Int), _ shape: ImageShape) -> [Float] {
        guard shift != (0, 0) else { return pixels }
        var rolled = pixels
        for channel in 0..<shape.channels {
            for row in 0..<shape.height {
                let to = (row + shift.0 + shape.height) % shape.height
                for column in 0..<shape.width {
                    let at = (column + shift.1 + shape.width) % shape.width
                    rolled[channel * shape.pixels + to * shape.width + at] =
                        pixels[channel * shape.pixels + row * shape.width + column]
                }
            }
        }
        return rolled
    }
}

extension ImagePart {
    /// An image that is grey but for this part, which shows another part as large of another image.
    func showing(_ other: ImagePart, of pixels: [Float], _ shape: ImageShape) -> [Float] {
        var image = [Float](repeating: 0.5, count: shape.channels * shape.pixels)
        let part = other.cut(pixels, of: shape)
        guard other.rows.count == rows.count, other.columns.count == columns.count else { return image }
        for channel in 0..<shape.channels {
            for (line, row) in rows.enumerated() where (0..<shape.height).contains(row) {
                for (place, column) in columns.enumerated() where (0..<shape.width).contains(column) {
                    image[channel * shape.pixels + row * shape.width + column] =
                        part[(channel * rows.count + line) * columns.count + place]
                }
            }
        }
        return image
    }
}

extension ImageShape {
    /// The place in the middle.
    public var middle: Int { height / 2 * width + width / 2 }
}

extension Outline {
    /// The place of a unit's map for which an image is made: the middle. Where what the middle sees reaches over the image's
    /// edge, or is all of it, the place that excites the unit in a real image, which then is not the same image moved.
    func placeToExcite(_ neuron: ViewRequest.Neuron, best: Favourites.Image?) -> Int {
        guard let maps = map(layer: neuron.layer), let image = ImageShape(input) else { return 0 }
        let field = receptiveField(of: neuron.layer, maps.part(ofPixel: maps.middle), reachingOver: true)
        let isInside =
            field.map {
                $0 != ImagePart(whole: image) && $0.rows.lowerBound >= 0 && $0.rows.upperBound <= image.height
                    && $0.columns.lowerBound >= 0 && $0.columns.upperBound <= image.width
            } ?? false
        return isInside ? maps.middle : best?.place ?? maps.middle
    }

    /// The last layer with maps of more than one place.
    public var lastMaps: LayerPath? {
        paths.last { path in ImageShape(self[path]!.output).map { $0.pixels > 1 } ?? false }
    }
}

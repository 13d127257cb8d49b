import Datasets
import Engine
import Testing

@testable import Session

/// Favourite images of units, and the parts of images that answers depend on: networks over digits with numbers set by hand.
@Suite struct ImageInsightTests {
    private static let digits: PreparedData? = {
        let experiment = try? Experiment.standard.setting("features", to: .array([])).setting(
            assignments: ["data.dataset=digits"])
        return experiment.flatMap { try? prepare($0.data, features: [], directory: nil) }
    }()

    /// - Parameter tensors: each tensor's values by name; what is missing is 0.
    private func snapshot(_ layers: [Choice], tensors: [String: [Float]] = [:], seed: UInt64? = nil) throws -> Snapshot
    {
        let data = try #require(Self.digits)
        let experiment = try Experiment.standard.setting("features", to: .array([])).setting(
            assignments: ["data.dataset=digits"])
        var network = experiment.network(for: data)
        network.layers = layers
        let outline = try network.outline()
        var parameters =
            try seed.map { seed throws(EngineError) in try network.initialParameters(seed: seed) }
            ?? [Float](repeating: 0, count: outline.flatCount)
        for (name, values) in tensors {
            let tensor = outline.tensors.first { $0.name == name }!
            precondition(tensor.count == values.count, "\(name) has \(tensor.count) numbers")
            for (index, value) in values.enumerated() { parameters[tensor.offset + index] = value }
        }
        return Snapshot(
            revision: 1, generation: 1, experiment: experiment, network: network, outline: outline, data: data,
            parameters: parameters, state: .paused, step: 0, epoch: 0, evaluation: nil, history: History(),
            learningRate: 0.03, stepsPerSecond: 0, epochsPerSecond: 0, threads: 1, seconds: 0, message: nil)
    }

    private func conv(_ filters: Int, kernel: Int, padding: String = "0", activation: String = "linear") -> Choice {
        Choice(
            "conv2d",
            [
                "filters": .integer(filters), "kernel": .integer(kernel), "padding": .text(padding),
                "activation": .choice(Choice(activation)),
            ])
    }

    /// The picture when nothing more changes.
    private func settled(_ snapshot: Snapshot, _ request: ViewRequest) -> Picture {
        let maker = PictureMaker()
        var picture = maker.makePicture(snapshot, request)
        for _ in 0..<2000 where !picture.settled { picture = maker.makePicture(snapshot, request) }
        #expect(picture.settled)
        return picture
    }

    @Test("the gradient at the image and Grad-CAM are those worked out by hand")
    func relevance() throws {
        // Two maps: 2x + 0.5 and −x + 1. Class 3 weighs the first map by 0.1 everywhere, the second by −0.02 in its
        // first row.
        var weights = [Float](repeating: 0, count: 10 * 128)
        for at in 0..<64 { weights[3 * 128 + at] = 0.1 }
        for at in 64..<72 { weights[3 * 128 + at] = -0.02 }
        let snapshot = try snapshot(
            [conv(2, kernel: 1)],
            tensors: ["layers.0.weight": [2, -1], "layers.0.bias": [0.5, 1], "output.weight": weights])
        var request = ViewRequest()
        request.image = ImageChoice(row: 4)
        request.relevance = ViewRequest.RelevanceTarget(classIndex: 3)
        let relevance = try #require(settled(snapshot, request).relevance)
        let x = snapshot.data.shownImage(4)
        // dscore/dx = 2 · 0.1, in the first row less −1 · −0.02.
        for at in 0..<64 { #expect(abs(relevance.gradient[at] - (at < 8 ? 0.22 : 0.2)) < 1e-5) }
        // α = 0.1 and −0.02 · 8 / 64.
        #expect(relevance.mapLayer == 0 && relevance.mapSize == ViewRequest.Size(columns: 8, rows: 8))
        for at in 0..<64 {
            let sum: Float = 0.1 * (2 * x[at] + 0.5) - 0.0025 * (1 - x[at])
            #expect(abs(relevance.map[at] - max(0, sum)) < 1e-5)
        }
        var score: Float = 0
        for at in 0..<64 {
            score += 0.1 * (2 * x[at] + 0.5)
            if at < 8 { score -= 0.02 * (1 - x[at]) }
        }
        #expect(abs(relevance.score - score) < 1e-3)
        // A sum that speaks against the class is 0.
        #expect(
            InputGradients.weighedMaps([1, 2], by: [-1, -1], shape: ImageShape(channels: 1, height: 1, width: 2)) == [
                0, 0,
            ])
        // The answer's class, where none is named.
        request.relevance = ViewRequest.RelevanceTarget()
        let answered = settled(snapshot, request)
        let scores = try #require(answered.images?.scores)
        #expect(answered.relevance?.classIndex == scores.indices.max { scores[$0] < scores[$1] })
    }

    @Test("the images that a map likes most are those with its largest values, in its receptive field")
    func favourites() throws {
        let snapshot = try snapshot([conv(3, kernel: 3, activation: "relu"), Choice("maxPool")], seed: 2)
        var request = ViewRequest()
        let (map, unit) = (ViewRequest.Neuron(layer: 1, unit: 2), ViewRequest.Neuron(layer: 2, unit: 7))
        request.favourites = [map, unit]
        let picture = settled(snapshot, request)
        let network = try Network(snapshot.network, capacity: 1)
        network.load(parameters: snapshot.parameters)
        let shown = snapshot.data.shownImages
        #expect(picture.favourites.map(\.count) == [shown.count, shown.count])
        func values(_ row: Int, _ layer: LayerPath) -> [Float] {
            network.forward(shown.inputs.values(of: row), count: 1)
            return network.values(layer: layer)
        }
        let largest = (0..<shown.count).map { values($0, 1)[18..<27].max()! }
        for (image, value) in zip(picture.favourites[0].images, largest.sorted(by: >)) {
            #expect(image.value == value && largest[image.row] == value)
            // A place of nine sees 4×4 pixels, which alone make its value: 2 rows further for each place.
            let at = try #require(values(image.row, 1)[18..<27].firstIndex(of: value)) - 18
            #expect(
                image.field == ImagePart(rows: at / 3 * 2..<at / 3 * 2 + 4, columns: at % 3 * 2..<at % 3 * 2 + 4))
        }
        let sure = (0..<shown.count).map { values($0, 2)[7] }.sorted(by: >)
        #expect(picture.favourites[1].images.map(\.value) == Array(sure.prefix(9)))
        #expect(picture.favourites[1].images[0].field == ImagePart(rows: 0..<8, columns: 0..<8))
    }

    @Test("a shaken image comes in again at the other edge, and back to where it was")
    func rolled() {
        let shape = ImageShape(channels: 1, height: 2, width: 3)
        let image: [Float] = [1, 2, 3, 4, 5, 6]
        #expect(InputGradients.rolled(image, by: (1, 1), shape) == [6, 4, 5, 3, 1, 2])
        #expect(InputGradients.rolled(InputGradients.rolled(image, by: (1, 1), shape), by: (-1, -1), shape) == image)
    }

    @Test("a part of an image over its edge is 0 there")
    func cut() {
        let field = ImagePart(rows: -1..<1, columns: 1..<3)
        #expect(field.cut([1, 2, 3, 4], of: ImageShape(channels: 1, height: 2, width: 2)) == [0, 0, 2, 0])
    }

    @Test("the image made for a linear unit is bright where its weight is positive, and the same for the same seed")
    func preferred() throws {
        var weights = [Float](repeating: 0, count: 640)
        for at in 0..<64 { weights[5 * 64 + at] = at % 8 < 4 ? 1 : -1 }
        let snapshot = try snapshot(
            [], tensors: ["output.weight": weights, "output.bias": [0, 0, 0, 0, 0, 0.25, 0, 0, 0, 0]])
        var request = ViewRequest()
        request.preferred = [ViewRequest.Neuron(layer: 0, unit: 5)]
        let made = try #require(settled(snapshot, request).preferred.first)
        #expect(made.field == ImagePart(rows: 0..<8, columns: 0..<8))
        for at in 0..<64 { #expect(at % 8 < 4 ? made.pixels[at] > 0.9 : made.pixels[at] < 0.1) }
        #expect(settled(snapshot, request).preferred.first == made)
        // Of a map the middle is raised, which sees 3×3 pixels.
        let kernel: [Float] = [1, -1, 1, 0, 0.75, 0, -1, 1, -1]
        let convolved = try self.snapshot([conv(1, kernel: 3)], tensors: ["layers.0.weight": kernel])
        request.preferred = [ViewRequest.Neuron(layer: 0, unit: 0)]
        let image = try #require(settled(convolved, request).preferred.first)
        let part = image.field.cut(image.pixels, of: ImageShape(channels: 1, height: 8, width: 8))
        for (weight, pixel) in zip(kernel, part) {
            #expect(weight == 0 ? abs(pixel - 0.5) < 0.05 : abs(pixel - (weight > 0 ? 1 : 0)) < 0.05)
        }
        #expect(abs(image.value - 3.75) < 0.4)
    }

    @Test("a unit that is off is woken by its sum before the activation")
    func woken() throws {
        let snapshot = try snapshot(
            [Choice("dense", ["units": .integer(1), "activation": .choice(Choice("relu"))])],
            tensors: [
                "layers.0.weight": [Float](repeating: 0.1, count: 64), "layers.0.bias": [-5],
            ])
        var request = ViewRequest()
        request.preferred = [ViewRequest.Neuron(layer: 0, unit: 0)]
        let made = try #require(settled(snapshot, request).preferred.first)
        #expect(made.pixels.allSatisfy { $0 > 0.95 } && abs(made.value - 1.4) < 0.3)
    }

    @Test("an image is also made for a unit behind others that are off where it starts")
    func behind() throws {
        // On grey the sum is −0.25; a bright image excites it.
        let snapshot = try snapshot(
            [conv(1, kernel: 2, activation: "relu"), Choice("maxPool")],
            tensors: ["layers.0.weight": [1, 0, 0, -0.5], "layers.0.bias": [-0.5]])
        var request = ViewRequest()
        request.preferred = [ViewRequest.Neuron(layer: 1, unit: 0)]
        let made = try #require(settled(snapshot, request).preferred.first)
        #expect(made.value > 0.4, "\(made.value)")
        // Nor does noise excite a unit that wants dark edges and much light between them; it goes on from the test image
        // that does.
        let wanted = (0..<64).map { $0 % 8 == 0 || $0 % 8 == 7 ? Float(-1) : 0.5 }
        let sure = try self.snapshot(
            [conv(1, kernel: 8, activation: "relu"), Choice("maxPool", ["size": .integer(1)])],
            tensors: ["layers.0.weight": wanted, "layers.0.bias": [-9]])
        request.favourites = request.preferred
        let from = settled(sure, request)
        let best = try #require(from.favourites.first?.images.first)
        #expect(best.value > 0 && (from.preferred.first?.value ?? 0) > best.value)
    }

    @Test("slopes whose squares are too small or too large for a number lead to the same image as others")
    func extremeSlopes() throws {
        func made(_ scale: Float) throws -> PreferredImage {
            let snapshot = try self.snapshot(
                [Choice("dense", ["units": .integer(1), "activation": .choice(Choice("linear"))])],
                tensors: ["layers.0.weight": (0..<64).map { $0 % 8 < 4 ? -scale : scale }])
            var request = ViewRequest()
            request.preferred = [ViewRequest.Neuron(layer: 0, unit: 0)]
            return try #require(settled(snapshot, request).preferred.first)
        }
        for scale in [Float(1), 1e-24, 1e24] {
            let pixels = try made(scale).pixels
            for (at, pixel) in pixels.enumerated() {
                #expect(at % 8 < 4 ? pixel < 0.05 : pixel > 0.95, "\(scale): \(pixel) at \(at)")
            }
        }
    }

    @Test("an image from grey that excites the unit less than a real one does goes on from that one")
    func realStart() throws {
        // On grey the first unit alone has a slope, which leads to images that are light at the left: 1.7 at most. The second
        // one likes the right half, and counts thrice.
        let (weak, strong) = (
            (0..<64).map { $0 % 8 < 4 ? Float(0.05) : -0.05 }, (0..<64).map { $0 % 8 < 4 ? Float(-1) : 1 }
        )
        let snapshot = try snapshot(
            [
                Choice("dense", ["units": .integer(2), "activation": .choice(Choice("relu"))]),
                Choice("dense", ["units": .integer(1), "activation": .choice(Choice("linear"))]),
            ],
            tensors: [
                "layers.0.weight": weak + strong, "layers.0.bias": [0.1, -2], "layers.1.weight": [1, 3],
            ])
        var request = ViewRequest()
        request.preferred = [ViewRequest.Neuron(layer: 1, unit: 0)]
        let fromGrey = try #require(settled(snapshot, request).preferred.first)
        #expect(fromGrey.value > 1 && fromGrey.value < 1.8, "\(fromGrey.value)")
        request.favourites = request.preferred
        let picture = settled(snapshot, request)
        let best = try #require(picture.favourites.first?.images.first)
        let made = try #require(picture.preferred.first)
        #expect(best.value > 2 && made.value > best.value, "\(best.value), \(made.value)")
    }

    @Test("no image that is made for a map or a unit excites it less than the best real one")
    func noWorseThanReal() throws {
        let snapshot = try snapshot(
            [
                conv(4, kernel: 3, padding: "same", activation: "relu"), Choice("maxPool"),
                conv(6, kernel: 3, padding: "same", activation: "relu"),
                Choice("dense", ["units": .integer(5), "activation": .choice(Choice("relu"))]),
            ], seed: 4)
        for layer in [0, 2, 3] {
            var request = ViewRequest()
            request.preferred = (0..<4).map { ViewRequest.Neuron(layer: LayerPath(layer), unit: $0) }
            request.favourites = request.preferred
            let picture = settled(snapshot, request)
            #expect(picture.preferred.count == 4 && picture.favourites.count == 4)
            for (made, real) in zip(picture.preferred, picture.favourites) {
                let best = try #require(real.images.first)
                #expect(made.value >= best.value - 1e-4, "layer \(layer): \(made.value), \(best.value)")
            }
        }
    }

    @Test("t-SNE settles, places the first images, and starts the same way each time")
    func neighbours() throws {
        let snapshot = try snapshot([Choice("dense", ["units": .integer(6)])], seed: 1)
        var request = ViewRequest()
        request.cloud = HiddenTarget(layer: 0, tsne: true)
        let cloud = try #require(settled(snapshot, request).cloud)
        #expect(cloud.places.count == TSNEProgress.mostPoints && cloud.steps == 750)
        #expect(cloud.places.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
        #expect(settled(snapshot, request).cloud == cloud)
        // Nearest neighbours share their class far more often than one in ten.
        let same = cloud.places.indices.count { row in
            let nearest = cloud.places.indices.filter { $0 != row }.min { one, other in
                let (a, b) = (cloud.places[one] - cloud.places[row], cloud.places[other] - cloud.places[row])
                return (a * a).sum() < (b * b).sum()
            }
            return snapshot.data.shownLabel(row) == snapshot.data.shownLabel(nearest!)
        }
        #expect(same > 200, "\(same)")
    }
}

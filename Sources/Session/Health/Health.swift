import Datasets
import Engine

/// The size of the numbers in each layer, measured on some training samples: what a look at a network's health shows.
public struct Health: Sendable, Hashable {
    public struct Layer: Sendable, Hashable {
        public var path: LayerPath
        /// The root mean square of the weights; nil: the layer has none.
        public var weights: Double?
        /// Of the units' values.
        public var activations: Double
        /// Of the loss's derivatives at these values; nil: no gradient comes here.
        public var gradients: Double?
        /// The share of the units that are off for every sample: nothing reaches them, and they no longer learn.
        public var dead: Double
        /// The share of values at which the activation is flat on both sides.
        public var saturated: Double
        public var weightHistogram: Histogram?
        public var activationHistogram: Histogram
        public var gradientHistogram: Histogram?

        /// The share that is told: of dead units, or where the function is flat on both sides of saturated values.
        public var idle: Double { max(dead, saturated) }
    }

    /// How many values lie where, from −largest to largest.
    public struct Histogram: Sendable, Hashable {
        public static let bins = 41
        public private(set) var counts = [Int](repeating: 0, count: bins)
        public private(set) var largest: Float

        init(_ values: [Float]) {
            largest = values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
            for value in values where value.isFinite {
                let place = largest > 0 ? (value / largest + 1) / 2 : 0.5
                counts[min(Self.bins - 1, Int(place * Float(Self.bins)))] += 1
            }
        }
    }

    /// The step at which it was measured.
    public var step: Int
    /// The run has ended by itself: no measurement will follow.
    public var isFinal: Bool
    /// The samples that went through.
    public var samples: Int
    /// Of the network's own layers, a block being one, the output last; those without units of their own are left out.
    public var layers: [Layer]
    /// Of recurrent layers: how the loss's derivatives fade from the answer to the steps before it; nil: there are none.
    public var lags: LagGradients?
    /// The trouble that was recognized; nil: none.
    public var diagnosis: Diagnosis?

    public subscript(path: LayerPath) -> Layer? { layers.first { $0.path == path } }
}

/// Measures a network's health, twice a second at most. Lives in the viewer's thread.
struct HealthMeter {
    private let lagMaker = LagGradientMaker()
    private var last: (health: Health, generation: Int, revision: Int, version: Int, due: Double)?

    static let mostSamples = 64
    private static let seconds = 0.5
    /// Multiplications of a measurement, forward and back.
    private static let work = 30_000_000
    /// Bytes of the values and gradients of all samples at once.
    private static let bytes = 2 << 20
    /// Values that are read.
    private static let mostValues = 400_000

    /// - Returns: the health, and whether it is that of this snapshot; nil: the procedure descends no loss over samples.
    mutating func measure(_ snapshot: Snapshot, _ networks: GradientNetworks) -> (health: Health, isCurrent: Bool)? {
        guard snapshot.descendsLossOfSamples else { return nil }
        // Also where it is not due yet.
        networks.keep(.ofLoss)
        let now = monotonicSeconds()
        if let last, last.generation == snapshot.generation, last.revision == snapshot.revision {
            if last.version == snapshot.parameterVersion { return (last.health, true) }
            if now < last.due { return (last.health, false) }
        }
        guard var health = measured(snapshot, networks) else { return nil }
        health.lags = lagMaker.measure(at: .max, in: snapshot, networks)
        health.diagnosis = Diagnosis(RunFacts(snapshot, health))
        let spent = monotonicSeconds() - now
        // At most a twentieth of the time.
        last = (
            health, snapshot.generation, snapshot.revision, snapshot.parameterVersion,
            now + max(Self.seconds, 20 * spent)
        )
        return (health, true)
    }

    private func measured(_ snapshot: Snapshot, _ networks: GradientNetworks) -> Health? {
        // As many samples as their memory allows.
        let most = min(Self.mostSamples, max(1, Self.bytes / max(1, snapshot.outline.bytesPerSample)))
        guard let network = networks.loaded(snapshot, .ofLoss, capacity: most) else { return nil }
        let (outline, train) = (network.outline, snapshot.data.train)
        let targets = train.count > 0 ? train.labels.count / train.count : 0
        let hasLabels = snapshot.network.task != .reconstruction
        let known =
            hasLabels
            ? (0..<train.count).filter { row in
                (0..<targets).contains { train.labels[row * targets + $0] != Samples.noLabel }
            } : Array(0..<train.count)
        guard !known.isEmpty else { return nil }
        let perSample = outline.layers.reduce(1) { $0 + 2 * $1.output.count }
        let count = min(
            most, known.count, max(1, Self.work / (3 * max(1, network.multiplications))),
            max(1, Self.mostValues / perSample))
        // Samples from all over the set.
        let rows = (0..<count).map { known[$0 * known.count / count] }
        network.run(
            rows.flatMap { train.inputs.values(of: $0) },
            labels: hasLabels ? rows.flatMap { row in (0..<targets).map { train.labels[row * targets + $0] } } : [])
        var layers: [Health.Layer] = []
        for (index, layer) in outline.layers.enumerated() {
            let path = LayerPath(index)
            guard outline.hasUnits(layer: path) else { continue }
            layers.append(Self.layer(path, layer, outline, network, snapshot.parameters, samples: count))
        }
        var isFinal = false
        if case .diverged = snapshot.state { isFinal = true }
        return Health(step: snapshot.step, isFinal: isFinal, samples: count, layers: layers)
    }

    private static func layer(
        _ path: LayerPath, _ layer: Outline.Layer, _ outline: Outline, _ network: NetworkGradient,
        _ parameters: [Float], samples: Int
    ) -> Health.Layer {
        var (values, gradients): ([Float], [Float]) = ([], [])
        for sample in 0..<samples {
            values += network.values(layer: path, sample: sample)
            gradients += network.gradient(layer: path, sample: sample)
        }
        let weights = layer.tensors.map { outline.tensors[$0] }.filter { $0.decays }.flatMap {
            parameters[$0.offset..<$0.offset + $0.count]
        }
        let (dead, saturated) = idle(values, layer, samples: samples)
        return Health.Layer(
            path: path, weights: weights.isEmpty ? nil : rootMeanSquare(weights), activations: rootMeanSquare(values),
            gradients: rootMeanSquare(gradients), dead: dead, saturated: saturated,
            weightHistogram: weights.isEmpty ? nil : Health.Histogram(weights),
            activationHistogram: Health.Histogram(values), gradientHistogram: Health.Histogram(gradients))
    }

    /// The shares of dead units and of saturated values. A map is one unit, at all of its places.
    private static func idle(_ values: [Float], _ layer: Outline.Layer, samples: Int) -> (Double, Double) {
        guard let flat = layer.activation.flatMap({ Catalogue.flatness(activation: $0.id) }), samples > 0 else {
            return (0, 0)
        }
        switch flat {
        case .below(let limit):
            let (units, width) = (max(1, layer.output.axes.first ?? 1), values.count / samples)
            let places = max(1, width / units)
            var isOn = [Bool](repeating: false, count: units)
            for (index, value) in values.enumerated() where value > limit { isOn[index % width / places] = true }
            return (Double(isOn.count { !$0 }) / Double(units), 0)
        case .outside(let range):
            return (0, Double(values.count { !range.contains($0) }) / Double(max(1, values.count)))
        }
    }

    private static func rootMeanSquare(_ values: [Float]) -> Double {
        (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, values.count))).squareRoot()
    }
}

extension Snapshot {
    /// The network learns from samples by the gradient of a loss.
    public var descendsLossOfSamples: Bool {
        network.generated == nil && history.score == nil && experiment.training.rule == .gradient
            && Catalogue.trainsNetwork(experiment.training.procedure)
            && history.metrics.contains { $0.plot == .loss && $0.set == .train }
            && !outline.layers.contains(where: \.drawsInput)
    }
}

import Datasets
import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Compares the gradients of an experiment's network with numeric ones of a reference in double: of the mean loss of its first
/// samples, with dropout and noise off, tensor by tensor.
///
/// A weight w is moved by ±h; the difference of the losses over 2 h, and the same with h / 2, agree where the loss is smooth; where
/// they do not, a kink (of a ReLU, a pool's largest value) lies between, and the weight is counted as skipped.
public struct GradientCheck: Sendable {
    /// One tensor of the network.
    public struct Row: Sendable {
        /// The layer's title, and the tensor's name.
        public var layer: String
        public var tensor: String
        /// Weights that were compared, and that lie at a kink.
        public var compared: Int
        public var kinks: Int
        /// ‖analytic − numeric‖ / ‖numeric‖ over those that were compared.
        public var error: Double
        public var isRight: Bool
    }

    public let rows: [Row]
    /// Samples of the loss.
    public let samples: Int
    public var isRight: Bool { rows.allSatisfy(\.isRight) }

    /// Relative to a weight of 1: large beside the rounding of a float, small beside what the loss bends.
    private static let step = 1.0 / 65_536
    private static let tolerance = 1e-3
    /// Two numeric gradients that differ by more than this part have a kink between them.
    private static let kink = 1e-5

    /// - Parameters:
    ///   - weights: the path of saved ones; nil: those that the seed draws.
    ///   - samples, entries: the samples of the loss, and the weights of each tensor that are compared.
    /// - Throws: an experiment that no gradient trains, or that draws at random what cannot be switched off.
    public init(
        _ source: ExperimentSource, weights: String?, samples: Int = 16, entries: Int = 40
    ) throws(ExperimentError) {
        let experiment = try Self.withoutNoise(source.experiment, samples: samples)
        let trainer = try Trainer(experiment, directory: source.directory, trainsPreset: weights == nil)
        if let weights { _ = try trainer.restore(Checkpoint(readingFrom: weights)) }
        let procedure = trainer.procedure
        let parameters = procedure.parameters
        let network = try ExportedNetwork(procedure.model.network, parameters: parameters)
        guard network.output.rule == nil else {
            throw ExperimentError(
                .malformed, place: "training.rule",
                message: "a perceptron's rule is no gradient of its loss; choose the rule gradient")
        }
        guard Catalogue.descentProcedures.contains(experiment.training.procedure.id) else {
            throw ExperimentError(
                .malformed, place: "training.procedure",
                message: "expected gradient descent (\(Catalogue.descentProcedures.joined(separator: ", "))), found "
                    + "\(experiment.training.procedure.id)")
        }
        if network.output.drawsInTraining {
            let drawn = network.allLayers.first { layer in layer.choice.innerStacks.isEmpty && Self.draws(layer) }
            throw drawn?.refused("draws its values at random, which cannot be switched off")
                ?? ExperimentError(.malformed, place: "layers", message: "a layer draws its values at random")
        }
        let data = trainer.data.learned
        let train = experiment.learning.samples(of: data.train)
        let count = min(samples, train.count, experiment.learning.batchSize)
        guard let analytic = procedure.gradients(ofFirst: count) else { preconditionFailure("no gradient descent") }
        let loss = try ReferenceLoss(network, train, count: count)
        self.samples = count
        rows = try Self.rows(network, procedure.outline, parameters, analytic, loss, entries: entries)
    }

    /// Whether a layer's settings or kind make it draw: what is left when rates are 0.
    private static func draws(_ layer: ExportedLayer) -> Bool {
        let own = ExportedLayer.alone(layer.choice, input: layer.input)
        return own?.drawsInTraining ?? false
    }

    /// The experiment with dropout, noise, augmentation and corruption off, in batches that hold the samples.
    private static func withoutNoise(_ experiment: Experiment, samples: Int) throws(ExperimentError) -> Experiment {
        var quiet = experiment
        quiet.data.augment = []
        quiet.training.procedure.knobs["corruption"] = nil
        quiet.training.batchSize = max(samples, 2)
        quiet.layers = quiet.layers.map { layer in
            layer.changingAllLayers { layer in
                var layer = layer
                for name in ["rate", "deviation", "dropout"] where Catalogue.entry(.layer, layer.id)?.knob(name) != nil
                {
                    layer.knobs[name] = .real(0)
                }
                return layer
            }
        }
        return quiet
    }

    static func rows(
        _ network: ExportedNetwork, _ outline: Outline, _ parameters: [Float], _ analytic: [Float],
        _ loss: ReferenceLoss,
        entries: Int
    ) throws(ExperimentError) -> [Row] {
        struct Found {
            var tensor: Outline.Tensor
            var pairs: [(analytic: Double, numeric: Double)] = []
            var kinks = 0
        }
        var found: [Found] = []
        for tensor in outline.tensors where tensor.isTrained && !tensor.isFrozen {
            var own = Found(tensor: tensor)
            // Evenly over the tensor.
            let count = min(entries, tensor.count)
            for number in 0..<count {
                let place = tensor.offset + number * tensor.count / count
                var changed = parameters
                func value(_ by: Double) throws(ExperimentError) -> (loss: Double, at: Double) {
                    changed[place] = Float(Double(parameters[place]) + by)
                    return (try loss.value(network.replacing(changed)), Double(changed[place]))
                }
                let h = step * max(1, abs(Double(parameters[place])))
                func slope(_ h: Double) throws(ExperimentError) -> Double {
                    let (above, below) = (try value(h), try value(-h))
                    return (above.loss - below.loss) / (above.at - below.at)
                }
                let (wide, near) = (try slope(h), try slope(h / 2))
                if abs(wide - near) > kink * max(abs(wide), abs(near)) + 1e-10 {
                    own.kinks += 1
                } else {
                    own.pairs.append((Double(analytic[place]), near))
                }
            }
            found.append(own)
        }
        // Gradients that cancel to nothing are compared with the size of the others.
        let all = found.flatMap(\.pairs)
        let size = all.isEmpty ? 0 : (all.reduce(0) { $0 + $1.numeric * $1.numeric } / Double(all.count)).squareRoot()
        let layers = outline.layers.flatMap(\.leaves)
        return found.map { own in
            let distance = own.pairs.reduce(0) { $0 + ($1.analytic - $1.numeric) * ($1.analytic - $1.numeric) }
                .squareRoot()
            let norm = own.pairs.reduce(0) { $0 + $1.numeric * $1.numeric }.squareRoot()
            let least = 1e-5 * size * Double(own.pairs.count).squareRoot() + 1e-9
            let layer = layers.first { own.tensor.name.hasPrefix($0.path + ".") }
            return Row(
                layer: layer?.title ?? "", tensor: own.tensor.name, compared: own.pairs.count, kinks: own.kinks,
                error: norm > 0 ? distance / norm : distance, isRight: distance <= tolerance * norm + least)
        }
    }
}

/// The mean loss of some samples, walked in double.
struct ReferenceLoss {
    private let form: OutputForm
    private let inputs: [String: Numbers]
    private let labels: [Double]

    init(_ network: ExportedNetwork, _ samples: Samples, count: Int) throws(ExperimentError) {
        form = network.output
        let (axes, width) = (network.description.input.axes, network.description.input.count)
        var inputs = [
            "x": Numbers(
                [count] + axes,
                (0..<count).flatMap { sample in samples.inputs.values(of: sample).prefix(width).map(Double.init) })
        ]
        if network.description.sequence.hasLengths {
            inputs["lengths"] = Numbers([count], (0..<count).map { Double(samples.inputs.values(of: $0)[width]) })
        }
        self.inputs = inputs
        let own = samples.count > 0 ? samples.labels.count / samples.count : 0
        labels = samples.labels.prefix(count * own).map { $0 == Samples.noLabel ? .nan : Double($0) }
    }

    /// The loss of a network of this shape.
    func value(_ network: ExportedNetwork) throws(ExperimentError) -> Double {
        let graph = try Graph(walking: network, isTraining: true)
        let values = GraphWalk(graph).values(inputs)
        let answers = values[form.lossTakesSums ? "sums" : "y"]!
        let loss = Self.losses[form.loss.id]!
        var (sum, count) = (0.0, 0)
        if form.reconstructs {
            sum = loss(form.loss, answers.values, inputs["x"]!.values)
            count = answers.axes[0]
        } else {
            for (row, label) in labels.enumerated() where !label.isNaN {
                let own = Array(answers.values[row * form.units..<(row + 1) * form.units])
                let targets =
                    form.classes == nil
                    ? [label]
                    : (0..<form.units).map { unit in
                        label == (form.units == 1 ? 1 : Double(unit)) ? Double(form.high) : Double(form.low)
                    }
                sum += loss(form.loss, own, targets)
                count += 1
            }
        }
        return sum / Double(max(count, 1)) + graph.penalties.reduce(0) { $0 + $1.value(values[$1.value]!) }
    }

    /// The loss of a row of answers (sums, where the activation is part of the loss) and targets. A new loss is a line here.
    static let losses: [String: @Sendable (Choice, [Double], [Double]) -> Double] = [
        "squaredError": { _, y, t in zip(y, t).reduce(0) { $0 + 0.5 * ($1.0 - $1.1) * ($1.0 - $1.1) } },
        "absoluteError": { _, y, t in zip(y, t).reduce(0) { $0 + abs($1.0 - $1.1) } },
        "huber": { choice, y, t in
            let delta = choice.real("delta")
            return zip(y, t).reduce(0) { sum, pair in
                let e = abs(pair.0 - pair.1)
                return sum + (e <= delta ? 0.5 * e * e : delta * (e - 0.5 * delta))
            }
        },
        "binaryCrossEntropy": { _, z, t in
            zip(z, t).reduce(0) { $0 + max($1.0, 0) - $1.0 * $1.1 + log1p(exp(-abs($1.0))) }
        },
        "softmaxCrossEntropy": { _, z, t in
            let largest = z.max() ?? 0
            let logarithm = largest + log(z.reduce(0) { $0 + exp($1 - largest) })
            return zip(z, t).reduce(0) { $0 + $1.1 * (logarithm - $1.0) }
        },
        "hinge": { _, y, t in zip(y, t).reduce(0) { $0 + max(0, 1 - $1.0 * $1.1) } },
    ]
}

extension Graph.Penalty {
    /// weight · Σ over the units, of images over the channels, of D(target‖mean over the batch).
    func value(_ x: Numbers) -> Double {
        let channels = x.axes.count == 4 ? x.axes[1] : x.values.count / x.axes[0]
        let places = x.values.count / x.axes[0] / channels
        var sum = 0.0
        for channel in 0..<channels {
            var mean = 0.0
            for sample in 0..<x.axes[0] {
                for place in 0..<places { mean += x.values[(sample * channels + channel) * places + place] }
            }
            mean /= Double(x.axes[0] * places)
            let near = min(max(mean, 0.01), 0.99)
            sum += target * log(target / near) + (1 - target) * log((1 - target) / (1 - near))
            sum += (mean - near) * ((1 - target) / (1 - near) - target / near)
        }
        return weight * sum
    }
}

extension ExportedNetwork {
    /// The same network with other parameters.
    func replacing(_ parameters: [Float]) throws(ExperimentError) -> ExportedNetwork {
        try ExportedNetwork(description, parameters: parameters)
    }
}

extension ExportedLayer {
    /// A layer by itself; nil where it cannot be.
    static func alone(_ choice: Choice, input: Shape) -> OutputForm? {
        try? NetworkDescription(input: input, task: .regression, layers: [choice]).outputForm()
    }
}

extension GradientCheck {
    /// `{"right", "samples", "tensors": [{"layer", "tensor", "compared", "kinks", "error", "right"}]}`
    public var json: JSON {
        .object([
            JSON.Member("right", .bool(isRight)), JSON.Member("samples", .number(Double(samples))),
            JSON.Member(
                "tensors",
                .array(
                    rows.map { row in
                        .object([
                            JSON.Member("layer", .string(row.layer)), JSON.Member("tensor", .string(row.tensor)),
                            JSON.Member("compared", .number(Double(row.compared))),
                            JSON.Member("kinks", .number(Double(row.kinks))),
                            JSON.Member("error", row.error.isFinite ? .number(row.error) : .null),
                            JSON.Member("right", .bool(row.isRight)),
                        ])
                    })),
        ])
    }
}

/// The layers that generate and those that tell, of one network from noise to an answer.
extension NetworkDescription {
    /// The layer at which the generator ends; nil: there is none.
    public var generatorEnd: Int? { Self.generatorEnd(of: layers) }

    public static func generatorEnd(of layers: [Choice]) -> Int? {
        layers.firstIndex { layer in
            Catalogue.layers.contains { $0.entry.id == layer.id && $0.endsGenerator }
        }
    }

    /// The layers behind the generator as a network of their own, over samples.
    /// - Throws: that no layer ends the generator, or more than one does.
    func discriminator() throws(EngineError) -> (network: NetworkDescription, end: Int) {
        let marks = Catalogue.layers.filter { $0.endsGenerator }.map { $0.entry.id }
        let ends = layers.indices.filter { marks.contains(layers[$0].id) }
        guard let end = ends.first, let generated, ends.count == 1 else {
            throw EngineError(
                place: "layers",
                message:
                    "expected one layer \(marks.joined(separator: " or ")) between the layers that generate and those "
                    + "that tell real samples from generated ones, found \(ends.isEmpty ? "none" : "\(ends.count)")")
        }
        guard end > 0 else {
            throw EngineError(
                place: "layers.0",
                message: "the generator has no layers; put one before this one, which makes "
                    + "\(plural(generated.count, "value"))")
        }
        var network = self
        network.input = generated
        network.generated = nil
        network.layers = Array(layers[(end + 1)...])
        return (network, end)
    }

    /// The same network with only the generator trained.
    /// - Parameter end: the layer at which it ends.
    func trainingGeneratorAlone(to end: Int) -> NetworkDescription {
        var network = self
        for layer in network.layers.indices where layer > end { network.layers[layer].isFrozen = true }
        network.isOutputFrozen = true
        return network
    }
}

/// The places of a discriminator's parameters among those of the network that it is the last part of.
struct DiscriminatorPlaces: Sendable {
    private struct Span: Sendable {
        var whole: Int
        var own: Int
        var count: Int
    }
    private let spans: [Span]
    let ownCount: Int

    /// - Parameter end: the layer at which the generator ends.
    init(whole: Outline, own: Outline, end: Int) {
        let places = Dictionary(uniqueKeysWithValues: whole.tensors.map { ($0.name, $0.offset) })
        spans = own.tensors.map { tensor in
            var name = tensor.name
            if name.hasPrefix("layers.") {
                let parts = name.split(separator: ".", maxSplits: 2)
                name = "layers.\(Int(parts[1])! + end + 1).\(parts[2])"
            }
            return Span(whole: places[name]!, own: tensor.offset, count: tensor.count)
        }
        ownCount = own.flatCount
    }

    func copy(from whole: Block, to own: Block) {
        for span in spans { (own.base + span.own).update(from: whole.base + span.whole, count: span.count) }
    }

    func copy(from own: Block, intoWhole whole: Block) {
        for span in spans { (whole.base + span.whole).update(from: own.base + span.own, count: span.count) }
    }

    /// Numbers of the discriminator's parameters at their places among `count` of the whole network; 0 elsewhere.
    func whole(_ own: [Float], count: Int) -> [Float] {
        var whole = [Float](repeating: 0, count: count)
        for span in spans {
            whole.replaceSubrange(span.whole..<span.whole + span.count, with: own[span.own..<span.own + span.count])
        }
        return whole
    }

    /// The place among the discriminator's parameters; nil: it is none of them.
    func own(_ whole: Int) -> Int? {
        spans.first { $0.whole <= whole && whole < $0.whole + $0.count }.map { $0.own + whole - $0.whole }
    }

    /// The discriminator's flat parameters.
    func values(of whole: [Float]) -> [Float] {
        var own = [Float](repeating: 0, count: ownCount)
        for span in spans {
            own.replaceSubrange(span.own..<span.own + span.count, with: whole[span.whole..<span.whole + span.count])
        }
        return own
    }
}

/// The discriminator of a network from noise to an answer, as a network of its own over samples.
public struct StandaloneDiscriminator: Sendable {
    public let network: NetworkDescription
    /// The layer of the whole network at which the generator ends.
    public let end: Int
    private let places: DiscriminatorPlaces

    /// - Throws: a mistake in the description.
    public init(_ whole: NetworkDescription) throws(EngineError) {
        (network, end) = try whole.discriminator()
        places = DiscriminatorPlaces(whole: try whole.outline(), own: try network.outline(), end: end)
    }

    /// Its flat parameters among those of the whole network.
    public func parameters(of whole: [Float]) -> [Float] { places.values(of: whole) }

    /// Numbers of its parameters at their places among `count` of the whole network; 0 elsewhere.
    func whole(_ own: [Float], count: Int) -> [Float] { places.whole(own, count: count) }
}

/// A generator and a discriminator outside training: samples of noise, answers to samples, and how these change with them. Not
/// Sendable.
public final class AdversarialNetworks {
    private static let chunk = 512

    public let description: NetworkDescription
    let judge: StandaloneDiscriminator
    let whole: Network
    let discriminator: Network
    private let slope: NetworkGradient
    /// Of one sample, with derivatives at the parameters: of the whole network, and of the discriminator. Made when asked for.
    private var gradients: (whole: NetworkGradient?, discriminator: NetworkGradient?)
    private var parameters: [Float] = []

    /// - Throws: a mistake in the description, or that there is no memory.
    public init(_ network: NetworkDescription) throws(EngineError) {
        description = network
        judge = try StandaloneDiscriminator(network)
        whole = try Network(network, capacity: Self.chunk)
        discriminator = try Network(judge.network, capacity: Self.chunk)
        slope = try NetworkGradient(judge.network, capacity: Self.chunk)
    }

    /// Values of a sample, and numbers of noise.
    public var width: Int { judge.network.input.count }
    public var dimensions: Int { description.input.count }

    /// - Parameter parameters: of the whole network.
    public func load(parameters: [Float]) {
        whole.load(parameters: parameters)
        let own = judge.parameters(of: parameters)
        discriminator.load(parameters: own)
        slope.load(parameters: own)
        self.parameters = parameters
    }

    /// A network that runs one sample backwards, with the present parameters.
    /// - Parameter isReal: the discriminator alone, over a real sample.
    func gradientNetwork(isReal: Bool) throws(EngineError) -> NetworkGradient {
        if isReal {
            if gradients.discriminator == nil {
                gradients.discriminator = try NetworkGradient(judge.network, capacity: 1, ofParameters: true)
            }
            gradients.discriminator!.load(parameters: judge.parameters(of: parameters))
            return gradients.discriminator!
        }
        if gradients.whole == nil {
            gradients.whole = try NetworkGradient(description, capacity: 1, ofParameters: true)
        }
        gradients.whole!.load(parameters: parameters)
        return gradients.whole!
    }

    /// The generated samples, row-major `[count, width]`.
    /// - Parameter noise: row-major `[count, dimensions]`.
    public func samples(of noise: [Float]) throws(EngineError) -> [Float] {
        let units = (0..<width).map { Network.Wanted(layer: LayerPath(judge.end), stage: .activation, unit: $0) }
        return Self.rows(try whole.values(of: units, at: FixedInputs(noise, width: dimensions)))
    }

    /// The discriminator's answers to samples.
    public func answers(to samples: [Float]) throws(EngineError) -> [Float] {
        try discriminator.outputs(at: FixedInputs(samples, width: width))[0]
    }

    /// Values of units behind the generator at samples, each `[count]`; nil: one of them lies before its end.
    public func values(of units: [Network.Wanted], at samples: [Float]) throws(EngineError) -> [[Float]]? {
        var wanted = units
        for index in wanted.indices {
            guard wanted[index].layer.index > judge.end else { return nil }
            wanted[index].layer.index -= judge.end + 1
        }
        return try discriminator.values(of: wanted, at: FixedInputs(samples, width: width))
    }

    /// How the discriminator's sum before its sigmoid grows with each value of samples, row-major `[count, width]`.
    public func slopes(at samples: [Float]) -> [Float] {
        let goal = NetworkGradient.Goal(
            layer: slope.outline.output, stage: .preActivation, units: 0..<1)
        var slopes: [Float] = []
        for first in stride(from: 0, to: samples.count / width, by: Self.chunk) {
            let count = min(Self.chunk, samples.count / width - first)
            slope.run(
                Array(samples[first * width..<(first + count) * width]),
                goals: [NetworkGradient.Goal](repeating: goal, count: count))
            for sample in 0..<count { slopes += slope.gradient(layer: .input, sample: sample) }
        }
        return slopes
    }

    private static func rows(_ columns: [[Float]]) -> [Float] {
        guard let count = columns.first?.count else { return [] }
        return (0..<count).flatMap { row in columns.map { $0[row] } }
    }
}

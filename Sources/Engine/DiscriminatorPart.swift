/// The layers that generate and those that tell, of one network from noise to an answer.
extension NetworkDescription {
    /// The layer at which the generator ends; nil: there is none.
    public var generatorEnd: Int? {
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
                    + "\(generated.count) values")
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

    /// The discriminator's flat parameters.
    func values(of whole: [Float]) -> [Float] {
        var own = [Float](repeating: 0, count: ownCount)
        for span in spans {
            own.replaceSubrange(span.own..<span.own + span.count, with: whole[span.whole..<span.whole + span.count])
        }
        return own
    }
}

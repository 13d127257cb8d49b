/// The settings of two networks that train against each other.
struct AdversarialKnobs {
    var noise: NoiseInput
    var loss: AdversarialLoss
    var optimizer: Choice
    var steps: (discriminator: Int, generator: Int)
    var trains: (discriminator: Bool, generator: Bool)
    var realWeight: Double
    var smoothing: Double
    /// nil: the weights have no limit.
    var clip: Float?
    var penalty: Float

    init(_ choice: Choice) throws(EngineError) {
        let settings = try Settings(choice, in: .procedure, place: "training.procedure")
        noise = NoiseInput(settings)
        loss = .named(settings.text("loss"))
        optimizer = settings.choice("discriminatorOptimizer")
        steps = (settings.integer("discriminatorSteps"), settings.integer("generatorSteps"))
        let train = settings.text("train")
        trains = (train != "generator", train != "discriminator")
        realWeight = loss.isProbability ? settings.real("realWeight") : 1
        smoothing = loss.needsSlopeLimit ? 0 : settings.real("smoothing")
        penalty = loss.needsSlopeLimit ? Float(settings.real("penalty")) : 0
        clip = loss.needsSlopeLimit && penalty == 0 ? Float(settings.real("clip")) : nil
        do throws(EngineError) { try Updater.check(optimizer) } catch {
            throw EngineError(place: "\(settings.place).discriminatorOptimizer", message: error.message)
        }
    }

    /// The updates of a round: those of the discriminator, then those of the generator.
    func turns(_ network: NetworkDescription) -> [StepTurn] {
        guard let end = network.generatorEnd else { return [.whole(network)] }
        let all = 0..<network.layers.count + 1
        let discriminating = StepTurn(
            name: "discriminator", layers: end + 1..<all.upperBound, learning: end + 1..<all.upperBound,
            kinds: ["real", "generated"])
        let generating = StepTurn(name: "generator", layers: all, learning: 0..<end, kinds: [])
        return [StepTurn](repeating: discriminating, count: trains.discriminator ? steps.discriminator : 0)
            + [StepTurn](repeating: generating, count: trains.generator ? steps.generator : 0)
    }
}

/// One update of an adversarial round with all its numbers, laid out as the whole network from noise to an answer.
struct AdversarialTrace {
    let descent: GradientDescent
    let discriminator: Discriminator
    let generator: GeneratorPass
    let loss: AdversarialLoss
    let realWeight: Double
    let smoothing: Double
    /// The layer at which the generator ends.
    let end: Int
    let turn: (place: Int, step: StepTurn)

    private var outline: Outline { descent.model.outline }

    /// The discriminator's update.
    /// - Parameters:
    ///   - place: the sample; of so many real ones the first, then of those that were generated.
    ///   - count: samples of each kind in the pass that lies in its model.
    ///   - penalize: adds the gradients of a penalty, for which the pass takes other samples.
    ///   - update: changes its parameters.
    func ofDiscriminator(
        _ place: Int, count: Int, penalize: () -> Void, update: () -> Void
    ) throws(EngineError) -> StepTrace {
        let model = discriminator.model
        let place = min(max(0, place), 2 * count - 1)
        var sample = try SampleTrace(
            model.pass, model.outline, lane: place, count: 2 * count, parameters: model.parameterBlock)
        let own = sample.layers
        sample.layers = [:]
        for (path, layer) in own {
            var path = path
            path.index += end + 1
            sample.layers[path] = layer
        }
        let isReal = place < count
        let values = sample.inputs
        if isReal {
            sample.inputs = []
            sample.layers[LayerPath(end)] = LayerTrace(sums: values, values: values)
        } else {
            let made = try SampleTrace(
                generator.pass, outline, lane: place - count, count: count,
                parameters: descent.model.parameterBlock)
            for (path, layer) in made.layers where path.index <= end {
                sample.layers[path] = LayerTrace(sums: layer.sums, values: layer.values)
            }
            sample.inputs = made.inputs
        }
        penalize()
        let answer = answer(sample)
        if isReal {
            sample.setRealLoss(loss, answer: answer, weight: realWeight, smoothing: smoothing)
        } else {
            sample.setGeneratedLoss(loss, answer: answer)
        }
        let places = discriminator.places
        let decaying = model.plan.decayingCount
        return trace(
            sample, place, count: 2 * count, model.updater, rate: discriminator.rate.rate(step: descent.step),
            numbers: { places.whole($0, count: outline.flatCount) }, of: model.gradientBlock,
            decays: { index in places.own(index).map { $0 < decaying } ?? false }, update: update)
    }

    /// The generator's update.
    /// - Parameters:
    ///   - count: samples in the pass that lies in it.
    func ofGenerator(_ place: Int, count: Int, update: () -> Void) throws(EngineError) -> StepTrace {
        let model = descent.model
        let place = min(max(0, place), count - 1)
        var sample = try SampleTrace(
            generator.pass, generator.plan.outline, lane: place, count: count, parameters: model.parameterBlock)
        sample.setGeneratorLoss(loss, answer: answer(sample))
        let spans = generator.plan.outline.trainedSpans
        let decaying = model.plan.decayingCount
        return trace(
            sample, place, count: count, model.updater, rate: descent.scheduledRate,
            numbers: { values in
                var own = [Float](repeating: 0, count: values.count)
                for span in spans { own.replaceSubrange(span, with: values[span]) }
                return own
            }, of: model.gradientBlock, decays: { $0 < decaying }, update: update)
    }

    private func answer(_ sample: SampleTrace) -> Double { Double(sample.layers[outline.output]?.values.first ?? .nan) }

    private func trace(
        _ sample: SampleTrace, _ place: Int, count: Int, _ updater: Updater, rate: Double,
        numbers: ([Float]) -> [Float], of gradients: Block, decays: @escaping @Sendable (Int) -> Bool,
        update: () -> Void
    ) -> StepTrace {
        let parameters = descent.model.parameterBlock.array
        let gradients = numbers(gradients.array)
        let slots = updater.slots.map { numbers($0.array) }
        update()
        discriminator.places.copy(from: discriminator.model.parameterBlock, intoWhole: descent.model.parameterBlock)
        let (l1, l2) = (Float(descent.learning.l1), Float(descent.learning.l2))
        var trace = StepTrace(
            sample: sample, place: place, rows: [], sampleCount: count, carriedCount: 0, step: descent.step,
            epoch: descent.epoch, scale: updater.scale, gradients: gradients, parameters: parameters,
            newParameters: descent.model.parameterBlock.array, slots: slots,
            newSlots: updater.slots.map { numbers($0.array) },
            norms: GradientDescent.norms(
                of: gradients, scale: Double(updater.scale), outline, learning: turn.step.learning),
            rate: rate, number: updater.steps, settings: updater.settings
        ) { index, weight in
            guard decays(index) else { return 0 }
            return Float(rate) * (l2 * weight + l1 * (weight > 0 ? 1 : weight < 0 ? -1 : 0))
        }
        trace.turn = turn.place
        return trace
    }
}

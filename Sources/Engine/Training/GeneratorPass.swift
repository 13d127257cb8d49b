/// The passes of a generator in training: from noise to samples, and from the discriminator's answer to these samples back.
///
/// The parameters are those of the whole network; only the generator's have gradients. Noise and samples lie in rows of the
/// pass, one sample in each lane.
final class GeneratorPass {
    let plan: Plan
    let pass: CPUPass
    /// The generated samples.
    let made: Slice
    /// Operations up to the samples, and up to the answer; the one behind it is the loss's gradient.
    private let making: Int
    private let forward: Int

    /// - Parameters:
    ///   - network: from noise to an answer.
    ///   - model: of that network.
    init(_ network: NetworkDescription, _ model: Model, samples: Int) throws(EngineError) {
        let end = try network.discriminator().end
        plan = try Plan(network.trainingGeneratorAlone(to: end))
        let program = plan.program
        pass = try CPUPass(
            program, part: .training, capacity: samples, parameters: model.parameterBlock,
            gradients: model.gradientBlock)
        let made = program.layers[end].activation
        let last = program.trainingForward.lastIndex { operation in
            operation.slices(.writes).contains {
                $0.block == made.block && $0.offset < made.offset + made.count && made.offset < $0.offset + $0.count
            }
        }
        (self.made, making, forward) = (made, (last ?? -1) + 1, program.trainingForward.count)
    }

    /// The rows that take the noise.
    var noise: UnsafeMutablePointer<Float> { pass.rows(pass.program.input) }

    /// From noise to samples.
    func make(count: Int, seed: UInt64, counter: UInt64) {
        pass.run(0..<making, count: count, seed: seed, counter: counter)
    }

    /// From noise to the discriminator's answer and back: leaves the sums of the generator's gradients.
    func descend(_ loss: AdversarialLoss, count: Int, seed: UInt64, counter: UInt64) {
        pass.run(0..<forward, count: count, seed: seed, counter: counter)
        let targets = pass.rows(pass.program.target)
        for lane in 0..<count { targets[lane] = loss.generator.target }
        pass.run(forward..<forward + 1, count: count, seed: seed, counter: counter)
        loss.generator.weigh(pass.rows(pass.program.backward[0]["gradient"]), 0..<count, by: 1)
        pass.run(forward + 1..<forward + pass.program.backward.count, count: count, seed: seed, counter: counter)
    }
}

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Elastic weight consolidation: holds each weight near the one that it had after earlier tasks, the stronger the more the
/// answers to those depend on it. Not Sendable: lives in one thread.
///
/// Added to the loss: λ/2 · Σ over tasks and weights of Fᵢ · (θᵢ − θ*ᵢ)².
final class WeightPull {
    /// The weights and their importance kept of a task, all laid out as the flat parameters.
    struct Memory: Sendable, Hashable {
        /// Counted from 0.
        var task: Int
        /// The Fisher information's diagonal: 0 or more.
        var importance: [Float]
        /// The weights at the task's end.
        var weights: [Float]
    }

    /// λ: 0 or more.
    var strength = 0.0
    var memories: [Memory] = []

    /// Adds its gradient to sums over samples.
    func add(to gradients: Block, at parameters: Block, samples: Double) {
        let scale = Float(strength * samples)
        guard scale != 0 else { return }
        let (sums, values) = (gradients.base, parameters.base)
        for memory in memories {
            memory.importance.withUnsafeBufferPointer { importance in
                memory.weights.withUnsafeBufferPointer { weights in
                    for index in importance.indices {
                        sums[index] += scale * importance[index] * (values[index] - weights[index])
                    }
                }
            }
        }
    }

    /// The sum that is added to the loss.
    func penalty(at parameters: [Float]) -> Double {
        var sum = 0.0
        for memory in memories {
            for index in parameters.indices {
                let distance = Double(parameters[index] - memory.weights[index])
                sum += Double(memory.importance[index]) * distance * distance
            }
        }
        return strength / 2 * sum
    }
}

extension GradientDescent {
    /// The most samples that the Fisher information is estimated from.
    static let fisherSamples = 200

    /// Why the Fisher information cannot be estimated; nil: it can.
    /// - Parameter place: for messages.
    func fisherRefusal(place: String) -> EngineError? {
        guard model.plan.head.isInNats(model.network.task), model.plan.head.steps == nil else {
            return EngineError(
                place: place,
                message: "elasticWeights measures by −ln p of one class how much each weight matters: choose the loss "
                    + "softmaxCrossEntropy, or the remedy replay")
        }
        guard model.plan.program.smallestBatch == 1 else {
            return EngineError(
                place: place,
                message:
                    "elasticWeights passes each sample alone, which batch normalization cannot: leave it out, or choose "
                    + "the remedy replay")
        }
        return nil
    }

    /// The diagonal of the Fisher information at the present weights, laid out as the flat parameters:
    /// Fᵢ = mean over samples of Σ over classes of p(c|x) · (∂ ln p(c|x) / ∂θᵢ)², dropout as in training. Leaves no gradients.
    /// - Parameter rows: of the training samples; of many, evenly spread ones stand for all.
    func fisherDiagonal(of rows: [Int32]) -> [Float] {
        let (head, pass, program) = (model.plan.head, model.pass, model.plan.program)
        let count = min(rows.count, Self.fisherSamples)
        var sums = [Double](repeating: 0, count: model.outline.flatCount)
        let order = RowOrder(count: count)
        order.write((0..<count).map { rows[$0 * rows.count / count] })
        let (low, high) = (head.gradientTargets.low, head.gradientTargets.high)
        for sample in 0..<count {
            pass.gather(train, order: order, first: sample, count: 1)
            let targets = pass.rows(program.target)
            func aim(at answer: Int) {
                for unit in 0..<head.units {
                    let isHigh = head.units == 1 ? answer == 1 : unit == answer
                    targets[unit * pass.stride] = isHigh ? high : low
                }
                pass.run(count: 1, seed: noiseKey ^ 0x6669_7368_6572, counter: UInt64(sample))
            }
            aim(at: 0)
            let chances = chances()
            for (answer, chance) in chances.enumerated() where chance > 1e-7 {
                if answer > 0 { aim(at: answer) }
                for (index, gradient) in model.gradientBlock.values.enumerated() {
                    sums[index] += chance * Double(gradient) * Double(gradient)
                }
            }
        }
        model.gradientBlock.fill(0)
        return sums.map { Float($0 / Double(max(1, count))) }
    }

    /// The probabilities of the classes for the only sample of the training pass that has been run.
    private func chances() -> [Double] {
        let (head, pass) = (model.plan.head, model.pass)
        let logits = pass.rows(model.plan.program.layers[model.plan.program.layers.count - 1].preActivation)
        let limits = head.limitsAnswers ? pass.rows(model.plan.program.target) + head.units * pass.stride : nil
        let values = (0..<head.units).map { unit in
            Double(logits[unit * pass.stride]) + Double(limits.map { $0[unit * pass.stride] } ?? 0)
        }
        if head.units == 1 {
            let chance = 1 / (1 + exp(-values[0]))
            return [1 - chance, chance]
        }
        let largest = values.max()!
        let powers = values.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}

import Datasets
import Engine

/// How the numbers of an output become colours; those of a reconstruction have none, for they are read one by one.
///
/// One output: −1…1 as it is, a probability 0…1 stretched to it, a value by the range of the training targets. Several
/// outputs: the largest one's class, and as confidence for probabilities (p − 1/K) / (1 − 1/K), for one-against-the-rest
/// targets ±1 half the lead over the second.
struct OutputReading: Sendable, Hashable {
    /// Of one step, where each step has an answer.
    let outputs: Int
    let probabilities: Bool
    /// In the network's units; the picture's scale is in the data's.
    private let mapping: ValueScale
    /// −1…1 in original units.
    let scale: ValueScale

    init(network: NetworkDescription, outline: Outline, data: PreparedData) {
        let output = outline.layers[outline.layers.count - 1]
        outputs =
            network.task == .reconstruction ? 0 : output.output.count / (network.sequence.targetSteps ?? 1)
        // The losses that learn towards 0 and 1; and the learning rules, whose threshold answers so.
        probabilities =
            network.rule != .gradient || Catalogue.givesProbabilities(loss: network.loss.id)
        if network.task == .regression {
            let range = DampedScale.span(data.train.labels.filter { $0 != Samples.noLabel }, margin: 0)
            mapping = ValueScale(
                center: (range.lowerBound + range.upperBound) / 2, half: (range.upperBound - range.lowerBound) / 2)
            scale = ValueScale(
                center: mapping.center * data.targetScale + data.targetMean, half: mapping.half * data.targetScale)
        } else {
            mapping = network.task.classes != nil && probabilities ? ValueScale(center: 0.5, half: 0.5) : ValueScale()
            scale = mapping
        }
    }

    /// The value of one output unit, mapped to −1…1.
    func mapped(_ value: Float) -> Float { mapping.mapped(value) }

    /// From the outputs' values, each `[count]`.
    func field(_ values: [[Float]]) -> Field {
        if outputs == 0 { return Field() }
        if outputs == 1 { return Field(values: values[0].map(mapped)) }
        let count = values[0].count
        var field = Field()
        field.classes.reserveCapacity(count)
        field.confidences.reserveCapacity(count)
        for at in 0..<count {
            var best = 0
            var top = -Float.infinity
            var second = -Float.infinity
            for output in 0..<outputs {
                let value = values[output][at]
                if value > top {
                    (second, top, best) = (top, value, output)
                } else if value > second {
                    second = value
                }
            }
            let even = 1 / Float(outputs)
            let confidence = probabilities ? (top - even) / (1 - even) : (top - second) / 2
            field.classes.append(best)
            field.confidences.append(confidence.isFinite ? min(max(confidence, 0), 1) : 0)
        }
        return field
    }

    /// The answered classes, from the outputs' values, each `[count]`; −1 where an output is no number.
    func classes(_ values: [[Float]]) -> [Int] {
        let field = field(values)
        return (0..<(values.first?.count ?? 0)).map { at in
            if values.contains(where: { $0[at].isNaN }) { return -1 }
            return field.values.isEmpty ? field.classes[at] : field.values[at] < 0 ? 0 : 1
        }
    }

    /// The same of one sample, from the values of all outputs.
    func answeredClass(_ values: [Float]) -> Int {
        values.count == 1 ? classes([values])[0] : values.answeredClass ?? -1
    }

    /// The score of each class, from the values of all outputs for one sample: a single output for two classes says how sure
    /// it is of the second one.
    func scores(_ values: [Float]) -> [Float] {
        guard values.count == 1 else { return values }
        let share = (mapped(values[0]) + 1) / 2
        return [1 - share, share]
    }
}

extension [Float] {
    /// Of the scores of classes the class that is answered: the one with the largest, of several the first; nil: there are none, or
    /// one is no number.
    public var answeredClass: Int? {
        contains(where: \.isNaN) ? nil : indices.max { self[$0] < self[$1] }
    }
}

/// Two layers that draw each other at random through the same weights: units that are on or off, and the values before them.
///
/// Energy of values x [n] and units h [m], with W [m, n]: E = −hᵀ W x − cᵀ h − bᵀ x, and of normal values of deviation 1
/// E = −hᵀ W x − cᵀ h + ½ |x − b|². So p(h = 1 | x) = σ(W x + c), p(x = 1 | h) = σ(Wᵀ h + b), or x ~ N(Wᵀ h + b, 1).
struct EnergyPair: Sendable, Hashable {
    /// The index of the layer of units in the network's stack.
    let layer: Int
    /// The rows of the values, of the units' weighted sums, and of their probabilities.
    let input: Slice
    let sums: Slice
    let units: Slice
    /// W, c and b in the flat parameters.
    var weight: Slice
    var bias: Slice
    var valueBias: Slice
    /// Whether the values are normal ones; else they are on or off, or probabilities of that.
    let isNormal: Bool

    var m: Int { units.count }
    var n: Int { input.count }

    /// Their gradients, which lie alike.
    static func gradient(_ parameter: Slice) -> Slice {
        Slice(block: .parameterGradients, offset: parameter.offset, count: parameter.count)
    }
}

extension EnergyPair {
    /// The units' probabilities for values, written over their sums.
    func up(_ output: Slice, from input: Slice) -> [Operation] {
        [
            Operation(
                .affine, m: m, n: n, ["output": output, "weight": weight, "bias": bias, "input": input]),
            Self.probabilities(output, from: output),
        ]
    }

    /// The values' probabilities, or their means, for units.
    func down(_ output: Slice, from units: Slice) -> [Operation] {
        let sums = Operation(
            .affineTransposed, m: m, n: n, ["output": output, "weight": weight, "bias": valueBias, "input": units])
        return isNormal ? [sums] : [sums, Self.probabilities(output, from: output)]
    }

    /// Draws values by their probabilities or about their means, in place.
    func draw(values: Slice, stream: Int) -> Operation {
        isNormal
            ? Operation(.noise, kind: .stream(stream), m: n, knobs: [1], ["output": values, "input": values])
            : Operation(.drawBits, kind: .stream(stream), m: n, ["output": values, "input": values])
    }

    static func probabilities(_ output: Slice, from sums: Slice) -> Operation {
        Operation(
            .activate, kind: .activation(Catalogue.probabilityActivation), m: sums.count,
            ["output": output, "input": sums])
    }

    func freeEnergy(_ output: Slice, of input: Slice, sums: Slice) -> Operation {
        Operation(
            .freeEnergy, m: m, n: n, knobs: [isNormal ? 1 : 0],
            ["output": output, "input": input, "sums": sums, "bias": valueBias])
    }
}

/// The classes beside the values of the last pair: units of which one is on, with the output layer's weights U [classes, m] and
/// bias d. Energy: − hᵀ Uᵀ y − dᵀ y beside the pair's; p(y | h) = softmax(U h + d), and the units see W x + Uᵀ y + c.
struct EnergyLabels: Sendable, Hashable {
    let classes: Int
    let weight: Slice
    let bias: Slice

    /// - Parameter outline: its output is a dense layer behind the pair, whose softmax gives the classes.
    init?(_ outline: Outline) {
        let output = outline.layers[outline.layers.count - 1]
        func slice(_ name: String) -> Slice? {
            outline.tensors.first { $0.name == "\(output.path).\(name)" }.map {
                Slice(block: .parameters, offset: $0.offset, count: $0.count)
            }
        }
        guard let weight = slice("weight"), let bias = slice("bias") else { return nil }
        (classes, self.weight, self.bias) = (output.output.count, weight, bias)
    }

    /// The probabilities of the classes for units.
    func down(_ output: Slice, sums: Slice, from units: Slice) -> [Operation] {
        [
            Operation(
                .affine, m: classes, n: units.count,
                ["output": sums, "weight": weight, "bias": bias, "input": units]),
            Operation(.softmax, m: classes, ["output": output, "input": sums]),
        ]
    }

    /// The units' probabilities for values and a class.
    func up(_ pair: EnergyPair, _ output: Slice, scratch: Slice, from input: Slice, labels: Slice) -> [Operation] {
        sums(pair, output, scratch: scratch, from: input, labels: labels)
            + [EnergyPair.probabilities(output, from: output)]
    }

    func sums(_ pair: EnergyPair, _ output: Slice, scratch: Slice, from input: Slice, labels: Slice) -> [Operation] {
        [
            Operation(
                .affine, m: pair.m, n: pair.n,
                ["output": output, "weight": pair.weight, "bias": pair.bias, "input": input]),
            Operation(
                .affineInputGradient, m: classes, n: pair.m,
                ["inputGradient": scratch, "weight": weight, "gradient": labels]),
            Operation(.add, m: pair.m, ["output": output, "input": output, "other": scratch]),
        ]
    }
}

import Engine

/// The lines of a script that build a network by Keras' functional interface. Images have their channels last.
struct KerasBuilder {
    private(set) var lines: [String] = []
    /// The weights of the layers that have some, by the layers' names.
    private(set) var weights: [(layer: String, tensors: [ExportedTensor])] = []
    /// Classes of the script's own that are used.
    var helpers: Set<String> = []
    let network: ExportedNetwork
    private var count = 0

    init(_ network: ExportedNetwork) { self.network = network }

    /// Adds `y = call(x)`.
    /// - Returns: the variable y.
    mutating func add(_ layer: ExportedLayer?, _ call: String, _ x: String, _ tensors: [ExportedTensor] = []) -> String
    {
        count += 1
        let (variable, name) = ("x\(count)", "layer_\(count)")
        var call = call
        if !tensors.isEmpty {
            let isFrozen = layer?.outline.isFrozen ?? network.outputLayer.isFrozen
            let more = "name=\"\(name)\"" + (isFrozen ? ", trainable=False" : "")
            call = call.dropLast() + (call.hasSuffix("()") ? "" : ", ") + more + ")"
            weights.append((name, tensors))
        }
        lines.append("\(variable) = \(call)(\(x))")
        return variable
    }

    /// Values of each sample in one row, channel by channel as layercake lays them.
    mutating func flatten(_ x: String, _ shape: Shape) -> String {
        if shape.axes.count == 1 { return x }
        return add(nil, "layers.Flatten()", shape.axes.count == 3 ? add(nil, "layers.Permute((3, 1, 2))", x) : x)
    }

    mutating func emit(_ layers: [ExportedLayer], _ x: String) throws(ExperimentError) -> String {
        var x = x
        for layer in layers {
            guard let emit = KerasLayers.all[layer.choice.id] else {
                throw layer.refused("has no layer of the same arithmetic in Keras; choose the format pytorch")
            }
            guard !layer.isMasked else {
                throw layer.refused("sequences of different lengths are written for PyTorch alone")
            }
            x = try emit(layer, x, &self)
        }
        return x
    }

    /// The function behind a layer's sums.
    mutating func activation(_ choice: Choice, _ learned: ExportedTensor?, _ layer: ExportedLayer?, _ x: String)
        -> String
    {
        if Catalogue.isIdentity(activation: choice.id) { return x }
        if let learned {
            helpers.insert("LearnedSlope")
            return add(layer, "LearnedSlope()", x, [learned])
        }
        return add(layer, "layers.Activation(\(KerasLayers.activations[choice.id]!(choice)))", x)
    }
}

extension ExportedTensor {
    /// With the axes in another order.
    func transposed(_ order: [Int]) -> ExportedTensor {
        let numbers = Numbers(axes, values.map(Double.init)).transposed(order)
        return ExportedTensor(axes: numbers.axes, values: numbers.values.map { Float($0) })
    }
}

/// The layers that Keras has with the same arithmetic, by their ids; others are refused.
enum KerasLayers {
    typealias Emit = @Sendable (ExportedLayer, String, inout KerasBuilder) throws(ExperimentError) -> String

    static let all: [String: Emit] = [
        "dense": { layer, x, builder throws(ExperimentError) in
            guard layer.choice.tied == nil else { throw layer.refused("a tied layer is written for PyTorch alone") }
            let row = builder.flatten(x, layer.input)
            return function(layer, linear(layer.outline.path, row, layer, &builder), &builder)
        },
        "conv2d": { layer, x, builder in
            var weight = builder.network[tensor: layer.tensor("weight")]!
            if layer.toggle("flip") { weight = weight.flipped }
            let bias = builder.network[tensor: layer.tensor("bias")]
            let (size, stride, dilation) = (layer.integer("kernel"), layer.integer("stride"), layer.integer("dilation"))
            var x = x
            if let padding = Int(layer.text("padding")), padding > 0 {
                x = builder.add(layer, "layers.ZeroPadding2D(\(padding))", x)
            }
            let isSame = Int(layer.text("padding")) == nil
            let sums = builder.add(
                layer,
                "layers.Conv2D(\(weight.axes[0]), \(size), strides=\(stride), dilation_rate=\(dilation), "
                    + "padding=\"\(isSame ? "same" : "valid")\", use_bias=\(Python.word(bias != nil)))",
                x, [weight.transposed([2, 3, 1, 0])] + (bias.map { [$0] } ?? []))
            return function(layer, sums, &builder)
        },
        "maxPool": { layer, x, builder throws(ExperimentError) in try pooled("MaxPooling2D", layer, x, &builder) },
        "meanPool": { layer, x, builder throws(ExperimentError) in try pooled("AveragePooling2D", layer, x, &builder) },
        "globalMeanPool": { layer, x, builder in builder.add(layer, "layers.GlobalAveragePooling2D()", x) },
        "globalMaxPool": { layer, x, builder in builder.add(layer, "layers.GlobalMaxPooling2D()", x) },
        "upsample": { layer, x, builder in builder.add(layer, "layers.UpSampling2D(\(layer.integer("factor")))", x) },
        "flatten": { layer, x, builder in builder.flatten(x, layer.input) },
        "generated": { _, x, _ in x },
        "activation": { layer, x, builder in
            builder.activation(layer.inner("function"), builder.network[tensor: layer.tensor("weight")], layer, x)
        },
        "residual": { layer, x, builder throws(ExperimentError) in
            let inside = try builder.emit(layer.stacks[0], x)
            let past = try builder.emit(layer.stacks[1], x)
            guard (layer.stacks[1].last?.output ?? layer.input) == layer.output else {
                throw layer.refused(
                    "its body and its shortcut have values of different shapes, which Keras does not add")
            }
            return builder.add(layer, "layers.Add()", "[\(inside), \(past)]")
        },
        "branches": { layer, x, builder throws(ExperimentError) in
            var parts: [String] = []
            for stack in layer.stacks {
                let part = try builder.emit(stack, x)
                let shape = stack.last?.output ?? layer.input
                guard shape.axes.count == layer.output.axes.count else {
                    throw layer.refused("its stacks have values of different shapes, which Keras does not join")
                }
                parts.append(part)
            }
            let names = ["concatenate": "Concatenate()", "sum": "Add()", "mean": "Average()", "max": "Maximum()"]
            if parts.count == 1 { return parts[0] }
            return builder.add(layer, "layers.\(names[layer.text("join")]!)", "[\(parts.joined(separator: ", "))]")
        },
        "batchNorm": { layer, x, builder throws(ExperimentError) in
            let network = builder.network
            builder.helpers.insert("BatchNorm")
            let isAffine = layer.toggle("affine")
            let names = (isAffine ? ["weight", "bias"] : []) + ["running_mean", "running_var"]
            return builder.add(
                layer,
                "BatchNorm(momentum=\(Python.number(layer.real("momentum"))), epsilon=\(Python.number(layer.real("epsilon"))), "
                    + "affine=\(Python.word(isAffine)))",
                x, names.map { network[tensor: layer.tensor($0)]! })
        },
        "layerNorm": { layer, x, builder in
            let (network, axes) = (builder.network, layer.input.axes)
            let names = layer.toggle("affine") ? ["weight", "bias"] : []
            let tensors = names.map { name in
                let tensor = network[tensor: layer.tensor(name)]!.reshaped(axes)
                return axes.count == 3 ? tensor.transposed([1, 2, 0]) : tensor
            }
            return builder.add(
                layer,
                "layers.LayerNormalization(axis=\(Python.list(Array(1...axes.count))), epsilon=\(Python.number(layer.real("epsilon"))), "
                    + "center=\(Python.word(!names.isEmpty)), scale=\(Python.word(!names.isEmpty)))", x, tensors)
        },
        "dropout": { layer, x, builder in
            let isByChannel = layer.toggle("wholeChannels") && layer.input.axes.count == 3
            return builder.add(
                layer, "layers.\(isByChannel ? "SpatialDropout2D" : "Dropout")(\(Python.number(layer.real("rate"))))", x
            )
        },
        "noise": { layer, x, builder in
            builder.add(layer, "layers.GaussianNoise(\(Python.number(layer.real("deviation"))))", x)
        },
        "lastStep": { layer, x, builder in
            builder.add(
                layer, "layers.Lambda(lambda x: x[:, -1], output_shape=(\(layer.output.axes[0]),))", x)
        },
        "meanOverTime": { layer, x, builder in builder.add(layer, "layers.GlobalAveragePooling1D()", x) },
        "repeat": { layer, x, builder in
            builder.add(layer, "layers.RepeatVector(\(layer.integer("steps")))", builder.flatten(x, layer.input))
        },
        "conv1d": { layer, x, builder in
            let (weight, bias) = (
                builder.network[tensor: layer.tensor("weight")]!, builder.network[tensor: layer.tensor("bias")]!
            )
            let sums = builder.add(
                layer,
                "layers.Conv1D(\(weight.axes[0]), \(weight.axes[2]), dilation_rate=\(layer.integer("dilation")), "
                    + "padding=\"\(layer.toggle("causal") ? "causal" : "same")\")", x,
                [weight.transposed([2, 1, 0]), bias])
            return function(layer, sums, &builder)
        },
    ]

    /// W x + b.
    static func linear(_ path: String, _ x: String, _ layer: ExportedLayer?, _ builder: inout KerasBuilder) -> String {
        let (weight, bias) = (builder.network[tensor: "\(path).weight"]!, builder.network[tensor: "\(path).bias"]!)
        return builder.add(layer, "layers.Dense(\(weight.axes[0]))", x, [weight.transposed([1, 0]), bias])
    }

    private static func function(_ layer: ExportedLayer, _ x: String, _ builder: inout KerasBuilder) -> String {
        builder.activation(
            layer.inner("activation"), builder.network[tensor: layer.tensor("activation.weight")], layer, x)
    }

    private static func pooled(
        _ name: String, _ layer: ExportedLayer, _ x: String, _ builder: inout KerasBuilder
    ) throws(ExperimentError) -> String {
        guard layer.integer("padding") == 0 else {
            throw layer.refused("Keras pools without padding; set padding to 0")
        }
        let (size, stride) = (layer.integer("size"), layer.integer("stride"))
        return builder.add(layer, "layers.\(name)(\(size), strides=\(stride == 0 ? size : stride))", x)
    }

    /// The functions of `layers.Activation`, by the activations' ids.
    static let activations: [String: @Sendable (Choice) -> String] = [
        "linear": { _ in "\"linear\"" }, "sigmoid": { _ in "\"sigmoid\"" }, "tanh": { _ in "\"tanh\"" },
        "relu": { _ in "\"relu\"" },
        "leakyReLU": { "lambda z: keras.ops.leaky_relu(z, \(Python.number($0.real("slope"))))" },
        "prelu": { "lambda z: keras.ops.leaky_relu(z, \(Python.number($0.real("slope"))))" },
        "elu": { "lambda z: keras.ops.elu(z, \(Python.number($0.real("alpha"))))" },
        "gelu": { _ in "lambda z: keras.ops.gelu(z, approximate=False)" }, "softplus": { _ in "\"softplus\"" },
        "sin": { _ in "keras.ops.sin" }, "gaussian": { _ in "lambda z: keras.ops.exp(-z * z / 2)" },
        "asinh": { _ in "keras.ops.arcsinh" },
        "threshold": { _ in "lambda z: keras.ops.cast(z >= 0, \"float32\")" }, "softmax": { _ in "\"softmax\"" },
    ]
}

import Engine

/// The layers as nodes of a graph, by their ids.
enum GraphLayers {
    /// Adds a layer's nodes over the value `x`, and gives the name of its result.
    typealias Emit = @Sendable (ExportedLayer, ExportedNetwork, String, inout Graph) throws(ExperimentError) -> String

    static func emit(
        _ layers: [ExportedLayer], of network: ExportedNetwork, _ x: String, into graph: inout Graph
    ) throws(ExperimentError) -> String {
        var x = x
        for layer in layers {
            guard let emit = all[layer.choice.id] else {
                throw layer.refused("ONNX has no operators for the layer \(layer.choice.id)")
            }
            x = try emit(layer, network, x, &graph)
        }
        return x
    }

    private static let pass: Emit = { _, _, x, _ in x }

    /// A new layer is a line here; a test counts those that are missing.
    static let all: [String: Emit] = [
        "dense": dense, "conv2d": convolution, "conv2dTranspose": transposedConvolution, "local2d": local,
        "maxPool": { layer, _, x, graph in graph.add("MaxPool", [x], outputs: 1, window(layer))[0] },
        "meanPool": { layer, _, x, graph in
            graph.add(
                "AveragePool", [x], outputs: 1,
                window(layer) + [("count_include_pad", .integer(layer.toggle("countPadding") ? 1 : 0))])[0]
        },
        "globalMeanPool": { layer, _, x, graph in
            graph.flatten(graph.add("GlobalAveragePool", x), from: layer.input.axes)
        },
        "globalMaxPool": { layer, _, x, graph in graph.flatten(graph.add("GlobalMaxPool", x), from: layer.input.axes) },
        "upsample": { layer, _, x, graph in
            let factor = Float(layer.integer("factor"))
            let scales = graph.reals([1, 1, factor, factor], [4], "scales")
            return graph.add(
                "Resize", x, "", scales,
                with: [
                    "mode": .text("nearest"), "coordinate_transformation_mode": .text("asymmetric"),
                    "nearest_mode": .text("floor"),
                ])
        },
        "flatten": { layer, _, x, graph in graph.flatten(x, from: layer.input.axes) },
        "generated": { layer, _, x, graph in shaped(x, layer.input, as: layer.output, &graph) }, "dropout": pass,
        "noise": pass,
        "activation": { layer, network, x, graph in
            GraphParts.activation(
                layer.inner("function"), layer.tensor("weight"), network[tensor: layer.tensor("weight")], x, &graph)
        },
        "residual": { layer, network, x, graph throws(ExperimentError) in
            let inside = try emit(layer.stacks[0], of: network, x, into: &graph)
            let past = try emit(layer.stacks[1], of: network, x, into: &graph)
            return graph.add(
                "Add", inside, shaped(past, layer.stacks[1].last?.output ?? layer.input, as: layer.output, &graph))
        },
        "branches": branches, "batchNorm": batchNorm, "layerNorm": layerNorm, "localResponseNorm": responseNorm,
        "rnn": { layer, network, x, graph in
            let function = ["tanh": "Tanh", "relu": "Relu"][layer.text("activation")]!
            return GraphRecurrence.emit(
                "RNN", layer, network, x, &graph, gates: [0], [("activations", .texts([function]))])
        },
        // ONNX's gates are i, o, f, c; PyTorch's i, f, g, o.
        "lstm": { layer, network, x, graph in
            GraphRecurrence.emit("LSTM", layer, network, x, &graph, gates: [0, 3, 1, 2], [])
        },
        // ONNX's gates are z, r, h; PyTorch's r, z, n.
        "gru": { layer, network, x, graph in
            GraphRecurrence.emit(
                "GRU", layer, network, x, &graph, gates: [1, 0, 2], [("linear_before_reset", .integer(1))])
        },
        "lastStep": lastStep, "meanOverTime": meanOverTime,
        "eachStep": { layer, network, x, graph throws(ExperimentError) in
            // All steps of all samples side by side.
            let all = graph.reshape(x, Array(layer.input.axes.dropFirst()))
            let lengths = graph.lengths
            graph.lengths = nil
            let each = try emit(layer.stacks[0], of: network, all, into: &graph)
            graph.lengths = lengths
            return graph.reshape(each, layer.output.axes)
        },
        "repeat": { layer, _, x, graph in
            let row = graph.unsqueeze(graph.flatten(x, from: layer.input.axes), [1])
            return graph.add("Expand", row, graph.integers([1, layer.integer("steps"), 1]))
        },
        "embedding": { layer, network, x, graph in
            let symbols = graph.add("Squeeze", x, graph.integers([2]))
            let zero = graph.real(0)
            let rows = graph.add("Cast", graph.add("Max", symbols, zero), with: ["to": .integer(Graph.integer)])
            let weight = graph.weight(layer.tensor("weight"), network[tensor: layer.tensor("weight")]!)
            let found = graph.add("Gather", weight, rows, with: ["axis": .integer(0)])
            let isOne = graph.add(
                "Cast", graph.add("GreaterOrEqual", symbols, zero), with: ["to": .integer(Graph.float)])
            return graph.add("Mul", found, graph.unsqueeze(isOne, [2]))
        },
        "conv1d": convolutionOverSteps, "attention": attention,
        "sampledCode": { layer, network, x, graph in
            // Outside training a code is its mean: the first half of the sums.
            let units = layer.integer("units")
            let (weight, bias) = (network[tensor: layer.tensor("weight")]!, network[tensor: layer.tensor("bias")]!)
            let inputs = weight.axes[1]
            return graph.add(
                "Gemm", graph.flatten(x, from: layer.input.axes),
                graph.reals(Array(weight.values.prefix(units * inputs)), [units, inputs], "weight"),
                graph.reals(Array(bias.values.prefix(units)), [units], "bias"), with: ["transB": .integer(1)])
        },
        "sparsity": { layer, _, x, graph in
            graph.penalties.append(Graph.Penalty(value: x, target: layer.real("target"), weight: layer.real("weight")))
            return x
        },
        "rbm": { layer, network, x, graph in
            graph.add("Sigmoid", linear(layer.outline.path, network, graph.flatten(x, from: layer.input.axes), &graph))
        },
    ]

    // MARK: - Rows

    /// x Wᵀ + b.
    static func linear(_ path: String, _ network: ExportedNetwork, _ x: String, _ graph: inout Graph) -> String {
        let (weight, bias) = ("\(path).weight", "\(path).bias")
        return graph.add(
            "Gemm", x, graph.weight(weight, network[tensor: weight]!), graph.weight(bias, network[tensor: bias]!),
            with: ["transB": .integer(1)])
    }

    /// The function behind a layer's sums.
    private static func function(_ layer: ExportedLayer, _ network: ExportedNetwork, _ x: String, _ graph: inout Graph)
        -> String
    {
        let name = layer.tensor("activation.weight")
        return GraphParts.activation(layer.inner("activation"), name, network[tensor: name], x, &graph)
    }

    /// A value in another one's axes.
    private static func shaped(_ x: String, _ shape: Shape, as other: Shape, _ graph: inout Graph) -> String {
        shape == other ? x : graph.reshape(x, other.axes)
    }

    private static let dense: Emit = { layer, network, x, graph throws(ExperimentError) in
        let x = graph.flatten(x, from: layer.input.axes)
        guard let name = layer.choice.tied else {
            return function(layer, network, linear(layer.outline.path, network, x, &graph), &graph)
        }
        guard let owner = network.layer(named: name), owner.choice.tied == nil else {
            throw layer.refused("only ties to a layer with a weight of its own can be written")
        }
        let (weight, bias) = (owner.tensor("weight"), layer.tensor("bias"))
        let sums = graph.add(
            "Gemm", x, graph.weight(weight, network[tensor: weight]!), graph.weight(bias, network[tensor: bias]!))
        return function(layer, network, sums, &graph)
    }

    private static let branches: Emit = { layer, network, x, graph throws(ExperimentError) in
        var parts: [String] = []
        let joins = layer.text("join")
        for stack in layer.stacks {
            let part = try emit(stack, of: network, x, into: &graph)
            let shape = stack.last?.output ?? layer.input
            let isFlat = layer.output.axes.count == 1 || joins != "concatenate"
            let target = joins == "concatenate" ? Shape(shape.count) : layer.output
            parts.append(isFlat ? shaped(part, shape, as: target, &graph) : part)
        }
        let operations: [String: (name: String, attributes: [(name: String, value: Graph.Attribute)])] = [
            "concatenate": ("Concat", [("axis", .integer(1))]), "sum": ("Sum", []), "mean": ("Mean", []),
            "max": ("Max", []),
        ]
        let operation = operations[joins]!
        return graph.add(operation.name, parts, outputs: 1, operation.attributes)[0]
    }

    // MARK: - Normalization

    private static let batchNorm: Emit = { layer, network, x, graph throws(ExperimentError) in
        let count = network[tensor: layer.tensor("running_mean")]!.values.count
        func own(_ name: String, _ standard: Float) -> ExportedTensor {
            network[tensor: layer.tensor(name)]
                ?? ExportedTensor(axes: [count], values: .init(repeating: standard, count: count))
        }
        let names = [("weight", Float(1)), ("bias", 0), ("running_mean", 0), ("running_var", 1)]
        let parts = names.map { graph.weight(layer.tensor($0.0), own($0.0, $0.1)) }
        let trains = graph.isTraining && !layer.outline.isFrozen
        guard !trains || layer.outline.repeats == 1 else {
            throw layer.refused("is normalized at each step by itself, which the reference does not walk")
        }
        return graph.add(
            "BatchNormalization", [x] + parts, outputs: 1,
            [("epsilon", .real(layer.real("epsilon")))] + (trains ? [("training_mode", .integer(1))] : []))[0]
    }

    private static let layerNorm: Emit = { layer, network, x, graph in
        let (axes, count) = (layer.input.axes, layer.input.count)
        let weight = network[tensor: layer.tensor("weight")]?.reshaped(axes)
        let bias = network[tensor: layer.tensor("bias")]?.reshaped(axes)
        let scale =
            weight.map { graph.weight(layer.tensor("weight"), $0) }
            ?? graph.reals(.init(repeating: 1, count: count), axes, "scale")
        let inputs = [x, scale] + (bias.map { [graph.weight(layer.tensor("bias"), $0)] } ?? [])
        return graph.add(
            "LayerNormalization", inputs, outputs: 1,
            [("axis", .integer(1)), ("epsilon", .real(layer.real("epsilon")))])[0]
    }

    /// x / (k + α · mean of x² over neighbouring channels)^β: PyTorch's neighbours of an even number are others than those of
    /// ONNX's LRN.
    private static let responseNorm: Emit = { layer, _, x, graph in
        let (size, axes) = (layer.integer("size"), layer.input.axes)
        let squares = graph.reshape(graph.add("Mul", x, x), [1, axes[0], axes[1] * axes[2]])
        let means = graph.add(
            "AveragePool", [squares], outputs: 1,
            [
                ("kernel_shape", .integers([size, 1])), ("pads", .integers([size / 2, 0, (size - 1) / 2, 0])),
                ("count_include_pad", .integer(1)),
            ])[0]
        let sums = graph.add(
            "Add", graph.add("Mul", graph.reshape(means, axes), graph.real(layer.real("alpha"))),
            graph.real(layer.real("k")))
        return graph.add("Div", x, graph.add("Pow", sums, graph.real(layer.real("beta"))))
    }

    // MARK: - Images

    private static func square(_ size: Int) -> Graph.Attribute { .integers([size, size]) }

    private static func window(_ layer: ExportedLayer) -> [(name: String, value: Graph.Attribute)] {
        let (size, stride, padding) = (layer.integer("size"), layer.integer("stride"), layer.integer("padding"))
        return [
            ("kernel_shape", square(size)), ("strides", square(stride == 0 ? size : stride)),
            ("pads", .integers(.init(repeating: padding, count: 4))),
        ]
    }

    private static let convolution: Emit = { layer, network, x, graph in
        let (size, dilation) = (layer.integer("kernel"), layer.integer("dilation"))
        let weight = network[tensor: layer.tensor("weight")]!
        // Padding "same": of an even size the window reaches further down and right.
        let span = dilation * (size - 1)
        let pads = Int(layer.text("padding")).map { ($0, $0) } ?? (span / 2, span - span / 2)
        var inputs = [x]
        inputs.append(
            layer.toggle("flip")
                ? graph.reals(weight.flipped.values, weight.axes, "kernels")
                : graph.weight(layer.tensor("weight"), weight))
        if let bias = network[tensor: layer.tensor("bias")] { inputs.append(graph.weight(layer.tensor("bias"), bias)) }
        let sums = graph.add(
            "Conv", inputs, outputs: 1,
            [
                ("kernel_shape", square(size)), ("strides", square(layer.integer("stride"))),
                ("pads", .integers([pads.0, pads.0, pads.1, pads.1])), ("dilations", square(dilation)),
            ])[0]
        return function(layer, network, sums, &graph)
    }

    private static let transposedConvolution: Emit = { layer, network, x, graph in
        let names = ["weight", "bias"].map { layer.tensor($0) }
        let sums = graph.add(
            "ConvTranspose", [x] + names.map { graph.weight($0, network[tensor: $0]!) }, outputs: 1,
            [
                ("kernel_shape", square(layer.integer("kernel"))), ("strides", square(layer.integer("stride"))),
                ("pads", .integers(.init(repeating: layer.integer("padding"), count: 4))),
                ("dilations", square(layer.integer("dilation"))),
                ("output_padding", square(layer.integer("outputPadding"))),
            ])[0]
        return function(layer, network, sums, &graph)
    }

    /// Kernels of each place's own: the values of all windows are gathered, and each window is weighed by its kernels.
    private static let local: Emit = { layer, network, x, graph in
        let weight = network[tensor: layer.tensor("weight")]!
        let (rows, columns, filters, channels) = (weight.axes[0], weight.axes[1], weight.axes[2], weight.axes[3])
        let (kernel, stride, padding) = (weight.axes[4], layer.integer("stride"), layer.integer("padding"))
        let (height, width) = (layer.input.axes[1], layer.input.axes[2])
        let taps = channels * kernel * kernel
        // The value behind the last one is the padding's 0.
        var places: [Int] = []
        for row in 0..<rows {
            for column in 0..<columns {
                for channel in 0..<channels {
                    for tap in 0..<kernel * kernel {
                        let (y, x) = (row * stride + tap / kernel - padding, column * stride + tap % kernel - padding)
                        let isInside = (0..<height).contains(y) && (0..<width).contains(x)
                        places.append(isInside ? (channel * height + y) * width + x : channels * height * width)
                    }
                }
            }
        }
        let values = graph.add("Pad", graph.flatten(x, from: layer.input.axes), graph.integers([0, 0, 0, 1]))
        let windows = graph.reshape(
            graph.add("Gather", values, graph.integers(places), with: ["axis": .integer(1)]), [rows * columns, 1, taps])
        let kernels = graph.transpose(
            graph.add(
                "Reshape", graph.weight(layer.tensor("weight"), weight),
                graph.integers([rows * columns, filters, taps])),
            [0, 2, 1])
        let sums = graph.reshape(graph.add("MatMul", windows, kernels), [rows * columns, filters])
        let maps = graph.reshape(graph.transpose(sums, [0, 2, 1]), [filters, rows, columns])
        let bias = graph.weight(layer.tensor("bias"), network[tensor: layer.tensor("bias")]!)
        return function(layer, network, graph.add("Add", maps, bias), &graph)
    }

    // MARK: - Sequences

    private static let lastStep: Emit = { layer, _, x, graph in
        let steps = layer.input.axes[0]
        guard layer.isMasked else {
            return graph.add(
                "Squeeze", graph.add("Gather", x, graph.integers([steps - 1]), with: ["axis": .integer(1)]),
                graph.integers([1]))
        }
        // 1 at the last step, 0 elsewhere.
        let numbers = graph.reals((1...steps).map(Float.init), [1, steps])
        let own = graph.unsqueeze(
            graph.add("Max", graph.add("Cast", graph.lengths!, with: ["to": .integer(Graph.float)]), graph.real(1)), [1]
        )
        let isLast = graph.add("Cast", graph.add("Equal", numbers, own), with: ["to": .integer(Graph.float)])
        return graph.sum(graph.add("Mul", x, graph.unsqueeze(isLast, [2])), over: 1)
    }

    private static let meanOverTime: Emit = { layer, _, x, graph in
        guard layer.isMasked else {
            return graph.add("ReduceMean", x, with: ["axes": .integers([1]), "keepdims": .integer(0)])
        }
        let mask = graph.unsqueeze(graph.mask(steps: layer.input.axes[0]), [2])
        let own = graph.unsqueeze(
            graph.add("Max", graph.add("Cast", graph.lengths!, with: ["to": .integer(Graph.float)]), graph.real(1)), [1]
        )
        return graph.add("Div", graph.sum(graph.add("Mul", x, mask), over: 1), own)
    }

    private static let convolutionOverSteps: Emit = { layer, network, x, graph in
        let (size, dilation) = (layer.integer("kernel"), layer.integer("dilation"))
        let span = dilation * (size - 1)
        let left = layer.toggle("causal") ? span : span / 2
        let names = ["weight", "bias"].map { layer.tensor($0) }
        let sums = graph.add(
            "Conv", [graph.transpose(x, [0, 2, 1])] + names.map { graph.weight($0, network[tensor: $0]!) }, outputs: 1,
            [
                ("kernel_shape", .integers([size])), ("dilations", .integers([dilation])),
                ("pads", .integers([left, span - left])),
            ])[0]
        return function(layer, network, graph.transpose(sums, [0, 2, 1]), &graph)
    }

    private static let attention: Emit = { layer, network, x, graph in
        let (steps, width) = (layer.input.axes[0], layer.input.axes[1])
        var x = x
        if layer.toggle("positions") {
            let name = layer.tensor("positions")
            x = graph.add("Add", x, graph.weight(name, network[tensor: name]!))
        }
        func affine(_ x: String, _ weight: String, _ bias: String) -> String {
            let names = (layer.tensor(weight), layer.tensor(bias))
            let turned = graph.transpose(graph.weight(names.0, network[tensor: names.0]!), [1, 0])
            return graph.add("Add", graph.add("MatMul", x, turned), graph.weight(names.1, network[tensor: names.1]!))
        }
        let all = affine(x, "in_proj_weight", "in_proj_bias")
        let parts = graph.add(
            "Split", [all, graph.integers([width, width, width])], outputs: 3, [("axis", .integer(2))])
        let fits = graph.add("MatMul", parts[0], graph.transpose(parts[1], [0, 2, 1]))
        var scores = graph.add("Mul", fits, graph.real(1 / Double(width).squareRoot()))
        let never: Float = -1e9
        if layer.toggle("causal") {
            let later = (0..<steps * steps).map { $0 % steps > $0 / steps ? never : 0 }
            scores = graph.add("Add", scores, graph.reals(later, [steps, steps], "later"))
        }
        if layer.isMasked {
            let absent = graph.add("Sub", graph.real(1), graph.mask(steps: steps))
            scores = graph.add("Add", scores, graph.add("Mul", graph.unsqueeze(absent, [1]), graph.real(Double(never))))
        }
        let taken = graph.add("MatMul", graph.add("Softmax", scores, with: ["axis": .integer(-1)]), parts[2])
        return affine(taken, "out_proj.weight", "out_proj.bias")
    }
}

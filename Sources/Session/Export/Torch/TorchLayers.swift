import Engine

/// The layers as modules of PyTorch, by their ids.
enum TorchLayers {
    typealias Make = @Sendable (ExportedLayer, ExportedNetwork) throws(ExperimentError) -> [TorchModule]

    static func modules(_ layers: [ExportedLayer], of network: ExportedNetwork) throws(ExperimentError) -> [TorchModule]
    {
        var modules: [TorchModule] = []
        for layer in layers {
            guard let make = all[layer.choice.id] else {
                throw layer.refused("PyTorch has no module for the layer \(layer.choice.id)")
            }
            var own = try make(layer, network)
            if layer.outline.isFrozen {
                for place in own.indices where !own[place].state("").isEmpty { own[place].isFrozen = true }
            }
            modules += own
        }
        return modules
    }

    /// A new layer is a line here; a test counts those that are missing.
    static let all: [String: Make] = [
        "dense": dense, "conv2d": convolution, "conv2dTranspose": transposedConvolution, "local2d": local,
        "maxPool": { layer, _ in [TorchModule("nn.MaxPool2d", window(layer))] },
        "meanPool": { layer, _ in
            [
                TorchModule(
                    "nn.AvgPool2d", window(layer) + ["count_include_pad=\(Python.word(layer.toggle("countPadding")))"])
            ]
        },
        "globalMeanPool": { _, _ in [TorchModule("nn.AdaptiveAvgPool2d", ["1"]), TorchModule("nn.Flatten")] },
        "globalMaxPool": { _, _ in [TorchModule("nn.AdaptiveMaxPool2d", ["1"]), TorchModule("nn.Flatten")] },
        "upsample": { layer, _ in [TorchModule("nn.Upsample", ["scale_factor=\(layer.integer("factor"))"])] },
        "flatten": { _, _ in [TorchModule("nn.Flatten")] },
        "generated": { _, _ in [TorchModule("nn.Identity")] },
        "activation": { layer, network in
            [TorchParts.activation(layer.inner("function"), learned: network[tensor: layer.tensor("weight")])]
                .compactMap(\.self)
        },
        "residual": { layer, network throws(ExperimentError) in
            [
                TorchModule(
                    "Residual", [],
                    stacks: [
                        ("body", try modules(layer.stacks[0], of: network)),
                        ("shortcut", try modules(layer.stacks[1], of: network)),
                    ])
            ]
        },
        "branches": branches,
        "batchNorm": batchNorm, "layerNorm": layerNorm,
        "localResponseNorm": { layer, _ in
            [
                TorchModule(
                    "nn.LocalResponseNorm",
                    ["\(layer.integer("size"))"]
                        + ["alpha", "beta", "k"].map { "\($0)=\(Python.number(layer.real($0)))" })
            ]
        },
        "dropout": { layer, _ in
            let isByChannel = layer.toggle("wholeChannels") && layer.input.axes.count == 3
            return [TorchModule(isByChannel ? "nn.Dropout2d" : "nn.Dropout", [Python.number(layer.real("rate"))])]
        },
        "noise": { layer, _ in [TorchModule("Noise", [Python.number(layer.real("deviation"))])] },
        "rnn": { layer, network in
            [recurrent("nn.RNN", layer, network, ["nonlinearity=\(Python.text(layer.text("activation")))"])]
        },
        "lstm": { layer, network in [recurrent("nn.LSTM", layer, network, [])] },
        "gru": { layer, network in [recurrent("nn.GRU", layer, network, [])] },
        "lastStep": { layer, _ in [TorchModule(layer.isMasked ? "MaskedLastStep" : "LastStep")] },
        "meanOverTime": { layer, _ in [TorchModule(layer.isMasked ? "MaskedMeanOverTime" : "MeanOverTime")] },
        "eachStep": { layer, network throws(ExperimentError) in
            [TorchModule("EachStep", [], stacks: [("body", try modules(layer.stacks[0], of: network))])]
        },
        "repeat": { layer, _ in flattened(layer) + [TorchModule("Repeat", ["\(layer.integer("steps"))"])] },
        "embedding": { layer, network in
            let weight = network[tensor: layer.tensor("weight")]!
            return [
                TorchModule(
                    "Embedding", ["\(weight.axes[0])", "\(weight.axes[1])"], tensors: [("weight", weight)])
            ]
        },
        "conv1d": convolutionOverSteps, "attention": attention,
        "sampledCode": { layer, network in
            let weight = network[tensor: layer.tensor("weight")]!
            return flattened(layer) + [
                TorchModule(
                    "SampledCode",
                    [
                        "\(weight.axes[1])", "\(layer.integer("units"))",
                        "weight=\(Python.number(layer.real("weight")))",
                    ],
                    tensors: [
                        ("sums.weight", weight), ("sums.bias", network[tensor: layer.tensor("bias")]!),
                    ])
            ]
        },
        "sparsity": { layer, _ in
            [
                TorchModule(
                    "Sparsity", ["target", "weight"].map { "\($0)=\(Python.number(layer.real($0)))" })
            ]
        },
        "rbm": { layer, network in
            flattened(layer) + [linear(layer.tensor(""), network), TorchModule("nn.Sigmoid")]
        },
    ]

    /// A module that makes a row of values, where the layer before makes images or sequences.
    static func flattened(_ layer: ExportedLayer) -> [TorchModule] {
        layer.input.axes.count > 1 ? [TorchModule("nn.Flatten")] : []
    }

    /// - Parameter path: of the layer, with a point behind it.
    static func linear(_ path: String, _ network: ExportedNetwork) -> TorchModule {
        let (weight, bias) = (network[tensor: "\(path)weight"]!, network[tensor: "\(path)bias"]!)
        return TorchModule(
            "nn.Linear", ["\(weight.axes[1])", "\(weight.axes[0])"], tensors: [("weight", weight), ("bias", bias)])
    }

    /// The function behind a layer's sums; none for the identity.
    private static func function(_ layer: ExportedLayer, _ network: ExportedNetwork) -> [TorchModule] {
        [TorchParts.activation(layer.inner("activation"), learned: network[tensor: layer.tensor("activation.weight")])]
            .compactMap(\.self)
    }

    /// The variable of a layer whose weight others use.
    static func variable(_ layer: ExportedLayer) -> String {
        layer.outline.path.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }

    private static let dense: Make = { layer, network throws(ExperimentError) in
        let isOwner = network.allLayers.contains { $0.choice.tied != nil && $0.choice.tied == layer.outline.name }
        guard let name = layer.choice.tied else {
            var module = linear(layer.tensor(""), network)
            if isOwner { module.variable = variable(layer) }
            return flattened(layer) + [module] + function(layer, network)
        }
        guard let owner = network.layer(named: name), owner.choice.tied == nil else {
            throw layer.refused("only ties to a layer with a weight of its own can be written")
        }
        let bias = network[tensor: layer.tensor("bias")]!
        return flattened(layer)
            + [TorchModule("Tied", [variable(owner), "\(bias.values.count)"], tensors: [("bias", bias)])]
            + function(layer, network)
    }

    private static let convolution: Make = { layer, network throws(ExperimentError) in
        let weight = network[tensor: layer.tensor("weight")]!
        let (padding, bias) = (layer.text("padding"), network[tensor: layer.tensor("bias")])
        var arguments = ["\(weight.axes[1])", "\(weight.axes[0])", "\(layer.integer("kernel"))"]
        if layer.integer("stride") != 1 { arguments.append("stride=\(layer.integer("stride"))") }
        if padding != "0" { arguments.append("padding=\(Int(padding) == nil ? Python.text(padding) : padding)") }
        if layer.integer("dilation") != 1 { arguments.append("dilation=\(layer.integer("dilation"))") }
        if bias == nil { arguments.append("bias=False") }
        let module = TorchModule(
            "nn.Conv2d", arguments,
            tensors: [("weight", layer.toggle("flip") ? weight.flipped : weight)] + (bias.map { [("bias", $0)] } ?? []))
        return [module] + function(layer, network)
    }

    private static let transposedConvolution: Make = { layer, network throws(ExperimentError) in
        let (weight, bias) = (network[tensor: layer.tensor("weight")]!, network[tensor: layer.tensor("bias")]!)
        let module = TorchModule(
            "nn.ConvTranspose2d",
            ["\(weight.axes[0])", "\(weight.axes[1])", "\(layer.integer("kernel"))"]
                + ["stride=\(layer.integer("stride"))", "padding=\(layer.integer("padding"))"]
                + ["output_padding=\(layer.integer("outputPadding"))", "dilation=\(layer.integer("dilation"))"],
            tensors: [("weight", weight), ("bias", bias)])
        return [module] + function(layer, network)
    }

    private static let local: Make = { layer, network throws(ExperimentError) in
        let (weight, bias) = (network[tensor: layer.tensor("weight")]!, network[tensor: layer.tensor("bias")]!)
        let module = TorchModule(
            "Local2d",
            [
                "\(Python.list(weight.axes))", "stride=\(layer.integer("stride"))",
                "padding=\(layer.integer("padding"))",
            ],
            tensors: [("weight", weight), ("bias", bias)])
        return [module] + function(layer, network)
    }

    /// The arguments of a layer that pools.
    private static func window(_ layer: ExportedLayer) -> [String] {
        let (size, stride, padding) = (layer.integer("size"), layer.integer("stride"), layer.integer("padding"))
        return ["\(size)"] + (stride == 0 || stride == size ? [] : ["stride=\(stride)"])
            + (padding == 0 ? [] : ["padding=\(padding)"])
    }

    private static let branches: Make = { layer, network throws(ExperimentError) in
        var stacks: [(name: String, modules: [TorchModule])] = []
        for (index, stack) in layer.stacks.enumerated() {
            stacks.append(("stacks.\(index)", try modules(stack, of: network)))
        }
        return [TorchModule("Branches", ["join=\(Python.text(layer.text("join")))"], stacks: stacks)]
    }

    private static let batchNorm: Make = { layer, network throws(ExperimentError) in
        let mean = network[tensor: layer.tensor("running_mean")]!
        let isAffine = layer.toggle("affine")
        return [
            TorchModule(
                layer.input.axes.count == 3 ? "nn.BatchNorm2d" : "nn.BatchNorm1d",
                ["\(mean.values.count)"]
                    + [
                        "eps=\(Python.number(layer.real("epsilon")))",
                        "momentum=\(Python.number(layer.real("momentum")))",
                    ]
                    + (isAffine ? [] : ["affine=False"]),
                tensors: (isAffine ? ["weight", "bias"] : []).map { ($0, network[tensor: layer.tensor($0)]!) }
                    + [
                        ("running_mean", mean), ("running_var", network[tensor: layer.tensor("running_var")]!),
                        ("num_batches_tracked", ExportedTensor(axes: [], values: [0])),
                    ])
        ]
    }

    private static let layerNorm: Make = { layer, network throws(ExperimentError) in
        let isAffine = layer.toggle("affine")
        return [
            TorchModule(
                "nn.LayerNorm",
                [Python.list(layer.input.axes), "eps=\(Python.number(layer.real("epsilon")))"]
                    + (isAffine ? [] : ["elementwise_affine=False"]),
                tensors: (isAffine ? ["weight", "bias"] : []).map {
                    ($0, network[tensor: layer.tensor($0)]!.reshaped(layer.input.axes))
                })
        ]
    }

    private static func recurrent(
        _ cells: String, _ layer: ExportedLayer, _ network: ExportedNetwork, _ more: [String]
    ) -> TorchModule {
        let features = layer.input.axes[1]
        var arguments = ["\(features)", "\(layer.integer("units"))"]
        if layer.integer("layers") > 1 { arguments.append("num_layers=\(layer.integer("layers"))") }
        if layer.toggle("bidirectional") { arguments.append("bidirectional=True") }
        if layer.integer("layers") > 1, layer.real("dropout") > 0 {
            arguments.append("dropout=\(Python.number(layer.real("dropout")))")
        }
        arguments += ["batch_first=True"] + more
        let prefix = layer.tensor("")
        let tensors = network.tensors.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
        return TorchModule(
            layer.toggle("carry") ? "CarriedRecurrent" : layer.isMasked ? "MaskedRecurrent" : "Recurrent",
            ["\(cells)(\(arguments.joined(separator: ", ")))", "returns=\(Python.text(layer.text("returns")))"],
            tensors: tensors.map { ("cells.\($0.key.dropFirst(prefix.count))", $0.value) })
    }

    private static let convolutionOverSteps: Make = { layer, network throws(ExperimentError) in
        let (weight, bias) = (network[tensor: layer.tensor("weight")]!, network[tensor: layer.tensor("bias")]!)
        let module = TorchModule(
            "ConvolutionOverSteps",
            ["\(weight.axes[1])", "\(weight.axes[0])", "\(weight.axes[2])", "dilation=\(layer.integer("dilation"))"]
                + ["causal=\(Python.word(layer.toggle("causal")))"],
            tensors: [("kernels.weight", weight), ("kernels.bias", bias)])
        return [module] + function(layer, network)
    }

    private static let attention: Make = { layer, network throws(ExperimentError) in
        let (steps, features) = (layer.input.axes[0], layer.input.axes[1])
        let names = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
        var tensors = names.map { ("attention.\($0)", network[tensor: layer.tensor($0)]!) }
        if layer.toggle("positions") { tensors.append(("positions", network[tensor: layer.tensor("positions")]!)) }
        return [
            TorchModule(
                layer.isMasked ? "MaskedSelfAttention" : "SelfAttention",
                ["\(steps)", "\(features)", "causal=\(Python.word(layer.toggle("causal")))"]
                    + ["positions=\(Python.word(layer.toggle("positions")))"],
                tensors: tensors)
        ]
    }
}

import Engine

/// Activations, losses, optimizers, schedules and random changes of inputs in PyTorch, by their ids. A new entry is a line
/// here; a test counts those that are missing.
enum TorchParts {
    // MARK: - Activations

    /// - Parameter learned: the slope that is learned, if there is one.
    /// - Returns: nil for the identity.
    static func activation(_ choice: Choice, learned: ExportedTensor?) -> TorchModule? {
        guard !Catalogue.isIdentity(activation: choice.id), let make = activations[choice.id] else { return nil }
        var module = make(choice)
        if let learned { module.tensors = [("weight", learned)] }
        return module
    }

    static let activations: [String: @Sendable (Choice) -> TorchModule] = [
        "linear": { _ in TorchModule("nn.Identity") },
        "sigmoid": { _ in TorchModule("nn.Sigmoid") },
        "tanh": { _ in TorchModule("nn.Tanh") },
        "relu": { _ in TorchModule("nn.ReLU") },
        "leakyReLU": { TorchModule("nn.LeakyReLU", [Python.number($0.real("slope"))]) },
        "prelu": { TorchModule("nn.PReLU", ["init=\(Python.number($0.real("slope")))"]) },
        "elu": { TorchModule("nn.ELU", [Python.number($0.real("alpha"))]) },
        "gelu": { _ in TorchModule("nn.GELU") },
        "softplus": { _ in TorchModule("nn.Softplus") },
        "sin": { _ in TorchModule("Function", ["torch.sin"]) },
        "gaussian": { _ in TorchModule("Function", ["lambda z: torch.exp(-z * z / 2)"]) },
        "asinh": { _ in TorchModule("Function", ["torch.asinh"]) },
        "threshold": { _ in TorchModule("Function", ["lambda z: (z >= 0).to(z.dtype)"]) },
        "softmax": { _ in TorchModule("nn.Softmax", ["dim=-1"]) },
    ]

    // MARK: - Losses

    /// The loss of each sample, of `answers` (the output, or the sums before its activation) and `targets`, summed over the
    /// output units.
    static let losses: [String: @Sendable (Choice) -> String] = [
        "squaredError": { _ in "0.5 * (answers - targets).square().flatten(1).sum(1)" },
        "absoluteError": { _ in "(answers - targets).abs().flatten(1).sum(1)" },
        "huber": {
            "F.huber_loss(answers, targets, reduction=\"none\", delta=\(Python.number($0.real("delta")))).flatten(1).sum(1)"
        },
        "binaryCrossEntropy": { _ in
            "F.binary_cross_entropy_with_logits(answers, targets, reduction=\"none\").flatten(1).sum(1)"
        },
        "softmaxCrossEntropy": { _ in "F.cross_entropy(answers, targets, reduction=\"none\")" },
        "hinge": { _ in "F.relu(1 - targets * answers).flatten(1).sum(1)" },
    ]

    /// Of a perceptron's rule: sums z whose derivative is the rule's change, of the sums z before the activation.
    static let rules: [LearningRule: String] = [
        .rosenblatt: "(((sums >= 0).float() - targets).detach() * sums).flatten(1).sum(1)",
        .delta: "0.5 * (sums - targets).square().flatten(1).sum(1)",
        .hebb: "torch.where((2 * targets - 1) * sums <= 0, (1 - 2 * targets) * sums, 0 * sums).flatten(1).sum(1)",
    ]

    // MARK: - Optimizers

    /// The arguments behind the parameters.
    static let optimizers: [String: @Sendable (Choice) -> String] = [
        "sgd": { "SGD(trained, lr=\(rate($0)))" },
        "momentum": { "SGD(trained, lr=\(rate($0)), momentum=\(Python.number($0.real("momentum"))))" },
        "nesterov": {
            "SGD(trained, lr=\(rate($0)), momentum=\(Python.number($0.real("momentum"))), nesterov=\(Python.word($0.real("momentum") > 0)))"
        },
        "rprop": {
            "Rprop(trained, lr=\(rate($0)), etas=(\(Python.number($0.real("etaMinus"))), \(Python.number($0.real("etaPlus")))), "
                + "step_sizes=(\(Python.number($0.real("minimumStep"))), \(Python.number($0.real("maximumStep")))))"
        },
        "adagrad": { "Adagrad(trained, lr=\(rate($0)), eps=\(Python.number($0.real("epsilon"))))" },
        "rmsprop": {
            "RMSprop(trained, lr=\(rate($0)), alpha=\(Python.number($0.real("decay"))), eps=\(Python.number($0.real("epsilon"))))"
        },
        "adam": { adam("Adam", $0) },
        "adamw": { adam("AdamW", $0) },
    ]

    private static func adam(_ name: String, _ choice: Choice) -> String {
        "\(name)(trained, lr=\(rate(choice)), betas=(\(Python.number(choice.real("beta1"))), "
            + "\(Python.number(choice.real("beta2")))), eps=\(Python.number(choice.real("epsilon"))), "
            + "weight_decay=\(Python.number(choice.real("weightDecay"))))"
    }

    private static func rate(_ choice: Choice) -> String { Python.number(choice.real("learningRate")) }

    // MARK: - Schedules

    /// The factor on the learning rate at `step`, from 0.
    static let schedules: [String: @Sendable (Choice) -> String] = [
        "constant": { _ in "1" },
        "step": { "\(Python.number($0.real("factor"))) ** (step // \(Python.number($0.real("stepSize"))))" },
        "exponential": { "\(Python.number($0.real("decay"))) ** step" },
        "cosine": {
            let least = Python.number($0.real("minimum"))
            return
                "\(least) + (1 - \(least)) * 0.5 * (1 + math.cos(math.pi * min(step / \(Python.number($0.real("steps"))), 1)))"
        },
        "inverseTime": { "1 / (1 + step / \(Python.number($0.real("steps"))))" },
    ]

    // MARK: - Random changes of inputs

    /// Lines that change the images x `[samples, channels, height, width]`, from 0 to 1, of `n` samples.
    static let augmentations: [String: @Sendable (Choice) -> [String]] = [
        "shift": {
            let most = $0.whole("pixels")
            return [
                "dx, dy = (torch.randint(-\(most), \(most + 1), (n,)) for _ in range(2))",
                "x = moved(x, x0=-dx, y0=-dy)",
            ]
        },
        "rotate": {
            [
                "angle = (torch.rand(n) * 2 - 1) * math.radians(\(Python.number($0.real("degrees"))))",
                "x = moved(x, xx=angle.cos(), xy=-angle.sin(), yx=angle.sin(), yy=angle.cos())",
            ]
        },
        "scale": {
            [
                "factor = 1 + (torch.rand(n) * 2 - 1) * \(Python.number($0.real("percent") / 100))",
                "x = moved(x, xx=1 / factor, yy=1 / factor)",
            ]
        },
        "flip": {
            [
                $0.knobs["horizontal"] == .toggle(true)
                    ? "x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(3), x)" : "",
                $0.knobs["vertical"] == .toggle(true)
                    ? "x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(2), x)" : "",
            ].filter { !$0.isEmpty }
        },
        "crop": {
            let least = Python.number($0.real("percent") / 100)
            return [
                "side = \(least) + torch.rand(n) * (1 - \(least))",
                "dx, dy = ((torch.rand(n) * 2 - 1) * (1 - side) / 2 * x.shape[axis] for axis in (3, 2))",
                "x = moved(x, xx=side, yy=side, x0=dx, y0=dy)",
            ]
        },
        "colour": {
            [
                "factor = 1 + (torch.rand(n, x.shape[1], 1, 1) * 2 - 1) * \(Python.number($0.real("percent") / 100))",
                "x = (x * factor).clamp(0, 1)",
            ]
        },
        "noise": { ["x = (x + \(Python.number($0.real("deviation"))) * torch.randn_like(x)).clamp(0, 1)"] },
        "cutout": {
            let side = $0.whole("pixels")
            return [
                "rows, columns = (torch.arange(x.shape[axis]) for axis in (2, 3))",
                "top, left = (torch.randint(x.shape[axis], (n, 1)) - \(side / 2) for axis in (2, 3))",
                "cut = ((rows >= top) & (rows < top + \(side)))[:, None, :, None]",
                "cut = cut & ((columns >= left) & (columns < left + \(side)))[:, None, None, :]",
                "x = x.masked_fill(cut, 0)",
            ]
        },
    ]

    /// The corrupted x of an autoencoder; nil: it takes x as it is.
    static let corruptions: [String: @Sendable (Choice) -> String?] = [
        "none": { _ in nil },
        "mask": { "x * (torch.rand_like(x) >= \(Python.number($0.real("rate"))))" },
        "gaussian": { "x + \(Python.number($0.real("deviation"))) * torch.randn_like(x)" },
        "saltPepper": {
            "torch.where(torch.rand_like(x) < \(Python.number($0.real("rate"))), torch.where(torch.rand_like(x) < 0.5, lowest, highest), x)"
        },
    ]
}

extension Choice {
    func whole(_ name: String) -> Int { Int(real(name)) }
}

extension Term {
    /// Loss, gradient, and the steps that make the loss small.
    static let training: [Term] = [
        Term(
            "loss", also: ["losses", "cost function"],
            "A number for how wrong the answers are, the mean over the samples. Training is the search for weights that make it small.",
            formula: "L = 1/n · Σ ℓ(yᵢ, tᵢ)", preset: "learning-rate",
            related: ["gradient", "cross-entropy", "squared error"]),
        Term(
            "squared error", also: ["mean squared error"], of: .loss, "squaredError", preset: "sine-regression",
            related: ["regression"]),
        Term(
            "cross-entropy", of: .loss, "softmaxCrossEntropy", preset: "spirals-softmax", related: ["softmax", "logit"]),
        Term(
            "hinge loss", of: .loss, "hinge", preset: "gauss", with: "output.loss=hinge",
            related: ["margin", "support vector machine"]),
        Term(
            "logit", also: ["log-odds"],
            "The number before a sigmoid or a softmax. Before a sigmoid it is the logarithm of the odds: 0 is even odds, 2.2 is nine to one; before a softmax differences of two are.",
            formula: "z = ln(p / (1 − p))", preset: "spirals-softmax", related: ["softmax", "sigmoid"]),
        Term(
            "gradient",
            "For each weight, how much the loss would grow if the weight grew a little: the slopes of the loss, in one row. Its opposite is the direction in which the loss falls fastest.",
            formula: "∇L = (∂L/∂w₁, ∂L/∂w₂, …)", preset: "momentum-valley",
            related: ["gradient descent", "back-propagation", "derivative"]),
        Term(
            "derivative", also: ["slope"],
            "How fast a value changes when the number that it depends on changes: the slope of the curve at a place.",
            formula: "f′(x) = lim (f(x + h) − f(x)) / h,  h → 0", preset: "momentum-valley",
            related: ["gradient", "chain rule"]),
        Term(
            "gradient descent",
            "Takes small steps against the gradient, again and again: each makes the loss a little smaller, if the step is small enough.",
            formula: "w ← w − η ∇L", preset: "momentum-valley",
            related: ["gradient", "learning rate", "stochastic gradient descent"]),
        Term(
            "stochastic gradient descent", also: ["SGD"], of: .optimizer, "sgd", preset: "momentum-valley",
            related: ["batch", "learning rate"]),
        Term("momentum", of: .optimizer, "momentum", preset: "momentum-valley", related: ["learning rate"]),
        Term(
            "RMSprop", of: .optimizer, "rmsprop", preset: "adam", with: "training.optimizer=rmsprop", related: ["Adam"]),
        Term("Adam", of: .optimizer, "adam", preset: "adam", related: ["momentum", "RMSprop"]),
        Term(
            "optimizer",
            "The rule that makes a step of the weights from a gradient: plain descent, momentum, Adam and others.",
            formula: "w ← w − step(g)", preset: "adam", related: ["gradient descent", "learning rate"]),
        Term(
            "learning rate",
            "The factor of a step against the gradient. Too small, and training takes for ever; too large, and steps jump over the valley and the loss grows.",
            formula: "w ← w − η ∇L", preset: "learning-rate",
            related: ["gradient descent", "learning-rate schedule", "divergence of training"]),
        Term(
            "learning-rate schedule", also: ["schedule"],
            "A learning rate that changes over the steps: large at first to come near, small at the end to come to rest.",
            formula: "η(t)", preset: "digits-cnn", related: ["learning rate"]),
        Term(
            "back-propagation", also: ["backpropagation"],
            "Computes the gradient of all weights in one pass from the output back to the input: each layer gets the error of the layer behind it, times the slope of its own function (Rumelhart, Hinton and Williams, 1986).",
            formula: "δ⁽ˡ⁾ = f′(z⁽ˡ⁾) ∘ W⁽ˡ⁺¹⁾ᵀ δ⁽ˡ⁺¹⁾,  ∂L/∂w = δ · x", preset: "xor-two-hidden",
            related: ["gradient", "chain rule", "forward pass"]),
        Term(
            "chain rule",
            "The derivative of functions one in the other is the product of their derivatives. Back-propagation is this rule, applied layer by layer.",
            formula: "dy/dx = dy/du · du/dx", preset: "xor-two-hidden", related: ["back-propagation", "derivative"]),
        Term(
            "forward pass",
            "The way of a sample through the network: layer after layer computes its values from those before, up to the answer and its loss.",
            formula: "x → h₁ → h₂ → y → L", preset: "xor-two-hidden", related: ["back-propagation", "layer"]),
        Term(
            "batch", also: ["batches", "mini-batch", "mini-batches"],
            "The samples whose gradients are averaged for one step. Small batches make many rough steps, large ones few exact ones.",
            formula: "g = 1/B · Σ ∇ℓᵢ", preset: "playground", related: ["epoch", "stochastic gradient descent"]),
        Term(
            "epoch",
            "One pass over all training samples. With n samples and batches of B it has n / B steps.",
            formula: "steps = n / B", preset: "playground", related: ["batch", "update"]),
        Term(
            "update", also: ["iteration"],
            "One change of all weights, after one batch.", formula: "w ← w − η g", preset: "playground",
            related: ["batch", "optimizer"]),
        Term(
            "convergence", also: ["converge"],
            "That training comes to rest: the loss no longer changes much, because gradients have become small or the rate has.",
            formula: "∇L → 0", preset: "learning-rate", related: ["learning rate", "local minimum"]),
        Term(
            "divergence of training", also: ["diverge"],
            "That the loss grows without end, because each step overshoots more than the one before. A smaller learning rate, or shorter gradients, end it.",
            formula: "L → ∞", preset: "learning-rate", related: ["learning rate", "gradient clipping"]),
        Term(
            "local minimum", also: ["local minima"],
            "A place where every small step makes the loss larger, though farther away it is smaller still. The same network from another seed may end elsewhere.",
            formula: "∇L = 0, L(w + ε) ≥ L(w)", preset: "raise-dimension-units", related: ["plateau", "seed"]),
        Term(
            "plateau",
            "A stretch on which the loss hardly falls, because gradients are small, and after which it may fall quickly.",
            formula: "∇L ≈ 0", preset: "spiral", related: ["local minimum", "vanishing gradient"]),
        Term(
            "seed",
            "The number from which all random numbers follow: initial weights, the order of samples. The same seed gives the same run, bit for bit.",
            preset: "raise-dimension-units", related: ["initialization"]),
        Term(
            "initialization", also: ["initial weights"],
            "The random weights with which training begins. All equal, and units never differ; too small, and signals fade; too large, and units are saturated.",
            formula: "w ~ N(0, σ²)", preset: "zero-weights",
            related: ["Xavier initialization", "He initialization", "seed"]),
        Term(
            "Xavier initialization", also: ["Xavier"], of: .initializer, "xavierUniform", preset: "deep-sigmoid",
            related: ["He initialization"]),
        Term(
            "He initialization", also: ["He uniform"], of: .initializer, "heUniform", preset: "vgg-small",
            related: ["ReLU", "Xavier initialization"]),
        Term(
            "vanishing gradient", also: ["gradients vanish", "gradient vanishes"],
            "On the way back each layer multiplies the gradient by its weights and slopes. Where these are below 1, nothing is left of it in the first layers of a deep stack, which then do not learn.",
            formula: "∂L/∂h₁ = ∂L/∂hₙ · Π f′(z) W", preset: "vanishing-gradients",
            related: ["saturation", "residual connection", "back-propagation"]),
        Term(
            "exploding gradient", also: ["gradients explode"],
            "The opposite of the vanishing gradient: factors above 1 make it grow from layer to layer, or from step to step, until one update destroys what was learned.",
            formula: "∂L/∂h₁ = ∂L/∂hₙ · Π f′(z) W", preset: "exploding",
            related: ["gradient clipping", "vanishing gradient"]),
        Term(
            "saturation", also: ["saturated"],
            "A sigmoid or tanh unit whose sum is far from 0: the function is flat there, its slope nearly 0, and hardly any gradient passes.",
            formula: "f′(z) ≈ 0", preset: "vanishing-gradients", related: ["sigmoid", "tanh", "vanishing gradient"]),
        Term(
            "dead unit", also: ["dead ReLU", "dead"],
            "A ReLU unit that is off for every sample: its slope is 0 everywhere, so that no gradient reaches it and it stays off.",
            formula: "z < 0 for all samples", preset: "batch-normalization", related: ["ReLU", "leaky ReLU"]),
    ]
}

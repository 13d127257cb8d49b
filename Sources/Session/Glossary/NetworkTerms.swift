extension Term {
    /// Neurons, layers, and the network made of them.
    static let network: [Term] = [
        Term(
            "neuron", also: ["unit"],
            "The smallest part of a network: it multiplies each number that comes in by a weight, adds the products and a bias, and puts the sum through an activation function.",
            formula: "y = f(w₁x₁ + w₂x₂ + … + b)", preset: "mcculloch-pitts",
            related: ["weight", "bias", "activation function", "layer"]),
        Term(
            "weight",
            "A number by which a neuron multiplies one of its inputs. Its sign says whether the input speaks for or against, its size how much it counts. Learning changes the weights.",
            formula: "z = Σ wᵢxᵢ + b", preset: "mcculloch-pitts", related: ["bias", "parameter", "gradient"]),
        Term(
            "bias", also: ["biases"],
            "A number that a neuron adds to its weighted sum. It moves the place where the neuron's answer changes; without it every boundary would pass through the origin.",
            formula: "z = Σ wᵢxᵢ + b", preset: "mcculloch-pitts", related: ["weight", "neuron"]),
        Term(
            "weighted sum", also: ["pre-activation"],
            "The inputs of a neuron times their weights, added up with the bias: what goes into the activation function, written z.",
            formula: "z = w·x + b", preset: "perceptron-or", related: ["neuron", "activation function"]),
        Term(
            "activation function",
            "The function that a neuron applies to its weighted sum. Without one that bends, any number of layers could do no more than a single one.",
            formula: "y = f(z)", preset: "hidden-layer-view", related: ["ReLU", "tanh", "sigmoid", "softmax"]),
        Term(
            "activation",
            "The value that a neuron gives for a sample: the result of its activation function.",
            formula: "y = f(z)", preset: "circle", related: ["activation function", "neuron"]),
        Term(
            "ReLU", also: ["rectifier"], of: .activation, "relu", preset: "batch-normalization", related: ["dead unit"]),
        Term("leaky ReLU", of: .activation, "leakyReLU", preset: "gan-ring", related: ["ReLU", "dead unit"]),
        Term("tanh", of: .activation, "tanh", preset: "circle", related: ["sigmoid", "saturation"]),
        Term("sigmoid", of: .activation, "sigmoid", preset: "vanishing-gradients", related: ["tanh", "saturation"]),
        Term("softmax", of: .activation, "softmax", preset: "spirals-softmax", related: ["logit", "cross-entropy"]),
        Term("hard threshold", of: .activation, "threshold", preset: "perceptron-and", related: ["perceptron"]),
        Term(
            "layer",
            "A row of neurons that all see the same values before them. A network is a stack of layers: each takes the values of the one below.",
            formula: "y = f(W x + b)", preset: "spiral", related: ["hidden layer", "dense layer", "network"]),
        Term(
            "dense layer", also: ["fully connected"], of: .layer, "dense", preset: "digits-mlp",
            related: ["neuron", "layer"]),
        Term(
            "hidden layer",
            "A layer between input and output. It gives every sample new coordinates, in which the classes are easier to part than in the old ones.",
            formula: "h = f(W x + b)", preset: "hidden-layer-view", related: ["layer", "feature"]),
        Term(
            "network", also: ["neural network"],
            "Layers of neurons one after the other: a function with very many numbers that can be set, and that learning sets from samples.",
            formula: "y = f₃(W₃ f₂(W₂ f₁(W₁ x + b₁) + b₂) + b₃)", preset: "playground", related: ["layer", "parameter"]),
        Term(
            "parameter",
            "Each number of a network that learning changes: all weights and biases. A dense layer has (inputs + 1) · units of them.",
            formula: "(inputs + 1) · units", preset: "bottleneck", related: ["weight", "bias", "hyperparameter"]),
        Term(
            "hyperparameter",
            "A setting that is chosen by a person and not learned: the learning rate, the number of layers and units, the batch size. An atlas or a sweep tries several.",
            preset: "learning-rate", related: ["parameter", "learning rate"]),
        Term(
            "perceptron",
            "A single neuron with a hard threshold, and a rule by which it learns from its mistakes (Rosenblatt, 1958). It finds a line between two classes whenever there is one.",
            formula: "y = 1 if w·x + b ≥ 0, else 0", preset: "perceptron-and",
            related: ["perceptron rule", "linear separability"]),
        Term(
            "perceptron rule", also: ["Rosenblatt's rule"],
            "After each wrong answer the weights move by the sample, towards it or away from it; after a right answer nothing moves. It ends where a line parts the classes, and never where none does.",
            formula: "w ← w + η (t − y) x", preset: "rosenblatt-vs-delta", related: ["perceptron", "delta rule"]),
        Term(
            "delta rule", also: ["Widrow-Hoff rule"],
            "Changes the weights of a neuron in proportion to its error, also when the class is right already: gradient descent on the squared error of one neuron (Widrow and Hoff, 1960).",
            formula: "w ← w + η (t − y) x", preset: "rosenblatt-vs-delta",
            related: ["gradient descent", "perceptron rule"]),
        Term(
            "linear separability", also: ["linearly separable"],
            "Two classes are linearly separable when a straight line (a plane, with three inputs) has one on each side. AND and OR are, XOR is not.",
            formula: "w·x + b > 0 for the one, < 0 for the other", preset: "perceptron-xor",
            related: ["perceptron", "decision boundary"]),
        Term(
            "decision boundary", also: ["boundary", "boundaries"],
            "The places where the answer changes from one class to another. One neuron draws a straight one; layers bend it.",
            formula: "{ x : y(x) = 0 }", preset: "circle", related: ["linear separability", "classification"]),
        Term(
            "universal approximation",
            "A network with one hidden layer that is wide enough can come as near as wanted to any continuous function on a bounded range (Cybenko, 1989). How wide, and whether training finds it, is not said.",
            formula: "|f(x) − Σ vᵢ σ(wᵢ·x + bᵢ)| < ε", preset: "sine-regression", related: ["hidden layer", "capacity"]),
        Term(
            "capacity",
            "How many different functions a network can be: it grows with layers and units. Too little cannot fit the samples, too much can learn them by heart.",
            preset: "raise-dimension-units", related: ["overfitting", "underfitting", "parameter"]),
        Term(
            "residual connection", also: ["skip connection", "residual block"], of: .layer, "residual",
            preset: "residual",
            related: ["vanishing gradient"]),
        Term(
            "frozen",
            "A layer that keeps its parameters while others learn. It still computes, and gradients pass through it.",
            preset: "transfer", related: ["transfer learning", "parameter"]),
    ]
}

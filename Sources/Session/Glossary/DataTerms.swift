extension Term {
    /// Samples, targets, and how answers to them are judged.
    static let data: [Term] = [
        Term(
            "sample", also: ["data point", "example"],
            "One case to learn from: the numbers that go in and, where there is one, the right answer. A point of the plane, an image, a sequence.",
            formula: "(x, t)", preset: "gauss", related: ["training set", "test set", "target"]),
        Term(
            "feature",
            "A number for each sample that goes into the network: a column, or a formula of columns such as x1·x2. A good feature can spare whole layers.",
            formula: "x₁, x₂, x₁², x₁·x₂, sin x₁ …", preset: "raise-dimension-features",
            related: ["sample", "hidden layer"]),
        Term(
            "target", also: ["label"],
            "The right answer to a sample: a class or a value. Learning makes the distance from the network's answer to it small.",
            formula: "t", preset: "gauss", related: ["loss", "sample", "supervised learning"]),
        Term(
            "class", also: ["classes"],
            "One of the kinds into which samples are to be put: digit 0 to 9, orange or blue.",
            preset: "spirals-softmax", related: ["classification", "softmax"]),
        Term(
            "classification",
            "The task to name the class of a sample. The answer is one class, usually with the probability of each.",
            formula: "answer = argmaxₖ p(k|x)", preset: "circle", related: ["class", "regression", "cross-entropy"]),
        Term(
            "regression",
            "The task to answer with a number, such as a height over a place of the plane.",
            formula: "y ≈ f(x)", preset: "sine-regression", related: ["classification", "squared error"]),
        Term(
            "training set", also: ["training sample", "training data"],
            "The samples that learning uses. With enough parameters the loss on them becomes small however little the network knows of others.",
            preset: "overfitting", related: ["test set", "overfitting"]),
        Term(
            "test set", also: ["test sample", "test data"],
            "Samples that are kept apart and never learned from. The loss on them tells what the network makes of what it has not seen.",
            preset: "overfitting", related: ["training set", "generalization"]),
        Term(
            "standardization", also: ["standardized", "standardize"],
            "Brings a column to mean 0 and deviation 1, so that large numbers do not drown small ones and one learning rate suits all weights.",
            formula: "x′ = (x − mean) / deviation", preset: "sine-regression",
            related: ["feature", "batch normalization"]),
        Term(
            "one-hot",
            "A class written as a row of zeros with a single 1 at its place: 2 of four classes is 0 0 1 0. The target of a softmax.",
            formula: "tₖ = 1 if k is the class, else 0", preset: "spirals-softmax", related: ["softmax", "class"]),
        Term(
            "accuracy",
            "The part of the samples whose class is right. It moves in jumps, and says nothing of how sure the answers are; the loss does.",
            formula: "right answers / samples", preset: "digits-mlp", related: ["loss", "confusion matrix"]),
        Term(
            "confusion matrix",
            "A table of true classes against answered ones: counts off the diagonal are mistakes, and their place says which class was taken for which.",
            formula: "C[i, j] = samples of class i answered as j", preset: "digits-cnn", related: ["accuracy", "class"]),
        Term(
            "generalization", also: ["generalize"],
            "That a network is right on samples that it has not seen. The gap between test loss and training loss measures what is missing of it.",
            formula: "test loss − training loss", preset: "augmentation", related: ["overfitting", "test set"]),
        Term(
            "supervised learning",
            "Learning from samples with right answers: each step makes the distance from the network's answer to the right one smaller.",
            formula: "min over w of  Σ L(y(x), t)", preset: "circle", related: ["target", "unsupervised learning"]),
        Term(
            "transfer learning", also: ["transfer"],
            "Begins with a network that has learned something else: its early layers are kept, and the last ones learn the new task from few samples.",
            preset: "transfer", related: ["fine-tuning", "frozen"]),
        Term(
            "catastrophic forgetting", also: ["forgetting"],
            "A network that goes on with a new task loses the old one: the same weights are changed for the new samples, and nothing holds them for the old.",
            preset: "forgetting", related: ["transfer learning"]),
    ]
}

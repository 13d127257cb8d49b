extension Term {
    /// Overfitting, and what helps.
    static let remedies: [Term] = [
        Term(
            "overfitting", also: ["overfit"],
            "The network learns its training samples by heart, noise and all: the training loss goes on falling while the test loss rises.",
            formula: "test loss ↑ while training loss ↓", preset: "overfitting",
            related: ["regularization", "early stopping", "dropout", "capacity"]),
        Term(
            "underfitting",
            "The network cannot even fit its training samples: it is too small, trained too shortly, or held too strongly.",
            formula: "training loss stays high", preset: "raise-dimension-units", related: ["capacity", "overfitting"]),
        Term(
            "regularization",
            "Whatever keeps a network from fitting every detail: a price on large weights (L1, L2), dropout, noise, more data.",
            formula: "L + λ · R(w)", preset: "l1-features",
            related: ["L1 regularization", "L2 regularization", "dropout"]),
        Term(
            "L1 regularization", also: ["L1"],
            "Adds the sizes of all weights to what is made small. Its pull is the same for small weights as for large ones, so that many become exactly 0. Here it is taken from the weights after the optimizer's step, and does not go through its momentum.",
            formula: "L + λ · Σ |w|", preset: "l1-features", related: ["L2 regularization", "regularization"]),
        Term(
            "L2 regularization", also: ["L2", "weight decay"],
            "Adds half the squares of all weights to what is made small. Large weights are pulled most; few become 0, but all stay small, and the boundary smooth. Here, as in AdamW, the pull is taken from the weights after the optimizer's step (decoupled), and does not go through its momentum; with plain gradient descent that is the same.",
            formula: "L + λ/2 · Σ w²", preset: "overfitting", related: ["L1 regularization", "regularization"]),
        Term("dropout", of: .layer, "dropout", preset: "dropout", related: ["overfitting", "regularization"]),
        Term(
            "early stopping",
            "Ends the run when the test loss has not become better for some epochs: later ones would only learn the samples by heart.",
            formula: "stop after p epochs without a better test loss", preset: "early-stopping",
            related: ["overfitting", "test set"]),
        Term(
            "data augmentation", also: ["augmentation"],
            "Changes training samples at random in ways that leave their class the same: moves, turns, other light. It can take the place of some more data.",
            preset: "augmentation", related: ["generalization", "overfitting"]),
        Term(
            "batch normalization", also: ["batchNorm"], of: .layer, "batchNorm", preset: "batch-normalization",
            related: ["standardization"]),
        Term(
            "gradient clipping", also: ["clip norm"],
            "Shortens a gradient that is longer than a limit, and keeps its direction: one wild batch then cannot destroy the weights.",
            formula: "g ← g · min(1, limit / ‖g‖)", preset: "exploding", related: ["exploding gradient"]),
        Term(
            "fine-tuning",
            "Goes on training a network that has learned before, all of it or its last layers, with the new task's samples and usually a small rate.",
            preset: "stacked-denoising", related: ["transfer learning", "pre-training"]),
        Term(
            "pre-training", also: ["pretraining"],
            "Training before the training: layers first learn something for which there are plenty of samples, such as giving back their input, then the task for which there are few.",
            preset: "stacked-denoising", related: ["fine-tuning", "autoencoder"]),
    ]
}

extension Term {
    /// Learning by playing.
    static let games: [Term] = [
        Term(
            "reinforcement learning",
            "Learning from rewards: nobody says what would have been right, only how well it went. What is good must be found by trying.",
            formula: "max E[Σ γᵗ r_t]", preset: "gridworld", related: ["reward", "policy", "Q-value"]),
        Term(
            "reward",
            "The number that a game gives after an action. Everything that is learned aims at a large sum of them.",
            formula: "r_t", preset: "catch", related: ["return", "discount"]),
        Term(
            "return",
            "The sum of the rewards from a step on, later ones counting less by the discount; on the screen, the sum of an episode.",
            formula: "G = r₁ + γ r₂ + γ² r₃ + …", preset: "cart-pole", related: ["reward", "discount", "episode"]),
        Term(
            "discount",
            "The factor by which a reward counts less that comes one step later: near 0 only the next one counts, near 1 also what is far away.",
            formula: "γ, 0 ≤ γ ≤ 1", preset: "gridworld", related: ["return"]),
        Term(
            "policy", also: ["policies"],
            "The rule by which actions are chosen: the action of the largest value, or probabilities to draw by.",
            formula: "π(a|s)", preset: "cart-pole", related: ["Q-value", "REINFORCE"]),
        Term(
            "Q-value",
            "The return to expect from an action in a state, when all goes well afterwards. The best action is that of the largest Q.",
            formula: "Q(s, a) = r + γ maxₐ′ Q(s′, a′)", preset: "gridworld", related: ["Q-learning", "return"]),
        Term("Q-learning", of: .procedure, "qLearning", preset: "catch", related: ["Q-value", "replay memory"]),
        Term(
            "REINFORCE", also: ["policy gradient"], of: .procedure, "reinforce", preset: "cart-pole",
            with: "training.procedure=reinforce", related: ["policy"]),
        Term(
            "exploration", also: ["explore"],
            "Trying actions that do not look best, to find better ones: at random with a chance ε that becomes smaller.",
            formula: "a = random with chance ε, else argmax Q", preset: "gridworld", related: ["policy", "Q-learning"]),
        Term(
            "replay memory",
            "The last thousands of steps, from which batches are drawn at random: neighbouring steps are alike, and learning from them in order forgets the others.",
            preset: "catch", related: ["Q-learning", "target network"]),
        Term(
            "target network",
            "A copy of the network that stays as it is for some time and says what the next state is worth, so that the targets do not move with every update.",
            formula: "t = r + γ maxₐ′ Q⁻(s′, a′)", preset: "catch", related: ["Q-learning"]),
        Term(
            "episode",
            "One game from its beginning to its end.", preset: "cart-pole", related: ["return"]),
        Term(
            "value iteration",
            "Computes what each state is worth from its neighbours, again and again, when all rules are known: the truth with which learned values are compared.",
            formula: "V(s) ← maxₐ Σ P(s′|s,a) · (r + γ V(s′))", preset: "gridworld", related: ["Q-value"]),
    ]

    /// Learners beside the network.
    static let rivals: [Term] = [
        Term(
            "support vector machine", also: ["SVM"], of: .rival, "svm", preset: "svm-kernels",
            related: ["margin", "support vector", "kernel function"]),
        Term(
            "margin",
            "The width of the empty strip around the boundary, from the nearest points of one class to those of the other. A wide one leaves room for points that are a little different.",
            formula: "2 / ‖w‖", preset: "svm-kernels", related: ["support vector", "support vector machine"]),
        Term(
            "support vector",
            "A point at the margin or inside it. These alone decide where the boundary lies; all others could be left out.",
            formula: "αᵢ > 0", preset: "svm-kernels", related: ["margin"]),
        Term(
            "kernel function", also: ["kernel trick", "rbf"],
            "How alike two points are: their product in a space of many features, computed without ever going there. With it a straight boundary there is a bent one here.",
            formula: "K(a, b) = exp(−γ ‖a − b‖²)", preset: "svm-kernels",
            related: ["support vector machine", "feature"]),
        Term(
            "nearest neighbours", also: ["nearest neighbour"], of: .rival, "kNN", preset: "neighbours",
            related: ["decision boundary"]),
        Term("decision tree", of: .rival, "decisionTree", preset: "rivals", related: ["random forest"]),
        Term("random forest", of: .rival, "randomForest", preset: "forest-vs-network", related: ["decision tree"]),
        Term(
            "logistic regression", of: .rival, "logisticRegression", preset: "rivals",
            related: ["sigmoid", "classification"]),
    ]
}

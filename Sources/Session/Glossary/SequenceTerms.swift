extension Term {
    /// Networks that read and write sequences.
    static let sequences: [Term] = [
        Term(
            "sequence",
            "Values one after the other: the letters of a text, a curve over time. What a step means may depend on steps long before it.",
            formula: "x₁, x₂, …, x_T", preset: "recall-rnn-lstm-gru", related: ["recurrent network", "hidden state"]),
        Term(
            "recurrent network", also: ["recurrent layer", "RNN"], of: .layer, "rnn", preset: "recall-rnn-lstm-gru",
            related: ["hidden state", "LSTM"]),
        Term(
            "hidden state",
            "The numbers that a recurrent layer hands from one step to the next: all that it remembers of the steps before.",
            formula: "h_t = f(U x_t + W h_{t−1})", preset: "parity", related: ["recurrent network", "gate"]),
        Term("LSTM", of: .layer, "lstm", preset: "recall-rnn-lstm-gru", related: ["gate", "GRU"]),
        Term("GRU", of: .layer, "gru", preset: "recall-rnn-lstm-gru", related: ["gate", "LSTM"]),
        Term(
            "gate",
            "A number from 0 to 1, computed by a sigmoid, by which another value is multiplied: 0 shuts it off, 1 lets it pass. Gates decide what a cell keeps.",
            formula: "g = σ(W x + U h + b),  out = g ∘ value", preset: "recall-1000",
            related: ["LSTM", "GRU", "sigmoid"]),
        Term(
            "back-propagation through time", also: ["gradient through time"],
            "Back-propagation in a network that is unfolded over the steps: the same weights act at each, and their gradients are added up.",
            formula: "∂L/∂W = Σₜ δ_t · h_{t−1}", preset: "vanishing-in-time",
            related: ["back-propagation", "vanishing gradient"]),
        Term("embedding", of: .layer, "embedding", preset: "words", related: ["token"]),
        Term(
            "token", also: ["symbol"],
            "One piece of a text as the network takes it: a character or a word, as a number that names it.",
            preset: "tale", related: ["embedding", "sequence"]),
        Term("attention", of: .layer, "attention", preset: "attention-copy", related: ["softmax", "sequence"]),
        Term(
            "language model",
            "A network that gives the probability of each next symbol of a text. Drawn by these, symbol after symbol, it writes.",
            formula: "p(x_{t+1} | x₁ … x_t)", preset: "tale", related: ["perplexity", "temperature", "token"]),
        Term(
            "perplexity",
            "Between how many equally likely symbols the network still chooses, on average: the exponential of the cross-entropy.",
            formula: "e^(cross-entropy)", preset: "tale", related: ["cross-entropy", "language model"]),
        Term(
            "temperature",
            "Divides the logits before the softmax when a symbol is drawn: below 1 the likely ones become likelier still, above 1 all come closer.",
            formula: "p ∝ e^(z / T)", preset: "tale", related: ["softmax", "language model"]),
        Term(
            "Markov chain", also: ["Markov"],
            "Takes the next symbol by the last one, two or three alone, as often as it followed them. A network should do better, as it can remember more.",
            formula: "p(x_{t+1} | x_{t−k+1} … x_t)", preset: "tale", related: ["language model"]),
        Term(
            "encoder",
            "The part of a network that makes a code of its input: a few numbers that stand for an image, or the last state for a whole sequence.",
            formula: "z = f(x)", preset: "sums", related: ["decoder", "code"]),
        Term(
            "decoder",
            "The part of a network that makes an output of a code: an image, or a sequence step by step.",
            formula: "x̂ = g(z)", preset: "sums", related: ["encoder", "code"]),
        Term(
            "bidirectional",
            "Two recurrent layers side by side, one of which reads the sequence from its end: each step then knows what comes after it.",
            formula: "h_t = [h→_t, h←_t]", preset: "bidirectional", related: ["recurrent network"]),
    ]
}

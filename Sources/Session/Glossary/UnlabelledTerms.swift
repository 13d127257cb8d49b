extension Term {
    /// Learning without labels.
    static let unlabelled: [Term] = [
        Term(
            "unsupervised learning", also: ["without labels", "unlabelled"],
            "Learning from samples without right answers: what is likely, what goes with what, how to say much in few numbers.",
            preset: "autoencoder-digits", related: ["autoencoder", "supervised learning"]),
        Term(
            "autoencoder",
            "A network that learns to give back its input through a narrow or disturbed code. What the code keeps is what matters about the data.",
            formula: "x̂ = g(f(x)),  min Σ (x̂ − x)²", preset: "autoencoder-digits",
            related: ["code", "reconstruction", "denoising"]),
        Term(
            "code", also: ["latent space", "bottleneck"],
            "The few numbers in the middle of an autoencoder: all that the decoder is told of the input.",
            formula: "z = f(x)", preset: "autoencoder-curve", related: ["autoencoder", "encoder", "decoder"]),
        Term(
            "reconstruction", of: .procedure, "reconstruction", preset: "autoencoder-digits", related: ["autoencoder"]),
        Term(
            "denoising",
            "The input is disturbed, and the network is to give back what it was before: it cannot copy, and must learn how values depend on each other.",
            formula: "x̂ = g(f(x̃)),  min Σ (x̂ − x)²", preset: "denoising", related: ["autoencoder"]),
        Term(
            "variational autoencoder", of: .layer, "sampledCode", preset: "variational",
            related: ["KL divergence", "code"]),
        Term(
            "KL divergence", also: ["Kullback-Leibler divergence"],
            "How unlike two distributions are: the bits (or nats) that are lost when the one is taken for the other. 0 where they are the same.",
            formula: "KL(p ‖ q) = Σ p ln(p / q)", preset: "variational",
            related: ["cross-entropy", "variational autoencoder"]),
        Term(
            "restricted Boltzmann machine", also: ["Boltzmann machine", "RBM"], of: .layer, "rbm", preset: "rbm-digits",
            related: ["Gibbs sampling", "contrastive divergence"]),
        Term(
            "Gibbs sampling", also: ["Gibbs step"],
            "Draws the units by the values, then the values by the units, and so on: after many turns the values are samples of what the machine takes for likely.",
            formula: "h ~ p(h|x),  x ~ p(x|h),  …", preset: "rbm-bars", related: ["restricted Boltzmann machine"]),
        Term(
            "contrastive divergence", of: .procedure, "contrastiveDivergence", preset: "rbm-digits",
            related: ["Gibbs sampling", "restricted Boltzmann machine"]),
        Term(
            "free energy",
            "A number for how unlikely a restricted Boltzmann machine finds a sample: low is likely. It is exact; the probability itself needs a sum over all samples, which is not known.",
            formula: "F(x) = −b·x − Σ ln(1 + e^(c + W x)),  p(x) ∝ e^(−F)", preset: "rbm-bars",
            related: ["restricted Boltzmann machine"]),
        Term(
            "deep belief network",
            "Restricted Boltzmann machines one on the other, each trained on the units of the one below, then fine-tuned with labels (Hinton, Osindero and Teh, 2006).",
            preset: "deep-belief-net", related: ["restricted Boltzmann machine", "pre-training"]),
        Term(
            "PCA", also: ["principal component", "principal components"],
            "Turns the axes of many-valued points so that the first shows the largest spread, the second the next: the best flat picture of them.",
            formula: "y = Vᵀ (x − mean)", preset: "digits-mlp", related: ["t-SNE"]),
        Term(
            "t-SNE",
            "Places points of many values on a plane so that neighbours stay neighbours (van der Maaten and Hinton, 2008). Distances between far groups mean nothing.",
            formula: "min KL(p ‖ q) over the places", preset: "digits-cnn", related: ["PCA"]),
    ]

    /// Two networks that learn from each other.
    static let adversarial: [Term] = [
        Term(
            "generative adversarial network", also: ["adversarial", "GAN"], of: .procedure, "adversarial",
            preset: "gan-ring",
            related: ["generator", "discriminator"]),
        Term(
            "generator",
            "The network that makes samples of random numbers. It is never shown a real one: it learns from the discriminator's gradient what would be taken for real.",
            formula: "x = G(z),  z ~ noise", preset: "gan-ring", related: ["discriminator", "mode collapse"]),
        Term(
            "discriminator", also: ["critic"],
            "The network that is to tell real samples from generated ones. Where it can tell no more, the generator is as good as its judge.",
            formula: "D(x) = p(x is real)", preset: "gan-line", related: ["generator"]),
        Term(
            "mode collapse",
            "The generator makes one kind of sample alone, which deceives the discriminator well enough, and leaves out all others.",
            preset: "mode-collapse", related: ["generator"]),
    ]
}

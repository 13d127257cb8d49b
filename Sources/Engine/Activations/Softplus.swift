extension Activation {
    static let softplus = Activation(
        Entry(
            id: "softplus", title: "softplus",
            summary: "A ReLU with its corner rounded off; always positive.",
            formula: "f(z) = ln(1 + eᶻ)",
            source: "Dugas, Bengio, Bélisle, Nadeau and Garcia, Incorporating second-order functional knowledge, 2001",
            watch: "All values are above 0, so that the next layer begins off balance: compare with ReLU."))
}

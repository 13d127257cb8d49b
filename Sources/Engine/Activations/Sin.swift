extension Activation {
    static let sin = Activation(
        Entry(
            id: "sin", title: "sin",
            summary:
                "A wave: few units draw periodic and finely detailed functions, at the price of many local minima.",
            formula: "f(z) = sin z",
            source:
                "Sitzmann, Martel, Bergman, Lindell and Wetzstein, Implicit neural representations with periodic activation functions, 2020",
            watch: "Training loss against test loss: with large weights it draws fine waves between the points."
        ))
}

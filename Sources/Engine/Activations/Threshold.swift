extension Activation {
    static let threshold = Activation(
        Entry(
            id: "threshold", title: "threshold",
            summary:
                "A hard step, the perceptron's: its gradient is 0 everywhere, so that only the perceptron's learning rules train it.",
            formula: "f(z) = 1 for z ≥ 0, else 0",
            source: "McCulloch and Pitts, A logical calculus of the ideas immanent in nervous activity, 1943",
            watch:
                "Gradient descent cannot move what lies before it: the gradients there are exactly 0. Choose one of the perceptron's rules, or weights by hand."
        ),
        isStep: true, standardOutput: .rule)
}

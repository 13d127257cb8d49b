extension Panel {
    /// All panels in the order of their digits and of tab.
    public static let all: [Panel] = [.data, .features, .training, .stack, .output, .hidden, .loss]
}

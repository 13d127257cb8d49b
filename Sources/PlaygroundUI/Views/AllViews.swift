extension View {
    /// All views, for each panel in the order in which they are preferred.
    public static let all: [View] = [
        .adversarialPlane, .generatedSheet, .plane, .curve, .image, .imageSheet, .imageVariants, .drawing, .unitLikes,
        .relevance, .levels, .sequence,
        .sequences,
        .writing, .game, .gamePlan,
        .confusion, .divergence, .hiddenPlane, .hiddenClasses, .statePath, .replayMemory, .returns, .adversarialLosses,
        .losses, .lags,
    ]
}

extension View {
    /// All views, for each panel in the order in which they are preferred.
    public static let all: [View] = [
        .pictures, .adversarialPlane, .generatedSheet, .rivals, .plane, .curve, .reconstruction, .reconstructionSheet,
        .reconstructionPlane,
        .reconstructionSequence, .image, .imageSheet, .imageVariants, .fantasies, .drawing, .unitLikes, .relevance,
        .levels, .sequence, .sequences, .writing, .game, .gamePlan, .confusion, .divergence, .hiddenPlane, .codePlane,
        .hiddenClasses, .filters, .decoderFilters, .activities, .weights, .statePath, .replayMemory,
        .hiddenStates,
        .returns,
        .adversarialLosses, .pictureLosses,
        .rivalScores, .tasks, .losses, .lags, .health,
    ]
}

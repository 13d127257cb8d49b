extension View {
    /// All views, for each panel in the order in which they are preferred.
    public static let all: [View] = [
        .plane, .curve, .image, .imageSheet, .imageVariants, .drawing, .unitLikes, .relevance, .levels, .sequence,
        .sequences,
        .writing, .confusion, .hiddenPlane, .hiddenClasses, .statePath, .tasks, .losses, .lags,
    ]
}

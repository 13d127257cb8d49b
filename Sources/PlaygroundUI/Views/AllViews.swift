extension View {
    /// All views, for each panel in the order in which they are preferred.
    public static let all: [View] = [
        .plane, .curve, .reconstruction, .reconstructionSheet, .reconstructionPlane, .reconstructionSequence, .image,
        .imageSheet,
        .imageVariants, .fantasies, .drawing, .unitLikes, .relevance, .levels, .sequence, .sequences, .writing,
        .confusion,
        .hiddenPlane, .codePlane, .hiddenClasses, .filters, .activities, .weights, .statePath, .losses, .lags,
    ]
}

extension LearningDescription {
    /// The number of values that the optimizer keeps for each parameter (its averages, its velocity).
    public var optimizerSlots: Int {
        Catalogue.optimizers.first { $0.entry.id == optimizer.id }?.slots.count ?? 0
    }
}

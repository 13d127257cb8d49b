/// The learning rate of each step: an optimizer's own rate under a schedule. A class, so that a step copies no settings.
final class LearningRate {
    private let schedule: Schedule
    private let settings: Settings
    private let base: Double
    let isConstant: Bool

    init(_ choice: Choice, base: Double) throws(EngineError) {
        settings = try Settings(choice, in: .schedule, place: "training.schedule")
        schedule = Catalogue.schedules.first { $0.entry.id == choice.id }!
        self.base = base
        isConstant = schedule.isConstant && settings.integer("warmupSteps") == 0
    }

    /// - Parameter step: steps done before.
    func rate(step: Int) -> Double {
        isConstant ? base : schedule.rate(step: step, base: base, settings: settings)
    }
}

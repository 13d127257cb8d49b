/// Takes the values of a sequence's last step; where samples have lengths of their own, of each sample's last.
///
/// Shapes: x: [steps, features, batch], y: [features, batch]. Backward: dx is dy at that step, 0 elsewhere.
struct LastStep: Layer {
    static let entry = Entry(
        id: "lastStep", title: "lastStep", summary: "Takes the last step of a sequence, and forgets the others.",
        formula: "y = x_T", source: "Elman, Finding structure in time, 1990",
        watch: "Gradients enter at the last step alone and have the whole way back to go.")

    static let exampleInput = Shape(3, 2)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "lastStep" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        _ = try SequenceShape(x.shape, for: settings)
        return plan.lastStep(x)
    }
}

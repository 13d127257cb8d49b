/// The mean of a sequence's steps; where samples have lengths of their own, of each sample's.
///
/// Shapes: x: [steps, features, batch], y: [features, batch]; y = Σ x_t / T. Backward: dx_t = dy / T.
struct MeanOverTime: Layer {
    static let entry = Entry(
        id: "meanOverTime", title: "meanOverTime", summary: "Averages each feature over the steps of a sequence.",
        formula: "y = Σ x_t / T",
        source: "Lin, Chen and Yan, Network in network, 2013, of images",
        watch: "Order is lost in it: recurrent layers, attention or convolutions must see it before.")

    static let exampleInput = Shape(3, 2)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "meanOverTime" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        _ = try SequenceShape(x.shape, for: settings)
        return plan.meanOverSteps(x)
    }
}

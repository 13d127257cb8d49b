/// The largest value of each channel.
///
/// Shapes: x: [channels, height, width, batch], y: [channels, batch]. Backward: dy goes to the first of the largest values.
struct GlobalMaxPool: Layer {
    static let entry = Entry(
        id: "globalMaxPool", title: "globalMaxPool",
        summary: "Makes one number of each channel, its largest: whether what it looks for is anywhere.",
        formula: "y = max of the channel",
        source: "Oquab, Bottou, Laptev and Sivic, Is object localization for free?, 2015",
        watch: "A single bright place decides: noise in one pixel can change the answer.")

    static let exampleInput = Shape(2, 4, 5)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "globalMaxPool" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        return plan.windowMaximum(x, Window(whole: image), channels: image.channels).reshaped(Shape(image.channels))
    }
}

/// The mean of each channel, wherever its values lie.
///
/// Shapes: x: [channels, height, width, batch], y: [channels, batch]. y = Σ of the channel / (height · width).
/// Backward: each value of a channel gets dy / (height · width).
struct GlobalMeanPool: Layer {
    static let entry = Entry(
        id: "globalMeanPool", title: "globalMeanPool",
        summary: "Makes one number of each channel, its mean: how much of it there is, in images of any size.",
        formula: "y = Σ of the channel / (height · width)",
        source: "Lin, Chen and Yan, Network in network, 2013",
        watch: "Small things in large images count little: their mean is nearly 0.")

    static let exampleInput = Shape(2, 4, 5)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "globalMeanPool" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let window = Window(whole: image)
        return plan.windowSum(x, window, channels: image.channels, factor: 1 / Double(window.taps))
            .reshaped(Shape(image.channels))
    }
}

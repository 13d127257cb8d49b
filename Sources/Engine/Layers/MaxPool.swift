/// The largest value in each window of each channel: what was found, whatever its exact place.
///
/// Shapes: x: [channels, height, width, batch], y: [channels, outHeight, outWidth, batch]; outHeight =
/// ⌊(height + 2 padding − size) / stride⌋ + 1 (PyTorch's MaxPool2d). Padding counts as −∞.
/// Backward: dy goes to the first of the largest values of its window, added up where windows overlap.
struct MaxPool: Layer {
    static let entry = Entry(
        id: "maxPool", title: "maxPool",
        summary:
            "Keeps the largest value of each window: a smaller image that says what is there and forgets exactly where.",
        formula: "y = max of the window",
        source: "Ranzato, Huang, Boureau and LeCun, Unsupervised learning of invariant feature hierarchies, 2007",
        watch: "Each one halves the image (size 2): after some of them nothing of a small image is left.",
        knobs: PoolKnobs.all)

    static let exampleInput = Shape(2, 4, 5)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "maxPool \(settings.integer("size"))" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let window = try PoolKnobs.window(over: image, settings)
        return plan.windowMaximum(x, window, channels: image.channels)
    }
}

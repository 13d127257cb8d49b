/// The mean of each window of each channel: a smaller, smoother image.
///
/// Shapes: x: [channels, height, width, batch], y: [channels, outHeight, outWidth, batch]; outHeight =
/// ⌊(height + 2 padding − size) / stride⌋ + 1 (PyTorch's AvgPool2d). y = Σ of the window / size²; without `countPadding`
/// (PyTorch's count_include_pad) the sum is divided by the number of values that lie in the image.
/// Backward: each value gets dy divided alike, added up where windows overlap.
struct MeanPool: Layer {
    static let entry = Entry(
        id: "meanPool", title: "meanPool", summary: "Takes the mean of each window: a smaller, smoother image.",
        formula: "y = Σ of the window / size²",
        source: "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        watch: "Small bright places grow pale; where a spot decides, maxPool keeps it.",
        knobs: PoolKnobs.all + [
            Knob(
                "countPadding", title: "count padding",
                summary: "Whether the zeros around the image count in the mean.", kind: .toggle,
                default: .toggle(true))
        ])

    static let exampleInput = Shape(2, 4, 5)

    private let settings: Settings

    init(settings: Settings) { self.settings = settings }

    var title: String { "meanPool \(settings.integer("size"))" }

    var activation: Settings? { nil }

    func emit(_ x: Value, into plan: inout PlanBuilder) throws(EngineError) -> Value {
        let image = try Image(x.shape, for: settings)
        let window = try PoolKnobs.window(over: image, settings)
        return plan.windowSum(
            x, window, channels: image.channels,
            factor: settings.toggle("countPadding") ? 1 / Double(window.taps) : nil)
    }
}

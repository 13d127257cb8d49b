/// Makes one row of values of an image: channel by channel, row by row. Dense layers do so by themselves; here it is a step to
/// be seen.
///
/// Shapes: x: [channels, height, width, batch], y: [channels · height · width, batch]; the same numbers. dx = dy.
struct Flatten: Layer {
    static let entry = Entry(
        id: "flatten", title: "flatten",
        summary: "Lays an image's values in one row, channel by channel, for dense layers.",
        formula: "y = x",
        source: "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        watch: "Behind it neighbouring pixels are as far apart as any others: convolutions belong before it.")

    init(settings: Settings) {}

    var title: String { "flatten" }

    var activation: Settings? { nil }

    var link: Outline.Link? { .pass }

    func emit(_ x: Value, into plan: inout PlanBuilder) -> Value { x.reshaped(Shape(x.shape.count)) }
}

import Engine

/// A network over images, of which a workload trains one.
struct ImageNetwork {
    let input: Shape
    let layers: [Choice]
    /// The learning rate.
    var rate = 0.01
    /// Steps at a time: a fraction of a second.
    let steps: Int

    /// LeNet-5 with ReLU and max pooling (LeCun, Bottou, Bengio and Haffner, 1998).
    static let lenet = ImageNetwork(
        input: Shape(1, 28, 28),
        layers: [
            convolution(6, kernel: 5, padding: 2), Choice("maxPool"), convolution(16, kernel: 5, padding: 0),
            Choice("maxPool"), dense(120), dense(84),
        ], steps: 4)

    static let digits = ImageNetwork(
        input: Shape(1, 8, 8), layers: [convolution(8), Choice("maxPool"), convolution(16)], steps: 200)

    /// Three residual blocks of two convolutions each (He, Zhang, Ren and Sun, 2015).
    static let resNet = ImageNetwork(
        input: Shape(3, 32, 32),
        layers: normalized(convolution(16, activation: "linear")) + [relu] + block(16, stride: 1)
            + block(32, stride: 2) + block(64, stride: 2) + [Choice("globalMeanPool")],
        rate: 0.03, steps: 1)

    private static let relu = Choice("activation", ["function": .choice(Choice("relu"))])

    private static func dense(_ units: Int) -> Choice {
        Choice(
            "dense",
            [
                "units": .integer(units), "activation": .choice(Choice("relu")),
                "initializer": .choice(Choice("heUniform")),
            ])
    }

    private static func convolution(
        _ filters: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1, activation: String = "relu"
    ) -> Choice {
        Choice(
            "conv2d",
            [
                "filters": .integer(filters), "kernel": .integer(kernel), "stride": .integer(stride),
                "padding": .text("\(padding)"), "activation": .choice(Choice(activation)),
            ])
    }

    private static func normalized(_ layer: Choice) -> [Choice] { [layer, Choice("batchNorm")] }

    private static func block(_ filters: Int, stride: Int) -> [Choice] {
        let body =
            normalized(convolution(filters, stride: stride, activation: "linear")) + [relu]
            + normalized(convolution(filters, activation: "linear"))
        let shortcut =
            stride == 1
            ? [] : normalized(convolution(filters, kernel: 1, stride: stride, padding: 0, activation: "linear"))
        func list(_ layers: [Choice]) -> KnobValue { .list(layers.map { .choice($0) }) }
        return [Choice("residual", ["body": list(body), "shortcut": list(shortcut)]), relu]
    }
}

import Engine

/// A network of the literature, to be described: its layers, shapes and parameters. It has no data, and no memory is reserved.
public struct PublishedNetwork: Sendable {
    /// Its name for `describe`: "vgg16".
    public let name: String
    public let title: String
    public let source: String
    let layers: [Choice]

    public static let all = [alexNet, vgg16, googLeNet, resNet152]

    /// Images of 224×224 in three colours, of a thousand classes (ImageNet).
    func outline() throws(EngineError) -> Outline {
        try NetworkDescription(
            input: Shape(3, 224, 224), task: .classification(classes: 1000), layers: layers,
            outputInitializer: Choice("heNormal"), loss: Choice("softmaxCrossEntropy")
        ).outline()
    }

    /// In one tower, as published in 2014, and as PyTorch has it.
    static let alexNet = PublishedNetwork(
        name: "alexnet", title: "AlexNet",
        source:
            "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, 2012; "
            + "in one tower: Krizhevsky, One weird trick, 2014",
        layers: [
            convolution(64, 11, stride: 4, padding: 2), pool, convolution(192, 5), pool, convolution(384, 3),
            convolution(256, 3), convolution(256, 3), pool, Choice("dropout"), dense(4096), Choice("dropout"),
            dense(4096),
        ])

    static let vgg16 = PublishedNetwork(
        name: "vgg16", title: "VGG-16",
        source: "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2014",
        layers: [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)].flatMap { filters, count in
            [Choice](repeating: convolution(filters, 3), count: count) + [Choice("maxPool")]
        } + [dense(4096), Choice("dropout"), dense(4096), Choice("dropout")])

    /// Without the two outputs that help its training half way.
    static let googLeNet = PublishedNetwork(
        name: "googlenet", title: "GoogLeNet",
        source: "Szegedy and others, Going deeper with convolutions, 2014",
        layers: [
            convolution(64, 7, stride: 2), paddedPool, Choice("localResponseNorm"), convolution(64, 1),
            convolution(192, 3), Choice("localResponseNorm"), paddedPool, inception(64, 96, 128, 16, 32, 32),
            inception(128, 128, 192, 32, 96, 64), paddedPool, inception(192, 96, 208, 16, 48, 64),
            inception(160, 112, 224, 24, 64, 64), inception(128, 128, 256, 24, 64, 64),
            inception(112, 144, 288, 32, 64, 64), inception(256, 160, 320, 32, 128, 128), paddedPool,
            inception(256, 160, 320, 32, 128, 128), inception(384, 192, 384, 48, 128, 128), Choice("globalMeanPool"),
            Choice("dropout", ["rate": .real(0.4)]),
        ])

    static let resNet152 = PublishedNetwork(
        name: "resnet152", title: "ResNet-152",
        source: "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015",
        layers: normalized(64, 7, stride: 2) + [relu, paddedPool]
            + [(64, 3), (128, 8), (256, 36), (512, 3)].enumerated().flatMap { stage, block in
                (0..<block.1).flatMap { index in
                    bottleneck(block.0, stride: stage > 0 && index == 0 ? 2 : 1, isFirst: index == 0)
                }
            } + [Choice("globalMeanPool")])

    // MARK: - Parts

    private static let relu = Choice("activation")
    private static let pool = Choice("maxPool", ["size": .integer(3), "stride": .integer(2)])
    private static let paddedPool = Choice(
        "maxPool", ["size": .integer(3), "stride": .integer(2), "padding": .integer(1)])

    private static func dense(_ units: Int) -> Choice {
        Choice("dense", ["units": .integer(units), "activation": .choice(Choice("relu"))])
    }

    /// - Parameter padding: nil: half of the kernel.
    private static func convolution(
        _ filters: Int, _ kernel: Int, stride: Int = 1, padding: Int? = nil, activation: String = "relu",
        bias: Bool = true
    ) -> Choice {
        Choice(
            "conv2d",
            [
                "filters": .integer(filters), "kernel": .integer(kernel), "stride": .integer(stride),
                "padding": .text("\(padding ?? kernel / 2)"), "activation": .choice(Choice(activation)),
                "bias": .toggle(bias),
            ])
    }

    private static func normalized(_ filters: Int, _ kernel: Int, stride: Int = 1) -> [Choice] {
        [convolution(filters, kernel, stride: stride, activation: "linear", bias: false), Choice("batchNorm")]
    }

    private static func list(_ layers: [Choice]) -> KnobValue { .list(layers.map { .choice($0) }) }

    /// Four branches: 1×1, 3×3 and 5×5 convolutions, the larger ones of fewer channels, and pooling.
    private static func inception(
        _ single: Int, _ reduce3: Int, _ three: Int, _ reduce5: Int, _ five: Int, _ pooled: Int
    ) -> Choice {
        let near = Choice("maxPool", ["size": .integer(3), "stride": .integer(1), "padding": .integer(1)])
        let stacks = [
            [convolution(single, 1)], [convolution(reduce3, 1), convolution(three, 3)],
            [convolution(reduce5, 1), convolution(five, 5)], [near, convolution(pooled, 1)],
        ]
        return Choice("branches", ["stacks": .list(stacks.map(list))])
    }

    private static func bottleneck(_ width: Int, stride: Int, isFirst: Bool) -> [Choice] {
        let body =
            normalized(width, 1, stride: stride) + [relu] + normalized(width, 3) + [relu] + normalized(4 * width, 1)
        let shortcut = isFirst ? normalized(4 * width, 1, stride: stride) : []
        return [Choice("residual", ["body": list(body), "shortcut": list(shortcut)]), relu]
    }
}

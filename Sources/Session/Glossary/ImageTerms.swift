extension Term {
    /// Networks that see images.
    static let images: [Term] = [
        Term(
            "convolution", also: ["convolutional layer"], of: .layer, "conv2d", preset: "digits-cnn",
            related: ["kernel", "feature map", "weight sharing"]),
        Term(
            "kernel",
            "The small window of weights that a convolution slides over the image. It answers strongly where the image looks like it.",
            formula: "z(i, j) = Σ w(a, b) · x(i + a, j + b) + b", preset: "kernels-by-hand",
            related: ["convolution", "feature map"]),
        Term(
            "feature map",
            "The picture of a kernel's answers at all places of the image: bright where it found what it looks for. Also called a channel.",
            formula: "(height − kernel) / stride + 1 rows", preset: "digits-cnn", related: ["kernel", "channel"]),
        Term(
            "channel",
            "One of several pictures of the same size that make up an image or a layer's values: red, green and blue, or one for each kernel.",
            formula: "[channels, height, width]", preset: "shapes", related: ["feature map", "pixel"]),
        Term(
            "pixel",
            "One point of an image: a number for its brightness, or one for each of its colours.",
            formula: "0 (black) … 1 (white)",
            preset: "digits-mlp", related: ["channel"]),
        Term(
            "stride",
            "How many places a window moves from one output to the next. With 2 the result is half as high and wide.",
            formula: "⌊(n − kernel) / stride⌋ + 1", preset: "alexnet-small", related: ["convolution", "pooling"]),
        Term(
            "padding",
            "Rows and columns of zeros around an image, so that windows also fit at its rim and the result keeps its size.",
            formula: "n + 2·padding − kernel + 1", preset: "vgg-small", related: ["convolution", "stride"]),
        Term(
            "pooling", also: ["max pooling"], of: .layer, "maxPool", preset: "digits-cnn",
            related: ["stride", "convolution"]),
        Term(
            "receptive field",
            "The part of the image on which a value of a layer depends. It grows with every kernel and pool before it.",
            formula: "r ← r + (kernel − 1) · strides so far", preset: "vgg-small", related: ["kernel", "dilation"]),
        Term(
            "dilation",
            "Leaves places out between the values that a kernel weighs: it then sees farther with as many weights.",
            formula: "reach = (kernel − 1) · dilation + 1", preset: "wavenet-small",
            related: ["kernel", "receptive field"]),
        Term(
            "weight sharing", also: ["shared weights"],
            "The same weights are used at every place of an image, or at every step of a sequence: what is learned at one place is known at all, and far fewer numbers have to be learned.",
            preset: "connections", related: ["convolution", "recurrent network"]),
        Term(
            "saliency",
            "The parts of an image on which an answer depends most, found by the gradient of its score to the pixels.",
            formula: "∂score / ∂pixel", preset: "colour-or-shape", related: ["gradient", "Grad-CAM"]),
        Term(
            "Grad-CAM", also: ["class activation map"],
            "Where in an image the last maps found what speaks for a class: their sum, each weighed by how much the class' score depends on it, negative places left out (Selvaraju and others, 2017).",
            formula: "max(0, Σ mean(∂score / ∂map) · map)", preset: "colour-or-shape",
            related: ["saliency", "feature map", "gradient"]),
        Term(
            "style transfer", also: ["style"], of: .procedure, "style", preset: "style",
            related: ["Gram matrix", "feature map"]),
        Term(
            "Gram matrix",
            "How strongly each two maps of a layer answer at the same places, summed over all places. Where they do is lost, and so it tells a texture: which patterns go together, wherever they stand.",
            formula: "G = F Fᵀ / (channels · places)", preset: "style", related: ["style transfer", "feature map"]),
        Term(
            "total variation",
            "How much pixels differ from those beside and below them. A picture that is made by descent at its pixels is kept smooth by a weight on it.",
            formula: "Σ (x[i+1, j] − x[i, j])² + (x[i, j+1] − x[i, j])²", preset: "style", related: ["style transfer"]),
        Term(
            "dream", also: ["DeepDream"], of: .procedure, "dream", preset: "dream",
            related: ["feature map", "style transfer"]),
    ]
}

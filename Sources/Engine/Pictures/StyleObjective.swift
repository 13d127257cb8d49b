/// A picture is to have the content of one picture and the style of another: the maps of some layers as on the first, and the
/// products of the maps of some layers, whatever their place, as on the second.
final class StyleObjective: PictureObjective {
    private struct Style {
        let layer: Int
        /// The products on the style's picture, and the sum of their squares.
        var gram: [Double] = []
        var size = 0.0
    }

    let side: Int
    var channels: Int { pass.channels }
    /// Over the whole picture, for the style.
    private let pass: PicturePass
    /// For the content: the same one, or one over the picture made as small as the network's own images.
    private let contentPass: PicturePass
    private let contentIndex: Int
    /// nil: the content is told on the whole picture.
    private let resizing: PictureResizing?
    private let content: InputPicture
    private let style: InputPicture
    private var styles: [Style]
    /// The maps of the content's layer on the content's picture, and the sum of their squares.
    private var contentMaps: [Float] = []
    private var contentSize = 0.0
    private let weights: (content: Double, style: Double)

    init(
        _ network: NetworkDescription, outline: Outline, content: InputPicture, style: InputPicture,
        settings: Settings, means: [Float], scales: [Float], cut: PicturePass.Cut = .tiles
    ) throws(EngineError) {
        side = content.side
        (self.content, self.style) = (content, style)
        weights = (settings.real(Self.contentWeight.name), settings.real(Self.styleWeight.name))
        let layers = try Self.layers(outline, settings)
        let axes = network.input.axes
        let isSmall =
            settings.text(Self.contentSeen.name) == Self.small && axes[1] == axes[2] && axes[1] < content.side
        let contentLayer = (layers.content, "\(settings.place).\(Self.contentLayerKnob.name)")
        let styleLayers = layers.style.map { ($0, "\(settings.place).\(Self.styleLayers.name)") }
        func pass(_ layers: [(LayerPath, String)], side: Int, _ cut: PicturePass.Cut) throws(EngineError) -> PicturePass
        {
            try PicturePass(
                network, outline: outline, side: side, layers: layers, means: means, scales: scales, cut: cut)
        }
        if isSmall {
            contentPass = try pass([contentLayer], side: axes[1], .whole)
            self.pass = try pass(styleLayers, side: side, cut)
            (contentIndex, resizing) = (0, PictureResizing(from: side, to: axes[1]))
        } else {
            self.pass = try pass(styleLayers + [contentLayer], side: side, cut)
            (contentPass, contentIndex, resizing) = (self.pass, styleLayers.count, nil)
        }
        styles = styleLayers.indices.map { Style(layer: $0) }
    }

    /// The layers that the knobs name; where they name none, the input and all layers with kernels before the first without maps
    /// are the style's, and the last of these is the content's.
    private static func layers(
        _ outline: Outline, _ settings: Settings
    ) throws(EngineError) -> (content: LayerPath, style: [LayerPath]) {
        let contentPlace = "\(settings.place).\(contentLayerKnob.name)"
        let ownContent = try outline.layersWithMaps(settings.text(contentLayerKnob.name), place: contentPlace)
        guard ownContent.count <= 1 else {
            throw EngineError(
                place: contentPlace,
                message: "expected one layer, whose maps are to be the content's, found \(ownContent.count); name one")
        }
        let ownStyle = try outline.layersWithMaps(
            settings.text(styleLayers.name), place: "\(settings.place).\(styleLayers.name)")
        let maps = outline.layers.prefix { $0.index != nil && $0.output.axes.count == 3 }
        let standard = maps.filter { !$0.tensors.isEmpty }.map { LayerPath($0.index!) }
        guard let last = standard.last else {
            throw EngineError(
                place: "layers",
                message: "style is told by layers that make maps over the picture, such as conv2d; put one first")
        }
        return (ownContent.first ?? last, ownStyle.isEmpty ? [.input] + standard : ownStyle)
    }

    func load(_ parameters: Block) {
        pass.load(parameters)
        style.values.withUnsafeBufferPointer { pass.forward($0.baseAddress!) }
        for index in styles.indices {
            styles[index].gram = pass.maps[styles[index].layer].gram()
            styles[index].size = styles[index].gram.reduce(0) { $0 + $1 * $1 }
        }
        if resizing != nil { contentPass.load(parameters) }
        content.values.withUnsafeBufferPointer { forwardContent($0.baseAddress!, isThere: false) }
        contentMaps = contentPass.maps[contentIndex].copy()
        contentSize = contentPass.maps[contentIndex].squaredDistance(from: nil)
    }

    /// Makes the content's maps of a picture.
    /// - Parameter isThere: the pass over the whole picture has been made.
    private func forwardContent(_ picture: UnsafePointer<Float>, isThere: Bool) {
        if let resizing {
            resizing.resized(picture, channels: channels).withUnsafeBufferPointer {
                contentPass.forward($0.baseAddress!)
            }
        } else if !isThere {
            contentPass.forward(picture)
        }
    }

    func look(
        _ picture: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, step: Int
    ) -> (objective: Double, measured: [(Metric, Double)]) {
        pass.forward(picture)
        forwardContent(picture, isThere: true)
        let maps = contentPass.maps[contentIndex]
        // Maps that are 0 everywhere have no size to measure by.
        let contentScale = 1 / max(contentSize, Self.leastSize)
        let contentLoss = maps.squaredDistance(from: contentMaps) * contentScale
        maps.seedDistance(from: contentMaps, factor: Float(2 * weights.content * contentScale))
        var styleLoss = 0.0
        for style in styles {
            let maps = pass.maps[style.layer]
            let distances = zip(maps.gram(), style.gram).map { $0 - $1 }
            let share = 1 / (Double(styles.count) * max(style.size, Self.leastSize))
            styleLoss += share * distances.reduce(0) { $0 + $1 * $1 }
            let factor = 4 * weights.style * share / Double(maps.channels * maps.places)
            maps.seed(distances.map { Float(factor * $0) })
        }
        pass.backward(into: gradient)
        if let resizing {
            var small = [Float](repeating: 0, count: channels * resizing.new * resizing.new)
            small.withUnsafeMutableBufferPointer { contentPass.backward(into: $0.baseAddress!) }
            resizing.addGradient(small, to: gradient, channels: channels)
        }
        return (
            weights.content * contentLoss + weights.style * styleLoss,
            [(Self.styleLoss, styleLoss), (Self.contentLoss, contentLoss)]
        )
    }

    private static let leastSize = 1e-12
}

extension StyleObjective {
    static let styleLoss = Metric(
        "styleLoss", title: "style loss",
        summary:
            "The mean over the style's layers of the squared distance of the maps' products from those of the style, as a share of these: 0 is the style itself.",
        formula: "mean over layers of ‖G − A‖² / ‖A‖²,  G = F Fᵀ / (channels · places)",
        source: "Gatys, Ecker and Bethge, Image style transfer using convolutional neural networks, 2016",
        watch: "Below 0.05 the picture is made of the style's patterns; where they stand plays no part.", plot: .loss)
    static let contentLoss = Metric(
        "contentLoss", title: "content loss",
        summary:
            "The squared distance of a layer's maps from those of the content, as a share of these: 0 is the content itself.",
        formula: "‖F − P‖² / ‖P‖²",
        source: "Gatys, Ecker and Bethge, Image style transfer using convolutional neural networks, 2016",
        watch: "Near 1 nothing is left of the content: raise its weight, or begin with it.", plot: .loss)

    static let contentWeight = Knob(
        "contentWeight", title: "content weight", symbol: "α", summary: "The weight of the content loss.",
        kind: .real(0...1e6, steps: [0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]), default: .real(100),
        raise: "when the content is lost", lower: "when the style hardly shows")
    static let styleWeight = Knob(
        "styleWeight", title: "style weight", symbol: "β", summary: "The weight of the style loss.",
        kind: .real(0...1e6, steps: [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]), default: .real(3000),
        raise: "when the style hardly shows", lower: "when the content is lost")
    static let contentLayerKnob = Knob(
        "contentLayer", title: "content layer",
        summary:
            "The layer whose maps are to be the content's: its number, its name, or input. Empty: the last one with kernels.",
        kind: .text, default: .text(""))
    static let small = "small"
    static let contentSeen = Knob(
        "contentSeen", title: "content seen",
        summary:
            "Where the content is told: on the picture made as small as the network's images, as the network knows it, or on the whole picture, as Gatys, Ecker and Bethge do.",
        kind: .word([small, "whole"]), default: .text(small))
    static let styleLayers = Knob(
        "styleLayers", title: "style layers",
        summary:
            "The layers whose maps' products are to be the style's, as in \"input, 0, 2\". Empty: the input and all with kernels that make maps.",
        kind: .text, default: .text(""))
}

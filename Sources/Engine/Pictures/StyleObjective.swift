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
    private let pass: PicturePass
    private let content: InputPicture
    private let style: InputPicture
    private var styles: [Style]
    /// The layer whose maps are to be the content's, these on the content's picture, and the sum of their squares.
    private let contentLayer: Int
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
        let layers = try Self.layers(network, outline, settings)
        contentLayer = 0
        styles = layers.style.indices.map { Style(layer: $0 + 1) }
        let places = [Self.contentLayerKnob.name] + layers.style.map { _ in Self.styleLayers.name }
        pass = try PicturePass(
            network, outline: outline, side: side,
            layers: zip([layers.content] + layers.style, places).map { ($0, "\(settings.place).\($1)") },
            means: means, scales: scales, cut: cut)
    }

    /// The layers that the knobs name; where they name none, all layers with kernels before the first without maps are the
    /// style's, and the last of these is the content's.
    private static func layers(
        _ network: NetworkDescription, _ outline: Outline, _ settings: Settings
    ) throws(EngineError) -> (content: LayerPath, style: [LayerPath]) {
        let (contentPlace, stylePlace) = (
            "\(settings.place).\(contentLayerKnob.name)", "\(settings.place).\(styleLayers.name)"
        )
        let ownContent = try network.paths(ofLayers: settings.text(contentLayerKnob.name), place: contentPlace)
        guard ownContent.count <= 1 else {
            throw EngineError(place: contentPlace, message: "expected one layer, found \(ownContent.count)")
        }
        let ownStyle = try network.paths(ofLayers: settings.text(styleLayers.name), place: stylePlace)
        let maps = outline.layers.prefix { $0.index != nil && $0.output.axes.count == 3 }
        let standard = maps.filter { !$0.tensors.isEmpty }.map { LayerPath($0.index!) }
        guard let last = standard.last else {
            throw EngineError(
                place: "layers",
                message: "style is told by layers that make maps over the picture, such as conv2d; put one first")
        }
        return (ownContent.first ?? last, ownStyle.isEmpty ? standard : ownStyle)
    }

    func load(_ parameters: Block) {
        pass.load(parameters)
        style.values.withUnsafeBufferPointer { pass.forward($0.baseAddress!) }
        for index in styles.indices {
            styles[index].gram = pass.maps[styles[index].layer].gram()
            styles[index].size = styles[index].gram.reduce(0) { $0 + $1 * $1 }
        }
        content.values.withUnsafeBufferPointer { pass.forward($0.baseAddress!) }
        contentMaps = pass.maps[contentLayer].copy()
        contentSize = pass.maps[contentLayer].squaredDistance(from: nil)
    }

    func look(
        _ picture: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, step: Int
    ) -> (objective: Double, measured: [(Metric, Double)]) {
        pass.forward(picture)
        let maps = pass.maps[contentLayer]
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
        kind: .real(0...1e6, steps: [0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]), default: .real(10),
        raise: "when the content is lost", lower: "when the style hardly shows")
    static let styleWeight = Knob(
        "styleWeight", title: "style weight", symbol: "β", summary: "The weight of the style loss.",
        kind: .real(0...1e6, steps: [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]), default: .real(100),
        raise: "when the style hardly shows", lower: "when the content is lost")
    static let contentLayerKnob = Knob(
        "contentLayer", title: "content layer",
        summary:
            "The layer whose maps are to be the content's: its number, its name, or input. Empty: the last one with kernels.",
        kind: .text, default: .text(""))
    static let styleLayers = Knob(
        "styleLayers", title: "style layers",
        summary:
            "The layers whose maps' products are to be the style's, as in \"input, 0, 2\". Empty: all with kernels that make maps.",
        kind: .text, default: .text(""))
}

import Engine
import Session

/// The values of a layer as the units and steps of a walk: maps and their pixels, the units of a sequence and its steps, or units
/// alone, each of which is a step.
struct ValueGrid {
    let shape: Shape
    private let length: Int?
    let map: ImageShape?

    /// - Parameter layer: of the scene's network.
    init(_ scene: WalkScene, layer: LayerPath) {
        shape = layer.isInput ? scene.outline.input : scene.outline[layer]!.output
        map = ImageShape(shape)
        length = shape.axes.count == 2 ? max(1, scene.context.length(ofSteps: shape.axes[0])) : nil
    }

    /// Of the scene's own layer.
    init(_ scene: WalkScene) { self.init(scene, layer: scene.state.layer) }

    var units: Int { map?.channels ?? (shape.axes.count == 2 ? shape.axes[1] : 1) }
    var steps: Int { map?.pixels ?? length ?? shape.count }
    var line: Int { map?.width ?? 1 }

    /// The number of a value in the layer's order.
    func index(_ unit: Int, _ step: Int) -> Int {
        if let map { return unit * map.pixels + step }
        return shape.axes.count == 2 ? step * shape.axes[1] + unit : step
    }

    /// "row 5, column 6", "step 3 of 21", "unit 2 of 8"
    func place(_ step: Int) -> String {
        if let map { return mapPlace(map, step) }
        return "\(shape.axes.count == 2 ? "step" : "unit") \(step + 1) of \(steps)"
    }

    func light(_ layer: LayerPath, _ unit: Int, _ step: Int, isOwn: Bool) -> WalkLight {
        if let map { return WalkLight(layer: layer, unit: unit, part: map.part(ofPixel: step), isOwn: isOwn) }
        return WalkLight(layer: layer, unit: shape.axes.count == 2 ? unit : step, isOwn: isOwn)
    }
}

/// A picture is to excite a layer, one of its maps, or a class.
final class DreamObjective: PictureObjective {
    private enum Goal {
        /// The mean of the squares of all maps.
        case maps
        /// The mean of one of them.
        case map(Int)
        /// The mean sum of a class before the output's activation, beyond the others', over windows of the picture.
        case unit(Int)
    }

    let side: Int
    var channels: Int { pass.channels }
    private let pass: PicturePass
    private let goal: Goal
    private let start: InputPicture
    /// The mean at the start, by which the objective is divided.
    private var scale = 1.0

    init(
        _ network: NetworkDescription, outline: Outline, start: InputPicture, settings: Settings, means: [Float],
        scales: [Float], cut: PicturePass.Cut = .tiles
    ) throws(EngineError) {
        (side, self.start) = (start.side, start)
        let (number, unit) = (settings.integer(Self.aClass.name), settings.integer(Self.unit.name))
        if number > 0 {
            let place = "\(settings.place).\(Self.aClass.name)"
            guard let classes = network.task.classes, number <= classes else {
                throw EngineError(
                    place: place,
                    message: network.task.classes.map { "expected a class from 1 to \($0), found \(number)" }
                        ?? "these data have values and no classes; raise a layer, with 0 here")
            }
            pass = try PicturePass(
                outputsOf: network, outline: outline, side: side, means: means, scales: scales, place: place)
            let units = pass.outputs?.units ?? 0
            guard units == classes || units == 1 && classes == 2 else {
                throw EngineError(
                    place: place,
                    message: "this output has \(plural(units, "unit")) for \(plural(classes, "class")): no unit is "
                        + "a class's own; raise a layer, with 0 here")
            }
            goal = .unit(number - 1)
            return
        }
        let place = "\(settings.place).\(Self.layer.name)"
        let named = try outline.layersWithMaps(settings.text(Self.layer.name), place: place)
        guard named.count <= 1 else {
            throw EngineError(
                place: place, message: "expected one layer, which is to be raised, found \(named.count); name one")
        }
        let standard = outline.layers.prefix { $0.index != nil && $0.output.axes.count == 3 }.last {
            !$0.tensors.isEmpty
        }
        guard let path = named.first ?? standard.map({ LayerPath($0.index!) }) else {
            throw EngineError(
                place: "layers", message: "no layer makes maps over the picture, as conv2d does; put one first")
        }
        pass = try PicturePass(
            network, outline: outline, side: side, layers: [(path, place)], means: means, scales: scales,
            cut: cut)
        guard unit <= pass.maps[0].channels else {
            throw EngineError(
                place: "\(settings.place).\(Self.unit.name)",
                message: "expected a map from 1 to \(pass.maps[0].channels), or 0 for all, found \(unit)")
        }
        goal = unit > 0 ? .map(unit - 1) : .maps
    }

    func load(_ parameters: Block) {
        pass.load(parameters)
        guard case .maps = goal else { return }
        start.values.withUnsafeBufferPointer { pass.forward($0.baseAddress!) }
        scale = max(pass.maps[0].squaredDistance(from: nil) / Double(pass.maps[0].channels * pass.maps[0].places), 1e-6)
    }

    func look(
        _ picture: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, step: Int
    ) -> (objective: Double, measured: [(Metric, Double)]) {
        let objective: Double
        let measured: Double
        if let outputs = pass.outputs, case .unit(let unit) = goal {
            // Other windows in each step, so that no edges of windows are seen.
            var random = Random(seed: UInt64(step) ^ 0x6472_6561_6D00)
            let own = side / pass.tiles.grid
            pass.move(down: Int(random.uniform() * Double(own)), right: Int(random.uniform() * Double(own)))
            pass.forward(picture)
            measured = outputs.raise(unit, tiles: pass.tiles.count)
            objective = -measured
        } else {
            pass.forward(picture)
            let maps = pass.maps[0]
            let count = Double(maps.channels * maps.places)
            let mean = (0..<maps.channels).map { maps.sum(ofChannel: $0) / Double(maps.places) }
            if case .map(let channel) = goal {
                objective = -mean[channel]
                measured = mean[channel]
                maps.seed(channel: channel, by: Float(-1 / Double(maps.places)))
            } else {
                objective = -maps.squaredDistance(from: nil) / (count * scale)
                measured = mean.reduce(0, +) / Double(maps.channels)
                maps.seedDistance(from: nil, factor: Float(-2 / (count * scale)))
            }
        }
        pass.backward(into: gradient)
        return (objective, [(Self.activation, measured)])
    }
}

extension PicturePass.Outputs {
    /// Seeds the way back of −(the class's sum − the mean of the others'), whatever the output makes of the sums; of two classes
    /// told by one unit, of its sum with the class's sign.
    /// - Returns: the mean over the windows of what is raised.
    fileprivate func raise(_ unit: Int, tiles: Int) -> Double {
        /// The raised quantity is Σ weight · sum.
        let weights =
            units == 1 ? [unit == 1 ? 1.0 : -1] : (0..<units).map { $0 == unit ? 1 : -1 / Double(units - 1) }
        var total = 0.0
        for (index, weight) in weights.enumerated() {
            for tile in 0..<tiles {
                total += weight * Double(sums[index * stride + tile])
                seeds[index * stride + tile] = Float(-weight / Double(tiles))
            }
        }
        return total / Double(tiles)
    }
}

extension DreamObjective {
    static let activation = Metric(
        "activation", title: "activation",
        summary:
            "The mean of the values that are raised; of a class, by how much its sum before the output's activation is above the mean of the others', over the windows.",
        formula: "mean a, or mean (z of the class − mean of the other z)",
        source: "Mordvintsev, Olah and Tyka, Inceptionism: going deeper into neural networks, 2015",
        watch: "It rises quickly at first; then the same patterns only become stronger.", isLowerBetter: false,
        plot: .loss)

    static let layer = Knob(
        "layer", title: "layer",
        summary:
            "The layer whose maps are raised: its number, or its name. Empty: the last one with kernels.",
        kind: .text, default: .text(""))
    static let unit = Knob(
        "map", title: "map", summary: "The one of the layer's maps that is raised; 0: all of them.",
        kind: .integer(0...4096), default: .integer(0), raise: "to look at another map",
        lower: "for all maps at once")
    static let aClass = Knob(
        "class", title: "class",
        summary:
            "The class whose sum at the output is raised above the others' in every window as large as the network's images; 0: none.",
        kind: .integer(0...NetworkDescription.mostClasses), default: .integer(0), raise: "to look at another class",
        lower: "for a layer in place of a class")
}

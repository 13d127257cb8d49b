import CKernels

/// A network that runs over a picture and back to its pixels: planned at the size of the picture's tiles, up to the last layer
/// whose values are asked for, with the weights of the network that is trained. Not Sendable: lives in one thread.
final class PicturePass {
    /// A layer's maps.
    struct Maps {
        let values: UnsafeMutablePointer<Float>
        /// Where the way back begins.
        let seeds: UnsafeMutablePointer<Float>
        let channels: Int
        /// Places of a tile.
        let height: Int
        let width: Int
        /// The rows, and the columns, of places in a tile's interior.
        let rows: Range<Int>
        let columns: Range<Int>
        /// Floats from one place to the next.
        let stride: Int
        /// Lanes that hold tiles.
        let tiles: Int

        /// Places of the whole picture.
        var places: Int { rows.count * columns.count * tiles }
    }

    /// The outputs for each tile before their activation, and where the way back begins.
    struct Outputs {
        let sums: UnsafeMutablePointer<Float>
        let seeds: UnsafeMutablePointer<Float>
        let units: Int
        let stride: Int
    }

    private(set) var tiles: PictureTiles
    let maps: [Maps]
    /// nil: the network is planned up to the maps.
    let outputs: Outputs?
    let channels: Int
    private let program: Program
    private let pass: CPUPass
    private let parameters: Block
    private let copies: [(from: Int, to: Int, count: Int)]
    private let forwardCount: Int
    private let backwardCount: Int
    private let means: [Float]
    private let scales: [Float]

    /// The division of a picture.
    enum Cut {
        /// Into as many tiles as a vector has lanes, where the layers and the size allow it; else it stays whole.
        case tiles
        /// One tile; the layers' own padding lies around it.
        case whole
        /// One tile, with the frame that tiles have.
        case framed
    }

    /// Tiles along each side of a picture that is cut.
    private static let grid = 4

    /// - Parameters:
    ///   - network: that is trained, over images.
    ///   - layers: that make maps, which are asked for; the input may be one of them. The place is that of the knob which names
    ///     the layer.
    /// - Throws: mistakes in the description; that the size does not suit the layers.
    init(
        _ network: NetworkDescription, outline: Outline, side: Int, layers: [(path: LayerPath, place: String)],
        means: [Float], scales: [Float], cut: Cut = .tiles
    ) throws(EngineError) {
        let channels = network.input.axes[0]
        self.channels = channels
        (self.means, self.scales) = (means, scales)
        func plan(_ side: Int) throws(EngineError) -> (Outline, Program) {
            var part = network
            part.layers = Array(network.layers.prefix((layers.map(\.path.index).max() ?? -1) + 1))
            var builder = PlanBuilder(
                input: Shape(channels, side, side), targets: 0,
                names: network.layers.flatMap(\.allLayers).compactMap(\.name), isOutsideTraining: true)
            _ = try builder.run(part.layers, builder.input, name: "layers", place: "layers")
            let (outline, program, _, _) = builder.finish()
            return (outline, program)
        }
        let whole = try plan(side)
        let rows = layers.map { whole.1[$0.path].activation }
        let reaches = PictureReach.reaches(of: whole.1, rows)
        var tiles = PictureTiles(whole: side)
        if cut != .whole, reaches.allSatisfy({ $0 != nil }) {
            let scale = reaches.map { $0!.scale }.max() ?? 1
            // Whole places of the smallest maps.
            let margin = ((reaches.map { $0!.margin }.max() ?? 0) + scale - 1) / scale * scale
            let grid = cut == .framed ? 1 : Self.grid
            if side % (Self.grid * scale) == 0, margin <= side {
                let divided = PictureTiles(side: side, grid: grid, margin: margin)
                if divided.tile < side || cut == .framed { tiles = divided }
            }
        }
        self.tiles = tiles
        let (planned, program) = tiles.tile == side ? whole : try plan(tiles.tile)
        self.program = program
        let bytes = 4 * Int(LC_LANES) * (program.valueRows + program.trainingRows)
        try MemoryRoom.require(
            bytes, for: "a picture of \(side)×\(side) in this network", advice: "choose a smaller picture")
        parameters = try Block(count: planned.flatCount)
        let last = layers.max { $0.path.index < $1.path.index }
        copies = try Self.copies(from: outline, to: planned, place: last?.place ?? "layers")
        outputs = nil
        pass = try CPUPass(program, part: .training, capacity: tiles.count, parameters: parameters)
        forwardCount = program.trainingForward.count
        backwardCount = program.backward.count
        let pass = self.pass
        maps = zip(layers, reaches).map { layer, reach in
            let values = program[layer.path].activation
            let shape = layer.path.isInput ? planned.input : planned[layer.path]!.output
            let scale = reach?.scale ?? 1
            let isCut = tiles.tile != side
            func own(_ all: Int) -> Range<Int> {
                isCut ? tiles.interior.lowerBound / scale..<tiles.interior.upperBound / scale : 0..<all
            }
            return Maps(
                values: pass.rows(values), seeds: pass.rows(program.gradients[values]!), channels: shape.axes[0],
                height: shape.axes[1], width: shape.axes[2], rows: own(shape.axes[1]), columns: own(shape.axes[2]),
                stride: pass.stride, tiles: tiles.count)
        }
    }

    /// The whole network over a picture, which it sees in windows as large as its own images, side by side.
    /// - Parameter place: of the knob that asks for its outputs.
    init(
        outputsOf network: NetworkDescription, outline: Outline, side: Int, means: [Float], scales: [Float],
        place: String
    ) throws(EngineError) {
        let axes = network.input.axes
        guard axes[1] == axes[2], side % axes[1] == 0 else {
            throw EngineError(
                place: place,
                message: "the picture is seen in windows of \(axes[1])×\(axes[2]), which do not fill \(side)×\(side); "
                    + "choose a size that is a multiple of \(axes[1]), or a layer in place of a class")
        }
        channels = axes[0]
        (self.means, self.scales) = (means, scales)
        tiles = PictureTiles(side: side, grid: side / axes[1], margin: 0)
        let plan = try Plan(network, isOutsideTraining: true, descendsLoss: false)
        program = plan.program
        try MemoryRoom.require(
            4 * Plan.wholeVectors(tiles.count) * (program.valueRows + program.trainingRows),
            for: "a picture of \(side)×\(side) in this network", advice: "choose a smaller picture")
        parameters = try Block(count: plan.outline.flatCount)
        copies = try Self.copies(from: outline, to: plan.outline, place: place)
        pass = try CPUPass(program, part: .training, capacity: tiles.count, parameters: parameters)
        forwardCount = program.trainingForward.count
        backwardCount = program.backward.count
        maps = []
        let sums = program[plan.outline.output].preActivation
        outputs = Outputs(
            sums: pass.rows(sums), seeds: pass.rows(program.gradients[sums]!), units: sums.count, stride: pass.stride)
    }

    /// The places of the weights of a network in another plan of it.
    /// - Parameter place: of the knob for which it is planned.
    private static func copies(
        from outline: Outline, to planned: Outline, place: String
    ) throws(EngineError) -> [(from: Int, to: Int, count: Int)] {
        var copies: [(from: Int, to: Int, count: Int)] = []
        for tensor in planned.tensors {
            guard let own = outline.tensors.first(where: { $0.name == tensor.name }), own.count == tensor.count else {
                throw EngineError(
                    place: place,
                    message:
                        "\(tensor.name) has numbers for each place of the images, which a picture of another size "
                        + "cannot take; name layers before it, whose kernels are the same everywhere, or input")
            }
            copies.append((own.offset, tensor.offset, tensor.count))
        }
        return copies
    }

    /// Cuts the tiles elsewhere, so many pixels further down and right.
    func move(down: Int, right: Int) { tiles.move(down: down, right: right) }

    /// Takes the weights of the network that is trained.
    func load(_ whole: Block) {
        for copy in copies { (parameters.base + copy.to).update(from: whole.base + copy.from, count: copy.count) }
    }

    /// Makes the maps of a picture.
    /// - Parameter picture: `[channels, side²]`, 0…1.
    func forward(_ picture: UnsafePointer<Float>) {
        tiles.gather(
            picture, into: pass.rows(program.input), stride: pass.stride, means: means, scales: scales)
        pass.run(0..<forwardCount, count: tiles.count, seed: 0, counter: 0)
        for rows in program.gradients.values {
            pass.rows(rows).update(repeating: 0, count: rows.count * pass.stride)
        }
    }

    /// Adds to the picture's gradient what the maps' seeds make of it.
    func backward(into gradient: UnsafeMutablePointer<Float>) {
        pass.run(forwardCount..<forwardCount + backwardCount, count: tiles.count, seed: 0, counter: 0)
        tiles.scatter(
            pass.rows(program.gradients[program.input]!), stride: pass.stride, into: gradient, scales: scales)
    }
}

/// Sums over the places of maps.
extension PicturePass.Maps {
    typealias Lanes = SIMD16<Float>

    private var vectors: Int { stride / Lanes.scalarCount }

    /// 1 in the lanes of a vector that hold tiles.
    private func mask(_ vector: Int) -> Lanes {
        var mask = Lanes(repeating: 0)
        for lane in 0..<Lanes.scalarCount where vector * Lanes.scalarCount + lane < tiles { mask[lane] = 1 }
        return mask
    }

    private func base(_ rows: UnsafeMutablePointer<Float>, _ channel: Int, _ row: Int) -> UnsafeMutablePointer<Lanes> {
        UnsafeMutableRawPointer(rows + ((channel * height + row) * width + columns.lowerBound) * stride)
            .assumingMemoryBound(to: Lanes.self)
    }

    /// The products of each two channels, summed over the places: G = F Fᵀ / (channels · places), row-major.
    func gram() -> [Double] {
        var gram = [Double](repeating: 0, count: channels * channels)
        let masks = (0..<vectors).map { mask($0) }
        let count = columns.count * vectors
        for first in 0..<channels {
            for second in 0...first {
                var total = 0.0
                for row in rows {
                    let (one, other) = (base(values, first, row), base(values, second, row))
                    var sum = Lanes(repeating: 0)
                    if vectors == 1 {
                        for place in 0..<count { sum += one[place] * other[place] }
                        sum *= masks[0]
                    } else {
                        for place in 0..<count { sum += masks[place % vectors] * one[place] * other[place] }
                    }
                    total += Double(sum.sum())
                }
                let mean = total / Double(channels * places)
                (gram[first * channels + second], gram[second * channels + first]) = (mean, mean)
            }
        }
        return gram
    }

    /// Adds weights · F to the seeds.
    /// - Parameter weights: `[channels, channels]`.
    func seed(_ weights: [Float]) {
        let masks = (0..<vectors).map { mask($0) }
        let count = columns.count * vectors
        for row in rows {
            for channel in 0..<channels {
                let seed = base(seeds, channel, row)
                for other in 0..<channels {
                    let weight = weights[channel * channels + other]
                    let one = base(values, other, row)
                    for place in 0..<count { seed[place] += (weight * masks[place % vectors]) * one[place] }
                }
            }
        }
    }

    /// The values in the interiors, one after the other.
    func copy() -> [Float] {
        var all: [Float] = []
        all.reserveCapacity(channels * rows.count * columns.count * stride)
        for channel in 0..<channels {
            for row in rows {
                let start = values + ((channel * height + row) * width + columns.lowerBound) * stride
                all.append(contentsOf: UnsafeBufferPointer(start: start, count: columns.count * stride))
            }
        }
        return all
    }

    /// Σ (F − P)² over the interiors.
    /// - Parameter others: as `copy` gives them; nil: zeros.
    func squaredDistance(from others: [Float]?) -> Double {
        var total = 0.0
        forEachRun { start, own in
            var sum = 0.0
            for index in 0..<columns.count * stride where index % stride < tiles {
                let distance = values[start + index] - (others?[own + index] ?? 0)
                sum += Double(distance * distance)
            }
            total += sum
        }
        return total
    }

    /// Adds factor · (F − P) to the seeds.
    /// - Parameter others: as `copy` gives them; nil: zeros.
    func seedDistance(from others: [Float]?, factor: Float) {
        forEachRun { start, own in
            for index in 0..<columns.count * stride where index % stride < tiles {
                seeds[start + index] += factor * (values[start + index] - (others?[own + index] ?? 0))
            }
        }
    }

    private func forEachRun(_ body: (_ start: Int, _ own: Int) -> Void) {
        var own = 0
        for channel in 0..<channels {
            for row in rows {
                body(((channel * height + row) * width + columns.lowerBound) * stride, own)
                own += columns.count * stride
            }
        }
    }

    /// Σ of a channel's values over the places.
    func sum(ofChannel channel: Int) -> Double {
        var total = 0.0
        for row in rows {
            let start = values + ((channel * height + row) * width + columns.lowerBound) * stride
            for index in 0..<columns.count * stride where index % stride < tiles { total += Double(start[index]) }
        }
        return total
    }

    /// Adds a number to the seeds of a channel.
    func seed(channel: Int, by number: Float) {
        for row in rows {
            let start = seeds + ((channel * height + row) * width + columns.lowerBound) * stride
            for index in 0..<columns.count * stride where index % stride < tiles { start[index] += number }
        }
    }
}

extension NetworkDescription {
    /// - Throws: that it takes no pictures, or that no layer with weights makes maps over them.
    func checkMaps(for procedure: String) throws(EngineError) {
        let maps = try self.outline().layers.prefix { $0.index != nil && $0.output.axes.count == 3 }
        guard input.axes.count == 3, maps.contains(where: { !$0.tensors.isEmpty }) else {
            throw EngineError(
                place: "layers",
                message: "\(procedure) needs data of images, and a layer that makes maps over them, such as conv2d")
        }
    }
}

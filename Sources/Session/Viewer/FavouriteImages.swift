import Datasets
import Engine

/// The images that excite a unit or a map most, the most exciting first.
public struct Favourites: Sendable, Hashable {
    public struct Image: Sendable, Hashable {
        /// Its row of the shown set.
        public var row: Int
        /// The unit's value, or the map's largest.
        public var value: Float
        /// The map's place that has it, row · width + column; of a unit 0.
        public var place: Int
        /// The part of the image that this value depends on.
        public var field: ImagePart
    }
    public var neuron: ViewRequest.Neuron
    public var images: [Image]
    /// The images that were looked through.
    public var count: Int
    /// The value is the same for all images.
    public var isConstant: Bool
}

/// Looks for the images that excite units most. Each picture asks for the values of some images more, round and round while
/// the network learns, so that no picture waits for all of them.
struct FavouriteImages {
    private struct Subject: Hashable {
        var revision: Int
        var neurons: [ViewRequest.Neuron]
    }
    private var subject: Subject?
    /// For each unit the newest value of each image that has one.
    private var found: [[Network.Largest?]] = []
    private var next = 0
    /// The images whose values are of the present parameters.
    private var current = 0
    private var version: Int?

    /// Multiplications for one picture.
    static let work = 200_000_000

    /// All values are of the present parameters.
    private(set) var settled = true

    /// - Parameters:
    ///   - neurons: units, or maps of layers that have maps.
    ///   - most: images of each.
    mutating func find(
        _ neurons: [ViewRequest.Neuron], most: Int, in snapshot: Snapshot, _ pass: ForwardPass, _ inputs: FixedInputs
    ) throws(EngineError) -> [Favourites] {
        let outline = snapshot.outline
        let subject = Subject(revision: snapshot.revision, neurons: neurons)
        if subject != self.subject || found.first.map({ $0.count != inputs.count }) ?? true {
            self.subject = subject
            found = neurons.map { _ in Array(repeating: nil, count: inputs.count) }
            (next, current, version) = (0, 0, nil)
        }
        guard inputs.count > 0, outline.hasMaps(layer: .input) else { return [] }
        if version != snapshot.parameterVersion { (current, version) = (0, snapshot.parameterVersion) }
        if current < inputs.count {
            let rows = next..<min(inputs.count, next + pass.samples(forWork: Self.work))
            let runs = neurons.map { outline.run(of: $0) }
            for (index, values) in pass.largest(in: runs, at: inputs, rows: rows).enumerated() {
                for (row, value) in zip(rows, values) { found[index][row] = value }
            }
            next = rows.upperBound % inputs.count
            current += rows.count
        }
        settled = current >= inputs.count
        return neurons.indices.map { index in
            let known = found[index].enumerated().compactMap { row, value in
                value.flatMap { $0.value.isFinite ? (row: row, value: $0) : nil }
            }
            let best = known.sorted { ($1.value.value, $0.row) < ($0.value.value, $1.row) }
            return Favourites(
                neuron: neurons[index],
                images: best.prefix(most).map { row, largest in
                    let field = outline.field(of: neurons[index].layer, place: largest.place)!
                    return Favourites.Image(row: row, value: largest.value, place: largest.place, field: field)
                }, count: known.count, isConstant: best.first?.value.value == best.last?.value.value)
        }
    }
}

extension ImagePart {
    /// As large as the image at most; a smaller one may reach over its edge.
    fileprivate func within(_ image: ImageShape) -> ImagePart {
        ImagePart(
            rows: rows.count >= image.height ? 0..<image.height : rows,
            columns: columns.count >= image.width ? 0..<image.width : columns)
    }

    /// This part of an image, 0 beyond its edge: `[channels, rows, columns]`.
    public func cut(_ pixels: [Float], of shape: ImageShape) -> [Float] {
        var part: [Float] = []
        part.reserveCapacity(shape.channels * rows.count * columns.count)
        for channel in 0..<shape.channels {
            for row in rows {
                for column in columns {
                    let isInside = row >= 0 && row < shape.height && column >= 0 && column < shape.width
                    part.append(isInside ? pixels[channel * shape.pixels + row * shape.width + column] : 0)
                }
            }
        }
        return part
    }
}

extension Outline {
    /// The part of the image that a place of a layer depends on, of the same size wherever the place is.
    /// - Parameter place: row · width + column; of a layer without maps it is of no account.
    /// - Returns: nil where the input is no image.
    func field(of layer: LayerPath, place: Int) -> ImagePart? {
        guard let image = ImageShape(input) else { return nil }
        let part = map(layer: layer)?.part(ofPixel: place) ?? ImagePart(row: 0, column: 0)
        return receptiveField(of: layer, part, reachingOver: true)?.within(image)
    }

    /// The units of a map, or a unit by itself.
    func run(of neuron: ViewRequest.Neuron) -> Network.UnitRun {
        let shape = neuron.layer.isInput ? input : self[neuron.layer]!.output
        let pixels = ImageShape(shape)?.pixels ?? 1
        return Network.UnitRun(
            layer: neuron.layer, units: neuron.unit * pixels..<(neuron.unit + 1) * pixels)
    }

    /// Whether a layer has this unit or map.
    public func has(_ neuron: ViewRequest.Neuron) -> Bool {
        (neuron.layer.isInput || self[neuron.layer] != nil) && neuron.unit >= 0
            && neuron.unit < tileCount(layer: neuron.layer)
    }
}

import Engine
import Session

/// The lines of the stack's picture from the input down: one for each layer, and of an open block first its own layers
/// and then the block itself, where its stacks join. Where there is room the stacks of a block stand side by side.
struct StackFlow: Sendable, Hashable {
    struct Place: Sendable, Hashable {
        var layer: LayerPath
        var line: Int
        /// The part of the line's width that it has, from 0 to 1.
        var from = 0.0
        var to = 1.0
        var units: Int
    }
    private(set) var places: [Place]
    private let closed: Set<LayerPath>
    private let sideBySide: Bool
    private let isImage: Bool

    /// - Parameter closed: blocks whose layers are not shown.
    init(_ outline: Outline, closed: Set<LayerPath>, sideBySide: Bool) {
        places = [Place(layer: .input, line: 0, units: outline.tileCount(layer: .input))]
        self.closed = closed
        self.sideBySide = sideBySide
        isImage = outline.hasMaps(layer: .input)
        _ = add(outline.layers, 1, 0...1) { LayerPath($0) }
    }

    /// With the stacks of blocks side by side in a wide panel, in a narrower one where all their tiles have room.
    /// - Parameter columns: the panel's.
    init(_ outline: Outline, closed: Set<LayerPath>, columns: Int) {
        let beside = StackFlow(outline, closed: closed, sideBySide: true)
        // Beside the names; small tiles stand five columns apart.
        let room = Double(columns - 11)
        let fits =
            columns >= 40 && !beside.isImage
            && beside.places.allSatisfy { place in
                let share = place.to - place.from
                return share == 1 || Double(5 * place.units) <= share * room
            }
        self = columns >= 56 || fits ? beside : StackFlow(outline, closed: closed, sideBySide: false)
    }

    /// Of layers whose shapes are not known yet.
    init(layers: Int, inputs: Int) {
        places = (-1...layers).map { Place(layer: LayerPath($0), line: $0 + 1, units: $0 < 0 ? inputs : 1) }
        (closed, sideBySide, isImage) = ([], false, false)
    }

    /// - Returns: the line below the layers.
    private mutating func add(
        _ layers: [Outline.Layer], _ first: Int, _ span: ClosedRange<Double>, path: (Int) -> LayerPath
    ) -> Int {
        var line = first
        for (index, layer) in layers.enumerated() {
            let own = path(index)
            if !closed.contains(own) {
                let stacks = layer.stacks.filter { !$0.layers.isEmpty }
                let share = (span.upperBound - span.lowerBound) / Double(max(1, stacks.count))
                var end = line
                for (number, stack) in stacks.enumerated() {
                    let start = span.lowerBound + Double(number) * share
                    let below = add(stack.layers, sideBySide ? line : end, sideBySide ? start...start + share : span) {
                        var inner = own
                        inner.inside.append(LayerPath.Step(stack: stack.name, index: $0))
                        return inner
                    }
                    end = max(end, below)
                }
                line = end
            }
            // Single values have tiles as narrow as needed where the others are maps.
            let units = ImageShape(layer.output)?.channels ?? (isImage ? 1 : layer.output.axes.last!)
            places.append(
                Place(layer: own, line: line, from: span.lowerBound, to: span.upperBound, units: units))
            line += 1
        }
        return line
    }

    var lines: Int { places.map(\.line).max()! + 1 }

    /// The layer's place, or that of the closed block that it is inside.
    func place(of layer: LayerPath) -> Place? {
        places.first { $0.layer == layer } ?? layer.block.flatMap { place(of: $0) }
    }
}

import Engine

/// The squares of a checkerboard.
enum Checkerboard {
    static let dataset = Dataset(
        Entry(
            id: "checkerboard", title: "checkerboard", summary: "Squares in turn of one class and the other.",
            formula: "+1 where ⌊x1/side⌋ + ⌊x2/side⌋ is even, else −1", source: "after the TensorFlow Playground's xor",
            watch: "How many fields the network tells apart: those in the middle come last.",
            knobs: [
                .samples(500), .noise("Labels are those of points moved by up to this percentage of 6."),
                Knob(
                    "cells", title: "cells", summary: "The number of squares along each side of the board.",
                    kind: .integer(2...12), default: .integer(4), raise: "for a boundary with more corners",
                    lower: "when the network stays at guessing"),
            ]),
        task: .classification, schema: { _ in .twoClassPlane }, make: make)

    /// The board of [−6, 6]² has cells × cells squares; points keep a twentieth of a side away from the edges. The
    /// label is +1 where the sum of the square's row and column is even, for the point moved by U(−6, 6)·noise on
    /// each axis.
    @Sendable static func make(_ request: inout DataRequest) -> Table {
        let cells = request.integer("cells")
        let side = 12 / Double(cells)
        var plane = PlaneBuilder()
        func coordinate() -> Double {
            let cell = (request.random.uniform() * Double(cells)).rounded(.down)
            return -6 + (cell + request.random.uniform(0.05, 0.95)) * side
        }
        for _ in 0..<request.samples {
            let x = coordinate()
            let y = coordinate()
            let moved = request.jitter(6)
            let sum = ((x + moved.x + 6) / side).rounded(.down) + ((y + moved.y + 6) / side).rounded(.down)
            plane.add(x, y, label: sum.truncatingRemainder(dividingBy: 2) == 0 ? 1 : 0)
        }
        return plane.table(.twoClassPlane)
    }
}

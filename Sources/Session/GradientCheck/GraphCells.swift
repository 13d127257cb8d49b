#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Recurrent operators in double: x [steps, N, features], W [directions, gates · units, features], R [directions, gates · units,
/// units], B [directions, 2 · gates · units], lengths [N]; Y [steps, directions, N, units] and the last states.
enum GraphCells {
    /// The next state and cell of one sample from the sums at its gates: W x + Wb, and R h + Rb.
    private typealias Cell = (_ inputs: [Double], _ states: [Double], _ h: [Double], _ c: [Double]) -> (
        h: [Double], c: [Double]
    )

    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    static func rnn(_ node: GraphNode) -> [Numbers] {
        let isReLU = node.texts("activations").first == "Relu"
        return run(node) { inputs, states, _, c in
            (zip(inputs, states).map { isReLU ? max(0, $0 + $1) : tanh($0 + $1) }, c)
        }
    }

    static func lstm(_ node: GraphNode) -> [Numbers] {
        run(node) { inputs, states, h, c in
            let n = h.count
            func gate(_ number: Int, _ unit: Int) -> Double { inputs[number * n + unit] + states[number * n + unit] }
            // i, o, f, c
            let cells = (0..<n).map { sigmoid(gate(2, $0)) * c[$0] + sigmoid(gate(0, $0)) * tanh(gate(3, $0)) }
            return ((0..<n).map { sigmoid(gate(1, $0)) * tanh(cells[$0]) }, cells)
        }
    }

    static func gru(_ node: GraphNode) -> [Numbers] {
        run(node) { inputs, states, h, c in
            let n = h.count
            // z, r, h
            return (
                (0..<n).map { unit in
                    let z = sigmoid(inputs[unit] + states[unit])
                    let r = sigmoid(inputs[n + unit] + states[n + unit])
                    return (1 - z) * tanh(inputs[2 * n + unit] + r * states[2 * n + unit]) + z * h[unit]
                }, c
            )
        }
    }

    private static func run(_ node: GraphNode, _ cell: Cell) -> [Numbers] {
        let (x, w, r, b) = (node[0], node[1], node[2], node[3])
        let (steps, samples, features) = (x.axes[0], x.axes[1], x.axes[2])
        let (directions, rows, units) = (w.axes[0], w.axes[1], r.axes[2])
        let lengths = node.optional(4)?.values.map { Int($0) } ?? .init(repeating: steps, count: samples)
        var all = [Double](repeating: 0, count: steps * directions * samples * units)
        var last = [Double](repeating: 0, count: directions * samples * units)
        for direction in 0..<directions {
            for sample in 0..<samples {
                var (h, c) = ([Double](repeating: 0, count: units), [Double](repeating: 0, count: units))
                let own = 0..<lengths[sample]
                for step in direction == 0 ? Array(own) : own.reversed() {
                    var inputs = [Double](repeating: 0, count: rows)
                    var states = inputs
                    for row in 0..<rows {
                        inputs[row] = b.values[direction * 2 * rows + row]
                        states[row] = b.values[direction * 2 * rows + rows + row]
                        let (from, weight) = ((step * samples + sample) * features, (direction * rows + row) * features)
                        for feature in 0..<features {
                            inputs[row] += w.values[weight + feature] * x.values[from + feature]
                        }
                        for unit in 0..<units {
                            states[row] += r.values[(direction * rows + row) * units + unit] * h[unit]
                        }
                    }
                    (h, c) = cell(inputs, states, h, c)
                    for unit in 0..<units {
                        all[((step * directions + direction) * samples + sample) * units + unit] = h[unit]
                    }
                }
                for unit in 0..<units { last[(direction * samples + sample) * units + unit] = h[unit] }
            }
        }
        return [Numbers([steps, directions, samples, units], all), Numbers([directions, samples, units], last)]
    }
}

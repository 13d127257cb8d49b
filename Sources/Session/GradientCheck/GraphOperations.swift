#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The operators of the graphs that are made here, in double.
enum GraphOperations {
    typealias Work = @Sendable (GraphNode) -> [Numbers]

    private static func each(_ function: @escaping @Sendable (Double) -> Double) -> Work { { [$0[0].map(function)] } }

    private static func both(_ function: @escaping @Sendable (Double, Double) -> Double) -> Work {
        { [$0[0].with($0[1], function)] }
    }

    private static func all(_ function: @escaping @Sendable (Double, Double) -> Double) -> Work {
        { node in [node.inputs.dropFirst().reduce(node[0]) { $0.with($1!, function) }] }
    }

    private static func same(_ node: GraphNode) -> [Numbers] { [node[0]] }

    static let all: [String: Work] = [
        "Identity": same, "Cast": same,
        "Sigmoid": each { 1 / (1 + exp(-$0)) }, "Tanh": each { tanh($0) }, "Relu": each { max(0, $0) },
        "Erf": each { erf($0) }, "Softplus": each { max($0, 0) + log1p(exp(-abs($0))) }, "Sin": each { sin($0) },
        "Cos": each { cos($0) }, "Tan": each { tan($0) }, "Exp": each { exp($0) }, "Log": each { log($0) },
        "Sqrt": each { $0.squareRoot() }, "Abs": each { abs($0) }, "Asinh": each { asinh($0) }, "Neg": each { -$0 },
        "Sign": each { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
        "LeakyRelu": { node in
            let slope = node.real("alpha", 0.01)
            return [node[0].map { $0 > 0 ? $0 : slope * $0 }]
        },
        "Elu": { node in
            let alpha = node.real("alpha", 1)
            return [node[0].map { $0 > 0 ? $0 : alpha * expm1($0) }]
        },
        "PRelu": both { $0 > 0 ? $0 : $1 * $0 },
        "Add": both { $0 + $1 }, "Sub": both { $0 - $1 }, "Mul": both { $0 * $1 }, "Div": both { $0 / $1 },
        "Pow": both { pow($0, $1) }, "Max": all { max($0, $1) }, "Min": all { min($0, $1) }, "Sum": all { $0 + $1 },
        "Less": both { $0 < $1 ? 1 : 0 }, "GreaterOrEqual": both { $0 >= $1 ? 1 : 0 },
        "Equal": both { $0 == $1 ? 1 : 0 },
        "Mean": { node in
            let sum = node.inputs.dropFirst().reduce(node[0]) { $0.with($1!) { $0 + $1 } }
            return [sum.map { $0 / Double(node.inputs.count) }]
        },
        "Gemm": { node in
            let weight = node.integer("transB", 0) == 1 ? node[1].transposed([1, 0]) : node[1]
            let product = product(node[0], weight)
            return [node.optional(2).map { product.with($0) { $0 + $1 } } ?? product]
        },
        "MatMul": { node in [batchedProduct(node[0], node[1])] },
        "Flatten": { node in [Numbers([node[0].axes[0], node[0].axes.dropFirst().reduce(1, *)], node[0].values)] },
        "Reshape": { node in
            var axes = node.whole(1).enumerated().map { $1 == 0 ? node[0].axes[$0] : $1 }
            if let open = axes.firstIndex(of: -1) {
                axes[open] = node[0].values.count / max(1, axes.filter { $0 >= 0 }.reduce(1, *))
            }
            return [Numbers(axes, node[0].values)]
        },
        "Transpose": { node in [node[0].transposed(node.integers("perm")!)] },
        "Squeeze": { node in
            let gone = Set(node.whole(1))
            return [
                Numbers(node[0].axes.enumerated().filter { !gone.contains($0.offset) }.map(\.element), node[0].values)
            ]
        },
        "Unsqueeze": { node in
            var axes = node[0].axes
            for axis in node.whole(1).sorted() { axes.insert(1, at: axis) }
            return [Numbers(axes, node[0].values)]
        },
        "Expand": { node in
            let wide = Numbers.broadcast(node[0].axes, node.whole(1))
            return [Numbers(wide, node[0].places(in: wide).map { node[0].values[$0] })]
        },
        "Concat": { node in
            let axis = node.integer("axis", 0)
            let parts = node.inputs.map { $0! }
            var axes = parts[0].axes
            axes[axis] = parts.reduce(0) { $0 + $1.axes[axis] }
            let before = axes[..<axis].reduce(1, *)
            var values: [Double] = []
            for row in 0..<before {
                for part in parts {
                    let size = part.values.count / max(1, before)
                    values += part.values[row * size..<(row + 1) * size]
                }
            }
            return [Numbers(axes, values)]
        },
        "Split": { node in
            let (axis, sizes) = (node.integer("axis", 0), node.whole(1))
            let (before, count, behind) = node[0].around(axis)
            var (first, parts): (Int, [Numbers]) = (0, [])
            for size in sizes {
                var axes = node[0].axes
                axes[axis] = size
                var values: [Double] = []
                for row in 0..<before {
                    let start = (row * count + first) * behind
                    values += node[0].values[start..<start + size * behind]
                }
                parts.append(Numbers(axes, values))
                first += size
            }
            return parts
        },
        "Gather": { node in
            let (axis, rows) = (node.integer("axis", 0), node.whole(1))
            let (before, count, behind) = node[0].around(axis)
            let axes = node[0].axes
            var values: [Double] = []
            values.reserveCapacity(before * rows.count * behind)
            for outer in 0..<before {
                for row in rows {
                    let start = (outer * count + row) * behind
                    values += node[0].values[start..<start + behind]
                }
            }
            return [Numbers(Array(axes[..<axis]) + node[1].axes + Array(axes[(axis + 1)...]), values)]
        },
        // One more column of zeros behind the others.
        "Pad": { node in
            let (rows, columns) = (node[0].axes[0], node[0].axes[1])
            var values: [Double] = []
            for row in 0..<rows { values += node[0].values[row * columns..<(row + 1) * columns] + [0] }
            return [Numbers([rows, columns + 1], values)]
        },
        "ReduceSum": { node in [reduced(node[0], node.whole(1)[0])] },
        "ReduceMean": { node in
            let axis = node.integers("axes")![0]
            return [reduced(node[0], axis).map { $0 / Double(node[0].axes[axis]) }]
        },
        "Softmax": { node in
            let width = node[0].axes.last ?? 1
            var values = node[0].values
            for first in stride(from: 0, to: values.count, by: width) {
                let largest = values[first..<first + width].max() ?? 0
                var sum = 0.0
                for place in first..<first + width {
                    values[place] = exp(values[place] - largest)
                    sum += values[place]
                }
                for place in first..<first + width { values[place] /= sum }
            }
            return [Numbers(node[0].axes, values)]
        },
        "BatchNormalization": normalizedBatch, "LayerNormalization": normalizedRows,
        "Conv": GraphWindows.convolution, "ConvTranspose": GraphWindows.transposedConvolution,
        "MaxPool": { node in [GraphWindows.pooled(node, isMaximum: true)] },
        "AveragePool": { node in [GraphWindows.pooled(node, isMaximum: false)] },
        "GlobalAveragePool": { node in [GraphWindows.overall(node[0]) { $0.reduce(0, +) / Double($0.count) }] },
        "GlobalMaxPool": { node in [GraphWindows.overall(node[0]) { $0.max() ?? 0 }] },
        "Resize": { node in
            let (axes, factor) = (node[0].axes, Int(node[2].values[3]))
            let (height, width) = (axes[2] * factor, axes[3] * factor)
            var values: [Double] = []
            for map in 0..<axes[0] * axes[1] {
                for y in 0..<height {
                    for x in 0..<width {
                        values.append(node[0].values[(map * axes[2] + y / factor) * axes[3] + x / factor])
                    }
                }
            }
            return [Numbers([axes[0], axes[1], height, width], values)]
        },
        "RNN": GraphCells.rnn, "LSTM": GraphCells.lstm, "GRU": GraphCells.gru,
    ]

    // MARK: - Sums

    /// [rows, n] by [n, columns].
    static func product(_ one: Numbers, _ other: Numbers) -> Numbers {
        let (rows, inner, columns) = (one.axes[0], one.axes[1], other.axes[1])
        var result = [Double](repeating: 0, count: rows * columns)
        one.values.withUnsafeBufferPointer { one in
            other.values.withUnsafeBufferPointer { other in
                result.withUnsafeMutableBufferPointer { result in
                    for row in 0..<rows {
                        for place in 0..<inner {
                            let factor = one[row * inner + place]
                            if factor == 0 { continue }
                            for column in 0..<columns {
                                result[row * columns + column] += factor * other[place * columns + column]
                            }
                        }
                    }
                }
            }
        }
        return Numbers([rows, columns], result)
    }

    /// Products of matrices in the last two axes; those before are broadcast.
    private static func batchedProduct(_ one: Numbers, _ other: Numbers) -> Numbers {
        let (m, k, n) = (one.axes[one.axes.count - 2], one.axes[one.axes.count - 1], other.axes[other.axes.count - 1])
        let (outer, own) = (Array(one.axes.dropLast(2)), Array(other.axes.dropLast(2)))
        let wide = Numbers.broadcast(outer, own)
        func numbers(_ axes: [Int]) -> Numbers {
            Numbers(axes, (0..<axes.reduce(1, *)).map(Double.init))
        }
        let (lefts, rights) = (numbers(outer), numbers(own))
        var values: [Double] = []
        for (left, right) in zip(lefts.places(in: wide), rights.places(in: wide)) {
            values +=
                product(
                    Numbers([m, k], Array(one.values[left * m * k..<(left + 1) * m * k])),
                    Numbers([k, n], Array(other.values[right * k * n..<(right + 1) * k * n]))
                ).values
        }
        return Numbers(wide + [m, n], values)
    }

    private static func reduced(_ x: Numbers, _ axis: Int) -> Numbers {
        let (before, count, behind) = x.around(axis)
        var values = [Double](repeating: 0, count: before * behind)
        for outer in 0..<before {
            for place in 0..<count {
                for inner in 0..<behind {
                    values[outer * behind + inner] += x.values[(outer * count + place) * behind + inner]
                }
            }
        }
        var axes = x.axes
        axes.remove(at: axis)
        return Numbers(axes, values)
    }

    // MARK: - Normalization

    private static func normalizedBatch(_ node: GraphNode) -> [Numbers] {
        let x = node[0]
        let (channels, places) = (x.axes[1], x.axes.dropFirst(2).reduce(1, *))
        var values = x.values
        for channel in 0..<channels {
            let own = (0..<x.axes[0]).flatMap { sample in
                (0..<places).map { (sample * channels + channel) * places + $0 }
            }
            var (mean, variance) = (node[3].values[channel], node[4].values[channel])
            if node.integer("training_mode", 0) == 1 {
                mean = own.reduce(0) { $0 + values[$1] } / Double(own.count)
                variance = own.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) } / Double(own.count)
            }
            let factor = node[1].values[channel] / (variance + node.real("epsilon", 1e-5)).squareRoot()
            for place in own { values[place] = (values[place] - mean) * factor + node[2].values[channel] }
        }
        return [Numbers(x.axes, values)]
    }

    private static func normalizedRows(_ node: GraphNode) -> [Numbers] {
        var values = node[0].values
        let width = values.count / max(1, node[0].axes[0])
        for first in stride(from: 0, to: values.count, by: width) {
            let row = values[first..<first + width]
            let mean = row.reduce(0, +) / Double(width)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let inverse = 1 / (variance + node.real("epsilon", 1e-5)).squareRoot()
            for place in 0..<width {
                values[first + place] =
                    (values[first + place] - mean) * inverse * node[1].values[place]
                    + (node.optional(2)?.values[place] ?? 0)
            }
        }
        return [Numbers(node[0].axes, values)]
    }
}

/// Operators whose windows move over the axes behind batch and channels, in double.
enum GraphWindows {
    /// The axes behind batch and channels as height and width; a single one is a width.
    private static func image(_ axes: [Int]) -> (height: Int, width: Int) {
        axes.count == 4 ? (axes[2], axes[3]) : (1, axes[2])
    }

    private struct Window {
        var (kernel, strides, pads, dilations): ((Int, Int), (Int, Int), (Int, Int, Int, Int), (Int, Int))

        init(_ node: GraphNode, kernel: [Int]) {
            func pair(_ values: [Int]?, _ standard: Int) -> (Int, Int) {
                guard let values else { return (standard, standard) }
                return values.count == 2 ? (values[0], values[1]) : (standard, values[0])
            }
            self.kernel = kernel.count == 2 ? (kernel[0], kernel[1]) : (1, kernel[0])
            (strides, dilations) = (pair(node.integers("strides"), 1), pair(node.integers("dilations"), 1))
            let own = node.integers("pads") ?? .init(repeating: 0, count: 2 * kernel.count)
            pads = own.count == 4 ? (own[0], own[1], own[2], own[3]) : (0, own[0], 0, own[1])
        }

        func windows(_ height: Int, _ width: Int) -> (Int, Int) {
            (
                (height + pads.0 + pads.2 - dilations.0 * (kernel.0 - 1) - 1) / strides.0 + 1,
                (width + pads.1 + pads.3 - dilations.1 * (kernel.1 - 1) - 1) / strides.1 + 1
            )
        }

        func row(_ out: Int, _ tap: Int) -> Int { out * strides.0 + tap * dilations.0 - pads.0 }
        func column(_ out: Int, _ tap: Int) -> Int { out * strides.1 + tap * dilations.1 - pads.1 }
    }

    static func convolution(_ node: GraphNode) -> [Numbers] {
        let (x, weight) = (node[0], node[1])
        let window = Window(node, kernel: Array(weight.axes.dropFirst(2)))
        let ((height, width), samples, channels) = (image(x.axes), x.axes[0], x.axes[1])
        let ((rows, columns), filters) = (window.windows(height, width), weight.axes[0])
        let taps = window.kernel.0 * window.kernel.1
        var values = [Double](repeating: 0, count: samples * filters * rows * columns)
        for sample in 0..<samples {
            for filter in 0..<filters {
                let base = (sample * filters + filter) * rows * columns
                if let bias = node.optional(2)?.values[filter] {
                    for place in base..<base + rows * columns { values[place] = bias }
                }
                for channel in 0..<channels {
                    for tap in 0..<taps {
                        let factor = weight.values[(filter * channels + channel) * taps + tap]
                        for row in 0..<rows {
                            let y = window.row(row, tap / window.kernel.1)
                            guard y >= 0, y < height else { continue }
                            let source = ((sample * channels + channel) * height + y) * width
                            for column in 0..<columns {
                                let at = window.column(column, tap % window.kernel.1)
                                if at >= 0, at < width {
                                    values[base + row * columns + column] += factor * x.values[source + at]
                                }
                            }
                        }
                    }
                }
            }
        }
        return [Numbers([samples, filters] + (x.axes.count == 4 ? [rows, columns] : [columns]), values)]
    }

    static func transposedConvolution(_ node: GraphNode) -> [Numbers] {
        let (x, weight) = (node[0], node[1])
        let window = Window(node, kernel: Array(weight.axes.dropFirst(2)))
        let (samples, channels, filters) = (x.axes[0], x.axes[1], weight.axes[1])
        let (height, width) = image(x.axes)
        let more = node.integers("output_padding") ?? [0, 0]
        let rows =
            (height - 1) * window.strides.0 - window.pads.0 - window.pads.2 + window.dilations.0 * (window.kernel.0 - 1)
            + 1 + more[0]
        let columns =
            (width - 1) * window.strides.1 - window.pads.1 - window.pads.3 + window.dilations.1 * (window.kernel.1 - 1)
            + 1 + more[1]
        let taps = window.kernel.0 * window.kernel.1
        var values = [Double](repeating: 0, count: samples * filters * rows * columns)
        for sample in 0..<samples {
            for filter in 0..<filters {
                let base = (sample * filters + filter) * rows * columns
                for place in base..<base + rows * columns { values[place] = node.optional(2)?.values[filter] ?? 0 }
                for channel in 0..<channels {
                    for place in 0..<height * width {
                        let value = x.values[(sample * channels + channel) * height * width + place]
                        for tap in 0..<taps {
                            let row = window.row(place / width, tap / window.kernel.1)
                            let column = window.column(place % width, tap % window.kernel.1)
                            guard row >= 0, row < rows, column >= 0, column < columns else { continue }
                            values[base + row * columns + column] +=
                                value * weight.values[(channel * filters + filter) * taps + tap]
                        }
                    }
                }
            }
        }
        return [Numbers([samples, filters, rows, columns], values)]
    }

    static func pooled(_ node: GraphNode, isMaximum: Bool) -> Numbers {
        let x = node[0]
        let window = Window(node, kernel: node.integers("kernel_shape")!)
        let ((height, width), maps) = (image(x.axes), x.axes[0] * x.axes[1])
        let (rows, columns) = window.windows(height, width)
        let countsAll = node.integer("count_include_pad", 0) == 1
        var values: [Double] = []
        for map in 0..<maps {
            for row in 0..<rows {
                for column in 0..<columns {
                    var (sum, largest, count) = (0.0, -Double.infinity, 0)
                    for tap in 0..<window.kernel.0 * window.kernel.1 {
                        let (y, at) = (
                            window.row(row, tap / window.kernel.1), window.column(column, tap % window.kernel.1)
                        )
                        guard y >= 0, y < height, at >= 0, at < width else { continue }
                        let value = x.values[(map * height + y) * width + at]
                        (sum, largest, count) = (sum + value, max(largest, value), count + 1)
                    }
                    values.append(
                        isMaximum
                            ? largest : sum / Double(countsAll ? window.kernel.0 * window.kernel.1 : max(count, 1)))
                }
            }
        }
        return Numbers([x.axes[0], x.axes[1], rows, columns], values)
    }

    static func overall(_ x: Numbers, _ figure: (ArraySlice<Double>) -> Double) -> Numbers {
        let size = x.axes[2] * x.axes[3]
        return Numbers(
            [x.axes[0], x.axes[1], 1, 1],
            stride(from: 0, to: x.values.count, by: size).map { figure(x.values[$0..<$0 + size]) })
    }
}

import Basics
import Datasets
import Engine

/// Network, boundary and curves as a picture for a handout, in SVG.
struct Handout {
    private let training: ExportedTraining
    /// Of a plane of two columns the answers, row by row from the top; nil: there is none to draw.
    private let plane: (values: [Double], xs: ClosedRange<Float>, ys: ClosedRange<Float>)?

    private static let (width, height) = (980, 640)
    private static let cells = 60
    /// Of negative and of positive values, and of further classes.
    private static let colours: [(red: Double, green: Double, blue: Double)] = [
        (245, 147, 34), (8, 119, 189), (76, 160, 80), (200, 60, 60), (130, 90, 170), (120, 90, 70), (220, 120, 180),
        (110, 110, 110),
        (170, 170, 40), (60, 180, 190),
    ]

    /// - Throws: that there is no memory for the answers.
    init(_ training: ExportedTraining) throws(ExperimentError) {
        self.training = training
        let data = training.data
        guard data.columns.count == 2, !data.schema.isSequence else {
            plane = nil
            return
        }
        let (xs, ys) = (data.columns[0].range, data.columns[1].range)
        var rows: [Float] = []
        for row in 0..<Self.cells {
            for column in 0..<Self.cells {
                rows.append(Self.place(Float(column) + 0.5, xs))
                rows.append(Self.place(Float(Self.cells - row) - 0.5, ys))
            }
        }
        let count = Self.cells * Self.cells
        do throws(EngineError) {
            let network = try Network(training.network.description, capacity: 512)
            network.load(parameters: training.network.flat)
            let inputs = try FixedInputs(data.featureValues(of: rows, count: count), width: data.featureMeans.count)
            let outputs = try network.outputs(at: inputs)
            // One output: from −1 to 1; several: the class.
            let values: [Double]
            if training.network.output.reconstructs {
                values = []
            } else if outputs.count > 1 {
                values = network.classes(of: outputs).map(Double.init)
            } else {
                let isProbability = training.network.output.low == 0 && training.network.output.classes != nil
                values = outputs[0].map { min(max(isProbability ? 2 * Double($0) - 1 : Double($0), -1), 1) }
            }
            plane = values.isEmpty ? nil : (values, xs, ys)
        } catch { throw ExperimentError(error) }
    }

    private static func place(_ cell: Float, _ range: ClosedRange<Float>) -> Float {
        range.lowerBound + cell / Float(cells) * (range.upperBound - range.lowerBound)
    }

    // MARK: - Text

    var text: String {
        let title = training.experiment.title.isEmpty ? training.name : training.experiment.title
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.width) \(Self.height)\" width=\"\(Self.width)\" height=\"\(Self.height)\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            label(title, 30, 34, size: 20, anchor: "start"),
        ]
        lines += network(left: 30, top: 60, width: plane == nil ? 920 : 540, height: 330)
        if plane != nil { lines += boundary(left: 620, top: 60, side: 320) }
        lines += curves(left: 70, top: 440, width: 870, height: 150)
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private func number(_ value: Double) -> String { Python.number((value * 100).rounded() / 100) }

    private func label(_ text: String, _ x: Double, _ y: Double, size: Int = 12, anchor: String = "middle") -> String {
        let safe = visibleText(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
        return
            "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(size)\" text-anchor=\"\(anchor)\" fill=\"#333\">\(safe)</text>"
    }

    /// A colour mixed with white.
    private func colour(_ index: Int, strength: Double = 1) -> String {
        let own = Self.colours[index % Self.colours.count]
        func part(_ value: Double) -> String {
            let mixed = Int(255 + (value - 255) * min(max(strength, 0), 1))
            return (mixed < 16 ? "0" : "") + String(mixed, radix: 16)
        }
        return "#" + part(own.red) + part(own.green) + part(own.blue)
    }

    // MARK: - Network

    /// Units as circles where they are few, layers as boxes elsewhere; lines as thick as their weights.
    private func network(left: Double, top: Double, width: Double, height: Double) -> [String] {
        let network = training.network
        let data = training.data
        struct Column {
            var title: String
            var units: [String]
            /// The weights from the units before, `[units, units before]`; empty: in another way.
            var weights: [Float] = []
            var isMany = false
        }
        let most = 16
        func column(_ title: String, _ count: Int, _ names: [String] = []) -> Column {
            let isMany = count > most
            return Column(
                title: title, units: isMany ? [] : (0..<count).map { names.indices.contains($0) ? names[$0] : "" },
                isMany: isMany)
        }
        var columns = [column("input \(network.description.input)", network.description.input.count, data.features)]
        for layer in network.layers.map(\.outline) + [network.outputLayer] {
            var own = column(layer.title, layer.output.count)
            let weight = network[tensor: "\(layer.path).weight"]
            if case .matrix? = layer.link, let weight, !own.isMany, !columns[columns.count - 1].isMany {
                own.weights = weight.values
            }
            if layer.path == network.outputLayer.path, let weight, layer.output.axes.count == 1, !own.isMany,
                !columns[columns.count - 1].isMany
            {
                own.weights = weight.values
            }
            columns.append(own)
        }
        let step = columns.count > 1 ? (width - 80) / Double(columns.count - 1) : 0
        func x(_ index: Int) -> Double { left + 40 + Double(index) * step }
        func y(_ unit: Int, of count: Int) -> Double {
            top + 30 + (height - 30) * (Double(unit) + 0.5) / Double(max(count, 1))
        }
        var (lines, marks): ([String], [String]) = ([], [])
        for (index, column) in columns.enumerated() {
            marks.append(
                label(
                    column.title, x(index), columns.count > 8 && index % 2 == 1 ? top - 2 : top + 12,
                    size: columns.count > 8 ? 9 : 11))
            let before = index > 0 ? columns[index - 1] : nil
            if let before, column.weights.isEmpty {
                lines.append(
                    "<line x1=\"\(number(x(index - 1)))\" y1=\"\(number(top + height / 2))\" x2=\"\(number(x(index)))\" y2=\"\(number(top + height / 2))\" stroke=\"#bbb\" stroke-width=\"2\"/>"
                )
                _ = before
            } else if let before {
                let largest = Double(column.weights.map(abs).max() ?? 1)
                for unit in column.units.indices {
                    for other in before.units.indices {
                        let weight = Double(column.weights[unit * before.units.count + other])
                        let share = largest > 0 ? abs(weight) / largest : 0
                        lines.append(
                            "<line x1=\"\(number(x(index - 1)))\" y1=\"\(number(y(other, of: before.units.count)))\" x2=\"\(number(x(index)))\" y2=\"\(number(y(unit, of: column.units.count)))\" stroke=\"\(colour(weight < 0 ? 0 : 1))\" stroke-width=\"\(number(0.3 + 4 * share))\" stroke-opacity=\"\(number(0.25 + 0.7 * share))\"/>"
                        )
                    }
                }
            }
            if column.isMany {
                marks.append(
                    "<rect x=\"\(number(x(index) - 18))\" y=\"\(number(top + 40))\" width=\"36\" height=\"\(number(height - 50))\" rx=\"8\" fill=\"#f4f4f4\" stroke=\"#777\"/>"
                )
            }
            for (unit, name) in column.units.enumerated() {
                let place = y(unit, of: column.units.count)
                marks.append(
                    "<circle cx=\"\(number(x(index)))\" cy=\"\(number(place))\" r=\"\(column.units.count > 8 ? 8 : 12)\" fill=\"white\" stroke=\"#333\" stroke-width=\"1.5\"/>"
                )
                if !name.isEmpty {
                    marks.append(label(featureTitle(name), x(index) - 16, place + 4, size: 10, anchor: "end"))
                }
            }
        }
        return lines + marks
    }

    // MARK: - Boundary

    private func boundary(left: Double, top: Double, side: Double) -> [String] {
        guard let plane else { return [] }
        let size = side / Double(Self.cells)
        let isSingle = training.network.outputLayer.output.count == 1
        var lines: [String] = []
        for (place, value) in plane.values.enumerated() {
            let fill =
                isSingle
                ? colour(value < 0 ? 0 : 1, strength: 0.1 + 0.6 * abs(value)) : colour(Int(value), strength: 0.45)
            lines.append(
                "<rect x=\"\(number(left + Double(place % Self.cells) * size))\" y=\"\(number(top + Double(place / Self.cells) * size))\" width=\"\(number(size + 0.1))\" height=\"\(number(size + 0.1))\" fill=\"\(fill)\" shape-rendering=\"crispEdges\"/>"
            )
        }
        let points = training.data.trainPoints
        for row in 0..<min(points.count, 500) {
            let (x, y, label) = (points.rows[2 * row], points.rows[2 * row + 1], points.labels[row])
            guard plane.xs.contains(x), plane.ys.contains(y) else { continue }
            let across = Double((x - plane.xs.lowerBound) / (plane.xs.upperBound - plane.xs.lowerBound))
            let up = Double((y - plane.ys.lowerBound) / (plane.ys.upperBound - plane.ys.lowerBound))
            let own = points.task.classes == nil ? (label < 0 ? 0 : 1) : Int(label)
            lines.append(
                "<circle cx=\"\(number(left + across * side))\" cy=\"\(number(top + (1 - up) * side))\" r=\"3\" fill=\"\(colour(own))\" stroke=\"white\" stroke-width=\"0.8\"/>"
            )
        }
        let names = training.data.columns.map(\.name)
        lines.append(
            "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(side))\" height=\"\(number(side))\" fill=\"none\" stroke=\"#333\"/>"
        )
        lines.append(label(names[0], left + side / 2, top + side + 18))
        lines.append(label(names[1], left - 10, top + side / 2, anchor: "end"))
        return lines
    }

    // MARK: - Curves

    private func curves(left: Double, top: Double, width: Double, height: Double) -> [String] {
        let history = training.history
        let shown = history.metrics.filter { $0.plot == .loss }
        let series = shown.map { history[$0.id] }
        let values = series.flatMap { $0.filter(\.isFinite) }.map(Double.init)
        guard history.points.count > 1, let most = values.max(), let last = history.points.last?.epoch, last > 0 else {
            return [
                label("not trained: export with --epochs, or with saved weights", left + width / 2, top + height / 2)
            ]
        }
        let least = min(0, values.min() ?? 0)
        var lines = [
            "<path d=\"M\(number(left)) \(number(top)) V\(number(top + height)) H\(number(left + width))\" fill=\"none\" stroke=\"#333\"/>",
            label(Python.number((most * 1000).rounded() / 1000), left - 6, top + 8, size: 10, anchor: "end"),
            label(Python.number(least), left - 6, top + height, size: 10, anchor: "end"),
            label(plural(last, "epoch"), left + width, top + height + 16, size: 10, anchor: "end"),
        ]
        for (index, line) in series.enumerated() {
            // The first has the second colour, and the other way round.
            let own = index < 2 ? 1 - index : index
            let places = zip(history.points, line).filter { $0.1.isFinite }.map { point, value in
                "\(number(left + width * Double(point.epoch) / Double(last))),\(number(top + height * (1 - (Double(value) - least) / max(most - least, 1e-9))))"
            }
            guard places.count > 1 else { continue }
            lines.append(
                "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour(own))\" stroke-width=\"2\"/>"
            )
            let final =
                line.last { $0.isFinite }.map { " \(Python.number((Double($0) * 10000).rounded() / 10000))" } ?? ""
            lines.append(
                "<text x=\"\(number(left + 20 + 180 * Double(index)))\" y=\"\(number(top - 8))\" fill=\"\(colour(own))\">\(shown[index].title)\(final)</text>"
            )
        }
        return lines
    }
}

import Engine
import Session

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The straight line in the plane of two columns where a neuron's sum is 0: Σ w·feature + b = 0, with features a·x + b·y + c.
struct NeuronLine: Sendable, Hashable {
    /// A feature in original units of the two columns.
    struct Feature: Sendable, Hashable {
        var x: Double
        var y: Double
        var constant: Double
    }

    var features: [Feature]
    var weights: [Double]
    var bias: Double

    /// A·x + B·y + C, the neuron's sum.
    var a: Double { zip(features, weights).reduce(0) { $0 + $1.0.x * $1.1 } }
    var b: Double { zip(features, weights).reduce(0) { $0 + $1.0.y * $1.1 } }
    var c: Double { zip(features, weights).reduce(bias) { $0 + $1.0.constant * $1.1 } }

    /// ‖w‖, which moving and turning keep.
    var size: Double { weights.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// Whether there is a line: not where all weights of the two columns are 0.
    var exists: Bool {
        let length = (a * a + b * b).squareRoot()
        return length.isFinite && c.isFinite && length > 1e-9
    }

    /// The parallel line through a place: the bias alone changes.
    func moved(through x: Double, _ y: Double) -> NeuronLine {
        var line = self
        line.bias -= a * x + b * y + c
        return line
    }

    /// The line of direction (dx, dy) through a place. The weights change as little as that takes, and keep their size; the side
    /// on which the sum is positive stays.
    /// - Parameter width, height: of the plane, by which the two sides are compared.
    /// - Returns: nil: the features do not let it turn so.
    func turned(
        along direction: (x: Double, y: Double), through x: Double, _ y: Double, width: Double, height: Double
    ) -> NeuronLine? {
        guard exists, direction.x != 0 || direction.y != 0 else { return nil }
        var (wantedA, wantedB) = (-direction.y, direction.x)
        if wantedA * a * width * width + wantedB * b * height * height < 0 { (wantedA, wantedB) = (-wantedA, -wantedB) }
        let scale = (a * a + b * b).squareRoot() / (wantedA * wantedA + wantedB * wantedB).squareRoot()
        let (missingA, missingB) = (wantedA * scale - a, wantedB * scale - b)
        // The smallest change of the weights that makes the two sums.
        let xx = features.reduce(0) { $0 + $1.x * $1.x }
        let yy = features.reduce(0) { $0 + $1.y * $1.y }
        let xy = features.reduce(0) { $0 + $1.x * $1.y }
        let determinant = xx * yy - xy * xy
        guard determinant > 1e-9 * xx * yy else { return nil }
        let (first, second) = (
            (missingA * yy - missingB * xy) / determinant, (missingB * xx - missingA * xy) / determinant
        )
        var line = self
        for place in features.indices {
            line.weights[place] += first * features[place].x + second * features[place].y
        }
        guard line.size > 0 else { return nil }
        let factor = size / line.size
        line.weights = line.weights.map { $0 * factor }
        return line.moved(through: x, y)
    }

    /// The same line with the positive side where the negative one was.
    var reversed: NeuronLine { NeuronLine(features: features, weights: weights.map { -$0 }, bias: -bias) }

    /// The ends of its part in a plane, in widths and heights from the left and from below; nil: it lies outside.
    func ends(_ xs: ClosedRange<Float>, _ ys: ClosedRange<Float>) -> (PlotPlace, PlotPlace)? {
        guard exists else { return nil }
        let (x0, y0) = (Double(xs.lowerBound), Double(ys.lowerBound))
        // In widths and heights: A·u + B·v + C = 0 in the unit square.
        let (u, v) = (a * (Double(xs.upperBound) - x0), b * (Double(ys.upperBound) - y0))
        let rest = a * x0 + b * y0 + c
        var found: [PlotPlace] = []
        func add(_ x: Double, _ y: Double) {
            guard x >= 0, x <= 1, y >= 0, y <= 1, !found.contains(where: { abs($0.x - x) + abs($0.y - y) < 1e-9 })
            else {
                return
            }
            found.append(PlotPlace(x: x, y: y))
        }
        if v != 0 {
            add(0, -rest / v)
            add(1, -(rest + u) / v)
        }
        if u != 0 {
            add(-rest / u, 0)
            add(-(rest + v) / u, 1)
        }
        guard found.count >= 2 else { return nil }
        return (found[0], found[1])
    }
}

/// A neuron whose line can be dragged: its line now, and the places of its numbers in the flat parameters.
struct LinedNeuron {
    let neuron: ViewRequest.Neuron
    let line: NeuronLine
    /// Of the weights, and behind them of the bias.
    let places: [Int]

    /// The layer whose units have lines in the plane; nil: there is none.
    static func layer(_ outline: Outline) -> LayerPath? {
        outline.pathsWithUnits.first { path in
            !path.isInput && outline.source(of: path).isInput && outline.weightMatrix(layer: path) != nil
                && outline.biases(layer: path) != nil
        }
    }

    /// Why no neuron has a line in the plane that can be dragged; nil: some have.
    static func refusal(_ context: PlotContext) -> String? {
        let data = context.snapshot.data
        guard context.columns.count == 2, !data.columns.isEmpty, context.snapshot.network.generated == nil else {
            return "only in the plane of two columns a neuron has a line"
        }
        guard layer(context.snapshot.outline) != nil else {
            return "only neurons that weigh the features have a straight line in the plane; here none does"
        }
        let all = featuresOrNil(context)
        if let bent = all.firstIndex(where: { $0 == nil }) {
            return
                "the feature \(featureName(context, bent)) is not linear in the two columns: the neurons' boundaries are no straight lines"
        }
        let features = all.compactMap(\.self)
        guard features.contains(where: { $0.x != 0 }) || features.contains(where: { $0.y != 0 }) else {
            return "no feature depends on the two columns that are shown"
        }
        return nil
    }

    private static func featureName(_ context: PlotContext, _ index: Int) -> String {
        context.title(of: ViewRequest.Neuron(layer: .input, unit: index))
    }

    /// All features, or nil where one is not linear.
    static func features(_ context: PlotContext) -> [NeuronLine.Feature]? {
        let all = featuresOrNil(context)
        return all.isEmpty || all.contains { $0 == nil } ? nil : all.compactMap(\.self)
    }

    /// The features, found from their values: those of three corners of the plane must give those of all other places; nil: one
    /// is not linear. Empty: there is no plane of two columns.
    private static func featuresOrNil(_ context: PlotContext) -> [NeuronLine.Feature?] {
        let data = context.snapshot.data
        let means = data.columns.map(\.mean)
        // Other data may have been opened with the hand at work.
        guard context.columns.count == 2, context.columns.allSatisfy({ means.indices.contains($0) }) else { return [] }
        let (xs, ys) = (context.xRange, context.yRange)
        let steps: [Double] = [0, 1, 0.5, 0.19, 0.83]
        var rows: [Float] = []
        var places: [(x: Double, y: Double)] = []
        for across in steps {
            for up in steps {
                var row = means
                row[context.columns[0]] = xs.value(at: across)
                row[context.columns[1]] = ys.value(at: up)
                places.append((Double(row[context.columns[0]]), Double(row[context.columns[1]])))
                rows += row
            }
        }
        let all = data.featureValues(of: rows, count: places.count)
        let width = all.count / places.count
        return data.features.indices.map { index in
            feature(places.indices.map { Double(all[$0 * width + index]) }, at: places, steps: steps.count)
        }
    }

    /// A feature with these values; nil: it is not linear.
    private static func feature(
        _ values: [Double], at places: [(x: Double, y: Double)], steps: Int
    ) -> NeuronLine.Feature? {
        guard values.allSatisfy(\.isFinite) else { return nil }
        // The first places are those of x at its least: y at its least and at its most.
        let (origin, right, above) = (0, steps, 1)
        let slopeX = (values[right] - values[origin]) / (places[right].x - places[origin].x)
        let slopeY = (values[above] - values[origin]) / (places[above].y - places[origin].y)
        let constant = values[origin] - slopeX * places[origin].x - slopeY * places[origin].y
        let largest = values.reduce(1e-6) { max($0, abs($1)) }
        let isLinear = places.indices.allSatisfy { place in
            abs(slopeX * places[place].x + slopeY * places[place].y + constant - values[place]) < 1e-4 * largest
        }
        func whole(_ value: Double) -> Double { abs(value) < 1e-7 * largest ? 0 : value }
        return isLinear
            ? NeuronLine.Feature(x: whole(slopeX), y: whole(slopeY), constant: whole(constant)) : nil
    }

    /// - Parameter features: of the plane that is shown.
    /// - Returns: nil: there is no such neuron.
    init?(_ context: PlotContext, _ neuron: ViewRequest.Neuron, _ features: [NeuronLine.Feature]) {
        let (outline, parameters) = (context.snapshot.outline, context.snapshot.parameters)
        guard Self.layer(outline) == neuron.layer, let matrix = outline.weightMatrix(layer: neuron.layer),
            let biases = outline.biases(layer: neuron.layer), neuron.unit < outline.unitCount(layer: neuron.layer),
            matrix.inputs == features.count
        else { return nil }
        places =
            features.indices.map { matrix.place(unit: neuron.unit, input: $0) } + [biases.offset + neuron.unit]
        guard places.allSatisfy(parameters.indices.contains) else { return nil }
        line = NeuronLine(
            features: features, weights: places.dropLast().map { Double(parameters[$0]) },
            bias: Double(parameters[places.last!]))
        self.neuron = neuron
    }
}

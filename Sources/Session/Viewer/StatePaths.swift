import Datasets
import Engine

/// The ways that a layer's values go step by step, one for each sequence: through the plane of two units, or through that of
/// the first two principal components of all of them.
public struct StatePaths: Sendable, Hashable {
    public var target: HiddenTarget
    /// The rows of the shown sequences.
    public var rows: [Int]
    /// For each row a place for each step of its own, normalized to the axes: (0, 0) is the left lower corner.
    public var paths: [[SIMD2<Float>]]
    public var xRange: ClosedRange<Float>
    public var yRange: ClosedRange<Float>
    /// PCA: the shares of the variance along x and y.
    public var explained: [Float]
}

extension Outline {
    /// The values of each step of a layer: of a recurrent one its states, whether it hands all of them on or not; nil: it has
    /// no steps.
    public func stepWidth(layer: LayerPath) -> Int? {
        guard let own = self[layer] else { return nil }
        if let cells = own.cells.last { return cells.units }
        return own.output.axes.count == 2 ? own.output.axes[1] : nil
    }

    /// The hidden layers whose values can be followed step by step.
    public var stepPaths: [LayerPath] { paths.filter { $0 != output && stepWidth(layer: $0) != nil } }
}

extension HiddenTarget {
    /// The view's settings, fitted to a layer with steps; nil: there is none.
    public init?(steps view: ViewSettings, outline: Outline) {
        let all = outline.stepPaths
        let recurrent = all.last { !outline[$0]!.cells.isEmpty }
        guard let layer = view.layer.flatMap({ all.contains($0) ? $0 : nil }) ?? recurrent ?? all.last,
            let width = outline.stepWidth(layer: layer)
        else { return nil }
        let pca = width > 2 && (view.pca ?? view.units.isEmpty)
        self.init(layer: layer, units: pca ? [] : ViewRequest.columns(view.units, of: width), pca: pca)
    }
}

struct StatePathMaker {
    private var subject: (target: HiddenTarget, generation: Int, revision: Int)?
    private var components: PrincipalComponents?
    private var scales: [DampedScale] = []

    static let mostPaths = 40
    private static let mostPlaces = 4000

    private(set) var settled = true

    /// - Parameter pass: with the snapshot's network and parameters.
    mutating func make(
        _ target: HiddenTarget, chosen: Int, _ snapshot: Snapshot, _ pass: ForwardPass
    ) -> StatePaths? {
        let data = snapshot.data
        settled = true
        guard let kind = data.sequence, let width = snapshot.outline.stepWidth(layer: target.layer),
            target.pca ? width > 2 : target.units.allSatisfy({ $0 < width }), let network = pass.network
        else { return nil }
        if subject.map({ $0 != (target, snapshot.generation, snapshot.revision) }) ?? true {
            subject = (target, snapshot.generation, snapshot.revision)
            (components, scales) = (nil, [])
        }
        let shown = data.shownSequences
        let most = min(
            Self.mostPaths, network.capacity, shown.count, max(1, Self.mostPlaces / max(1, kind.steps)),
            max(1, 4_000_000 / max(1, network.multiplications)))
        var rows = Array(0..<most)
        if !rows.contains(chosen), chosen < shown.count { rows[rows.count - 1] = chosen }
        network.forward(rows.flatMap { shown.inputs.values(of: $0) }, count: rows.count)
        let values = rows.indices.map { place -> [Float] in
            let own = Self.values(of: target.layer, width, sample: place, network)
            // Behind the end of a sequence there are no states of its own.
            let count =
                own.count / width == kind.steps
                ? data.stepCount(of: SequenceChoice(row: rows[place])) : own.count / width
            return Array(own.prefix(count * width))
        }
        let places: [[SIMD2<Float>]]
        if target.pca {
            components = PrincipalComponents(
                points: values.flatMap(\.self), dimensions: width, previous: components)
            places = values.map { components!.project($0) }
        } else {
            places = values.map { own in
                (0..<own.count / width).map { step in
                    SIMD2(own[step * width + target.units[0]], own[step * width + target.units[target.units.count - 1]])
                }
            }
        }
        follow([DampedScale.span(places.flatMap { $0.map(\.x) }), DampedScale.span(places.flatMap { $0.map(\.y) })])
        let (x, y) = (scales[0].range, scales[1].range)
        return StatePaths(
            target: target, rows: rows,
            paths: places.map { path in path.map { SIMD2(x.fraction(of: $0.x), y.fraction(of: $0.y)) } },
            xRange: x, yRange: y, explained: target.pca ? components!.explained : [])
    }

    private mutating func follow(_ ranges: [ClosedRange<Float>]) {
        if scales.count == ranges.count {
            for index in ranges.indices { scales[index].move(towards: ranges[index]) }
        } else {
            scales = ranges.map { DampedScale(showing: $0) }
        }
        settled = scales.allSatisfy(\.settled)
    }

    /// [steps, width].
    private static func values(of layer: LayerPath, _ width: Int, sample: Int, _ network: Network) -> [Float] {
        if let cells = network.cells(layer: layer, sample: sample).last(where: { !$0.cells.isReversed }) {
            return cells.states
        }
        return (0..<network.outline[layer]!.output.count).map {
            network.value(layer: layer, stage: .activation, unit: $0, sample: sample)
        }
    }
}

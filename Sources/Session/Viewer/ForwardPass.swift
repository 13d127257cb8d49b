import Datasets
import Engine

/// A forward-only network that is planned once per description, takes any number of samples, and keeps the grids'
/// features, which depend on the data alone.
final class ForwardPass {
    private let samples: Int
    private(set) var network: Network?
    /// The version of the parameters in `network`; nil: none.
    private var loaded: Int?
    private var revision = -1
    private var grids: [GridKey: FixedInputs] = [:]

    private struct GridKey: Hashable {
        var columns: [Int]
        var size: ViewRequest.Size
        var vertices: Bool
    }

    /// The most memory of its values.
    private static let mostBytes = 2 << 20

    init(samples: Int) { self.samples = samples }

    /// Takes a snapshot's network and parameters.
    /// - Returns: false when the network cannot be planned.
    func load(_ snapshot: Snapshot) -> Bool {
        if snapshot.revision != revision {
            revision = snapshot.revision
            grids = [:]
        }
        if network?.description != snapshot.network {
            loaded = nil
            network = try? Network(snapshot.network, capacity: samples, bytes: Self.mostBytes)
        }
        guard let network, network.outline.flatCount == snapshot.parameters.count else { return false }
        if loaded != snapshot.parameterVersion {
            loaded = snapshot.parameterVersion
            network.load(parameters: snapshot.parameters)
        }
        return true
    }

    /// The outputs' values, each `[inputs.count]`.
    func outputs(at inputs: FixedInputs) throws(EngineError) -> [[Float]] { try predictor?.outputs(at: inputs) ?? [] }

    private var predictor: (any Predictor)? { network }

    /// The wanted units' values, each `[inputs.count]`.
    func values(of wanted: [Network.Wanted], at inputs: FixedInputs) throws(EngineError) -> [[Float]] {
        try network?.values(of: wanted, at: inputs) ?? wanted.map { _ in [] }
    }

    /// The wanted units' values, each `[count]`.
    /// - Parameter features: `[count, features]`.
    func values(of wanted: [Network.Wanted], features: [Float]) throws(EngineError) -> [[Float]] {
        guard let network else { return wanted.map { _ in [] } }
        return try values(of: wanted, at: FixedInputs(features, width: network.description.inputWidth))
    }

    /// For each run of units and each row of `inputs` the largest value.
    func largest(
        in runs: [Network.UnitRun], at inputs: FixedInputs, rows: Range<Int>
    ) -> [[Network.Largest]] {
        network?.largest(in: runs, at: inputs, rows: rows) ?? runs.map { _ in [] }
    }

    /// The samples whose forward passes take about so many multiplications, 32 at least.
    func samples(forWork work: Int) -> Int { max(32, work / max(1, network?.multiplications ?? 1)) }

    /// Passes one sample forward.
    /// - Parameter features: `[features]`.
    func forward(_ features: [Float]) { network?.forward(features, count: 1) }

    /// The values of a layer for the sample that passed last.
    func values(layer: LayerPath, stage: Network.Stage = .activation) -> [Float] {
        network?.values(layer: layer, stage: stage) ?? []
    }

    /// The values that a recurrent layer's cells went through for the sample that passed last.
    func cells(layer: LayerPath) -> [CellTrace] { network?.cells(layer: layer) ?? [] }

    /// How much each step took from each for the sample that passed last.
    func attention(layer: LayerPath) -> [Float]? { network?.attention(layer: layer) }

    /// The loss of the sample that passed last.
    func loss(ofLabel label: Float) -> Double? { network?.loss(ofLabel: label) }

    /// The way of a training sample; nil: there is no such row.
    func trace(row: Int, of snapshot: Snapshot) -> TracedSample? {
        let samples = snapshot.data.train
        guard let network, row >= 0, row < samples.count else { return nil }
        network.forward(samples.inputs.values(of: row), count: 1)
        let label = samples.labels[row]
        return TracedSample(
            row: row, parameterVersion: snapshot.parameterVersion,
            trace: network.trace(label: label == Samples.noLabel ? nil : label))
    }

    /// The features of a grid over one or two columns, the others at their means; kept until the data changes.
    /// - Parameters:
    ///   - vertices: the grid's first and last points lie on the ends of the ranges (rows from the smallest y up); else
    ///     they are pixels' middles (rows from the top down).
    func grid(
        _ data: PreparedData, columns: [Int], size: ViewRequest.Size, vertices: Bool
    ) throws(EngineError) -> FixedInputs {
        let key = GridKey(columns: columns, size: size, vertices: vertices)
        if let known = grids[key] { return known }
        // A resize leaves grids behind that nobody asks for again.
        if grids.count > 8 { grids = [:] }
        let rows = Self.gridRows(data, columns: columns, size: size, vertices: vertices)
        let features = try FixedInputs(data.featureValues(of: rows, count: size.count), width: data.features.count)
        grids[key] = features
        return features
    }

    /// The grid's raw rows, `[count, columns]`.
    static func gridRows(
        _ data: PreparedData, columns: [Int], size: ViewRequest.Size, vertices: Bool
    ) -> [Float] {
        let means = data.columns.map(\.mean)
        var rows: [Float] = []
        rows.reserveCapacity(size.count * means.count)
        func place(_ index: Int, of count: Int, in range: ClosedRange<Float>) -> Float {
            let fraction =
                vertices ? (count > 1 ? Float(index) / Float(count - 1) : 0.5) : (Float(index) + 0.5) / Float(count)
            return range.lowerBound + (range.upperBound - range.lowerBound) * fraction
        }
        for y in 0..<size.rows {
            for x in 0..<size.columns {
                var row = means
                row[columns[0]] = place(x, of: size.columns, in: data.columns[columns[0]].range)
                if columns.count > 1 {
                    let fromBelow = vertices ? y : size.rows - 1 - y
                    row[columns[1]] = place(fromBelow, of: size.rows, in: data.columns[columns[1]].range)
                }
                rows += row
            }
        }
        return rows
    }
}

import Datasets
import Engine

/// The size of the loss's derivatives at the states of recurrent layers, against the lag: how many steps before the answer.
public struct LagGradients: Sendable, Hashable {
    public struct Line: Sendable, Hashable {
        public var layer: LayerPath
        /// Among the layers of cells of a recurrent layer, from 0.
        public var number: Int
        /// ‖∂loss/∂h‖ by lag from 0, the mean over the sequences.
        public var norms: [Double]
    }
    /// One for each layer of cells that reads forwards, at most ten.
    public var lines: [Line]
    /// The sequences that were measured.
    public var sequences: Int
}

/// Passes losses back.
struct LagGradientMaker {
    static let mostSequences = 16
    static let mostLines = 10

    /// - Parameter step: where each step has a target, the loss is that of its answer alone, or of the last one before it.
    func measure(at step: Int, in snapshot: Snapshot, _ networks: GradientNetworks) -> LagGradients? {
        let data = snapshot.data
        guard let kind = data.sequence, let network = networks.loaded(snapshot, .ofLoss, capacity: Self.mostSequences)
        else { return nil }
        let layers = network.outline.recurrentPaths
        guard !layers.isEmpty else { return nil }
        let shown = data.shownSequences
        let count = min(Self.mostSequences, shown.count, max(1, 4_000_000 / max(1, network.multiplications)))
        let targets = kind.targetSteps ?? 1
        guard count > 0, shown.labels.count >= count * targets else { return nil }
        var labels = Array(shown.labels[0..<count * targets])
        // The steps of each sequence up to the answer.
        var ends = (0..<count).map { data.stepCount(of: SequenceChoice(row: $0)) }
        if kind.targetSteps != nil {
            for row in 0..<count {
                let own = row * targets..<(row + 1) * targets
                let answered = own.filter { labels[$0] != Samples.noLabel }
                let kept = answered.last { $0 - own.lowerBound <= step } ?? answered.first
                for place in own where place != kept { labels[place] = Samples.noLabel }
                if targets == kind.steps, let kept { ends[row] = kept - own.lowerBound + 1 }
            }
        }
        network.run((0..<count).flatMap { shown.inputs.values(of: $0) }, labels: labels)
        var lines: [LagGradients.Line] = []
        for layer in layers {
            var sums: [[Double]] = []
            var counts: [[Int]] = []
            for row in 0..<count {
                let cells = network.cells(layer: layer, sample: row).filter { !$0.cells.isReversed }
                for (number, own) in cells.enumerated() {
                    if sums.count <= number {
                        sums.append([Double](repeating: 0, count: own.cells.steps))
                        counts.append([Int](repeating: 0, count: own.cells.steps))
                    }
                    // A decoder has steps of its own, up to the answer's.
                    let end =
                        own.cells.steps == kind.steps
                        ? ends[row]
                        : (0..<own.cells.steps).last { own.norm(at: $0) > 0 }.map { $0 + 1 } ?? own.cells.steps
                    for lag in 0..<min(end, own.cells.steps) {
                        sums[number][lag] += own.norm(at: end - 1 - lag)
                        counts[number][lag] += 1
                    }
                }
            }
            for (number, sum) in sums.enumerated() where lines.count < Self.mostLines {
                let known = counts[number].prefix { $0 > 0 }.count
                lines.append(
                    LagGradients.Line(
                        layer: layer, number: number,
                        norms: (0..<known).map { sum[$0] / Double(counts[number][$0]) }))
            }
        }
        return LagGradients(lines: lines, sequences: count)
    }
}

extension Outline {
    /// The recurrent layers, those in blocks too.
    public var recurrentPaths: [LayerPath] {
        func leaves(_ layers: [Layer]) -> [Layer] { layers.flatMap(\.leaves) }
        return leaves(layers).filter { !$0.cells.isEmpty }.compactMap {
            LayerPath(String($0.path.dropFirst("layers.".count)))
        }
    }
}

import Datasets
import Engine

/// A sample that is looked at.
public enum SampleChoice: Sendable, Hashable {
    case image(ImageChoice)
    case sequence(SequenceChoice)
    /// A sample of the training data.
    case row(Int)
}

/// The values of one layer for one sequence, as the forward pass has them.
public struct StepValues: Sendable, Hashable {
    public var layer: LayerPath
    /// `[steps, width]`, or where the layer's values have no steps `[width]`.
    public var values: [Float]
    public var width: Int
    /// Of a recurrent layer.
    public var cells: [CellTrace] = []
    /// The loss's derivatives there; empty: not asked for, or the sequence has no target.
    public var gradients: [CellGradient] = []
    /// Of the output of a classification the class that is answered at each step; −1 where the answer is no number.
    public var answers: [Int] = []
    /// How much each step takes from each, `[steps, steps]`; nil: the steps do not look at each other.
    public var attention: [Float]?

    public init(layer: LayerPath, values: [Float], width: Int) {
        (self.layer, self.values, self.width) = (layer, values, width)
    }

    public var steps: Int { width > 0 ? values.count / width : 0 }

    /// One unit's value at a step; of a layer without steps always the same.
    public func value(_ unit: Int, at step: Int) -> Float { values[min(step, steps - 1) * width + unit] }
}

/// The network's values for one sequence.
public struct SequencePicture: Sendable, Hashable {
    public var choice: SequenceChoice
    /// Of the parameters with which they were made (`Snapshot.parameterVersion`).
    public var parameterVersion: Int
    public var layers: [StepValues]

    public subscript(layer: LayerPath) -> StepValues? { layers.first { $0.layer == layer } }
}

extension Outline {
    /// The shape of a layer's values, or of the input; of one that is planned for each step the values of all steps.
    public func shape(layer: LayerPath) -> Shape {
        guard !layer.isInput, let own = self[layer] else { return input }
        return own.repeats > 1 ? Shape(own.repeats, own.output.count) : own.output
    }

    /// Whether a layer's values are those of steps.
    public func hasSteps(layer: LayerPath) -> Bool { shape(layer: layer).axes.count == 2 }

    /// Whether a layer remembers steps, or lets them look at each other.
    public func hasMemory(layer: LayerPath) -> Bool {
        self[layer].map { !$0.cells.isEmpty || $0.attention != nil } ?? false
    }
}

/// Makes what views of sequences need.
struct SequencePictures {
    /// Leaves the values of the request's sequence in the pass.
    func fill(
        _ picture: inout Picture, _ snapshot: Snapshot, _ request: ViewRequest, _ pass: ForwardPass,
        _ networks: GradientNetworks
    ) throws(EngineError) {
        guard let choice = request.sequence else { return }
        let outline = snapshot.outline
        pass.forward(snapshot.data.inputs(of: choice))
        let wanted = request.stepLayers.filter { $0.isInput || outline[$0] != nil }
        let slopes = request.asksOfLoss ? lossGradient(choice, snapshot, networks) : nil
        let reading = OutputReading(network: snapshot.network, outline: outline, data: snapshot.data)
        func values(_ layer: LayerPath) -> StepValues {
            let shape = outline.shape(layer: layer)
            var own = StepValues(
                layer: layer, values: Array(pass.values(layer: layer).prefix(shape.count)), width: shape.axes.last!)
            guard !layer.isInput else { return own }
            if layer == outline.output, snapshot.network.task.classes != nil {
                own.answers = Self.answers(own, reading)
            }
            own.cells = pass.cells(layer: layer)
            own.gradients = slopes?.cells(layer: layer) ?? []
            own.attention = pass.attention(layer: layer)
            return own
        }
        picture.sequence = SequencePicture(
            choice: choice, parameterVersion: snapshot.parameterVersion, layers: wanted.map(values))
        picture.tiles = request.tiles.compactMap { row in
            guard row.layer.isInput || outline[row.layer] != nil else { return nil }
            return Self.tiles(row, values(row.layer), at: request.timeStep, outline, reading)
        }
        guard let layer = request.walked, outline[layer] != nil else { return }
        let before = outline.source(of: layer)
        let label =
            outline.output == layer && snapshot.data.sequence?.targetSteps == nil
            ? snapshot.data.targets(of: choice).first.flatMap { $0 } : nil
        // Of a layer that is planned for each step those of the one under the time cursor.
        let own = outline[layer]!
        let step = own.repeats > 1 ? min(request.timeStep, own.repeats - 1) : nil
        func part(_ values: [Float], of width: Int) -> [Float] {
            guard let step else { return values }
            let first = step * width
            return Array(values[first..<first + width])
        }
        var walked = LayerValues(
            layer: layer, choice: .sequence(choice), parameterVersion: snapshot.parameterVersion,
            inputs: part(
                Array(pass.values(layer: before).prefix(outline.shape(layer: before).count)), of: own.input.count),
            sums: part(pass.values(layer: layer, stage: .preActivation), of: own.output.count),
            values: part(pass.values(layer: layer), of: own.output.count),
            loss: label.flatMap { pass.loss(ofLabel: $0) }, steps: values(layer), step: step)
        walked.joined = outline.ends(of: layer).map { end in
            let values = Array(pass.values(layer: end).prefix(outline.shape(layer: end).count))
            return part(values, of: values.count / own.repeats)
        }
        picture.walked = walked
    }

    /// The network after it has passed a sequence's loss back; nil: nothing is to be answered.
    private func lossGradient(
        _ choice: SequenceChoice, _ snapshot: Snapshot, _ networks: GradientNetworks
    ) -> NetworkGradient? {
        let targets = snapshot.data.targets(of: choice)
        guard targets.contains(where: { $0 != nil }), let network = networks.loaded(snapshot, .ofLoss, capacity: 1)
        else { return nil }
        network.run(snapshot.data.inputs(of: choice), labels: targets.map { $0 ?? Samples.noLabel })
        return network
    }

    private static func answers(_ values: StepValues, _ reading: OutputReading) -> [Int] {
        (0..<values.steps).map { step in
            reading.answeredClass((0..<values.width).map { values.value($0, at: step) })
        }
    }

    /// Values at one step. A recurrent layer shows its state there, whether it hands it on or not.
    private static func tiles(
        _ row: ViewRequest.TileRow, _ values: StepValues, at step: Int, _ outline: Outline, _ reading: OutputReading
    ) -> Picture.TileRow? {
        var values = values
        if let last = values.cells.last, values.steps == 1, last.cells.steps > 1 {
            let ends = values.cells.filter { $0.cells.layer == last.cells.layer }
            values.values = (0..<last.cells.steps).flatMap { step in
                ends.flatMap { cells in (0..<cells.cells.units).map { cells.state($0, at: step) } }
            }
        }
        let units = row.units.clamped(to: 0..<values.width)
        guard !units.isEmpty, values.steps > 0 else { return nil }
        let largest = values.values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let size = ViewRequest.Size(columns: 1, rows: 1)
        return Picture.TileRow(
            layer: row.layer, units: units, size: size,
            values: units.map { unit in
                let value = values.value(unit, at: step)
                if row.layer == outline.output { return [reading.mapped(value)] }
                return [largest > 0 ? value / max(1, largest) : 0]
            })
    }
}

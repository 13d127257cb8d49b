import CKernels

/// A forward-only network with memory of its own: makes grids, tiles and projections from a copy of the parameters.
public final class Network {
    public enum Stage: Sendable, Hashable { case preActivation, activation }

    public let description: NetworkDescription
    public let outline: Outline
    /// The largest number of samples in one pass.
    public let capacity: Int
    /// Of a single output for two classes: above it, it says the second.
    public let boundary: Float
    private let head: OutputHead
    private let parameters: Block
    /// One for each thread; the first is `forward`'s.
    private let passes: [CPUPass]
    private let team: ThreadTeam
    private var filled = 0

    private var pass: CPUPass { passes[0] }

    /// Samples of one pass over fixed inputs: large enough to hide the calls, small enough for the nearest cache.
    private static let chunk = 512

    /// Samples of one vector, which take no more memory than one sample.
    public static let leastCapacity = Int(LC_LANES)

    /// Plans the network and reserves its memory; all parameters are 0 until `load`.
    /// - Parameters:
    ///   - capacity: the largest number of samples in one `forward`.
    ///   - bytes: where that many samples would take more, the capacity is smaller, but no less than `leastCapacity`.
    ///   - threads: those that share the samples of `values(of:at:)`.
    public init(
        _ description: NetworkDescription, capacity: Int, bytes: Int = .max, threads: Int = 1
    ) throws(EngineError) {
        precondition(capacity >= 1, "a pass has at least one sample")
        let plan = try Plan(description)
        let fitting = bytes / (4 * plan.passRows(.evaluation)) / Self.leastCapacity * Self.leastCapacity
        let capacity = min(capacity, max(Self.leastCapacity, fitting))
        self.description = description
        self.capacity = capacity
        outline = plan.outline
        head = plan.head
        boundary = head.targets.boundary
        parameters = try Block(count: plan.outline.flatCount)
        team = ThreadTeam(threads: threads)
        var passes: [CPUPass] = []
        for part in 0..<team.size {
            passes.append(
                try CPUPass(
                    plan.program, part: .evaluation, capacity: part == 0 ? capacity : min(capacity, Self.chunk),
                    parameters: parameters))
        }
        self.passes = passes
    }

    /// Copies the flat parameters (of `outline.flatCount` floats) in.
    public func load(parameters: [Float]) {
        precondition(
            parameters.count == outline.flatCount,
            "expected \(plural(outline.flatCount, "parameter")), found \(parameters.count)")
        self.parameters.write(parameters)
    }

    /// Forward pass with dropout off.
    /// - Parameters:
    ///   - inputs: row-major `[count, inputWidth]`, count ≤ capacity.
    ///   - continues: whether each sample goes on where that of the last pass ended; else states that are carried begin at 0.
    public func forward(_ inputs: [Float], count: Int, continues: Bool = false) {
        pass.write(inputs, to: pass.program.input, count: count)
        if count > 0 { pass.run(count: count, continues: continues) }
        filled = count
    }

    /// A unit whose values are asked for.
    public struct Wanted: Sendable, Hashable {
        public var layer: LayerPath
        public var stage: Stage
        public var unit: Int
        public init(layer: LayerPath, stage: Stage, unit: Int) {
            self.layer = layer
            self.stage = stage
            self.unit = unit
        }
    }

    /// Forward pass over fixed inputs with dropout off, shared by the threads. Which thread takes which samples does not
    /// change a bit of the result.
    /// - Returns: for each wanted unit its values, `[inputs.count]`.
    /// - Throws: that there is no memory for them.
    public func values(of wanted: [Wanted], at inputs: FixedInputs) throws(EngineError) -> [[Float]] {
        // No samples have no width.
        guard inputs.count > 0 else { return wanted.map { _ in [] } }
        precondition(inputs.width == description.inputWidth, "samples of another width")
        let chunk = min(capacity, Self.chunk)
        let chunks = (inputs.count + chunk - 1) / chunk
        let results = try Block(count: wanted.count * inputs.count)
        team.run(parts: chunks) { part, thread in
            let pass = passes[thread]
            let first = part * chunk
            let count = min(chunk, inputs.count - first)
            pass.gather(pass.program.input, from: inputs.rows, order: nil, first: first, count: count)
            pass.run(count: count)
            for (place, want) in wanted.enumerated() {
                let rows = want.layer.isInput ? pass.program.input : slice(want.layer, want.stage)
                (results.base + place * inputs.count + first).update(
                    from: pass.rows(rows) + want.unit * pass.stride, count: count)
            }
        }
        return wanted.indices.map { place in
            Array(results.values[place * inputs.count..<(place + 1) * inputs.count])
        }
    }

    /// Units of a layer one after the other: a map, or a single unit.
    public struct UnitRun: Sendable, Hashable {
        public var layer: LayerPath
        public var units: Range<Int>
        public init(layer: LayerPath, units: Range<Int>) { (self.layer, self.units) = (layer, units) }
    }

    /// A sample's largest value in a run of units.
    public struct Largest: Sendable, Hashable {
        public var value: Float
        /// Its unit, from the run's first one.
        public var place: Int
        public init(value: Float, place: Int) { (self.value, self.place) = (value, place) }
    }

    /// Multiplications of weights and values that a sample's forward pass takes.
    public var multiplications: Int {
        pass.program.evaluationForward.reduce(0) { $0 + $1.multiplications }
    }

    /// Forward pass over some of fixed inputs.
    /// - Parameter rows: of `inputs`.
    /// - Returns: for each run and each row the largest of its values; values that are no numbers do not count, and −∞
    ///   stands where there is no other.
    public func largest(in runs: [UnitRun], at inputs: FixedInputs, rows: Range<Int>) -> [[Largest]] {
        precondition(inputs.width == description.input.count, "samples of another width")
        precondition(rows.lowerBound >= 0 && rows.upperBound <= inputs.count, "rows that are not there")
        var results = runs.map { _ in [Largest]() }
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: capacity) {
            let count = min(capacity, rows.upperBound - first)
            pass.gather(pass.program.input, from: inputs.rows, order: nil, first: first, count: count)
            pass.run(count: count)
            filled = count
            for (index, run) in runs.enumerated() {
                let base = pass.rows(run.layer.isInput ? pass.program.input : slice(run.layer, .activation))
                for sample in 0..<count {
                    var largest = Largest(value: -.infinity, place: 0)
                    for unit in run.units where base[unit * pass.stride + sample] > largest.value {
                        largest = Largest(value: base[unit * pass.stride + sample], place: unit - run.units.lowerBound)
                    }
                    results[index].append(largest)
                }
            }
        }
        return results
    }

    /// Appends one unit's values for the samples of the last pass to `out`: `count` floats.
    /// - Parameter unit: 0 ..< output.count.
    public func appendValues(layer: LayerPath, stage: Stage, unit: Int, to out: inout [Float]) {
        pass.append(slice(layer, stage), unit: unit, count: filled, to: &out)
    }

    /// One unit's value for one sample of the last pass.
    public func value(layer: LayerPath, stage: Stage, unit: Int, sample: Int) -> Float {
        precondition(sample < filled, "sample \(sample) of a pass of \(filled)")
        return pass.value(slice(layer, stage), unit: unit, sample: sample)
    }

    /// A layer's values for the first sample of the last pass, one step after the other where it is planned for each; of the input
    /// the sample itself.
    public func values(layer: LayerPath, stage: Stage = .activation) -> [Float] {
        precondition(filled > 0, "nothing has passed")
        let all =
            layer.isInput
            ? [pass.program.input] : pass.program.bySteps[layer]?.map { $0[stage] } ?? [slice(layer, stage)]
        return all.flatMap { rows in (0..<rows.count).map { pass.value(rows, unit: $0, sample: 0) } }
    }

    /// The values that a recurrent layer's cells went through for a sample of the last pass.
    public func cells(layer: LayerPath, sample: Int = 0) -> [CellTrace] {
        precondition(sample < filled, "sample \(sample) of a pass of \(filled)")
        return (pass.program.cells[layer] ?? []).map { pass.trace($0, sample: sample) }
    }

    /// How much each step took from each, `[steps, steps]`, for a sample of the last pass; nil: the layer's steps do not
    /// look at each other.
    public func attention(layer: LayerPath, sample: Int = 0) -> [Float]? {
        precondition(sample < filled, "sample \(sample) of a pass of \(filled)")
        return pass.program.attention[layer].map { pass.weights($0, sample: sample) }
    }

    /// The loss of the first sample of the last pass.
    /// - Parameter label: its class or its value; of no account to a reconstruction.
    public func loss(ofLabel label: Float) -> Double {
        precondition(filled > 0, "nothing has passed")
        if head.reconstructed != nil {
            pass.copyInputToTargets()
        } else {
            pass.write(targets(ofLabel: label), to: pass.program.target, count: 1)
        }
        let stage: Stage = head.lossStage == .activation ? .activation : .preActivation
        return pass.sum(of: CPULoss(head), at: slice(outline.output, stage), count: 1)
    }

    /// The targets of the output units for the first sample of the last pass.
    func targets(ofLabel label: Float) -> [Float] {
        if head.reconstructed != nil { return values(layer: .input) }
        return (0..<head.units).map {
            ResidentSamples.target(label, unit: $0, of: head.units, task: description.task, as: head.targets)
        }
    }

    private func slice(_ layer: LayerPath, _ stage: Stage) -> Slice {
        pass.program[layer][stage]
    }
}

extension Network {
    /// The way of the first sample of the last pass.
    /// - Parameter label: its class or its value; nil: not known. Of no account to a reconstruction.
    public func trace(label: Float?) -> SampleTrace {
        var trace = SampleTrace(inputs: values(layer: .input), layers: [:], targets: [], loss: nil)
        for path in outline.paths + pass.program.inside.keys {
            trace.layers[path] = LayerTrace(
                sums: values(layer: path, stage: .preActivation), values: values(layer: path))
        }
        if let label {
            trace.targets = targets(ofLabel: label)
            trace.loss = loss(ofLabel: label)
        }
        return trace
    }
}

extension Program.LayerValues {
    fileprivate subscript(stage: Network.Stage) -> Slice { stage == .activation ? activation : preActivation }
}

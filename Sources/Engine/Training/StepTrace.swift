/// The numbers of one layer for one sample.
public struct LayerTrace: Sendable, Hashable {
    /// Before the activation, and after it.
    public var sums: [Float]
    public var values: [Float]
    /// ∂loss/∂sum, the δ of each unit, and ∂loss/∂value; nil: training asks for none there.
    public var sumGradients: [Float]?
    public var valueGradients: [Float]?
    /// The activation's slope at each sum; nil: it has none of its own, or the loss is derived together with it.
    public var slopes: [Float]?
    /// Of a recurrent layer, and the loss's derivatives there; empty: it is none, or training asks for none.
    public var cells: [CellTrace] = []
    public var cellGradients: [CellGradient] = []
    /// nil: its steps do not look at each other.
    public var attention: AttentionTrace?
    /// nil: it brings no values to the mean and the deviation of a batch.
    public var batch: BatchStatistics?

    public init(
        sums: [Float], values: [Float], sumGradients: [Float]? = nil, valueGradients: [Float]? = nil,
        slopes: [Float]? = nil
    ) {
        (self.sums, self.values, self.slopes) = (sums, values, slopes)
        (self.sumGradients, self.valueGradients) = (sumGradients, valueGradients)
    }
}

/// The numbers of a whole batch that enter each of its values, one for each unit; of images for each channel.
public struct BatchStatistics: Sendable, Hashable {
    /// μ, and √(σ² + ε).
    public var means: [Float]
    public var deviations: [Float]
    /// Over the batch the means of g = ∂loss/∂n and of g·n, with n = (x − μ) / √(σ² + ε); nil: training asks for none.
    public var gradientMeans: [Float]?
    public var gradientSlopes: [Float]?
}

/// The way of one sample through a network: every number as the engine's pass has it.
public struct SampleTrace: Sendable, Hashable {
    /// As the network takes them in, changed at random where training does so.
    public var inputs: [Float]
    public var layers: [LayerPath: LayerTrace]
    /// Of the layers that are planned for each step of a sequence those of every step; `layers` has the last one's.
    public var bySteps: [LayerPath: [LayerTrace]] = [:]
    /// Of each output unit; empty: the sample has none.
    public var targets: [Float]
    /// nil: the sample has no target.
    public var loss: Double?
    /// Where each step has a target: its share in the sample's loss, 0 where it has none, and its own loss; empty: the sample
    /// has one target.
    public var shares: [Float] = []
    public var stepLosses: [Double] = []
    /// The factor of the sample's loss.
    public var weight: Double = 1
    /// The formula of a loss that the procedure has for this kind of sample; nil: it is the network's.
    public var lossFormula: String?
    /// The loss that another network has of the sample; nil: there is none.
    public var opposed: OpposedLoss?

    /// The values that a layer hands on; of the input the sample's.
    public func values(_ layer: LayerPath) -> [Float] { layer.isInput ? inputs : layers[layer]?.values ?? [] }

    /// The same with the numbers of one step in all layers that are planned for each.
    public func at(step: Int) -> SampleTrace {
        guard !bySteps.isEmpty else { return self }
        var trace = self
        for (path, steps) in bySteps { trace.layers[path] = steps[min(max(0, step), steps.count - 1)] }
        return trace
    }
}

/// One update of gradient descent with all its numbers: those of the batch, of one of its samples, and of every weight.
public struct StepTrace: Sendable {
    public var sample: SampleTrace
    /// The sample's place in the batch.
    public var place: Int
    /// The batch's samples by their rows in the training set; empty: they are none of its rows.
    public var rows: [Int]
    /// The samples of the batch.
    public var sampleCount: Int
    /// The place of this update among those of its round (`Catalogue.turns`).
    public var turn = 0
    /// The largest size that a weight may have; nil: none.
    public var limit: Float?
    /// Samples of the batch before whose gradients waited for this update.
    public var carriedCount: Int
    /// Updates done before this one, and the epochs.
    public var step: Int
    public var epoch: Int
    /// The factor that makes of the sums of gradients what the optimizer is given.
    public var scale: Float
    /// Sums over the batch, the parameters, and the optimizer's slots, laid out as the outline's tensors.
    public var gradients: [Float]
    public var parameters: [Float]
    public var newParameters: [Float]
    public var slots: [[Float]]
    public var newSlots: [[Float]]
    /// The length of the gradient that the optimizer is given, of each layer that learns, by the layers' paths ("layers.0").
    public var norms: [String: Double]
    /// η by the schedule, and t.
    public var rate: Double
    public var number: Int
    /// Of the parameters' version: those with which it was made (`Snapshot.parameterVersion`).
    public var parameterVersion: Int = 0
    let settings: Settings
    let decay: @Sendable (Int, Float) -> Float

    /// More parameters than these are not kept several times over.
    public static let mostParameters = 4_000_000

    /// The row of the sample in the training set; nil: it is none of its rows.
    public var row: Int? { rows.isEmpty ? nil : rows[place] }

    /// That of the update.
    public var optimizer: Entry { settings.entry }

    /// The mean gradient of a parameter.
    public func gradient(_ index: Int) -> Float { scale * gradients[index] }

    /// The update of one parameter, a place in the flat parameters.
    public func update(_ index: Int) -> WeightUpdate {
        WeightUpdate(
            weight: parameters[index], gradient: gradient(index), slots: slots.map { $0[index] },
            newSlots: newSlots.map { $0[index] }, newWeight: newParameters[index], scheduledRate: rate, number: number,
            decay: decay(index, parameters[index]), limit: limit, settings: settings)
    }
}

extension GradientDescent {
    /// Does the next update on the processor, and tells all of it. The place in the epoch stays where it was: this is for a copy
    /// that does nothing else.
    /// - Returns: nil: training has diverged.
    func traceStep(sample: Int) throws(EngineError) -> StepTrace? {
        synchronize()
        guard divergence == nil else { return nil }
        let count = feed.begin()
        let (carriedCount, rate, updater) = (feed.carriedCount, scheduledRate, model.updater)
        let rows = feed.numbers(count: count).map { Int($0) }
        // The forward pass changes running statistics.
        let parameters = model.parameterBlock.array
        accumulate(count: count, adding: carriedCount > 0)
        let place = min(max(0, sample), count - 1)
        let trace = try SampleTrace(model, feed, lane: place, count: count)
        let gradients = model.gradientBlock.array
        let (slots, outline) = (updater.slots.map(\.array), model.outline)
        _ = updater.update(
            count: feed.weight(from: feed.position, count: count) + feed.carriedWeight, rate: rate, l1: learning.l1,
            l2: learning.l2, clipNorm: learning.clipNorm)
        let (l1, l2, decaying) = (Float(learning.l1), Float(learning.l2), model.plan.decayingCount)
        return StepTrace(
            sample: trace, place: place, rows: rows, sampleCount: count, carriedCount: carriedCount, step: step,
            epoch: epoch,
            scale: updater.scale, gradients: gradients, parameters: parameters,
            newParameters: model.parameterBlock.array, slots: slots, newSlots: updater.slots.map(\.array),
            norms: Self.norms(of: gradients, scale: Double(updater.scale), outline), rate: rate,
            number: updater.steps, settings: updater.settings
        ) { index, weight in
            guard index < decaying else { return 0 }
            return Float(rate) * (l2 * weight + l1 * (weight > 0 ? 1 : weight < 0 ? -1 : 0))
        }
    }
}

extension GradientDescent {
    /// Of each layer that learns the length of its gradient.
    /// - Parameter learning: places in `outline.layers`; nil: all.
    static func norms(
        of gradients: [Float], scale: Double, _ outline: Outline, learning: Range<Int>? = nil
    ) -> [String: Double] {
        var norms: [String: Double] = [:]
        let learning = learning ?? outline.layers.indices
        for layer in outline.layers[learning].flatMap(\.leaves) {
            let tensors = layer.tensors.map { outline.tensors[$0] }.filter { $0.isTrained && !$0.isFrozen }
            guard !tensors.isEmpty else { continue }
            let squares = tensors.reduce(0.0) { sum, tensor in
                gradients[tensor.offset..<tensor.offset + tensor.count].reduce(sum) { $0 + Double($1) * Double($1) }
            }
            norms[layer.path] = scale * squares.squareRoot()
        }
        return norms
    }
}

extension SampleTrace {
    /// - Parameters:
    ///   - lane: the sample in the model's last training pass.
    ///   - count: samples of that pass.
    fileprivate init(_ model: Model, _ feed: BatchFeed, lane: Int, count: Int) throws(EngineError) {
        let (program, head) = (model.plan.program, model.plan.head)
        let one = try SampleRows(model.pass, lane: lane, parameters: model.parameterBlock)
        self.init(one, model.pass, model.outline, lane: lane, count: count)
        if !feed.samples.hasOneTarget {
            one.pass.gather(
                program.target, from: feed.samples.shownTargets, order: feed.order, first: feed.position + lane,
                count: 1)
        }
        targets = (0..<head.units * (head.steps ?? 1)).map { one.pass.value(program.target, unit: $0, sample: 0) }
        let compared = program.layers[program.layers.count - 1]
        let answers = head.lossStage == .activation ? compared.activation : compared.preActivation
        loss = one.pass.sum(of: CPULoss(head), at: answers, steps: head.steps, count: 1)
        guard let steps = head.steps else { return }
        shares = (0..<steps).map { one.pass.value(program.target, unit: steps * head.units + $0, sample: 0) }
        stepLosses = (0..<steps).map { one.pass.sum(of: CPULoss(head), at: answers, steps: steps, only: $0) }
    }

    /// The values and gradients of a sample in the last training pass, without a target and a loss.
    /// - Parameter count: samples of that pass.
    init(_ pass: CPUPass, _ outline: Outline, lane: Int, count: Int, parameters: Block) throws(EngineError) {
        self.init(try SampleRows(pass, lane: lane, parameters: parameters), pass, outline, lane: lane, count: count)
    }

    private init(_ one: SampleRows, _ pass: CPUPass, _ outline: Outline, lane: Int, count: Int) {
        let program = pass.program
        func read(_ rows: Slice) -> [Float] { (0..<rows.count).map { pass.value(rows, unit: $0, sample: lane) } }
        inputs = read(program.input)
        (layers, targets) = ([:], [])
        let paths = outline.paths + program.inside.keys
        let values = paths.map { one.read(program[$0].activation) }
        let stepValues = program.bySteps.mapValues { $0.map { one.read($0.activation) } }
        let slopes = one.slopes()
        func trace(_ rows: Program.LayerValues, _ values: [Float]) -> LayerTrace {
            var layer = LayerTrace(sums: read(rows.preActivation), values: values)
            layer.sumGradients = program.gradients[rows.preActivation].map(read)
            layer.valueGradients = program.gradients[rows.activation].map(read)
            layer.slopes = slopes[rows.activation]
            return layer
        }
        for (path, values) in zip(paths, values) {
            var layer = trace(program[path], values)
            let cells = program.cells[path] ?? []
            layer.cells = cells.map { pass.trace($0, sample: lane) }
            layer.cellGradients = cells.compactMap { pass.gradient($0, sample: lane) }
            layer.attention = program.attention[path].flatMap { one.attention(weights: $0, read: read) }
            layer.batch = program.normalized[path].flatMap { pass.batchStatistics(normalized: $0[0], count: count) }
            layers[path] = layer
        }
        for (path, steps) in program.bySteps {
            bySteps[path] = zip(steps, stepValues[path]!).enumerated().map { step, numbers in
                var layer = trace(numbers.0, numbers.1)
                layer.batch = program.normalized[path].flatMap {
                    $0.indices.contains(step) ? pass.batchStatistics(normalized: $0[step], count: count) : nil
                }
                return layer
            }
        }
    }
}

extension CPUPass {
    /// The means and deviations by which a layer normalized the batch of the last training pass.
    /// - Parameters:
    ///   - normalized: the rows with its results.
    ///   - count: samples of that pass.
    fileprivate func batchStatistics(normalized: Slice, count: Int) -> BatchStatistics? {
        func operation(_ role: Primitive.Role, _ operations: [Operation]) -> Operation? {
            operations.first { $0.primitive.role == role && $0["output"] == normalized }
        }
        guard let forward = operation(.batchNormalization, program.trainingForward) else { return nil }
        let (units, rows) = (forward.m, forward.rowsPerUnit)
        var statistics = BatchStatistics(
            means: unitMeans(of: forward["input"], units: units, rows: rows, count: count),
            deviations: (0..<units).map { 1 / value(forward["inverse"], unit: $0, sample: 0) })
        if let back = operation(.batchNormalizationGradient, program.backward) {
            statistics.gradientMeans = unitMeans(of: back["gradient"], units: units, rows: rows, count: count)
            statistics.gradientSlopes = unitMeans(
                of: back["gradient"], times: normalized, units: units, rows: rows, count: count)
        }
        return statistics
    }

    /// Each unit's mean over the samples and its rows, added up in the order of the kernels (`sampleSum`): sixteen partial sums,
    /// which a tree brings together.
    private func unitMeans(
        of slice: Slice, times other: Slice? = nil, units: Int, rows count: Int, count samples: Int
    ) -> [Float] {
        let (values, others) = (rows(slice), other.map { rows($0) })
        return (0..<units).map { unit in
            var partial = [Float](repeating: 0, count: 16)
            for row in unit * count..<(unit + 1) * count {
                for sample in 0..<samples {
                    let place = row * stride + sample
                    partial[sample % 16] += values[place] * (others?[place] ?? 1)
                }
            }
            for width in [8, 4, 2, 1] {
                for place in 0..<width { partial[place] += partial[place + width] }
            }
            return partial[0] / Float(samples * count)
        }
    }
}

/// The rows of one sample of a training pass, in memory of their own: what that pass leaves out is made of them.
private struct SampleRows {
    let pass: CPUPass
    /// Operations of the forward pass that training needs none of, as an output's activation.
    private let left: Int
    private let slopeOperations: [Operation]
    private let gradientsOfAttention: [Operation]

    init(_ trained: CPUPass, lane: Int, parameters: Block) throws(EngineError) {
        let program = trained.program
        let kept = Set(program.trainingForward)
        let last = program.layers[program.layers.count - 1].activation
        // On the way back the derivatives at the scores have come in place of attention's shares: these are made again.
        let forward =
            program.evaluationForward.filter { operation in
                !kept.contains(operation) && operation.slices(.writes).contains { last.contains($0) }
            } + program.trainingForward.filter { $0.primitive.role == .attention }
        slopeOperations = program.backward.filter { $0.primitive.role == .activationGradient }
        gradientsOfAttention = program.backward.filter { $0.primitive.role == .attentionGradient }
        left = forward.count
        var own = program
        own.trainingForward = forward
        own.backward = slopeOperations.map { operation in
            var operation = operation
            operation.drop("learnedGradient")
            return operation
        }
        pass = try CPUPass(own, part: .training, capacity: 1, parameters: parameters)
        for (block, rows) in [(Slice.Block.values, program.valueRows), (.training, program.trainingRows)] where rows > 0
        {
            let all = Slice(block: block, offset: 0, count: rows)
            let (from, to) = (trained.rows(all), pass.rows(all))
            for row in 0..<rows { to[row * pass.stride] = from[row * trained.stride + lane] }
        }
        if left > 0 { pass.run(0..<left, count: 1, seed: 0, counter: 0) }
    }

    func read(_ rows: Slice) -> [Float] { (0..<rows.count).map { pass.value(rows, unit: $0, sample: 0) } }

    /// The numbers of a layer whose steps look at each other.
    /// - Parameters:
    ///   - weights: its rows with the shares.
    ///   - read: the sample's values in the training pass, whose way back has left there the derivatives at the scores.
    func attention(weights: Slice, read trained: (Slice) -> [Float]) -> AttentionTrace? {
        guard
            let forward = pass.program.trainingForward.first(where: {
                $0.primitive.role == .attention && $0["weights"] == weights
            })
        else { return nil }
        var trace = AttentionTrace(
            projected: trained(forward["input"]), weights: read(weights), mixture: trained(forward["output"]))
        let back = gradientsOfAttention.first { $0["weights"] == weights }
        trace.gradients = back.map { back in
            AttentionTrace.Gradients(
                mixture: trained(back["gradient"]), scores: trained(weights), projected: trained(back["inputGradient"]))
        }
        return trace
    }

    /// The slopes of activations at their sums, by the rows of their values: the gradients before them where those behind are 1.
    func slopes() -> [Slice: [Float]] {
        var slopes: [Slice: [Float]] = [:]
        for (index, operation) in slopeOperations.enumerated() {
            let arriving = operation["gradient"]
            let rows = pass.rows(arriving)
            for unit in 0..<arriving.count { rows[unit * pass.stride] = 1 }
            pass.run(left + index..<left + index + 1, count: 1, seed: 0, counter: 0)
            slopes[operation["output"]] = read(operation["inputGradient"])
        }
        return slopes
    }
}

import CKernels

/// Computes losses and what accuracies and R² are made of, in chunks, with the model's parameters.
final class Evaluator {
    /// The memory of a pass from which on fewer samples go through a network at once.
    private static let mostBytes = 4 << 20
    /// The memory from which on it goes through the rows of the training's pass.
    private static let mostOwnBytes = 1 << 20
    private static let mostSamples = 256

    /// Samples in one pass: large enough to hide the calls, small enough for the cache.
    static func chunk(_ plan: Plan, largestSet: Int) -> Int {
        let fitting = mostBytes / (4 * plan.passRows(.evaluation)) / 32 * 32
        return max(1, min(mostSamples, max(32, fitting), largestSet))
    }

    /// The pass whose rows it shares: a large one of at least half as many samples, nothing of which is kept from step to step.
    private static func lender(_ training: CPUPass?, _ plan: Plan, chunk: Int) -> CPUPass? {
        guard let training, !plan.program.carriesState, training.stride <= mostSamples,
            2 * training.stride >= chunk,
            4 * plan.passRows(.evaluation) * Plan.wholeVectors(chunk) > mostOwnBytes
        else { return nil }
        return training
    }

    struct Result {
        /// The mean loss.
        var loss: Double
        /// Counts by true and predicted class, row after row; empty for regression.
        var confusion: [Int]
        /// The mean of (y − t)²; nil for classes. Over all values of a reconstruction.
        var squaredDistance: Double?
        /// Sequences of which every step has the right class; nil for others than classes at each step.
        var exactSequences: Int? = nil
        /// Sequences at whose every step all classes that may stand there are above all others; nil: they are not known.
        var legalSequences: Int? = nil
        /// The mean of what layers add to the loss; nil: none does.
        var penalty: Double?
        /// Of each task the answers, and those that are right; empty where there is one task.
        var tasks: [(right: Int, all: Int)] = []
    }

    let classes: Int
    /// Whether there is a class to tell at each step.
    let hasClassesByStep: Bool
    /// Whether the loss is −ln p of the right class.
    let isInNats: Bool
    /// Whether a state is carried from batch to batch.
    private let isInStreams: Bool
    /// Whether it goes through the rows of the training's pass.
    let sharesRows: Bool
    private let pass: CPUPass
    private let head: OutputHead
    private let loss: CPULoss
    private let lossValues: Slice
    private let output: Slice
    /// The parts of R², for regression with another loss.
    private let halfSquare: CPULoss?

    /// - Parameter training: the pass of the model, which may lend its rows: its values are lost with an evaluation.
    init(
        _ plan: Plan, task: Task, parameters: Block, largestSet: Int, training: CPUPass? = nil
    ) throws(EngineError) {
        head = plan.head
        let chunk = Self.chunk(plan, largestSet: largestSet)
        let lender = Self.lender(training, plan, chunk: chunk)
        pass = try CPUPass(
            plan.program, part: .evaluation, capacity: lender?.stride ?? chunk, parameters: parameters,
            inRowsOf: lender)
        sharesRows = lender != nil
        isInStreams = plan.program.carriesState
        loss = CPULoss(head)
        (hasClassesByStep, isInNats) = (head.steps != nil && task != .regression, head.isInNats(task))
        let last = plan.program.layers[plan.program.layers.count - 1]
        lossValues = head.lossStage == .activation ? last.activation : last.preActivation
        output = last.activation
        classes = task.classes ?? 0
        halfSquare = classes == 0 && !head.loss.isHalfSquare ? .halfSquare : nil
    }

    /// - Returns: nil for an empty set.
    func evaluate(_ samples: ResidentSamples) -> Result? {
        guard samples.count > 0 else { return nil }
        var sum = 0.0
        var squares = 0.0
        var penalty = 0.0
        let penalties = pass.program.penalties
        var confusion = [Int](repeating: 0, count: classes * classes)
        let (hasSteps, legal) = (hasClassesByStep, head.units > 1 ? samples.legal : nil)
        var (exact, legalCount) = (0, 0)
        var tasks = [(right: Int, all: Int)](repeating: (0, 0), count: samples.tasks?.count ?? 0)
        var first = 0
        let streams = isInStreams ? Streams.evaluated(samples: samples.count) : nil
        let order = streams.map { _ in RowOrder(count: samples.count) }
        if let streams { order?.write(streams.order) }
        var batch = 0
        while first < samples.count {
            let count = streams?.counts[batch] ?? min(pass.capacity, samples.count - first)
            pass.gather(pass.program.input, from: samples.inputs, order: order, first: first, count: count)
            pass.gather(pass.program.target, from: samples.shownTargets, order: order, first: first, count: count)
            pass.run(count: count, continues: batch > 0)
            batch += 1
            if head.limitsAnswers { limitAnswers(count: count) }
            sum += pass.sum(of: loss, at: lossValues, steps: head.steps, count: count)
            if classes > 0 { tally(samples.labels, order, first: first, count: count, into: &confusion) }
            if let marks = samples.tasks {
                tally(samples.labels, marks, order, first: first, count: count, into: &tasks)
            }
            if hasSteps {
                for sample in 0..<count {
                    let row = order.map { Int($0.base[first + sample]) } ?? first + sample
                    exact += isExact(samples.labels, row, at: sample) ? 1 : 0
                    if let legal { legalCount += isLegal(legal, row, at: sample) ? 1 : 0 }
                }
            }
            if let halfSquare { squares += pass.sum(of: halfSquare, at: output, steps: head.steps, count: count) }
            for rows in penalties { penalty += pass.sum(of: rows, count: count) }
            first += count
        }
        let weight = samples.weight(order: nil, first: 0, count: samples.count)
        let (loss, halfSquares) = (sum / weight, squares / weight)
        return Result(
            loss: loss, confusion: confusion,
            squaredDistance: classes > 0 ? nil : 2 * (halfSquare == nil ? loss : halfSquares),
            exactSequences: hasSteps ? exact : nil,
            legalSequences: hasSteps && legal != nil ? legalCount : nil,
            penalty: penalties.isEmpty ? nil : penalty / Double(samples.count), tasks: tasks)
    }

    /// Takes the classes that a sample does not allow out of its answer.
    private func limitAnswers(count: Int) {
        let (values, limits) = (pass.rows(lossValues), pass.rows(pass.program.target) + head.units * pass.stride)
        for unit in 0..<head.units {
            for sample in unit * pass.stride..<unit * pass.stride + count { values[sample] += limits[sample] }
        }
    }

    /// Whether the answer at every step of a sample with a target is right.
    private func isExact(_ truth: [Float], _ sample: Int, at place: Int) -> Bool {
        (0..<(head.steps ?? 1)).allSatisfy { step in
            let label = truth[sample * (head.steps ?? 1) + step]
            return label == Samples.noLabel || answers(at: step).predicted(place) == Int(label)
        }
    }

    /// Whether at every step of a sample the answers of all classes that may stand there are above those of all others.
    private func isLegal(_ legal: [UInt32], _ sample: Int, at place: Int) -> Bool {
        let rows = pass.rows(output)
        return (0..<(head.steps ?? 1)).allSatisfy { step in
            let classes = legal[sample * (head.steps ?? 1) + step]
            guard classes != 0 else { return true }
            var (least, most) = (Float.infinity, -Float.infinity)
            for unit in 0..<head.units {
                let value = rows[(step * head.units + unit) * pass.stride + place]
                if !value.isFinite { return false }
                if classes >> unit & 1 == 1 { least = min(least, value) } else { most = max(most, value) }
            }
            return least > most
        }
    }

    /// The answers of a batch at one step.
    private struct Answers {
        let rows: UnsafeMutablePointer<Float>
        let stride: Int
        let units: Int
        let boundary: Float

        /// The class that a sample's answer says: above the boundary, or the largest unit.
        @inline(__always)
        func predicted(_ sample: Int) -> Int {
            if units == 1 { return rows[sample] > boundary ? 1 : 0 }
            var best = 0
            for unit in 1..<units where rows[unit * stride + sample] > rows[best * stride + sample] { best = unit }
            return best
        }
    }

    private func answers(at step: Int) -> Answers {
        Answers(
            rows: pass.rows(head.limitsAnswers ? lossValues : output) + step * head.units * pass.stride,
            stride: pass.stride, units: head.units,
            boundary: head.targets.boundary)
    }

    /// Counts what the output says, against the classes' indices.
    private func tally(
        _ truth: [Float], _ order: RowOrder?, first: Int, count: Int, into confusion: inout [Int]
    ) {
        let (steps, classes, order) = (head.steps ?? 1, classes, order?.base)
        let truth = truth.span
        var confusion = confusion.mutableSpan
        for step in 0..<steps {
            let answers = answers(at: step)
            for sample in 0..<count {
                let row = order.map { Int($0[first + sample]) } ?? first + sample
                let label = truth[row * steps + step]
                if label == Samples.noLabel { continue }
                confusion[Int(label) * classes + answers.predicted(sample)] += 1
            }
        }
    }

    /// Counts answers and right ones by the samples' tasks.
    private func tally(
        _ truth: [Float], _ marks: TaskMarks, _ order: RowOrder?, first: Int, count: Int,
        into tasks: inout [(right: Int, all: Int)]
    ) {
        let steps = head.steps ?? 1
        for sample in 0..<count {
            let row = order.map { Int($0.base[first + sample]) } ?? first + sample
            let task = Int(marks.samples[row])
            for step in 0..<steps where truth[row * steps + step] != Samples.noLabel {
                tasks[task].all += 1
                tasks[task].right += answers(at: step).predicted(sample) == Int(truth[row * steps + step]) ? 1 : 0
            }
        }
    }
}

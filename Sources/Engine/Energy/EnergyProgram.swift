/// Programs of one pair of layers over the values before it, with the parameters of the whole network.
struct EnergyProgram {
    private(set) var program: Program
    let pair: EnergyPair
    /// The classes beside the values; nil: they play no part.
    let labels: EnergyLabels?
    /// The streams of draws that have been handed out.
    private var streams = 0

    /// Begins with the layers below, whose probabilities are the pair's values.
    /// - Parameter plan: the whole network's.
    init(_ plan: Plan, _ pair: EnergyPair, labels: EnergyLabels?) {
        (program, self.pair, self.labels) = (plan.program, pair, labels)
        let own = program.evaluationForward.firstIndex { $0.slices(.writes).contains(pair.sums) }!
        program.trainingForward = Array(program.evaluationForward[..<own])
        (program.evaluationForward, program.backward, program.carried) = ([], [], [])
        program.trainingRows = program.target.count
        // A draw's stream is no layer's.
        streams = 0x2000_0000 + 4096 * pair.layer
    }

    mutating func rows(_ count: Int) -> Slice {
        defer { program.trainingRows += count }
        return Slice(block: .training, offset: program.trainingRows, count: count)
    }

    /// Leaves out what makes the pair's values.
    mutating func removeLayersBelow() { program.trainingForward = [] }

    /// Rows that stay from pass to pass.
    private mutating func carriedRows(_ name: String, _ count: Int) -> Slice {
        defer { program.valueRows += count }
        let slice = Slice(block: .values, offset: program.valueRows, count: count)
        program.carried.append(Program.Carried(name: name, slice: slice))
        return slice
    }

    mutating func emit(_ operations: [Operation]) { program.trainingForward += operations }
    mutating func emit(_ operation: Operation) { program.trainingForward.append(operation) }

    private mutating func stream() -> Int {
        streams += 1
        return streams
    }

    private mutating func draw(_ output: Slice, _ probabilities: Slice) {
        emit(
            Operation(
                .drawBits, kind: .stream(stream()), m: output.count, ["output": output, "input": probabilities]))
    }

    // MARK: - Learning

    /// The steps of contrastive divergence.
    struct Chain: Hashable {
        /// Full steps of Gibbs sampling.
        var steps: Int
        /// Whether the chain goes on from update to update; else it begins at the data.
        var isPersistent: Bool
        /// Whether reconstructed values are drawn; else they are probabilities, or means.
        var drawsValues: Bool
    }

    /// Leaves −∂ of the batch's log-likelihood by the parameters as contrastive divergence estimates it, summed over the batch:
    /// the correlations of the chain less those of the data.
    ///
    /// Units are drawn wherever they are to draw values; the last ones, and those of the data in the correlations, are
    /// probabilities (Hinton's guide, section 3).
    mutating func learn(_ chain: Chain) {
        let (m, n) = (pair.m, pair.n)
        let positive = rows(m)
        let state = chain.isPersistent ? carriedRows("chain", m) : rows(m)
        let values = rows(n)
        let negative = rows(m)
        let scratch = labels.map { _ in rows(m) }
        let classes = labels.map { labels in (sums: rows(labels.classes), probabilities: rows(labels.classes)) }
        let target = program.target

        if let labels, let scratch {
            emit(labels.up(pair, positive, scratch: scratch, from: pair.input, labels: target))
        } else {
            emit(pair.up(positive, from: pair.input))
        }
        if !chain.isPersistent { draw(state, positive) }
        for step in 1...chain.steps {
            emit(pair.down(values, from: state))
            if chain.drawsValues { emit(pair.draw(values: values, stream: stream())) }
            if let labels, let scratch, let classes {
                emit(labels.down(classes.probabilities, sums: classes.sums, from: state))
                if chain.drawsValues {
                    emit(
                        Operation(
                            .drawClass, kind: .stream(stream()), m: labels.classes,
                            ["output": classes.probabilities, "input": classes.probabilities]))
                }
                emit(labels.up(pair, negative, scratch: scratch, from: values, labels: classes.probabilities))
            } else {
                emit(pair.up(negative, from: values))
            }
            if chain.isPersistent || step < chain.steps { draw(state, negative) }
        }

        // In place: nothing reads the probabilities afterwards.
        emit(Operation(.difference, m: m, knobs: [-1], ["output": positive, "input": positive]))
        emit(Operation(.difference, m: m, knobs: [1], ["output": negative, "input": negative]))
        let apart = rows(n)
        emit(Operation(.difference, m: n, knobs: [1], ["output": apart, "input": values, "other": pair.input]))
        let gradients = (weight: EnergyPair.gradient(pair.weight), bias: EnergyPair.gradient(pair.bias))
        func correlations(_ units: Slice, _ values: Slice, adds: Bool) -> Operation {
            var operation = Operation(
                .affineParameterGradient, m: m, n: n,
                [
                    "weightGradient": gradients.weight, "biasGradient": gradients.bias, "gradient": units,
                    "input": values,
                ])
            operation.adds = adds
            return operation
        }
        emit([correlations(negative, values, adds: false), correlations(positive, pair.input, adds: true)])
        emit(Operation(.rowSums, m: n, ["sums": EnergyPair.gradient(pair.valueBias), "gradient": apart]))
        if let labels, let classes {
            let (count, weight) = (labels.classes, EnergyPair.gradient(labels.weight))
            let apart = rows(count)
            emit(
                Operation(
                    .difference, m: count, knobs: [1],
                    ["output": apart, "input": classes.probabilities, "other": target]))
            for (one, units, adds) in [(classes.probabilities, negative, false), (target, positive, true)] {
                var operation = Operation(
                    .affineParameterGradient, m: count, n: m,
                    ["weightGradient": weight, "gradient": one, "input": units])
                operation.adds = adds
                emit(operation)
            }
            emit(Operation(.rowSums, m: count, ["sums": EnergyPair.gradient(labels.bias), "gradient": apart]))
        }
    }
}

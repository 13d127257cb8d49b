import Engine

/// A recurrent network, of which a workload trains one.
struct SequenceNetwork {
    let input: Shape
    var form = SequenceForm()
    let classes: Int
    let layers: [Choice]
    /// Steps at a time: a fraction of a second.
    let steps: Int
    /// Samples of a step where nothing else is asked for.
    let batch: Int

    /// Images of 28 × 28 read line by line.
    static let lstm = SequenceNetwork(
        input: Shape(28, 28), classes: 10, layers: [Choice("lstm", ["units": .integer(128)])], steps: 4, batch: 64)

    static let small = SequenceNetwork(
        input: Shape(20, 2), classes: 2, layers: [Choice("rnn", ["units": .integer(8)])], steps: 500, batch: 16)

    /// A network that writes, as one learns a tale.
    static let tale = SequenceNetwork(
        input: Shape(32, 1), form: SequenceForm(vocabulary: 60, targetSteps: 32), classes: 60,
        layers: [
            Choice("embedding", ["size": .integer(16)]),
            Choice("lstm", ["units": .integer(64), "returns": .text("all")]),
        ], steps: 20, batch: 16)

    var network: NetworkDescription {
        NetworkDescription(
            input: input, task: .classification(classes: classes), layers: layers,
            outputInitializer: Choice("xavierUniform"), loss: Choice("softmaxCrossEntropy"), sequence: form)
    }

    func learning(batch: Int) -> LearningDescription {
        LearningDescription(optimizer: Choice("adam"), batchSize: batch, clipNorm: 1)
    }

    /// Whole batches of clusters with one class each, or of symbols that follow each other by a rule.
    func samples(batch: Int) -> Samples {
        let count = TrainingRun.rows(batch: batch)
        return form.vocabulary == nil
            ? TrainingRun.clusters(count: count, width: input.count, classes: classes) : text(count: count)
    }

    /// Windows in which each symbol is followed by a certain other one.
    func text(count: Int) -> Samples {
        var random = Random(seed: 1)
        let length = input.axes[0]
        let next = random.permutation(classes)
        var (inputs, labels): ([Float], [Float]) = ([], [])
        for _ in 0..<count {
            var symbol = Int(random.uniform() * Double(classes))
            for _ in 0..<length {
                inputs.append(Float(symbol))
                symbol = Int(next[symbol])
                labels.append(Float(symbol))
            }
        }
        return Samples(count: count, inputs: inputs, labels: labels)
    }
}

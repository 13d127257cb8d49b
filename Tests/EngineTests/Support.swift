@testable import Engine

extension GradientDescent {
    convenience init(
        network: NetworkDescription, learning: LearningDescription, train: Samples, test: Samples, seed: UInt64,
        threads: Int = 1, device: ComputeDevice = .processor
    ) throws(EngineError) {
        try self.init(
            TrainingSetup(
                network: network, learning: learning, train: train, test: test, seed: seed, threads: threads,
                device: device))
    }

    var outline: Outline { model.outline }

    func advanceEpoch() -> TrainingProgress {
        while true {
            let progress = advance()
            if progress != .stepped { return progress }
        }
    }
}

/// The xor of two inputs of ±1 as classes.
let xorSamples = Samples(count: 4, inputs: [-1, -1, -1, 1, 1, -1, 1, 1], labels: [0, 1, 1, 0])

let noSamples = Samples(count: 0, inputs: [], labels: [])

/// `count` points in [−1, 1]² whose class is the side of a wavy line.
func points(_ count: Int, seed: UInt64 = 1) -> Samples {
    var random = Random(seed: seed)
    var (inputs, labels): ([Float], [Float]) = ([], [])
    for _ in 0..<count {
        let (x, y) = (random.uniform(-1, 1), random.uniform(-1, 1))
        inputs += [Float(x), Float(y)]
        labels.append(y > x * x - 0.4 ? 1 : 0)
    }
    return Samples(count: count, inputs: inputs, labels: labels)
}

func dense(_ units: Int, _ activation: Choice, _ initializer: Choice = Choice("xavierUniform")) -> Choice {
    Choice(
        "dense",
        ["units": .integer(units), "activation": .choice(activation), "initializer": .choice(initializer)])
}

func dropout(_ rate: Double) -> Choice { Choice("dropout", ["rate": .real(rate)]) }

/// A description for two inputs and two classes.
func classifier(_ layers: [Choice], activation: Choice? = nil, loss: Choice = Choice("squaredError"), classes: Int = 2)
    -> NetworkDescription
{
    NetworkDescription(
        input: Shape(2), task: .classification(classes: classes), layers: layers, outputActivation: activation,
        loss: loss)
}

/// A network with a layer in its midst: what lies before it trains and gives it an input that fits its standard settings.
func network(around layer: Choice, then next: [Choice]) -> NetworkDescription {
    let type = Catalogue.layers.first { $0.entry.id == layer.id }!
    let input = type.exampleInput
    // A norm keeps the shape of images, and of sequences at each step; a dense layer is a plain row's. Symbols have nothing
    // before them.
    let norm = Choice("layerNorm")
    let before =
        switch input.axes.count {
        case 1: dense(input.count, Choice("tanh"))
        case 2: Choice("eachStep", ["body": .list([.choice(norm)])])
        default: norm
        }
    var network = classifier((type.exampleForm.vocabulary == nil ? [before] : []) + [layer] + next)
    if input.axes.count > 1 { network.input = input }
    network.sequence = type.exampleForm
    return network
}

extension NetworkDescription {
    /// Targets of each sample.
    var targetsPerSample: Int { sequence.targetSteps ?? 1 }
}

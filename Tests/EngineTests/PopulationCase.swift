import Testing

@testable import Engine

/// One way to train, as it varies from network to network.
struct PopulationCase: Sendable, CustomTestStringConvertible {
    var name: String
    var layers: [Choice] = [dense(5, Choice("tanh")), dense(3, Choice("tanh"))]
    var activation: Choice?
    var loss = Choice("squaredError")
    var rule = LearningRule.gradient
    var task = Task.classification(classes: 2)
    var learning = LearningDescription(optimizer: Choice("sgd", ["learningRate": .real(0.05)]))
    /// Networks, data of their own for each of them, and steps.
    var count = 5
    var ownData = false
    var steps = 100
    /// The changes for network i.
    var vary: @Sendable (_ member: inout PopulationMember, _ i: Int) -> Void = { _, _ in }
    var testDescription: String { name }

    func members() -> [PopulationMember] {
        (0..<count).map { index in
            var samples = points(43, seed: ownData ? UInt64(index + 10) : 10)
            if case .classification(let classes) = task, classes > 2 {
                for row in samples.labels.indices { samples.labels[row] = Float(row % classes) }
            }
            var member = PopulationMember(
                network: NetworkDescription(
                    input: Shape(2), task: task, layers: layers, outputActivation: activation, loss: loss,
                    rule: rule), learning: learning, train: samples, test: points(21, seed: 99),
                seed: UInt64(index + 1))
            if case .classification(let classes) = task, classes > 2 { member.test = member.train }
            vary(&member, index)
            return member
        }
    }
}

extension PopulationCase {
    /// Recurrent networks, each over sequences of its own: of different lengths, with one target or one at every step.
    static let sequences: [PopulationCase] =
        [
            ("rnn:units=5", false, false), ("rnn:units=3:activation=relu:returns=all", true, true),
            ("lstm:units=6:bidirectional=true", true, false), ("gru:units=5:layers=2:returns=all", true, true),
            ("lstm:units=3:returns=all:dropout=0.3:layers=2 attention gru:units=2:returns=all", false, true),
            (
                "conv1d:filters=3:dilation=2:activation=tanh gru:units=3:bidirectional=true:returns=all meanOverTime",
                true, false
            ),
            ("eachStep( dense:3:tanh ) lstm:units=3 repeat:steps=6 rnn:units=4:returns=all", false, true),
        ].map { layers, hasLengths, hasTargets in
            PopulationCase(
                name: layers, layers: stack(layers), loss: Choice("softmaxCrossEntropy"),
                task: .classification(classes: 3),
                learning: LearningDescription(
                    optimizer: Choice("momentum", ["learningRate": .real(0.02)]), batchSize: 6, lastBatch: .carry,
                    shuffle: true, clipNorm: 1),
                steps: 30
            ) { member, index in
                member.network.input = Shape(6, 2)
                member.network.sequence = SequenceForm(hasLengths: hasLengths, targetSteps: hasTargets ? 6 : nil)
                member.train = PopulationCase.sequences(37, hasLengths, hasTargets, seed: UInt64(index + 3))
                member.test = PopulationCase.sequences(20, hasLengths, hasTargets, seed: 50)
            }
        } + [
            PopulationCase(
                name: "embedding", layers: stack("embedding:size=3 lstm:units=4:returns=all"),
                loss: Choice("softmaxCrossEntropy"),
                task: .classification(classes: 3), learning: LearningDescription(optimizer: Choice("adam")), steps: 30
            ) { member, index in
                member.network.input = Shape(6, 1)
                member.network.sequence = SequenceForm(vocabulary: 4, hasLengths: true, targetSteps: 6)
                member.train = PopulationCase.sequences(37, true, true, symbols: 4, seed: UInt64(index + 3))
                member.test = member.train
            }
        ]

    static let cases: [PopulationCase] =
        Catalogue.optimizers.map { optimizer in
            PopulationCase(
                name: optimizer.entry.id, learning: LearningDescription(optimizer: Choice(optimizer.entry.id))
            ) {
                $0.learning.optimizer.knobs["learningRate"] = .real(0.003 * Double($1 + 1))
            }
        }
        + Catalogue.activations.filter { !$0.entry.outputOnly }.map { activation in
            PopulationCase(
                name: "activation \(activation.entry.id)",
                layers: [dense(5, Choice(activation.entry.id)), dense(3, Choice(activation.entry.id))])
        }
        + Catalogue.losses.map { loss in
            PopulationCase(
                name: "loss \(loss.entry.id)", loss: Choice(loss.entry.id),
                task: loss.suitsRegression ? .regression : .classification(classes: 2))
        } + [
            PopulationCase(
                name: "three classes under softmax", loss: Choice("softmaxCrossEntropy"),
                task: .classification(classes: 3)),
            PopulationCase(
                name: "softmax before squared error", activation: Choice("softmax"),
                task: .classification(classes: 3)),
            PopulationCase(
                name: "dropout, another rate each", layers: [dense(6, Choice("relu")), dropout(0.2), dropout(0)]
            ) {
                $0.network.layers[1] = dropout(0.1 * Double($1))
                $0.network.layers[2] = dropout(0.05 * Double($1))
            },
            PopulationCase(name: "noise, another deviation each", layers: [Choice("noise"), dense(6, Choice("tanh"))]) {
                $0.network.layers[0] = Choice("noise", ["deviation": .real(0.1 * Double($1))])
            },
            PopulationCase(
                name: "normalization", layers: stack("dense:5:linear batchNorm activation:relu dense:3:tanh layerNorm"),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)),
            PopulationCase(
                name: "blocks",
                layers: stack(
                    "dense:4:tanh residual( dense:3:relu dropout dense:4:linear | ) "
                        + "branches:max( dense:3:tanh | noise batchNorm dense:3:relu ) "
                        + "residual( branches:mean( dense:3:tanh | residual( batchNorm dense:3:tanh | ) ) | )")),
            PopulationCase(
                name: "frozen layers",
                layers: stack("dense:4:tanh !dense:5:prelu !batchNorm residual( !dense:4:tanh dense:5:tanh | )"),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)
            ) {
                $0.learning.clipNorm = $1 == 2 ? nil : 0.05 * Double($1 + 1)
                $0.learning.l2 = 0.01 * Double($1 % 2)
            },
            PopulationCase(
                name: "tied layers",
                layers: stack(
                    "dense:3:tanh@a residual( dense:5:tanh@b dense:3:tanh~b | ) dense:2:prelu~a dense:3:tanh dense:2:tanh~a"
                ),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)),
            PopulationCase(
                name: "tied to a frozen layer",
                layers: stack("!dense:3:tanh@a dense:2:tanh~a dense:4:tanh@b !dense:2:tanh~b")),
            PopulationCase(
                name: "tied and frozen layers three blocks deep",
                layers: stack(
                    "dense:3:tanh@a residual( branches:sum( dense:5:tanh@b residual( dense:3:tanh~b !dense:5:prelu !batchNorm | ) "
                        + "dense:3:tanh~b | ) | ) dense:2:tanh~a"),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)),
            PopulationCase(name: "another clip norm each, and none") {
                $0.learning.clipNorm = $1 == 2 ? nil : 0.05 * Double($1 + 1)
            },
            PopulationCase(name: "another regularization each, and none") {
                $0.learning.l1 = 0.003 * Double($1 % 3)
                $0.learning.l2 = 0.01 * Double($1 % 2)
            },
            PopulationCase(name: "another schedule each") {
                $0.learning.schedule =
                    [
                        Choice("constant"), Choice("step", ["stepSize": .integer(20)]), Choice("cosine"),
                        Choice("exponential", ["warmupSteps": .integer(30)]), Choice("inverseTime"),
                    ][$1]
            },
            PopulationCase(
                name: "adam, another beta and decay each", learning: LearningDescription(optimizer: Choice("adamw"))
            ) {
                $0.learning.optimizer.knobs = [
                    "beta1": .real(0.5 + 0.1 * Double($1)), "weightDecay": .real(0.01 * Double($1)),
                ]
            },
            PopulationCase(name: "data of their own", ownData: true),
            PopulationCase(
                name: "shuffled data of their own", learning: LearningDescription(batchSize: 7, shuffle: true),
                ownData: true),
            PopulationCase(name: "other initial weights, the same seed") {
                $0.seed = 4
                $0.network.layers[0].knobs["initializer"] = .choice(Choice($1 % 2 == 0 ? "heNormal" : "playground"))
            },
            PopulationCase(name: "more networks than lanes", count: 19),
            PopulationCase(name: "one batch", learning: LearningDescription(batchSize: 1000)),
            PopulationCase(name: "no hidden layer", layers: []),
            PopulationCase(name: "a wide layer", layers: [dense(33, Choice("sigmoid")), dense(17, Choice("relu"))]),
        ]
        + LearningRule.allCases.filter { $0 != .gradient }.map { rule in
            PopulationCase(name: "rule \(rule.rawValue)", layers: [], rule: rule, ownData: true)
        }
        + LastBatch.allCases.flatMap { lastBatch in
            [false, true].map { shuffle in
                PopulationCase(
                    name: "last batch \(lastBatch.rawValue), shuffle \(shuffle)",
                    learning: LearningDescription(
                        optimizer: Choice("momentum", ["learningRate": .real(0.01)]), lastBatch: lastBatch,
                        shuffle: shuffle))
            }
        }
}

extension PopulationCase {
    /// Sequences of six steps of two values, or of a symbol, with classes as their targets.
    static func sequences(
        _ count: Int, _ hasLengths: Bool, _ hasTargets: Bool, symbols: Int? = nil, seed: UInt64
    ) -> Samples {
        var random = Random(seed: seed)
        var (inputs, labels): ([Float], [Float]) = ([], [])
        for sample in 0..<count {
            let length = hasLengths ? 1 + sample % 6 : 6
            for step in 0..<6 {
                if let symbols {
                    inputs.append(step < length ? Float(Int(random.uniform() * Double(symbols))) : -1)
                } else {
                    inputs += (0..<2).map { _ in step < length ? Float(random.uniform(-1, 1)) : 0 }
                }
                let isAsked = step < length && (sample + step) % 5 != 4
                if hasTargets { labels.append(isAsked ? Float((sample + step) % 3) : Samples.noLabel) }
            }
            if hasLengths { inputs.append(Float(length)) }
            if !hasTargets { labels.append(Float(sample % 3)) }
        }
        return Samples(count: count, inputs: inputs, labels: labels)
    }
}

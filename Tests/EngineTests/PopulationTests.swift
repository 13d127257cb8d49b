import Testing

@testable import Engine

/// The suite is long, because all kinds of networks and their data are cases of the same tests.
@Suite("Networks side by side")
struct PopulationTests {
    /// One way to train, as it varies from network to network.
    struct Case: Sendable, CustomTestStringConvertible {
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

    /// Recurrent networks, each over sequences of its own: of different lengths, with one target or one at every step.
    static let sequences: [Case] =
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
            Case(
                name: layers, layers: stack(layers), loss: Choice("softmaxCrossEntropy"),
                task: .classification(classes: 3),
                learning: LearningDescription(
                    optimizer: Choice("momentum", ["learningRate": .real(0.02)]), batchSize: 6, lastBatch: .carry,
                    shuffle: true, clipNorm: 1),
                steps: 30
            ) { member, index in
                member.network.input = Shape(6, 2)
                member.network.sequence = SequenceForm(hasLengths: hasLengths, targetSteps: hasTargets ? 6 : nil)
                member.train = Case.sequences(37, hasLengths, hasTargets, seed: UInt64(index + 3))
                member.test = Case.sequences(20, hasLengths, hasTargets, seed: 50)
            }
        } + [
            Case(
                name: "embedding", layers: stack("embedding:size=3 lstm:units=4:returns=all"),
                loss: Choice("softmaxCrossEntropy"),
                task: .classification(classes: 3), learning: LearningDescription(optimizer: Choice("adam")), steps: 30
            ) { member, index in
                member.network.input = Shape(6, 1)
                member.network.sequence = SequenceForm(vocabulary: 4, hasLengths: true, targetSteps: 6)
                member.train = Case.sequences(37, true, true, symbols: 4, seed: UInt64(index + 3))
                member.test = member.train
            }
        ]

    static let cases: [Case] =
        Catalogue.optimizers.map { optimizer in
            Case(name: optimizer.entry.id, learning: LearningDescription(optimizer: Choice(optimizer.entry.id))) {
                $0.learning.optimizer.knobs["learningRate"] = .real(0.003 * Double($1 + 1))
            }
        }
        + Catalogue.activations.filter { !$0.entry.outputOnly }.map { activation in
            Case(
                name: "activation \(activation.entry.id)",
                layers: [dense(5, Choice(activation.entry.id)), dense(3, Choice(activation.entry.id))])
        }
        + Catalogue.losses.map { loss in
            Case(
                name: "loss \(loss.entry.id)", loss: Choice(loss.entry.id),
                task: loss.suitsRegression ? .regression : .classification(classes: 2))
        } + [
            Case(
                name: "three classes under softmax", loss: Choice("softmaxCrossEntropy"),
                task: .classification(classes: 3)),
            Case(
                name: "softmax before squared error", activation: Choice("softmax"),
                task: .classification(classes: 3)),
            Case(name: "dropout, another rate each", layers: [dense(6, Choice("relu")), dropout(0.2), dropout(0)]) {
                $0.network.layers[1] = dropout(0.1 * Double($1))
                $0.network.layers[2] = dropout(0.05 * Double($1))
            },
            Case(name: "noise, another deviation each", layers: [Choice("noise"), dense(6, Choice("tanh"))]) {
                $0.network.layers[0] = Choice("noise", ["deviation": .real(0.1 * Double($1))])
            },
            Case(
                name: "normalization", layers: stack("dense:5:linear batchNorm activation:relu dense:3:tanh layerNorm"),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)),
            Case(
                name: "blocks",
                layers: stack(
                    "dense:4:tanh residual( dense:3:relu dropout dense:4:linear | ) "
                        + "branches:max( dense:3:tanh | noise batchNorm dense:3:relu )")),
            Case(
                name: "frozen layers",
                layers: stack("dense:4:tanh !dense:5:prelu !batchNorm residual( !dense:4:tanh dense:5:tanh | )"),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)
            ) {
                $0.learning.clipNorm = $1 == 2 ? nil : 0.05 * Double($1 + 1)
                $0.learning.l2 = 0.01 * Double($1 % 2)
            },
            Case(
                name: "tied layers",
                layers: stack(
                    "dense:3:tanh@a residual( dense:5:tanh@b dense:3:tanh~b | ) dense:2:prelu~a dense:3:tanh dense:2:tanh~a"
                ),
                learning: LearningDescription(optimizer: Choice("adam"), lastBatch: .carry)),
            Case(
                name: "tied to a frozen layer",
                layers: stack("!dense:3:tanh@a dense:2:tanh~a dense:4:tanh@b !dense:2:tanh~b")),
            Case(name: "another clip norm each, and none") {
                $0.learning.clipNorm = $1 == 2 ? nil : 0.05 * Double($1 + 1)
            },
            Case(name: "another regularization each, and none") {
                $0.learning.l1 = 0.003 * Double($1 % 3)
                $0.learning.l2 = 0.01 * Double($1 % 2)
            },
            Case(name: "another schedule each") {
                $0.learning.schedule =
                    [
                        Choice("constant"), Choice("step", ["stepSize": .integer(20)]), Choice("cosine"),
                        Choice("exponential", ["warmupSteps": .integer(30)]), Choice("inverseTime"),
                    ][$1]
            },
            Case(name: "adam, another beta and decay each", learning: LearningDescription(optimizer: Choice("adamw"))) {
                $0.learning.optimizer.knobs = [
                    "beta1": .real(0.5 + 0.1 * Double($1)), "weightDecay": .real(0.01 * Double($1)),
                ]
            },
            Case(name: "data of their own", ownData: true),
            Case(
                name: "shuffled data of their own", learning: LearningDescription(batchSize: 7, shuffle: true),
                ownData: true),
            Case(name: "other initial weights, the same seed") {
                $0.seed = 4
                $0.network.layers[0].knobs["initializer"] = .choice(Choice($1 % 2 == 0 ? "heNormal" : "playground"))
            },
            Case(name: "more networks than lanes", count: 19),
            Case(name: "one batch", learning: LearningDescription(batchSize: 1000)),
            Case(name: "no hidden layer", layers: []),
            Case(name: "a wide layer", layers: [dense(33, Choice("sigmoid")), dense(17, Choice("relu"))]),
        ]
        + LearningRule.allCases.filter { $0 != .gradient }.map { rule in
            Case(name: "rule \(rule.rawValue)", layers: [], rule: rule, ownData: true)
        }
        + LastBatch.allCases.flatMap { lastBatch in
            [false, true].map { shuffle in
                Case(
                    name: "last batch \(lastBatch.rawValue), shuffle \(shuffle)",
                    learning: LearningDescription(
                        optimizer: Choice("momentum", ["learningRate": .real(0.01)]), lastBatch: lastBatch,
                        shuffle: shuffle))
            }
        }

    @Test(
        "each network is within 1e-5 of what a descent of its own gives after its steps", arguments: cases + sequences)
    func equalsAlone(_ tried: Case) throws {
        let members = tried.members()
        let population = try Population(members, threads: 1)
        population.advance(steps: tried.steps)
        for (index, member) in members.enumerated() {
            let descent = try GradientDescent(
                network: member.network, learning: member.learning, train: member.train, test: member.test,
                seed: member.seed)
            for _ in 0..<tried.steps { _ = descent.advance() }
            let evaluation = descent.evaluate()
            let losses = population.evaluation(of: index)
            #expect(descent.divergence == nil && population.divergence(of: index) == nil)
            #expect(population.step(of: index) == descent.step && population.epoch(of: index) == descent.epoch)
            #expect(abs(losses.trainLoss - evaluation.trainLoss) <= 1e-5 * max(1, evaluation.trainLoss))
            #expect(abs(losses.testLoss! - evaluation.testLoss!) <= 1e-5 * max(1, evaluation.testLoss!))
            let start = try GradientDescent(
                network: member.network, learning: member.learning, train: member.train, test: member.test,
                seed: member.seed
            ).parameters
            let (mine, its) = (population.parameters(of: index), descent.parameters)
            #expect(mine.count == its.count && its != start)
            let worst = zip(mine, its).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
            #expect(worst <= 1e-5, "network \(index): \(worst)")
        }
    }

    @Test("networks of the same shape share a cohort, others do not")
    func cohorts() throws {
        var members = Case(name: "").members()
        members[1].network.layers[0].knobs["units"] = .integer(7)
        members[2].learning.batchSize = 3
        members[3].learning.l1 = 0.1
        members[4].learning.optimizer = Choice("adam")
        let plans = try CohortPlan.plans(for: members)
        #expect(plans.map(\.members) == [[0, 3], [1], [2], [4]])
        #expect(plans.map(\.isSideBySide) == [true, false, false, false])
    }

    @Test("side by side a network has the bits that it has alone, also where the smallest difference would grow")
    func bits() throws {
        guard try Processor.simdLevel() != "baseline" else { return }
        for (batch, lastBatch) in [(1, LastBatch.short), (10, .short), (10, .carry), (16, .short), (43, .drop)] {
            var wild = Case(name: "", count: 7)
            wild.learning.optimizer.knobs["learningRate"] = .real(2)
            wild.learning.batchSize = batch
            wild.learning.lastBatch = lastBatch
            let members = wild.members()
            let population = try Population(members)
            population.advance(steps: 100)
            for (index, member) in members.enumerated() {
                let descent = try GradientDescent(
                    network: member.network, learning: member.learning, train: member.train, test: member.test,
                    seed: member.seed)
                for _ in 0..<100 { _ = descent.advance() }
                let isSame = population.parameters(of: index) == descent.parameters
                #expect(isSame, "network \(index), batch \(batch)")
            }
        }
    }

    @Test("side by side a recurrent network has the bits that it has alone", arguments: [1, 3, 6, 8])
    func recurrentBits(batch: Int) throws {
        guard try Processor.simdLevel() != "baseline" else { return }
        for var tried in Self.sequences {
            tried.learning.batchSize = batch
            let members = tried.members()
            #expect(try CohortPlan.plans(for: members).map(\.isSideBySide) == [true])
            let population = try Population(members)
            population.advance(steps: 12)
            for (index, member) in members.enumerated() {
                let descent = try GradientDescent(
                    network: member.network, learning: member.learning, train: member.train, test: member.test,
                    seed: member.seed)
                for _ in 0..<12 { _ = descent.advance() }
                let isSame = population.parameters(of: index) == descent.parameters
                #expect(isSame, "network \(index), batch \(batch), \(tried.name)")
            }
        }
    }

    @Test(
        "side by side networks that carry a state go on from window to window as each does alone",
        arguments: [
            "rnn:units=5:returns=all:carry=true", "gru:units=5:returns=all:carry=true",
            "lstm:units=4:returns=all:layers=2:carry=true gru:units=3:returns=all",
        ])
    func carriedSideBySide(layers: String) throws {
        guard try Processor.simdLevel() != "baseline" else { return }
        for batch in [1, 4] {
            var carried = Self.sequences[3]
            carried.layers = stack(layers)
            carried.learning.batchSize = batch
            var members = carried.members()
            for index in members.indices {
                members[index].network.sequence = SequenceForm(targetSteps: 6, continues: true)
                members[index].train = Case.sequences(37, false, true, seed: UInt64(index + 3))
                members[index].test = Case.sequences(35, false, true, seed: UInt64(index + 30))
            }
            #expect(try CohortPlan.plans(for: members).map(\.isSideBySide) == [true])
            let population = try Population(members)
            // In the second epoch, whose beginning has no state.
            population.advance(toEpoch: 2)
            for (index, member) in members.enumerated() {
                let descent = try GradientDescent(
                    network: member.network, learning: member.learning, train: member.train, test: member.test,
                    seed: member.seed)
                while descent.epoch < 2 { _ = descent.advance() }
                let isSame = population.parameters(of: index) == descent.parameters
                #expect(isSame, "network \(index), batch \(batch)")
                let (losses, evaluation) = (population.evaluation(of: index), descent.evaluate())
                #expect(abs(losses.trainLoss - evaluation.trainLoss) < 1e-5)
                let (test, other) = (try #require(losses.testLoss), try #require(evaluation.testLoss))
                #expect(abs(test - other) < 1e-5)
            }
        }
    }

    @Test(
        "networks whose batches fill a vector or whose passes fill the caches train one after the other"
    )
    func notSideBySide() throws {
        for (batch, isSideBySide) in [(4, true), (8, true), (9, false), (16, false)] {
            var tried = Self.sequences[0]
            tried.learning.batchSize = batch
            #expect(try CohortPlan.plans(for: tried.members()).map(\.isSideBySide).contains(isSideBySide))
        }
        var long = Self.sequences[0]
        long.learning.batchSize = 8
        var others = long.members()
        for index in others.indices {
            others[index].network.input = Shape(3000, 2)
            others[index].train = Samples(count: 0, inputs: [], labels: [])
            others[index].train.inputs = SampleStore([Float](repeating: 0, count: 40 * 6000), count: 40)
            others[index].train.labels = [Float](repeating: 0, count: 40)
            others[index].test = others[index].train
        }
        #expect(try CohortPlan.plans(for: others).allSatisfy { !$0.isSideBySide })
    }

    @Test("a large network trains alone, and gives what its descent gives")
    func large() throws {
        let wide = Case(name: "", layers: [dense(80, Choice("tanh")), dense(80, Choice("tanh"))], count: 2)
        let members = wide.members()
        let plans = try CohortPlan.plans(for: members)
        #expect(plans.map(\.isSideBySide) == [false, false])
        let population = try Population(members, threads: 2)
        population.advance(toEpoch: 3)
        let descent = try GradientDescent(
            network: members[1].network, learning: members[1].learning, train: members[1].train,
            test: members[1].test, seed: members[1].seed)
        for _ in 0..<3 { _ = descent.advanceEpoch() }
        #expect(population.parameters(of: 1) == descent.parameters)
        #expect(population.epoch(of: 0) == 3)
    }

    @Test("results are the same bits on one thread and on three, and beside other networks")
    func threads() throws {
        let members = Case(name: "", count: 40).members()
        let alone = try Population(members, threads: 1)
        let team = try Population(members, threads: 3)
        let pair = try Population([members[1], members[39]], threads: 1)
        for population in [alone, team, pair] { population.advance(toEpoch: 4) }
        team.evaluate()
        for index in members.indices {
            #expect(alone.parameters(of: index) == team.parameters(of: index))
            #expect(alone.evaluation(of: index) == team.evaluation(of: index))
        }
        #expect(pair.parameters(of: 1) == alone.parameters(of: 39))
    }

    @Test("a network that diverges is told, with its step and layer, and leaves the others alone")
    func divergence() throws {
        var members = Case(
            name: "", layers: [dense(4, Choice("linear"))], activation: Choice("linear"), count: 6
        ).members()
        let quiet = try Population([members[0], members[5]], threads: 1)
        for index in 1...4 { members[index].learning.optimizer.knobs["learningRate"] = .real(100) }
        let population = try Population(members, threads: 1)
        population.advance(steps: 60)
        quiet.advance(steps: 60)
        population.evaluate()
        for index in 1...4 {
            let descent = try GradientDescent(
                network: members[index].network, learning: members[index].learning, train: members[index].train,
                test: members[index].test, seed: members[index].seed)
            while descent.divergence == nil { _ = descent.advance() }
            #expect(population.divergence(of: index) == descent.divergence)
            #expect(population.evaluation(of: index).trainLoss.isNaN)
            let isSound = population.parameters(of: index).allSatisfy { $0.isFinite }
            #expect(isSound)
        }
        for (mine, its) in [(0, 0), (5, 1)] {
            #expect(population.divergence(of: mine) == nil)
            #expect(population.parameters(of: mine) == quiet.parameters(of: its))
            #expect(population.evaluation(of: mine) == quiet.evaluation(of: its))
        }
    }

    @Test("a population whose networks have all diverged stands still")
    func allDiverged() throws {
        var members = Case(name: "", layers: [], activation: Choice("linear"), count: 2).members()
        for index in members.indices { members[index].learning.optimizer.knobs["learningRate"] = .real(1000) }
        let population = try Population(members, threads: 1)
        population.advance(toEpoch: 1_000_000)
        #expect(population.divergence(of: 0) != nil && population.divergence(of: 1) != nil)
    }

    @Test("a member that cannot be trained is named")
    func mistakes() throws {
        var members = Case(name: "").members()
        members[3].learning.optimizer = Choice("adm")
        let first = mistake(in: members)
        #expect(first?.member == 3 && first?.reason.place == "training.optimizer")
        members = Case(name: "").members()
        let train = members[1].train
        var inputs = train.inputs.values
        inputs[4] = .nan
        members[1].train = Samples(count: train.count, inputs: inputs, labels: train.labels)
        #expect(mistake(in: members)?.member == 0)
    }

    private func mistake(in members: [PopulationMember]) -> PopulationError? {
        do throws(PopulationError) {
            _ = try Population(members)
            return nil
        } catch { return error }
    }
}

extension PopulationTests.Case {
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

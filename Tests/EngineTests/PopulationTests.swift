import Testing

@testable import Engine

@Suite("Networks side by side")
struct PopulationTests {
    @Test(
        "each network is within 1e-5 of what a descent of its own gives after its steps",
        arguments: PopulationCase.cases + PopulationCase.sequences)
    func equalsAlone(_ tried: PopulationCase) throws {
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
        var members = PopulationCase(name: "").members()
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
            var wild = PopulationCase(name: "", count: 7)
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
        for var tried in PopulationCase.sequences {
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
            var carried = PopulationCase.sequences[3]
            carried.layers = stack(layers)
            carried.learning.batchSize = batch
            var members = carried.members()
            for index in members.indices {
                members[index].network.sequence = SequenceForm(targetSteps: 6, continues: true)
                members[index].train = PopulationCase.sequences(37, false, true, seed: UInt64(index + 3))
                members[index].test = PopulationCase.sequences(35, false, true, seed: UInt64(index + 30))
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
            var tried = PopulationCase.sequences[0]
            tried.learning.batchSize = batch
            #expect(try CohortPlan.plans(for: tried.members()).map(\.isSideBySide).contains(isSideBySide))
        }
        var long = PopulationCase.sequences[0]
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
        let wide = PopulationCase(name: "", layers: [dense(80, Choice("tanh")), dense(80, Choice("tanh"))], count: 2)
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
        let members = PopulationCase(name: "", count: 40).members()
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
        var members = PopulationCase(
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
        var members = PopulationCase(name: "", layers: [], activation: Choice("linear"), count: 2).members()
        for index in members.indices { members[index].learning.optimizer.knobs["learningRate"] = .real(1000) }
        let population = try Population(members, threads: 1)
        population.advance(toEpoch: 1_000_000)
        #expect(population.divergence(of: 0) != nil && population.divergence(of: 1) != nil)
    }

    @Test("a member that cannot be trained is named")
    func mistakes() throws {
        var members = PopulationCase(name: "").members()
        members[3].learning.optimizer = Choice("adm")
        let first = mistake(in: members)
        #expect(first?.member == 3 && first?.reason.place == "training.optimizer")
        members = PopulationCase(name: "").members()
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

import AllocationCount
import Testing

@testable import Engine

@Suite struct AllocationTests {
    @Test("the counter counts") func counts() throws {
        let before = allocationCount()
        guard before >= 0 else { return }
        let block = try Block(count: 10)
        #expect(allocationCount() > before)
        #expect(block.count == 10)
    }

    @Test(
        "a block is zero to its end and begins at a whole vector, one of many bytes at a large page",
        arguments: [10, 1 << 19, 3 << 20])
    func blocks(count: Int) throws {
        let block = try Block(count: count)
        #expect(block.values.allSatisfy { $0 == 0 })
        let address = Int(bitPattern: block.base)
        #expect(address % (4 * count < 8 << 20 ? 64 : 2 << 20) == 0)
        block[count - 1] = 1
        #expect(block.array.last == 1)
    }

    @Test("after the first epoch a training step reserves no memory", arguments: LastBatch.allCases)
    func allocatesNothing(_ lastBatch: LastBatch) throws {
        guard allocationCount() >= 0 else { return }
        for optimizer in Catalogue.optimizers {
            for schedule in Catalogue.schedules {
                let descent = try GradientDescent(
                    network: classifier([dense(5, Choice("prelu")), dropout(0.3), dense(3, Choice("gelu"))]),
                    learning: LearningDescription(
                        optimizer: Choice(optimizer.entry.id),
                        schedule: Choice(schedule.entry.id, ["warmupSteps": .integer(10)]), lastBatch: lastBatch,
                        shuffle: true, l1: 0.001, l2: 0.001, clipNorm: 1), train: points(37), test: noSamples, seed: 1)
                _ = descent.advanceEpoch()
                let before = allocationCount()
                for _ in 0..<200 { _ = descent.advance() }
                let reserved = allocationCount() - before
                #expect(reserved == 0, "\(optimizer.entry.id), \(schedule.entry.id)")
            }
        }
    }

    @Test("neither does a step that threads share") func sharedStep() throws {
        guard allocationCount() >= 0 else { return }
        let wide = dense(400, Choice("relu"))
        let descent = try GradientDescent(
            network: classifier([wide, wide], loss: Choice("softmaxCrossEntropy"), classes: 3),
            learning: LearningDescription(
                optimizer: Choice("adam"), batchSize: 64, shuffle: true, l1: 1e-4, clipNorm: 1),
            train: Samples(inputs: points(200).inputs, labels: (0..<200).map { Float($0 % 3) }), test: noSamples,
            seed: 1, threads: 2)
        _ = descent.advanceEpoch()
        let before = allocationCount()
        for _ in 0..<8 { _ = descent.advance() }
        #expect(allocationCount() == before)
    }

    @Test("after the first epoch a step of networks side by side reserves no memory", arguments: LastBatch.allCases)
    func populationAllocatesNothing(_ lastBatch: LastBatch) throws {
        guard allocationCount() >= 0 else { return }
        for optimizer in Catalogue.optimizers {
            for schedule in Catalogue.schedules {
                let members = (0..<5).map { index in
                    PopulationMember(
                        network: classifier([dense(5, Choice("prelu")), dropout(0.3), dense(3, Choice("gelu"))]),
                        learning: LearningDescription(
                            optimizer: Choice(optimizer.entry.id),
                            schedule: Choice(schedule.entry.id, ["warmupSteps": .integer(10)]), lastBatch: lastBatch,
                            shuffle: true, l1: 0.001, l2: 0.001, clipNorm: 1), train: points(37), test: noSamples,
                        seed: UInt64(index))
                }
                let population = try Population(members)
                population.advance(toEpoch: 1)
                let before = allocationCount()
                population.advance(steps: 200)
                let reserved = allocationCount() - before
                #expect(reserved <= 2, "\(optimizer.entry.id), \(schedule.entry.id): the call's own")
            }
        }
    }
}

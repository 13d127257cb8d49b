import Testing

@testable import Engine

@Suite("Populations on an OpenCL device", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
struct DeviceCohortTests {
    /// Networks of one shape that differ in all that may differ.
    private static func members(_ learning: LearningDescription, count: Int, rate: Double?) -> [PopulationMember] {
        (0..<count).map { index in
            var own = learning
            if index % 3 == 1 { own.optimizer.knobs["learningRate"] = .real(0.02) }
            if index % 3 == 2 { own.l2 = 0.01 }
            let layers = [dense(6, Choice("tanh"))] + (rate.map { [dropout($0 + 0.01 * Double(index % 2))] } ?? [])
            return PopulationMember(
                network: classifier(layers + [dense(3, Choice("prelu"))]), learning: own,
                train: points(34, seed: UInt64(1 + index % 2)), test: points(10, seed: 9), seed: UInt64(index))
        }
    }

    private func expectParity(_ members: [PopulationMember], style: KernelText.Style, steps: Int) throws {
        let device = try #require(OpenCLSupport.device)
        let cohort = try DeviceCohort(
            members, plans: members.map { try Plan($0.network) }, device: device, style: style)
        for _ in 0..<steps { try cohort.advance() }
        let losses = try cohort.evaluate()
        for (index, member) in members.enumerated() {
            let alone = try GradientDescent(
                network: member.network, learning: member.learning, train: member.train, test: member.test,
                seed: member.seed)
            for _ in 0..<steps { _ = alone.advance() }
            let (found, expected) = (try cohort.parameters(at: index), alone.parameters)
            let scale = expected.map(abs).max()!
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-4 * scale }, "network \(index)")
            let evaluation = alone.evaluate()
            #expect(abs(losses[index].trainLoss - evaluation.trainLoss) < 1e-4)
            #expect(abs(losses[index].testLoss! - evaluation.testLoss!) < 1e-4)
            #expect(cohort.step == alone.step && cohort.epoch == alone.epoch)
        }
    }

    @Test("Each network comes out as alone", arguments: BackendTests.learnings, OpenCLSupport.styles)
    func asAlone(_ learning: LearningDescription, _ style: KernelText.Style) throws {
        let rate = learning.optimizer.id == "adam" ? 0.2 : nil
        try expectParity(Self.members(learning, count: 19, rate: rate), style: style, steps: 40)
    }

    @Test("Networks that share data and settings, with different seeds", arguments: OpenCLSupport.styles)
    func alike(_ style: KernelText.Style) throws {
        let members = (0..<5).map { index in
            PopulationMember(
                network: classifier([dense(4, Choice("tanh"))]), learning: LearningDescription(batchSize: 10),
                train: points(34), test: points(10, seed: 9), seed: UInt64(index))
        }
        try expectParity(members, style: style, steps: 50)
    }

    @Test("A network that diverges stops, and no other")
    func divergence() throws {
        var members = (0..<4).map { index in
            PopulationMember(
                network: classifier([dense(4, Choice("linear"))], activation: Choice("linear")),
                learning: LearningDescription(batchSize: 10), train: points(34), test: noSamples, seed: UInt64(index))
        }
        members[2].learning.optimizer.knobs["learningRate"] = .real(10)
        let device = try #require(OpenCLSupport.device)
        let population = try Population(members, device: .openCL(device))
        let expected = try Population(members)
        population.advance(steps: 800)
        expected.advance(steps: 800)
        for index in 0..<4 {
            #expect((population.divergence(of: index) == nil) == (index != 2))
            #expect(population.divergence(of: index)?.step == expected.divergence(of: index)?.step)
        }
        #expect(population.evaluation(of: 2).trainLoss.isNaN)
        #expect(abs(population.evaluation(of: 0).trainLoss - expected.evaluation(of: 0).trainLoss) < 1e-4)
        #expect(population.deviceFailure == nil)
    }
}

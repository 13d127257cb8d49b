import CKernels
import Testing

@testable import Engine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The kernels that do many steps in one launch against the processor: |a − b| ≤ 1e-5 · max|b| for every tensor.
///
/// Compilers take a second and more for each of these kernels: every network is seen in one style of kernels alone and
/// in the other style side by side. `PARITY=all` in the environment: in both, and every loss with every output
/// activation, which takes many minutes.
@Suite("Kernels made for one network", .enabled(if: OpenCLSupport.isHere, OpenCLSupport.word))
struct FusedParityTests {
    private static let isThorough = getenv("PARITY") != nil

    /// - Parameter first: the style of the first network; the next has the other.
    private static func cases(from first: Int) -> [(FusedCase, KernelText.Style)] {
        let styles = OpenCLSupport.styles
        guard isThorough else { return FusedCase.all.enumerated().map { ($1, styles[(first + $0) % styles.count]) } }
        return (FusedCase.all + FusedCase.product).flatMap { one in styles.map { (one, $0) } }
    }

    @Test("Gradients, parameters and the optimizer's state of a network", arguments: cases(from: 0))
    func single(_ one: FusedCase, _ style: KernelText.Style) throws {
        let pair = try FusedPair(one, style: style)
        try pair.write()
        try pair.step(0, count: one.batchSize)
        try pair.expectParity("one pass", gradients: true)
        try pair.step(1, count: 11, adds: true)
        try pair.expectParity("gradients added", gradients: true)
        for step in 2..<6 {
            let update = pair.descent.model.updater.deviceUpdate(
                count: Double(one.batchSize), rate: 0.01, l1: step < 4 ? 0 : 0.02, l2: step < 4 ? 0 : 0.1,
                clipNorm: step % 2 == 0 ? nil : 0.3)
            try pair.step(step, count: one.batchSize, update: update)
            if step % 2 == 1 { try pair.expectParity("step \(step)", gradients: false) }
        }
    }

    @Test(
        "Networks side by side: losses, and what one step of gradient descent makes", arguments: cases(from: 1))
    func population(_ one: FusedCase, _ style: KernelText.Style) throws {
        // So large a rate that the weights after the step are the gradients, as nearly as numbers show it.
        let learning = LearningDescription(optimizer: Choice("sgd", ["learningRate": .real(1000)]), batchSize: 37)
        try expectParity(one, learnings: Array(repeating: learning, count: 3), style: style, steps: 1)
    }

    private func expectParity(
        _ one: FusedCase, learnings: [LearningDescription], style: KernelText.Style, steps: Int
    ) throws {
        let members = learnings.enumerated().map { one.member(seed: UInt64($0.offset), learning: $0.element) }
        let cohort = try DeviceCohort(
            members, plans: members.map { try Plan($0.network) }, device: try #require(OpenCLSupport.device),
            style: style)
        let losses = try cohort.evaluate()
        for _ in 0..<steps { try cohort.advance() }
        for (index, member) in members.enumerated() {
            let alone = try GradientDescent(
                network: member.network, learning: member.learning, train: member.train, test: member.test,
                seed: member.seed)
            let evaluation = alone.evaluate()
            let expected = [evaluation.trainLoss, evaluation.testLoss!].map { Float($0) }
            let found = [losses[index].trainLoss, losses[index].testLoss!].map { Float($0) }
            OpenCLSupport.expectEqual(found, expected, "\(one.name), losses of network \(index)")
            for _ in 0..<steps { _ = alone.advance() }
            OpenCLSupport.expectEqual(
                try cohort.parameters(at: index), alone.parameters, cohort.outline, "\(one.name), network \(index)")
        }
    }

    /// In one style of kernels each, for what the styles do differently the other tests see.
    @Test(
        "Networks side by side with every optimizer, clipping and decay",
        arguments: Catalogue.optimizers.enumerated().map { ($1.entry.id, OpenCLSupport.styles[$0 % 2]) })
    func optimizers(_ id: String, _ style: KernelText.Style) throws {
        let one = FusedCase(name: id, network: classifier([dense(3, Choice("tanh"))], classes: 3), optimizer: id)
        let learnings = (0..<3).map { index in
            LearningDescription(
                optimizer: Choice(id), batchSize: 16, lastBatch: .carry, l1: index == 1 ? 0.02 : 0,
                l2: index == 1 ? 0.1 : 0, clipNorm: index == 2 ? 0.05 : nil)
        }
        try expectParity(one, learnings: learnings, style: style, steps: 5)
    }
}

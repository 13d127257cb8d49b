import CKernels
import Dispatch
import Synchronization
import Testing

@testable import Engine

struct SharedPassTests {
    /// Large enough to be shared; the last batch of 300 rows is shorter than one thread's part of a whole one.
    private func descent(_ layers: [Choice], threads: Int, clipNorm: Double? = nil) throws -> GradientDescent {
        var random = Random(seed: 2)
        let (count, width) = (300, 96)
        let samples = Samples(
            count: count, inputs: (0..<count * width).map { _ in Float(random.uniform() - 0.5) },
            labels: (0..<count).map { Float($0 % 3) })
        return try GradientDescent(
            network: NetworkDescription(
                input: Shape(width), task: .classification(classes: 3), layers: layers,
                loss: Choice("softmaxCrossEntropy")),
            learning: LearningDescription(
                optimizer: Choice("adam"), batchSize: 128, l1: 1e-4, l2: 1e-3, clipNorm: clipNorm),
            train: samples, test: Samples(count: 0, inputs: [], labels: []), seed: 3, threads: threads)
    }

    private let wide = Choice("dense", ["units": .integer(150), "activation": .choice(Choice("tanh"))])

    // Of a batch of 128 there are eight vectors: more threads than these have nothing to do in the first phase.
    /// Several threads change the weights by rounding at most, and the same number of them by no bit.
    /// - Parameter tolerance: of the norm of all weights.
    private func expectSame(
        _ threads: Int, steps: Int, within tolerance: Double, _ descent: (_ threads: Int) throws -> GradientDescent
    ) throws {
        let (one, several, again) = (try descent(1), try descent(threads), try descent(threads))
        for _ in 0..<steps { for descent in [one, several, again] { _ = descent.advance() } }
        // A Bool: a failure would otherwise compare 100,000 numbers one by one.
        let isSame = several.parameters == again.parameters
        #expect(isSame)
        let norm = one.parameters.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        let apart = zip(one.parameters, several.parameters).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        #expect(apart.squareRoot() <= tolerance * norm)
    }

    @Test(
        "threads change a step by rounding at most, and the same number of them by no bit", arguments: [2, 3, 4, 8, 20])
    func equal(threads: Int) throws {
        let layers = stack(
            "dense:150:tanh residual( branches:mean( | residual( dense:150:tanh dropout:rate=0.3 batchNorm dense:150:tanh | ) "
                + ") | ) layerNorm")
        try expectSame(threads, steps: 8, within: 1e-6) { try descent(layers, threads: $0, clipNorm: 0.5) }
    }

    @Test("threads leave what is frozen as it is, and train the rest as one does", arguments: [2, 3])
    func frozen(threads: Int) throws {
        var first = wide
        first.knobs["frozen"] = .toggle(true)
        let norm = Choice("batchNorm", ["frozen": .toggle(true)])
        let layers = [wide, first, norm, wide]
        let (one, several) = (
            try descent(layers, threads: 1, clipNorm: 0.5), try descent(layers, threads: threads, clipNorm: 0.5)
        )
        let start = one.parameters
        for _ in 0..<8 {
            _ = one.advance()
            _ = several.advance()
        }
        #expect(one.outline.trainedSpans.count == 3)
        for tensor in one.outline.tensors {
            let range = tensor.offset..<(tensor.offset + tensor.count)
            for descent in [one, several] {
                let isSame = descent.parameters[range] == start[range]
                #expect(isSame == tensor.isFrozen, "\(tensor.name)")
            }
        }
        let apart = zip(one.parameters, several.parameters).map { abs($0 - $1) }.max()!
        #expect(apart <= 1e-5)
    }

    @Test("threads share tied and frozen layers three blocks deep, and leave those that are frozen", arguments: [2, 3])
    func bound(threads: Int) throws {
        let layers = stack(
            "dense:150:tanh@a residual( branches:sum( dense:96:tanh@b residual( !batchNorm dense:150:tanh~b !dense:96:tanh | ) "
                + "dense:150:tanh~b | ) | ) dense:96:tanh~a")
        try expectSame(threads, steps: 6, within: 1e-5) { try descent(layers, threads: $0, clipNorm: 0.5) }
        let several = try descent(layers, threads: threads)
        let start = several.parameters
        for _ in 0..<4 { _ = several.advance() }
        for tensor in several.outline.tensors {
            let range = tensor.offset..<(tensor.offset + tensor.count)
            let isSame = several.parameters[range] == start[range]
            #expect(isSame == tensor.isFrozen, "\(tensor.name)")
        }
    }

    @Test("threads share images, whose normalizations take operations before and behind them along", arguments: [2, 3])
    func images(threads: Int) throws {
        var random = Random(seed: 4)
        let shape = Shape(3, 12, 12)
        let samples = Samples(
            count: 150, inputs: (0..<150 * shape.count).map { _ in Float(random.uniform(-1, 1)) },
            labels: (0..<150).map { Float($0 % 3) })
        let layers = stack(
            "conv2d:filters=8:padding=same:activation=tanh batchNorm "
                + "residual( conv2d:filters=8:padding=same batchNorm activation:relu conv2d:filters=8:padding=same batchNorm | ) "
                + "activation:relu residual( conv2d:filters=11:stride=2:padding=1 batchNorm | conv2d:filters=11:kernel=1:stride=2 "
                + "batchNorm:affine=false ) activation:relu dropout:rate=0.2 globalMeanPool dense:20:tanh batchNorm")
        func descent(_ threads: Int) throws -> GradientDescent {
            try GradientDescent(
                network: NetworkDescription(
                    input: shape, task: .classification(classes: 3), layers: layers, loss: Choice("softmaxCrossEntropy")
                ),
                learning: LearningDescription(optimizer: Choice("momentum"), batchSize: 64), train: samples,
                test: noSamples, seed: 3, threads: threads)
        }
        try expectSame(threads, steps: 6, within: 1e-6, descent)
    }

    private func program(_ input: Shape, _ layers: String) throws -> Program {
        try Plan(
            NetworkDescription(
                input: input, task: .classification(classes: 3), layers: stack(layers),
                loss: Choice("softmaxCrossEntropy"))
        ).program
    }

    /// An operation that is never run: the address is none.
    private static func bind(_ operation: Operation, lane: Int) -> lc_op {
        operation.bound { _ in UnsafeMutablePointer<Float>(bitPattern: 64)! }
    }

    /// The group of the last operation across the batch, with the operations behind that, and what is left before it.
    private func group(_ operations: [Operation]) -> (members: [String], sums: [String], left: String?) {
        let place = operations.lastIndex { $0.primitive.isAcrossBatch }!
        var pending = Array(operations[..<place])
        var group = UnitGroup(operations[place], pending: &pending, bind: Self.bind)
        for operation in operations[(place + 1)...] where !group.append(operation) { break }
        return (group.operations.map(\.primitive.id), group.sums.map(\.primitive.id), pending.last?.primitive.id)
    }

    @Test("an operation across the batch takes along what can be done for its units alone")
    func groups() throws {
        let program = try program(
            Shape(3, 8, 8),
            "conv2d:filters=8:padding=same batchNorm activation:relu conv2d:filters=8:padding=same:activation=tanh batchNorm "
                + "activation:relu globalMeanPool")
        let forward = group(program.trainingForward)
        // The activation behind a convolution stays with it.
        #expect(forward.members == ["normalizeBatch", "scaleShift", "activate"])
        #expect(forward.left == "activate")
        let backward = group(program.backward)
        #expect(
            backward.members == [
                "activateGradient", "scaleShiftGradient", "scaleShift", "normalizeBatchGradient", "activateGradient",
            ])
        #expect(backward.sums.contains("convolveGradient") && backward.left == "convolveBack")
    }

    @Test("sums of several steps at one place stay behind each other, also where the last could go with other units")
    func addingSums() throws {
        // As many units in the normalization of the steps as in that of the batch, which is behind it on the way back.
        let program = try program(
            Shape(3, 4),
            "branches:concatenate( flatten dense:4:linear batchNorm | eachStep( layerNorm dense:4:tanh ) flatten )")
        let group = group(program.backward)
        #expect(group.members == ["scaleShiftGradient", "scaleShift", "normalizeBatchGradient"])
        #expect(group.sums.count { $0 == "scaleShiftGradient" } == 3)
    }

    @Test("sums at one place whose parts are other rows are in phases one after the other")
    func sumsInPhases() throws {
        // The biases of a layer to which another is tied: alone at the last step, with the weights at those before.
        let program = try program(Shape(3, 4), "eachStep( dense:6:tanh@a dense:4:tanh~a )")
        let sums = program.backward.filter(\.sumsOverSamples)
        let phases = sums.inPhases
        #expect(phases.count == 2 && Array(phases.joined()) == sums)
        for phase in phases {
            let primitives = phase.flatMap { sum in sum.slices(.sums).map { ($0, sum.primitive.id) } }
            let names = Dictionary(primitives.map { ($0.0, Set([$0.1])) }) { $0.union($1) }
            #expect(names.values.allSatisfy { $0.count == 1 })
        }
        #expect([Operation]().inPhases.isEmpty)
    }

    @Test("units that no number divides are a few parts, and units with many rows one part each")
    func unevenUnits() throws {
        let program = try program(Shape(4), "dense:151:linear batchNorm")
        let across = try #require(program.trainingForward.first { $0.primitive.isAcrossBatch })
        var none: [Operation] = []
        let group = UnitGroup(across, pending: &none, bind: Self.bind)
        for (stride, count) in [(16, 8), (1 << 12, 10), (1 << 20, 151)] {
            let parts = group.parts(atLeast: 8, stride: stride)
            #expect(parts.count == count)
            #expect(parts.reduce(0) { $0 + Int($1.base[0].m) } == 151 && parts.allSatisfy { $0.base[0].m > 0 })
        }
    }

    @Test("threads share recurrent layers, of sequences of different lengths too", arguments: [2, 3])
    func sequences(threads: Int) throws {
        var random = Random(seed: 4)
        let (count, steps, features) = (100, 12, 8)
        var inputs: [Float] = []
        for _ in 0..<count {
            inputs += (0..<steps * features).map { _ in Float(random.uniform(-1, 1)) }
            inputs.append(Float(1 + Int(random.uniform() * Double(steps))))
        }
        let samples = Samples(count: count, inputs: inputs, labels: (0..<count * steps).map { Float($0 % 3) })
        func descent(_ threads: Int) throws -> GradientDescent {
            try GradientDescent(
                network: NetworkDescription(
                    input: Shape(steps, features), task: .classification(classes: 3),
                    layers: stack(
                        "conv1d:filters=8:activation=tanh lstm:units=32:bidirectional=true:returns=all:layers=2:dropout=0.2 "
                            + "gru:units=24:returns=all eachStep( dense:16:tanh )"),
                    loss: Choice("softmaxCrossEntropy"),
                    sequence: SequenceForm(hasLengths: true, targetSteps: steps)),
                learning: LearningDescription(optimizer: Choice("adam"), batchSize: 64, clipNorm: 1), train: samples,
                test: noSamples, seed: 3, threads: threads)
        }
        try expectSame(threads, steps: 6, within: 1e-5, descent)
    }

    @Test("bits do not depend on which thread takes which part, where more threads want to run than there are cores")
    func scheduling() {
        let layers = [wide, Choice("dropout", ["rate": .real(0.3)]), wide]
        let runs = Mutex<[[Float]]>([])
        DispatchQueue.concurrentPerform(iterations: 12) { _ in
            guard let one = try? descent(layers, threads: 3, clipNorm: 0.5) else { return }
            for _ in 0..<6 { _ = one.advance() }
            let parameters = one.parameters
            runs.withLock { $0.append(parameters) }
        }
        let found = runs.withLock { $0 }
        #expect(found.count == 12 && Set(found).count == 1)
    }

    @Test("a team does every part once, of tasks of fewer and of more parts than it has threads", arguments: [2, 5, 9])
    func parts(threads: Int) {
        let team = ThreadTeam(threads: threads)
        var random = Random(seed: 6)
        var wrong = 0
        for _ in 0..<3000 {
            let count = 1 + Int(random.uniform() * 20)
            let done = (0..<count).map { _ in CountedPart() }
            team.run(parts: count) { part, _ in done[part].times.add(1, ordering: .relaxed) }
            wrong += done.count { $0.times.load(ordering: .relaxed) != 1 }
        }
        #expect(wrong == 0)
    }

    private final class CountedPart: Sendable {
        let times = Atomic(0)
    }

    @Test("a network with a learned activation is trained by one thread and comes to the same weights")
    func learned() throws {
        let layer = Choice("dense", ["units": .integer(150), "activation": .choice(Choice("prelu"))])
        let (one, two) = (try descent([layer], threads: 1), try descent([layer], threads: 2))
        for _ in 0..<4 {
            _ = one.advance()
            _ = two.advance()
        }
        let apart = zip(one.parameters, two.parameters).map { abs($0 - $1) }.max()!
        #expect(apart <= 1e-6)
    }

    @Test("a weight that is no longer finite is seen in whatever part it lies")
    func diverged() throws {
        let two = try descent([wide, wide], threads: 2)
        var parameters = two.parameters
        parameters[parameters.count / 3] = .infinity
        two.parameters = parameters
        #expect(two.advance() == .diverged)
    }
}

import CKernels
import Testing

@testable import Engine

/// Small networks that have every entry of the catalogue among them, for kernels that are made for one network each.
struct FusedCase: Sendable, CustomTestStringConvertible {
    var name: String
    var network: NetworkDescription
    var optimizer: String
    /// Samples of a batch, of forty.
    var batchSize = 37

    var testDescription: String { name }

    static let hidden = Catalogue.activations.filter { !$0.entry.outputOnly }.map(\.entry.id)

    /// Every loss, with every activation in some hidden layer and four in outputs; every rule; every layer; between
    /// them every optimizer. The gradient that a threshold lets through is 0, so that the last come first.
    static let all: [FusedCase] = {
        var cases: [FusedCase] = []
        let optimizers = Catalogue.optimizers.map(\.entry.id)
        func add(_ name: String, _ network: NetworkDescription, batchSize: Int = 37) {
            cases.append(
                FusedCase(
                    name: name, network: network, optimizer: optimizers[cases.count % optimizers.count],
                    batchSize: batchSize))
        }
        var outputs = ["softmax", "prelu", "sigmoid", "gelu"].map { Choice($0) }[...]
        let count = Catalogue.losses.count
        for (index, loss) in Catalogue.losses.enumerated() {
            let inner = stride(from: index, to: hidden.count, by: count).reversed().map { hidden[$0] }
            let output = loss.impliedActivation == nil ? outputs.popFirst() : nil
            let network = classifier(
                inner.map { dense(3, Choice($0)) }, activation: output, loss: Choice(loss.entry.id), classes: 3)
            add((inner + [output?.id, loss.entry.id].compactMap { $0 }).joined(separator: ", "), network)
        }
        for rule in LearningRule.allCases where rule != .gradient {
            var network = classifier([], classes: 3)
            network.rule = rule
            add("\(rule)", network)
        }
        add(
            "values",
            NetworkDescription(
                input: Shape(2), task: .regression, layers: [dense(4, Choice("tanh"))], loss: Choice("huber")))
        // So many parameters that loops stay loops, and more samples than a group has work-items.
        let kinds = Catalogue.layers.map { Choice($0.entry.id) }.filter {
            (try? Plan(classifier([dense(4, Choice("tanh")), $0])))?.isFusible == true
        }
        let layers = [dropout(0.3), dense(12, Choice("tanh"))] + kinds
        add(
            "every layer",
            classifier(layers + [dense(9, Choice("prelu"))], loss: Choice("softmaxCrossEntropy"), classes: 4),
            batchSize: 600)
        return cases
    }()

    /// Every loss beside every output activation that goes with it.
    static let product: [FusedCase] = {
        var cases: [FusedCase] = []
        for loss in Catalogue.losses {
            for activation in Catalogue.activations.map(\.entry.id) {
                let network = classifier(
                    [dense(3, Choice("tanh"))], activation: Choice(activation), loss: Choice(loss.entry.id), classes: 4)
                // Which go together is the planner's to say.
                guard (try? Plan(network)) != nil else { continue }
                cases.append(
                    FusedCase(name: "\(loss.entry.id), \(activation)", network: network, optimizer: "sgd"))
            }
        }
        return cases
    }()

    /// `count` samples with classes or values, as the task has them.
    func samples(_ count: Int, seed: UInt64) -> Samples {
        var random = Random(seed: seed)
        var (inputs, labels): ([Float], [Float]) = ([], [])
        for _ in 0..<count {
            for _ in 0..<network.input.count { inputs.append(Float(random.uniform(-2, 2))) }
            switch network.task {
            case .regression, .reconstruction, .values: labels.append(Float(random.uniform(-1, 1)))
            case .classification(let classes): labels.append(Float(Int(random.uniform() * Double(classes))))
            }
        }
        return Samples(count: count, inputs: inputs, labels: labels)
    }

    func member(seed: UInt64, learning: LearningDescription) -> PopulationMember {
        PopulationMember(
            network: network, learning: learning, train: samples(40, seed: 3), test: samples(9, seed: 4), seed: seed)
    }
}

extension OpenCLSupport {
    /// |a − b| ≤ 1e-5 · max|b| for each of a network's tensors.
    static func expectEqual(_ a: [Float], _ b: [Float], _ outline: Outline, _ comment: String) {
        for tensor in outline.tensors {
            let places = tensor.offset..<tensor.offset + tensor.count
            expectEqual(Array(a[places]), Array(b[places]), "\(comment), \(tensor.name)")
        }
    }
}

/// A network on the processor, and the same as one kernel on the device.
struct FusedPair {
    let descent: GradientDescent
    private let backend: any Backend
    /// The values that come back from the device.
    private let arrived: ModelBlocks
    private let comment: String

    init(_ one: FusedCase, style: KernelText.Style) throws {
        comment = "\(one.name), \(one.optimizer)"
        descent = try GradientDescent(
            network: one.network,
            learning: LearningDescription(optimizer: Choice(one.optimizer), batchSize: one.batchSize),
            train: one.samples(max(40, one.batchSize + 3), seed: 3), test: one.samples(9, seed: 4), seed: 7)
        backend = try OpenCLFusedBackend(
            try #require(OpenCLSupport.device), plan: descent.model.plan, optimizer: descent.model.updater.kind,
            batchSize: descent.batchSize, train: descent.train, test: descent.test,
            classes: descent.evaluator.classes, style: style)
        let count = descent.model.outline.flatCount
        arrived = ModelBlocks(
            parameters: try Block(count: count), gradients: try Block(count: count),
            slots: try descent.model.updater.slots.map { _ in try Block(count: count) })
    }

    func write() throws {
        try backend.write(
            ModelBlocks(
                parameters: descent.model.parameterBlock, gradients: descent.model.gradientBlock,
                slots: descent.model.updater.slots))
    }

    /// The first `count` samples of a random order, on both; the update on both unless it is nil.
    func step(_ number: Int, count: Int, adds: Bool = false, update: UpdateStep? = nil) throws {
        let order = RowOrder(count: descent.train.count)
        var random = Random(seed: UInt64(number) + 11)
        order.shuffle(&random)
        descent.model.runPass(
            over: descent.feed, order: order, first: 0, count: count, seed: 5, counter: UInt64(number), adding: adds)
        try backend.run(
            TrainingStep(
                count: count, adds: adds, seed: 5, counter: UInt64(number), update: update, entry: number,
                place: descent.deviceSteps.place),
            rows: UnsafeBufferPointer(start: order.base, count: count))
        if let update { #expect(!descent.model.updater.repeatUpdate(update), "\(comment)") }
    }

    /// Compares what both hold now.
    func expectParity(_ when: String, gradients: Bool) throws {
        #expect(try backend.measure(entry: 0), "\(comment)")
        try backend.launch()
        try backend.dispatch(gradients: gradients)
        let delivery = try backend.collect(arrived)
        #expect(delivery.end == nil && delivery.measurements.count == 1, "\(comment)")
        for measured in delivery.measurements { expectParity(measured, "\(comment), \(when), measured") }
        var pairs = [("parameters", arrived.parameters, descent.model.parameterBlock)]
        if gradients { pairs.append(("gradients", arrived.gradients, descent.model.gradientBlock)) }
        for (name, pair) in zip(descent.model.updater.optimizer.slots, zip(arrived.slots, descent.model.updater.slots))
        {
            pairs.append((name, pair.0, pair.1))
        }
        for (name, there, here) in pairs {
            OpenCLSupport.expectEqual(there.array, here.array, descent.model.outline, "\(comment), \(when), \(name)")
        }
    }

    /// Losses, answers and the sums of the decaying weights, as the kernel measures them in passing.
    private func expectParity(_ measured: Measured, _ comment: String) {
        let (train, test) = (
            descent.evaluator.evaluate(descent.train)!, descent.evaluator.evaluate(descent.test)!
        )
        let weights = descent.model.parameterBlock.values.prefix(descent.model.plan.decayingCount)
        let sums = (weights.reduce(0) { $0 + abs($1) }, weights.reduce(0) { $0 + $1 * $1 })
        let pairs = [
            (measured.train.loss, train.loss), (measured.test?.loss ?? .nan, test.loss),
            (measured.train.squaredDistance ?? 0, train.squaredDistance ?? 0),
            (measured.test?.squaredDistance ?? 0, test.squaredDistance ?? 0),
            (measured.sums.absolute, Double(sums.0)), (measured.sums.squares, Double(sums.1)),
        ]
        for (there, here) in pairs { OpenCLSupport.expectEqual([Float(there)], [Float(here)], comment) }
        // Rounding may move a sample that is on the boundary.
        for (there, here) in [(measured.train.confusion, train.confusion), (measured.test!.confusion, test.confusion)] {
            #expect(there.count == here.count && there.reduce(0, +) == here.reduce(0, +), "\(comment)")
            let moved = zip(there, here).reduce(0) { $0 + abs($1.0 - $1.1) }
            #expect(moved <= 2, "\(comment): \(there) for \(here)")
        }
    }
}

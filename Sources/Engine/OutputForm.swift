/// The output and the loss of a network, for programs that build the same network.
public struct OutputForm: Sendable, Hashable {
    /// Output units, of each step where there is an answer at every step.
    public let units: Int
    /// The steps with a target each; nil: each sample has one.
    public let steps: Int?
    /// Whether the output gives back the input.
    public let reconstructs: Bool
    /// The activation and the loss with every knob written out.
    public let activation: Choice
    public let loss: Choice
    /// Whether the activation is part of the loss, which then takes the values before it.
    public let lossTakesSums: Bool
    /// The targets for "not this one" and "this one".
    public let low: Float
    public let high: Float
    /// The rule that replaces the loss's derivative; nil: the gradient.
    public let rule: LearningRule?
    /// The classes; nil: the answers are values.
    public let classes: Int?
    /// Whether layers draw random numbers while they train.
    public let drawsInTraining: Bool
    /// Whether a state goes on from batch to batch.
    public let carriesState: Bool

    init(_ plan: Plan, _ description: NetworkDescription) {
        let head = plan.head
        drawsInTraining = plan.program.trainingForward.contains { operation in
            guard case .stream = operation.kind else { return false }
            return operation.knobs.first.map { $0 > 0 } ?? true
        }
        carriesState = plan.program.carriesState
        (units, steps, reconstructs) = (head.units, head.steps, head.reconstructed != nil)
        activation = head.activation.choice.complete(in: .activation)
        loss = head.lossSettings.choice.complete(in: .loss)
        lossTakesSums = head.lossStage == .preActivation
        (low, high) = (head.targets.low, head.targets.high)
        rule = description.rule == .gradient ? nil : description.rule
        classes = description.task.classes
    }
}

extension NetworkDescription {
    /// - Throws: what is wrong with the description.
    public func outputForm() throws(EngineError) -> OutputForm { OutputForm(try Plan(self), self) }
}

/// The samples of one pass of training.
public struct TrainingPass: Sendable, Hashable {
    /// Their rows among the training samples, in order.
    public let rows: [Int32]
    /// Whether an update follows; else their gradients wait for the next one.
    public let isUpdate: Bool
    /// Whether it begins an epoch: states that are carried begin at 0.
    public let beginsEpoch: Bool
}

extension Procedure {
    /// The passes of the first steps from the start, in order.
    /// - Returns: nil: its steps are not those of one gradient descent.
    public func firstPasses(steps: Int, seed: UInt64) -> [TrainingPass]? {
        guard let descent = (self as? any DescentProcedure)?.descent else { return nil }
        let (feed, plan) = (descent.feed, descent.model.plan)
        // Over the same samples, so that training is not disturbed.
        let other = try? BatchFeed(
            feed.samples, network: descent.model.network, learning: descent.learning,
            smallest: plan.program.smallestBatch,
            inStreams: feed.isInStreams, seed: seed)
        return other?.passes(steps: steps)
    }
}

extension BatchFeed {
    fileprivate func passes(steps: Int) -> [TrainingPass] {
        var passes: [TrainingPass] = []
        func take(_ count: Int, isUpdate: Bool) {
            passes.append(
                TrainingPass(rows: Array(numbers(count: count)), isUpdate: isUpdate, beginsEpoch: position == 0))
        }
        for _ in 0..<steps {
            let count = begin()
            take(count, isUpdate: true)
            position += count
            guard isEpochOver else { continue }
            let rest = batches.carried(from: position)
            if rest > 0 { take(rest, isUpdate: false) }
            position = 0
            epoch += 1
        }
        return passes
    }
}

extension Catalogue {
    /// The procedures whose steps are those of a gradient on samples and nothing else, whatever changes the inputs.
    public static var descentProcedures: [String] { procedures.filter { $0.descendsPlainly }.map { $0.entry.id } }
}

/// The streams side by side in which a set is measured where a state is carried from batch to batch.
public func measuredStreams(samples: Int) -> Int { Streams.evaluatedCount(samples: samples) }

extension Procedure {
    /// The gradients of the mean loss of the first training samples at the present parameters, laid out as these, without
    /// penalties on the weights. Running statistics move as in a step.
    /// - Parameter count: at most those of a batch.
    /// - Returns: nil: its steps are not those of one gradient descent.
    public func gradients(ofFirst count: Int) -> [Float]? {
        guard let descent = (self as? any DescentProcedure)?.descent else { return nil }
        let feed = descent.feed
        descent.model.runPass(over: feed, order: nil, first: 0, count: count, seed: 0, counter: 0, adding: false)
        let weight = Float(feed.weight(from: 0, count: count))
        return descent.model.gradientBlock.array.map { $0 / weight }
    }
}

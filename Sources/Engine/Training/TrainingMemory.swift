import CKernels

/// The memory that training takes, estimated before any of it is reserved.
extension Plan {
    /// Bytes of training: parameters with all that goes with them, the passes, the samples, and the copies in which the
    /// parameters are drawn and looked at.
    /// - Parameters: train, test: numbers of samples.
    func trainingBytes(_ learning: LearningDescription, train: Int, test: Int) -> Int {
        let copies = 2
        let parameters = outline.flatCount * (2 + learning.optimizerSlots + copies) + decayingCount
        let batch = Self.wholeVectors(min(learning.batchSize, max(1, train)))
        let chunk = Self.wholeVectors(Evaluator.chunk(self, largestSet: max(train, test)))
        let passes = passRows(.training) * batch + passRows(.evaluation) * chunk
        return 4 * (parameters + passes) + sampleBytes(train + test)
    }

    /// Bytes of resident samples, with classes and order.
    /// - Parameter asFloats: for kernels that read nothing else.
    func sampleBytes(_ count: Int, asFloats: Bool = false) -> Int {
        let ofLabels = head.targetsAreLabels && !asFloats ? head.steps! : 2 * head.targetRows
        let targets = head.reconstructed == nil ? ofLabels : 0
        return count * (4 * (program.input.count + targets) + 12)
    }

    /// Rows of a pass, each as long as its batch.
    func passRows(_ part: CPUPass.Part) -> Int {
        program.valueRows + (part == .training ? program.trainingRows : program.target.count)
    }

    static func wholeVectors(_ count: Int) -> Int {
        (count + Int(LC_LANES) - 1) / Int(LC_LANES) * Int(LC_LANES)
    }
}

extension NetworkDescription {
    /// Bytes that training this network takes, estimated before any is reserved.
    /// - Parameters: train, test: numbers of samples.
    /// - Throws: what is wrong with the description.
    public func trainingBytes(
        _ learning: LearningDescription, train: Int, test: Int
    ) throws(EngineError) -> Int {
        try Plan(self).trainingBytes(learning, train: train, test: test)
    }
}

extension CohortPlan {
    /// Bytes that `make` reserves, roughly.
    public var bytes: Int {
        let (plan, member) = (plans[0], descriptions[0])
        let (train, test) = (member.train.count, member.test.count)
        guard isSideBySide else { return plan.trainingBytes(member.learning, train: train, test: test) }
        let slots = member.learning.optimizerSlots
        var sets = 0
        var previous: PopulationMember?
        for member in descriptions {
            if previous?.train != member.train || previous?.test != member.test { sets += 1 }
            previous = member
        }
        let lanes = device == .processor ? LanePass.lanes : descriptions.count
        // On a device the parameters and the passes are its own; they are drawn and read here.
        guard device == .processor else {
            return 4 * 3 * plan.outline.flatCount * lanes + 2 * sets * plan.sampleBytes(train + test, asFloats: true)
        }
        let batch = min(member.learning.batchSize, max(1, train))
        let chunk = max(1, min(LaneEvaluator.chunk, max(train, test)))
        let parameters = plan.outline.flatCount * (3 + slots) * lanes
        let passes = (plan.passRows(.training) * batch + plan.passRows(.evaluation) * chunk) * lanes
        let orders = member.learning.shuffle ? 4 * train * descriptions.count : 0
        return 4 * (parameters + passes) + sets * plan.sampleBytes(train + test, asFloats: true) + orders
    }
}

extension MemoryRoom {
    /// Refuses cohorts that do not fit side by side.
    /// - Parameters:
    ///   - besides: bytes that others take for them.
    ///   - mostBytes: what all may take, where that is less than there is.
    static func require(_ plans: [CohortPlan], besides: Int, mostBytes: Int) throws(EngineError) {
        let bytes = plans.reduce(besides) { $0 + $1.bytes }
        let count = plans.reduce(0) { $0 + $1.members.count }
        guard bytes <= mostBytes else {
            throw EngineError(
                place: "memory",
                message:
                    "\(plural(count, "such network")) would take \(byteWords(bytes)), at most \(byteWords(mostBytes)) train side by "
                    + "side; \(advice)")
        }
        try require(bytes, for: plural(count, "such network"), advice: advice)
    }
}

extension MemoryRoom {
    /// Refuses members that do not fit side by side; their samples' numbers alone matter. Members that cannot be trained at
    /// all are not refused here.
    public static func check(_ members: [PopulationMember], besides: Int, mostBytes: Int) throws(EngineError) {
        guard let plans = try? CohortPlan.plans(for: members) else { return }
        try require(plans, besides: besides, mostBytes: mostBytes)
    }
}

/// Everything that training needs to go on exactly where it was.
public struct TrainingState: Sendable, Hashable {
    public struct Slot: Sendable, Hashable {
        /// "momentum", "squareAverage", ...: part of a tensor's name in checkpoints.
        public var name: String
        public var values: [Float]

        public init(name: String, values: [Float]) {
            self.name = name
            self.values = values
        }
    }

    /// The state, or the cells, that one recurrent layer hands to the next batch.
    public struct CarriedState: Sendable, Hashable {
        /// "layers.1.h_l0": part of a tensor's name in checkpoints.
        public var name: String
        public var units: Int
        /// Row-major [units, samples of a batch].
        public var values: [Float]

        public init(name: String, units: Int, values: [Float]) {
            (self.name, self.units, self.values) = (name, units, values)
        }
    }

    /// The range of a counter of steps, epochs or updates: far more than anybody waits for, and far from where the
    /// arithmetic would end.
    public static let counts = 0...(1 << 53)

    public var parameters: [Float]
    /// One flat span for each of the optimizer's slots, laid out as the parameters.
    public var slots: [Slot]
    public var step: Int
    public var epoch: Int
    /// Samples of the present epoch already used.
    public var position: Int
    /// `carry`: the gradient sums not yet applied and their number of samples.
    public var carried: [Float]
    public var carriedCount: Int
    /// The states that recurrent layers hand to the next batch; none where no state is carried.
    public var states: [CarriedState] = []
    /// The present order of the training rows (empty: as they are).
    public var order: [Int32]
    /// The words of each of `Generator.all`, by its name. Where one is missing, training goes on with its own.
    public var generators: [String: [UInt64]]
    /// Further numbers that a procedure keeps, by their names.
    public var parts: [String: [Float]] = [:]

    public init(
        parameters: [Float], slots: [Slot], step: Int, epoch: Int, position: Int, carried: [Float] = [],
        carriedCount: Int = 0, order: [Int32] = [], generators: [String: [UInt64]] = [:]
    ) {
        self.parameters = parameters
        self.slots = slots
        self.step = step
        self.epoch = epoch
        self.position = position
        self.carried = carried
        self.carriedCount = carriedCount
        self.order = order
        self.generators = generators
    }
}

extension TrainingState {
    /// A generator's state, or a counter that goes with one.
    struct Generator: Sendable {
        /// Part of the key in checkpoints.
        let name: String
        let words: Int
        /// The last word counts up; else all of them are a generator's, which is never zeros.
        let counts: Bool

        /// Of the order of the samples.
        static let order = Generator(name: "shuffle", words: 4, counts: false)
        /// The noise streams' key and the number of passes.
        static let noise = Generator(name: "dropout", words: 2, counts: true)
        /// Updates since the optimizer was chosen.
        static let updates = Generator(name: "optimizer", words: 1, counts: true)
        static let all = [order, noise, updates]
    }

    /// The same state for more or fewer samples: new ones come last in this epoch; where some are gone it begins again.
    /// - Parameter count: at least 1.
    public mutating func fit(samples count: Int) {
        if position >= count || order.contains(where: { $0 >= count }) {
            (position, carried, carriedCount) = (0, [], 0)
        }
        guard !order.isEmpty else { return }
        order = order.filter { $0 < count } + Array(Int32(order.count)..<Int32(max(order.count, count)))
    }
}

extension TrainingState {
    /// The memory of its numbers, in bytes.
    public var bytes: Int {
        var floats = parameters.count + carried.count + order.count
        for slot in slots { floats += slot.values.count }
        for rows in states { floats += rows.values.count }
        for values in parts.values { floats += values.count }
        return 4 * floats
    }
}

extension Procedure {
    /// The least memory of a state: the parameters of all models, and the optimizers' numbers, in bytes.
    public var leastStateBytes: Int {
        models.reduce(0) { $0 + 4 * $1.model.outline.flatCount * (1 + $1.model.updater.slots.count) }
    }
}

extension GradientDescent {
    public var state: TrainingState {
        synchronize()
        let updater = model.updater
        var state = TrainingState(
            parameters: parameters,
            slots: zip(updater.optimizer.slots, updater.slots).map {
                TrainingState.Slot(name: $0, values: $1.array)
            },
            step: step, epoch: 0, position: 0, carried: feed.carriedCount > 0 ? model.gradientBlock.array : [],
            generators: [
                TrainingState.Generator.noise.name: [noiseKey, passes],
                TrainingState.Generator.updates.name: [UInt64(updater.steps)],
            ])
        feed.save(to: &state)
        state.states = zip(model.plan.program.carried, model.pass.carriedValues(count: batchSize)).map {
            TrainingState.CarriedState(name: $0.name, units: $0.slice.count, values: $1)
        }
        return state
    }

    /// Goes on from `state`, which must fit this network and optimizer.
    /// - Throws: the part that does not fit, expected and found; nothing has changed then.
    public func restore(_ state: TrainingState) throws(EngineError) {
        try check(state)
        let updater = model.updater
        updater.reset()
        for (name, block) in zip(updater.optimizer.slots, updater.slots) {
            if let slot = state.slots.first(where: { $0.name == name }) { block.write(slot.values) }
        }
        // An optimizer whose state was not saved begins anew, its count of steps too.
        let isFresh = state.slots.isEmpty && !updater.slots.isEmpty
        updater.steps =
            isFresh ? 0 : state.generators[TrainingState.Generator.updates.name].map { Int($0[0]) } ?? state.step
        step = state.step
        feed.restore(state)
        if feed.isInStreams { restoreStates(state) }
        if state.carriedCount > 0 { model.gradientBlock.write(state.carried) }
        model.clearFrozenGradients()
        if let words = state.generators[TrainingState.Generator.noise.name] {
            (noiseKey, passes) = (words[0], words[1])
        }
        divergence = nil
        model.write(parameters: state.parameters)
        deviceSteps.invalidateDevice()
        deviceSteps.forgetMeasurements()
    }

    /// Goes on in the streams of a state; the epoch begins again where the samples or the batches are others.
    private func restoreStates(_ state: TrainingState) {
        let carried = model.plan.program.carried
        let values = carried.map { rows in
            state.states.first { $0.name == rows.name && $0.values.count == rows.slice.count * batchSize }?.values
        }
        guard feed.hasStreams(of: state), values.allSatisfy({ $0 != nil }) else {
            feed.position = 0
            return
        }
        model.pass.write(carried: values.map { $0! }, count: batchSize)
    }

    private func check(_ state: TrainingState) throws(EngineError) {
        func expect(_ count: Int, _ found: Int, _ place: String, _ what: String) throws(EngineError) {
            guard count == found else {
                throw EngineError(place: place, message: "expected \(count) \(what), found \(found)")
            }
        }
        let (flatCount, optimizer) = (model.outline.flatCount, model.updater.optimizer)
        try expect(flatCount, state.parameters.count, "parameters", "values")
        let names = optimizer.slots
        for slot in state.slots {
            guard names.contains(slot.name) else {
                throw EngineError(
                    place: "optimizer.\(slot.name)",
                    message: "the optimizer \(optimizer.entry.id) keeps "
                        + (names.isEmpty ? "no state" : names.joined(separator: " and "))
                        + "; choose the optimizer that this state was saved with")
            }
            try expect(flatCount, slot.values.count, "optimizer.\(slot.name)", "values")
        }
        if !state.slots.isEmpty { try expect(names.count, state.slots.count, "optimizer", "slots") }
        for (name, count) in [("step", state.step), ("epoch", state.epoch)]
        where !TrainingState.counts.contains(count) {
            throw EngineError(
                place: name,
                message: "expected a whole number from 0 to \(TrainingState.counts.upperBound), found \(count)")
        }
        try feed.check(state)
        if state.carriedCount > 0 { try expect(flatCount, state.carried.count, "carried", "values") }
        for generator in TrainingState.Generator.all {
            let name = generator.name
            guard let words = state.generators[name] else { continue }
            try expect(generator.words, words.count, "generators.\(name)", "words")
            if generator.counts, words[generator.words - 1] > UInt64(TrainingState.counts.upperBound) {
                throw EngineError(
                    place: "generators.\(name)",
                    message: "expected at most \(TrainingState.counts.upperBound), found \(words[generator.words - 1])")
            }
            if !generator.counts, words.allSatisfy({ $0 == 0 }) {
                throw EngineError(
                    place: "generators.\(name)", message: "expected a generator's state, found zeros, which stay zeros")
            }
        }
    }
}

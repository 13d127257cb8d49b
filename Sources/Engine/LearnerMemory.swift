/// Reading, writing and restoring what a learner holds.
extension Learner {
    /// The flat parameters, as in `outline.tensors`.
    public var parameters: [Float] {
        get {
            synchronize()
            return parameterBlock.array
        }
        set {
            synchronize()
            precondition(
                newValue.count == outline.flatCount,
                "expected \(outline.flatCount) parameters, found \(newValue.count)")
            parameterBlock.write(newValue)
            invalidateDevice()
            if divergence != nil, newValue.allSatisfy(\.isFinite) { divergence = nil }
        }
    }

    public var state: LearnerState {
        synchronize()
        return LearnerState(
            parameters: parameters,
            slots: zip(updater.optimizer.slots, updater.slots).map {
                LearnerState.Slot(name: $0, values: $1.array)
            },
            step: step, epoch: epoch, position: position, carried: carriedCount > 0 ? gradientBlock.array : [],
            carriedCount: carriedCount, order: isShuffled ? order.array : [],
            generators: [
                "shuffle": shuffler.state, "dropout": [noiseKey, passes], "optimizer": [UInt64(updater.steps)],
            ])
    }

    /// Goes on from `state`, which must fit this network and optimizer.
    /// - Throws: which part does not fit, expected and found; the learner is then as it was.
    public func restore(_ state: LearnerState) throws(EngineError) {
        try check(state)
        parameterBlock.write(state.parameters)
        updater.reset()
        for (name, block) in zip(updater.optimizer.slots, updater.slots) {
            if let slot = state.slots.first(where: { $0.name == name }) { block.write(slot.values) }
        }
        // An optimizer whose state was not saved begins anew, its count of steps too.
        let isFresh = state.slots.isEmpty && !updater.slots.isEmpty
        updater.steps = isFresh ? 0 : state.generators["optimizer"].map { Int($0[0]) } ?? state.step
        step = state.step
        epoch = state.epoch
        position = state.position
        carriedCount = state.carriedCount
        if carriedCount > 0 { gradientBlock.write(state.carried) }
        isShuffled = !state.order.isEmpty
        if isShuffled { order.write(state.order) } else { order.restore() }
        if let words = state.generators["shuffle"] { shuffler = Random(state: words) }
        if let words = state.generators["dropout"] { (noiseKey, passes) = (words[0], words[1]) }
        divergence = nil
        invalidateDevice()
        measurements = []
    }

    private func check(_ state: LearnerState) throws(EngineError) {
        func expect(_ count: Int, _ found: Int, _ place: String, _ what: String) throws(EngineError) {
            guard count == found else {
                throw EngineError(place: place, message: "expected \(count) \(what), found \(found)")
            }
        }
        try expect(outline.flatCount, state.parameters.count, "parameters", "values")
        let names = updater.optimizer.slots
        for slot in state.slots {
            guard names.contains(slot.name) else {
                throw EngineError(
                    place: "optimizer.\(slot.name)",
                    message: "the optimizer \(updater.optimizer.entry.id) keeps "
                        + (names.isEmpty ? "no state" : names.joined(separator: " and "))
                        + "; choose the optimizer that this state was saved with")
            }
            try expect(outline.flatCount, slot.values.count, "optimizer.\(slot.name)", "values")
        }
        if !state.slots.isEmpty { try expect(names.count, state.slots.count, "optimizer", "slots") }
        for (name, count) in [("step", state.step), ("epoch", state.epoch)] where !LearnerState.counts.contains(count) {
            throw EngineError(
                place: name,
                message: "expected a whole number from 0 to \(LearnerState.counts.upperBound), found \(count)")
        }
        guard (0..<order.count).contains(state.position) else {
            throw EngineError(
                place: "position",
                message: "expected a place within \(order.count) training samples, found \(state.position)")
        }
        guard (0...order.count).contains(state.carriedCount) else {
            throw EngineError(
                place: "carried",
                message: "expected at most \(order.count) samples, found \(state.carriedCount)")
        }
        if state.carriedCount > 0 { try expect(outline.flatCount, state.carried.count, "carried", "values") }
        if !state.order.isEmpty, state.order.sorted() != (0..<Int32(order.count)).map({ $0 }) {
            throw EngineError(
                place: "order", message: "expected each of \(order.count) training samples once; the data is another")
        }
        for (name, count) in ["shuffle": 4, "dropout": 2, "optimizer": 1] {
            guard let words = state.generators[name] else { continue }
            try expect(count, words.count, "generators.\(name)", "words")
            // The last of these counts on: passes, updates.
            if name != "shuffle", words[count - 1] > UInt64(LearnerState.counts.upperBound) {
                throw EngineError(
                    place: "generators.\(name)",
                    message: "expected at most \(LearnerState.counts.upperBound), found \(words[count - 1])")
            }
            if name == "shuffle", words.allSatisfy({ $0 == 0 }) {
                throw EngineError(
                    place: "generators.\(name)", message: "expected a generator's state, found zeros, which stay zeros")
            }
        }
    }

    /// Copies every weight that a changed network can keep: tensors of layers matched by `paths` (of a layer in
    /// `outline` → of the old one that it continues), and of each tensor the part that both shapes have.
    public func inherit(_ parameters: [Float], from old: Outline, paths: [String: String]) {
        precondition(parameters.count == old.flatCount, "the parameters are not the old network's")
        synchronize()
        invalidateDevice()
        let known = Dictionary(uniqueKeysWithValues: old.tensors.map { ($0.name, $0) })
        for layer in outline.layers.flatMap(\.leaves) {
            guard let previous = paths[layer.path] else { continue }
            for index in layer.tensors {
                let tensor = outline.tensors[index]
                let name = previous + tensor.name.dropFirst(layer.path.count)
                guard let source = known[name], tensor.axes.count == source.axes.count else { continue }
                copyOverlap(of: source, in: parameters, to: tensor)
            }
        }
    }

    /// Copies the elements whose indices exist in both tensors.
    private func copyOverlap(of source: Outline.Tensor, in parameters: [Float], to tensor: Outline.Tensor) {
        for element in 0..<tensor.count {
            var (rest, stride, place, isShared) = (element, 1, 0, true)
            for axis in tensor.axes.indices.reversed() {
                let index = rest % tensor.axes[axis]
                rest /= tensor.axes[axis]
                isShared = isShared && index < source.axes[axis]
                place += index * stride
                stride *= source.axes[axis]
            }
            if isShared { parameterBlock[tensor.offset + element] = parameters[source.offset + place] }
        }
    }
}

import Basics
import Engine

/// Tensors that the document sets by hand (`initial.values`).
extension Experiment {
    /// One of them.
    struct GivenTensor {
        /// As in the outline: "layers.0.weight".
        var name: String
        /// Row-major, as the tensor lies in a checkpoint.
        var values: [Float]
    }

    /// - Throws: a text that is no name with numbers.
    func givenTensors() throws(ExperimentError) -> [GivenTensor] {
        var tensors: [GivenTensor] = []
        for (index, text) in initial.values.enumerated() {
            let words = text.split(whereSeparator: \.isWhitespace)
            let values = words.dropFirst().map { Float($0) }
            guard words.count > 1, values.allSatisfy({ $0?.isFinite == true }) else {
                throw ExperimentError(
                    .malformed, place: "initial.values.\(index)",
                    message: "expected a tensor's name and its numbers, such as “output.bias -2”, found \(quoted(text))"
                )
            }
            tensors.append(GivenTensor(name: String(words[0]), values: values.map { $0! }))
        }
        return tensors
    }

    /// Checks names and counts against a network.
    func checkInitialValues(_ outline: Outline) throws(ExperimentError) {
        for (index, given) in try givenTensors().enumerated() {
            func fail(_ message: String) -> ExperimentError {
                ExperimentError(.malformed, place: "initial.values.\(index)", message: message)
            }
            guard let tensor = outline.tensors.first(where: { $0.name == given.name }) else {
                throw fail(
                    "there is no tensor \(quoted(given.name)); "
                        + NearestName.advice(given.name, among: outline.tensors.map(\.name)))
            }
            guard tensor.count == given.values.count else {
                throw fail(
                    "expected \(plural(tensor.count, "number")) for \(given.name) of shape \(tensor.axes), found "
                        + "\(given.values.count)")
            }
        }
    }

    /// Checks them as far as the document tells the network.
    func checkInitialValues() throws(ExperimentError) {
        guard !initial.values.isEmpty else { return }
        _ = try givenTensors()
        guard let schema = dataSchema, let outline = try? likelyNetwork(schema).outline() else { return }
        try checkInitialValues(outline)
    }
}

extension Trainer {
    /// Puts the tensors that are set by hand over the others.
    static func set(_ procedure: any Procedure, by experiment: Experiment) {
        guard let given = try? experiment.givenTensors(), !given.isEmpty else { return }
        var parameters = procedure.parameters
        for tensor in procedure.outline.tensors {
            guard let own = given.last(where: { $0.name == tensor.name }), own.values.count == tensor.count else {
                continue
            }
            parameters.replaceSubrange(tensor.offset..<tensor.offset + tensor.count, with: own.values)
        }
        procedure.parameters = parameters
    }

    /// Sets some parameters: as a hand moves them together, or as they were before they were drawn again.
    /// - Parameter measures: the figures are measured at once; else `measureSetByHand` does it soon.
    func setParameters(_ indices: [Int], to values: [Float], measures: Bool = true) {
        var parameters = procedure.parameters
        for (index, value) in zip(indices, values) where parameters.indices.contains(index) {
            parameters[index] = value
        }
        guard parameters != procedure.parameters else { return }
        procedure.parameters = parameters
        if measures { measureSetByHand() }
        noteChange("\(plural(indices.count, "parameter")) set by hand", from: experiment)
    }

    /// Measures the network with the numbers that were set by hand. A run that has not begun begins with them.
    func measureSetByHand() {
        record.replaceBeginning(by: measure(), step: procedure.step)
    }

    /// Draws some parameters again, each as its layer's initializer draws them, and forgets what the optimizer keeps of
    /// them.
    /// - Parameters:
    ///   - indices: into the flat parameters.
    ///   - draw: its number, from 1: the same gives the same numbers.
    func reinitialize(_ indices: [Int], draw: UInt64) {
        var other = experiment
        other.seed = experiment.seed &+ 0x9E37_79B9 &* draw
        guard let fresh = try? Self.procedure(network, other, data, threads: threads) else { return }
        let drawn = fresh.parameters
        var state = procedure.state
        let old = state
        for index in indices where state.parameters.indices.contains(index) {
            state.parameters[index] = drawn[index]
            for slot in state.slots.indices { state.slots[slot].values[index] = 0 }
            if state.carried.indices.contains(index) { state.carried[index] = 0 }
        }
        guard state != old, (try? procedure.restore(state)) != nil else { return }
        remeasure()
        noteChange("\(plural(indices.count, "parameter")) drawn anew", from: experiment)
    }
}

import Engine

extension Trainer {
    /// The next update with all its numbers, done on a copy and on the processor: training stands where it stood.
    /// - Parameters:
    ///   - sample: the place in the batch of the sample whose values are told.
    ///   - turn: of the updates of a round (`Catalogue.turns`) the one that is told.
    /// - Throws: that this procedure or network cannot be told so, or that there is no memory for the copy.
    public func traceStep(sample: Int, turn: Int = 0) throws(ExperimentError) -> StepTrace {
        if let reason = experiment.reasonAgainstTracing(parameters: procedure.outline.flatCount) {
            throw ExperimentError(.malformed, place: "training", message: reason)
        }
        synchronize()
        let copy = try Self.procedure(network, experiment, data, threads: threads)
        do throws(EngineError) {
            try copy.restore(procedure.state)
            guard var trace = try copy.traceStep(sample: sample, turn: turn) else {
                throw EngineError(
                    place: "training",
                    message: "training has diverged, so there is no next update to walk through; start it again")
            }
            trace.parameterVersion = procedure.deviceSteps.latestParameters.version
            return trace
        } catch { throw ExperimentError(error) }
    }
}

extension Experiment {
    /// Why no update can be walked through in slow motion; nil: it can.
    /// - Parameter parameters: those of the network.
    public func reasonAgainstTracing(parameters: Int) -> String? {
        guard Catalogue.tracesSteps(learning.procedure) else {
            let others = Catalogue.entries(.procedure).filter { Catalogue.tracesSteps(Choice($0.id)) }.map(\.title)
            let title = Catalogue.entry(.procedure, learning.procedure.id)?.title ?? learning.procedure.id
            return "\(title) has no slow motion; the procedures with one are \(others.joined(separator: ", "))"
        }
        guard parameters <= StepTrace.mostParameters else {
            return
                "slow motion keeps every parameter several times: expected at most \(StepTrace.mostParameters), found \(parameters)"
        }
        return nil
    }
}

import Engine

/// Brings the trainer to the newest document; its data, when it needs others, are prepared meanwhile on a thread of their own.
struct ExperimentLoader {
    /// The fate of the newest document.
    enum News {
        /// There is none, or its data are still being prepared.
        case nothing
        /// It is opened with its data, and drawn weights, while the network that it starts from is being made.
        case shownEarly(isOtherRun: Bool)
        /// The trainer has it, with data that were awaited or those of before.
        case taken(isOtherRun: Bool, wasAwaited: Bool)
        /// It cannot be trained: `failure` says why.
        case failed
    }

    private let threads: Int
    /// The device to begin on, until there is a trainer.
    var device: ComputeDevice
    /// Called from another thread when there is something to receive, or a device is ready.
    private let wake: @Sendable () -> Void

    private(set) var trainer: Trainer?
    private(set) var failure: String?
    /// The document whose data are being prepared.
    private(set) var arrival: DataArrival?

    init(threads: Int, device: ComputeDevice, wake: @escaping @Sendable () -> Void) {
        (self.threads, self.device) = (threads, device)
        self.wake = wake
    }

    mutating func load(_ experiment: Experiment, directory: String?, _ continuation: Continuation) -> News {
        var continuation = continuation
        if let arrival {
            arrival.preparation.cancel()
            // A network that never arrived has nothing to be continued.
            if arrival.continuation == .fromTheStart { continuation = .fromTheStart }
            self.arrival = nil
        }
        let present = trainer?.presentData(for: experiment, directory: directory) ?? .others
        let needsInitial = trainer?.needsInitial(for: experiment, directory: directory, continuation) ?? true
        if present == .whole, !needsInitial { return take(experiment, directory: directory, continuation, nil) }
        do { try experiment.validate() } catch { return fail(error) }
        arrival = DataArrival(
            experiment: experiment, directory: directory, continuation: continuation,
            preparation: DataPreparation(
                experiment, directory: directory, data: present == .whole ? trainer?.data : nil,
                samples: present == .samples ? trainer?.data : nil, initial: needsInitial ? nil : trainer?.initial,
                done: wake))
        return .nothing
    }

    /// Takes the document whose data have arrived.
    mutating func receiveData() -> News {
        guard let arrival else { return .nothing }
        guard let result = arrival.preparation.take() else { return showEarly(arrival) }
        self.arrival = nil
        switch result {
        case .success(let prepared):
            return take(arrival.experiment, directory: arrival.directory, arrival.continuation, prepared)
        case .failure(let error): return fail(error)
        }
    }

    private mutating func showEarly(_ arrival: DataArrival) -> News {
        guard arrival.continuation == .fromTheStart, let data = arrival.preparation.takeData() else { return .nothing }
        do {
            let isOtherRun = try give(
                arrival.experiment, directory: arrival.directory, .fromTheStart,
                DataPreparation.Prepared(data: data, initial: .awaited))
            failure = nil
            return .shownEarly(isOtherRun: isOtherRun)
        } catch {
            // The mistake is told when all is there.
            return .nothing
        }
    }

    private mutating func take(
        _ experiment: Experiment, directory: String?, _ continuation: Continuation,
        _ prepared: DataPreparation.Prepared?
    ) -> News {
        do {
            let isOtherRun = try give(experiment, directory: directory, continuation, prepared)
            failure = nil
            return .taken(isOtherRun: isOtherRun, wasAwaited: prepared != nil)
        } catch { return fail(error) }
    }

    private mutating func fail(_ error: ExperimentError) -> News {
        failure = error.description
        return .failed
    }

    /// Gives the trainer a document, or makes one of it.
    /// - Returns: whether the run is another one: at step 0.
    private mutating func give(
        _ experiment: Experiment, directory: String?, _ continuation: Continuation,
        _ prepared: DataPreparation.Prepared?
    ) throws(ExperimentError) -> Bool {
        if let trainer {
            let generation = trainer.generation
            try trainer.load(
                experiment, directory: directory, continuation, data: prepared?.data, initial: prepared?.initial)
            return trainer.generation != generation
        }
        let trainer = try Trainer(
            experiment, directory: directory, threads: threads, device: device, data: prepared?.data,
            initial: prepared?.initial, onDeviceReady: wake)
        trainer.keepMoments()
        self.trainer = trainer
        return true
    }
}

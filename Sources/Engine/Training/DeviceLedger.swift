/// The steps and measurements handed to a backend, in order.
struct DeviceLedger {
    enum Entry {
        case step(TrainingStep)
        /// The losses at a place.
        case measurement(TrainingPlace)
    }
    private(set) var entries: [Entry] = []
    /// The samples of all steps.
    private(set) var rows: [Int32] = []
    private(set) var stepCount = 0
    /// The time of its first entry.
    private(set) var began: ContinuousClock.Instant?

    var isEmpty: Bool { entries.isEmpty }

    mutating func note(_ step: TrainingStep, _ numbers: UnsafeBufferPointer<Int32>) {
        begin()
        entries.append(.step(step))
        rows.append(contentsOf: numbers)
        stepCount += 1
    }

    mutating func noteMeasurement(at place: TrainingPlace) {
        begin()
        entries.append(.measurement(place))
    }

    private mutating func begin() {
        if entries.isEmpty { began = ContinuousClock.now }
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        stepCount = 0
        began = nil
    }

    /// The places at which the losses were measured.
    var measurements: [TrainingPlace] {
        entries.compactMap { if case .measurement(let place) = $0 { place } else { nil } }
    }

    /// The place after an entry.
    func place(after entry: Int) -> TrainingPlace {
        switch entries[entry] {
        case .measurement(let place): place
        case .step(let step): step.end
        }
    }
}

extension TrainingStep {
    /// The place after the update, or after the pass where there is none.
    var end: TrainingPlace {
        var end = place
        end.passes += 1
        guard let update else {
            end.carriedCount = count
            return end
        }
        end.step += 1
        end.position += count
        end.carriedCount = 0
        end.updates = Int(update.call.step)
        return end
    }
}

/// A backend at work and its ledgers. The model's memory is as it was before the steps that have not been delivered, so
/// that the processor can repeat them when the backend fails.
final class DeviceConnection {
    let backend: any Backend
    let device: ComputeDevice
    /// Whether the backend lacks the numbers in the model's memory.
    var isBehind = true
    /// The entries whose delivery is under way, and those that came after.
    private(set) var sent = DeviceLedger()
    private(set) var queued = DeviceLedger()
    /// The place that the model's memory stands for.
    private(set) var known: TrainingPlace
    private var sentTo: TrainingPlace
    /// Steps after which a delivery is asked for: about `interval` seconds of them.
    private var limit = 1
    private var delivered: ContinuousClock.Instant?

    /// Deliveries come as often as a screen shows them; large ones less often, lest they take the bus from the steps.
    private var interval: Double { max(0.01, Double(backend.deliverySize) / 250e6) }
    private static let mostSteps = 1 << 15
    private static let mostRows = 1 << 20

    /// - Parameter place: the present one.
    init(_ backend: any Backend, device: ComputeDevice, at place: TrainingPlace) {
        (self.backend, self.device) = (backend, device)
        (known, sentTo) = (place, place)
    }

    /// Whether it is time for a delivery.
    var isFull: Bool {
        !isBehind && (queued.stepCount >= limit || queued.rows.count >= Self.mostRows || backend.isFull)
    }

    var isUnderWay: Bool { !sent.isEmpty }

    func note(_ step: TrainingStep, _ numbers: UnsafeBufferPointer<Int32>) { queued.note(step, numbers) }

    func noteMeasurement(at place: TrainingPlace) { queued.noteMeasurement(at: place) }

    /// A delivery of all that is queued is under way.
    func dispatched(at place: TrainingPlace) {
        precondition(sent.isEmpty, "one delivery at a time")
        swap(&sent, &queued)
        sentTo = place
    }

    /// The delivery is in the model's memory.
    func collected() {
        let now = ContinuousClock.now
        // A ledger that filled while the one before was under way took the time since that one came.
        if let began = sent.began, sent.stepCount > 0 {
            let seconds = (now - max(began, delivered ?? began)) / .seconds(1)
            let fitting = Double(sent.stepCount) * interval / max(seconds, 1e-6)
            limit = max(1, min(2 * sent.stepCount, Int(min(fitting, Double(Self.mostSteps)))))
        }
        delivered = now
        known = sentTo
        sent.removeAll()
    }

    /// The model's memory holds other numbers now, at this place, than the backend's: the ledgers are void.
    func forget(at place: TrainingPlace) {
        sent.removeAll()
        queued.removeAll()
        known = place
        isBehind = true
    }
}

/// What a learner has handed to a backend, in order.
struct Ledger {
    enum Entry {
        case step(TrainingStep)
        /// The losses, after so many steps and epochs.
        case measurement(step: Int, epoch: Int)
    }
    private(set) var entries: [Entry] = []
    /// The samples of all steps.
    private(set) var rows: [Int32] = []
    private(set) var stepCount = 0
    /// When its first entry was noted.
    private(set) var began: ContinuousClock.Instant?

    var isEmpty: Bool { entries.isEmpty }

    mutating func note(_ step: TrainingStep, _ numbers: UnsafeBufferPointer<Int32>) {
        begin()
        entries.append(.step(step))
        rows.append(contentsOf: numbers)
        stepCount += 1
    }

    mutating func noteMeasurement(step: Int, epoch: Int) {
        begin()
        entries.append(.measurement(step: step, epoch: epoch))
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

    /// Steps and epochs that measurements were made after.
    var measurements: [(step: Int, epoch: Int)] {
        entries.compactMap { if case .measurement(let step, let epoch) = $0 { (step, epoch) } else { nil } }
    }

    /// Epochs done before the step with a number.
    func epoch(ofStep number: Int) -> Int? {
        for case .step(let step) in entries where step.number == number { return step.epoch }
        return nil
    }
}

/// A learner's steps on a backend. The learner's own memory is as it was before those that have not been delivered, so
/// that it can do them again by itself when the backend fails.
final class Delegation {
    let backend: any Backend
    let device: ComputeDevice
    /// Whether the backend lacks what the learner holds.
    var isBehind = true
    /// What a delivery is on its way for, then what came after that.
    private(set) var sent = Ledger()
    private(set) var queued = Ledger()
    /// Where the learner's own memory is, in steps and epochs.
    private(set) var known = (step: 0, epoch: 0)
    private var sentTo = (step: 0, epoch: 0)
    /// Steps after which a delivery is asked for: about `interval` seconds of them.
    private var limit = 1
    private var delivered: ContinuousClock.Instant?

    /// Deliveries come as often as a screen shows them; large ones less often, lest they take the bus from the steps.
    private var interval: Double { max(0.01, Double(backend.deliverySize) / 250e6) }
    private static let mostSteps = 1 << 15
    private static let mostRows = 1 << 20

    init(_ backend: any Backend, device: ComputeDevice) { (self.backend, self.device) = (backend, device) }

    /// Whether it is time for a delivery.
    var isFull: Bool { queued.stepCount >= limit || queued.rows.count >= Self.mostRows || backend.isFull }

    var isUnderWay: Bool { !sent.isEmpty }

    func note(_ step: TrainingStep, _ numbers: UnsafeBufferPointer<Int32>) { queued.note(step, numbers) }

    func noteMeasurement(step: Int, epoch: Int) { queued.noteMeasurement(step: step, epoch: epoch) }

    /// A delivery of all that is queued is on its way.
    func dispatched(step: Int, epoch: Int) {
        precondition(sent.isEmpty, "one delivery at a time")
        swap(&sent, &queued)
        sentTo = (step, epoch)
    }

    /// The delivery is in the learner's memory.
    func collected() {
        let now = ContinuousClock.now
        // A ledger that filled while the one before was on its way took the time since that one came.
        if let began = sent.began, sent.stepCount > 0 {
            let seconds = (now - max(began, delivered ?? began)) / .seconds(1)
            let fitting = Double(sent.stepCount) * interval / max(seconds, 1e-6)
            limit = max(1, min(2 * sent.stepCount, Int(min(fitting, Double(Self.mostSteps)))))
        }
        delivered = now
        known = sentTo
        sent.removeAll()
    }

    /// The learner's memory holds other numbers now, at this place, than the backend's: what was handed over is void.
    func forget(step: Int, epoch: Int) {
        sent.removeAll()
        queued.removeAll()
        known = (step, epoch)
        isBehind = true
    }
}

import Engine

/// The size of one update against the weights, of each of a network's layers.
public struct UpdateSizes: Sendable, Hashable {
    /// The step that was measured.
    public var step: Int
    /// ‖Δw‖ / ‖w‖, for each of the outline's layers; nil: it has no weights that train, or all are 0.
    public var ratios: [Double?]

    /// The largest of all layers; nil: none was measured.
    public var largest: Double? { ratios.compactMap(\.self).max() }
}

/// Measures single updates now and then, in the trainer's thread: the parameters before and after one.
struct UpdateMeter {
    private(set) var latest: UpdateSizes?
    private var due = 0.0

    private static let seconds = 0.5
    /// A measurement takes at most this share of the time.
    private static let share = 1.0 / 200

    mutating func forget() { (latest, due) = (nil, 0) }

    /// Makes one update where it is time for a measurement, the same that would have come next.
    /// - Returns: whether it was made, and what became of it; nil: it is not time.
    mutating func step(_ trainer: Trainer, at now: Double) -> Trainer.Progress? {
        guard now >= due, trainer.procedure.device == .processor else { return nil }
        let started = monotonicSeconds()
        let before = trainer.procedure.parameters
        let progress = trainer.step()
        let after = trainer.procedure.parameters
        let outline = trainer.procedure.outline
        let ratios = outline.layers.map { layer -> Double? in
            var (change, size) = (0.0, 0.0)
            for tensor in layer.tensors.map({ outline.tensors[$0] }) where tensor.decays && !tensor.isFrozen {
                for index in tensor.offset..<tensor.offset + tensor.count {
                    let (old, new) = (Double(before[index]), Double(after[index]))
                    change += (new - old) * (new - old)
                    size += old * old
                }
            }
            return size > 0 ? (change / size).squareRoot() : nil
        }
        latest = UpdateSizes(step: trainer.procedure.step, ratios: ratios)
        due = now + max(Self.seconds, (monotonicSeconds() - started) / Self.share)
        return progress
    }
}

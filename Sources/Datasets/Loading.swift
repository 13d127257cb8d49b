import Synchronization

/// The reading of a data file as another thread sees it: how far it has come, and a way to end it.
///
/// One thread passes it to `prepare`; any other asks `fraction` and calls `cancel`.
public final class Loading: Sendable {
    private let doneBits = Atomic<UInt64>(0)
    private let cancelled = Atomic(false)

    /// The part of the work that reading is; preparing the samples is the rest.
    static let readingPart = 0.8

    public init() {}

    /// The part that is done, 0 to 1.
    public var fraction: Double { Double(bitPattern: doneBits.load(ordering: .relaxed)) }
    public var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Ends the reading within some thousand rows or one image: `prepare` then throws a `DataError` of the kind
    /// `cancelled`.
    public func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Called by work that follows the reading.
    /// - Parameter fraction: the part that is done, 0 to 1.
    public func note(_ fraction: Double) { doneBits.store(min(max(fraction, 0), 1).bitPattern, ordering: .relaxed) }

    /// - Throws: that the loading was cancelled.
    func check() throws(DataError) {
        if isCancelled { throw DataError(.cancelled, place: "data", message: "the loading was cancelled") }
    }

    /// Called by the reader every few thousand rows, and before each image.
    /// - Parameter fraction: the part that is done, 0 to 1.
    func report(_ fraction: Double) throws(DataError) {
        try check()
        note(fraction)
    }
}

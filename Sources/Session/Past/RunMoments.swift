import Datasets
import Engine

/// Moments of one run, each with all that training needs to go on from it exactly.
///
/// They lie at the ends of epochs that are multiples of `spacing`, which doubles when there are too many: a run of any
/// length takes the same memory. The moments at which something was changed by hand are kept as well, for between two
/// of them the run can be trained again: a stretch.
struct RunMoments {
    /// A part of the run in which nothing was changed by hand.
    struct Stretch {
        var number: Int
        var experiment: Experiment
        var directory: String?
        var network: NetworkDescription
        var data: PreparedData
        /// Another number for other data.
        var dataNumber: Int
        /// The step at which it was changed; nil: it goes on.
        var end: Int?
    }

    struct Moment {
        var state: TrainingState
        /// Of its stretch.
        var number: Int
        /// It begins its stretch.
        var isFirst: Bool
        var bytes: Int
    }

    /// The memory of all moments, and of the data that they alone hold.
    static let mostBytes = 64 << 20
    static let most = 512
    /// On a device a moment waits for the steps under way: so many seconds lie between two.
    static let deviceSeconds = 1.0

    private let mostBytes: Int
    private let most: Int
    private(set) var moments: [Moment] = []
    private(set) var stretches: [Stretch] = []
    private(set) var bytes = 0
    /// When the last moment was kept, in seconds.
    private var keptAt = -Double.infinity
    /// Epochs between two moments.
    private(set) var spacing = 1
    /// The whole run was trained by the processor, which repeats it bit for bit.
    var canBeRepeated = true
    /// Why there are none, in words for the user; nil: there are.
    private(set) var refusal: String?

    init(mostBytes: Int = RunMoments.mostBytes, most: Int = RunMoments.most) {
        (self.mostBytes, self.most) = (mostBytes, most)
    }

    var last: Stretch? { stretches.last }

    /// A new run begins.
    mutating func reset() {
        (moments, stretches, bytes, spacing, canBeRepeated) = ([], [], 0, 1, true)
    }

    /// Whether a moment is due at the end of an epoch.
    /// - Parameters:
    ///   - onDevice: a device trains.
    ///   - now: seconds of a clock that runs forward.
    func isDue(at epoch: Int, onDevice: Bool = false, now: @autoclosure () -> Double = monotonicSeconds()) -> Bool {
        guard refusal == nil, epoch % spacing == 0, moments.last?.state.epoch != epoch else { return false }
        return !onDevice || now() - keptAt >= Self.deviceSeconds
    }

    /// The memory of data other than the present ones: of before drawings and points were added.
    var oldDataBytes: Int {
        var seen = Set(stretches.suffix(1).map(\.dataNumber))
        return stretches.reduce(0) { seen.insert($1.dataNumber).inserted ? $0 + $1.data.bytes : $0 }
    }

    /// Takes a stretch that begins at the procedure's present state: the first one, or after a change by hand.
    mutating func begin(_ stretch: Stretch, _ procedure: any Procedure) {
        refusal = nil
        guard 2 * procedure.leastStateBytes <= mostBytes else { return refuse(procedure.leastStateBytes) }
        var stretch = stretch
        stretch.number = (stretches.last?.number ?? -1) + 1
        if let last = stretches.indices.last { stretches[last].end = procedure.step }
        stretches.append(stretch)
        // A stretch without a step is nothing to look at.
        if let last = moments.last, last.isFirst, last.state.step == procedure.step, moments.count > 1 {
            let place = moments.count - 1
            remove { $0 == place }
        }
        add(procedure, isFirst: true)
        dropEmptyStretches()
    }

    /// Takes the moment at the end of an epoch.
    mutating func note(
        _ procedure: any Procedure, onDevice: Bool = false, now: @autoclosure () -> Double = monotonicSeconds()
    ) {
        guard refusal == nil, !stretches.isEmpty, procedure.divergence == nil else { return }
        add(procedure, isFirst: false)
        if onDevice { keptAt = now() }
    }

    private mutating func add(_ procedure: any Procedure, isFirst: Bool) {
        if procedure.device != .processor { canBeRepeated = false }
        let state = procedure.state
        guard 2 * state.bytes <= mostBytes else { return refuse(state.bytes) }
        moments.append(Moment(state: state, number: stretches.last!.number, isFirst: isFirst, bytes: state.bytes))
        bytes += state.bytes
        while oldDataBytes > mostBytes / 2 { dropOldestData() }
        while bytes + oldDataBytes > mostBytes || moments.count > most { thin() }
    }

    /// The moments whose data are the oldest go, with these.
    private mutating func dropOldestData() {
        guard let oldest = stretches.first?.dataNumber else { return }
        let gone = Set(stretches.filter { $0.dataNumber == oldest }.map(\.number))
        remove { _, moment in gone.contains(moment.number) }
        stretches.removeAll { gone.contains($0.number) }
    }

    private mutating func refuse(_ bytes: Int) {
        (moments, stretches, self.bytes) = ([], [], 0)
        refusal =
            "no way back: a moment of this network takes \((bytes + (1 << 20) - 1) >> 20) MB, and two do not fit into "
            + "\(mostBytes >> 20) MB"
    }

    /// Every second moment goes; where all that are left begin stretches, every second of these.
    private mutating func thin() {
        let last = moments.count - 1
        // Moments that begin stretches are thinned by their number.
        if moments.contains(where: { !$0.isFirst }) { spacing = min(2 * spacing, 1 << 30) }
        let spacing = spacing
        let before = moments.count
        remove { place, moment in
            !moment.isFirst && place != last && moment.state.epoch % spacing != 0
        }
        if moments.count == before || moments.count > most / 2 && moments.allSatisfy(\.isFirst) {
            remove { place, moment in place % 2 == 1 && place != last }
        }
        if moments.count == before { remove { $0 == 0 } }
        dropEmptyStretches()
    }

    private mutating func remove(where isGone: (Int, Moment) -> Bool) {
        var place = 0
        moments.removeAll { moment in
            defer { place += 1 }
            guard isGone(place, moment) else { return false }
            bytes -= moment.bytes
            return true
        }
    }

    private mutating func remove(where isGone: (Int) -> Bool) { remove { place, _ in isGone(place) } }

    private mutating func dropEmptyStretches() {
        let used = Set(moments.map(\.number))
        let last = stretches.last?.number
        stretches.removeAll { !used.contains($0.number) && $0.number != last }
    }

    /// The run goes on from a moment of a stretch: all that came after is gone.
    mutating func goOn(from stretch: Stretch, step: Int) {
        remove { _, moment in moment.state.step > step || moment.number > stretch.number }
        stretches.removeAll { $0.number > stretch.number }
        if let last = stretches.indices.last { stretches[last].end = nil }
    }

    /// The last moment at or before the end of an epoch.
    func moment(before epoch: Int) -> Moment? {
        moments.last { $0.state.epoch < epoch || $0.state.epoch == epoch && $0.state.position == 0 } ?? moments.first
    }

    /// The moment next to an epoch.
    func moment(nextTo epoch: Int) -> Moment? {
        moments.min { abs($0.state.epoch - epoch) < abs($1.state.epoch - epoch) }
    }

    func stretch(of moment: Moment) -> Stretch? { stretches.first { $0.number == moment.number } }
}

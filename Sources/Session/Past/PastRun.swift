import Engine

/// The present run at a moment before, in a procedure of its own: the run itself stays where it is.
final class PastRun {
    let stretch: RunMoments.Stretch
    let procedure: any Procedure
    /// The epoch that was asked for.
    let wanted: Int
    /// The epoch to train to; nil: the kept moment is shown as it is.
    private let target: Int?
    /// Seconds that training to the wanted epoch would take, where the nearest kept moment is shown instead.
    let tooLong: Double?

    init(
        _ stretch: RunMoments.Stretch, _ procedure: any Procedure, wanted: Int, target: Int?, tooLong: Double? = nil
    ) {
        (self.stretch, self.procedure, self.wanted, self.target) = (stretch, procedure, wanted, target)
        self.tooLong = tooLong
    }

    var isThere: Bool {
        guard let target, procedure.epoch < target else { return true }
        if let end = stretch.end, procedure.step >= end { return true }
        return procedure.divergence != nil
    }

    /// Trains on towards the wanted epoch.
    func advance(steps: Int) {
        guard !isThere else { return }
        let left = stretch.end.map { $0 - procedure.step } ?? .max
        _ = procedure.advance(steps: min(steps, left))
    }
}

/// A moment before the present one, as a snapshot shows it.
public struct PastMoment: Sendable, Hashable {
    /// The epoch that was asked for.
    public var wanted: Int
    /// Seconds that training to it would have taken; nil: it is the one that is shown.
    public var tooLong: Double?
    /// The present epoch.
    public var now: Int
}

/// A change by hand during a run.
public struct RunChange: Sendable, Hashable {
    public var epoch: Int
    public var step: Int
    /// "learning rate 0.03 → 0.1".
    public var words: String
    /// The experiment before it.
    var before: Experiment?
}

extension Trainer {
    /// The longest that a run is trained again between two kept moments, in seconds.
    static let repeatSeconds = 1.0

    /// Begins to keep moments of the run.
    func keepMoments(_ moments: RunMoments = RunMoments()) {
        self.moments = moments
        beginMoments()
    }

    /// A new run has begun.
    func beginMoments() {
        (past, changes) = (nil, [])
        guard moments != nil else { return }
        let first = stretch()
        moments!.reset()
        moments!.begin(first, procedure)
    }

    private func stretch(withOtherData: Bool = false) -> RunMoments.Stretch {
        let number = (moments?.last?.dataNumber ?? 0) + (withOtherData ? 1 : 0)
        return RunMoments.Stretch(
            number: 0, experiment: experiment, directory: directory, network: network, data: data, dataNumber: number)
    }

    /// Something was changed by hand, and the run goes on.
    func noteChange(_ words: String, from before: Experiment, withOtherData: Bool = false) {
        past = nil
        // Made before the moments change, which it reads.
        let next = stretch(withOtherData: withOtherData)
        moments?.begin(next, procedure)
        guard !words.isEmpty else { return }
        var change = RunChange(epoch: procedure.epoch, step: procedure.step, words: words, before: before)
        // Changes of one epoch are one.
        if let last = changes.last, last.epoch == change.epoch {
            changes.removeLast()
            let own = last.before.map { experiment.changeWords(since: $0) } ?? ""
            change.before = last.before
            // A hand that moves a line does the same many times.
            let both = last.words.hasSuffix(words) ? last.words : "\(last.words), \(words)"
            change.words = own.isEmpty || before == experiment ? both : own
        }
        changes.append(change)
        if changes.count > Self.mostChanges { changes.removeFirst() }
    }

    private static let mostChanges = 256

    /// Goes to the end of an epoch of the run; `past.advance` trains the rest of the way. The nearest kept moment is taken
    /// where that would take too long.
    /// - Throws: why there is no way back.
    func goBack(to epoch: Int, stepsPerSecond: Double) throws(ExperimentError) {
        guard let moments, moments.refusal == nil, let from = moments.moment(before: epoch) else {
            throw ExperimentError(.arguments, place: "", message: moments?.refusal ?? "no moments are kept")
        }
        let isThere = from.state.epoch >= epoch
        // Where the way leads on from the moment that is shown, it is shorter.
        if !isThere, let past, past.stretch.number == from.number, past.procedure.step >= from.state.step,
            past.procedure.epoch <= epoch, moments.canBeRepeated, past.procedure.divergence == nil,
            seconds(from: past.procedure, to: epoch, stepsPerSecond) <= Self.repeatSeconds
        {
            self.past = PastRun(past.stretch, past.procedure, wanted: epoch, target: epoch)
            return
        }
        let steps = Double(epoch - from.state.epoch) * Double(procedure.stepsPerEpoch)
        let needed = steps / max(stepsPerSecond, 1e-3)
        let canRepeat = moments.canBeRepeated && needed <= Self.repeatSeconds
        let moment = isThere || canRepeat ? from : moments.moment(nextTo: epoch) ?? from
        guard let stretch = moments.stretch(of: moment) else {
            throw ExperimentError(.arguments, place: "", message: "this moment is no longer kept")
        }
        let shown: any Procedure
        if let past, past.stretch.number == stretch.number {
            shown = past.procedure
        } else {
            shown = try Self.procedure(stretch.network, stretch.experiment, stretch.data, threads: threads)
        }
        do { try shown.restore(moment.state) } catch { throw ExperimentError(error) }
        past = PastRun(
            stretch, shown, wanted: epoch, target: canRepeat ? epoch : nil, tooLong: isThere || canRepeat ? nil : needed
        )
    }

    private func seconds(from procedure: any Procedure, to epoch: Int, _ stepsPerSecond: Double) -> Double {
        Double(epoch - procedure.epoch) * Double(procedure.stepsPerEpoch) / max(stepsPerSecond, 1e-3)
    }

    /// The moment before as a snapshot, with the curves of the whole run.
    func pastSnapshot(revision: Int, now: Snapshot) -> Snapshot? {
        guard let past else { return nil }
        let (stretch, procedure) = (past.stretch, past.procedure)
        let isSame = stretch.dataNumber == moments?.last?.dataNumber && stretch.network == network
        var snapshot = Snapshot(
            revision: isSame ? revision : -1 - stretch.dataNumber, generation: generation,
            experiment: stretch.experiment, network: stretch.network, outline: procedure.outline, data: stretch.data,
            parameters: procedure.parameters, state: .paused, step: procedure.step, epoch: procedure.epoch,
            evaluation: procedure.measure(), history: now.history, learningRate: procedure.scheduledRate,
            stepsPerSecond: 0, epochsPerSecond: 0, threads: threads, device: now.device,
            wantedDevice: now.wantedDevice, seconds: now.seconds)
        snapshot.game = procedure.gameReport
        snapshot.picture = procedure.pictureReport
        snapshot.changes = changes
        snapshot.past = PastMoment(wanted: past.wanted, tooLong: past.tooLong, now: now.epoch)
        return snapshot
    }

    /// The run goes on from the moment that is shown; what came after is left out of its curves.
    func goOnFromPast() {
        guard let past else { return }
        let stretch = past.stretch
        take(stretch, past.procedure)
        moments?.goOn(from: stretch, step: procedure.step)
        changes.removeAll { $0.step > procedure.step }
        self.past = nil
    }
}

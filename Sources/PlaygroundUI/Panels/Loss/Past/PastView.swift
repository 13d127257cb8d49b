import Basics
import Session
import TerminalKit

/// The run as it was at a moment before, in place of the present one on the screen.
struct PastView: Sendable {
    /// The epoch that was asked for last.
    var epoch: Int
    /// The moment, once the trainer is there.
    @Boxed var then: Snapshot? = nil
    /// The present stands on the screen for comparison.
    var showsNow = false
    /// Training went on when it was left, and goes on again with the present.
    var resumes: Bool
    /// The run is shown again from an epoch on, since a time in seconds; nil: it stands still.
    var replay: (epoch: Int, since: Double)?
}

extension App {
    /// The last epoch of the run.
    private var lastEpoch: Int { newest?.history.points.last?.epoch ?? newest?.epoch ?? 0 }

    /// Why there is no way back, or nil.
    var pastRefusal: String? {
        guard let newest else { return "there is no run yet" }
        return newest.pastRefusal ?? (lastEpoch == 0 ? "the run has no epoch yet" : nil)
    }

    /// Shows the end of an epoch of the run; beyond the last one the present.
    mutating func goBack(to epoch: Int) {
        if let reason = pastRefusal {
            notice = Notice(reason)
            return
        }
        let last = lastEpoch
        guard epoch < last else { return leavePast() }
        let epoch = max(0, epoch)
        if past == nil {
            past = PastView(epoch: epoch, resumes: playing.experiment)
            if playing.experiment { setPlaying(false) }
        }
        past?.epoch = epoch
        past?.showsNow = false
        plots.moment = Double(epoch) / Double(max(1, last))
        outbox.append(.trainer(.goBack(epoch: epoch)))
    }

    /// - Parameter share: of the run, 0…1.
    mutating func goBack(toShare share: Double) {
        past?.replay = nil
        goBack(to: Int(bounded: (share * Double(lastEpoch)).rounded()))
    }

    /// Back to the present, which goes on if it did before.
    mutating func leavePast(resumes: Bool = true) {
        plots.moment = nil
        guard let past else { return }
        self.past = nil
        snapshot = newest
        outbox.append(.trainer(.leavePast))
        if resumes, past.resumes { setPlaying(true) }
    }

    /// One column of the curves, and at least one epoch.
    mutating func moveInTime(_ direction: Int) {
        let last = lastEpoch
        let present = past?.epoch ?? last
        past?.replay = nil
        goBack(to: present + direction * max(1, last / 100))
    }

    mutating func moveInTime(byEpochs count: Int) {
        past?.replay = nil
        goBack(to: (past?.epoch ?? lastEpoch) + count)
    }

    /// Shows the moment, or the present in its place.
    mutating func flipTime() {
        guard let then = past?.then, let newest else { return }
        past?.showsNow.toggle()
        let showsNow = past?.showsNow == true
        snapshot = showsNow ? newest : then
        past?.replay = nil
        notice = Notice(
            showsNow ? "now: epoch \(formatCount(newest.epoch))" : "then: epoch \(formatCount(then.epoch))")
    }

    /// The run goes on from the moment that is shown, as a branch: the curves so far stay as those of an earlier run.
    mutating func goOnFromPast() {
        guard let past, let then = past.then else { return }
        guard then.past?.wanted == past.epoch else { return notice = "the moment is not there yet" }
        if let newest { earlier.keep(newest, because: "back to epoch \(formatCount(then.epoch))") }
        earlier.skipsNext = true
        self.past = nil
        plots.moment = nil
        session.goBack(to: then.experiment)
        outbox.append(.trainer(.goOnFromPast))
        notice = Notice(
            "the run goes on from epoch \(formatCount(then.epoch)) with \(label("training.play")); the curves before stay in the list (\(label("loss.runs")))"
        )
        refresh()
    }

    mutating func toggleReplay() {
        guard let past else { return }
        let replay = past.replay == nil ? (past.epoch, now) : nil
        self.past?.replay = replay
    }

    /// The replayed run's next moment.
    /// - Returns: whether something has changed.
    mutating func advancePast(at time: Double) -> Bool {
        guard let past, let replay = past.replay, past.then?.past?.wanted == past.epoch else { return false }
        let speed = experiment.view.epochsPerSecond ?? max(1, Double(lastEpoch) / 10)
        let epoch = replay.epoch + Int(bounded: (time - replay.since) * speed)
        guard epoch != past.epoch else { return false }
        now = time
        goBack(to: epoch)
        // From here on another speed counts at once.
        self.past?.replay = (epoch, replay.since + Double(epoch - replay.epoch) / speed)
        return true
    }

    /// Until the replayed run's next moment; nil: none is awaited.
    var millisecondsToPast: Int? { past?.replay == nil ? nil : 60 }

    /// A moment has come from the trainer.
    mutating func receive(past then: Snapshot?) {
        guard past != nil, let then, let moment = then.past else { return }
        let isNew = past?.then?.parameterVersion != then.parameterVersion
        past?.then = then
        if past?.showsNow != true { snapshot = then }
        guard isNew, moment.wanted == past?.epoch, past?.replay == nil else { return }
        var words = "epoch \(formatCount(then.epoch)) as it was, now \(formatCount(moment.now))"
        if then.epoch > moment.wanted { words = "the first kept moment, " + words }
        if let seconds = moment.tooLong, then.epoch != moment.wanted {
            words =
                "the nearest kept moment, epoch \(formatCount(then.epoch)): training again to "
                + "\(formatCount(moment.wanted)) would take \(formatNumber(seconds, digits: 2)) s"
        }
        notice = Notice(words)
    }
}

extension TrainerCommand {
    /// Training goes on or stands still after it.
    var decidesOnPlaying: Bool {
        switch self {
        case .play, .stepBatch, .stepEpoch: true
        default: false
        }
    }

    /// It is about the present run: a moment before is left first.
    var endsPast: Bool {
        switch self {
        case .load, .play, .stepBatch, .stepEpoch, .traceStep, .reset, .setParameter, .setParameters, .reinitialize,
            .loadCheckpoint:
            true
        case .pause, .setSpeed, .setDevice, .skipInitial, .giveNetwork, .saveCheckpoint, .goBack, .leavePast,
            .goOnFromPast:
            false
        }
    }
}

/// The keys of the loss panel while a moment before is shown.
enum PastCommands {
    static let all: [Command] = [
        moving("past.earlier", "back in time: one column of the curves", ["left", "h"], "time") { $0.moveInTime(-1) },
        moving("past.later", "forward in time: one column of the curves", ["right", "l"], "time") { $0.moveInTime(1) },
        moving("past.now", "to the present", ["end", "esc"], "now") { $0.leavePast() },
        moving("past.goOn", "go on from here: a branch, which keeps both curves", ["enter"], "go on from here") {
            $0.goOnFromPast()
        },
        moving("past.flip", "the present in place of the moment before; again: the moment", ["x"], "then or now") {
            $0.flipTime()
        },
        moving("past.replay", "show the run again from here on, at the speed that is set", ["space"], "replay") {
            $0.toggleReplay()
        },
        moving("past.epochEarlier", "back in time: one epoch", [","], "epoch") { $0.moveInTime(byEpochs: -1) },
        moving("past.epochLater", "forward in time: one epoch", ["."], "epoch") { $0.moveInTime(byEpochs: 1) },
        moving("past.start", "to the beginning of the run", ["home"], "start") { $0.goBack(to: 0) },
    ]

    private static func moving(
        _ id: String, _ help: String, _ keys: [String], _ hint: String, _ run: @escaping @Sendable (inout App) -> Void
    ) -> Command {
        Command(
            id, help, hint: hint, keys: keys, panels: [.loss],
            disabled: { $0.past == nil ? "\($0.label("past.earlier")) in the loss panel goes back in time" : nil },
            run: run)
    }
}

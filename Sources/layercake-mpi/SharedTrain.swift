import ArgumentParser
import Basics
import Engine
import FoundationEssentials
import PlaygroundUI
import Session
import TerminalKit

/// `layercake-mpi train`.
struct SharedTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train an experiment; each process takes its part of every batch.",
        discussion: """
            The weights are those of 'layercake train' but for rounding. A process that is lost ends all: --save-every keeps the \
            weights on the way, and --load goes on from them.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(help: "Stop after so many epochs from the start or the load.")
    var epochs: Int?

    @Option(help: "Stop after so many steps from the start or the load.")
    var steps: Int?

    @Option(help: "The seed of the weights, in place of the experiment's.")
    var seed: UInt64?

    @Option(help: "Threads of each process (default: the processors that it may use, shared with those beside it).")
    var threads: Int?

    @Flag(
        help:
            "Normalize batches over the samples of all processes, as one process does; else each normalizes its own part."
    )
    var synchronized = false

    @Option(help: "Report the losses every so many epochs (with json: as text on standard error).")
    var reportEvery: Int?

    @Option(help: "How to print: text, json (one object at the end) or jsonl (one for each report).")
    var format = Train.Format.text

    @Option(help: "Write the weights and the optimizer's state to a safetensors file at the end.", completion: .file())
    var save: String?

    @Option(help: ArgumentHelp("Save every so many epochs too.", valueName: "epochs"))
    var saveEvery: Int?

    @Option(
        help: "Go on from a safetensors file, or begin with the weights of one that PyTorch wrote.", completion: .file()
    )
    var load: String?

    @Flag(help: "Print the plots as text at the end.")
    var plot = false

    @Option(help: "Write the loss curve to a CSV file.", completion: .file())
    var history: String?

    func validate() throws {
        try TrainLimits.check(
            counts: [
                "epochs": (epochs, TrainLimits.mostEpochs), "steps": (steps, TrainLimits.mostSteps),
                "report-every": (reportEvery, TrainLimits.mostEpochs),
                "save-every": (saveEvery, TrainLimits.mostEpochs),
                "threads": (threads, TrainLimits.mostThreads),
            ], seed: seed, files: ["save": save, "load": load, "history": history])
        guard saveEvery == nil || save != nil else {
            throw ValidationError("--save-every: name the file of the weights with --save")
        }
    }

    /// Processors of this rank: the launcher may have bound it to some; where it has not, those beside it want theirs.
    private var ownThreads: Int {
        let usable = ProcessInfo.processInfo.activeProcessorCount
        let ranks = Layercake.ranks
        return usable < ProcessInfo.processInfo.processorCount ? usable : max(1, usable / ranks.onHost)
    }

    func run() throws {
        let ranks = Layercake.ranks
        let source = ranks.together { try options.open() }
        // The trainer's beginning asks the other ranks: one that fails alone must not leave them waiting.
        let trainer: Trainer
        do { trainer = try begin(source) } catch { ranks.abort(error) }
        ranks.together {
            try ranks.compare(
                [
                    "experiment": stableHash(trainer.experiment.json.text().utf8),
                    "training data": trainer.data.learned.train.digest, "test data": trainer.data.learned.test.digest,
                    "weights": stableHash(trainer.procedure.parameters),
                ], threads: trainer.threads, advice: "give all ranks the same files")
        }
        let run = TrainRun(trainer: trainer, epochs: epochs, steps: steps, seconds: nil)
        let every = reportEvery ?? (format == .jsonl ? 1 : nil)
        var saved = trainer.procedure.epoch
        // A signal ends a rank at once, and with it all: one that stopped by itself would leave the others waiting.
        let reason = run.train(isInterrupted: { false }) { run in
            guard ranks.isFirst else { return }
            if let save, let saveEvery, run.epoch - saved >= saveEvery {
                do { try trainer.checkpoint(for: save).write(to: save) } catch { ranks.abort(error) }
                saved = run.epoch
            }
            guard let every, run.epoch % every == 0 else { return }
            switch format {
            case .text: print(run.textLine)
            case .jsonl: print(json: report(run, nil).text(compact: true))
            // Standard output is one object.
            case .json: Output.writeError(run.textLine + "\n")
            }
            Output.flush()
        }
        if ranks.isFirst, let save {
            do {
                try trainer.checkpoint(for: save).write(to: save)
                try trainer.experiment.writeKeptTable(besides: save, from: source.directory)
            } catch { ranks.abort(error) }
        }
        ranks.together {
            try ranks.compare(
                ["weights after training": stableHash(trainer.procedure.parameters)], threads: trainer.threads,
                advice: "their processors or libraries round otherwise; what was saved is rank 0's")
        }
        guard ranks.isFirst else { return }
        switch format {
        case .text: print(run.summary(stopReason: reason) + "\n" + words(trainer))
        case .json: print(json: report(run, reason).text())
        case .jsonl: print(json: report(run, reason).text(compact: true))
        }
        if plot {
            let target = PlotTarget.output
            target.print(PlotSheet.draw(run.snapshot, width: target.width, capabilities: target.capabilities))
        }
        if let history { try SavedFile.write(trainer.history.csv, to: history) }
    }

    private func begin(_ source: ExperimentSource) throws -> Trainer {
        let ranks = Layercake.ranks.normalizing(together: synchronized)
        if ranks.isFirst { for path in [save, history].compactMap(\.self) { try SavedFile.check(path) } }
        var experiment = source.experiment
        experiment.take(seed: seed, isLimited: epochs != nil || steps != nil)
        guard experiment.rivals.isEmpty else {
            throw ExperimentError(
                .malformed, place: "rivals",
                message: "they do not learn in several processes; leave them to 'layercake train'")
        }
        let weights = load ?? source.weights
        let trainer = try source.naming {
            try Trainer(
                experiment, directory: source.directory, threads: threads ?? ownThreads, trainsPreset: weights == nil,
                copies: ranks)
        }
        if weights == nil, let failure = trainer.initialFailure { try source.naming { throw failure } }
        let restored = try weights.map { try trainer.restore(Checkpoint(readingFrom: $0)) } ?? []
        if ranks.isFirst {
            if weights == nil { Failure.note(trainer.initialNotes, of: "initial") }
            Failure.note(restored, of: weights ?? "")
            Failure.note(trainer.data.report?.warnings ?? [], of: experiment.dataName)
            Failure.note(
                experiment.notes(on: trainer.data, for: trainer.procedure.outline), of: experiment.dataName)
        }
        return trainer
    }

    /// "2 processes of 1 thread each, kernels v3"
    private func words(_ trainer: Trainer) -> String {
        let ranks = Layercake.ranks
        let level = (try? Processor.simdLevel()) ?? "unknown"
        return "\(plural(ranks.count, "process")) of \(plural(trainer.threads, "thread")) each, "
            + "kernels \(level)"
    }

    private func report(_ run: TrainRun, _ reason: String?) -> JSON {
        guard case .object(let members) = run.report(stopReason: reason) else { return .null }
        return .object(members + [JSON.Member("ranks", .number(Double(Layercake.ranks.count)))])
    }
}

/// The hash of numbers' bits.
private func stableHash(_ numbers: [Float]) -> UInt64 { numbers.withUnsafeBytes { Engine.stableHash($0) } }

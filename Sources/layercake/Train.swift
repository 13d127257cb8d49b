import ArgumentParser
import Engine
import FoundationEssentials
import PlaygroundUI
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct Train: ParsableCommand, DeviceCommand {
    static let configuration = CommandConfiguration(abstract: "Train an experiment without a screen.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, jsonl }

    @OptionGroup var options: ExperimentOptions

    @Option(help: "Stop after so many epochs from the start or the load.")
    var epochs: Int?

    @Option(help: "Stop after so many steps from the start or the load.")
    var steps: Int?

    @Option(help: "Stop after so many seconds.")
    var seconds: Double?

    @Option(help: "The seed of the weights, in place of the experiment's.")
    var seed: UInt64?

    @Option(help: "Threads that train; small networks use one whatever it says (default: all processors).")
    var threads: Int?

    @OptionGroup var place: DeviceOption

    @Option(help: "Report the losses every so many epochs (with json: as text on standard error).")
    var reportEvery: Int?

    @Option(help: "How to print: text, json (one object at the end) or jsonl (one for each report).")
    var format = Format.text

    @Option(help: "Write the weights and the optimizer's state to a safetensors file at the end.", completion: .file())
    var save: String?

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
                "report-every": (reportEvery, TrainLimits.mostEpochs), "threads": (threads, TrainLimits.mostThreads),
            ], seed: seed, files: ["save": save, "load": load, "history": history])
        if let seconds, !(seconds > 0 && seconds < 1e9) {
            throw ValidationError("--seconds: expected more than 0, found \(seconds)")
        }
    }

    func run() throws {
        for path in [save, history].compactMap(\.self) { try SavedFile.check(path) }
        let source = try options.open()
        var experiment = source.experiment
        experiment.take(seed: seed, isLimited: epochs != nil || steps != nil || seconds != nil)
        let device = try place.open()
        let weights = load ?? source.weights
        let trainer = try source.naming {
            try Trainer(
                experiment, directory: source.directory,
                threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, device: device,
                trainsPreset: weights == nil)
        }
        if weights == nil {
            if let failure = trainer.initialFailure { try source.naming { throw failure } }
            Failure.note(trainer.initialNotes, of: "initial")
        }
        if let weights {
            Failure.note(try trainer.restore(Checkpoint(readingFrom: weights)), of: weights)
        }
        Failure.note(trainer.data.report?.warnings ?? [], of: experiment.dataName)
        Failure.note(experiment.notes(on: trainer.data, for: trainer.procedure.outline), of: experiment.dataName)
        Interruption.watch()

        trainer.fitRivals(unless: { Interruption.isAsked })
        let run = TrainRun(trainer: trainer, epochs: epochs, steps: steps, seconds: seconds)
        let every = reportEvery ?? (format == .jsonl ? 1 : nil)
        let bar = isatty(StandardError.descriptor) == 1 && format != .jsonl
        var drawn = -1.0
        let reason = run.train(isInterrupted: { Interruption.isAsked }) { run in
            if bar, run.seconds - drawn > 0.1 {
                ProgressBar.show(run.progressLine)
                drawn = run.seconds
            }
            guard let every, run.epoch % every == 0 else { return }
            switch format {
            case .text: print(run.textLine)
            case .jsonl: print(json: run.report(stopReason: nil).text(compact: true))
            // Standard output is one object.
            case .json:
                if bar { ProgressBar.clear() }
                Output.writeError(run.textLine + "\n")
            }
        }
        if bar { ProgressBar.clear() }
        DeviceOption.warn(trainer.procedure.deviceFailure)
        switch format {
        case .text: print(run.summary(stopReason: reason))
        case .json: print(json: run.report(stopReason: reason).text())
        case .jsonl: print(json: run.report(stopReason: reason).text(compact: true))
        }
        if plot {
            let target = PlotTarget.output
            target.print(PlotSheet.draw(run.snapshot, width: target.width, capabilities: target.capabilities))
        }
        // A file that cannot be written does not keep the other one from being written.
        var failure: ExperimentError?
        if let history {
            do throws(ExperimentError) { try writeHistory(trainer.history, to: history) } catch { failure = error }
        }
        if let save {
            do throws(ExperimentError) {
                try trainer.checkpoint(for: save).write(to: save)
                try experiment.writeKeptTable(besides: save, from: source.directory)
            } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        try Interruption.check()
    }

    private func writeHistory(_ history: History, to path: String) throws(ExperimentError) {
        try SavedFile.write(history.csv, to: path)
    }
}

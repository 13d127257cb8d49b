import Basics
import ArgumentParser
import FoundationEssentials
import PlaygroundUI
import Session
import TerminalKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct SweepCommand: ParsableCommand, DeviceCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Train a grid of variants of an experiment at once, and compare their losses.",
        discussion: """
            Every combination of the --vary values trains with every seed. A cell trains for --epochs, else to the \
            experiment's own stop, else (and where that names neither epochs nor steps) for \
            \(Sweep.standardEpochs) epochs.

            On several machines each process trains a part of the cells: sweep EXPERIMENT … --shard I/N --resume cells.jsonl \
            writes cells.I-of-N.jsonl, and --shard auto takes I and N from Open MPI, PMI or Slurm. \
            'sweep merge cells.*-of-*.jsonl' brings the parts together; --watch shows them while they are written. Where cells \
            are missing, merge prints and writes what is there, names them on standard error, and ends with status 1; cells \
            that stand there twice with equal results are told of, and with different results refused (65).
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

    @OptionGroup var options: OptionalExperimentOptions

    @Argument(
        help: ArgumentHelp("With 'merge' in place of an experiment: the files of the parts.", valueName: "files"),
        completion: .file())
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Vary a setting; can be repeated.",
            discussion: "KEY is a path as in --set. KEY=V1,V2,... names the values; KEY=LO..HI:N makes N from LO to HI "
                + "(layers.0.dense.units=1..8:8), with :log each the same multiple of the one before.",
            valueName: "key=values"))
    var vary: [String] = []

    @Option(
        help: ArgumentHelp("Train each combination with so many seeds, upwards from the experiment's.", valueName: "n"))
    var seeds = 1

    @Option(help: ArgumentHelp("Epochs, in place of the experiment's stop.", valueName: "n"))
    var epochs: Int?

    @Option(help: "The first seed of the weights, in place of the experiment's.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("Threads that train (default: all processors).", valueName: "n"))
    var threads: Int?

    @OptionGroup var place: DeviceOption

    @Option(help: "How to print: table (a row for each combination), csv or json (all cells).")
    var format = Format.table

    @Flag(help: "Draw a heat map of two keys, or the curves of one (with csv and json: on standard error).")
    var plot = false

    @Option(
        help: ArgumentHelp(
            "Keep each finished cell in a file, and go on from what it has.", valueName: "file"), completion: .file())
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Train one part of N, from 0 to N − 1, or with auto the one that the surroundings say.",
            discussion: "The cells' file (--resume) gets the part into its name: cells.2-of-4.jsonl.", valueName: "i/n")
    )
    var shard: String?

    @Option(
        help: ArgumentHelp("Train nothing: wait for the parts that others write into a folder.", valueName: "folder"),
        completion: .directory)
    var watch: String?

    @Option(help: ArgumentHelp("With merge: write the whole sweep's file.", valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup var overwriting: Overwriting

    private var merges: Bool { options.experiment == "merge" }

    func validate() throws {
        try Failure.checkNamed(["resume": resume, "watch": watch, "output": output])
        guard (1...100_000).contains(seeds) else {
            throw ValidationError("--seeds: expected 1 to 100000, found \(seeds)")
        }
        if let epochs, !(1...1_000_000_000).contains(epochs) {
            throw ValidationError("--epochs: expected 1 to 1000000000, found \(epochs)")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads: expected 1 to 256, found \(threads)")
        }
        if let seed, seed > 1 << 53 { throw ValidationError("--seed: expected at most 2^53, found \(seed)") }
        guard merges || options.experiment != nil else {
            throw ValidationError("Missing expected argument '<experiment>'")
        }
        guard merges == !files.isEmpty else {
            throw ValidationError(
                merges
                    ? "merge: name the files of the parts, as cells.0-of-4.jsonl"
                    : "expected one experiment, found '\(files[0])' besides")
        }
        let trains = !vary.isEmpty || seeds > 1 || seed != nil || epochs != nil || !options.settings.settings.isEmpty
        guard !merges || !trains && resume == nil && shard == nil && watch == nil else {
            throw ValidationError("merge: takes --format, --plot, --output and --force; the files say the rest")
        }
        guard merges || !vary.isEmpty || seeds > 1 else {
            throw ValidationError("--vary: name a setting and its values, as in --vary layers.0.dense.units=1..8:8")
        }
        guard merges || !plot || (1...2).contains(vary.count) else {
            throw ValidationError("--plot: draws one or two --vary keys, found \(vary.count)")
        }
        guard watch == nil || resume == nil && shard == nil else {
            throw ValidationError(
                "--watch: only reads; leave out --resume and --shard, which are for what trains the cells")
        }
        guard shard == nil || resume != nil else {
            throw ValidationError("--shard: name the file of the cells, as --resume cells.jsonl")
        }
        guard merges || output == nil else {
            throw ValidationError("--output: is for merge; --resume keeps the cells while they are trained")
        }
    }

    func run() throws {
        if merges { return try merge() }
        let source = try options.open()
        var experiment = source.experiment
        if let seed { experiment.seed = seed }
        let sweep = try source.naming {
            try Sweep(experiment, directory: source.directory, vary: vary, seeds: seeds, epochs: epochs)
        }
        if let watch { return try wait(for: sweep, in: watch) }
        let part = try shard.map { text throws(ExperimentError) in
            try SweepShard(parsing: text, surroundings: ProcessInfo.processInfo.environment)
        }
        let kept = resume.map { part?.path($0) ?? $0 }
        let opened = try kept.map { path throws(ExperimentError) in try SweepFile.open(path, for: sweep) }
        let device = try place.open()
        let run = try source.naming {
            try SweepRun(
                sweep, finished: opened?.finished ?? [:], shard: part,
                threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, device: device)
        }
        Failure.note(run.warnings, of: experiment.dataName)
        if !experiment.rivals.isEmpty {
            Failure.note(["are left out: a sweep trains networks alone"], of: "rivals")
        }
        Interruption.watch()

        let bar = isatty(StandardError.descriptor) == 1
        var failure: ExperimentError?
        do throws(ExperimentError) {
            try run.train(
                isInterrupted: { Interruption.isAsked },
                finished: { cells throws(ExperimentError) in try opened?.file.append(cells, results: run.results) },
                report: { if bar { ProgressBar.show(Self.line($0)) } })
        } catch { failure = error }
        if bar { ProgressBar.clear() }

        DeviceOption.warn(run.deviceFailure)

        // Finished cells are printed whatever happened.
        show(SweepReport(sweep, results: run.results))
        if let failure { throw failure }
        try Interruption.check()
    }

    private func merge() throws {
        if let output { try overwriting.check(output) }
        let merged = try SweepMerge(files)
        Failure.note(merged.notes, of: "merge")
        if let output { try SavedFile.write(merged.text, to: output) }
        show(SweepReport(merged.sweep, results: merged.results))
        // The cells that are there are printed and written; the status tells a script that they are not all.
        if !merged.isComplete { throw ExitCode.failure }
    }

    /// Waits until all cells are there. Network file systems tell of changes late: the folder is read every two seconds.
    private func wait(for sweep: Sweep, in folder: String) throws {
        let watched = try SweepWatch(folder, for: sweep)
        Interruption.watch()
        let bar = isatty(StandardError.descriptor) == 1
        var told: Set<String> = []
        while true {
            watched.read()
            for (path, error) in watched.others where told.insert(path).inserted {
                Output.writeError("layercake: \(error); left out\n")
            }
            if bar {
                let share = Double(watched.results.count) / Double(max(sweep.cells.count, 1))
                ProgressBar.show(
                    ProgressBar.text(share)
                        + "  \(formatCount(watched.results.count)) of \(formatCount(sweep.cells.count, "cell"))")
            }
            if watched.isComplete || Interruption.isAsked { break }
            for _ in 0..<20 where !Interruption.isAsked { usleep(100_000) }
        }
        if bar { ProgressBar.clear() }
        show(SweepReport(sweep, results: watched.results))
        try Interruption.check()
    }

    private func show(_ report: SweepReport) {
        switch format {
        case .table: print(SweepTable(report: report).text)
        case .csv: print(report.csv)
        case .json: print(json: report.json.text())
        }
        if plot {
            let target = format == .table ? PlotTarget.output : .error
            if let sheet = SweepSheet.draw(report, width: target.width, capabilities: target.capabilities) {
                target.print(sheet, spaced: true)
            }
        }
    }

    /// "[######------] 50 %  512 of 1,024 cells, 3 s left"
    private static func line(_ progress: SweepRun.Progress) -> String {
        var line =
            ProgressBar.text(progress.fraction) + "  \(formatCount(progress.finishedCells)) of "
            + formatCount(progress.cells, "cell")
        if let seconds = progress.secondsLeft, seconds.isFinite, seconds < 1e9 { line += ", \(time(seconds)) left" }
        return line
    }

    /// "4 s", "12 min", "3 h 5 min".
    private static func time(_ seconds: Double) -> String {
        let whole = Int(bounded: seconds.rounded(.up))
        if whole < 100 { return "\(whole) s" }
        let minutes = (whole + 59) / 60
        return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }
}

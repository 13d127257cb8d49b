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
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

    @OptionGroup var options: ExperimentOptions

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

    func validate() throws {
        try Failure.checkNamed(["resume": resume])
        guard (1...100_000).contains(seeds) else {
            throw ValidationError("--seeds: expected 1 to 100000, found \(seeds)")
        }
        guard !vary.isEmpty || seeds > 1 else {
            throw ValidationError("--vary: name a setting and its values, as in --vary layers.0.dense.units=1..8:8")
        }
        if let epochs, !(1...1_000_000_000).contains(epochs) {
            throw ValidationError("--epochs: expected 1 to 1000000000, found \(epochs)")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads: expected 1 to 256, found \(threads)")
        }
        if let seed, seed > 1 << 53 { throw ValidationError("--seed: expected at most 2^53, found \(seed)") }
        guard !plot || (1...2).contains(vary.count) else {
            throw ValidationError("--plot: draws one or two --vary keys, found \(vary.count)")
        }
    }

    func run() throws {
        let source = try options.open()
        var experiment = source.experiment
        if let seed { experiment.seed = seed }
        let sweep = try source.naming {
            try Sweep(experiment, directory: source.directory, vary: vary, seeds: seeds, epochs: epochs)
        }
        let opened = try resume.map { path throws(ExperimentError) in try SweepFile.open(path, for: sweep) }
        let device = try place.open()
        let run = try source.naming {
            try SweepRun(
                sweep, finished: opened?.finished ?? [:],
                threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, device: device)
        }
        Failure.note(run.warnings, of: experiment.dataName)
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
        let report = SweepReport(sweep, results: run.results)
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
        if let failure { throw failure }
        try Interruption.check()
    }

    /// "[######------] 50 %  512 of 1,024 cells, 3 s left"
    private static func line(_ progress: SweepRun.Progress) -> String {
        var line =
            ProgressBar.text(progress.fraction) + "  \(formatCount(progress.finishedCells)) of "
            + "\(formatCount(progress.cells)) cells"
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

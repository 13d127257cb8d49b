import ArgumentParser
import Engine
import PlaygroundUI
import Session
import TerminalKit

struct Play: ParsableCommand, DeviceCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open the playground: edit a network and watch it learn.",
        discussion: "Press ? there for all keys, q to quit.")

    @OptionGroup var source: OptionalExperimentOptions

    @Flag(help: "Open again what was open last, with its weights ('layercake recent' lists all).")
    var recent = false

    @Flag(help: "Start paused.")
    var paused = false

    @OptionGroup var screen: ScreenOptions

    var place: DeviceOption { screen.place }

    func validate() throws {
        if recent, source.experiment != nil {
            throw ValidationError("--recent opens the last experiment; leave it out to open another one")
        }
    }

    /// The experiment to begin with.
    private func open() throws -> ExperimentSource {
        guard recent else { return try source.open() }
        guard let last = RecentFolder.own?.experiments().first(where: { !$0.isOpen }) else {
            throw ExperimentError(
                .missing, place: "--recent", message: "no experiment has been kept yet, or all are open elsewhere")
        }
        return try source.settings.open(last.path)
    }

    func run() throws {
        let opened = try open()
        try opened.naming { try opened.experiment.checkMemory() }
        try screen.play(
            Session(opened), weights: opened.weights, kept: opened.kept, in: .own,
            offersRecent: source.experiment == nil && !recent, paused: paused)
    }
}

/// How the playground is drawn and trains, for the commands that open it.
struct ScreenOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The most frames a second, 1 to 120; fewer are drawn when they run late (default: 30).", valueName: "n"))
    var fps: Int?

    @Option(help: ArgumentHelp("Threads that train; 1 leaves the other processors alone (default: 1).", valueName: "n"))
    var threads: Int?

    @OptionGroup var place: DeviceOption

    @Option(help: "Which characters draw: braille, block or ascii (default: what the terminal can).")
    var glyphs: Capabilities.Glyphs?

    @Option(help: "How many colours: truecolor, 256, 16 or none (default: what the terminal can).")
    var colors: Capabilities.Colors?

    @Flag(name: .customLong("no-mouse"), help: "Leave the mouse to the terminal.")
    var noMouse = false

    @Flag(
        help: "For a projector: a plot and the network alone, in strong contrast, with the keys that are pressed (F5).")
    var present = false

    @Flag(
        help:
            "Lines in place of a screen, for screen readers and slow lines: commands by name, pictures in words (type help)."
    )
    var plain = false

    @Option(help: "Colours for a dark or a light background: auto, dark or light (default: auto).")
    var theme: RunOptions.ThemeChoice?

    @Option(help: "The palette: \(ColorPalette.names) (or LAYERCAKE_PALETTE; default: standard).")
    var palette: ColorPalette?

    func validate() throws {
        if let fps, !(1...120).contains(fps) { throw ValidationError("--fps: expected 1 to 120, found \(fps)") }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads: expected 1 to 256, found \(threads)")
        }
    }

    /// Runs the playground until the user quits.
    /// - Parameters:
    ///   - weights: a checkpoint to begin with.
    ///   - kept: the kept experiment that it is; nil: it is none.
    ///   - folder: the folder that keeps it; nil: it is not kept.
    ///   - offersRecent: the one opened last is offered at the start.
    ///   - lesson: a lesson to begin with.
    ///   - classroom: the class that it belongs to; nil: none.
    func play(
        _ session: Session, weights: String? = nil, kept: String? = nil, in folder: RecentFolder? = nil,
        offersRecent: Bool = false, paused: Bool = false, lesson: LessonStart? = nil,
        classroom: Classroom? = nil
    ) throws {
        let wishes = Configuration.read()
        let palette = try palette ?? ColorPalette.ofEnvironment() ?? wishes.palette ?? RunOptions().palette
        let device = try place.open()
        let terminal: any Terminal
        let wake: @Sendable () -> Void
        if plain {
            terminal = LineTerminal { text in
                print(text, terminator: "")
                Output.flush()
            }
            wake = { LineTerminal.wake() }
        } else {
            let curses: CursesTerminal
            do {
                curses = try CursesTerminal(
                    colors: colors ?? wishes.colors, glyphs: glyphs ?? wishes.glyphs,
                    mouse: !noMouse && wishes.mouse ?? true)
            } catch {
                throw ExperimentError(.arguments, place: "", message: "\(error)")
            }
            let waker = curses.waker
            terminal = curses
            wake = { waker.wake() }
        }
        var options = RunOptions()
        options.device = device
        options.paused = paused
        options.framesPerSecond = fps ?? wishes.framesPerSecond ?? options.framesPerSecond
        options.threads = threads ?? wishes.threads ?? options.threads
        options.theme = theme ?? wishes.theme ?? options.theme
        options.palette = palette
        (options.keys, options.trouble) = (wishes.keys, wishes.trouble)
        options.lesson = lesson
        options.classroom = classroom
        options.presents = present
        options.recent = folder
        options.keepSeconds = wishes.keepSeconds ?? options.keepSeconds
        options.offersRecent = offersRecent
        options.plain = plain
        let loop = RunLoop(
            terminal: terminal, wake: wake, session: session, weights: weights, kept: kept,
            options: options)
        let summary = loop.run()
        terminal.close()
        if !summary.isEmpty { print(summary) }
        if let signal = loop.endingSignal { Failure.end(bySignal: signal, verbose: place.verbosity.verbose) }
    }
}

extension Capabilities.Glyphs: ExpressibleByArgument {}
extension Capabilities.Colors: ExpressibleByArgument {}
extension RunOptions.ThemeChoice: ExpressibleByArgument {}
extension ColorPalette: ExpressibleByArgument {
    public init?(argument: String) {
        guard let palette = ColorPalette.named(argument) else { return nil }
        self = palette
    }
    public static var allValueStrings: [String] { all.map(\.id) }
    public var defaultValueDescription: String { id }
    static var names: String { allValueStrings.joined(separator: ", ") }
}

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

    @Flag(help: "Start paused.")
    var paused = false

    @OptionGroup var screen: ScreenOptions

    var place: DeviceOption { screen.place }

    func run() throws {
        let opened = try source.open()
        try opened.naming { try opened.experiment.checkMemory() }
        try screen.play(
            Session(opened.experiment, name: opened.name, directory: opened.directory), weights: opened.weights,
            paused: paused)
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

    @Option(help: "Colours for a dark or a light background: auto, dark or light (default: auto).")
    var theme: RunOptions.ThemeChoice?

    func validate() throws {
        if let fps, !(1...120).contains(fps) { throw ValidationError("--fps: expected 1 to 120, found \(fps)") }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads: expected 1 to 256, found \(threads)")
        }
    }

    /// Runs the playground until the user quits.
    /// - Parameters:
    ///   - weights: a checkpoint to begin with.
    ///   - lesson: a lesson to begin with.
    func play(_ session: Session, weights: String? = nil, paused: Bool = false, lesson: LessonStart? = nil) throws {
        let wishes = try Configuration.read()
        let device = try place.open()
        let terminal: CursesTerminal
        do {
            terminal = try CursesTerminal(
                colors: colors ?? wishes.colors, glyphs: glyphs ?? wishes.glyphs,
                mouse: !noMouse && wishes.mouse ?? true)
        } catch {
            throw ExperimentError(.arguments, place: "", message: "\(error)")
        }
        var options = RunOptions()
        options.device = device
        options.paused = paused
        options.framesPerSecond = fps ?? wishes.framesPerSecond ?? options.framesPerSecond
        options.threads = threads ?? wishes.threads ?? options.threads
        options.theme = theme ?? wishes.theme ?? options.theme
        options.lesson = lesson
        let waker = terminal.waker
        let loop = RunLoop(
            terminal: terminal, wake: { waker.wake() }, session: session, weights: weights, options: options)
        let summary = loop.run()
        terminal.close()
        if !summary.isEmpty { print(summary) }
        if let signal = loop.endingSignal { Failure.end(bySignal: signal, verbose: place.verbosity.verbose) }
    }
}

extension Capabilities.Glyphs: ExpressibleByArgument {}
extension Capabilities.Colors: ExpressibleByArgument {}
extension RunOptions.ThemeChoice: ExpressibleByArgument {}

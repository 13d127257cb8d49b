import ArgumentParser
import Engine
import Session
import TerminalKit

@main
struct Layercake: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layercake",
        abstract: "A neural-network playground for the terminal.",
        discussion: """
            EXPERIMENT is a preset's name (see 'layercake presets'), a path to a JSON file, to saved weights \
            (.safetensors) or to a table (CSV and its like), a TensorFlow Playground link (the whole address or its \
            '#...' part, in quotes), or '-' for standard input.
            """,
        version: Version.text,
        subcommands: [
            Play.self,
            Train.self,
            SweepCommand.self,
            Predict.self,
            Export.self,
            GradientCheckCommand.self,
            Describe.self,
            Show.self,
            Graph.self,
            PresetList.self,
            GlossaryCommand.self,
            TimelineCommand.self,
            Learn.self,
            ClassCommand.self,
            RecentList.self,
            ConfigCommand.self,
            Bench.self,
            Devices.self,
        ],
        defaultSubcommand: Play.self)

    static func main() {
        beginProgram()
        Failure.setHelpWidth()
        var verbose = false
        do {
            var command = try parseAsRoot(Graph.placingFormula(in: programArguments))
            verbose = (command as? any VerboseCommand)?.isVerbose == true
            do throws(EngineError) { _ = try Processor.simdLevel() } catch {
                throw ExperimentError(.arguments, place: error.place, message: error.message)
            }
            try command.run()
            try Failure.flushOutput()
            Failure.end(0, verbose: verbose)
        } catch {
            Failure.exit(with: error, verbose: verbose)
        }
    }
}

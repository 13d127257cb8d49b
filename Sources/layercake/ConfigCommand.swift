import ArgumentParser
import Basics
import PlaygroundUI
import Session

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check the configuration, or print the whole of it as it is without any wish.",
        discussion: """
            The configuration is ~/.config/layercake/config.json: theme, palette, keys and more, of which all can be left \
            out. Begin with a part of what --default prints:

              {"palette": "colourBlind", "keys": {"training.play": ["p"], "file.presets": ["F9"]}}
            """)

    @Flag(name: .customLong("default"), help: "Print every setting, and every command with its keys.")
    var printsDefault = false

    func run() throws {
        if printsDefault { return print(json: Configuration.standard.text()) }
        guard let file = Configuration.file else {
            throw ExperimentError(.missing, place: "HOME", message: "is not set: there is no configuration")
        }
        guard FilePath.exists(file) else {
            print("\(file): not there, so that all is as layercake config --default prints it")
            return
        }
        let mistakes = Configuration.read().mistakes
        guard !mistakes.isEmpty else {
            print("\(file): all is well")
            return
        }
        for mistake in mistakes { print("\(file): \(mistake.description)") }
        throw ExperimentError(
            .malformed, place: file,
            message: "\(plural(mistakes.count, "mistake")); the default stands in place of each")
    }
}

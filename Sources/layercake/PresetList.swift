import ArgumentParser
import Session
import Basics

struct PresetList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presets",
        abstract: "List the presets; with a name, print that preset's JSON.")

    @Argument(help: "The preset to print.", completion: .custom { _, _, _ in Preset.all.map(\.name) })
    var name: String?

    @Flag(help: "Print the JSON Schema of experiments.")
    var schema = false

    func run() throws {
        if schema {
            print(json: Experiment.schema.text())
        } else if let name {
            print(json: JSON.visible(try Preset.named(name).text), terminator: "")
        } else {
            let presets = Preset.all
            let width = presets.map(\.name.count).max() ?? 0
            for preset in presets {
                let gap = String(repeating: " ", count: width - preset.name.count + 2)
                print(preset.name + gap + visibleText(preset.summary))
            }
        }
    }
}

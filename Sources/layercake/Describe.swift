import ArgumentParser
import Session

struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an experiment's layers, shapes, parameters, memory, data, loss and optimizer as a table.")

    @OptionGroup var options: ExperimentOptions

    func run() throws {
        let source = try options.open()
        print(try source.naming { try ExperimentTable(source).text })
    }
}

import ArgumentParser
import Session

struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show an experiment's layers, shapes, parameters, memory, data, loss and optimizer, or a table's columns.",
        discussion: "Published networks too: " + PublishedNetwork.all.map(\.name).joined(separator: ", ") + ".")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var options: ExperimentOptions

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func run() throws {
        if let network = PublishedNetwork.all.first(where: { $0.name == options.experiment }) {
            let table = try PublishedTable(network)
            switch format {
            case .text: print(table.text)
            case .json: print(json: table.json.text())
            }
            return
        }
        let source = try options.open()
        let table = try source.naming { try ExperimentTable(source) }
        switch format {
        case .text: print(table.text)
        case .json: print(json: table.json.text())
        }
    }
}

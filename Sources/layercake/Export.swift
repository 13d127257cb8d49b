import ArgumentParser
import Session

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an experiment for other programs.",
        discussion: ExportFormat.all.map { "\($0.id): \($0.summary)." }.joined(separator: "\n"))

    @OptionGroup var options: ExperimentOptions

    @Option(
        help: ArgumentHelp("The format: \(ExportFormat.all.map(\.id).joined(separator: ", ")).", valueName: "format"),
        completion: .list(ExportFormat.all.map(\.id)))
    var format: String

    @Option(help: "The weights, in place of those that the seed draws.", completion: .file())
    var load: String?

    @Option(help: "Train for so many epochs first.")
    var epochs = 0

    @Option(help: "The file to write; text is printed without it.", completion: .file())
    var output: String?

    @OptionGroup var overwriting: Overwriting

    private var chosen: ExportFormat { ExportFormat.all.first { $0.id == format }! }

    func validate() throws {
        try Failure.checkNamed(["load": load, "output": output])
        guard ExportFormat.all.contains(where: { $0.id == format }) else {
            throw ValidationError(
                "--format: expected one of \(ExportFormat.all.map(\.id).joined(separator: ", ")), found '\(format)'")
        }
        guard chosen.isText || output != nil else {
            throw ValidationError("--output: name a file, as --output network.\(chosen.fileEnding)")
        }
        if let output, let ending = ExportFormat.saved(as: output), ending.fileEnding != chosen.fileEnding {
            throw ValidationError(
                "--format \(format) and --output \(output) do not agree, for that ending is of \(ending.id); "
                    + "end the name in .\(chosen.fileEnding)")
        }
        guard (0...1_000_000_000).contains(epochs) else {
            throw ValidationError("--epochs: expected 0 to 1000000000, found \(epochs)")
        }
    }

    func run() throws {
        let source = try options.open()
        if let output {
            try overwriting.check(output)
            if !overwriting.force { try chosen.checkBeside(output) }
        }
        let request = ExportRequest(
            source: source, weights: load ?? source.weights, epochs: epochs, path: output ?? "",
            version: Version.number)
        let files = try source.naming { try chosen.files(request) }
        guard output != nil else {
            for file in files { print(String(decoding: file.bytes, as: UTF8.self), terminator: "") }
            return
        }
        for file in files.reversed() { try SavedFile.write(file.bytes, to: file.path) }
    }
}

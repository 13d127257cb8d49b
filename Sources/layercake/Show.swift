import ArgumentParser
import Basics
import PlaygroundUI
import Session
import TerminalKit

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw a screen of the playground without a terminal: for handouts and slides.",
        discussion: """
            The experiment trains for --epochs, then --keys are pressed as in the playground, where E saves the screen that \
            is seen. The same again gives the same file, byte for byte.

              layercake show xor --epochs 300 --output xor.png
              layercake show digits-cnn --epochs 5 --panel output --size 100x40 --theme light --output answers.svg
              layercake show spiral --epochs 500 --keys "6 P" --format ansi
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(help: ArgumentHelp("Columns and rows.", valueName: "WxH"))
    var size = "120x40"

    @Option(help: "Train for so many epochs first.")
    var epochs = 0

    @Option(
        help: ArgumentHelp(
            "text, ansi (text with colours), svg or png (default: as the ending of --output says, else text)."),
        completion: .list(ScreenPicture.Format.all.map(\.id)))
    var format: String?

    @Option(help: "The file to write; all but png is printed without it.", completion: .file())
    var output: String?

    @OptionGroup var overwriting: Overwriting

    @Option(
        help: "One panel alone: \(Panel.all.map(\.id.name).joined(separator: ", ")).",
        completion: .list(Panel.all.map(\.id.name)))
    var panel: String?

    @Option(
        help: ArgumentHelp(
            "Keys to press, parted by blanks, as the help in the playground names them; 'text' in single quotes is typed.",
            valueName: "keys"))
    var keys = ""

    @Option(help: "Which characters draw: braille, block or ascii (default: braille).")
    var glyphs: Capabilities.Glyphs?

    @Option(help: "How many colours: truecolor, 256, 16 or none (default: truecolor).")
    var colors: Capabilities.Colors?

    @Option(help: "Colours for a dark or a light background: dark or light (default: dark).")
    var theme = RunOptions.ThemeChoice.dark

    @Option(help: "The palette: \(ColorPalette.names) (default: standard).")
    var palette = ColorPalette.standard

    private func chosenFormat() throws -> ScreenPicture.Format {
        let known = ScreenPicture.Format.all
        if let format {
            guard let chosen = known.first(where: { $0.id == format }) else {
                let names = known.map(\.id).joined(separator: ", ")
                throw ValidationError("--format: expected one of \(names), found '\(format)'")
            }
            if let output, let ending = ScreenPicture.Format.saved(as: output), ending.id != chosen.id {
                throw ValidationError(
                    "--format \(format) and --output \(output) do not agree, for that ending is of \(ending.id); "
                        + "leave --format out, or name the file with another ending")
            }
            return chosen
        }
        guard let output else { return known[0] }
        guard let chosen = ScreenPicture.Format.saved(as: output) else {
            throw ValidationError(
                "--output: \(output) ends in none of .txt, .ansi, .svg and .png; name the format by --format")
        }
        return chosen
    }

    private func show() throws -> ScreenShow {
        var show = ScreenShow()
        let parts = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        if let panel {
            guard let known = Panel.all.first(where: { $0.id.name == panel }) else {
                let names = Panel.all.map(\.id.name).joined(separator: ", ")
                throw ValidationError("--panel: expected one of \(names), found '\(panel)'")
            }
            show.panel = known
        }
        let least = show.smallest
        guard parts.count == 2, let width = parts[0], let height = parts[1],
            (least.width...ScreenShow.mostColumns).contains(width),
            (least.height...ScreenShow.mostRows).contains(height)
        else {
            throw ValidationError(
                "--size: expected from \(least.width)x\(least.height) to \(ScreenShow.mostColumns)x\(ScreenShow.mostRows), as 120x40, found '\(size)'"
            )
        }
        (show.width, show.height, show.epochs, show.keys) = (width, height, epochs, keys)
        show.palette = palette
        show.theme = palette.theme(light: theme == .light)
        show.capabilities = Capabilities(colors: colors ?? .truecolor, glyphs: glyphs ?? .braille)
        return show
    }

    func validate() throws {
        try Failure.checkNamed(["output": output])
        _ = try show()
        let format = try chosenFormat()
        guard format.isText || output != nil else {
            throw ValidationError("--output: name a file, as --output screen.\(format.id)")
        }
        guard (0...1_000_000_000).contains(epochs) else {
            throw ValidationError("--epochs: expected 0 to 1000000000, found \(epochs)")
        }
    }

    func run() throws {
        let source = try options.open()
        _ = try ScreenShow.presses(keys)
        if let output { try overwriting.check(output) }
        try source.naming { try source.experiment.checkMemory() }
        let picture = try show().picture(of: source)
        let bytes = try picture.bytes(as: chosenFormat())
        if let output {
            try SavedFile.write(bytes, to: output)
        } else {
            Output.print(picture: bytes)
        }
    }
}

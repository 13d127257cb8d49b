import Basics
import CImages
import Session
import TerminalKit

/// A screen for handouts and slides, in one of several formats.
public struct ScreenPicture: Sendable {
    public var canvas: Canvas
    public var theme: Theme
    public var capabilities: Capabilities
    /// The picture in words.
    public var title: String

    public init(_ canvas: Canvas, theme: Theme, capabilities: Capabilities, title: String) {
        (self.canvas, self.theme, self.capabilities, self.title) = (canvas, theme, capabilities, title)
    }

    /// A form of file: its name is the ending too.
    public struct Format: Sendable {
        public let id: String
        /// Endings of files that are of this format.
        let endings: [String]
        /// Whether it may be written to a terminal.
        public let isText: Bool
        fileprivate let make: @Sendable (ScreenPicture) throws(ExperimentError) -> [UInt8]

        public static let all = [text, ansi, svg, png]

        /// The format of a file that is saved under this name; nil: its ending says none.
        public static func saved(as path: String) -> Format? {
            let name = FilePath.name(path).lowercased()
            return all.first { $0.endings.contains { name.hasSuffix("." + $0) } }
        }

        static let text = Format(id: "text", endings: ["txt", "text"], isText: true) { picture in
            let lines = picture.canvas.lines
            let shown = picture.capabilities.glyphs == .ascii ? lines.map { asciiText($0) } : lines
            return Array((shown.joined(separator: "\n") + "\n").utf8)
        }

        static let ansi = Format(id: "ansi", endings: ["ansi", "ans"], isText: true) { picture in
            let lines = Painter.lines(picture.canvas, capabilities: picture.capabilities)
            return Array((lines.joined(separator: "\n") + "\n").utf8)
        }

        static let svg = Format(id: "svg", endings: ["svg"], isText: true) { picture in
            Array(VectorPicture(picture.resolved, colors: picture.colors, title: picture.title).text.utf8)
        }

        static let png = Format(id: "png", endings: ["png"], isText: false) { picture throws(ExperimentError) in
            let pixels = PixelPicture(picture.resolved, colors: picture.colors)
            var file = lc_file()
            guard lc_write_png(pixels.pixels, Int32(pixels.width), Int32(pixels.height), &file), let bytes = file.bytes
            else { throw ExperimentError(.unwritable, place: "the picture", message: "does not fit the memory") }
            defer { lc_file_free(&file) }
            return Array(UnsafeBufferPointer(start: bytes, count: file.count))
        }
    }

    public func bytes(as format: Format) throws(ExperimentError) -> [UInt8] { try format.make(self) }

    /// Writes it to a new file; one that is there already is an error.
    public func write(to path: String) throws(ExperimentError) {
        guard let format = Format.saved(as: path) else {
            let endings = Format.all.map { "." + $0.endings[0] }.joined(separator: ", ")
            throw ExperimentError(
                .arguments, place: path, message: "its ending says no format; expected one of \(endings)")
        }
        if FilePath.exists(path) {
            throw ExperimentError(.unwritable, place: path, message: "is there already; name another file")
        }
        try SavedFile.write(try bytes(as: format), to: path)
    }

    private var colors: PictureColors {
        let front: UInt32 = if case .rgb(let color) = theme.text { color } else { theme.light ? 0 : 0xFFFFFF }
        return PictureColors(foreground: front, background: theme.backdrop)
    }

    /// With the characters and the colours that were chosen.
    private var resolved: Canvas { canvas.reduced(to: capabilities) }
}

extension App {
    /// The screen as a picture, without the messages of this moment.
    var screenPicture: ScreenPicture {
        var app = self
        app.notice = nil
        var words = experiment.title.isEmpty ? session.name : experiment.title
        if let snapshot { words += ", epoch \(formatCount(snapshot.epoch))" }
        return ScreenPicture(
            app.draw(), theme: theme, capabilities: capabilities, title: "layercake: \(visibleText(words))")
    }
}

extension Command {
    static let saveScreen = Command(
        "view.show", "save this screen as a picture or as text: .png, .svg, .ansi or .txt", keys: ["E"]
    ) { $0.popup = Prompt.saveScreen($0.session.suggestedPicture) }
}

extension Prompt {
    static func saveScreen(_ path: String) -> Prompt {
        Prompt(
            "Save the screen",
            help: "A path. Its ending says what is written: .png, .svg, .ansi (text with colours) or .txt. "
                + "A file that is there is not written over.",
            field: TextField(path), completion: Completion()
        ) { app, text in
            let path = Files.path(from: text)
            guard ScreenPicture.Format.saved(as: path) != nil else {
                return "\(path): end the name in .png, .svg, .ansi or .txt"
            }
            if FilePath.exists(path) { return "\(path) is there already: name another file" }
            app.outbox.append(.saveScreen(path: path))
            return nil
        }
    }
}

extension App {
    /// Writes the screen as it is now, on a thread of its own: a large one takes a while to paint.
    func painting(
        to path: String, done: @escaping @Sendable () -> Void
    ) -> BackgroundWork<@Sendable (inout App) -> Void> {
        var app = self
        app.popup = nil
        let picture = app.screenPicture
        return BackgroundWork("painter", done: done) { _ in
            do throws(ExperimentError) {
                try picture.write(to: path)
                return { $0.notice = Notice("saved \(path)") }
            } catch {
                let problem = error.description
                return { $0.screenNotSaved(path, problem) }
            }
        }
    }

    /// The screen was not written: the path stands there again to be mended.
    mutating func screenNotSaved(_ path: String, _ problem: String) {
        popup = Prompt.saveScreen(path).mended(problem)
    }
}

extension Session {
    /// The experiment's own path with another ending.
    fileprivate var suggestedPicture: String {
        let path = suggestedPath
        return (path.hasSuffix(".json") ? String(path.dropLast(".json".count)) : path) + ".png"
    }
}

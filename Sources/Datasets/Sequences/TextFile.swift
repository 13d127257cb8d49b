import Basics
import Engine

/// The next character or word of a file.
enum TextFile {
    static let dataset = Dataset(
        sequences: Entry(
            id: "text", title: "text", summary: "The next character, or the next word, of any text file.",
            formula: "y_t = x_{t+1}", source: "Elman, Finding structure in time, 1990",
            knobs: [
                Knob("file", title: "file", summary: "A file of UTF-8 text.", kind: .text, default: .text("")),
                Knob(
                    "window", title: "window", summary: "The characters or words of each sequence.",
                    kind: .integer(2...1000), default: .integer(32)),
                Knob(
                    "step", title: "step", summary: "From the beginning of one sequence to that of the next.",
                    kind: .integer(1...1000), default: .integer(16)),
                Knob(
                    "unit", title: "unit", summary: "Whether each step is a character or a word.",
                    kind: .word(["character", "word"]), default: .text("character")),
            ]),
        task: .classification, trainFraction: 0.9, schema: { _ in nil }
    ) { request throws(DataError) in try TextWindows(request) }
}

/// The windows of a text: the first part of the text trains, the end tests.
private struct TextWindows: SequenceSource {
    let schema: DataSchema
    let count: Int
    let trainCount: Int?
    private let symbols: [Int32]
    private let starts: [Int]
    private var given = 0

    /// The most bytes of a text.
    private static let limit = 64 << 20

    init(_ request: DataRequest) throws(DataError) {
        let named = try ImageFiles.path(request)
        let file = named.title
        let text = try FileContent.text(path: named.path, name: file, limit: Self.limit, loading: request.loading)
        let isByWord = request.text("unit") == "word"
        let parts = isByWord ? Self.words(text) : text.map { Self.shown(String($0)) }
        guard !parts.isEmpty else {
            throw DataError(.malformed, place: file, message: "expected text, found an empty file")
        }
        let (window, step) = (request.integer("window"), request.integer("step"))
        guard parts.count > 2 * (window + 1) else {
            throw DataError(
                .malformed, place: "data.window",
                message:
                    "the text has \(plural(parts.count, isByWord ? "word" : "character")), which is too short for windows of "
                    + "\(window) to train and to test; set window to \(max(2, parts.count / 4)) or less")
        }
        // Numbers in the order of the symbols, which does not depend on where they stand.
        let known = request.record?.classes ?? []
        let all = known.isEmpty ? Set(parts).sorted() : known
        guard all.count <= NetworkDescription.mostClasses else {
            throw DataError(
                .malformed, place: file,
                message: "expected at most \(NetworkDescription.mostClasses) different "
                    + "\(isByWord ? "words" : "characters"), found \(all.count)"
                    + (isByWord ? "; read it by character" : "; is it a text?"))
        }
        let numbers = Dictionary(zip(all, Int32(0)...)) { first, _ in first }
        var symbols: [Int32] = []
        for part in parts {
            guard let number = numbers[part] else {
                throw DataError(
                    .malformed, place: file,
                    message:
                        "\(quoted(part)) was never seen in training; the weights know \(plural(all.count, "symbol"))")
            }
            symbols.append(number)
        }
        self.symbols = symbols
        let border = min(parts.count - window - 1, max(window + 1, try request.trainCount(of: parts.count)))
        let training = Array(stride(from: 0, through: border - window - 1, by: step))
        // No window lies on both sides of the border.
        let testing = Array(stride(from: border, through: parts.count - window - 1, by: step))
        starts = training + testing
        (count, trainCount) = (starts.count, training.count)
        var kind = SequenceKind.symbols(all, steps: window, targetSteps: window)
        kind.continues = step == window
        schema = DataSchema(.sequence(kind), task: .classification(classes: all.count), classNames: all)
    }

    mutating func next(into sample: inout SequenceSample) {
        let start = starts[given]
        given += 1
        for step in 0..<sample.kind.steps {
            sample[step, 0] = Float(symbols[start + step])
            sample.labels[step] = Float(symbols[start + step + 1])
        }
    }

    /// Words in lower case, and signs by themselves.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text.lowercased() {
            if character.isLetter || character.isNumber || character == "'" || character == "’" {
                word.append(character)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if !character.isWhitespace { words.append(String(character)) }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// The name of a character: what cannot be seen by a word.
    private static func shown(_ symbol: String) -> String {
        switch symbol {
        case " ": "space"
        case "\n", "\r\n": "line end"
        case "\t": "tab"
        default: symbol
        }
    }
}

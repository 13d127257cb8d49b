import Basics
import Engine

/// The next character or word of a text.
///
/// `tale.txt`, which is built in, was written for this program.
enum TextFile {
    static let dataset = Dataset(
        sequences: Entry(
            id: "text", title: "text",
            summary: "The next character, or the next word, of any text file, or of the tale that is built in.",
            formula: "y_t = x_{t+1}", source: "Elman, Finding structure in time, 1990",
            watch:
                "Bits for each symbol against the Markov lines; and the text that it writes: words first, then sentences.",
            knobs: [
                Knob(
                    "file", title: "file", summary: "A file of UTF-8 text; empty: the tale that is built in.",
                    kind: .text, default: .text("")),
                Knob(
                    "window", title: "window", summary: "The characters or words of each sequence.",
                    kind: .integer(2...1000), default: .integer(32), raise: "when what matters lies farther back",
                    lower: "when gradients fade or explode"),
                Knob(
                    "step", title: "step", summary: "From the beginning of one sequence to that of the next.",
                    kind: .integer(1...1000), default: .integer(16), raise: "for fewer, more different sequences",
                    lower: "for more sequences from the same text"),
                Knob(
                    "unit", title: "unit", summary: "Whether each step is a character or a word.",
                    kind: .word(["character", "word"]), default: .text("character")),
                Knob(
                    "words", title: "words",
                    summary:
                        "The most different words; where there are more, one symbol stands for all that are rarer.",
                    kind: .integer(2...NetworkDescription.mostClasses),
                    default: .integer(NetworkDescription.mostClasses),
                    raise: "when many words become the one for rare ones", lower: "when rare words are learned by heart"
                ),
            ]),
        task: .classification, trainFraction: 0.9, reference: .markovChains, hasOwnText: true,
        schema: { _ in nil }
    ) { request throws(DataError) in try TextWindows(request) }
}

/// The windows of a text: the first part of the text trains, the end tests.
private struct TextWindows: SequenceSource {
    let schema: DataSchema
    let count: Int
    let trainCount: Int?
    let repeatedSteps: Int
    /// The number of each symbol of the text, in memory once: sequences are windows of it.
    private let symbols: [UInt16]
    private let border: Int
    private let step: Int
    private var given = 0

    var text: [UInt16]? { symbols }

    /// The most bytes of a text.
    private static let limit = 64 << 20

    init(_ request: DataRequest) throws(DataError) {
        let (file, text) = try Self.text(request)
        let unit = request.text("unit")
        let (window, step) = (request.integer("window"), request.integer("step"))
        // Of characters of one byte each a number while they are counted, in a list that grows, and one that stays.
        let size = text.utf8.count
        do throws(EngineError) {
            try MemoryRoom.require(
                size * 7 * MemoryLayout<UInt16>.stride, place: "data.file", for: "a text of \(size) bytes",
                advice: "use a part of it")
        } catch { throw DataError(error) }
        func progress(_ bytes: Int) throws(DataError) {
            try request.loading?.report(Loading.readingPart * Double(bytes) / Double(max(1, size)))
        }
        let names: [String]
        if unit == "word" {
            (names, symbols) = try Self.words(text, request, file, progress)
        } else {
            (names, symbols) = try Self.characters(text, request, file, progress)
        }
        guard !symbols.isEmpty else {
            throw DataError(
                .malformed, place: file, message: "expected text, found \(size == 0 ? "an empty file" : "blanks alone")"
            )
        }
        // Two windows with a symbol behind each, one to train and one to test.
        guard symbols.count >= 2 * (window + 1) else {
            let most = symbols.count / 2 - 1
            throw DataError(
                .malformed, place: "data.window",
                message:
                    "the text has \(plural(symbols.count, unit)), which is too short for windows of "
                    + "\(window) to train and to test; "
                    + (most >= 2 ? "set window to \(most) or less, or " : "")
                    + "take a text of at least \(plural(2 * (window + 1), unit))")
        }
        let border = min(symbols.count - window - 1, max(window + 1, try request.trainCount(of: symbols.count)))
        // No window lies on both sides of the border.
        let training = (border - window - 1) / step + 1
        trainCount = training
        count = training + (symbols.count - border - window - 1) / step + 1
        repeatedSteps = max(0, window - step)
        (self.border, self.step) = (border, step)
        var kind = SequenceKind.symbols(names, steps: window, targetSteps: window)
        kind.continues = step == window
        schema = DataSchema(.sequence(kind), task: .classification(classes: names.count), classNames: names)
    }

    /// The text and its name in messages.
    private static func text(_ request: DataRequest) throws(DataError) -> (String, String) {
        guard !request.text("file").isEmpty else {
            return ("the tale", String(decoding: PackageResources.tale_txt, as: UTF8.self))
        }
        let named = try ImageFiles.path(request)
        return (
            named.title,
            try FileContent.text(path: named.path, name: named.title, limit: limit, loading: request.loading)
        )
    }

    mutating func next(into sample: inout SequenceSample) {
        let start = given < trainCount! ? given * step : border + (given - trainCount!) * step
        given += 1
        sample.start = start
        for step in 0..<sample.kind.steps {
            sample[step, 0] = Float(symbols[start + step])
            sample.labels[step] = Float(symbols[start + step + 1])
        }
    }

    // MARK: - Symbols

    /// Symbols by number in the order in which they were first seen become symbols in the order of their names.
    /// - Parameter known: the names that weights were trained with; empty: the text's own.
    private static func ordered(
        _ found: [String], _ numbers: [Int32], known: [String], file: String, isByWord: Bool
    ) throws(DataError) -> ([String], [UInt16]) {
        let names = known.isEmpty ? found.sorted() : known
        let places = Dictionary(zip(names, UInt16(0)...)) { first, _ in first }
        var map: [UInt16] = []
        for name in found {
            guard let place = places[name] ?? (isByWord ? places[SymbolText.other] : nil) else {
                throw DataError(
                    .malformed, place: file,
                    message:
                        "\(quoted(name)) was never seen in training; the weights know \(plural(names.count, "symbol")); "
                        + "write another in its place, or train without these weights")
            }
            map.append(place)
        }
        return (names, numbers.map { map[Int($0)] })
    }

    private static func characters(
        _ text: String, _ request: DataRequest, _ file: String, _ progress: (Int) throws(DataError) -> Void
    ) throws(DataError) -> ([String], [UInt16]) {
        var numbers: [Int32] = []
        var names: [String] = []
        var places: [String: Int32] = [:]
        var ascii = [Int32](repeating: -1, count: 128)
        try SymbolText.characters(text, progress: progress) { character throws(DataError) in
            let byte = character.asciiValue.map { Int($0) }
            if let byte, ascii[byte] >= 0 { return numbers.append(ascii[byte]) }
            let name = SymbolText.name(character)
            if let place = places[name] { return numbers.append(place) }
            let place = Int32(names.count)
            names.append(name)
            guard names.count <= NetworkDescription.mostClasses else {
                throw DataError(
                    .malformed, place: file,
                    message:
                        "expected at most \(NetworkDescription.mostClasses) different characters, found more in the "
                        + "first \(numbers.count + 1); is it a text of an alphabet?")
            }
            places[name] = place
            if let byte { ascii[byte] = place }
            numbers.append(place)
        }
        return try ordered(names, numbers, known: request.record?.classes ?? [], file: file, isByWord: false)
    }

    /// Words in lower case; the rarest are one symbol where there are too many different ones.
    private static func words(
        _ text: String, _ request: DataRequest, _ file: String, _ progress: (Int) throws(DataError) -> Void
    ) throws(DataError) -> ([String], [UInt16]) {
        let most = request.integer("words")
        var numbers: [Int32] = []
        var names: [String] = []
        var counts: [Int] = []
        var places: [String: Int32] = [:]
        try SymbolText.words(text, progress: progress) { word throws(DataError) in
            let word = word.lowercased()
            if let place = places[word] {
                counts[Int(place)] += 1
                return numbers.append(place)
            }
            let place = Int32(names.count)
            places[word] = place
            names.append(word)
            counts.append(1)
            numbers.append(place)
        }
        let known = request.record?.classes ?? []
        if known.isEmpty, names.count > most {
            let ranked = names.indices.sorted { (counts[$1], names[$0]) < (counts[$0], names[$1]) }
            for index in ranked.dropFirst(most - 1) { names[index] = SymbolText.other }
            var first: Int32?
            var map: [Int32] = []
            var kept: [String] = []
            for name in names {
                if name == SymbolText.other, let first {
                    map.append(first)
                    continue
                }
                if name == SymbolText.other { first = Int32(kept.count) }
                map.append(Int32(kept.count))
                kept.append(name)
            }
            return try ordered(kept, numbers.map { map[Int($0)] }, known: [], file: file, isByWord: true)
        }
        return try ordered(names, numbers, known: known, file: file, isByWord: true)
    }
}

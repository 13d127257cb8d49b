import Datasets
import Engine
import Session
import TerminalKit

extension ViewID {
    static let writing = ViewID("writing")
}

extension View {
    /// The text that the network writes while it trains.
    static let writing = View(
        id: .writing, panel: .output,
        words:
            "The network writes: each symbol is drawn by its answer to all before it, and fed to it as the next input. At temperature 0 it takes the likeliest, at 1 it draws by its probabilities.",
        watch: "Words first, then word order; at temperature 0 it soon repeats itself.",
        suits: { $0.writes },
        heading: { context, _ in "Output · writes · \(WritingView.temperature(context))" },
        request: { context, _, request in
            request.sequence = context.sequenceChoice
            request.answers = SequenceQuestion(asksAll: false)
            WritingView.request(context, &request)
        },
        draw: { canvas, rect, context in
            WritingView(panelContent(of: rect).inset(left: 1, right: 1), context)?.drawText(into: &canvas)
        },
        commands: [
            Command(
                "writing.show", "sequences: the text that the network writes; again: one sequence", hint: "writes",
                keys: ["a"], panels: [.output], views: SequenceAnswerCommands.views, disabled: needsText
            ) { $0.toggle(.writing) },
            Command(
                "writing.temperature", "the temperature at which the network writes: warmer", hint: "heat",
                keys: ["t"], panels: [.output], views: SequenceAnswerCommands.views, disabled: needsText
            ) { change(&$0, 1) },
            Command(
                "writing.cooler", "the temperature at which the network writes: cooler, down to the likeliest symbol",
                keys: ["T"], panels: [.output], views: SequenceAnswerCommands.views, disabled: needsText
            ) { change(&$0, -1) },
        ])

    @Sendable private static func needsText(_ app: App) -> String? {
        if app.plotContext?.scene.writes == true { return nil }
        return app.snapshot?.data.foretellsInputs == true
            ? "the answers are the next values, not symbols: a free run feeds them back"
            : "the answers are not the next symbols of the sequence"
    }

    private static func change(_ app: inout App, _ direction: Int) {
        let all = WritingView.temperatures
        let place = all.firstIndex { $0 >= app.plots.temperature - 1e-9 } ?? all.count - 1
        app.plots.temperature = all[min(max(0, place + direction), all.count - 1)]
    }
}

/// A text from left to right in lines, of which the last ones are shown.
struct WritingView {
    static let temperatures: [Double] = [0, 0.2, 0.3, 0.5, 0.7, 0.8, 1, 1.2, 1.5, 2]

    private let rect: Rect
    private let context: PlotContext
    private let text: WrittenText

    static func request(_ context: PlotContext, _ request: inout ViewRequest) {
        guard context.scene.writes else { return }
        request.writing = WritingRequest(
            beginning: context.sequenceChoice?.typed ?? [], temperature: context.plots.temperature,
            most: context.hasCharacters ? 1500 : 300, number: context.plots.writingNumber)
    }

    static func temperature(_ context: PlotContext) -> String {
        context.plots.temperature == 0
            ? "likeliest" : "temperature \(formatFixed(context.plots.temperature, decimals: 1))"
    }

    /// nil: nothing is written, or there is no room.
    init?(_ rect: Rect, _ context: PlotContext) {
        guard let text = context.shown?.written, rect.width > 8, rect.height > 0 else { return nil }
        (self.rect, self.context, self.text) = (rect, context, text)
    }

    /// With a title row.
    func draw(into canvas: inout Canvas) {
        let used = canvas.write(
            "Writes by itself", x: rect.x, y: rect.y, style: Style(context.theme.text, bold: true), limit: rect.width)
        canvas.write(
            Self.temperature(context), x: rect.x + used + 1, y: rect.y, style: Style(context.theme.quiet),
            limit: max(0, rect.width - used - 1))
        drawText(into: &canvas, rect.inset(top: 1))
    }

    func drawText(into canvas: inout Canvas) { drawText(into: &canvas, rect) }

    private struct Piece {
        var text: String
        var isGiven: Bool
        var endsLine = false
        /// It may stand in the margin: a sign is not parted from its word.
        var isSign = false
    }

    /// Words with the blanks before them: at these a line may break.
    private var pieces: [Piece] {
        let names = context.sequenceKind?.names ?? []
        let isLetters = names.allSatisfy { $0.count == 1 }
        var pieces: [Piece] = []
        var word = Piece(text: "", isGiven: true)
        func flush() {
            if !word.text.isEmpty { pieces.append(word) }
            word = Piece(text: "", isGiven: true)
        }
        let starts = Set(text.starts)
        for (place, symbol) in text.symbols.enumerated() {
            if starts.contains(place) {
                // Each sequence has lines of its own.
                flush()
                if pieces.last.map({ !$0.endsLine }) ?? false {
                    pieces.append(Piece(text: "", isGiven: false, endsLine: true))
                }
            }
            let name = names.indices.contains(symbol) ? names[symbol] : "?"
            let isGiven = place < text.given
            if context.hasCharacters {
                let whitespace = Whitespace[name]
                if whitespace == .lineEnd {
                    flush()
                    pieces.append(Piece(text: "", isGiven: isGiven, endsLine: true))
                    continue
                }
                if whitespace != nil { flush() }
                if word.text.isEmpty { word.isGiven = isGiven }
                word.text += whitespace == .space ? " " : whitespace == .tab ? "  " : name
                if !isGiven, word.isGiven, word.text.count > 1 {
                    // The given part ends within a word.
                    let last = word.text.removeLast()
                    flush()
                    word = Piece(text: String(last), isGiven: false)
                } else if !isGiven {
                    word.isGiven = false
                }
            } else if isLetters {
                pieces.append(Piece(text: name, isGiven: isGiven))
            } else {
                let isSign = name.unicodeScalars.allSatisfy { $0.properties.generalCategory.isSign }
                let startsLine = pieces.last?.endsLine ?? true
                pieces.append(
                    Piece(text: (startsLine || isSign ? "" : " ") + name, isGiven: isGiven, isSign: isSign))
            }
        }
        flush()
        return pieces
    }

    /// The first characters of a text that have room, at least one.
    private static func beginning(of text: String, columns: Int) -> Substring {
        var used = 0
        let end = text.firstIndex { character in
            used += columnWidth(String(character))
            return used > columns
        }
        return text.prefix(upTo: max(end ?? text.endIndex, text.index(after: text.startIndex)))
    }

    private func drawText(into canvas: inout Canvas, _ rect: Rect) {
        guard rect.height > 0 else { return }
        var lines: [[Piece]] = [[]]
        var width = 0
        for var piece in pieces {
            if piece.endsLine {
                lines.append([])
                width = 0
                continue
            }
            if width + columnWidth(piece.text) > rect.width - (piece.isSign ? 0 : 1) {
                lines.append([])
                width = 0
                if piece.text.first == " " { piece.text.removeFirst() }
            }
            // A word that is longer than a line goes on in the next ones.
            while columnWidth(piece.text) > rect.width - 1 {
                let start = Self.beginning(of: piece.text, columns: rect.width - 1)
                lines[lines.count - 1].append(Piece(text: String(start), isGiven: piece.isGiven))
                piece.text = String(piece.text[start.endIndex...])
                lines.append([])
            }
            lines[lines.count - 1].append(piece)
            width += columnWidth(piece.text)
        }
        let shown = lines.suffix(rect.height)
        for (row, line) in shown.enumerated() {
            var x = rect.x
            for piece in line {
                x += canvas.write(
                    piece.text, x: x, y: rect.y + row,
                    style: piece.isGiven ? Style(.rgb(context.theme.accent)) : Style(context.theme.text),
                    limit: rect.maxX - x)
            }
            if row == shown.count - 1, x < rect.maxX {
                canvas.write(context.ascii ? "_" : "▏", x: x, y: rect.y + row, style: Style(.rgb(context.theme.accent)))
            }
        }
    }
}

extension Unicode.GeneralCategory {
    /// Of signs that stand close behind a word.
    fileprivate var isSign: Bool {
        switch self {
        case .otherPunctuation, .closePunctuation, .finalPunctuation: true
        default: false
        }
    }
}

import ArgumentParser
import Basics
import Engine
import Session
import TerminalKit

struct GlossaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "glossary",
        abstract: "List the words of the field; with a word, print what it means.",
        discussion: """
            WORD is a word of the field (gradient, batch, softmax), or the name of anything that can be chosen: a layer, an \
            activation, a dataset, a metric.
            """)

    @Argument(help: "The word, or the name of an entry.", completion: .custom { _, _, _ in Glossary.names })
    var word: [String] = []

    func run() throws {
        guard !word.isEmpty else { return print(Self.list) }
        let name = word.joined(separator: " ")
        guard let article = Glossary.article(named: name) else {
            let advice = NearestName.of(name, among: Glossary.names).map { "did you mean \(quoted($0))? " } ?? ""
            throw ExperimentError(
                .missing, place: shortened(name),
                message: "there is no such word; \(advice)“layercake glossary” lists the words")
        }
        print(Self.text(article))
    }

    /// Each word with its first sentence.
    private static var list: String {
        let width = Glossary.words.map(\.title.count).max() ?? 0
        return Glossary.words.map { article in
            let gap = String(repeating: " ", count: width - article.title.count + 2)
            return article.title + gap + article.summary
        }.joined(separator: "\n")
    }

    private static func text(_ article: Article) -> String {
        var parts = [article.isWord ? article.title : "\(article.title) (\(article.kind))"]
        if !article.formula.isEmpty { parts.append("  " + article.formula) }
        parts.append(wrapped(article.words, indent: 0))
        let settings = article.sections.filter { !$0.text.isEmpty }
        if !settings.isEmpty {
            parts.append(settings.map { "\($0.heading)\n\(wrapped($0.text, indent: 2))" }.joined(separator: "\n"))
        }
        if let preset = article.presetWords { parts.append("Preset\n  \(preset)") }
        if !article.related.isEmpty {
            parts.append("See also\n" + wrapped(article.related.joined(separator: ", "), indent: 2))
        }
        return parts.joined(separator: "\n\n")
    }

    private static func wrapped(_ text: String, indent: Int) -> String {
        let space = String(repeating: " ", count: indent)
        return wrapText(text, columns: 78 - indent).map { space + $0 }.joined(separator: "\n")
    }
}

import Datasets
import Engine

/// The words of the field and the entries of all lists: what each is, found by its words, linked from every text.
public enum Glossary {
    /// The words of the field in the order of a course.
    public static let words = Term.all.map(Article.init)

    /// Words, and all entries that are none.
    public static let articles: [Article] = {
        let taken = Set(words.map(\.id))
        return words + entries.filter { !taken.contains($0.id) }
    }()

    /// The entries of all lists, and the metrics.
    private static let entries: [Article] =
        CatalogueList.allCases.flatMap { list in
            Catalogue.entries(list).map { Article($0, kind: list.rawValue) }
        } + Datasets.all.map { Article($0, kind: "dataset") } + (Metric.all + [.initialLoss]).map(Article.init)

    /// The article of an entry.
    /// - Parameter kind: the raw value of its list, or "dataset".
    public static func article(kind: String, _ id: String) -> Article? { byID["\(kind).\(id)"] }

    /// The article of that name: a word of the field, else an entry by its title or its id.
    public static func article(named name: String) -> Article? {
        let name = name.lowercased()
        return wordLinks.article(of: name)
            ?? articles.first { $0.title.lowercased() == name || $0.id.hasSuffix(".\(name)") }
            ?? articles.first { $0.id.lowercased().hasSuffix(".\(name)") }
    }

    /// The names that may be asked for.
    public static var names: [String] { words.flatMap(\.names) + articles.filter(\.names.isEmpty).map(\.title) }

    /// The places of a text where words of the field stand, each word once, in the text's order.
    /// - Parameter seen: the articles that are linked already, the text's own among them; those found are added.
    public static func links(in text: String, seen: inout Set<String>) -> [(
        range: Range<String.Index>, article: Article
    )] {
        wordLinks.find(in: text).filter { seen.insert($0.article.id).inserted }
    }

    private static let byID = Dictionary(articles.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    private static let wordLinks = WordLinks(words)
}

/// Finds names of several words in texts, the longest first, without regard to capitals, with a plural in "s".
struct WordLinks: Sendable {
    private struct Name: Sendable {
        var characters: [Character]
        var article: Int
    }

    private let articles: [Article]
    /// By the first character, the longest name first.
    private var names: [Character: [Name]] = [:]

    init(_ articles: [Article]) {
        self.articles = articles
        for (index, article) in articles.enumerated() {
            for name in article.names {
                let characters = Array(name.lowercased())
                names[characters[0], default: []].append(Name(characters: characters, article: index))
            }
        }
        for first in names.keys { names[first]!.sort { $0.characters.count > $1.characters.count } }
    }

    /// - Parameter name: in small letters.
    func article(of name: String) -> Article? {
        let characters = Array(name)
        guard let first = characters.first else { return nil }
        return names[first]?.first { $0.characters == characters || $0.characters + ["s"] == characters }
            .map { articles[$0.article] }
    }

    func find(in text: String) -> [(range: Range<String.Index>, article: Article)] {
        let indices = Array(text.indices) + [text.endIndex]
        let characters = text.map { Character($0.lowercased().prefix(1).description) }
        var found: [(range: Range<String.Index>, article: Article)] = []
        func isWord(_ place: Int) -> Bool {
            characters.indices.contains(place) && (characters[place].isLetter || characters[place].isNumber)
        }
        var place = 0
        while place < characters.count {
            guard isWord(place), !isWord(place - 1), let match = match(characters, at: place, isWord) else {
                place += 1
                continue
            }
            found.append((indices[place]..<indices[match.end], articles[match.article]))
            place = match.end
        }
        return found
    }

    private func match(
        _ text: [Character], at place: Int, _ isWord: (Int) -> Bool
    ) -> (article: Int, end: Int)? {
        for name in names[text[place]] ?? [] {
            let end = place + name.characters.count
            guard end <= text.count, text[place..<end].elementsEqual(name.characters) else { continue }
            if !isWord(end) { return (name.article, end) }
            if text[end] == "s", !isWord(end + 1) { return (name.article, end + 1) }
        }
        return nil
    }
}

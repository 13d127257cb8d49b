import Session
import TerminalKit

/// An article in lines of a width, with the words of the field in it.
struct ArticleText {
    enum Look { case heading, formula, words, quiet }

    struct Line {
        var text: String
        var look: Look
        /// For each scalar the index in `links`; nil: it is no link.
        var links: [Int?]
    }

    private(set) var lines: [Line] = []
    /// The articles that its words lead to, in the order of the text.
    private(set) var links: [Article] = []
    private let columns: Int
    private var seen: Set<String>

    init(_ article: Article, columns: Int) {
        self.columns = columns
        seen = [article.id]
        if !article.formula.isEmpty {
            add(article.formula, .formula)
            lines.append(Line(text: "", look: .words, links: []))
        }
        add(article.words, .words)
        for (heading, text) in article.sections {
            lines.append(Line(text: "", look: .words, links: []))
            lines.append(
                Line(text: heading, look: .heading, links: Array(repeating: nil, count: heading.unicodeScalars.count)))
            add(text, .words, links: heading != "Source")
        }
        guard !article.related.isEmpty else { return }
        lines.append(Line(text: "", look: .words, links: []))
        add("See also: \(article.related.joined(separator: ", ")).", .quiet)
    }

    private mutating func add(_ text: String, _ look: Look, links hasLinks: Bool = true) {
        let scalars = Array(text.unicodeScalars)
        var marks: [Int?] = Array(repeating: nil, count: scalars.count)
        for (range, article) in hasLinks && look != .formula ? Glossary.links(in: text, seen: &seen) : [] {
            let first = text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)
            let end = text.unicodeScalars.distance(from: text.startIndex, to: range.upperBound)
            for place in first..<end { marks[place] = links.count }
            links.append(article)
        }
        // A line has the text's scalars but for the blanks at which it was broken.
        var place = 0
        for line in wrapText(text, columns: columns) {
            var own: [Int?] = []
            for scalar in line.unicodeScalars {
                while place < scalars.count, scalars[place] != scalar { place += 1 }
                own.append(place < scalars.count ? marks[place] : nil)
                place += 1
            }
            lines.append(Line(text: line, look: look, links: own))
        }
    }

    /// The line in which a link stands first.
    func line(ofLink link: Int) -> Int? { lines.firstIndex { $0.links.contains(link) } }

    /// The link at a column of a line; nil: there is none.
    func link(line: Int, column: Int) -> Int? {
        guard lines.indices.contains(line), column >= 0 else { return nil }
        var x = 0
        for (scalar, link) in zip(lines[line].text.unicodeScalars, lines[line].links) {
            x += columnWidth(String(scalar))
            if column < x { return link }
        }
        return nil
    }
}

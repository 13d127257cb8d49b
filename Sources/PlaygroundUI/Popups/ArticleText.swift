import Session
import TerminalKit

/// An article in paragraphs, with the words of the field in it found: made once, whatever the width is.
struct LinkedArticle: Sendable {
    enum Look: Sendable { case heading, formula, words, quiet }

    struct Paragraph: Sendable {
        var text: String
        var look: Look
        /// For each scalar the index in `links`; nil: it is no link.
        var marks: [Int?]
    }

    private(set) var paragraphs: [Paragraph] = []
    /// The articles that its words lead to, in the order of the text.
    private(set) var links: [Article] = []
    private var seen: Set<String>

    init(_ article: Article) {
        seen = [article.id]
        if !article.formula.isEmpty {
            add(article.formula, .formula, links: false)
            addBlank()
        }
        add(article.words, .words)
        for (heading, text) in article.sections {
            addBlank()
            add(heading, .heading, links: false)
            add(text, .words, links: heading != "Source")
        }
        guard !article.related.isEmpty else { return }
        addBlank()
        add("See also: \(article.related.joined(separator: ", ")).", .quiet)
    }

    private mutating func addBlank() { add("", .words, links: false) }

    private mutating func add(_ text: String, _ look: Look, links hasLinks: Bool = true) {
        var marks = [Int?](repeating: nil, count: text.unicodeScalars.count)
        for (range, article) in hasLinks ? Glossary.links(in: text, seen: &seen) : [] {
            let first = text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)
            let end = text.unicodeScalars.distance(from: text.startIndex, to: range.upperBound)
            for place in first..<end { marks[place] = links.count }
            links.append(article)
        }
        paragraphs.append(Paragraph(text: text, look: look, marks: marks))
    }
}

/// An article in lines of a width.
struct ArticleText {
    struct Line {
        var text: String
        var look: LinkedArticle.Look
        /// For each scalar the index in `links`; nil: it is no link.
        var links: [Int?]
    }

    private(set) var lines: [Line] = []
    let links: [Article]

    init(_ article: LinkedArticle, columns: Int) {
        links = article.links
        for paragraph in article.paragraphs { add(paragraph, columns) }
    }

    private mutating func add(_ paragraph: LinkedArticle.Paragraph, _ columns: Int) {
        guard !paragraph.text.isEmpty else {
            lines.append(Line(text: "", look: paragraph.look, links: []))
            return
        }
        // A line has the text's scalars but for the blanks at which it was broken.
        let scalars = Array(paragraph.text.unicodeScalars)
        var place = 0
        for line in wrapText(paragraph.text, columns: columns) {
            var own: [Int?] = []
            for scalar in line.unicodeScalars {
                while place < scalars.count, scalars[place] != scalar { place += 1 }
                own.append(place < scalars.count ? paragraph.marks[place] : nil)
                place += 1
            }
            lines.append(Line(text: line, look: paragraph.look, links: own))
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

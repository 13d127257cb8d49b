/// Breaks text into lines of at most `columns` columns, between words; a longer word is cut. Line ends in the text stay.
public func wrapText(_ text: String, columns: Int) -> [String] {
    if columns <= 0 { return [] }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var line = ""
        var used = 0
        for word in paragraph.split(separator: " ") {
            let width = columnWidth(String(word))
            if used > 0 && used + 1 + width <= columns {
                line += " " + word
                used += 1 + width
                continue
            }
            if used > 0 {
                lines.append(line)
                line = ""
                used = 0
            }
            for scalar in word.unicodeScalars {
                let wide = columnWidth(scalar)
                if used + wide > columns {
                    lines.append(line)
                    line = ""
                    used = 0
                }
                line.unicodeScalars.append(scalar)
                used += wide
            }
        }
        lines.append(line)
    }
    return lines
}

/// Draws text broken into lines (`wrapText`) from the top of `rect`; when it is longer, the last line ends in "…".
/// - Returns: the lines drawn.
@discardableResult
public func drawWrapped(into canvas: inout Canvas, _ rect: Rect, text: String, style: Style = .plain) -> Int {
    let lines = wrapText(text, columns: rect.width)
    for (row, line) in lines.prefix(max(0, rect.height)).enumerated() {
        let cut = row == rect.height - 1 && lines.count > rect.height
        canvas.write(cut ? line + " …" : line, x: rect.x, y: rect.y + row, style: style, limit: rect.width)
    }
    return min(lines.count, max(0, rect.height))
}

/// The sentences of a text that have room in so many columns and rows; the text itself where the first one has none.
public func sentences(of text: String, columns: Int, rows: Int) -> String {
    var fitting: Substring?
    var start = text.startIndex
    while start < text.endIndex {
        let end = text[start...].firstRange(of: ". ")?.lowerBound ?? text.endIndex
        let next = end < text.endIndex ? text.index(end, offsetBy: 2) : text.endIndex
        let beginning = end < text.endIndex ? text[...end] : text[...]
        guard wrapText(String(beginning), columns: columns).count <= rows else { break }
        (fitting, start) = (beginning, next)
    }
    return fitting.map(String.init) ?? text
}
